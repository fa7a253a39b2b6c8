// Questions about many tables over several sessions at once.
#pragma once

#include <dmlib/mysql/session.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

/// Calls ask(session, i) for each i below `count`, in any order, from up to four threads with a
/// session each. `first` is one of the sessions; a server that gives no more of them is asked over
/// that alone. Returns when all is asked. `ask` must be safe to be called for several i at once.
template <class Ask>
void ask_all(const mysql::connect_options& options,
             mysql::session& first,
             std::size_t count,
             Ask ask) {
    constexpr std::size_t most = 4;
    constexpr std::size_t worth_a_session = 100;  // questions
    std::atomic<std::size_t> next{0};
    const auto work = [&](mysql::session& s) {
        for (std::size_t i = next++; i < count; i = next++) ask(s, i);
    };
    std::vector<std::thread> others;
    while (others.size() + 1 < std::min(most, count / worth_a_session)) {
        others.emplace_back([&] {
            auto s = mysql::session::connect(options);
            if (s) work(*s);
        });
    }
    work(first);
    for (std::thread& t : others) t.join();
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
