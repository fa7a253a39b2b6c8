#pragma once

#include <dmlib/schema/impl/internal/resolve_create.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sql/lexer.hpp>
#include <dmlib/sql/parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// Columns of an index that MySQL made for a foreign key are not marked in SHOW CREATE TABLE; an
/// index that begins with a foreign key's columns and bears its name is taken for one.
inline void mark_implicit_keys(table& t) {
    for (key& k : t.keys) {
        if (k.kind != key_kind::index || !k.comment.empty()) continue;
        for (const foreign_key& fk : t.foreign_keys) {
            if (k.parts.size() != fk.columns.size()) continue;
            bool same = true;
            for (std::size_t i = 0; i < k.parts.size(); ++i) {
                same = same && same_name(k.parts[i].column, fk.columns[i]) && !k.parts[i].length;
            }
            const bool invented =
                same_name(k.name, fk.name) || same_name(k.name, fk.columns.front());
            k.implicit = k.implicit || (same && invented);
        }
    }
}

/// The lines from PARTITION BY on, which stands outside of all names, strings and parentheses: kept
/// as the server prints them.
inline std::string partition_text_of(std::string_view text, const sql::parse_options& parse) {
    sql::lexer in(text, parse);
    int depth = 0;
    bool partition = false;
    for (auto t = in.next(); t.kind != sql::token_kind::end; t = in.next()) {
        if (t.kind == sql::token_kind::invalid) break;
        const std::string_view word = text.substr(t.begin, t.end - t.begin);
        if (t.kind == sql::token_kind::punctuation) depth += t.op == '(' ? 1 : t.op == ')' ? -1 : 0;
        const bool plain = depth == 0 && t.kind == sql::token_kind::word;
        if (plain && partition && same_name(word, "BY")) {
            return std::string(text.substr(text.rfind('\n', t.begin) + 1));
        }
        partition = plain && same_name(word, "PARTITION");
    }
    return {};
}

}  // namespace internal

DMLIB_DECL result<table> table_from_show_create(std::string_view text,
                                                const server_kind& server,
                                                std::string_view schema_name) {
    sql::parse_options parse;
    parse.flavor = server.flavor;
    parse.version = server.version;
    auto parsed = sql::parse_statement(text, parse);
    if (parsed.has_error()) {
        error e(errc::schema_parse, parsed.error().message());
        e.statement(std::string(text)).table(std::string(schema_name), {});
        return e;
    }
    const auto* const create = parsed->get<sql::create_table_statement>();
    if (create == nullptr || create->like || !create->select.empty()) {
        error e(errc::schema_parse, "not a CREATE TABLE statement with columns");
        e.statement(std::string(text)).table(std::string(schema_name), {});
        return e;
    }
    resolve_options options;
    options.server = server;
    options.verbatim = true;
    options.explicit_defaults_for_timestamp = true;
    internal::charset_choice inherited = internal::server_default(options);
    const table_name name{std::string(schema_name), create->table.table};
    auto t = internal::create_table(*create, name, inherited, options);
    if (t.has_error()) {
        error e(errc::schema_parse, t.error().message());
        e.statement(std::string(text)).table(std::string(schema_name), name.table);
        return e;
    }
    internal::mark_implicit_keys(*t);
    if (t->partition) t->partition_text = internal::partition_text_of(text, parse);
    return t;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
