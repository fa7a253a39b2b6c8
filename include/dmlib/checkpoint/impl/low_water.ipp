#pragma once

#include <dmlib/checkpoint/low_water.hpp>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

DMLIB_DECL low_water::low_water(std::uint32_t lanes, location start)
    : issued_(lanes, 0), committed_(lanes, 0), current_(std::move(start)) {
}

DMLIB_DECL std::uint64_t low_water::issue(std::uint32_t lane) {
    return ++issued_[lane];
}

DMLIB_DECL void low_water::mark(location where) {
    if (idle()) {
        marks_.clear();
        current_ = std::move(where);
        return;
    }
    if (!marks_.empty() && marks_.back().needs == issued_) {
        marks_.back().where = std::move(where);
        return;
    }
    if (marks_.size() < most_marks / 4) stride_ = 1;
    // The newest mark is always there; the next one takes its place until its turn to stay.
    if (++steps_ < stride_ && marks_.size() > 1) {
        marks_.back().where = std::move(where);
        marks_.back().needs = issued_;
        return;
    }
    steps_ = 0;
    marks_.push_back({std::move(where), issued_});
    if (marks_.size() > most_marks) thin_out();
}

// Any mark may go: the place advances in longer steps then. The newest stays.
DMLIB_DECL void low_water::thin_out() {
    std::size_t kept = 0;
    for (std::size_t i = marks_.size() % 2 == 0 ? 1 : 0; i < marks_.size(); i += 2) {
        if (kept != i) marks_[kept] = std::move(marks_[i]);
        ++kept;
    }
    marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(kept), marks_.end());
    stride_ *= 2;
}

DMLIB_DECL void low_water::committed(std::uint32_t lane, std::uint64_t sequence) {
    if (sequence > committed_[lane]) committed_[lane] = sequence;
    advance();
}

DMLIB_DECL bool low_water::idle() const noexcept {
    return issued_ == committed_;
}

DMLIB_DECL void low_water::advance() {
    while (!marks_.empty()) {
        const auto& needs = marks_.front().needs;
        for (std::size_t i = 0; i < needs.size(); ++i) {
            if (committed_[i] < needs[i]) return;
        }
        current_ = std::move(marks_.front().where);
        marks_.pop_front();
    }
}

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib
