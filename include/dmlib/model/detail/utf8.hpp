// Steps through UTF-8.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// One step through a text: a character's number and its bytes.
struct text_character {
    std::uint32_t point = 0;
    std::uint32_t size = 0;  ///< 0: bytes that are no character
};

/// The character that `s`, which is not empty, begins with.
inline text_character next_utf8(std::string_view s) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::uint32_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || s.size() < size) return {};
    std::uint32_t point = first & (0x7fU >> size);
    for (std::uint32_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        point = (point << 6) | (byte(i) & 0x3f);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool broken =
        point < least[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000);
    return broken ? text_character{} : text_character{point, size};
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
