// What the sessions of a run have asked the target and what it has not answered yet.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// A target that waits for a lock, works for hours or stands still says nothing; whoever looks at
/// the task has to see what it waits for. Thread safety: all from any thread.
class open_requests {
public:
    using clock = std::chrono::steady_clock;
    struct request {
        std::uint64_t connection = 0;
        std::string what;
        clock::time_point since;
    };

    /// Stands in the list from begin() to end(), or to its own end.
    class entry {
    public:
        explicit entry(open_requests& list) : list_(list) {}
        entry(open_requests& list, std::uint64_t connection, std::string what) : list_(list) {
            begin(connection, std::move(what));
        }
        ~entry() { end(); }
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        void begin(std::uint64_t connection, std::string what) {
            const std::lock_guard lock(list_.mutex_);
            if (open_) list_.open_.erase(at_);
            list_.open_.push_back({connection, std::move(what), clock::now()});
            at_ = std::prev(list_.open_.end());
            open_ = true;
        }
        void end() {
            const std::lock_guard lock(list_.mutex_);
            if (open_) list_.open_.erase(at_);
            open_ = false;
        }

    private:
        open_requests& list_;
        std::list<request>::iterator at_;
        bool open_ = false;
    };

    /// The one that has stood longest, where that is longer than `least`.
    std::optional<request> oldest(clock::time_point now, clock::duration least) const {
        const std::lock_guard lock(mutex_);
        const auto at =
            std::min_element(open_.begin(), open_.end(), [](const request& a, const request& b) {
                return a.since < b.since;
            });
        if (at == open_.end() || now - at->since < least) return std::nullopt;
        return *at;
    }

private:
    mutable std::mutex mutex_;
    std::list<request> open_;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
