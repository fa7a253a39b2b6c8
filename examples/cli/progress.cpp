#include "progress.hpp"

#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "json_output.hpp"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string_view>

namespace cli {

using namespace dmlib;
using steady = std::chrono::steady_clock;

std::string count_text(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

std::string bytes_text(std::uint64_t n) {
    static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = static_cast<double>(n);
    std::size_t unit = 0;
    while (v >= 1024 && unit < 4) {
        v /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", n) : fmt::format("{:.1f} {}", v, units[unit]);
}

std::string duration_text(double seconds) {
    const auto s = static_cast<std::uint64_t>(seconds);
    if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

namespace {

std::atomic<bool> leaving{false};
std::atomic<bool> nobody_reads{false};

/// Nobody may read stdout: in pieces for which a pipe has room, so that a write never blocks, and
/// without patience once a signal wants the process to end.
void write_out(std::string_view text) {
    constexpr int slice_ms = 100;
    constexpr int patience_ms = 2000;
    int waited = 0;
    while (!text.empty()) {
        pollfd out{STDOUT_FILENO, POLLOUT, 0};
        const int ready = poll(&out, 1, slice_ms);
        if (ready == 0) {
            waited = leaving ? waited + slice_ms : 0;
            if (waited < patience_ms && !(leaving && nobody_reads)) continue;
            nobody_reads = true;
            return;
        }
        const auto n =
            ready < 0
                ? -1
                : ::write(STDOUT_FILENO, text.data(), std::min(text.size(), std::size_t{PIPE_BUF}));
        if (n < 0 && errno != EINTR && errno != EAGAIN) return;  // closed
        if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string place_text(const location& at) {
    return at.position.empty() ? at.gtids.to_string() : to_string(at.position);
}

std::string blocked_text(const blocked_status& b) {
    std::string out = fmt::format("; waiting since {:.0f} s", b.since_seconds);
    if (b.why)
        out += fmt::format(", {} failed, next try in {:.1f} s",
                           b.tries == 1 ? "1 try" : fmt::format("{} tries", b.tries),
                           b.next_try_seconds);
    out += ": " + b.on;
    if (b.why) out += " (" + b.why->workaround() + ")";
    return out;
}

std::string source_line(const task_status& task, const source_status& s) {
    std::string out = s.source + ": ";
    switch (s.unit) {
        case unit_kind::check:
            out += "checking";
            if (task.checks_total > 0)
                out += fmt::format(
                    ", {} of {}", count_text(task.checks_done), count_text(task.checks_total));
            break;
        case unit_kind::load: {
            const double share = s.rows_total == 0 ? 0
                                                   : 100.0 * static_cast<double>(s.rows_done) /
                                                         static_cast<double>(s.rows_total);
            out += fmt::format("full copy {:.1f} %, {} of {}{} rows, {}, {} rows/s",
                               std::min(share, 100.0),
                               count_text(s.rows_done),
                               s.rows_total_estimate ? "about " : "",
                               count_text(s.rows_total),
                               bytes_text(s.bytes_done),
                               count_text(static_cast<std::uint64_t>(s.rows_per_second)));
            if (s.eta_seconds) out += ", " + duration_text(*s.eta_seconds) + " left";
            break;
        }
        case unit_kind::sync: {
            const std::string place = place_text(s.position);
            out += fmt::format("replicating{}, {} row changes, {} rows/s",
                               place.empty() ? "" : " at " + place,
                               count_text(s.rows_done),
                               count_text(static_cast<std::uint64_t>(s.rows_per_second)));
            if (s.caught_up) {
                out += ", caught up";
            } else if (s.lag_seconds) {
                out += fmt::format(", {:.1f} s behind", *s.lag_seconds);
            }
            break;
        }
    }
    if (s.blocked) out += blocked_text(*s.blocked);
    return out;
}

std::string outcome_line(const task_status& s, const task_outcome& o) {
    return fmt::format("task {}: {} after {}, {} rows",
                       s.task,
                       to_string(o.result),
                       duration_text(o.seconds),
                       count_text(o.rows));
}

/// Shows a source at its changes of unit and in between every `interval`.
class line_view : public progress_view {
public:
    explicit line_view(std::chrono::milliseconds interval) : interval_(interval) {}
    void show(const task_status& status) override {
        for (const auto& s : status.sources) {
            state& last = last_[s.source];
            const auto now = steady::now();
            const bool changed = !last.shown || last.unit != s.unit || last.stage != status.stage ||
                                 last.blocked != s.blocked.has_value() ||
                                 last.caught_up != s.caught_up;
            if (!changed && now - last.at < interval_) continue;
            last = {true, s.unit, status.stage, s.blocked.has_value(), s.caught_up, now};
            print(status, s);
        }
    }

protected:
    virtual void print(const task_status& status, const source_status& s) = 0;
    static void write(const std::string& text) { write_out(text + "\n"); }

private:
    struct state {
        bool shown = false;
        unit_kind unit = unit_kind::check;
        task_stage stage = task_stage::created;
        bool blocked = false;
        bool caught_up = false;
        steady::time_point at{};
    };
    std::chrono::milliseconds interval_;
    std::map<std::string, state> last_;
};

class json_view : public line_view {
public:
    json_view() : line_view(std::chrono::milliseconds(500)) {}
    void end(const task_status& status, const task_outcome& outcome) override {
        write(outcome_json(status.task, outcome));
    }

protected:
    void print(const task_status& status, const source_status& s) override {
        write(status_json(status, s));
    }
};

class plain_view : public line_view {
public:
    plain_view() : line_view(std::chrono::seconds(5)) {}
    void end(const task_status& status, const task_outcome& outcome) override {
        write(outcome_line(status, outcome));
    }

protected:
    void print(const task_status& status, const source_status& s) override {
        write(time_text() + " " + source_line(status, s));
    }
};

class silent_view : public progress_view {
public:
    void show(const task_status&) override {}
    void end(const task_status&, const task_outcome&) override {}
};

/// A block of lines that is drawn over itself.
class live_view : public progress_view {
public:
    void show(const task_status& status) override {
        const auto now = steady::now();
        if (now - drawn_at_ < std::chrono::milliseconds(200)) return;
        drawn_at_ = now;
        draw(status);
    }
    void end(const task_status& status, const task_outcome& outcome) override {
        draw(status);
        write_out(outcome_line(status, outcome) + "\n");
    }

private:
    void draw(const task_status& status) {
        winsize size{};
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size = {24, 80, 0, 0};
        std::vector<std::string> lines;
        lines.push_back(fmt::format("task {}  {}  {}",
                                    status.task,
                                    to_string(status.stage),
                                    duration_text(status.seconds)));
        for (const auto& s : status.sources) {
            lines.push_back("  " + source_line(status, s));
            add_tables(s, lines, size.ws_row > 8 ? size.ws_row - 5U : 3U);
        }
        std::string out = drawn_ > 0 ? fmt::format("\x1b[{}A\r\x1b[J", drawn_) : std::string{};
        for (auto& line : lines) out += line.substr(0, size.ws_col - 1U) + "\n";
        drawn_ = lines.size();
        write_out(out);
    }

    /// Tables under way first, then those that wait, then those that are done.
    static void add_tables(const source_status& s,
                           std::vector<std::string>& lines,
                           std::size_t most) {
        if (s.unit != unit_kind::load) return;
        std::vector<const table_status*> order;
        for (const auto& t : s.tables) order.push_back(&t);
        const auto rank = [](const table_status* t) {
            return t->done ? 2 : t->rows_done > 0 ? 0 : 1;
        };
        std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
            return rank(a) < rank(b);
        });
        for (const auto* t : order) {
            if (lines.size() >= most) {
                lines.push_back(fmt::format("    ... {} tables in all", order.size()));
                return;
            }
            const double share = t->done ? 1.0
                                 : t->rows_total == 0
                                     ? 0.0
                                     : std::min(1.0,
                                                static_cast<double>(t->rows_done) /
                                                    static_cast<double>(t->rows_total));
            const auto filled = static_cast<std::size_t>(share * 20);
            lines.push_back(fmt::format("    [{}{}] {:3.0f} %  {}.{}  {} rows",
                                        std::string(filled, '#'),
                                        std::string(20 - filled, '.'),
                                        share * 100,
                                        t->source.schema,
                                        t->source.table,
                                        count_text(t->rows_done)));
        }
    }

    steady::time_point drawn_at_{};
    std::size_t drawn_ = 0;
};

}  // namespace

void wait_for_readers_no_longer() {
    leaving = true;
}

std::unique_ptr<progress_view> make_progress_view(progress_kind kind) {
    switch (kind) {
        case progress_kind::live:
            return std::make_unique<live_view>();
        case progress_kind::plain:
            return std::make_unique<plain_view>();
        case progress_kind::json:
            return std::make_unique<json_view>();
        case progress_kind::none:
            break;
    }
    return std::make_unique<silent_view>();
}

}  // namespace cli
