// Who may commit next, where transactions commit in the source's order.
#pragma once

#include <dmlib/core/config.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Turns are numbered from 1 without gaps. Thread safe.
class commit_turns {
public:
    enum class answer : std::uint8_t { go, late, closed };

    /// Until it is `turn`'s turn, or for `patience` at most: whoever waits for its turn holds locks
    /// that an earlier one may need, which no server can see.
    answer wait(std::uint64_t turn, std::optional<std::chrono::milliseconds> patience) {
        const auto ready = [&] { return closed_ || next_ == turn; };
        std::unique_lock lock(mutex_);
        if (!patience) {
            news_.wait(lock, ready);
        } else if (!news_.wait_for(lock, *patience, ready)) {
            return answer::late;
        }
        return closed_ ? answer::closed : answer::go;
    }
    /// `turn` is committed.
    void done(std::uint64_t turn) {
        const std::lock_guard lock(mutex_);
        next_ = turn + 1;
        news_.notify_all();
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        news_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable news_;
    std::uint64_t next_ = 1;
    bool closed_ = false;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
