// Temporal values of all formats, old and new: a moment that was stored by the book comes back as
// its text from a row; any other bytes of the same length are a fault, or a moment within the
// type's range that is stored as these bytes.
#include <dmlib/binlog/rows.hpp>

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    __builtin_trap();
}

struct format {
    column_type type;
    value_kind kind;
    bool has_digits;
};
constexpr format formats[] = {{column_type::date, value_kind::date, false},
                              {column_type::newdate, value_kind::date, false},
                              {column_type::time, value_kind::time, false},
                              {column_type::datetime, value_kind::datetime, false},
                              {column_type::timestamp, value_kind::timestamp, false},
                              {column_type::timestamp2, value_kind::timestamp, true},
                              {column_type::datetime2, value_kind::datetime, true},
                              {column_type::time2, value_kind::time, true},
                              {column_type::year, value_kind::int64, false}};

/// A moment as a reader of the format has to show it.
struct moment {
    temporal t;
    std::int64_t seconds = 0;  // of a TIMESTAMP; the year of a YEAR
};

auto map_of(column_type type, bool has_digits, int digits) {
    std::string body("\1s\0\1t\0\1", 7);
    body += static_cast<char>(type);
    body += static_cast<char>(has_digits ? 1 : 0);
    if (has_digits) body += static_cast<char>(digits);
    body += '\1';
    return table_map::parse(1, 0, as_bytes(body), flavor::mysql);
}

std::string little(std::uint64_t n, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>((n >> (8 * i)) & 0xff));
    return out;
}
std::string big(std::uint64_t n, std::size_t size) {
    const std::string out = little(n, size);
    return {out.rbegin(), out.rend()};
}

constexpr std::uint32_t powers[] = {1, 100, 10'000, 1'000'000};

/// Microseconds in units of the stored fraction: hundredths, ten-thousandths, millionths.
std::uint32_t stored_part(std::uint32_t microsecond, std::size_t bytes) {
    return microsecond / (1'000'000 / powers[bytes]);
}

/// How the servers store it, field by field.
std::string stored(column_type type, int digits, const moment& m) {
    const temporal& t = m.t;
    const auto bytes = static_cast<std::size_t>((digits + 1) / 2);
    const std::string part = big(stored_part(t.microsecond, bytes), bytes);
    const std::uint64_t clock = t.hour * 10'000ull + t.minute * 100ull + t.second;
    const std::uint64_t packed_clock = t.hour * 4'096ull + t.minute * 64ull + t.second;
    switch (type) {
        case column_type::date:
        case column_type::newdate:
            return little(t.year * 512ull + t.month * 32ull + t.day, 3);
        case column_type::time:
            return little(t.negative ? 0 - clock : clock, 3);
        case column_type::datetime:
            return little((t.year * 10'000ull + t.month * 100ull + t.day) * 1'000'000 + clock, 8);
        case column_type::timestamp:
            return little(static_cast<std::uint64_t>(m.seconds), 4);
        case column_type::timestamp2:
            return big(static_cast<std::uint64_t>(m.seconds), 4) + part;
        case column_type::datetime2:
            return big((((t.year * 13ull + t.month) * 32 + t.day) << 17) + packed_clock +
                           (1ull << 39),
                       5) +
                   part;
        case column_type::time2: {
            // Below zero: the seconds are rounded down, and what that is too much stands in the
            // fraction.
            std::int64_t whole = static_cast<std::int64_t>(packed_clock);
            std::int64_t rest = stored_part(t.microsecond, bytes);
            if (t.negative) {
                whole = -whole;
                if (rest != 0) {
                    --whole;
                    rest = (std::int64_t{1} << (8 * bytes)) - rest;
                }
            }
            return big(static_cast<std::uint64_t>(whole + 0x800000), 3) +
                   big(static_cast<std::uint64_t>(rest), bytes);
        }
        default:
            return little(m.seconds == 0 ? 0 : static_cast<std::uint64_t>(m.seconds - 1900), 1);
    }
}

/// The server's text form.
std::string text_of(value_kind kind, int digits, moment m) {
    temporal& t = m.t;
    char out[128];
    if (kind == value_kind::int64) return std::to_string(m.seconds);
    if (kind == value_kind::timestamp && m.seconds == 0) {
        t = {};
    } else if (kind == value_kind::timestamp) {
        const std::time_t when = m.seconds;
        std::tm parts{};
        check(gmtime_r(&when, &parts) != nullptr, "gmtime");
        t.year = static_cast<std::uint16_t>(parts.tm_year + 1900);
        t.month = static_cast<std::uint8_t>(parts.tm_mon + 1);
        t.day = static_cast<std::uint8_t>(parts.tm_mday);
        t.hour = static_cast<std::uint16_t>(parts.tm_hour);
        t.minute = static_cast<std::uint8_t>(parts.tm_min);
        t.second = static_cast<std::uint8_t>(parts.tm_sec);
    }
    std::string text;
    if (kind != value_kind::time) {
        std::snprintf(out, sizeof out, "%04d-%02d-%02d", t.year, t.month, t.day);
        text = out;
        if (kind == value_kind::date) return text;
        text += ' ';
    }
    std::snprintf(
        out, sizeof out, "%s%02d:%02d:%02d", t.negative ? "-" : "", t.hour, t.minute, t.second);
    text += out;
    if (digits > 0) {
        std::snprintf(out, sizeof out, ".%06u", t.microsecond);
        text += std::string(out).substr(0, static_cast<std::size_t>(digits) + 1);
    }
    return text;
}

/// The moment that a reader found.
moment moment_of(const value_view& v) {
    moment m;
    if (v.kind == value_kind::timestamp || v.kind == value_kind::int64) m.seconds = v.i;
    if (v.kind == value_kind::timestamp) m.t.microsecond = v.size;
    if (v.kind != value_kind::timestamp && v.kind != value_kind::int64) m.t = v.as_temporal();
    return m;
}

bool in_range(value_kind kind, const moment& m) {
    const temporal& t = m.t;
    if (kind == value_kind::int64)
        return m.seconds == 0 || (m.seconds >= 1901 && m.seconds <= 2155);
    if (kind == value_kind::timestamp)
        return m.seconds >= 0 && m.seconds <= 0xffffffff && t.microsecond < 1'000'000;
    const bool day = t.year <= 9999 && t.month <= 12 && t.day <= 31;
    const bool clock = t.minute < 60 && t.second < 60 && t.microsecond < 1'000'000;
    if (kind == value_kind::time) return clock && t.hour <= 838 && t.year + t.month + t.day == 0;
    return day && clock && t.hour < 24 && !t.negative;
}

bool read(const std::shared_ptr<const table_map>& map, const std::string& bytes, value_view& v) {
    const std::string row = '\0' + bytes;
    const std::uint8_t all = 1;
    rows_event e;
    e.column_count = 1;
    e.table = map;
    e.after_columns = byte_view(&all, 1);
    e.rows = as_bytes(row);
    row_decoder rows(e);
    std::vector<value_view> before(1);
    std::vector<value_view> after(1);
    const auto more = rows.next(before, after);
    if (!more) return false;
    check(*more && rows.remaining() == 0, "a row of another size");
    v = after[0];
    return true;
}

/// A moment of the type's range from any bytes; fractions have no more digits than the column.
moment any_moment(value_kind kind, int digits, byte_view bytes) {
    byte_cursor p(bytes);
    moment m;
    temporal& t = m.t;
    const std::uint64_t n = p.le(8);
    std::uint32_t unit = 1;
    for (int i = digits; i < 6; ++i) unit *= 10;
    t.microsecond = p.u32() % 1'000'000 / unit * unit;
    if (kind == value_kind::int64) {
        m.seconds = n % 256 == 0 ? 0 : 1900 + static_cast<std::int64_t>(n % 256);
        return m;
    }
    if (kind == value_kind::timestamp) {
        m.seconds = static_cast<std::int64_t>(n & 0xffffffff);
        return m;
    }
    if (kind != value_kind::time) {
        t.year = static_cast<std::uint16_t>(n % 10'000);
        t.month = static_cast<std::uint8_t>((n >> 16) % 13);
        t.day = static_cast<std::uint8_t>((n >> 24) % 32);
    }
    if (kind == value_kind::date) {
        t.microsecond = 0;
        return m;
    }
    t.hour = static_cast<std::uint16_t>((n >> 32) % (kind == value_kind::time ? 839 : 24));
    t.minute = static_cast<std::uint8_t>((n >> 48) % 60);
    t.second = static_cast<std::uint8_t>((n >> 56) % 60);
    const bool zero = t.hour == 0 && t.minute == 0 && t.second == 0 && t.microsecond == 0;
    t.negative = kind == value_kind::time && !zero && (p.u8() & 1) != 0;
    return m;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 15) return 0;
    const format& f = formats[data[0] % std::size(formats)];
    const int digits = f.has_digits ? data[1] % 7 : 0;
    const auto map = map_of(f.type, f.has_digits, digits);
    check(map.has_value(), "a temporal column is refused");

    const moment wanted = any_moment(f.kind, digits, {data + 2, 13});
    const std::string bytes = stored(f.type, digits, wanted);
    value_view v;
    check(read(*map, bytes, v), "a stored moment is a fault");
    std::string text;
    append_text(text, v);
    check(v.kind == f.kind && text == text_of(f.kind, digits, wanted), "another moment");

    // Any bytes. A fraction is stored in pairs of digits: of an odd number the last one is not the
    // column's.
    const std::string any(reinterpret_cast<const char*>(data + 2), bytes.size());
    if (read(*map, any, v)) {
        const moment found = moment_of(v);
        check(in_range(f.kind, found), "a moment out of the type's range");
        check(stored(f.type, digits, found) == any, "another moment than the bytes");
        text.clear();
        append_text(text, v);
        check(text == text_of(f.kind, digits, found), "another text than the moment's");
    }
    if (f.has_digits)
        check(map_of(f.type, true, data[1]).has_value() == (data[1] <= 6), "metadata");
    return 0;
}
