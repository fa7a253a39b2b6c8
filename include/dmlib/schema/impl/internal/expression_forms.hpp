// Forms that servers give to expressions when they read them, before they print them: functions and
// types by their other names, literals of moments in full, comparisons of rows by their parts.
#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/schema/impl/internal/temporal_default.hpp>
#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/sql/literal.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct other_word {
    std::string_view name;
    std::string_view shown;
};

/// Functions of MySQL 8 and later; two are in capitals, as the server has them.
inline constexpr other_word mysql_function_aliases[] = {
    {"geometrycollection", "geomcollection"},
    {"st_asbinary", "st_aswkb"},
    {"st_aswkt", "st_astext"},
    {"st_latfromgeohash", "ST_LATFROMGEOHASH"},
    {"st_longfromgeohash", "ST_LONGFROMGEOHASH"},
    {"st_numinteriorring", "st_numinteriorrings"},
    {"string_to_vector", "to_vector"},
    {"vector_to_string", "from_vector"},
};

/// `name` in small letters; itself where it has no other.
inline std::string shown_mysql_function(const std::string& name) {
    for (const other_word& a : mysql_function_aliases) {
        if (a.name == name) return std::string(a.shown);
    }
    return name;
}

inline sql::expression call_of(std::string name, std::vector<sql::expression> operands) {
    sql::expression out;
    out.kind = sql::expression_kind::function;
    out.name = std::move(name);
    out.operands = std::move(operands);
    return out;
}

/// The function that servers read instead of `e`, where there is one.
inline std::optional<sql::expression> other_function(const sql::expression& e,
                                                     const server_kind& server) {
    const auto& of = e.operands;
    if (e.name == "instr" && of.size() == 2) return call_of("locate", {of[1], of[0]});
    if (e.name == "from_unixtime" && of.size() == 2) {
        return call_of("date_format", {call_of("from_unixtime", {of[0]}), of[1]});
    }
    if (e.name == "weekofyear" && of.size() == 1) {
        sql::expression mode;
        mode.value = {sql::literal_kind::integer, "3", {}};
        return call_of("week", {of[0], std::move(mode)});
    }
    if (e.name == "json_length" && of.size() == 2 && mysql_at_least(server, 8)) {
        return call_of("json_length", {call_of("json_extract", of)});
    }
    return std::nullopt;
}

/// MySQL compares the parts of rows; rows are unequal where one part is. Nothing for other
/// expressions.
inline std::optional<sql::expression> rows_by_parts(const sql::expression& e) {
    using op = sql::expression_operator;
    const bool rows = e.kind == sql::expression_kind::binary && e.operands.size() == 2 &&
                      e.operands[0].kind == sql::expression_kind::row &&
                      e.operands[1].kind == sql::expression_kind::row &&
                      e.operands[0].operands.size() == e.operands[1].operands.size();
    if (!rows || (e.op != op::equal && e.op != op::null_safe_equal && e.op != op::not_equal)) {
        return std::nullopt;
    }
    sql::expression out;
    out.kind = sql::expression_kind::binary;
    out.op = e.op == op::not_equal ? op::logical_or : op::logical_and;
    for (std::size_t i = 0; i < e.operands[0].operands.size(); ++i) {
        sql::expression& part = out.operands.emplace_back();
        part.kind = sql::expression_kind::binary;
        part.op = e.op;
        part.operands = {e.operands[0].operands[i], e.operands[1].operands[i]};
    }
    return out;
}

/// "2020-1-1" -> "2020-01-01", with the fraction that was written. A moment with a zone of its own
/// stays as it is: servers show it in the zone of the session.
inline std::string moment_text(const sql::literal& l, bool mysql) {
    column c;
    c.type = l.kind == sql::literal_kind::date   ? type_kind::date
             : l.kind == sql::literal_kind::time ? type_kind::time
                                                 : type_kind::datetime;
    const digit_groups g = groups_of(l.text);
    const std::size_t zone = l.text.find_last_of("+-");
    const std::size_t clock = l.text.find(':');
    if (clock != std::string::npos && zone != std::string::npos && zone > clock) return l.text;
    c.fraction_digits = static_cast<std::uint8_t>(std::min<std::size_t>(g.fraction.size(), 6));
    return temporal_text(c, l.text, mysql);
}

/// The text that a literal in digits is behind an introducer (_latin1 x'41'), as far as it is
/// plain ASCII.
inline std::optional<std::string> text_of_digits(const sql::literal& l, bool mysql) {
    const charset_info* const set = find_charset(l.charset);
    if (set == nullptr || !set->ascii_compatible) return std::nullopt;
    auto bytes = sql::bytes_of(l);
    const auto plain = [&](char ch) {  // MariaDB shows control characters in a form of its own
        const auto byte = static_cast<unsigned char>(ch);
        return byte < 0x80 && (mysql || byte >= 0x20);
    };
    if (!bytes || !std::all_of(bytes->begin(), bytes->end(), plain)) return std::nullopt;
    return bytes;
}

/// Puts `shown` in place of `name` at the beginning of a type; `name` ends there.
inline bool replace_type_word(std::string& type, std::string_view name, std::string_view shown) {
    if (!type.starts_with(name)) return false;
    if (type.size() > name.size() && type[name.size()] != '(' && type[name.size()] != ' ') {
        return false;
    }
    type.replace(0, name.size(), shown);
    return true;
}

/// A type of CAST, in small letters, by its own name. DECIMAL has both of its numbers; MySQL takes
/// FLOAT of more than 24 bits for DOUBLE.
inline std::string named_cast_type(std::string type, bool mysql) {
    constexpr other_word words[] = {
        {"national character", "nchar"},
        {"national char", "nchar"},
        {"character", "char"},
        {"dec", "decimal"},
        {"signed integer", "signed"},
        {"signed int", "signed"},
        {"integer", "signed"},
        {"int", "signed"},
        {"unsigned integer", "unsigned"},
        {"unsigned int", "unsigned"},
    };
    for (const other_word& w : words) {
        if (replace_type_word(type, w.name, w.shown)) break;
    }
    if (type == "decimal") return "decimal(10,0)";
    if (type.starts_with("decimal(") && type.find(',') == std::string::npos) {
        return type.substr(0, type.size() - 1) + ",0)";
    }
    if (!mysql) return type;
    if (type == "real" || type == "double precision") return "double";
    if (!type.starts_with("float(")) return type;
    unsigned bits = 0;
    constexpr unsigned most_of_float = 24;
    std::from_chars(type.data() + std::string_view("float(").size(), &type.back(), bits);
    return bits > most_of_float ? "double" : "float";
}

/// "decimal(10, 2)", as MySQL writes it before ARRAY and in JSON_VALUE.
inline std::string with_space_behind_comma(std::string type) {
    const std::size_t comma = type.find(',');
    if (comma != std::string::npos) type.insert(comma + 1, " ");
    return type;
}

/// In small letters, and blanks in place of what stands in quotes.
inline std::string words_outside_quotes(std::string_view text) {
    std::string out = sql::ascii_lower(text);
    char quote = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const char ch = out[i];
        if (quote == 0) {
            if (ch == '\'' || ch == '"') quote = ch;
            continue;
        }
        out[i] = ' ';
        if (ch == '\\' && i + 1 < out.size()) {
            out[++i] = ' ';
        } else if (ch == quote) {
            out[i] = quote;
            quote = 0;
        }
    }
    return out;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
