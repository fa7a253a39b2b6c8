// Does a statement replace rows? Told from its text, which stands before its row events.
#pragma once

#include <dmlib/binlog/event.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// False only where the text has no word REPLACE at all: the function of that name, or a string,
/// may make it true for another statement.
inline bool may_replace(std::string_view statement) noexcept {
    constexpr std::string_view word = "replace";
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    return std::search(statement.begin(), statement.end(), word.begin(), word.end(), same) !=
           statement.end();
}

/// True where some column is in both images of an update.
inline bool share_columns(const binlog::rows_event& rows) noexcept {
    const std::size_t n = std::min(rows.before_columns.size(), rows.after_columns.size());
    for (std::size_t i = 0; i < n; ++i) {
        if ((rows.before_columns[i] & rows.after_columns[i]) != 0) return true;
    }
    return false;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
