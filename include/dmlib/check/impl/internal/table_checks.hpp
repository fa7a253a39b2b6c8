// Checks of the tables: what the full copy and the target can do with them.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/check/impl/internal/key_statements.hpp>
#include <dmlib/check/impl/internal/many_sessions.hpp>
#include <dmlib/check/impl/internal/rule_checks.hpp>
#include <dmlib/schema/show_create.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline bool is_table_with_rows(const dump::listed_table& t) {
    return t.type == "BASE TABLE" || t.type == "SYSTEM VERSIONED";
}

/// Fills c.tables: what is replicated, and where to.
inline bool plan_tables(source_context& c) {
    auto listed = dump::list_tables(c.at.session);
    if (!listed) {
        c.found.could_not("table_schema", listed.error());
        return false;
    }
    c.listed = std::move(*listed);
    std::map<table_name, const dump::listed_table*> by_name;
    std::vector<table_name> all;
    for (const auto& t : c.listed) {
        if (!is_table_with_rows(t)) continue;
        all.push_back(t.name);
        by_name[t.name] = &t;
    }
    std::vector<table_pair> pairs;
    if (c.source.plan_tables) {
        auto planned = c.source.plan_tables(all);
        if (!planned) {
            c.found.fail("table_schema", planned.error().message(), planned.error().workaround());
            return false;
        }
        pairs = std::move(*planned);
    } else {
        for (const auto& name : all) pairs.push_back({name, name});
    }
    for (auto& pair : pairs) {
        const auto at = by_name.find(pair.source);
        if (at == by_name.end()) continue;
        c.tables.push_back(planned_table{std::move(pair), *at->second, {}, {}});
    }
    return true;
}

/// Primary key, or a unique key whose columns cannot be NULL.
inline bool has_row_identity(const schema::table& t) {
    return std::any_of(t.keys.begin(), t.keys.end(), [&](const schema::key& k) {
        if (k.kind == schema::key_kind::primary) return true;
        if (!k.is_unique()) return false;
        return std::all_of(k.parts.begin(), k.parts.end(), [&](const schema::key_part& part) {
            const std::size_t at = t.find_column(part.column);
            return !part.column.empty() && at != schema::npos && !t.columns[at].nullable;
        });
    });
}

inline void check_engine(source_context& c, const planned_table& t) {
    if (!c.needs_copy()) return;
    const auto kind = dump::classify_engine(t.listed.engine);
    const std::string name = quoted(t.names.source);
    if (kind == dump::engine_class::refused) {
        c.found.fail("table_schema",
                     name + " has engine " + t.listed.engine + ", whose rows cannot be copied.",
                     "Leave the table out with the block-allow-list.",
                     t.names.source);
    } else if (kind == dump::engine_class::non_transactional) {
        c.found.warn("table_schema",
                     name + " has engine " + t.listed.engine +
                         ": it is locked for writing while it is copied.",
                     "ALTER TABLE " + name + " ENGINE=InnoDB;",
                     t.names.source);
    }
}

inline result<void> read_definition(mysql::session& s, const server_kind& kind, planned_table& t) {
    auto text = dump::show_create(s, t.names.source);
    if (!text) return text.error();
    auto parsed = schema::table_from_show_create(*text, kind, t.names.source.schema);
    if (!parsed) {
        error e(parsed.error().code(),
                "The definition of " + quoted(t.names.source) +
                    " cannot be read: " + parsed.error().message());
        return e.workaround(parsed.error().workaround());
    }
    t.definition = std::move(*parsed);
    t.create_text = std::move(*text);
    return {};
}

// SHOW CREATE TABLE of each table, and what follows from it alone.
inline void check_definitions(source_context& c, progress& p) {
    if (!c.found.wanted("table_schema") && !c.found.wanted("foreign_keys") &&
        !c.found.wanted("primary_key") && !c.found.wanted("auto_increment_ID") &&
        !c.found.wanted("schema_of_shard_tables"))
        return;
    std::vector<result<void>> read(c.tables.size());
    ask_all(c.at, c.input.stop, read.size(), [&](mysql::session& s, std::size_t i) {
        read[i] = read_definition(s, c.at.facts.kind, c.tables[i]);
        p.step("table_schema");
    });
    for (std::size_t i = 0; i < read.size(); ++i) {
        const planned_table& t = c.tables[i];
        if (!read[i]) {
            const error& why = read[i].error();
            // Dropped or renamed since the list was made: the copy or the stream will see it.
            if (why.code() == errc::db_no_such_table) continue;
            if (why.info().retry == retry_class::reconnect)
                return c.found.could_not("table_schema", why);
            c.found.fail("table_schema", why.message(), why.workaround(), t.names.source);
            continue;
        }
        if (!t.definition) continue;  // not asked: the checks were stopped
        const std::string name = quoted(t.names.source);
        check_engine(c, t);
        describe(c, c.tables[i]);
        check_rules_of_rows(c, t);
        if (!has_row_identity(*t.definition)) {
            c.found.warn("table_schema",
                         name +
                             " has no primary key and no unique key without NULL: its changes "
                             "are slow to apply and its copy cannot be resumed in the middle.",
                         identity_statement(t.names.source, *t.definition),
                         t.names.source);
        }
    }
}

// Names that differ only by case are one table on a target that folds them.
inline void check_name_case(const std::vector<table_name>& names,
                            const server& target,
                            findings& found) {
    if (!target.facts.folds_names()) return;
    std::map<table_name, table_name> folded;
    for (const table_name& n : names) {
        const table_name low{fold_case(n.schema), fold_case(n.table)};
        const auto [at, fresh] = folded.emplace(low, n);
        if (!fresh && at->second != n) {
            found.fail(
                "table_schema",
                quoted(n) + " and " + quoted(at->second) +
                    " are one table on the target, which does not tell upper from lower case.",
                "Route one of them to another name.",
                n);
        }
    }
}

/// The line of a column in a CREATE TABLE; "" where it has none.
inline std::string column_line(std::string_view create, std::string_view column) {
    const std::string begin = "\n  " + quoted_identifier(column) + " ";
    const std::size_t at = create.find(begin);
    if (at == std::string_view::npos) return {};
    const std::size_t from = at + 3;
    std::string_view line = create.substr(from, create.find('\n', from) - from);
    if (line.ends_with(',')) line.remove_suffix(1);
    return std::string(line);
}

inline std::string nullable_line(std::string line) {
    const std::size_t at = line.find(" NOT NULL");
    if (at != std::string::npos) line.replace(at, 9, " NULL");
    return line;
}

/// On demand, as DM's primary_key.
inline void check_primary_keys(source_context& c) {
    c.found.run("primary_key", "every table has a primary key or a unique key without NULL", [&] {
        for (const planned_table& t : c.tables) {
            if (!t.definition || has_row_identity(*t.definition)) continue;
            const std::string name = quoted(t.names.source);
            c.found.fail("primary_key",
                         name + " has no primary key and no unique key without NULL.",
                         identity_statement(t.names.source, *t.definition),
                         t.names.source);
        }
    });
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
