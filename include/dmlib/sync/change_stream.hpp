// The driver behind change data capture: one source's transactions, whole and in order, to a
// callback. Nothing is written anywhere; the host keeps the acknowledged place.
#pragma once

#include <dmlib/sync/change.hpp>
#include <dmlib/sync/syncer.hpp>

#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

struct change_options {
    std::string task;
    std::string source_id;
    mysql::connect_options source;
    bool by_gtid = false;
    std::uint32_t server_id = 0;
    /// Bytes of one transaction's rows; a larger one ends the stream with sync_memory.
    std::size_t memory_bytes = std::size_t{256} << 20;
    sync_until until;
    async::back_off_options back_off;
    std::function<result<sync_start>()> begin;
    std::function<result<rule_set>()> rules;
    change_handler handler;
    log_sink log;
};

/// Thread safety: run() once; the rest from any thread.
class change_stream {
public:
    DMLIB_DECL explicit change_stream(change_options options);
    DMLIB_DECL ~change_stream();
    change_stream(const change_stream&) = delete;
    change_stream& operator=(const change_stream&) = delete;

    /// After a lost connection it goes on behind the last acknowledged transaction.
    DMLIB_DECL result<sync_end> run();
    DMLIB_DECL void stop();
    /// `committed` is what was acknowledged.
    DMLIB_DECL sync_status status() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/change_stream.ipp>
#endif
