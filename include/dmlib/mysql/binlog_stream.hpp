// The source's binlog as it is written: event packets, undecoded.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

struct stream_options {
    /// Where to begin. With `by_gtid` the set start.gtids is what we have and the source sends the
    /// rest; else start.position, "" = the oldest file.
    location start;
    bool by_gtid = false;
    /// Must differ from every other replica's and from the source's own.
    std::uint32_t server_id = 0;
    /// How often an idle source says that it lives.
    std::chrono::milliseconds heartbeat_period{10000};
    /// No byte for this long: errc::db_time_out. 0 = three heartbeats and two seconds.
    std::chrono::milliseconds read_deadline{0};
    /// MariaDB: the statements' texts as ANNOTATE_ROWS events.
    bool annotate_rows = false;
    /// False: the stream ends at the end of the newest file instead of waiting.
    bool wait_for_more = true;
    /// COM_REGISTER_SLAVE, so that SHOW REPLICAS names us (and others can see the server_id).
    bool register_replica = true;
    std::string report_host = "dmlib";
};

/// A binlog stream. Move-only; one thread at a time, except the canceller.
class binlog_stream {
public:
    /// Sends the dump command. Takes the session over. Errors that the source answers with (purged,
    /// position, duplicate server_id) come from the first next().
    DMLIB_DECL static result<binlog_stream> open(session&& s,
                                                 const server_facts& facts,
                                                 const stream_options& options);

    /// Blocks for the next event packet: the event with its header and its checksum (if any),
    /// without the packet's status byte. The bytes are valid until the next call. Empty: the end,
    /// only without wait_for_more. The first events are an artificial ROTATE and the file's
    /// FORMAT_DESCRIPTION.
    DMLIB_DECL result<byte_view> next();

    canceller get_canceller() const { return session_.get_canceller(); }
    void cancel() const { session_.cancel(); }
    void close() noexcept { session_.close(); }
    /// Bytes of events so far.
    std::uint64_t bytes_read() const noexcept { return bytes_read_; }

private:
    explicit binlog_stream(session&& s) : session_(std::move(s)) {}
    session session_;
    std::uint64_t bytes_read_ = 0;
    bool ended_ = false;
};

/// The payload of COM_BINLOG_DUMP (without the command byte).
DMLIB_DECL std::string dump_command(const binlog_position& start,
                                    std::uint16_t flags,
                                    std::uint32_t server_id);
/// The payload of COM_BINLOG_DUMP_GTID.
DMLIB_DECL std::string dump_gtid_command(const mysql_gtid_set& executed,
                                         std::uint16_t flags,
                                         std::uint32_t server_id);
/// The payload of COM_REGISTER_SLAVE.
DMLIB_DECL std::string register_command(std::uint32_t server_id,
                                        std::string_view host,
                                        std::uint16_t port);

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/mysql/impl/binlog_stream.ipp>
#endif
