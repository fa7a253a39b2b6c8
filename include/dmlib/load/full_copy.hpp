// The full copy as a stream: snapshot, N readers, a queue bounded in bytes, M writers, and a
// ledger on the target that says what is there already. No files.
#pragma once

#include <dmlib/async/back_off.hpp>
#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/mysql/options.hpp>
#include <dmlib/schema/catalog.hpp>
#include <dmlib/transform/mapper.hpp>
#include <dmlib/transform/router.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

/// Where a source table goes.
struct copy_route {
    table_name target;
    /// Another source writes into the same target table. (Tables of this source that share one are
    /// found by the copy itself.)
    bool shared = false;
    std::vector<column_mapping> mappings{};      ///< columns whose values change on the way
    std::vector<extracted_column> extracted{};   ///< constants for columns of the target
    std::vector<row_filter_rule> row_filters{};  ///< rows that an insert leaves out are not copied
    std::optional<int> row_time_zone{};          ///< see filter::row_time_zone
};

enum class write_method : std::uint8_t {
    automatic,  ///< bulk statements (MariaDB), else LOAD DATA LOCAL, where exact and allowed; else
                ///< INSERT
    load,       ///< as automatic without bulk statements
    insert,
};

struct copy_options {
    std::string task;
    std::string source_id;
    std::vector<std::string> sources{};  ///< source-ids of the whole task
    std::string meta_schema = "dm_meta";
    std::uint32_t readers = 4;                            ///< mydumpers.threads
    std::uint32_t writers = 16;                           ///< loaders.pool-size
    std::uint64_t chunk_rows = 200000;                    ///< mydumpers.rows
    std::uint64_t chunk_bytes = std::uint64_t{64} << 20;  ///< mydumpers.chunk-filesize
    /// Bytes of rows between readers and writers, and in their hands.
    std::uint64_t memory_limit = std::uint64_t{256} << 20;
    std::uint64_t transaction_bytes = std::uint64_t{8} << 20;
    std::uint64_t statement_bytes = std::uint64_t{1} << 20;
    /// All tables at one place of the binlog where the server allows it (task-mode full, which has
    /// no replication afterwards that brings them to one).
    bool one_position = false;
    /// Goes on with a copy that an earlier run began, and begins none.
    bool only_begun = false;
    write_method method = write_method::automatic;
    /// A row that is copied takes the place of rows of the target with one of its keys (REPLACE),
    /// rows of other tables that are merged with it, too. Otherwise the copy stops at it.
    bool replace_rows = false;
    /// Tables of at least that many rows (the source's guess) that this copy makes get the keys
    /// that only reads need when their rows are there; on TiDB never.
    std::uint64_t late_keys_rows = 20000;
    /// How long locks on the source may be waited for; while we wait, the source's writers wait
    /// too.
    std::chrono::milliseconds lock_timeout{30000};
    std::uint32_t snapshot_tries = 10;
    async::back_off_options back_off;
};

struct copy_table_progress {
    table_name source;
    table_name target;
    std::uint64_t rows_total = 0;
    bool estimate = true;  ///< rows_total and bytes_total are the server's guess
    std::uint64_t rows_done = 0;
    std::uint64_t bytes_total = 0;
    std::uint64_t bytes_done = 0;
    bool done = false;
};

struct copy_progress {
    std::uint64_t rows_total = 0;
    bool estimate = true;
    std::uint64_t rows_done = 0;  ///< committed, by earlier runs too
    std::uint64_t bytes_total = 0;
    std::uint64_t bytes_done = 0;
    std::vector<copy_table_progress> tables;
    /// What the copy waits for while a server is away; empty: it works.
    std::string blocked_on;
    std::chrono::milliseconds blocked_since{0};  ///< how long ago
    std::chrono::milliseconds next_try{0};
    std::uint32_t tries = 0;
    std::optional<error> blocked;  ///< the last failure, while it waits
    std::uint32_t retries = 0;     ///< of the whole run
};

struct copy_callbacks {
    /// Decides about a table of the source; nothing: it is not copied. Called from run()'s thread.
    /// System schemas are never asked for.
    std::function<result<std::optional<copy_route>>(const table_name&)> route;
    /// Asked for every schema that has a table that is copied; where it goes.
    std::function<result<std::string>(const std::string&)> route_schema;
    log_sink log;  ///< notices and warnings; may be empty
};

struct copy_outcome {
    checkpoint::chunk_ledger ledger;
    /// Definitions of the source as of each table's valid_from.
    schema::catalog definitions;
    std::vector<std::pair<std::string, std::string>> schemas;  ///< name, CREATE DATABASE text
    /// Where replication begins (ledger.earliest()); the snapshot's place where nothing was copied.
    location start;
    std::string server_identity;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t rows_this_run = 0;  ///< of `rows`
    bool was_done_before = false;     ///< an earlier run finished it; nothing was read
    bool none = false;                ///< copy_options::only_begun, and there is no copy
};

/// One source's full copy. Blocking: meant for a worker thread, makes threads of its own.
/// Thread safety: run() once; progress() and cancel() from any thread.
class full_copy {
public:
    DMLIB_DECL full_copy(copy_options options,
                         mysql::connect_options source,
                         mysql::connect_options target,
                         copy_callbacks callbacks);
    DMLIB_DECL ~full_copy();
    full_copy(full_copy&&) = delete;

    /// Copies what no earlier run copied. Errors: task_stopped after cancel(); task_gave_up; those
    /// of the servers. After an error the next run goes on.
    DMLIB_DECL result<copy_outcome> run();
    /// Ends run() soon; nothing that is committed is lost.
    DMLIB_DECL void cancel();
    DMLIB_DECL copy_progress progress() const;
    /// True from the first statement that writes to the target on (the meta schema included).
    DMLIB_DECL bool wrote_to_target() const noexcept;

    /// What an earlier run left, without copying: nothing where no copy was begun. An unfinished
    /// one has ledger.complete() == false.
    DMLIB_DECL static result<std::optional<copy_outcome>> stored(
        const copy_options& options,
        const mysql::connect_options& target,
        int lower_case_table_names,
        const server_kind& source_kind);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/load/impl/full_copy.ipp>
#endif
