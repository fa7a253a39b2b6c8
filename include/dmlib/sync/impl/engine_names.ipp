#pragma once

#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/leaving_rows.hpp>

#include <fmt/format.h>

// Names of tables on a target that does not tell upper from lower case. Two tables of the source
// whose targets differ only in that would have their rows in one table, where one row may take
// another one's place: the task stops. Targets that are spelled alike are merged on purpose.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

inline error one_table(const table_name& own,
                       const table_name& own_target,
                       const table_name& other,
                       const table_name& other_target,
                       errc code,
                       const std::string& way_out) {
    return error{code,
                 fmt::format("{} (of {}) and {} (of {}) are one table on the target, which does "
                             "not tell upper from lower case",
                             quoted(own_target),
                             quoted(own),
                             quoted(other_target),
                             quoted(other))}
        .table(own.schema, own.table)
        .workaround(way_out);
}

}  // namespace internal

/// Every target's name in lower case, with the tables of the source that go there under two
/// spellings.
DMLIB_DECL void sync_engine::find_case_clashes() {
    case_clashes_.emplace();
    if (!options_.target.folds_names) return;
    struct user {
        table_name source;
        table_name target;
    };
    std::map<table_name, user> users;
    for (const auto& t : definitions_.definitions().tables()) {
        if (t->is_view || t->is_sequence) continue;
        const table_name source = t->full_name();
        const auto decision = rules_.decide(source);
        if (!decision->replicate) continue;
        const table_name low = internal::lowered(decision->target);
        const auto [at, fresh] = users.emplace(low, user{source, decision->target});
        if (!fresh && at->second.target != decision->target)
            case_clashes_->emplace(low, std::pair{at->second.source, source});
    }
}

/// Rows of a table, before they are planned: whatever brought its name about.
DMLIB_DECL result<void> sync_engine::has_own_name(const table_name& source,
                                                  const table_name& target) {
    if (!case_clashes_) find_case_clashes();
    const auto clash = case_clashes_->find(internal::lowered(target));
    if (clash == case_clashes_->end()) return {};
    const auto& [a, b] = clash->second;
    const table_name& other = a == source ? b : a;
    return internal::one_table(
        source,
        target,
        other,
        rules_.decide(other)->target,
        errc::sync_schema_mismatch,
        "Leave one of the tables out (block-allow-list), or route one to another name and start "
        "the task anew; see which rows the target's table has by now.");
}

/// A statement that makes a table, or gives it the name: refused before it runs.
DMLIB_DECL result<void> sync_engine::makes_own_names(const schema::resolved_change& change,
                                                     const schema::catalog& after) {
    if (!options_.target.folds_names) return {};
    std::map<table_name, table_name> made;  // target's name in lower case, source's table
    for (const schema::table& t : change.created) {
        if (t.is_sequence || t.is_view) continue;
        made.emplace(internal::lowered(route_name(t.full_name())), t.full_name());
    }
    for (const auto& r : change.renamed) made.emplace(internal::lowered(route_name(r.to)), r.to);
    if (made.empty()) return {};
    for (const auto& t : after.tables()) {
        if (t->is_view || t->is_sequence) continue;
        const table_name other = t->full_name();
        const auto decision = rules_.decide(other);
        if (!decision->replicate) continue;
        const auto at = made.find(internal::lowered(decision->target));
        if (at == made.end()) continue;
        const table_name target = route_name(at->second);
        if (target == decision->target) continue;
        return internal::one_table(
            at->second,
            target,
            other,
            decision->target,
            errc::sync_ddl_refused,
            "Leave one of the tables out (block-allow-list), or route one of them to another name "
            "of the target, then run again.");
    }
    return {};
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
