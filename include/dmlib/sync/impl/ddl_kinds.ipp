#pragma once

#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/ddl_kinds.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

struct part_kind {
    event_kind operator()(const sql::add_column&) const { return event_kind::add_column; }
    event_kind operator()(const sql::add_columns&) const { return event_kind::add_column; }
    event_kind operator()(const sql::modify_column& c) const {
        return c.position.place == sql::column_place::unspecified
                   ? event_kind::modify_column
                   : event_kind::modify_columns_order;
    }
    event_kind operator()(const sql::change_column& c) const {
        return c.old_name == c.column.name ? event_kind::modify_column : event_kind::rename_column;
    }
    event_kind operator()(const sql::drop_column&) const { return event_kind::drop_column; }
    event_kind operator()(const sql::rename_column&) const { return event_kind::rename_column; }
    event_kind operator()(const sql::alter_column& c) const {
        return c.action == sql::alter_column_action::set_default ? event_kind::set_default_value
                                                                 : event_kind::modify_default_value;
    }
    event_kind operator()(const sql::add_key& k) const {
        return k.key.kind == sql::key_kind::primary ? event_kind::add_primary_key
                                                    : event_kind::create_index;
    }
    event_kind operator()(const sql::drop_key&) const { return event_kind::drop_index; }
    event_kind operator()(const sql::drop_primary_key&) const {
        return event_kind::drop_primary_key;
    }
    event_kind operator()(const sql::rename_key&) const { return event_kind::rename_index; }
    event_kind operator()(const sql::alter_key&) const {
        return event_kind::alter_index_visibility;
    }
    event_kind operator()(const sql::add_foreign_key&) const { return event_kind::add_foreign_key; }
    event_kind operator()(const sql::drop_foreign_key&) const {
        return event_kind::drop_foreign_key;
    }
    event_kind operator()(const sql::add_check&) const { return event_kind::modify_constraint; }
    event_kind operator()(const sql::drop_constraint&) const {
        return event_kind::modify_constraint;
    }
    event_kind operator()(const sql::alter_constraint&) const {
        return event_kind::modify_constraint;
    }
    event_kind operator()(const sql::rename_to&) const { return event_kind::rename_table; }
    event_kind operator()(const sql::convert_charset&) const {
        return event_kind::modify_table_charset_and_collate;
    }
    event_kind operator()(const sql::simple_alter& a) const {
        return a.change == sql::simple_change::remove_partitioning
                   ? event_kind::remove_table_partitioning
                   : event_kind::other;
    }
    event_kind operator()(const sql::partition_change& p) const {
        switch (p.kind) {
            case sql::partition_change_kind::partition_by:
                return event_kind::alter_table_partitioning;
            case sql::partition_change_kind::add:
                return event_kind::add_table_partition;
            case sql::partition_change_kind::drop:
                return event_kind::drop_table_partition;
            case sql::partition_change_kind::truncate:
                return event_kind::truncate_table_partition;
            case sql::partition_change_kind::reorganize:
                return event_kind::reorganize_table_partition;
            case sql::partition_change_kind::rebuild:
                return event_kind::rebuild_table_partition;
            case sql::partition_change_kind::coalesce:
                return event_kind::coalesce_table_partition;
            case sql::partition_change_kind::exchange:
                return event_kind::exchange_table_partition;
            default:
                return event_kind::other;
        }
    }
    template <class Other>
    event_kind operator()(const Other&) const {
        return event_kind::other;
    }
};

}  // namespace internal

DMLIB_DECL event_kind kind_of(const sql::statement& s) noexcept {
    switch (s.kind) {
        case sql::statement_kind::create_table:
        case sql::statement_kind::create_sequence:
            return event_kind::create_table;
        case sql::statement_kind::alter_table:
        case sql::statement_kind::alter_sequence:
            return event_kind::alter_table;
        case sql::statement_kind::drop_table:
        case sql::statement_kind::drop_sequence:
            return event_kind::drop_table;
        case sql::statement_kind::rename_table:
            return event_kind::rename_table;
        case sql::statement_kind::truncate_table:
            return event_kind::truncate_table;
        case sql::statement_kind::create_index:
            return event_kind::create_index;
        case sql::statement_kind::drop_index:
            return event_kind::drop_index;
        case sql::statement_kind::create_database:
            return event_kind::create_database;
        case sql::statement_kind::alter_database:
            return event_kind::alter_database;
        case sql::statement_kind::drop_database:
            return event_kind::drop_database;
        case sql::statement_kind::create_view:
            return event_kind::create_view;
        case sql::statement_kind::drop_view:
            return event_kind::drop_view;
        default:
            return event_kind::other;
    }
}

DMLIB_DECL std::vector<event_kind> parts_of(const sql::statement& s) {
    std::vector<event_kind> out;
    const auto* alter = s.get<sql::alter_table_statement>();
    if (alter == nullptr) return out;
    for (const auto& spec : alter->specs)
        out.push_back(std::visit(internal::part_kind{}, spec.change));
    return out;
}

DMLIB_DECL std::vector<table_name> subjects_of(const sql::statement& s) {
    std::vector<table_name> out;
    const auto add = [&](const table_name& n) {
        if (std::find(out.begin(), out.end(), n) == out.end()) out.push_back(n);
    };
    if (const auto* c = s.get<sql::create_database_statement>()) add({c->name, ""});
    if (const auto* c = s.get<sql::alter_database_statement>()) add({c->name, ""});
    if (const auto* c = s.get<sql::drop_database_statement>()) add({c->name, ""});
    sql::visit_tables(s, [&](const table_name& n, sql::name_role role) {
        if (role == sql::name_role::subject || role == sql::name_role::new_name ||
            role == sql::name_role::member)
            add(n);
    });
    return out;
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
