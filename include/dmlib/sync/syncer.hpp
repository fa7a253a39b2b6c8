// Replication of one source: the engine with its connections and threads. Starts from the
// checkpoint, goes on after lost connections, stops where it is told.
#pragma once

#include <dmlib/async/back_off.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/dml/mismatch.hpp>
#include <dmlib/mysql/options.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/sync/ddl_turns.hpp>
#include <dmlib/sync/engine.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// Where replication begins when the target has no checkpoint yet.
struct sync_start {
    location where;
    std::string server_identity;                               ///< "" = of the source as it is now
    schema::catalog definitions;                               ///< of the source at `where`
    std::vector<std::pair<std::string, std::string>> schemas;  ///< name, CREATE DATABASE text
};

/// When to end by itself.
struct sync_until {
    enum class kind : std::uint8_t { never, caught_up, place };
    sync_until::kind what = kind::never;
    location place;  ///< kind::place: a position, or a GTID set
    std::uint32_t timestamp =
        0;  ///< kind::place with this: first transaction after it (Unix seconds)
};

struct sync_options {
    std::string task;
    std::string source_id;
    std::string meta_schema = "dm_meta";
    mysql::connect_options source;
    mysql::connect_options target;
    bool by_gtid = false;
    bool other_sources = false;        ///< the task has more: tables may be shared on the target
    std::shared_ptr<ddl_turns> turns;  ///< shared by the sources of a task; null: only one
    std::uint32_t server_id = 0;       ///< 0: random
    apply_order order = apply_order::row;  ///< syncers.ordering
    std::uint32_t lanes = 16;              ///< syncers.worker-count
    /// syncers.batch; 0: 1,000, and up to 40,000 where the target is behind.
    std::uint32_t batch_rows = 0;
    /// syncers.compact: several changes of one row in a batch become one wherever that can be
    /// checked; not with mismatch_policy::warn.
    bool compact = true;
    bool safe_mode = false;
    /// What happens to rows that the target does not have as it must. Each of them is logged as a
    /// warning and counted, whatever becomes of it.
    mismatch_policy on_row_mismatch = mismatch_policy::error;
    std::size_t memory_bytes = std::size_t{256} << 20;
    std::chrono::milliseconds save_interval{1000};
    sync_until until;
    async::back_off_options back_off;
    /// Asked once, where there is no checkpoint.
    std::function<result<sync_start>()> begin;
    /// Of the full copy; null where there was none.
    std::shared_ptr<const checkpoint::chunk_ledger> copy;
    std::string copy_identity;  ///< of the server that was copied
    /// Compiles the rules; called for every (re)start.
    std::function<result<rule_set>()> rules;
    log_sink log;
};

struct sync_status {
    location committed;
    std::optional<location> source_end;
    engine_counters counters;
    std::uint64_t rows_committed = 0;  ///< this run, over reconnects
    /// Changes that met the target otherwise than they must and did not stop the task; one whose
    /// commit was lost with the connection may count twice.
    std::uint64_t rows_mismatched = 0;
    std::uint64_t rows_repaired = 0;  ///< of these, by mismatch_policy::repair
    /// DDL that the target had already, in whole or in part, as the statement makes it.
    std::uint64_t ddl_already_there = 0;
    std::optional<double> lag_seconds;
    bool caught_up = false;
    std::size_t bytes_in_flight = 0;
    /// While a server is away.
    std::optional<error> blocked;
    std::chrono::steady_clock::time_point blocked_since{};
    std::chrono::steady_clock::time_point next_try{};
    std::uint32_t tries = 0;
    std::uint32_t retries = 0;  ///< of the whole run
    /// What the target has not answered for 5 s or longer (a lock, a long statement, a server that
    /// stands still), or which other source of the task is waited for. Not a failure.
    std::optional<std::string> waits_for;
    bool waits_for_target = false;
    std::chrono::steady_clock::time_point waits_since{};
};

enum class sync_end : std::uint8_t { stopped, caught_up, reached };

/// Thread safety: run() once, from one thread; the rest from any thread.
class syncer {
public:
    DMLIB_DECL explicit syncer(sync_options options);
    DMLIB_DECL ~syncer();
    syncer(const syncer&) = delete;
    syncer& operator=(const syncer&) = delete;

    /// Blocks until told to stop, until `until`, or until an error that waiting does not cure.
    DMLIB_DECL result<sync_end> run();
    /// Ends run() at a transaction boundary (after 10 s: anywhere; nothing is lost either way).
    DMLIB_DECL void stop();
    DMLIB_DECL sync_status status() const;
    /// True once anything was written to the target.
    DMLIB_DECL bool wrote_to_target() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// What tells that a source is the same server as before: server_uuid, or MariaDB's server_id.
DMLIB_DECL std::string identity_of(const mysql::server_facts& facts);
/// Sets what every session to the target needs: strict mode, UTC, no foreign key checks, TiDB's
/// switches. What the user set stays, but for time_zone.
DMLIB_DECL void prepare_target_session(mysql::connect_options& options,
                                       const mysql::server_facts& facts);
/// What the effect of a source's DDL depends on, apart from what its event says.
DMLIB_DECL schema::resolve_options resolve_facts_of(const mysql::server_facts& source);
/// What the form of the target's definitions depends on.
DMLIB_DECL schema::target_facts target_form_of(const mysql::server_facts& target);

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/session_ddl.ipp>
#include <dmlib/sync/impl/session_loop.ipp>
#include <dmlib/sync/impl/session_run.ipp>
#include <dmlib/sync/impl/session_turns.ipp>
#include <dmlib/sync/impl/syncer.ipp>
#endif
