#pragma once

#include <dmlib/sync/meta_store.hpp>
#include <dmlib/task/impl/internal/part.hpp>
#include <dmlib/task/impl/internal/session_variables.hpp>
#include <dmlib/task/task.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace detail {

struct task_impl {
    boost::asio::any_io_executor executor;
    task_options options;
    std::vector<std::unique_ptr<internal::part>> parts;
    sync::change_handler deliver;
    std::function<void(const task_status&)> progress;
    std::function<void(const std::vector<check::check_item>&)> checks;
    log_sink log;

    std::mutex mutex;
    std::condition_variable news;
    task_stage stage = task_stage::created;
    std::optional<error> fault;
    std::chrono::steady_clock::time_point began{};
    std::atomic<bool> stop{false};
    check::stopper checks_end;
    std::atomic<std::size_t> checks_done{0};
    std::atomic<std::size_t> checks_total{0};
    /// What the checks wait for, by source-id; "" = the target.
    struct wait_note {
        std::chrono::steady_clock::time_point since;
        std::chrono::steady_clock::time_point next_try;
        std::uint32_t tries = 0;
        error why;
    };
    std::map<std::string, wait_note> waits;
    bool monitor_ends = false;
    std::set<table_name> shared_targets;
    std::mutex thread_mutex;
    std::thread thread;  // of async_run; it may end before start() has put it here
    bool use_executor = false;

    ~task_impl() {
        request_stop();
        end_thread();
    }
    /// Waits for the thread of async_run, unless this is it (an executor that runs inline).
    void end_thread() {
        std::thread ended;
        {
            const std::lock_guard lock(thread_mutex);
            ended = std::move(thread);
        }
        if (!ended.joinable()) return;
        if (ended.get_id() == std::this_thread::get_id()) {
            ended.detach();
        } else {
            ended.join();
        }
    }
    void request_stop() {
        stop = true;
        checks_end.stop();
        for (auto& p : parts) p->stop();
        const std::lock_guard lock(mutex);
        news.notify_all();
    }
    mysql::connect_options target() const {
        mysql::connect_options out;
        out.host = options.target.host;
        out.port = options.target.port;
        out.user = options.target.user;
        out.password = options.target.password;
        out.tls = options.target.tls;
        out.session_variables = internal::variables_for_statements(options.target.session, true);
        out.role = mysql::role::target;
        return out;
    }
    task_status status();
    void announce();
    void monitor();
    task_outcome run();
    result<void> precheck();
    void watch_orphans();
    error orphan_of(const std::string& connection) const;
    void note_waiting(const std::string& source,
                      std::optional<error> why,
                      std::uint32_t tries,
                      std::chrono::milliseconds next_try);
    bool has_checkpoint(const std::string& source_id) const;
    std::function<check::earlier_definition(const table_name&)> at_checkpoint(
        const std::string& source_id) const;
    void note_first_starts(check::check_input& in) const;
    result<task_result> run_parts();
    check::check_input check_input(std::map<table_name, std::set<std::string>>& writers,
                                   std::mutex& guard);
};

/// The tasks whose threads use an execution context. One that goes away, handlers and all, while
/// they run stops them first.
class running_tasks : public boost::asio::execution_context::service {
public:
    static inline boost::asio::execution_context::id id;

    explicit running_tasks(boost::asio::execution_context& context) : service(context) {}
    void add(const std::shared_ptr<task_impl>& impl) {
        const std::lock_guard lock(mutex_);
        tasks_[impl.get()] = impl;
    }
    /// False where shutdown took it: that waits for the thread.
    bool remove(task_impl* impl) {
        const std::lock_guard lock(mutex_);
        return tasks_.erase(impl) != 0;
    }

private:
    void shutdown() override {
        std::map<task_impl*, std::weak_ptr<task_impl>> left;
        {
            const std::lock_guard lock(mutex_);
            left.swap(tasks_);
        }
        for (auto& [key, weak] : left) {
            const auto impl = weak.lock();
            if (!impl) continue;
            impl->request_stop();
            impl->end_thread();
        }
    }

    std::mutex mutex_;
    std::map<task_impl*, std::weak_ptr<task_impl>> tasks_;
};

DMLIB_DECL task_status task_impl::status() {
    const auto now = std::chrono::steady_clock::now();
    task_status out;
    out.task = options.name;
    out.checks_done = checks_done;
    out.checks_total = checks_total;
    for (auto& p : parts) {
        out.sources.push_back(p->status(now));
        out.rows += out.sources.back().rows_done + out.sources.back().rows_copied;
    }
    const std::lock_guard lock(mutex);
    for (auto& source : out.sources) {
        auto at = waits.find(source.source);
        if (at == waits.end()) at = waits.find("");
        if (at == waits.end()) continue;
        // Of all that the checks wait for, only a lost session's statement goes on behind them.
        if (source.unit != unit_kind::check && ((source.blocked && source.blocked->why) ||
                                                at->second.why.code() != errc::db_lock_wait))
            continue;
        const auto seconds = [](auto d) { return std::chrono::duration<double>(d).count(); };
        const wait_note& w = at->second;
        source.blocked = blocked_status{w.why.message(),
                                        seconds(now - w.since),
                                        std::max(0.0, seconds(w.next_try - now)),
                                        w.tries,
                                        w.why,
                                        std::nullopt};
    }
    out.stage = stage;
    out.error = fault;
    if (began.time_since_epoch().count() != 0)
        out.seconds = std::chrono::duration<double>(now - began).count();
    return out;
}

DMLIB_DECL void task_impl::announce() {
    if (!progress) return;
    auto s = status();
    if (!use_executor) {
        progress(s);
        return;
    }
    boost::asio::post(executor, [callback = progress, s = std::move(s)] { callback(s); });
}

DMLIB_DECL void task_impl::monitor() {
    std::unique_lock lock(mutex);
    while (!monitor_ends) {
        lock.unlock();
        announce();
        lock.lock();
        news.wait_for(lock, std::chrono::milliseconds(100), [&] { return monitor_ends; });
    }
}

DMLIB_DECL check::check_input task_impl::check_input(
    std::map<table_name, std::set<std::string>>& writers, std::mutex& guard) {
    check::check_input in;
    in.mode = options.mode == task_mode::full          ? check::task_mode::full
              : options.mode == task_mode::incremental ? check::task_mode::incremental
                                                       : check::task_mode::all;
    in.target = target();
    in.meta_schema = options.meta_schema;
    in.dump_threads = static_cast<int>(options.copy.readers);
    in.load_threads = static_cast<int>(options.copy.writers);
    in.sync_workers = static_cast<int>(options.sync.lanes);
    in.ignored.insert(options.ignore_checking_items.begin(), options.ignore_checking_items.end());
    in.extra.insert(options.extra_checking_items.begin(), options.extra_checking_items.end());
    in.on_progress = [this](std::string_view, std::size_t done, std::size_t total) {
        checks_total = total;
        checks_done = done;
    };
    in.stop = &checks_end;
    in.on_waiting = [this](const check::waiting& w) {
        note_waiting(w.source, w.why, w.tries, w.next_try);
    };
    in.task = options.name;
    in.data_dir = options.data_dir;
    for (auto& p : parts) {
        check::source_input s;
        s.id = p->from().id;
        s.connection = p->connection();
        s.expected_flavor = p->from().flavor;
        s.server_id = p->from().server_id;
        s.enable_gtid = p->from().enable_gtid;
        s.start = p->settings().start;
        s.safe_mode = p->settings().sync.value_or(options.sync).safe_mode;
        s.copy_replaces = options.mode != task_mode::incremental &&
                          p->settings().copy.value_or(options.copy).replace_rows;
        s.plan_tables =
            [this, &p, &writers, &guard](
                const std::vector<table_name>& all) -> result<std::vector<check::table_pair>> {
            auto rules = p->rules(options);
            if (!rules) return rules.error();
            std::vector<check::table_pair> out;
            for (const auto& name : all) {
                const auto d = rules->decide(name);
                if (!d->replicate) continue;
                if (!d->problems.empty()) return d->problems.front();
                out.push_back(check::table_pair{name,
                                                d->target,
                                                d->extracted,
                                                d->route_place,
                                                d->mappings,
                                                d->row_filters,
                                                d->row_time_zone});
                const std::lock_guard lock(guard);
                writers[d->target].insert(p->from().id);
            }
            return out;
        };
        s.at_checkpoint = at_checkpoint(p->from().id);
        s.rule_uses = [this,
                       &p](const std::vector<table_name>& names) -> result<std::vector<rule_use>> {
            auto rules = p->rules(options);
            if (!rules) return rules.error();
            return rules->uses(names);
        };
        in.sources.push_back(std::move(s));
    }
    return in;
}

/// False also where the target cannot be asked; the checks say why then.
DMLIB_DECL bool task_impl::has_checkpoint(const std::string& source_id) const {
    auto s = mysql::session::connect(target());
    if (!s) return false;
    const auto state = sync::meta_store{options.meta_schema, options.name, source_id}.read(*s);
    return state && state->progress.has_value();
}

/// Read with the first question, since most tasks have no rules that need it.
DMLIB_DECL std::function<check::earlier_definition(const table_name&)> task_impl::at_checkpoint(
    const std::string& source_id) const {
    struct stored {
        bool read = false;
        bool goes_on = false;
        std::map<table_name, std::string> tables;
    };
    auto known = std::make_shared<stored>();
    return [this, source_id, known](const table_name& name) {
        check::earlier_definition out;
        if (!known->read) {
            auto s = mysql::session::connect(target());
            if (!s) return out;
            auto state = sync::meta_store{options.meta_schema, options.name, source_id}.read(*s);
            if (!state) return out;
            known->read = true;
            known->goes_on = state->progress.has_value();
            for (auto& t : state->tables) known->tables[t.name] = std::move(t.definition);
        }
        out.goes_on = known->goes_on;
        const auto at = known->tables.find(name);
        if (at != known->tables.end()) out.create = at->second;
        return out;
    };
}

/// No error: the wait is over.
DMLIB_DECL void task_impl::note_waiting(const std::string& source,
                                        std::optional<error> why,
                                        std::uint32_t tries,
                                        std::chrono::milliseconds next_try) {
    const auto now = std::chrono::steady_clock::now();
    bool fresh = false;
    {
        const std::lock_guard lock(mutex);
        if (!why) {
            waits.erase(source);
            return;
        }
        const auto [at, made] = waits.try_emplace(source);
        if (made) at->second.since = now;
        at->second.why = *why;
        at->second.tries = tries;
        at->second.next_try = now + next_try;
        fresh = made;
    }
    if (fresh && log) log(log_level::warning, fmt::format("[{}] {}", source, why->message()));
}

/// A statement of a process that is gone may hold a table for as long as it runs: the checks that
/// look at that table stand still until then, and so does replication at the next DDL. The status
/// says why, as long as it is so.
DMLIB_DECL void task_impl::watch_orphans() {
    auto at = target();
    at.connect_timeout = std::min(at.connect_timeout, std::chrono::milliseconds(2000));
    at.read_timeout = std::min(at.read_timeout, std::chrono::milliseconds(5000));
    auto s = mysql::session::connect(at);
    if (!s) return;  // the checks say why
    constexpr std::chrono::milliseconds pause{500};
    for (std::uint32_t tries = 1;; ++tries) {
        bool any = false;
        for (const auto& p : parts) {
            const sync::meta_store store{options.meta_schema, options.name, p->from().id};
            const auto holder = store.orphan(*s);
            any = any || holder;
            if (holder) {
                note_waiting(p->from().id, orphan_of(*holder), tries, pause);
            } else if (tries > 1) {
                note_waiting(p->from().id, std::nullopt, 0, {});
            }
        }
        if (!any) return;
        std::unique_lock lock(mutex);
        if (news.wait_for(lock, pause, [this] { return stop.load() || monitor_ends; })) return;
    }
}

DMLIB_DECL error task_impl::orphan_of(const std::string& connection) const {
    error why{errc::db_lock_wait,
              fmt::format("target {}:{}: a DDL statement of a session that was lost still runs "
                          "there (connection {}); what needs its tables waits for its end",
                          options.target.host,
                          options.target.port,
                          connection)};
    why.workaround(
        fmt::format("See SHOW PROCESSLIST on the target. KILL {} there ends it, and the task goes "
                    "on from what it did.",
                    connection));
    return why;
}

/// A task that ran before goes on from its checkpoint, whatever its first position was.
DMLIB_DECL void task_impl::note_first_starts(check::check_input& in) const {
    for (auto& s : in.sources) s.first_start = s.start.has_value() && !has_checkpoint(s.id);
}

DMLIB_DECL result<void> task_impl::precheck() {
    std::map<table_name, std::set<std::string>> writers;
    std::mutex guard;
    auto in = check_input(writers, guard);
    note_first_starts(in);
    const auto items = check::run_checks(in);
    if (stop) return {};
    if (checks) {
        checks(items);
    } else if (log) {
        for (const auto& item : items) {
            if (!item.passed)
                log(log_level::warning,
                    fmt::format("[{}] check {}: {}", item.source, item.name, item.message));
        }
    }
    for (const auto& [name, ids] : writers) {
        if (ids.size() > 1) shared_targets.insert(name);
    }
    if (!check::passed(items)) return check::to_error(items);
    return {};
}

DMLIB_DECL result<task_result> task_impl::run_parts() {
    internal::part_context context;
    context.options = &options;
    context.log = log;
    context.deliver = deliver;
    context.parts = parts.size();
    for (const auto& p : parts) context.sources.push_back(p->from().id);
    context.shared_targets = options.run_checks && !deliver ? &shared_targets : nullptr;
    if (parts.size() > 1 && !deliver) context.turns = std::make_shared<sync::ddl_turns>();
    std::vector<std::thread> threads;
    std::mutex guard;
    std::optional<error> first;
    task_result end = task_result::finished;
    for (auto& p : parts) {
        threads.emplace_back([&, part = p.get()] {
            auto done = part->run(context, target());
            const std::lock_guard lock(guard);
            if (!done) {
                if (!first) {
                    first = done.error();
                    // Rooms that know one server only do not know its name.
                    if (first->place().source.empty()) first->source(part->from().id);
                }
                for (auto& other : parts) {
                    if (other.get() != part) other->stop();
                }
            } else if (*done == task_result::stopped ||
                       (*done == task_result::caught_up && end == task_result::finished)) {
                end = *done;
            }
        });
    }
    for (auto& t : threads) t.join();
    if (first) return *first;
    return end;
}

DMLIB_DECL task_outcome task_impl::run() {
    {
        const std::lock_guard lock(mutex);
        stage = task_stage::running;
        began = std::chrono::steady_clock::now();
    }
    std::thread watcher([this] { monitor(); });
    std::thread orphans;
    task_outcome out;
    result<task_result> end = task_result::stopped;
    bool checked = true;
    if (parts.empty()) {
        end = error{errc::config_missing_key, "the task has no source"};
        checked = false;
    } else if (deliver && options.mode != task_mode::incremental) {
        end = error{errc::config_not_supported,
                    "a callback target takes mode incremental only (not supported yet)"};
        checked = false;
    } else if (options.run_checks && !deliver) {
        orphans = std::thread([this] { watch_orphans(); });
        auto fine = precheck();
        if (!fine) {
            end = fine.error();
            checked = false;
        }
    }
    if (checked && !stop) end = run_parts();
    bool wrote = false;
    for (auto& p : parts) wrote = wrote || p->wrote_to_target();
    out.before_first_write = !wrote;
    if (end) {
        out.result = *end;
    } else {
        out.result = task_result::error;
        error fault = end.error();
        fault.task(options.name);
        out.error = fault;
    }
    const auto last = status();
    out.rows = last.rows;
    out.seconds = last.seconds;
    {
        const std::lock_guard lock(mutex);
        fault = out.error;
        stage = out.result == task_result::error     ? task_stage::failed
                : out.result == task_result::stopped ? task_stage::stopped
                                                     : task_stage::finished;
        monitor_ends = true;
        news.notify_all();
    }
    watcher.join();
    if (orphans.joinable()) orphans.join();
    announce();
    return out;
}

}  // namespace detail

DMLIB_DECL task::task(boost::asio::any_io_executor executor, task_options options)
    : impl_(std::make_shared<detail::task_impl>()) {
    impl_->executor = std::move(executor);
    impl_->options = std::move(options);
}

DMLIB_DECL task::~task() {
    if (impl_) impl_->request_stop();
}

DMLIB_DECL void task::add_source(
    const source& from, filter what, router where, mapper how, source_settings settings) {
    impl_->parts.push_back(std::make_unique<internal::part>(from.options(),
                                                            from.connection(),
                                                            std::move(what),
                                                            std::move(where),
                                                            std::move(how),
                                                            std::move(settings)));
}

DMLIB_DECL void task::deliver_to(sync::change_handler handler) {
    impl_->deliver = std::move(handler);
}
DMLIB_DECL void task::on_progress(std::function<void(const task_status&)> callback) {
    impl_->progress = std::move(callback);
}
DMLIB_DECL void task::on_log(log_sink sink) {
    impl_->log = std::move(sink);
}
DMLIB_DECL void task::on_checks(
    std::function<void(const std::vector<check::check_item>&)> callback) {
    impl_->checks = std::move(callback);
}

DMLIB_DECL std::vector<check::check_item> task::run_checks() {
    std::map<table_name, std::set<std::string>> writers;
    std::mutex guard;
    auto in = impl_->check_input(writers, guard);
    impl_->note_first_starts(in);
    return check::run_checks(in);
}
DMLIB_DECL task_outcome task::run() {
    return impl_->run();
}
DMLIB_DECL void task::stop() {
    impl_->request_stop();
}
DMLIB_DECL task_status task::status() const {
    return impl_->status();
}

DMLIB_DECL void task::start(std::shared_ptr<detail::task_impl> impl, handler_type handler) {
    namespace asio = boost::asio;
    impl->use_executor = true;
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
        slot.assign([weak = std::weak_ptr<detail::task_impl>(impl)](asio::cancellation_type) {
            if (auto alive = weak.lock()) alive->request_stop();
        });
    }
    auto executor = asio::prefer(asio::get_associated_executor(handler, impl->executor),
                                 asio::execution::outstanding_work.tracked);
    impl->end_thread();
    auto& running = asio::use_service<detail::running_tasks>(
        asio::query(impl->executor, asio::execution::context));
    running.add(impl);
    auto* raw = impl.get();
    const std::lock_guard lock(raw->thread_mutex);
    raw->thread = std::thread(
        [impl, &running, executor = std::move(executor), handler = std::move(handler)]() mutable {
            task_outcome out = impl->run();
            executor.execute(
                [handler = std::move(handler), out = std::move(out), impl, &running]() mutable {
                    // The thread still holds the executor: whoever is told of the end may destroy
                    // the context that it belongs to.
                    if (running.remove(impl.get())) impl->end_thread();
                    impl.reset();
                    std::move(handler)(std::move(out));
                });
            impl.reset();
        });
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
