#pragma once

#include <dmlib/dump/range_planner.hpp>

#include <algorithm>
#include <limits>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

DMLIB_DECL std::uint64_t distance(checkpoint::key_number a, checkpoint::key_number b) noexcept {
    // Two's complement makes the difference right across zero; signed to beyond 2^63 may not fit.
    const std::uint64_t d = b.bits - a.bits;
    const bool overflow = !a.not_negative && b.not_negative && d < b.bits;
    return overflow ? std::numeric_limits<std::uint64_t>::max() : d;
}

DMLIB_DECL checkpoint::key_number advance(checkpoint::key_number n,
                                          std::uint64_t distance) noexcept {
    const std::uint64_t sum = n.bits + distance;
    if (n.not_negative) {
        if (sum < n.bits) return {true, std::numeric_limits<std::uint64_t>::max()};
        return {true, sum};
    }
    // From below zero: the sum wraps to the small numbers exactly when zero is passed.
    return {sum < n.bits, sum};
}

DMLIB_DECL range_planner::range_planner(settings s, std::vector<checkpoint::key_range> missing)
    : settings_(s), missing_(missing.begin(), missing.end()) {
}

DMLIB_DECL void range_planner::set_bounds(checkpoint::key_number least,
                                          checkpoint::key_number greatest) {
    bounds_ = bounds{least, greatest};
    const auto rows = static_cast<double>(std::max<std::uint64_t>(1, settings_.rows_estimate));
    keys_per_row_ = std::max(static_cast<double>(distance(least, greatest)) / rows, 1e-9);
}

DMLIB_DECL std::optional<std::uint64_t> range_planner::step() const {
    const double wanted = keys_per_row_ * static_cast<double>(settings_.rows);
    if (wanted < 1) return 1;
    if (wanted >= 1.8e19) return std::nullopt;
    return static_cast<std::uint64_t>(wanted);
}

DMLIB_DECL std::optional<checkpoint::key_range> range_planner::next() {
    if (missing_.empty()) return std::nullopt;
    checkpoint::key_range range = missing_.front();
    missing_.pop_front();
    const auto width = step();
    if (!bounds_ || !width) return range;
    // Where the first rows can be: behind the lower end, and not before the smallest key.
    checkpoint::key_number from = bounds_->least;
    if (!range.lower.is_start()) from = std::max(from, range.lower.prefix.front());
    const checkpoint::key_number to = advance(from, *width);
    if (to >= bounds_->greatest) return range;
    checkpoint::key_cut cut = checkpoint::key_cut::after({to});
    if (compare(range.lower, cut) >= 0 || compare(cut, range.upper) >= 0) return range;
    missing_.push_front({cut, range.upper});
    range.upper = std::move(cut);
    return range;
}

DMLIB_DECL void range_planner::give_back(checkpoint::key_range rest) {
    missing_.push_front(std::move(rest));
}

DMLIB_DECL void range_planner::observe(const checkpoint::key_range& range, std::uint64_t rows) {
    if (!bounds_ || range.upper.is_end() || range.upper.is_start()) return;
    const checkpoint::key_number from =
        range.lower.is_start() ? bounds_->least : range.lower.prefix.front();
    const checkpoint::key_number to = range.upper.prefix.front();
    if (to < from) return;
    const auto width = static_cast<double>(std::max<std::uint64_t>(1, distance(from, to)));
    // An empty range doubles the step, so that holes of any size are crossed quickly.
    const double seen = rows == 0 ? keys_per_row_ * 2 : width / static_cast<double>(rows);
    keys_per_row_ = std::clamp(seen, keys_per_row_ / 16, keys_per_row_ * 16);
    keys_per_row_ = std::max(keys_per_row_, 1e-9);
}

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib
