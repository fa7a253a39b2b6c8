// The full copy's ledger on the target: tables of the meta schema and the statements that keep
// them. A chunk's row is written in the transaction of its rows.
//
// The first statement of each such transaction counts the writer's slot up, for this run's epoch
// only. claim() moves all slots to a new epoch, and so waits for what an earlier run has under way
// and makes its later transactions void.
#pragma once

#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/checkpoint/records.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/mysql/session.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

/// What an earlier run left.
struct stored_copy {
    int version = checkpoint::format_version;
    std::string server_identity;
    bool done = false;
    location place;  ///< the first snapshot's; where replication begins when no table was copied
    checkpoint::chunk_ledger ledger;
    /// Tables without an ordered key of which some rows are on the target, but not all.
    std::set<table_name> partial;
    std::vector<std::pair<std::string, std::string>> schemas;  ///< name, CREATE DATABASE text
    std::uint64_t next_chunk_id = 1;
};

/// When a transaction's rows are locked and its keys are checked.
enum class lock_time { statement, commit };

/// Statements and reads for one (task, source). Holds no connection. Thread safe after claim().
class ledger_store {
public:
    DMLIB_DECL ledger_store(std::string meta_schema,
                            std::string task,
                            std::string source,
                            flavor dialect);

    /// Creates schema and tables where they are missing.
    DMLIB_DECL result<void> prepare(mysql::session& s) const;
    /// Makes this run the only one and reads all; nothing where no copy was begun.
    DMLIB_DECL result<std::optional<stored_copy>> claim(mysql::session& s, std::uint32_t slots);
    /// Reads without claiming; nothing where there is no copy (or no table for it).
    DMLIB_DECL result<std::optional<stored_copy>> read(mysql::session& s) const;

    /// Begins the copy: its head row.
    DMLIB_DECL result<void> save_head(mysql::session& s,
                                      const std::string& server_identity,
                                      const location& place,
                                      bool done) const;
    /// One transaction: the tables' rows are written anew, and all chunks of `without_chunks` go.
    DMLIB_DECL result<void> save_tables(
        mysql::session& s,
        const std::vector<checkpoint::copied_table>& tables,
        const std::vector<table_name>& without_chunks,
        const std::vector<std::pair<std::string, std::string>>& schemas) const;
    /// One transaction on the slot: neighbouring chunks become one.
    DMLIB_DECL result<void> save_merges(mysql::session& s,
                                        std::uint32_t slot,
                                        const std::vector<checkpoint::chunk_merge>& merges) const;
    /// One transaction on the slot: the parts of a table without an ordered key become `whole`,
    /// and the table is done.
    DMLIB_DECL result<void> finish_parts(mysql::session& s,
                                         std::uint32_t slot,
                                         const checkpoint::chunk_record& whole) const;

    /// Begins a transaction: BEGIN, the slot, the chunk's row. False: this chunk was committed
    /// before (the answer to its COMMIT was lost). Errors: checkpoint_in_use. `part`: of a table
    /// without an ordered key. `lock_time::commit` (TiDB only): what another one holds or has
    /// written is found by COMMIT.
    DMLIB_DECL result<bool> begin_chunk(mysql::session& s,
                                        std::uint32_t slot,
                                        const checkpoint::chunk_record& r,
                                        bool part,
                                        lock_time locks = lock_time::statement) const;
    /// The same inside a transaction that is under way, for a table written in one.
    DMLIB_DECL result<void> add_chunk(mysql::session& s,
                                      std::uint32_t slot,
                                      const checkpoint::chunk_record& r) const;
    std::uint64_t epoch() const noexcept { return epoch_; }

private:
    DMLIB_DECL std::string table(std::string_view suffix) const;
    DMLIB_DECL std::string of_source() const;
    DMLIB_DECL std::string of_table(const table_name& t) const;
    DMLIB_DECL result<void> hold_slot(mysql::session& s, std::uint32_t slot) const;
    DMLIB_DECL std::string insert_chunk(const checkpoint::chunk_record& r,
                                        std::string_view state) const;
    DMLIB_DECL result<void> read_tables(mysql::session& s, stored_copy& out) const;
    DMLIB_DECL result<void> read_chunks(mysql::session& s, stored_copy& out) const;
    DMLIB_DECL result<void> run_all(mysql::session& s, const std::vector<std::string>& sql) const;

    std::string schema_;
    std::string task_;
    std::string source_;
    flavor dialect_;
    std::uint64_t epoch_ = 0;
};

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/load/impl/ledger_store.ipp>
#endif
