#pragma once

#include <dmlib/checkpoint/records.hpp>
#include <dmlib/model/detail/utf8.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

namespace internal {

inline constexpr std::string_view mark_of_all_versions = "\\escaped-";
inline constexpr std::string_view mark_of_escapes = "\\escaped-1:";

inline bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto c = dmlib::internal::next_utf8(text);
        if (c.size == 0) return false;
        text.remove_prefix(c.size);
    }
    return true;
}

inline std::optional<unsigned> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    return std::nullopt;
}

}  // namespace internal

DMLIB_DECL std::string storable_text(std::string text) {
    if (internal::is_utf8(text) && !text.starts_with(internal::mark_of_all_versions)) return text;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out{internal::mark_of_escapes};
    for (std::string_view rest = text; !rest.empty();) {
        const auto c = dmlib::internal::next_utf8(rest);
        if (c.size != 0) {
            out += rest.substr(0, c.size);
            if (c.point == '\\') out += '\\';
            rest.remove_prefix(c.size);
            continue;
        }
        const auto byte = static_cast<unsigned char>(rest.front());
        out += "\\x";
        out += digits[byte >> 4];
        out += digits[byte & 15];
        rest.remove_prefix(1);
    }
    return out;
}

DMLIB_DECL std::optional<std::string> stored_text(std::string text) {
    if (!text.starts_with(internal::mark_of_all_versions)) return text;
    if (!text.starts_with(internal::mark_of_escapes)) return std::nullopt;
    std::string out;
    for (std::size_t i = internal::mark_of_escapes.size(); i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '\\') {
            out += text[++i];
            continue;
        }
        if (i + 3 >= text.size() || text[i + 1] != 'x') return std::nullopt;
        const auto high = internal::hex_digit(text[i + 2]);
        const auto low = internal::hex_digit(text[i + 3]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>(*high * 16 + *low);
        i += 3;
    }
    return out;
}

DMLIB_DECL std::strong_ordering compare(const row_point& a, const row_point& b) {
    const auto by_transaction = dmlib::compare(a.transaction, b.transaction);
    if (by_transaction != std::strong_ordering::equal) return by_transaction;
    if (a.event != b.event) return a.event <=> b.event;
    return a.row <=> b.row;
}

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib
