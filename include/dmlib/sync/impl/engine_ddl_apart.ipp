#pragma once

#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/leaving_rows.hpp>

#include <algorithm>

// DDL beside rows of other tables. A statement waits for the batches with rows of its tables and
// then runs while the other tables' rows go on; rows of its own tables behind it are kept
// (engine_kept_rows.ipp). To the
// low-water mark it is a batch of a lane of its own: the place in front of it is kept until it ran.
// A restart from there reads rows of its tables again that were committed before it ran, and that
// no definition fits any more: they are left out by the list in the DDL record.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

DMLIB_DECL table_name sync_engine::folded(const table_name& n) const {
    const auto& known = definitions_.definitions();
    return {known.folded(n.schema), known.folded(n.table)};
}

/// Every table of the source with rows in the target's tables that the statement changes.
DMLIB_DECL std::set<table_name> sync_engine::tables_concerned(const ddl_work& work) {
    std::set<table_name> out;
    for (const table_name& n : work.source_tables) out.insert(folded(n));
    std::set<table_name> touched;
    for (const table_name& n : work.touched) touched.insert(internal::lowered(n));
    for (const auto& t : definitions_.definitions().tables()) {
        const auto decision = rules_.decide(t->full_name());
        if (!decision->replicate) continue;
        if (touched.contains(internal::lowered(decision->target)))
            out.insert(folded(t->full_name()));
    }
    return out;
}

DMLIB_DECL bool sync_engine::has_rows_in(const std::vector<table_name>& targets) {
    std::set<table_name> names;
    for (const table_name& n : targets) names.insert(internal::lowered(n));
    const auto tables = definitions_.definitions().tables();
    return std::any_of(tables.begin(), tables.end(), [&](const auto& t) {
        const auto decision = rules_.decide(t->full_name());
        if (!decision->replicate) return false;
        const table_name target = internal::lowered(decision->target);
        return names.contains(target) || names.contains({target.schema, ""});
    });
}

/// Foreign keys tie one of them to another table, or to itself.
DMLIB_DECL bool sync_engine::has_foreign_keys(const schema::catalog& known,
                                              const std::set<table_name>& names) const {
    const auto tables = known.tables();
    return std::any_of(tables.begin(), tables.end(), [&](const auto& t) {
        if (t->foreign_keys.empty()) return false;
        if (names.contains(folded(t->full_name()))) return true;
        return std::any_of(t->foreign_keys.begin(), t->foreign_keys.end(), [&](const auto& k) {
            return names.contains(
                folded({k.ref_schema.empty() ? t->schema : k.ref_schema, k.ref_table}));
        });
    });
}

/// Whether the planned statement concerns its own tables only. Triggers of the target may write to
/// any table, foreign keys tie tables, a schema holds many, and whole transactions keep their order
/// with DDL, too.
DMLIB_DECL bool sync_engine::runs_apart(const std::set<table_name>& names) const {
    if (whole() || ddl_work_.in_transaction || !ddl_work_.source_schemas.empty() ||
        !with_triggers_.empty())
        return false;
    // An earlier run did not, and had no reason to keep rows.
    if (was_recorded() && options_.ddl_tables.empty()) return false;
    return !has_foreign_keys(definitions_.definitions(), names) &&
           !has_foreign_keys(after_ddl_->definitions(), names);
}

DMLIB_DECL void sync_engine::begin_apart(std::set<table_name> names) {
    if (was_recorded()) {
        names.merge(recorded_);
        recorded_.clear();
    } else {
        kept_at_.reset();
        keeps_again_ = false;
    }
    ddl_recorded_ = false;
    ddl_work_.rows_of.assign(names.begin(), names.end());
    ddl_work_.keys_of = ddl_work_.rows_of;
    forget_keys();
    begin_keeping(names);
    ddl_needs_.clear();
    for (const table_name& n : names) {
        const auto used = rows_of_.find(n);
        if (used == rows_of_.end()) continue;
        for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane) {
            const dml::lane_point last{lane, used->second[lane]};
            if (last.sequence == 0 || book_.is_committed(last)) continue;
            if (lanes_[lane].open_sequence == last.sequence) seal(lane);
            ddl_needs_.push_back(last);
        }
    }
    definitions_ = std::move(*after_ddl_);
    after_ddl_.reset();
    case_clashes_.reset();
    families_.reset();
    ddl_sequence_ = low_water_.issue(ddl_lane());
    ddl_place_ = ddl_work_.at;
    ddl_ = ddl_phase::waiting;
}

DMLIB_DECL void sync_engine::try_ddl() {
    if (ddl_ != ddl_phase::waiting) return;
    const bool ready = std::all_of(ddl_needs_.begin(),
                                   ddl_needs_.end(),
                                   [&](const dml::lane_point& p) { return book_.is_committed(p); });
    if (!ready) return;
    ddl_ = ddl_phase::running;
    actions_.push_back(ddl_work_);
}

DMLIB_DECL void sync_engine::end_apart() {
    ddl_ = ddl_phase::none;
    // What they look like now is not what was answered before.
    targets_.clear();
    cascades_.reset();
    families_.reset();
    ++counters_.ddl;
    low_water_.committed(ddl_lane(), ddl_sequence_);
    ddl_sequence_ = 0;
    forget_branches();
    go_on_unasked();
    pump();
}

DMLIB_DECL void sync_engine::on_ddl_recorded() {
    ddl_recorded_ = true;
}

/// It is the statement that an earlier run recorded.
DMLIB_DECL bool sync_engine::was_recorded() const {
    return !options_.ddl_at.empty() && ddl_work_.at == options_.ddl_at;
}

/// A trigger may write to the statement's tables: rows of its table wait.
DMLIB_DECL bool sync_engine::waits_for_ddl(const table_state& t) {
    if (keeping_.empty() || placing_ || !with_triggers_.contains(t.decision->target) ||
        keeps_as_before())
        return false;
    held_ = hold::ddl_runs;
    return true;
}

/// One statement at a time, and the next one where a restart begins behind the last.
DMLIB_DECL result<bool> sync_engine::waits_for_last_ddl() {
    if (behind_ddl()) return false;
    if (keeps_as_before() || (rows_seen_ && !keeping_.empty())) {
        return error{errc::sync_ddl_unresolved,
                     "an earlier run, which left this statement out or another one before it, had "
                     "gone on beyond it"}
            .workaround(
                "Run the task with the rules of before until it is behind that place, or copy the "
                "tables of both statements again.");
    }
    held_ = hold::ddl_stored;
    seal_all();
    pump();
    return !behind_ddl();
}

/// The event that was refused last would still be.
DMLIB_DECL bool sync_engine::is_held() const {
    switch (held_) {
        case hold::nothing:
            return false;
        case hold::ddl_runs:
            return ddl_sequence_ != 0 || !keeping_.empty();
        case hold::ddl_stored:
            return !behind_ddl();
        case hold::leaving:
            return !behind_ddl() && !took_up_kept();
        case hold::at_kept_place:
            return !keeping_.empty() && !may_release() && release_ == release_phase::none;
        case hold::keeping:
            return !keeping_.empty() && !may_keep(held_bytes_);
    }
    return false;
}

/// Its rows were committed before the statement ran that the last run recorded.
DMLIB_DECL bool sync_engine::done_before_ddl(const table_name& source) const {
    return before_recorded_ddl() && recorded_.contains(folded(source));
}

DMLIB_DECL bool sync_engine::before_recorded_ddl() const {
    return !recorded_.empty() && before_place({options_.ddl_at, {}});
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
