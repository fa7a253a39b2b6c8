#pragma once

#include <dmlib/binlog/impl/internal/column_plan.hpp>
#include <dmlib/binlog/table_map.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// Fills a table_map from its own bytes.
struct table_map_parser {
    // Both servers allow 4,096 columns; hidden ones come on top.
    static constexpr std::uint64_t max_columns = 8192;

    table_map& map;
    flavor dialect;

    static bool is_character(const column& c) noexcept {
        switch (c.type) {
            case column_type::string:
            case column_type::var_string:
            case column_type::varchar:
            case column_type::tiny_blob:
            case column_type::medium_blob:
            case column_type::long_blob:
            case column_type::blob:
            case column_type::mariadb_varchar_compressed:
            case column_type::mariadb_blob_compressed:
                return true;
            default:
                return false;
        }
    }
    /// MariaDB counts what has a character set, and gives GEOMETRY the set binary.
    static bool is_character_or_geometry(const column& c) noexcept {
        return is_character(c) || c.type == column_type::geometry;
    }
    static bool is_enum_or_set(const column& c) noexcept {
        return c.type == column_type::enumeration || c.type == column_type::set;
    }
    bool (*character_test() const noexcept)(const column&) noexcept {
        return dialect == flavor::mariadb ? is_character_or_geometry : is_character;
    }
    static bool is_numeric(const column& c) noexcept {
        return internal::integer_size(c.type) != 0 || c.type == column_type::newdecimal ||
               c.type == column_type::float32 || c.type == column_type::float64;
    }

    error fault(std::string what) const {
        error e(errc::binlog_corrupt, "table map: " + what);
        e.table(std::string(map.schema_), std::string(map.table_));
        return e;
    }

    result<void> parse() {
        byte_cursor p(as_bytes(map.body_));
        map.schema_ = p.text(p.lenenc());
        p.skip(1);
        map.table_ = p.text(p.lenenc());
        p.skip(1);
        const std::uint64_t count = p.lenenc();
        if (!p.ok() || count > max_columns) return fault("its names or its column count are wrong");
        const byte_view types = p.bytes(count);
        // Betas of 5.1 had nothing behind the types.
        if (p.ok() && p.at_end() && count != 0) return error(errc::binlog_refused, "no metadata");
        byte_cursor metadata(p.bytes(p.lenenc()));
        const byte_view nullable = p.bytes((count + 7) / 8);
        if (!p.ok()) return fault("it ends too early");
        map.columns_.resize(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < types.size(); ++i) {
            column& c = map.columns_[i];
            if (!internal::plan_column(types[i], metadata, c)) {
                return fault(
                    fmt::format("column @{} has type code {} with metadata that cannot be read",
                                i + 1,
                                types[i]));
            }
            c.nullable = ((nullable[i / 8] >> (i % 8)) & 1) != 0;
            if (internal::is_unsized(c.type)) map.has_unsized_ = true;
            if (c.read == internal::read_compressed || c.type == column_type::decimal)
                map.needs_arena_ = true;
        }
        if (!metadata.at_end()) return fault("it has more type metadata than columns");
        return optional_metadata(p);
    }

    result<void> optional_metadata(byte_cursor& p) {
        while (!p.at_end()) {
            const std::uint8_t type = p.u8();
            byte_cursor field(p.bytes(p.lenenc()));
            if (!p.ok()) return fault("its optional metadata is cut off");
            if (!metadata_field(type, field) || !field.ok()) {
                return fault(fmt::format("field {} of its optional metadata is wrong", type));
            }
        }
        return {};
    }

    std::vector<column_details>& details() {
        if (map.details_.empty()) map.details_.resize(map.columns_.size());
        return map.details_;
    }

    bool metadata_field(std::uint8_t type, byte_cursor& field) {
        switch (type) {
            case 1:
                return signedness(field);
            case 2:
                return default_charset(field, character_test());
            case 3:
                return column_charset(field, character_test());
            case 4:
                return names(field);
            case 5:
                return members(field, column_type::set);
            case 6:
                return members(field, column_type::enumeration);
            case 7:
                return numbers(field, column_type::geometry, &column_details::geometry_type);
            case 8:
                return primary_key(field, false);
            case 9:
                return primary_key(field, true);
            case 10:
                return default_charset(field, is_enum_or_set);
            case 11:
                return column_charset(field, is_enum_or_set);
            case 12:
                return visibility(field);
            case 13:
                return numbers(field, column_type::vector, &column_details::dimensions);
            default:
                return true;  // a newer server's addition; the rows do not depend on it
        }
    }

    /// MySQL 8.0 and 9, and MariaDB 10.11, count YEAR as a number, and it is always unsigned. A
    /// field of that size where a YEAR is signed comes from a server that does not count it.
    bool counts_years(byte_view bits) const noexcept {
        std::size_t at = 0;
        for (const column& c : map.columns_) {
            const bool year = c.type == column_type::year;
            if (!year && !is_numeric(c)) continue;
            if (at / 8 >= bits.size()) return false;
            if (year && ((bits[at / 8] >> (7 - at % 8)) & 1) == 0) return false;
            ++at;
        }
        return (at + 7) / 8 == bits.size();
    }

    bool signedness(byte_cursor& field) {
        const byte_view bits = field.rest();
        const auto numeric = static_cast<std::size_t>(
            std::count_if(map.columns_.begin(), map.columns_.end(), is_numeric));
        const bool with_years = counts_years(bits);
        if (!with_years && (numeric + 7) / 8 != bits.size()) return false;
        std::size_t at = 0;
        for (column& c : map.columns_) {
            const bool counts = is_numeric(c) || (with_years && c.type == column_type::year);
            if (!counts) continue;
            c.is_unsigned = ((bits[at / 8] >> (7 - at % 8)) & 1) != 0;
            ++at;
            if (c.is_unsigned && internal::integer_size(c.type) != 0) {
                c.read = internal::integer_reader<true>(c.type);
            }
        }
        map.has_signedness_ = true;
        return true;
    }

    template <class Match>
    bool default_charset(byte_cursor& field, Match matches) {
        const auto fallback = static_cast<std::uint16_t>(field.lenenc());
        auto& all = details();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (matches(map.columns_[i])) all[i].collation = fallback;
        }
        // Pairs of (index among the matching columns, collation), ascending.
        std::size_t column_index = 0;
        std::uint64_t match_index = 0;
        while (field.ok() && !field.at_end()) {
            const std::uint64_t wanted = field.lenenc();
            const auto collation = static_cast<std::uint16_t>(field.lenenc());
            for (; column_index < all.size(); ++column_index) {
                if (matches(map.columns_[column_index]) && match_index++ == wanted) break;
            }
            if (column_index == all.size()) return false;
            all[column_index++].collation = collation;
        }
        return true;
    }

    template <class Match>
    bool column_charset(byte_cursor& field, Match matches) {
        auto& all = details();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (matches(map.columns_[i]))
                all[i].collation = static_cast<std::uint16_t>(field.lenenc());
        }
        return field.at_end();
    }

    bool names(byte_cursor& field) {
        for (column_details& d : details()) d.name = field.text(field.lenenc());
        map.has_names_ = true;
        return field.at_end();
    }

    bool members(byte_cursor& field, column_type type) {
        auto& all = details();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (map.columns_[i].type != type) continue;
            const std::uint64_t count = field.lenenc();
            if (count > field.remaining()) return false;
            all[i].members.clear();
            for (std::uint64_t k = 0; k < count; ++k) {
                all[i].members.push_back(field.text(field.lenenc()));
            }
        }
        return field.at_end();
    }

    bool numbers(byte_cursor& field, column_type type, std::uint32_t column_details::* where) {
        auto& all = details();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (map.columns_[i].type == type) {
                all[i].*where = static_cast<std::uint32_t>(field.lenenc());
            }
        }
        return field.at_end();
    }

    bool primary_key(byte_cursor& field, bool with_prefix) {
        auto& all = details();
        std::int32_t position = 0;
        while (field.ok() && !field.at_end()) {
            const std::uint64_t index = field.lenenc();
            const std::uint64_t prefix = with_prefix ? field.lenenc() : 0;
            if (index >= all.size()) return false;
            all[static_cast<std::size_t>(index)].key_position = position++;
            all[static_cast<std::size_t>(index)].key_prefix = static_cast<std::uint32_t>(prefix);
        }
        map.has_primary_key_ = true;
        return true;
    }

    bool visibility(byte_cursor& field) {
        const byte_view bits = field.rest();
        auto& all = details();
        if (bits.size() != (all.size() + 7) / 8) return false;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].visible = ((bits[i / 8] >> (7 - i % 8)) & 1) != 0;
        }
        map.has_visibility_ = true;
        return true;
    }
};

DMLIB_DECL result<std::shared_ptr<const table_map>> table_map::parse(std::uint64_t table_id,
                                                                     std::uint16_t flags,
                                                                     byte_view body,
                                                                     flavor dialect) {
    auto map = std::make_shared<table_map>();
    map->table_id_ = table_id;
    map->flags_ = flags;
    map->body_.assign(as_text(body));
    table_map_parser parser{*map, dialect};
    if (auto done = parser.parse(); !done) return done.error();
    return std::shared_ptr<const table_map>(std::move(map));
}

DMLIB_DECL std::string_view type_name(const column& c) noexcept {
    switch (c.type) {
        case column_type::decimal:
        case column_type::newdecimal:
            return "DECIMAL";
        case column_type::tiny:
            return "TINYINT";
        case column_type::short_int:
            return "SMALLINT";
        case column_type::int24:
            return "MEDIUMINT";
        case column_type::long_int:
            return "INT";
        case column_type::longlong:
            return "BIGINT";
        case column_type::float32:
            return "FLOAT";
        case column_type::float64:
            return "DOUBLE";
        case column_type::null:
            return "NULL";
        case column_type::timestamp:
        case column_type::timestamp2:
            return "TIMESTAMP";
        case column_type::date:
        case column_type::newdate:
            return "DATE";
        case column_type::time:
        case column_type::time2:
            return "TIME";
        case column_type::datetime:
        case column_type::datetime2:
            return "DATETIME";
        case column_type::year:
            return "YEAR";
        case column_type::varchar:
        case column_type::var_string:
            return "VARCHAR";
        case column_type::mariadb_varchar_compressed:
            return "VARCHAR COMPRESSED";
        case column_type::mariadb_blob_compressed:
            return "BLOB COMPRESSED";
        case column_type::bit:
            return "BIT";
        case column_type::vector:
            return "VECTOR";
        case column_type::json:
            return "JSON";
        case column_type::enumeration:
            return "ENUM";
        case column_type::set:
            return "SET";
        case column_type::tiny_blob:
            return "TINYBLOB";
        case column_type::medium_blob:
            return "MEDIUMBLOB";
        case column_type::long_blob:
            return "LONGBLOB";
        case column_type::blob:
            return "BLOB";
        case column_type::string:
            return "CHAR";
        case column_type::geometry:
            return "GEOMETRY";
    }
    return "UNKNOWN";
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
