// A server whose connection was lost in the middle of its checks is asked again, from the
// beginning.
#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/check/impl/internal/context.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline bool stopped(const check_input& in) {
    return in.stop != nullptr && in.stop->stopped();
}

/// Why a try has to be made again. The first connection is a finding: nobody knows yet that the
/// server is there at all.
inline std::optional<error> lost_connection(const server& s, bool first) {
    if (s.lost) {
        const bool may_heal = s.lost->info().retry == retry_class::reconnect;
        return first || !may_heal ? std::nullopt : s.lost;
    }
    if (s.session.is_open()) return std::nullopt;
    return error{errc::db_connection_lost, "the connection was lost while the checks were made"};
}

/// Calls once(first) until it has no error to tell, or it is time to give up.
template <class Once>
void again_while_lost(const check_input& in, const std::string& source, const Once& once) {
    async::back_off wait(in.retry);
    async::system_clock_source clock;
    async::system_random_source random;
    std::uint32_t tries = 0;
    for (bool first = true;; first = false) {
        const std::optional<error> lost = once(first);
        if (!lost || stopped(in)) break;
        auto pause = wait.next(clock.steady_time(), random);
        if (!pause) break;
        ++tries;
        if (in.on_waiting) in.on_waiting({source, lost, tries, *pause});
        while (pause->count() > 0 && !stopped(in)) {
            const auto piece = std::min(*pause, std::chrono::milliseconds(100));
            std::this_thread::sleep_for(piece);
            *pause -= piece;
        }
        if (stopped(in)) break;
    }
    if (tries > 0 && in.on_waiting) in.on_waiting({source, std::nullopt, tries, {}});
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
