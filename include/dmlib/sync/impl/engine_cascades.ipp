#pragma once

#include <dmlib/sync/engine.hpp>

#include <fmt/format.h>

#include <algorithm>

// Foreign keys with actions (CASCADE, SET NULL): the source changes child rows and writes no row
// events of it. The target has to do the same by the same foreign keys, in the same order; so all
// tables that such keys tie together share one lane, where foreign key checks are on.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

inline bool has_action(const schema::foreign_key& k) noexcept {
    const auto acts = [](schema::reference_action a) {
        return a == schema::reference_action::cascade || a == schema::reference_action::set_null ||
               a == schema::reference_action::set_default;
    };
    return acts(k.on_delete) || acts(k.on_update);
}

inline table_name parent_of(const schema::table& child, const schema::foreign_key& k) {
    return {k.ref_schema.empty() ? child.schema : k.ref_schema, k.ref_table};
}

}  // namespace internal

DMLIB_DECL void sync_engine::find_cascades() {
    std::map<table_name, table_name> leader;  // a forest: a table to one nearer to its group's name
    const auto find = [&](table_name n) {
        for (auto at = leader.find(n); at != leader.end() && at->second != n; at = leader.find(n))
            n = at->second;
        return n;
    };
    std::vector<table_name> acting;
    for (const auto& t : definitions_.definitions().tables()) {
        for (const auto& k : t->foreign_keys) {
            const auto parent =
                definitions_.definitions().find(internal::parent_of(*t, k).schema, k.ref_table);
            const table_name parent_name =
                parent ? parent->full_name() : internal::parent_of(*t, k);
            const table_name a = find(t->full_name());
            const table_name b = find(parent_name);
            leader.try_emplace(a, a);
            leader.try_emplace(b, b);
            leader[std::max(a, b)] = std::min(a, b);
            if (internal::has_action(k)) acting.push_back(t->full_name());
        }
    }
    std::vector<table_name> groups;
    for (const auto& n : acting) groups.push_back(find(n));
    cascades_.emplace();
    for (const auto& [name, unused] : leader) {
        const table_name group = find(name);
        if (std::find(groups.begin(), groups.end(), group) != groups.end())
            (*cascades_)[name] = quoted(group);
    }
}

/// The target must have every foreign key whose action changes rows without row events.
DMLIB_DECL result<void> sync_engine::check_cascades(const schema::table& source,
                                                    const schema::table& target) {
    const auto same_list = [](const std::vector<std::string>& a,
                              const std::vector<std::string>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), schema::same_name);
    };
    for (const auto& k : source.foreign_keys) {
        if (!internal::has_action(k)) continue;
        const table_name parent = internal::parent_of(source, k);
        const auto decision = rules_.decide(parent);
        const bool there =
            std::any_of(target.foreign_keys.begin(),
                        target.foreign_keys.end(),
                        [&](const schema::foreign_key& other) {
                            return same_list(k.columns, other.columns) &&
                                   schema::same_name(other.ref_table, decision->target.table) &&
                                   k.on_delete == other.on_delete && k.on_update == other.on_update;
                        });
        if (there && decision->replicate) continue;
        error fault{errc::sync_foreign_key,
                    decision->replicate
                        ? fmt::format("foreign key {} changes rows of {} without row events, and "
                                      "the target's table has no such key",
                                      quoted_identifier(k.name),
                                      quoted(source.full_name()))
                        : fmt::format("foreign key {} changes rows of {} without row events when "
                                      "its parent {} changes, and the parent is not replicated",
                                      quoted_identifier(k.name),
                                      quoted(source.full_name()),
                                      quoted(parent))};
        return fault.table(source.schema, source.name);
    }
    return {};
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
