// What statements do to the catalog as a whole: creation, renames that follow foreign keys, drops.
#pragma once

#include <dmlib/schema/impl/internal/resolve_alter.hpp>
#include <dmlib/schema/impl/internal/resolve_create.hpp>
#include <dmlib/schema/impl/internal/sequence_table.hpp>
#include <dmlib/schema/resolve.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// Collects the effect of one statement on a copy of the catalog.
struct change_builder {
    const catalog& known;
    const resolve_options& options;
    catalog work;
    resolved_change change;
    std::vector<table_name> updated;  ///< tables of `work` that are new or differ, in order

    change_builder(const catalog& k, const resolve_options& o) : known(k), options(o), work(k) {}

    table_name full(const table_name& name) const {
        table_name out;
        out.schema = work.stored(name.schema.empty() ? options.default_schema : name.schema);
        out.table = work.stored(name.table);
        // The catalog's own spelling of the schema, where names are compared without case.
        if (const database* const db = work.find_schema(out.schema)) out.schema = db->name;
        return out;
    }

    void touch(const table_name& name) {
        if (std::find(change.touched.begin(), change.touched.end(), name) == change.touched.end()) {
            change.touched.push_back(name);
        }
    }
    void update(const table& t) {
        const table_name name = t.full_name();
        touch(name);
        if (std::find(updated.begin(), updated.end(), name) == updated.end()) {
            updated.push_back(name);
        }
    }
    void drop(const table_name& name) {
        touch(name);
        std::erase(updated, name);
        change.dropped.push_back(name);
    }

    resolved_change refuse(error e) {
        resolved_change out;
        out.kind = change.kind;
        out.outcome = change_outcome::refused;
        out.refusal = std::move(e);
        return out;
    }

    resolved_change finish() {
        for (const table_name& name : updated) {
            const auto t = work.find(name.schema, name.table);
            if (t == nullptr) continue;
            const bool fresh = std::any_of(change.created.begin(),
                                           change.created.end(),
                                           [&](const table& c) { return c.full_name() == name; });
            if (!fresh) change.changed.push_back(*t);
        }
        for (table& c : change.created) {
            if (const auto t = work.find(c.schema, c.name)) c = *t;
        }
        for (auto* const list : {&change.created, &change.changed}) {
            for (table& t : *list) spell_references(t);
        }
        const bool anything = !change.created.empty() || !change.changed.empty() ||
                              !change.dropped.empty() || !change.truncated.empty() ||
                              !change.schemas_created.empty() || !change.schemas_altered.empty() ||
                              !change.schemas_dropped.empty();
        change.outcome = anything ? change_outcome::applied : change_outcome::no_effect;
        return std::move(change);
    }

    /// Foreign keys name columns as the parent's definition spells them.
    void spell_references(table& t) const {
        if (options.verbatim) return;
        for (foreign_key& fk : t.foreign_keys) {
            const auto parent = work.find(fk.ref_schema, fk.ref_table);
            if (fk.ref_columns.empty()) fk.ref_columns = primary_columns(parent.get(), fk.columns);
            if (parent == nullptr) continue;
            for (std::string& name : fk.ref_columns) {
                const std::size_t at = parent->find_column(name);
                if (at != npos) name = parent->columns[at].name;
            }
        }
    }

    /// What REFERENCES without columns means; `otherwise` where no such key is known.
    static std::vector<std::string> primary_columns(const table* parent,
                                                    const std::vector<std::string>& otherwise) {
        const key* const k = parent == nullptr ? nullptr : parent->primary_key();
        if (k == nullptr || k->parts.size() != otherwise.size()) return otherwise;
        std::vector<std::string> out;
        for (const key_part& part : k->parts) out.push_back(part.column);
        return out;
    }

    charset_choice schema_default(const std::string& name) const {
        if (const database* const db = work.find_schema(name)) return {db->charset, db->collation};
        return server_default(options);
    }

    bool same_table(const table_name& a, const table_name& b) const {
        return work.folded(a.schema) == work.folded(b.schema) &&
               work.folded(a.table) == work.folded(b.table);
    }

    // ---- renames

    /// Moves a definition and rewrites what names it: foreign keys of children, generated names.
    void rename(const table_name& from, const table_name& to) {
        const auto old = work.find(from.schema, from.table);
        table t = *old;
        work.erase(from.schema, from.table);
        const std::string old_name = t.name;
        t.schema = to.schema;
        t.name = to.table;
        rename_constraints(t, old_name, from, to);
        update(t);
        work.put(std::move(t));
        rename_references(from, to);
        drop(from);
        change.renamed.push_back({from, to});
    }

    /// What begins like an invented name, whatever stands behind.
    static void follow_rename(std::string& name,
                              const std::string& from,
                              const std::string& to,
                              std::string_view infix) {
        const std::string begin = from + std::string(infix);
        if (name.size() > begin.size() && name.starts_with(begin)) name.replace(0, from.size(), to);
    }

    void rename_constraints(table& t,
                            const std::string& old_name,
                            const table_name& from,
                            const table_name& to) const {
        for (foreign_key& fk : t.foreign_keys) {
            follow_rename(fk.name, old_name, t.name, "_ibfk_");
            if (same_table({fk.ref_schema, fk.ref_table}, from)) {
                fk.ref_schema = to.schema;
                fk.ref_table = to.table;
            }
        }
        if (is_mariadb(options.server)) return;
        for (check_constraint& c : t.checks) {
            follow_rename(c.name, old_name, t.name, "_chk_");
        }
        constraint_resolver{options, t}.sort();
    }

    void rename_references(const table_name& from, const table_name& to) {
        for (const auto& child : work.tables()) {
            const bool refers = std::any_of(
                child->foreign_keys.begin(), child->foreign_keys.end(), [&](const foreign_key& fk) {
                    return same_table({fk.ref_schema, fk.ref_table}, from);
                });
            if (!refers) continue;
            table t = *child;
            for (foreign_key& fk : t.foreign_keys) {
                if (!same_table({fk.ref_schema, fk.ref_table}, from)) continue;
                fk.ref_schema = to.schema;
                fk.ref_table = to.table;
            }
            update(t);
            work.put(std::move(t));
        }
    }

    /// Columns of a parent got other names: its children name the new ones.
    void rename_referenced_columns(const table_name& parent, const rename_map& names) {
        for (const auto& child : work.tables()) {
            table t = *child;
            bool changed = false;
            for (foreign_key& fk : t.foreign_keys) {
                if (!same_table({fk.ref_schema, fk.ref_table}, parent)) continue;
                for (std::string& column_name : fk.ref_columns) {
                    const auto found = names.find(folded_name(column_name));
                    if (found == names.end() || found->second == column_name) continue;
                    column_name = found->second;
                    changed = true;
                }
            }
            if (!changed) continue;
            update(t);
            work.put(std::move(t));
        }
    }

    // ---- statements

    result<resolved_change> create(const sql::create_table_statement& s) {
        const table_name name = full(s.table);
        if (name.schema.empty()) return refuse(refusal("no database selected"));
        if (work.find_schema(name.schema) == nullptr) {
            return refuse(refusal("unknown database '" + name.schema + "'"));
        }
        if (work.find(name.schema, name.table) != nullptr) {
            if (s.if_not_exists) {
                change.reason = "the table exists";
                return finish();
            }
            if (!s.or_replace) return refuse(refusal("table '" + name.table + "' already exists"));
        }
        if (s.like) return create_like(s, name);
        if (!s.select.empty()) {
            return error(errc::schema_conflict,
                         "the columns of CREATE TABLE ... SELECT depend on data types of a query");
        }
        auto t = create_table(s, name, schema_default(name.schema), options);
        if (t.has_error()) return refuse(t.error());
        update(*t);
        change.created.push_back(*t);
        work.put(std::move(*t));
        return finish();
    }

    result<resolved_change> create_like(const sql::create_table_statement& s,
                                        const table_name& name) {
        const table_name from = full(*s.like);
        const auto origin = work.find(from.schema, from.table);
        if (origin == nullptr) {
            return refuse(refusal("table '" + from.schema + "." + from.table + "' doesn't exist"));
        }
        table t = *origin;
        t.schema = name.schema;
        t.name = name.table;
        t.foreign_keys.clear();
        std::erase_if(t.options, [](const sql::table_option& o) {
            using kind = sql::table_option_kind;
            return o.kind == kind::auto_increment || o.kind == kind::data_directory ||
                   o.kind == kind::index_directory;
        });
        if (!is_mariadb(options.server)) {
            int number = 0;
            for (check_constraint& c : t.checks)
                c.name = t.name + "_chk_" + std::to_string(++number);
            constraint_resolver{options, t}.sort();
        } else if (!t.is_sequence) {
            // An ALTER may have left the keys in another order than a new table's.
            std::vector<key> keys = std::move(t.keys);
            if (auto r = key_resolver{options, t}.finish(std::move(keys)); r.has_error()) {
                return refuse(r.error());
            }
        }
        update(t);
        change.created.push_back(t);
        work.put(std::move(t));
        return finish();
    }

    result<resolved_change> alter(const sql::alter_table_statement& s) {
        const table_name name = full(s.table);
        const auto before = work.find(name.schema, name.table);
        if (before == nullptr) {
            if (s.if_exists) {
                change.reason = "the table does not exist";
                return finish();
            }
            return refuse(refusal("table '" + name.schema + "." + name.table + "' doesn't exist"));
        }
        table_alterer alterer{options, s, schema_default(name.schema), *before};
        if (auto r = alterer.run(); r.has_error()) return refuse(r.error());
        const bool renamed = alterer.new_name.has_value();
        const table_name to = renamed ? full_new_name(*alterer.new_name, name) : name;
        if (renamed && !same_table(to, name)) {
            if (work.find(to.schema, to.table) != nullptr) {
                return refuse(refusal("table '" + to.table + "' already exists"));
            }
            if (work.find_schema(to.schema) == nullptr) {
                return refuse(refusal("unknown database '" + to.schema + "'"));
            }
        }
        const table_name now = alterer.t.full_name();
        update(alterer.t);
        table after = alterer.t;
        work.put(std::move(alterer.t));
        if (auto r = convert_partitions(s, std::move(after)); r.has_error())
            return refuse(r.error());
        if (!alterer.renamed.empty()) rename_referenced_columns(now, alterer.renamed);
        for (const column& c : before->columns) {
            const auto found = alterer.renamed.find(folded_name(c.name));
            if (found != alterer.renamed.end() && found->second != c.name) {
                change.renamed_columns.push_back({to, c.name, found->second});
            }
        }
        if (renamed && to != name) rename(name, to);
        return finish();
    }

    /// CONVERT PARTITION makes a table of the same columns and keys, CONVERT TABLE takes one up.
    result<void> convert_partitions(const sql::alter_table_statement& s, table t) {
        using kind = sql::partition_change_kind;
        for (const sql::alter_spec& spec : s.specs) {
            const auto* const p = std::get_if<sql::partition_change>(&spec.change);
            if (p == nullptr || !p->table) continue;
            if (p->kind == kind::convert_from_table) {
                const table_name name = full(*p->table);
                if (work.find(name.schema, name.table) == nullptr)
                    return refusal("table '" + name.table + "' doesn't exist");
                work.erase(name.schema, name.table);
                drop(name);
            } else if (p->kind == kind::convert_to_table) {
                const table_name name = full(*p->table);
                if (work.find(name.schema, name.table) != nullptr)
                    return refusal("table '" + name.table + "' already exists");
                t.schema = name.schema;
                t.name = name.table;
                t.partition.reset();
                t.partition_text.clear();
                update(t);
                change.created.push_back(t);
                work.put(std::move(t));
                return {};
            }
        }
        return {};
    }

    /// RENAME TO without a schema stays in the table's own... the session's default schema.
    table_name full_new_name(const table_name& written, const table_name& old) const {
        table_name out = written;
        if (out.schema.empty()) {
            out.schema = options.default_schema.empty() ? old.schema : options.default_schema;
        }
        return full(out);
    }

    resolved_change drop_tables(const std::vector<table_name>& names, bool if_exists) {
        std::vector<table_name> missing;
        std::vector<table_name> found;
        for (const table_name& written : names) {
            const table_name name = full(written);
            if (const auto t = work.find(name.schema, name.table)) {
                found.push_back(t->full_name());
            } else {
                missing.push_back(name);
            }
        }
        // MySQL 8 drops all or nothing; the others what is there.
        const bool atomic = mysql_at_least(options.server, 8);
        if (!missing.empty() && !if_exists && (atomic || found.empty())) {
            return refuse(refusal("unknown table '" + missing.front().schema + "." +
                                  missing.front().table + "'"));
        }
        for (const table_name& name : found) {
            work.erase(name.schema, name.table);
            drop(name);
        }
        if (found.empty()) change.reason = "no such table";
        return finish();
    }

    resolved_change rename_tables(const sql::rename_table_statement& s) {
        for (const auto& pair : s.pairs) {
            const table_name from = full(pair.from);
            const table_name to = full(pair.to);
            const auto old = work.find(from.schema, from.table);
            if (old == nullptr) {
                if (s.if_exists) continue;
                return refuse(
                    refusal("table '" + from.schema + "." + from.table + "' doesn't exist"));
            }
            if (work.find_schema(to.schema) == nullptr) {
                return refuse(refusal("unknown database '" + to.schema + "'"));
            }
            if (work.find(to.schema, to.table) != nullptr && !same_table(from, to)) {
                return refuse(refusal("table '" + to.table + "' already exists"));
            }
            rename(old->full_name(), to);
        }
        settle_renames();
        return finish();
    }

    /// A name that was given to another table in the same statement is not gone (swaps).
    void settle_renames() {
        std::erase_if(change.dropped, [&](const table_name& name) {
            return work.find(name.schema, name.table) != nullptr;
        });
        std::vector<table_name> gone;
        for (const table_name& name : change.dropped) {
            const bool was_there = known.find(name.schema, name.table) != nullptr;
            if (was_there && std::find(gone.begin(), gone.end(), name) == gone.end()) {
                gone.push_back(name);
            }
        }
        change.dropped = std::move(gone);
    }

    resolved_change truncate(const table_name& written) {
        const table_name name = full(written);
        const auto t = work.find(name.schema, name.table);
        if (t == nullptr) {
            return refuse(refusal("table '" + name.schema + "." + name.table + "' doesn't exist"));
        }
        touch(t->full_name());
        change.truncated.push_back(t->full_name());
        return finish();
    }

    // ---- databases

    result<resolved_change> create_database(const sql::create_database_statement& s) {
        const std::string name = work.stored(s.name);
        if (const database* const db = work.find_schema(name)) {
            if (s.if_not_exists) {
                change.reason = "the database exists";
                return finish();
            }
            if (!s.or_replace) return refuse(refusal("database '" + db->name + "' exists"));
            drop_schema_tables(*db);
        }
        auto charset = options_charset(options, s.options, server_default(options));
        if (charset.has_error()) return refuse(charset.error());
        database db;
        db.name = name;
        db.charset = charset->charset;
        db.collation = charset->collation;
        db.comment = option_comment(s.options);
        work.put_schema(db.name, db.charset, db.collation, db.comment);
        change.schemas_created.push_back(std::move(db));
        return finish();
    }

    static std::string option_comment(const std::vector<sql::table_option>& options) {
        for (const sql::table_option& option : options) {
            if (option.kind == sql::table_option_kind::comment) return option.value.text;
        }
        return {};
    }

    result<resolved_change> alter_database(const sql::alter_database_statement& s) {
        const std::string name = s.name.empty() ? options.default_schema : s.name;
        const database* const old = work.find_schema(name);
        if (old == nullptr) return refuse(refusal("unknown database '" + name + "'"));
        auto charset = options_charset(options, s.options, {old->charset, old->collation});
        if (charset.has_error()) return refuse(charset.error());
        database db;
        db.name = old->name;
        db.charset = charset->charset;
        db.collation = charset->collation;
        db.comment = option_comment(s.options).empty() ? old->comment : option_comment(s.options);
        work.put_schema(db.name, db.charset, db.collation, db.comment);
        change.schemas_altered.push_back(std::move(db));
        return finish();
    }

    void drop_schema_tables(const database& db) {
        std::vector<table_name> names;
        for (const auto& [key, t] : db.tables) names.push_back(t->full_name());
        for (const table_name& name : names) {
            work.erase(name.schema, name.table);
            drop(name);
        }
    }

    resolved_change drop_database(const sql::drop_database_statement& s) {
        const database* const db = work.find_schema(s.name);
        if (db == nullptr) {
            if (!s.if_exists) {
                return refuse(refusal("can't drop database '" + s.name + "': it doesn't exist"));
            }
            change.reason = "no such database";
            return finish();
        }
        const std::string name = db->name;
        drop_schema_tables(*db);
        work.erase_schema(name);
        change.schemas_dropped.push_back(name);
        return finish();
    }

    // ---- sequences of MariaDB: tables with one row

    resolved_change create_sequence(const sql::create_sequence_statement& s) {
        if (s.temporary) {
            change.reason = "a temporary sequence";
            return finish();
        }
        const table_name name = full(s.name);
        if (work.find(name.schema, name.table) != nullptr) {
            if (s.if_not_exists) return finish();
            if (!s.or_replace) return refuse(refusal("table '" + name.table + "' already exists"));
        }
        table t = sequence_table(name, s.options, options);
        update(t);
        change.created.push_back(t);
        work.put(std::move(t));
        return finish();
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
