// Keys of tables that are merged: a row that its own table allows may be one too many for the
// target's table.
#pragma once

#include <dmlib/check/impl/internal/key_statements.hpp>
#include <dmlib/check/impl/internal/table_checks.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline bool same_part(const schema::key_part& a, const schema::key_part& b) {
    return schema::same_name(a.column, b.column) && a.expression == b.expression &&
           a.length == b.length;
}

/// The same rows are allowed: the order of columns does not count.
inline bool same_unique(const schema::key& a, const schema::key& b) {
    return a.parts.size() == b.parts.size() &&
           std::all_of(a.parts.begin(), a.parts.end(), [&](const schema::key_part& p) {
               return std::any_of(b.parts.begin(), b.parts.end(), [&](const schema::key_part& q) {
                   return same_part(p, q);
               });
           });
}

/// A key that allows no row that `wide` would not: its columns are among those of `wide`.
inline bool implies(const schema::key& narrow, const schema::key& wide) {
    return std::all_of(narrow.parts.begin(), narrow.parts.end(), [&](const schema::key_part& p) {
        return std::any_of(wide.parts.begin(), wide.parts.end(), [&](const schema::key_part& q) {
            return schema::same_name(p.column, q.column) && p.expression == q.expression &&
                   (!q.length || (p.length && *p.length <= *q.length));
        });
    });
}

inline std::vector<const schema::key*> unique_keys_only_in(const schema::table& a,
                                                           const schema::table& b) {
    std::vector<const schema::key*> out;
    for (const schema::key& k : a.keys) {
        if (!k.is_unique()) continue;
        const bool there = std::any_of(b.keys.begin(), b.keys.end(), [&](const schema::key& o) {
            return o.is_unique() && same_unique(k, o) &&
                   (k.kind == schema::key_kind::primary) == (o.kind == schema::key_kind::primary);
        });
        if (!there) out.push_back(&k);
    }
    return out;
}

inline std::string key_text(const schema::key& k) {
    const bool primary = k.kind == schema::key_kind::primary;
    return (primary ? "PRIMARY KEY" : "UNIQUE KEY " + quoted_identifier(k.name)) + " (" +
           key_columns(k.parts) + ")";
}

/// Whether `t` may have rows that the target's table takes for one: a unique key of the target that
/// no key of `t` stands for. Without a table there, one like the other's is made.
inline bool may_be_refused(const planned_table& t,
                           const planned_table& other,
                           const schema::table* there) {
    const schema::table& target = there != nullptr ? *there : *other.definition;
    return std::any_of(target.keys.begin(), target.keys.end(), [&](const schema::key& k) {
        if (!k.is_unique()) return false;
        schema::key own = k;  // what a route fills is the same in all rows of `t`
        std::erase_if(own.parts, [&](const schema::key_part& p) {
            return std::any_of(t.names.extracted.begin(), t.names.extracted.end(), [&](auto& x) {
                return schema::same_name(x.column, p.column);
            });
        });
        const auto& keys = t.definition->keys;
        return std::none_of(keys.begin(), keys.end(), [&](const schema::key& mine) {
            return mine.is_unique() && implies(mine, own);
        });
    });
}

/// Statements that give `t` the unique keys; "" where the columns are not there.
inline std::string add_keys(const planned_table& t, const std::vector<const schema::key*>& keys) {
    std::string out;
    for (const schema::key* k : keys) {
        const bool has_all =
            std::all_of(k->parts.begin(), k->parts.end(), [&](const schema::key_part& p) {
                return p.column.empty() || t.definition->find_column(p.column) != schema::npos;
            });
        if (!has_all) continue;
        if (k->kind == schema::key_kind::primary) {
            out += primary_key_statement(t.names.source, *t.definition, k->parts, false) + " ";
        } else {
            const bool taken = t.definition->find_key(k->name) != schema::npos;
            out += "ALTER TABLE " + quoted(t.names.source) + " ADD UNIQUE KEY " +
                   (taken ? std::string() : quoted_identifier(k->name) + " ") + "(" +
                   key_columns(k->parts) + "); ";
        }
    }
    return out;
}

inline void compare_shard_keys(const planned_table& first,
                               const planned_table& t,
                               const schema::table* there,
                               bool begins,
                               findings& found) {
    const auto missing = unique_keys_only_in(*first.definition, *t.definition);
    auto more = unique_keys_only_in(*t.definition, *first.definition);
    if (missing.empty() && more.empty()) return;
    std::string text = quoted(first.names.source) + " and " + quoted(t.names.source) + " go to " +
                       quoted(t.names.target) + " but have different keys:";
    const auto tell = [&](const planned_table& whose, const std::vector<const schema::key*>& keys) {
        for (const schema::key* k : keys)
            text += (text.ends_with(':') ? " only " : "; only ") + quoted(whose.names.source) +
                    " has " + key_text(*k);
    };
    tell(first, missing);
    tell(t, more);
    const bool refused = may_be_refused(t, first, there) || may_be_refused(first, t, there);
    const bool replaced = refused && (t.safe_mode || first.safe_mode ||
                                      (there != nullptr && dump::classify_engine(there->engine) !=
                                                               dump::engine_class::transactional));
    if (replaced) {
        text +=
            ". Rows can be lost: where two rows have one value of a unique key of the "
            "target's table, the later one takes the other's place (safe mode writes so).";
    } else if (refused) {
        text +=
            ". A row whose value of a unique key is on the target already stops the task; "
            "none is lost.";
    } else {
        text += ". No row is refused by it.";
    }
    // A primary key that takes another one's place is said once.
    if (primary_key_of(*first.definition) != nullptr)
        std::erase_if(more, [](const auto* k) { return k->kind == schema::key_kind::primary; });
    std::string statements = add_keys(t, missing) + add_keys(first, more);
    statements += statements.empty() ? "Give the tables the same keys" : "Or";
    statements += ", where values may be there twice,";
    statements.insert(0, statements.starts_with("Give") ? "" : "Where all values differ: ");
    statements += " make the target's table by hand with the keys that all of them have.";
    found.problem("schema_of_shard_tables",
                  replaced && begins ? severity::error : severity::warning,
                  std::move(text),
                  std::move(statements),
                  t.names.source);
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
