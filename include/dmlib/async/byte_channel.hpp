// A queue between threads that is bounded by bytes and by count: memory stays bounded whatever
// comes (design, promise 8).
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/core/error.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

struct channel_options {
    std::size_t max_bytes = std::size_t{64} << 20;
    std::size_t max_items = 1024;
};

/// Many producers, many consumers, in order. An item larger than max_bytes is let in alone, so that
/// nothing blocks forever. close() lets consumers finish what is queued; fail() drops it and hands
/// everyone the error. Thread safe. T must be movable.
template <class T>
class byte_channel {
public:
    explicit byte_channel(channel_options options = {}) : options_(options) {}
    byte_channel(const byte_channel&) = delete;
    byte_channel& operator=(const byte_channel&) = delete;
    ~byte_channel() { close(); }

    /// Waits for room. False where the channel was closed or failed: the item is dropped.
    bool push(T item, std::size_t bytes) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return closed_ || fits(bytes); });
        if (closed_) return false;
        deliver(std::move(item), bytes, lock);
        return true;
    }

    /// False where there is no room or the channel is closed; `item` is then untouched.
    bool try_push(T& item, std::size_t bytes) {
        std::unique_lock lock(mutex_);
        if (closed_ || !fits(bytes)) return false;
        deliver(std::move(item), bytes, lock);
        return true;
    }

    /// Waits for an item. Nothing: closed and empty, or failed (see failure()).
    std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        items_.wait(lock, [&] { return closed_ || !queue_.empty(); });
        return take(lock);
    }

    /// Nothing where no item is there now.
    std::optional<T> try_pop() {
        std::unique_lock lock(mutex_);
        return take(lock);
    }

    /// Waits no longer than `timeout`. Nothing: time-out, or closed (see drained()).
    template <class Rep, class Period>
    std::optional<T> pop_for(std::chrono::duration<Rep, Period> timeout) {
        std::unique_lock lock(mutex_);
        items_.wait_for(lock, timeout, [&] { return closed_ || !queue_.empty(); });
        return take(lock);
    }

    /// As pop(), for coroutines and callbacks. Handler signature: void(std::optional<T>). The
    /// handler runs by post on its own executor, else on `fallback`. Cancellation: none; close().
    template <class CompletionToken>
    auto async_pop(boost::asio::any_io_executor fallback, CompletionToken&& token) {
        return boost::asio::async_initiate<CompletionToken, void(std::optional<T>)>(
            [this, fallback](auto&& handler) {
                async_pop_erased(fallback, handler_type(std::forward<decltype(handler)>(handler)));
            },
            token);
    }

    /// No more items will come.
    void close() { shut(std::nullopt); }
    /// Drops what is queued; pushes and pops end.
    void fail(error e) { shut(std::move(e)); }

    bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }
    /// Closed, and every item was taken.
    bool drained() const {
        const std::lock_guard lock(mutex_);
        return closed_ && queue_.empty();
    }
    std::optional<error> failure() const {
        const std::lock_guard lock(mutex_);
        return failure_;
    }
    std::size_t bytes() const {
        const std::lock_guard lock(mutex_);
        return bytes_;
    }
    std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return queue_.size();
    }

private:
    using handler_type = boost::asio::any_completion_handler<void(std::optional<T>)>;
    struct entry {
        T item;
        std::size_t bytes;
    };
    // Both executors count as busy while the handler waits, so that their contexts keep running.
    struct waiter {
        handler_type handler;
        boost::asio::any_completion_executor executor;
        boost::asio::any_io_executor base;  ///< an executor that can post
    };

    bool fits(std::size_t bytes) const {
        if (queue_.empty()) return true;
        return queue_.size() < options_.max_items && bytes <= options_.max_bytes &&
               bytes_ <= options_.max_bytes - bytes;
    }

    void deliver(T&& item, std::size_t bytes, std::unique_lock<std::mutex>& lock) {
        if (!waiters_.empty()) {
            waiter w = std::move(waiters_.front());
            waiters_.pop_front();
            lock.unlock();
            complete(std::move(w), std::optional<T>(std::move(item)));
            return;
        }
        queue_.push_back(entry{std::move(item), bytes});
        bytes_ += bytes;
        lock.unlock();
        items_.notify_one();
    }

    std::optional<T> take(std::unique_lock<std::mutex>& lock) {
        if (queue_.empty()) return std::nullopt;
        std::optional<T> item(std::move(queue_.front().item));
        bytes_ -= queue_.front().bytes;
        queue_.pop_front();
        lock.unlock();
        room_.notify_all();  // pushes of different sizes wait: let each look
        return item;
    }

    void async_pop_erased(const boost::asio::any_io_executor& fallback, handler_type handler) {
        namespace asio = boost::asio;
        asio::any_completion_executor executor =
            asio::prefer(asio::get_associated_executor(handler, fallback),
                         asio::execution::outstanding_work.tracked);
        asio::any_io_executor base =
            asio::prefer(fallback, asio::execution::outstanding_work.tracked);
        waiter w{std::move(handler), std::move(executor), std::move(base)};
        std::unique_lock lock(mutex_);
        if (queue_.empty() && !closed_) {
            waiters_.push_back(std::move(w));
            return;
        }
        std::optional<T> item = take(lock);
        if (lock.owns_lock()) lock.unlock();
        complete(std::move(w), std::move(item));
    }

    static void complete(waiter w, std::optional<T> item) {
        boost::asio::any_io_executor base = w.base;
        boost::asio::post(base, [w = std::move(w), item = std::move(item)]() mutable {
            boost::asio::any_completion_executor executor = w.executor;
            boost::asio::dispatch(executor, [w = std::move(w), item = std::move(item)]() mutable {
                std::move(w.handler)(std::move(item));
            });
        });
    }

    void shut(std::optional<error> why) {
        std::deque<waiter> waiters;
        std::deque<entry> dropped;
        {
            const std::lock_guard lock(mutex_);
            if (why && !failure_) {
                failure_ = std::move(why);
                dropped.swap(queue_);
                bytes_ = 0;
            }
            closed_ = true;
            waiters.swap(waiters_);
        }
        room_.notify_all();
        items_.notify_all();
        for (waiter& w : waiters) complete(std::move(w), std::nullopt);
    }

    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable items_;
    std::deque<entry> queue_;
    std::deque<waiter> waiters_;
    std::size_t bytes_ = 0;
    channel_options options_;
    bool closed_ = false;
    std::optional<error> failure_;
};

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
