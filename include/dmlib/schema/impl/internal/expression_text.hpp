// Expressions as the servers print them back in SHOW CREATE TABLE (their Item::print). MySQL puts
// parentheses around every operator, MariaDB only where precedence asks for them.
#pragma once

#include <dmlib/schema/impl/internal/expression_forms.hpp>
#include <dmlib/schema/impl/internal/geometry_functions.hpp>
#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/sql/literal.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

using sql::expression;
using sql::expression_kind;
using sql::expression_operator;

struct function_alias {
    std::string_view name;
    std::string_view mysql;
    std::string_view mariadb;
};

/// Functions that the servers print under another name.
inline constexpr function_alias function_aliases[] = {
    {"atan2", "atan", "atan"},
    {"ceil", "ceiling", "ceiling"},
    {"character_length", "char_length", "char_length"},
    {"current_date", "curdate", "curdate"},
    {"current_time", "curtime", "curtime"},
    {"current_timestamp", "now", "current_timestamp"},
    {"day", "dayofmonth", "dayofmonth"},
    {"lcase", "lower", "lcase"},
    {"length", "length", "octet_length"},
    {"localtime", "now", "current_timestamp"},
    {"localtimestamp", "now", "current_timestamp"},
    {"lower", "lower", "lcase"},
    {"mid", "substr", "substr"},
    {"now", "now", "current_timestamp"},
    {"octet_length", "length", "octet_length"},
    {"power", "pow", "pow"},
    {"schema", "database", "database"},
    {"session_user", "user", "user"},
    {"sha1", "sha", "sha"},
    {"substring", "substr", "substr"},
    {"system_user", "user", "user"},
    {"ucase", "upper", "ucase"},
    {"upper", "upper", "ucase"},
};

/// Functions whose value the servers take for a truth value, so that AND does not wrap them.
inline bool is_boolean_function(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 16> names{"json_valid",
                                                     "json_contains",
                                                     "json_contains_path",
                                                     "json_overlaps",
                                                     "json_schema_valid",
                                                     "regexp_like",
                                                     "isnull",
                                                     "st_contains",
                                                     "st_within",
                                                     "st_equals",
                                                     "st_intersects",
                                                     "st_isvalid",
                                                     "is_uuid",
                                                     "is_ipv4",
                                                     "is_ipv6",
                                                     "json_exists"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

inline bool is_comparison(expression_operator op) noexcept {
    return op >= expression_operator::equal && op <= expression_operator::greater_equal;
}

inline bool is_boolean(const expression& e) {
    switch (e.kind) {
        case expression_kind::between:
        case expression_kind::in:
        case expression_kind::like:
        case expression_kind::regexp:
        case expression_kind::is:
        case expression_kind::member_of:
            return true;
        case expression_kind::literal:
            return e.value.kind == sql::literal_kind::boolean;
        case expression_kind::unary:
            return e.op == expression_operator::logical_not;
        case expression_kind::function:
            return is_boolean_function(e.name);
        case expression_kind::binary:
            return is_comparison(e.op) || e.op == expression_operator::logical_or ||
                   e.op == expression_operator::logical_and ||
                   e.op == expression_operator::logical_xor;
        default:
            return false;
    }
}

/// How tightly MariaDB's printer takes each kind of expression to bind.
namespace binding {
constexpr int or_ = 1;
constexpr int xor_ = 2;
constexpr int and_ = 3;
constexpr int comparison = 5;
constexpr int between = 6;
constexpr int in = 7;
constexpr int bit_or = 8;
constexpr int bit_and = 9;
constexpr int shift = 10;
constexpr int interval = 11;
constexpr int add = 12;
constexpr int multiply = 13;
constexpr int bit_xor = 14;
constexpr int sign = 16;
constexpr int collate = 17;
constexpr int whole = 20;
}  // namespace binding

inline int precedence_of(expression_operator op) noexcept {
    switch (op) {
        case expression_operator::logical_or:
            return binding::or_;
        case expression_operator::logical_xor:
            return binding::xor_;
        case expression_operator::logical_and:
            return binding::and_;
        case expression_operator::bit_or:
            return binding::bit_or;
        case expression_operator::bit_and:
            return binding::bit_and;
        case expression_operator::shift_left:
        case expression_operator::shift_right:
            return binding::shift;
        case expression_operator::add:
        case expression_operator::subtract:
            return binding::add;
        case expression_operator::multiply:
        case expression_operator::divide:
        case expression_operator::int_divide:
        case expression_operator::modulo:
            return binding::multiply;
        case expression_operator::bit_xor:
            return binding::bit_xor;
        default:
            return is_comparison(op) ? binding::comparison : binding::whole;
    }
}

/// Higher binds tighter; MariaDB's order.
inline int precedence_of(const expression& e) noexcept {
    switch (e.kind) {
        case expression_kind::between:
            return binding::between;
        case expression_kind::in:
            // IN with one value becomes a comparison.
            return e.operands.size() == 2 ? binding::comparison : binding::in;
        case expression_kind::like:
        case expression_kind::regexp:
            return binding::in;
        case expression_kind::is:
            return binding::comparison;
        case expression_kind::collate:
            return binding::collate;
        case expression_kind::unary:
            return e.op == expression_operator::binary ? binding::whole : binding::sign;
        case expression_kind::binary:
            return precedence_of(e.op);
        default:
            return binding::whole;
    }
}

inline expression_operator negated_comparison(expression_operator op) noexcept {
    switch (op) {
        case expression_operator::equal:
            return expression_operator::not_equal;
        case expression_operator::not_equal:
            return expression_operator::equal;
        case expression_operator::less:
            return expression_operator::greater_equal;
        case expression_operator::less_equal:
            return expression_operator::greater;
        case expression_operator::greater:
            return expression_operator::less_equal;
        case expression_operator::greater_equal:
            return expression_operator::less;
        default:
            return expression_operator::none;
    }
}

/// Prints expressions of one table of one server.
struct expression_printer {
    server_kind server;
    std::string charset;  ///< of literals without an introducer
    const table* columns = nullptr;
    bool introducers = true;  ///< MySQL: say the charset of each string

    bool mariadb() const noexcept { return is_mariadb(server); }

    /// Without outer parentheses: the form that stands in the parentheses of AS (...), CHECK (...).
    /// MySQL's own parentheses of an operator are kept by `print`.
    std::string print_bare(const expression& e) const {
        std::string text = print(e);
        if (!mariadb() && text.size() > 1 && text.front() == '(' && closes_at_end(text)) {
            return text.substr(1, text.size() - 2);
        }
        return text;
    }

    std::string print(const expression& e) const {
        switch (e.kind) {
            case expression_kind::literal:
                return print_literal(e.value);
            case expression_kind::column:
                return print_column(e);
            case expression_kind::unary:
                return print_unary(e);
            case expression_kind::binary:
                return print_binary(e);
            case expression_kind::between:
            case expression_kind::in:
            case expression_kind::like:
            case expression_kind::regexp:
            case expression_kind::is:
                return print_predicate(e);
            case expression_kind::case_when:
                return print_case(e);
            case expression_kind::function:
                return print_function(e);
            case expression_kind::cast:
                return print_cast(e);
            case expression_kind::convert_using:
                return "convert(" + print(e.operands.at(0)) + " using " + cast_charset(e.name) +
                       ")";
            case expression_kind::interval:
                return "interval " + amount_of(e.operands.at(0)) + " " + sql::ascii_lower(e.name);
            case expression_kind::row:
                return "(" + list(e.operands, 0) + ")";
            case expression_kind::collate:
                return wrap(operand(e, 0) + " collate " + canonical_collation(e.name));
            case expression_kind::json_extract: {
                std::string text = "json_extract(" + list(e.operands, 0) + ")";
                return e.name == "->>" ? "json_unquote(" + text + ")" : text;
            }
            case expression_kind::member_of:
                return print(e.operands.at(0)) + " member of (" + print(e.operands.at(1)) + ")";
            case expression_kind::user_variable:
                return mariadb() ? "@" + quoted_identifier(e.name) : sql::print(e);
            case expression_kind::default_of:
                return "default(" + list(e.operands, 0) + ")";
            default:
                return sql::print(e);
        }
    }

    std::string print_literal(const sql::literal& l) const {
        switch (l.kind) {
            case sql::literal_kind::null:
                return "NULL";
            case sql::literal_kind::boolean:
                if (mariadb()) return l.text == "true" ? "1" : "0";
                return l.text;
            case sql::literal_kind::string: {
                std::string introducer;
                if (!l.charset.empty())
                    introducer = "_" + cast_charset(l.charset);
                else if (!mariadb() && introducers)
                    introducer = "_" + charset_name_on(server, charset);
                return introducer + escaped(l.text);
            }
            case sql::literal_kind::national:
                if (mariadb()) return escaped(l.text);
                return "_" + charset_name_on(server, "utf8mb3") + escaped(l.text);
            case sql::literal_kind::hex:
            case sql::literal_kind::bit:
                if (l.charset.empty()) return hex_text(l);
                if (const auto text = text_of_digits(l, !mariadb())) {
                    return "_" + cast_charset(l.charset) + escaped(*text);
                }
                return "_" + cast_charset(l.charset) + hex_text(l);
            case sql::literal_kind::date:
                return "DATE" + escaped(moment_text(l, !mariadb()));
            case sql::literal_kind::time:
                return "TIME" + escaped(moment_text(l, !mariadb()));
            case sql::literal_kind::timestamp:
                return "TIMESTAMP" + escaped(moment_text(l, !mariadb()));
            case sql::literal_kind::integer:
            case sql::literal_kind::decimal:
                return number_text(l.text);
            default:
                return l.text;
        }
    }

    /// Without zeros in front and a point behind, but with a digit before the point.
    static std::string number_text(std::string_view text) {
        const bool below_zero = text.starts_with('-');
        if (below_zero) text.remove_prefix(1);
        text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
        if (text.ends_with('.')) text.remove_suffix(1);
        const bool bare = text.empty() || text.front() == '.';
        return (below_zero ? "-" : "") + (bare ? "0" : std::string()) + std::string(text);
    }

    /// MariaDB prints DEFAULT f(x) bare, and puts an operator, CASE and CAST into parentheses; not
    /// CAST to a date or time.
    bool default_has_parentheses(const expression& e) const {
        if (!mariadb()) return false;
        const std::string to = sql::ascii_lower(e.text);
        const bool cast =
            e.kind == expression_kind::cast && !to.starts_with("date") && !to.starts_with("time");
        return cast || e.kind == expression_kind::case_when ||
               effective_precedence(e) < binding::whole;
    }

private:
    static bool closes_at_end(std::string_view text) {
        int depth = 0;
        char quote = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (quote != 0) {
                if (c == '\\' && quote == '\'')
                    ++i;
                else if (c == quote)
                    quote = 0;
                continue;
            }
            if (c == '\'' || c == '`')
                quote = c;
            else if (c == '(')
                ++depth;
            else if (c == ')' && --depth == 0)
                return i + 1 == text.size();
        }
        return false;
    }

    std::string wrap(std::string text) const { return mariadb() ? text : "(" + text + ")"; }

    /// An operand, in parentheses where MariaDB's precedence asks for them.
    std::string operand(const expression& parent, std::size_t i, bool tighter = false) const {
        const expression& child = parent.operands.at(i);
        std::string text = print(child);
        if (!mariadb()) return text;
        const int mine = precedence(parent);
        const int its = effective_precedence(child);
        return its < mine || (tighter && its == mine) ? "(" + text + ")" : text;
    }

    /// In parentheses where it binds less tightly.
    std::string within(const expression& e, int precedence) const {
        return effective_precedence(e) < precedence ? "(" + print(e) + ")" : print(e);
    }

    /// MariaDB before 10.3 took CASE and BETWEEN for looser than comparisons, and LIKE, IN and
    /// REGEXP for comparisons.
    int precedence(const expression& e) const {
        if (mariadb_at_least(server, 10, 3)) return precedence_of(e);
        if (e.kind == expression_kind::case_when) return binding::comparison - 1;
        const int modern = precedence_of(e);
        if (modern == binding::between) return binding::comparison - 1;
        return modern == binding::in ? binding::comparison : modern;
    }

    int effective_precedence(const expression& e) const {
        // Functions that are printed as operators.
        if (e.kind == expression_kind::function) {
            if (e.name == "mod") return binding::multiply;
            if (e.name == "isnull") return binding::comparison;
            if (is_date_arithmetic(e) || e.name == "timestampadd") return binding::interval;
            if (e.name == "datediff" && e.operands.size() == 2) return binding::add;
        }
        if (e.kind == expression_kind::unary && e.op == expression_operator::logical_not) {
            return negated_precedence(e.operands.at(0));
        }
        if (e.kind == expression_kind::regexp && e.negated) return binding::sign;
        if (e.kind == expression_kind::unary && e.op == expression_operator::plus) {
            return effective_precedence(e.operands.at(0));
        }
        return precedence(e);
    }

    /// NOT of a comparison is the opposite comparison, of a column "= 0", of the rest "!".
    int negated_precedence(const expression& x) const {
        if (x.kind == expression_kind::column) return binding::comparison;
        if (x.kind == expression_kind::unary && x.op == expression_operator::logical_not) {
            return effective_precedence(x.operands.at(0));
        }
        if (x.kind == expression_kind::binary) {
            if (is_comparison(x.op)) {
                return x.op == expression_operator::null_safe_equal ? binding::sign
                                                                    : binding::comparison;
            }
            if (x.op == expression_operator::logical_and) return binding::or_;
            if (x.op == expression_operator::logical_or) return binding::and_;
            return x.op == expression_operator::logical_xor ? binding::xor_ : binding::sign;
        }
        const bool keeps = x.kind == expression_kind::between || x.kind == expression_kind::in ||
                           x.kind == expression_kind::is || x.kind == expression_kind::like ||
                           (x.kind == expression_kind::function && x.name == "isnull");
        return keeps ? effective_precedence(x) : binding::sign;
    }

    std::string list(const std::vector<expression>& items, std::size_t from) const {
        std::string out;
        for (std::size_t i = from; i < items.size(); ++i) {
            if (i != from) out += ",";
            out += print(items[i]);
        }
        return out;
    }

    std::string canonical_collation(const std::string& name) const {
        const collation_info* const found = find_collation(name);
        return collation_name_on(server, found != nullptr ? found->name : std::string_view(name));
    }
    std::string cast_charset(const std::string& name) const {
        const charset_info* const found = find_charset(name);
        return charset_name_on(server, found != nullptr ? found->name : std::string_view(name));
    }

    static std::string escaped(std::string_view text) {
        return shown_literal_with(text, "\\'", true);
    }

    std::string hex_text(const sql::literal& l) const {
        std::string digits = l.text;
        if (digits.empty() && !mariadb()) return "X''";
        if (l.kind == sql::literal_kind::bit) {
            std::string out;
            while (digits.size() % 8 != 0) digits.insert(0, "0");
            for (std::size_t i = 0; i < digits.size(); i += 4) {
                int nibble = 0;
                for (std::size_t j = 0; j < 4; ++j) nibble = nibble * 2 + (digits[i + j] - '0');
                out.push_back("0123456789abcdef"[nibble]);
            }
            return "0x" + out;
        }
        if (digits.size() % 2 != 0) digits.insert(0, "0");
        digits = sql::ascii_lower(digits);
        return l.quoted && mariadb() ? "X'" + digits + "'" : "0x" + digits;
    }

    std::string print_column(const expression& e) const {
        if (columns != nullptr) {
            const std::size_t at = columns->find_column(e.name);
            if (at != npos) return quoted_identifier(columns->columns[at].name);
        }
        return quoted_identifier(e.name);
    }

    /// A value where a truth value is asked for. MariaDB says so of columns only.
    std::string truth(const expression& e) const {
        if (is_boolean(e)) return print(e);
        if (!mariadb()) return "(0 <> " + print(e) + ")";
        return e.kind == expression_kind::column ? print(e) + " <> 0" : print(e);
    }

    std::string print_unary(const expression& e) const {
        const expression& x = e.operands.at(0);
        switch (e.op) {
            case expression_operator::logical_not:
                return print_not(x);
            case expression_operator::plus:
                return print(x);
            case expression_operator::negate:
                if (!mariadb()) return "-(" + print(x) + ")";
                return "-" + operand(e, 0);
            case expression_operator::bit_not:
                if (!mariadb()) return "~(" + print(x) + ")";
                return "~" + operand(e, 0);
            case expression_operator::binary:
                return "cast(" + print(x) + " as char charset binary)";
            default:
                return sql::print(e);
        }
    }

    static expression negation_of(const expression& x) {
        expression out;
        out.kind = expression_kind::unary;
        out.op = expression_operator::logical_not;
        out.operands.push_back(x);
        return out;
    }

    /// The servers push NOT into what it negates; of XOR, into the first operand.
    std::string print_not(const expression& x) const {
        if (const auto parts = mariadb() ? std::nullopt : rows_by_parts(x)) {
            return print_not(*parts);
        }
        if (x.kind == expression_kind::unary && x.op == expression_operator::logical_not) {
            return truth(x.operands.at(0));
        }
        if (x.kind == expression_kind::binary) {
            const expression_operator inverse = negated_comparison(x.op);
            if (inverse != expression_operator::none) {
                expression copy = x;
                copy.op = inverse;
                return print(copy);
            }
            if (x.op == expression_operator::logical_and ||
                x.op == expression_operator::logical_or) {
                expression copy = x;
                copy.op = x.op == expression_operator::logical_and
                              ? expression_operator::logical_or
                              : expression_operator::logical_and;
                for (expression& part : copy.operands) part = negation_of(part);
                return print(copy);
            }
            if (x.op == expression_operator::logical_xor) {
                expression copy = x;
                copy.operands.at(0) = negation_of(x.operands.at(0));
                return print(copy);
            }
        }
        if (x.kind == expression_kind::between || x.kind == expression_kind::in ||
            x.kind == expression_kind::is || x.kind == expression_kind::like) {
            expression copy = x;
            copy.negated = !x.negated;
            return print(copy);
        }
        if (x.kind == expression_kind::function && x.name == "isnull") {
            return wrap(print(x.operands.at(0)) + " is not null");
        }
        if (is_boolean(x)) {
            return mariadb() ? "!" + within(x, binding::sign) : "(not(" + print(x) + "))";
        }
        if (!mariadb()) return "(0 = " + print(x) + ")";
        if (x.kind == expression_kind::column) return print(x) + " = 0";
        return "!" + within(x, binding::sign);
    }

    std::string_view operator_word(expression_operator op) const noexcept {
        switch (op) {
            case expression_operator::logical_or:
                return "or";
            case expression_operator::logical_xor:
                return "xor";
            case expression_operator::logical_and:
                return "and";
            case expression_operator::equal:
                return "=";
            case expression_operator::null_safe_equal:
                return "<=>";
            case expression_operator::not_equal:
                return "<>";
            case expression_operator::less:
                return "<";
            case expression_operator::less_equal:
                return "<=";
            case expression_operator::greater:
                return ">";
            case expression_operator::greater_equal:
                return ">=";
            case expression_operator::bit_or:
                return "|";
            case expression_operator::bit_and:
                return "&";
            case expression_operator::bit_xor:
                return "^";
            case expression_operator::shift_left:
                return "<<";
            case expression_operator::shift_right:
                return ">>";
            case expression_operator::add:
                return "+";
            case expression_operator::subtract:
                return "-";
            case expression_operator::multiply:
                return "*";
            case expression_operator::divide:
                return "/";
            case expression_operator::int_divide:
                return "DIV";
            case expression_operator::modulo:
                return mariadb_at_least(server, 10, 3) ? "MOD" : "%";
            case expression_operator::assign:
                return ":=";
            default:
                return "";
        }
    }

    std::string print_binary(const expression& e) const {
        if (e.op == expression_operator::concat) return "concat(" + list(e.operands, 0) + ")";
        const std::string word = " " + std::string(operator_word(e.op)) + " ";
        const bool logical =
            e.op == expression_operator::logical_and || e.op == expression_operator::logical_or;
        if (logical) {
            std::string out;
            flatten(e, e.op, word, out);
            return wrap(std::move(out));
        }
        if (e.op == expression_operator::logical_xor && !mariadb()) {
            std::string out = truth(e.operands.at(0));
            for (std::size_t i = 1; i < e.operands.size(); ++i) {
                out = "(" + out + word + truth(e.operands[i]) + ")";
            }
            return out;
        }
        if (const auto parts = mariadb() ? std::nullopt : rows_by_parts(e)) return print(*parts);
        if (e.op == expression_operator::assign) {  // the name is not quoted here
            return "@" + e.operands.at(0).name + ":=" + print(e.operands.at(1));
        }
        const bool interval_first = e.op == expression_operator::add && e.operands.size() == 2 &&
                                    e.operands[0].kind == expression_kind::interval &&
                                    e.operands[1].kind != expression_kind::interval;
        if (interval_first) {
            expression copy = e;
            std::swap(copy.operands[0], copy.operands[1]);
            return print_binary(copy);
        }
        std::string out = mariadb() ? operand(e, 0) : print(e.operands.at(0));
        for (std::size_t i = 1; i < e.operands.size(); ++i) {
            out += word + (mariadb() ? operand(e, i, true) : print(e.operands[i]));
            out = wrap(std::move(out));
        }
        return out;
    }

    void flatten(const expression& e,
                 expression_operator op,
                 const std::string& word,
                 std::string& out) const {
        for (const expression& part : e.operands) {
            if (part.kind == expression_kind::binary && part.op == op) {
                flatten(part, op, word, out);
                continue;
            }
            if (!out.empty()) out += word;
            std::string text = truth(part);
            const bool looser = mariadb() && effective_precedence(part) < precedence_of(e);
            out += looser ? "(" + text + ")" : text;
        }
    }

    std::string print_predicate(const expression& e) const {
        const std::string no = e.negated ? "not " : "";
        std::string left = operand(e, 0, e.kind == expression_kind::between);
        switch (e.kind) {
            case expression_kind::between:
                return wrap(left + " " + no + "between " + operand(e, 1, true) + " and " +
                            operand(e, 2));
            case expression_kind::in:
                if (e.operands.size() == 2) {  // IN with one value becomes a comparison
                    return wrap(left + (e.negated ? " <> " : " = ") + operand(e, 1, true));
                }
                return wrap(left + " " + no + "in (" + list(e.operands, 1) + ")");
            case expression_kind::like:
                return print_like(e, left);
            case expression_kind::regexp: {
                if (mysql_at_least(server, 8)) {
                    const std::string call = "regexp_like(" + list(e.operands, 0) + ")";
                    return e.negated ? "(not(" + call + "))" : call;
                }
                const std::string text = wrap(left + " regexp " + operand(e, 1, true));
                if (!e.negated) return text;
                return mariadb() ? "!(" + text + ")" : "(not(" + text + "))";
            }
            case expression_kind::is:
                if (e.name == "unknown") return wrap(left + " is " + no + "null");
                break;
            default:
                break;
        }
        if (e.name == "true" || e.name == "false") {
            return wrap((mariadb() ? left : truth(e.operands.at(0))) + " is " + no + e.name);
        }
        return wrap(left + " is " + no + e.name);
    }

    std::string print_like(const expression& e, const std::string& left) const {
        std::string tail = "like " + operand(e, 1, e.operands.size() < 3);
        if (e.operands.size() > 2) tail += " escape " + print(e.operands[2]);
        if (!e.negated) return wrap(left + " " + tail);
        return mariadb() ? left + "  not " + tail : "(not((" + left + " " + tail + ")))";
    }

    std::string print_case(const expression& e) const {
        std::string out = "case";
        std::size_t i = 0;
        if (e.has_subject) out += " " + print(e.operands.at(i++));
        const std::size_t end = e.operands.size() - (e.has_else ? 1 : 0);
        for (; i + 2 <= end; i += 2) {
            out += " when " + print(e.operands[i]) + " then " + print(e.operands[i + 1]);
        }
        if (e.has_else) out += " else " + print(e.operands.back());
        return wrap(out + " end");
    }

    static bool is_date_arithmetic(const expression& e) {
        return (e.name == "date_add" || e.name == "date_sub" || e.name == "adddate" ||
                e.name == "subdate") &&
               e.operands.size() == 2;
    }

    static bool is_sequence_function(const expression& e) {
        return (e.name == "nextval" || e.name == "lastval" || e.name == "setval") &&
               !e.operands.empty() && e.operands[0].kind == expression_kind::column;
    }

    /// The sequence with its schema, and SETVAL with all that it takes.
    std::string print_sequence_function(const expression& e) const {
        const expression& sequence = e.operands[0];
        std::string schema = sequence.qualifier;
        if (schema.empty() && columns != nullptr) schema = columns->schema;
        std::string out = e.name + "(";
        if (!schema.empty()) out += quoted_identifier(schema) + ".";
        out += quoted_identifier(sequence.name);
        for (std::size_t i = 1; i < e.operands.size(); ++i) out += "," + print(e.operands[i]);
        if (e.name == "setval" && e.operands.size() < 3) out += ",1";
        if (e.name == "setval" && e.operands.size() < 4) out += ",0";
        return out + ")";
    }

    std::string print_function(const expression& e) const {
        if (e.name == "json_value" && !mariadb()) return print_json_value(e);
        if (!e.qualifier.empty() || !e.text.empty() || e.distinct) return print_special(e);
        if (mariadb() && is_sequence_function(e)) return print_sequence_function(e);
        if (const auto other = other_function(e, server)) return print(*other);
        if (is_date_arithmetic(e)) {
            const bool plus = e.name == "date_add" || e.name == "adddate";
            const expression& by = e.operands[1];
            const std::string amount = by.kind == expression_kind::interval
                                           ? print(by)
                                           : "interval " + amount_of(by) + " day";
            return wrap(added_to(e.operands[0]) + (plus ? " + " : " - ") + amount);
        }
        if (e.name == "datediff" && e.operands.size() == 2) {
            return wrap("to_days(" + print(e.operands[0]) + ") - to_days(" + print(e.operands[1]) +
                        ")");
        }
        if ((e.name == "oct" || e.name == "bin") && e.operands.size() == 1) {
            return "conv(" + print(e.operands[0]) + (e.name == "oct" ? ",10,8)" : ",10,2)");
        }
        const bool as_cast = (e.name == "date" || e.name == "time") && e.operands.size() == 1 &&
                             (mariadb() || mysql_at_least(server, 8));
        if (as_cast) return "cast(" + print(e.operands[0]) + " as " + e.name + ")";
        const bool casts = mariadb() || mysql_at_least(server, 8);
        if (casts && e.name == "timestamp" && e.operands.size() == 1)
            return "cast(" + print(e.operands[0]) + " as datetime)";
        if (e.name == "isnull" && e.operands.size() == 1) {
            const expression& x = e.operands[0];
            return wrap((mariadb() ? within(x, binding::comparison) : print(x)) + " is null");
        }
        if (e.name == "mod" && e.operands.size() == 2) {
            expression copy = e;
            copy.kind = expression_kind::binary;
            copy.op = expression_operator::modulo;
            return print_binary(copy);
        }
        if (e.name == "position" && e.operands.size() == 2) {
            return "locate(" + list(e.operands, 0) + ")";
        }
        std::string name = e.name;
        for (const function_alias& alias : function_aliases) {
            if (alias.name == name) {
                name = mariadb() ? alias.mariadb : alias.mysql;
                break;
            }
        }
        if (mariadb()) name = shown_geometry_function(name);
        if (mysql_at_least(server, 8)) name = shown_mysql_function(name);
        // MariaDB 10.2 still said length.
        if (name == "octet_length" && !mariadb_at_least(server, 10, 3)) name = "length";
        std::string arguments = list(e.operands, 0);
        if (e.operands.size() == 1 &&
            (name == "round" || name == "yearweek" || (name == "week" && !mariadb()))) {
            arguments += ",0";
        }
        return name + "(" + arguments + ")";
    }

    /// MariaDB 10.2 puts the amount of an interval into parentheses, later versions do not.
    std::string amount_of(const expression& e) const {
        return mariadb_at_least(server, 10, 3) ? print(e) : added_to(e);
    }

    std::string added_to(const expression& e) const {
        return mariadb() ? within(e, binding::interval) : print(e);
    }

    /// The length of CHAR and BINARY is always shown, the charset where it was said.
    std::string json_value_type(const std::string& written) const {
        if (written.starts_with("float")) return "float";  // of any number of bits
        const std::string type = named_cast_type(written, true);
        const auto text = char_type_of(type);
        if (!text) return with_space_behind_comma(type);
        std::string length = text->length;
        if (length.empty()) {
            const charset_info* const set =
                find_charset(text->charset.empty() ? charset : text->charset);
            constexpr std::uint64_t most_bytes = 4294967295;
            const std::uint64_t most = set != nullptr ? most_bytes / set->max_bytes : most_bytes;
            length = "(" + std::to_string(most) + ")";
        }
        if (type.starts_with("binary")) return "binary" + length;
        return "char" + length + (text->charset.empty() ? "" : " character set " + text->charset);
    }

    std::string json_value_default(const std::string& text) const {
        sql::parse_options parse;
        parse.flavor = server.flavor;
        parse.version = server.version;
        const auto value = sql::parse_expression(text, parse);
        if (value.has_error()) return text;
        const auto number = sql::signed_literal(*value);
        return number ? print_literal(*number) : print(*value);
    }

    /// RETURNING is always shown, and the value of DEFAULT as an expression.
    std::string print_json_value(const expression& e) const {
        constexpr std::string_view returning = "returning ";
        constexpr std::string_view default_ = "default ";
        const std::string words = words_outside_quotes(e.text);
        std::size_t at = 0;
        std::string type = "char(512)";
        if (words.starts_with(returning)) {
            at = words.size();
            for (const std::string_view next : {" default ", " null on ", " error on "}) {
                at = std::min(at, words.find(next));
            }
            type = json_value_type(words.substr(returning.size(), at - returning.size()));
        }
        std::string out = "json_value(";
        for (const expression& x : e.operands)
            out += print(x) + (&x == &e.operands.front() ? ", " : " ");
        out += "returning " + type + (at == 0 && !words.empty() ? " " : "");
        for (;;) {
            const std::size_t value = words.find(default_, at);
            if (value == std::string::npos) break;
            const std::size_t begin = value + default_.size();
            const std::size_t end = std::min(words.find(" on ", begin), words.size());
            out += words.substr(at, begin - at);
            out += json_value_default(e.text.substr(begin, end - begin));
            at = end;
        }
        return out + words.substr(at) + ")";
    }

    /// TRIM(x FROM y) is shown without a side by MySQL. MariaDB has functions for blanks alone.
    std::string print_trim(const expression& e) const {
        std::string side = sql::ascii_lower(e.text);
        const std::string from = print(e.operands.back());
        if (e.operands.size() == 1 && mariadb()) {
            const std::string_view of = side == "leading" ? "l" : side == "trailing" ? "r" : "";
            return std::string(of) + "trim(" + from + ")";
        }
        if (side == "from") side = mariadb() ? "both" : "";
        std::string out = "trim(" + side + (side.empty() ? "" : " ");
        if (e.operands.size() == 2) out += print(e.operands[0]) + " ";
        return out + "from " + from + ")";
    }

    /// MySQL's WEIGHT_STRING(x AS CHAR(n)); AS BINARY(n) is a cast.
    std::string print_weight_string(const expression& e) const {
        const std::string as = sql::ascii_lower(e.text);
        if (!as.starts_with("as binary")) {
            return "weight_string(" + print(e.operands[0]) + " " + as + ")";
        }
        expression binary = e;
        binary.kind = expression_kind::cast;
        binary.name.clear();
        binary.text = as.substr(std::string_view("as ").size());
        return "weight_string(" + print_cast(binary) + ")";
    }

    /// Functions with words among their arguments (TRIM, EXTRACT, ...): the words in lower case.
    std::string print_special(const expression& e) const {
        if (e.name == "extract" && e.operands.size() == 1) {
            return "extract(" + sql::ascii_lower(e.text) + " from " + print(e.operands[0]) + ")";
        }
        if (e.name == "trim" && !e.operands.empty()) return print_trim(e);
        if (e.name == "weight_string" && e.operands.size() == 1 && !mariadb()) {
            return print_weight_string(e);
        }
        if (e.name == "get_format") {
            const std::string what = upper(e.text);
            return "get_format(" + (what == "TIMESTAMP" ? "DATETIME" : what) + ", " +
                   list(e.operands, 0) + ")";
        }
        if ((e.name == "timestampdiff" || e.name == "timestampadd") && e.operands.size() == 2) {
            if (e.name == "timestampadd") {
                return wrap(added_to(e.operands[1]) + " + interval " + amount_of(e.operands[0]) +
                            " " + sql::ascii_lower(e.text));
            }
            return e.name + "(" + upper(e.text) + "," + list(e.operands, 0) + ")";
        }
        if (e.name == "char" && e.text.size() > 6 && !e.operands.empty()) {  // USING charset
            const std::string set =
                cast_charset(sql::ascii_lower(std::string_view(e.text).substr(6)));
            const bool shown = set != "binary" && mariadb_at_least(server, 10, 3);
            return "char(" + list(e.operands, 0) + (shown ? " using " + set : "") + ")";
        }
        return sql::print(e);
    }

    /// CHAR(n) ASCII and its like name a charset; MariaDB shows BINARY from 10.6 on.
    std::string cast_type_without_aliases(std::string type) const {
        const auto take = [&](std::string_view word) {
            const bool found = type.ends_with(word);
            if (found) type.resize(type.size() - word.size());
            return found;
        };
        const bool named = type.find(" character set ") != std::string::npos ||
                           type.find(" charset ") != std::string::npos;
        if (!type.starts_with("char") || named) return type;
        if (take(" ascii")) return type + " character set latin1";
        if (take(" unicode")) return type + " character set ucs2";
        if (take(" binary")) {
            const bool shown = mariadb_at_least(server, 10, 6);
            return type + " character set " + charset_name_on(server, charset) +
                   (shown ? " binary" : "");
        }
        return type;
    }

    struct char_type {
        std::string length;   ///< in parentheses, or empty
        std::string charset;  ///< empty where it is not said
    };

    /// The parts of CHAR, NCHAR and BINARY in a CAST; nothing for other types.
    std::optional<char_type> char_type_of(std::string type) const {
        if (replace_type_word(type, "binary", "")) return char_type{type, "binary"};
        if (replace_type_word(type, "nchar", "")) {
            return char_type{type, charset_name_on(server, "utf8mb3")};
        }
        type = cast_type_without_aliases(type);
        if (!replace_type_word(type, "char", "")) return std::nullopt;
        for (const std::string_view word : {" character set ", " charset "}) {
            const std::size_t at = type.find(word);
            if (at == std::string::npos) continue;
            const std::string set = type.substr(at + word.size());
            const std::size_t end = std::min(set.find(' '), set.size());
            return char_type{type.substr(0, at),
                             cast_charset(set.substr(0, end)) + set.substr(end)};
        }
        return char_type{type, ""};
    }

    std::string print_cast(const expression& e) const {
        std::string type = named_cast_type(sql::ascii_lower(e.text), !mariadb());
        if (e.array) {
            type = with_space_behind_comma(type) + " array";
        } else if (const auto text = char_type_of(type)) {
            const bool said = !text->charset.empty();
            type = "char" + text->length + " charset " +
                   (said ? text->charset : charset_name_on(server, charset));
        }
        // MySQL 9.7 takes every zone for UTC, and says so.
        const std::string_view zone = e.name.empty() ? "" : " AT TIME ZONE '+00:00'";
        return "cast(" + print(e.operands.at(0)) + std::string(zone) + " as " + type + ")";
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
