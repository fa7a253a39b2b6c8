#pragma once

#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/impl/internal/column_kinds.hpp>

#include <algorithm>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

/// Writes down what each change of an ALTER TABLE counts as.
class part_writer {
public:
    part_writer(const sql::alter_table_statement& alter,
                const schema::table* before,
                const schema::table* after)
        : alter_(alter), before_(before), after_(after) {}

    std::vector<ddl_part> write() {
        std::size_t changes = 0;
        for (const auto& spec : alter_.specs) {
            const std::size_t had = out_.size();
            std::visit(*this, spec.change);
            if (out_.size() != had) ++changes;
        }
        if (changes > 1) {
            for (ddl_part& part : out_) part.kinds.push_back(event_kind::multi_schema_change);
        }
        return std::move(out_);
    }

    // Columns.
    void operator()(const sql::add_column& c) { add({event_kind::add_column}, made_by(c.column)); }
    void operator()(const sql::add_columns& c) {
        kind_list also;
        bool has_column = false;
        for (const auto& element : c.elements) {
            const auto* column = std::get_if<sql::column_definition>(&element);
            if (column == nullptr) continue;
            has_column = true;
            for (const event_kind k : made_by(*column)) add_kind(also, k);
        }
        if (has_column) add({event_kind::add_column}, std::move(also));
        for (const auto& element : c.elements) {
            if (const auto* k = std::get_if<sql::key_definition>(&element)) add_key(k->kind);
            if (std::holds_alternative<sql::foreign_key_definition>(element)) add_foreign_key();
            if (std::holds_alternative<sql::table_check>(element))
                add({event_kind::modify_constraint});
        }
    }
    void operator()(const sql::modify_column& c) {
        change_column(c.column.name, c.column, c.position);
    }
    void operator()(const sql::change_column& c) {
        change_column(c.old_name, c.column, c.position);
    }
    void operator()(const sql::drop_column& c) {
        add({event_kind::drop_column}, lost_with(c.name));
    }
    void operator()(const sql::rename_column&) { add({event_kind::rename_column}); }
    void operator()(const sql::alter_column& c) {
        switch (c.action) {
            case sql::alter_column_action::set_default:
                return add({event_kind::set_default_value, event_kind::modify_default_value});
            case sql::alter_column_action::drop_default:
                return add({event_kind::modify_default_value, event_kind::set_default_value});
            default:
                return add({event_kind::other});
        }
    }

    // Keys and constraints.
    void operator()(const sql::add_key& k) { add_key(k.key.kind); }
    void operator()(const sql::drop_key& k) { add(kinds_of_drop(before_, k.name)); }
    void operator()(const sql::drop_primary_key&) { add({event_kind::drop_primary_key}); }
    void operator()(const sql::rename_key&) { add({event_kind::rename_index}); }
    void operator()(const sql::alter_key&) { add({event_kind::alter_index_visibility}); }
    void operator()(const sql::add_foreign_key&) { add_foreign_key(); }
    void operator()(const sql::drop_foreign_key&) { add({event_kind::drop_foreign_key}); }
    void operator()(const sql::add_check&) { add({event_kind::modify_constraint}); }
    void operator()(const sql::alter_constraint&) { add({event_kind::modify_constraint}); }
    void operator()(const sql::drop_constraint& c) {
        kind_list kinds{event_kind::modify_constraint};
        if (before_ != nullptr && !c.check_only) {
            const auto is_it = [&](const auto& x) { return schema::same_name(x.name, c.name); };
            const auto& keys = before_->foreign_keys;
            if (std::any_of(keys.begin(), keys.end(), is_it))
                kinds.push_back(event_kind::drop_foreign_key);
            if (before_->find_key(c.name) != schema::npos) {
                for (const event_kind k : kinds_of_drop(before_, c.name)) add_kind(kinds, k);
            }
        }
        add(std::move(kinds));
    }

    // The table.
    void operator()(const sql::rename_to&) { add({event_kind::rename_table}); }
    void operator()(const sql::convert_charset& c) {
        kind_list kinds{event_kind::modify_table_charset_and_collate, event_kind::modify_charset};
        kind_list also;
        (c.collation.empty() ? also : kinds).push_back(event_kind::modify_collation);
        add(std::move(kinds), std::move(also));
    }
    void operator()(const sql::set_options& o) {
        kind_list charset;
        kind_list others;
        for (const sql::table_option& option : o.options) {
            if (option.kind == sql::table_option_kind::charset) {
                charset.push_back(event_kind::modify_charset);
            } else if (option.kind == sql::table_option_kind::collate) {
                charset.push_back(event_kind::modify_collation);
            } else {
                add_kind(others, kind_of_option(option.kind));
            }
        }
        if (!charset.empty()) {
            kind_list kinds{event_kind::modify_table_charset_and_collate};
            for (const event_kind k : charset) add_kind(kinds, k);
            add(std::move(kinds));
        }
        for (const event_kind k : others) add({k});
    }
    void operator()(const sql::simple_alter& a) {
        switch (a.change) {
            case sql::simple_change::remove_partitioning:
                return add({event_kind::remove_table_partitioning});
            case sql::simple_change::remove_ttl:
                return add({event_kind::alter_ttl_remove});
            case sql::simple_change::with_validation:
            case sql::simple_change::without_validation:
            case sql::simple_change::none:
                return;  // how, not what
            default:
                return add({event_kind::other});
        }
    }
    void operator()(const sql::alter_execution&) {}  // how, not what
    void operator()(const sql::partition_change& p) {
        switch (p.kind) {
            case sql::partition_change_kind::partition_by:
                return add({event_kind::alter_table_partitioning});
            case sql::partition_change_kind::add:
                return add({event_kind::add_table_partition});
            case sql::partition_change_kind::drop:
                return add({event_kind::drop_table_partition});
            case sql::partition_change_kind::truncate:
                return add({event_kind::truncate_table_partition});
            case sql::partition_change_kind::reorganize:
                if (!p.names.empty() && p.partitions.size() > p.names.size()) {
                    return add({event_kind::reorganize_table_partition,
                                event_kind::split_table_partition});
                }
                return add({event_kind::reorganize_table_partition});
            case sql::partition_change_kind::rebuild:
                return add({event_kind::rebuild_table_partition});
            case sql::partition_change_kind::coalesce:
                return add({event_kind::coalesce_table_partition});
            case sql::partition_change_kind::exchange:
                return add({event_kind::exchange_table_partition});
            default:
                return add({event_kind::other});
        }
    }
    template <class Other>
    void operator()(const Other&) {
        add({event_kind::other});
    }

    /// What the drop of a key counts as; all that is known without a definition is PRIMARY.
    static kind_list kinds_of_drop(const schema::table* before, const std::string& name) {
        if (schema::same_name(name, "PRIMARY"))
            return {event_kind::drop_primary_key, event_kind::drop_index};
        const std::size_t at = before == nullptr ? schema::npos : before->find_key(name);
        if (at != schema::npos && before->keys[at].is_unique())
            return {event_kind::drop_unique_key, event_kind::drop_index};
        return {event_kind::drop_index};
    }

private:
    void add(kind_list kinds, kind_list also = {}) {
        out_.emplace_back(std::move(kinds), std::move(also));
    }
    void add_key(sql::key_kind kind) {
        if (kind == sql::key_kind::primary)
            return add({event_kind::add_primary_key, event_kind::modify_constraint});
        if (kind == sql::key_kind::unique)
            return add({event_kind::create_index, event_kind::modify_constraint});
        add({event_kind::create_index});
    }
    void add_foreign_key() { add({event_kind::add_foreign_key, event_kind::modify_constraint}); }

    static event_kind kind_of_option(sql::table_option_kind kind) {
        switch (kind) {
            case sql::table_option_kind::engine:
                return event_kind::modify_storage_engine;
            case sql::table_option_kind::comment:
                return event_kind::modify_table_comment;
            case sql::table_option_kind::auto_increment:
                return event_kind::rebase_auto_id;
            case sql::table_option_kind::ttl:
            case sql::table_option_kind::ttl_enable:
            case sql::table_option_kind::ttl_job_interval:
                return event_kind::alter_ttl_info;
            default:
                return event_kind::other;
        }
    }

    /// What a column's own words make besides the column.
    static kind_list made_by(const sql::column_definition& c) {
        kind_list out;
        if (c.primary_key) add_kind(out, event_kind::add_primary_key);
        if (c.unique || c.type.kind == sql::type_kind::serial)
            add_kind(out, event_kind::create_index);
        if (c.references) add_kind(out, event_kind::add_foreign_key);
        if (!out.empty() || !c.checks.empty()) add_kind(out, event_kind::modify_constraint);
        return out;
    }

    /// Unique keys that are gone with a column.
    kind_list lost_with(const std::string& column) const {
        kind_list out;
        if (before_ == nullptr || after_ == nullptr) return out;
        for (const schema::key& k : before_->keys) {
            const bool has = std::any_of(k.parts.begin(), k.parts.end(), [&](const auto& part) {
                return schema::same_name(part.column, column);
            });
            if (!has || !k.is_unique() || after_->find_key(k.name) != schema::npos) continue;
            add_kind(out,
                     k.kind == sql::key_kind::primary ? event_kind::drop_primary_key
                                                      : event_kind::drop_unique_key);
        }
        return out;
    }

    void change_column(const std::string& name,
                       const sql::column_definition& to,
                       const sql::column_position& position) {
        const bool placed = position.place != sql::column_place::unspecified;
        kind_list also;
        const std::size_t old_at = before_ == nullptr ? schema::npos : before_->find_column(name);
        const std::size_t new_at = after_ == nullptr ? schema::npos : after_->find_column(to.name);
        if (old_at == schema::npos || new_at == schema::npos) {
            // By its words alone.
            kind_list kinds;
            if (!schema::same_name(name, to.name)) kinds.push_back(event_kind::rename_column);
            if (placed) kinds.push_back(event_kind::modify_columns_order);
            kinds.push_back(event_kind::modify_column);
            also.assign(kinds.begin() + 1, kinds.end());
            kinds.resize(1);
            return add(std::move(kinds), std::move(also));
        }
        const schema::column& was = before_->columns[old_at];
        const schema::column& is = after_->columns[new_at];
        kind_list kinds = type_kinds(was, is);
        kind_list attributes = attribute_kinds(was, is, placed && moved(to.name));
        if (kinds.empty() && !attributes.empty()) {
            kinds.push_back(attributes.front());
            attributes.erase(attributes.begin());
        }
        if (kinds.empty()) kinds.push_back(event_kind::other);
        also = std::move(attributes);
        for (const event_kind k : made_by(to)) add_kind(also, k);
        add(std::move(kinds), std::move(also));
    }

    /// The name that a column of the old definition has in the new one.
    const std::string& new_name_of(const std::string& name) const {
        for (const auto& spec : alter_.specs) {
            if (const auto* c = std::get_if<sql::change_column>(&spec.change);
                c != nullptr && schema::same_name(c->old_name, name))
                return c->column.name;
            if (const auto* r = std::get_if<sql::rename_column>(&spec.change);
                r != nullptr && schema::same_name(r->old_name, name))
                return r->new_name;
        }
        return name;
    }

    /// Whether another column of the old definition stands before it than did.
    bool moved(const std::string& name) const {
        std::vector<std::string_view> old_order;
        for (const schema::column& c : before_->columns) {
            const std::string& now = new_name_of(c.name);
            if (after_->find_column(now) != schema::npos) old_order.push_back(now);
        }
        std::vector<std::string_view> new_order;
        for (const schema::column& c : after_->columns) {
            if (std::any_of(old_order.begin(), old_order.end(), [&](std::string_view old) {
                    return schema::same_name(old, c.name);
                }))
                new_order.push_back(c.name);
        }
        const auto before_it = [&](const std::vector<std::string_view>& order) {
            std::string_view last;
            for (const std::string_view n : order) {
                if (schema::same_name(n, name)) break;
                last = n;
            }
            return last;
        };
        return !schema::same_name(before_it(old_order), before_it(new_order));
    }

    const sql::alter_table_statement& alter_;
    const schema::table* before_;
    const schema::table* after_;
    std::vector<ddl_part> out_;
};

/// Parts of statements that are no ALTER TABLE.
inline std::vector<ddl_part> other_parts(const sql::statement& s, const schema::table* before) {
    std::vector<ddl_part> out;
    if (const auto* d = s.get<sql::drop_index_statement>()) {
        auto kinds = part_writer::kinds_of_drop(before, d->name);
        if (kinds.size() > 1) out.emplace_back(std::move(kinds), kind_list{});
    } else if (const auto* a = s.get<sql::alter_database_statement>()) {
        const bool any = std::any_of(a->options.begin(), a->options.end(), [](const auto& o) {
            return o.kind == sql::table_option_kind::charset ||
                   o.kind == sql::table_option_kind::collate;
        });
        if (any) out.emplace_back(event_kind::modify_schema_charset_and_collate);
    } else if (const auto* c = s.get<sql::create_index_statement>()) {
        const bool gone =
            c->or_replace && before != nullptr && before->find_key(c->key.name) != schema::npos;
        const bool unique = c->key.kind == sql::key_kind::unique;
        if (gone || unique) {
            kind_list kinds{event_kind::create_index};
            if (unique) kinds.push_back(event_kind::modify_constraint);  // as ADD UNIQUE
            kind_list also;
            if (gone) also = part_writer::kinds_of_drop(before, c->key.name);
            out.emplace_back(std::move(kinds), std::move(also));
        }
    } else if (const auto* t = s.get<sql::create_table_statement>()) {
        if (t->or_replace && before != nullptr)
            out.emplace_back(kind_list{event_kind::create_table},
                             kind_list{event_kind::drop_table});
    }
    return out;
}

inline const table_name* table_of(const sql::statement& s) {
    if (const auto* a = s.get<sql::alter_table_statement>()) return &a->table;
    if (const auto* d = s.get<sql::drop_index_statement>()) return &d->table;
    if (const auto* c = s.get<sql::create_index_statement>()) return &c->table;
    if (const auto* t = s.get<sql::create_table_statement>()) return &t->table;
    return nullptr;
}

/// Changes of columns, which the new definition tells more of.
inline bool changes_columns(const sql::statement& s) {
    const auto* alter = s.get<sql::alter_table_statement>();
    return alter != nullptr &&
           std::any_of(alter->specs.begin(), alter->specs.end(), [](const auto& spec) {
               return std::holds_alternative<sql::modify_column>(spec.change) ||
                      std::holds_alternative<sql::change_column>(spec.change) ||
                      std::holds_alternative<sql::drop_column>(spec.change);
           });
}

/// The table that `alter` leaves, under its old or new name; null where it is not there.
inline const schema::table* left_by(const sql::alter_table_statement& alter,
                                    const schema::resolved_change& change,
                                    const schema::catalog& known) {
    const auto find = [&](const table_name& n) -> const schema::table* {
        for (const schema::table& t : change.changed) {
            if (known.folded(t.schema) == known.folded(n.schema) &&
                known.folded(t.name) == known.folded(n.table))
                return &t;
        }
        return nullptr;
    };
    for (const auto& spec : alter.specs) {
        if (const auto* r = std::get_if<sql::rename_to>(&spec.change)) return find(r->table);
    }
    return find(alter.table);
}

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

DMLIB_DECL std::vector<ddl_part> parts_of(const sql::statement& s,
                                          const schema::table* before,
                                          const schema::table* after) {
    if (const auto* alter = s.get<sql::alter_table_statement>())
        return internal::part_writer(*alter, before, after).write();
    return internal::other_parts(s, before);
}

DMLIB_DECL std::vector<ddl_part> parts_of(const sql::statement& s,
                                          const schema::catalog& known,
                                          const schema::resolve_options& options) {
    if (const auto* c = s.get<sql::create_database_statement>();
        c != nullptr && c->or_replace && known.find_schema(c->name) != nullptr)
        return {ddl_part({event_kind::create_database}, {event_kind::drop_database})};
    const table_name* name = internal::table_of(s);
    if (name == nullptr) return parts_of(s);
    const auto before = known.find(name->schema, name->table);
    if (before == nullptr || !internal::changes_columns(s)) return parts_of(s, before.get());
    const auto change = schema::resolve(s, known, options);
    if (!change) return parts_of(s, before.get());
    return parts_of(
        s, before.get(), internal::left_by(*s.get<sql::alter_table_statement>(), *change, known));
}

DMLIB_DECL bool parts_need_definition(const sql::statement& s) {
    if (s.get<sql::drop_index_statement>() != nullptr || internal::changes_columns(s)) return true;
    if (const auto* c = s.get<sql::create_index_statement>()) return c->or_replace;
    if (const auto* t = s.get<sql::create_table_statement>()) return t->or_replace;
    const auto* alter = s.get<sql::alter_table_statement>();
    return alter != nullptr &&
           std::any_of(alter->specs.begin(), alter->specs.end(), [](const auto& spec) {
               return std::holds_alternative<sql::drop_key>(spec.change) ||
                      std::holds_alternative<sql::drop_constraint>(spec.change);
           });
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
