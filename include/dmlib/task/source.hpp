// Source: a server that a task reads from.
#pragma once

#include <dmlib/task/options.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {

/// A handle on a source server. Connects when a task needs it. Copyable. Thread safety: const.
class source {
public:
    source(boost::asio::any_io_executor executor, source_options options)
        : executor_(std::move(executor)), options_(std::move(options)) {}
    const source_options& options() const noexcept { return options_; }
    boost::asio::any_io_executor get_executor() const { return executor_; }
    /// The connection as the lower rooms take it.
    DMLIB_DECL mysql::connect_options connection() const;

private:
    boost::asio::any_io_executor executor_;
    source_options options_;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/task/impl/source.ipp>
#endif
