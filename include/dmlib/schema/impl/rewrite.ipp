#pragma once

#include <dmlib/schema/impl/internal/target_diff.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/sql/printer.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct ddl_rewriter {
    const sql::statement& statement;
    const resolved_change& change;
    const catalog& before;
    const catalog& after;
    const server_kind& server;
    const target_facts& facts;
    const route_function& route;
    const target_rules rules;
    target_ddl out;

    table_name routed(const table_name& name) const { return route ? route(name) : name; }

    void add_step(std::string text,
                  table_name name,
                  std::vector<int> already_done,
                  bool idempotent = false) {
        target_step step;
        step.statement = std::move(text);
        step.table = std::move(name);
        step.already_done = std::move(already_done);
        step.idempotent = idempotent;
        out.steps.push_back(std::move(step));
    }

    target_table form(const table& t) {
        target_table made = create_for_target(t, server, facts, route);
        out.errors.insert(out.errors.end(), made.errors.begin(), made.errors.end());
        return made;
    }
    void warn(const table_name& name, const std::vector<std::string>& list) {
        for (const std::string& text : list) {
            const std::string whole = quoted(name) + ": " + text;
            if (std::find(out.warnings.begin(), out.warnings.end(), whole) == out.warnings.end()) {
                out.warnings.push_back(whole);
            }
        }
    }

    void run() {
        if (!change.changes_anything()) {
            if (!sql::is_table_ddl(statement.kind)) {
                out.notices.push_back("left out: " + std::string(sql::name_of(statement.kind)) +
                                      " changes no table");
            }
            return;
        }
        schemas_created();
        if (statement.get<sql::rename_table_statement>() != nullptr) {
            rename_tables();
            return;
        }
        drops();
        for (const table& t : change.created) {
            if (!is_converted(t.full_name())) create(t);
        }
        for (const table& t : change.changed) alter(t);
        for (const table_name& name : change.truncated) {
            const table_name to = routed(name);
            add_step("TRUNCATE TABLE " + quoted(to), to, {}, true);
        }
        schemas_dropped();
    }

    // ---- schemas

    void schemas_created() {
        for (const database& db : change.schemas_created) {
            const std::string name = routed({db.name, {}}).schema;
            add_step(create_schema_for_target(db, name, server, facts), {name, {}}, {1007}, true);
        }
        for (const database& db : change.schemas_altered) {
            const std::string name = routed({db.name, {}}).schema;
            std::string text = create_schema_for_target(db, name, server, facts);
            text.replace(0, std::string("CREATE DATABASE IF NOT EXISTS").size(), "ALTER DATABASE");
            // TiDB cannot change every default; what is created later states its own anyway.
            if (rules.tidb()) {
                out.notices.push_back("left out: the default charset of database " + name);
                continue;
            }
            add_step(std::move(text), {name, {}}, {}, true);
        }
    }

    void schemas_dropped() {
        for (const std::string& name : change.schemas_dropped) {
            const std::string to = routed({name, {}}).schema;
            if (to != name) {
                // Other schemas may be routed there as well: only this one's tables go.
                out.notices.push_back("database " + to + " stays: it may hold tables of others");
                continue;
            }
            add_step("DROP DATABASE IF EXISTS " + quoted_identifier(to), {to, {}}, {1008}, true);
        }
    }

    // ---- whole tables

    bool renamed_away(const table_name& name) const {
        return std::any_of(change.renamed.begin(),
                           change.renamed.end(),
                           [&](const table_rename& r) { return r.from == name; });
    }

    /// A table that CONVERT PARTITION makes, or CONVERT TABLE takes up: that statement is sent.
    bool is_converted(const table_name& name) const {
        using kind = sql::partition_change_kind;
        const auto* const alter = statement.get<sql::alter_table_statement>();
        if (alter == nullptr) return false;
        return std::any_of(alter->specs.begin(), alter->specs.end(), [&](const auto& spec) {
            const auto* const p = std::get_if<sql::partition_change>(&spec.change);
            return p != nullptr && p->table && same_name(p->table->table, name.table) &&
                   (p->kind == kind::convert_to_table || p->kind == kind::convert_from_table);
        });
    }

    void drops() {
        for (const table_name& name : change.dropped) {
            if (renamed_away(name) || is_converted(name)) continue;
            drop_one(name);
        }
    }
    void drop_one(const table_name& name) {
        const auto known = before.find(name.schema, name.table);
        if (known != nullptr && (known->is_sequence || known->is_view)) return;
        const table_name to = routed(name);
        add_step("DROP TABLE IF EXISTS " + quoted(to), to, {1051}, true);
    }

    void create(const table& t) {
        if (t.is_sequence) {
            out.notices.push_back("left out: sequence " + quoted(t.full_name()));
            return;
        }
        target_table made = form(t);
        warn(t.full_name(), made.warnings);
        if (!made.errors.empty()) return;
        // CREATE OR REPLACE
        if (before.find(t.schema, t.name) != nullptr) drop_one(t.full_name());
        add_step(made.statement, made.definition.full_name(), {1050});
        out.steps.back().wanted = std::make_shared<const table>(std::move(made.definition));
    }

    /// The target's servers refuse such a rename: the name is taken, by the table itself.
    bool is_one_name(const table_name& a, const table_name& b) const {
        return facts.folds_names && same_name(a.schema, b.schema) && same_name(a.table, b.table);
    }

    void rename_tables() {
        const auto* const s = statement.get<sql::rename_table_statement>();
        std::string text;
        table_name first;
        // Sequences are left out as they are made; a name may pass from one to the other here.
        std::vector<std::pair<table_name, bool>> passed;
        const auto is_sequence = [&](const table_name& name) {
            for (std::size_t i = passed.size(); i-- > 0;) {
                if (passed[i].first == name) return passed[i].second;
            }
            const auto known = before.find(name.schema, name.table);
            return known != nullptr && known->is_sequence;
        };
        // In the order of the statement, with the names that `change` resolved.
        for (std::size_t i = 0; i < change.renamed.size() && i < s->pairs.size(); ++i) {
            passed.emplace_back(change.renamed[i].to, is_sequence(change.renamed[i].from));
            if (passed.back().second) {
                out.notices.push_back("left out: sequence " + quoted(change.renamed[i].from));
                continue;
            }
            const table_name from = routed(change.renamed[i].from);
            const table_name to = routed(change.renamed[i].to);
            if (from == to || is_one_name(from, to)) continue;
            text += (text.empty() ? "RENAME TABLE " : ", ") + quoted(from) + " TO " + quoted(to);
            if (first.table.empty()) first = from;
        }
        if (text.empty()) return;
        add_step(std::move(text), first, {1050, 1146, 1017});
        for (const table_rename& r : change.renamed) rename_leftovers(r);
    }

    /// Names of constraints that the source renames with their table and this target does not:
    /// made anew, so that a later DROP finds them.
    void rename_leftovers(const table_rename& r) {
        const auto old = before.find(r.from.schema, r.from.table);
        const auto now = after.find(r.to.schema, r.to.table);
        if (old == nullptr || now == nullptr) return;
        target_table from = create_for_target(*old, server, facts, route);
        const target_table to = create_for_target(*now, server, facts, route);
        follow_names(from.definition, old->name, now->name);
        std::vector<alter_clause> clauses;
        for (const foreign_key& a : from.definition.foreign_keys) {
            for (const foreign_key& b : to.definition.foreign_keys) {
                if (same_name(a.name, b.name) || a.columns != b.columns ||
                    a.ref_columns != b.ref_columns ||
                    generated_number(b.name, now->name, "_ibfk_") !=
                        generated_number(a.name, old->name, "_ibfk_")) {
                    continue;
                }
                clauses.push_back({"DROP FOREIGN KEY " + quoted_identifier(a.name), {1091}});
                clauses.push_back({"ADD " + target_writer::foreign_key_text(b), {1826, 1061}});
            }
        }
        for (const check_constraint& a : from.definition.checks) {
            for (const check_constraint& b : to.definition.checks) {
                if (same_name(a.name, b.name) || a.expression != b.expression) continue;
                if (find_named(to.definition, a.name) || find_named(from.definition, b.name))
                    continue;
                clauses.push_back({"DROP CONSTRAINT " + quoted_identifier(a.name), {1091, 3940}});
                clauses.push_back({"ADD " + target_writer::check_text(b), {3822, 1826}});
            }
        }
        emit(clauses, routed(r.to), to.definition);
    }

    static bool find_named(const table& t, const std::string& name) {
        return std::any_of(t.checks.begin(), t.checks.end(), [&](const check_constraint& c) {
            return same_name(c.name, name);
        });
    }

    // ---- ALTER TABLE

    const table_rename* rename_of(const table_name& now) const {
        for (const table_rename& r : change.renamed) {
            if (r.to == now) return &r;
        }
        return nullptr;
    }

    void alter(const table& t) {
        if (t.is_sequence) return;
        const table_name now = t.full_name();
        const table_rename* const rename = rename_of(now);
        const table_name was = rename == nullptr ? now : rename->from;
        const auto old = before.find(was.schema, was.table);
        if (old == nullptr) return create(t);
        const bool named = is_subject(was) || rename != nullptr;
        // A child whose parent was renamed follows by itself on the target too.
        if (!named) return;
        alter_known(*old, t, rename);
    }

    bool is_subject(const table_name& name) const {
        bool found = false;
        sql::visit_tables(statement, [&](const table_name& written, sql::name_role role) {
            found =
                found || (role == sql::name_role::subject && same_name(written.table, name.table));
        });
        return found;
    }

    void alter_known(const table& old, const table& t, const table_rename* rename) {
        target_table from = create_for_target(old, server, facts, route);
        target_table to = form(t);
        if (!to.errors.empty()) return;
        std::map<std::string, std::string> renamed;
        for (const column_rename& r : change.renamed_columns) {
            if (r.table == t.full_name()) renamed[folded_name(r.from)] = r.to;
        }
        // One that is made anew under the same name has nothing of the old one's values.
        if (const auto* const s = statement.get<sql::alter_table_statement>()) {
            for (const auto& spec : s->specs) {
                if (const auto* const gone = std::get_if<sql::drop_column>(&spec.change))
                    renamed[folded_name(gone->name)] = no_name;
            }
        }
        from.definition.schema = to.definition.schema;
        from.definition.name = to.definition.name;
        if (rename != nullptr) follow_names(from.definition, old.name, t.name);
        target_differ differ(rules, from.definition, to.definition, renamed);
        differ.run();
        warn(t.full_name(), new_warnings(from.warnings, to.warnings));
        warn(t.full_name(), differ.warnings);
        out.errors.insert(out.errors.end(), differ.errors.begin(), differ.errors.end());
        if (!out.errors.empty()) return;
        const table_name target_old = routed(old.full_name());
        if (rules.tidb() && (differ.primary_key_changes || differ.charset_changes)) {
            rebuild(from.definition, to.definition, renamed, target_old);
        } else {
            emit(differ.clauses, target_old, to.definition);
        }
        partitions(target_old, from.definition, to.definition);
        const table_name target_new = to.definition.full_name();
        if (target_new != target_old && !is_one_name(target_old, target_new)) {
            add_step("RENAME TABLE " + quoted(target_old) + " TO " + quoted(target_new),
                     target_old,
                     {1050, 1146, 1017});
        }
    }

    /// The servers rename generated constraint names with the table.
    void follow_names(table& t, const std::string& from, const std::string& to) const {
        for (foreign_key& fk : t.foreign_keys) {
            if (rules.tidb()) break;  // TiDB keeps the old names
            if (const int n = generated_number(fk.name, from, "_ibfk_")) {
                fk.name = to + "_ibfk_" + std::to_string(n);
            }
        }
        for (check_constraint& c : t.checks) {
            if (rules.mariadb()) break;
            if (const int n = generated_number(c.name, from, "_chk_")) {
                c.name = to + "_chk_" + std::to_string(n);
            }
        }
    }

    static std::vector<std::string> new_warnings(const std::vector<std::string>& old,
                                                 const std::vector<std::string>& now) {
        std::vector<std::string> fresh;
        for (const std::string& text : now) {
            if (std::find(old.begin(), old.end(), text) == old.end()) fresh.push_back(text);
        }
        return fresh;
    }

    /// One statement where the target does them at once, one a change on TiDB.
    void emit(const std::vector<alter_clause>& clauses,
              const table_name& name,
              const table& definition) {
        if (clauses.empty()) return;
        const auto wanted = std::make_shared<const table>(definition);
        const auto goal = [](const alter_clause& c) {
            return target_change{c.text, c.kind, c.name, c.to};
        };
        const std::string head = "ALTER TABLE " + quoted(name) + " ";
        if (rules.tidb()) {
            for (const alter_clause& clause : clauses) {
                add_step(
                    head + clause.text, name, clause.already_done, clause.already_done.empty());
                out.steps.back().wanted = wanted;
                out.steps.back().changes = {goal(clause)};
            }
            return;
        }
        std::string text = head;
        std::vector<int> done;
        bool idempotent = true;
        for (std::size_t i = 0; i < clauses.size(); ++i) {
            if (i != 0) text += ", ";
            text += clauses[i].text;
            idempotent = idempotent && clauses[i].already_done.empty();
            // The whole statement is done or not at all, so its first complaint tells.
            done.insert(done.end(), clauses[i].already_done.begin(), clauses[i].already_done.end());
        }
        add_step(std::move(text), name, std::move(done), idempotent);
        out.steps.back().wanted = wanted;
        for (const alter_clause& clause : clauses) out.steps.back().changes.push_back(goal(clause));
    }

    /// TiDB cannot change a clustered primary key: a new table takes the rows and the name.
    void rebuild(const table& from,
                 const table& to,
                 const std::map<std::string, std::string>& renamed,
                 const table_name& name) {
        table fresh = to;
        fresh.schema = name.schema;
        fresh.name = "_dmlib_new_" + name.table;
        const table_name fresh_name = fresh.full_name();
        const table_name old_name{name.schema, "_dmlib_old_" + name.table};
        std::string targets;
        std::string sources;
        for (const column& c : from.columns) {
            const auto found = renamed.find(folded_name(c.name));
            const std::string now = found == renamed.end() ? c.name : found->second;
            const std::size_t at = to.find_column(now);
            if (at == npos || to.columns[at].is_generated()) continue;
            targets += (targets.empty() ? "" : ", ") + quoted_identifier(now);
            sources += (sources.empty() ? "" : ", ") + quoted_identifier(c.name);
        }
        for (foreign_key& fk : fresh.foreign_keys) fk.name = "_dmlib_" + fk.name;
        add_step("DROP TABLE IF EXISTS " + quoted(fresh_name), fresh_name, {1051}, true);
        add_step(target_writer{rules}.create(fresh), fresh_name, {1050});
        // Rows that would be one row behind the change are an error, as they are in ALTER TABLE.
        add_step("INSERT INTO " + quoted(fresh_name) + " (" + targets + ") SELECT " + sources +
                     " FROM " + quoted(name),
                 fresh_name,
                 {},
                 false);
        add_step("RENAME TABLE " + quoted(name) + " TO " + quoted(old_name) + ", " +
                     quoted(fresh_name) + " TO " + quoted(name),
                 name,
                 {1050, 1146, 1017});
        add_step("DROP TABLE IF EXISTS " + quoted(old_name), old_name, {1051}, true);
        out.warnings.push_back(quoted(name) +
                               " is built anew, for TiDB cannot change a clustered "
                               "primary key or a column's charset; the target needs room for a "
                               "second copy");
    }

    // ---- partitions: as the statement says them

    void partitions(const table_name& name, const table& from, const table& to) {
        const auto* const s = statement.get<sql::alter_table_statement>();
        if (s == nullptr) return;
        sql::print_options print;
        print.dialect = facts.dialect;
        for (const sql::alter_spec& spec : s->specs) {
            const auto* const p = std::get_if<sql::partition_change>(&spec.change);
            const auto* const simple = std::get_if<sql::simple_alter>(&spec.change);
            const bool removes =
                simple != nullptr && simple->change == sql::simple_change::remove_partitioning;
            if (removes && from.partition) {
                add_step("ALTER TABLE " + quoted(name) + " REMOVE PARTITIONING", name, {1505});
            }
            if (p == nullptr) continue;
            using kind = sql::partition_change_kind;
            switch (p->kind) {
                case kind::analyze:
                case kind::check:
                case kind::optimize:
                case kind::rebuild:
                case kind::repair:
                case kind::discard_tablespace:
                case kind::import_tablespace:
                case kind::secondary_load:
                case kind::secondary_unload:
                    continue;
                default:
                    break;
            }
            const bool loses_rows =
                p->kind == kind::drop || p->kind == kind::truncate || p->kind == kind::exchange ||
                p->kind == kind::convert_to_table || p->kind == kind::convert_from_table;
            if (p->kind == kind::partition_by ? !to.partition : !from.partition) {
                if (!loses_rows) continue;
                out.errors.push_back(
                    "the target's table is not partitioned, so the rows of the partition cannot be "
                    "changed there by this statement; delete or copy them by hand, then skip it");
                continue;
            }
            if (p->kind == kind::exchange || p->kind == kind::convert_to_table ||
                p->kind == kind::convert_from_table) {
                sql::statement copy = statement;
                add_exchange(copy, spec);
                continue;
            }
            add_step(
                "ALTER TABLE " + quoted(name) + " " + sql::print(spec, print), name, {1507, 1517});
        }
    }

    void add_exchange(sql::statement& copy, const sql::alter_spec& spec) {
        auto* const s = copy.get<sql::alter_table_statement>();
        s->specs = {spec};
        sql::visit_tables(copy, [&](table_name& name, sql::name_role) {
            if (name.schema.empty())
                name.schema = change.touched.empty() ? "" : change.touched.front().schema;
            name = routed(name);
        });
        sql::print_options print;
        print.dialect = facts.dialect;
        add_step(sql::print(copy, print), s->table, {1507});
    }
};

}  // namespace internal

DMLIB_DECL target_ddl rewrite_for_target(const sql::statement& statement,
                                         const resolved_change& change,
                                         const catalog& before,
                                         const catalog& after,
                                         const server_kind& server,
                                         const target_facts& target,
                                         const route_function& route) {
    internal::ddl_rewriter rewriter{statement,
                                    change,
                                    before,
                                    after,
                                    server,
                                    target,
                                    route,
                                    internal::target_rules{target},
                                    {}};
    rewriter.run();
    if (!rewriter.out.errors.empty()) rewriter.out.steps.clear();
    return std::move(rewriter.out);
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
