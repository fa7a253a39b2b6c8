// CREATE, DROP, RENAME, TRUNCATE of tables, indexes, databases, sequences.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline bool ddl_parser::create_table(statement& out) {
    auto& s = out.node.emplace<create_table_statement>();
    advance();  // CREATE
    s.or_replace = or_replace();
    s.temporary = accept(k_temporary);
    s.external = accept(k_external);
    if (!expect(k_table)) return false;
    s.if_not_exists = if_not_exists(true);
    return table(s.table) && create_table_body(s) && at_end();
}

/// LIKE x, ( LIKE x ).
inline bool ddl_parser::create_table_like(create_table_statement& out, bool& taken) {
    const bool parenthesis = is_op('(') && word_ahead(1) == k_like;
    taken = parenthesis || word() == k_like;
    if (!taken) return true;
    advance();
    if (parenthesis) advance();
    if (!table(out.like.emplace())) return false;
    return !parenthesis || expect_op(')');
}

inline bool ddl_parser::create_table_body(create_table_statement& out) {
    bool taken = false;
    if (!create_table_like(out, taken)) return false;
    if (taken) return true;
    if (is_op('(') && !starts_subquery(1) && word_ahead(1) != k_values &&
        !element_list(out.elements)) {
        return false;
    }
    if (!table_options(out.options, true)) return false;
    if (accept2(k_partition, k_by) && !partition(out.partition.emplace())) return false;
    if (!create_select(out)) return false;
    if (out.elements.empty() && out.select.empty())
        return fail("'(' with columns, LIKE or a query");
    return true;
}

/// [IGNORE|REPLACE] [AS] query. The query is kept as text.
inline bool ddl_parser::create_select(create_table_statement& out) {
    if (accept(k_ignore)) {
        out.on_conflict = select_conflict::ignore;
    } else if (accept(k_replace)) {
        out.on_conflict = select_conflict::replace;
    }
    const bool as = accept(k_as);
    const bool query =
        starts_subquery(0) || word() == k_values || (is_op('(') && word_ahead(1) == k_values);
    if (!query) {
        return !as && out.on_conflict == select_conflict::none ? true : fail("a query");
    }
    const std::size_t first = at_;
    std::size_t open = 0;
    while (!is(token_kind::end) && !(open == 0 && is_op(';'))) {
        if (is_op('(')) ++open;
        if (is_op(')')) {
            if (open == 0) return fail("the end of the query");
            --open;
        }
        advance();
    }
    const token& last = tokens_[at_ - 1];
    if (open != 0 || (last.kind == token_kind::punctuation && last.op == '-')) return fail("')'");
    // Under sql_modes that change quoting only the normal form means the same everywhere.
    const std::uint64_t quoting =
        sql_mode::ansi_quotes | sql_mode::mssql | sql_mode::no_backslash_escapes;
    out.select = (options_.mode & quoting) != 0 ? joined(first) : written(first);
    return true;
}

inline bool ddl_parser::create_index(statement& out) {
    auto& s = out.node.emplace<create_index_statement>();
    advance();  // CREATE
    s.or_replace = or_replace();
    s.online = accept(k_online);
    s.offline = !s.online && accept(k_offline);
    s.key.span.begin = begin_offset();
    const keyword k = word();
    if (k == k_unique) s.key.kind = key_kind::unique;
    if (k == k_fulltext) s.key.kind = key_kind::fulltext;
    if (k == k_spatial) s.key.kind = key_kind::spatial;
    if (k == k_vector) s.key.kind = key_kind::vector;
    if (k != k_index) advance();
    if (!expect(k_index)) return false;
    s.key.if_not_exists = if_not_exists();
    if (!is_identifier()) return fail("the index's name");
    if (!identifier(s.key.name)) return false;
    if (word() == k_using || word() == k_type) {
        advance();
        if (!index_type(s.key.options.using_type)) return false;
    }
    if (!expect(k_on) || !table(s.table) || !key_part_list(s.key)) return false;
    s.wait = wait_clause();
    if (!key_option_list(s.key.options) || !execution_options(s.execution)) return false;
    if (!s.execution.empty() && !key_option_list(s.key.options)) return false;
    s.key.span.end = end_offset();
    return at_end();
}

inline bool ddl_parser::drop_index(statement& out) {
    auto& s = out.node.emplace<drop_index_statement>();
    advance();  // DROP
    s.online = accept(k_online);
    s.offline = !s.online && accept(k_offline);
    if (!expect(k_index)) return false;
    s.if_exists = if_exists();
    if (!identifier(s.name) || !expect(k_on) || !table(s.table)) return false;
    s.wait = wait_clause();
    if (since(50600, 0) && !execution_options(s.execution)) return false;
    return at_end();
}

/// ALGORITHM [=] x, LOCK [=] x.
inline bool ddl_parser::execution_option(alter_execution& out, bool& taken) {
    const keyword k = word();
    taken = (k == k_algorithm || k == k_lock);
    if (!taken) return true;
    out.name = k == k_algorithm ? "algorithm" : "lock";
    advance();
    accept_op('=');
    if (!is(token_kind::word)) return fail("DEFAULT or another word");
    out.value.assign(token_text(current()));
    for (char& c : out.value) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    advance();
    return true;
}

inline bool ddl_parser::execution_options(std::vector<alter_execution>& out) {
    for (;;) {
        alter_execution e;
        bool taken = false;
        if (!execution_option(e, taken)) return false;
        if (!taken) return true;
        out.push_back(std::move(e));
    }
}

inline bool ddl_parser::create_database(statement& out) {
    auto& s = out.node.emplace<create_database_statement>();
    advance();
    s.or_replace = or_replace();
    if (!accept(k_database) && !expect(k_schema)) return false;
    s.if_not_exists = if_not_exists(true);
    return identifier(s.name) && database_options(s.options) && at_end();
}

inline bool ddl_parser::alter_database(statement& out) {
    auto& s = out.node.emplace<alter_database_statement>();
    advance(), advance();
    const keyword k = word();
    const bool option =
        k == k_default || k == k_charset || k == k_collate || k == k_comment || k == k_encryption ||
        ((k == k_character || k == k_char) && word_ahead(1) == k_set) ||
        (k == k_read && word_ahead(1) == k_only) || (k == k_placement && word_ahead(1) == k_policy);
    // A name that is such a word: the option's own word follows where a value would.
    const keyword next = word_ahead(1);
    const bool word_follows = next == k_comment || next == k_collate || next == k_encryption ||
                              next == k_charset ||
                              ((next == k_character || next == k_char) && word_ahead(2) == k_set) ||
                              (next == k_default && ahead(2).kind != token_kind::end) ||
                              (next == k_read && word_ahead(2) == k_only) || next == k_upgrade;
    const bool named = !option || ahead(1).kind == token_kind::end ||
                       (k != k_default && k != k_collate && word_follows);
    if (named && !identifier(s.name)) return false;
    if (word() == k_upgrade) {
        s.upgrade_data_directory = true;
        advance();
        return expect(k_data) && expect(k_directory) &&
               (same_word(token_text(current()), "name") ? (advance(), true) : fail("NAME")) &&
               at_end();
    }
    if (!database_options(s.options)) return false;
    if (s.options.empty()) return fail("a database option");
    return at_end();
}

inline bool ddl_parser::drop_database(statement& out) {
    auto& s = out.node.emplace<drop_database_statement>();
    advance(), advance();
    s.if_exists = if_exists(true);
    return identifier(s.name) && at_end();
}

inline bool ddl_parser::drop_table(statement& out) {
    auto& s = out.node.emplace<drop_table_statement>();
    advance();
    s.temporary = accept(k_temporary);
    if (!accept(k_table) && !expect(k_tables)) return false;
    s.if_exists = if_exists(true);
    if (!table_list(s.tables)) return false;
    s.wait = wait_clause();
    return behaviour(s.behaviour) && at_end();
}

inline bool ddl_parser::rename_table(statement& out) {
    auto& s = out.node.emplace<rename_table_statement>();
    advance(), advance();
    s.if_exists = if_exists();
    do {
        rename_table_statement::pair& p = s.pairs.emplace_back();
        if (!table(p.from)) return false;
        p.wait = wait_clause();
        if (!expect(k_to) || !table(p.to)) return false;
    } while (accept_op(','));
    return at_end();
}

inline bool ddl_parser::truncate_table(statement& out) {
    auto& s = out.node.emplace<truncate_table_statement>();
    advance();
    accept(k_table);
    if (!table(s.table)) return false;
    s.wait = wait_clause();
    accept2(k_drop, k_storage) || accept2(k_reuse, k_storage);
    return at_end();
}

inline bool ddl_parser::create_sequence(statement& out) {
    auto& s = out.node.emplace<create_sequence_statement>();
    advance();
    s.or_replace = or_replace();
    s.temporary = accept(k_temporary);
    if (!since_or_fail(0, 100300, "TABLE") || !expect(k_sequence)) return false;
    s.if_not_exists = if_not_exists();
    if (!table(s.name)) return false;
    const std::size_t first = at_;
    if (is_op('.')) return fail("a sequence option");  // or it would become a part of the name
    while (!is(token_kind::end) && !is_op(';')) advance();
    s.options = joined(first);
    return at_end();
}

inline bool ddl_parser::alter_sequence(statement& out) {
    auto& s = out.node.emplace<alter_sequence_statement>();
    advance(), advance();
    s.if_exists = if_exists();
    if (!table(s.name)) return false;
    const std::size_t first = at_;
    if (is_op('.')) return fail("a sequence option");  // or it would become a part of the name
    while (!is(token_kind::end) && !is_op(';')) advance();
    s.options = joined(first);
    if (s.options.empty()) return fail("a sequence option");
    return at_end();
}

inline bool ddl_parser::drop_sequence(statement& out) {
    auto& s = out.node.emplace<drop_sequence_statement>();
    advance();
    s.temporary = accept(k_temporary);
    if (!expect(k_sequence)) return false;
    s.if_exists = if_exists();
    return table_list(s.names) && at_end();
}

inline bool ddl_parser::use(statement& out) {
    auto& s = out.node.emplace<use_statement>();
    advance();
    return any_identifier(s.schema) && at_end();
}

inline bool ddl_parser::set(statement& out) {
    auto& s = out.node.emplace<set_statement>();
    advance();
    do {
        if (!set_one(s.assignments.emplace_back())) return false;
    } while (accept_op(','));
    return at_end();
}

/// NAMES x [COLLATE y], CHARACTER SET x.
inline bool ddl_parser::set_names(set_assignment& out, bool& taken) {
    const keyword k = word();
    const bool charset =
        k == k_charset || ((k == k_character || k == k_char) && word_ahead(1) == k_set);
    const bool names = k == k_names && !is_op_ahead(1, '=') && !is_op_ahead(1, token_op::assign);
    taken = charset || names;
    if (!taken) return true;
    out.scope = names ? "names" : "charset";
    advance();
    if (charset && k != k_charset) advance();
    if (!charset_name(out.name)) return false;
    if (!names || !accept(k_collate)) return true;
    out.value.value.kind = literal_kind::string;
    return collation_name(out.value.value.text);
}

/// A value: an expression, or a bare word such as ON, utf8, DEFAULT.
inline bool ddl_parser::set_value(expression& out) {
    const token& next = ahead(1);
    const bool ends = next.kind == token_kind::end ||
                      (next.kind == token_kind::punctuation && (next.op == ',' || next.op == ';'));
    if (is(token_kind::word) && word() != k_null && word() != k_true && word() != k_false &&
        (ends || next.keyword == k_for) && !is_reserved(word(), options_)) {
        out.kind = expression_kind::column;
        return any_identifier(out.name);
    }
    if (ends && (word() == k_on || word() == k_default || word() == k_all || word() == k_binary ||
                 word() == k_row)) {
        out.kind = expression_kind::column;
        return any_identifier(out.name);
    }
    return expr(out);
}

inline bool ddl_parser::set_one(set_assignment& out) {
    bool taken = false;
    if (!set_names(out, taken)) return false;
    if (taken) return true;
    expression target;
    if (is(token_kind::user_variable) || is_op('@')) {
        if (!variable(target)) return false;
        out.scope = "user";
        out.name = std::move(target.name);
    } else {
        const bool at = accept_op(token_op::at_at);
        const keyword k = word();
        const bool scope = k == k_global || k == k_session || k == k_local || k == k_persist ||
                           k == k_persist_only;
        const bool name_follows =
            ahead(1).kind == token_kind::word || ahead(1).kind == token_kind::quoted_identifier;
        if (scope && (at ? is_op_ahead(1, '.') : name_follows)) {
            out.scope = word_table[k].text;
            advance();
            if (at) advance();
        }
        if (!system_variable_part(out.name)) return false;
        while (accept_op('.')) {
            std::string part;
            if (!system_variable_part(part)) return false;
            out.name += '.';
            out.name += part;
        }
    }
    if (!accept_op(token_op::assign) && !expect_op('=')) return false;
    return set_value(out.value);
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
