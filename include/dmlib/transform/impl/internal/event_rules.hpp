// What the binlog event filter says about one event.
#pragma once

#include <dmlib/transform/impl/internal/compiled_rules.hpp>

#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// The event as the rules see it: every kind it is (an ALTER TABLE is alter_table and what its part
/// does), and the text of a DDL statement.
struct asked_event {
    std::span<const event_kind> kinds;  ///< empty or {other}: no rule's events speak about it
    std::string_view sql;               ///< empty for row changes
    bool schema_statement = false;      ///< CREATE DATABASE and the like
    std::span<const event_kind> also;   ///< ddl_part::also
};

inline std::string_view word(filter_action action) {
    switch (action) {
        case filter_action::replicate:
            return "Do";
        case filter_action::ignore:
            return "Ignore";
        case filter_action::error:
            return "Error";
    }
    return "";
}

/// One rule alone: ignore, error, or replicate where it has nothing against the event.
inline event_verdict ask_rule(const compiled_event_rule& rule, const asked_event& event) {
    const auto say = [&](filter_action action, std::string_view why) {
        return event_verdict{
            action,
            rule.title + " (" + std::string(word(rule.action)) + ", " + std::string(why) + ")"};
    };
    const bool white = rule.action == filter_action::replicate;
    std::optional<event_kind> named;
    bool has_kind = false;
    for (const event_kind kind : event.kinds) {
        if (kind == event_kind::other) continue;
        has_kind = true;
        if (rule.events.contains(kind) && !named) named = kind;
    }
    if (has_kind) {
        if (named && !white) return say(rule.action, "events: " + std::string(to_text(*named)));
        if (!named && white) return say(filter_action::ignore, "not in events");
    }
    if (rule.action == filter_action::error) {
        for (const event_kind kind : event.also) {
            if (rule.events.contains(kind))
                return say(rule.action, "events: " + std::string(to_text(kind)));
        }
    }
    if (!event.sql.empty() && !rule.sql.empty()) {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < rule.sql.size() && !found; ++i) {
            if (rule.sql[i].found_in(event.sql)) found = i;
        }
        if (found && !white) return say(rule.action, rule_compiler::at("sql-pattern", *found));
        if (!found && white) return say(filter_action::ignore, "no sql-pattern matches");
    }
    return {};
}

/// All rules about a table: Ignore beats Error beats Do. A Do rule of the other level (schema or
/// table) than the event's is not asked where the event's own level has a Do rule: so the manual's
/// pair "table rule for rows, schema rule for CREATE DATABASE" works.
inline event_verdict ask_rules(const std::vector<compiled_event_rule>& all,
                               std::span<const std::uint32_t> indexes,
                               const asked_event& event) {
    const auto is_white = [&](std::uint32_t i) {
        return all[i].action == filter_action::replicate;
    };
    const auto own_level = [&](std::uint32_t i) {
        return all[i].where.schema_level() == event.schema_statement;
    };
    const bool own_white = std::any_of(indexes.begin(), indexes.end(), [&](std::uint32_t i) {
        return is_white(i) && own_level(i);
    });
    event_verdict out;
    for (const std::uint32_t i : indexes) {
        if (is_white(i) && own_white && !own_level(i)) continue;
        event_verdict v = ask_rule(all[i], event);
        if (v.action == filter_action::ignore) return v;
        if (v.action == filter_action::error && out.action != filter_action::error) out = v;
    }
    return out;
}

/// Indexes of the rules whose patterns take the name.
inline std::vector<std::uint32_t> rules_about(const std::vector<compiled_event_rule>& all,
                                              const table_name& name) {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].where.matches(name)) out.push_back(static_cast<std::uint32_t>(i));
    }
    return out;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
