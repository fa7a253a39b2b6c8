#pragma once

#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/table.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline std::string_view type_word(type_kind type, const server_kind& server) noexcept {
    switch (type) {
        case type_kind::tinyint:
            return "tinyint";
        case type_kind::smallint:
            return "smallint";
        case type_kind::mediumint:
            return "mediumint";
        case type_kind::int_:
            return "int";
        case type_kind::bigint:
            return "bigint";
        case type_kind::serial:
            return "bigint";
        case type_kind::decimal:
            return "decimal";
        case type_kind::float_:
            return "float";
        case type_kind::double_:
            return "double";
        case type_kind::bit:
            return "bit";
        case type_kind::year:
            return "year";
        case type_kind::date:
            return "date";
        case type_kind::time:
            return "time";
        case type_kind::datetime:
            return "datetime";
        case type_kind::timestamp:
            return "timestamp";
        case type_kind::char_:
            return "char";
        case type_kind::varchar:
            return "varchar";
        case type_kind::binary:
            return "binary";
        case type_kind::varbinary:
            return "varbinary";
        case type_kind::tinytext:
            return "tinytext";
        case type_kind::text:
            return "text";
        case type_kind::mediumtext:
            return "mediumtext";
        case type_kind::longtext:
            return "longtext";
        case type_kind::tinyblob:
            return "tinyblob";
        case type_kind::blob:
            return "blob";
        case type_kind::mediumblob:
            return "mediumblob";
        case type_kind::longblob:
            return "longblob";
        case type_kind::enum_:
            return "enum";
        case type_kind::set:
            return "set";
        case type_kind::json:
            return "json";
        case type_kind::geometry:
            return "geometry";
        case type_kind::point:
            return "point";
        case type_kind::linestring:
            return "linestring";
        case type_kind::polygon:
            return "polygon";
        case type_kind::multipoint:
            return "multipoint";
        case type_kind::multilinestring:
            return "multilinestring";
        case type_kind::multipolygon:
            return "multipolygon";
        case type_kind::geometrycollection:
            return mysql_at_least(server, 8, 0, 11) ? "geomcollection" : "geometrycollection";
        case type_kind::vector:
            return "vector";
        case type_kind::inet4:
            return "inet4";
        case type_kind::inet6:
            return "inet6";
        case type_kind::uuid:
            return "uuid";
        case type_kind::xmltype:
            return "xmltype";
        case type_kind::other:
            return "";
    }
    return "";
}

}  // namespace internal

DMLIB_DECL std::string column_type_text(const column& c, const server_kind& server) {
    std::string out =
        c.type == type_kind::other ? c.type_name : std::string(internal::type_word(c.type, server));
    if (c.type == type_kind::enum_ || c.type == type_kind::set) {
        out.push_back('(');
        for (std::size_t i = 0; i < c.members.size(); ++i) {
            if (i != 0) out.push_back(',');
            out += internal::shown_literal(c.members[i]);
        }
        out.push_back(')');
    } else if (c.is_temporal()) {
        if (c.fraction_digits != 0) out += "(" + std::to_string(c.fraction_digits) + ")";
    } else if (c.length) {
        out += "(" + std::to_string(*c.length);
        if (c.decimals) out += "," + std::to_string(*c.decimals);
        out.push_back(')');
    }
    if (c.is_unsigned) out += " unsigned";
    if (c.zerofill) out += " zerofill";
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
