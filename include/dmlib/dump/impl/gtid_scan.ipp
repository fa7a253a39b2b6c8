#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/dump/gtid_scan.hpp>
#include <dmlib/mysql/binlog_stream.hpp>

#include <limits>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

namespace internal {

/// What the file's head says of the files before it, and the GTIDs of its transactions.
class gtid_scanner {
public:
    explicit gtid_scanner(std::uint64_t end) : end_(end) {}

    // False at the end.
    result<bool> take(byte_view packet) {
        constexpr std::uint8_t code_rotate = 4, code_format = 15, code_gtid = 33,
                               code_previous = 35, code_tagged = 42;
        if (packet.size() < 19) return error(errc::binlog_truncated);
        const std::uint8_t code = packet[4];
        byte_cursor header(packet);
        header.skip(13);
        const std::uint32_t log_pos = header.u32();
        const bool head = code == code_format || code == code_previous;
        if (!head && (log_pos > end_ || (code == code_rotate && log_pos != 0))) return false;
        if (code == code_rotate || code == code_format || code == code_gtid ||
            code == code_previous || code == code_tagged) {
            auto event = decoder_.push(packet);
            if (!event) return event.error();
            if (const auto* before = (*event)->get<binlog::previous_gtids>()) {
                auto set = mysql_gtid_set::decode(before->body);
                if (!set) return set.error();
                set_.add(*set);
            }
            const auto* one = (*event)->get<binlog::mysql_gtid_event>();
            if (one != nullptr && !one->anonymous)
                set_.add(mysql_gtid{one->sid, std::string(one->tag), one->number});
        }
        return head || log_pos < end_;
    }
    mysql_gtid_set& set() noexcept { return set_; }

private:
    std::uint64_t end_;
    binlog::decoder decoder_;
    mysql_gtid_set set_;
};

}  // namespace internal

DMLIB_DECL result<gtid_set> gtids_before(const mysql::connect_options& source,
                                         const mysql::server_facts& facts,
                                         const binlog_position& place,
                                         std::uint32_t server_id) {
    if (facts.is_mariadb() || place.pos > std::numeric_limits<std::uint32_t>::max())
        return gtid_set();
    auto session = mysql::session::connect(source);
    if (!session) return session.error();
    mysql::stream_options options;
    options.start.position = {place.file, 4};
    options.server_id = server_id;
    options.wait_for_more = false;
    options.register_replica = false;
    auto stream = mysql::binlog_stream::open(std::move(*session), facts, options);
    if (!stream) return stream.error();
    internal::gtid_scanner scanner(place.pos);
    for (;;) {
        auto packet = stream->next();
        if (!packet) return packet.error();
        if (packet->empty()) break;
        auto more = scanner.take(*packet);
        if (!more) return more.error();
        if (!*more) break;
    }
    if (scanner.set().empty()) return gtid_set();
    return gtid_set(std::move(scanner.set()));
}

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib
