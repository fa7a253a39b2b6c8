// Checks of the tables that the target has, or would get.
#pragma once

#include <dmlib/check/impl/internal/filled_checks.hpp>
#include <dmlib/check/impl/internal/width_checks.hpp>
#include <dmlib/dml/table_plan.hpp>
#include <dmlib/load/row_writer.hpp>
#include <dmlib/load/target_tables.hpp>
#include <dmlib/schema/target_form.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// Makes the target's primary key the source's, with what routes fill where it tells rows of merged
/// tables apart.
inline std::string primary_key_as_here(const planned_table& t,
                                       const schema::table& there,
                                       bool tidb) {
    const schema::key* const own = primary_key_of(*t.definition);
    std::vector<schema::key_part> wanted;
    if (own != nullptr) wanted = own->parts;
    for (const extracted_column& x : t.names.extracted) {
        const bool in_a_key =
            std::any_of(there.keys.begin(), there.keys.end(), [&](const schema::key& k) {
                return k.is_unique() && has_part(k.parts, x.column);
            });
        if (wanted.empty() || (!t.merged && !in_a_key)) continue;
        schema::key_part part;
        part.column = x.column;
        wanted.push_back(std::move(part));
    }
    return primary_key_statement(t.names.target, there, wanted, tidb);
}

inline void check_target_engine(const planned_table& t,
                                const schema::table& there,
                                findings& found) {
    const std::string target_name = quoted(t.names.target);
    if (dump::classify_engine(there.engine) != dump::engine_class::transactional) {
        found.warn("table_schema",
                   "The target's table " + target_name + " has engine " + there.engine +
                       ", which has no transactions: it is written in safe mode, and a crash may "
                       "leave rows of a table without a key twice.",
                   "ALTER TABLE " + target_name + " ENGINE=InnoDB;",
                   t.names.source);
    }
}

inline void compare_primary_keys(const planned_table& t,
                                 const schema::table& there,
                                 bool tidb,
                                 findings& found) {
    const auto primary = [](const schema::table& x) {
        std::vector<std::string> names;
        for (const auto& k : x.keys) {
            if (k.kind != schema::key_kind::primary) continue;
            for (const auto& part : k.parts) names.push_back(upper_text(part.column));
        }
        return names;
    };
    auto key_there = primary(there);
    std::erase_if(key_there, [&](const std::string& name) {
        return std::any_of(t.names.extracted.begin(), t.names.extracted.end(), [&](const auto& x) {
            return upper_text(x.column) == name;
        });
    });
    if (primary(*t.definition) != key_there) {
        found.warn("table_schema",
                   "The primary key of the target's table " + quoted(t.names.target) +
                       " differs from the source's.",
                   "Unless this is intended: " + primary_key_as_here(t, there, tidb),
                   t.names.source);
    }
}

// Columns and key of a table that the target has already. A task that goes on (`begins` is false)
// may have a DDL of the source before it, so differences are warnings then; the rows themselves are
// checked later.
inline void compare_with_target(const planned_table& t,
                                const schema::table& there,
                                const server_kind& source,
                                const schema::target_facts& form,
                                bool begins,
                                findings& found) {
    const severity differs = begins ? severity::error : severity::warning;
    const bool tidb = form.dialect == target_dialect::tidb;
    const schema::table& here = *t.definition;
    const std::string target_name = quoted(t.names.target);
    check_target_engine(t, there, found);
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
        found.problem("table_schema",
                      col.is_generated() ? severity::warning : differs,
                      "The target's table " + target_name + " lacks column " +
                          quoted_identifier(col.name) + ".",
                      line.empty() ? "Add the column."
                                   : "ALTER TABLE " + target_name +
                                         add_column_clause(there, col, line, tidb) + ";",
                      t.names.source);
    }
    for (const schema::column& col : there.columns) {
        if (col.nullable || col.auto_increment || col.is_generated() || col.hidden) continue;
        const bool filled = std::any_of(
            t.names.extracted.begin(), t.names.extracted.end(), [&](const extracted_column& x) {
                return schema::same_name(x.column, col.name);
            });
        if (here.find_column(col.name) != schema::npos || filled ||
            col.default_value.kind != schema::default_kind::none)
            continue;
        found.problem(
            "table_schema",
            differs,
            "The target's table " + target_name + " has a column " + quoted_identifier(col.name) +
                " that the source lacks and that has no default.",
            "ALTER TABLE " + target_name + " MODIFY COLUMN " +
                nullable_line(column_line(schema::create_statement(there, form), col.name)) +
                "; or give it a default, or drop it.",
            t.names.source);
    }
    compare_primary_keys(t, there, tidb, found);
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

/// What the task itself would say when it makes its plan for the table, where no finding from
/// `before` on says it already.
inline void check_plans(source_context& c,
                        const planned_table& t,
                        const schema::table& there,
                        const schema::target_facts& form,
                        bool begins,
                        std::size_t before,
                        findings& found) {
    const auto& items = found.items();
    const bool said = std::any_of(
        items.begin() + static_cast<std::ptrdiff_t>(before), items.end(), [](const check_item& i) {
            return i.severity == severity::error;
        });
    const auto tell = [&](const error& why, severity s) {
        found.problem("table_schema", s, why.message(), why.workaround(), t.names.source);
    };
    if (t.described && begins && !said) {
        dump::source_table described = *t.described;
        dump::add_computed_columns(described, there);
        const auto plan = load::make_write_plan(described,
                                                there,
                                                t.names.target,
                                                form.dialect,
                                                {},
                                                t.names.mappings,
                                                t.names.extracted);
        if (!plan) return tell(plan.error(), severity::error);
    }
    if (!c.needs_binlog() || said || items.size() != before) return;
    const auto image = schema::binlog_columns(*t.definition, c.at.facts.kind);
    dml::plan_input in;
    in.target_name = t.names.target;
    in.source = &*t.definition;
    in.image_columns = image;
    in.target = &there;
    in.dialect = form.dialect;
    in.extracted = t.names.extracted;
    const auto plan = dml::make_table_plan(in);
    if (!plan) tell(plan.error(), begins ? severity::error : severity::warning);
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
                            bool ran_before,
                            findings& found) {
    const bool begins = !ran_before && (c.needs_copy() || !c.source.start);
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
                // A view, a sequence, a definition that nobody can read: no row can be written.
                const bool certain = read.error().code() == errc::load_definition;
                found.problem("table_schema",
                              certain ? severity::error : severity::warning,
                              read.error().message(),
                              read.error().workaround(),
                              t.names.source);
            } else if (*read) {
                const std::size_t before = found.items().size();
                compare_with_target(t, **read, c.at.facts.kind, form, begins, found);
                check_mapped_width(t, **read, true, form, found);
                check_extracted(t, &**read, {}, form, found);
                check_plans(c, t, **read, form, begins, before, found);
                check_foreign_keys(t, &**read, c.at.facts.kind, form, routes, route, found);
            }
            continue;
        }
        check_foreign_keys(t, nullptr, c.at.facts.kind, form, routes, route, found);
        const auto made = schema::create_for_target(*t.definition, c.at.facts.kind, form, route);
        check_mapped_width(t, made.definition, false, form, found);
        check_extracted(t, nullptr, schema::create_statement(made.definition, form), form, found);
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
