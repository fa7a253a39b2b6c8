// Functions of expression filters.
#pragma once

#include <dmlib/transform/impl/internal/case_table.hpp>
#include <dmlib/transform/impl/internal/row_columns.hpp>
#include <dmlib/transform/impl/internal/row_nodes.hpp>

#include <zlib.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Characters of a text, counted as its charset has them. False: bytes that are no character.
inline bool count_characters(std::string_view s, bool utf8, std::size_t& n) noexcept {
    n = s.size();
    if (!utf8) return true;
    n = 0;
    while (!s.empty()) {
        const text_character c = next_utf8(s);
        if (c.size == 0) return false;
        s.remove_prefix(c.size);
        ++n;
    }
    return true;
}

/// Bytes of the first `n` characters of a text that has as many.
inline std::size_t bytes_of_characters(std::string_view s, bool utf8, std::size_t n) noexcept {
    if (!utf8) return n;
    std::size_t bytes = 0;
    while (n-- > 0) bytes += next_utf8(s.substr(bytes)).size;
    return bytes;
}

inline bool is_utf8_charset(std::string_view charset) noexcept {
    return charset == "utf8mb4" || charset == "utf8mb3";
}

/// FIND_IN_SET of a member: its place in the type where the value has it, else 0.
class member_node final : public row_node {
public:
    /// 0: no member at all.
    member_node(std::size_t place, row_node_ptr column)
        : place_(place), column_(std::move(column)) {
        if (place_ != 0) name_ = static_cast<const column_node&>(*column_).members()[place_ - 1];
    }
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*column_, scope);
        if (v.null) return;
        std::string_view rest = v.s;
        while (place_ != 0 && !rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (rest.substr(0, comma) == name_) return out.set_exact(static_cast<wide_int>(place_));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        out.set_exact(0);
    }

private:
    std::size_t place_;
    row_node_ptr column_;
    std::string_view name_{};
};

/// A number from a text: LENGTH, CHAR_LENGTH, CRC32.
class measure_node final : public row_node {
public:
    enum class what : std::uint8_t { bytes, characters, crc32 };
    measure_node(what w, row_node_ptr a) : what_(w), a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        std::size_t n = v.s.size();
        if (what_ == what::crc32) {
            n = ::crc32_z(0, reinterpret_cast<const unsigned char*>(v.s.data()), v.s.size());
        } else if (what_ == what::characters &&
                   !count_characters(v.s, is_utf8_charset(a_->type.charset), n)) {
            return scope.fail("a text is not valid in its charset");
        }
        out.set_exact(static_cast<wide_int>(n));
    }

private:
    what what_;
    row_node_ptr a_;
};

/// LEFT, RIGHT, SUBSTR: operands text, position, length.
class part_node final : public row_node {
public:
    enum class what : std::uint8_t { left, right, substr };
    part_node(what w, std::vector<row_node_ptr> operands)
        : what_(w), operands_(std::move(operands)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*operands_[0], scope);
        std::vector<wide_int> numbers;
        for (std::size_t i = 1; i < operands_.size(); ++i) {
            const row_value n = value_of(*operands_[i], scope);
            if (n.null) return;
            numbers.push_back(n.n);
        }
        if (v.null) return;
        const bool utf8 = is_utf8_charset(operands_[0]->type.charset);
        std::size_t length = 0;
        if (!count_characters(v.s, utf8, length))
            return scope.fail("a text is not valid in its charset");
        const auto all = static_cast<wide_int>(length);
        wide_int begin = 0;
        wide_int count = numbers[0];
        if (what_ == what::right) {
            begin = std::max<wide_int>(0, all - std::max<wide_int>(0, count));
            count = all - begin;
        } else if (what_ == what::substr) {
            begin = numbers[0] > 0 ? numbers[0] - 1 : all + numbers[0];
            if (numbers[0] == 0 || begin < 0) begin = all;
            count = numbers.size() > 1 ? numbers[1] : all;
        }
        begin = std::min(begin, all);
        count = std::clamp<wide_int>(count, 0, all - begin);
        const std::size_t from = bytes_of_characters(v.s, utf8, static_cast<std::size_t>(begin));
        const std::string_view rest = v.s.substr(from);
        out.own = rest.substr(0, bytes_of_characters(rest, utf8, static_cast<std::size_t>(count)));
        out.set_own();
    }

private:
    what what_;
    std::vector<row_node_ptr> operands_;
};

class concat_node final : public row_node {
public:
    explicit concat_node(std::vector<row_node_ptr> parts) : parts_(std::move(parts)) {}
    void eval(row_scope& scope, row_value& out) const override {
        std::string text;
        for (const auto& p : parts_) {
            const row_value v = value_of(*p, scope);
            if (v.null) return;
            text += v.s;
        }
        out.own = std::move(text);
        out.set_own();
    }

private:
    std::vector<row_node_ptr> parts_;
};

/// TRIM of spaces.
class trim_node final : public row_node {
public:
    trim_node(bool left, bool right, row_node_ptr a)
        : left_(left), right_(right), a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        std::string_view s = v.s;
        while (left_ && s.starts_with(' ')) s.remove_prefix(1);
        while (right_ && s.ends_with(' ')) s.remove_suffix(1);
        out.own = s;
        out.set_own();
    }

private:
    bool left_;
    bool right_;
    row_node_ptr a_;
};

/// LOWER and UPPER, where servers and collations agree about every character.
class case_node final : public row_node {
public:
    case_node(bool lower, row_node_ptr a) : lower_(lower), a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        const bool utf8 = is_utf8_charset(a_->type.charset);
        const bool latin = a_->type.charset == "latin1";
        for (std::string_view rest = v.s; !rest.empty();) {
            const text_character c = next_character(rest, utf8);
            if (c.size == 0) return scope.fail("a text is not valid in its charset");
            const std::int64_t to = utf8 || latin || c.point < 0x80 ? changed(c.point) : c.point;
            if (to < 0) {
                return scope.fail(
                    "a text has a character whose LOWER or UPPER differs between servers");
            }
            // latin1 has no place for what two of its characters change to.
            append(latin && to > 0xff ? c.point : static_cast<std::uint32_t>(to), utf8, out.own);
            rest.remove_prefix(c.size);
        }
        out.set_own();
    }

private:
    /// -1 where it is not known.
    std::int64_t changed(std::uint32_t point) const noexcept {
        if (point < 0x80) {
            const bool upper = point >= 'A' && point <= 'Z';
            const bool lower = point >= 'a' && point <= 'z';
            return lower_ ? point + (upper ? 32 : 0) : point - (lower ? 32 : 0);
        }
        const std::span<const case_run> runs =
            lower_ ? std::span<const case_run>(lower_runs) : std::span<const case_run>(upper_runs);
        for (const case_run& r : runs) {
            if (point < r.first) break;
            if (point > r.last || (point - r.first) % r.step != 0) continue;
            return r.difference == 0 ? -1 : std::int64_t{point} + r.difference;
        }
        return point;
    }
    static void append(std::uint32_t point, bool utf8, std::string& out) {
        const auto byte = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
        if (!utf8 || point < 0x80) return byte(point);
        if (point < 0x800) {
            byte(0xc0 | (point >> 6));
        } else if (point < 0x10000) {
            byte(0xe0 | (point >> 12));
            byte(0x80 | ((point >> 6) & 0x3f));
        } else {
            byte(0xf0 | (point >> 18));
            byte(0x80 | ((point >> 12) & 0x3f));
            byte(0x80 | ((point >> 6) & 0x3f));
        }
        byte(0x80 | (point & 0x3f));
    }
    bool lower_;
    row_node_ptr a_;
};

/// ROUND and TRUNCATE of exact numbers to a literal number of digits.
class round_node final : public row_node {
public:
    round_node(bool half_up, row_node_ptr a, int scale) : half_up_(half_up), a_(std::move(a)) {
        unit_ = power_of_ten(std::max(0, a_->type.scale - scale));
    }
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        wide_int n = v.n / unit_;
        const wide_int rest = v.n % unit_;
        if (half_up_ && (rest < 0 ? -rest : rest) * 2 >= unit_ && unit_ != 1) n += v.n < 0 ? -1 : 1;
        out.set_exact(n);
    }

private:
    bool half_up_;
    row_node_ptr a_;
    wide_int unit_ = 1;
};

/// GREATEST and LEAST of integers.
class extreme_node final : public row_node {
public:
    extreme_node(bool greatest, std::vector<row_node_ptr> parts)
        : greatest_(greatest), parts_(std::move(parts)) {}
    void eval(row_scope& scope, row_value& out) const override {
        wide_int best = 0;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const row_value v = value_of(*parts_[i], scope);
            if (v.null) return;
            if (i == 0 || (greatest_ ? v.n > best : v.n < best)) best = v.n;
        }
        out.set_exact(best);
    }

private:
    bool greatest_;
    std::vector<row_node_ptr> parts_;
};

/// A field or a number of a day of a date, datetime or time.
class moment_node final : public row_node {
public:
    enum class what : std::uint8_t {
        year,
        month,
        day,
        quarter,
        hour,
        minute,
        second,
        microsecond,
        date,
        to_days,
        day_of_week,
        weekday,
        day_of_year,
    };
    moment_node(what w, row_node_ptr a) : what_(w), a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        const bool time = a_->type.what == row_type::time;
        const temporal t = unpack_moment(time && v.n < 0 ? -v.n : v.n);
        if (what_ >= what::to_days) return number_of_day(t, scope, out);
        out.set_exact(field(t, v.n));
    }

private:
    wide_int field(const temporal& t, wide_int packed) const noexcept {
        const wide_int of_day = (packed < 0 ? -packed : packed) / 1000000;
        switch (what_) {
            case what::year:
                return t.year;
            case what::month:
                return t.month;
            case what::day:
                return t.day;
            case what::quarter:
                return (t.month + 2) / 3;
            case what::hour:  // of a TIME it goes beyond 23
                return a_->type.what == row_type::time ? of_day / 3600 : wide_int{t.hour};
            case what::minute:
                return t.minute;
            case what::second:
                return t.second;
            case what::microsecond:
                return t.microsecond;
            default:
                return packed - packed % microseconds_of_day;
        }
    }
    void number_of_day(const temporal& t, row_scope& scope, row_value& out) const {
        if (t.year == 0 && t.month == 0 && t.day == 0) return;
        if (t.month == 0 || t.day == 0)
            return scope.fail("a date lacks its month or day, and the expression needs it");
        const std::int64_t days = day_number(t);
        // Day 719528 was a Thursday.
        const auto weekday = static_cast<int>((days + 5) % 7);
        switch (what_) {
            case what::to_days:
                return out.set_exact(days);
            case what::day_of_week:
                return out.set_exact((weekday + 1) % 7 + 1);
            case what::weekday:
                return out.set_exact(weekday);
            default: {
                temporal first = t;
                first.month = first.day = 1;
                return out.set_exact(days - day_number(first) + 1);
            }
        }
    }
    what what_;
    row_node_ptr a_;
};

inline int days_of_month(const temporal& t) noexcept {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (t.year % 4 == 0 && t.year % 100 != 0) || t.year % 400 == 0;
    return days[t.month - 1] + (t.month == 2 && leap ? 1 : 0);
}

/// A date plus or minus a fixed INTERVAL: months or microseconds.
class shift_node final : public row_node {
public:
    shift_node(row_node_ptr a, std::int64_t months, wide_int microseconds)
        : a_(std::move(a)), months_(months), microseconds_(microseconds) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        temporal t = unpack_moment(v.n);
        if (t.year == 0 && t.month == 0 && t.day == 0) return;
        if (t.year == 0 || t.month == 0 || t.day == 0 || t.day > days_of_month(t))
            return scope.fail("a date that is not in the calendar, and the expression needs one");
        if (months_ != 0) {
            const std::int64_t month = std::int64_t{t.year} * 12 + t.month - 1 + months_;
            if (month < 0 || month >= 120000) return;  // NULL, as on the servers
            t.year = static_cast<std::uint16_t>(month / 12);
            t.month = static_cast<std::uint8_t>(month % 12 + 1);
            t.day = static_cast<std::uint8_t>(std::min<int>(t.day, days_of_month(t)));
            if (t.year == 0) return scope.fail("a date of the year 0");
            return out.set_exact(pack_moment(t));
        }
        const wide_int of_day = v.n % microseconds_of_day + microseconds_;
        wide_int days = of_day / microseconds_of_day;
        wide_int rest = of_day % microseconds_of_day;
        if (rest < 0) {
            rest += microseconds_of_day;
            --days;
        }
        days += day_number(t);
        constexpr wide_int last = 3652424;  // 9999-12-31
        if (days < 0 || days > last) return;
        if (days < 366) return scope.fail("a date of the year 0");
        out.set_exact(pack_moment(date_of_day(static_cast<std::int64_t>(days))) + rest);
    }

private:
    static temporal date_of_day(std::int64_t day) noexcept {
        temporal t;
        t.year = static_cast<std::uint16_t>(day / 366);  // not beyond the year
        t.month = t.day = 1;
        const auto next_year = [&] {
            temporal n = t;
            ++n.year;
            return n;
        };
        while (day_number(next_year()) <= day) ++t.year;
        std::int64_t left = day - day_number(t);
        for (int n = days_of_month(t); left >= n; n = days_of_month(t)) {
            left -= n;
            ++t.month;
        }
        t.day = static_cast<std::uint8_t>(left + 1);
        return t;
    }
    row_node_ptr a_;
    std::int64_t months_;
    wide_int microseconds_;
};

/// DATEDIFF: days between two dates.
class datediff_node final : public row_node {
public:
    datediff_node(row_node_ptr a, row_node_ptr b)
        : a_(moment_node::what::to_days, std::move(a)),
          b_(moment_node::what::to_days, std::move(b)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(a_, scope);
        const row_value y = value_of(b_, scope);
        if (!x.null && !y.null) out.set_exact(x.n - y.n);
    }

private:
    moment_node a_;
    moment_node b_;
};

/// CAST of an integer to 64 bits with or without sign.
class integer_cast_node final : public row_node {
public:
    explicit integer_cast_node(row_node_ptr a) : a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        const auto bits = static_cast<std::uint64_t>(v.n);
        out.set_exact(type.is_unsigned ? wide_int{bits}
                                       : wide_int{static_cast<std::int64_t>(bits)});
    }

private:
    row_node_ptr a_;
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
