#pragma once

#include <dmlib/model/detail/utf8.hpp>
#include <dmlib/model/impl/internal/code_table.hpp>
#include <dmlib/model/transcode.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {

namespace internal {

/// A character and how many bytes of the text it takes; 0: the bytes are none.
struct decoded_character {
    char32_t point = 0;
    std::size_t size = 0;
};

inline void append_point(std::string& out, char32_t c) {
    const auto rest = [&](unsigned shift) {
        out.push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3f)));
    };
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xc0 | (c >> 6)));
        rest(0);
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xe0 | (c >> 12)));
        rest(6);
        rest(0);
    } else {
        out.push_back(static_cast<char>(0xf0 | (c >> 18)));
        rest(12);
        rest(6);
        rest(0);
    }
}

inline std::uint8_t byte_at(std::string_view s, std::size_t i) noexcept {
    return static_cast<std::uint8_t>(s[i]);
}

/// The rows of a charset's codes; empty where there are none.
inline std::span<const code_row> find_code_rows(std::string_view charset) noexcept {
    const auto* at = std::lower_bound(
        std::begin(charset_rows_table),
        std::end(charset_rows_table),
        charset,
        [](const charset_rows& r, std::string_view name) { return r.charset < name; });
    if (at == std::end(charset_rows_table) || at->charset != charset) return {};
    return std::span(code_rows).subspan(at->begin, static_cast<std::size_t>(at->end - at->begin));
}

inline char16_t character_of(const code_row& row, std::uint8_t last) noexcept {
    const auto at = static_cast<std::size_t>(last - row.first);
    return last >= row.first && at < row.characters.size() ? row.characters[at] : no_character;
}
inline char16_t character_of(std::span<const code_row> rows,
                             std::uint16_t lead,
                             std::uint8_t last) noexcept {
    const auto at =
        std::lower_bound(rows.begin(), rows.end(), lead, [](const code_row& r, std::uint16_t l) {
            return r.lead < l;
        });
    return at != rows.end() && at->lead == lead ? character_of(*at, last) : no_character;
}

/// gb18030 numbers its codes of four bytes: 81-FE, 30-39, 81-FE, 30-39.
inline decoded_character four_byte_character(std::string_view s) noexcept {
    if (s.size() < 4) return {};
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint8_t low = i % 2 == 0 ? 0x81 : 0x30;
        const std::uint8_t high = i % 2 == 0 ? 0xfe : 0x39;
        const std::uint8_t b = byte_at(s, i);
        if (b < low || b > high) return {};
        number = number * (high - low + 1U) + (b - low);
    }
    const auto* at =
        std::upper_bound(std::begin(four_byte_runs),
                         std::end(four_byte_runs),
                         number,
                         [](std::uint32_t n, const code_run& r) { return n < r.first; });
    if (at == std::begin(four_byte_runs)) return {};
    --at;
    if (number - at->first >= at->count) return {};
    return {at->point + (number - at->first), 4};
}

/// The first character of a text that is not empty.
inline decoded_character next_coded(std::span<const code_row> rows,
                                    bool four_bytes,
                                    std::string_view s) noexcept {
    const std::uint8_t b = byte_at(s, 0);
    if (const char16_t c = character_of(rows.front(), b); c != no_character) return {c, 1};
    if (s.size() < 2) return {};
    const std::uint8_t next = byte_at(s, 1);
    if (const char16_t c = character_of(rows, b, next); c != no_character) return {c, 2};
    if (four_bytes) return four_byte_character(s);
    if (s.size() < 3) return {};
    const auto lead = static_cast<std::uint16_t>(b << 8 | next);
    if (const char16_t c = character_of(rows, lead, byte_at(s, 2)); c != no_character)
        return {c, 3};
    return {};
}

/// The first character of a text of ucs2, utf16, utf16le or utf32.
inline decoded_character next_wide(std::string_view charset, std::string_view s) noexcept {
    const bool utf32 = charset == "utf32";
    const auto unit = [&](std::size_t at) {
        const std::uint32_t a = byte_at(s, at);
        const std::uint32_t b = byte_at(s, at + 1);
        return charset == "utf16le" ? b << 8 | a : a << 8 | b;
    };
    if (s.size() < (utf32 ? 4U : 2U)) return {};
    if (utf32) {
        const std::uint32_t c = unit(0) << 16 | unit(2);
        return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? decoded_character{}
                                                           : decoded_character{c, 4};
    }
    const std::uint32_t high = unit(0);
    if (high < 0xd800 || high >= 0xe000) return {high, 2};
    if (charset == "ucs2" || high >= 0xdc00 || s.size() < 4) return {};
    const std::uint32_t low = unit(2);
    if (low < 0xdc00 || low >= 0xe000) return {};
    return {0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 4};
}

inline error no_such_character(std::string_view bytes, std::size_t at, std::string_view charset) {
    std::string hex;
    for (const char c : bytes.substr(at, 4))
        fmt::format_to(std::back_inserter(hex), "{:02X}", static_cast<unsigned char>(c));
    return error{
        errc::db_data_too_long,
        fmt::format("the bytes 0x{}{} at {} begin with no character that charset {} shares "
                    "with Unicode",
                    hex,
                    bytes.size() - at > 4 ? ".." : "",
                    at,
                    charset)};
}

/// Appends the code of a character; false where there is none, or no single one.
inline bool append_code(std::string& out, std::span<const code_row> rows, std::uint32_t point) {
    const code_row* found = nullptr;
    std::size_t place = 0;
    for (const code_row& row : rows) {
        if (point > 0xffff) break;
        const std::size_t at = row.characters.find(static_cast<char16_t>(point));
        if (at == std::u16string_view::npos) continue;
        // One byte is what a server writes for a letter of ASCII.
        if (found != nullptr && point < 0x80 && found->lead == 0) break;
        if (found != nullptr) return false;
        if (row.characters.find(static_cast<char16_t>(point), at + 1) != std::u16string_view::npos)
            return false;
        found = &row;
        place = at;
    }
    if (found == nullptr) {
        if (point >= 0x80) return false;
        out += static_cast<char>(point);
        return true;
    }
    if (found->lead > 0xff) out += static_cast<char>(found->lead >> 8);
    if (found->lead != 0) out += static_cast<char>(found->lead & 0xff);
    out += static_cast<char>(found->first + place);
    return true;
}

inline bool is_unicode_or_bytes(std::string_view charset) noexcept {
    return charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "binary";
}

}  // namespace internal

DMLIB_DECL result<std::string> from_utf8(std::string_view text, std::string_view charset) {
    if (internal::is_unicode_or_bytes(charset)) return std::string(text);
    const auto rows = internal::find_code_rows(charset);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto c = internal::next_utf8(text.substr(at));
        if (rows.empty() || c.size == 0 || !internal::append_code(out, rows, c.point))
            return error{errc::db_data_too_long,
                         fmt::format("character {} of a text has no code in charset {}, or several",
                                     at + 1,
                                     charset)};
        at += c.size;
    }
    return out;
}

DMLIB_DECL result<std::string> to_utf8(std::string_view bytes, std::string_view charset) {
    if (internal::is_unicode_or_bytes(charset)) return std::string(bytes);
    const bool wide = charset.starts_with("utf16") || charset == "ucs2" || charset == "utf32";
    const auto rows = internal::find_code_rows(charset);
    if (!wide && rows.empty())
        return error{
            errc::db_data_too_long,
            fmt::format("characters of charset {} cannot be converted for this target", charset)};
    const bool four_bytes = charset == "gb18030";
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    for (std::size_t at = 0; at < bytes.size();) {
        const auto rest = bytes.substr(at);
        const auto c = wide ? internal::next_wide(charset, rest)
                            : internal::next_coded(rows, four_bytes, rest);
        if (c.size == 0) return internal::no_such_character(bytes, at, charset);
        internal::append_point(out, c.point);
        at += c.size;
    }
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
