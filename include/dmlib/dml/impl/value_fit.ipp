#pragma once

#include <dmlib/dml/impl/internal/plain_number.hpp>
#include <dmlib/dml/literal.hpp>
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/model/charset.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

/// The largest number of an integer type without its sign, as text.
inline std::string_view largest(schema::type_kind type, bool is_unsigned) noexcept {
    using kind = schema::type_kind;
    switch (type) {
        case kind::tinyint:
            return is_unsigned ? "255" : "127";
        case kind::smallint:
            return is_unsigned ? "65535" : "32767";
        case kind::mediumint:
            return is_unsigned ? "16777215" : "8388607";
        case kind::int_:
            return is_unsigned ? "4294967295" : "2147483647";
        default:
            return is_unsigned ? "18446744073709551615" : "9223372036854775807";
    }
}

inline bool is_real(const schema::column& c) noexcept {
    return c.type == schema::type_kind::float_ || c.type == schema::type_kind::double_;
}

/// Digits in front of the point of a DECIMAL, FLOAT(M,D) or DOUBLE(M,D).
inline std::optional<std::uint64_t> whole_digits(const schema::column& c) {
    const bool exact = c.type == schema::type_kind::decimal;
    if (!exact && !(is_real(c) && c.decimals)) return std::nullopt;
    return c.length.value_or(10) -
           std::min<std::uint64_t>(c.decimals.value_or(0), c.length.value_or(10));
}
inline std::optional<std::uint64_t> decimals_of(const schema::column& c) {
    if (c.type == schema::type_kind::decimal) return c.decimals.value_or(0);
    if (is_real(c) && c.decimals) return std::uint64_t{*c.decimals};
    if (is_real(c)) return std::nullopt;
    return 0;
}

inline bool keeps_integers(const schema::column& from, const schema::column& to) {
    const std::string_view most = largest(from.type, from.is_unsigned);
    if (to.is_unsigned && !from.is_unsigned) return false;
    if (to.is_integer()) {
        const std::string_view room = largest(to.type, to.is_unsigned);
        return room.size() > most.size() || (room.size() == most.size() && room >= most);
    }
    if (const auto whole = whole_digits(to)) return !is_real(to) && *whole >= most.size();
    // 24 and 53 bits are exact.
    return to.type == schema::type_kind::float_ ? most.size() <= 8 : most.size() <= 10;
}

inline bool keeps_numbers(const schema::column& from, const schema::column& to) {
    if (from.is_integer()) return keeps_integers(from, to);
    if (to.is_unsigned && !from.is_unsigned) return false;
    if (from.type == schema::type_kind::decimal) {
        return to.type == from.type && *whole_digits(to) >= *whole_digits(from) &&
               *decimals_of(to) >= *decimals_of(from);
    }
    if (!is_real(to)) return false;
    if (from.type == schema::type_kind::double_ && to.type == schema::type_kind::float_)
        return false;
    return !to.decimals || (from.decimals && *whole_digits(to) >= *whole_digits(from) &&
                            *to.decimals >= *from.decimals);
}

inline bool is_plain_text(const schema::column& c) noexcept {
    using kind = schema::type_kind;
    return c.is_character() && c.type != kind::enum_ && c.type != kind::set;
}
inline bool is_binary_string(const schema::column& c) noexcept {
    using kind = schema::type_kind;
    return c.type == kind::binary || c.type == kind::varbinary || c.type == kind::tinyblob ||
           c.type == kind::blob || c.type == kind::mediumblob || c.type == kind::longblob;
}

/// Bytes that a TEXT or BLOB holds; nothing for other types and where there is no limit to meet.
inline std::optional<std::uint64_t> byte_room(schema::type_kind type) noexcept {
    using kind = schema::type_kind;
    switch (type) {
        case kind::tinytext:
        case kind::tinyblob:
            return 255;
        case kind::text:
        case kind::blob:
            return 65535;
        case kind::mediumtext:
        case kind::mediumblob:
            return 16777215;
        default:
            return std::nullopt;
    }
}

inline bool has_length(const schema::column& c) noexcept {
    using kind = schema::type_kind;
    return c.type == kind::char_ || c.type == kind::varchar || c.type == kind::binary ||
           c.type == kind::varbinary;
}

inline bool is_moment(schema::type_kind type) noexcept {
    return type == schema::type_kind::datetime || type == schema::type_kind::timestamp;
}

inline std::string value_text(const value_view& v) {
    std::string out;
    if (v.kind == value_kind::text || v.kind == value_kind::bytes) {
        out = v.text();
    } else {
        append_text(out, v);
    }
    return out;
}

inline std::size_t count_characters(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    }));
}

}  // namespace internal

DMLIB_DECL std::optional<value_fit> value_fit::between(const schema::column& source,
                                                       const schema::column& target) {
    using namespace internal;
    using kind = schema::type_kind;
    value_fit out;
    out.goal_ = target.type;
    out.is_unsigned_ = target.is_unsigned;
    out.charset_ = source.charset;
    if (source.is_numeric() && target.is_numeric()) {
        if (keeps_numbers(source, target)) return std::nullopt;
        out.rule_ = rule::number;
        out.whole_ = whole_digits(target);
        out.decimals_ = decimals_of(target);
    } else if (source.is_temporal() && target.is_temporal()) {
        const bool same_kind =
            source.type == target.type || (is_moment(source.type) && is_moment(target.type));
        if (same_kind && source.fraction_digits <= target.fraction_digits) return std::nullopt;
        if (source.type == kind::date && is_moment(target.type)) return std::nullopt;
        out.rule_ = same_kind                                             ? rule::fraction
                    : is_moment(source.type) && target.type == kind::date ? rule::midnight
                                                                          : rule::never;
        out.decimals_ = target.fraction_digits;
    } else if (is_plain_text(source) && is_plain_text(target)) {
        out.loses_blanks_ = target.type == kind::char_ && source.type != kind::char_;
        const auto* info = find_charset(target.charset);
        if (info != nullptr) out.target_bytes_ = info->max_bytes;
        const bool same_bytes = source.charset == target.charset ||
                                (is_utf8(source.charset) && is_utf8(target.charset));
        if (has_length(target)) {
            out.rule_ = rule::characters;
            out.limit_ = target.length.value_or(1);
            if (!out.loses_blanks_ && has_length(source) && source.length.value_or(1) <= out.limit_)
                return std::nullopt;
        } else if (const auto room = byte_room(target.type)) {
            out.rule_ = rule::text_bytes;
            out.limit_ = *room;
            const auto own =
                has_length(source) ? source.length.value_or(1) * 4 : byte_room(source.type);
            if (own && *own <= out.limit_ && (same_bytes || has_length(source)))
                return std::nullopt;
        } else {
            return std::nullopt;
        }
    } else if (is_binary_string(source) && is_binary_string(target)) {
        const auto room =
            has_length(target) ? std::optional(target.length.value_or(1)) : byte_room(target.type);
        const auto own =
            has_length(source) ? std::optional(source.length.value_or(1)) : byte_room(source.type);
        if (!room) return std::nullopt;
        out.limit_ = *room;
        if (source.type == kind::binary) out.source_width_ = *own;
        const bool fills = target.type == kind::binary;
        if (fills ? source.type == kind::binary && *own == *room : own && *own <= *room)
            return std::nullopt;
        out.rule_ = fills ? rule::exact_bytes : rule::bytes;
    } else {
        return std::nullopt;
    }
    out.text_ = fmt::format("column {} is {} there and {} on the source",
                            quoted_identifier(target.name),
                            schema::column_type_text(target, {}),
                            schema::column_type_text(source, {}));
    return out;
}

DMLIB_DECL bool value_fit::number_changes(const std::string& text) const {
    using namespace internal;
    using kind = schema::type_kind;
    const plain_number n = plain_number::of(text);
    if (n.digits.empty()) return false;
    if (is_unsigned_ && n.negative) return true;
    if (decimals_ && n.fraction() > *decimals_) return true;
    if (whole_ && n.whole() > *whole_) return true;
    if (goal_ == kind::float_) return as_real<float>(text) != n;
    if (goal_ == kind::double_) return as_real<double>(text) != n;
    if (goal_ == kind::decimal) return false;
    std::string digits = n.digits;
    digits.resize(n.whole(), '0');
    const std::string_view room = largest(goal_, is_unsigned_);
    if (digits.size() != room.size()) return digits.size() > room.size();
    if (digits <= room) return false;
    // The least number is one further from zero than the largest.
    std::string least(room);
    ++least.back();
    return is_unsigned_ || !n.negative || digits != least;
}

DMLIB_DECL bool value_fit::text_changes(std::string_view raw) const {
    using namespace internal;
    if (!loses_blanks_ && rule_ == rule::characters && raw.size() <= limit_) return false;
    std::string converted;
    std::string_view utf8 = raw;
    if (!is_utf8(charset_)) {
        auto text = to_utf8(raw, charset_);
        if (!text) return false;  // the server has to say what it takes
        converted = std::move(*text);
        utf8 = converted;
    }
    if (loses_blanks_ && utf8.ends_with(' ')) return true;
    const std::size_t characters = count_characters(utf8);
    if (rule_ == rule::characters) return characters > limit_;
    const std::size_t bytes =
        target_bytes_ >= 3 ? utf8.size() : characters * std::size_t{target_bytes_};
    return bytes > limit_;
}

DMLIB_DECL bool value_fit::changes(const value_view& v) const {
    if (v.is_null() || v.is_absent()) return false;
    switch (rule_) {
        case rule::never:
            return true;
        case rule::characters:
        case rule::text_bytes:
            return text_changes(v.text());
        case rule::bytes:
            return std::max<std::uint64_t>(v.size, source_width_) > limit_;
        case rule::exact_bytes:
            return std::max<std::uint64_t>(v.size, source_width_) != limit_;
        case rule::number:
        case rule::fraction:
        case rule::midnight:
            break;
    }
    const std::string text = internal::value_text(v);
    if (rule_ == rule::number) return number_changes(text);
    if (rule_ == rule::midnight) {
        const std::size_t clock = text.find(' ');
        return clock != std::string::npos &&
               text.find_first_not_of("0:.", clock + 1) != std::string::npos;
    }
    const std::size_t point = text.find('.');
    if (point == std::string::npos) return false;
    return text.find_first_not_of('0', point + 1 + *decimals_) != std::string::npos;
}

DMLIB_DECL error value_fit::fault(const table_name& source,
                                  const table_name& target,
                                  const value_view& v) const {
    std::string what;
    switch (rule_) {
        case rule::characters:
        case rule::text_bytes:
        case rule::bytes:
        case rule::exact_bytes:
            what = fmt::format("a value of {} bytes", v.size);
            break;
        default:
            what = internal::value_text(v);
    }
    error e{
        errc::db_data_too_long,
        fmt::format("the target's table {} would not keep {}: {}", quoted(target), what, text_)};
    e.table(source.schema, source.table);
    return e;
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
