#pragma once

#include <dmlib/async/back_off.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

DMLIB_DECL std::optional<std::chrono::milliseconds> back_off::next(std::chrono::nanoseconds now,
                                                                   random_source& random) {
    using std::chrono::milliseconds;
    ++failures_;
    if (!since_) {
        since_ = now;
        step_ = options_.min;
        last_try_ = false;
    } else {
        const double grown = static_cast<double>(step_.count()) * std::max(1.0, options_.factor);
        const double limit = static_cast<double>(options_.max.count());
        step_ = milliseconds(static_cast<std::int64_t>(std::min(grown, limit)));
    }
    step_ = std::min(step_, options_.max);
    const double share = static_cast<double>(random.next() >> 11) * 0x1.0p-53;  // [0, 1)
    const double jitter = std::clamp(options_.jitter, 0.0, 1.0) * share;
    milliseconds wait(
        static_cast<std::int64_t>(static_cast<double>(step_.count()) * (1.0 - jitter)));
    if (options_.give_up_after) {
        if (last_try_) return std::nullopt;
        const auto spent = std::chrono::duration_cast<milliseconds>(now - *since_);
        const milliseconds left = *options_.give_up_after - spent;
        if (left <= milliseconds(0)) return std::nullopt;
        if (wait >= left) {
            wait = left;
            last_try_ = true;
        }
    }
    return wait;
}

DMLIB_DECL void back_off::reset() noexcept {
    since_.reset();
    failures_ = 0;
    last_try_ = false;
    step_ = std::chrono::milliseconds(0);
}

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
