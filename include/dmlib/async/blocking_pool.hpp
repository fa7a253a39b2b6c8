// Threads for blocking work: whole transactions, whole dumps, binlog readers.
#pragma once

#include <dmlib/core/config.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

/// Runs jobs on threads of its own. Threads are made as jobs come and idle ones are used again;
/// with `max_threads` of 0 every job gets a thread at once, so long-lived jobs never wait for
/// each other. The destructor waits for every job. Thread safe.
class blocking_pool {
public:
    DMLIB_DECL explicit blocking_pool(std::size_t max_threads = 0);
    DMLIB_DECL ~blocking_pool();
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    /// Queues a job. It must not throw. Jobs given after join() began are run all the same.
    DMLIB_DECL void post(std::function<void()> job);
    /// Waits until every job is done, then ends the threads.
    DMLIB_DECL void join();
    DMLIB_DECL std::size_t threads() const;

    /// Runs `f` on a thread and hands its value to the handler, which runs on its own executor,
    /// else on `fallback`. Handler signature: void(R) with R = f's value (void() for none). With
    /// g++ 12 give `f` a name before a statement with co_await. Cancellation: none; cancel what f
    /// waits for.
    template <class F, class CompletionToken>
    auto async_run(boost::asio::any_io_executor fallback, F f, CompletionToken&& token) {
        using value = std::invoke_result_t<F&>;
        using signature = typename signature_of<value>::type;
        return boost::asio::async_initiate<CompletionToken, signature>(
            [this, fallback](auto&& handler, F g) {
                start<value>(fallback,
                             boost::asio::any_completion_handler<signature>(
                                 std::forward<decltype(handler)>(handler)),
                             std::move(g));
            },
            token,
            std::move(f));
    }

private:
    template <class R>
    struct signature_of {
        using type = void(R);
    };

    template <class R, class F, class Handler>
    void start(const boost::asio::any_io_executor& fallback, Handler handler, F f) {
        namespace asio = boost::asio;
        // Tracked executors keep their contexts running while the thread works.
        asio::any_completion_executor executor =
            asio::prefer(asio::get_associated_executor(handler, fallback),
                         asio::execution::outstanding_work.tracked);
        asio::any_io_executor base =
            asio::prefer(fallback, asio::execution::outstanding_work.tracked);
        struct state {
            Handler handler;
            asio::any_completion_executor executor;
            asio::any_io_executor base;  ///< an executor that can post
            F work;
        };
        auto shared = std::make_shared<state>(
            state{std::move(handler), std::move(executor), std::move(base), std::move(f)});
        // The posted functions own the state: its executors' work ends with them.
        post([shared = std::move(shared)]() mutable {
            asio::any_io_executor to = shared->base;
            if constexpr (std::is_void_v<R>) {
                shared->work();
                asio::post(to, [shared = std::move(shared)]() mutable {
                    asio::any_completion_executor on = shared->executor;
                    asio::dispatch(on,
                                   [shared = std::move(shared)] { std::move(shared->handler)(); });
                });
            } else {
                auto value = std::make_shared<R>(shared->work());
                asio::post(to, [shared = std::move(shared), value = std::move(value)]() mutable {
                    asio::any_completion_executor on = shared->executor;
                    asio::dispatch(on, [shared = std::move(shared), value = std::move(value)] {
                        std::move(shared->handler)(std::move(*value));
                    });
                });
            }
        });
    }

    struct impl;
    std::unique_ptr<impl> impl_;
};

template <>
struct blocking_pool::signature_of<void> {
    using type = void();
};

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/async/impl/blocking_pool.ipp>
#endif
