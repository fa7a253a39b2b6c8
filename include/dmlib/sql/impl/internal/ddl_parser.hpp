// The recursive descent parser over a vector of tokens. One token decides, except where a comment
// says otherwise. Every function returns false after fail(); the first failure is kept.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/sql/impl/internal/words.hpp>
#include <dmlib/sql/lexer.hpp>

#include <initializer_list>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// Levels of binding, weakest first. A printer and a parser that agree on them agree on trees.
namespace level {
inline constexpr int or_ = 1;
inline constexpr int xor_ = 2;
inline constexpr int and_ = 3;
inline constexpr int not_ = 4;
inline constexpr int comparison = 5;
inline constexpr int predicate = 6;
inline constexpr int bit_or = 7;
inline constexpr int bit_and = 8;
inline constexpr int shift = 9;
inline constexpr int add = 10;
inline constexpr int multiply = 11;
inline constexpr int bit_xor = 12;
inline constexpr int concat = 13;
inline constexpr int sign = 14;
inline constexpr int binary = 15;
inline constexpr int collate = 16;
inline constexpr int primary = 17;
}  // namespace level

/// Trees are walked by recursion (print, compare, destroy): this keeps the stack small.
inline constexpr int max_expression_height = 1500;

inline bool is_reserved(keyword word, const parse_options& options) noexcept;

/// How many calls of ddl_parser::expr() stand inside of each other when the printed form of `e` is
/// read. Print adds parentheses that the text did not need (a like b + c of MariaDB, !a + b).
inline std::size_t printed_depth(const expression& e, int min_level);

/// Joins tokens to a normal form: names in backquotes where they were quoted, strings in single
/// quotes, the original spacing reduced to at most one space.
inline std::string join_tokens(std::string_view text,
                               const token* begin,
                               const token* end,
                               const parse_options& options);

class ddl_parser {
public:
    ddl_parser(std::string_view text, const parse_options& options, std::size_t start = 0);

    /// Reads all tokens. False (and failed) for a text with a token that is not closed.
    bool tokenize();
    bool parse(statement& out, statement_kind kind);
    bool whole_expression(expression& out);
    bool whole_type(data_type& out);
    dmlib::error failure() const;

private:
    // --- the cursor (ddl_parser.hpp)
    const token& current() const noexcept { return tokens_[at_]; }
    const token& ahead(std::size_t n) const noexcept {
        const std::size_t i = at_ + n;
        return i < tokens_.size() ? tokens_[i] : tokens_.back();
    }
    keyword word() const noexcept { return static_cast<keyword>(tokens_[at_].keyword); }
    keyword word_ahead(std::size_t n) const noexcept {
        return static_cast<keyword>(ahead(n).keyword);
    }
    bool is(token_kind kind) const noexcept { return current().kind == kind; }
    bool is_op(std::uint8_t op) const noexcept {
        return current().kind == token_kind::punctuation && current().op == op;
    }
    bool is_op_ahead(std::size_t n, std::uint8_t op) const noexcept {
        return ahead(n).kind == token_kind::punctuation && ahead(n).op == op;
    }
    void advance() noexcept {
        if (at_ + 1 < tokens_.size()) ++at_;
    }
    bool accept(keyword k) noexcept {
        if (word() != k) return false;
        advance();
        return true;
    }
    bool accept2(keyword a, keyword b) noexcept {
        if (word() != a || word_ahead(1) != b) return false;
        advance();
        advance();
        return true;
    }
    bool accept_op(std::uint8_t op) noexcept {
        if (!is_op(op)) return false;
        advance();
        return true;
    }
    bool expect(keyword k) { return accept(k) || fail_word(k); }
    bool expect_op(std::uint8_t op) {
        if (accept_op(op)) return true;
        const char text[] = {'\'', static_cast<char>(op), '\'', 0};
        return fail(text);
    }
    bool fail(std::string_view expected);
    bool fail_word(keyword k);
    std::string_view token_text(const token& t) const noexcept {
        return text_.substr(t.begin, t.end - t.begin);
    }
    std::string written(std::size_t first_token) const;  // original text up to the last token read
    std::string joined(std::size_t first_token) const;   // normal form of the same
    std::uint32_t begin_offset() const noexcept { return current().begin; }
    std::uint32_t end_offset() const noexcept { return at_ == 0 ? 0 : tokens_[at_ - 1].end; }
    bool mariadb() const noexcept { return options_.flavor == flavor::mariadb; }
    /// Whether the server reads a piece of grammar that MySQL has since `mysql` and MariaDB since
    /// `mariadb` (numbers of versioned comments; 0 = never). TiDB's reader takes all.
    bool since(int mysql, int maria) const noexcept {
        if (options_.tidb) return true;
        const int first = mariadb() ? maria : mysql;
        return first != 0 && options_.version.number() >= first;
    }
    bool since_or_fail(int mysql, int maria, std::string_view expected) {
        return since(mysql, maria) || fail(expected);
    }
    bool at_end();
    bool skip_parenthesised();  // at '(': behind its ')'

    // --- names and simple values (parse_common.ipp)
    bool identifier(std::string& out);
    bool field_identifier(std::string& out);  // c, .c, t.c or db.t.c
    bool any_identifier(std::string& out);    // behind a dot: reserved words too
    bool is_identifier() const noexcept { return is_identifier_ahead(0); }
    bool is_identifier_ahead(std::size_t n) const noexcept;
    bool identifier_list(std::vector<std::string>& out);
    bool table(table_name& out);
    bool table_list(std::vector<table_name>& out);
    bool word_or_string(std::string& out, bool& quoted_string);
    bool set_name(std::string& out, std::string_view expected);
    bool charset_name(std::string& out);
    bool collation_name(std::string& out);
    bool string_value(std::string& out);
    bool string_literal(literal& out);
    bool text_literal(literal& out);
    bool unsigned_value(std::uint64_t& out, bool clamps = false);  // clamps: to 64 bits
    bool size_value(literal& out);
    bool if_exists(bool everywhere = false);  // MySQL has it for tables and databases only
    bool if_not_exists(bool everywhere = false);
    bool or_replace();
    std::string wait_clause();
    bool behaviour(std::string& out);

    // --- expressions (parse_expression.ipp)
    bool expr(expression& out, int min_level = level::or_);
    bool continue_expr(expression& left, int min_level);
    bool prefix(expression& out, int min_level);
    bool unary(expression& out, expression_operator op, int operand_level);
    bool binary_step(expression& left, int min_level, bool& taken);
    bool predicate_step(expression& left, int min_level, bool& taken);
    int like_level() const noexcept;
    bool in_list(expression& node);
    bool is_step(expression& left);
    bool primary(expression& out);
    bool postfix(expression& out);
    bool sequence_value(expression& out);
    bool word_primary(expression& out);
    bool parenthesised(expression& out);
    bool column_or_function(expression& out);
    bool function(expression& out, std::string name);
    bool arguments(expression& out);
    bool special_function(expression& out, keyword k, bool& taken);
    bool trim_function(expression& out);
    bool unit_function(expression& out);
    bool cast_function(expression& out);
    bool convert_function(expression& out);
    bool match_function(expression& out);
    bool case_expression(expression& out);
    bool interval_expression(expression& out);
    bool is_list_ahead() const noexcept;
    bool now_function(expression& out);
    bool variable(expression& out);
    bool assignment(expression& out);
    bool interval_sum(expression& out);
    bool system_variable_part(std::string& out);
    bool cast_type(expression& out);
    bool raw(expression& out, std::size_t first_token);
    bool starts_subquery(std::size_t n) const noexcept;
    bool keep_height(int height);
    bool parenthesised_expression(expression& out, source_text& text);

    // --- types and columns (parse_type.ipp, parse_column.ipp)
    bool type(data_type& out);
    bool type_of_mode(data_type& out, bool& taken);
    bool type_name(data_type& out);
    bool numeric_type(data_type& out, keyword k, bool& taken);
    bool character_type(data_type& out, keyword k, bool& taken);
    bool other_type(data_type& out, keyword k, bool& taken);
    bool long_type(data_type& out);
    bool national_type(data_type& out);
    bool oracle_type(data_type& out, keyword k, bool& taken);
    bool length_value(std::uint64_t& out);
    bool type_length(data_type& out, bool required = false);
    bool type_precision(data_type& out);
    bool enum_members(data_type& out);
    bool type_attributes(data_type& out);
    bool character_attribute(data_type& out, bool& taken);
    bool column(column_definition& out, bool generated_allowed = true);
    bool column_attributes(column_definition& out);
    bool allowed_attribute(const column_definition& out) const noexcept;
    bool column_attribute(column_definition& out, bool& taken);
    bool null_attribute(column_definition& out);
    bool key_attribute(column_definition& out, bool& taken);
    bool storage_attribute(column_definition& out, bool& taken);
    bool constraint_attribute(column_definition& out, bool& taken);
    bool generated_attribute(column_definition& out, bool& taken);
    bool default_attribute(default_clause& out);
    bool on_update_attribute(column_definition& out);
    bool check(check_clause& out);
    bool enforcement(check_clause& out);
    bool custom(std::vector<custom_option>& out, bool& taken);

    // --- keys and constraints (parse_key.ipp)
    bool element(std::vector<table_element>& out, bool& taken);
    bool constraint_element(std::vector<table_element>& out);
    bool key(key_definition& out);
    bool key_head(key_definition& out);
    bool key_body(key_definition& out);
    bool index_type(std::string& out);
    bool key_part_list(key_definition& out);
    bool one_key_part(key_definition& out);
    bool key_option_list(key_options& out);
    bool key_option(key_options& out, bool& taken);
    bool foreign_key(foreign_key_definition& out);
    bool references(references_clause& out);
    bool reference_option(reference_action& out);
    bool period(period_definition& out);
    std::size_t list_size() const noexcept;
    bool element_list(std::vector<table_element>& out);

    // --- options and partitions (parse_option.ipp, parse_partition.ipp)
    bool table_options(std::vector<table_option>& out, bool commas);
    bool one_table_option(table_option& out, bool& taken);
    bool charset_option(table_option& out, bool& taken);
    bool worded_option(table_option& out, keyword k, bool& taken);
    bool known_option(table_option& out, keyword k, bool& taken);
    bool option_known_here(table_option_kind kind) const noexcept;
    bool union_option(table_option& out);
    bool option_value(table_option& out, int value_form);
    bool partition(partition_clause& out);
    bool partition_method_of(partition_method& out, bool sub);
    bool system_time_method(partition_method& out);
    bool partition_definitions(std::vector<partition_definition>& out, bool sub);
    bool one_partition(partition_definition& out, bool sub);
    bool partition_values(partition_definition& out);
    bool partition_value(std::vector<expression>& out);
    bool partition_value_list(std::vector<expression>& out);
    bool partition_options(partition_definition& out);

    // --- statements (parse_create.ipp, parse_alter.ipp)
    bool create_table(statement& out);
    bool create_table_body(create_table_statement& out);
    bool create_table_like(create_table_statement& out, bool& taken);
    bool create_select(create_table_statement& out);
    bool create_index(statement& out);
    bool drop_index(statement& out);
    bool execution_options(std::vector<alter_execution>& out);
    bool execution_option(alter_execution& out, bool& taken);
    bool create_database(statement& out);
    bool alter_database(statement& out);
    bool database_options(std::vector<table_option>& out);
    bool drop_database(statement& out);
    bool drop_table(statement& out);
    bool rename_table(statement& out);
    bool truncate_table(statement& out);
    bool create_sequence(statement& out);
    bool alter_sequence(statement& out);
    bool drop_sequence(statement& out);
    bool use(statement& out);
    bool set(statement& out);
    bool set_one(set_assignment& out);
    bool set_names(set_assignment& out, bool& taken);
    bool set_value(expression& out);
    bool alter_table(statement& out);
    bool alter_specs(alter_table_statement& out);
    bool alter_spec_one(alter_spec& out);
    bool alter_partition_spec(alter_spec& out, bool& taken);
    bool add_spec(alter_change& out);
    bool add_column_spec(alter_change& out);
    bool add_constraint_spec(alter_change& out);
    bool element_change(alter_change& out, bool& taken);
    bool drop_spec(alter_change& out);
    bool change_spec(alter_change& out);
    bool modify_spec(alter_change& out);
    bool alter_part_spec(alter_change& out);
    bool rename_spec(alter_change& out);
    bool convert_spec(alter_change& out);
    bool simple_spec(alter_change& out, bool& taken);
    bool position(column_position& out);
    bool order_by_spec(alter_change& out);
    bool order_continues() const noexcept;
    bool partition_names(partition_change& out);
    bool partition_admin(partition_change& out, keyword k);
    bool reorganize_partition(partition_change& out);
    bool exchange_partition(partition_change& out);
    bool add_partition(partition_change& out);
    bool drop_partition(partition_change& out);

    std::string_view text_;
    std::size_t start_;
    const parse_options& options_;
    std::uint64_t type_mode_ = options_.mode;  ///< decides about the names of types
    lexer_charset charset_;
    std::vector<token> tokens_;
    std::size_t at_ = 0;
    std::size_t failed_at_ = 0;
    std::string expected_;
    bool failed_ = false;
    bool too_deep_ = false;
    bool code_comments_ = false;
    std::size_t depth_ = 0;
    int height_ = 0;  // of the expression parsed last
};

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
