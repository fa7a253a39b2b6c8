#pragma once

#include <dmlib/task/status.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {

DMLIB_DECL std::string_view to_string(task_stage s) noexcept {
    switch (s) {
        case task_stage::created:
            return "created";
        case task_stage::running:
            return "running";
        case task_stage::stopping:
            return "stopping";
        case task_stage::stopped:
            return "stopped";
        case task_stage::finished:
            return "finished";
        case task_stage::failed:
            return "failed";
    }
    return "failed";
}

DMLIB_DECL std::string_view to_string(unit_kind u) noexcept {
    switch (u) {
        case unit_kind::check:
            return "check";
        case unit_kind::load:
            return "load";
        case unit_kind::sync:
            return "sync";
    }
    return "sync";
}

DMLIB_DECL std::string_view to_string(task_result r) noexcept {
    switch (r) {
        case task_result::finished:
            return "finished";
        case task_result::caught_up:
            return "caught_up";
        case task_result::stopped:
            return "stopped";
        case task_result::error:
            return "error";
    }
    return "error";
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
