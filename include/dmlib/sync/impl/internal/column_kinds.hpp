// How event filters name what became of a column: its definitions before and after compared.
#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/event_kind.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

using schema::type_kind;
using kind_list = std::vector<event_kind>;

inline void add_kind(kind_list& to, event_kind kind) {
    if (std::find(to.begin(), to.end(), kind) == to.end()) to.push_back(kind);
}

/// Families within which a type can grow without a change of any value.
enum class type_family : std::uint8_t { none, integer, floating, text, bytes };

inline type_family family_of(const schema::column& c) {
    switch (c.type) {
        case type_kind::tinyint:
        case type_kind::smallint:
        case type_kind::mediumint:
        case type_kind::int_:
        case type_kind::bigint:
            return type_family::integer;
        case type_kind::float_:
        case type_kind::double_:
            return type_family::floating;
        case type_kind::char_:
        case type_kind::varchar:
        case type_kind::tinytext:
        case type_kind::text:
        case type_kind::mediumtext:
        case type_kind::longtext:
            return type_family::text;
        case type_kind::binary:
        case type_kind::varbinary:
        case type_kind::tinyblob:
        case type_kind::blob:
        case type_kind::mediumblob:
        case type_kind::longblob:
            return type_family::bytes;
        default:
            return type_family::none;
    }
}

inline int integer_bits(type_kind t) {
    switch (t) {
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

/// Every value of `from` is one of `to`.
inline bool integers_fit(const schema::column& from, const schema::column& to) {
    const int had = integer_bits(from.type);
    const int has = integer_bits(to.type);
    if (from.is_unsigned) return to.is_unsigned ? has >= had : has > had;
    return !to.is_unsigned && has >= had;
}

/// Bytes that a TEXT or BLOB holds; 0 for types with a length.
inline std::uint64_t lob_bytes(type_kind t) {
    switch (t) {
        case type_kind::tinytext:
        case type_kind::tinyblob:
            return 0xFF;
        case type_kind::text:
        case type_kind::blob:
            return 0xFFFF;
        case type_kind::mediumtext:
        case type_kind::mediumblob:
            return 0xFFFFFF;
        case type_kind::longtext:
        case type_kind::longblob:
            return 0xFFFFFFFF;
        default:
            return 0;
    }
}

/// Every text of `from` fits into `to`. Lengths are of characters, those of TEXT and BLOB of bytes.
inline bool texts_fit(const schema::column& from, const schema::column& to) {
    const std::uint64_t had = lob_bytes(from.type);
    const std::uint64_t has = lob_bytes(to.type);
    if (had != 0 && has != 0) return has >= had;
    if (has == 0) return to.length.value_or(1) >= (had != 0 ? had : from.length.value_or(1));
    const auto* charset = find_charset(to.charset);
    const bool counts_bytes = family_of(to) == type_family::bytes || charset == nullptr;
    return has >= from.length.value_or(1) * (counts_bytes ? 1 : charset->max_bytes);
}

/// (M,D) of DECIMAL, FLOAT and DOUBLE; the largest numbers where FLOAT and DOUBLE have none.
struct number_shape {
    std::uint64_t whole;     ///< digits before the point
    std::uint64_t decimals;  ///< behind it
};

inline number_shape shape_of(const schema::column& c) {
    constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
    if (c.type == type_kind::decimal) {
        const std::uint64_t decimals = c.decimals.value_or(0);
        const std::uint64_t length = c.length.value_or(10);
        return {length > decimals ? length - decimals : 0, decimals};
    }
    if (!c.length || !c.decimals) return {any, any};
    return {*c.length > *c.decimals ? *c.length - *c.decimals : 0, *c.decimals};
}

/// DECIMAL, and FLOAT and DOUBLE with digits. Where one of the two shrinks, DM has one name for it:
/// that of the type.
inline void number_kinds(const schema::column& from, const schema::column& to, kind_list& out) {
    const number_shape had = shape_of(from);
    const number_shape has = shape_of(to);
    const bool narrower = has.whole < had.whole || (to.is_unsigned && !from.is_unsigned);
    const bool coarser = has.decimals < had.decimals;
    if (coarser) add_kind(out, event_kind::precision_decrease);
    if (narrower) add_kind(out, event_kind::value_range_decrease);
    if (!narrower && !coarser) return;
    add_kind(out,
             from.type == type_kind::decimal ? event_kind::precision_decrease
                                             : event_kind::value_range_decrease);
}

inline void member_kinds(const schema::column& from, const schema::column& to, kind_list& out) {
    const auto& had = from.members;
    const auto& has = to.members;
    if (has.size() >= had.size() && std::equal(had.begin(), had.end(), has.begin())) return;
    const bool all_there = std::all_of(had.begin(), had.end(), [&](const std::string& m) {
        return std::find(has.begin(), has.end(), m) != has.end();
    });
    if (all_there) add_kind(out, event_kind::modify_column);
    add_kind(out, event_kind::value_range_decrease);
}

/// The same type with other attributes.
inline void same_type_kinds(const schema::column& from, const schema::column& to, kind_list& out) {
    switch (from.type) {
        case type_kind::decimal:
        case type_kind::float_:
        case type_kind::double_:
            return number_kinds(from, to, out);
        case type_kind::enum_:
        case type_kind::set:
            return member_kinds(from, to, out);
        case type_kind::binary:
            // A longer one has other values: they are filled with zero bytes.
            if (to.length.value_or(1) > from.length.value_or(1))
                return add_kind(out, event_kind::modify_column);
            break;
        case type_kind::vector:
        case type_kind::other:
            if (to.length != from.length || to.type_name != from.type_name)
                add_kind(out, event_kind::modify_column);
            return;
        default:
            break;
    }
    const bool integer = family_of(from) == type_family::integer;
    if (integer) {
        if (integers_fit(from, to)) return;
        add_kind(out, event_kind::value_range_decrease);
        return add_kind(out, event_kind::precision_decrease);
    }
    if (to.fraction_digits < from.fraction_digits) {
        add_kind(out, event_kind::precision_decrease);
        add_kind(out, event_kind::value_range_decrease);
    }
    if (from.length && to.length && *to.length < *from.length) {
        add_kind(out, event_kind::value_range_decrease);
        if (from.type == type_kind::binary) add_kind(out, event_kind::precision_decrease);
    }
}

/// What a column's new type does to values; empty where every value stays what it is.
inline kind_list type_kinds(const schema::column& from, const schema::column& to) {
    kind_list out;
    if (from.type == to.type) {
        same_type_kinds(from, to, out);
        return out;
    }
    const type_family had = family_of(from);
    const type_family has = family_of(to);
    if (had == has && had == type_family::integer) {
        if (!integers_fit(from, to)) add_kind(out, event_kind::value_range_decrease);
        return out;
    }
    const bool text = had == type_family::text || had == type_family::bytes;
    if (had == has && text) {
        const bool fits = texts_fit(from, to);
        const bool both_have_lengths = lob_bytes(from.type) == 0 && lob_bytes(to.type) == 0;
        if (!fits || both_have_lengths) add_kind(out, event_kind::modify_column);
        if (!fits) add_kind(out, event_kind::value_range_decrease);
        return out;
    }
    add_kind(out, event_kind::modify_column);
    if (had == has && had == type_family::floating) {
        if (to.type == type_kind::float_) add_kind(out, event_kind::precision_decrease);
        if (to.is_unsigned && !from.is_unsigned) add_kind(out, event_kind::value_range_decrease);
    }
    const bool charset_goes = text && (has == type_family::text || has == type_family::bytes);
    if (charset_goes) add_kind(out, event_kind::modify_charset);
    return out;
}

/// A default as it is compared: digits behind the point that only fill up, and the (6) of
/// CURRENT_TIMESTAMP(6), belong to the type.
inline std::string_view default_text(const schema::column& c) {
    std::string_view text = c.default_value.text;
    if (c.default_value.kind == schema::default_kind::expression) {
        constexpr std::string_view now = "current_timestamp";
        const bool is_now =
            schema::same_name(text.substr(0, now.size()), now) &&
            text.find_first_not_of("()0123456789", now.size()) == std::string_view::npos;
        return is_now ? text.substr(0, now.size()) : text;
    }
    const auto point = text.find('.');
    const bool fills_up = (c.is_numeric() || c.is_temporal()) && point != std::string_view::npos &&
                          text.find_first_not_of("0123456789", point + 1) == std::string_view::npos;
    if (!fills_up) return text;
    while (text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') text.remove_suffix(1);
    return text;
}

inline bool same_default(const schema::column& a, const schema::column& b) {
    using schema::default_kind;
    const auto kind = [](const schema::column& c) {
        const default_kind k = c.default_value.kind;
        return k == default_kind::null ? default_kind::none : k;
    };
    if (kind(a) != kind(b)) return false;
    if (kind(a) == default_kind::none) return true;
    return kind(a) == default_kind::expression ? schema::same_name(default_text(a), default_text(b))
                                               : default_text(a) == default_text(b);
}

/// What else became of a column, in DM's order. `moved`: it has another place among the others.
inline kind_list attribute_kinds(const schema::column& from, const schema::column& to, bool moved) {
    kind_list out;
    if (from.auto_increment && !to.auto_increment) add_kind(out, event_kind::remove_auto_increment);
    if (!same_default(from, to)) add_kind(out, event_kind::modify_default_value);
    if (from.is_character() && to.is_character()) {
        if (from.charset != to.charset) add_kind(out, event_kind::modify_charset);
        if (from.collation != to.collation) add_kind(out, event_kind::modify_collation);
    }
    if (moved) add_kind(out, event_kind::modify_columns_order);
    if (!schema::same_name(from.name, to.name)) add_kind(out, event_kind::rename_column);
    return out;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
