// Small readers of what servers answer.
#pragma once

#include <dmlib/core/config.hpp>

#include <charconv>
#include <cstdint>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump::internal {

/// Leading digits as a number; 0 where there are none (NULL in a server's answer).
inline std::uint64_t to_number(std::string_view text) noexcept {
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

}  // namespace dump::internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
