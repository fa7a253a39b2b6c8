// Values of columns. `value_view` borrows from an event or a result set and costs no allocation;
// `value` owns.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/config.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

/// What a value holds. The column's SQL type says the rest (length, charset, fraction digits).
enum class value_kind : std::uint8_t {
    absent,  ///< the row image does not carry the column
    null,
    int64,   ///< TINYINT..BIGINT, YEAR
    uint64,  ///< unsigned integers, BIT, ENUM's index, SET's mask
    float32,
    float64,
    decimal,    ///< packed decimal as in the binlog; digits and scale in `a`, `b`
    bytes,      ///< CHAR/VARCHAR/TEXT/BINARY/BLOB/GEOMETRY/VECTOR..., the column's own bytes
    json,       ///< MySQL's binary JSON
    json_diff,  ///< a partial JSON update that is not resolved yet
    date,       ///< packed: see temporal below
    time,
    datetime,
    timestamp,  ///< seconds since the epoch (UTC) and microseconds
    text,       ///< the server's text form of any type (full copy): what the text protocol returned
};

/// A calendar moment as the server stores it; zero and invalid dates are representable.
struct temporal {
    std::uint16_t year = 0;
    std::uint8_t month = 0;
    std::uint8_t day = 0;
    std::uint16_t hour = 0;  ///< up to 838 for TIME
    std::uint8_t minute = 0;
    std::uint8_t second = 0;
    bool negative = false;  ///< TIME only
    std::uint32_t microsecond = 0;
    bool operator==(const temporal&) const = default;
};

/// A borrowed value of 16 bytes. Trivially copyable. Lifetime of `bytes`, `decimal`, `json`,
/// `text`: that of the buffer they were decoded from.
struct value_view {
    union {
        std::int64_t i = 0;
        std::uint64_t u;
        float f;
        double d;
        const std::uint8_t* data;
    };
    std::uint32_t size = 0;  ///< of data; microseconds for timestamp
    value_kind kind = value_kind::absent;
    std::uint8_t a = 0;  ///< decimal: digits in all; temporal kinds: fraction digits (0-6)
    std::uint8_t b = 0;  ///< decimal: digits behind the point

    bool is_null() const noexcept { return kind == value_kind::null; }
    bool is_absent() const noexcept { return kind == value_kind::absent; }
    byte_view bytes() const noexcept { return {data, size}; }
    std::string_view text() const noexcept { return as_text({data, size}); }

    static value_view make_null() noexcept {
        value_view v;
        v.kind = value_kind::null;
        return v;
    }
    static value_view make_int(std::int64_t n) noexcept {
        value_view v;
        v.i = n;
        v.kind = value_kind::int64;
        return v;
    }
    static value_view make_uint(std::uint64_t n) noexcept {
        value_view v;
        v.u = n;
        v.kind = value_kind::uint64;
        return v;
    }
    static value_view make_bytes(value_kind kind, byte_view b) noexcept {
        value_view v;
        v.data = b.data();
        v.size = static_cast<std::uint32_t>(b.size());
        v.kind = kind;
        return v;
    }
    /// Date, time and datetime keep their fields in 64 bits: sign 1, year 14, month 4, day 5,
    /// hour 10, minute 6, second 6; microseconds stand in `size`.
    static value_view make_temporal(value_kind kind, const temporal& t, int digits) noexcept {
        value_view v;
        v.u = (std::uint64_t{t.negative} << 45) | (std::uint64_t{t.year} << 31) |
              (std::uint64_t{t.month} << 27) | (std::uint64_t{t.day} << 22) |
              (std::uint64_t{t.hour} << 12) | (std::uint64_t{t.minute} << 6) | t.second;
        v.size = t.microsecond;
        v.kind = kind;
        v.a = static_cast<std::uint8_t>(digits);
        return v;
    }
    temporal as_temporal() const noexcept {
        temporal t;
        t.negative = ((u >> 45) & 1) != 0;
        t.year = static_cast<std::uint16_t>((u >> 31) & 0x3fff);
        t.month = static_cast<std::uint8_t>((u >> 27) & 15);
        t.day = static_cast<std::uint8_t>((u >> 22) & 31);
        t.hour = static_cast<std::uint16_t>((u >> 12) & 1023);
        t.minute = static_cast<std::uint8_t>((u >> 6) & 63);
        t.second = static_cast<std::uint8_t>(u & 63);
        t.microsecond = size;
        return t;
    }
    static value_view make_timestamp(std::int64_t unix_seconds,
                                     std::uint32_t microsecond,
                                     int digits) noexcept {
        value_view v;
        v.i = unix_seconds;
        v.size = microsecond;
        v.kind = value_kind::timestamp;
        v.a = static_cast<std::uint8_t>(digits);
        return v;
    }
};
static_assert(sizeof(value_view) == 16);

/// True where two values of the same column are the same bytes (used to tell changed columns).
DMLIB_DECL bool same_value(const value_view& x, const value_view& y) noexcept;

/// Appends the server's text form: integers, "12.50", "2024-02-29 23:59:59.000100", "-838:59:59";
/// TIMESTAMP in UTC ("0000-00-00 00:00:00" for 0); bytes and text as they are; floats shortest
/// that reads back equal. Binary JSON is not formatted here (room binlog does it).
DMLIB_DECL void append_text(std::string& out, const value_view& v);
/// Packed decimal to text: digits in all, digits behind the point.
DMLIB_DECL void append_decimal(std::string& out, byte_view packed, int digits, int scale);
/// Bytes that a packed decimal takes.
DMLIB_DECL std::size_t decimal_size(int digits, int scale) noexcept;

/// An owned value, for callbacks and tests.
struct value {
    value_kind kind = value_kind::absent;
    value_view view;  ///< points into `storage` for kinds with bytes
    std::string storage;

    value() = default;
    DMLIB_DECL explicit value(const value_view& v);
    DMLIB_DECL value(const value& other);
    DMLIB_DECL value(value&& other) noexcept;
    DMLIB_DECL value& operator=(value other) noexcept;
    /// Text form, see append_text; JSON text where the kind is json and it was resolved.
    DMLIB_DECL std::string to_text() const;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/model/impl/value.ipp>
#endif
