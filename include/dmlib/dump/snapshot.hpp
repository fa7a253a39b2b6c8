// Consistent snapshots of a source on several sessions, each with the exact place of the binlog
// that it shows. The ladder and its proofs are in docs/rooms/dump.md.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

/// How the snapshots came about.
enum class snapshot_method : std::uint8_t {
    lock_free,     ///< MariaDB tells the place of each snapshot
    flush_tables,  ///< FLUSH TABLES WITH READ LOCK for a moment
    lock_tables,   ///< LOCK TABLES ... READ for a moment
    no_binlog,     ///< the source writes none: one session, no place
};
DMLIB_DECL std::string_view to_string(snapshot_method m) noexcept;

struct snapshot_options {
    std::uint32_t sessions = 4;
    bool one_position = false;  ///< all sessions at one place, where the server allows it
    std::chrono::milliseconds lock_timeout{30000};
    /// What LOCK TABLES locks where the account may not FLUSH.
    std::vector<table_name> tables;
    /// Gets a canceller of every connection that is made.
    std::function<void(mysql::canceller)> connected;
    log_sink log;
};

/// A session inside `START TRANSACTION WITH CONSISTENT SNAPSHOT`, and the place that it shows.
/// Character columns come as they are stored (character_set_results NULL), times in UTC.
struct snapshot {
    mysql::session session;
    std::shared_ptr<const location> place;
};

struct snapshot_set {
    std::vector<snapshot> sessions;
    snapshot_method method = snapshot_method::lock_free;
    /// Oldest and newest place.
    DMLIB_DECL const location& earliest() const;
    DMLIB_DECL const location& latest() const;
};

/// A session for reading: UTC, raw bytes, plain sql_mode, long time-outs.
DMLIB_DECL result<mysql::session> open_reader(
    const mysql::connect_options& source, const std::function<void(mysql::canceller)>& connected);

/// Takes the snapshots. The locks, where any are needed, are held for the time it takes to begin
/// the transactions and to read the place. Errors: dump_snapshot with the grant that is missing,
/// with the statement that blocks, or with the XA transactions that stand prepared.
DMLIB_DECL result<snapshot_set> take_snapshots(const mysql::connect_options& source,
                                               const mysql::server_facts& facts,
                                               const snapshot_options& options);

/// A session that holds LOCK TABLES `t` READ, and the place of the lock: for tables of engines
/// without snapshots. The lock ends with the session or UNLOCK TABLES.
DMLIB_DECL result<snapshot> lock_table(const mysql::connect_options& source,
                                       const mysql::server_facts& facts,
                                       const table_name& t,
                                       std::chrono::milliseconds lock_timeout,
                                       const std::function<void(mysql::canceller)>& connected);

/// Lets other sessions' DDL pass again: metadata locks taken since the snapshot are dropped.
DMLIB_DECL result<void> release_metadata_locks(mysql::session& s);

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dump/impl/snapshot.ipp>
#endif
