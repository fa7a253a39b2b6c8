// An io_context of our own with its threads, for programs that bring none.
#pragma once

#include <dmlib/core/config.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

/// Owns an io_context and the threads that run it. The destructor stops it and joins.
class runner {
public:
    DMLIB_DECL explicit runner(std::size_t threads = 1);
    DMLIB_DECL ~runner();
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    DMLIB_DECL boost::asio::any_io_executor get_executor();
    /// Drops handlers that did not run yet, joins the threads. Idempotent.
    DMLIB_DECL void stop();
    /// Lets everything that is under way finish, then joins the threads.
    DMLIB_DECL void finish();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/async/impl/runner.ipp>
#endif
