// Columns of the target that cannot hold what the source's can.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/dml/value_fit.hpp>

#include <algorithm>
#include <functional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// `line`: a column of the source as the target's CREATE TABLE has it; "" where it is not known.
inline void check_widths(const planned_table& t,
                         const schema::table& there,
                         const std::function<std::string(const std::string&)>& line,
                         findings& found) {
    for (const schema::column& col : t.definition->columns) {
        const std::size_t at = col.hidden ? schema::npos : there.find_column(col.name);
        if (at == schema::npos || there.columns[at].is_generated()) continue;
        const auto is_it = [&](const column_mapping& m) {
            return schema::same_name(m.column, col.name);
        };
        if (std::any_of(t.names.mappings.begin(), t.names.mappings.end(), is_it)) continue;
        const auto fit = dml::value_fit::between(col, there.columns[at]);
        if (!fit) continue;
        const std::string text = line(col.name);
        const std::string name = quoted(t.names.target);
        const std::string which =
            fit->keeps_none() ? "The first row with a value in it stops the task."
            : fit->crosses()  ? "The first row with a value that would be another one there stops "
                                "the task."
                              : "The first row with a value that does not fit stops the task.";
        found.warn("table_schema",
                   "The target's table " + name +
                       " does not hold every value of the source: " + fit->text() + ". " + which,
                   text.empty() ? "Make the column as wide as the source's."
                                : "ALTER TABLE " + name +
                                      modify_column_clause(there.columns[at], text) + ";",
                   t.names.source);
    }
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
