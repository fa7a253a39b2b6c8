#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/schema/impl/internal/same_expression.hpp>
#include <dmlib/schema/values_kept.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline values_kept kept_if(bool all) noexcept {
    return all ? values_kept::all : values_kept::unknown;
}

/// The worse of two.
inline values_kept both(values_kept a, values_kept b) noexcept {
    return std::max(a, b);
}

// ---- numbers

inline int bits_of(type_kind type) noexcept {
    switch (type) {
        case type_kind::tinyint:
            return 8;
        case type_kind::smallint:
            return 16;
        case type_kind::mediumint:
            return 24;
        case type_kind::int_:
            return 32;
        default:
            return 64;
    }
}

/// Digits of the largest number.
inline std::uint64_t digits_of(const column& c) noexcept {
    switch (c.type) {
        case type_kind::tinyint:
            return 3;
        case type_kind::smallint:
            return 5;
        case type_kind::mediumint:
            return c.is_unsigned ? 8 : 7;
        case type_kind::int_:
            return 10;
        default:
            return c.is_unsigned ? 20 : 19;
    }
}

inline bool is_real(const column& c) noexcept {
    return c.type == type_kind::float_ || c.type == type_kind::double_;
}

inline std::uint64_t places_of(const column& c) noexcept {
    return c.decimals.value_or(0);
}
/// In front of the point.
inline std::uint64_t whole_of(const column& c) noexcept {
    const std::uint64_t all = c.length.value_or(10);
    return all - std::min(places_of(c), all);
}

inline values_kept integer_kept(const column& from, const column& to) noexcept {
    if (to.is_integer()) {
        const int had = bits_of(from.type);
        const int has = bits_of(to.type);
        const bool fits =
            from.is_unsigned == to.is_unsigned ? has >= had : from.is_unsigned && has > had;
        return fits ? values_kept::all : values_kept::all_or_refused;
    }
    if (to.type == type_kind::decimal) {
        const bool fits = whole_of(to) >= digits_of(from) && (from.is_unsigned || !to.is_unsigned);
        return fits ? values_kept::all : values_kept::all_or_refused;
    }
    // 24 and 53 bits are exact.
    const int exact = to.type == type_kind::float_ ? 24 : 53;
    return kept_if(is_real(to) && !to.decimals && (from.is_unsigned || !to.is_unsigned) &&
                   bits_of(from.type) <= exact);
}

inline values_kept number_kept(const column& from, const column& to) noexcept {
    if (from.is_integer()) return integer_kept(from, to);
    if (from.type == type_kind::decimal) {
        if (to.type != type_kind::decimal || places_of(to) < places_of(from))
            return values_kept::unknown;
        const bool fits = whole_of(to) >= whole_of(from) && (from.is_unsigned || !to.is_unsigned);
        return fits ? values_kept::all : values_kept::all_or_refused;
    }
    // As DOUBLE a FLOAT 0.1 is 0.10000000149011612, and no more what it was written as.
    if (from.type != to.type || (to.is_unsigned && !from.is_unsigned)) return values_kept::unknown;
    if (!to.decimals) return values_kept::all;
    return kept_if(from.decimals && places_of(to) >= places_of(from) &&
                   whole_of(to) >= whole_of(from));
}

// ---- texts and bytes

/// Bytes that a TEXT or BLOB holds, and as many characters at most; 0 for other types.
inline std::uint64_t blob_room(type_kind type) noexcept {
    switch (type) {
        case type_kind::tinytext:
        case type_kind::tinyblob:
            return 255;
        case type_kind::text:
        case type_kind::blob:
            return 65535;
        case type_kind::mediumtext:
        case type_kind::mediumblob:
            return 16777215;
        case type_kind::longtext:
        case type_kind::longblob:
            return 4294967295;
        default:
            return 0;
    }
}

inline bool is_unicode(std::string_view charset) noexcept {
    return charset == "utf8mb4" || charset == "utf16" || charset == "utf16le" || charset == "utf32";
}
inline bool is_basic_unicode(std::string_view charset) noexcept {
    return charset == "utf8mb3" || charset == "ucs2";
}

/// The charset of `to` has every character of that of `from`. A server in strict mode refuses what
/// it lacks.
inline values_kept characters_kept(const column& from, const column& to) noexcept {
    const std::string_view a = from.charset;
    const std::string_view b = to.charset;
    if (a == b) return values_kept::all;
    if (a == "binary" || b == "binary") return values_kept::unknown;
    if (is_unicode(b)) return values_kept::all;
    if (is_basic_unicode(b)) {
        return is_unicode(a) || a == "gb18030" ? values_kept::all_or_refused : values_kept::all;
    }
    const charset_info* const set = find_charset(b);
    if (a == "ascii" && set != nullptr && set->ascii_compatible) return values_kept::all;
    return values_kept::all_or_refused;
}

inline bool is_plain_text(const column& c) noexcept {
    return c.is_character() && c.type != type_kind::enum_ && c.type != type_kind::set;
}

inline std::uint64_t bytes_of_character(std::string_view charset) noexcept {
    const charset_info* const set = find_charset(charset);
    return set == nullptr ? 4 : set->max_bytes;
}

inline values_kept text_kept(const column& from, const column& to) noexcept {
    const std::uint64_t had = blob_room(from.type);
    const std::uint64_t room = blob_room(to.type);
    bool fits = false;
    if (room == 0) {
        // CHAR gives back no blanks at the end, and a text that is too long loses them in silence.
        const std::uint64_t most = had != 0 ? had : from.length.value_or(1);
        fits = most <= to.length.value_or(1) &&
               (to.type != type_kind::char_ || from.type == type_kind::char_);
    } else if (had == 0) {
        fits = from.length.value_or(1) * bytes_of_character(to.charset) <= room;
    } else {
        const bool same_bytes = from.charset == to.charset ||
                                (from.charset == "utf8mb3" && to.charset == "utf8mb4") ||
                                (from.charset == "ascii" && to.charset.starts_with("utf8"));
        fits = same_bytes ? had <= room : had * bytes_of_character(to.charset) <= room;
    }
    return both(kept_if(fits), characters_kept(from, to));
}

inline bool is_bytes(const column& c) noexcept {
    return c.type == type_kind::binary || c.type == type_kind::varbinary ||
           (blob_room(c.type) != 0 && !c.is_character());
}

inline values_kept bytes_kept(const column& from, const column& to) noexcept {
    const auto most = [](const column& c) {
        const std::uint64_t room = blob_room(c.type);
        return room != 0 ? room : c.length.value_or(1);
    };
    // BINARY fills up.
    if (to.type == type_kind::binary)
        return kept_if(from.type == to.type && most(from) == most(to));
    return most(from) <= most(to) ? values_kept::all : values_kept::all_or_refused;
}

// ---- the rest

inline values_kept moment_kept(const column& from, const column& to) noexcept {
    if (from.type == type_kind::date && to.type == type_kind::datetime) return values_kept::all;
    // TIMESTAMP and DATETIME tell each other's times by the session's zone.
    return kept_if(from.type == to.type && from.fraction_digits <= to.fraction_digits);
}

/// ENUM goes by the names of its members; SET also prints them in its own order.
inline values_kept members_kept(const column& from, const column& to) {
    auto at = to.members.begin();
    for (const std::string& m : from.members) {
        const bool ordered = from.type == type_kind::set;
        const auto found = std::find(ordered ? at : to.members.begin(), to.members.end(), m);
        // A server may take another member for it that its collation takes for equal.
        if (found == to.members.end()) return values_kept::unknown;
        at = found;
    }
    return characters_kept(from, to);
}

inline values_kept type_kept(const column& from, const column& to) {
    if (from.is_numeric() && to.is_numeric()) return number_kept(from, to);
    if (is_plain_text(from) && is_plain_text(to)) return text_kept(from, to);
    if (is_bytes(from) && is_bytes(to)) return bytes_kept(from, to);
    if (from.is_temporal() && to.is_temporal()) return moment_kept(from, to);
    if (from.type != to.type) return values_kept::unknown;
    if (from.type == type_kind::enum_ || from.type == type_kind::set) return members_kept(from, to);
    if (from.type == type_kind::bit)
        return kept_if(from.length.value_or(1) <= to.length.value_or(1));
    return kept_if(from.type_name == to.type_name && from.srid == to.srid &&
                   from.length == to.length);
}

}  // namespace internal

DMLIB_DECL values_kept values_kept_by(const column& from, const column& to) {
    using namespace internal;
    if (from.is_generated() || to.is_generated()) {
        const bool same = from.is_generated() && to.is_generated() &&
                          same_expression(from.expression, to.expression);
        return same ? type_kept(from, to) : values_kept::unknown;
    }
    values_kept out = type_kept(from, to);
    if (from.nullable && !to.nullable) {
        // These two put something else in NULL's place on their own.
        const bool fills = to.auto_increment || to.type == type_kind::timestamp;
        out = both(out, fills ? values_kept::unknown : values_kept::all_or_refused);
    }
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
