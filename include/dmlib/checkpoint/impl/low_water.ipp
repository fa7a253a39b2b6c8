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
    marks_.push_back({std::move(where), issued_});
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
