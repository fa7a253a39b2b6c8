#pragma once

#include <dmlib/transform/impl/internal/event_rules.hpp>
#include <dmlib/transform/impl/internal/routing.hpp>
#include <dmlib/transform/impl/internal/rule_uses.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {

struct rule_set::compiled {
    std::string source_id;
    bool case_sensitive = false;
    std::vector<std::string> meta_schemas;  ///< folded where names are compared without case
    std::vector<internal::compiled_where> allowed;
    std::vector<internal::compiled_where> blocked;
    std::vector<table_pattern> allowed_texts;
    std::vector<table_pattern> blocked_texts;
    block_allow_list list_text;
    internal::compiled_list list;
    std::vector<internal::compiled_event_rule> events;
    std::vector<event_filter_rule> event_texts;
    std::vector<internal::compiled_route> routes;
    std::vector<route_rule> route_texts;
    std::vector<internal::compiled_mapping> mappings;
    std::vector<row_filter_rule> row_filters;
    std::optional<int> row_time_zone;
    std::unordered_map<std::string, std::shared_ptr<const table_decision>> cache;

    internal::list_verdict ask(const table_name& name) const;
    table_decision make(const table_name& source) const;
};

namespace internal {

inline std::string pattern_text(const table_pattern& p) {
    return p.table.empty() ? p.schema : p.schema + "." + p.table;
}

}  // namespace internal

/// Whether a table, or with an empty table name a schema, passes the filter.
DMLIB_DECL internal::list_verdict rule_set::compiled::ask(const table_name& name) const {
    if (is_system_schema(name.schema)) return {false, "system schema " + name.schema};
    const std::string schema = case_sensitive ? name.schema : fold_case(name.schema);
    for (const std::string& meta : meta_schemas) {
        if (schema == meta) return {false, "meta-schema " + meta};
    }
    const bool whole_schema = name.table.empty();
    const auto takes = [&](const internal::compiled_where& w, bool any_table) {
        if (!whole_schema) return w.matches(name);
        return w.schema.matches(name.schema) &&
               (any_table || w.schema_level() || w.table->text() == "*");
    };
    for (std::size_t i = 0; i < blocked.size(); ++i) {
        if (takes(blocked[i], false))
            return {false, "block " + internal::pattern_text(blocked_texts[i])};
    }
    std::string allowed_by;
    for (std::size_t i = 0; i < allowed.size() && allowed_by.empty(); ++i) {
        if (takes(allowed[i], true))
            allowed_by = "allow " + internal::pattern_text(allowed_texts[i]);
    }
    if (!allowed.empty() && allowed_by.empty()) return {false, "allow (none matches)"};
    internal::list_verdict v =
        whole_schema ? internal::ask_schema(list, name.schema) : internal::ask_table(list, name);
    if (v.passes && v.rule == "default" && !allowed_by.empty()) v.rule = allowed_by;
    return v;
}

DMLIB_DECL table_decision rule_set::compiled::make(const table_name& source) const {
    table_decision d;
    d.source = source;
    d.target = source;
    internal::list_verdict v = ask(source);
    d.replicate = v.passes;
    d.rule = std::move(v.rule);
    if (!d.replicate) return d;
    internal::route_choice choice = internal::choose_route(routes, route_texts, source);
    if (choice.fault) d.problems.push_back(std::move(*choice.fault));
    if (choice.route != nullptr) {
        d.route = choice.route->title;
        d.route_place = route_texts[choice.route->index].place;
        d.target.schema = choice.route->target_schema;
        if (!choice.route->target_table.empty()) d.target.table = choice.route->target_table;
        internal::add_extracted(*choice.route, source, source_id, d.extracted);
    }
    d.event_rules = internal::rules_about(events, source);
    const auto dml = [&](event_kind kind) {
        return internal::ask_rules(events, d.event_rules, {std::span(&kind, 1), {}, false, {}});
    };
    d.on_insert = dml(event_kind::insert);
    d.on_update = dml(event_kind::update);
    d.on_delete = dml(event_kind::delete_);
    internal::choose_mappings(mappings, case_sensitive, d);
    const auto same = [&](const std::string& a, const std::string& b) {
        return case_sensitive ? a == b : fold_case(a) == fold_case(b);
    };
    for (const row_filter_rule& rule : row_filters) {
        if (same(rule.schema, source.schema) && same(rule.table, source.table))
            d.row_filters.push_back(rule);
    }
    d.row_time_zone = row_time_zone;
    return d;
}

DMLIB_DECL result<std::shared_ptr<const row_filter>> compile_row_filter(
    const table_decision& decision,
    const schema::table& table,
    std::span<const std::size_t> image_columns,
    const server_kind& source) {
    if (decision.row_filters.empty()) return std::shared_ptr<const row_filter>{};
    return row_filter::compile(
        decision.row_filters, table, image_columns, {source, decision.row_time_zone});
}

DMLIB_DECL const event_verdict& table_decision::dml(event_kind kind) const noexcept {
    if (kind == event_kind::update) return on_update;
    return kind == event_kind::delete_ ? on_delete : on_insert;
}

DMLIB_DECL rule_set::rule_set() : compiled_(std::make_unique<compiled>()) {
}
DMLIB_DECL rule_set::rule_set(rule_set&&) noexcept = default;
DMLIB_DECL rule_set& rule_set::operator=(rule_set&&) noexcept = default;
DMLIB_DECL rule_set::~rule_set() = default;

DMLIB_DECL rule_set rule_set::build(const filter& f,
                                    const router& r,
                                    const mapper& m,
                                    std::vector<error>& problems) {
    internal::rule_compiler c(f.case_sensitive(), problems);
    rule_set out;
    compiled& set = *out.compiled_;
    set.case_sensitive = f.case_sensitive();
    for (const std::string& name : f.meta_schemas()) {
        set.meta_schemas.push_back(f.case_sensitive() ? name : fold_case(name));
    }
    set.allowed_texts = f.allowed();
    set.blocked_texts = f.blocked();
    set.allowed = c.tables("filter", "allow", f.allowed(), true);
    set.blocked = c.tables("filter", "block", f.blocked(), true);
    set.list = internal::compile_list(c, f.list());
    set.list_text = f.list();
    set.event_texts = f.events();
    for (const event_filter_rule& rule : f.events()) {
        set.events.push_back(internal::compile_event_rule(c, rule));
    }
    set.route_texts = r.rules();
    for (std::size_t i = 0; i < r.rules().size(); ++i) {
        set.routes.push_back(internal::compile_route(c, r.rules()[i], i));
    }
    for (const mapping_rule& rule : m.rules()) {
        set.mappings.push_back(internal::compile_mapping(c, rule));
    }
    set.row_filters = f.rows();
    set.row_time_zone = f.row_time_zone();
    for (const row_filter_rule& rule : f.rows()) {
        for (error& e : row_filter::check(rule)) problems.push_back(std::move(e));
    }
    return out;
}

DMLIB_DECL result<rule_set> rule_set::compile(const filter& f,
                                              const router& r,
                                              const mapper& m,
                                              std::string source_id) {
    std::vector<error> problems;
    rule_set out = build(f, r, m, problems);
    if (!problems.empty()) return problems.front();
    out.compiled_->source_id = std::move(source_id);
    return out;
}

DMLIB_DECL std::vector<error> rule_set::check(const filter& f, const router& r, const mapper& m) {
    std::vector<error> problems;
    build(f, r, m, problems);
    return problems;
}

DMLIB_DECL std::shared_ptr<const table_decision> rule_set::decide(const table_name& source) {
    std::string key = source.schema;
    key.push_back('\0');  // no name of a server holds it
    key += source.table;
    const auto found = compiled_->cache.find(key);
    if (found != compiled_->cache.end()) return found->second;
    if (compiled_->cache.size() >= max_cached_tables) compiled_->cache.clear();
    auto made = std::make_shared<const table_decision>(compiled_->make(source));
    compiled_->cache.emplace(std::move(key), made);
    return made;
}

DMLIB_DECL bool rule_set::replicates_schema(std::string_view schema) const {
    return compiled_->ask({std::string(schema), {}}).passes;
}

DMLIB_DECL result<std::string> rule_set::route_schema(std::string_view schema) const {
    internal::route_choice choice = internal::choose_route(
        compiled_->routes, compiled_->route_texts, {std::string(schema), {}});
    if (choice.fault) return *choice.fault;
    if (choice.route == nullptr) return std::string(schema);
    return choice.route->target_schema;
}

DMLIB_DECL ddl_decision rule_set::decide_ddl(const ddl_question& question) {
    ddl_decision out;
    out.target = question.name;
    const bool schema_statement = question.name.table.empty();
    std::vector<std::uint32_t> about;
    if (schema_statement) {
        internal::list_verdict v = compiled_->ask(question.name);
        if (!v.passes) return {filter_action::ignore, std::move(v.rule), out.target, {}, false, {}};
        auto routed = route_schema(question.name.schema);
        if (routed) {
            out.target.schema = *routed;
        } else {
            out.problems.push_back(routed.error());
        }
        about = internal::rules_about(compiled_->events, question.name);
    } else {
        const auto d = decide(question.name);
        if (!d->replicate) return {filter_action::ignore, d->rule, out.target, {}, false, {}};
        out.target = d->target;
        out.problems = d->problems;
        about = d->event_rules;
    }
    const auto ask = [&](std::span<const event_kind> kinds, std::span<const event_kind> also) {
        return internal::ask_rules(
            compiled_->events, about, {kinds, question.sql, schema_statement, also});
    };
    if (question.parts.empty()) {
        event_verdict v = ask({&question.kind, 1}, {});
        out.action = v.action;
        out.rule = std::move(v.rule);
        return out;
    }
    for (const ddl_part& part : question.parts) {
        std::vector<event_kind> kinds = part.kinds;
        kinds.push_back(question.kind);
        out.parts.push_back(ask(kinds, part.also));
    }
    const auto strictness = [](const event_verdict& v) {
        return v.action == filter_action::error ? 2 : v.action == filter_action::ignore ? 1 : 0;
    };
    const auto strictest =
        std::max_element(out.parts.begin(), out.parts.end(), [&](const auto& a, const auto& b) {
            return strictness(a) < strictness(b);
        });
    out.action = strictest->action;
    out.rule = strictest->rule;
    out.mixed = std::any_of(out.parts.begin(), out.parts.end(), [&](const event_verdict& v) {
        return v.action != out.action;
    });
    if (!out.mixed) out.parts.clear();
    return out;
}

DMLIB_DECL std::vector<rule_use> rule_set::uses(std::span<const table_name> names) const {
    const compiled& c = *compiled_;
    internal::use_finder out(names, c.case_sensitive);
    for (std::size_t i = 0; i < c.allowed.size(); ++i)
        out.pattern("allow " + internal::pattern_text(c.allowed_texts[i]), c.allowed[i], {});
    for (std::size_t i = 0; i < c.blocked.size(); ++i)
        out.pattern("block " + internal::pattern_text(c.blocked_texts[i]), c.blocked[i], {});
    internal::list_uses(out, c.list, c.list_text);
    for (const auto& r : c.routes) out.pattern(r.title, r.where, c.route_texts[r.index].place);
    for (std::size_t i = 0; i < c.events.size(); ++i)
        out.pattern(c.events[i].title, c.events[i].where, c.event_texts[i].place);
    for (const row_filter_rule& r : c.row_filters) {
        out.table(internal::titled("expression-filter", r.name), {r.schema, r.table}, r.place);
    }
    for (const auto& m : c.mappings) out.pattern(m.title, m.where, m.rule.place);
    return out.take();
}

DMLIB_DECL const std::vector<event_filter_rule>& rule_set::event_rules() const noexcept {
    return compiled_->event_texts;
}

DMLIB_DECL std::string rule_set::explain(const table_name& source) {
    const auto d = decide(source);
    std::string out = quoted(source) + ": " + (d->replicate ? "replicated" : "skipped") +
                      ", decided by " + d->rule + "\n";
    if (!d->replicate) return out;
    out += "  goes to " + quoted(d->target) + (d->route.empty() ? "" : " by " + d->route) + "\n";
    for (const extracted_column& x : d->extracted) {
        out += "  column " + quoted_identifier(x.column) + " = " + quoted_literal(x.value) + "\n";
    }
    for (const std::uint32_t i : d->event_rules) {
        out += "  event rule " + compiled_->events[i].title + "\n";
    }
    for (const event_kind kind : {event_kind::insert, event_kind::update, event_kind::delete_}) {
        const event_verdict& v = d->dml(kind);
        if (v.action == filter_action::replicate) continue;
        out += "  " + std::string(to_text(kind)) + ": " +
               (v.action == filter_action::ignore ? "ignored" : "pauses the task") + " by " +
               v.rule + "\n";
    }
    for (const column_mapping& m : d->mappings) {
        out += "  column " + quoted_identifier(m.column) + " changed by column-mappings " + m.rule +
               "\n";
    }
    for (const row_filter_rule& r : d->row_filters) {
        out += "  rows left out by expression-filter " + r.name + "\n";
    }
    for (const error& e : d->problems) out += "  problem: " + e.message() + "\n";
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
