#pragma once

#include <dmlib/config/problem.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

DMLIB_DECL std::string to_line(const problem& p) {
    const error_place& place = p.what.place();
    std::string out = place.file;
    if (place.line > 0)
        out += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
    out += p.severity == severity::warning ? ": warning: " : ": ";
    out += p.what.message();
    const std::string way_out = p.what.workaround();
    if (!way_out.empty()) out += (out.ends_with('.') ? " " : ". ") + way_out;
    for (char& c : out) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    return out;
}

DMLIB_DECL bool has_errors(const std::vector<problem>& problems) noexcept {
    return std::any_of(problems.begin(), problems.end(), [](const problem& p) {
        return p.severity == severity::error;
    });
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
