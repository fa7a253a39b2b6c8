// Bounds of partitions that servers work out: what does not depend on columns is shown as a number.
#pragma once

#include <dmlib/sql/ast_table.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// The day of a text that begins with YYYY-MM-DD, as TO_DAYS counts.
inline std::optional<std::int64_t> day_number(std::string_view text) {
    constexpr std::string_view shape = "dddd-dd-dd";
    if (text.size() < shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != '-') return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t size) {
        int n = 0;
        for (std::size_t i = at; i < at + size; ++i) n = n * 10 + (text[i] - '0');
        return n;
    };
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    if (year == 0 || month == 0 || month > 12 || day == 0 || day > 31) return std::nullopt;
    constexpr int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const int years = year - 1;
    return 365 + std::int64_t{365} * years + years / 4 - years / 100 + years / 400 +
           before[month - 1] + (leap && month > 2 ? 1 : 0) + day;
}

/// The second of the day that " hh:mm:ss" is; nothing at all is the first.
inline std::optional<std::int64_t> second_of_day(std::string_view text) {
    if (text.empty()) return 0;
    constexpr std::string_view shape = " dd:dd:dd";
    if (text.size() != shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return std::nullopt;
    }
    const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    if (two(1) > 23 || two(4) > 59 || two(7) > 59) return std::nullopt;
    return two(1) * 3600 + two(4) * 60 + two(7);
}

/// The value of a bound that does not depend on the session, as far as it is worked out here:
/// servers show the number.
inline std::optional<std::int64_t> partition_number(const sql::expression& e) {
    using op = sql::expression_operator;
    constexpr std::int64_t far = std::int64_t{1} << 31;
    if (e.kind == sql::expression_kind::literal && e.value.kind == sql::literal_kind::integer) {
        std::int64_t n = 0;
        const auto* const end = e.value.text.data() + e.value.text.size();
        const auto read = std::from_chars(e.value.text.data(), end, n);
        if (read.ec == std::errc{} && read.ptr == end) return n;
        return std::nullopt;
    }
    const bool of_text = e.kind == sql::expression_kind::function && e.operands.size() == 1 &&
                         e.operands[0].kind == sql::expression_kind::literal &&
                         e.operands[0].value.kind == sql::literal_kind::string;
    if (of_text) {
        const std::string& text = e.operands[0].value.text;
        const auto days = day_number(text);
        if (!days) return std::nullopt;
        if (e.name == "to_days") return days;
        if (e.name == "year") return std::stoi(text.substr(0, 4));
        if (e.name == "to_seconds") {
            const auto seconds = second_of_day(std::string_view(text).substr(10));
            return seconds ? std::optional(*days * 86400 + *seconds) : std::nullopt;
        }
        return std::nullopt;
    }
    if (e.kind == sql::expression_kind::unary && e.op == op::negate) {
        const auto n = partition_number(e.operands[0]);
        return n ? std::optional(-*n) : n;
    }
    if (e.kind != sql::expression_kind::binary || e.operands.empty()) return std::nullopt;
    auto out = partition_number(e.operands[0]);
    for (std::size_t i = 1; out && i < e.operands.size(); ++i) {
        const auto next = partition_number(e.operands[i]);
        if (!next || *out > far || *out < -far || *next > far || *next < -far) return std::nullopt;
        const bool divides = e.op == op::int_divide || e.op == op::modulo;
        if (divides && *next == 0) return std::nullopt;
        if (e.op == op::add) {
            *out += *next;
        } else if (e.op == op::subtract) {
            *out -= *next;
        } else if (e.op == op::multiply) {
            *out *= *next;
        } else if (e.op == op::int_divide) {
            *out /= *next;
        } else if (e.op == op::modulo) {
            *out %= *next;
        } else {
            return std::nullopt;
        }
    }
    return out;
}

/// UNIX_TIMESTAMP of "YYYY-MM-DD" with or without " hh:mm:ss", in a zone so many seconds east of
/// UTC.
inline std::optional<std::int64_t> unix_moment(std::string_view text, std::int32_t offset) {
    const auto days = day_number(text);
    if (!days) return std::nullopt;
    const auto seconds = second_of_day(text.substr(10));
    if (!seconds) return std::nullopt;
    constexpr std::int64_t epoch = 719528;
    const std::int64_t moment = (*days - epoch) * 86400 + *seconds - offset;
    if (moment < 0 || moment > 0x7fffffff) return std::nullopt;  // servers differ there
    return moment;
}

/// The value of SET time_zone where it has a fixed offset.
inline std::optional<std::int32_t> zone_offset(std::string_view zone) {
    if (zone == "UTC" || zone == "utc") return 0;
    if (zone.size() < 5 || zone.size() > 6 || (zone[0] != '+' && zone[0] != '-') ||
        zone[zone.size() - 3] != ':')
        return std::nullopt;
    std::int32_t minutes = 0;
    for (std::size_t at = 1; at < zone.size(); ++at) {
        if (at == zone.size() - 3) continue;
        if (zone[at] < '0' || zone[at] > '9') return std::nullopt;
        minutes = minutes * (at == zone.size() - 2 ? 6 : 10) + (zone[at] - '0');
    }
    return (zone[0] == '-' ? -60 : 60) * minutes;
}

inline void work_out_moment(sql::expression& e, std::int32_t offset) {
    for (sql::expression& operand : e.operands) work_out_moment(operand, offset);
    const bool here = e.is_function("unix_timestamp") && e.operands.size() == 1 &&
                      e.operands[0].kind == sql::expression_kind::literal &&
                      e.operands[0].value.kind == sql::literal_kind::string;
    if (!here) return;
    const auto moment = unix_moment(e.operands[0].value.text, offset);
    if (!moment) return;
    e = {};
    e.value.kind = sql::literal_kind::integer;
    e.value.text = std::to_string(*moment);
}

/// Puts numbers in place of UNIX_TIMESTAMP('...'), which means another moment in another session.
inline void work_out_moments(std::span<sql::partition_definition> partitions,
                             const std::optional<std::int32_t>& offset) {
    if (!offset) return;
    for (sql::partition_definition& p : partitions) {
        for (auto& row : p.values) {
            for (sql::expression& e : row) work_out_moment(e, *offset);
        }
    }
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
