// MariaDB's system-versioned tables: which rows of their row events are current.
#pragma once

#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Place of the column with the end of a row's life in a row image.
inline std::optional<std::uint32_t> row_end_place(const schema::table& t,
                                                  std::span<const std::size_t> image_columns) {
    if (!t.system_versioned) return std::nullopt;
    for (std::size_t i = 0; i < image_columns.size(); ++i) {
        if (t.columns[image_columns[i]].period == schema::row_bound::end)
            return static_cast<std::uint32_t>(i);
    }
    return std::nullopt;
}

/// The end of a current row is the type's last value: of TIMESTAMP(6) before MariaDB 11.5 in 2038,
/// since then in 2106; of transaction ids all bits.
inline bool is_current(const value_view& row_end) noexcept {
    constexpr std::int64_t last_of_31_bits = std::numeric_limits<std::int32_t>::max();
    constexpr std::int64_t last_of_32_bits = std::numeric_limits<std::uint32_t>::max();
    if (row_end.kind == value_kind::timestamp) {
        return (row_end.i == last_of_31_bits || row_end.i == last_of_32_bits) &&
               row_end.size == 999999;
    }
    if (row_end.kind == value_kind::uint64 || row_end.kind == value_kind::int64)
        return row_end.u == std::numeric_limits<std::uint64_t>::max();
    return false;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
