// Questions about many tables over several sessions at once.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// Calls ask(session, i) for each i below `count`, in any order, from up to four threads with a
/// session each, the server's first one among them. A server that gives no more sessions is asked
/// over that alone; what was asked over a further session that broke is asked again over the first.
/// Returns when all is asked, or soon after the checks were stopped. `ask` must be safe to be
/// called for several i at once, and for one i twice.
template <class Ask>
void ask_all(server& of, stopper* stop, std::size_t count, const Ask& ask) {
    constexpr std::size_t most = 4;
    constexpr std::size_t worth_a_session = 100;  // questions
    std::atomic<std::size_t> next{0};
    std::mutex guard;
    std::vector<std::size_t> left;
    const auto stopped = [stop] { return stop != nullptr && stop->stopped(); };
    const auto work = [&](mysql::session& s) {
        while (!stopped()) {
            const std::size_t i = next++;
            if (i >= count) return;
            ask(s, i);
            if (s.is_open() || &s == &of.session) continue;
            const std::lock_guard lock(guard);
            left.push_back(i);
            return;
        }
    };
    std::vector<std::thread> others;
    while (others.size() + 1 < std::min(most, count / worth_a_session)) {
        others.emplace_back([&] {
            auto s = mysql::session::connect(of.options);
            if (!s) return;
            if (stop != nullptr) stop->watch(s->get_canceller());
            work(*s);
        });
    }
    work(of.session);
    for (std::thread& t : others) t.join();
    for (const std::size_t i : left) {
        if (!stopped()) ask(of.session, i);
    }
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
