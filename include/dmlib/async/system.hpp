// The world's clock and chance behind the seams of core.
#pragma once

#include <dmlib/core/seams.hpp>

#include <atomic>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

/// The machine's clocks. Thread safe.
class system_clock_source final : public clock_source {
public:
    DMLIB_DECL std::chrono::nanoseconds unix_time() override;
    DMLIB_DECL std::chrono::nanoseconds steady_time() override;
};

/// Numbers for server ids and jitter, seeded by the system. Not for secrets. Thread safe.
class system_random_source final : public random_source {
public:
    DMLIB_DECL system_random_source();
    explicit system_random_source(std::uint64_t seed) noexcept : state_(seed) {}
    DMLIB_DECL std::uint64_t next() override;

private:
    std::atomic<std::uint64_t> state_;
};

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/async/impl/system.ipp>
#endif
