// GTID events of both dialects.
#pragma once

#include <dmlib/binlog/event.hpp>

#include <algorithm>
#include <bit>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline bool read_mysql_gtid(byte_cursor& p, bool anonymous, mysql_gtid_event& g) {
    g.anonymous = anonymous;
    g.gtid_flags = p.u8();
    const byte_view sid = p.bytes(16);
    if (!p.ok()) return false;
    std::copy(sid.begin(), sid.end(), g.sid.begin());
    g.number = static_cast<std::int64_t>(p.u64());
    if (!p.ok() || p.at_end()) return p.ok();  // 5.6
    constexpr std::uint8_t logical_clock = 2;
    if (p.u8() != logical_clock) return true;
    g.last_committed = static_cast<std::int64_t>(p.u64());
    g.sequence_number = static_cast<std::int64_t>(p.u64());
    if (!p.ok() || p.at_end()) return p.ok();  // 5.7
    // A set top bit says that the original's value follows.
    std::uint64_t time = p.le(7);
    if ((time >> 55) != 0) {
        time &= (std::uint64_t{1} << 55) - 1;
        g.original_commit_us = p.le(7);
    } else {
        g.original_commit_us = time;
    }
    g.immediate_commit_us = time;
    if (p.at_end()) return p.ok();
    g.transaction_length = p.lenenc();
    if (p.at_end()) return p.ok();
    std::uint32_t version = p.u32();
    if ((version >> 31) != 0) {
        version &= 0x7fffffff;
        g.original_server_version = p.u32();
    } else {
        g.original_server_version = version;
    }
    g.immediate_server_version = version;
    if (p.remaining() >= 8) g.commit_group_ticket = p.u64();
    return p.ok();
}

/// MySQL's variable-length integer: the number of trailing one bits of the first byte is the
/// number of bytes that follow.
inline std::uint64_t read_varlen(byte_cursor& p) noexcept {
    const std::uint8_t first = p.u8();
    const int more = std::countr_one(first);
    if (more == 0) return std::uint64_t{first} >> 1;
    if (more == 8) return p.u64();
    const std::uint64_t low = std::uint64_t{first} >> (more + 1);
    return low | p.le(static_cast<std::size_t>(more)) << (7 - more);
}

inline std::int64_t read_varlen_signed(byte_cursor& p) noexcept {
    const std::uint64_t n = read_varlen(p);
    return static_cast<std::int64_t>((n >> 1) ^ (0 - (n & 1)));
}

/// One field of GTID_TAGGED_LOG_EVENT. False: an id that is not known.
inline bool read_tagged_field(std::uint64_t id, byte_cursor& p, mysql_gtid_event& g) {
    switch (id) {
        case 0:
            g.gtid_flags = static_cast<std::uint8_t>(read_varlen(p));
            return true;
        case 1:
            for (std::uint8_t& byte : g.sid) byte = static_cast<std::uint8_t>(read_varlen(p));
            return true;
        case 2:
            g.number = read_varlen_signed(p);
            return true;
        case 3:
            g.tag = p.text(read_varlen(p));
            return true;
        case 4:
            g.last_committed = read_varlen_signed(p);
            return true;
        case 5:
            g.sequence_number = read_varlen_signed(p);
            return true;
        case 6:
            g.immediate_commit_us = read_varlen(p);
            return true;
        case 7:
            g.original_commit_us = read_varlen(p);
            return true;
        case 8:
            g.transaction_length = read_varlen(p);
            return true;
        case 9:
            g.immediate_server_version = static_cast<std::uint32_t>(read_varlen(p));
            return true;
        case 10:
            g.original_server_version = static_cast<std::uint32_t>(read_varlen(p));
            return true;
        case 11:
            g.commit_group_ticket = read_varlen(p);
            return true;
        default:
            return false;
    }
}

inline bool read_tagged_gtid(byte_cursor& p, mysql_gtid_event& g) {
    g.tagged = true;
    const std::uint64_t version = read_varlen(p);
    read_varlen(p);  // size of the message
    const std::uint64_t last_needed = read_varlen(p);
    if (!p.ok() || version > 1) return false;
    bool has_number = false;
    while (p.ok() && !p.at_end()) {
        const std::uint64_t id = read_varlen(p);
        if (!read_tagged_field(id, p, g)) {
            // A newer server's field: what follows cannot be read, and need not be unless it says
            // so.
            if (id <= last_needed) return false;
            break;
        }
        has_number = has_number || id == 2;
    }
    if (!g.original_commit_us) g.original_commit_us = g.immediate_commit_us;
    if (!g.original_server_version) g.original_server_version = g.immediate_server_version;
    return p.ok() && has_number && g.tag.size() <= 32;
}

inline bool read_mariadb_gtid(byte_cursor& p, std::uint32_t server_id, mariadb_gtid_event& g) {
    g.id.sequence = p.u64();
    g.id.domain = p.u32();
    g.id.server = server_id;
    g.flags = p.u8();
    if ((g.flags & mariadb_gtid_event::group_commit) != 0) g.commit_id = p.u64();
    if ((g.flags & (mariadb_gtid_event::prepared_xa | mariadb_gtid_event::completed_xa)) != 0) {
        xa_id xa;
        xa.format = static_cast<std::int32_t>(p.u32());
        const std::uint8_t gtrid = p.u8();
        const std::uint8_t bqual = p.u8();
        xa.gtrid = p.text(gtrid);
        xa.bqual = p.text(bqual);
        g.xa = xa;
    }
    if (!p.ok() || p.at_end()) return p.ok();
    // Zero where it is only padding.
    g.flags_extra = p.u8();
    if ((g.flags_extra & 1) != 0) p.skip(1);  // number of further engines
    constexpr std::uint8_t ends_alter =
        mariadb_gtid_event::commit_alter | mariadb_gtid_event::rollback_alter;
    if ((g.flags_extra & ends_alter) != 0) g.alter_sequence = p.u64();
    if ((g.flags_extra & 16) != 0) g.thread_id = p.u32();
    return p.ok();
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
