// An operation with a time limit. (Asio's cancel_after came after the Boost this library asks for.)
#pragma once

#include <dmlib/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

/// Runs `operation`; when `limit` passes first it is cancelled and the result is db_time_out (or
/// `on_time_out`). The operation must honour cancellation, else the call waits for its end.
template <class T>
boost::asio::awaitable<result<T>> with_deadline(boost::asio::awaitable<result<T>> operation,
                                                std::chrono::milliseconds limit,
                                                errc on_time_out = errc::db_time_out) {
    using namespace boost::asio::experimental::awaitable_operators;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(limit);
    auto wait = timer.async_wait(boost::asio::use_awaitable);
    auto outcome = co_await (std::move(operation) || std::move(wait));
    if (outcome.index() == 0) co_return std::move(std::get<0>(outcome));
    co_return error(on_time_out);
}

/// Waits, unless cancelled.
inline boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(duration);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
