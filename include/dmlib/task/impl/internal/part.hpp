// One source of a task: its rules, its units, its status.
#pragma once

#include <dmlib/async/back_off.hpp>
#include <dmlib/load/full_copy.hpp>
#include <dmlib/sync/change_stream.hpp>
#include <dmlib/sync/syncer.hpp>
#include <dmlib/task/options.hpp>
#include <dmlib/task/source.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Rows per second over the last seconds.
class rate_meter {
public:
    double update(std::chrono::steady_clock::time_point now, std::uint64_t rows) {
        points_.emplace_back(now, rows);
        while (points_.size() > 2 && now - points_.front().first > std::chrono::seconds(5))
            points_.pop_front();
        const double seconds = std::chrono::duration<double>(now - points_.front().first).count();
        if (seconds <= 0 || rows < points_.front().second) return 0;
        return static_cast<double>(rows - points_.front().second) / seconds;
    }
    void reset() { points_.clear(); }

private:
    std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> points_;
};

/// What a part needs to know of its task.
struct part_context {
    const task_options* options = nullptr;
    log_sink log;
    sync::change_handler deliver;
    std::size_t parts = 1;
    std::vector<std::string> sources{};  ///< ids of all of them
    /// Target tables that more than one source writes to; filled before any part runs.
    const std::set<table_name>* shared_targets = nullptr;
    std::shared_ptr<sync::ddl_turns> turns{};  ///< null: one source, or nothing is written
};

class part {
public:
    part(source_options from,
         mysql::connect_options connection,
         filter what,
         router where,
         mapper how,
         source_settings settings)
        : from_(std::move(from)),
          connection_(std::move(connection)),
          what_(std::move(what)),
          where_(std::move(where)),
          how_(std::move(how)),
          settings_(std::move(settings)) {
        status_.source = from_.id;
    }

    const source_options& from() const noexcept { return from_; }
    const mysql::connect_options& connection() const noexcept { return connection_; }
    const source_settings& settings() const noexcept { return settings_; }
    DMLIB_DECL result<rule_set> rules(const task_options& options) const;

    /// Runs all units. `target` is the target's connection.
    DMLIB_DECL result<task_result> run(const part_context& context,
                                       const mysql::connect_options& target);
    DMLIB_DECL void stop();
    DMLIB_DECL source_status status(std::chrono::steady_clock::time_point now);
    DMLIB_DECL bool wrote_to_target() const;

private:
    result<task_result> copy_in_turn(const part_context& c, const mysql::connect_options& target);
    result<task_result> copy(const part_context& c, const mysql::connect_options& target);
    result<task_result> replicate(const part_context& c, const mysql::connect_options& target);
    result<task_result> capture(const part_context& c);
    std::uint32_t scan_server_id() const;
    result<void> complete_gtids(const mysql::server_facts& facts, location& where) const;
    result<sync::sync_start> incremental_start(const part_context& c,
                                               const mysql::connect_options& target);
    sync::sync_until until(const task_options& options) const;
    async::back_off_options retry_of(const part_context& c) const;
    std::optional<double> left_of(std::chrono::duration<double> waited) const;
    void load_status(source_status& s, std::chrono::steady_clock::time_point now);
    void sync_status(source_status& s, std::chrono::steady_clock::time_point now);

    source_options from_;
    mysql::connect_options connection_;
    filter what_;
    router where_;
    mapper how_;
    source_settings settings_;
    std::string target_address_;  ///< for what a status says; guarded by mutex_

    mutable std::mutex mutex_;
    std::optional<std::chrono::milliseconds> give_up_after_;
    std::uint32_t copied_retries_ = 0;
    source_status status_;
    std::unique_ptr<load::full_copy> copy_;
    std::unique_ptr<sync::syncer> sync_;
    std::unique_ptr<sync::change_stream> capture_;
    std::optional<load::copy_outcome> copied_;
    rate_meter rate_;
    std::uint64_t warnings_ = 0;
    std::atomic<bool> stop_{false};
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
