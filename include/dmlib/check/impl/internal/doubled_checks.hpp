// A copy into tables that have rows already, and no key that would find them twice.
#pragma once

#include <dmlib/check/impl/internal/on_target_checks.hpp>
#include <dmlib/load/doubled_rows.hpp>
#include <dmlib/sync/syncer.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// False where the target is gone.
inline bool check_doubled_rows(const check_input& in,
                               source_context& c,
                               server& target,
                               const target_definitions& on_target) {
    if (!c.needs_copy() || !c.connected) return true;
    load::copy_owner owner{in.meta_schema, in.task, c.source.id, sync::identity_of(c.at.facts), {}};
    for (const source_input& s : in.sources) owner.sources.push_back(s.id);
    const auto lost = [&](const error& e) {
        c.found.could_not("table_schema", e);
        return e.info().retry != retry_class::reconnect;
    };
    const auto done = load::copy_is_done(target.session, owner);
    if (!done) return lost(done.error());
    if (*done) return true;
    for (const planned_table& t : c.tables) {
        const auto there = on_target.find(t.names.target);
        if (!t.definition || there == on_target.end() || !there->second || !*there->second)
            continue;
        if (load::has_telling_key(**there->second, *t.definition, t.names.extracted)) continue;
        const auto fine =
            load::rows_stay_single(target.session, owner, t.names.source, t.names.target);
        if (fine) continue;
        const error& why = fine.error();
        if (why.code() == errc::load_target_not_empty) {
            c.found.fail("table_schema", why.message(), why.workaround(), t.names.source);
        } else if (!lost(why)) {
            return false;
        }
    }
    return true;
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
