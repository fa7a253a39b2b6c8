// Checks of a source server: version, binlog settings, ids, privileges, start position.
#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/mysql/binlog_stream.hpp>

#include <algorithm>
#include <chrono>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline std::string version_text(const server_version& v) {
    return std::to_string(v.major) + "." + std::to_string(v.minor) + "." + std::to_string(v.patch);
}

inline void check_version(source_context& c) {
    const auto& f = c.at.facts;
    c.found.run("version", f.version_text, [&] {
        if (c.source.expected_flavor && *c.source.expected_flavor != f.flavor()) {
            c.found.fail("version",
                         "The server is " + f.version_text + ", not of the configured flavor.",
                         std::string("Set flavor: ") + (f.is_mariadb() ? "mariadb" : "mysql") +
                             " or leave it out.");
        }
        if (f.is_tidb()) {
            c.found.fail("version",
                         "The source is TiDB (" + f.version_text +
                             "), which writes no binlog that can be read.",
                         "Use a MySQL or MariaDB server as the source.");
        } else if (f.is_mariadb() ? !f.version().at_least(10, 1) : !f.version().at_least(5, 6)) {
            c.found.fail("version",
                         "The server's version " + version_text(f.version()) + " is too old.",
                         "Upgrade to MySQL 5.6 or MariaDB 10.1 at least.");
        }
    });
}

inline bool is_encrypted(const mysql::server_facts& f) {
    const auto on = [&](std::string_view name) {
        const std::string_view v = f.variable(name);
        return v == "ON" || v == "1";
    };
    return on("binlog_encryption") || on("encrypt_binlog");
}

/// RDS and Aurora purge binlogs by a setting of their own, at once unless it is set. False where
/// the server is no such service.
inline bool check_managed_retention(source_context& c) {
    auto rows = c.at.session.query(
        "SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'");
    if (!rows || rows->size() == 0) return false;
    const std::string text(rows->text(0, std::size_t{0}));
    const auto hours = std::strtoull(text.c_str(), nullptr, 10);
    if (hours >= 4 || !c.needs_copy()) return true;
    c.found.warn("binlog_expire",
                 "The service purges binlogs " +
                     (hours == 0 ? std::string("as soon as it can")
                                 : "after " + std::to_string(hours) + " h") +
                     "; a full copy that takes longer cannot be followed.",
                 "CALL mysql.rds_set_configuration('binlog retention hours', 168);");
    return true;
}

inline void check_gtids(source_context& c);

inline void check_binlog_settings(source_context& c) {
    const auto& f = c.at.facts;
    c.found.run("binlog_enable", "log_bin is on", [&] {
        if (!f.log_bin) {
            c.found.fail("binlog_enable",
                         "The source writes no binlog.",
                         "Set log_bin=binlog in the server's configuration and restart it.");
        }
    });
    c.found.run("binlog_format", "binlog_format is ROW", [&] {
        if (f.binlog_format != "ROW") {
            c.found.fail("binlog_format",
                         "binlog_format is " + f.binlog_format + ".",
                         "SET GLOBAL binlog_format = 'ROW'; then reconnect the applications.");
        }
    });
    c.found.run("binlog_row_image", "binlog_row_image is FULL", [&] {
        const bool known = f.binlog_row_image == "MINIMAL" || f.binlog_row_image == "NOBLOB" ||
                           f.binlog_row_image == "FULL_NODUP";
        if (known) {
            c.found.warn("binlog_row_image",
                         "binlog_row_image is " + f.binlog_row_image +
                             ": rows of tables with several unique keys wait for each other more "
                             "often, and tables whose key the target lacks are refused.",
                         "SET GLOBAL binlog_row_image = 'FULL'; then reconnect the applications.");
        } else if (f.binlog_row_image != "FULL") {
            c.found.fail("binlog_row_image",
                         "binlog_row_image is " + f.binlog_row_image + ".",
                         "SET GLOBAL binlog_row_image = 'FULL'; then reconnect the applications.");
        }
    });
    c.found.run("binlog_row_value_options", "JSON updates can be applied", [&] {
        // The document that a partial update changes has to stand in the row event.
        if (f.binlog_row_value_options.find("PARTIAL_JSON") != std::string::npos &&
            (f.binlog_row_image == "MINIMAL" || f.binlog_row_image == "NOBLOB")) {
            c.found.fail(
                "binlog_row_value_options",
                "The source writes partial JSON updates, and binlog_row_image " +
                    f.binlog_row_image + " leaves out the documents that they change.",
                "SET GLOBAL binlog_row_value_options = ''; then reconnect the applications.");
        }
    });
    c.found.run("binlog_expire", "binlogs are kept long enough", [&] {
        if (check_managed_retention(c)) return;
        const auto kept = f.binlog_expire_seconds;
        if (kept != 0 && kept < 4 * 3600 && c.needs_copy()) {
            c.found.warn("binlog_expire",
                         "Binlogs are purged after " + std::to_string(kept) +
                             " s; a full copy that takes longer cannot be followed.",
                         f.variables.count("binlog_expire_logs_seconds") != 0
                             ? "SET GLOBAL binlog_expire_logs_seconds = 604800;"
                             : "SET GLOBAL expire_logs_days = 7;");
        }
    });
    c.found.run("binlog_encryption",
                is_encrypted(f) ? "the binlog is encrypted; the server decrypts it for replicas"
                                : "the binlog is not encrypted",
                [] {});
    check_gtids(c);
}

inline void check_gtids(source_context& c) {
    const auto& f = c.at.facts;
    c.found.run("gtid_mode", f.has_gtids() ? "GTIDs are written" : "GTIDs are not used", [&] {
        if (c.source.enable_gtid && !f.has_gtids()) {
            c.found.fail("gtid_mode",
                         "enable-gtid is true, but the source's gtid_mode is " + f.gtid_mode + ".",
                         "SET GLOBAL enforce_gtid_consistency = ON; SET GLOBAL gtid_mode = "
                         "OFF_PERMISSIVE; SET GLOBAL gtid_mode = ON_PERMISSIVE; SET GLOBAL "
                         "gtid_mode = ON; or enable-gtid: false.");
        }
        if (c.source.enable_gtid && f.is_mariadb() && !f.gtid_strict_mode) {
            c.found.warn("gtid_mode",
                         "gtid_strict_mode is off: the source takes GTIDs out of order, and then a "
                         "server that takes over does not know where the task stood.",
                         "SET GLOBAL gtid_strict_mode = ON;");
        }
    });
    // With gtid_mode ON the server itself insists on it.
    const std::string consistency(f.variable("enforce_gtid_consistency"));
    if (f.is_mariadb() || !c.source.enable_gtid || consistency.empty()) return;
    c.found.run("gtid_consistency", "enforce_gtid_consistency is ON", [&] {
        if (consistency == "ON" || consistency == "1") return;
        c.found.warn("gtid_consistency",
                     "enforce_gtid_consistency is " + consistency +
                         ": statements that have no GTID of their own (CREATE TABLE ... SELECT, "
                         "temporary tables in transactions) are taken, and stop gtid_mode ON.",
                     "SET GLOBAL enforce_gtid_consistency = ON;");
    });
}

inline void check_server_id(source_context& c) {
    c.found.run("server_id", "server ids differ", [&] {
        const std::uint32_t theirs = c.at.facts.server_id;
        if (theirs == 0) {
            c.found.fail(
                "server_id",
                "The source's server_id is 0: it refuses every replica.",
                "Set server_id to a number of its own on the source (SET GLOBAL server_id = 1;).");
        }
        if (c.source.server_id == 0) return;
        if (c.source.server_id == theirs) {
            c.found.fail(
                "server_id",
                "server-id " + std::to_string(theirs) + " of the source file is the source's own.",
                "Choose another server-id in the source file, or leave it out.");
        }
        auto replicas = mysql::connected_replicas(c.at.session, c.at.facts);
        if (!replicas) return;  // lack of a privilege is replication_privilege's business
        for (const auto& r : *replicas) {
            // A reader of ours that just ended may still be listed: no reason to refuse a start.
            if (r.server_id == c.source.server_id) {
                c.found.warn("server_id",
                             "A replica with server-id " + std::to_string(r.server_id) +
                                 " is connected to the source (" + r.host + ").",
                             "Choose another server-id in the source file, or leave it out.");
            }
        }
    });
}

inline std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t n = std::min(text.find(','), text.size());
        if (n > 0) out.push_back(trimmed(text.substr(0, n)));
        text.remove_prefix(std::min(n + 1, text.size()));
    }
    return out;
}

// Statements of databases outside binlog_do_db, or inside binlog_ignore_db, never reach a replica.
inline void check_binlog_db(source_context& c) {
    c.found.run("binlog_db", "every database is in the binlog", [&] {
        auto status = c.at.session.query(mysql::names_for(c.at.facts).show_master_status);
        if (!status) return c.found.could_not("binlog_db", status.error());
        if (status->size() == 0) return;
        const std::string wanted(status->text(0, "Binlog_Do_DB"));
        const std::string ignored(status->text(0, "Binlog_Ignore_DB"));
        const auto yes = split_list(wanted);
        const auto no = split_list(ignored);
        std::set<std::string> told;
        for (const auto& t : c.tables) {
            const std::string& name = t.names.source.schema;
            const bool left_out =
                (!yes.empty() && std::find(yes.begin(), yes.end(), name) == yes.end()) ||
                std::find(no.begin(), no.end(), name) != no.end();
            if (left_out && told.insert(name).second) {
                c.found.fail(
                    "binlog_db",
                    "Changes of database " + quoted_identifier(name) +
                        " are not written to the source's binlog (binlog_do_db, binlog_ignore_db).",
                    "Remove the setting on the source and restart it, or leave the database out.");
            }
        }
    });
}

inline void require_global(source_context& c,
                           std::string_view check,
                           std::string_view privilege,
                           const char* why) {
    const answer has = c.at.grants.has(privilege);
    if (has == answer::yes) return;
    c.found.problem(check,
                    has == answer::no ? severity::error : severity::warning,
                    "The account " + c.at.account + (has == answer::no ? " lacks " : " may lack ") +
                        std::string(privilege) + ", needed " + why + ".",
                    "GRANT " + std::string(privilege) + " ON *.* TO " + c.at.account + ";");
}

inline void check_replication_privilege(source_context& c) {
    c.found.run("replication_privilege", "the binlog may be read", [&] {
        const auto& f = c.at.facts;
        const bool renamed = f.is_mariadb() && f.version().at_least(10, 5, 2);
        if (!renamed || c.at.grants.has("REPLICATION SLAVE") != answer::yes) {
            require_global(c, "replication_privilege", "REPLICATION SLAVE", "to read the binlog");
        }
        // The statement itself is the best judge of this one.
        auto status = c.at.session.query(mysql::names_for(f).show_master_status);
        if (status) return;
        if (status.error().code() == errc::db_privilege) {
            c.found.fail("replication_privilege",
                         status.error().message(),
                         std::string("GRANT ") +
                             (renamed ? "BINLOG MONITOR" : "REPLICATION CLIENT") + " ON *.* TO " +
                             c.at.account + ";");
        } else {
            c.found.could_not("replication_privilege", status.error());
        }
    });
}

/// RDS and Aurora of AWS: they name their folders so.
inline bool is_managed(const mysql::server_facts& f) {
    return f.variable("basedir").find("rdsdbbin") != std::string_view::npos ||
           !f.variable("aurora_version").empty();
}

inline bool can_select(source_context& c, const table_name& t) {
    if (c.at.grants.has("SELECT", t.schema, t.table) == answer::yes) return true;
    return c.at.session.query("SELECT 1 FROM " + quoted(t) + " LIMIT 0").has_value();
}

inline void check_dump_privilege(source_context& c) {
    c.found.run("dump_privilege", "every table may be read", [&] {
        for (const auto& t : c.tables) {
            if (can_select(c, t.names.source)) continue;
            c.found.fail(
                "dump_privilege",
                "The account " + c.at.account + " may not read " + quoted(t.names.source) + ".",
                "GRANT SELECT ON " + quoted_identifier(t.names.source.schema) + ".* TO " +
                    c.at.account + ";",
                t.names.source);
        }
        // MariaDB tells the place of a snapshot without any lock.
        if (c.at.facts.is_mariadb() && c.at.facts.log_bin) return;
        std::set<std::string> schemas;
        for (const auto& t : c.tables) schemas.insert(t.names.source.schema);
        switch (snapshot_lock_of(c.at.grants, schemas, is_managed(c.at.facts))) {
            case snapshot_lock::global:
                return;
            case snapshot_lock::tables_on_service:
                return;
            case snapshot_lock::tables:
                c.found.warn(
                    "dump_privilege",
                    "The account " + c.at.account +
                        " lacks RELOAD: LOCK TABLES is used for the moment of the snapshot.",
                    "GRANT RELOAD ON *.* TO " + c.at.account + ";");
                return;
            case snapshot_lock::none_on_service:
                c.found.fail("dump_privilege",
                             "RDS and Aurora refuse FLUSH TABLES WITH READ LOCK, and the account " +
                                 c.at.account +
                                 " lacks LOCK TABLES: no consistent snapshot is possible.",
                             "GRANT LOCK TABLES ON *.* TO " + c.at.account + ";");
                return;
            case snapshot_lock::none:
                c.found.fail(
                    "dump_privilege",
                    "The account " + c.at.account +
                        " lacks RELOAD and LOCK TABLES: no consistent snapshot is possible.",
                    "GRANT RELOAD ON *.* TO " + c.at.account + ";");
                return;
        }
    });
}

/// Opens the stream at the start position and looks whether a first event comes.
inline std::optional<error> probe_start(source_context& c) {
    mysql::connect_options options = c.source.connection;
    options.read_timeout = std::chrono::seconds(15);
    auto s = mysql::session::connect(options);
    if (!s) return s.error();
    if (c.input.stop != nullptr) c.input.stop->watch(s->get_canceller());
    async::system_random_source random;
    mysql::stream_options stream_options;
    stream_options.start = *c.source.start;
    stream_options.by_gtid = c.source.enable_gtid && !c.source.start->gtids.empty();
    stream_options.server_id = mysql::random_server_id(random);
    stream_options.wait_for_more = false;
    stream_options.register_replica = false;
    stream_options.read_deadline = std::chrono::seconds(15);
    auto stream = mysql::binlog_stream::open(std::move(*s), c.at.facts, stream_options);
    if (!stream) return stream.error();
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    for (int i = 0; i < 64 && std::chrono::steady_clock::now() < give_up; ++i) {
        auto event = stream->next();
        if (!event) return event.error();
        if (event->empty()) return std::nullopt;
        // Artificial events (ROTATE, FORMAT_DESCRIPTION, GTID lists) come before any real one.
        const std::uint8_t type = event->size() > 4 ? (*event)[4] : 0;
        if (type != 4 && type != 15 && type != 35 && type != 163 && type != 27) return std::nullopt;
    }
    return std::nullopt;
}

/// What to do about a start that the source does not have. A task that never ran has no checkpoint
/// to lose: its meta is wrong, or older than the source's binlogs.
inline std::string way_to_start(const source_context& c, const error& why) {
    const bool place = why.code() == errc::sync_position || why.code() == errc::binlog_purged ||
                       why.code() == errc::checkpoint_source_changed;
    if (!c.source.first_start || !place) return why.workaround();
    const bool gtids = c.source.enable_gtid && !c.source.start->gtids.empty();
    std::string out = "Correct meta of " + c.source.id + " in the task file: ";
    if (!gtids) {
        out += "SHOW BINARY LOGS on the source lists its files and where they end";
    } else if (c.at.facts.is_mariadb()) {
        out += "SELECT @@gtid_binlog_pos on the source says what it has";
    } else {
        out += "SELECT @@gtid_executed, @@gtid_purged on the source says what it has";
    }
    if (why.code() == errc::binlog_purged)
        out += ". Where these binlogs are gone, copy the tables anew (task-mode: all)";
    return out + ".";
}

inline void check_meta_position(source_context& c) {
    if (c.input.mode != task_mode::incremental || !c.source.start) return;
    c.found.run("meta_position", "the start position can be read", [&] {
        const auto why = probe_start(c);
        if (!why) return;
        // A task that ran before goes on from its checkpoint, whatever became of its first
        // position.
        c.found.problem("meta_position",
                        c.source.first_start ? severity::error : severity::warning,
                        "The start position cannot be read: " + why->message(),
                        way_to_start(c, *why));
    });
}

inline void check_online_ddl(source_context& c) {
    if (!c.needs_binlog()) return;
    c.found.run("online_ddl", "no unfinished online schema change", [&] {
        std::set<table_name> names;
        for (const auto& t : c.listed) names.insert(t.name);
        if (!c.source.online_ddl) {
            // Shadow tables that are replicated are tables like others, their renames too.
            for (const auto& t : c.tables) names.erase(t.names.source);
        }
        for (const auto& t : c.tables) {
            for (const char* suffix : {"_gho", "_ghc", "_new"}) {
                const table_name shadow{t.names.source.schema, "_" + t.names.source.table + suffix};
                if (names.count(shadow) == 0) continue;
                c.found.fail(
                    "online_ddl",
                    "Shadow table " + quoted(shadow) + " exists: a gh-ost or pt-osc run on " +
                        quoted(t.names.source) + " is not finished.",
                    "Let it finish, or drop what it left: DROP TABLE " + quoted(shadow) + ";",
                    t.names.source);
            }
        }
    });
}

inline void check_source_connections(source_context& c) {
    if (!c.needs_copy()) return;
    c.found.run("conn_number", "enough connections", [&] {
        auto used = c.at.session.query("SHOW GLOBAL STATUS LIKE 'Threads_connected'");
        if (!used || used->size() == 0 || c.at.facts.max_connections == 0) return;
        const auto now = std::strtoull(std::string(used->text(0, 1)).c_str(), nullptr, 10);
        const auto need = static_cast<std::uint64_t>(c.input.dump_threads) + 2;
        if (now + need > c.at.facts.max_connections) {
            c.found.warn("conn_number",
                         "The source has " + std::to_string(c.at.facts.max_connections) +
                             " connections, " + std::to_string(now) + " in use; the task needs " +
                             std::to_string(need) + ".",
                         "Lower mydumpers.threads, or SET GLOBAL max_connections = " +
                             std::to_string(now + need + 10) + ";");
        }
    });
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
