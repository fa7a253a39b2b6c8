// Expressions and literals to text. Parentheses stand only where the levels of the parser ask.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>
#include <dmlib/sql/impl/internal/quote.hpp>
#include <dmlib/sql/printer.hpp>

#include <algorithm>
#include <array>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

class writer {
public:
    writer(std::string& out, const print_options& options)
        : out_(out), options_(options), set_(lexer_charset_of(options.charset)) {}

    // --- basics
    writer& text(std::string_view s) {
        out_.append(s);
        return *this;
    }
    writer& name(std::string_view s) {
        append_identifier(out_, s, set_);
        return *this;
    }
    writer& string(std::string_view s) {
        append_string(out_, s, options_.no_backslash_escapes, set_);
        return *this;
    }
    writer& number(std::uint64_t n) { return text(std::to_string(n)); }
    writer& table(const table_name& t);
    writer& names(const std::vector<std::string>& list);
    writer& word(std::string_view s);     // bare where it can be, else in backquotes
    writer& charset(std::string_view s);  // of a character set or collation
    bool mariadb() const noexcept { return options_.dialect == target_dialect::mariadb; }

    // --- expressions (print_expression.ipp)
    void literal_value(const literal& l);
    void expr(const expression& e, int min_level = level::or_);
    void parenthesised(const expression& e);

    // --- tables (print_table.ipp)
    void type(const data_type& t);
    void type_suffix(const data_type& t);
    void column(const column_definition& c);
    void column_flags(const column_definition& c);
    void column_storage(const column_definition& c);
    void default_value(const default_clause& d);
    void generated(const generated_clause& g);
    void check(const check_clause& c);
    void references(const references_clause& r);
    void key(const key_definition& k);
    void key_parts(const key_definition& k);
    void key_options_of(const key_options& o);
    void foreign_key(const foreign_key_definition& k);
    void period(const period_definition& p);
    void element(const table_element& e);
    void elements(const std::vector<table_element>& list);
    void option(const table_option& o);
    void option_value(const table_option& o);
    void options(const std::vector<table_option>& list, std::string_view separator);
    void custom(const std::vector<custom_option>& list);
    void method(const partition_method& m);
    void partition(const partition_clause& p);
    void partitions(const std::vector<partition_definition>& list, bool sub);
    void partition_values(const partition_definition& p);

    // --- statements (print_statement.ipp)
    void statement_text(const statement& s);
    void create_table(const create_table_statement& s);
    void alter_table(const alter_table_statement& s);
    void change(const alter_change& c);
    void column_change(const alter_change& c);
    void partition_change_text(const partition_change& p);
    void create_index(const create_index_statement& s);
    void set(const set_statement& s);
    void position(const column_position& p);
    void execution(const std::vector<alter_execution>& list);

private:
    void list(const expression& e, std::size_t first);
    void function(const expression& e);
    void function_name(const expression& e);
    void unary(const expression& e, bool tight = false);
    void binary(const expression& e);
    void predicate(const expression& e);
    void case_when(const expression& e);
    void cast(const expression& e);
    void column_name(const expression& e);
    void variable(const expression& e);
    writer& variable_name(std::string_view s);
    void other(const expression& e);

    std::string& out_;
    const print_options& options_;
    lexer_charset set_;
};

inline writer& writer::table(const table_name& t) {
    if (!t.schema.empty()) name(t.schema).text(".");
    return name(t.table);
}

inline writer& writer::names(const std::vector<std::string>& list) {
    bool first = true;
    text("(");
    for (const std::string& n : list) {
        if (!first) text(", ");
        first = false;
        name(n);
    }
    return text(")");
}

/// Letters, digits and _ only, not a number, and no word that some server reserves.
inline bool is_plain_word(std::string_view s) noexcept {
    if (s.empty() || (s[0] >= '0' && s[0] <= '9')) return false;
    for (const char c : s) {
        const bool ok =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!ok) return false;
    }
    const keyword k = keyword_of(s);
    return word_table[k].mysql_reserved == 0 && word_table[k].mariadb_reserved == 0;
}

inline writer& writer::word(std::string_view s) {
    return is_plain_word(s) ? text(s) : name(s);
}

inline writer& writer::charset(std::string_view s) {
    return s == "default" || s == "binary" ? text(s) : word(s);
}

inline void writer::literal_value(const literal& l) {
    if (!l.charset.empty()) text("_").text(l.charset).text(" ");
    switch (l.kind) {
        case literal_kind::null:
            text("NULL");
            break;
        case literal_kind::boolean:
        case literal_kind::integer:
        case literal_kind::decimal:
        case literal_kind::floating:
            text(l.text);
            break;
        case literal_kind::string:
            string(l.text);
            break;
        case literal_kind::national:
            text("N").string(l.text);
            break;
        case literal_kind::hex:
            if (l.text.empty() || l.quoted) {
                text("x'").text(l.text).text("'");
            } else {
                text("0x").text(l.text);
            }
            break;
        case literal_kind::bit:
            text("b'").text(l.text).text("'");
            break;
        case literal_kind::date:
            text("DATE ").string(l.text);
            break;
        case literal_kind::time:
            text("TIME ").string(l.text);
            break;
        case literal_kind::timestamp:
            text("TIMESTAMP ").string(l.text);
            break;
    }
}

struct operator_row {
    std::string_view text;
    int level;
};

inline constexpr std::array<operator_row, 29> operator_table = {{
    {"", level::primary},         {" or ", level::or_},        {" xor ", level::xor_},
    {" and ", level::and_},       {"not ", level::not_},       {" = ", level::comparison},
    {" <=> ", level::comparison}, {" <> ", level::comparison}, {" < ", level::comparison},
    {" <= ", level::comparison},  {" > ", level::comparison},  {" >= ", level::comparison},
    {" | ", level::bit_or},       {" & ", level::bit_and},     {" ^ ", level::bit_xor},
    {"~", level::sign},           {" << ", level::shift},      {" >> ", level::shift},
    {" + ", level::add},          {" - ", level::add},         {" * ", level::multiply},
    {" / ", level::multiply},     {" div ", level::multiply},  {" % ", level::multiply},
    {"-", level::sign},           {"+", level::sign},          {"binary ", level::binary},
    {"", level::primary},         {" := ", level::or_ - 1},
}};

inline const operator_row& row_of(expression_operator op) noexcept {
    return operator_table[static_cast<std::size_t>(op)];
}

inline int level_of(const expression& e) noexcept {
    switch (e.kind) {
        case expression_kind::binary:
            // INTERVAL x unit + y takes in all that follows, up to AND.
            if (e.operands[0].kind == expression_kind::interval) return level::not_;
            return row_of(e.op).level;
        case expression_kind::unary:
            return row_of(e.op).level;
        case expression_kind::is:
            return level::comparison;
        case expression_kind::between:
        case expression_kind::in:
        case expression_kind::like:
        case expression_kind::regexp:
        case expression_kind::member_of:
            return level::predicate;
        case expression_kind::collate:
            return level::collate;
        default:
            return level::primary;
    }
}

/// printed_depth() without parentheses around the whole.
inline std::size_t depth_inside(const expression& e) {
    std::size_t depth = 1;
    const auto shared = [&](const expression& o, int min) {  // read by the same call
        depth = std::max(depth, printed_depth(o, min));
    };
    const auto inner = [&](const expression& o, int min) {
        depth = std::max(depth, printed_depth(o, min) + 1);
    };
    std::size_t first = 0;
    int rest = level::or_;
    switch (e.kind) {
        case expression_kind::unary: {
            const expression& o = e.operands[0];
            const bool tight =
                o.kind == expression_kind::unary && row_of(e.op).level >= level::sign;
            return 1 + (tight ? depth_inside(o) : printed_depth(o, row_of(e.op).level));
        }
        case expression_kind::binary:
            rest = row_of(e.op).level + 1;
            shared(e.operands[first++], rest - 1);
            break;
        case expression_kind::is:
        case expression_kind::collate:
        case expression_kind::json_extract:
            shared(e.operands[first++],
                   e.kind == expression_kind::is ? level::comparison : level_of(e));
            break;
        case expression_kind::between:
        case expression_kind::in:
        case expression_kind::like:
        case expression_kind::regexp:
        case expression_kind::member_of:
            shared(e.operands[first++], level::bit_or);
            if (e.kind == expression_kind::like) rest = level::sign;
            if (e.kind == expression_kind::between || e.kind == expression_kind::regexp) {
                rest = level::bit_or;
            }
            break;
        case expression_kind::interval:
            rest = level::sign;
            break;
        case expression_kind::match_against:
            rest = level::bit_or;
            break;
        default:
            break;
    }
    for (std::size_t i = first; i < e.operands.size(); ++i) inner(e.operands[i], rest);
    return depth;
}

inline std::size_t printed_depth(const expression& e, int min_level) {
    return depth_inside(e) + (level_of(e) < min_level ? 1 : 0);
}

inline void writer::parenthesised(const expression& e) {
    const bool own = e.kind == expression_kind::raw && e.text.starts_with('(');
    if (!own) text("(");
    expr(e);
    if (!own) text(")");
}

inline void writer::list(const expression& e, std::size_t first) {
    for (std::size_t i = first; i < e.operands.size(); ++i) {
        if (i > first) text(", ");
        expr(e.operands[i]);
    }
}

inline void writer::expr(const expression& e, int min_level) {
    if (level_of(e) < min_level) {
        text("(");
        expr(e, level_of(e));
        text(")");
        return;
    }
    switch (e.kind) {
        case expression_kind::literal:
            return literal_value(e.value);
        case expression_kind::column:
            return column_name(e);
        case expression_kind::user_variable:
        case expression_kind::system_variable:
            return variable(e);
        case expression_kind::unary:
            return unary(e);
        case expression_kind::binary:
            return binary(e);
        case expression_kind::between:
        case expression_kind::in:
        case expression_kind::like:
        case expression_kind::regexp:
        case expression_kind::member_of:
        case expression_kind::is:
            return predicate(e);
        case expression_kind::case_when:
            return case_when(e);
        case expression_kind::function:
            return function(e);
        case expression_kind::cast:
        case expression_kind::convert_using:
            return cast(e);
        default:
            return other(e);
    }
}

inline void writer::other(const expression& e) {
    switch (e.kind) {
        case expression_kind::parameter:
            text("?");
            break;
        case expression_kind::star:
            if (!e.schema.empty()) name(e.schema).text(".");
            if (!e.qualifier.empty()) name(e.qualifier).text(".");
            text("*");
            break;
        case expression_kind::interval:
            text("interval ");
            expr(e.operands[0], level::sign);
            text(" ").text(e.name);
            break;
        case expression_kind::row:
            text(e.operands.size() == 1 ? "row(" : "(");
            list(e, 0);
            text(")");
            break;
        case expression_kind::collate:
            expr(e.operands[0], level::collate);
            text(" collate ").charset(e.name);
            break;
        case expression_kind::json_extract:
            expr(e.operands[0], level::primary);
            text(e.name);
            expr(e.operands[1], level::primary);
            break;
        case expression_kind::match_against:
            text("match (");
            for (std::size_t i = 0; i + 1 < e.operands.size(); ++i) {
                if (i > 0) text(", ");
                expr(e.operands[i], level::bit_or);
            }
            text(") against (");
            expr(e.operands.back(), level::bit_or);
            if (!e.text.empty()) text(" ").text(e.text);
            text(")");
            break;
        case expression_kind::default_of:
            text("default(");
            list(e, 0);
            text(")");
            break;
        default:
            text(e.text);
            break;
    }
}

inline void writer::column_name(const expression& e) {
    if (e.text == "keyword") {  // MAXVALUE, DEFAULT
        text(e.name);
        return;
    }
    if (!e.schema.empty()) name(e.schema).text(".");
    if (!e.qualifier.empty()) name(e.qualifier).text(".");
    name(e.name);
}

/// Letters, digits and _ $ . only.
inline bool is_variable_word(std::string_view s) noexcept {
    for (const char c : s) {
        const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
        if (!ok) return false;
    }
    return !s.empty();
}

/// A part of a system variable's name, or some with dots between them. Keywords are names here.
inline writer& writer::variable_name(std::string_view s) {
    for (std::size_t at = 0; at <= s.size();) {
        const std::size_t dot = std::min(s.find('.', at), s.size());
        const std::string_view part = s.substr(at, dot - at);
        if (at > 0) text(".");
        const bool bare = is_variable_word(part) && !(part[0] >= '0' && part[0] <= '9');
        bare ? text(part) : name(part);
        at = dot + 1;
    }
    return *this;
}

inline void writer::variable(const expression& e) {
    if (e.kind == expression_kind::system_variable) {
        text("@@");
        if (!e.qualifier.empty()) variable_name(e.qualifier).text(".");
        variable_name(e.name);
        return;
    }
    text("@");
    if (is_variable_word(e.name)) {
        text(e.name);
    } else if (e.name.empty()) {
        text("''");
    } else {
        name(e.name);
    }
}

/// Signs, ! and BINARY stand in front of each other without parentheses; a blank between them keeps
/// two signs from reading as a comment. `tight`: e is such an operand, NOT is written as !.
inline void writer::unary(const expression& e, bool tight) {
    const bool bang = tight && e.op == expression_operator::logical_not;
    const operator_row row = bang ? operator_row{"!", level::sign} : row_of(e.op);
    const expression& operand = e.operands[0];
    text(row.text);
    if (row.level < level::sign || operand.kind != expression_kind::unary) {
        expr(operand, row.level);
        return;
    }
    if (!row.text.ends_with(' ')) text(" ");
    unary(operand, true);
}

inline void writer::binary(const expression& e) {
    const operator_row& row = row_of(e.op);
    for (std::size_t i = 0; i < e.operands.size(); ++i) {
        if (i > 0) text(row.text);
        int min_level = i == 0 ? row.level : row.level + 1;
        expr(e.operands[i], min_level);
    }
}

inline void writer::predicate(const expression& e) {
    const std::string_view negation = e.negated ? " not" : "";
    if (e.kind == expression_kind::is) {
        expr(e.operands[0], level::comparison);
        text(" is").text(negation).text(" ").text(e.name);
        return;
    }
    expr(e.operands[0], level::bit_or);
    text(negation);
    switch (e.kind) {
        case expression_kind::between:
            text(" between ");
            expr(e.operands[1], level::bit_or);
            text(" and ");
            expr(e.operands[2], level::predicate);
            break;
        case expression_kind::in: {
            const bool query = e.operands.size() == 2 &&
                               e.operands[1].kind == expression_kind::raw &&
                               e.operands[1].text.starts_with('(');
            text(query ? " in " : " in (");
            list(e, 1);
            if (!query) text(")");
            break;
        }
        case expression_kind::like:
            text(" like ");
            expr(e.operands[1], level::sign);
            if (e.operands.size() < 3) break;
            text(" escape ");
            expr(e.operands[2], level::sign);
            break;
        case expression_kind::member_of:
            text(" member of (");
            expr(e.operands[1]);
            text(")");
            break;
        default:
            text(" regexp ");
            expr(e.operands[1], level::bit_or);
            break;
    }
}

inline void writer::case_when(const expression& e) {
    text("case");
    std::size_t i = 0;
    if (e.has_subject) {
        text(" ");
        expr(e.operands[i++]);
    }
    const std::size_t end = e.operands.size() - (e.has_else ? 1 : 0);
    for (; i + 1 < end; i += 2) {
        text(" when ");
        expr(e.operands[i]);
        text(" then ");
        expr(e.operands[i + 1]);
    }
    if (e.has_else) {
        text(" else ");
        expr(e.operands.back());
    }
    text(" end");
}

inline void writer::cast(const expression& e) {
    if (e.kind == expression_kind::convert_using) {
        text("convert(");
        expr(e.operands[0]);
        text(" using ").charset(e.name).text(")");
        return;
    }
    text("cast(");
    expr(e.operands[0]);
    if (!e.name.empty()) text(" ").text(e.name);
    text(" as ").text(e.text).text(e.array ? " array)" : ")");
}

/// Bare where the parser reads it back as this function.
inline void writer::function_name(const expression& e) {
    if (!e.qualifier.empty()) {
        name(e.qualifier).text(".").name(e.name);
        return;
    }
    const keyword k = keyword_of(e.name);
    const bool own_syntax =
        k == k_row || k == k_exists ||
        (k == k_interval && (e.operands.size() < 2 || e.distinct || !e.text.empty()));
    if (!own_syntax && (is_plain_word(e.name) || is_function_word(k))) {
        text(e.name);
    } else {
        name(e.name);
    }
}

inline void writer::function(const expression& e) {
    if (e.no_arguments) {
        text(e.name);
        return;
    }
    function_name(e);
    text("(");
    if (e.distinct) text("distinct ");
    const keyword k = e.qualifier.empty() && !e.text.empty() ? keyword_of(e.name) : k_unlisted;
    if (k == k_trim) {
        const bool side = e.text != "from";
        if (side) text(e.text);
        if (e.operands.size() == 2) {
            if (side) text(" ");
            expr(e.operands[0]);
        }
        text(" from ");
        expr(e.operands.back());
    } else if (k == k_extract || k == k_timestampadd || k == k_timestampdiff || k == k_get_format) {
        text(e.text).text(k == k_extract ? " from " : ", ");
        list(e, 0);
    } else {
        list(e, 0);
        if (!e.text.empty()) text(" ").text(e.text);
    }
    text(")");
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
