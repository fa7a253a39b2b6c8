// How long to wait before the next try, and when to give up. Pure: time and chance are handed in.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

struct back_off_options {
    /// False: the first failure is the last.
    bool enabled = true;
    std::chrono::milliseconds min{1000};
    std::chrono::milliseconds max{30000};
    double factor = 2.0;
    /// A wait is shortened by up to this share, so that many clients do not come back at once.
    double jitter = 0.25;
    /// No wait is shorter (the last one before giving up is).
    std::chrono::milliseconds least{0};
    /// Things have to work for that long until the wait is one step shorter, and so on for each
    /// further stretch. Nothing: once they work the next failure begins at `min` again.
    std::optional<std::chrono::milliseconds> rollback{};
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
    /// Things work since `from` (a steady time): the series of failures is over.
    DMLIB_DECL void worked(std::chrono::nanoseconds from) noexcept;
    /// Failures since things worked.
    int failures() const noexcept { return failures_; }
    /// Since the beginning.
    int all_failures() const noexcept { return all_failures_; }
    /// Steady time of the first of them.
    std::optional<std::chrono::nanoseconds> failing_since() const noexcept { return since_; }

private:
    back_off_options options_;
    std::chrono::milliseconds first_step(std::chrono::nanoseconds now) const;

    std::chrono::milliseconds step_{0};
    std::optional<std::chrono::nanoseconds> since_;
    std::optional<std::chrono::nanoseconds> worked_;
    int failures_ = 0;
    int all_failures_ = 0;
    bool last_try_ = false;
};

/// What a series of failures ends with once next() gave nothing: task_gave_up with the place of the
/// last failure; where back-off is not enabled, that failure itself with a way out. `who`: "target
/// 127.0.0.1:4000", or nothing.
DMLIB_DECL error gave_up(const back_off_options& options, const error& last, std::string_view who);

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/async/impl/back_off.ipp>
#endif
