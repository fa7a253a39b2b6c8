// Scalar expressions, by precedence climbing.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>
#include <dmlib/sql/impl/internal/quote.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

struct binary_operator {
    expression_operator op = expression_operator::none;
    int level = 0;
};

/// The operator that a token is between two operands.
inline binary_operator binary_of(const token& t, std::uint64_t mode) noexcept {
    using op = expression_operator;
    if (t.kind == token_kind::word) {
        switch (t.keyword) {
            case k_or:
                return {op::logical_or, level::or_};
            case k_xor:
                return {op::logical_xor, level::xor_};
            case k_and:
                return {op::logical_and, level::and_};
            case k_div:
                return {op::int_divide, level::multiply};
            case k_mod:
                return {op::modulo, level::multiply};
            default:
                return {};
        }
    }
    if (t.kind != token_kind::punctuation) return {};
    switch (t.op) {
        case token_op::or_or:
            if ((mode & sql_mode::pipes_as_concat) != 0) return {op::concat, level::concat};
            return {op::logical_or, level::or_};
        case token_op::and_and:
            return {op::logical_and, level::and_};
        case '=':
            return {op::equal, level::comparison};
        case token_op::null_safe_equal:
            return {op::null_safe_equal, level::comparison};
        case token_op::not_equal:
            return {op::not_equal, level::comparison};
        case '<':
            return {op::less, level::comparison};
        case token_op::less_equal:
            return {op::less_equal, level::comparison};
        case '>':
            return {op::greater, level::comparison};
        case token_op::greater_equal:
            return {op::greater_equal, level::comparison};
        case '|':
            return {op::bit_or, level::bit_or};
        case '&':
            return {op::bit_and, level::bit_and};
        case token_op::shift_left:
            return {op::shift_left, level::shift};
        case token_op::shift_right:
            return {op::shift_right, level::shift};
        case '+':
            return {op::add, level::add};
        case '-':
            return {op::subtract, level::add};
        case '*':
            return {op::multiply, level::multiply};
        case '/':
            return {op::divide, level::multiply};
        case '%':
            return {op::modulo, level::multiply};
        case '^':
            return {op::bit_xor, level::bit_xor};
        default:
            return {};
    }
}

/// Puts `left` under a new node as its first operand.
inline expression& wrap(expression& left, expression_kind kind) {
    expression node;
    node.kind = kind;
    node.span = left.span;
    node.operands.reserve(2);
    node.operands.push_back(std::move(left));
    left = std::move(node);
    return left;
}

inline bool ddl_parser::keep_height(int height) {
    height_ = height;
    if (height <= max_expression_height) return true;
    too_deep_ = true;
    return fail("a simpler expression");
}

inline bool ddl_parser::expr(expression& out, int min_level) {
    if (depth_ >= options_.max_depth) {
        too_deep_ = true;
        return fail("a simpler expression");
    }
    ++depth_;
    const bool ok = prefix(out, min_level) && continue_expr(out, min_level);
    --depth_;
    if (!ok || depth_ > 0) return ok;
    // No more than a call and a pair of parentheses per level: only high trees are measured.
    if (static_cast<std::size_t>(height_) < options_.max_depth / 2) return true;
    if (printed_depth(out, min_level) <= options_.max_depth) return true;
    too_deep_ = true;
    return fail("a simpler expression");
}

inline bool ddl_parser::continue_expr(expression& left, int min_level) {
    for (;;) {
        bool taken = false;
        if (!binary_step(left, min_level, taken)) return false;
        if (!taken && !predicate_step(left, min_level, taken)) return false;
        if (!taken) break;
        left.span.end = end_offset();
    }
    return true;
}

inline bool ddl_parser::binary_step(expression& left, int min_level, bool& taken) {
    const binary_operator b = binary_of(current(), options_.mode);
    if (b.op == expression_operator::none || b.level < min_level) return true;
    taken = true;
    advance();
    const int left_height = height_;
    expression right;
    if (b.level == level::comparison && (word() == k_all || word() == k_any || word() == k_some) &&
        is_op_ahead(1, '(')) {
        const std::size_t first = at_;
        advance();
        if (!skip_parenthesised() || !raw(right, first)) return false;
    } else if (!expr(right, b.level + 1)) {
        return false;
    }
    const bool concat = b.op == expression_operator::concat;
    const bool same = concat ? left.is_function("concat") && left.text == "||"
                             : left.kind == expression_kind::binary && left.op == b.op &&
                                   b.level != level::comparison &&
                                   left.operands[0].kind != expression_kind::interval;
    const int right_height = height_ + 1;
    if (concat && left_height >= static_cast<int>(options_.max_depth)) {
        too_deep_ = true;  // concat(concat(...)): printed, it would not be read again
        return fail("a simpler expression");
    }
    if (same) {
        left.operands.push_back(std::move(right));
        return keep_height(std::max(left_height, right_height));
    }
    wrap(left, concat ? expression_kind::function : expression_kind::binary);
    left.op = concat ? expression_operator::none : b.op;
    if (concat) left.name = "concat";
    left.operands.push_back(std::move(right));
    return keep_height(std::max(left_height + 1, right_height));
}

/// MariaDB takes any expression without comparisons for a pattern, MySQL a simple one.
inline int ddl_parser::like_level() const noexcept {
    return options_.flavor == flavor::mariadb && options_.version.at_least(10, 3) ? level::bit_or
                                                                                  : level::concat;
}

/// [NOT] IN, BETWEEN, LIKE, REGEXP; SOUNDS LIKE; MEMBER OF; IS.
inline bool ddl_parser::predicate_step(expression& left, int min_level, bool& taken) {
    if (word() == k_is && min_level <= level::comparison) {
        taken = true;
        return is_step(left);
    }
    if (min_level > level::predicate) return true;
    const bool negated = word() == k_not;
    const keyword k = negated ? word_ahead(1) : word();
    const int left_height = height_;
    const auto begin = [&](expression_kind kind) {
        taken = true;
        if (negated) advance();
        advance();
        wrap(left, kind).negated = negated;
    };
    int below = left_height;
    const auto operand = [&](int min) {
        const bool ok = expr(left.operands.emplace_back(), min);
        below = std::max(below, height_);
        return ok && keep_height(below + 1);
    };
    switch (k) {
        case k_in:
            begin(expression_kind::in);
            return in_list(left);
        case k_between:
            begin(expression_kind::between);
            return operand(mariadb() ? level::predicate : level::bit_or) && expect(k_and) &&
                   operand(level::predicate);
        case k_like:
            begin(expression_kind::like);
            if (!operand(like_level())) return false;
            return !accept(k_escape) || operand(like_level());
        case k_regexp:
        case k_rlike:
            begin(expression_kind::regexp);
            return operand(level::bit_or);
        case k_sounds:
            if (negated || word_ahead(1) != k_like) return true;
            begin(expression_kind::binary);
            advance();
            left.op = expression_operator::equal;  // as the servers understand and show it
            if (!operand(level::bit_or)) return false;
            for (expression& x : left.operands) wrap(x, expression_kind::function).name = "soundex";
            return keep_height(below + 2);
        case k_member:
            if (negated || (word_ahead(1) != k_of && !is_op_ahead(1, '('))) return true;
            begin(expression_kind::member_of);
            accept(k_of);
            return expect_op('(') && operand(level::or_) && expect_op(')');
        default:
            return true;
    }
}

/// At '(' behind IN.
inline bool ddl_parser::in_list(expression& node) {
    int height = height_;
    if (is_op('(') && starts_subquery(1)) {
        const std::size_t first = at_;
        if (!skip_parenthesised() || !raw(node.operands.emplace_back(), first)) return false;
        return keep_height(height + 1);
    }
    if (!expect_op('(')) return false;
    do {
        if (!expr(node.operands.emplace_back())) return false;
        height = std::max(height, height_);
    } while (accept_op(','));
    return expect_op(')') && keep_height(height + 1);
}

inline bool ddl_parser::is_step(expression& left) {
    advance();
    wrap(left, expression_kind::is);
    left.negated = accept(k_not);
    const keyword k = word();
    if (k != k_null && k != k_true && k != k_false && k != k_unknown && k != k_json &&
        !is_op(token_op::null)) {
        return fail("NULL, TRUE, FALSE or UNKNOWN");
    }
    left.name = is_op(token_op::null) ? "null" : std::string{word_table[k].text};
    advance();
    return keep_height(height_ + 1);
}

inline bool ddl_parser::unary(expression& out, expression_operator op, int operand_level) {
    out.kind = expression_kind::unary;
    out.op = op;
    advance();
    if (!expr(out.operands.emplace_back(), operand_level)) return false;
    return keep_height(height_ + 1);
}

inline bool ddl_parser::prefix(expression& out, int min_level) {
    out.span.begin = begin_offset();
    bool ok = true;
    if (is_op('-')) {
        ok = unary(out, expression_operator::negate, level::sign);
    } else if (is_op('+')) {
        ok = unary(out, expression_operator::plus, level::sign);
    } else if (is_op('~')) {
        ok = unary(out, expression_operator::bit_not, level::sign);
    } else if (is_op('!')) {
        ok = unary(out, expression_operator::logical_not, level::sign);
    } else if (word() == k_not) {
        const bool high = (options_.mode & sql_mode::high_not_precedence) != 0;
        if (!high && min_level > level::not_) return fail("an operand");
        ok = unary(out, expression_operator::logical_not, high ? level::sign : level::not_);
    } else if (word() == k_binary) {
        ok = unary(out, expression_operator::binary, level::binary);
    } else {
        height_ = 1;
        ok = primary(out) && postfix(out);
        if (ok && is_op('+') && out.kind == expression_kind::interval && min_level <= level::add) {
            ok = interval_sum(out);
        }
    }
    out.span.end = end_offset();
    return ok;
}

/// INTERVAL x unit + y: servers take for y all that follows, comparisons too.
inline bool ddl_parser::interval_sum(expression& out) {
    const int height = height_;
    advance();
    wrap(out, expression_kind::binary).op = expression_operator::add;
    if (!expr(out.operands.emplace_back(), level::comparison)) return false;
    return keep_height(std::max(height, height_) + 1);
}

/// COLLATE, -> and ->> behind a simple expression.
inline bool ddl_parser::postfix(expression& out) {
    for (;;) {
        const int height = height_;
        if (accept(k_collate)) {
            wrap(out, expression_kind::collate);
            if (!collation_name(out.name)) return false;
        } else if (out.kind == expression_kind::column &&
                   (is_op(token_op::arrow) || is_op(token_op::arrow_unquote))) {
            const bool unquote = is_op(token_op::arrow_unquote);
            advance();
            wrap(out, expression_kind::json_extract).name = unquote ? "->>" : "->";
            expression& path = out.operands.emplace_back();
            if (!string_literal(path.value)) return false;
        } else {
            return true;
        }
        if (!keep_height(height + 1)) return false;
    }
}

inline bool ddl_parser::primary(expression& out) {
    const token& t = current();
    out.kind = expression_kind::literal;
    switch (t.kind) {
        case token_kind::integer:
        case token_kind::decimal:
        case token_kind::floating:
            out.value.kind = t.kind == token_kind::integer   ? literal_kind::integer
                             : t.kind == token_kind::decimal ? literal_kind::decimal
                                                             : literal_kind::floating;
            out.value.text.assign(token_text(t));
            advance();
            return true;
        case token_kind::string:
        case token_kind::national_string:
        case token_kind::hex:
        case token_kind::bit:
            return string_literal(out.value);
        case token_kind::user_variable:
            return variable(out);
        case token_kind::quoted_identifier:
            return column_or_function(out);
        case token_kind::word:
            return word_primary(out);
        case token_kind::punctuation:
            break;
        default:
            return fail("an expression");
    }
    switch (t.op) {
        case '(':
            return parenthesised(out);
        case '@':
        case token_op::at_at:
            return variable(out);
        case token_op::null:
            out.value.kind = literal_kind::null;
            break;
        case '?':
            out.kind = expression_kind::parameter;
            break;
        case '.':
            return column_or_function(out);
        case '{': {  // ODBC: {d '2020-01-01'}, {fn now()}
            advance();
            const keyword k = word();
            const std::string tag = ascii_lower(token_text(current()));
            if (k == k_unlisted && !is(token_kind::word)) return fail("an ODBC escape");
            advance();
            if (!expr(out) || !expect_op('}')) return false;
            if (out.kind == expression_kind::literal && out.value.kind == literal_kind::string &&
                out.value.charset.empty()) {
                if (tag == "d") out.value.kind = literal_kind::date;
                if (tag == "t") out.value.kind = literal_kind::time;
                if (tag == "ts") out.value.kind = literal_kind::timestamp;
            }
            return true;
        }
        default:
            return fail("an expression");
    }
    advance();
    return true;
}

inline bool ddl_parser::variable(expression& out) {
    if (is(token_kind::user_variable)) {
        out.kind = expression_kind::user_variable;
        out.name.assign(token_text(current()).substr(1));
        if (!is_whole_name(out.name, charset_)) return fail("a name of whole characters");
        advance();
        return assignment(out);
    }
    const bool system = is_op(token_op::at_at);
    advance();
    if (!system) {
        out.kind = expression_kind::user_variable;
        if (!is(token_kind::string)) return any_identifier(out.name) && assignment(out);
        return string_value(out.name) &&
               (is_whole_name(out.name, charset_) || fail("a name of whole characters")) &&
               assignment(out);
    }
    out.kind = expression_kind::system_variable;
    if (!system_variable_part(out.name)) return false;
    while (accept_op('.')) {
        if (!out.qualifier.empty()) out.qualifier += '.';
        out.qualifier += out.name;
        if (!system_variable_part(out.name)) return false;
    }
    return true;
}

/// := x behind a variable: MariaDB has it in generated columns, MySQL nowhere in a table.
inline bool ddl_parser::assignment(expression& out) {
    if (!mariadb() || !accept_op(token_op::assign)) return true;
    wrap(out, expression_kind::binary).op = expression_operator::assign;
    return expr(out.operands.emplace_back()) && keep_height(height_ + 1);
}

/// Dots join the parts in the tree, so that a part has none. No server has such a variable.
inline bool ddl_parser::system_variable_part(std::string& out) {
    const std::size_t first = at_;
    if (!any_identifier(out)) return false;
    out = ascii_lower(out);
    if (out.find('.') == std::string::npos) return true;
    at_ = first;
    return fail("the name of a variable");
}

inline bool ddl_parser::starts_subquery(std::size_t n) const noexcept {
    while (is_op_ahead(n, '(')) ++n;
    const keyword k = word_ahead(n);
    if (k == k_select || k == k_with) return true;
    // VALUES (1) and TABLE t are queries too; VALUES(c) in an expression is a function.
    return k == k_table || (k == k_values && word_ahead(n + 1) == k_row);
}

inline bool ddl_parser::raw(expression& out, std::size_t first) {
    out = expression{};
    out.kind = expression_kind::raw;
    out.text = joined(first);
    out.span = {tokens_[first].begin, end_offset()};
    height_ = 1;
    return true;
}

/// (x), (a, b), (SELECT ...).
inline bool ddl_parser::parenthesised(expression& out) {
    const std::size_t first = at_;
    if (starts_subquery(1)) return skip_parenthesised() && raw(out, first);
    advance();
    if (!expr(out)) return false;
    if (accept_op(')')) return true;
    wrap(out, expression_kind::row);
    int height = height_;
    while (accept_op(',')) {
        if (!expr(out.operands.emplace_back())) return false;
        height = std::max(height, height_);
    }
    return expect_op(')') && keep_height(height + 1);
}

/// '(' expression ')' of a DEFAULT, CHECK or key part, with its text.
inline bool ddl_parser::parenthesised_expression(expression& out, source_text& text) {
    if (!is_op('(')) return fail("'('");
    const std::size_t open = at_;
    if (starts_subquery(1)) {
        if (!skip_parenthesised() || !raw(out, open)) return false;
        text.value = written(open);
        return true;
    }
    advance();
    if (!expr(out)) return false;
    if (is_op(',')) return fail("')'");
    text.value = written(open + 1);
    return expect_op(')');
}

/// A name in an expression: a column with qualifiers, or a function.
inline bool ddl_parser::column_or_function(expression& out) {
    out.kind = expression_kind::column;
    accept_op('.');
    if (!any_identifier(out.name)) return false;
    while (is_op('.')) {
        advance();
        if (is_op('*')) {
            advance();
            out.kind = expression_kind::star;
            out.schema = std::move(out.qualifier);
            out.qualifier = std::move(out.name);
            out.name.clear();
            return true;
        }
        if (!out.schema.empty()) return fail("no more than three parts of a name");
        out.schema = std::move(out.qualifier);
        out.qualifier = std::move(out.name);
        out.name.clear();
        if (!any_identifier(out.name)) return false;
    }
    if (!is_op('(')) return true;
    if (!out.schema.empty()) return fail("an operator");
    out.schema.clear();
    return function(out, out.name);
}

/// expr WHEN ... END behind CASE.
inline bool ddl_parser::case_expression(expression& out) {
    out.kind = expression_kind::case_when;
    advance();
    int height = 0;
    const auto operand = [&] {
        if (!expr(out.operands.emplace_back())) return false;
        height = std::max(height, height_);
        return true;
    };
    if (word() != k_when) {
        out.has_subject = true;
        if (!operand()) return false;
    }
    if (word() != k_when) return fail("WHEN");
    while (accept(k_when)) {
        if (!operand() || !expect(k_then) || !operand()) return false;
    }
    if (accept(k_else)) {
        out.has_else = true;
        if (!operand()) return false;
    }
    return expect(k_end) && keep_height(height + 1);
}

inline bool is_interval_unit(std::string_view lower) noexcept {
    static constexpr std::string_view units[] = {
        "microsecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "second_microsecond",
        "minute_microsecond",
        "minute_second",
        "hour_microsecond",
        "hour_second",
        "hour_minute",
        "day_microsecond",
        "day_second",
        "day_minute",
        "day_hour",
        "year_month",
    };
    for (const std::string_view u : units) {
        if (u == lower) return true;
    }
    return false;
}

inline std::string unit_of(std::string_view word) {
    std::string u = ascii_lower(word);
    if (u.starts_with("sql_tsi_") && is_interval_unit(std::string_view{u}.substr(8))) u.erase(0, 8);
    return u;
}

/// Whether the parentheses that open here hold a comma of their own, and no query.
inline bool ddl_parser::is_list_ahead() const noexcept {
    if (!is_op_ahead(1, '(') && starts_subquery(1)) return false;
    std::size_t open = 0;
    for (std::size_t i = at_; i < tokens_.size(); ++i) {
        if (tokens_[i].kind != token_kind::punctuation) continue;
        if (tokens_[i].op == '(') ++open;
        if (tokens_[i].op == ')' && --open == 0) return false;
        if (tokens_[i].op == ',' && open == 1) return true;
    }
    return false;
}

/// INTERVAL x unit, or the function INTERVAL(n, a, b, ...).
inline bool ddl_parser::interval_expression(expression& out) {
    advance();
    if (is_op('(') && is_list_ahead()) {
        advance();
        out.kind = expression_kind::function;
        out.name = "interval";
        int height = 0;
        do {
            if (!expr(out.operands.emplace_back())) return false;
            height = std::max(height, height_);
        } while (accept_op(','));
        return expect_op(')') && keep_height(height + 1);
    }
    expression value;
    if (!expr(value)) return false;
    const std::string unit = is(token_kind::word) ? unit_of(token_text(current())) : std::string{};
    if (!is_interval_unit(unit)) return fail("a unit of time");
    out.kind = expression_kind::interval;
    out.name = unit;
    out.operands.push_back(std::move(value));
    advance();
    return keep_height(height_ + 1);
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
