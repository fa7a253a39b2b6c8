#pragma once

#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/tracker.hpp>

#include <optional>
#include <string>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

using binlog_type = binlog::column_type;

/// What a table map says of a column's type, as far as a definition fixes it.
struct expected_column {
    binlog_type type = binlog_type::null;
    binlog_type other = binlog_type::null;  ///< a second type code that is right too
    std::optional<std::uint32_t> length;    ///< bytes at most (characters times width), bits
    std::optional<std::uint32_t> digits;    ///< of DECIMAL
    std::optional<std::uint8_t> fraction;   ///< fraction digits, DECIMAL's scale
};

inline std::uint32_t character_bytes(const column& c) {
    const charset_info* const set = find_charset(c.charset);
    return set == nullptr ? 1U : set->max_bytes;
}

inline expected_column expected_temporal(const column& c) {
    expected_column out;
    out.fraction = c.fraction_digits;
    switch (c.type) {
        case type_kind::date:
            out.type = binlog_type::date;
            out.other = binlog_type::newdate;
            out.fraction.reset();
            break;
        // The types without a 2 are those of tables made before 5.6 (or MariaDB's own format).
        case type_kind::time:
            out.type = binlog_type::time2;
            out.other = binlog_type::time;
            break;
        case type_kind::datetime:
            out.type = binlog_type::datetime2;
            out.other = binlog_type::datetime;
            break;
        default:
            out.type = binlog_type::timestamp2;
            out.other = binlog_type::timestamp;
    }
    return out;
}

inline expected_column expected_string(const column& c) {
    expected_column out;
    const auto length = static_cast<std::uint32_t>(c.length.value_or(0) * character_bytes(c));
    out.length = length;
    switch (c.type) {
        case type_kind::char_:
        case type_kind::binary:
            out.type = binlog_type::string;
            break;
        default:
            out.type = binlog_type::varchar;
            out.other = binlog_type::var_string;
            if (!c.compressed.empty()) {
                out.type = binlog_type::mariadb_varchar_compressed;
                out.length.reset();
            }
    }
    return out;
}

inline expected_column expected_blob(const column& c) {
    expected_column out;
    out.type = c.compressed.empty() ? binlog_type::blob : binlog_type::mariadb_blob_compressed;
    switch (c.type) {
        case type_kind::tinytext:
        case type_kind::tinyblob:
            out.length = 1;
            out.other = binlog_type::tiny_blob;
            break;
        case type_kind::text:
        case type_kind::blob:
            out.length = 2;
            break;
        case type_kind::mediumtext:
        case type_kind::mediumblob:
            out.length = 3;
            out.other = binlog_type::medium_blob;
            break;
        default:
            out.length = 4;
            out.other = binlog_type::long_blob;
    }
    return out;
}

inline expected_column expected_number(const column& c) {
    expected_column out;
    switch (c.type) {
        case type_kind::tinyint:
            out.type = binlog_type::tiny;
            break;
        case type_kind::smallint:
            out.type = binlog_type::short_int;
            break;
        case type_kind::mediumint:
            out.type = binlog_type::int24;
            break;
        case type_kind::int_:
            out.type = binlog_type::long_int;
            break;
        case type_kind::float_:
            out.type = binlog_type::float32;
            break;
        case type_kind::double_:
            out.type = binlog_type::float64;
            break;
        case type_kind::decimal:
            out.type = binlog_type::newdecimal;
            out.other = binlog_type::decimal;
            out.digits = static_cast<std::uint32_t>(c.length.value_or(10));
            out.fraction = static_cast<std::uint8_t>(c.decimals.value_or(0));
            break;
        default:
            out.type = binlog_type::longlong;
    }
    return out;
}

inline expected_column expected_of(const column& c) {
    if (c.is_numeric()) return expected_number(c);
    if (c.is_temporal()) return expected_temporal(c);
    expected_column out;
    switch (c.type) {
        case type_kind::bit:
            out.type = binlog_type::bit;
            out.length = static_cast<std::uint32_t>(c.length.value_or(1));
            return out;
        case type_kind::year:
            out.type = binlog_type::year;
            return out;
        case type_kind::enum_:
            out.type = binlog_type::enumeration;
            return out;
        case type_kind::set:
            out.type = binlog_type::set;
            return out;
        case type_kind::json:
            out.type = binlog_type::json;
            return out;
        case type_kind::char_:
        case type_kind::varchar:
        case type_kind::binary:
        case type_kind::varbinary:
            return expected_string(c);
        case type_kind::vector:
            out.type = binlog_type::vector;
            out.other = binlog_type::varchar;  // MariaDB
            return out;
        case type_kind::inet4:
        case type_kind::inet6:
        case type_kind::uuid:
            out.type = binlog_type::string;
            return out;
        default:
            if (c.is_geometry()) {
                out.type = binlog_type::geometry;
                return out;
            }
            return expected_blob(c);
    }
}

/// Why a table map's column is not the definition's; empty where it is.
inline std::string mismatch(const column& c,
                            const binlog::column& seen,
                            const binlog::column_details* details,
                            const binlog::table_map& map,
                            const server_kind& server) {
    const expected_column expected = expected_of(c);
    if (seen.type != expected.type && seen.type != expected.other) {
        return "type " + std::string(binlog::type_name(seen)) + " against " +
               column_type_text(c, server);
    }
    if (seen.type == binlog_type::bit || seen.type == binlog_type::varchar ||
        seen.type == binlog_type::string) {
        // BIT(n): the metadata has the bits beyond whole bytes, then the whole bytes.
        const std::uint32_t length = seen.type == binlog_type::bit
                                         ? (seen.metadata >> 8) * 8U + (seen.metadata & 0xffU)
                                         : seen.length;
        if (expected.length && length != *expected.length) {
            return "length " + std::to_string(length) + " against " +
                   std::to_string(*expected.length);
        }
    }
    if (seen.type == binlog_type::blob && expected.length &&
        seen.length_bytes != *expected.length) {
        return "a BLOB of another size against " + column_type_text(c, server);
    }
    if (seen.type == binlog_type::decimal && expected.digits && *expected.digits > 65) {
        return "a DECIMAL of MySQL 4.1 with more digits than any server takes today against " +
               column_type_text(c, server);
    }
    // A DECIMAL of before 5.0 says nothing of its width, nor do the temporal types of MariaDB 5.3.
    if (seen.type != binlog_type::decimal && expected.digits && seen.length != *expected.digits) {
        return "DECIMAL of " + std::to_string(seen.length) + " digits against " +
               column_type_text(c, server);
    }
    const bool old_form = seen.type == binlog_type::time || seen.type == binlog_type::datetime ||
                          seen.type == binlog_type::timestamp;
    if (old_form && c.fraction_digits != 0 && server.flavor != flavor::mariadb)
        return "no digits of a second against " + column_type_text(c, server);
    const bool has_fraction =
        seen.type == binlog_type::time2 || seen.type == binlog_type::datetime2 ||
        seen.type == binlog_type::timestamp2 || seen.type == binlog_type::newdecimal;
    if (has_fraction && expected.fraction && seen.fraction != *expected.fraction) {
        return std::to_string(seen.fraction) + " digits behind the point against " +
               column_type_text(c, server);
    }
    if (map.has_signedness() && c.is_numeric() && seen.is_unsigned != c.is_unsigned) {
        return std::string(seen.is_unsigned ? "unsigned" : "signed") + " against " +
               column_type_text(c, server);
    }
    if (details == nullptr) return {};
    if (map.has_names() && !same_name(details->name, c.name)) {
        return "name `" + std::string(details->name) + "` against `" + c.name + "`";
    }
    if (details->collation != 0 && c.is_character()) {
        const collation_info* const stated = find_collation(server.flavor, details->collation);
        if (stated != nullptr && stated->charset != c.charset) {
            return "character set " + std::string(stated->charset) + " against " + c.charset;
        }
    }
    if (!details->members.empty() && details->members.size() != c.members.size()) {
        return std::to_string(details->members.size()) + " members against " +
               std::to_string(c.members.size());
    }
    return {};
}

inline std::string map_text(const binlog::table_map& map) {
    std::string out;
    for (std::size_t i = 0; i < map.columns().size(); ++i) {
        if (i != 0) out += ", ";
        if (map.has_names() && i < map.details().size()) {
            out += quoted_identifier(map.details()[i].name) + " ";
        }
        out += std::string(binlog::type_name(map.columns()[i]));
        if (map.columns()[i].length != 0) {
            out += "[" + std::to_string(map.columns()[i].length) + "]";
        }
        if (map.has_signedness() && map.columns()[i].is_unsigned) out += " UNSIGNED";
    }
    return out;
}

inline std::string definition_text(const table& t,
                                   const std::vector<std::size_t>& columns,
                                   const server_kind& server) {
    std::string out;
    for (const std::size_t at : columns) {
        if (!out.empty()) out += ", ";
        out +=
            quoted_identifier(t.columns[at].name) + " " + column_type_text(t.columns[at], server);
    }
    return out;
}

}  // namespace internal

DMLIB_DECL result<std::vector<std::size_t>> check_table_map(const table& definition,
                                                            const binlog::table_map& map,
                                                            const server_kind& server) {
    const std::vector<std::size_t> columns = binlog_columns(definition, server);
    const auto fault = [&](const std::string& what) {
        error e(errc::sync_schema_mismatch,
                what + "; the event has (" + internal::map_text(map) +
                    "), the tracked table has (" +
                    internal::definition_text(definition, columns, server) + ")");
        e.table(definition.schema, definition.name);
        return e;
    };
    if (map.column_count() != columns.size()) {
        return fault(std::to_string(map.column_count()) + " columns against " +
                     std::to_string(columns.size()));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const column& c = definition.columns[columns[i]];
        const binlog::column_details* const details =
            i < map.details().size() ? &map.details()[i] : nullptr;
        const std::string what = internal::mismatch(c, map.columns()[i], details, map, server);
        if (!what.empty()) {
            return fault("column " + std::to_string(i + 1) + " (" + quoted_identifier(c.name) +
                         "): " + what);
        }
    }
    return columns;
}

DMLIB_DECL std::vector<binlog::column_facts> image_facts(const table& definition,
                                                         std::span<const std::size_t> columns) {
    std::vector<binlog::column_facts> out;
    out.reserve(columns.size());
    for (const std::size_t at : columns) {
        const column& c = definition.columns[at];
        binlog::column_facts& f = out.emplace_back();
        f.is_unsigned = c.is_unsigned;
        f.fraction = static_cast<std::uint8_t>(c.fraction_digits);
        if (c.type != type_kind::decimal) continue;
        f.digits = static_cast<std::uint8_t>(c.length.value_or(10));
        f.fraction = static_cast<std::uint8_t>(c.decimals.value_or(0));
    }
    return out;
}

DMLIB_DECL result<void> tracker::put_show_create(std::string_view schema_name,
                                                 std::string_view text) {
    auto t = table_from_show_create(text, server_, schema_name);
    if (t.has_error()) return t.error();
    catalog_.put(std::move(*t));
    return {};
}

DMLIB_DECL result<resolved_change> tracker::run(const sql::statement& statement,
                                                resolve_options options) {
    options.server = server_;
    auto change = resolve(statement, catalog_, options);
    if (change.has_value()) apply(*change, catalog_);
    return change;
}

DMLIB_DECL result<checked_table> tracker::check(const binlog::table_map& map) const {
    checked_table out;
    out.definition = catalog_.find(map.schema(), map.table());
    if (out.definition == nullptr) {
        error e(errc::sync_no_table);
        e.table(std::string(map.schema()), std::string(map.table()));
        return e;
    }
    auto columns = check_table_map(*out.definition, map, server_);
    if (columns.has_error()) return columns.error();
    out.columns = std::move(*columns);
    out.facts = image_facts(*out.definition, out.columns);
    return out;
}

DMLIB_DECL stored_tracker tracker::dump() const {
    stored_tracker out;
    out.server = server_;
    out.lower_case_table_names = catalog_.lower_case_table_names();
    for (const database* const db : catalog_.schemas()) {
        database copy;
        copy.name = db->name;
        copy.charset = db->charset;
        copy.collation = db->collation;
        copy.comment = db->comment;
        out.schemas.push_back(std::move(copy));
    }
    for (const auto& t : catalog_.tables()) {
        if (t->is_view) continue;
        out.tables.push_back({t->full_name(), print_create_table(*t, server_)});
    }
    return out;
}

DMLIB_DECL result<tracker> tracker::load(const stored_tracker& stored) {
    if (stored.version != 1) {
        return error(errc::checkpoint_version,
                     "tracked definitions of version " + std::to_string(stored.version));
    }
    tracker out(stored.server, stored.lower_case_table_names);
    for (const database& db : stored.schemas) {
        out.catalog_.put_schema(db.name, db.charset, db.collation, db.comment);
    }
    for (const stored_table& t : stored.tables) {
        if (auto r = out.put_show_create(t.name.schema, t.create_statement); r.has_error()) {
            return r.error();
        }
    }
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
