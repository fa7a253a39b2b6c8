// Checks of the rules against the tables that the source has.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/target_form.hpp>

#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// The copy's view of a table; a finding where it cannot have one.
inline void describe(source_context& c, planned_table& t) {
    if (!c.needs_copy() || dump::classify_engine(t.listed.engine) == dump::engine_class::refused)
        return;
    auto described = dump::describe_table(t.listed, t.create_text, c.at.facts.kind);
    if (described) {
        t.described = std::move(*described);
    } else {
        const error& why = described.error();
        c.found.fail("table_schema", why.message(), why.workaround(), t.names.source);
    }
}

/// One rule for each expression, so that every fault is told.
inline std::vector<row_filter_rule> one_by_one(const row_filter_rule& rule) {
    std::vector<row_filter_rule> out;
    for (const auto text : {&row_filter_rule::insert_value,
                            &row_filter_rule::update_old_value,
                            &row_filter_rule::update_new_value,
                            &row_filter_rule::delete_value}) {
        if ((rule.*text).empty()) continue;
        row_filter_rule one{rule.name, rule.schema, rule.table, {}, {}, {}, {}, rule.place};
        one.*text = rule.*text;
        out.push_back(std::move(one));
    }
    return out;
}

/// A mapping or an expression that a table as it is defined somewhere cannot have.
struct rule_fault {
    std::string message;
    std::string instruction;
    rule_place place;
    bool has_place = false;  ///< the message has it
};

/// One entry for each mapping: one that cannot be applied to each row would stop the task in the
/// middle, or let the rows of merged tables meet.
inline void add_mapping_faults(const planned_table& t,
                               const schema::table& definition,
                               std::vector<std::optional<rule_fault>>& out) {
    for (const column_mapping& m : t.names.mappings) {
        auto& one = out.emplace_back();
        const auto fine = mapped_column(m, definition);
        if (fine) continue;
        one = rule_fault{quoted(t.names.source) + ": " + fine.error().message() + ".",
                         std::string(fine.error().workaround()),
                         m.place};
    }
}

/// One entry for each expression: compiled with the copy's columns and with the binlog's.
inline void add_row_filter_faults(const source_context& c,
                                  const planned_table& t,
                                  const schema::table& definition,
                                  bool copied,
                                  std::vector<std::optional<rule_fault>>& out) {
    std::vector<std::vector<std::size_t>> images;
    if (t.described && copied) {
        for (const auto& column : t.described->select) {
            if (images.empty()) images.emplace_back();
            images.front().push_back(column.column);
        }
    }
    if (c.needs_binlog()) images.push_back(schema::binlog_columns(definition, c.at.facts.kind));
    for (const row_filter_rule& rule : t.names.row_filters) {
        for (const row_filter_rule& one : one_by_one(rule)) {
            auto& fault = out.emplace_back();
            for (const auto& image : images) {
                const auto compiled = row_filter::compile(
                    {&one, 1}, definition, image, {c.at.facts.kind, t.names.row_time_zone});
                if (compiled) continue;
                const error& why = compiled.error();
                fault = rule_fault{why.message(), why.workaround(), rule.place, true};
                break;
            }
        }
    }
}

inline std::vector<std::optional<rule_fault>> faults_of_rules(const source_context& c,
                                                              const planned_table& t,
                                                              const schema::table& definition,
                                                              bool copied) {
    std::vector<std::optional<rule_fault>> out;
    add_mapping_faults(t, definition, out);
    add_row_filter_faults(c, t, definition, copied, out);
    return out;
}

inline void tell(findings& found,
                 const planned_table& t,
                 severity how,
                 const rule_fault& fault,
                 std::string_view instruction) {
    found.problem(
        "table_schema",
        how,
        fault.message,
        std::string(instruction.empty() ? std::string_view(fault.instruction) : instruction),
        t.names.source);
    if (fault.has_place) {
        found.items().back().place = to_string(fault.place);
    } else {
        found.place(fault.place);
    }
}

/// Mappings and expressions about the columns of a table. A task that goes on from a checkpoint
/// reads first what was written under the definition there, and what comes behind a DDL that it
/// has yet to read under another one: a rule that fits to either may be right.
inline void check_rules_of_rows(source_context& c, const planned_table& t) {
    if (t.names.mappings.empty() && t.names.row_filters.empty()) return;
    const auto now = faults_of_rules(c, t, *t.definition, true);
    earlier_definition earlier;
    if (c.source.at_checkpoint) earlier = c.source.at_checkpoint(t.names.source);
    std::optional<schema::table> then;
    if (earlier.create) {
        auto parsed =
            schema::table_from_show_create(*earlier.create, c.at.facts.kind, t.names.source.schema);
        if (parsed) then = std::move(*parsed);
    }
    const auto before = then ? faults_of_rules(c, t, *then, false) : now;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] && before[i]) {
            const bool certain = then || !earlier.goes_on;
            std::string way_out = (then ? before : now)[i]->instruction;
            if (!certain || c.source.first_start)
                way_out += certain
                               ? " If a statement (DDL) behind the place of meta made the table "
                                 "so, leave this check out: ignore-checking-items: "
                                 "[table_schema]."
                               : " If a statement (DDL) that the task has yet to read made the "
                                 "table so, the task says when.";
            tell(c.found,
                 t,
                 certain ? severity::error : severity::warning,
                 *(then ? before : now)[i],
                 way_out);
        } else if (now[i]) {
            tell(c.found,
                 t,
                 severity::warning,
                 *now[i],
                 "Leave the rule as it is for now: it fits to the table as it is at the task's "
                 "checkpoint. Behind the statement (DDL) that changes the table the task stops and "
                 "says so; correct the rule then, and run again.");
        } else if (before[i]) {
            tell(c.found,
                 t,
                 severity::warning,
                 *before[i],
                 "The rule fits to the table as the source has it now, and not as it is at the "
                 "task's checkpoint. If rows from before the statement (DDL) that changed it are "
                 "still to be read, the task stops at them: let the rule be as it was until the "
                 "task stops behind that statement.");
        }
    }
}

/// Asks the rules about the names that the source has.
inline void ask_rules(source_context& c) {
    if (!c.source.rule_uses || !c.found.wanted("rule_match")) return;
    std::vector<table_name> names;
    for (const auto& t : c.listed) names.push_back(t.name);
    auto schemas = dump::list_schemas(c.at.session);
    if (!schemas) return c.found.could_not("rule_match", schemas.error());
    for (const auto& [name, text] : *schemas) names.push_back({name, ""});
    auto uses = c.source.rule_uses(names);
    if (!uses) return;  // plan_tables said why
    // A source without anything is one that is filled later.
    if (!names.empty()) c.rules = std::move(*uses);
    c.has_rules = true;
}

inline void warn_unused(const rule_use& use, findings& found) {
    std::string message = use.title + " matches nothing that the source has: " + use.pattern;
    std::string way_out = "Correct the rule or remove it; or leave it, if its tables come later.";
    if (use.in_other_case) {
        const table_name& n = *use.in_other_case;
        message +=
            ", whereas there is " + (n.table.empty() ? quoted_identifier(n.schema) : quoted(n));
        way_out = "Write it in the case of the source's names; or case-sensitive: false.";
    }
    found.warn("rule_match", message + ".", std::move(way_out));
    found.place(use.place);
}

/// A rule that several sources use has to match on one of them only.
inline void check_rule_matches(std::vector<std::unique_ptr<source_context>>& sources) {
    using rule_key = std::tuple<std::string, std::string, std::string>;
    const auto key_of = [](const rule_use& u) {
        return rule_key{u.title, u.pattern, to_string(u.place)};
    };
    std::set<rule_key> settled;
    for (const auto& c : sources) {
        if (!c->has_rules) return;
        for (const rule_use& u : c->rules) {
            if (u.matches) settled.insert(key_of(u));
        }
    }
    for (const auto& c : sources) {
        c->found.run("rule_match", std::to_string(c->rules.size()) + " rules have tables", [&] {
            for (const rule_use& u : c->rules) {
                if (settled.insert(key_of(u)).second) warn_unused(u, c->found);
            }
        });
    }
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
