// Expression trees to nodes with types. What has no exact meaning here is a fault with its place.
#pragma once

#include <dmlib/sql/literal.hpp>
#include <dmlib/transform/impl/internal/column_list.hpp>
#include <dmlib/transform/impl/internal/row_functions.hpp>
#include <dmlib/transform/impl/internal/row_json.hpp>
#include <dmlib/transform/impl/internal/row_regexp.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

using sql::expression;
using sql::expression_kind;
using sql::literal_kind;

/// Every function that an expression may call; row_compiler::function() has the same list.
inline constexpr std::string_view row_functions[] = {
    "abs",          "ceil",         "ceiling",      "char_length", "character_length",
    "coalesce",     "concat",       "crc32",        "date",        "datediff",
    "day",          "dayofmonth",   "dayofweek",    "dayofyear",   "find_in_set",
    "floor",        "greatest",     "hour",         "if",          "ifnull",
    "isnull",       "json_extract", "json_unquote", "least",       "left",
    "length",       "lower",        "lcase",        "upper",       "ucase",
    "date_add",     "date_sub",     "adddate",      "subdate",     "ltrim",
    "microsecond",  "minute",       "mod",          "month",       "nullif",
    "octet_length", "quarter",      "right",        "round",       "rtrim",
    "second",       "sign",         "substr",       "to_days",     "trim",
    "truncate",     "weekday",      "year"};

class row_compiler {
public:
    row_compiler(const schema::table& table,
                 std::span<const std::size_t> image_columns,
                 const row_filter_context& context)
        : table_(table), image_columns_(image_columns), context_(context) {
        connection_ = text_order::of(default_collation(context.server, "utf8mb4"));
    }

    /// Null with fault() where the expression is refused.
    row_node_ptr condition(const expression& e) {
        row_node_ptr n = node(e);
        return n ? truth(std::move(n), e) : nullptr;
    }
    const std::string& fault() const noexcept { return fault_; }
    /// "": that of all faults.
    std::string_view way_out() const noexcept { return way_out_; }
    const expression* place() const noexcept { return place_; }

private:
    bool is_mysql() const noexcept { return context_.server.flavor == flavor::mysql; }

    row_node_ptr refuse(const expression& e, std::string_view why, std::string_view way_out = {}) {
        if (place_ == nullptr) {
            place_ = &e;
            fault_ = why;
            way_out_ = way_out;
        }
        return nullptr;
    }

    template <class Node>
    static row_node_ptr typed(std::unique_ptr<Node> n, const node_type& t) {
        n->type = t;
        return n;
    }
    static node_type integer_type(int digits, bool is_unsigned = false) {
        node_type t;
        t.what = row_type::exact;
        t.integer = true;
        t.digits = digits;
        t.is_unsigned = is_unsigned;
        return t;
    }
    static node_type boolean() { return integer_type(1); }
    static node_type of_kind(row_type what) {
        node_type t;
        t.what = what;
        return t;
    }
    static bool is_number(const row_node& n) noexcept {
        return n.type.what == row_type::exact || n.type.what == row_type::real;
    }
    static bool is_moment(const row_node& n) noexcept {
        return n.type.what == row_type::date || n.type.what == row_type::datetime;
    }

    row_node_ptr truth(row_node_ptr n, const expression& e) {
        if (n->type.minus_zero)
            return refuse(e,
                          "% of DECIMAL numbers as a condition, since MariaDB may take -0.00 for "
                          "true; compare it with something");
        if (is_number(*n) || n->type.what == row_type::null) return n;
        return refuse(e,
                      "a text or a date where a condition is expected; compare it with something");
    }

    row_node_ptr node(const expression& e);
    row_node_ptr literal(const expression& e);
    row_node_ptr bit_literal(const expression& e);
    row_node_ptr number_literal(const expression& e, const sql::literal& l);
    row_node_ptr column(const expression& e);
    row_node_ptr column_of(const expression& e, const schema::column& c, std::size_t place);
    bool text_type(const expression& e, const schema::column& c, node_type& t);
    bool moment_type(const expression& e, const schema::column& c, node_type& t);
    row_node_ptr unary(const expression& e);
    row_node_ptr binary(const expression& e);
    row_node_ptr logic(const expression& e);
    row_node_ptr arithmetic(const expression& e,
                            expression_operator op,
                            row_node_ptr a,
                            row_node_ptr b);
    row_node_ptr decimals(const expression& e,
                          expression_operator op,
                          row_node_ptr a,
                          row_node_ptr b);
    row_node_ptr quotient(const expression& e, row_node_ptr a, row_node_ptr b);
    row_node_ptr compare(const expression& e,
                         expression_operator op,
                         const expression& left,
                         const expression& right);
    row_node_ptr in(const expression& e);
    row_node_ptr between(const expression& e);
    row_node_ptr like(const expression& e);
    row_node_ptr regexp(const expression& e);
    row_node_ptr is(const expression& e);
    row_node_ptr case_when(const expression& e);
    row_node_ptr choice(const expression& e, std::vector<choice_node::branch> branches);
    row_node_ptr collate(const expression& e);
    row_node_ptr cast(const expression& e);
    row_node_ptr json_text(const expression& e, const expression& document, const expression& path);
    row_node_ptr function(const expression& e);
    row_node_ptr conditional_function(const expression& e, bool& known);
    row_node_ptr number_function(const expression& e, bool& known);
    row_node_ptr text_function(const expression& e, bool& known);
    row_node_ptr case_function(const expression& e, bool& known);
    row_node_ptr set_function(const expression& e, bool& known);
    row_node_ptr date_function(const expression& e, bool& known);
    row_node_ptr shifted(const expression& e, row_node_ptr a, const expression& by, bool minus);

    bool operands(const expression& e,
                  std::size_t least,
                  std::size_t most,
                  std::vector<row_node_ptr>& out);
    bool common_text(const expression& e,
                     node_type& into,
                     const node_type& other,
                     bool other_ascii);
    std::optional<row_comparer> compare_texts(const expression& e,
                                              const row_node& a,
                                              const row_node& b);
    std::optional<row_comparer> compare_text_number(const expression& e,
                                                    const row_node& text,
                                                    const row_node& number);
    std::optional<row_comparer> comparer(const expression& e,
                                         row_node_ptr& a,
                                         row_node_ptr& b,
                                         bool one_of_many);
    bool moment_literal(const expression& e, row_node_ptr& n, row_type what);
    bool year_literal(const expression& e, row_node_ptr& n);

    const schema::table& table_;
    std::span<const std::size_t> image_columns_;
    const row_filter_context& context_;
    text_order connection_;
    std::string fault_;
    std::string way_out_;
    const expression* place_ = nullptr;
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib

#include <dmlib/transform/impl/internal/row_compile_functions.ipp>
#include <dmlib/transform/impl/internal/row_compile_operators.ipp>
#include <dmlib/transform/impl/internal/row_compile_values.ipp>
