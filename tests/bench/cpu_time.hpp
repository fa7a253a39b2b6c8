// Processor time of this process, for benchmarks.
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>

inline double seconds_used() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

inline double best_of(int rounds, const std::function<void()>& work) {
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        const double start = seconds_used();
        work();
        best = std::min(best, seconds_used() - start);
    }
    return best;
}
