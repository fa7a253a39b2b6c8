// Checks of the target server: privileges, settings, triggers, connections.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>

#include <algorithm>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline void check_target_privilege(server& t,
                                   const std::set<std::string>& schemas,
                                   findings& found) {
    found.run("target_privilege", "the account may write", [&] {
        for (const std::string& schema : schemas) {
            std::string missing;
            bool certain = true;
            for (const char* p :
                 {"CREATE", "SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "DROP", "INDEX"}) {
                const answer has = t.grants.has(p, schema);
                if (has == answer::yes) continue;
                if (has == answer::unknown) certain = false;
                missing += (missing.empty() ? "" : ", ") + std::string(p);
            }
            if (missing.empty()) continue;
            // A grant may be on single tables, which a schema-wide question does not see.
            found.problem("target_privilege",
                          certain && missing.find("INSERT") != std::string::npos
                              ? severity::error
                              : severity::warning,
                          "The account " + t.account + " lacks " + missing + " on database " +
                              quoted_identifier(schema) + " of the target.",
                          "GRANT " + missing + " ON " + quoted_identifier(schema) + ".* TO " +
                              t.account + ";");
        }
    });
}

/// What docs/limits.md names as the oldest.
inline void check_target_version(server& t, findings& found) {
    found.run("downstream_version", t.facts.version_text, [&] {
        const auto& f = t.facts;
        const auto v = f.version();
        if (f.is_tidb() || (f.is_mariadb() ? v.at_least(10, 1) : v.at_least(5, 6))) return;
        found.warn("downstream_version",
                   "The target is " + f.version_text + ", older than any version that is tested.",
                   "Upgrade to MySQL 5.6 or MariaDB 10.1 at least.");
    });
}

/// On demand, as DM's downstream_table_empty. A task that ran before has rows there.
inline void check_target_empty(const check_input& in,
                               server& t,
                               const std::set<table_name>& targets,
                               const std::set<std::string>& schemas,
                               findings& found);

inline void check_target_settings(server& t,
                                  const std::vector<std::unique_ptr<source_context>>& sources,
                                  findings& found) {
    found.run("target_read_only", "the target is writable", [&] {
        if (!t.facts.read_only) return;
        const bool passes = !t.facts.super_read_only && !t.facts.is_tidb() &&
                            (t.grants.has("SUPER") == answer::yes ||
                             t.grants.has("READ_ONLY ADMIN") == answer::yes ||
                             t.grants.has("CONNECTION_ADMIN") == answer::yes);
        found.problem("target_read_only",
                      passes ? severity::warning : severity::error,
                      "The target is read-only.",
                      t.facts.super_read_only
                          ? "SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;"
                          : "SET GLOBAL read_only = OFF;");
    });
    found.run("max_allowed_packet", "packets of the source fit", [&] {
        std::uint64_t largest = 0;
        for (const auto& c : sources) largest = std::max(largest, c->at.facts.max_allowed_packet);
        if (t.facts.max_allowed_packet == 0 || largest <= t.facts.max_allowed_packet) return;
        found.warn("max_allowed_packet",
                   "The target's max_allowed_packet (" +
                       std::to_string(t.facts.max_allowed_packet) +
                       ") is smaller than a source's (" + std::to_string(largest) +
                       "): a large row may be refused.",
                   "SET GLOBAL max_allowed_packet = " + std::to_string(largest) + ";");
    });
    found.run("conn_number", "enough connections on the target", [&] {
        auto used = t.session.query("SHOW GLOBAL STATUS LIKE 'Threads_connected'");
        // TiDB: 0 or absent = no limit.
        if (!used || used->size() == 0 || t.facts.max_connections == 0) return;
        const auto now = std::strtoull(std::string(used->text(0, 1)).c_str(), nullptr, 10);
        const auto& in = sources.front()->input;
        const auto each =
            static_cast<std::uint64_t>(std::max(in.load_threads, in.sync_workers)) + 2;
        const std::uint64_t need = each * sources.size();
        if (now + need > t.facts.max_connections) {
            found.warn("conn_number",
                       "The target has " + std::to_string(t.facts.max_connections) +
                           " connections, " + std::to_string(now) + " in use; the task needs " +
                           std::to_string(need) + ".",
                       "Lower loaders.pool-size and syncers.worker-count, or SET GLOBAL "
                       "max_connections = " +
                           std::to_string(now + need + 10) + ";");
        }
    });
}

inline std::string schema_list(const std::set<std::string>& schemas) {
    std::string list;
    for (const std::string& s : schemas) list += (list.empty() ? "" : ",") + quoted_literal(s);
    return list;
}

inline void check_target_triggers(server& t,
                                  const std::set<table_name>& targets,
                                  const std::set<std::string>& schemas,
                                  findings& found) {
    if (schemas.empty() || t.facts.is_tidb()) return;
    found.run("target_triggers", "no triggers on the target's tables", [&] {
        auto rows = t.session.query(
            "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_SCHEMA, TRIGGER_NAME FROM "
            "information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA IN (" +
            schema_list(schemas) + ")");
        if (!rows) return found.could_not("target_triggers", rows.error());
        for (std::size_t i = 0; i < rows->size(); ++i) {
            const table_name on{std::string(rows->text(i, std::size_t{0})),
                                std::string(rows->text(i, 1))};
            if (targets.count(on) == 0) continue;
            const std::string trigger =
                quoted_identifier(rows->text(i, 2)) + "." + quoted_identifier(rows->text(i, 3));
            found.warn("target_triggers",
                       "Trigger " + trigger + " on the target's table " + quoted(on) +
                           " fires for every replicated row, whose effects the source's triggers "
                           "already had.",
                       "DROP TRIGGER " + trigger + ";");
        }
    });
}

/// The tables that the target has in these schemas.
inline result<std::set<table_name>> existing_tables(server& t,
                                                    const std::set<std::string>& schemas) {
    std::set<table_name> out;
    if (schemas.empty()) return out;
    auto rows = t.session.query(
        "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (" +
        schema_list(schemas) + ")");
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        out.insert(
            table_name{std::string(rows->text(i, std::size_t{0})), std::string(rows->text(i, 1))});
    }
    return out;
}

inline bool ran_before(const check_input& in, server& t) {
    if (in.task.empty()) return false;
    auto rows = t.session.query(
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=" +
        quoted_literal(in.meta_schema) + " AND LEFT(TABLE_NAME," +
        std::to_string(in.task.size() + 7) + ")=" + quoted_literal(in.task + "_dmlib_"));
    return rows && rows->size() > 0 && rows->text(0, std::size_t{0}) != "0";
}

inline void check_target_empty(const check_input& in,
                               server& t,
                               const std::set<table_name>& targets,
                               const std::set<std::string>& schemas,
                               findings& found) {
    if (in.mode == task_mode::incremental || !found.wanted("downstream_table_empty")) return;
    found.run("downstream_table_empty", "the target's tables are empty", [&] {
        if (ran_before(in, t)) return;
        auto existing = existing_tables(t, schemas);
        if (!existing) return found.could_not("downstream_table_empty", existing.error());
        for (const table_name& name : *existing) {
            if (targets.count(name) == 0) continue;
            auto row = t.session.query("SELECT 1 FROM " + quoted(name) + " LIMIT 1");
            if (!row) {
                found.could_not("downstream_table_empty", row.error());
            } else if (row->size() > 0) {
                found.fail("downstream_table_empty",
                           "The target's table " + quoted(name) + " has rows.",
                           "Unless they are wanted: TRUNCATE TABLE " + quoted(name) + ";");
            }
        }
    });
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
