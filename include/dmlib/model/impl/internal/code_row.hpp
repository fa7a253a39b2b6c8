// What the generated tables of charsets are made of.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Stands in a row for a code that is no character. No charset has it in a code of up to three
/// bytes.
inline constexpr char16_t no_character = 0xfffd;

/// The characters of the codes that begin with `lead` (0: of one byte), for the last bytes
/// `first`, `first` + 1, ...
struct code_row {
    template <std::size_t N>
    constexpr code_row(std::uint16_t l, std::uint8_t f, const char16_t (&text)[N]) noexcept
        : lead(l), first(f), characters(text, N - 1) {}
    std::uint16_t lead;
    std::uint8_t first;
    std::u16string_view characters;
};

/// `count` codes of four bytes, from the one with the number `first`, are the characters from
/// `point` on.
struct code_run {
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t point;
};

/// Rows `begin` to `end`, sorted by lead; the first one is of single bytes.
struct charset_rows {
    std::string_view charset;
    std::uint16_t begin;
    std::uint16_t end;
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
