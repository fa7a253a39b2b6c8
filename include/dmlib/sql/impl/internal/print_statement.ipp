// Whole statements to text.
#pragma once

#include <dmlib/sql/impl/internal/print_table.ipp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline void writer::create_table(const create_table_statement& s) {
    text("CREATE ");
    if (s.or_replace) text("OR REPLACE ");
    if (s.temporary) text("TEMPORARY ");
    if (s.external) text("EXTERNAL ");
    text("TABLE ");
    if (s.if_not_exists) text("IF NOT EXISTS ");
    table(s.table);
    if (s.like) {
        text(" LIKE ").table(*s.like);
        return;
    }
    if (!s.elements.empty()) {
        text(" ");
        elements(s.elements);
    }
    if (!s.options.empty()) {
        text(" ");
        options(s.options, " ");
    }
    if (s.partition) {
        text(" ");
        partition(*s.partition);
    }
    if (s.on_conflict == select_conflict::ignore) text(" IGNORE");
    if (s.on_conflict == select_conflict::replace) text(" REPLACE");
    if (!s.select.empty()) text(" AS ").text(s.select);
}

inline void writer::position(const column_position& p) {
    if (p.place == column_place::first) text(" FIRST");
    if (p.place == column_place::after) text(" AFTER ").name(p.after);
}

/// Changes of columns.
inline void writer::column_change(const alter_change& c) {
    if (const auto* a = std::get_if<add_column>(&c)) {
        text("ADD COLUMN ");
        if (a->column.if_not_exists) text("IF NOT EXISTS ");
        column(a->column);
        position(a->position);
    } else if (const auto* l = std::get_if<add_columns>(&c)) {
        text("ADD COLUMN ");
        if (l->if_not_exists) text("IF NOT EXISTS ");
        elements(l->elements);
    } else if (const auto* m = std::get_if<modify_column>(&c)) {
        text("MODIFY COLUMN ");
        if (m->if_exists) text("IF EXISTS ");
        column(m->column);
        position(m->position);
    } else if (const auto* h = std::get_if<change_column>(&c)) {
        text("CHANGE COLUMN ");
        if (h->if_exists) text("IF EXISTS ");
        name(h->old_name).text(" ");
        column(h->column);
        position(h->position);
    } else if (const auto* d = std::get_if<drop_column>(&c)) {
        text("DROP COLUMN ");
        if (d->if_exists) text("IF EXISTS ");
        name(d->name);
        if (!d->behaviour.empty()) text(" ").text(d->behaviour);
    } else if (const auto* r = std::get_if<rename_column>(&c)) {
        text("RENAME COLUMN ");
        if (r->if_exists) text("IF EXISTS ");
        name(r->old_name).text(" TO ").name(r->new_name);
    } else if (const auto* t = std::get_if<alter_column>(&c)) {
        text("ALTER COLUMN ");
        if (t->if_exists) text("IF EXISTS ");
        name(t->name);
        switch (t->action) {
            case alter_column_action::set_default:
                text(" SET");
                default_value(*t->default_value);
                break;
            case alter_column_action::drop_default:
                text(" DROP DEFAULT");
                break;
            case alter_column_action::set_visible:
                text(" SET VISIBLE");
                break;
            case alter_column_action::set_invisible:
                text(" SET INVISIBLE");
                break;
        }
    }
}

/// Prints any change; the overloads are tried in the order of the variant.
struct change_printer {
    writer& w;

    void operator()(const add_key& c) { w.text("ADD "), w.key(c.key); }
    void operator()(const drop_key& c) {
        w.text("DROP KEY ").text(c.if_exists ? "IF EXISTS " : "").name(c.name);
    }
    void operator()(const drop_primary_key&) { w.text("DROP PRIMARY KEY"); }
    void operator()(const rename_key& c) {
        w.text("RENAME KEY ").text(c.if_exists ? "IF EXISTS " : "").name(c.old_name);
        w.text(" TO ").name(c.new_name);
    }
    void operator()(const alter_key& c) {
        w.text("ALTER INDEX ").text(c.if_exists ? "IF EXISTS " : "").name(c.name);
        if (w.mariadb()) {
            w.text(c.invisible ? " IGNORED" : " NOT IGNORED");
        } else {
            w.text(c.invisible ? " INVISIBLE" : " VISIBLE");
        }
    }
    void operator()(const add_foreign_key& c) { w.text("ADD "), w.foreign_key(c.key); }
    void operator()(const drop_foreign_key& c) {
        w.text("DROP FOREIGN KEY ").text(c.if_exists ? "IF EXISTS " : "").name(c.name);
    }
    void operator()(const add_check& c) {
        w.text("ADD ");
        w.element(table_element{table_check{c.check, {}}});
    }
    void operator()(const drop_constraint& c) {
        w.text(c.check_only ? "DROP CHECK " : "DROP CONSTRAINT ");
        w.text(c.if_exists ? "IF EXISTS " : "").name(c.name);
    }
    void operator()(const alter_constraint& c) {
        w.text(c.check_only ? "ALTER CHECK " : "ALTER CONSTRAINT ").name(c.name);
        w.text(c.enforced ? " ENFORCED" : " NOT ENFORCED");
    }
    void operator()(const rename_to& c) { w.text("RENAME TO ").table(c.table); }
    void operator()(const convert_charset& c) {
        w.text("CONVERT TO CHARACTER SET ").charset(c.charset);
        if (!c.collation.empty()) w.text(" COLLATE ").charset(c.collation);
    }
    void operator()(const order_by& c) {
        bool first = true;
        w.text("ORDER BY ");
        for (const order_by::part& p : c.parts) {
            if (!first) w.text(", ");
            first = false;
            w.expr(p.expr);
            if (p.descending) w.text(" DESC");
        }
    }
    void operator()(const set_options& c) { w.options(c.options, " "); }
    void operator()(const simple_alter& c) {
        static constexpr std::string_view texts[] = {
            "ENABLE KEYS",
            "DISABLE KEYS",
            "FORCE",
            "DISCARD TABLESPACE",
            "IMPORT TABLESPACE",
            "WITH VALIDATION",
            "WITHOUT VALIDATION",
            "ADD SYSTEM VERSIONING",
            "DROP SYSTEM VERSIONING",
            "SECONDARY_LOAD",
            "SECONDARY_UNLOAD",
            "REMOVE PARTITIONING",
            "REMOVE TTL",
            "",
        };
        w.text(texts[static_cast<std::size_t>(c.change)]);
    }
    void operator()(const add_period& c) { w.text("ADD "), w.period(c.period); }
    void operator()(const drop_period& c) {
        w.text("DROP PERIOD ").text(c.if_exists ? "IF EXISTS FOR " : "FOR ");
        if (c.name == "SYSTEM_TIME") {
            w.text(c.name);
        } else {
            w.name(c.name);
        }
    }
    void operator()(const alter_execution& c) {
        w.text(c.name == "lock" ? "LOCK=" : "ALGORITHM=").text(c.value);
    }
    void operator()(const partition_change& c) { w.partition_change_text(c); }
    template <class Column>
    void operator()(const Column&) {}  // printed by column_change
};

inline void writer::change(const alter_change& c) {
    column_change(c);
    std::visit(change_printer{*this}, c);
}

inline std::string_view partition_verb(partition_change_kind k) noexcept {
    using kind = partition_change_kind;
    switch (k) {
        case kind::drop:
            return "DROP";
        case kind::truncate:
            return "TRUNCATE";
        case kind::reorganize:
            return "REORGANIZE";
        case kind::coalesce:
            return "COALESCE";
        case kind::analyze:
            return "ANALYZE";
        case kind::check:
            return "CHECK";
        case kind::optimize:
            return "OPTIMIZE";
        case kind::rebuild:
            return "REBUILD";
        case kind::repair:
            return "REPAIR";
        case kind::discard_tablespace:
            return "DISCARD";
        case kind::import_tablespace:
            return "IMPORT";
        default:
            return "ADD";
    }
}

inline void writer::partition_change_text(const partition_change& p) {
    using kind = partition_change_kind;
    const auto list = [&] {
        if (p.all) text(" ALL");
        for (std::size_t i = 0; i < p.names.size(); ++i) text(i == 0 ? " " : ", ").name(p.names[i]);
    };
    const auto validation = [&] {
        if (p.validation) text(*p.validation ? " WITH VALIDATION" : " WITHOUT VALIDATION");
    };
    switch (p.kind) {
        case kind::partition_by:
            partition(*p.clause);
            return;
        case kind::exchange:
            text("EXCHANGE PARTITION ").name(p.names[0]).text(" WITH TABLE ").table(*p.table);
            validation();
            return;
        case kind::convert_to_table:
            text("CONVERT PARTITION ").name(p.names[0]).text(" TO TABLE ").table(*p.table);
            return;
        case kind::convert_from_table: {
            text("CONVERT TABLE ").table(*p.table).text(" TO ");
            const std::size_t at = out_.size();
            partitions(p.partitions, false);
            out_.erase(at, 1);  // the parentheses of a list
            out_.pop_back();
            validation();
            return;
        }
        default:
            break;
    }
    text(partition_verb(p.kind)).text(" PARTITION");
    if (p.if_exists) text(p.kind == kind::add ? " IF NOT EXISTS" : " IF EXISTS");
    if (p.no_write_to_binlog) text(" NO_WRITE_TO_BINLOG");
    list();
    if (p.count) text(p.kind == kind::add ? " PARTITIONS " : " ").number(*p.count);
    if (p.kind == kind::reorganize && !p.names.empty()) text(" INTO");
    if (!p.partitions.empty()) {
        text(" ");
        partitions(p.partitions, false);
    }
    if (p.kind == kind::discard_tablespace || p.kind == kind::import_tablespace) {
        text(" TABLESPACE");
    }
    if (!p.modifiers.empty()) text(" ").text(p.modifiers);
}

inline bool is_partitioning(const alter_change& c) noexcept {
    if (const auto* p = std::get_if<partition_change>(&c)) {
        return p->kind == partition_change_kind::partition_by;
    }
    const auto* s = std::get_if<simple_alter>(&c);
    return s != nullptr && s->change == simple_change::remove_partitioning;
}

inline void writer::alter_table(const alter_table_statement& s) {
    text("ALTER ");
    if (s.online) text("ONLINE ");
    if (s.offline) text("OFFLINE ");
    if (s.ignore) text("IGNORE ");
    text("TABLE ");
    if (s.if_exists) text("IF EXISTS ");
    table(s.table);
    if (!s.wait.empty()) text(" ").text(s.wait);
    bool first = true;
    for (const alter_spec& spec : s.specs) {
        text(first || is_partitioning(spec.change) ? " " : ", ");
        first = false;
        change(spec.change);
    }
}

inline void writer::execution(const std::vector<alter_execution>& list) {
    for (const alter_execution& e : list) {
        text(e.name == "lock" ? " LOCK=" : " ALGORITHM=").text(e.value);
    }
}

inline void writer::create_index(const create_index_statement& s) {
    static constexpr std::string_view kinds[] = {
        "", "UNIQUE ", "", "FULLTEXT ", "SPATIAL ", "VECTOR "};
    text("CREATE ");
    if (s.or_replace) text("OR REPLACE ");
    if (s.online) text("ONLINE ");
    if (s.offline) text("OFFLINE ");
    text(kinds[static_cast<std::size_t>(s.key.kind)]).text("INDEX ");
    if (s.key.if_not_exists) text("IF NOT EXISTS ");
    name(s.key.name).text(" ON ").table(s.table).text(" ");
    key_parts(s.key);
    if (!s.wait.empty()) text(" ").text(s.wait);
    key_options_of(s.key.options);
    execution(s.execution);
}

inline void writer::set(const set_statement& s) {
    bool first = true;
    text("SET ");
    for (const set_assignment& a : s.assignments) {
        if (!first) text(", ");
        first = false;
        if (a.scope == "names" || a.scope == "charset") {
            text(a.scope == "names" ? "NAMES " : "CHARACTER SET ").charset(a.name);
            if (!a.value.is_null()) text(" COLLATE ").charset(a.value.value.text);
            continue;
        }
        if (a.scope == "user") {
            expression target;
            target.kind = expression_kind::user_variable;
            target.name = a.name;
            expr(target);
        } else {
            if (!a.scope.empty()) text(a.scope).text(" ");
            for (std::size_t at = 0; at <= a.name.size();) {
                const std::size_t dot = std::min(a.name.find('.', at), a.name.size());
                if (at > 0) text(".");
                name(std::string_view{a.name}.substr(at, dot - at));
                at = dot + 1;
            }
        }
        text(" = ");
        if (a.value.kind == expression_kind::column && a.value.qualifier.empty()) {
            const keyword k = keyword_of(a.value.name);
            const bool bare = k == k_on || k == k_default || k == k_all || k == k_binary;
            bare ? text(a.value.name) : word(a.value.name);
        } else {
            expr(a.value);
        }
    }
}

/// Prints any statement.
struct statement_printer {
    writer& w;

    void tables(const std::vector<table_name>& list) {
        for (std::size_t i = 0; i < list.size(); ++i) w.text(i == 0 ? "" : ", ").table(list[i]);
    }
    void database_options(const std::vector<table_option>& list) {
        if (list.empty()) return;
        w.text(" ");
        w.options(list, " ");
    }
    void operator()(const other_statement& s) { w.text(s.text); }
    void operator()(const create_table_statement& s) { w.create_table(s); }
    void operator()(const alter_table_statement& s) { w.alter_table(s); }
    void operator()(const drop_table_statement& s) {
        w.text(s.temporary ? "DROP TEMPORARY TABLE " : "DROP TABLE ");
        w.text(s.if_exists ? "IF EXISTS " : "");
        tables(s.tables);
        if (!s.wait.empty()) w.text(" ").text(s.wait);
        if (!s.behaviour.empty()) w.text(" ").text(s.behaviour);
    }
    void operator()(const rename_table_statement& s) {
        w.text("RENAME TABLE ").text(s.if_exists ? "IF EXISTS " : "");
        for (std::size_t i = 0; i < s.pairs.size(); ++i) {
            w.text(i == 0 ? "" : ", ").table(s.pairs[i].from);
            if (!s.pairs[i].wait.empty()) w.text(" ").text(s.pairs[i].wait);
            w.text(" TO ").table(s.pairs[i].to);
        }
    }
    void operator()(const truncate_table_statement& s) {
        w.text("TRUNCATE TABLE ").table(s.table);
        if (!s.wait.empty()) w.text(" ").text(s.wait);
    }
    void operator()(const create_index_statement& s) { w.create_index(s); }
    void operator()(const drop_index_statement& s) {
        w.text("DROP ").text(s.online ? "ONLINE " : "").text(s.offline ? "OFFLINE " : "");
        w.text("INDEX ").text(s.if_exists ? "IF EXISTS " : "").name(s.name);
        w.text(" ON ").table(s.table);
        if (!s.wait.empty()) w.text(" ").text(s.wait);
        w.execution(s.execution);
    }
    void operator()(const create_database_statement& s) {
        w.text("CREATE ").text(s.or_replace ? "OR REPLACE " : "").text("DATABASE ");
        w.text(s.if_not_exists ? "IF NOT EXISTS " : "").name(s.name);
        database_options(s.options);
    }
    void operator()(const alter_database_statement& s) {
        w.text("ALTER DATABASE");
        if (!s.name.empty()) w.text(" ").name(s.name);
        if (s.upgrade_data_directory) w.text(" UPGRADE DATA DIRECTORY NAME");
        database_options(s.options);
    }
    void operator()(const drop_database_statement& s) {
        w.text("DROP DATABASE ").text(s.if_exists ? "IF EXISTS " : "").name(s.name);
    }
    void operator()(const create_sequence_statement& s) {
        w.text("CREATE ").text(s.or_replace ? "OR REPLACE " : "");
        w.text(s.temporary ? "TEMPORARY " : "").text("SEQUENCE ");
        w.text(s.if_not_exists ? "IF NOT EXISTS " : "").table(s.name);
        if (!s.options.empty()) w.text(" ").text(s.options);
    }
    void operator()(const alter_sequence_statement& s) {
        w.text("ALTER SEQUENCE ").text(s.if_exists ? "IF EXISTS " : "").table(s.name);
        w.text(" ").text(s.options);
    }
    void operator()(const drop_sequence_statement& s) {
        w.text("DROP ").text(s.temporary ? "TEMPORARY " : "").text("SEQUENCE ");
        w.text(s.if_exists ? "IF EXISTS " : "");
        tables(s.names);
    }
    void operator()(const use_statement& s) { w.text("USE ").name(s.schema); }
    void operator()(const set_statement& s) { w.set(s); }
};

inline void writer::statement_text(const statement& s) {
    std::visit(statement_printer{*this}, s.node);
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
