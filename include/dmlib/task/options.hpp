// What a task is made of: sources, target, modes, limits. Plain structs with DM's defaults.
#pragma once

#include <dmlib/core/secret.hpp>
#include <dmlib/dml/mismatch.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/options.hpp>
#include <dmlib/sync/apply_order.hpp>
#include <dmlib/task/status.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// A source server.
struct source_options {
    std::string id{};  ///< source-id: at most 32 characters; the checkpoint belongs to it
    std::string host = "127.0.0.1";
    std::uint16_t port = 3306;
    std::string user = "root";
    secret password{};
    mysql::tls_options tls{};
    std::map<std::string, std::string> session{};  ///< session variables
    bool enable_gtid = false;               ///< go on by GTID, so that another server may take over
    std::optional<dmlib::flavor> flavor{};  ///< nothing: ask the server
    std::uint32_t server_id = 0;            ///< of our replica; 0: random
};

/// The target server.
struct target_options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 3306;
    std::string user = "root";
    secret password{};
    mysql::tls_options tls{};
    std::map<std::string, std::string> session{};
};

/// How a task goes on by itself after a failure that time may heal (DM: checker of a source).
struct retry_settings {
    bool enabled = true;                   ///< check-enable; false: such a failure ends the task
    std::chrono::milliseconds min{1000};   ///< backoff-min: the first wait; more than 0
    std::chrono::milliseconds max{30000};  ///< backoff-max
    double factor = 2;                     ///< backoff-factor: from one wait to the next; 1 or more
    bool jitter = true;  ///< backoff-jitter: waits are shortened by up to a quarter
    /// backoff-rollback: things have to work that long for the wait to be one step shorter;
    /// nothing: the first wait after things worked is `min`.
    std::optional<std::chrono::milliseconds> rollback{};
    std::chrono::milliseconds least{0};  ///< check-interval: no wait is shorter
};

/// The full copy (DM: mydumpers and loaders).
struct copy_settings {
    std::uint32_t readers = 4;
    std::uint32_t writers = 16;
    std::uint64_t chunk_rows = 200000;
    std::uint64_t chunk_bytes = std::uint64_t{64} << 20;
    /// Rows of the target with a key of a copied row are replaced (DM: on-duplicate-logical).
    bool replace_rows = false;
};

/// Replication (DM: syncers).
struct sync_settings {
    std::uint32_t lanes = 16;
    /// Of a target transaction at most; 0: 1,000, and up to 40,000 where the target is behind.
    std::uint32_t batch_rows = 0;
    /// Several changes of one row in a batch become one wherever the result can be checked.
    bool compact = true;
    sync::apply_order order = sync::apply_order::row;
    bool safe_mode = false;
    /// Rows that the target does not have as a change needs them.
    mismatch_policy on_row_mismatch = mismatch_policy::error;
};

/// When a task ends by itself.
struct until_options {
    enum class kind : std::uint8_t {
        never,
        caught_up,  ///< the source's end was reached twice (contract: `--until caught-up`)
        finished,   ///< full mode's own end
        place,
    };
    until_options::kind what = kind::never;
    location place{};
    std::uint32_t timestamp = 0;
};

struct task_options {
    std::string name{};
    task_mode mode = task_mode::all;
    target_options target{};
    std::string meta_schema = "dm_meta";
    std::vector<std::string> ignore_checking_items{};
    std::vector<std::string> extra_checking_items{};
    std::string data_dir{};  ///< for files; "" = none
    bool case_sensitive = false;
    copy_settings copy{};
    sync_settings sync{};
    retry_settings retry{};
    until_options until{};
    /// Bytes of all queues, rows and statements of the task.
    std::size_t memory_limit = std::size_t{512} << 20;
    /// How long a server may stay away; nothing: for ever.
    std::optional<std::chrono::milliseconds> give_up_after = std::chrono::minutes(10);
    bool run_checks = true;
};

/// What is special to one source of a task.
struct source_settings {
    std::optional<location>
        start{};  ///< incremental mode: where to begin; nothing: the source's end
    std::optional<copy_settings> copy{};  ///< instead of the task's
    std::optional<sync_settings> sync{};
    std::optional<retry_settings> retry{};
};

}  // namespace DMLIB_ABI
}  // namespace dmlib
