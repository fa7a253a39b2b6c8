// ALTER TABLE.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline bool ddl_parser::alter_table(statement& out) {
    auto& s = out.node.emplace<alter_table_statement>();
    advance();  // ALTER
    for (;;) {
        if (accept(k_online)) {
            s.online = true;
        } else if (accept(k_offline)) {
            s.offline = true;
        } else if (accept(k_ignore)) {
            s.ignore = true;
        } else {
            break;
        }
    }
    if (!expect(k_table)) return false;
    s.if_exists = if_exists();
    if (!table(s.table)) return false;
    s.wait = wait_clause();
    return alter_specs(s) && at_end();
}

inline bool ddl_parser::alter_specs(alter_table_statement& out) {
    std::size_t commas = 0;
    std::size_t open = 0;
    for (std::size_t i = at_; i < tokens_.size(); ++i) {
        if (tokens_[i].kind != token_kind::punctuation) continue;
        if (tokens_[i].op == '(') ++open;
        if (tokens_[i].op == ')' && open > 0) --open;
        if (tokens_[i].op == ',' && open == 0) ++commas;
    }
    out.specs.reserve(commas + 1);
    if (is(token_kind::end) || is_op(';')) return true;
    for (;;) {
        alter_spec& spec = out.specs.emplace_back();
        spec.span.begin = begin_offset();
        if (!alter_spec_one(spec)) return false;
        spec.span.end = end_offset();
        if (accept_op(',')) continue;
        // The partition clause stands behind the other changes without a comma.
        const bool partitioning = (word() == k_partition && word_ahead(1) == k_by) ||
                                  (word() == k_remove && word_ahead(1) == k_partitioning);
        if (!partitioning) return true;
    }
}

inline bool ddl_parser::alter_spec_one(alter_spec& out) {
    bool taken = false;
    switch (word()) {
        case k_add:
            return add_spec(out.change);
        case k_drop:
            return drop_spec(out.change);
        case k_change:
            return change_spec(out.change);
        case k_modify:
            return modify_spec(out.change);
        case k_alter:
            return alter_part_spec(out.change);
        case k_rename:
            return rename_spec(out.change);
        case k_convert:
            return convert_spec(out.change);
        case k_order:
            return order_by_spec(out.change);
        default:
            break;
    }
    if (!alter_partition_spec(out, taken)) return false;
    if (taken) return true;
    if (!simple_spec(out.change, taken)) return false;
    if (taken) return true;
    auto& execution = out.change.emplace<alter_execution>();
    if (!execution_option(execution, taken)) return false;
    if (taken) return true;
    auto& options = out.change.emplace<set_options>();
    if (!table_options(options.options, false)) return false;
    return !options.options.empty() || fail("a change");
}

inline bool ddl_parser::position(column_position& out) {
    if (accept(k_first)) {
        out.place = column_place::first;
    } else if (accept(k_after)) {
        out.place = column_place::after;
        return identifier(out.after);
    }
    return true;
}

inline bool ddl_parser::add_spec(alter_change& out) {
    const keyword next = word_ahead(1);
    if (next == k_partition) return add_partition(out.emplace<partition_change>());
    if (next == k_system && word_ahead(2) == k_versioning && since(0, 100300)) {
        advance(), advance(), advance();
        out.emplace<simple_alter>().change = simple_change::add_system_versioning;
        return true;
    }
    advance();
    if (accept(k_column)) return add_column_spec(out);
    if (word() == k_period && word_ahead(1) == k_if && since(0, 100400))
        return period(out.emplace<add_period>().period);
    bool taken = false;
    if (!element_change(out, taken)) return false;
    return taken || add_column_spec(out);
}

/// ADD key or constraint: the element becomes a change of its own kind.
inline bool ddl_parser::element_change(alter_change& out, bool& taken) {
    std::vector<table_element> elements;
    if (!element(elements, taken)) return false;
    if (!taken) return true;
    table_element& e = elements[0];
    if (auto* k = std::get_if<key_definition>(&e)) {
        out.emplace<add_key>().key = std::move(*k);
    } else if (auto* f = std::get_if<foreign_key_definition>(&e)) {
        out.emplace<add_foreign_key>().key = std::move(*f);
    } else if (auto* c = std::get_if<table_check>(&e)) {
        out.emplace<add_check>().check = std::move(c->check);
    } else if (auto* p = std::get_if<period_definition>(&e)) {
        out.emplace<add_period>().period = std::move(*p);
    }
    return true;
}

inline bool ddl_parser::add_column_spec(alter_change& out) {
    const bool lenient = if_not_exists();
    if (is_op('(')) {
        auto& s = out.emplace<add_columns>();
        s.if_not_exists = lenient;
        return element_list(s.elements);
    }
    auto& s = out.emplace<add_column>();
    if (!column(s.column) || !position(s.position)) return false;
    s.column.if_not_exists = lenient;
    return true;
}

inline bool ddl_parser::drop_spec(alter_change& out) {
    advance();
    switch (word()) {
        case k_partition:
            --at_;
            return drop_partition(out.emplace<partition_change>());
        case k_primary: {
            advance();
            if (!expect(k_key)) return false;
            out.emplace<drop_primary_key>();
            return true;
        }
        case k_key:
        case k_index: {
            advance();
            auto& s = out.emplace<drop_key>();
            s.if_exists = if_exists();
            return identifier(s.name);
        }
        case k_foreign: {
            advance();
            if (!expect(k_key)) return false;
            auto& s = out.emplace<drop_foreign_key>();
            s.if_exists = if_exists();
            return field_identifier(s.name);
        }
        case k_check:
        case k_constraint: {
            auto& s = out.emplace<drop_constraint>();
            s.check_only = word() == k_check;
            if (!since_or_fail(
                    s.check_only ? 80016 : 80019, s.check_only ? 0 : 100200, "a column's name")) {
                return false;
            }
            advance();
            s.if_exists = if_exists();
            std::string ignored;
            return identifier(s.name) && behaviour(ignored);
        }
        case k_period:
            if ((word_ahead(1) != k_for && word_ahead(1) != k_if) || !since(0, 100400)) break;
            {
                advance();
                auto& s = out.emplace<drop_period>();
                s.if_exists = if_exists();
                if (!expect(k_for)) return false;
                if (!s.if_exists && accept(k_system_time)) {
                    s.name = "SYSTEM_TIME";
                    return true;
                }
                return identifier(s.name);
            }
        case k_system:
            if (word_ahead(1) != k_versioning || !since(0, 100300)) break;
            advance(), advance();
            out.emplace<simple_alter>().change = simple_change::drop_system_versioning;
            return true;
        default:
            break;
    }
    accept(k_column);
    auto& s = out.emplace<drop_column>();
    s.if_exists = if_exists();
    return field_identifier(s.name) && behaviour(s.behaviour);
}

inline bool ddl_parser::change_spec(alter_change& out) {
    auto& s = out.emplace<change_column>();
    advance();
    accept(k_column);
    s.if_exists = if_exists();
    return field_identifier(s.old_name) && column(s.column) && position(s.position);
}

inline bool ddl_parser::modify_spec(alter_change& out) {
    auto& s = out.emplace<modify_column>();
    advance();
    accept(k_column);
    s.if_exists = if_exists();
    return column(s.column) && position(s.position);
}

/// ALTER [COLUMN] c ..., ALTER INDEX i ..., ALTER CHECK|CONSTRAINT c ...
inline bool ddl_parser::alter_part_spec(alter_change& out) {
    advance();
    if (word() == k_index || (word() == k_key && since(0, 100600))) {
        auto& s = out.emplace<alter_key>();
        advance();
        s.if_exists = if_exists();
        if (!identifier(s.name)) return false;
        const bool negated = accept(k_not);
        const bool known = word() == k_ignored ? since(0, 100600)
                                               : (word() == k_visible || word() == k_invisible) &&
                                                     !negated && since(80000, 0);
        if (!known) {
            return fail("VISIBLE, INVISIBLE or IGNORED");
        }
        s.invisible = (word() != k_visible) != negated;
        advance();
        return true;
    }
    if (word() == k_check || word() == k_constraint) {
        if (!since_or_fail(80016, 120000, "a column's name")) return false;
        auto& s = out.emplace<alter_constraint>();
        s.check_only = word() == k_check;
        advance();
        if (!identifier(s.name)) return false;
        s.enforced = !accept(k_not);
        return expect(k_enforced);
    }
    accept(k_column);
    auto& s = out.emplace<alter_column>();
    s.if_exists = if_exists();
    if (!field_identifier(s.name)) return false;
    if (accept2(k_drop, k_default)) {
        s.action = alter_column_action::drop_default;
        return true;
    }
    if (!expect(k_set)) return false;
    if (accept(k_default)) {
        s.action = alter_column_action::set_default;
        return default_attribute(s.default_value.emplace());
    }
    if (!since_or_fail(80023, 0, "DEFAULT")) return false;
    s.action =
        word() == k_visible ? alter_column_action::set_visible : alter_column_action::set_invisible;
    return accept(k_visible) || expect(k_invisible);
}

inline bool ddl_parser::rename_spec(alter_change& out) {
    advance();
    if (word() == k_column) {
        if (!since_or_fail(80000, 100502, "the table's new name")) return false;
        auto& s = out.emplace<rename_column>();
        advance();
        s.if_exists = if_exists();
        return identifier(s.old_name) && expect(k_to) && identifier(s.new_name);
    }
    if (word() == k_index || word() == k_key) {
        if (!since_or_fail(50700, 100502, "the table's new name")) return false;
        auto& s = out.emplace<rename_key>();
        advance();
        s.if_exists = if_exists();
        return identifier(s.old_name) && expect(k_to) && identifier(s.new_name);
    }
    if (!accept(k_to) && !accept(k_as)) accept_op('=');
    return table(out.emplace<rename_to>().table);
}

/// CONVERT TO CHARACTER SET, CONVERT PARTITION p TO TABLE t, CONVERT TABLE t TO PARTITION ...
inline bool ddl_parser::convert_spec(alter_change& out) {
    advance();
    if (accept(k_to)) {
        auto& s = out.emplace<convert_charset>();
        if (!accept(k_charset)) {
            if (!accept(k_char) && !expect(k_character)) return false;
            if (!expect(k_set)) return false;
        }
        accept_op('=');
        if (!charset_name(s.charset)) return false;
        if (accept(k_collate)) {
            accept_op('=');
            return collation_name(s.collation);
        }
        return true;
    }
    auto& p = out.emplace<partition_change>();
    if (accept(k_partition)) {
        p.kind = partition_change_kind::convert_to_table;
        return identifier(p.names.emplace_back()) && expect(k_to) && expect(k_table) &&
               table(p.table.emplace());
    }
    if (!expect(k_table)) return false;
    p.kind = partition_change_kind::convert_from_table;
    if (!table(p.table.emplace()) || !expect(k_to)) return false;
    if (word() != k_partition) return fail("PARTITION");
    if (!one_partition(p.partitions.emplace_back(), false)) return false;
    if ((word() == k_with || word() == k_without) && word_ahead(1) == k_validation) {
        p.validation = word() == k_with;
        advance(), advance();
    }
    return true;
}

/// Columns only, as for the servers.
inline bool ddl_parser::order_by_spec(alter_change& out) {
    auto& s = out.emplace<order_by>();
    advance();
    if (!expect(k_by)) return false;
    do {
        order_by::part& p = s.parts.emplace_back();
        p.expr.span.begin = begin_offset();
        if (!is_op('.') && !is_identifier()) return fail("a column's name");
        if (!column_or_function(p.expr)) return false;
        if (p.expr.kind != expression_kind::column) return fail("a column's name");
        p.expr.span.end = end_offset();
        p.descending = accept(k_desc);
        if (!p.descending) accept(k_asc);
    } while (is_op(',') && order_continues() && accept_op(','));
    return true;
}

/// Whether the name behind this comma is one more column to order by, and no new change.
inline bool ddl_parser::order_continues() const noexcept {
    if (!is_identifier_ahead(1)) return false;
    const token& t = ahead(2);
    return t.kind == token_kind::end || t.keyword == k_asc || t.keyword == k_desc ||
           t.keyword == k_partition || t.keyword == k_remove ||
           (t.kind == token_kind::punctuation && (t.op == ',' || t.op == ';' || t.op == '.'));
}

inline bool ddl_parser::simple_spec(alter_change& out, bool& taken) {
    struct row {
        keyword a;
        keyword b;
        simple_change change;
    };
    static constexpr row rows[] = {
        {k_enable, k_keys, simple_change::enable_keys},
        {k_disable, k_keys, simple_change::disable_keys},
        {k_force, k_unlisted, simple_change::force},
        {k_discard, k_tablespace, simple_change::discard_tablespace},
        {k_import, k_tablespace, simple_change::import_tablespace},
        {k_with, k_validation, simple_change::with_validation},
        {k_without, k_validation, simple_change::without_validation},
        {k_secondary_load, k_unlisted, simple_change::secondary_load},
        {k_secondary_unload, k_unlisted, simple_change::secondary_unload},
        {k_remove, k_partitioning, simple_change::remove_partitioning},
        {k_remove, k_ttl, simple_change::remove_ttl},
    };
    taken = false;
    for (const row& r : rows) {
        if (word() != r.a || (r.b != k_unlisted && word_ahead(1) != r.b)) continue;
        taken = true;
        advance();
        if (r.b != k_unlisted) advance();
        out.emplace<simple_alter>().change = r.change;
        return true;
    }
    return true;
}

inline bool ddl_parser::partition_names(partition_change& out) {
    if (accept(k_all)) {
        out.all = true;
        return true;
    }
    do {
        if (!identifier(out.names.emplace_back())) return false;
    } while (accept_op(','));
    return true;
}

inline bool ddl_parser::alter_partition_spec(alter_spec& spec, bool& taken) {
    const keyword k = word();
    const keyword next = word_ahead(1);
    taken = true;
    if (k == k_partition && next == k_by) {
        auto& p = spec.change.emplace<partition_change>();
        p.kind = partition_change_kind::partition_by;
        advance(), advance();
        return partition(p.clause.emplace());
    }
    if (next == k_partition) {
        switch (k) {
            case k_coalesce:
            case k_truncate:
            case k_analyze:
            case k_check:
            case k_optimize:
            case k_rebuild:
            case k_repair:
            case k_discard:
            case k_import:
                return partition_admin(spec.change.emplace<partition_change>(), k);
            case k_reorganize:
                return reorganize_partition(spec.change.emplace<partition_change>());
            case k_exchange:
                return exchange_partition(spec.change.emplace<partition_change>());
            default:
                break;
        }
    }
    taken = false;
    return true;
}

inline bool ddl_parser::partition_admin(partition_change& out, keyword k) {
    advance(), advance();
    if (accept(k_no_write_to_binlog) || accept(k_local)) out.no_write_to_binlog = true;
    using kind = partition_change_kind;
    switch (k) {
        case k_coalesce: {
            out.kind = kind::coalesce;
            std::uint64_t n = 0;
            if (!unsigned_value(n)) return false;
            out.count = n;
            return true;
        }
        case k_truncate:
            out.kind = kind::truncate;
            break;
        case k_analyze:
            out.kind = kind::analyze;
            break;
        case k_check:
            out.kind = kind::check;
            break;
        case k_optimize:
            out.kind = kind::optimize;
            break;
        case k_rebuild:
            out.kind = kind::rebuild;
            break;
        case k_repair:
            out.kind = kind::repair;
            break;
        case k_discard:
            out.kind = kind::discard_tablespace;
            break;
        default:
            out.kind = kind::import_tablespace;
            break;
    }
    if (!partition_names(out)) return false;
    if (k == k_discard || k == k_import) return expect(k_tablespace);
    if (k != k_check && k != k_repair) return true;
    while (word() == k_quick || word() == k_fast || word() == k_medium || word() == k_extended ||
           word() == k_changed || word() == k_use_frm || word() == k_force ||
           (word() == k_for && word_ahead(1) == k_upgrade)) {
        if (!out.modifiers.empty()) out.modifiers += ' ';
        if (word() == k_for) {
            out.modifiers += "FOR UPGRADE";
            advance();
        } else {
            for (const char c : word_table[word()].text) {
                out.modifiers += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            }
        }
        advance();
    }
    return true;
}

/// REORGANIZE PARTITION [NO_WRITE_TO_BINLOG] [names INTO (definitions)]
inline bool ddl_parser::reorganize_partition(partition_change& out) {
    out.kind = partition_change_kind::reorganize;
    advance(), advance();
    if (accept(k_no_write_to_binlog) || accept(k_local)) out.no_write_to_binlog = true;
    if (!is_identifier()) return true;
    return partition_names(out) && expect(k_into) && partition_definitions(out.partitions, false);
}

inline bool ddl_parser::exchange_partition(partition_change& out) {
    out.kind = partition_change_kind::exchange;
    advance(), advance();
    if (!identifier(out.names.emplace_back()) || !expect(k_with) || !expect(k_table) ||
        !table(out.table.emplace())) {
        return false;
    }
    if ((word() == k_with || word() == k_without) && word_ahead(1) == k_validation) {
        out.validation = word() == k_with;
        advance(), advance();
    }
    return true;
}

inline bool ddl_parser::add_partition(partition_change& out) {
    out.kind = partition_change_kind::add;
    advance(), advance();
    out.if_exists = if_not_exists();
    if (accept(k_no_write_to_binlog) || accept(k_local)) out.no_write_to_binlog = true;
    if (accept(k_partitions)) {
        std::uint64_t n = 0;
        if (!unsigned_value(n)) return false;
        out.count = n;
        return true;
    }
    return partition_definitions(out.partitions, false);
}

inline bool ddl_parser::drop_partition(partition_change& out) {
    out.kind = partition_change_kind::drop;
    advance(), advance();
    out.if_exists = if_exists();
    return partition_names(out);
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
