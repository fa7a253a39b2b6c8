// A lane: one target session on a thread of its own that runs batches in order.
#pragma once

#include <dmlib/mysql/session.hpp>
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/commit_turns.hpp>
#include <dmlib/sync/impl/internal/mailbox.hpp>
#include <dmlib/sync/impl/internal/open_requests.hpp>
#include <dmlib/sync/impl/internal/row_redo.hpp>
#include <dmlib/sync/meta_store.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <functional>
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
    /// Called from the lane's thread, for each row before the transaction commits.
    using reporter = std::function<void(const dml::row_mismatch&)>;

    lane(const mysql::connect_options& target,
         const meta_store& store,
         mailbox& box,
         commit_turns& turns,
         open_requests& open,
         bool read_committed,
         mismatch_policy policy,
         reporter report)
        : target_(target),
          store_(store),
          box_(box),
          turns_(turns),
          request_(open),
          read_committed_(read_committed),
          policy_(policy),
          report_(std::move(report)) {
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
            auto done = apply(s, *work);
            request_.end();
            if (!done) return box_.fail(done.error());
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

    /// The work is one of a sequence of transactions that commit in turn, or a piece of one.
    static bool in_order(const lane_work& work) noexcept { return work.turn != 0 || !work.ends; }

    result<void> apply(mysql::session& s, lane_work& work) {
        if (!in_order(work)) {
            // Behind the statements that begin the transaction and change the rows.
            work.rows.sql.push_back(';');
            store_.append_lane_update(work.rows.sql, work.record);
        }
        constexpr int tries = 20;
        bool by_row = false;
        ask(s);
        for (int attempt = 1;; ++attempt) {
            auto done = by_row ? transact_by_row(s, work) : transact(s, work);
            if (done && *done) return {};
            if (done) {
                // Somebody in front may wait for a lock of this transaction.
                if (auto undone = undo(s, work); !undone) return undone;
                const auto turn = await_turn(s, work.turn, std::nullopt);
                if (turn == commit_turns::answer::closed) return error{errc::task_stopped};
                continue;
            }
            const bool again = done.error().info().retry == retry_class::statement;
            if (!again && (by_row || !worth_a_closer_look(done.error(), work))) return done.error();
            // The pieces before this one are lost with it: the checkpoint has to say where to
            // begin.
            if (again && (attempt >= tries || !work.begins)) return done.error();
            by_row = by_row || !again;
            if (auto undone = undo(s, work); !undone) return undone;
            if (again) std::this_thread::sleep_for(std::chrono::milliseconds(5 * attempt));
        }
    }

    void ask(const mysql::session& s) { request_.begin(s.connection_id(), "writes rows"); }

    /// The target is not what is waited for meanwhile.
    commit_turns::answer await_turn(const mysql::session& s,
                                    std::uint64_t turn,
                                    std::optional<std::chrono::milliseconds> longest) {
        request_.end();
        const auto answer = turns_.wait(turn, longest);
        ask(s);
        return answer;
    }

    result<void> undo(mysql::session& s, const lane_work& work) {
        auto undone = s.execute(work.begins ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT dmlib_piece");
        if (!undone) return undone.error();
        if (auto same = s.execute(reset_); !same) return same.error();
        return {};
    }

    /// A statement of several rows failed, or did not change as many as it had to: row by row it
    /// turns out which, and whether at all.
    static bool worth_a_closer_look(const error& e, const lane_work& work) noexcept {
        return e.info().retry == retry_class::never && !work.rows.grouped.empty() &&
               e.code() != errc::task_stopped && e.code() != errc::checkpoint_in_use &&
               e.code() != errc::internal_bug;
    }

    /// False: it is not this one's turn, and it waited long enough with its locks.
    result<bool> transact(mysql::session& s, const lane_work& work) {
        results_.clear();
        found_.clear();
        auto ran = s.execute_many(work.rows.sql, results_);
        if (!ran) return explain(ran.error(), work, results_.size());
        if (auto fine = verify(work); !fine) {
            if (in_order(work)) return fine.error();
            if (auto undone = s.execute("ROLLBACK"); !undone) return undone.error();
            return fine.error();
        }
        return commit(s, work);
    }

    result<bool> commit(mysql::session& s, const lane_work& work) {
        if (!work.ends) {
            report_found();
            return true;
        }
        if (work.turn != 0) {
            const auto turn = await_turn(s, work.turn, std::chrono::milliseconds{500});
            if (turn == commit_turns::answer::closed) return error{errc::task_stopped};
            if (turn == commit_turns::answer::late) return false;
            std::string record;
            store_.append_lane_update(record, work.record);
            auto kept = s.execute(record);
            if (!kept) return kept.error();
            if (auto fine = own_record(*kept); !fine) return fine.error();
        }
        // Before the commit: whatever happens to its answer, nothing goes unsaid.
        report_found();
        auto committed = s.execute("COMMIT");
        if (!committed) return committed.error();
        if (work.turn != 0) turns_.done(work.turn);
        return true;
    }

    void report_found() {
        for (const auto& m : found_) report_(m);
        found_.clear();
    }

    /// Statement 0 opens the transaction; the last one is the lane's record, if it is there
    /// already.
    result<void> verify(const lane_work& work) {
        const auto& statements = work.rows.statements;
        const std::size_t others = in_order(work) ? 1 : 2;
        if (results_.size() != statements.size() + others) {
            return error{
                errc::internal_bug,
                fmt::format(
                    "{} results for {} statements", results_.size(), statements.size() + others)};
        }
        for (std::size_t i = 0; i < statements.size(); ++i) {
            const auto& expected = statements[i];
            const std::uint64_t got = results_[i + 1].affected_rows;
            if (!expected.checked || got == expected.affected) continue;
            return explain(miscounted(expected, got, expected.affected), work, i + 1);
        }
        if (in_order(work)) return {};
        return own_record(results_.back());
    }

    static error miscounted(const dml::batch_statement& s, std::uint64_t got, std::uint64_t want) {
        return error{errc::db_affected_rows,
                     fmt::format("{} on {} changed {} rows instead of {}",
                                 name_of(s.operation),
                                 s.plan->quoted_target,
                                 got,
                                 want)};
    }

    static result<void> own_record(const mysql::exec_info& info) {
        if (info.affected_rows == 1) return {};
        return error{errc::checkpoint_in_use,
                     "the lane's record belongs to a newer run of this task"};
    }

    // ---- row by row

    result<bool> transact_by_row(mysql::session& s, const lane_work& work) {
        auto done = run_by_row(s, work);
        if (done) return commit(s, work);
        if (s.is_open() && done.error().info().retry == retry_class::never)
            (void)s.execute("ROLLBACK");
        return done.error();
    }

    result<void> run_by_row(mysql::session& s, const lane_work& work) {
        if (auto begun = s.execute(work.begins ? "BEGIN" : "SAVEPOINT dmlib_piece"); !begun)
            return begun.error();
        row_redo redo{work, policy_, [&s](std::string_view sql) -> result<std::uint64_t> {
                          const auto ran = s.execute(sql);
                          if (!ran) return ran.error();
                          return ran->affected_rows;
                      }};
        if (auto ran = redo.run(); !ran) return ran;
        found_ = redo.found();
        if (in_order(work)) return {};
        std::string record;
        store_.append_lane_update(record, work.record);
        auto kept = s.execute(record);
        if (!kept) return kept.error();
        return own_record(*kept);
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
        if (at.plan) fault.position(work.rows.files[at.file], at.position, work.record.gtid);
        if (at.plan) fault.table(at.plan->source.schema, at.plan->source.table);
        if (at.plan)
            dml::name_filled_column(fault, at.plan->target, at.plan->extracted, at.plan->mappings);
        fault.statement(work.rows.sql.substr(at.offset, std::min<std::size_t>(at.length, 500)));
        return fault;
    }

    const mysql::connect_options& target_;
    const meta_store& store_;
    mailbox& box_;
    commit_turns& turns_;
    open_requests::entry request_;
    const bool read_committed_;
    const mismatch_policy policy_;
    const reporter report_;
    /// A batch that failed half way may have left its switches behind.
    const std::string reset_ =
        "SET SESSION sql_mode='" + std::string(dml::strict_mode) + "', foreign_key_checks=0";
    std::vector<mysql::exec_info> results_;
    std::vector<dml::row_mismatch> found_;  // of the transaction under way
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
