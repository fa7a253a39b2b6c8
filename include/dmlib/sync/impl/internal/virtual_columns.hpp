// VIRTUAL columns that row images leave out although they changed.
#pragma once

#include <dmlib/dml/partial_image.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/schema/table.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Places in the row image of columns that may change without a word: MariaDB leaves VIRTUAL
/// columns that no index needs out of images that are not whole. MySQL has them where they change.
inline std::vector<std::uint32_t> uncertain_places(const server_kind& source,
                                                   const schema::table& t,
                                                   std::span<const std::size_t> image_columns) {
    std::vector<std::uint32_t> out;
    if (source.flavor != flavor::mariadb) return out;
    for (std::size_t i = 0; i < image_columns.size(); ++i) {
        if (t.columns[image_columns[i]].generated == schema::generated_kind::virtual_column)
            out.push_back(static_cast<std::uint32_t>(i));
    }
    return out;
}

/// dml::complete_after, but what is not known to be as before stays absent.
inline void complete_after(std::span<const std::uint32_t> uncertain,
                           std::span<const value_view> before,
                           std::span<value_view> after) {
    std::vector<std::uint32_t> gaps;
    for (const std::uint32_t i : uncertain) {
        if (i < after.size() && after[i].is_absent()) gaps.push_back(i);
    }
    dml::complete_after(before, after);
    for (const std::uint32_t i : gaps) after[i] = {};
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
