// Runs one DDL statement on the target, on a thread and in a session of its own.
#pragma once

#include <dmlib/mysql/session.hpp>
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/open_requests.hpp>
#include <dmlib/sync/meta_store.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Records each step before and behind it, so that a later run asks the target instead of guessing.
/// What it refers to has to outlive it.
class ddl_runner {
public:
    struct place {
        std::string task;
        std::string source;
    };
    using logger = std::function<void(log_level, const std::string&)>;
    /// Called once, from the runner's thread, as soon as the statement's record is stored.
    using recording = std::function<void()>;
    /// Called once, from the runner's thread, at its end.
    using ending = std::function<void(result<void>)>;

    /// `found`: what the store says of the statement that was under way when this run began.
    ddl_runner(const mysql::connect_options& target,
               const mysql::server_facts& target_facts,
               const meta_store& store,
               open_requests& open,
               place where,
               logger log,
               ddl_work work,
               checkpoint::ddl_record found,
               recording recorded,
               ending done);
    /// Waits for the thread. The statement may go on in the server.
    ~ddl_runner();
    ddl_runner(const ddl_runner&) = delete;
    ddl_runner& operator=(const ddl_runner&) = delete;

    const ddl_work& work() const noexcept { return work_; }
    /// Behind its end: steps of which the target had all or a part before.
    std::uint64_t steps_already_there() const noexcept { return already_there_; }

private:
    result<void> run();
    result<void> open();
    result<void> wait_for_orphan();
    result<bool> hides_that_it_ran(const schema::target_step& step);
    result<std::string> definition_behind_name(const table_name& name);
    error nobody_knows(const schema::target_step& step) const;
    result<void> record(const checkpoint::ddl_record& r);
    result<bool> run_step(std::uint32_t index, bool resumed);
    result<std::string> fingerprint();
    result<void> set_statement_time();
    result<mysql::exec_info> run_statement(const std::string& sql);
    result<void> judge_numbers(const schema::target_step& step);
    result<void> judge_lacking(const schema::target_step& step);
    result<void> judge_rebuild(const schema::target_step& step);
    result<void> judge_values(const schema::target_step& step, schema::step_state& state);
    void drop_scratch(const schema::target_step& step);
    result<bool> is_there(const schema::target_step& step, const error& refusal);
    error refused(const schema::target_step& step, const error& why, const std::string& more) const;

    const mysql::connect_options& target_;
    const mysql::server_facts& target_facts_;
    const meta_store& store_;
    open_requests& open_;
    const place where_;
    const logger log_;
    const ddl_work work_;
    const checkpoint::ddl_record found_;
    recording recorded_;  // empty: it was called
    mysql::session session_;
    std::uint64_t already_there_ = 0;
    std::mutex mutex_;
    mysql::canceller canceller_;  // guarded by mutex_
    bool closed_ = false;         // guarded by mutex_
    std::thread thread_;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
