#pragma once

#include <dmlib/config/task_file.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

DMLIB_DECL std::string_view to_text(task_mode mode) noexcept {
    switch (mode) {
        case task_mode::all:
            return "all";
        case task_mode::full:
            return "full";
        case task_mode::incremental:
            return "incremental";
    }
    return "";
}

DMLIB_DECL const instance* task_file::find(std::string_view source_id) const noexcept {
    for (const instance& in : instances) {
        if (in.source_id == source_id) return &in;
    }
    return nullptr;
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
