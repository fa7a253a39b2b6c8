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
        c.found.place(m.place);
    }
}

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

/// Expressions that the task would stop at: with the copy's columns and with the binlog's.
inline void check_row_filters(source_context& c, const planned_table& t) {
    std::vector<std::vector<std::size_t>> images;
    if (t.described) {
        for (const auto& column : t.described->select) {
            if (images.empty()) images.emplace_back();
            images.front().push_back(column.column);
        }
    }
    if (c.needs_binlog()) images.push_back(schema::binlog_columns(*t.definition, c.at.facts.kind));
    for (const row_filter_rule& rule : t.names.row_filters) {
        for (const row_filter_rule& one : one_by_one(rule)) {
            for (const auto& image : images) {
                const auto compiled = row_filter::compile(
                    {&one, 1}, *t.definition, image, {c.at.facts.kind, t.names.row_time_zone});
                if (compiled) continue;
                const error& why = compiled.error();
                c.found.fail("table_schema", why.message(), why.workaround(), t.names.source);
                c.found.items().back().place = to_string(rule.place);  // the message has it
                break;
            }
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
