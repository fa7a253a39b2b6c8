#pragma once

#include <dmlib/schema/table.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace internal

DMLIB_DECL bool same_name(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (internal::lower(a[i]) != internal::lower(b[i])) return false;
    }
    return true;
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
