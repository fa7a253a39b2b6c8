#include "run_command.hpp"

#include <dmlib/async/runner.hpp>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include "explain_command.hpp"
#include "json_output.hpp"
#include "progress.hpp"
#include "task_setup.hpp"
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace {

using namespace dmlib;

/// A connection that is being made cannot be shut down: the library has not told its socket yet.
constexpr timespec patience_for_checks{1, 0};

/// The first signal stops the task at a transaction boundary, the second one ends the process.
/// Checks write nothing: what does not stop soon is left behind as it is.
class signal_watch {
public:
    enum class stops : std::uint8_t { task, checks };
    explicit signal_watch(stops what) : what_(what) {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        sigaddset(&signals_, SIGUSR2);  // ends the watch
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    }
    void watch(task& t) {
        thread_ = std::thread([this, &t] {
            if (next(nullptr) == SIGUSR2) return;
            stopped_ = true;
            cli::wait_for_readers_no_longer();
            const bool checks = what_ == stops::checks;
            fmt::print(stderr,
                       "stopping {}; a second signal ends at once\n",
                       checks ? "the checks" : "at a transaction boundary");
            t.stop();
            if (next(checks ? &patience_for_checks : nullptr) != SIGUSR2) _exit(130);
        });
    }
    /// True once a signal came.
    bool stopped() const noexcept { return stopped_; }
    ~signal_watch() {
        if (!thread_.joinable()) return;
        pthread_kill(thread_.native_handle(), SIGUSR2);
        thread_.join();
    }

private:
    /// -1: none came in time.
    int next(const timespec* patience) const {
        for (;;) {
            const int number = patience != nullptr ? sigtimedwait(&signals_, nullptr, patience)
                                                   : sigwaitinfo(&signals_, nullptr);
            if (number != -1 || errno != EINTR) return number;
        }
    }

    stops what_;
    sigset_t signals_{};
    std::atomic<bool> stopped_{false};
    std::thread thread_;
};

std::optional<cli::progress_kind> progress_of(const std::string& name) {
    if (name == "auto")
        return isatty(STDOUT_FILENO) != 0 ? cli::progress_kind::live : cli::progress_kind::plain;
    if (name == "plain") return cli::progress_kind::plain;
    if (name == "json") return cli::progress_kind::json;
    if (name == "none") return cli::progress_kind::none;
    return std::nullopt;
}

log_sink stderr_log() {
    static std::mutex mutex;
    return [](log_level level, std::string_view line) {
        static constexpr const char* names[] = {"debug", "info", "warning", "error"};
        if (level == log_level::debug) return;
        const std::lock_guard lock(mutex);
        fmt::print(stderr, "{} {} {}\n", cli::time_text(), names[static_cast<int>(level)], line);
    };
}

int exit_code_of(const task_outcome& o) {
    switch (o.result) {
        case task_result::finished:
        case task_result::caught_up:
            return 0;
        case task_result::stopped:
            return 130;
        case task_result::error:
            break;
    }
    return o.before_first_write ? 3 : 4;
}

void print_failed(const std::vector<check::check_item>& items) {
    for (const auto& i : items) {
        if (i.passed) continue;
        fmt::print(stderr,
                   "{} {}{}: {}{}{}\n",
                   i.severity == check::severity::error ? "FAILED " : "warning",
                   i.name,
                   i.source.empty() ? "" : " [" + i.source + "]",
                   i.message,
                   i.instruction.empty() ? "" : " -> ",
                   i.instruction);
    }
}

/// On a terminal a line on stderr says how far they are.
std::vector<check::check_item> run_checks_with_progress(task& t) {
    if (isatty(STDERR_FILENO) == 0) return t.run_checks();
    std::mutex mutex;
    std::condition_variable news;
    bool done = false;
    std::thread shower([&] {
        std::unique_lock lock(mutex);
        while (!news.wait_for(lock, std::chrono::milliseconds(200), [&] { return done; })) {
            const auto s = t.status();
            fmt::print(stderr, "\rchecking, {} of {}", s.checks_done, s.checks_total);
        }
        fmt::print(stderr, "\r\x1b[K");
    });
    auto items = t.run_checks();
    {
        const std::lock_guard lock(mutex);
        done = true;
    }
    news.notify_one();
    shower.join();
    return items;
}

}  // namespace

int run_run_command(std::span<const std::string> args) {
    const cli::option_list known{{"--source",
                                  "--until",
                                  "--progress",
                                  "--listen",
                                  "--data-dir",
                                  "--memory-limit",
                                  "--key-file",
                                  "--dm-key-file",
                                  "--give-up-after",
                                  "--from",
                                  "--to"},
                                 {"--json", "--dry-run"}};
    const auto a = cli::parse_arguments(args, known);
    const std::string shown = a.last("--progress").value_or(a.has("--json") ? "json" : "auto");
    const auto kind = progress_of(shown);
    const bool json = shown == "json";
    if (!a.problem.empty()) return cli::usage_error(a.problem, json);
    if (!kind)
        return cli::usage_error("--progress takes auto, plain, json or none; got " + shown, json);
    if (a.positional.size() != 1)
        return cli::usage_error("usage: dmlib run TASK.yaml --source SRC.yaml ...", json);
    if (a.last("--listen"))
        return cli::usage_error("--listen: the HTTP host is not supported yet", json);
    if (!a.has("--dry-run") && (a.last("--from") || a.last("--to")))
        return cli::usage_error("--from and --to are for --dry-run", json);
    auto setup = cli::read_files(a, json);
    if (!setup.ok) return setup.exit_code;
    if (const auto problem = cli::read_run_options(a, setup); !problem.empty())
        return cli::usage_error(problem, json);

    boost::asio::io_context unused;
    auto t = cli::make_task(setup, unused.get_executor());
    if (a.has("--dry-run")) return cli::run_rehearsal(a, setup, *t, json);
    signal_watch signals(signal_watch::stops::task);
    auto view = cli::make_progress_view(*kind);
    t->on_progress([&](const task_status& s) { view->show(s); });
    t->on_log(stderr_log());
    t->on_checks(print_failed);
    signals.watch(*t);
    const auto outcome = t->run();
    view->end(t->status(), outcome);
    if (outcome.error) fmt::print(stderr, "{}\n", outcome.error->to_string());
    return exit_code_of(outcome);
}

int run_check_command(std::span<const std::string> args) {
    const cli::option_list known{{"--source", "--key-file", "--dm-key-file", "--data-dir"},
                                 {"--json"}};
    const auto a = cli::parse_arguments(args, known);
    const bool json = a.has("--json");
    if (!a.problem.empty()) return cli::usage_error(a.problem, json);
    if (a.positional.size() != 1)
        return cli::usage_error("usage: dmlib check TASK.yaml --source SRC.yaml ... [--json]",
                                json);
    auto setup = cli::read_files(a, json);
    if (!setup.ok) return setup.exit_code;
    setup.options.data_dir = a.last("--data-dir").value_or("");
    boost::asio::io_context unused;
    auto t = cli::make_task(setup, unused.get_executor());
    t->on_log(stderr_log());
    signal_watch signals(signal_watch::stops::checks);
    signals.watch(*t);
    const auto items = run_checks_with_progress(*t);
    if (signals.stopped()) return 130;
    if (json) {
        fmt::print("{}\n", cli::checks_json(items));
    } else {
        for (const auto& i : items) {
            fmt::print("{:8} {:22} {:14} {}{}{}\n",
                       i.passed                               ? "ok"
                       : i.severity == check::severity::error ? "FAILED"
                                                              : "warning",
                       i.name,
                       i.source.empty() ? "target" : i.source,
                       i.message,
                       i.instruction.empty() ? "" : "\n         -> ",
                       i.instruction);
        }
        fmt::print("{}\n", check::passed(items) ? "passed" : "a check failed");
    }
    return check::passed(items) ? 0 : 3;
}
