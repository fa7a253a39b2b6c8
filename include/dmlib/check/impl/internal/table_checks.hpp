// Checks of the tables: what the full copy and the target can do with them.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/check/impl/internal/many_sessions.hpp>
#include <dmlib/check/impl/internal/width_checks.hpp>
#include <dmlib/load/target_tables.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/target_form.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline bool is_table_with_rows(const dump::listed_table& t) {
    return t.type == "BASE TABLE" || t.type == "SYSTEM VERSIONED";
}

/// Fills c.tables: what is replicated, and where to.
inline bool plan_tables(source_context& c) {
    auto listed = dump::list_tables(c.at.session);
    if (!listed) {
        c.found.could_not("table_schema", listed.error());
        return false;
    }
    c.listed = std::move(*listed);
    std::map<table_name, const dump::listed_table*> by_name;
    std::vector<table_name> all;
    for (const auto& t : c.listed) {
        if (!is_table_with_rows(t)) continue;
        all.push_back(t.name);
        by_name[t.name] = &t;
    }
    std::vector<table_pair> pairs;
    if (c.source.plan_tables) {
        auto planned = c.source.plan_tables(all);
        if (!planned) {
            c.found.fail("table_schema", planned.error().message(), planned.error().workaround());
            return false;
        }
        pairs = std::move(*planned);
    } else {
        for (const auto& name : all) pairs.push_back({name, name});
    }
    for (auto& pair : pairs) {
        const auto at = by_name.find(pair.source);
        if (at == by_name.end()) continue;
        c.tables.push_back(planned_table{std::move(pair), *at->second, {}, {}});
    }
    return true;
}

/// Primary key, or a unique key whose columns cannot be NULL.
inline bool has_row_identity(const schema::table& t) {
    return std::any_of(t.keys.begin(), t.keys.end(), [&](const schema::key& k) {
        if (k.kind == schema::key_kind::primary) return true;
        if (!k.is_unique()) return false;
        return std::all_of(k.parts.begin(), k.parts.end(), [&](const schema::key_part& part) {
            const std::size_t at = t.find_column(part.column);
            return !part.column.empty() && at != schema::npos && !t.columns[at].nullable;
        });
    });
}

/// A name for a new column that the table does not have yet.
inline std::string free_column_name(const schema::table& t) {
    std::string out = "id";
    for (int i = 2; t.find_column(out) != schema::npos; ++i) out = "id_" + std::to_string(i);
    return quoted_identifier(out);
}

inline void check_engine(source_context& c, const planned_table& t) {
    if (!c.needs_copy()) return;
    const auto kind = dump::classify_engine(t.listed.engine);
    const std::string name = quoted(t.names.source);
    if (kind == dump::engine_class::refused) {
        c.found.fail("table_schema",
                     name + " has engine " + t.listed.engine + ", whose rows cannot be copied.",
                     "Leave the table out with the block-allow-list.",
                     t.names.source);
    } else if (kind == dump::engine_class::non_transactional) {
        c.found.warn("table_schema",
                     name + " has engine " + t.listed.engine +
                         ": it is locked for writing while it is copied.",
                     "ALTER TABLE " + name + " ENGINE=InnoDB;",
                     t.names.source);
    }
}

inline result<void> read_definition(mysql::session& s, const server_kind& kind, planned_table& t) {
    auto text = dump::show_create(s, t.names.source);
    if (!text) return text.error();
    auto parsed = schema::table_from_show_create(*text, kind, t.names.source.schema);
    if (!parsed) {
        error e(parsed.error().code(),
                "The definition of " + quoted(t.names.source) +
                    " cannot be read: " + parsed.error().message());
        return e.workaround(parsed.error().workaround());
    }
    t.definition = std::move(*parsed);
    t.create_text = std::move(*text);
    return {};
}

/// A mapping that cannot be applied to each row: the task would stop in the middle, or the rows of
/// merged tables would meet.
inline void check_mappings(source_context& c, const planned_table& t) {
    for (const column_mapping& m : t.names.mappings) {
        const auto fine = mapped_column(m, *t.definition);
        if (fine) continue;
        c.found.fail("table_schema",
                     quoted(t.names.source) + ": " + fine.error().message() + ".",
                     std::string(fine.error().workaround()),
                     t.names.source);
    }
}

// SHOW CREATE TABLE of each table, and what follows from it alone.
inline void check_definitions(source_context& c, progress& p) {
    if (!c.found.wanted("table_schema") && !c.found.wanted("foreign_keys") &&
        !c.found.wanted("primary_key"))
        return;
    std::vector<result<void>> read(c.tables.size());
    ask_all(c.at, c.input.stop, read.size(), [&](mysql::session& s, std::size_t i) {
        read[i] = read_definition(s, c.at.facts.kind, c.tables[i]);
        p.step("table_schema");
    });
    for (std::size_t i = 0; i < read.size(); ++i) {
        const planned_table& t = c.tables[i];
        if (!read[i]) {
            const error& why = read[i].error();
            // Dropped or renamed since the list was made: the copy or the stream will see it.
            if (why.code() == errc::db_no_such_table) continue;
            if (why.info().retry == retry_class::reconnect)
                return c.found.could_not("table_schema", why);
            c.found.fail("table_schema", why.message(), why.workaround(), t.names.source);
            continue;
        }
        if (!t.definition) continue;  // not asked: the checks were stopped
        const std::string name = quoted(t.names.source);
        check_engine(c, t);
        check_mappings(c, t);
        if (!has_row_identity(*t.definition)) {
            c.found.warn("table_schema",
                         name +
                             " has no primary key and no unique key without NULL: its changes "
                             "are slow to apply and its copy cannot be resumed in the middle.",
                         "ALTER TABLE " + name + " ADD COLUMN " + free_column_name(*t.definition) +
                             " BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY;",
                         t.names.source);
        }
    }
}

// Names that differ only by case are one table on a target that folds them.
inline void check_name_case(const std::vector<table_name>& names,
                            const server& target,
                            findings& found) {
    if (target.facts.lower_case_table_names == 0 && !target.facts.is_tidb()) return;
    std::map<table_name, table_name> folded;
    for (const table_name& n : names) {
        table_name low = n;
        for (char& ch : low.schema) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + 32) : ch;
        for (char& ch : low.table) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + 32) : ch;
        const auto [at, fresh] = folded.emplace(low, n);
        if (!fresh && at->second != n) {
            found.fail(
                "table_schema",
                quoted(n) + " and " + quoted(at->second) +
                    " are one table on the target, which does not tell upper from lower case.",
                "Route one of them to another name.",
                n);
        }
    }
}

/// The line of a column in a CREATE TABLE; "" where it has none.
inline std::string column_line(std::string_view create, std::string_view column) {
    const std::string begin = "\n  " + quoted_identifier(column) + " ";
    const std::size_t at = create.find(begin);
    if (at == std::string_view::npos) return {};
    const std::size_t from = at + 3;
    std::string_view line = create.substr(from, create.find('\n', from) - from);
    if (line.ends_with(',')) line.remove_suffix(1);
    return std::string(line);
}

inline std::string nullable_line(std::string line) {
    const std::size_t at = line.find(" NOT NULL");
    if (at != std::string::npos) line.replace(at, 9, " NULL");
    return line;
}

/// Columns that routes fill have to be on the target; `create` makes a table that is not there.
inline void check_extracted(const planned_table& t,
                            const schema::table* there,
                            const std::string& create,
                            findings& found) {
    const std::string target = quoted(t.names.target);
    const std::string schema_name = quoted_identifier(t.names.target.schema);
    std::string names;
    std::string statements;
    for (const std::string& name : t.names.extracted) {
        if (there != nullptr && there->find_column(name) != schema::npos) continue;
        names += (names.empty() ? "" : ", ") + quoted_identifier(name);
        statements += (statements.empty() ? "" : " ") + ("ALTER TABLE " + target + " ADD COLUMN ") +
                      quoted_identifier(name) + " VARCHAR(255) NOT NULL DEFAULT '';";
    }
    if (names.empty()) return;
    if (there == nullptr) {
        statements = "CREATE DATABASE IF NOT EXISTS " + schema_name + "; USE " + schema_name +
                     "; " + create + "; " + statements;
    }
    found.fail("table_schema",
               "The target's table " + target +
                   (there == nullptr ? " is not there, and has to be, with " : " lacks ") + names +
                   ", which a route fills (extract-table, extract-schema, extract-source).",
               statements,
               t.names.source);
}

/// Partition ids have 63 bits: the target's column has to be a BIGINT. `there`: the target's table,
/// or what the copy would make of it.
inline void check_mapped_width(const planned_table& t,
                               schema::table there,
                               bool exists,
                               const schema::target_facts& form,
                               findings& found) {
    const std::string target = quoted(t.names.target);
    for (const std::string& name : t.names.mapped) {
        const std::size_t at = there.find_column(name);
        if (at == schema::npos) continue;
        schema::column& column = there.columns[at];
        if (!column.is_integer() || column.type == schema::type_kind::bigint) continue;
        column.type = schema::type_kind::bigint;
        column.length.reset();
        const std::string create = schema::create_statement(there, form);
        const std::string schema_name = quoted_identifier(t.names.target.schema);
        found.fail("table_schema",
                   "column " + quoted_identifier(name) + " of the target's table " + target +
                       (exists ? " is" : " would be") +
                       " too small for the numbers of partition id, which have 63 bits.",
                   exists ? "ALTER TABLE " + target + " MODIFY COLUMN " +
                                column_line(create, column.name) + ";"
                          : "Make the table on the target with a larger column: CREATE DATABASE IF "
                            "NOT EXISTS " +
                                schema_name + "; USE " + schema_name + "; " + create + ";",
                   t.names.source);
    }
}

/// Makes the target's primary key the source's.
inline std::string primary_key_statement(const schema::table& here,
                                         const schema::table& there,
                                         const std::string& target_name) {
    const auto is_primary = [](const schema::key& k) {
        return k.kind == schema::key_kind::primary;
    };
    const auto wanted = std::find_if(here.keys.begin(), here.keys.end(), is_primary);
    const bool drop = std::any_of(there.keys.begin(), there.keys.end(), is_primary);
    std::string out = "ALTER TABLE " + target_name + (drop ? " DROP PRIMARY KEY" : "");
    if (wanted == here.keys.end()) return out + ";";
    out += std::string(drop ? "," : "") + " ADD PRIMARY KEY (";
    for (std::size_t i = 0; i < wanted->parts.size(); ++i) {
        const schema::key_part& part = wanted->parts[i];
        out += (i > 0 ? ", " : "") + quoted_identifier(part.column);
        if (part.length) out += "(" + std::to_string(*part.length) + ")";
    }
    return out + ");";
}

// Columns and key of a table that the target has already. A task that goes on may have a DDL of the
// source before it, so differences are warnings here; the rows themselves are checked later.
inline void compare_with_target(const planned_table& t,
                                const schema::table& there,
                                const server_kind& source,
                                const schema::target_facts& form,
                                findings& found) {
    const schema::table& here = *t.definition;
    const std::string target_name = quoted(t.names.target);
    if (dump::classify_engine(there.engine) != dump::engine_class::transactional) {
        found.warn("table_schema",
                   "The target's table " + target_name + " has engine " + there.engine +
                       ", which has no transactions: it is written in safe mode, and a crash may "
                       "leave rows of a table without a key twice.",
                   "ALTER TABLE " + target_name + " ENGINE=InnoDB;",
                   t.names.source);
    }
    std::string source_form;  // made where it is needed
    const auto line_of = [&](const std::string& name) {
        if (source_form.empty()) {
            const auto made = schema::create_for_target(here, source, form);
            source_form = schema::create_statement(made.definition, form);
        }
        return column_line(source_form, name);
    };
    check_widths(t, there, line_of, found);
    for (const schema::column& col : here.columns) {
        if (col.hidden || there.find_column(col.name) != schema::npos) continue;
        const std::string line = line_of(col.name);
        found.warn("table_schema",
                   "The target's table " + target_name + " lacks column " +
                       quoted_identifier(col.name) + ".",
                   line.empty() ? "Add the column."
                                : "ALTER TABLE " + target_name + " ADD COLUMN " + line + ";",
                   t.names.source);
    }
    for (const schema::column& col : there.columns) {
        if (col.nullable || col.auto_increment || col.is_generated()) continue;
        const bool filled = std::any_of(
            t.names.extracted.begin(), t.names.extracted.end(), [&](const std::string& name) {
                return schema::same_name(name, col.name);
            });
        if (here.find_column(col.name) != schema::npos || filled ||
            col.default_value.kind != schema::default_kind::none)
            continue;
        found.warn("table_schema",
                   "The target's table " + target_name + " has a column " +
                       quoted_identifier(col.name) +
                       " that the source lacks and that has no default.",
                   "ALTER TABLE " + target_name + " MODIFY COLUMN " +
                       nullable_line(column_line(schema::create_statement(there, form), col.name)) +
                       "; or give it a default, or drop it.",
                   t.names.source);
    }
    const auto primary = [](const schema::table& x) {
        std::vector<std::string> names;
        for (const auto& k : x.keys) {
            if (k.kind != schema::key_kind::primary) continue;
            for (const auto& part : k.parts) names.push_back(upper_text(part.column));
        }
        return names;
    };
    if (primary(here) != primary(there)) {
        found.warn(
            "table_schema",
            "The primary key of the target's table " + target_name + " differs from the source's.",
            "Unless this is intended: " + primary_key_statement(here, there, target_name),
            t.names.source);
    }
}

/// The line of a foreign key in a CREATE TABLE; "" where it has none.
inline std::string constraint_line(std::string_view create, std::string_view name) {
    const std::string begin = "\n  CONSTRAINT " + quoted_identifier(name) + " FOREIGN KEY ";
    const std::size_t at = create.find(begin);
    if (at == std::string_view::npos) return {};
    std::string_view line = create.substr(at + 3, create.find('\n', at + 3) - at - 3);
    if (line.ends_with(',')) line.remove_suffix(1);
    return std::string(line);
}

inline bool changes_rows(const schema::foreign_key& k) noexcept {
    const auto acts = [](schema::reference_action a) {
        return a == schema::reference_action::cascade || a == schema::reference_action::set_null ||
               a == schema::reference_action::set_default;
    };
    return acts(k.on_delete) || acts(k.on_update);
}

inline bool same_names(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), schema::same_name);
}

// The source writes no row events for what ON DELETE and ON UPDATE actions do: the target has to do
// the same.
inline void check_foreign_keys(const planned_table& t,
                               const schema::table* there,
                               const server_kind& source,
                               const schema::target_facts& form,
                               const std::map<table_name, table_name>& routes,
                               const schema::route_function& route,
                               findings& found) {
    if (!found.wanted("foreign_keys")) return;
    const std::string name = quoted(t.names.source);
    for (const schema::foreign_key& k : t.definition->foreign_keys) {
        if (!changes_rows(k)) continue;
        const table_name parent{k.ref_schema.empty() ? t.names.source.schema : k.ref_schema,
                                k.ref_table};
        const std::string key = "foreign key " + quoted_identifier(k.name) + " of " + name;
        if (routes.count(parent) == 0) {
            found.warn("foreign_keys",
                       key + " changes rows without row events when " + quoted(parent) +
                           " changes, which is not replicated.",
                       "Replicate " + quoted(parent) +
                           " too (block-allow-list), or drop the key "
                           "on the source: ALTER TABLE " +
                           name + " DROP FOREIGN KEY " + quoted_identifier(k.name) + ";",
                       t.names.source);
            continue;
        }
        if (there == nullptr) continue;  // made with its keys
        const table_name target_parent = routes.at(parent);
        const bool same =
            std::any_of(there->foreign_keys.begin(),
                        there->foreign_keys.end(),
                        [&](const schema::foreign_key& other) {
                            return same_names(k.columns, other.columns) &&
                                   schema::same_name(other.ref_table, target_parent.table) &&
                                   k.on_delete == other.on_delete && k.on_update == other.on_update;
                        });
        if (same) continue;
        const auto made = schema::create_for_target(*t.definition, source, form, route);
        const std::string line =
            constraint_line(schema::create_statement(made.definition, form), k.name);
        found.warn("foreign_keys",
                   key + " changes rows without row events, and the target's table " +
                       quoted(t.names.target) + " has no such key: a task stops there.",
                   line.empty() ? "Let the target have the same foreign key."
                                : "ALTER TABLE " + quoted(t.names.target) + " ADD " + line + ";",
                   t.names.source);
    }
}

/// On demand, as DM's primary_key.
inline void check_primary_keys(source_context& c) {
    c.found.run("primary_key", "every table has a primary key or a unique key without NULL", [&] {
        for (const planned_table& t : c.tables) {
            if (!t.definition || has_row_identity(*t.definition)) continue;
            const std::string name = quoted(t.names.source);
            c.found.fail("primary_key",
                         name + " has no primary key and no unique key without NULL.",
                         "ALTER TABLE " + name + " ADD COLUMN " + free_column_name(*t.definition) +
                             " BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY;",
                         t.names.source);
        }
    });
}

using target_definitions = std::map<table_name, result<std::optional<schema::table>>>;

/// The target's own definitions of the tables of all sources.
inline target_definitions read_on_target(
    const std::vector<std::unique_ptr<source_context>>& sources,
    server& target,
    const std::set<table_name>& existing,
    stopper* stop,
    progress& p) {
    target_definitions out;
    for (const auto& c : sources) {
        for (const planned_table& t : c->tables) {
            if (t.definition && existing.count(t.names.target) != 0)
                out.emplace(t.names.target, std::optional<schema::table>());
        }
    }
    std::vector<target_definitions::value_type*> list;
    for (auto& one : out) list.push_back(&one);
    p.expect(list.size());
    ask_all(target, stop, list.size(), [&](mysql::session& s, std::size_t i) {
        list[i]->second = load::read_target_table(s, target.facts, list[i]->first);
        p.step("table_schema");
    });
    return out;
}

/// The tables of one source on the target. False where the target is gone.
inline bool check_on_target(source_context& c,
                            const target_definitions& on_target,
                            const schema::target_facts& form,
                            findings& found) {
    std::map<table_name, table_name> routes;
    for (const auto& t : c.tables) routes[t.names.source] = t.names.target;
    const schema::route_function route = [&](const table_name& name) {
        const auto at = routes.find(name);
        return at == routes.end() ? name : at->second;
    };
    for (const planned_table& t : c.tables) {
        if (!t.definition) continue;
        const auto there = on_target.find(t.names.target);
        if (there != on_target.end()) {
            const auto& read = there->second;
            if (!read && read.error().info().retry == retry_class::reconnect) {
                found.could_not("table_schema", read.error());
                return false;
            }
            if (!read) {
                found.warn("table_schema",
                           read.error().message(),
                           read.error().workaround(),
                           t.names.source);
            } else if (*read) {
                compare_with_target(t, **read, c.at.facts.kind, form, found);
                check_mapped_width(t, **read, true, form, found);
                check_extracted(t, &**read, {}, found);
                check_foreign_keys(t, &**read, c.at.facts.kind, form, routes, route, found);
            }
            continue;
        }
        check_foreign_keys(t, nullptr, c.at.facts.kind, form, routes, route, found);
        const auto made = schema::create_for_target(*t.definition, c.at.facts.kind, form, route);
        check_mapped_width(t, made.definition, false, form, found);
        check_extracted(t, nullptr, schema::create_statement(made.definition, form), found);
        for (const std::string& text : made.warnings) {
            found.warn("table_schema", quoted(t.names.source) + ": " + text, {}, t.names.source);
        }
        for (const std::string& text : made.errors) {
            found.fail("table_schema",
                       quoted(t.names.source) + ": " + text,
                       "Create " + quoted(t.names.target) +
                           " on the target by hand, or leave the table out.",
                       t.names.source);
        }
    }
    return true;
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
