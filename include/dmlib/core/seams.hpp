// The seams between the pure rooms and the world: time, chance and the log are handed in.
#pragma once

#include <dmlib/core/config.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// Receives log lines. Must be thread safe. Lines never hold secrets.
using log_sink = std::function<void(log_level, std::string_view line)>;

/// Time as the pure rooms see it: nanoseconds since the Unix epoch, and a steady counter.
class clock_source {
public:
    virtual ~clock_source() = default;
    virtual std::chrono::nanoseconds unix_time() = 0;
    virtual std::chrono::nanoseconds steady_time() = 0;
};

/// Random 64-bit numbers, seeded by whoever makes the object.
class random_source {
public:
    virtual ~random_source() = default;
    virtual std::uint64_t next() = 0;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib
