// Text of MariaDB's INET4, INET6 and UUID, of the bytes that a row event has, without quotes.
#pragma once

#include <dmlib/schema/table.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

inline bool is_address(const schema::column& c) noexcept {
    using kind = schema::type_kind;
    return c.type == kind::inet4 || c.type == kind::inet6 || c.type == kind::uuid;
}

inline void append_inet4(std::string& out, std::string_view b) {
    const auto at = [&](std::size_t i) {
        return i < b.size() ? static_cast<unsigned char>(b[i]) : 0;
    };
    fmt::format_to(std::back_inserter(out), "{}.{}.{}.{}", at(0), at(1), at(2), at(3));
}
/// As MariaDB prints it: the first of the longest runs of zero groups is left out, one group too,
/// and the last four bytes are decimal behind six zero groups, or five and ffff.
inline void append_inet6(std::string& out, std::string_view b) {
    unsigned groups[8] = {};
    for (std::size_t i = 0; i < 16 && i < b.size(); ++i)
        groups[i / 2] |= static_cast<unsigned>(static_cast<unsigned char>(b[i]))
                         << (i % 2 == 0 ? 8U : 0U);
    std::size_t gap = 8;
    std::size_t gap_size = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t end = i;
        while (end < 8 && groups[end] == 0) ++end;
        if (end - i > gap_size) {
            gap = i;
            gap_size = end - i;
        }
    }
    const bool decimal = gap == 0 && (gap_size == 6 || (gap_size == 5 && groups[5] == 0xffff));
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == gap) {
            out += "::";
            i += gap_size - 1;
            continue;
        }
        if (i != 0 && i != gap + gap_size) out.push_back(':');
        if (decimal && i == 6) {
            fmt::format_to(std::back_inserter(out),
                           "{}.{}.{}.{}",
                           groups[6] >> 8,
                           groups[6] & 0xff,
                           groups[7] >> 8,
                           groups[7] & 0xff);
            break;
        }
        fmt::format_to(std::back_inserter(out), "{:x}", groups[i]);
    }
}
/// MariaDB stores a UUID with its parts turned round (time-ordered), except versions that are not
/// RFC 4122 variants 1-5 by its own rule: the stored first byte tells.
inline void append_uuid(std::string& out, std::string_view b) {
    unsigned char s[16] = {};
    for (std::size_t i = 0; i < 16 && i < b.size(); ++i) s[i] = static_cast<unsigned char>(b[i]);
    unsigned char t[16];
    const bool swapped = (s[6] & 0x80) != 0;  // variant bits stand here in the swapped form
    constexpr std::size_t order[16] = {12, 13, 14, 15, 10, 11, 8, 9, 6, 7, 0, 1, 2, 3, 4, 5};
    for (std::size_t i = 0; i < 16; ++i) t[i] = swapped ? s[order[i]] : s[i];
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
        fmt::format_to(std::back_inserter(out), "{:02x}", t[i]);
    }
}

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
