#pragma once

#include <dmlib/mysql/impl/internal/session_values.hpp>
#include <dmlib/mysql/server_facts.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

namespace internal {

inline std::uint64_t to_number(std::string_view text) noexcept {
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

inline bool is_on(std::string_view value) noexcept {
    return equal_ignoring_case(value, "ON") || value == "1" || equal_ignoring_case(value, "YES");
}

// Everything but OFF: newer MariaDB has grades of read_only.
inline bool is_not_off(std::string_view value) noexcept {
    return !value.empty() && value != "0" && !equal_ignoring_case(value, "OFF");
}

inline std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

inline std::uint64_t expire_seconds(const server_facts& f) {
    const std::uint64_t seconds = to_number(f.variable("binlog_expire_logs_seconds"));
    if (seconds != 0) return seconds;
    // Days, with a fraction on MariaDB.
    const std::string days(f.variable("expire_logs_days"));
    return static_cast<std::uint64_t>(std::strtod(days.c_str(), nullptr) * 86400.0);
}

inline void read_binlog_settings(server_facts& f) {
    f.log_bin = is_on(f.variable("log_bin"));
    f.binlog_format = upper(f.variable("binlog_format"));
    // Gone from the newest servers, which write rows only.
    if (f.binlog_format.empty()) f.binlog_format = "ROW";
    f.binlog_row_image = upper(f.variable("binlog_row_image"));
    if (f.binlog_row_image.empty()) f.binlog_row_image = "FULL";
    f.binlog_row_metadata = upper(f.variable("binlog_row_metadata"));
    f.binlog_row_value_options = upper(f.variable("binlog_row_value_options"));
    f.binlog_checksum = upper(f.variable("binlog_checksum"));
    if (f.binlog_checksum.empty()) f.binlog_checksum = "NONE";
    f.gtid_mode = upper(f.variable("gtid_mode"));
    const std::string_view consistency = f.variable("enforce_gtid_consistency");
    f.enforce_gtid_consistency = is_on(consistency);
    f.gtid_strict_mode = is_on(f.variable("gtid_strict_mode"));
    f.log_bin_compress = is_on(f.variable("log_bin_compress"));
    f.transaction_compression = is_on(f.variable("binlog_transaction_compression"));
    f.binlog_encrypted =
        is_on(f.variable("binlog_encryption")) || is_on(f.variable("encrypt_binlog"));
    f.binlog_expire_seconds = expire_seconds(f);
}

inline void read_general_settings(server_facts& f) {
    f.server_id = static_cast<std::uint32_t>(to_number(f.variable("server_id")));
    f.server_uuid = std::string(f.variable("server_uuid"));
    if (f.is_mariadb()) f.server_uuid.clear();  // 12.x has one, but it is not in its GTIDs
    f.lower_case_table_names = static_cast<int>(to_number(f.variable("lower_case_table_names")));
    f.character_set_server = std::string(f.variable("character_set_server"));
    f.collation_server = std::string(f.variable("collation_server"));
    f.sql_mode = std::string(f.variable("sql_mode"));
    f.time_zone = std::string(f.variable("time_zone"));
    f.system_time_zone = std::string(f.variable("system_time_zone"));
    f.explicit_defaults_for_timestamp = is_on(f.variable("explicit_defaults_for_timestamp"));
    f.max_allowed_packet = to_number(f.variable("max_allowed_packet"));
    f.max_connections = to_number(f.variable("max_connections"));
    f.super_read_only = is_on(f.variable("super_read_only"));
    f.read_only = is_not_off(f.variable("read_only")) || f.super_read_only ||
                  is_on(f.variable("tidb_restricted_read_only")) ||
                  is_on(f.variable("tidb_super_read_only"));
    const std::string_view foreign_keys = f.variable("foreign_key_checks");
    f.foreign_key_checks = foreign_keys.empty() || is_on(foreign_keys);
    f.innodb_rollback_on_timeout = is_on(f.variable("innodb_rollback_on_timeout"));
}

/// What SYSTEM means, in both halves of the year.
inline result<void> read_system_zone(session& s, server_facts& f) {
    const auto shift = [](const char* moment) {
        return fmt::format("TIMESTAMPDIFF(SECOND, {0}, CONVERT_TZ({0}, '+00:00', 'SYSTEM'))",
                           moment);
    };
    auto row = s.query(fmt::format("SELECT {}, {}, {}",
                                   shift("UTC_TIMESTAMP()"),
                                   shift("'2026-01-01 00:00:00'"),
                                   shift("'2026-07-01 00:00:00'")));
    if (!row && row.error().server_errno() == 0) return row.error();
    if (!row || row->size() == 0 || row->text(0, std::size_t{0}).empty()) return {};
    f.system_offset = std::atoi(std::string(row->text(0, std::size_t{0})).c_str());
    f.system_offset_varies = row->text(0, std::size_t{1}) != row->text(0, std::size_t{2});
    return {};
}

inline error no_binlog() {
    error e(errc::db_query_failed, "The server writes no binlog (log_bin is off).");
    e.workaround("Start the server with log_bin and binlog_format=ROW.");
    return e;
}

}  // namespace internal

DMLIB_DECL std::string_view server_facts::variable(std::string_view name) const noexcept {
    const auto at = variables.find(std::string(name));
    return at == variables.end() ? std::string_view{} : std::string_view(at->second);
}

DMLIB_DECL result<server_facts> read_server_facts(session& s) {
    auto version = s.query("SELECT VERSION()");
    if (!version) return version.error();
    server_facts f;
    if (version->size() > 0) f.version_text = std::string(version->text(0, std::size_t{0}));
    f.kind = parse_server_version(f.version_text);
    if (f.kind.version == server_version{}) {
        return error(
            errc::db_unknown_server,
            "The server calls itself '" + f.version_text + "', which is no known version.");
    }
    if (f.kind.flavor == flavor::mariadb) {
        f.dialect = target_dialect::mariadb;
    } else if (f.version_text.find("TiDB") != std::string::npos) {
        f.dialect = target_dialect::tidb;
    }
    auto rows = s.query("SHOW GLOBAL VARIABLES");
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        std::string name(rows->text(i, std::size_t{0}));
        for (char& c : name) c = internal::lower_ascii(c);
        f.variables.insert_or_assign(std::move(name), std::string(rows->text(i, 1)));
    }
    if (auto zone = internal::read_system_zone(s, f); !zone) return zone.error();
    f.version_comment = std::string(f.variable("version_comment"));
    internal::read_binlog_settings(f);
    internal::read_general_settings(f);
    return f;
}

DMLIB_DECL statement_names names_for(const server_facts& facts) noexcept {
    statement_names n{
        "SHOW MASTER STATUS", "SHOW SLAVE HOSTS", "SHOW SLAVE STATUS", "RESET MASTER"};
    if (facts.dialect != target_dialect::mysql) return n;
    if (facts.version().at_least(8, 0, 22)) {
        n.show_replicas = "SHOW REPLICAS";
        n.show_replica_status = "SHOW REPLICA STATUS";
    }
    if (facts.version().at_least(8, 2)) {
        n.show_master_status = "SHOW BINARY LOG STATUS";
        n.reset_binlogs = "RESET BINARY LOGS AND GTIDS";
    }
    return n;
}

DMLIB_DECL result<gtid_set> gtids_at(session& s,
                                     const server_facts& facts,
                                     const binlog_position& position) {
    if (!facts.is_mariadb()) return gtid_set();
    const std::string sql = "SELECT BINLOG_GTID_POS(" + s.literal(position.file) + ", " +
                            std::to_string(position.pos) + ")";
    auto text = s.query_value(sql);
    if (!text) return text.error();
    if (!*text) {
        error e(errc::sync_position,
                "The server knows no GTID position for " + to_string(position) +
                    ": no such binlog file.");
        e.position(position.file, position.pos);
        return e;
    }
    return gtid_set::parse(flavor::mariadb, **text);
}

DMLIB_DECL std::optional<error> foreign_gtids(const gtid_set& set,
                                              const gtid_set& executed,
                                              const server_facts& facts) {
    if (set.empty()) return std::nullopt;
    const auto fault = [&](const std::string& why) {
        return error(errc::sync_position, "the GTID set '" + set.to_string() + "' " + why);
    };
    if ((set.mariadb() != nullptr) != facts.is_mariadb()) {
        return fault(facts.is_mariadb() ? "is one of MySQL, and the source is MariaDB"
                                        : "is one of MariaDB, and the source is MySQL");
    }
    const auto foreign = [&] {
        return fault("names nothing that the source has executed (it has '" + executed.to_string() +
                     "')");
    };
    if (const auto* own = set.mysql(); own != nullptr && executed.mysql() != nullptr) {
        if (own->intersect(*executed.mysql()).empty()) return foreign();
    }
    if (const auto* own = set.mariadb(); own != nullptr && executed.mariadb() != nullptr) {
        if (!own->shares_domain(*executed.mariadb())) return foreign();
    }
    return std::nullopt;
}

namespace internal {

/// Without MariaDB's GTIDs, which are not in the answer.
inline result<location> end_of_binlog(session& s, const server_facts& facts) {
    const auto names = names_for(facts);
    auto rows = s.query(names.show_master_status);
    if (!rows) return rows.error();
    if (rows->size() == 0) return internal::no_binlog();
    location at;
    at.position.file = std::string(rows->text(0, "File"));
    at.position.pos = internal::to_number(rows->text(0, "Position"));
    if (!facts.is_mariadb() && facts.has_gtids()) {
        auto gtids = gtid_set::parse(flavor::mysql, rows->text(0, "Executed_Gtid_Set"));
        if (!gtids) return gtids.error();
        at.gtids = std::move(*gtids);
    }
    return at;
}

}  // namespace internal

DMLIB_DECL result<location> current_location(session& s, const server_facts& facts) {
    auto at = internal::end_of_binlog(s, facts);
    if (!at || !facts.is_mariadb()) return at;
    auto gtids = gtids_at(s, facts, at->position);
    if (!gtids) return gtids.error();
    at->gtids = std::move(*gtids);
    return at;
}

DMLIB_DECL result<location> rough_location(session& s, const server_facts& facts) {
    auto at = internal::end_of_binlog(s, facts);
    if (!at || !facts.is_mariadb()) return at;
    auto text = s.query_value("SELECT @@gtid_binlog_pos");
    if (!text) return text.error();
    auto gtids = gtid_set::parse(flavor::mariadb, text->value_or(""));
    if (!gtids) return gtids.error();
    at->gtids = std::move(*gtids);
    return at;
}

DMLIB_DECL result<std::vector<binlog_file>> binlog_files(session& s, const server_facts& facts) {
    if (!facts.log_bin) return internal::no_binlog();
    auto rows = s.query("SHOW BINARY LOGS");
    if (!rows) return rows.error();
    std::vector<binlog_file> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        binlog_file f;
        f.name = std::string(rows->text(i, "Log_name"));
        f.size = internal::to_number(rows->text(i, "File_size"));
        f.encrypted = internal::is_on(rows->text(i, "Encrypted"));
        out.push_back(std::move(f));
    }
    return out;
}

DMLIB_DECL result<gtid_set> purged_gtids(session& s, const server_facts& facts) {
    if (facts.dialect != target_dialect::mysql || facts.variables.count("gtid_purged") == 0) {
        return gtid_set();
    }
    auto text = s.query_value("SELECT @@GLOBAL.gtid_purged");
    if (!text) return text.error();
    return gtid_set::parse(flavor::mysql, text->value_or(""));
}

DMLIB_DECL result<std::vector<replica_info>> connected_replicas(session& s,
                                                                const server_facts& facts) {
    auto rows = s.query(names_for(facts).show_replicas);
    if (!rows) return rows.error();
    std::vector<replica_info> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        replica_info r;
        r.server_id = static_cast<std::uint32_t>(internal::to_number(rows->text(i, "Server_Id")));
        r.host = std::string(rows->text(i, "Host"));
        r.port = static_cast<std::uint16_t>(internal::to_number(rows->text(i, "Port")));
        r.uuid = std::string(rows->get(i, "Replica_UUID").value_or(rows->text(i, "Slave_UUID")));
        out.push_back(std::move(r));
    }
    return out;
}

DMLIB_DECL std::uint32_t random_server_id(random_source& random) {
    return 429496729U + static_cast<std::uint32_t>(random.next() % 100000);
}

DMLIB_DECL result<std::string> utc_offset(session& s) {
    auto text = s.query_value("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())");
    if (!text) return text.error();
    const int seconds = std::atoi(text->value_or("0").c_str());
    const int minutes = (seconds + (seconds < 0 ? -30 : 30)) / 60;  // TiDB's two clocks are not one
    const unsigned int size = static_cast<unsigned int>(std::abs(minutes));
    char out[16];
    std::snprintf(
        out, sizeof out, "%c%02u:%02u", minutes < 0 ? '-' : '+', (size / 60) % 24, size % 60);
    return std::string(out);
}

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
