// Statements about keys and AUTO_INCREMENT columns that a server takes as they are printed: a table
// has at most one such column, and it is the first of a key.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/schema/target_form.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline bool has_part(const std::vector<schema::key_part>& parts, std::string_view column) {
    return std::any_of(parts.begin(), parts.end(), [&](const schema::key_part& p) {
        return schema::same_name(p.column, column);
    });
}

inline std::string key_columns(const std::vector<schema::key_part>& parts) {
    std::string out;
    for (const schema::key_part& part : parts) {
        out += out.empty() ? "" : ", ";
        out += part.column.empty() ? "(" + part.expression + ")" : quoted_identifier(part.column);
        if (part.length) out += "(" + std::to_string(*part.length) + ")";
    }
    return out;
}

/// The column that counts by itself; null: none does.
inline const schema::column* counter_of(const schema::table& t) {
    const auto at = std::find_if(t.columns.begin(), t.columns.end(), [](const schema::column& c) {
        return c.auto_increment;
    });
    return at == t.columns.end() ? nullptr : &*at;
}

inline bool leads(const schema::key& k, std::string_view column) {
    return !k.parts.empty() && schema::same_name(k.parts.front().column, column);
}

/// A column's line of CREATE TABLE where it may not count by itself.
inline std::string without_counter(std::string line, std::string_view column) {
    constexpr std::string_view word = " AUTO_INCREMENT";
    const std::size_t at = line.find(word, quoted_identifier(column).size());
    if (at != std::string::npos) line.erase(at, word.size());
    return line;
}

/// " ADD COLUMN line", with the key that a counter needs; TiDB adds no counters to a table.
inline std::string add_column_clause(const schema::table& to,
                                     const schema::column& column,
                                     const std::string& line,
                                     bool tidb) {
    if (!column.auto_increment) return " ADD COLUMN " + line;
    if (tidb || counter_of(to) != nullptr)
        return " ADD COLUMN " + without_counter(line, column.name);
    return " ADD COLUMN " + line + ", ADD KEY (" + quoted_identifier(column.name) + ")";
}

/// " MODIFY COLUMN line"; what does not count by itself there does not begin to.
inline std::string modify_column_clause(const schema::column& there, const std::string& line) {
    return " MODIFY COLUMN " + (there.auto_increment ? line : without_counter(line, there.name));
}

/// Gives a table without any key that finds one row a primary key.
inline std::string identity_statement(const table_name& name, const schema::table& t) {
    const std::string alter = "ALTER TABLE " + quoted(name);
    if (const schema::column* const counter = counter_of(t))
        return alter + " ADD PRIMARY KEY (" + quoted_identifier(counter->name) + ");";
    std::string fresh = "id";
    for (int i = 2; t.find_column(fresh) != schema::npos; ++i) fresh = "id_" + std::to_string(i);
    return alter + " ADD COLUMN " + quoted_identifier(fresh) +
           " BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY;";
}

/// A key that the counter of `t` keeps when `gone` goes and `made` comes; "" where it has one.
inline std::string key_for_counter(const schema::table& t,
                                   const std::vector<const schema::key*>& gone,
                                   const std::vector<schema::key_part>& made) {
    const schema::column* const counter = counter_of(t);
    if (counter == nullptr) return {};
    if (!made.empty() && schema::same_name(made.front().column, counter->name)) return {};
    const bool stays = std::any_of(t.keys.begin(), t.keys.end(), [&](const schema::key& k) {
        return leads(k, counter->name) && std::find(gone.begin(), gone.end(), &k) == gone.end();
    });
    return stays ? std::string() : ", ADD KEY (" + quoted_identifier(counter->name) + ")";
}

inline const schema::key* primary_key_of(const schema::table& t) {
    const auto at = std::find_if(t.keys.begin(), t.keys.end(), [](const schema::key& k) {
        return k.kind == schema::key_kind::primary;
    });
    return at == t.keys.end() ? nullptr : &*at;
}

/// Gives `t`, which is called `name`, that primary key (no parts: none).
inline std::string primary_key_statement(const table_name& name,
                                         const schema::table& t,
                                         const std::vector<schema::key_part>& wanted,
                                         bool tidb) {
    const schema::key* const old = primary_key_of(t);
    const std::string columns = "PRIMARY KEY (" + key_columns(wanted) + ")";
    if (tidb && old != nullptr)
        return "make the table anew with " + (wanted.empty() ? "no primary key" : columns) +
               " (TiDB cannot change the primary key that a table's rows are stored by).";
    std::string out = "ALTER TABLE " + quoted(name);
    if (old != nullptr) out += " DROP PRIMARY KEY";
    if (!wanted.empty()) out += std::string(old != nullptr ? "," : "") + " ADD " + columns;
    return out + key_for_counter(t, {old}, wanted) + ";";
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
