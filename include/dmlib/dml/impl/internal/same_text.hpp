// Which texts a column of numbers, times, members or addresses shows again as they were stored.
// Servers take many more ("1.6", " 7", "20240101", "A"), and store something else.
#pragma once

#include <dmlib/dml/impl/internal/address_text.hpp>
#include <dmlib/dml/impl/internal/plain_number.hpp>
#include <dmlib/schema/table.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

inline bool all_digits(std::string_view text) noexcept {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "-12.50": no sign of plus, no exponent, no needless zero in front, no "-0". So it may stand in a
/// statement without quotes.
inline bool is_plain_number(std::string_view text) noexcept {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (negative && text.find_first_not_of("0.") == std::string_view::npos) return false;
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    if (!all_digits(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
    return point == std::string_view::npos || all_digits(text.substr(point + 1));
}

inline std::size_t fraction_of(std::string_view text) noexcept {
    const std::size_t point = text.find('.');
    return point == std::string_view::npos ? 0 : text.size() - point - 1;
}

/// A FLOAT keeps six digits of each number, a DOUBLE fifteen, or more of some. Servers agree about
/// what they show for 1e-14 to 1e15.
inline bool shows_real(std::string_view text, const schema::column& c) {
    const bool is_float = c.type == schema::type_kind::float_;
    const plain_number n = plain_number::of(text);
    // Of a FLOAT(7,2) servers show 1.50, TiDB shows 1.5.
    if (text.find('.') != std::string_view::npos && text.back() == '0') return false;
    if (c.decimals) {
        return fraction_of(text) == *c.decimals && n.digits.size() <= (is_float ? 6U : 15U);
    }
    if (n.digits.empty()) return true;
    if (n.point > 15 || n.point < -13) return false;
    return is_float ? n.digits.size() <= 6 : as_real<double>(text) == n;
}

/// Digits and separators: '0' stands for a digit.
inline bool has_shape(std::string_view text, std::string_view shape) noexcept {
    return text.size() == shape.size() &&
           std::equal(text.begin(), text.end(), shape.begin(), [](char c, char s) {
               return s == '0' ? c >= '0' && c <= '9' : c == s;
           });
}

inline bool has_fraction(std::string_view text, std::size_t digits) noexcept {
    if (digits == 0) return text.empty();
    return text.size() == digits + 1 && text.front() == '.' && all_digits(text.substr(1));
}

inline bool shows_clock(std::string_view text, std::size_t digits) noexcept {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (negative && text.find_first_not_of("0:.") == std::string_view::npos) return false;
    const std::size_t hours = text.find(':');
    if (hours != 2 && (hours != 3 || text.front() == '0')) return false;
    const std::string_view shape = hours == 2 ? "00:00:00" : "000:00:00";
    if (!has_shape(text.substr(0, shape.size()), shape)) return false;
    if (hours == 3 && text.substr(0, shape.size()) > "838:59:59") return false;
    if (text[hours + 1] > '5' || text[hours + 4] > '5') return false;
    return has_fraction(text.substr(shape.size()), digits);
}

inline bool shows_moment(std::string_view text, const schema::column& c) noexcept {
    using kind = schema::type_kind;
    if (c.type == kind::time) return shows_clock(text, c.fraction_digits);
    if (c.type == kind::date) return has_shape(text, "0000-00-00");
    constexpr std::string_view shape = "0000-00-00 00:00:00";
    if (!has_shape(text.substr(0, shape.size()), shape)) return false;
    return has_fraction(text.substr(shape.size()), c.fraction_digits);
}

/// Members of a SET in the order of its definition, each once.
inline bool shows_members(std::string_view text, const schema::column& c) {
    if (c.type == schema::type_kind::enum_)
        return std::find(c.members.begin(), c.members.end(), text) != c.members.end();
    if (text.empty()) return true;
    auto next = c.members.begin();
    for (;;) {
        const std::size_t comma = text.find(',');
        next = std::find(next, c.members.end(), text.substr(0, comma));
        if (next == c.members.end()) return false;
        if (comma == std::string_view::npos) return true;
        text.remove_prefix(comma + 1);
        ++next;
    }
}

/// The bytes of an address as INET6 has them; nothing where it is none.
inline std::optional<std::string> inet6_bytes(std::string_view text) {
    std::array<unsigned, 8> groups{};
    std::size_t n = 0;
    std::optional<std::size_t> gap;
    const auto refused = std::optional<std::string>{};
    while (!text.empty()) {
        if (text.starts_with("::")) {
            if (gap) return refused;
            gap = n;
            text.remove_prefix(2);
            continue;
        }
        if (text.front() == ':') {
            if (n == 0) return refused;
            text.remove_prefix(1);
        }
        const std::string_view part = text.substr(0, text.find(':'));
        const bool decimal = part.find('.') != std::string_view::npos;
        if (n + (decimal ? 2 : 1) > groups.size()) return refused;
        std::string_view left = part;
        std::array<unsigned, 4> bytes{};
        for (std::size_t i = 0; i < (decimal ? 4U : 1U); ++i) {
            const auto read = std::from_chars(
                left.data(), left.data() + left.size(), bytes[i], decimal ? 10 : 16);
            if (read.ec != std::errc{} || bytes[i] > (decimal ? 0xffU : 0xffffU)) return refused;
            left.remove_prefix(static_cast<std::size_t>(read.ptr - left.data()));
            if (decimal && i < 3) {
                if (!left.starts_with('.')) return refused;
                left.remove_prefix(1);
            }
        }
        if (!left.empty()) return refused;
        groups[n++] = decimal ? bytes[0] << 8U | bytes[1] : bytes[0];
        if (decimal) groups[n++] = bytes[2] << 8U | bytes[3];
        text.remove_prefix(part.size());
    }
    if (!gap && n != groups.size()) return refused;
    if (gap) std::rotate(groups.begin() + *gap, groups.begin() + n, groups.end());
    std::string out;
    for (const unsigned group : groups) {
        out += static_cast<char>(group >> 8U);
        out += static_cast<char>(group & 0xffU);
    }
    return out;
}

inline bool shows_address(std::string_view text, const schema::column& c) {
    using kind = schema::type_kind;
    if (c.type == kind::uuid) {
        constexpr std::string_view shape = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
        return text.size() == shape.size() &&
               std::equal(text.begin(), text.end(), shape.begin(), [](char x, char s) {
                   return s == '-' ? x == '-' : (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f');
               });
    }
    std::string shown;
    if (c.type == kind::inet4) {
        const auto bytes = inet6_bytes("::" + std::string(text));
        if (!bytes || text.find(':') != std::string_view::npos) return false;
        append_inet4(shown, std::string_view(*bytes).substr(12));
    } else {
        const auto bytes = inet6_bytes(text);
        if (!bytes) return false;
        append_inet6(shown, *bytes);
    }
    return shown == text;
}

/// Texts of numbers; whether they are in range is asked elsewhere.
inline bool shows_number(std::string_view text, const schema::column& c) {
    using kind = schema::type_kind;
    if (c.type == kind::year) return text.size() == 4 && all_digits(text);
    // TiDB shows the zeros in some places, not in others.
    if (c.zerofill && (!c.is_integer() || text.size() < c.length.value_or(0))) return false;
    if (!is_plain_number(text)) return false;
    if (c.type == kind::decimal) return fraction_of(text) == c.decimals.value_or(0);
    if (c.type == kind::float_ || c.type == kind::double_) return shows_real(text, c);
    return fraction_of(text) == 0;
}

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
