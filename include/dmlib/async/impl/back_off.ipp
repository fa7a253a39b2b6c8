#pragma once

#include <dmlib/async/back_off.hpp>

#include <algorithm>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

DMLIB_DECL std::optional<std::chrono::milliseconds> back_off::next(std::chrono::nanoseconds now,
                                                                   random_source& random) {
    using std::chrono::milliseconds;
    ++failures_;
    ++all_failures_;
    if (!options_.enabled) return std::nullopt;
    if (!since_) {
        step_ = first_step(now);
        since_ = now;
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
    wait = std::max(wait, options_.least);
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

// Of a series that begins at `now`.
DMLIB_DECL std::chrono::milliseconds back_off::first_step(std::chrono::nanoseconds now) const {
    if (!options_.rollback || !worked_ || step_.count() == 0) return options_.min;
    const double factor = std::max(1.0, options_.factor);
    const auto stretch = std::max(*options_.rollback, std::chrono::milliseconds(1));
    double step = static_cast<double>(step_.count()) * factor;
    for (auto quiet = now - *worked_; quiet >= stretch; quiet -= stretch) {
        step /= factor;
        if (factor == 1.0 || step <= static_cast<double>(options_.min.count())) break;
    }
    return std::max(options_.min, std::chrono::milliseconds(static_cast<std::int64_t>(step)));
}

DMLIB_DECL void back_off::worked(std::chrono::nanoseconds from) noexcept {
    if (failures_ != 0) worked_ = from;
    since_.reset();
    failures_ = 0;
    last_try_ = false;
}

DMLIB_DECL error gave_up(const back_off_options& options, const error& last, std::string_view who) {
    if (!options.enabled) {
        error out = last;
        return out.workaround(last.workaround() +
                              " The task does not resume by itself (checker.check-enable: false): "
                              "run it again, it goes on where it stopped.");
    }
    const std::string subject =
        who.empty() ? std::string("gave up waiting") : std::string(who) + " stayed away";
    error out(errc::task_gave_up, subject + ": " + last.message());
    const auto& at = last.place();
    out.task(at.task).source(at.source).position(at.binlog_file, at.binlog_pos, at.gtid);
    out.table(at.schema, at.table).statement(at.statement).server_errno(last.server_errno());
    return out.workaround("Last failure: " + std::string(last.info().name) + ". " +
                          last.workaround() +
                          " Then run again; the task goes on where it stopped.");
}

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
