// Task: migrates and replicates one or more sources into one target.
#pragma once

#include <dmlib/check/check.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/sync/change.hpp>
#include <dmlib/task/explain.hpp>
#include <dmlib/task/options.hpp>
#include <dmlib/task/source.hpp>
#include <dmlib/task/status.hpp>
#include <dmlib/transform/filter.hpp>
#include <dmlib/transform/mapper.hpp>
#include <dmlib/transform/router.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <functional>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {

namespace detail {
struct task_impl;
}

/// Runs checks, the full copy and replication as its mode says. Blocking work is done on threads
/// of its own; completion and callbacks run on the executor.
/// Lifetime: may be destroyed while it runs: that stops it at once (nothing that is committed is
/// lost; the next run goes on). Thread safety: all members may be called from any thread;
/// add_source and the setters only before async_run.
class task {
public:
    DMLIB_DECL task(boost::asio::any_io_executor executor, task_options options);
    DMLIB_DECL ~task();
    task(task&&) noexcept = default;
    task& operator=(task&&) noexcept = default;

    DMLIB_DECL void add_source(const source& from,
                               filter what = {},
                               router where = {},
                               mapper how = {},
                               source_settings settings = {});
    /// Replaces the target server by a callback: change data capture. Only mode incremental.
    DMLIB_DECL void deliver_to(sync::change_handler handler);

    /// Called on the executor about twenty times a second at most, and at each change of stage.
    DMLIB_DECL void on_progress(std::function<void(const task_status&)> callback);
    /// Called from any thread.
    DMLIB_DECL void on_log(log_sink sink);
    /// Findings of the prechecks, once, before anything is written.
    DMLIB_DECL void on_checks(std::function<void(const std::vector<check::check_item>&)> callback);

    /// Returns when the task was stopped, finished or failed. Handler signature:
    /// void(task_outcome). Cancellation: any type stops at a transaction boundary and saves.
    template <class CompletionToken>
    auto async_run(CompletionToken&& token) {
        return boost::asio::async_initiate<CompletionToken, void(task_outcome)>(
            [](auto&& handler, std::shared_ptr<detail::task_impl> impl) {
                start(std::move(impl), handler_type(std::forward<decltype(handler)>(handler)));
            },
            token,
            impl_);
    }
    /// The same without an executor: blocks the calling thread. Callbacks come from other threads.
    DMLIB_DECL task_outcome run();
    /// Prechecks only; blocks, writes nothing.
    DMLIB_DECL std::vector<check::check_item> run_checks();
    /// What the rules say about every table of every source, in order, and what the target would
    /// refuse of it; blocks, writes nothing. Errors: a source that cannot be asked, wrong rules. A
    /// target that cannot be asked is said in `target_problem`.
    DMLIB_DECL result<task_explanation> explain();
    /// What the servers have now, for sync::explain_statement. Blocks; the target is asked when the
    /// statement needs it.
    DMLIB_DECL result<sync::statement_surroundings> surroundings(const std::string& source_id);
    /// Walks a stretch of the binlog of one source through the rules; blocks, writes nothing, on no
    /// server. Errors: config_bad_reference for a source that the task does not have, and what
    /// makes the binlog unreadable.
    DMLIB_DECL result<rehearsal_report> rehearse(const std::string& source_id,
                                                 const rehearsal_range& range);
    /// Stops at a transaction boundary and saves.
    DMLIB_DECL void stop();
    DMLIB_DECL task_status status() const;

private:
    using handler_type = boost::asio::any_completion_handler<void(task_outcome)>;
    DMLIB_DECL static void start(std::shared_ptr<detail::task_impl> impl, handler_type handler);
    std::shared_ptr<detail::task_impl> impl_;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/task/impl/explain.ipp>
#include <dmlib/task/impl/part.ipp>
#include <dmlib/task/impl/task.ipp>
#endif
