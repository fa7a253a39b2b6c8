// Columns of a row image as values of an expression. A value comes from the binlog in its own form
// or from the full copy as text.
#pragma once

#include <dmlib/binlog/json.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/impl/internal/row_value.hpp>

#include <ctime>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Seconds since the epoch as a moment of UTC + minutes.
inline temporal moment_of_seconds(std::int64_t seconds, std::uint32_t microsecond) noexcept {
    const std::int64_t day = seconds / 86400 - (seconds % 86400 < 0 ? 1 : 0);
    const auto of_day = static_cast<std::uint32_t>(seconds - day * 86400);
    // Days to a date, by eras of 400 years that begin in March.
    const std::int64_t z = day + 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const auto doe = static_cast<std::uint32_t>(z - era * 146097);
    const std::uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::uint32_t mp = (5 * doy + 2) / 153;
    temporal t;
    t.day = static_cast<std::uint8_t>(doy - (153 * mp + 2) / 5 + 1);
    t.month = static_cast<std::uint8_t>(mp < 10 ? mp + 3 : mp - 9);
    t.year = static_cast<std::uint16_t>(yoe + era * 400 + (t.month <= 2 ? 1 : 0));
    t.hour = static_cast<std::uint16_t>(of_day / 3600);
    t.minute = static_cast<std::uint8_t>(of_day / 60 % 60);
    t.second = static_cast<std::uint8_t>(of_day % 60);
    t.microsecond = microsecond;
    return t;
}

/// Days since the year 0, as TO_DAYS counts them.
inline std::int64_t day_number(const temporal& t) noexcept {
    const std::int64_t y = std::int64_t{t.year} - (t.month <= 2 ? 1 : 0);
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yoe = y - era * 400;
    const std::int64_t m = t.month;
    const std::int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + t.day - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468 + 719528;
}

inline std::optional<std::uint32_t> read_digits(std::string_view text) noexcept {
    std::uint32_t n = 0;
    if (text.empty() || text.size() > 6) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        n = n * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return n;
}

/// "hh:mm:ss[.ffffff]"; hours of two or three digits.
inline bool read_clock(std::string_view text, temporal& t) noexcept {
    const std::size_t dot = text.find('.');
    if (dot != std::string_view::npos) {
        const std::string_view fraction = text.substr(dot + 1);
        const auto micros = read_digits(fraction);
        if (!micros) return false;
        t.microsecond = *micros;
        for (std::size_t i = fraction.size(); i < 6; ++i) t.microsecond *= 10;
        text = text.substr(0, dot);
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon < 2 || colon > 3 || text.size() != colon + 6 ||
        text[colon + 3] != ':')
        return false;
    const auto hour = read_digits(text.substr(0, colon));
    const auto minute = read_digits(text.substr(colon + 1, 2));
    const auto second = read_digits(text.substr(colon + 4, 2));
    if (!hour || !minute || !second || *minute > 59 || *second > 59) return false;
    t.hour = static_cast<std::uint16_t>(*hour);
    t.minute = static_cast<std::uint8_t>(*minute);
    t.second = static_cast<std::uint8_t>(*second);
    return true;
}

/// "yyyy-mm-dd[ clock]", with any numbers in the fields.
inline bool read_date(std::string_view text, temporal& t) noexcept {
    if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
    const auto year = read_digits(text.substr(0, 4));
    const auto month = read_digits(text.substr(5, 2));
    const auto day = read_digits(text.substr(8, 2));
    if (!year || !month || !day || *month > 12 || *day > 31) return false;
    t.year = static_cast<std::uint16_t>(*year);
    t.month = static_cast<std::uint8_t>(*month);
    t.day = static_cast<std::uint8_t>(*day);
    if (text.size() == 10) return true;
    return text[10] == ' ' && text.size() >= 19 && read_clock(text.substr(11), t);
}

class column_node final : public row_node {
public:
    column_node(const schema::column& c, std::size_t place, int zone_minutes)
        : name_(c.name),
          place_(place),
          kind_(c.type),
          zone_minutes_(zone_minutes),
          length_(c.type == schema::type_kind::binary ? c.length.value_or(1) : 0) {
        if (c.type == schema::type_kind::enum_ || c.type == schema::type_kind::set)
            members_ = c.members;
    }
    const std::vector<std::string>& members() const noexcept { return members_; }
    schema::type_kind kind() const noexcept { return kind_; }

    void eval(row_scope& scope, row_value& out) const override {
        if (place_ >= scope.image.size() || scope.image[place_].is_absent())
            return scope.fail("the row's image lacks column " + quoted_identifier(name_) +
                                  ", for it was written with a binlog_row_image other than FULL",
                              "SET GLOBAL binlog_row_image='FULL' on the source, reconnect its "
                              "sessions, and copy "
                              "the table again; or take the expression out of the task.");
        const value_view& v = scope.image[place_];
        if (v.is_null()) return;
        bool fine = false;
        switch (type.what) {
            case row_type::null:
                break;
            case row_type::exact:
                fine = exact(v, out);
                break;
            case row_type::real:
                fine = real(v, out);
                break;
            case row_type::text:
                fine = text(v, out);
                break;
            case row_type::date:
            case row_type::time:
            case row_type::datetime:
                fine = moment(v, out);
                break;
        }
        if (!fine) scope.fail("the value of column " + name_ + " is not of its type");
    }

private:
    static bool is_text(const value_view& v) noexcept {
        return v.kind == value_kind::text || v.kind == value_kind::bytes;
    }

    bool exact(const value_view& v, row_value& out) const {
        if (v.kind == value_kind::int64) {
            out.set_exact(v.i);
            return true;
        }
        if (v.kind == value_kind::uint64) {
            out.set_exact(v.u);
            return true;
        }
        if (v.kind == value_kind::decimal) append_text(out.own, v);
        const std::string_view s = v.kind == value_kind::decimal ? out.own : v.text();
        if (v.kind != value_kind::decimal && !is_text(v)) return false;
        const auto n = parse_exact(s, type.scale);
        if (n) out.set_exact(*n);
        return n.has_value();
    }

    bool real(const value_view& v, row_value& out) const {
        if (v.kind == value_kind::float32) {
            out.set_real(static_cast<double>(v.f));
        } else if (v.kind == value_kind::float64) {
            out.set_real(v.d);
        } else if (is_text(v)) {
            out.set_real(leading_number(v.text()));
        } else {
            return false;
        }
        return true;
    }

    bool text(const value_view& v, row_value& out) const {
        if (kind_ == schema::type_kind::enum_) return member(v, out);
        if (kind_ == schema::type_kind::set) return several_members(v, out);
        if (v.kind == value_kind::json) {
            if (!binlog::append_json_text(out.own, v.bytes())) return false;
            out.set_own();
            return true;
        }
        if (!is_text(v)) return false;
        if (v.size < length_) {
            out.own = std::string(v.text());
            out.own.resize(static_cast<std::size_t>(length_), '\0');
            out.set_own();
        } else {
            out.set_text(v.text());
        }
        return true;
    }

    bool member(const value_view& v, row_value& out) const {
        row_value index;
        if (!exact(v, index) || index.n > static_cast<wide_int>(members_.size())) return false;
        out.set_text(index.n == 0 ? std::string_view{}
                                  : members_[static_cast<std::size_t>(index.n) - 1]);
        return true;
    }

    bool several_members(const value_view& v, row_value& out) const {
        row_value mask;
        if (!exact(v, mask)) return false;
        const auto bits = static_cast<std::uint64_t>(mask.n);
        if (members_.size() < 64 && bits >> members_.size() != 0) return false;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if ((bits >> i & 1) == 0) continue;
            if (!out.own.empty()) out.own.push_back(',');
            out.own += members_[i];
        }
        out.set_own();
        return true;
    }

    bool moment(const value_view& v, row_value& out) const {
        temporal t;
        if (v.kind == value_kind::timestamp) {
            if (v.i != 0 || v.size != 0) t = moment_of_seconds(v.i + 60 * zone_minutes_, v.size);
        } else if (is_text(v)) {
            if (!read_moment(v.text(), t)) return false;
        } else {
            t = v.as_temporal();
        }
        out.set_exact(type.what == row_type::time ? pack_time(t) : pack_moment(t));
        return true;
    }

    bool read_moment(std::string_view s, temporal& t) const {
        if (type.what == row_type::time) {
            const bool negative = s.starts_with('-');
            if (negative) s.remove_prefix(1);
            if (!read_clock(s, t)) return false;
            t.negative = negative;
            return true;
        }
        if (!read_date(s, t)) return false;
        if (kind_ == schema::type_kind::timestamp && t.month != 0) {
            // The full copy reads TIMESTAMP in UTC.
            const std::int64_t seconds = (day_number(t) - 719528) * 86400 + t.hour * 3600LL +
                                         t.minute * 60LL + t.second + 60LL * zone_minutes_;
            t = moment_of_seconds(seconds, t.microsecond);
        }
        return true;
    }

    std::string name_;
    std::size_t place_;
    schema::type_kind kind_;
    int zone_minutes_;
    std::uint64_t length_;
    std::vector<std::string> members_{};
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
