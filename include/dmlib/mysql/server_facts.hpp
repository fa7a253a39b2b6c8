// What a server is and how it is set up: asked once, used everywhere.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/session.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

/// A server's dialect, version and the settings that replication depends on. A setting that the
/// server does not have is "" or the value it behaves as (see each).
struct server_facts {
    target_dialect dialect = target_dialect::mysql;
    server_kind kind;          ///< for TiDB: flavor mysql, TiDB's own version
    std::string version_text;  ///< VERSION()
    std::string version_comment;
    /// All global variables, lower-case names, as the server prints them.
    std::map<std::string, std::string> variables;

    bool log_bin = false;
    std::string binlog_format;             ///< ROW, STATEMENT, MIXED
    std::string binlog_row_image;          ///< FULL where the server knows no other
    std::string binlog_row_metadata;       ///< "" where unknown to the server
    std::string binlog_row_value_options;  ///< "" or PARTIAL_JSON
    std::string binlog_checksum;           ///< NONE or CRC32
    std::string gtid_mode;                 ///< MySQL: OFF, ON, ...; "" on MariaDB
    bool enforce_gtid_consistency = false;
    bool gtid_strict_mode = false;         ///< MariaDB
    bool log_bin_compress = false;         ///< MariaDB
    bool transaction_compression = false;  ///< MySQL: binlog_transaction_compression
    bool binlog_encrypted = false;
    std::uint32_t server_id = 0;
    std::string server_uuid;  ///< "" on MariaDB
    int lower_case_table_names = 0;
    std::string character_set_server;
    std::string collation_server;
    std::string sql_mode;
    std::string time_zone;  ///< global time_zone; SYSTEM is resolved by the next
    std::string system_time_zone;
    /// Seconds east of UTC of the zone SYSTEM now; unset where the server does not tell.
    std::optional<std::int32_t> system_offset;
    bool system_offset_varies = false;  ///< it has daylight saving time
    bool explicit_defaults_for_timestamp = false;
    std::uint64_t max_allowed_packet = 0;
    std::uint64_t max_connections = 0;
    std::uint64_t binlog_expire_seconds = 0;  ///< 0 = never
    bool read_only = false;  ///< read_only, super_read_only or tidb_restricted_read_only
    bool super_read_only = false;
    bool foreign_key_checks = true;
    bool innodb_rollback_on_timeout = false;

    bool is_mariadb() const noexcept { return dialect == target_dialect::mariadb; }
    bool is_tidb() const noexcept { return dialect == target_dialect::tidb; }
    /// Names of tables that differ only in case are one.
    bool folds_names() const noexcept { return lower_case_table_names != 0 || is_tidb(); }
    dmlib::flavor flavor() const noexcept { return kind.flavor; }
    const server_version& version() const noexcept { return kind.version; }
    /// Whether GTIDs are written: MariaDB from 10.0 always, MySQL with gtid_mode=ON.
    bool has_gtids() const noexcept { return is_mariadb() || gtid_mode == "ON"; }
    /// "" where the server lacks the variable.
    DMLIB_DECL std::string_view variable(std::string_view name) const noexcept;
};

DMLIB_DECL result<server_facts> read_server_facts(session& s);

/// Statements whose names differ between servers and versions.
struct statement_names {
    std::string_view show_master_status;  ///< SHOW BINARY LOG STATUS from MySQL 8.2 on
    std::string_view show_replicas;       ///< SHOW REPLICAS / SHOW SLAVE HOSTS
    std::string_view show_replica_status;
    std::string_view reset_binlogs;  ///< RESET MASTER / RESET BINARY LOGS AND GTIDS
};
DMLIB_DECL statement_names names_for(const server_facts& facts) noexcept;

/// The end of the source's binlog: file, offset and GTID set in one consistent answer (MySQL), or
/// the GTID set of exactly that offset (MariaDB's BINLOG_GTID_POS).
DMLIB_DECL result<location> current_location(session& s, const server_facts& facts);

/// The same for showing and comparing positions: MariaDB's GTIDs are those of a moment later, since
/// BINLOG_GTID_POS makes the server read the file up to the offset.
DMLIB_DECL result<location> rough_location(session& s, const server_facts& facts);

/// MariaDB: the GTID position at a file offset, by BINLOG_GTID_POS(). MySQL has no such function:
/// an empty set.
DMLIB_DECL result<gtid_set> gtids_at(session& s,
                                     const server_facts& facts,
                                     const binlog_position& position);

/// Why `set` cannot be a place in this server's history: it is of the other dialect, or nothing of
/// it was ever executed here (servers take both for "send everything"). `executed`: by the server.
DMLIB_DECL std::optional<error> foreign_gtids(const gtid_set& set,
                                              const gtid_set& executed,
                                              const server_facts& facts);

struct binlog_file {
    std::string name;
    std::uint64_t size = 0;
    bool encrypted = false;
};
/// SHOW BINARY LOGS.
DMLIB_DECL result<std::vector<binlog_file>> binlog_files(session& s, const server_facts& facts);

/// MySQL: gtid_purged. MariaDB: an empty set (the server says at the dump what is missing).
DMLIB_DECL result<gtid_set> purged_gtids(session& s, const server_facts& facts);

/// A replica that is registered with the source.
struct replica_info {
    std::uint32_t server_id = 0;
    std::string host;
    std::uint16_t port = 0;
    std::string uuid;
};
/// SHOW REPLICAS / SHOW SLAVE HOSTS: replicas that registered themselves.
DMLIB_DECL result<std::vector<replica_info>> connected_replicas(session& s,
                                                                const server_facts& facts);

/// A server_id for our stream as DM makes them: 429496729 + [0, 100000).
DMLIB_DECL std::uint32_t random_server_id(random_source& random);

/// "+02:00" of a time-zone name as the server knows it now; SYSTEM included.
DMLIB_DECL result<std::string> utc_offset(session& s);

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/mysql/impl/server_facts.ipp>
#endif
