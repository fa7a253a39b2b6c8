// Changes that a target's UPDATE does not see (column_writer::looks_unchanged).
#pragma once

#include <dmlib/dml/partial_image.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <algorithm>
#include <span>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

/// A column whose change the target's UPDATE does not see; null where there is none.
inline const written_column* unnoticed_change(const table_plan& plan,
                                              std::span<const value_view> before,
                                              std::span<const value_view> after) noexcept {
    if (!plan.any_enum) return nullptr;
    for (const auto& c : plan.columns) {
        if (c.writer.looks_unchanged(before[c.image_column], after[c.image_column])) return &c;
    }
    return nullptr;
}

/// True where the row is found by that column.
inline bool finds_by(const table_plan& plan,
                     std::span<const value_view> before,
                     const written_column& c) noexcept {
    const auto finder = finder_for(plan, before);
    return std::any_of(finder.begin(), finder.end(), [&](std::uint32_t index) {
        return &plan.columns[index] == &c;
    });
}

/// As SQL: a value that differs from the old and the new one.
inline std::string other_member(const written_column& c) {
    const std::size_t member = c.writer.named_member();
    return member == 0 ? "NULL" : std::to_string(member);
}

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
