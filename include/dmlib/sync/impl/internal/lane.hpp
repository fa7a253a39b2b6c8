// A lane: one target session on a thread of its own that runs batches in order.
#pragma once

#include <dmlib/mysql/session.hpp>
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/mailbox.hpp>
#include <dmlib/sync/meta_store.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

class lane {
public:
    lane(const mysql::connect_options& target,
         const meta_store& store,
         mailbox& box,
         bool read_committed)
        : target_(target), store_(store), box_(box), read_committed_(read_committed) {
        thread_ = std::thread([this] { run(); });
    }
    ~lane() {
        close();
        if (thread_.joinable()) thread_.join();
    }
    lane(const lane&) = delete;
    lane& operator=(const lane&) = delete;

    void give(lane_work work) {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(work));
        news_.notify_one();
    }
    /// Ends the thread at once; what is not committed is rolled back by the server.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        canceller_.cancel();
        news_.notify_all();
    }

private:
    void run() {
        mysql::session s;
        if (auto opened = open(s); !opened) return box_.fail(opened.error());
        for (;;) {
            std::optional<lane_work> work = next();
            if (!work) return;
            if (auto done = apply(s, *work); !done) return box_.fail(done.error());
            box_.acknowledge({work->lane, work->sequence});
        }
    }

    result<void> open(mysql::session& s) {
        auto made = mysql::session::connect(target_);
        if (!made) return made.error();
        s = std::move(*made);
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return error{errc::task_stopped};
            canceller_ = s.get_canceller();
        }
        // Without gap locks lanes do not wait for each other's neighbours.
        if (read_committed_) {
            if (auto done = s.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
                !done)
                return done.error();
        }
        return {};
    }

    std::optional<lane_work> next() {
        std::unique_lock lock(mutex_);
        news_.wait(lock, [&] { return closed_ || !queue_.empty(); });
        if (closed_) return std::nullopt;
        std::optional<lane_work> out{std::move(queue_.front())};
        queue_.pop_front();
        return out;
    }

    result<void> apply(mysql::session& s, const lane_work& work) {
        text_.assign("BEGIN;");
        text_ += work.rows.sql;
        text_.push_back(';');
        store_.append_lane_update(text_, work.record);
        constexpr int tries = 20;
        for (int attempt = 1;; ++attempt) {
            auto done = transact(s, work);
            if (done) return done;
            if (done.error().info().retry != retry_class::statement || attempt == tries)
                return done;
            if (auto undone = s.execute("ROLLBACK"); !undone) return undone.error();
            if (auto same = s.execute(reset_); !same) return same.error();
            std::this_thread::sleep_for(std::chrono::milliseconds(5 * attempt));
        }
    }

    result<void> transact(mysql::session& s, const lane_work& work) {
        results_.clear();
        auto ran = s.execute_many(text_, results_);
        if (!ran) return explain(ran.error(), work, results_.size());
        if (auto fine = verify(work); !fine) {
            if (auto undone = s.execute("ROLLBACK"); !undone) return undone.error();
            return fine;
        }
        auto committed = s.execute("COMMIT");
        if (!committed) return committed.error();
        return {};
    }

    /// Statement 0 is BEGIN; the last one is the lane's record.
    result<void> verify(const lane_work& work) {
        const auto& statements = work.rows.statements;
        if (results_.size() != statements.size() + 2) {
            return error{
                errc::internal_bug,
                fmt::format(
                    "{} results for {} statements", results_.size(), statements.size() + 2)};
        }
        for (std::size_t i = 0; i < statements.size(); ++i) {
            const auto& expected = statements[i];
            const std::uint64_t got = results_[i + 1].affected_rows;
            if (!expected.checked || got == expected.rows) continue;
            error fault{errc::db_affected_rows,
                        fmt::format("{} on {} changed {} rows instead of {}",
                                    name_of(expected.operation),
                                    expected.plan->quoted_target,
                                    got,
                                    expected.rows)};
            return explain(fault, work, i + 1);
        }
        if (results_.back().affected_rows != 1) {
            return error{errc::checkpoint_in_use,
                         "the lane's record belongs to a newer run of this task"};
        }
        return {};
    }

    static std::string_view name_of(dml::row_operation op) noexcept {
        switch (op) {
            case dml::row_operation::insert:
                return "INSERT";
            case dml::row_operation::update:
                return "UPDATE";
            case dml::row_operation::remove:
                return "DELETE";
        }
        return "statement";
    }

    error explain(error fault, const lane_work& work, std::size_t result_index) {
        const auto& statements = work.rows.statements;
        if (result_index == 0 || result_index > statements.size()) return fault;
        const auto& at = statements[result_index - 1];
        fault.position(at.position_file, at.position, work.record.gtid);
        if (at.plan) fault.table(at.plan->source.schema, at.plan->source.table);
        fault.statement(work.rows.sql.substr(at.offset, std::min<std::size_t>(at.length, 500)));
        return fault;
    }

    const mysql::connect_options& target_;
    const meta_store& store_;
    mailbox& box_;
    const bool read_committed_;
    /// A batch that failed half way may have left its switches behind.
    const std::string reset_ =
        "SET SESSION sql_mode='" + std::string(dml::strict_mode) + "', foreign_key_checks=0";
    std::string text_;
    std::vector<mysql::exec_info> results_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<lane_work> queue_;
    mysql::canceller canceller_;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
