#pragma once

#include <dmlib/dml/impl/internal/kept_document.hpp>
#include <dmlib/dml/impl/internal/plain_number.hpp>
#include <dmlib/dml/impl/internal/same_text.hpp>
#include <dmlib/dml/impl/internal/shown_form.hpp>
#include <dmlib/dml/literal.hpp>
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/model/transcode.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

/// The largest number of an integer type, of BIT(n) and of YEAR without its sign, as text.
inline std::string largest(const schema::column& c) {
    using kind = schema::type_kind;
    switch (c.type) {
        case kind::tinyint:
            return c.is_unsigned ? "255" : "127";
        case kind::smallint:
            return c.is_unsigned ? "65535" : "32767";
        case kind::mediumint:
            return c.is_unsigned ? "16777215" : "8388607";
        case kind::int_:
            return c.is_unsigned ? "4294967295" : "2147483647";
        case kind::bit:
            return std::to_string(~std::uint64_t{0} >>
                                  (64 - std::min(c.length.value_or(1), std::uint64_t{64})));
        case kind::year:
            return "2155";
        default:
            return c.is_unsigned ? "18446744073709551615" : "9223372036854775807";
    }
}

inline bool is_whole(const schema::column& c) noexcept {
    return c.is_integer() || c.type == schema::type_kind::bit || c.type == schema::type_kind::year;
}
inline bool is_number(const schema::column& c) noexcept {
    return c.is_numeric() || is_whole(c);
}
inline bool has_no_sign(const schema::column& c) noexcept {
    return c.is_unsigned || c.type == schema::type_kind::bit || c.type == schema::type_kind::year;
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
    const std::string most = largest(from);
    if (has_no_sign(to) && !has_no_sign(from)) return false;
    if (to.type == schema::type_kind::year) return false;
    if (is_whole(to)) {
        const std::string room = largest(to);
        return room.size() > most.size() || (room.size() == most.size() && room >= most);
    }
    if (const auto whole = whole_digits(to)) return !is_real(to) && *whole >= most.size();
    // 24 and 53 bits are exact.
    return to.type == schema::type_kind::float_ ? most.size() <= 8 : most.size() <= 10;
}

inline bool keeps_numbers(const schema::column& from, const schema::column& to) {
    if (is_whole(from)) return keeps_integers(from, to);
    if (has_no_sign(to) && !from.is_unsigned) return false;
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

inline bool is_two_digit_year(const schema::column& c) noexcept {
    return c.type == schema::type_kind::year && c.length == 2U;
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

/// Bytes that stand for themselves, and for a text at most if they are one.
inline bool holds_bytes(const schema::column& c) noexcept {
    return is_binary_string(c) || c.is_geometry() || c.type == schema::type_kind::vector;
}
inline bool is_member(const schema::column& c) noexcept {
    return c.type == schema::type_kind::enum_ || c.type == schema::type_kind::set;
}
/// Types of which this version knows nothing.
inline bool is_odd(const schema::column& c) noexcept {
    using kind = schema::type_kind;
    return c.type == kind::xmltype || c.type == kind::other || c.type == kind::serial;
}

/// Characters, all of them ASCII, of the longest text that the source shows; nothing where that
/// is not known.
inline std::optional<std::uint64_t> longest_text(const schema::column& c) {
    using kind = schema::type_kind;
    switch (c.type) {
        case kind::year:
        case kind::date:
            return c.type == kind::year ? 4 : 10;
        case kind::time:
            return 10 + (c.fraction_digits == 0 ? 0 : c.fraction_digits + 1);
        case kind::datetime:
        case kind::timestamp:
            return 19 + (c.fraction_digits == 0 ? 0 : c.fraction_digits + 1);
        case kind::inet4:
            return 15;
        case kind::inet6:
            return 39;
        case kind::uuid:
            return 36;
        case kind::decimal:
            return std::max<std::uint64_t>(c.length.value_or(10), 1) + 3;
        default:
            break;
    }
    if (!c.is_integer()) return std::nullopt;
    const std::uint64_t width = largest(c).size() + (c.is_unsigned ? 0 : 1);
    return c.zerofill ? std::max(width, c.length.value_or(0)) : width;
}

/// The longest member of an ENUM, or all of a SET, where each character takes one byte.
inline std::optional<std::uint64_t> longest_members(const schema::column& c) {
    std::uint64_t longest = 0, all = 0;
    for (const std::string& name : c.members) {
        if (!std::all_of(name.begin(), name.end(), [](char x) { return (x & 0x80) == 0; }))
            return std::nullopt;
        longest = std::max<std::uint64_t>(longest, name.size());
        all += name.size() + 1;
    }
    return c.type == schema::type_kind::enum_ ? longest : all;
}

inline bool have_members(const schema::column& set, std::string_view text) {
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view name = text.substr(0, comma);
        if (std::find(set.members.begin(), set.members.end(), name) == set.members.end())
            return false;
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return true;
}

inline bool is_utf8_text(std::string_view bytes, bool four_bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
        const unsigned char first = at(i);
        const std::size_t n = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (first >= 0x80 && (first < 0xC2 || first > 0xF4)) return false;
        if (i + n > bytes.size() || (n == 4 && !four_bytes)) return false;
        for (std::size_t k = 1; k < n; ++k) {
            if ((at(i + k) & 0xC0U) != 0x80) return false;
        }
        const unsigned char second = n > 1 ? at(i + 1) : 0;
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
            (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
            return false;
        i += n;
    }
    return true;
}

}  // namespace internal

DMLIB_DECL void value_fit::of_numbers(const schema::column& source, const schema::column& target) {
    using namespace internal;
    using kind = schema::type_kind;
    const bool same =
        source.type == target.type && (source.type == kind::bit || source.type == kind::year);
    crosses_ = !same && target.type == kind::year;  // 5 is 2005 there
    if (is_two_digit_year(source) && !same) return;
    rule_ = rule::number;
    needed_ = !same && !keeps_numbers(source, target);
    if (source.type == kind::float_) shown_ = std::make_shared<const shown_form>(source, target);
}

DMLIB_DECL void value_fit::of_moments(const schema::column& source, const schema::column& target) {
    using namespace internal;
    using kind = schema::type_kind;
    const bool same_kind =
        source.type == target.type || (is_moment(source.type) && is_moment(target.type));
    needed_ = !(same_kind && source.fraction_digits <= target.fraction_digits) &&
              !(source.type == kind::date && is_moment(target.type));
    rule_ = same_kind                                             ? rule::fraction
            : is_moment(source.type) && target.type == kind::date ? rule::midnight
                                                                  : rule::never;
    decimals_ = target.fraction_digits;
}

DMLIB_DECL void value_fit::of_texts(const schema::column& source, const schema::column& target) {
    using namespace internal;
    using kind = schema::type_kind;
    loses_blanks_ = target.type == kind::char_ && source.type != kind::char_;
    const bool same_bytes =
        source.charset == target.charset || (is_utf8(source.charset) && is_utf8(target.charset));
    if (has_length(target)) {
        rule_ = rule::characters;
        limit_ = target.length.value_or(1);
        needed_ = loses_blanks_ || !has_length(source) || source.length.value_or(1) > limit_;
    } else if (const auto room = byte_room(target.type)) {
        rule_ = rule::text_bytes;
        limit_ = *room;
        const auto own =
            has_length(source) ? source.length.value_or(1) * 4 : byte_room(source.type);
        needed_ = !own || *own > limit_ || (!same_bytes && !has_length(source));
    } else {
        needed_ = false;
    }
}

DMLIB_DECL void value_fit::of_bytes(const schema::column& source, const schema::column& target) {
    using namespace internal;
    using kind = schema::type_kind;
    const auto room =
        has_length(target) ? std::optional(target.length.value_or(1)) : byte_room(target.type);
    auto own =
        has_length(source) ? std::optional(source.length.value_or(1)) : byte_room(source.type);
    if (is_plain_text(source) && has_length(source)) {
        const auto* info = find_charset(source.charset);
        *own *= info != nullptr ? info->max_bytes : 4;
    }
    if (is_member(source)) {
        own = is_utf8(source.charset) || is_ascii_safe(source.charset) ? longest_members(source)
                                                                       : std::nullopt;
    } else if (!is_plain_text(source) && !holds_bytes(source)) {
        own = longest_text(source);
    }
    if (source.type == kind::binary) source_width_ = *own;
    const bool fills = target.type == kind::binary;
    rule_ = fills ? rule::exact_bytes : rule::bytes;
    limit_ = room.value_or(~std::uint64_t{0});
    needed_ = fills ? source.type != kind::binary || *own != *room : room && (!own || *own > *room);
    if (is_member(source) && !own) needed_ = true;
    if (!is_plain_text(source) && !holds_bytes(source))
        shown_ = std::make_shared<const shown_form>(source, target);
}

/// `longest`: what the source may show, all of it ASCII.
DMLIB_DECL void value_fit::into_text(const schema::column& target,
                                     std::optional<std::uint64_t> longest) {
    using namespace internal;
    charset_ = "utf8mb4";
    loses_blanks_ = target.type == schema::type_kind::char_ && !longest;
    if (has_length(target)) {
        rule_ = rule::characters;
        limit_ = target.length.value_or(1);
    } else if (const auto room = byte_room(target.type)) {
        rule_ = rule::text_bytes;
        limit_ = *room;
        if (longest) *longest *= target_bytes_;
    } else {
        rule_ = rule::text_bytes;
        limit_ = ~std::uint64_t{0};
    }
    needed_ = loses_blanks_ || !longest || *longest > limit_;
    if (limit_ == ~std::uint64_t{0}) needed_ = false;
}

/// Into ENUM and SET: by name.
DMLIB_DECL void value_fit::of_members(const schema::column& source, const schema::column& target) {
    using namespace internal;
    rule_ = rule::same_text;
    if (source.type != target.type) return;
    needed_ = !std::all_of(source.members.begin(), source.members.end(), [&](const auto& name) {
        return std::find(target.members.begin(), target.members.end(), name) !=
               target.members.end();
    });
}

DMLIB_DECL void value_fit::of_families(const schema::column& source, const schema::column& target) {
    using namespace internal;
    using kind = schema::type_kind;
    const bool bytes = holds_bytes(source), json = source.type == kind::json;
    const bool characters = is_plain_text(source) || is_member(source) || json;
    shown_ = std::make_shared<const shown_form>(source, target);
    if (source.type == kind::bit || is_two_digit_year(source)) return;
    if (is_plain_text(target)) {
        into_text(target, is_member(source) ? longest_members(source) : longest_text(source));
        if (!bytes) return;
        const auto* info = find_charset(target.charset);
        if (info == nullptr || info->min_bytes != 1) rule_ = rule::never;
        shown_.reset();
        needed_ = true;
        charset_ = target.charset;
        loses_blanks_ = target.type == kind::char_;
        from_bytes_ = true;
        if (source.type == kind::binary) source_width_ = source.length.value_or(1);
    } else if (is_binary_string(target)) {
        if (is_address(source)) return;
        shown_.reset();
        of_bytes(source, target);
    } else if (is_member(target)) {
        if (source.is_geometry() || source.type == kind::vector) return;
        of_members(source, target);
    } else if (is_number(target) || target.is_temporal()) {
        // A BIT shows bytes.
        if ((characters || is_binary_string(source)) && target.type != kind::bit)
            rule_ = rule::same_text;
    } else if (target.type == kind::json) {
        if (is_plain_text(source) || is_member(source) || is_number(source)) rule_ = rule::document;
    } else if (is_address(target)) {
        if (is_plain_text(source) || is_member(source) || is_address(source))
            rule_ = rule::same_text;
    } else if (is_binary_string(source)) {
        needed_ = false;  // GEOMETRY and VECTOR of bytes: the server looks at them
    }
    if (rule_ == rule::same_text) target_ = std::make_shared<const schema::column>(target);
}

DMLIB_DECL std::optional<value_fit> value_fit::between(const schema::column& source,
                                                       const schema::column& target) {
    using namespace internal;
    value_fit out;
    out.goal_ = target.type;
    out.is_unsigned_ = has_no_sign(target);
    out.charset_ = source.charset;
    if (is_number(target)) {
        out.whole_ = whole_digits(target);
        out.decimals_ = decimals_of(target);
        out.most_ = largest(target);
    }
    if (const auto* info = find_charset(target.charset)) out.target_bytes_ = info->max_bytes;
    if (is_odd(source) || is_odd(target)) return std::nullopt;
    if (is_number(source) && is_number(target)) {
        out.of_numbers(source, target);
    } else if (source.is_temporal() && target.is_temporal()) {
        out.of_moments(source, target);
    } else if (is_plain_text(source) && is_plain_text(target)) {
        out.of_texts(source, target);
    } else if (is_binary_string(source) && is_binary_string(target)) {
        out.of_bytes(source, target);
    } else if (source.is_geometry() && target.is_geometry()) {
        return std::nullopt;
    } else if (source.type == target.type && !is_member(source)) {
        return std::nullopt;
    } else {
        if (source.type == target.type && source.members == target.members) return std::nullopt;
        out.crosses_ = true;
        out.of_families(source, target);
    }
    if (!out.needed_) return std::nullopt;
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
    if (goal_ == kind::year && (digits.size() != 4 || digits < "1901")) return true;
    if (digits.size() != most_.size()) return digits.size() > most_.size();
    if (digits <= most_) return false;
    // The least number is one further from zero than the largest.
    std::string least(most_);
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

/// Bytes that become a text have to be one: servers cut others, or take them as they are.
DMLIB_DECL bool value_fit::bytes_change(std::string_view raw) const {
    using namespace internal;
    std::string padded(raw);
    if (padded.size() < source_width_) padded.resize(source_width_, '\0');
    if (!is_ascii(padded) && !(is_utf8(charset_) && is_utf8_text(padded, charset_ == "utf8mb4")))
        return true;
    return text_changes(padded);
}

DMLIB_DECL bool value_fit::same_text_changes(const std::string& text) const {
    using namespace internal;
    const schema::column& to = *target_;
    if (is_member(to)) return !shows_members(text, to);
    if (to.is_temporal()) return !shows_moment(text, to);
    if (is_number(to)) return !shows_number(text, to) || number_changes(text);
    return !shows_address(text, to);
}

/// By the text that the source's server shows.
DMLIB_DECL bool value_fit::shown_changes(const value_view& v) const {
    using namespace internal;
    if (rule_ == rule::number) return number_changes(shown_->number(v));
    const auto text = shown_->text(v);
    if (!text) return true;
    const schema::column& from = shown_->source();
    if (target_ && from.type == target_->type && from.type == schema::type_kind::set)
        return !have_members(*target_, *text);  // in any order
    switch (rule_) {
        case rule::characters:
        case rule::text_bytes:
            return text_changes(*text);
        case rule::bytes:
        case rule::exact_bytes:
            // Which bytes the characters are, on every target.
            if (!is_ascii(*text) && is_member(from) && !is_utf8(from.charset)) return true;
            return rule_ == rule::bytes ? text->size() > limit_ : text->size() != limit_;
        case rule::document:
            return !document_scan(*text).kept();
        default:
            return same_text_changes(*text);
    }
}

DMLIB_DECL bool value_fit::changes(const value_view& v) const {
    if (v.is_null() || v.is_absent()) return false;
    if (rule_ == rule::never) return true;
    if (shown_) return shown_changes(v);
    switch (rule_) {
        case rule::characters:
        case rule::text_bytes:
            return from_bytes_ ? bytes_change(v.text()) : text_changes(v.text());
        case rule::bytes:
            return std::max<std::uint64_t>(v.size, source_width_) > limit_;
        case rule::exact_bytes:
            return std::max<std::uint64_t>(v.size, source_width_) != limit_;
        default:
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

/// No bytes, and no long texts.
DMLIB_DECL std::string value_fit::described(const value_view& v) const {
    using namespace internal;
    constexpr std::size_t longest = 64;
    const auto size = [](std::size_t n) { return fmt::format("a value of {} bytes", n); };
    if (shown_) {
        const auto text = shown_->text(v);
        if (!text || text->size() > longest || !is_utf8_text(*text, true))
            return size(text ? text->size() : v.size);
        return shown_->source().is_numeric() || shown_->source().is_temporal()
                   ? *text
                   : quoted_literal(*text);
    }
    const bool is_number = rule_ == rule::number || rule_ == rule::fraction ||
                           rule_ == rule::midnight || rule_ == rule::never;
    return is_number && v.kind != value_kind::bytes ? value_text(v) : size(v.size);
}

DMLIB_DECL error value_fit::fault(const table_name& source,
                                  const table_name& target,
                                  const value_view& v) const {
    error e{
        errc::db_data_too_long,
        fmt::format(
            "the target's table {} would not keep {}: {}", quoted(target), described(v), text_)};
    e.table(source.schema, source.table);
    return e;
}

namespace internal {

/// Characters that the charset of a text lacks. Of charsets of several bytes the server has to say.
inline bool lacks_characters(const schema::column& target, const std::string& text) {
    if (!is_plain_text(target) || is_ascii(text)) return false;
    if (is_utf8(target.charset)) return !is_utf8_text(text, target.charset == "utf8mb4");
    const auto* info = find_charset(target.charset);
    return info != nullptr && info->max_bytes == 1 && !from_utf8(text, target.charset);
}

}  // namespace internal

DMLIB_DECL schema::column filled_column(const schema::column& target) {
    schema::column out;
    out.name = target.name;
    out.type = schema::type_kind::longtext;
    out.charset = "utf8mb4";
    return out;
}

DMLIB_DECL std::optional<error> filled_fault(const std::string& text,
                                             const schema::column& target,
                                             const table_name& source,
                                             const table_name& target_name) {
    const auto fit = value_fit::between(filled_column(target), target);
    const bool changes =
        fit && fit->changes(value_view::make_bytes(value_kind::bytes, as_bytes(text)));
    if (!changes && !internal::lacks_characters(target, text)) return std::nullopt;
    const bool member = internal::is_member(target);
    error e{errc::db_data_too_long,
            fmt::format("a route fills column {} of the target's table {} with {}, which {} {}",
                        quoted_identifier(target.name),
                        quoted(target_name),
                        quoted_literal(text),
                        member ? "is no member of" : "would be another value in",
                        schema::column_type_text(target, {}))};
    e.workaround(
        fmt::format("Make the column {} of the target's table {} a VARCHAR({}){}; dmlib "
                    "check prints a statement. Give rows that an earlier version wrote the whole "
                    "value. Then run again.",
                    quoted_identifier(target.name),
                    quoted(target_name),
                    internal::count_characters(text),
                    member ? ", or add the text to its members" : " at least"));
    e.table(source.schema, source.table);
    return e;
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
