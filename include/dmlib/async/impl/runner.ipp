#pragma once

#include <dmlib/async/impl/blocking_pool.ipp>
#include <dmlib/async/runner.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

struct runner::impl {
    using guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

    explicit impl(std::size_t n) : context(static_cast<int>(std::max<std::size_t>(n, 1))) {
        work.emplace(context.get_executor());
        for (std::size_t i = 0; i < std::max<std::size_t>(n, 1); ++i) {
            threads.push_back(internal::start_quiet_thread([this] { context.run(); }));
        }
    }
    void join() {
        work.reset();
        for (std::thread& t : threads) t.join();
        threads.clear();
    }

    boost::asio::io_context context;
    std::optional<guard> work;
    std::vector<std::thread> threads;
};

DMLIB_DECL runner::runner(std::size_t threads) : impl_(std::make_unique<impl>(threads)) {
}

DMLIB_DECL runner::~runner() {
    stop();
}

DMLIB_DECL boost::asio::any_io_executor runner::get_executor() {
    return impl_->context.get_executor();
}

DMLIB_DECL void runner::stop() {
    impl_->context.stop();
    impl_->join();
}

DMLIB_DECL void runner::finish() {
    impl_->join();
}

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
