// Checks of tables that are merged: their structures, and counters that collide.
#pragma once

#include <dmlib/check/impl/internal/merged_keys.hpp>
#include <dmlib/check/impl/internal/on_target_checks.hpp>

#include <map>
#include <memory>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// The constants that routes put into a key of the table's target.
inline std::vector<std::string> constants_in(const planned_table& t, const schema::key& key) {
    std::vector<std::string> out;
    for (const extracted_column& x : t.names.extracted) {
        const bool inside = std::any_of(key.parts.begin(), key.parts.end(), [&](const auto& part) {
            return schema::same_name(part.column, x.column);
        });
        if (inside) out.push_back(x.value);
    }
    return out;
}

/// Unique keys of the target that the counter is in, and that do not tell `t`'s rows from those of
/// another table of the list.
inline std::vector<const schema::key*> keys_that_collide(
    const planned_table& t,
    const std::vector<const planned_table*>& list,
    const schema::table& target,
    const std::string& counter) {
    std::vector<const schema::key*> out;
    for (const schema::key& key : target.keys) {
        if (!key.is_unique()) continue;
        const bool counts = std::any_of(key.parts.begin(), key.parts.end(), [&](const auto& part) {
            return schema::same_name(part.column, counter);
        });
        if (!counts) continue;
        const auto own = constants_in(t, key);
        const bool collides = std::any_of(list.begin(), list.end(), [&](const planned_table* o) {
            return o != &t && constants_in(*o, key) == own;
        });
        if (collides) out.push_back(&key);
    }
    return out;
}

/// Makes the constants of routes part of the keys; "" where they would not tell the tables apart.
inline std::string with_constants(const planned_table& t,
                                  const std::vector<const planned_table*>& list,
                                  const schema::table& target,
                                  const std::vector<const schema::key*>& keys,
                                  bool tidb) {
    const auto values = [](const planned_table& one) {
        std::vector<std::string> out;
        for (const extracted_column& x : one.names.extracted) out.push_back(x.value);
        return out;
    };
    const bool same = std::any_of(list.begin(), list.end(), [&](const planned_table* o) {
        return o != &t && values(*o) == values(t);
    });
    if (same || t.names.extracted.empty()) return {};
    const auto with = [&](const schema::key& key) {
        auto parts = key.parts;
        for (const extracted_column& x : t.names.extracted) {
            if (has_part(parts, x.column)) continue;
            schema::key_part part;
            part.column = x.column;
            parts.push_back(std::move(part));
        }
        return parts;
    };
    std::string out;
    for (const schema::key* key : keys) {
        out += out.empty() ? "" : " ";
        if (key->kind == schema::key_kind::primary) {
            out += primary_key_statement(t.names.target, target, with(*key), tidb);
            continue;
        }
        const std::string name = quoted_identifier(key->name);
        out += "ALTER TABLE " + quoted(t.names.target) + " DROP INDEX " + name +
               ", ADD UNIQUE KEY " + name + " (" + key_columns(with(*key)) + ");";
    }
    return out;
}

inline void check_counter(const planned_table& t,
                          const std::vector<const planned_table*>& list,
                          const schema::table* there,
                          bool tidb,
                          findings& found) {
    const schema::column* const counter = counter_of(*t.definition);
    if (counter == nullptr) return;
    for (const column_mapping& m : t.names.mappings) {
        if (m.kind == mapping_kind::partition_id && schema::same_name(m.column, counter->name))
            return;
    }
    const schema::table& target = there != nullptr ? *there : *t.definition;
    const auto keys = keys_that_collide(t, list, target, counter->name);
    if (there != nullptr && keys.empty()) return;
    const std::string statement = with_constants(t, list, target, keys, tidb);
    found.warn(
        "auto_increment_ID",
        quoted(t.names.source) + " counts " + quoted_identifier(counter->name) +
            " by itself and is merged into " + quoted(t.names.target) + ": values may collide.",
        (statement.empty() ? std::string()
                           : "Make what the route fills part of the target's key: " + statement +
                                 " Or map the column"),
        t.names.source);
    std::string& way_out = found.items().back().instruction;
    if (way_out.empty()) way_out = "Map the column";
    way_out +=
        ": column-mappings with expression \"partition id\", source-column and "
        "target-column " +
        counter->name +
        "; or make the counters disjoint and leave the check out "
        "(ignore-checking-items).";
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
        const std::string alter = "ALTER TABLE " + quoted(t.names.source);
        if (at == schema::npos) {
            out += alter + add_column_clause(*t.definition, col, wanted, false) + "; ";
        } else if (types && t.definition->columns[at].type != col.type) {
            out += alter + modify_column_clause(t.definition->columns[at], wanted) + "; ";
        }
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

using tables_by_target = std::map<table_name, std::vector<const planned_table*>>;

inline tables_by_target group_by_target(std::vector<std::unique_ptr<source_context>>& sources) {
    tables_by_target out;
    for (const auto& c : sources) {
        for (planned_table& t : c->tables) {
            t.safe_mode = c->source.safe_mode;
            t.copy_replaces = c->source.copy_replaces;
            out[t.names.target].push_back(&t);
        }
    }
    for (const auto& c : sources) {
        for (planned_table& t : c->tables) t.merged = out[t.names.target].size() > 1;
    }
    return out;
}

/// What the checks of merged tables need to know of the target.
struct merge_target {
    const target_definitions* tables = nullptr;  ///< those that are known; null: none
    bool tidb = false;
    bool begins = true;  ///< false: the task goes on
};

/// A copy that replaces rows takes those of one source table for those of another where their keys
/// are the same: nobody is told then.
inline void check_replaced_rows(const planned_table& t,
                                const schema::table* there,
                                findings& found) {
    const schema::table& target = there != nullptr ? *there : *t.definition;
    const bool keyed = std::any_of(
        target.keys.begin(), target.keys.end(), [](const schema::key& k) { return k.is_unique(); });
    if (!t.copy_replaces || !keyed) return;
    found.warn("schema_of_shard_tables",
               quoted(t.names.source) + " is merged into " + quoted(t.names.target) +
                   ", and its copied rows replace rows with the same key (on-duplicate-logical: "
                   "replace): rows of the other tables can be lost without a word.",
               "Remove on-duplicate-logical and on-duplicate from the block of loaders: such a "
               "row stops the task then.",
               t.names.source);
}

/// Several source tables into one.
inline void check_merged(const tables_by_target& by_target,
                         const merge_target& on_target,
                         findings& found) {
    for (const auto& [target, list] : by_target) {
        if (list.size() < 2) continue;
        const schema::table* there = nullptr;
        if (on_target.tables != nullptr) {
            const auto read = on_target.tables->find(target);
            if (read != on_target.tables->end() && read->second && *read->second)
                there = &**read->second;
        }
        const planned_table* first = nullptr;
        for (const planned_table* t : list) {
            if (!t->definition) continue;
            if (found.wanted("auto_increment_ID"))
                check_counter(*t, list, there, on_target.tidb, found);
            if (on_target.begins && found.wanted("schema_of_shard_tables"))
                check_replaced_rows(*t, there, found);
            if (first == nullptr) {
                first = t;
            } else if (found.wanted("schema_of_shard_tables")) {
                compare_shards(*first, *t, found);
                compare_shard_keys(*first, *t, there, on_target.begins, found);
            }
        }
    }
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
