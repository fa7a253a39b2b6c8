// row_compiler: operators.
#pragma once

#include <dmlib/transform/impl/internal/row_compiler.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline row_node_ptr row_compiler::node(const expression& e) {
    switch (e.kind) {
        case expression_kind::literal:
            return literal(e);
        case expression_kind::column:
            return column(e);
        case expression_kind::unary:
            return unary(e);
        case expression_kind::binary:
            return binary(e);
        case expression_kind::between:
            return between(e);
        case expression_kind::in:
            return in(e);
        case expression_kind::like:
            return like(e);
        case expression_kind::regexp:
            return regexp(e);
        case expression_kind::is:
            return is(e);
        case expression_kind::case_when:
            return case_when(e);
        case expression_kind::function:
            return function(e);
        case expression_kind::cast:
            return cast(e);
        case expression_kind::collate:
            return collate(e);
        case expression_kind::json_extract:
            if (e.name == "->>") return json_text(e, e.operands[0], e.operands[1]);
            return refuse(e, "-> compares JSON values; use ->>, which gives text");
        default:
            return refuse(e, "this construct is not evaluated");
    }
}

inline row_node_ptr row_compiler::unary(const expression& e) {
    const expression& operand = e.operands[0];
    if (e.op == expression_operator::negate && operand.kind == expression_kind::literal) {
        if (auto l = sql::signed_literal(e);
            l && (l->kind == literal_kind::integer || l->kind == literal_kind::decimal ||
                  l->kind == literal_kind::floating)) {
            row_node_ptr n = number_literal(e, *l);
            return n;
        }
    }
    row_node_ptr a = node(operand);
    if (!a) return nullptr;
    if (e.op == expression_operator::logical_not) {
        a = truth(std::move(a), operand);
        return a ? typed(std::make_unique<not_node>(std::move(a)), boolean()) : nullptr;
    }
    if (e.op == expression_operator::binary) {
        if (a->type.what != row_type::text) return refuse(e, "BINARY of what is no text");
        node_type t = a->type;
        t.charset = "binary";
        t.order = text_order::of("binary");
        t.derivation = 2;
        t.enumeration = false;
        return std::make_unique<retyped_node>(std::move(a), t);
    }
    if (!is_number(*a)) return refuse(e, "an operator on what is no number");
    node_type t = a->type;
    t.literal = t.year = false;
    if (e.op == expression_operator::plus) return a;
    if (e.op == expression_operator::bit_not) {
        if (!t.integer) return refuse(e, "~ of what is no integer");
        t = integer_type(20, true);
        return typed(std::make_unique<number_node>(number_node::what::invert, std::move(a)), t);
    }
    if (e.op != expression_operator::negate) return refuse(e, "this operator is not evaluated");
    t.is_unsigned = t.minus_zero = false;
    return typed(std::make_unique<number_node>(number_node::what::negate, std::move(a)), t);
}

inline row_node_ptr row_compiler::binary(const expression& e) {
    switch (e.op) {
        case expression_operator::logical_or:
        case expression_operator::logical_and:
        case expression_operator::logical_xor:
            return logic(e);
        case expression_operator::equal:
        case expression_operator::null_safe_equal:
        case expression_operator::not_equal:
        case expression_operator::less:
        case expression_operator::less_equal:
        case expression_operator::greater:
        case expression_operator::greater_equal:
            if (e.operands.size() != 2) return refuse(e, "a chain of comparisons");
            return compare(e, e.op, e.operands[0], e.operands[1]);
        default:
            break;
    }
    row_node_ptr left = node(e.operands[0]);
    for (std::size_t i = 1; left && i < e.operands.size(); ++i) {
        const bool minus = e.op == expression_operator::subtract;
        if (e.operands[i].kind == expression_kind::interval &&
            (minus || e.op == expression_operator::add)) {
            left = shifted(e, std::move(left), e.operands[i], minus);
            continue;
        }
        row_node_ptr right = node(e.operands[i]);
        if (!right) return nullptr;
        left = arithmetic(e, e.op, std::move(left), std::move(right));
    }
    return left;
}

inline row_node_ptr row_compiler::logic(const expression& e) {
    std::vector<row_node_ptr> parts;
    for (const expression& o : e.operands) {
        row_node_ptr n = condition(o);
        if (!n) return nullptr;
        parts.push_back(std::move(n));
    }
    return typed(std::make_unique<logic_node>(e.op, std::move(parts)), boolean());
}

inline row_node_ptr row_compiler::arithmetic(const expression& e,
                                             expression_operator op,
                                             row_node_ptr a,
                                             row_node_ptr b) {
    using o = expression_operator;
    for (const row_node* n : {a.get(), b.get()}) {
        if (n->type.what == row_type::null) return refuse(e, "arithmetic with a literal NULL");
        const bool text = n->type.what == row_type::text && !n->type.enumeration &&
                          is_utf8_charset(n->type.charset);
        if (!is_number(*n) && !text) return refuse(e, "arithmetic with what is no number");
    }
    const bool exact = a->type.what == row_type::exact && b->type.what == row_type::exact;
    const bool integers = exact && a->type.integer && b->type.integer;
    const bool bits = op == o::bit_and || op == o::bit_or || op == o::bit_xor ||
                      op == o::shift_left || op == o::shift_right;
    if (bits) {
        if (!integers) return refuse(e, "an operator on bits of what is no integer");
        const bool shift = op == o::shift_left || op == o::shift_right;
        const bool small = b->type.literal && b->type.integer && value_of_literal(*b).n >= 0 &&
                           value_of_literal(*b).n < 64;
        // MariaDB takes the number of places modulo 2^32.
        if (shift && !small) return refuse(e, "a shift by something else than 0 to 63");
        return typed(std::make_unique<bits_node>(op, std::move(a), std::move(b)),
                     integer_type(20, true));
    }
    const bool known = op == o::add || op == o::subtract || op == o::multiply || op == o::divide ||
                       op == o::int_divide || op == o::modulo;
    if (!known) return refuse(e, "this operator is not evaluated");
    if (!exact) {
        if (op == o::int_divide) return refuse(e, "DIV of floating point numbers or texts");
        return typed(std::make_unique<real_node>(op, std::move(a), std::move(b)),
                     of_kind(row_type::real));
    }
    if (integers && op != o::divide) {
        const bool left_only = op == o::modulo;
        node_type t = integer_type(20, a->type.is_unsigned || (!left_only && b->type.is_unsigned));
        smallest_integer smallest = smallest_integer::computed;
        if (op == o::subtract && !t.is_unsigned && !is_mysql())
            smallest = smallest_integer::wraps_from_0;
        if (op == o::int_divide && !t.is_unsigned && is_mysql())
            smallest = smallest_integer::no_quotient;
        return typed(std::make_unique<exact_node>(op, std::move(a), std::move(b), smallest), t);
    }
    if (a->type.minus_zero || b->type.minus_zero)
        return refuse(e, "arithmetic with % of DECIMAL numbers, which may be -0.00 on MariaDB");
    if (op == o::divide) return quotient(e, std::move(a), std::move(b));
    return decimals(e, op, std::move(a), std::move(b));
}

/// + - * DIV % with a DECIMAL.
inline row_node_ptr row_compiler::decimals(const expression& e,
                                           expression_operator op,
                                           row_node_ptr a,
                                           row_node_ptr b) {
    using o = expression_operator;
    const node_type& l = a->type;
    const node_type& r = b->type;
    const bool product = op == o::multiply;
    node_type t;
    t.what = row_type::exact;
    t.scale = product ? l.scale + r.scale : std::max(l.scale, r.scale);
    const int whole = std::max(l.digits - l.scale, r.digits - r.scale);
    t.digits = product ? l.digits + r.digits : whole + t.scale + 1;
    if (t.digits > max_wide_digits || t.scale > 30)
        return refuse(e, "numbers of more than 38 digits");
    if (op == o::int_divide) {
        t = integer_type(20, l.is_unsigned || r.is_unsigned);
        return typed(std::make_unique<exact_node>(op, std::move(a), std::move(b)), t);
    }
    t.is_unsigned = l.is_unsigned && (op == o::modulo || r.is_unsigned);
    t.minus_zero = op == o::modulo && t.scale > 0 && !is_mysql();
    // Neither side is 0 where a remainder is -0, so that only what is unsure may lack the digits.
    const auto has_point = [](const node_type& n) {
        return n.scale > 0 && n.point != point_digits::unsure;
    };
    if (t.minus_zero && !has_point(l) && !has_point(r))
        return refuse(e, "% of numbers whose digits behind the point depend on the row");
    t.never_negative = op == o::subtract && t.is_unsigned && is_mysql();
    const int shown = std::max(l.scale - l.hidden, r.scale - r.hidden);
    t.hidden = product ? l.hidden + r.hidden : t.scale - shown;
    const bool sum = op == o::add || op == o::subtract;
    if ((sum || product) && (l.vague || r.vague))
        return refuse(e, "arithmetic with FLOOR or CEIL of numbers of more than 17 digits");
    const point_digits worse = std::max(l.point, r.point);
    const bool sure = sum ? worse == point_digits::always : worse != point_digits::unsure;
    t.point = sure ? point_digits::unless_zero : point_digits::unsure;
    return typed(std::make_unique<exact_node>(op, std::move(a), std::move(b)), t);
}

inline row_node_ptr row_compiler::quotient(const expression& e, row_node_ptr a, row_node_ptr b) {
    const node_type& l = a->type;
    const node_type& r = b->type;
    if (l.point == point_digits::unsure || r.point == point_digits::unsure) {
        return refuse(e,
                      "/ of numbers whose digits behind the point depend on the row; multiply the "
                      "other side instead (a > 2 * b in place of a / b > 2)");
    }
    node_type t;
    t.what = row_type::exact;
    t.scale = quotient_digits(l.scale, r.scale);
    if (!is_mysql()) t.hidden = std::max(t.scale - (l.scale - l.hidden + 4), 0);
    t.point = point_digits::unless_zero;
    t.is_unsigned = l.is_unsigned && r.is_unsigned;
    t.digits = l.digits - l.scale + r.scale + t.scale;
    if (t.digits > max_wide_digits || t.scale > 30)
        return refuse(e, "/ with a result of more than 38 digits");
    return typed(std::make_unique<quotient_node>(std::move(a), std::move(b)), t);
}

inline row_node_ptr row_compiler::compare(const expression& e,
                                          expression_operator op,
                                          const expression& left,
                                          const expression& right) {
    row_node_ptr a = node(left);
    const bool bits = right.kind == expression_kind::literal &&
                      right.value.kind == literal_kind::bit && a && a->type.integer;
    row_node_ptr b = bits ? bit_literal(right) : a ? node(right) : nullptr;
    if (!b) return nullptr;
    auto how = comparer(e, a, b, false);
    if (!how) return nullptr;
    return typed(std::make_unique<compare_node>(op, *how, std::move(a), std::move(b)), boolean());
}

inline row_node_ptr row_compiler::in(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    if (!a) return nullptr;
    std::vector<in_node::member> list;
    for (std::size_t i = 1; i < e.operands.size(); ++i) {
        row_node_ptr b = node(e.operands[i]);
        if (!b) return nullptr;
        auto how = comparer(e.operands[i], a, b, true);
        if (!how) return nullptr;
        list.push_back({std::move(b), *how});
    }
    // Servers differ on whether they work out what is sought, which may fail.
    const bool nothing = std::all_of(list.begin(), list.end(), [](const in_node::member& m) {
        return m.node->type.what == row_type::null;
    });
    if (nothing) return refuse(e, "IN with a list of nothing but NULL");
    // Exact and floating numbers in one list: the servers decide for all at once.
    const auto is_real = [](const in_node::member& m) {
        return m.compare.how == row_comparer::mode::real;
    };
    const bool any = std::any_of(list.begin(), list.end(), is_real);
    if (any && a->type.what != row_type::real)
        return refuse(e, "a floating point number in the list of an exact one");
    return typed(std::make_unique<in_node>(std::move(a), std::move(list), e.negated), boolean());
}

inline row_node_ptr row_compiler::between(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    row_node_ptr low = a ? node(e.operands[1]) : nullptr;
    row_node_ptr high = low ? node(e.operands[2]) : nullptr;
    if (!high) return nullptr;
    auto how_low = comparer(e.operands[1], a, low, true);
    if (!how_low) return nullptr;
    auto how_high = comparer(e.operands[2], a, high, true);
    if (!how_high) return nullptr;
    // MySQL compares it with a sign where one of the bounds is NULL.
    const bool column = dynamic_cast<const column_node*>(a.get()) != nullptr;
    if (is_mysql() && !column && a->type.integer && a->type.is_unsigned)
        return refuse(e, "BETWEEN of a computed integer without sign; write two comparisons");
    const bool null =
        how_low->how == row_comparer::mode::never || how_high->how == row_comparer::mode::never;
    if (!null && how_low->how != how_high->how)
        return refuse(e, "bounds of different kinds of numbers");
    return typed(std::make_unique<between_node>(std::move(a),
                                                in_node::member{std::move(low), *how_low},
                                                in_node::member{std::move(high), *how_high},
                                                e.negated),
                 boolean());
}

inline row_node_ptr row_compiler::like(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    row_node_ptr b = a ? node(e.operands[1]) : nullptr;
    if (!b) return nullptr;
    const auto* pattern = dynamic_cast<const literal_node*>(b.get());
    if (pattern == nullptr || b->type.what != row_type::text)
        return refuse(e.operands[1], "LIKE with a pattern that is no literal");
    if (a->type.what != row_type::text) return refuse(e, "LIKE of what is no text");
    char escape = '\\';
    if (e.operands.size() > 2) {
        const auto& l = e.operands[2].value;
        const std::string text = sql::bytes_of(l).value_or("");
        const bool one = e.operands[2].kind == expression_kind::literal && text.size() == 1 &&
                         is_ascii_text(text);
        if (!one) return refuse(e.operands[2], "ESCAPE takes one ASCII character here");
        escape = text[0];
    }
    node_type t = a->type;
    if (a->type.derivation > b->type.derivation)
        return refuse(e, "LIKE whose collation the pattern decides; put COLLATE to the text");
    if (!common_text(e, t, b->type, is_ascii_text(pattern->text))) return nullptr;
    if (!t.order.known()) {
        return refuse(e,
                      "LIKE under the collation of this column, whose weights are not known here; "
                      "use a _bin collation (... COLLATE utf8mb4_bin)");
    }
    auto n = std::make_unique<like_node>(std::move(a), pattern->text, escape, t.order, e.negated);
    if (!n->sure())
        return refuse(e.operands[1], "a character whose place in the collation is not known here");
    return typed(std::move(n), boolean());
}

inline row_node_ptr row_compiler::regexp(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    row_node_ptr b = a ? node(e.operands[1]) : nullptr;
    if (!b) return nullptr;
    if (is_mysql() && !context_.server.version.at_least(8, 0, 4))
        return refuse(e, "REGEXP of a MySQL before 8.0.4 works on bytes");
    const auto* pattern = dynamic_cast<const literal_node*>(b.get());
    if (pattern == nullptr || b->type.what != row_type::text)
        return refuse(e.operands[1], "REGEXP with a pattern that is no literal");
    const bool utf8 = a->type.what == row_type::text && is_utf8_charset(a->type.charset);
    if (!utf8 || a->type.derivation > 2)
        return refuse(e, "REGEXP of what is no column of charset utf8mb4 or utf8mb3");
    const collation_info* info = find_collation(a->type.order.name());
    if (info == nullptr) return refuse(e, "REGEXP under the collation of this column");
    const bool with_case = info->strength != collation_strength::case_insensitive;
    regexp_translator translate{pattern->text, is_mysql()};
    const auto text = translate.run();
    if (!text)
        return refuse(e.operands[1],
                      "REGEXP with " + translate.fault() + " is not decided as the source does");
    auto regex = text_regex::compile(*text, with_case);
    if (!regex) return refuse(e.operands[1], regex.error().message());
    // ICU takes U+00DF for "ss" and U+FB01 for "fi" where case does not count.
    constexpr std::string_view pairs[] = {"ss", "ff", "fi", "fl", "st"};
    const std::string folded = fold_case(pattern->text);
    const bool several = std::any_of(std::begin(pairs), std::end(pairs), [&](auto pair) {
        return folded.find(pair) != std::string::npos;
    });
    return typed(std::make_unique<regexp_node>(
                     std::move(a), *regex, is_mysql() && !with_case && several, e.negated),
                 boolean());
}

inline row_node_ptr row_compiler::is(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    if (!a) return nullptr;
    using what = is_node::what;
    if (e.name == "null" || e.name == "unknown") {
        if (e.name == "unknown" && !(a = truth(std::move(a), e.operands[0]))) return nullptr;
        return typed(std::make_unique<is_node>(what::null, e.negated, std::move(a)), boolean());
    }
    if (e.name != "true" && e.name != "false") return refuse(e, "this IS is not evaluated");
    a = truth(std::move(a), e.operands[0]);
    if (!a) return nullptr;
    return typed(std::make_unique<is_node>(
                     e.name == "true" ? what::true_ : what::false_, e.negated, std::move(a)),
                 boolean());
}

inline row_node_ptr row_compiler::case_when(const expression& e) {
    std::vector<choice_node::branch> branches;
    std::size_t at = e.has_subject ? 1 : 0;
    const std::size_t end = e.operands.size() - (e.has_else ? 1 : 0);
    std::optional<row_comparer::mode> mode;
    for (; at + 1 < end; at += 2) {
        choice_node::branch b;
        if (!e.has_subject) {
            b.condition = condition(e.operands[at]);
        } else {
            row_node_ptr subject = node(e.operands[0]);
            row_node_ptr value = subject ? node(e.operands[at]) : nullptr;
            if (!value) return nullptr;
            auto how = comparer(e.operands[at], subject, value, true);
            if (!how) return nullptr;
            if (how->how != row_comparer::mode::never) {
                if (mode && *mode != how->how)
                    return refuse(e, "CASE compares with different kinds of values");
                mode = how->how;
            }
            b.condition =
                typed(std::make_unique<compare_node>(
                          expression_operator::equal, *how, std::move(subject), std::move(value)),
                      boolean());
        }
        if (!b.condition || !(b.value = node(e.operands[at + 1]))) return nullptr;
        branches.push_back(std::move(b));
    }
    if (e.has_else) {
        choice_node::branch b;
        if (!(b.value = node(e.operands.back()))) return nullptr;
        branches.push_back(std::move(b));
    }
    return choice(e, std::move(branches));
}

/// One type for all branches.
inline row_node_ptr row_compiler::choice(const expression& e,
                                         std::vector<choice_node::branch> branches) {
    node_type t;
    for (const auto& b : branches) {
        const node_type& v = b.value->type;
        if (v.what == row_type::null) continue;
        if (t.what == row_type::null) {
            t = v;
        } else if (t.what == row_type::exact && v.what == row_type::exact) {
            const int scale = std::max(t.scale, v.scale);
            const int whole = std::max(t.digits - t.scale, v.digits - v.scale);
            const int shown = std::max(t.scale - t.hidden, v.scale - v.hidden);
            t.vague = t.vague || v.vague;
            t.point = t.scale == v.scale ? std::max(t.point, v.point) : point_digits::unsure;
            t.minus_zero = t.minus_zero || v.minus_zero;
            t.integer = t.integer && v.integer && t.is_unsigned == v.is_unsigned;
            t.scale = scale;
            t.hidden = scale - shown;
            t.digits = whole + scale;
        } else if (is_number(*b.value) && (t.what == row_type::exact || t.what == row_type::real)) {
            t = of_kind(row_type::real);
        } else if (t.what == row_type::text && v.what == row_type::text) {
            const bool ascii = b.value->type.literal && is_ascii_text(value_of_literal(*b.value).s);
            if (v.derivation < t.derivation) {
                if (t.charset != v.charset)
                    return refuse(e, "branches of different charsets; put the column's first");
                t = v;
            } else if (!common_text(e, t, v, ascii)) {
                return nullptr;
            }
        } else if (t.what != v.what) {
            return refuse(e, "branches with values of different kinds");
        }
    }
    t.literal = t.enumeration = t.year = false;
    if (t.digits > max_wide_digits) return refuse(e, "numbers of more than 38 digits");
    for (auto& b : branches) {
        if (b.value->type.what == row_type::null) continue;
        b.value = std::make_unique<widened_node>(std::move(b.value), t);
    }
    return typed(std::make_unique<choice_node>(std::move(branches)), t);
}

inline row_node_ptr row_compiler::collate(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    if (!a) return nullptr;
    const collation_info* info = find_collation(e.name);
    if (a->type.what != row_type::text || info == nullptr || info->charset != a->type.charset)
        return refuse(e, "COLLATE with a collation that is not of the text's charset");
    node_type t = a->type;
    t.order = text_order::of(info->name);
    t.derivation = 0;
    t.literal = false;
    t.enumeration = false;
    if (!t.order.known()) return refuse(e, "the weights of this collation are not known here");
    return std::make_unique<retyped_node>(std::move(a), t);
}

inline row_node_ptr row_compiler::cast(const expression& e) {
    row_node_ptr a = node(e.operands[0]);
    if (!a) return nullptr;
    if (e.array) return refuse(e, "a CAST to an array");
    if (e.text == "binary" && a->type.what == row_type::text) {
        node_type t = a->type;
        t.charset = "binary";
        t.order = text_order::of("binary");
        t.derivation = 2;
        t.literal = t.enumeration = false;
        return std::make_unique<retyped_node>(std::move(a), t);
    }
    const bool to_unsigned = e.text == "unsigned";
    if ((e.text == "signed" || to_unsigned) && a->type.integer) {
        return typed(std::make_unique<integer_cast_node>(std::move(a)),
                     integer_type(20, to_unsigned));
    }
    if (e.text == "date" && is_moment(*a)) {
        return typed(std::make_unique<moment_node>(moment_node::what::date, std::move(a)),
                     of_kind(row_type::date));
    }
    return refuse(e, "this CAST is not evaluated");
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
