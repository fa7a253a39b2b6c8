// Checks of tables that are merged: their structures, and counters that collide.
#pragma once

#include <dmlib/check/impl/internal/table_checks.hpp>

#include <map>
#include <memory>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline void check_counter(const planned_table& t, const table_name& target, findings& found) {
    const auto& columns = t.definition->columns;
    const auto counter = std::find_if(
        columns.begin(), columns.end(), [](const auto& col) { return col.auto_increment; });
    if (counter == columns.end()) return;
    const bool mapped =
        std::any_of(t.names.mapped.begin(), t.names.mapped.end(), [&](const std::string& name) {
            return schema::same_name(name, counter->name);
        });
    if (mapped) return;
    found.warn(
        "auto_increment_ID",
        quoted(t.names.source) + " counts " + quoted_identifier(counter->name) +
            " by itself and is merged into " + quoted(target) + ": values may collide.",
        "Map the column: column-mappings with expression \"partition id\", source-column and "
        "target-column " +
            counter->name +
            "; or make the counters disjoint and leave the "
            "check out (ignore-checking-items).",
        t.names.source);
}

/// Statements that give `t` the columns of `first`, and where asked their types; "" where nothing
/// can be said.
inline std::string one_structure(const planned_table& t, const planned_table& first, bool types) {
    std::string out;
    for (const schema::column& col : first.definition->columns) {
        if (col.hidden) continue;
        const std::size_t at = t.definition->find_column(col.name);
        const std::string wanted = column_line(first.create_text, col.name);
        if (wanted.empty()) continue;
        const char* change = nullptr;
        if (at == schema::npos) {
            change = " ADD COLUMN ";
        } else if (types && t.definition->columns[at].type != col.type) {
            change = " MODIFY COLUMN ";
        }
        if (change == nullptr) continue;
        out += "ALTER TABLE " + quoted(t.names.source) + change + wanted + "; ";
    }
    return out;
}

inline bool same_structure(const schema::table& a, const schema::table& b) {
    const auto types = [](const schema::table& x) {
        std::map<std::string, schema::type_kind> out;
        for (const auto& col : x.columns) {
            if (!col.hidden) out.emplace(upper_text(col.name), col.type);
        }
        return out;
    };
    return types(a) == types(b);
}

inline void compare_shards(const planned_table& first, const planned_table& t, findings& found) {
    if (same_structure(*first.definition, *t.definition)) return;
    std::string statements = one_structure(t, first, true) + one_structure(first, t, false);
    found.warn("schema_of_shard_tables",
               quoted(first.names.source) + " and " + quoted(t.names.source) + " go to " +
                   quoted(t.names.target) + " but have different columns.",
               statements.empty() ? "Alter them to one structure." : std::move(statements),
               t.names.source);
}

/// Several source tables into one.
inline void check_merged(std::vector<std::unique_ptr<source_context>>& sources, findings& found) {
    std::map<table_name, std::vector<const planned_table*>> by_target;
    for (const auto& c : sources) {
        for (const auto& t : c->tables) by_target[t.names.target].push_back(&t);
    }
    for (const auto& [target, list] : by_target) {
        if (list.size() < 2) continue;
        const planned_table* first = nullptr;
        for (const planned_table* t : list) {
            if (!t->definition) continue;
            if (found.wanted("auto_increment_ID")) check_counter(*t, target, found);
            if (first == nullptr) {
                first = t;
            } else if (found.wanted("schema_of_shard_tables")) {
                compare_shards(*first, *t, found);
            }
        }
    }
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
