// How long to wait before the next try, and when to give up. Pure: time and chance are handed in.
#pragma once

#include <dmlib/core/seams.hpp>

#include <chrono>
#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

struct back_off_options {
    std::chrono::milliseconds min{1000};
    std::chrono::milliseconds max{30000};
    double factor = 2.0;
    /// A wait is shortened by up to this share, so that many clients do not come back at once.
    double jitter = 0.25;
    /// From the first failure on. Nothing: never.
    std::optional<std::chrono::milliseconds> give_up_after = std::chrono::minutes(10);
};

/// A series of failures. Not thread safe.
class back_off {
public:
    explicit back_off(back_off_options options = {}) noexcept : options_(options) {}

    /// After a failure at `now` (a steady time): how long to wait, or nothing when it is time to
    /// give up. The last wait is cut so that the final try happens at the moment of giving up.
    DMLIB_DECL std::optional<std::chrono::milliseconds> next(std::chrono::nanoseconds now,
                                                             random_source& random);
    /// Things work again.
    DMLIB_DECL void reset() noexcept;
    /// Failures since the last reset.
    int failures() const noexcept { return failures_; }
    /// Steady time of the first of them.
    std::optional<std::chrono::nanoseconds> failing_since() const noexcept { return since_; }

private:
    back_off_options options_;
    std::chrono::milliseconds step_{0};
    std::optional<std::chrono::nanoseconds> since_;
    int failures_ = 0;
    bool last_try_ = false;
};

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/async/impl/back_off.ipp>
#endif
