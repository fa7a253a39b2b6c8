// A column that a statement adds to a table of the target, and that other tables of the source with
// rows there have had before: what these rows have in it is not on the target.
#pragma once

#include <dmlib/schema/target_form.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Why the step must not run; "" where it may. `found`: the target's table before it; `of_others`:
/// columns of the other tables of the source that go there.
inline std::string lacking_column_fault(const schema::target_step& step,
                                        const schema::table& found,
                                        const std::vector<std::string>& of_others) {
    for (const schema::target_change& c : step.changes) {
        if (c.kind != schema::change_kind::add_column || found.find_column(c.name) != schema::npos)
            continue;
        const std::size_t at =
            step.wanted != nullptr ? step.wanted->find_column(c.name) : schema::npos;
        if (at != schema::npos && step.wanted->columns[at].is_generated()) continue;
        const bool theirs =
            std::any_of(of_others.begin(), of_others.end(), [&](const std::string& name) {
                return schema::same_name(name, c.name);
            });
        if (theirs)
            return fmt::format(
                "other tables of the source that go into {} have column {} already, "
                "and the target lacks it, so their rows would get the values of "
                "this statement",
                quoted(step.table),
                quoted_identifier(c.name));
    }
    return {};
}

inline constexpr std::string_view lacking_column_way_out =
    "Add the column to the target's table by hand and give the rows of these tables the values "
    "that they have on the source, or copy the tables anew; then run again.";

inline constexpr std::string_view fresh_prefix = "_dmlib_new_";

/// The table that the step is a part of building anew; without a name: none.
inline table_name built_anew(const schema::target_step& step) {
    if (!step.table.table.starts_with(fresh_prefix)) return {};
    return {step.table.schema, step.table.table.substr(fresh_prefix.size())};
}

/// What is lost where a table is built anew: columns that the target alone has, or that tables of
/// other sources have; "" where nothing is. `found`: the target's table before; `known`: columns of
/// the source's table, which are taken over.
inline std::string lost_column_fault(const schema::table& found,
                                     const std::vector<std::string>& known) {
    for (const schema::column& c : found.columns) {
        const bool taken = std::any_of(known.begin(), known.end(), [&](const std::string& name) {
            return schema::same_name(name, c.name);
        });
        if (c.hidden || taken) continue;
        return fmt::format(
            "it builds {} anew with the columns of the source's table, and column {} of the target "
            "would be gone with its values",
            quoted(found.full_name()),
            quoted_identifier(c.name));
    }
    return {};
}

inline constexpr std::string_view lost_column_way_out =
    "Leave the statement out with an event filter (action: Ignore) and change the target's table "
    "by hand; then run again.";

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
