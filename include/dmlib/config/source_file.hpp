// A DM source file as C++ structs.
#pragma once

#include <dmlib/config/database_config.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/transform/filter.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

/// Block `checker`: automatic resuming of a paused task.
struct checker_config {
    bool check_enable = true;
    std::chrono::milliseconds check_interval{0};
    std::chrono::milliseconds backoff_min{1'000};
    std::chrono::milliseconds backoff_max{30'000};
    std::chrono::milliseconds backoff_rollback{0};  ///< 0: none
    bool backoff_jitter = true;
    double backoff_factor = 2;
};

/// A source file.
struct source_file {
    std::string file;  ///< as given to load_source
    std::string source_id;
    bool enable = true;
    bool enable_gtid = false;
    std::optional<dmlib::flavor> flavor;  ///< none: found out by asking the server
    std::uint32_t server_id = 0;          ///< 0: chosen
    bool case_sensitive = false;
    database_config from;
    checker_config checker;
    std::vector<event_filter_rule> filters;  ///< apply to every task that uses the source
    mark place;                              ///< of source-id
};

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
