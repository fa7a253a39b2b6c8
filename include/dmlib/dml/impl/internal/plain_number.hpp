// A number's text without what does not count: signs of zero, zeros around the digits, exponents.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

/// 0.DIGITS times ten to the power of `point`; no digits: zero.
struct plain_number {
    bool negative = false;
    std::string digits;
    int point = 0;
    bool operator==(const plain_number&) const = default;

    /// Digits in front of the point, and behind it.
    std::size_t whole() const noexcept { return point > 0 ? static_cast<std::size_t>(point) : 0; }
    std::size_t fraction() const noexcept {
        const int n = static_cast<int>(digits.size()) - point;
        return n > 0 ? static_cast<std::size_t>(n) : 0;
    }

    /// "-12.50", "1e-7", "007".
    static plain_number of(std::string_view text) {
        plain_number out;
        if (text.starts_with('-') || text.starts_with('+')) {
            out.negative = text.front() == '-';
            text.remove_prefix(1);
        }
        const std::size_t e = text.find_first_of("eE");
        if (e != std::string_view::npos) {
            const char* begin = text.data() + e + 1;
            const char* const end = text.data() + text.size();
            if (begin != end && *begin == '+') ++begin;
            std::from_chars(begin, end, out.point);
            text = text.substr(0, e);
        }
        const std::size_t dot = text.find('.');
        const std::string_view whole = text.substr(0, dot);
        out.digits = whole;
        if (dot != std::string_view::npos) out.digits += text.substr(dot + 1);
        out.point += static_cast<int>(whole.size());
        const std::size_t zeros = out.digits.find_first_not_of('0');
        if (zeros == std::string::npos) return {};
        out.digits.erase(0, zeros);
        out.point -= static_cast<int>(zeros);
        out.digits.erase(out.digits.find_last_not_of('0') + 1);
        return out;
    }
};

/// As a FLOAT (T = float) or DOUBLE holds it; nothing of the number where it is out of range.
template <class T>
plain_number as_real(std::string_view text) {
    T real{};
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), real);
    if (read.ec != std::errc{}) return {};
    char shortest[64];
    const auto end = std::to_chars(shortest, shortest + sizeof shortest, real).ptr;
    return plain_number::of({shortest, static_cast<std::size_t>(end - shortest)});
}

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
