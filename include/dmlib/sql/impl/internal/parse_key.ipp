// Keys, constraints and the list between the parentheses of CREATE TABLE.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// Number of elements between the parenthesis that was just opened and its end.
inline std::size_t ddl_parser::list_size() const noexcept {
    std::size_t size = 1;
    std::size_t open = 1;
    for (std::size_t i = at_; i < tokens_.size(); ++i) {
        if (tokens_[i].kind != token_kind::punctuation) continue;
        if (tokens_[i].op == '(') ++open;
        if (tokens_[i].op == ')' && --open == 0) break;
        if (tokens_[i].op == ',' && open == 1) ++size;
    }
    return size;
}

inline bool ddl_parser::element_list(std::vector<table_element>& out) {
    if (!expect_op('(')) return false;
    out.reserve(out.size() + list_size());
    do {
        bool taken = false;
        if (!element(out, taken)) return false;
        if (!taken && !column(out.emplace_back().emplace<column_definition>())) return false;
    } while (accept_op(','));
    return expect_op(')');
}

/// A key, a constraint or a period; not taken: a column follows.
inline bool ddl_parser::element(std::vector<table_element>& out, bool& taken) {
    taken = true;
    switch (word()) {
        case k_primary:
        case k_unique:
        case k_key:
        case k_index:
        case k_fulltext:
        case k_spatial:
            return key(out.emplace_back().emplace<key_definition>());
        case k_vector:
            if (word_ahead(1) != k_key && word_ahead(1) != k_index && !is_op_ahead(1, '(')) break;
            if (!since(0, 110700)) break;
            return key(out.emplace_back().emplace<key_definition>());
        case k_constraint:
            return constraint_element(out);
        case k_foreign:
            return foreign_key(out.emplace_back().emplace<foreign_key_definition>());
        case k_check: {
            table_check& c = out.emplace_back().emplace<table_check>();
            c.span.begin = begin_offset();
            if (!check(c.check)) return false;
            c.span.end = end_offset();
            return true;
        }
        case k_period:
            if (word_ahead(1) != k_for || !since(0, 100300)) break;
            return period(out.emplace_back().emplace<period_definition>());
        default:
            break;
    }
    taken = false;
    return true;
}

/// CONSTRAINT [IF NOT EXISTS] [name] PRIMARY KEY | UNIQUE | FOREIGN KEY | CHECK.
inline bool ddl_parser::constraint_element(std::vector<table_element>& out) {
    const std::uint32_t begin = begin_offset();
    advance();
    const bool lenient = if_not_exists();
    std::string name;
    const keyword k = word();
    const bool named = k != k_primary && k != k_unique && k != k_foreign && k != k_check;
    if (named && !identifier(name)) return false;
    switch (word()) {
        case k_primary:
        case k_unique: {
            key_definition& d = out.emplace_back().emplace<key_definition>();
            d.constraint_name = std::move(name);
            if (!key(d)) return false;
            d.if_not_exists = d.if_not_exists || lenient;
            d.span.begin = begin;
            return true;
        }
        case k_foreign: {
            foreign_key_definition& d = out.emplace_back().emplace<foreign_key_definition>();
            d.constraint_name = std::move(name);
            if (!foreign_key(d)) return false;
            d.if_not_exists = d.if_not_exists || lenient;
            d.span.begin = begin;
            return true;
        }
        case k_check: {
            table_check& d = out.emplace_back().emplace<table_check>();
            d.check.name = std::move(name);
            d.check.if_not_exists = lenient;
            if (!check(d.check)) return false;
            d.span = {begin, end_offset()};
            return true;
        }
        default:
            return fail("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK");
    }
}

inline bool ddl_parser::key(key_definition& out) {
    out.span.begin = begin_offset();
    if (!key_head(out) || !key_body(out)) return false;
    out.span.end = end_offset();
    return true;
}

/// The words up to the key's name.
inline bool ddl_parser::key_head(key_definition& out) {
    const keyword k = word();
    advance();
    switch (k) {
        case k_primary:
            out.kind = key_kind::primary;
            return expect(k_key);
        case k_unique:
            out.kind = key_kind::unique;
            break;
        case k_fulltext:
            out.kind = key_kind::fulltext;
            break;
        case k_spatial:
            out.kind = key_kind::spatial;
            break;
        case k_vector:
            out.kind = key_kind::vector;
            break;
        default:
            out.kind = key_kind::index;
            return true;
    }
    if (word() == k_key || word() == k_index) advance();
    return true;
}

/// [IF NOT EXISTS] [name] [USING type] (parts) options
inline bool ddl_parser::key_body(key_definition& out) {
    out.if_not_exists = if_not_exists() || out.if_not_exists;
    const bool type_follows =
        word() == k_using ||
        (word() == k_type && ahead(1).kind == token_kind::word && !is_op_ahead(1, '('));
    if (!is_op('(') && !type_follows && !identifier(out.name)) return false;
    if (word() == k_using || word() == k_type) {
        advance();
        if (!index_type(out.options.using_type)) return false;
    }
    return key_part_list(out) && key_option_list(out.options);
}

inline bool ddl_parser::index_type(std::string& out) {
    const keyword k = word();
    const bool tidb = options_.tidb && same_word(token_text(current()), "hypo");
    if (k != k_btree && k != k_hash && k != k_rtree && !tidb) return fail("BTREE, HASH or RTREE");
    out = ascii_lower(token_text(current()));
    advance();
    return true;
}

inline bool ddl_parser::key_part_list(key_definition& out) {
    if (!expect_op('(')) return false;
    do {
        if (word_ahead(1) == k_without && word_ahead(2) == k_overlaps && is_identifier()) {
            if (!identifier(out.without_overlaps)) return false;
            advance(), advance();
            break;
        }
        if (!one_key_part(out)) return false;
    } while (accept_op(','));
    return expect_op(')');
}

inline bool ddl_parser::one_key_part(key_definition& out) {
    key_part& part = out.parts.emplace_back();
    if (is_op('(')) {
        // MariaDB up to 11.8 has none; later ones are taken at their word.
        if (!since_or_fail(80013, 120000, "a column's name")) return false;
        if (!parenthesised_expression(part.expr.emplace(), part.text)) return false;
    } else {
        if (!identifier(part.column)) return false;
        if (accept_op('(')) {
            std::uint64_t n = 0;
            if (!unsigned_value(n) || !expect_op(')')) return false;
            part.length = n;
        }
    }
    if (word() == k_asc || word() == k_desc) {
        part.descending = word() == k_desc;
        advance();
    }
    return true;
}

inline bool ddl_parser::key_option_list(key_options& out) {
    for (;;) {
        bool taken = false;
        if (!key_option(out, taken)) return false;
        if (!taken) return true;
    }
}

inline bool ddl_parser::key_option(key_options& out, bool& taken) {
    taken = true;
    const auto attribute = [this](boxed<literal>& to) {
        advance();
        accept_op('=');
        return text_literal(to.emplace());
    };
    switch (word()) {
        case k_using:
        case k_type:
            advance();
            return index_type(out.using_type);
        case k_key_block_size: {
            std::uint64_t n = 0;
            advance();
            accept_op('=');
            if (!unsigned_value(n, is(token_kind::integer))) return false;
            out.block_size = n;
            return true;
        }
        case k_comment:
            advance();
            accept_op('=');
            return string_value(out.comment.emplace());
        case k_with:
            if (word_ahead(1) != k_parser) break;
            advance(), advance();
            return identifier(out.parser);
        case k_visible:
        case k_invisible:
        case k_ignored:
            // MariaDB takes VISIBLE, not INVISIBLE.
            if (word() == k_ignored ? !since(0, 100600)
                                    : !since(80000, word() == k_visible ? 1 : 0)) {
                break;
            }
            out.invisible = word() != k_visible;
            advance();
            return true;
        case k_not:
            if (word_ahead(1) != k_ignored || !since(0, 100600)) break;
            advance(), advance();
            out.invisible = false;
            return true;
        case k_clustering:
            if (!since(0, 1)) break;
            advance();
            accept_op('=');
            out.clustering = ascii_lower(token_text(current())) == "yes";
            advance();
            return true;
        case k_engine_attribute:
            if (!since(80021, 0)) break;
            return attribute(out.engine_attribute);
        case k_secondary_engine_attribute:
            return attribute(out.secondary_engine_attribute);
        default:
            break;
    }
    const keyword k = word();
    if (options_.tidb &&
        (k == k_clustered || k == k_nonclustered || k == k_global || k == k_local)) {
        custom_option& o = out.custom.emplace_back();
        o.name = ascii_lower(token_text(current()));
        o.identifier = true;
        advance();
        return true;
    }
    return custom(out.custom, taken);
}

inline bool ddl_parser::foreign_key(foreign_key_definition& out) {
    out.span.begin = begin_offset();
    advance();
    if (!expect(k_key)) return false;
    out.if_not_exists = if_not_exists();
    if (!is_op('(') && !identifier(out.index_name)) return false;
    if (!identifier_list(out.columns) || !references(out.references)) return false;
    out.span.end = end_offset();
    return true;
}

inline bool ddl_parser::reference_option(reference_action& out) {
    if (accept(k_restrict)) {
        out = reference_action::restrict_;
    } else if (accept(k_cascade)) {
        out = reference_action::cascade;
    } else if (accept2(k_set, k_null)) {
        out = reference_action::set_null;
    } else if (accept2(k_set, k_default)) {
        out = reference_action::set_default;
    } else if (accept2(k_no, k_action)) {
        out = reference_action::no_action;
    } else {
        return fail("RESTRICT, CASCADE, SET NULL, NO ACTION or SET DEFAULT");
    }
    return true;
}

inline bool ddl_parser::references(references_clause& out) {
    if (!expect(k_references) || !table(out.table)) return false;
    if (is_op('(') && !identifier_list(out.columns)) return false;
    if (accept(k_match)) {
        if (accept(k_full)) {
            out.match = match_kind::full;
        } else if (accept(k_partial)) {
            out.match = match_kind::partial;
        } else if (accept(k_simple)) {
            out.match = match_kind::simple;
        } else {
            return fail("FULL, PARTIAL or SIMPLE");
        }
    }
    while (word() == k_on && (word_ahead(1) == k_delete || word_ahead(1) == k_update)) {
        const bool on_delete = word_ahead(1) == k_delete;
        advance(), advance();
        if (on_delete && is(token_kind::end)) return fail("an action");
        if (word() == k_now || word() == k_current_timestamp || word() == k_localtime ||
            word() == k_localtimestamp) {
            at_ -= 2;  // ON UPDATE CURRENT_TIMESTAMP of the column
            return true;
        }
        if (!reference_option(on_delete ? out.on_delete : out.on_update)) return false;
    }
    return true;
}

/// PERIOD [IF NOT EXISTS] FOR name (a, b)
inline bool ddl_parser::period(period_definition& out) {
    out.span.begin = begin_offset();
    advance();
    out.if_not_exists = if_not_exists();
    if (!expect(k_for)) return false;
    if (!out.if_not_exists && accept(k_system_time)) {
        out.name = "SYSTEM_TIME";
    } else if (!identifier(out.name)) {
        return false;
    }
    if (!expect_op('(') || !identifier(out.start_column) || !expect_op(',') ||
        !identifier(out.end_column) || !expect_op(')')) {
        return false;
    }
    out.span.end = end_offset();
    return true;
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
