#pragma once

#include <dmlib/sync/engine.hpp>

#include <algorithm>
#include <utility>

// Rows behind a statement that runs apart. Rows of its tables are kept as they came, within
// engine_options::kept_bytes, and other tables' rows go on to the lanes. A lane's record is one
// place: it could not say that rows of before are missing. So those that were kept are applied as
// if they all stood at one place, behind everything that lanes may have committed. That place is
// stored first; a restart keeps the same rows up to there and numbers them as before.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// A restart from here would find everything of before in batches, but for rows that are kept.
DMLIB_DECL void sync_engine::mark_read() {
    if (kept_.empty()) low_water_.mark(read_);
}

DMLIB_DECL bool sync_engine::is_kept(const binlog::table_map& map) const {
    if (keeping_.empty() || placing_) return false;
    return keeping_.contains(
        folded(table_name{std::string(map.schema()), std::string(map.table())}));
}

DMLIB_DECL bool sync_engine::in_transaction() const noexcept {
    return grammar_.in_transaction() || (pending_ && pending_->step != binlog::step::outside);
}

/// In front of the next event: every row of before has a smaller point. Between the rows of a
/// transaction the next event's number is taken, and the event gets another one (end_release).
DMLIB_DECL checkpoint::row_point sync_engine::here() const {
    if (!in_transaction()) return {read_.position, 0, 0};
    return {transaction_, rows_seen_ && !replay_ ? event_number_ : 0, 0};
}

namespace internal {
inline bool is_behind(const checkpoint::row_point& a, const checkpoint::row_point& b) {
    return compare(a, b) == std::strong_ordering::greater;
}
}  // namespace internal

/// An earlier run kept rows here, and nobody knows until where: what lanes committed is in front of
/// that place.
DMLIB_DECL bool sync_engine::must_keep() const {
    return keeps_again_ && !kept_at_ && ahead_ && !internal::is_behind(here(), *ahead_);
}

/// An earlier run went on here, with rows that it kept: nothing may wait for their place.
DMLIB_DECL bool sync_engine::keeps_as_before() const {
    return must_keep() || (kept_at_ && internal::is_behind(*kept_at_, here()));
}

DMLIB_DECL bool sync_engine::may_keep(std::size_t bytes) const {
    // Without the record, a restart would take what lanes have beyond these rows for all of it.
    if (!ddl_recorded_) return false;
    if (kept_at_) return true;
    if (ahead_ && !internal::is_behind(here(), *ahead_)) return keeps_again_;
    // A branch of an XA transaction is in memory already.
    return replay_ != nullptr || kept_.bytes() + bytes <= options_.kept_bytes;
}

DMLIB_DECL result<intake> sync_engine::keep_rows(const binlog::event& e,
                                                 const binlog::rows_event& rows) {
    if (open_is_void_ || rows.ignored) return intake::taken;
    if (auto fine = check_replace(rows); !fine) {
        error fault = fine.error();
        return fault.table(std::string(rows.table->schema()), std::string(rows.table->table()));
    }
    const std::size_t bytes = detail::kept_rows::cost(rows);
    if (!may_keep(bytes)) {
        held_ = hold::keeping;
        held_bytes_ = bytes;
        return intake::blocked;
    }
    kept_.add(e, rows, transaction_);
    rows_in_open_ = true;
    ++counters_.row_events_kept;
    return intake::taken;
}

DMLIB_DECL void sync_engine::begin_keeping(const std::set<table_name>& names) {
    keeping_.insert(names.begin(), names.end());
    std::erase_if(tables_, [&](const auto& t) {
        return t.second.decision && names.contains(folded(t.second.decision->source));
    });
}

/// An earlier run recorded a statement in front of this transaction, and this one leaves it out.
DMLIB_DECL void sync_engine::keep_again() {
    if (recorded_.empty() || before_recorded_ddl()) return;
    begin_keeping(recorded_);
    recorded_.clear();
    ddl_recorded_ = true;
}

DMLIB_DECL bool sync_engine::may_release() const {
    if (keeping_.empty() || ddl_sequence_ != 0 || ddl_ != ddl_phase::none) return false;
    if (kept_at_) return !internal::is_behind(*kept_at_, here());
    if (must_keep()) return false;
    return replay_ == nullptr || kept_.empty();
}

DMLIB_DECL void sync_engine::begin_release() {
    if (kept_at_) {
        release_ = release_phase::placing;
        return;
    }
    // Also where nothing was kept: rows from here on go the usual way, and a restart has to know.
    kept_at_ = here();
    // Then no number has to move, and an earlier run may have used them.
    if (kept_.empty()) kept_at_->event = 0;
    release_ = release_phase::storing;
    actions_.push_back(kept_place{*kept_at_});
}

DMLIB_DECL void sync_engine::on_kept_place_stored() {
    if (release_ != release_phase::storing) return;
    release_ = release_phase::placing;
    go_on_unasked();
}

DMLIB_DECL result<intake> sync_engine::place_kept(const detail::kept_event& kept) {
    const auto& rows = *kept.event.get<binlog::rows_event>();
    const binlog_position own = std::exchange(transaction_, kept.transaction);
    const std::string file = std::exchange(file_, kept.transaction.file);
    // The statement's text was looked at when they came.
    const auto replaces = std::exchange(replaces_, false);
    placing_ = checkpoint::row_point{kept_at_->transaction, kept_at_->event, kept.first};
    auto done = on_table_map(binlog::table_map_event{rows.table});
    if (done && *done == intake::taken) done = on_rows(kept.event, rows);
    if (!done) {
        error fault = done.error();
        done = fault.task(options_.task).source(options_.source).position(file_, kept.event.start);
    }
    placing_.reset();
    transaction_ = own;
    file_ = file;
    replaces_ = replaces;
    return done;
}

DMLIB_DECL result<intake> sync_engine::release_some() {
    while (!kept_.empty()) {
        if (bytes_ >= options_.memory_bytes) {
            pump();
            return intake::blocked;
        }
        auto done = place_kept(kept_.front());
        if (!done || *done == intake::blocked) return done;
        kept_.pop_front();
    }
    end_release();
    return intake::taken;
}

DMLIB_DECL void sync_engine::end_release() {
    kept_needs_.clear();
    for (const table_name& n : keeping_) {
        const auto used = rows_of_.find(n);
        if (used == rows_of_.end()) continue;
        for (std::uint32_t lane = 0; lane < used->second.size(); ++lane) {
            const dml::lane_point last{lane, used->second[lane]};
            if (last.sequence != 0 && !book_.is_committed(last)) kept_needs_.push_back(last);
        }
    }
    release_ = release_phase::none;
    keeping_.clear();
    kept_.clear();
    keeps_again_ = false;
    if (kept_at_->event != 0 && kept_at_->transaction == transaction_) ++event_number_;
    mark_read();
    if (is_held()) seal_all();
}

/// As far as rows that were kept can go now. Blocked: nothing may pass them.
DMLIB_DECL result<intake> sync_engine::go_on_with_kept() {
    if (release_ == release_phase::none && may_release()) begin_release();
    switch (release_) {
        case release_phase::none:
            // Rows from that place on were numbered and applied behind those that were kept.
            if (!kept_at_ || internal::is_behind(*kept_at_, here())) return intake::taken;
            held_ = hold::at_kept_place;
            return intake::blocked;
        case release_phase::storing:
            return intake::blocked;
        case release_phase::placing:
            break;
    }
    return release_some();
}

/// The same while no event is at hand.
DMLIB_DECL void sync_engine::go_on_unasked() {
    if (keeping_.empty()) return;
    if (auto done = go_on_with_kept(); !done) actions_.push_back(done.error());
    pump();
}

/// Whether a restart could begin behind the last statement without its record.
DMLIB_DECL bool sync_engine::behind_ddl() const {
    if (ddl_sequence_ != 0 || !keeping_.empty()) return false;
    if (!ddl_place_) return true;
    const auto reached = [this](const binlog_position& place) {
        return compare(committed().position, place) != std::strong_ordering::less;
    };
    if (!reached(*ddl_place_)) return false;
    // Numbers of a transaction's events were moved: it has to be behind as a whole.
    if (kept_at_ && kept_at_->event != 0 &&
        compare(committed().position, kept_at_->transaction) != std::strong_ordering::greater)
        return false;
    return std::all_of(kept_needs_.begin(), kept_needs_.end(), [this](const dml::lane_point& p) {
        return book_.is_committed(p);
    });
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
