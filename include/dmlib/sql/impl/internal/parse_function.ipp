// Functions with and without a syntax of their own, and words that begin an expression.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// NEXT VALUE FOR s, PREVIOUS VALUE FOR s: nextval(s), lastval(s).
inline bool ddl_parser::sequence_value(expression& out) {
    out.kind = expression_kind::function;
    out.name = word() == k_next ? "nextval" : "lastval";
    advance(), advance(), advance();
    table_name sequence;
    if (!table(sequence)) return false;
    expression& argument = out.operands.emplace_back();
    argument.kind = expression_kind::column;
    argument.qualifier = std::move(sequence.schema);
    argument.name = std::move(sequence.table);
    return keep_height(2);
}

inline bool ddl_parser::word_primary(expression& out) {
    const keyword k = word();
    const std::size_t first = at_;
    const bool string_follows = ahead(1).kind == token_kind::string;
    const auto constant = [&](literal_kind kind, std::string_view text) {
        out.value.kind = kind;
        out.value.text = text;
        advance();
        return true;
    };
    switch (k) {
        case k_null:
            return constant(literal_kind::null, "");
        case k_true:
            return constant(literal_kind::boolean, "true");
        case k_false:
            return constant(literal_kind::boolean, "false");
        case k_date:
        case k_time:
        case k_timestamp:
            if (!string_follows) break;
            out.value.kind = k == k_date   ? literal_kind::date
                             : k == k_time ? literal_kind::time
                                           : literal_kind::timestamp;
            advance();
            return string_value(out.value.text);
        case k_case:
            return case_expression(out);
        case k_interval:
            return interval_expression(out);
        case k_exists:
            advance();
            return skip_parenthesised() && raw(out, first);
        case k_row:
            if (!is_op_ahead(1, '(')) break;
            advance();
            if (!parenthesised(out)) return false;
            return out.kind == expression_kind::row || fail("a second value of the row");
        case k_next:
        case k_previous:
            if (word_ahead(1) != k_value || word_ahead(2) != k_for) break;
            return sequence_value(out);
        default:
            break;
    }
    const token_kind next = ahead(1).kind;
    if (text_[current().begin] == '_' &&
        (next == token_kind::string || next == token_kind::hex || next == token_kind::bit)) {
        return string_literal(out.value);
    }
    if (is_bare_function(k) && !is_op_ahead(1, '(')) {
        out.kind = expression_kind::function;
        out.name = word_table[k].text;
        out.no_arguments = true;
        advance();
        return true;
    }
    if (is_reserved(k, options_) && !(is_function_word(k) && is_op_ahead(1, '('))) {
        return fail("an expression");
    }
    return column_or_function(out);
}

/// At '(' behind a function's name.
inline bool ddl_parser::function(expression& out, std::string name) {
    out.kind = expression_kind::function;
    out.name = ascii_lower(name);
    const keyword k = out.qualifier.empty() ? keyword_of(out.name) : k_unlisted;
    const std::size_t name_at = at_ - 1;
    bool taken = false;
    if (!special_function(out, k, taken)) return false;
    if (!taken && !arguments(out)) return false;
    if (word() != k_over) return true;
    if (out.kind == expression_kind::function && !out.qualifier.empty()) {
        return fail("an operator");  // no stored function has windows
    }
    advance();  // a window: the whole call is kept as text
    if (is_op('(')) {
        if (!skip_parenthesised()) return false;
    } else if (!identifier(out.name)) {
        return false;
    }
    return raw(out, name_at);
}

/// '(' [DISTINCT] a, b [words that only this function knows] ')'.
inline bool ddl_parser::arguments(expression& out) {
    if (!expect_op('(')) return false;
    if (accept_op(')')) return true;
    out.distinct = accept(k_distinct);
    int height = 0;
    if (is_op('*')) {
        advance();
        out.operands.emplace_back().kind = expression_kind::star;
    } else if (starts_subquery(0)) {
        const std::size_t first = at_;
        std::size_t open = 0;
        while (!is(token_kind::end) && (open > 0 || !is_op(')'))) {
            if (is_op('(')) ++open;
            if (is_op(')')) --open;
            advance();
        }
        if (!raw(out.operands.emplace_back(), first)) return false;
        height = 1;
    } else {
        do {
            if (!expr(out.operands.emplace_back())) return false;
            height = std::max(height, height_);
        } while (accept_op(','));
    }
    if (!is_op(')') && is(token_kind::word)) {
        if (out.name == "json_value" && !since(80021, 0)) return fail("')'");
        const std::size_t tail = at_;
        std::size_t open = 0;
        while (!is(token_kind::end) && (open > 0 || !is_op(')'))) {
            if (is_op('(')) ++open;
            if (is_op(')')) --open;
            advance();
        }
        out.text = joined(tail);
    }
    return expect_op(')') && keep_height(height + 1);
}

inline bool ddl_parser::special_function(expression& out, keyword k, bool& taken) {
    taken = true;
    switch (k) {
        case k_cast:
            return cast_function(out);
        case k_convert:
            return convert_function(out);
        case k_trim:
            return trim_function(out);
        case k_extract:
        case k_timestampadd:
        case k_timestampdiff:
        case k_get_format:
            return unit_function(out);
        case k_match:
            return match_function(out);
        case k_default: {
            out.kind = expression_kind::default_of;
            out.name.clear();
            return expect_op('(') && expr(out.operands.emplace_back()) && expect_op(')') &&
                   keep_height(height_ + 1);
        }
        case k_position: {
            out.name = "locate";
            if (!expect_op('(') || !expr(out.operands.emplace_back(), level::bit_or)) return false;
            const int height = height_;
            if (!accept_op(',') && !expect(k_in)) return false;
            return expr(out.operands.emplace_back()) && expect_op(')') &&
                   keep_height(std::max(height, height_) + 1);
        }
        case k_substr:
        case k_substring:
        case k_mid: {
            out.name = "substr";
            if (!expect_op('(') || !expr(out.operands.emplace_back())) return false;
            int height = height_;
            while (accept_op(',') || accept(k_from) || accept(k_for)) {
                if (!expr(out.operands.emplace_back())) return false;
                height = std::max(height, height_);
            }
            return expect_op(')') && keep_height(height + 1);
        }
        default:
            taken = false;
            return true;
    }
}

/// TRIM([BOTH|LEADING|TRAILING] [x] FROM y). text says the side, or "from" where none is said;
/// operands: [x,] y.
inline bool ddl_parser::trim_function(expression& out) {
    if (!expect_op('(')) return false;
    int height = 0;
    const auto operand = [&] {
        const bool ok = expr(out.operands.emplace_back());
        height = std::max(height, height_);
        return ok;
    };
    const keyword side = word();
    if (side == k_both || side == k_leading || side == k_trailing) {
        out.text = word_table[side].text;
        advance();
    }
    if (word() != k_from && !operand()) return false;
    if (accept(k_from)) {
        if (out.text.empty()) out.text = out.operands.empty() ? "both" : "from";
        if (!operand()) return false;
    } else if (accept_op(',')) {  // Oracle and TiDB: TRIM(y, x)
        if (!operand()) return false;
    }
    return expect_op(')') && keep_height(height + 1);
}

/// EXTRACT(unit FROM x), TIMESTAMPADD(unit, n, x), GET_FORMAT(DATE, x). text = the unit.
inline bool ddl_parser::unit_function(expression& out) {
    if (!expect_op('(')) return false;
    if (!is(token_kind::word)) return fail("a unit of time");
    out.text = unit_of(token_text(current()));
    advance();
    if (!accept(k_from) && !expect_op(',')) return false;
    int height = 0;
    do {
        if (!expr(out.operands.emplace_back())) return false;
        height = std::max(height, height_);
    } while (accept_op(','));
    return expect_op(')') && keep_height(height + 1);
}

/// The type of a CAST in normal form: lower case words, one space between them.
inline bool ddl_parser::cast_type(expression& out) {
    std::size_t open = 0;
    const std::size_t first = at_;
    while (!is(token_kind::end)) {
        if (open == 0 && (is_op(')') || is_op(',') || word() == k_array)) break;
        const token& t = current();
        if (is_op('(')) ++open;
        if (is_op(')') && open > 0) --open;
        const bool name = t.kind == token_kind::word;
        if (!name && t.kind != token_kind::integer && !is_op('(') && !is_op(')') && !is_op(',')) {
            return fail("a type");
        }
        if (name && !out.text.empty()) out.text += ' ';
        out.text += ascii_lower(token_text(t));
        advance();
    }
    if (at_ == first || tokens_[first].kind != token_kind::word) return fail("a type");
    if (out.text == "signed integer" || out.text == "signed int") out.text = "signed";
    if (out.text == "unsigned integer" || out.text == "unsigned int") out.text = "unsigned";
    out.array = accept(k_array);
    return true;
}

inline bool ddl_parser::cast_function(expression& out) {
    out.kind = expression_kind::cast;
    out.name.clear();
    if (!expect_op('(') || !expr(out.operands.emplace_back())) return false;
    const int height = height_;
    if (word() == k_at) {  // CAST(x AT TIME ZONE '+00:00' AS DATETIME)
        const std::size_t first = at_;
        while (!is(token_kind::end) && word() != k_as) advance();
        out.name = joined(first);
    }
    return expect(k_as) && cast_type(out) && expect_op(')') && keep_height(height + 1);
}

inline bool ddl_parser::convert_function(expression& out) {
    out.name.clear();
    if (!expect_op('(') || !expr(out.operands.emplace_back())) return false;
    const int height = height_;
    if (accept(k_using)) {
        out.kind = expression_kind::convert_using;
        if (!charset_name(out.name)) return false;
    } else {
        out.kind = expression_kind::cast;
        if (!expect_op(',') || !cast_type(out)) return false;
    }
    return expect_op(')') && keep_height(height + 1);
}

inline bool ddl_parser::match_function(expression& out) {
    out.kind = expression_kind::match_against;
    out.name.clear();
    const bool parenthesis = accept_op('(');
    int height = 0;
    do {
        if (!expr(out.operands.emplace_back(), level::bit_or)) return false;
        height = std::max(height, height_);
    } while (accept_op(','));
    if (parenthesis && !expect_op(')')) return false;
    if (!expect(k_against) || !expect_op('(')) return false;
    if (!expr(out.operands.emplace_back(), level::bit_or)) return false;
    height = std::max(height, height_);
    const std::size_t tail = at_;
    while (is(token_kind::word)) advance();
    out.text = ascii_lower(joined(tail));
    return expect_op(')') && keep_height(height + 1);
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
