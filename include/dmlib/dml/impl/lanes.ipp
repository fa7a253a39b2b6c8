#pragma once

#include <dmlib/dml/lanes.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

DMLIB_DECL lane_book::lane_book(std::uint32_t lanes)
    : committed_(std::max(1U, lanes), 0), newest_(std::max(1U, lanes), 0) {
}

DMLIB_DECL std::uint32_t lane_book::home(std::uint64_t identity) const noexcept {
    return static_cast<std::uint32_t>(identity % committed_.size());
}

DMLIB_DECL void lane_book::find_edges(std::uint32_t lane,
                                      std::span<const std::uint64_t> keys,
                                      std::vector<lane_point>& edges) const {
    for (const std::uint64_t key : keys) {
        const auto at = last_touch_.find(key);
        if (at != last_touch_.end()) add_edge(at->second, lane, edges);
    }
}

DMLIB_DECL void lane_book::add_edge(lane_point at,
                                    std::uint32_t lane,
                                    std::vector<lane_point>& edges) const {
    if (at.lane == lane || is_committed(at)) return;
    const auto same = std::find_if(
        edges.begin(), edges.end(), [&](const lane_point& e) { return e.lane == at.lane; });
    if (same == edges.end()) {
        edges.push_back(at);
    } else {
        same->sequence = std::max(same->sequence, at.sequence);
    }
}

DMLIB_DECL void lane_book::find_every(std::uint32_t lane, std::vector<lane_point>& edges) const {
    for (std::uint32_t other = 0; other < lanes(); ++other)
        add_edge({other, newest_[other]}, lane, edges);
}

DMLIB_DECL void lane_book::find_marked(std::uint64_t mark,
                                       std::uint32_t lane,
                                       std::vector<lane_point>& edges) const {
    const auto at = marks_.find(mark);
    if (at == marks_.end()) return;
    for (std::uint32_t other = 0; other < lanes(); ++other)
        add_edge({other, at->second[other]}, lane, edges);
}

DMLIB_DECL void lane_book::mark(std::uint64_t mark, lane_point at) {
    auto& newest = marks_.try_emplace(mark, lanes(), 0).first->second;
    newest[at.lane] = std::max(newest[at.lane], at.sequence);
}

DMLIB_DECL void lane_book::record(lane_point at, std::span<const std::uint64_t> keys) {
    newest_[at.lane] = std::max(newest_[at.lane], at.sequence);
    for (const std::uint64_t key : keys) last_touch_[key] = at;
    if (last_touch_.size() >= sweep_at_) sweep();
}

DMLIB_DECL void lane_book::committed(lane_point at) {
    committed_[at.lane] = std::max(committed_[at.lane], at.sequence);
}

DMLIB_DECL void lane_book::sweep() {
    std::erase_if(last_touch_, [&](const auto& entry) { return is_committed(entry.second); });
    // What is left is bounded by the rows in flight; the next sweep comes after as many again.
    sweep_at_ = std::max<std::size_t>(1 << 14, last_touch_.size() * 2);
}

DMLIB_DECL void stable_hash::add(std::span<const std::uint8_t> bytes) noexcept {
    add(bytes.size());
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < 8; ++k) word |= std::uint64_t{bytes[i + k]} << (8 * k);
        add(word);
    }
    std::uint64_t rest = 0;
    for (std::size_t k = 0; i < bytes.size(); ++i, ++k) rest |= std::uint64_t{bytes[i]} << (8 * k);
    add(rest);
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
