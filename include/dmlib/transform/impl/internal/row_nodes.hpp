// Operators of expression filters.
#pragma once

#include <dmlib/sql/ast_expression.hpp>
#include <dmlib/transform/impl/internal/row_value.hpp>

#include <array>
#include <limits>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

using sql::expression_operator;

class literal_node final : public row_node {
public:
    literal_node() = default;
    void eval(row_scope&, row_value& out) const override {
        out.null = type.what == row_type::null;
        out.n = n;
        out.d = d;
        out.s = text;
    }
    wide_int n = 0;
    double d = 0;
    std::string text{};
};

/// The value of a node whose type says that it is a literal.
inline row_value value_of_literal(const row_node& n) {
    row_scope nothing;
    return value_of(n, nothing);
}

/// How two values are compared; chosen once.
struct row_comparer {
    enum class mode : std::uint8_t { never, exact, real, text, moment };
    mode how = mode::never;
    wide_int left_factor = 1;  ///< exact: brings both to one scale
    wide_int right_factor = 1;
    int left_hidden = 0;  ///< exact: digits that are rounded away before
    int right_hidden = 0;
    text_order order{};

    /// Both are not null.
    int operator()(const row_node& a,
                   const row_value& x,
                   const row_node& b,
                   const row_value& y,
                   row_scope& scope) const {
        switch (how) {
            case mode::never:
                return 0;
            case mode::exact: {
                const int c = three_way(rounded(x.n, left_hidden) * left_factor,
                                        rounded(y.n, right_hidden) * right_factor);
                return c != 0 ? c : int{y.minus_zero} - int{x.minus_zero};
            }
            case mode::moment:
                return three_way(x.n, y.n);
            case mode::real:
                return three_way(to_real(a.type, x), to_real(b.type, y));
            case mode::text:
                break;
        }
        const auto c = order.compare(x.s, y.s);
        if (!c) {
            scope.fail(
                "a text has a character whose place in the collation is not known here; compare "
                "under a _bin collation (... COLLATE utf8mb4_bin)");
        }
        return c.value_or(0);
    }

private:
    static wide_int rounded(wide_int n, int digits) noexcept {
        if (digits == 0) return n;
        const wide_int unit = power_of_ten(digits);
        const wide_int rest = n % unit;
        const bool up = (rest < 0 ? -rest : rest) >= unit / 2;
        return n - rest + (!up ? 0 : n < 0 ? -unit : unit);
    }
    template <class T>
    static int three_way(T x, T y) noexcept {
        return x < y ? -1 : x > y ? 1 : 0;
    }
};

class compare_node final : public row_node {
public:
    compare_node(expression_operator op, row_comparer how, row_node_ptr a, row_node_ptr b)
        : op_(op), compare_(std::move(how)), a_(std::move(a)), b_(std::move(b)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        // A NULL decides before the other side could fail.
        if (x.null && op_ != expression_operator::null_safe_equal) return;
        const row_value y = value_of(*b_, scope);
        if (op_ == expression_operator::null_safe_equal) {
            if (x.null || y.null) {
                out.set_exact(x.null && y.null);
                return;
            }
            out.set_exact(compare_(*a_, x, *b_, y, scope) == 0);
            return;
        }
        if (y.null) return;
        const int c = compare_(*a_, x, *b_, y, scope);
        out.set_exact(holds(c));
    }

private:
    bool holds(int c) const noexcept {
        switch (op_) {
            case expression_operator::equal:
                return c == 0;
            case expression_operator::not_equal:
                return c != 0;
            case expression_operator::less:
                return c < 0;
            case expression_operator::less_equal:
                return c <= 0;
            case expression_operator::greater:
                return c > 0;
            default:
                return c >= 0;
        }
    }
    expression_operator op_;
    row_comparer compare_;
    row_node_ptr a_;
    row_node_ptr b_;
};

class logic_node final : public row_node {
public:
    logic_node(expression_operator op, std::vector<row_node_ptr> parts)
        : op_(op), parts_(std::move(parts)) {}
    void eval(row_scope& scope, row_value& out) const override {
        if (op_ == expression_operator::logical_xor) {
            bool result = false;
            for (const auto& p : parts_) {
                const row_value v = value_of(*p, scope);
                if (v.null) return;
                result ^= is_true(p->type, v);
            }
            out.set_exact(result);
            return;
        }
        const bool decides = op_ == expression_operator::logical_or;
        bool null = false;
        for (const auto& p : parts_) {
            const row_value v = value_of(*p, scope);
            if (v.null) {
                null = true;
            } else if (is_true(p->type, v) == decides) {
                out.set_exact(decides);
                return;
            }
        }
        if (!null) out.set_exact(!decides);
    }

private:
    expression_operator op_;
    std::vector<row_node_ptr> parts_;
};

class not_node final : public row_node {
public:
    explicit not_node(row_node_ptr a) : a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (!v.null) out.set_exact(!is_true(a_->type, v));
    }

private:
    row_node_ptr a_;
};

/// IS [NOT] NULL, TRUE, FALSE.
class is_node final : public row_node {
public:
    enum class what : std::uint8_t { null, true_, false_ };
    is_node(what w, bool negated, row_node_ptr a) : what_(w), negated_(negated), a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        const bool is = what_ == what::null    ? v.null
                        : what_ == what::true_ ? is_true(a_->type, v)
                                               : !v.null && !is_true(a_->type, v);
        out.set_exact(is != negated_);
    }

private:
    what what_;
    bool negated_;
    row_node_ptr a_;
};

class in_node final : public row_node {
public:
    struct member {
        row_node_ptr node;
        row_comparer compare;
    };
    in_node(row_node_ptr a, std::vector<member> list, bool negated)
        : a_(std::move(a)), list_(std::move(list)), negated_(negated) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        if (x.null) return;
        bool null = false;
        for (const member& m : list_) {
            const row_value y = value_of(*m.node, scope);
            if (y.null) {
                null = true;
            } else if (m.compare(*a_, x, *m.node, y, scope) == 0) {
                out.set_exact(!negated_);
                return;
            }
        }
        if (!null) out.set_exact(negated_);
    }

private:
    row_node_ptr a_;
    std::vector<member> list_;
    bool negated_;
};

class between_node final : public row_node {
public:
    between_node(row_node_ptr a, in_node::member low, in_node::member high, bool negated)
        : a_(std::move(a)), low_(std::move(low)), high_(std::move(high)), negated_(negated) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        if (x.null) return;
        const row_value l = value_of(*low_.node, scope);
        const row_value h = value_of(*high_.node, scope);
        const bool below = !l.null && low_.compare(*a_, x, *low_.node, l, scope) < 0;
        const bool above = !h.null && high_.compare(*a_, x, *high_.node, h, scope) > 0;
        if (below || above) {
            out.set_exact(negated_);
        } else if (!l.null && !h.null) {
            out.set_exact(!negated_);
        }
    }

private:
    row_node_ptr a_;
    in_node::member low_;
    in_node::member high_;
    bool negated_;
};

/// Integers in 64 bits, as the servers compute them; `fits` says whether the result type holds it.
inline bool fits_64(wide_int n, bool is_unsigned) noexcept {
    const wide_int least =
        is_unsigned ? wide_int{0} : wide_int{std::numeric_limits<std::int64_t>::min()};
    const wide_int most = is_unsigned ? wide_int{std::numeric_limits<std::uint64_t>::max()}
                                      : wide_int{std::numeric_limits<std::int64_t>::max()};
    return n >= least && n <= most;
}

/// Digits behind the point that the servers' division computes: theirs are in groups of nine.
/// 4: div_precision_increment.
inline int quotient_digits(int left_scale, int right_scale) noexcept {
    const auto grouped = [](int digits) { return (digits + 8) / 9 * 9; };
    const int left = grouped(left_scale);
    const int right = grouped(right_scale);
    const int more = 4 - (left - left_scale) - (right - right_scale);
    return grouped(left + right + std::max(more, 0));
}

/// / of exact numbers.
class quotient_node final : public row_node {
public:
    quotient_node(row_node_ptr a, row_node_ptr b) : a_(std::move(a)), b_(std::move(b)) {
        const int computed = quotient_digits(a_->type.scale, b_->type.scale);
        left_factor_ = power_of_ten(computed + b_->type.scale - a_->type.scale);
    }
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        if (x.null) return;
        const row_value y = value_of(*b_, scope);
        if (!y.null && y.n != 0) out.set_exact(x.n * left_factor_ / y.n);
    }

private:
    row_node_ptr a_;
    row_node_ptr b_;
    wide_int left_factor_ = 1;
};

/// What a server makes of the one integer of 64 bits that has no negative.
enum class smallest_integer : std::uint8_t {
    computed,      ///< an error where the result is beyond 64 bits
    wraps_from_0,  ///< MariaDB: 0 minus it is itself
    no_quotient,   ///< MySQL: an error where DIV gives it
};

/// + - * DIV % of exact numbers.
class exact_node final : public row_node {
public:
    exact_node(expression_operator op,
               row_node_ptr a,
               row_node_ptr b,
               smallest_integer smallest = smallest_integer::computed)
        : op_(op), smallest_(smallest), a_(std::move(a)), b_(std::move(b)) {
        const int scale = std::max(a_->type.scale, b_->type.scale);
        if (op_ == expression_operator::multiply) return;
        left_factor_ = power_of_ten(scale - a_->type.scale);
        right_factor_ = power_of_ten(scale - b_->type.scale);
    }
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        if (x.null) return;
        const row_value y = value_of(*b_, scope);
        if (y.null) return;
        const wide_int l = x.n * left_factor_;
        const wide_int r = y.n * right_factor_;
        wide_int n = 0;
        bool over = false;
        switch (op_) {
            case expression_operator::add:
                over = __builtin_add_overflow(l, r, &n);
                break;
            case expression_operator::subtract:
                over = __builtin_sub_overflow(l, r, &n);
                break;
            case expression_operator::multiply:
                over = __builtin_mul_overflow(l, r, &n);
                break;
            default:
                if (r == 0) return;
                n = op_ == expression_operator::modulo ? l % r : l / r;
        }
        if (smallest_ == smallest_integer::wraps_from_0 && l == 0 && r == least) n = least;
        if (smallest_ == smallest_integer::no_quotient && n == least) over = true;
        const bool below = n < 0 && type.never_negative;
        if (over || below || (type.integer && !fits_64(n, type.is_unsigned))) {
            scope.fail("a number of the expression is out of range (the source fails, too)");
            return;
        }
        out.set_exact(n);
        out.minus_zero = type.minus_zero && n == 0 && l < 0;
    }

private:
    static constexpr wide_int least = std::numeric_limits<std::int64_t>::min();

    expression_operator op_;
    smallest_integer smallest_;
    row_node_ptr a_;
    row_node_ptr b_;
    wide_int left_factor_ = 1;
    wide_int right_factor_ = 1;
};

/// + - * / % where a side is a floating point number or a text.
class real_node final : public row_node {
public:
    real_node(expression_operator op, row_node_ptr a, row_node_ptr b)
        : op_(op), a_(std::move(a)), b_(std::move(b)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        if (x.null) return;
        const row_value y = value_of(*b_, scope);
        if (y.null) return;
        const double l = to_real(a_->type, x);
        const double r = to_real(b_->type, y);
        double d = 0;
        switch (op_) {
            case expression_operator::add:
                d = l + r;
                break;
            case expression_operator::subtract:
                d = l - r;
                break;
            case expression_operator::multiply:
                d = l * r;
                break;
            default:
                if (r == 0) return;
                d = op_ == expression_operator::modulo ? std::fmod(l, r) : l / r;
        }
        if (!std::isfinite(d)) {
            scope.fail("a number of the expression is out of range (the source fails, too)");
            return;
        }
        out.set_real(d);
    }

private:
    expression_operator op_;
    row_node_ptr a_;
    row_node_ptr b_;
};

/// & | ^ << >> of integers: 64 bits without sign.
class bits_node final : public row_node {
public:
    bits_node(expression_operator op, row_node_ptr a, row_node_ptr b)
        : op_(op), a_(std::move(a)), b_(std::move(b)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value x = value_of(*a_, scope);
        if (x.null) return;
        const row_value y = value_of(*b_, scope);
        if (y.null) return;
        const auto l = static_cast<std::uint64_t>(x.n);
        const auto r = static_cast<std::uint64_t>(y.n);
        std::uint64_t n = 0;
        switch (op_) {
            case expression_operator::bit_and:
                n = l & r;
                break;
            case expression_operator::bit_or:
                n = l | r;
                break;
            case expression_operator::bit_xor:
                n = l ^ r;
                break;
            case expression_operator::shift_left:
                n = r < 64 ? l << r : 0;
                break;
            default:
                n = r < 64 ? l >> r : 0;
        }
        out.set_exact(n);
    }

private:
    expression_operator op_;
    row_node_ptr a_;
    row_node_ptr b_;
};

/// A function of one number.
class number_node final : public row_node {
public:
    enum class what : std::uint8_t { negate, invert, absolute, sign, floor, ceiling };
    number_node(what w, row_node_ptr a) : what_(w), a_(std::move(a)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        if (a_->type.what == row_type::real) {
            real(v.d, out);
            return;
        }
        const wide_int unit = power_of_ten(a_->type.scale);
        wide_int n = v.n;
        switch (what_) {
            case what::negate:
                n = -n;
                break;
            case what::invert:
                n = static_cast<wide_int>(~static_cast<std::uint64_t>(n));
                break;
            case what::absolute:
                n = n < 0 ? -n : n;
                break;
            case what::sign:
                n = n < 0 ? -1 : n > 0 ? 1 : 0;
                break;
            case what::floor:
                n = n / unit - (n % unit < 0 ? 1 : 0);
                break;
            case what::ceiling:
                n = n / unit + (n % unit > 0 ? 1 : 0);
                break;
        }
        if (type.integer && !fits_64(n, type.is_unsigned)) {
            scope.fail("an integer of the expression is out of range (the source fails, too)");
            return;
        }
        out.set_exact(n);
    }

private:
    void real(double d, row_value& out) const {
        switch (what_) {
            case what::negate:
                return out.set_real(-d);
            case what::absolute:
                return out.set_real(std::fabs(d));
            case what::sign:
                return out.set_exact(d < 0 ? -1 : d > 0 ? 1 : 0);
            case what::floor:
                return out.set_real(std::floor(d));
            default:
                return out.set_real(std::ceil(d));
        }
    }
    what what_;
    row_node_ptr a_;
};

/// A value brought to the type that CASE, IF or COALESCE has.
class widened_node final : public row_node {
public:
    widened_node(row_node_ptr a, const node_type& goal) : a_(std::move(a)) {
        type = goal;
        if (goal.what == row_type::exact && a_->type.what == row_type::exact)
            factor_ = power_of_ten(goal.scale - a_->type.scale);
    }
    void eval(row_scope& scope, row_value& out) const override {
        if (type.what != row_type::real || a_->type.what == row_type::real) {
            a_->eval(scope, out);
            out.n *= factor_;
            return;
        }
        const row_value v = value_of(*a_, scope);
        if (!v.null) out.set_real(to_real(a_->type, v));
    }

private:
    row_node_ptr a_;
    wide_int factor_ = 1;
};

/// CASE, IF, IFNULL, COALESCE: the value of the first branch whose condition is true.
class choice_node final : public row_node {
public:
    struct branch {
        row_node_ptr condition;  ///< null: always
        bool not_null = false;   ///< the branch is taken where its value is not NULL
        row_node_ptr value;
    };
    explicit choice_node(std::vector<branch> branches) : branches_(std::move(branches)) {}
    void eval(row_scope& scope, row_value& out) const override {
        for (const branch& b : branches_) {
            if (b.condition && !is_true(b.condition->type, value_of(*b.condition, scope))) continue;
            b.value->eval(scope, out);
            if (!b.not_null || !out.null) return;
            out = row_value{};
        }
    }

private:
    std::vector<branch> branches_;
};

/// NULLIF: the first value, or NULL where both are equal.
class nullif_node final : public row_node {
public:
    nullif_node(row_node_ptr a, row_node_ptr b, row_comparer how)
        : a_(std::move(a)), b_(std::move(b)), compare_(std::move(how)) {}
    void eval(row_scope& scope, row_value& out) const override {
        row_value x = value_of(*a_, scope);
        if (x.null) return;
        const row_value y = value_of(*b_, scope);
        if (!y.null && compare_(*a_, x, *b_, y, scope) == 0) return;
        a_->eval(scope, out);
    }

private:
    row_node_ptr a_;
    row_node_ptr b_;
    row_comparer compare_;
};

/// The same value under another collation or as bytes.
class retyped_node final : public row_node {
public:
    retyped_node(row_node_ptr a, const node_type& as) : a_(std::move(a)) { type = as; }
    void eval(row_scope& scope, row_value& out) const override { a_->eval(scope, out); }

private:
    row_node_ptr a_;
};

/// LIKE with a literal pattern. No pattern takes more than text * pattern steps.
class like_node final : public row_node {
public:
    like_node(row_node_ptr a, std::string_view pattern, char escape, text_order order, bool negated)
        : a_(std::move(a)), order_(order), negated_(negated) {
        while (!pattern.empty()) {
            step s;
            if (escape != '\0' && pattern[0] == escape && pattern.size() > 1) {
                pattern.remove_prefix(1);
                s.what = kind::one;
            } else if (pattern[0] == '%') {
                s.what = kind::any;
            } else if (pattern[0] == '_') {
                s.what = kind::single;
            }
            const text_character c = next_character(pattern, order_.utf8());
            const auto weights = c.size == 0 ? std::nullopt : order_.weights(c.point);
            sure_ = sure_ && weights.has_value();
            s.point = c.point;
            s.weights = weights.value_or(character_weights{});
            pattern.remove_prefix(std::max(1U, c.size));
            steps_.push_back(s);
        }
    }
    /// False: a character of the pattern is not known to the collation here.
    bool sure() const noexcept { return sure_; }

    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        out.set_exact(matches(v.s, scope) != negated_);
    }

private:
    enum class kind : std::uint8_t { one, single, any };
    struct step {
        kind what = kind::one;
        std::uint32_t point = 0;
        character_weights weights{};
    };

    bool takes(const step& s, std::uint32_t point, row_scope& scope) const {
        if (s.what == kind::single || s.point == point) return true;
        const auto w = order_.weights(point);
        if (!w) {
            scope.fail(
                "a text has a character whose place in the collation is not known here; use LIKE "
                "under a _bin collation (... COLLATE utf8mb4_bin)");
            return false;
        }
        return w->count != 0 && *w == s.weights;
    }

    bool matches(std::string_view text, row_scope& scope) const {
        std::size_t at = 0;
        std::size_t retry_step = steps_.size() + 1;  // behind the last %
        std::string_view retry_text;
        for (;;) {
            if (at < steps_.size() && steps_[at].what == kind::any) {
                retry_step = ++at;
                retry_text = text;
                continue;
            }
            if (text.empty() && at == steps_.size()) return true;
            if (!text.empty() && at < steps_.size()) {
                const text_character c = next_character(text, order_.utf8());
                if (c.size == 0) scope.fail("a text is not valid in its charset");
                if (!scope.fault.empty()) return false;
                if (takes(steps_[at], c.point, scope)) {
                    text.remove_prefix(c.size);
                    ++at;
                    continue;
                }
            }
            if (retry_step > steps_.size() || retry_text.empty() || !scope.fault.empty())
                return false;
            const text_character c = next_character(retry_text, order_.utf8());
            if (c.size == 0) {
                scope.fail("a text is not valid in its charset");
                return false;
            }
            retry_text.remove_prefix(c.size);
            text = retry_text;
            at = retry_step;
        }
    }

    row_node_ptr a_;
    text_order order_;
    bool negated_;
    bool sure_ = true;
    std::vector<step> steps_;
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
