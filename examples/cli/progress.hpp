// How `dmlib run` shows what it does: a live display, plain lines, JSON lines, or nothing.
#pragma once

#include <dmlib/task/status.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace cli {

enum class progress_kind { live, plain, json, none };

/// Gets every status of the task, from one thread at a time.
class progress_view {
public:
    virtual ~progress_view() = default;
    virtual void show(const dmlib::task_status& status) = 0;
    /// The last status and how it ended.
    virtual void end(const dmlib::task_status& status, const dmlib::task_outcome& outcome) = 0;
};

/// The process is to end: what nobody reads is left out from now on.
void wait_for_readers_no_longer();

std::unique_ptr<progress_view> make_progress_view(progress_kind kind);

/// "1,234,567", "12.3 MiB", "1:02:03".
std::string count_text(std::uint64_t n);
std::string bytes_text(std::uint64_t n);
std::string duration_text(double seconds);

}  // namespace cli
