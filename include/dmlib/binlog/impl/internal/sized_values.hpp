// Stored forms whose width only the schema tells: the DECIMAL of MySQL 4.1 and older, and the
// microseconds of MariaDB 5.3 to 10.0 (and of later ones with mysql56_temporal_format=OFF).
#pragma once

#include <dmlib/binlog/impl/internal/column_values.hpp>
#include <dmlib/binlog/table_map.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline constexpr std::uint32_t max_decimal_digits = 65;

/// A DECIMAL whose width nobody told.
inline bool read_unsized(const column&, byte_cursor&, byte_arena*, value_view&) {
    return false;
}

/// The digits of a number in text: blanks, a sign, digits with or without a point.
struct decimal_text {
    std::array<std::uint8_t, max_decimal_digits> digits{};
    std::uint32_t whole = 0;
    std::uint32_t behind = 0;
    bool negative = false;

    /// False: no such number, or more digits than `scale` behind the point or 65 in all.
    bool read(byte_view text, std::uint32_t scale) noexcept {
        std::size_t at = 0;
        while (at < text.size() && text[at] == ' ') ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
        bool any = false;
        bool point = false;
        for (; at < text.size(); ++at) {
            if (text[at] == '.' && !point) {
                point = true;
                continue;
            }
            if (text[at] < '0' || text[at] > '9') return false;
            any = true;
            const auto digit = static_cast<std::uint8_t>(text[at] - '0');
            if (!point && whole == 0 && digit == 0) continue;
            if (whole + behind == max_decimal_digits || (point && behind == scale)) return false;
            digits[whole + behind] = digit;
            ++(point ? behind : whole);
        }
        return any && whole + scale <= max_decimal_digits;
    }
};

/// Writes digits in the packed form, `count` of them in groups of nine; `next()` gives the next
/// digit.
template <class Next>
std::uint8_t* pack_group(std::uint8_t* to, std::uint32_t count, Next next) noexcept {
    static constexpr std::uint8_t sizes[] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
    std::uint32_t n = 0;
    for (std::uint32_t i = 0; i < count; ++i) n = n * 10 + next();
    for (std::uint32_t size = sizes[count]; size != 0; --size)
        *to++ = static_cast<std::uint8_t>(n >> (8 * (size - 1)));
    return to;
}

/// Packs as DECIMAL(whole + scale, scale). `to` has decimal_size() bytes.
inline void pack_decimal(const decimal_text& text,
                         std::uint32_t whole,
                         std::uint32_t scale,
                         std::span<std::uint8_t> to) noexcept {
    // Zeros before the digits there are, and behind them.
    std::uint32_t place = 0;
    const std::uint32_t lead = whole - text.whole;
    const auto next = [&] {
        const std::uint32_t i = place++;
        return i < lead || i - lead >= text.whole + text.behind ? 0u : text.digits[i - lead];
    };
    std::uint8_t* at = pack_group(to.data(), whole % 9, next);
    for (std::uint32_t i = 0; i < whole / 9; ++i) at = pack_group(at, 9, next);
    for (std::uint32_t i = 0; i < scale / 9; ++i) at = pack_group(at, 9, next);
    pack_group(at, scale % 9, next);
    const bool zero = text.whole == 0 && std::all_of(text.digits.begin(),
                                                     text.digits.begin() + text.behind,
                                                     [](std::uint8_t d) { return d == 0; });
    if (text.negative && !zero) {
        for (std::uint8_t& byte : to) byte = static_cast<std::uint8_t>(~byte);
    }
    to.front() ^= 0x80;
}

/// Text, as wide as the column is shown: a place for each digit, for the point and for the sign. A
/// number without a sign may use the sign's place for a digit more than the column has.
inline bool read_old_decimal(const column& c, byte_cursor& p, byte_arena* arena, value_view& out) {
    const byte_view stored = p.bytes(c.length_bytes);
    decimal_text text;
    if (!p.ok() || arena == nullptr || !text.read(stored, c.fraction)) return false;
    const std::uint32_t whole = std::max(text.whole, c.length - c.fraction);
    const std::uint32_t digits = whole + c.fraction;
    if (digits > max_decimal_digits) return false;
    const std::size_t size = decimal_size(static_cast<int>(digits), c.fraction);
    std::uint8_t* const packed = arena->allocate(size);
    if (packed == nullptr) return false;
    pack_decimal(text, whole, c.fraction, {packed, size});
    out = value_view::make_bytes(value_kind::decimal, {packed, size});
    out.a = static_cast<std::uint8_t>(digits);
    out.b = c.fraction;
    return true;
}

/// Microseconds of a unit of the column's last digit.
inline std::uint64_t microseconds_of_unit(std::uint8_t digits) noexcept {
    static constexpr std::uint32_t units[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
    return units[digits];
}

/// Seconds and microseconds of a count of units of the column's last digit.
inline void split_units(std::uint64_t units,
                        std::uint8_t digits,
                        std::uint64_t& seconds,
                        temporal& t) {
    const std::uint64_t in_second = 1'000'000 / microseconds_of_unit(digits);
    seconds = units / in_second;
    t.microsecond = static_cast<std::uint32_t>(units % in_second * microseconds_of_unit(digits));
}

inline void split_clock(std::uint64_t seconds, temporal& t) noexcept {
    t.second = static_cast<std::uint8_t>(seconds % 60);
    t.minute = static_cast<std::uint8_t>(seconds / 60 % 60);
}

/// A big-endian count of units since just below the least TIME.
inline bool read_time_5_3(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    constexpr std::int64_t beyond = 3'020'400;  // 838:59:59 and a second
    const auto stored = static_cast<std::int64_t>(p.be(c.length_bytes));
    const auto unit = static_cast<std::int64_t>(microseconds_of_unit(c.fraction));
    const std::int64_t units = stored - beyond * (1'000'000 / unit);
    temporal t;
    std::uint64_t seconds = 0;
    t.negative = units < 0;
    split_units(static_cast<std::uint64_t>(t.negative ? -units : units), c.fraction, seconds, t);
    split_clock(seconds, t);
    t.hour = static_cast<std::uint16_t>(seconds / 3600);
    out = value_view::make_temporal(value_kind::time, t, c.fraction);
    return p.ok() && seconds < static_cast<std::uint64_t>(beyond);
}

/// A big-endian count of units since the year 0, months counted as 32 days and years as 13 months.
inline bool read_datetime_5_3(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    temporal t;
    std::uint64_t seconds = 0;
    split_units(p.be(c.length_bytes), c.fraction, seconds, t);
    split_clock(seconds, t);
    t.hour = static_cast<std::uint16_t>(seconds / 3600 % 24);
    const std::uint64_t days = seconds / 86'400;
    t.day = static_cast<std::uint8_t>(days % 32);
    t.month = static_cast<std::uint8_t>(days / 32 % 13);
    const std::uint64_t year = days / 32 / 13;
    t.year = static_cast<std::uint16_t>(year);
    out = value_view::make_temporal(value_kind::datetime, t, c.fraction);
    return p.ok() && year <= 9999;
}

/// Seconds in four bytes, then units of the column's last digit, both big-endian.
inline bool read_timestamp_5_3(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t seconds = p.be(4);
    const std::uint64_t micro = p.be(c.length_bytes - 4u) * microseconds_of_unit(c.fraction);
    out = value_view::make_timestamp(
        static_cast<std::int64_t>(seconds),
        static_cast<std::uint32_t>(std::min<std::uint64_t>(micro, 999'999)),
        c.fraction);
    return p.ok() && micro <= 999'999;
}

inline void size_temporal(column& c, std::uint8_t fraction) noexcept {
    static constexpr std::uint8_t of_fraction[] = {0, 1, 1, 2, 2, 2, 3};
    static constexpr std::uint8_t of_timestamp[] = {0, 1, 1, 2, 2, 3, 3};
    if (fraction == 0 || fraction > 6) return;
    c.fraction = fraction;
    if (c.type == column_type::time) {
        c.length_bytes = static_cast<std::uint8_t>(3 + of_fraction[fraction]);
        c.read = read_time_5_3;
    } else if (c.type == column_type::datetime) {
        c.length_bytes = static_cast<std::uint8_t>(5 + of_fraction[fraction]);
        c.read = read_datetime_5_3;
    } else {
        c.length_bytes = static_cast<std::uint8_t>(4 + of_timestamp[fraction]);
        c.read = read_timestamp_5_3;
    }
}

inline bool is_unsized(column_type type) noexcept {
    return type == column_type::decimal || type == column_type::time ||
           type == column_type::datetime || type == column_type::timestamp;
}

/// Makes a column of a table map readable by what the schema says of it.
inline void size_column(column& c, const column_facts& facts) noexcept {
    if (!is_unsized(c.type)) return;
    if (c.type != column_type::decimal) return size_temporal(c, facts.fraction);
    if (facts.digits == 0 || facts.digits > max_decimal_digits || facts.fraction > facts.digits)
        return;
    c.length = facts.digits;
    c.fraction = facts.fraction;
    c.length_bytes = static_cast<std::uint8_t>(facts.digits + (facts.fraction != 0 ? 1 : 0) +
                                               (facts.is_unsigned ? 0 : 1));
    c.read = read_old_decimal;
}

/// True where size_column would change a column.
inline bool wants_size(const column& c, const column_facts& facts) noexcept {
    return is_unsized(c.type) &&
           (c.type == column_type::decimal ? facts.digits != 0 : facts.fraction != 0);
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
