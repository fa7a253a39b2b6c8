// How many lanes write at once while a backlog stands: found by trying, since it depends on the
// target's cores, its disk and the way to it.
#pragma once

#include <dmlib/core/config.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Measures row changes per second over stretches of time in which all lanes that may write do so.
/// Doubles or halves the number of lanes for one stretch, and stays there where that was better.
/// More lanes have to gain a tenth, fewer lanes only must not lose: each lane costs the target a
/// session, and smaller transactions.
class lane_governor {
public:
    using time = std::chrono::steady_clock::time_point;
    static constexpr std::uint32_t first = 2;
    static constexpr std::chrono::milliseconds stretch{400};
    static constexpr std::uint64_t least_batches = 8;  // in a stretch: large ones come in lumps
    static constexpr int shortest_rest = 8;            // stretches between two trials
    static constexpr int longest_rest = 128;

    explicit lane_governor(std::uint32_t lanes)
        : lanes_(std::max(1U, lanes)), settled_(std::min(lanes_, first)), now_(settled_) {}

    std::uint32_t busy_lanes() const noexcept { return now_; }

    /// `rows`, `batches`: committed until now; `saturated`: as many lanes as may write do so. True
    /// where busy_lanes() is another one.
    bool look(time at, std::uint64_t rows, std::uint64_t batches, bool saturated) noexcept {
        if (!saturated || !begun_) {
            begin(at, rows, batches);
            begun_ = saturated;
            return false;
        }
        if (at - began_ < stretch || batches - batches_ < least_batches) return false;
        const double seconds = std::chrono::duration<double>(at - began_).count();
        const double rate = static_cast<double>(rows - rows_) / seconds;
        begin(at, rows, batches);
        // What was under way at a change counts for neither side.
        if (fresh_) {
            fresh_ = false;
            return false;
        }
        const std::uint32_t before = now_;
        if (trying()) {
            judge(rate);
        } else {
            rate_ = rate_ == 0 ? rate : (rate_ + rate) / 2;
            if (--rest_ <= 0) begin_trial();
        }
        fresh_ = now_ != before;
        return fresh_;
    }

private:
    bool trying() const noexcept { return now_ != settled_; }

    void begin(time at, std::uint64_t rows, std::uint64_t batches) noexcept {
        began_ = at;
        rows_ = rows;
        batches_ = batches;
    }

    void begin_trial() noexcept {
        now_ = up_ ? std::min(lanes_, settled_ * 2) : std::max(1U, settled_ / 2);
        if (!trying()) turn_round();
    }

    void judge(double rate) noexcept {
        const bool better = up_ ? rate > rate_ * 1.1 : rate > rate_;
        if (!better) {
            now_ = settled_;
            turn_round();
            return;
        }
        settled_ = now_;
        rate_ = rate;
        pause_ = shortest_rest;
        rest_ = 1;
    }

    /// The other way next time; after both have failed, later and later.
    void turn_round() noexcept {
        up_ = !up_;
        rest_ = up_ ? pause_ : 1;
        if (up_) pause_ = std::min(longest_rest, pause_ * 2);
    }

    std::uint32_t lanes_;
    std::uint32_t settled_;
    std::uint32_t now_;
    bool up_ = true;
    bool begun_ = false;
    bool fresh_ = false;
    int rest_ = 1;
    int pause_ = shortest_rest;
    double rate_ = 0;  // with settled_ lanes
    time began_{};
    std::uint64_t rows_ = 0;
    std::uint64_t batches_ = 0;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
