// One small function per stored form of a column. Each reads one value and moves the cursor.
#pragma once

#include <dmlib/binlog/byte_arena.hpp>
#include <dmlib/binlog/impl/internal/inflate.hpp>
#include <dmlib/binlog/table_map.hpp>

#include <cstring>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

template <std::size_t N, bool Unsigned>
bool read_integer(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t u = p.le(N);
    if constexpr (Unsigned) {
        out = value_view::make_uint(u);
    } else {
        constexpr int shift = 64 - 8 * static_cast<int>(N);
        out = value_view::make_int(static_cast<std::int64_t>(u << shift) >> shift);
    }
    return p.ok();
}

inline bool read_float(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint32_t bits = p.u32();
    out = {};
    out.kind = value_kind::float32;
    std::memcpy(&out.f, &bits, sizeof bits);
    return p.ok();
}

inline bool read_double(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t bits = p.u64();
    out = {};
    out.kind = value_kind::float64;
    std::memcpy(&out.d, &bits, sizeof bits);
    return p.ok();
}

/// True where each group of a packed decimal has no more digits than its place.
inline bool is_packed_decimal(byte_view packed,
                              std::uint32_t digits,
                              std::uint32_t scale) noexcept {
    static constexpr std::uint32_t limits[] = {
        1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
    static constexpr std::uint8_t sizes[] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
    if (packed.empty()) return false;
    const std::uint8_t* p = packed.data();
    const std::uint32_t mask = (*p & 0x80) == 0 ? 0xffffffff : 0;
    bool good = true;
    std::uint32_t sign = 0x80;  // of the first byte
    const auto group = [&](std::uint32_t count) {
        const std::uint32_t size = sizes[count];
        std::uint32_t n = 0;
        if (size == 0) return;
        if (size == 4) {
            n = std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 |
                p[3];
        } else {
            n = p[0];
            if (size > 1) n = n << 8 | p[1];
            if (size > 2) n = n << 8 | p[2];
        }
        const std::uint32_t bits = 32 - 8 * size;
        n ^= (mask >> bits) ^ (sign << (8 * (size - 1)));
        good = good && n < limits[count];
        sign = 0;
        p += size;
    };
    std::uint32_t whole = digits - scale;
    group(whole % 9);
    for (; whole >= 9; whole -= 9) group(9);
    for (; scale >= 9; scale -= 9) group(9);
    group(scale);
    return good;
}

inline bool read_decimal(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    const byte_view packed = p.bytes(c.length_bytes);
    out = value_view::make_bytes(value_kind::decimal, packed);
    out.a = static_cast<std::uint8_t>(c.length);
    out.b = c.fraction;
    return p.ok() && is_packed_decimal(packed, c.length, c.fraction);
}

inline bool read_year(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint8_t y = p.u8();
    out = value_view::make_int(y == 0 ? 0 : 1900 + y);
    return p.ok();
}

template <std::size_t Prefix, value_kind Kind>
bool read_bytes(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t size = p.le(Prefix);
    out = value_view::make_bytes(Kind, p.bytes(size));
    return p.ok();
}

inline bool read_bit(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    out = value_view::make_uint(p.be(c.length));
    return p.ok();
}

inline bool read_null_type(const column&, byte_cursor&, byte_arena*, value_view& out) {
    out = value_view::make_null();
    return true;
}

inline bool read_date(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint32_t n = p.u24();
    temporal t;
    t.year = static_cast<std::uint16_t>(n >> 9);
    t.month = static_cast<std::uint8_t>((n >> 5) & 15);
    t.day = static_cast<std::uint8_t>(n & 31);
    out = value_view::make_temporal(value_kind::date, t, 0);
    return p.ok() && t.year <= 9999 && t.month <= 12;
}

// Before 5.6: decimal digits HHMMSS in three signed bytes.
inline bool read_old_time(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::int32_t n = static_cast<std::int32_t>(p.u24() << 8) >> 8;
    const std::uint32_t digits = static_cast<std::uint32_t>(n < 0 ? -n : n);
    temporal t;
    t.negative = n < 0;
    t.hour = static_cast<std::uint16_t>(digits / 10000);
    t.minute = static_cast<std::uint8_t>(digits / 100 % 100);
    t.second = static_cast<std::uint8_t>(digits % 100);
    out = value_view::make_temporal(value_kind::time, t, 0);
    return p.ok() && t.hour <= 838 && t.minute < 60 && t.second < 60;
}

// Before 5.6: decimal digits YYYYMMDDHHMMSS.
inline bool read_old_datetime(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t n = p.u64();
    const std::uint64_t date = n / 1000000;
    const std::uint64_t clock = n % 1000000;
    temporal t;
    t.year = static_cast<std::uint16_t>(date / 10000);
    t.month = static_cast<std::uint8_t>(date / 100 % 100);
    t.day = static_cast<std::uint8_t>(date % 100);
    t.hour = static_cast<std::uint16_t>(clock / 10000);
    t.minute = static_cast<std::uint8_t>(clock / 100 % 100);
    t.second = static_cast<std::uint8_t>(clock % 100);
    out = value_view::make_temporal(value_kind::datetime, t, 0);
    return p.ok() && date <= 99991231 && t.month <= 12 && t.day <= 31 && t.hour < 24 &&
           t.minute < 60 && t.second < 60;
}

inline bool read_old_timestamp(const column&, byte_cursor& p, byte_arena*, value_view& out) {
    out = value_view::make_timestamp(p.u32(), 0, 0);
    return p.ok();
}

/// Microseconds of a fraction stored in (digits + 1) / 2 big-endian bytes.
inline std::uint32_t read_fraction(byte_cursor& p, int digits) {
    if (digits == 0) return 0;
    if (digits <= 2) return static_cast<std::uint32_t>(p.be(1)) * 10000;
    if (digits <= 4) return static_cast<std::uint32_t>(p.be(2)) * 100;
    return static_cast<std::uint32_t>(p.be(3));
}

inline bool read_timestamp2(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t seconds = p.be(4);
    const std::uint32_t micro = read_fraction(p, c.fraction);
    out = value_view::make_timestamp(static_cast<std::int64_t>(seconds), micro, c.fraction);
    return p.ok() && micro <= 999999;
}

inline bool read_datetime2(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    const std::uint64_t stored = p.be(5);
    const std::uint32_t micro = read_fraction(p, c.fraction);
    constexpr std::uint64_t offset = 0x8000000000;
    if (!p.ok() || stored < offset || micro > 999999) return false;
    const std::uint64_t n = stored - offset;
    const std::uint64_t date = n >> 17;
    temporal t;
    t.year = static_cast<std::uint16_t>((date >> 5) / 13);
    t.month = static_cast<std::uint8_t>((date >> 5) % 13);
    t.day = static_cast<std::uint8_t>(date & 31);
    t.hour = static_cast<std::uint16_t>((n >> 12) & 31);
    t.minute = static_cast<std::uint8_t>((n >> 6) & 63);
    t.second = static_cast<std::uint8_t>(n & 63);
    t.microsecond = micro;
    out = value_view::make_temporal(value_kind::datetime, t, c.fraction);
    return t.year <= 9999 && t.hour < 24 && t.minute < 60 && t.second < 60;
}

/// The packed form of TIME in a 64-bit number: sign by the number's sign, seconds part above 24
/// bits of microseconds.
inline bool unpack_time(std::int64_t packed, temporal& t) noexcept {
    t.negative = packed < 0;
    const std::uint64_t n =
        t.negative ? 0 - static_cast<std::uint64_t>(packed) : static_cast<std::uint64_t>(packed);
    const std::uint64_t clock = n >> 24;
    t.hour = static_cast<std::uint16_t>((clock >> 12) & 1023);
    t.minute = static_cast<std::uint8_t>((clock >> 6) & 63);
    t.second = static_cast<std::uint8_t>(clock & 63);
    t.microsecond = static_cast<std::uint32_t>(n & 0xffffff);
    return t.microsecond <= 999999 && t.hour <= 838 && t.minute < 60 && t.second < 60;
}

inline bool read_time2(const column& c, byte_cursor& p, byte_arena*, value_view& out) {
    // The whole value (seconds and fraction) is one big-endian number with an offset.
    const int fraction_bytes = (c.fraction + 1) / 2;
    const std::uint64_t stored = p.be(3 + static_cast<std::size_t>(fraction_bytes));
    const std::int64_t n =
        static_cast<std::int64_t>(stored) - (std::int64_t{0x800000} << (8 * fraction_bytes));
    const std::uint64_t size =
        n < 0 ? static_cast<std::uint64_t>(-n) : static_cast<std::uint64_t>(n);
    const std::uint64_t clock = size >> (8 * fraction_bytes);
    const auto part =
        static_cast<std::uint32_t>(size & ((std::uint64_t{1} << (8 * fraction_bytes)) - 1));
    temporal t;
    t.negative = n < 0;
    t.hour = static_cast<std::uint16_t>((clock >> 12) & 1023);
    t.minute = static_cast<std::uint8_t>((clock >> 6) & 63);
    t.second = static_cast<std::uint8_t>(clock & 63);
    t.microsecond = fraction_bytes == 1 ? part * 10000 : fraction_bytes == 2 ? part * 100 : part;
    out = value_view::make_temporal(value_kind::time, t, c.fraction);
    return p.ok() && t.microsecond <= 999999 && clock < 839u << 12 && t.minute < 60 &&
           t.second < 60;
}

/// MariaDB's COMPRESSED columns: empty, or 00 and the plain bytes, or a header byte, the plain
/// size and a deflate stream.
inline bool read_compressed(const column& c, byte_cursor& p, byte_arena* arena, value_view& out) {
    byte_cursor stored(p.bytes(p.le(c.length_bytes)));
    if (!p.ok()) return false;
    out = value_view::make_bytes(value_kind::bytes, {});
    if (stored.at_end()) return true;
    const std::uint8_t header = stored.u8();
    if (header == 0) {
        out = value_view::make_bytes(value_kind::bytes, stored.rest());
        return true;
    }
    const std::size_t size_bytes = header & 7;
    if ((header & 0xf0) != 0x80 || size_bytes == 0 || size_bytes > 4 || arena == nullptr)
        return false;
    const std::uint64_t size = stored.be(size_bytes);
    if (!stored.ok() || !plausible_plain_size(size, stored.remaining())) return false;
    std::uint8_t* plain = arena->allocate(static_cast<std::size_t>(size));
    if (plain == nullptr) return false;
    if (!inflate_exact(stored.rest(), plain, static_cast<std::size_t>(size), (header & 8) != 0)) {
        return false;
    }
    out = value_view::make_bytes(value_kind::bytes, {plain, static_cast<std::size_t>(size)});
    return true;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
