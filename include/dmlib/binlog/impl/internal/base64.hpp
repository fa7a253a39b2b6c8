#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// Appends base64; `line_break` goes between lines of `line` characters (0: one line).
inline void append_base64(std::string& out,
                          byte_view bytes,
                          std::size_t line = 0,
                          std::string_view line_break = {}) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::size_t column = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        if (line != 0 && column == line) {
            out += line_break;
            column = 0;
        }
        column += 4;
        const std::size_t left = bytes.size() - i;
        std::uint32_t n = std::uint32_t{bytes[i]} << 16;
        if (left > 1) n |= std::uint32_t{bytes[i + 1]} << 8;
        if (left > 2) n |= bytes[i + 2];
        out.push_back(digits[n >> 18]);
        out.push_back(digits[(n >> 12) & 63]);
        out.push_back(left > 1 ? digits[(n >> 6) & 63] : '=');
        out.push_back(left > 2 ? digits[n & 63] : '=');
    }
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
