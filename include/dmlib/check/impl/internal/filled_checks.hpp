// Checks of the target's columns that rules fill or change: constants of routes, mapped values.
#pragma once

#include <dmlib/check/impl/internal/table_checks.hpp>
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/schema/target_form.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline std::size_t characters_of(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

inline bool has_length(const schema::column& c) noexcept {
    return c.length && (c.type == schema::type_kind::varchar || c.type == schema::type_kind::char_);
}

/// The statement that gives the target's table the column as it is in `wanted`.
inline std::string modify_statement(const planned_table& t,
                                    const schema::table& wanted,
                                    const std::string& column,
                                    bool exists,
                                    const schema::target_facts& form) {
    const std::string create = schema::create_statement(wanted, form);
    const std::string target = quoted(t.names.target);
    if (exists)
        return "ALTER TABLE " + target + " MODIFY COLUMN " + column_line(create, column) + ";";
    const std::string schema_name = quoted_identifier(t.names.target.schema);
    return "Make the table on the target with a larger column: CREATE DATABASE IF NOT EXISTS " +
           schema_name + "; USE " + schema_name + "; " + create + ";";
}

/// A constant that the column would not show again as it is.
inline void check_extracted_value(const planned_table& t,
                                  const schema::table& there,
                                  const extracted_column& x,
                                  const schema::target_facts& form,
                                  findings& found) {
    const std::size_t at = there.find_column(x.column);
    const schema::column& column = there.columns[at];
    if (!dml::filled_fault(x.value, column, t.names.source, t.names.target)) return;
    constexpr std::uint64_t roomy = 255;
    schema::table wanted = there;
    schema::column& wide = wanted.columns[at];
    if (!has_length(column)) {
        schema::column made;
        made.name = column.name;
        made.nullable = column.nullable;
        made.charset = wanted.charset;
        made.collation = wanted.collation;
        wide = std::move(made);
    }
    wide.type = schema::type_kind::varchar;
    wide.length = std::max<std::uint64_t>(roomy, characters_of(x.value));
    const bool ascii =
        std::all_of(x.value.begin(), x.value.end(), [](char c) { return (c & 0x80) == 0; });
    if (!ascii) {
        wide.charset = "utf8mb4";
        wide.collation = "utf8mb4_bin";
    }
    found.fail(
        "table_schema",
        "Column " + quoted_identifier(x.column) + " of the target's table " +
            quoted(t.names.target) + " is " + schema::column_type_text(column, {}) +
            ", which does not keep " + quoted_literal(x.value) +
            " as it is; a route puts that there. Rows that an earlier version of dmlib wrote "
            "have what the column made of it: give them the whole value once the column "
            "takes it.",
        modify_statement(t, wanted, column.name, true, form),
        t.names.source);
    found.place(t.names.route);
}

/// Columns that routes fill have to be on the target, and free; `create` makes a table that is not
/// there.
inline void check_extracted(const planned_table& t,
                            const schema::table* there,
                            const std::string& create,
                            const schema::target_facts& form,
                            findings& found) {
    const std::string target = quoted(t.names.target);
    const std::string schema_name = quoted_identifier(t.names.target.schema);
    std::string names;
    std::string statements;
    for (const extracted_column& x : t.names.extracted) {
        const std::string name = quoted_identifier(x.column);
        const std::string add =
            "ALTER TABLE " + target + " ADD COLUMN " + name + " VARCHAR(255) NOT NULL DEFAULT '';";
        if (t.definition->find_column(x.column) != schema::npos) {
            found.fail("table_schema",
                       "A route fills column " + name + " of the target's table " + target +
                           ", which the source's " + quoted(t.names.source) + " has, too.",
                       "Name another column as target-column of the route's extract-table, "
                       "extract-schema or extract-source, and let the target have it.",
                       t.names.source);
            found.place(t.names.route);
            continue;
        }
        const std::size_t at = there == nullptr ? schema::npos : there->find_column(x.column);
        if (at != schema::npos && there->columns[at].is_generated()) {
            found.fail("table_schema",
                       "The target's table " + target + " computes column " + name +
                           " by itself, which a route fills.",
                       "ALTER TABLE " + target + " DROP COLUMN " + name + "; " + add,
                       t.names.source);
            found.place(t.names.route);
            continue;
        }
        if (at != schema::npos) {
            check_extracted_value(t, *there, x, form, found);
            continue;
        }
        names += (names.empty() ? "" : ", ") + name;
        statements += (statements.empty() ? "" : " ") + add;
    }
    if (names.empty()) return;
    if (there == nullptr) {
        statements = "CREATE DATABASE IF NOT EXISTS " + schema_name + "; USE " + schema_name +
                     "; " + create + "; " + statements;
    }
    found.fail("table_schema",
               "The target's table " + target +
                   (there == nullptr ? " is not there, and has to be, with " : " lacks ") + names +
                   ", which a route fills (extract-table, extract-schema, extract-source).",
               statements,
               t.names.source);
    found.place(t.names.route);
}

/// Partition ids have 63 bits: the target's column has to be a BIGINT.
inline void check_id_width(const planned_table& t,
                           const column_mapping& m,
                           schema::table there,
                           bool exists,
                           const schema::target_facts& form,
                           findings& found) {
    schema::column& column = there.columns[there.find_column(m.column)];
    if (!column.is_integer() || column.type == schema::type_kind::bigint) return;
    column.type = schema::type_kind::bigint;
    column.length.reset();
    found.fail("table_schema",
               "column " + quoted_identifier(m.column) + " of the target's table " +
                   quoted(t.names.target) + (exists ? " is" : " would be") +
                   " too small for the numbers of partition id, which have 63 bits.",
               modify_statement(t, there, column.name, exists, form),
               t.names.source);
    found.place(m.place);
}

/// A text of the source and what the rule adds.
inline void check_text_width(const planned_table& t,
                             const column_mapping& m,
                             schema::table there,
                             bool exists,
                             const schema::target_facts& form,
                             findings& found) {
    const std::size_t own = t.definition->find_column(m.column);
    schema::column& column = there.columns[there.find_column(m.column)];
    if (own == schema::npos || !has_length(column) || !has_length(t.definition->columns[own]))
        return;
    const std::uint64_t longest = *t.definition->columns[own].length + characters_of(m.text);
    if (longest <= *column.length) return;
    const std::string room = std::to_string(*column.length);
    if (longest > 255) column.type = schema::type_kind::varchar;
    column.length = longest;
    found.warn("table_schema",
               "column-mappings " + m.rule + ": column " + quoted_identifier(m.column) +
                   " of the target's table " + quoted(t.names.target) +
                   (exists ? " holds " : " would hold ") + room + " characters, and values of " +
                   quoted(t.names.source) + " have up to " + std::to_string(longest) +
                   " with the text that is added: the task stops at the first that is too long.",
               modify_statement(t, there, column.name, exists, form),
               t.names.source);
    found.place(m.place);
}

/// `there`: the target's table, or what the copy would make of it.
inline void check_mapped_width(const planned_table& t,
                               const schema::table& there,
                               bool exists,
                               const schema::target_facts& form,
                               findings& found) {
    for (const column_mapping& m : t.names.mappings) {
        if (there.find_column(m.column) == schema::npos) continue;
        if (m.kind == mapping_kind::partition_id) {
            check_id_width(t, m, there, exists, form, found);
        } else {
            check_text_width(t, m, there, exists, form, found);
        }
    }
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
