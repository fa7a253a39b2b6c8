#pragma once

#include <dmlib/binlog/json.hpp>
#include <dmlib/dml/impl/internal/address_text.hpp>
#include <dmlib/dml/impl/internal/same_text.hpp>
#include <dmlib/dml/impl/internal/shown_form.hpp>
#include <dmlib/dml/literal.hpp>
#include <dmlib/model/transcode.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

using schema::type_kind;

inline bool is_utf8(std::string_view charset) noexcept {
    return charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8";
}
/// Charsets in which a text of bytes below 0x80 is the same text in ASCII.
inline bool is_ascii_safe(std::string_view charset) noexcept {
    const charset_info* info = find_charset(charset);
    return info != nullptr && info->min_bytes == 1 && charset != "swe7";
}
inline bool is_ascii(std::string_view bytes) noexcept {
    return std::all_of(
        bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// "-0" and "-0.00" are exact numbers to a server, which have no such zero.
inline constexpr std::string_view negative_zero = "-0e0";

/// A FLOAT or DOUBLE as a row event has it, or the text of a number as the full copy reads it.
inline bool is_negative_zero(const value_view& v) noexcept {
    if (v.kind == value_kind::float32) return v.f == 0 && std::signbit(v.f);
    if (v.kind == value_kind::float64) return v.d == 0 && std::signbit(v.d);
    const std::string_view text = v.text();
    return text.starts_with('-') && text.find_first_not_of("0.", 1) == std::string_view::npos;
}

inline literal_form form_of(const schema::column& c) {
    switch (c.type) {
        case type_kind::tinyint:
        case type_kind::smallint:
        case type_kind::mediumint:
        case type_kind::int_:
        case type_kind::bigint:
        case type_kind::decimal:
        case type_kind::float_:
        case type_kind::double_:
        case type_kind::bit:
        case type_kind::year:
        case type_kind::serial:
            return literal_form::number;
        case type_kind::date:
        case type_kind::time:
        case type_kind::datetime:
        case type_kind::timestamp:
            return literal_form::temporal;
        case type_kind::enum_:
            return literal_form::member;
        case type_kind::set:
            return literal_form::member_set;
        case type_kind::json:
            return literal_form::json;
        case type_kind::inet4:
            return literal_form::inet4;
        case type_kind::inet6:
            return literal_form::inet6;
        case type_kind::uuid:
            return literal_form::uuid_text;
        default:
            break;
    }
    if (!c.is_character() || c.charset.empty() || c.charset == "binary")
        return literal_form::binary;
    return is_utf8(c.charset) ? literal_form::text : literal_form::other_text;
}

inline bool is_bytes(const schema::column& c) noexcept {
    switch (c.type) {
        case type_kind::binary:
        case type_kind::varbinary:
        case type_kind::tinyblob:
        case type_kind::blob:
        case type_kind::mediumblob:
        case type_kind::longblob:
            return true;
        default:
            return false;
    }
}

/// Places of a SET's members by their places in another one; those that it lacks last.
inline std::vector<std::uint8_t> order_of_members(const std::vector<std::string>& from,
                                                  const std::vector<std::string>& to) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < from.size() && i < 64; ++i) {
        out.push_back(static_cast<std::uint8_t>(i));
    }
    const auto place = [&](std::uint8_t i) { return std::find(to.begin(), to.end(), from[i]); };
    std::stable_sort(out.begin(), out.end(), [&](std::uint8_t a, std::uint8_t b) {
        return place(a) < place(b);
    });
    return out;
}

/// Numbers and times in a column of another family: '0000' of a YEAR is no 0 there.
inline bool crosses_to_text(const schema::column& from, const schema::column& to) noexcept {
    const bool to_number =
        to.is_numeric() || to.type == type_kind::bit || to.type == type_kind::year;
    if (from.is_temporal()) return !to.is_temporal();
    const bool is_number = from.is_numeric() || from.type == type_kind::year;
    if (is_number || is_address(from)) return !to_number && from.type != to.type;
    return false;
}

/// Texts that become numbers are written as numbers: TiDB compares others as doubles. A FLOAT has
/// other digits as a DOUBLE.
inline bool crosses_to_number(const schema::column& from, const schema::column& to) noexcept {
    const bool to_number =
        to.is_numeric() || to.type == type_kind::bit || to.type == type_kind::year;
    if (from.type == type_kind::float_) return to_number && to.type != from.type;
    const bool is_text = from.is_character() || from.type == type_kind::json || is_bytes(from);
    return to_number && is_text;
}

/// Strings grow by doubling: of a value of many megabytes that would be as much again.
inline void make_room(std::string& out, std::string_view text) {
    constexpr std::size_t large = std::size_t{1} << 20;
    constexpr std::size_t for_the_rest = 4096;
    if (text.size() < large) return;
    const auto escaped = std::count_if(text.begin(), text.end(), [](char c) {
        return c == '\0' || c == '\n' || c == '\r' || c == '\x1a' || c == '\'' || c == '\\';
    });
    out.reserve(out.size() + text.size() + static_cast<std::size_t>(escaped) + for_the_rest);
}

}  // namespace internal

DMLIB_DECL void append_quoted(std::string& out, std::string_view text) {
    internal::make_room(out, text);
    out.push_back('\'');
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char escape = 0;
        switch (text[i]) {
            case '\0':
                escape = '0';
                break;
            case '\n':
                escape = 'n';
                break;
            case '\r':
                escape = 'r';
                break;
            case '\x1a':
                escape = 'Z';
                break;
            case '\'':
                escape = '\'';
                break;
            case '\\':
                escape = '\\';
                break;
            default:
                continue;
        }
        out.append(text, from, i - from);
        out.push_back('\\');
        out.push_back(escape);
        from = i + 1;
    }
    out.append(text, from, text.size() - from);
    out.push_back('\'');
}

DMLIB_DECL void append_hex(std::string& out, std::string_view bytes) {
    if (bytes.empty()) {
        out += "''";
        return;
    }
    constexpr char digits[] = "0123456789abcdef";
    out += "0x";
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out.push_back(digits[b >> 4]);
        out.push_back(digits[b & 15]);
    }
}

DMLIB_DECL column_writer make_column_writer(const schema::column& source,
                                            const schema::column* target,
                                            target_dialect dialect) {
    using internal::type_kind;
    column_writer w;
    const schema::column& goal = target != nullptr ? *target : source;
    w.form_ = internal::form_of(source);
    w.dialect_ = dialect;
    w.charset_ = source.charset;
    w.ascii_safe_ = internal::is_ascii_safe(source.charset);
    w.target_charset_ = goal.is_character() ? goal.charset : std::string{};
    w.is_float_ = goal.type == type_kind::float_;
    if (source.type == type_kind::binary) w.width_ = source.fixed_bytes();
    w.is_json_target_ = goal.type == type_kind::json;
    w.is_char_target_ = goal.is_character() || goal.type == type_kind::json;
    if (source.type == type_kind::enum_ || source.type == type_kind::set) {
        w.members_ = std::make_shared<const std::vector<std::string>>(source.members);
        w.by_name_ = goal.type != source.type || goal.members != source.members;
        if (w.by_name_ && source.type == type_kind::set && goal.type == type_kind::set)
            w.member_order_ = internal::order_of_members(source.members, goal.members);
    }
    // A target without the special type holds what the text form or the bytes say.
    if ((w.form_ == literal_form::inet4 || w.form_ == literal_form::inet6 ||
         w.form_ == literal_form::uuid_text) &&
        !goal.is_character() && goal.type != source.type) {
        w.form_ = literal_form::binary;
    }
    w.crossing_ = internal::crosses_to_text(source, goal)     ? column_writer::crossing::quoted
                  : internal::crosses_to_number(source, goal) ? column_writer::crossing::number
                                                              : column_writer::crossing::none;
    if (w.crossing_ != column_writer::crossing::none)
        w.shown_ = std::make_shared<const internal::shown_form>(source, goal);
    // The characters' bytes, as CAST(c AS BINARY) gives them on the source.
    const bool is_text = w.form_ == literal_form::text || w.form_ == literal_form::other_text;
    if (is_text && internal::is_bytes(goal)) w.form_ = literal_form::binary;
    return w;
}

DMLIB_DECL bool column_writer::needs_lenient_mode(const value_view& v) const noexcept {
    if (form_ != literal_form::member || by_name_) return false;
    if (v.kind == value_kind::uint64) return v.u == 0;
    return v.kind == value_kind::bytes && v.size == 0 && members_ != nullptr &&
           std::find(members_->begin(), members_->end(), "") == members_->end();
}

DMLIB_DECL bool column_writer::looks_unchanged(const value_view& before,
                                               const value_view& after) const noexcept {
    if (dialect_ != target_dialect::tidb || form_ != literal_form::member || by_name_ ||
        members_ == nullptr || after.kind != value_kind::uint64)
        return false;
    const auto empty = std::find(members_->begin(), members_->end(), "");
    if (empty == members_->end()) return false;
    const auto number = static_cast<std::uint64_t>(empty - members_->begin()) + 1;
    const auto nameless = [number](std::uint64_t index) { return index == 0 || index == number; };
    if (!nameless(after.u)) return false;
    if (before.is_absent()) return true;
    return before.kind == value_kind::uint64 && before.u != after.u && nameless(before.u);
}

DMLIB_DECL std::size_t column_writer::named_member() const noexcept {
    if (members_ == nullptr) return 0;
    const auto at = std::find_if(
        members_->begin(), members_->end(), [](const std::string& name) { return !name.empty(); });
    return at == members_->end() ? 0 : static_cast<std::size_t>(at - members_->begin()) + 1;
}

DMLIB_DECL void column_writer::append_member(std::string& out, std::uint64_t index) const {
    if (by_name_ && members_ != nullptr) {
        append_quoted(
            out, index >= 1 && index <= members_->size() ? (*members_)[index - 1] : std::string{});
    } else {
        fmt::format_to(std::back_inserter(out), "{}", index);
    }
}

DMLIB_DECL void column_writer::append_members(std::string& out, std::uint64_t mask) const {
    // Servers compare a SET with a number as doubles, and TiDB's UPDATE takes none from 2^63 on.
    const bool too_large = (mask >> 53) != 0;
    if ((!by_name_ && !too_large) || members_ == nullptr) {
        fmt::format_to(std::back_inserter(out), "{}", mask);
        return;
    }
    std::string names;
    for (std::size_t k = 0; k < members_->size() && k < 64; ++k) {
        const std::size_t i = member_order_.empty() ? k : member_order_[k];
        if (((mask >> i) & 1) == 0) continue;
        if (!names.empty()) names.push_back(',');
        names += (*members_)[i];
    }
    append_quoted(out, names);
}

DMLIB_DECL void column_writer::append_bytes(std::string& out, std::string_view raw) const {
    switch (form_) {
        case literal_form::text:
        case literal_form::member:  // the full copy gives member names
        case literal_form::member_set:
        case literal_form::json:
            append_quoted(out, raw);
            return;
        case literal_form::inet4:
            out.push_back('\'');
            internal::append_inet4(out, raw);
            out.push_back('\'');
            return;
        case literal_form::inet6:
            out.push_back('\'');
            internal::append_inet6(out, raw);
            out.push_back('\'');
            return;
        case literal_form::uuid_text:
            out.push_back('\'');
            internal::append_uuid(out, raw);
            out.push_back('\'');
            return;
        case literal_form::other_text:
            break;
        default:
            if (raw.empty() && width_ == 0) {
                out += "''";
                return;
            }
            out += "_binary";
            append_quoted(out, raw);
            if (raw.size() < width_) {
                out.pop_back();
                for (std::size_t i = raw.size(); i < width_; ++i) out += "\\0";
                out.push_back('\'');
            }
            return;
    }
    if (ascii_safe_ && internal::is_ascii(raw)) {
        append_quoted(out, raw);
        return;
    }
    if (dialect_ != target_dialect::tidb) {
        out += '_' + charset_ + ' ';
        append_hex(out, raw);
        return;
    }
    // TiDB takes no introducer of another charset: it gets UTF-8. What cannot be converted (see
    // check) is no value that a row of the target could have: FF is never a part of UTF-8, while
    // the bytes alone might be.
    auto text = to_utf8(raw, charset_);
    if (text) {
        append_quoted(out, *text);
    } else {
        append_hex(out, '\xff' + std::string(raw));
    }
}

DMLIB_DECL result<void> column_writer::check(const value_view& v) const {
    if (!may_refuse() || v.kind != value_kind::bytes) return {};
    const auto raw = v.text();
    if (ascii_safe_ && internal::is_ascii(raw)) return {};
    auto text = to_utf8(raw, charset_);
    if (text) return {};
    error fault = text.error();
    return fault.workaround("Correct the value on the source, or leave the table out.");
}

/// False where there is no text to show: the bytes are for the target to refuse.
DMLIB_DECL bool column_writer::append_shown(std::string& out, const value_view& v) const {
    if (crossing_ == crossing::quoted) {
        const auto text = shown_->text(v);
        if (text) append_quoted(out, *text);
        return text.has_value();
    }
    if (shown_->source().type == schema::type_kind::float_) {
        if (internal::is_negative_zero(v)) return false;
        out += shown_->number(v);
        return true;
    }
    // What is no number stays a quoted text: value_fit stops before it is written.
    const auto text = shown_->text(v);
    if (!text || !internal::is_plain_number(*text)) return false;
    out += *text;
    return true;
}

DMLIB_DECL void column_writer::append(std::string& out, const value_view& v) const {
    if (crossing_ != crossing::none && !v.is_null() && !v.is_absent() && append_shown(out, v))
        return;
    append_value(out, v);
}

DMLIB_DECL void column_writer::append_value(std::string& out, const value_view& v) const {
    switch (v.kind) {
        case value_kind::null:
            out += "NULL";
            return;
        case value_kind::absent:
            out += "DEFAULT";
            return;
        case value_kind::uint64:
            if (form_ == literal_form::member) return append_member(out, v.u);
            if (form_ == literal_form::member_set) return append_members(out, v.u);
            append_text(out, v);
            return;
        case value_kind::float32:
        case value_kind::float64:
            if (internal::is_negative_zero(v)) {
                out += internal::negative_zero;
            } else if (v.kind == value_kind::float32 && internal::is_largest_float(v.f)) {
                fmt::format_to(std::back_inserter(out), "{}", static_cast<double>(v.f));
            } else {
                append_text(out, v);
            }
            return;
        case value_kind::int64:
        case value_kind::decimal:
            append_text(out, v);
            return;
        case value_kind::date:
        case value_kind::time:
        case value_kind::datetime:
        case value_kind::timestamp:
            out.push_back('\'');
            append_text(out, v);
            out.push_back('\'');
            return;
        case value_kind::bytes:
            append_bytes(out, v.text());
            return;
        case value_kind::json: {
            std::string text;
            if (binlog::append_json_text(text, v.bytes())) {
                append_quoted(out, text);
            } else {
                append_hex(out, v.text());  // refused by the target: never a guess
            }
            return;
        }
        case value_kind::json_diff:
            append_hex(out, v.text());
            return;
        case value_kind::text:
            if (form_ == literal_form::number) {
                out += internal::is_negative_zero(v) ? internal::negative_zero : v.text();
            } else {
                append_quoted(out, v.text());
            }
            return;
    }
}

DMLIB_DECL void column_writer::append_equal(std::string& out,
                                            std::string_view quoted_column,
                                            const value_view& v) const {
    out += quoted_column;
    if (v.is_null()) {
        out += " IS NULL";
        return;
    }
    out.push_back('=');
    if (is_float_ && v.kind == value_kind::float32) {
        // The column's 32 bits are compared as a double: name exactly that double.
        fmt::format_to(std::back_inserter(out), "{}", static_cast<double>(v.f));
        return;
    }
    const std::size_t start = out.size();
    append(out, v);
    if (!is_float_) return;
    // So it is with numbers of other types.
    float f = 0;
    const auto read = std::from_chars(out.data() + start, out.data() + out.size(), f);
    if (read.ec != std::errc{} || read.ptr != out.data() + out.size()) return;
    out.resize(start);
    fmt::format_to(std::back_inserter(out), "{}", static_cast<double>(f));
}

DMLIB_DECL void column_writer::append_identical(std::string& out,
                                                std::string_view quoted_column,
                                                const value_view& v) const {
    const bool by_number =
        (form_ == literal_form::member || form_ == literal_form::member_set) && !by_name_;
    if (v.is_null() || v.is_absent() || !is_char_target_ || by_number) {
        append_equal(out, quoted_column, v);
        return;
    }
    if (is_json_target_) {
        out += quoted_column;
        out += dialect_ == target_dialect::tidb ? "=CAST(CONVERT(" : "=CAST(";
        append(out, v);
        out += dialect_ == target_dialect::tidb ? " USING utf8mb4) AS JSON)" : " AS JSON)";
        return;
    }
    // Bytes against bytes, both in the target column's charset. TiDB's CAST refuses, or cuts, what
    // has more bytes than the column has characters.
    const bool tidb = dialect_ == target_dialect::tidb;
    const std::string_view to_bytes = tidb ? " USING binary)" : " AS BINARY)";
    out += tidb ? "CONVERT(" : "CAST(";
    out += quoted_column;
    out += to_bytes;
    out += tidb ? "=CONVERT(CONVERT(" : "=CAST(CONVERT(";
    append(out, v);
    fmt::format_to(std::back_inserter(out),
                   " USING {}){}",
                   target_charset_.empty()        ? "utf8mb4"
                   : target_charset_ == "utf8mb3" ? "utf8"
                                                  : target_charset_,
                   to_bytes);
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
