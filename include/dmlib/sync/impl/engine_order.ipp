#pragma once

#include <dmlib/sync/engine.hpp>

#include <algorithm>

// apply_order::transaction. One lane after the other collects a batch of whole source transactions.
// Batches go out in order, run at the same time where they share no unique value, and commit in
// turn. A transaction that fills a batch alone goes in pieces into one target transaction, with
// nothing else under way.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

/// Of two points of a lane the later one says both.
inline void join_edges(std::vector<dml::lane_point>& to, const std::vector<dml::lane_point>& more) {
    for (const dml::lane_point& p : more) {
        const auto same = std::find_if(
            to.begin(), to.end(), [&](const dml::lane_point& q) { return q.lane == p.lane; });
        if (same == to.end()) {
            to.push_back(p);
        } else {
            same->sequence = std::max(same->sequence, p.sequence);
        }
    }
}

}  // namespace internal

/// A row with the edges in edges_ comes into the batch.
DMLIB_DECL void sync_engine::open_whole(lane_state& l, std::uint32_t number) {
    if (l.open_sequence == 0) {
        l.open_sequence = low_water_.issue(number);
        l.after.clear();
        if (alone_ && !in_pieces_) l.after.push_back(*alone_);
    }
    internal::join_edges(l.after, edges_);
}

/// The collected batch goes, and the next lane collects.
DMLIB_DECL void sync_engine::seal_whole() {
    const std::uint32_t lane = collector_;
    lane_state& l = lanes_[lane];
    if (l.open_sequence == 0 && in_pieces_) open_whole(l, lane);
    if (l.open_sequence == 0) return;
    const dml::lane_point here{lane, l.open_sequence};
    seal(lane);
    l.queue.back().work.turn = ++turns_;
    order_.push_back(lane);
    if (in_pieces_) alone_ = here;
    in_pieces_ = false;
    collector_ = static_cast<std::uint32_t>((lane + 1) % lanes_.size());
}

/// What was collected goes into a target transaction that stays open.
DMLIB_DECL void sync_engine::cut_piece() {
    const std::uint32_t lane = collector_;
    lane_state& l = lanes_[lane];
    if (l.open_sequence == 0) return;
    if (!in_pieces_) {
        std::vector<dml::lane_point> all;
        book_.find_every(lane, all);
        internal::join_edges(l.after, all);
    }
    seal(lane);
    l.queue.back().work.ends = false;
    order_.push_back(lane);
    in_pieces_ = true;
}

DMLIB_DECL void sync_engine::end_whole() {
    lane_state& l = lanes_[collector_];
    dml::batch_limits limits = options_.limits;
    if (options_.backlog_rows > limits.rows && has_to_wait(l)) limits.rows = options_.backlog_rows;
    if (in_pieces_ || l.open.full(limits)) seal_whole();
}

DMLIB_DECL void sync_engine::pump_in_order() {
    for (;;) {
        lane_state& collecting = lanes_[collector_];
        // What grew while it had to wait goes now.
        if (!rows_in_open_ && collecting.open.full(options_.limits) && !has_to_wait(collecting))
            seal_whole();
        if (order_.empty()) return;
        lane_state& next = lanes_[order_.front()];
        if (next.in_flight.empty() && busy_ >= most_busy_) return;
        if (!dispatch_front(next)) return;
        order_.pop_front();
    }
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
