// Data types: every name and alias of both servers.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline bool is_numeric(type_kind k) noexcept {
    return k <= type_kind::double_;
}

inline bool ddl_parser::type(data_type& out) {
    return type_name(out) && type_attributes(out);
}

/// mariadb_schema.date and its like (MariaDB 10.3): the type as another sql_mode has it.
inline bool ddl_parser::type_of_mode(data_type& out, bool& taken) {
    if (!since(0, 100300) || options_.tidb || !is_op_ahead(1, '.')) return true;
    const std::string schema = ascii_lower(token_text(current()));
    const bool oracle = schema == "oracle_schema", maxdb = schema == "maxdb_schema";
    if (!oracle && !maxdb && schema != "mariadb_schema") return true;
    advance();
    advance();
    // Behind a point, words are names to the lexer.
    tokens_[at_].keyword = keyword_of(ascii_lower(token_text(current())));
    const std::uint64_t mode = type_mode_;
    type_mode_ &= ~(sql_mode::oracle | sql_mode::maxdb);
    if (oracle) type_mode_ |= sql_mode::oracle;
    if (maxdb) type_mode_ |= sql_mode::maxdb;
    taken = type_name(out);
    type_mode_ = mode;
    return taken;
}

inline bool ddl_parser::type_name(data_type& out) {
    if (!is(token_kind::word) && !(is(token_kind::quoted_identifier) && mariadb())) {
        return fail("a data type");
    }
    const keyword k = word();
    bool taken = false;
    if (!type_of_mode(out, taken)) return false;
    if (taken) return true;
    taken = true;
    if ((type_mode_ & sql_mode::oracle) != 0 && since(0, 100300)) {
        if (!oracle_type(out, k, taken)) return false;
        if (taken) return true;
    }
    if (!numeric_type(out, k, taken)) return false;
    if (!taken && !character_type(out, k, taken)) return false;
    if (!taken && !other_type(out, k, taken)) return false;
    if (taken) return true;
    if (is_reserved(k, options_)) return fail("a data type");
    // MariaDB's types are plugins: a name that no known type has is one of those.
    if (!since(0, 100300) || options_.tidb) return fail("a data type");
    out.kind = type_kind::other;
    return identifier(out.name) && type_precision(out);
}

/// The servers take a number with a point for a length and drop its fraction.
inline bool ddl_parser::length_value(std::uint64_t& out) {
    if (!is(token_kind::decimal)) return unsigned_value(out);
    std::uint64_t v = 0;
    for (const char c : token_text(current())) {
        if (c == '.') break;
        if (v > (UINT64_MAX - 9) / 10) return fail("a number that fits into 64 bits");
        v = v * 10 + static_cast<std::uint64_t>(c - '0');
    }
    out = v;
    advance();
    return true;
}

/// (n)
inline bool ddl_parser::type_length(data_type& out, bool required) {
    if (!is_op('(')) return !required || fail("'('");
    advance();
    // MariaDB takes any number of digits for the width of a YEAR.
    const bool any_width = out.kind == type_kind::year && mariadb();
    std::uint64_t n = UINT64_MAX;
    if (any_width && is(token_kind::integer) && token_text(current()).size() > 19) {
        advance();
    } else if (!length_value(n)) {
        return false;
    }
    out.length = n;
    return expect_op(')');
}

/// (m) or (m, d)
inline bool ddl_parser::type_precision(data_type& out) {
    if (!accept_op('(')) return true;
    std::uint64_t n = 0;
    if (!length_value(n)) return false;
    out.length = n;
    if (accept_op(',')) {
        if (!unsigned_value(n)) return false;
        out.decimals = static_cast<std::uint32_t>(n > 0xffffffffULL ? 0xffffffffULL : n);
    }
    return expect_op(')');
}

inline bool ddl_parser::numeric_type(data_type& out, keyword k, bool& taken) {
    taken = true;
    const auto integer = [&](type_kind kind) {
        out.kind = kind;
        advance();
        return type_length(out);
    };
    const auto real = [&](type_kind kind) {
        out.kind = kind;
        advance();
        if (kind == type_kind::double_) accept(k_precision);
        return type_precision(out);
    };
    switch (k) {
        case k_tinyint:
        case k_int1:
            return integer(type_kind::tinyint);
        case k_smallint:
        case k_int2:
            return integer(type_kind::smallint);
        case k_mediumint:
        case k_middleint:
        case k_int3:
            return integer(type_kind::mediumint);
        case k_int:
        case k_integer:
        case k_int4:
            return integer(type_kind::int_);
        case k_bigint:
        case k_int8:
            return integer(type_kind::bigint);
        case k_decimal:
        case k_dec:
        case k_numeric:
        case k_fixed:
        case k_number:
            if (k == k_number && !mariadb()) break;
            return real(type_kind::decimal);
        case k_float:
        case k_float4:
            return real(type_kind::float_);
        case k_double:
        case k_float8:
            return real(type_kind::double_);
        case k_real:
            out.real = (options_.mode & sql_mode::real_as_float) == 0;
            return real((options_.mode & sql_mode::real_as_float) != 0 ? type_kind::float_
                                                                       : type_kind::double_);
        case k_bit:
            return integer(type_kind::bit);
        case k_bool:
        case k_boolean:
            out.kind = type_kind::tinyint;
            out.boolean = true;
            out.length = 1;
            advance();
            return true;
        case k_serial:
            out.kind = type_kind::serial;
            advance();
            return true;
        default:
            break;
    }
    taken = false;
    return true;
}

/// LONG, LONG VARCHAR, LONG VARBINARY.
inline bool ddl_parser::long_type(data_type& out) {
    advance();
    out.kind = type_kind::mediumtext;
    if (accept(k_varbinary)) {
        out.kind = type_kind::mediumblob;
    } else if (accept2(k_char, k_varying) || accept2(k_character, k_varying) || accept(k_varchar) ||
               accept(k_varcharacter)) {
    }
    return true;
}

/// NATIONAL CHAR | VARCHAR | CHAR VARYING, NCHAR [VARCHAR|VARYING], NVARCHAR.
inline bool ddl_parser::national_type(data_type& out) {
    out.national = true;
    out.kind = type_kind::char_;
    if (accept(k_nvarchar)) {
        out.kind = type_kind::varchar;
    } else {
        const bool spelled = accept(k_national);
        if (!spelled) advance();  // NCHAR
        if (accept(k_varchar) || accept(k_varcharacter)) {
            out.kind = type_kind::varchar;
        } else {
            if (spelled && !accept(k_char) && !expect(k_character)) return false;
            if (accept(k_varying)) out.kind = type_kind::varchar;
        }
    }
    return type_length(out, out.kind == type_kind::varchar);
}

inline bool ddl_parser::character_type(data_type& out, keyword k, bool& taken) {
    taken = true;
    const auto plain = [&](type_kind kind, bool with_length) {
        out.kind = kind;
        advance();
        return !with_length || type_length(out);
    };
    switch (k) {
        case k_char:
        case k_character:
            out.kind = type_kind::char_;
            advance();
            if (accept(k_varying)) out.kind = type_kind::varchar;
            return type_length(out, out.kind == type_kind::varchar);
        case k_varchar:
        case k_varcharacter:
            out.kind = type_kind::varchar;
            advance();
            return type_length(out, true);
        case k_varchar2:
            if (!mariadb()) break;
            out.kind = type_kind::varchar;
            advance();
            return type_length(out, true);
        case k_national:
        case k_nchar:
        case k_nvarchar:
            return national_type(out);
        case k_binary:
            return plain(type_kind::binary, true);
        case k_varbinary:
            out.kind = type_kind::varbinary;
            advance();
            return type_length(out, true);
        case k_tinytext:
            return plain(type_kind::tinytext, false);
        case k_text:
            return plain(type_kind::text, true);
        case k_mediumtext:
            return plain(type_kind::mediumtext, false);
        case k_longtext:
            return plain(type_kind::longtext, false);
        case k_tinyblob:
            return plain(type_kind::tinyblob, false);
        case k_blob:
            return plain(type_kind::blob, true);
        case k_mediumblob:
            return plain(type_kind::mediumblob, false);
        case k_longblob:
            return plain(type_kind::longblob, false);
        case k_clob:
            if (!mariadb()) break;
            return plain(type_kind::longtext, true);
        case k_raw:
            if (!mariadb()) break;
            return plain(type_kind::varbinary, true);
        case k_long:
            return long_type(out);
        case k_enum:
        case k_set:
            out.kind = k == k_enum ? type_kind::enum_ : type_kind::set;
            advance();
            return enum_members(out);
        default:
            break;
    }
    taken = false;
    return true;
}

inline bool ddl_parser::other_type(data_type& out, keyword k, bool& taken) {
    taken = true;
    const auto plain = [&](type_kind kind, bool with_length = false) {
        out.kind = kind;
        advance();
        return !with_length || type_length(out);
    };
    // MariaDB takes a size of it like a number's, and forgets it.
    const auto geometry = [&](type_kind kind) {
        data_type size;
        return plain(kind) && (!mariadb() || type_precision(size));
    };
    switch (k) {
        case k_date:
            return plain(type_kind::date);
        case k_time:
            return plain(type_kind::time, true);
        case k_datetime:
            return plain(type_kind::datetime, true);
        case k_timestamp: {
            const bool is_datetime = (type_mode_ & sql_mode::maxdb) != 0 && !since(80000, 0);
            return plain(is_datetime ? type_kind::datetime : type_kind::timestamp, true);
        }
        case k_year:
            return plain(type_kind::year, true);
        case k_json:
            if (!since(50700, 100207)) break;
            return plain(type_kind::json);
        case k_geometry:
            return geometry(type_kind::geometry);
        case k_point:
            return geometry(type_kind::point);
        case k_linestring:
            return geometry(type_kind::linestring);
        case k_polygon:
            return geometry(type_kind::polygon);
        case k_multipoint:
            return geometry(type_kind::multipoint);
        case k_multilinestring:
            return geometry(type_kind::multilinestring);
        case k_multipolygon:
            return geometry(type_kind::multipolygon);
        case k_geometrycollection:
        case k_geomcollection:
            return geometry(type_kind::geometrycollection);
        case k_vector:
            if (!since(90000, 110700)) break;
            out.kind = type_kind::vector;
            advance();
            return type_length(out, mariadb());
        case k_inet4:
            if (!since(0, 101000)) break;
            return plain(type_kind::inet4);
        case k_inet6:
            if (!since(0, 100500)) break;
            return plain(type_kind::inet6);
        case k_uuid:
            if (!since(0, 100700)) break;
            return plain(type_kind::uuid);
        case k_xmltype:
            if (!since(0, 120000)) break;
            return plain(type_kind::xmltype);
        default:
            break;
    }
    taken = false;
    return true;
}

/// What sql_mode=ORACLE changes: the storage types behind Oracle's names.
inline bool ddl_parser::oracle_type(data_type& out, keyword k, bool& taken) {
    taken = true;
    switch (k) {
        case k_date:
            out.kind = type_kind::datetime;
            advance();
            return true;
        case k_number:
            advance();
            out.kind = is_op('(') ? type_kind::decimal : type_kind::double_;
            return type_precision(out);
        case k_raw:
            out.kind = type_kind::varbinary;
            advance();
            return type_length(out);
        case k_blob:
            advance();
            out.kind = is_op('(') ? type_kind::blob : type_kind::longblob;
            return type_length(out);
        case k_varchar:
        case k_varchar2:
            out.kind = type_kind::varchar;
            advance();
            if (!is_op('(')) out.length = 4000;
            return type_length(out);
        default:
            break;
    }
    taken = false;
    return true;
}

inline bool ddl_parser::enum_members(data_type& out) {
    if (!expect_op('(')) return false;
    do {
        if (!string_literal(out.members.emplace_back())) return false;
    } while (accept_op(','));
    return expect_op(')');
}

inline bool ddl_parser::character_attribute(data_type& out, bool& taken) {
    taken = true;
    switch (word()) {
        case k_binary:
            out.binary = true;
            advance();
            return true;
        case k_ascii:
            out.charset = "latin1";
            advance();
            return true;
        case k_unicode:
            out.charset = "ucs2";
            advance();
            return true;
        case k_byte:
            out.charset = "binary";
            advance();
            return true;
        case k_charset:
            advance();
            return charset_name(out.charset);
        case k_char:
        case k_character:
            if (word_ahead(1) != k_set) break;
            advance();
            advance();
            return charset_name(out.charset);
        default:
            break;
    }
    taken = false;
    return true;
}

inline bool ddl_parser::type_attributes(data_type& out) {
    const bool numeric = is_numeric(out.kind);
    const bool character = (out.kind >= type_kind::char_ && out.kind <= type_kind::longblob) ||
                           out.kind == type_kind::enum_ || out.kind == type_kind::set ||
                           out.kind == type_kind::other;
    // MariaDB reads each of SIGNED, UNSIGNED and ZEROFILL once at most, the others repeat them.
    const bool once = mariadb() && options_.version.at_least(10, 11);
    for (;;) {
        if (numeric || out.kind == type_kind::year) {
            if (once && ((word() == k_signed && (out.is_unsigned || out.zerofill)) ||
                         (word() == k_unsigned && (out.is_signed || out.is_unsigned)) ||
                         (word() == k_zerofill && (out.is_signed || out.zerofill)))) {
                return fail("another attribute");
            }  // YEAR takes and ignores them
            if (accept(k_unsigned)) {
                out.is_unsigned = true;
                continue;
            }
            if (accept(k_zerofill)) {
                out.zerofill = true;
                continue;
            }
            if (accept(k_signed)) {
                out.is_signed = true;
                continue;
            }
        }
        if (character) {
            bool taken = false;
            if (!character_attribute(out, taken)) return false;
            if (taken) continue;
        }
        if (since(0, 100300) && accept(k_compressed)) {
            out.compressed = "zlib";
            if (accept_op('=')) {
                bool quoted_string = false;
                if (!word_or_string(out.compressed, quoted_string)) return false;
                out.compressed = ascii_lower(out.compressed);
            }
            continue;
        }
        return true;
    }
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
