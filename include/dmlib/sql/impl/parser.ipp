#pragma once

#include <dmlib/sql/impl/internal/classify.ipp>
#include <dmlib/sql/impl/internal/parse_alter.ipp>
#include <dmlib/sql/impl/internal/parse_column.ipp>
#include <dmlib/sql/impl/internal/parse_common.ipp>
#include <dmlib/sql/impl/internal/parse_create.ipp>
#include <dmlib/sql/impl/internal/parse_expression.ipp>
#include <dmlib/sql/impl/internal/parse_function.ipp>
#include <dmlib/sql/impl/internal/parse_key.ipp>
#include <dmlib/sql/impl/internal/parse_option.ipp>
#include <dmlib/sql/impl/internal/parse_partition.ipp>
#include <dmlib/sql/impl/internal/parse_type.ipp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// Behind the tokens: fills `out` by the kind. Precondition: the kind has a node of its own.
inline bool ddl_parser::parse(statement& out, statement_kind kind) {
    out.kind = kind;
    bool ok = true;
    switch (kind) {
        case statement_kind::create_table:
        case statement_kind::create_temporary_table:
            ok = create_table(out);
            break;
        case statement_kind::alter_table:
            ok = alter_table(out);
            break;
        case statement_kind::drop_table:
        case statement_kind::drop_temporary_table:
            ok = drop_table(out);
            break;
        case statement_kind::rename_table:
            ok = rename_table(out);
            break;
        case statement_kind::truncate_table:
            ok = truncate_table(out);
            break;
        case statement_kind::create_index:
            ok = create_index(out);
            break;
        case statement_kind::drop_index:
            ok = drop_index(out);
            break;
        case statement_kind::create_database:
            ok = create_database(out);
            break;
        case statement_kind::alter_database:
            ok = alter_database(out);
            break;
        case statement_kind::drop_database:
            ok = drop_database(out);
            break;
        case statement_kind::create_sequence:
            ok = create_sequence(out);
            break;
        case statement_kind::alter_sequence:
            ok = alter_sequence(out);
            break;
        case statement_kind::drop_sequence:
            ok = drop_sequence(out);
            break;
        case statement_kind::use:
            ok = use(out);
            break;
        case statement_kind::set:
            ok = set(out);
            break;
        default:
            return fail("a statement");
    }
    if (!ok) return false;
    std::size_t last = tokens_.size() - 1;
    while (last > 0 && tokens_[last - 1].kind == token_kind::punctuation &&
           tokens_[last - 1].op == ';') {
        --last;
    }
    out.span = {tokens_[0].begin, last > 0 ? tokens_[last - 1].end : 0};
    return true;
}

inline bool ddl_parser::whole_expression(expression& out) {
    return expr(out) && at_end();
}

inline bool ddl_parser::whole_type(data_type& out) {
    if (!type(out)) return false;
    if (accept(k_collate)) {
        accept_op('=');
        if (!collation_name(out.collation)) return false;
    }
    return at_end();
}

/// The text from its first token to its last, without comments around it and delimiters behind.
inline std::string_view trimmed(std::string_view text, statement_head& h) {
    const std::size_t begin = h.has(0) ? h[0].begin : text.size();
    std::size_t end = text.size();
    // Other control characters are no space: without them the text could be another statement.
    while (end > begin && (is_class(static_cast<std::uint8_t>(text[end - 1]), class_space) ||
                           text[end - 1] == ';'))
        --end;
    return text.substr(begin, end - begin);
}

inline statement other(std::string_view text,
                       statement_head& h,
                       statement_kind kind,
                       const parse_options& options) {
    statement out;
    out.kind = kind;
    auto& node = out.node.emplace<other_statement>();
    const std::string_view inner = trimmed(text, h);
    node.text.assign(inner);
    const auto begin = static_cast<std::size_t>(inner.data() - text.data());
    out.span = {static_cast<std::uint32_t>(begin),
                static_cast<std::uint32_t>(begin + inner.size())};
    named_objects(h, options, node.names);
    return out;
}

/// Behind every `SET STATEMENT a = 1, ... FOR` of MariaDB, where the statement itself begins.
inline std::size_t statement_start(std::string_view text, const parse_options& options) {
    std::size_t start = 0;
    lexer in{text, options};
    token t = in.next();
    while (t.keyword == k_set) {
        t = in.next();
        if (t.keyword != k_statement) break;
        std::size_t open = 0;
        for (;;) {
            t = in.next();
            if (t.kind == token_kind::end || t.kind == token_kind::invalid) return start;
            if (t.kind == token_kind::punctuation && t.op == '(') ++open;
            if (t.kind == token_kind::punctuation && t.op == ')' && open > 0) --open;
            if (open == 0 && t.keyword == k_for) break;
        }
        start = t.end;
        t = in.next();
    }
    return start;
}

}  // namespace internal

DMLIB_DECL statement_kind classify(std::string_view text, const parse_options& options) {
    const std::size_t start = internal::statement_start(text, options);
    internal::statement_head head{text, options, start};
    return internal::kind_of(head, options);
}

DMLIB_DECL result<statement> parse_statement(std::string_view text, const parse_options& options) {
    const std::size_t start = internal::statement_start(text, options);
    internal::statement_head head{text, options, start};
    const statement_kind kind = internal::kind_of(head, options);
    const bool temporary = kind == statement_kind::create_temporary_table ||
                           kind == statement_kind::drop_temporary_table;
    const bool lenient = temporary || kind == statement_kind::set || kind == statement_kind::use;
    if (!is_table_ddl(kind) && !lenient) return internal::other(text, head, kind, options);
    internal::ddl_parser parser{text, options, start};
    statement out;
    if (parser.tokenize() && parser.parse(out, kind)) return out;
    if (lenient) return internal::other(text, head, kind, options);
    return parser.failure();
}

DMLIB_DECL result<expression> parse_expression(std::string_view text,
                                               const parse_options& options) {
    internal::ddl_parser parser{text, options};
    expression out;
    if (parser.tokenize() && parser.whole_expression(out)) return out;
    return parser.failure();
}

DMLIB_DECL result<data_type> parse_data_type(std::string_view text, const parse_options& options) {
    internal::ddl_parser parser{text, options};
    data_type out;
    if (parser.tokenize() && parser.whole_type(out)) return out;
    return parser.failure();
}

DMLIB_DECL std::uint64_t parse_sql_mode(std::string_view names, dmlib::flavor flavor) {
    struct row {
        std::string_view name;
        std::uint64_t bits;
    };
    using namespace sql_mode;
    constexpr std::uint64_t ansi = real_as_float | pipes_as_concat | ansi_quotes | ignore_space;
    constexpr std::uint64_t foreign = pipes_as_concat | ansi_quotes | ignore_space;
    static constexpr row rows[] = {
        {"real_as_float", real_as_float},
        {"pipes_as_concat", pipes_as_concat},
        {"ansi_quotes", ansi_quotes},
        {"ignore_space", ignore_space},
        {"no_backslash_escapes", no_backslash_escapes},
        {"high_not_precedence", high_not_precedence},
        {"ansi", ansi},
        {"oracle", foreign},
        {"mssql", foreign | mssql},
        {"postgresql", foreign},
        {"db2", foreign},
        {"maxdb", foreign | maxdb},
        {"mysql323", high_not_precedence},
        {"mysql40", high_not_precedence},
    };
    std::uint64_t bits = 0;
    while (!names.empty()) {
        const std::size_t comma = names.find(',');
        std::string_view name = names.substr(0, comma);
        while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
        for (const row& r : rows) {
            if (internal::same_word(name, r.name)) bits |= r.bits;
        }
        if (flavor == dmlib::flavor::mariadb && internal::same_word(name, "oracle")) bits |= oracle;
        names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
    }
    return bits;
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
