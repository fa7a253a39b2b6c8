// What is wrong with a configuration file, and where.
#pragma once

#include <dmlib/core/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

/// A place in a file, 1-based; 0 = unknown.
struct mark {
    int line = 0;
    int column = 0;
    bool operator==(const mark&) const = default;
};

enum class severity : std::uint8_t { warning, error };

/// One finding. `what.place()` has file, line and column. Never holds a password.
struct problem {
    dmlib::error what;
    config::severity severity = severity::error;
};

/// "task.yaml:12:5: message", with "warning: " before the message of a warning, and the way out
/// behind it. One line.
DMLIB_DECL std::string to_line(const problem& p);
/// True where at least one of them is an error.
DMLIB_DECL bool has_errors(const std::vector<problem>& problems) noexcept;

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/config/impl/problem.ipp>
#endif
