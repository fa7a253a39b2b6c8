#pragma once

#include <dmlib/mysql/binlog_stream.hpp>
#include <dmlib/mysql/errors.hpp>
#include <dmlib/mysql/impl/internal/session_impl.hpp>

#include <cerrno>
#include <cstdio>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

namespace internal {

// Commands that the library's enumeration lacks or names differently.
inline constexpr int com_binlog_dump = 18;
inline constexpr int com_register_slave = 21;
inline constexpr int com_binlog_dump_gtid = 30;

inline constexpr std::uint16_t dump_non_block = 1;
inline constexpr std::uint16_t dump_annotate_rows = 2;  // MariaDB
inline constexpr std::uint16_t dump_through_gtid = 4;   // MySQL

inline void put_le(std::string& out, std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((v >> (8 * i)) & 0xff));
}
inline void put_short_text(std::string& out, std::string_view text) {
    const std::string_view cut = text.substr(0, 60);
    out.push_back(static_cast<char>(cut.size()));
    out += cut;
}

// What the dump thread of the server is told by user variables before it starts.
inline std::string stream_variables(session& s,
                                    const server_facts& facts,
                                    const stream_options& o) {
    const auto ns = std::to_string(
        std::chrono::duration_cast<std::chrono::nanoseconds>(o.heartbeat_period).count());
    std::string sql = "SET @master_heartbeat_period = " + ns + ", @source_heartbeat_period = " + ns;
    // We understand every algorithm; without this the server would strip or refuse checksums.
    if (facts.variables.count("binlog_checksum") != 0) {
        sql += ", @master_binlog_checksum = @@GLOBAL.binlog_checksum";
        sql += ", @source_binlog_checksum = @@GLOBAL.binlog_checksum";
    }
    // A reader that waits for its target must not lose the stream after the default minute.
    sql += ", SESSION net_write_timeout = 7200";
    if (!facts.is_mariadb()) {
        // Made of the server_id: MySQL looks at UUIDs to find two readers that are the same,
        // and 5.6 sends a broken row to SHOW SLAVE HOSTS for a reader without one.
        char id[48];
        std::snprintf(id, sizeof id, "'646d6c69-6200-4000-8000-0000%08x'", o.server_id);
        sql += std::string(", @slave_uuid = ") + id + ", @replica_uuid = " + id;
    }
    if (facts.is_mariadb()) {
        sql += ", @mariadb_slave_capability = 4";
        if (o.by_gtid) {
            const auto* set = o.start.gtids.mariadb();
            sql += ", @slave_connect_state = " +
                   s.literal(set == nullptr ? std::string() : set->connect_state());
            // A GTID that the source lacks is an error, not a silent start somewhere behind it.
            sql += ", @slave_gtid_strict_mode = 1, @slave_gtid_ignore_duplicates = 0";
        }
    }
    return sql;
}

inline bool send_command(MYSQL* m, int command, const std::string& body, bool wait_for_ok) {
    errno = 0;
    return m->methods->db_command(m,
                                  static_cast<enum_server_command>(command),
                                  body.data(),
                                  body.size(),
                                  wait_for_ok ? 0 : 1,
                                  nullptr) == 0;
}

}  // namespace internal

DMLIB_DECL std::string dump_command(const binlog_position& start,
                                    std::uint16_t flags,
                                    std::uint32_t server_id) {
    std::string out;
    internal::put_le(out, start.pos, 4);
    internal::put_le(out, flags, 2);
    internal::put_le(out, server_id, 4);
    return out + start.file;
}

DMLIB_DECL std::string dump_gtid_command(const mysql_gtid_set& executed,
                                         std::uint16_t flags,
                                         std::uint32_t server_id) {
    const std::string set = executed.encode();
    std::string out;
    internal::put_le(out, flags | internal::dump_through_gtid, 2);
    internal::put_le(out, server_id, 4);
    internal::put_le(out, 0, 4);  // no file name: the set decides
    internal::put_le(out, 4, 8);
    internal::put_le(out, set.size(), 4);
    return out + set;
}

DMLIB_DECL std::string register_command(std::uint32_t server_id,
                                        std::string_view host,
                                        std::uint16_t port) {
    std::string out;
    internal::put_le(out, server_id, 4);
    internal::put_short_text(out, host);
    internal::put_short_text(out, "");
    internal::put_short_text(out, "");
    internal::put_le(out, port, 2);
    internal::put_le(out, 0, 4);
    internal::put_le(out, 0, 4);
    return out;
}

DMLIB_DECL result<binlog_stream> binlog_stream::open(session&& s,
                                                     const server_facts& facts,
                                                     const stream_options& options) {
    if (options.server_id == 0) {
        return error(errc::binlog_server_id, "A binlog stream needs a server_id other than 0.");
    }
    if (facts.server_id == options.server_id) {
        return error(errc::binlog_server_id,
                     "server-id " + std::to_string(options.server_id) + " is the source's own.");
    }
    const bool mysql_gtids = options.by_gtid && !facts.is_mariadb();
    const auto& start = options.start.position;
    if (!options.by_gtid && start.pos > 0xffffffffULL) {
        // The command has 32 bits; the servers themselves cannot start there either.
        error e(errc::sync_position, "A stream cannot start behind 4 GiB of a file by position.");
        e.position(start.file, start.pos);
        e.workaround("Use GTIDs (enable-gtid: true).");
        return e;
    }
    binlog_stream stream(std::move(s));
    session& own = stream.session_;
    auto set = own.execute(internal::stream_variables(own, facts, options));
    if (!set) return set.error();
    auto* m = static_cast<MYSQL*>(own.native_handle());
    // Before 5.7 only readers with server_id 0 are told the end instead of waiting for more, and
    // such a reader that registered spoils SHOW SLAVE HOSTS for everyone.
    const bool old_mysql = !facts.is_mariadb() && !facts.version().at_least(5, 7);
    const bool anonymous = old_mysql && !options.wait_for_more;
    if (options.register_replica && !anonymous) {
        const auto body = register_command(options.server_id, options.report_host, 0);
        if (!internal::send_command(m, internal::com_register_slave, body, true)) {
            return own.last_error();
        }
    }
    std::uint16_t flags = options.wait_for_more ? 0 : internal::dump_non_block;
    if (facts.is_mariadb() && options.annotate_rows) flags |= internal::dump_annotate_rows;
    const std::uint32_t id = anonymous ? 0 : options.server_id;
    std::string body;
    if (mysql_gtids) {
        const auto* gtids = options.start.gtids.mysql();
        body = dump_gtid_command(gtids == nullptr ? mysql_gtid_set() : *gtids, flags, id);
    } else {
        body = dump_command(options.by_gtid ? binlog_position{} : start, flags, id);
    }
    auto deadline = options.read_deadline;
    if (deadline.count() == 0) {
        deadline = options.heartbeat_period.count() == 0
                       ? std::chrono::milliseconds(0)
                       : options.heartbeat_period * 3 + std::chrono::seconds(2);
    }
    own.set_read_timeout(deadline);
    const int command = mysql_gtids ? internal::com_binlog_dump_gtid : internal::com_binlog_dump;
    if (!internal::send_command(m, command, body, false)) return own.last_error();
    return stream;
}

DMLIB_DECL result<byte_view> binlog_stream::next() {
    if (ended_) return byte_view{};
    if (!session_.is_open()) {
        if (session_.native_handle() != nullptr) return session_.last_error();
        return error(errc::db_connection_lost, "The binlog stream is closed.");
    }
    auto* m = static_cast<MYSQL*>(session_.native_handle());
    errno = 0;
    const unsigned long size = mysql_net_read_packet(m);
    if (size == packet_error || size == ~0UL) {
        error e = session_.last_error();
        if (e.code() == errc::task_stopped || e.code() == errc::db_time_out ||
            e.code() == errc::db_connection_lost) {
            return e;
        }
        error better(classify_stream_error(e.server_errno(), e.message()), e.message());
        better.server_errno(e.server_errno()).scope(error_scope::upstream);
        return better;
    }
    const std::uint8_t* p = m->net.read_pos;
    if (size >= 1 && p[0] == 0) {
        bytes_read_ += size - 1;
        return byte_view(p + 1, size - 1);
    }
    if (size >= 1 && p[0] == 0xfe && size < 9) {
        ended_ = true;
        return byte_view{};
    }
    return error(errc::binlog_corrupt,
                 "The source sent a packet that is no event (first byte " +
                     std::to_string(size >= 1 ? p[0] : 0) + ").");
}

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
