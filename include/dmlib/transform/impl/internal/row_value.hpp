// Values, types and nodes of expression filters, and the conversions between them.
#pragma once

#include <dmlib/model/detail/text_order.hpp>
#include <dmlib/model/value.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Holds every number of an expression: up to 38 digits.
__extension__ using wide_int = __int128;
inline constexpr int max_wide_digits = 38;

enum class row_type : std::uint8_t {
    null,   ///< the literal NULL
    exact,  ///< integers and DECIMAL: a number of units of 10^-scale
    real,
    text,  ///< characters and bytes
    date,
    time,
    datetime,
};

/// Whether the server's value has as many digits behind the point as the type says: a quotient
/// depends on it. A difference, product or rounding that is 0 has none there.
enum class point_digits : std::uint8_t { always, unless_zero, unsure };

/// What is known of a node's value before any row is seen.
struct node_type {
    row_type what = row_type::null;
    bool integer = false;                       ///< exact: computed in 64 bits
    bool is_unsigned = false;                   ///< exact, as the server's item says it
    bool minus_zero = false;                    ///< exact: may be row_value::minus_zero
    bool never_negative = false;                ///< exact: a fault if it is
    point_digits point = point_digits::always;  ///< exact
    int scale = 0;                              ///< exact
    /// Exact: how many of them are not in the server's type, so that MariaDB rounds them away where
    /// it compares.
    int hidden = 0;
    /// Exact: FLOOR or CEIL of so many digits that servers differ on whether it is an integer.
    bool vague = false;
    int digits = 0;         ///< exact: at most so many, those behind the point included
    std::string charset{};  ///< text
    text_order order{};     ///< text
    /// Text: whose collation wins, the lower one's. 0 COLLATE, 2 a column's, 4 a literal's.
    int derivation = 4;
    bool literal = false;
    bool year = false;         ///< a column of YEAR
    bool enumeration = false;  ///< text of an ENUM or SET: as a number it is something else
};

/// A value of a node. `s` may point into the row, the node or `own`.
struct row_value {
    bool null = true;
    wide_int n = 0;  ///< exact; date and datetime: see pack_moment; time: microseconds
    double d = 0;
    bool minus_zero = false;  ///< MariaDB's remainder -0.00, which is below 0.00
    std::string_view s{};
    std::string own{};

    void set_exact(wide_int number) noexcept {
        null = false;
        n = number;
    }
    void set_real(double number) noexcept {
        null = false;
        d = number;
    }
    void set_text(std::string_view text) noexcept {
        null = false;
        s = text;
    }
    void set_own() noexcept { set_text(own); }
};

/// A row image and what went wrong while it was judged.
struct row_scope {
    std::span<const value_view> image;
    std::string fault{};         ///< "" = nothing
    std::string_view way_out{};  ///< of the fault, where it is not that of all
    void fail(std::string_view what, std::string_view instead = {}) {
        if (!fault.empty()) return;
        fault = what;
        way_out = instead;
    }
};

/// One operation of a compiled expression. Immutable: several threads may evaluate it.
class row_node {
public:
    row_node() = default;
    row_node(const row_node&) = delete;
    row_node& operator=(const row_node&) = delete;
    virtual ~row_node() = default;
    /// `out` is fresh.
    virtual void eval(row_scope& scope, row_value& out) const = 0;
    node_type type{};
};
using row_node_ptr = std::unique_ptr<row_node>;

inline row_value value_of(const row_node& node, row_scope& scope) {
    row_value v;
    node.eval(scope, v);
    return v;
}

inline wide_int power_of_ten(int n) noexcept {
    wide_int p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

inline std::string wide_text(wide_int n, int scale) {
    std::string digits;
    const bool negative = n < 0;
    for (int i = 0; n != 0 || i <= scale; ++i) {
        if (i == scale && scale != 0) digits.push_back('.');
        const int digit = static_cast<int>(n % 10);
        digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
        n /= 10;
    }
    if (negative) digits.push_back('-');
    return {digits.rbegin(), digits.rend()};
}

/// The units of 10^-scale that a plain number stands for; nothing where it does not fit.
inline std::optional<wide_int> parse_exact(std::string_view text, int scale) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    wide_int n = 0;
    int digits = 0;
    int behind = -1;
    for (const char c : text) {
        if (c == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        if (behind >= 0 && ++behind > scale) return std::nullopt;
        if ((n != 0 || c != '0') && ++digits > max_wide_digits) return std::nullopt;
        n = n * 10 + (c - '0');
    }
    const int missing = scale - std::max(behind, 0);
    if (n != 0 && digits + missing > max_wide_digits) return std::nullopt;
    n *= power_of_ten(n == 0 ? 0 : missing);
    return negative ? -n : n;
}

/// How the servers read a number at the beginning of a text: blanks, sign, digits, exponent; what
/// follows does not count, and nothing at all is 0.
inline double leading_number(std::string_view text) {
    std::size_t at = text.find_first_not_of(" \t\n\v\f\r");
    if (at == std::string_view::npos) return 0;
    const bool negative = text[at] == '-';
    if (negative || text[at] == '+') ++at;
    const std::size_t begin = at;
    const auto skip_digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - from;
    };
    std::size_t digits = skip_digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        digits += skip_digits();
    }
    if (digits == 0) return 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        const std::size_t mantissa_end = at++;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (skip_digits() == 0) at = mantissa_end;
    }
    double d = 0;
    const auto [end, ec] = std::from_chars(text.data() + begin, text.data() + at, d);
    if (ec == std::errc::result_out_of_range) {
        // Too large or too small for a double; the exponent says which.
        const std::size_t e = text.substr(begin, at - begin).find_first_of("eE");
        const bool small = e != std::string_view::npos ? text[begin + e + 1] == '-'
                                                       : text[begin] == '0' || text[begin] == '.';
        d = small ? 0 : std::numeric_limits<double>::max();
    }
    return negative ? -d : d;
}

inline double to_real(const node_type& type, const row_value& v) {
    if (type.what == row_type::real) return v.d;
    if (type.what == row_type::text) return leading_number(v.s);
    if (type.scale == 0) return static_cast<double>(v.n);
    return leading_number(wide_text(v.n, type.scale));
}

inline bool is_true(const node_type& type, const row_value& v) noexcept {
    return !v.null && (type.what == row_type::real ? v.d != 0 : v.n != 0);
}

/// Dates and datetimes in one order: days of months with 31 places, microseconds of the day.
inline constexpr wide_int microseconds_of_day = wide_int{86400} * 1000000;
inline wide_int pack_moment(const temporal& t) noexcept {
    const wide_int day = (wide_int{t.year} * 16 + t.month) * 32 + t.day;
    const wide_int second = (wide_int{t.hour} * 60 + t.minute) * 60 + t.second;
    return day * microseconds_of_day + second * 1000000 + t.microsecond;
}
inline temporal unpack_moment(wide_int n) noexcept {
    temporal t;
    const auto day = static_cast<std::uint32_t>(n / microseconds_of_day);
    auto rest = static_cast<std::uint64_t>(n % microseconds_of_day);
    t.year = static_cast<std::uint16_t>(day / 512);
    t.month = static_cast<std::uint8_t>(day / 32 % 16);
    t.day = static_cast<std::uint8_t>(day % 32);
    t.microsecond = static_cast<std::uint32_t>(rest % 1000000);
    rest /= 1000000;
    t.hour = static_cast<std::uint16_t>(rest / 3600);
    t.minute = static_cast<std::uint8_t>(rest / 60 % 60);
    t.second = static_cast<std::uint8_t>(rest % 60);
    return t;
}
inline wide_int pack_time(const temporal& t) noexcept {
    const wide_int n =
        ((wide_int{t.hour} * 60 + t.minute) * 60 + t.second) * 1000000 + t.microsecond;
    return t.negative ? -n : n;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
