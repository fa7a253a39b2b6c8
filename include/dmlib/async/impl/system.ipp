#pragma once

#include <dmlib/async/system.hpp>

#include <random>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

DMLIB_DECL std::chrono::nanoseconds system_clock_source::unix_time() {
    return std::chrono::system_clock::now().time_since_epoch();
}

DMLIB_DECL std::chrono::nanoseconds system_clock_source::steady_time() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

DMLIB_DECL system_random_source::system_random_source() : state_(0) {
    std::random_device device;
    state_ = (std::uint64_t{device()} << 32) | device();
}

// splitmix64: one atomic addition, then mixing.
DMLIB_DECL std::uint64_t system_random_source::next() {
    std::uint64_t z = state_.fetch_add(0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
