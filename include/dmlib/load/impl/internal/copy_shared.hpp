// What the threads of a full copy share: jobs, queue, ledger, progress, the first fault.
#pragma once

#include <dmlib/async/back_off.hpp>
#include <dmlib/async/system.hpp>
#include <dmlib/dump/range_planner.hpp>
#include <dmlib/dump/snapshot.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/dump/table_reader.hpp>
#include <dmlib/load/full_copy.hpp>
#include <dmlib/load/impl/internal/batch_queue.hpp>
#include <dmlib/load/ledger_store.hpp>
#include <dmlib/load/row_writer.hpp>
#include <dmlib/mysql/server_facts.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load::internal {

/// How a table is brought over.
enum class job_kind : std::uint8_t {
    ranges,  ///< an ordered key: every batch is a key range of its own
    parts,   ///< no ordered key: batches count only together; a broken copy begins again
    direct,  ///< no ordered key and a target that others write too: all in one transaction
};

/// One table that is being copied. Fields without a comment belong to copy_shared's mutex.
struct table_job {
    std::shared_ptr<const dump::source_table> table;  // constant
    std::shared_ptr<const write_plan> plan;           // constant
    checkpoint::copied_table record;                  // constant
    job_kind kind = job_kind::ranges;                 // constant
    std::uint64_t rows_per_range = 0;                 // constant
    bool target_transactional = true;                 // constant
    std::optional<dump::range_planner> planner;
    bool taken = false;      // kinds parts and direct, and tables read under their own lock
    bool preparing = false;  // somebody asks for the key's bounds
    bool want_bounds = false;
    bool asked = false;    // for the bounds, once
    bool changed = false;  // the definition changed: the next round copies it again
    bool broken = false;   // the next round goes on with it
    std::uint32_t readers = 0;
    std::uint64_t batches_out = 0;
    std::uint64_t batches_in = 0;
    bool all_out = false;    // every row is on its way
    bool parts_end = false;  // kind parts: the last batch is committed
    std::uint64_t part_rows = 0;
    std::uint64_t part_bytes = 0;
    std::shared_ptr<const location> part_place;
    std::uint64_t unmerged = 0;
    load_turn turn;  // the queue's

    const table_name& source() const { return record.source; }
    bool one_piece() const {
        return kind != job_kind::ranges || table->engine != dump::engine_class::transactional;
    }
};

/// A piece of work for a reader.
struct read_order {
    std::shared_ptr<table_job> job;
    checkpoint::key_range range;
    bool ask_bounds = false;
};

class copy_shared {
public:
    copy_shared(const copy_options& o,
                const mysql::connect_options& src,
                const mysql::connect_options& dst,
                const copy_callbacks& c)
        : options(o), source(src), target(dst), callbacks(c) {}

    const copy_options& options;
    const mysql::connect_options& source;
    const mysql::connect_options& target;
    const copy_callbacks& callbacks;
    mysql::server_facts source_facts;
    mysql::server_facts target_facts;
    std::unique_ptr<ledger_store> store;
    async::system_clock_source clock;
    async::system_random_source random;
    std::atomic<bool> wrote{false};

    std::mutex mutex;
    std::condition_variable changed;
    checkpoint::chunk_ledger ledger;
    std::vector<std::shared_ptr<table_job>> jobs;
    std::uint64_t next_chunk_id = 1;
    std::uint32_t busy_readers = 0;
    std::optional<error> lost;  ///< why a reader ended before its time
    std::unique_ptr<batch_queue> queue;

    void log(log_level level, const std::string& line) const {
        if (callbacks.log) callbacks.log(level, line);
    }

    /// Under the mutex: a table that has batches to come or on their way.
    static bool is_open(const table_job& job) {
        return !job.broken && !job.changed && (!job.all_out || job.batches_in != job.batches_out);
    }
    /// Under the mutex: the last open table is written by all writers at once.
    void speed_up_last() {
        table_job* last = nullptr;
        for (const auto& job : jobs) {
            if (!is_open(*job)) continue;
            if (last) return;
            last = job.get();
        }
        if (last && last->turn.serial) queue->use_insert(last->turn);
    }

    // ---- stopping

    bool stopped() const noexcept { return stopping_.load(); }
    void stop() {
        stopping_ = true;
        std::vector<mysql::canceller> all;
        {
            const std::lock_guard lock(mutex);
            all = cancellers_;
            if (queue) queue->fail();
        }
        for (const mysql::canceller& c : all) c.cancel();
        changed.notify_all();
    }
    /// Gets every connection, so that stop() reaches it.
    void adopt(mysql::canceller c) {
        {
            const std::lock_guard lock(mutex);
            cancellers_.push_back(c);
        }
        if (stopped()) c.cancel();
    }
    void forget_connections() {
        const std::lock_guard lock(mutex);
        cancellers_.clear();
    }
    std::function<void(mysql::canceller)> adopter() {
        return [this](mysql::canceller c) { adopt(std::move(c)); };
    }
    /// The first fault that ends the round for all.
    void fail(error e) {
        const std::lock_guard lock(mutex);
        if (stopped()) e = error(errc::task_stopped);
        if (!fault_) fault_ = e;
        if (queue) queue->fail();
        changed.notify_all();
    }
    std::optional<error> fault() {
        const std::lock_guard lock(mutex);
        return fault_;
    }
    void clear_fault() {
        const std::lock_guard lock(mutex);
        fault_.reset();
        lost.reset();
    }
    /// Sleeps, unless stopped or failed. False then.
    bool pause(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, time, [this] { return stopped() || fault_.has_value(); });
        return !stopped() && !fault_;
    }

    // ---- waiting for a server

    void set_blocked(const std::string& on,
                     const error& e,
                     const async::back_off& wait,
                     std::chrono::milliseconds next) {
        const std::lock_guard lock(mutex);
        blocked_on_ = on + ": " + e.message();
        blocked_ = e;
        ++retries_;
        blocked_since_ = wait.failing_since().value_or(clock.steady_time());
        next_try_ = clock.steady_time() + next;
        tries_ = static_cast<std::uint32_t>(wait.failures());
    }
    void clear_blocked() {
        const std::lock_guard lock(mutex);
        blocked_on_.clear();
    }
    /// After a failure that time may heal: waits, or says why no more.
    result<void> back_off_after(async::back_off& wait, const error& e, const std::string& on) {
        if (stopped()) return error(errc::task_stopped);
        const auto next = wait.next(clock.steady_time(), random);
        if (!next) return async::gave_up(options.back_off, e, on);
        set_blocked(on, e, wait, *next);
        if (!pause(*next)) return error(errc::task_stopped);
        return {};
    }
    void fill_blocked(copy_progress& p) {
        p.blocked_on = blocked_on_;
        p.retries = retries_;
        if (blocked_on_.empty()) return;
        const auto now = clock.steady_time();
        using ms = std::chrono::milliseconds;
        p.blocked_since = std::chrono::duration_cast<ms>(now - blocked_since_);
        p.next_try =
            std::chrono::duration_cast<ms>(std::max(next_try_ - now, std::chrono::nanoseconds(0)));
        p.tries = tries_;
        p.blocked = blocked_;
    }
    std::string place_of(const mysql::connect_options& o, const char* side) const {
        return std::string(side) + " " + o.host + ":" + std::to_string(o.port);
    }

private:
    std::atomic<bool> stopping_{false};
    std::vector<mysql::canceller> cancellers_;
    std::optional<error> fault_;
    std::string blocked_on_;
    std::chrono::nanoseconds blocked_since_{0};
    std::chrono::nanoseconds next_try_{0};
    std::uint32_t tries_ = 0;
    std::uint32_t retries_ = 0;
    std::optional<error> blocked_;
};

}  // namespace load::internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
