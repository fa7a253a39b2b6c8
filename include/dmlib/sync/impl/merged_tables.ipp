#pragma once

#include <dmlib/schema/values_kept.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/impl/internal/leaving_rows.hpp>
#include <dmlib/sync/merged_tables.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Steps of an ALTER TABLE that are about a column.
inline bool has_change(const std::vector<schema::target_step>& steps,
                       schema::change_kind kind,
                       std::string_view column) {
    for (const schema::target_step& step : steps) {
        for (const schema::target_change& c : step.changes) {
            const bool renamed = kind == schema::change_kind::rename_column;
            if (c.kind == kind && schema::same_name(renamed ? c.to : c.name, column)) return true;
        }
    }
    return false;
}

/// TiDB's table is built anew where its primary key changes: with the statement's columns only.
inline bool is_rebuilt(const std::vector<schema::target_step>& steps) {
    return std::any_of(steps.begin(), steps.end(), [](const schema::target_step& s) {
        return s.table.table.starts_with("_dmlib_new_");
    });
}

/// By which an event filter leaves the whole statement out.
inline std::string events_of(const std::vector<ddl_part>& parts) {
    std::vector<std::string_view> names;
    for (const ddl_part& p : parts) {
        if (p.kinds.empty() || p.kinds.front() == event_kind::other) return "alter table";
        const std::string_view name = to_text(p.kinds.front());
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names.empty() ? "alter table" : fmt::format("{}", fmt::join(names, ", "));
}

class merged_judge {
public:
    merged_judge(rule_set& rules, const planned_statement& s)
        : rules_(rules), s_(s), rebuilt_(is_rebuilt(s.steps)) {}

    std::optional<error> judge() {
        if (s_.steps.empty()) return std::nullopt;
        if (auto why = judge_rows()) return why;
        for (const schema::table& t : s_.change.changed) {
            if (!is_subject(t)) continue;
            if (auto why = judge_table(t)) return why;
        }
        return std::nullopt;
    }

    std::vector<std::string> columns_of_others() {
        std::vector<std::string> out;
        for (const schema::table& t : s_.change.changed) {
            if (!is_subject(t)) continue;
            for (const auto& other : others(old_name(t))) {
                for (const schema::column& c : other->columns)
                    if (!c.hidden) out.push_back(c.name);
            }
        }
        return out;
    }

private:
    table_name folded(const table_name& n) const {
        return {s_.before.folded(n.schema), s_.before.folded(n.table)};
    }

    /// Where a table, or a schema (an empty table name), goes.
    table_name route(const table_name& n) {
        if (!n.table.empty()) {
            const auto decision = rules_.decide(n);
            return decision->replicate ? decision->target : n;
        }
        const auto to = rules_.route_schema(n.schema);
        return {to ? *to : n.schema, ""};
    }

    table_name old_name(const schema::table& t) const {
        for (const schema::table_rename& r : s_.change.renamed) {
            if (folded(r.to) == folded(t.full_name())) return r.from;
        }
        return t.full_name();
    }

    /// Tables with foreign keys to it may change with it; the steps are not about these.
    bool is_subject(const schema::table& t) const {
        const auto names = subjects_of(s_.statement);
        const table_name own = folded(t.full_name());
        return std::any_of(
            names.begin(), names.end(), [&](const table_name& n) { return folded(n) == own; });
    }

    /// Other tables of the source with rows in the target's tables `targets` (lower case; an empty
    /// table name: all of a schema). `own`: folded.
    std::vector<std::shared_ptr<const schema::table>> others(const std::set<table_name>& targets,
                                                             const std::set<table_name>& own) {
        std::vector<std::shared_ptr<const schema::table>> out;
        if (targets.empty()) return out;
        for (const auto& t : s_.before.tables()) {
            const table_name name = t->full_name();
            if (t->is_sequence || t->is_view || own.contains(folded(name))) continue;
            const auto decision = rules_.decide(name);
            if (!decision->replicate) continue;
            const table_name target = lowered(decision->target);
            if (targets.contains(target) || targets.contains({target.schema, ""})) out.push_back(t);
        }
        return out;
    }
    std::vector<std::shared_ptr<const schema::table>> others(const table_name& own) {
        return others({lowered(route(own))}, {folded(own)});
    }

    std::optional<error> judge_rows() {
        const leaving_rows leaving = rows_that_leave(
            s_.statement, s_.change, s_.before, [this](const table_name& n) { return route(n); });
        std::set<table_name> own;
        std::set<table_name> targets;
        for (const table_name& n : leaving.tables) {
            own.insert(folded(n));
            targets.insert(lowered(route(n)));
        }
        // Dropped with all that is in them.
        for (const std::string& name : s_.change.schemas_dropped) {
            const table_name target = route({name, ""});
            if (target.schema == name) targets.insert(lowered(target));
        }
        const auto harmed = others(targets, own);
        if (harmed.empty()) return std::nullopt;
        const table_name other = harmed.front()->full_name();
        return error{errc::sync_ddl_refused,
                     fmt::format("the statement would also {} the rows of {}, which are in {} on "
                                 "the target, too",
                                 leaving.moved ? "move" : "remove",
                                 quoted(other),
                                 quoted(route(other)))}
            .table(other.schema, other.table)
            .workaround(fmt::format(
                "Leave the statement out with an event filter (events: [{}], action: Ignore), and "
                "{} on the target what has to go.",
                to_text(leaving.event),
                leaving.moved ? "move" : "delete"));
    }

    static error fault(const std::string& what, const schema::table& other, std::string way_out) {
        return error{
            errc::sync_ddl_refused,
            fmt::format("the statement would also {} of {}, which goes into the same table "
                        "of the target",
                        what,
                        quoted(other.full_name()))}
            .table(other.schema, other.name)
            .workaround(std::move(way_out));
    }

    /// The target's column that the statement takes away; `after`: the statement's table behind it.
    bool takes(const schema::table& after, std::string_view column) const {
        return has_change(s_.steps, schema::change_kind::drop_column, column) ||
               (rebuilt_ && after.find_column(column) == schema::npos);
    }

    static error taken(const std::string& column, const schema::table& other) {
        return fault("remove the values of column " + quoted_identifier(column),
                     other,
                     "Leave the statement out with an event filter (events: [drop column], action: "
                     "Ignore), and drop the column on the target when no table has it any more.");
    }

    std::optional<error> judge_table(const schema::table& after) {
        const table_name was = old_name(after);
        const auto before = s_.before.find(was.schema, was.table);
        if (before == nullptr || after.is_sequence || !rules_.decide(was)->replicate)
            return std::nullopt;
        for (const auto& x : rules_.decide(was)->extracted) {
            if (takes(after, x.column)) return taken(x.column, *before);
        }
        const auto harmed = others(was);
        if (harmed.empty()) return std::nullopt;
        const schema::table now = form(after);
        for (const auto& other : harmed) {
            for (const auto& x : rules_.decide(other->full_name())->extracted) {
                if (takes(after, x.column)) return taken(x.column, *other);
            }
            for (const schema::column& c : other->columns) {
                if (c.hidden) continue;
                if (renames(after, c.name)) return renamed(c.name, *other);
                if (takes(after, c.name)) return taken(c.name, *other);
            }
            for (const schema::column& c : form(*other).columns) {
                if (auto why = judge_column(c, *other, now, *before, after)) return why;
            }
        }
        return std::nullopt;
    }

    schema::table form(const schema::table& t) {
        return schema::create_for_target(
                   t, s_.source, s_.target, [this](const table_name& n) { return route(n); })
            .definition;
    }

    bool renames(const schema::table& after, const std::string& column) const {
        return std::any_of(s_.change.renamed_columns.begin(),
                           s_.change.renamed_columns.end(),
                           [&](const schema::column_rename& r) {
                               return folded(r.table) == folded(after.full_name()) &&
                                      schema::same_name(r.from, column) &&
                                      !schema::same_name(r.from, r.to);
                           });
    }

    error renamed(const std::string& column, const schema::table& other) {
        return fault(
            "rename column " + quoted_identifier(column),
            other,
            "Rename it in each of these tables before rows are written under the new name, leave "
            "these statements out with an event filter (events: [rename column], action: Ignore), "
            "and rename the column on the target: a row that comes before that stops the task, "
            "which then goes on from there.");
    }

    /// The new table is filled from the columns that the statement's table had before.
    error replaced(const std::string& column,
                   const schema::table& other,
                   const schema::table& before,
                   const schema::table& after) {
        return fault("replace the values of column " + quoted_identifier(column),
                     other,
                     fmt::format("Leave the statement out with an event filter (events: [{}], "
                                 "action: Ignore), and change the target's table by hand.",
                                 events_of(parts_of(s_.statement, &before, &after))));
    }

    /// `c`: a column of another table as the target would have it; `now`: the statement's table.
    std::optional<error> judge_column(const schema::column& c,
                                      const schema::table& other,
                                      const schema::table& now,
                                      const schema::table& before,
                                      const schema::table& after) {
        const std::size_t at = now.find_column(c.name);
        if (at == schema::npos) return std::nullopt;
        const schema::column& to = now.columns[at];
        if (rebuilt_ && !to.is_generated() && before.find_column(c.name) == schema::npos)
            return replaced(c.name, other, before, after);
        const bool made = has_change(s_.steps, schema::change_kind::add_column, c.name);
        // One that is there already is compared with what the statement makes.
        if (made && !to.is_generated() && !c.is_generated()) return std::nullopt;
        const bool changed = made || rebuilt_ ||
                             has_change(s_.steps, schema::change_kind::modify_column, c.name) ||
                             has_change(s_.steps, schema::change_kind::rename_column, c.name);
        if (!changed) return std::nullopt;
        const auto kept = schema::values_kept_by(c, to);
        if (kept == schema::values_kept::all) return std::nullopt;
        const bool told = kept == schema::values_kept::all_or_refused;
        if (told && s_.strict) return std::nullopt;
        const auto text = [&](const schema::column& x) {
            std::string out = schema::column_type_text(x, s_.source);
            if (!x.charset.empty()) out += " CHARACTER SET " + x.charset;
            if (x.is_generated()) out += " AS (" + x.expression + ")";
            return out + (x.nullable ? "" : " NOT NULL");
        };
        return fault(
            fmt::format("change values of column {} ({} becomes {}{})",
                        quoted_identifier(c.name),
                        text(c),
                        text(to),
                        told ? ", without strict mode" : ""),
            other,
            fmt::format("Leave the statement out with an event filter (events: [{}], action: "
                        "Ignore), and change the column on the target when every table has it so.",
                        events_of(parts_of(s_.statement, &before, &after))));
    }

    rule_set& rules_;
    const planned_statement& s_;
    const bool rebuilt_;
};

}  // namespace internal

DMLIB_DECL std::optional<error> harm_to_merged_tables(rule_set& rules, const planned_statement& s) {
    return internal::merged_judge(rules, s).judge();
}

DMLIB_DECL std::optional<error> harm_to_merged_tables(rule_set& rules,
                                                      const sql::statement& statement,
                                                      const schema::catalog& known,
                                                      const schema::resolve_options& options,
                                                      const schema::target_facts& target) {
    const auto change = schema::resolve(statement, known, options);
    if (!change || !change->changes_anything()) return std::nullopt;
    schema::catalog after = known;
    schema::apply(*change, after);
    const auto route = [&rules](const table_name& n) -> table_name {
        if (!n.table.empty()) {
            const auto decision = rules.decide(n);
            return decision->replicate ? decision->target : n;
        }
        const auto to = rules.route_schema(n.schema);
        return {to ? *to : n.schema, ""};
    };
    const auto ddl =
        schema::rewrite_for_target(statement, *change, known, after, options.server, target, route);
    if (!ddl.errors.empty()) return std::nullopt;
    return harm_to_merged_tables(rules,
                                 planned_statement{statement,
                                                   *change,
                                                   known,
                                                   after,
                                                   ddl.steps,
                                                   options.server,
                                                   target,
                                                   is_strict_mode(options.sql_mode)});
}

DMLIB_DECL schema::catalog merged_tables_of(
    rule_set& rules,
    const sql::statement& statement,
    const std::vector<table_name>& all,
    const std::function<std::shared_ptr<const schema::table>(const table_name&)>& definition,
    bool fold_names) {
    schema::catalog out(fold_names ? 1 : 0);
    std::set<table_name> targets;
    std::set<std::string> schemas;
    for (const table_name& n : subjects_of(statement)) {
        if (n.table.empty())
            schemas.insert(out.folded(n.schema));
        else
            targets.insert(internal::lowered(rules.decide(n)->target));
    }
    for (const table_name& n : all) {
        const auto decision = rules.decide(n);
        const bool wanted =
            schemas.contains(out.folded(n.schema)) ||
            (decision->replicate && targets.contains(internal::lowered(decision->target)));
        if (!wanted) continue;
        if (const auto t = definition(n)) out.put(*t);
    }
    return out;
}

DMLIB_DECL bool is_strict_mode(std::uint64_t sql_mode) noexcept {
    constexpr std::uint64_t strict_bits =
        (1ULL << 21) | (1ULL << 22);  // STRICT_TRANS_TABLES, STRICT_ALL_TABLES
    return (sql_mode & strict_bits) != 0;
}

DMLIB_DECL std::vector<std::string> columns_of_merged_tables(rule_set& rules,
                                                             const planned_statement& s) {
    return internal::merged_judge(rules, s).columns_of_others();
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
