#pragma once

#include <dmlib/schema/table.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool is_ascii(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x80;
}

/// The next character of a text in UTF-8; a byte that begins none is one by itself.
inline char32_t take_letter(std::string_view& text) noexcept {
    const auto byte = [&](std::size_t i) -> char32_t {
        return static_cast<unsigned char>(text[i]);
    };
    const char32_t first = byte(0);
    const std::size_t size = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 1;
    char32_t out = size == 1 ? first : size == 2 ? first & 0x1f : first & 0x0f;
    bool good = text.size() >= size;
    for (std::size_t i = 1; good && i < size; ++i) {
        good = (byte(i) & 0xc0) == 0x80;
        out = (out << 6) | (byte(i) & 0x3f);
    }
    text.remove_prefix(good ? size : 1);
    if (good && (size > 1 || first < 0x80)) return out;
    return 0x110000 + first;  // no letter
}

struct letter_range {
    std::uint16_t first;
    std::uint16_t last;
    std::int16_t to_lower;  ///< 1: every other one, the pairs begin with a capital
};

/// The alphabets with capitals, as far as names are written in them.
inline constexpr letter_range capitals[] = {
    {0x41, 0x5a, 32},   {0xc0, 0xd6, 32},    {0xd8, 0xde, 32},    {0x100, 0x12f, 1},
    {0x132, 0x137, 1},  {0x139, 0x148, 1},   {0x14a, 0x177, 1},   {0x178, 0x178, -121},
    {0x179, 0x17e, 1},  {0x386, 0x386, 38},  {0x388, 0x38a, 37},  {0x38c, 0x38c, 64},
    {0x38e, 0x38f, 63}, {0x391, 0x3a1, 32},  {0x3a3, 0x3ab, 32},  {0x400, 0x40f, 80},
    {0x410, 0x42f, 32}, {0x460, 0x481, 1},   {0x490, 0x4bf, 1},   {0x4d0, 0x4f9, 1},
    {0x531, 0x556, 48}, {0x1e00, 0x1e95, 1}, {0x1ea0, 0x1ef9, 1}, {0xff21, 0xff3a, 32},
};

/// The small letter, as the servers compare names of columns: accents count, capitals do not.
inline char32_t lower_letter(char32_t c) noexcept {
    for (const letter_range& r : capitals) {
        if (c < r.first) return c;
        if (c > r.last) continue;
        if (r.to_lower != 1)
            return static_cast<char32_t>(static_cast<std::int32_t>(c) + r.to_lower);
        return (c - r.first) % 2 == 0 ? c + 1 : c;
    }
    return c;
}

inline void append_letter(std::string& out, char32_t c) {
    const auto byte = [&](char32_t b) { out.push_back(static_cast<char>(b)); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xc0 | (c >> 6));
        byte(0x80 | (c & 0x3f));
    } else {
        byte(0xe0 | (c >> 12));
        byte(0x80 | ((c >> 6) & 0x3f));
        byte(0x80 | (c & 0x3f));
    }
}

}  // namespace internal

DMLIB_DECL std::string folded_name(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    while (!name.empty()) {
        const std::string_view rest = name;
        const char32_t letter = internal::take_letter(name);
        const char32_t small = internal::lower_letter(letter);
        if (small == letter) {
            out += rest.substr(0, rest.size() - name.size());
        } else {
            internal::append_letter(out, small);
        }
    }
    return out;
}

DMLIB_DECL bool same_name(std::string_view a, std::string_view b) noexcept {
    std::size_t i = 0;
    while (i < a.size() && i < b.size() && internal::is_ascii(a[i]) && internal::is_ascii(b[i])) {
        if (internal::lower(a[i]) != internal::lower(b[i])) return false;
        ++i;
    }
    a.remove_prefix(i);
    b.remove_prefix(i);
    while (!a.empty() && !b.empty()) {
        if (internal::lower_letter(internal::take_letter(a)) !=
            internal::lower_letter(internal::take_letter(b)))
            return false;
    }
    return a.empty() && b.empty();
}

DMLIB_DECL bool column::is_character() const noexcept {
    switch (type) {
        case type_kind::char_:
        case type_kind::varchar:
        case type_kind::tinytext:
        case type_kind::text:
        case type_kind::mediumtext:
        case type_kind::longtext:
        case type_kind::enum_:
        case type_kind::set:
            return true;
        default:
            return false;
    }
}

DMLIB_DECL bool column::is_integer() const noexcept {
    return type == type_kind::tinyint || type == type_kind::smallint ||
           type == type_kind::mediumint || type == type_kind::int_ || type == type_kind::bigint;
}

DMLIB_DECL bool column::is_numeric() const noexcept {
    return is_integer() || type == type_kind::decimal || type == type_kind::float_ ||
           type == type_kind::double_;
}

DMLIB_DECL bool column::is_temporal() const noexcept {
    return type == type_kind::date || type == type_kind::time || type == type_kind::datetime ||
           type == type_kind::timestamp;
}

DMLIB_DECL std::uint32_t column::fixed_bytes() const noexcept {
    switch (type) {
        case type_kind::binary:
            return static_cast<std::uint32_t>(length.value_or(1));
        case type_kind::inet4:
            return 4;
        case type_kind::inet6:
        case type_kind::uuid:
            return 16;
        default:
            return 0;
    }
}

DMLIB_DECL bool column::is_geometry() const noexcept {
    switch (type) {
        case type_kind::geometry:
        case type_kind::point:
        case type_kind::linestring:
        case type_kind::polygon:
        case type_kind::multipoint:
        case type_kind::multilinestring:
        case type_kind::multipolygon:
        case type_kind::geometrycollection:
            return true;
        default:
            return false;
    }
}

DMLIB_DECL bool column::is_blob_or_text() const noexcept {
    switch (type) {
        case type_kind::tinytext:
        case type_kind::text:
        case type_kind::mediumtext:
        case type_kind::longtext:
        case type_kind::tinyblob:
        case type_kind::blob:
        case type_kind::mediumblob:
        case type_kind::longblob:
        case type_kind::json:
            return true;
        default:
            return is_geometry();
    }
}

DMLIB_DECL const key* table::primary_key() const noexcept {
    for (const key& k : keys) {
        if (k.kind == key_kind::primary) return &k;
    }
    return nullptr;
}

DMLIB_DECL std::vector<const key*> table::unique_keys() const {
    std::vector<const key*> out;
    if (const key* const primary = primary_key()) out.push_back(primary);
    for (const key& k : keys) {
        if (k.kind == key_kind::unique) out.push_back(&k);
    }
    return out;
}

DMLIB_DECL const key* table::row_key() const noexcept {
    const auto usable = [this](const key& k) {
        if (!k.is_unique() || k.parts.empty() || !k.without_overlaps.empty()) return false;
        for (const key_part& part : k.parts) {
            const std::size_t at = find_column(part.column);
            if (at == npos || part.length || columns[at].nullable || columns[at].hidden) {
                return false;
            }
        }
        return true;
    };
    for (const key& k : keys) {
        if (k.kind == key_kind::primary && usable(k)) return &k;
    }
    for (const key& k : keys) {
        if (usable(k)) return &k;
    }
    return nullptr;
}

DMLIB_DECL std::size_t table::find_column(std::string_view column_name) const noexcept {
    if (column_name.empty()) return npos;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (same_name(columns[i].name, column_name)) return i;
    }
    return npos;
}

DMLIB_DECL std::size_t table::find_key(std::string_view key_name) const noexcept {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (same_name(keys[i].name, key_name)) return i;
    }
    return npos;
}

DMLIB_DECL const sql::table_option* table::find_option(sql::table_option_kind kind) const noexcept {
    for (const sql::table_option& option : options) {
        if (option.kind == kind) return &option;
    }
    return nullptr;
}

DMLIB_DECL std::vector<std::size_t> binlog_columns(const table& t, const server_kind&) {
    // Both servers write every column of the table, virtual generated ones too; MySQL leaves out
    // its hidden columns of functional indexes, which are no columns here either.
    std::vector<std::size_t> out(t.columns.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
