// Defaults of DATE, TIME, DATETIME and TIMESTAMP as the servers print them back.
#pragma once

#include <dmlib/schema/table.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// A point in time in its parts; `hour` may be over 23 for a TIME.
struct temporal_parts {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int microsecond = 0;
    bool negative = false;
};

inline int days_of_month(int year, int month) noexcept {
    constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 31;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

/// "YYYY-MM-DD hh:mm:ss" with or without a fraction, of a zone so many seconds east of UTC, in UTC.
/// Zero dates and other texts stay as they are.
inline std::string moment_in_utc(const std::string& text, std::int32_t offset) {
    temporal_parts t;
    int read = 0;
    const int parts = std::sscanf(text.c_str(),
                                  "%4d-%2d-%2d %2d:%2d:%2d%n",
                                  &t.year,
                                  &t.month,
                                  &t.day,
                                  &t.hour,
                                  &t.minute,
                                  &t.second,
                                  &read);
    using namespace std::chrono;
    const year_month_day date{
        year{t.year}, month{static_cast<unsigned>(t.month)}, day{static_cast<unsigned>(t.day)}};
    if (parts != 6 || !date.ok()) return text;
    const auto moment =
        sys_days{date} + hours{t.hour} + minutes{t.minute} + seconds{t.second} - seconds{offset};
    const auto midnight = floor<days>(moment);
    const year_month_day utc{midnight};
    const hh_mm_ss clock{moment - midnight};
    std::array<char, 32> out{};
    std::snprintf(out.data(),
                  out.size(),
                  "%04d-%02u-%02u %02d:%02d:%02d",
                  static_cast<int>(utc.year()),
                  static_cast<unsigned>(utc.month()),
                  static_cast<unsigned>(utc.day()),
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return out.data() + text.substr(static_cast<std::size_t>(read));
}

/// Seconds east of UTC of the offset that ends a text, "+05:30"; nothing where it has none.
inline std::optional<std::int32_t> stated_offset(std::string_view text) {
    if (text.size() < 17 || text.find(':') >= text.size() - 6) return std::nullopt;
    const std::string_view tail = text.substr(text.size() - 6);
    const auto digit = [&](std::size_t i) { return tail[i] >= '0' && tail[i] <= '9'; };
    const bool signs = tail[0] == '+' || tail[0] == '-';
    if (!signs || tail[3] != ':' || !digit(1) || !digit(2) || !digit(4) || !digit(5))
        return std::nullopt;
    const std::int32_t seconds =
        ((tail[1] - '0') * 10 + tail[2] - '0') * 3600 + ((tail[4] - '0') * 10 + tail[5] - '0') * 60;
    return tail[0] == '-' ? -seconds : seconds;
}

/// Cuts the fraction to so many digits; the carry of a round goes as far as the year.
inline void cut_fraction(temporal_parts& t, int digits, bool round, bool is_time) {
    int unit = 1;
    for (int i = digits; i < 6; ++i) unit *= 10;
    const int rest = t.microsecond % unit;
    t.microsecond -= rest;
    if (!round || rest * 2 < unit) return;
    t.microsecond += unit;
    if (t.microsecond < 1000000) return;
    t.microsecond = 0;
    if (++t.second < 60) return;
    t.second = 0;
    if (++t.minute < 60) return;
    t.minute = 0;
    if (++t.hour < 24 || is_time) return;
    t.hour = 0;
    if (++t.day <= days_of_month(t.year, t.month)) return;
    t.day = 1;
    if (++t.month <= 12) return;
    t.month = 1;
    ++t.year;
}

/// The groups of digits of a text, and the fraction behind its point.
struct digit_groups {
    std::vector<std::string> groups;
    std::string fraction;
    bool only_digits = true;
    bool negative = false;
    bool has_space = false;
    bool has_colon = false;
};

inline digit_groups groups_of(std::string_view text) {
    digit_groups out;
    std::size_t i = 0;
    while (i < text.size() && text[i] == ' ') ++i;
    if (i < text.size() && text[i] == '-') out.negative = true, ++i;
    bool in_number = false;
    for (; i < text.size(); ++i) {
        const char ch = text[i];
        if (ch >= '0' && ch <= '9') {
            if (!in_number) out.groups.emplace_back();
            in_number = true;
            out.groups.back().push_back(ch);
            continue;
        }
        in_number = false;
        const bool packed = out.only_digits && !out.groups.empty() && out.groups.back().size() > 4;
        const bool fraction = ch == '.' && (out.groups.size() >= 6 || packed ||
                                            (out.has_colon && out.groups.size() >= 3));
        if (fraction) {
            for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
                out.fraction.push_back(text[i]);
            }
            break;
        }
        if (ch == ' ' && i + 1 < text.size()) out.has_space = true;
        if (ch == ':') out.has_colon = true;
        if (ch != ' ' && ch != 'T') out.only_digits = false;
    }
    if (out.groups.size() > 1 && !out.has_space) {
        // "20010203T040506" is a row of digits too.
        if (out.only_digits && out.groups.size() == 2) {
            out.groups[0] += out.groups[1];
            out.groups.resize(1);
        }
    }
    return out;
}

inline int number_of(std::string_view digits) {
    return std::atoi(std::string(digits).c_str());
}

inline int full_year(std::string_view digits) {
    const int year = number_of(digits);
    if (digits.size() > 2) return year;
    return year < 70 ? 2000 + year : 1900 + year;
}

inline void read_fraction(std::string fraction, temporal_parts& t) {
    fraction.resize(6, '0');
    t.microsecond = number_of(fraction);
}

/// A row of digits: YYYYMMDDhhmmss, YYMMDDhhmmss, YYYYMMDD, YYMMDD and shorter numbers.
inline bool read_packed_date(std::string digits, temporal_parts& t) {
    if (digits.find_first_not_of('0') == std::string::npos) return true;
    if (digits.size() > 14) return false;
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
    if (digits.size() == 7 || digits.size() == 13 || digits.size() == 11) digits.insert(0, 1, '0');
    if (digits.size() == 9 || digits.size() == 10) return false;
    const std::size_t year = digits.size() == 14 || digits.size() == 8 ? 4 : 2;
    const std::string_view d = digits;
    t.year = full_year(d.substr(0, year));
    t.month = number_of(d.substr(year, 2));
    t.day = number_of(d.substr(year + 2, 2));
    if (digits.size() < 12) return true;
    t.hour = number_of(d.substr(year + 4, 2));
    t.minute = number_of(d.substr(year + 6, 2));
    t.second = number_of(d.substr(year + 8, 2));
    return true;
}

inline bool read_date_time(const digit_groups& g, temporal_parts& t) {
    read_fraction(g.fraction, t);
    if (g.groups.size() == 1) return read_packed_date(g.groups[0], t);
    if (g.groups.size() < 3) return false;
    t.year = full_year(g.groups[0]);
    t.month = number_of(g.groups[1]);
    t.day = number_of(g.groups[2]);
    if (g.groups.size() > 3) t.hour = number_of(g.groups[3]);
    if (g.groups.size() > 4) t.minute = number_of(g.groups[4]);
    if (g.groups.size() > 5) t.second = number_of(g.groups[5]);
    return true;
}

/// "[-][D ]hh:mm[:ss]", hhmmss, or a date and a time.
inline bool read_time(const digit_groups& g, temporal_parts& t) {
    t.negative = g.negative;
    if (g.groups.empty()) return false;
    if (g.groups.size() >= 5 || (g.groups.size() >= 3 && !g.has_colon)) {
        temporal_parts whole;
        if (!read_date_time(g, whole)) return false;
        t.hour = whole.hour, t.minute = whole.minute, t.second = whole.second;
        t.microsecond = whole.microsecond;
        return true;
    }
    read_fraction(g.fraction, t);
    if (g.groups.size() == 1) {
        std::string digits = g.groups[0];
        if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
        const std::string_view d = digits;
        t.hour = number_of(d.substr(0, d.size() - 4));
        t.minute = number_of(d.substr(d.size() - 4, 2));
        t.second = number_of(d.substr(d.size() - 2));
        return true;
    }
    std::size_t i = 0;
    int days = 0;
    if (g.has_space) days = number_of(g.groups[i++]);
    if (i < g.groups.size()) t.hour = number_of(g.groups[i++]) + 24 * days;
    if (i < g.groups.size()) t.minute = number_of(g.groups[i++]);
    if (i < g.groups.size()) t.second = number_of(g.groups[i++]);
    return true;
}

/// "2001-1-2 3:4" -> "2001-01-02 03:04:00". Of digits behind the column's, MySQL rounds and MariaDB
/// cuts off. Text that is none is left as it is, except that a TIME of MySQL 5.6 becomes zero.
inline std::string temporal_text(const column& c, const std::string& text, bool mysql) {
    temporal_parts t;
    const digit_groups g = groups_of(text);
    const bool is_time = c.type == type_kind::time;
    if (!(is_time ? read_time(g, t) : read_date_time(g, t))) {
        if (!is_time || !mysql) return text;
        t = temporal_parts{};
    }
    cut_fraction(t, c.type == type_kind::date ? 6 : c.fraction_digits, mysql, is_time);
    char buffer[160];
    if (c.type == type_kind::date) {
        std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d", t.year, t.month, t.day);
        return buffer;
    }
    if (is_time) {
        const char* const sign = t.negative ? "-" : "";
        std::snprintf(buffer, sizeof buffer, "%s%02d:%02d:%02d", sign, t.hour, t.minute, t.second);
    } else {
        std::snprintf(buffer,
                      sizeof buffer,
                      "%04d-%02d-%02d %02d:%02d:%02d",
                      t.year,
                      t.month,
                      t.day,
                      t.hour,
                      t.minute,
                      t.second);
    }
    std::string out = buffer;
    if (c.fraction_digits != 0) {
        std::snprintf(buffer, sizeof buffer, ".%06d", t.microsecond);
        out.append(buffer, c.fraction_digits + 1U);
    }
    return out;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
