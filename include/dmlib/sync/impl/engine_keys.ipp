#pragma once

#include <dmlib/dml/lane_keys.hpp>
#include <dmlib/sync/engine.hpp>

#include <fmt/format.h>

// What decides the lanes of a table's rows: the target's keys and their collations, the route, the
// rules for key columns. A lane's record says "everything of mine up to here": it can be read only
// with the lanes by which the rows were written. So they are stored before a table's first row, and
// whoever begins within what lanes had written ahead has to find them again. A DDL statement of the
// source makes them void with its record, for the tables whose rows before it were all committed.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

DMLIB_DECL error sync_engine::keys_changed(const table_state& t, const std::string& what) const {
    error fault{errc::checkpoint_keys_changed, what};
    fault.table(t.decision->source.schema, t.decision->source.table);
    return fault;
}

/// Whether rows of the table may go to lanes. Blocked: not before its keys are stored.
DMLIB_DECL result<intake> sync_engine::admit(table_state& t) {
    // Rows of a transaction that never took effect go to no lane.
    if (t.admitted || (open_is_void_ && !placing_)) return intake::taken;
    if (storing_keys_ || leaves_) return intake::blocked;
    if (const auto differs = placed_otherwise(t)) return leave_run(t, *differs);
    if (!lanes_matter()) return admit_in_order(t);
    const checkpoint::row_point at =
        placing_ ? *placing_ : checkpoint::row_point{transaction_, event_number_, 0};
    // Lanes may have committed this row, by the keys that are stored.
    const bool written = ahead_ && compare(at, *ahead_) != std::strong_ordering::greater;
    std::string now = dml::lane_keys(*t.plan);
    const table_name name = folded(t.decision->source);
    const auto known = stored_keys_.find(name);
    if (known != stored_keys_.end()) {
        if (const auto differs = dml::lane_keys_differ(known->second.text, now)) {
            if (written) {
                return keys_changed(t, *differs)
                    .workaround(fmt::format(
                        "Bring back what was before, on the target or in the task's rules: {}. "
                        "Then run the task until it has caught up or is stopped, and change it "
                        "behind that.",
                        dml::readable_lane_target(known->second.text)));
            }
            if (known->second.used) return leave_run(t, *differs);
        }
        if (known->second.text == now) {
            note_placed(t, known->second);
            return intake::taken;
        }
    } else if (written && options_.keys_complete) {
        return keys_changed(t,
                            fmt::format("rows of {} stand in front of what some lanes had written, "
                                        "and the last run did not replicate them",
                                        quoted(t.decision->source)))
            .workaround(
                "Run the task with the rules of before until it is stopped or has caught up, then "
                "with the new ones.");
    }
    storing_keys_ = name;
    // Not used any more, but for its family it may be the one that was.
    if (known != stored_keys_.end() && known->second.used) families_.reset();
    stored_keys_[name] = {now, false};
    actions_.push_back(keys_to_store{{name, std::move(now)}});
    return intake::blocked;
}

/// Rows that are left out in the stream's order are so whatever the keys. But one batch cannot
/// bring changes together by two ways to tell rows apart.
DMLIB_DECL result<intake> sync_engine::admit_in_order(table_state& t) {
    std::string now = dml::lane_keys(*t.plan);
    stored_keys& known = stored_keys_[folded(t.decision->source)];
    if (known.used) {
        if (const auto differs = dml::lane_keys_differ(known.text, now))
            return leave_run(t, *differs);
    }
    known.text = std::move(now);
    note_placed(t, known);
    return intake::taken;
}

DMLIB_DECL void sync_engine::on_keys_stored() {
    if (!storing_keys_) return;
    storing_keys_.reset();
    go_on_unasked();
}

/// Rows by the former keys may be under way, or committed and not acknowledged: the next run finds
/// them in front of its beginning, or says that it cannot go on.
DMLIB_DECL result<intake> sync_engine::leave_run(const table_state& t, const std::string& differs) {
    if (keeps_as_before() || placing_ || took_up_kept()) return keys_changed(t, differs);
    if (!behind_ddl()) {
        held_ = hold::leaving;
        seal_all();
        pump();
        if (!behind_ddl()) return intake::blocked;
    }
    leaves_ = true;
    actions_.push_back(begin_anew{differs});
    return intake::blocked;
}

/// Rows that were kept are behind us only with the end of the transaction that took them up.
DMLIB_DECL bool sync_engine::took_up_kept() const {
    return kept_at_ && kept_at_->event != 0 && kept_at_->transaction == transaction_;
}

/// A statement that nothing runs beside: everything before it is committed and acknowledged, so the
/// stored keys of all tables are void. But where an earlier run had other tables' rows go on before
/// it could run the statement, lanes are ahead of it with these.
DMLIB_DECL void sync_engine::make_keys_void(const std::set<table_name>& concerned) {
    const checkpoint::row_point at{transaction_, event_number_, 0};
    if (was_recorded() && !options_.ddl_tables.empty()) {
        ddl_work_.keys_of = options_.ddl_tables;
    } else if (ahead_ && compare(*ahead_, at) == std::strong_ordering::greater) {
        ddl_work_.keys_of.emplace(concerned.begin(), concerned.end());
    }
}

/// With a record of an earlier run, what is stored is of rows behind the statement.
DMLIB_DECL void sync_engine::forget_keys() {
    if (was_recorded()) return;
    families_.reset();
    if (!ddl_work_.keys_of) return stored_keys_.clear();
    for (const table_name& n : *ddl_work_.keys_of) stored_keys_.erase(n);
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
