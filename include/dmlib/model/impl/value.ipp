#pragma once

#include <dmlib/model/value.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

// Bytes that 0..9 decimal digits take in a packed decimal.
inline constexpr std::uint8_t decimal_digit_bytes[10] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

inline bool has_bytes(value_kind k) noexcept {
    return k == value_kind::bytes || k == value_kind::json || k == value_kind::json_diff ||
           k == value_kind::decimal || k == value_kind::text;
}

/// Appends `n` with at least `width` digits.
inline void append_padded(std::string& out, std::uint64_t n, int width) {
    char digits[20];
    int used = 0;
    do {
        digits[used++] = static_cast<char>('0' + n % 10);
        n /= 10;
    } while (n != 0);
    if (used < width) out.append(static_cast<std::size_t>(width - used), '0');
    while (used > 0) out.push_back(digits[--used]);
}

/// The point and `digits` digits of a fraction given in microseconds.
inline void append_fraction(std::string& out, std::uint32_t microsecond, int digits) {
    if (digits <= 0) return;
    if (digits > 6) digits = 6;
    std::uint32_t n = microsecond;
    for (int i = digits; i < 6; ++i) n /= 10;
    out.push_back('.');
    append_padded(out, n, digits);
}

inline void append_date(std::string& out, const temporal& t) {
    append_padded(out, t.year, 4);
    out.push_back('-');
    append_padded(out, t.month, 2);
    out.push_back('-');
    append_padded(out, t.day, 2);
}

inline void append_clock(std::string& out, const temporal& t, int digits) {
    append_padded(out, t.hour, 2);
    out.push_back(':');
    append_padded(out, t.minute, 2);
    out.push_back(':');
    append_padded(out, t.second, 2);
    append_fraction(out, t.microsecond, digits);
}

/// Civil date of a number of days since 1970-01-01 (Howard Hinnant's algorithm).
inline temporal civil_from_days(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const auto day_of_era = static_cast<std::uint32_t>(days - era * 146097);
    const std::uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::uint32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint32_t shifted_month = (5 * day_of_year + 2) / 153;
    temporal t;
    t.day = static_cast<std::uint8_t>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    t.month = static_cast<std::uint8_t>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    t.year = static_cast<std::uint16_t>(static_cast<std::int64_t>(year_of_era) + era * 400 +
                                        (t.month <= 2 ? 1 : 0));
    return t;
}

inline void append_timestamp(std::string& out, const value_view& v) {
    temporal t;
    if (v.i != 0) {
        const std::int64_t day = v.i >= 0 ? v.i / 86400 : (v.i - 86399) / 86400;
        const auto second = static_cast<std::uint32_t>(v.i - day * 86400);
        t = civil_from_days(day);
        t.hour = static_cast<std::uint16_t>(second / 3600);
        t.minute = static_cast<std::uint8_t>(second / 60 % 60);
        t.second = static_cast<std::uint8_t>(second % 60);
        t.microsecond = v.size;
    }
    append_date(out, t);
    out.push_back(' ');
    append_clock(out, t, v.a);
}

template <class T>
void append_number(std::string& out, T n) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, n).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}

/// Digits of one group of up to nine; the group's first byte was corrected for the sign already.
inline std::uint32_t decimal_group(
    byte_view packed, std::size_t at, std::size_t size, std::uint8_t mask, std::uint8_t first_xor) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < size; ++i) {
        std::uint8_t byte = packed[at + i];
        if (at + i == 0) byte = static_cast<std::uint8_t>(byte ^ first_xor);
        n = (n << 8) | static_cast<std::uint8_t>(byte ^ mask);
    }
    return n;
}

}  // namespace internal

DMLIB_DECL std::size_t decimal_size(int digits, int scale) noexcept {
    if (digits < scale || scale < 0) return 0;
    const auto whole = static_cast<std::size_t>(digits - scale);
    const auto part = static_cast<std::size_t>(scale);
    return whole / 9 * 4 + internal::decimal_digit_bytes[whole % 9] + part / 9 * 4 +
           internal::decimal_digit_bytes[part % 9];
}

DMLIB_DECL void append_decimal(std::string& out, byte_view packed, int digits, int scale) {
    using namespace internal;
    if (packed.empty() || packed.size() != decimal_size(digits, scale)) return;
    const bool negative = (packed[0] & 0x80) == 0;
    const std::uint8_t mask = negative ? 0xff : 0;
    if (negative) out.push_back('-');
    const std::size_t start = out.size();
    std::size_t at = 0;
    const auto group = [&](int group_digits, bool whole_part) {
        const std::size_t size = decimal_digit_bytes[group_digits];
        const std::uint32_t n = decimal_group(packed, at, size, mask, 0x80);
        at += size;
        // Leading zeros of the whole part are dropped.
        if (!whole_part || out.size() != start) {
            append_padded(out, n, group_digits);
        } else if (n != 0) {
            append_padded(out, n, 1);
        }
    };
    const int whole = digits - scale;
    if (whole % 9 != 0) group(whole % 9, true);
    for (int i = 0; i < whole / 9; ++i) group(9, true);
    if (out.size() == start) out.push_back('0');
    if (scale == 0) return;
    out.push_back('.');
    for (int i = 0; i < scale / 9; ++i) group(9, false);
    if (scale % 9 != 0) group(scale % 9, false);
}

DMLIB_DECL bool same_value(const value_view& x, const value_view& y) noexcept {
    if (x.kind != y.kind) return false;
    switch (x.kind) {
        case value_kind::absent:
        case value_kind::null:
            return true;
        case value_kind::float32:
            return std::memcmp(&x.f, &y.f, sizeof x.f) == 0;
        case value_kind::int64:
        case value_kind::uint64:
        case value_kind::float64:
            return x.u == y.u;
        case value_kind::date:
        case value_kind::time:
        case value_kind::datetime:
        case value_kind::timestamp:
            return x.u == y.u && x.size == y.size;
        default:
            break;
    }
    if (x.kind == value_kind::decimal && (x.a != y.a || x.b != y.b)) return false;
    return x.size == y.size && (x.size == 0 || std::memcmp(x.data, y.data, x.size) == 0);
}

DMLIB_DECL void append_text(std::string& out, const value_view& v) {
    using namespace internal;
    switch (v.kind) {
        case value_kind::absent:
            break;
        case value_kind::null:
            out += "NULL";
            break;
        case value_kind::int64:
            append_number(out, v.i);
            break;
        case value_kind::uint64:
            append_number(out, v.u);
            break;
        case value_kind::float32:
            append_number(out, v.f);
            break;
        case value_kind::float64:
            append_number(out, v.d);
            break;
        case value_kind::decimal:
            append_decimal(out, v.bytes(), v.a, v.b);
            break;
        case value_kind::date:
            append_date(out, v.as_temporal());
            break;
        case value_kind::time: {
            const temporal t = v.as_temporal();
            if (t.negative) out.push_back('-');
            append_clock(out, t, v.a);
            break;
        }
        case value_kind::datetime: {
            const temporal t = v.as_temporal();
            append_date(out, t);
            out.push_back(' ');
            append_clock(out, t, v.a);
            break;
        }
        case value_kind::timestamp:
            append_timestamp(out, v);
            break;
        case value_kind::bytes:
        case value_kind::json:
        case value_kind::json_diff:
        case value_kind::text:
            out.append(v.text());
            break;
    }
}

DMLIB_DECL value::value(const value_view& v) : kind(v.kind), view(v) {
    if (!internal::has_bytes(kind)) return;
    storage.assign(v.text());
    view.data = as_bytes(storage).data();
}

DMLIB_DECL value::value(const value& other) : value(other.view) {
}

DMLIB_DECL value::value(value&& other) noexcept
    : kind(other.kind), view(other.view), storage(std::move(other.storage)) {
    // A short string moves its characters: the view has to follow.
    if (internal::has_bytes(kind)) view.data = as_bytes(storage).data();
    other.kind = value_kind::absent;
    other.view = {};
    other.storage.clear();
}

DMLIB_DECL value& value::operator=(value other) noexcept {
    kind = other.kind;
    view = other.view;
    storage = std::move(other.storage);
    if (internal::has_bytes(kind)) view.data = as_bytes(storage).data();
    return *this;
}

DMLIB_DECL std::string value::to_text() const {
    std::string out;
    append_text(out, view);
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
