// What a task says of itself while it runs. Plain data, copied out under a lock.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/position.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

enum class task_mode : std::uint8_t { full, incremental, all };

/// What the task is doing as a whole.
enum class task_stage : std::uint8_t { created, running, stopping, stopped, finished, failed };
DMLIB_DECL std::string_view to_string(task_stage s) noexcept;

/// What a source's part of the task is doing.
enum class unit_kind : std::uint8_t { check, load, sync };
DMLIB_DECL std::string_view to_string(unit_kind u) noexcept;

/// What a part waits for: a server that is away, or an answer of the target (a lock, a statement
/// that runs long).
struct blocked_status {
    std::string on;            ///< "target 127.0.0.1:4000: the connection was lost ..."
    double since_seconds = 0;  ///< how long ago it began
    double next_try_seconds = 0;
    std::uint32_t tries = 0;  ///< failures since it began
    /// The last failure, with its code and what would help; nothing: none failed.
    std::optional<dmlib::error> why;
    /// Until the task gives up; nothing: never.
    std::optional<double> gives_up_seconds;
};

/// Progress of one table of a full copy.
struct table_status {
    table_name source;
    table_name target;
    std::uint64_t rows_total = 0;
    bool estimate = true;  ///< rows_total is the server's estimate
    std::uint64_t rows_done = 0;
    bool done = false;
};

/// One source's part of a task.
struct source_status {
    std::string source;
    unit_kind unit = unit_kind::check;
    std::uint64_t rows_total = 0;  ///< load
    bool rows_total_estimate = true;
    std::uint64_t rows_done = 0;  ///< rows written (load) or row changes committed (sync), this run
    std::uint64_t rows_copied = 0;  ///< by this run's full copy, once it is done
    std::uint64_t bytes_total = 0;
    std::uint64_t bytes_done = 0;
    double rows_per_second = 0;  ///< over the last seconds
    std::optional<double> eta_seconds;
    location position;         ///< sync: everything before it is committed on the target
    location source_position;  ///< sync: the end of the source's binlog when last asked
    std::optional<double> lag_seconds;
    bool caught_up = false;
    std::optional<blocked_status> blocked;
    std::uint32_t retries = 0;  ///< times that this run waited and tried again
    std::vector<table_status> tables;
    std::uint64_t warnings = 0;
    /// sync: changes that the target did not meet as it must and that did not stop the task
    /// (mismatch_policy), this run.
    std::uint64_t rows_mismatched = 0;
    std::uint64_t rows_repaired = 0;      ///< of these
    std::uint64_t ddl_already_there = 0;  ///< DDL of this run that the target had already
};

struct task_status {
    std::string task;
    task_stage stage = task_stage::created;
    std::vector<source_status> sources;
    std::uint64_t rows = 0;
    double seconds = 0;  ///< since the run began
    /// Prechecks and tables that they have looked at, and of how many; 0 of 0 before they begin.
    std::size_t checks_done = 0;
    std::size_t checks_total = 0;
    std::optional<dmlib::error> error;
};

/// How a run ended.
enum class task_result : std::uint8_t { finished, caught_up, stopped, error };
DMLIB_DECL std::string_view to_string(task_result r) noexcept;

struct task_outcome {
    task_result result = task_result::finished;
    std::optional<dmlib::error> error;
    /// True where the fault was found before the first write to the target (exit code 3).
    bool before_first_write = false;
    std::uint64_t rows = 0;
    double seconds = 0;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/task/impl/status.ipp>
#endif
