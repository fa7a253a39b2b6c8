// The small events: one function each. False: the body does not fit its format.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/impl/internal/query_body.hpp>

#include <cstring>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline bool read_rotate(byte_cursor& p, rotate& r) {
    r.next_pos = p.u64();
    r.next_file = as_text(p.rest());
    // A packet may carry the name's zero byte.
    while (!r.next_file.empty() && r.next_file.back() == '\0') r.next_file.remove_suffix(1);
    return p.ok() && !r.next_file.empty();
}

/// Servers since MySQL 5.6.1 and MariaDB 5.3 state the checksum algorithm at the event's end.
inline bool states_checksum(const server_kind& server) noexcept {
    return server.flavor == flavor::mariadb ? server.version.at_least(5, 3)
                                            : server.version.at_least(5, 6, 1);
}

/// `checksum_bytes` is set to what the event itself has at its end: algorithm byte not included.
inline bool read_format_description(byte_cursor& p,
                                    format_description& f,
                                    std::size_t& checksum_bytes) {
    f.binlog_version = p.u16();
    const byte_view version = p.bytes(50);
    f.create_timestamp = p.u32();
    f.header_length = p.u8();
    if (!p.ok() || f.header_length < header_size || f.binlog_version != 4) return false;
    f.server_version = as_text(version).substr(0, as_text(version).find('\0'));
    const server_kind server = parse_server_version(f.server_version);
    f.dialect = server.flavor;
    f.checksum = checksum_algorithm::none;
    checksum_bytes = 0;
    byte_view rest = p.rest();
    if (states_checksum(server)) {
        if (rest.size() < 5) return false;
        const std::uint8_t algorithm = rest[rest.size() - 5];
        f.checksum = static_cast<checksum_algorithm>(algorithm);
        if (f.checksum == checksum_algorithm::undefined) f.checksum = checksum_algorithm::none;
        if (f.checksum != checksum_algorithm::none && f.checksum != checksum_algorithm::crc32)
            return false;
        checksum_bytes = 4;
        rest = rest.first(rest.size() - 5);
    }
    f.post_header_lengths = rest;
    // There are 255 codes to have a length.
    return rest.size() <= 255;
}

inline bool read_xid(byte_cursor& p, xid& x) {
    x.id = p.u64();
    return p.ok();
}

inline bool read_rows_query(byte_cursor& p, rows_query& r) {
    p.skip(1);  // its length, modulo 256
    r.text = as_text(p.rest());
    return p.ok();
}

inline bool read_heartbeat(byte_cursor& p, const event_header& h, heartbeat& b) {
    b.file = as_text(p.rest());
    b.pos = h.log_pos;
    return true;
}

inline bool read_heartbeat_v2(byte_cursor& p, heartbeat& b) {
    while (p.ok() && !p.at_end()) {
        const std::uint64_t field = p.lenenc();
        if (field == 0) break;
        byte_cursor value(p.bytes(p.lenenc()));
        if (field == 1) b.file = as_text(value.rest());
        if (field == 2) b.pos = value.lenenc();
        if (!value.ok()) return false;
    }
    return p.ok();
}

inline bool read_incident(byte_cursor& p, incident& i) {
    i.number = p.u16();
    if (!p.ok()) return false;
    const std::uint8_t size = p.at_end() ? 0 : p.u8();
    i.message = p.text(size);
    return p.ok();
}

inline bool read_intvar(byte_cursor& p, intvar& v) {
    v.kind = p.u8();
    v.value = p.u64();
    return p.ok() && (v.kind == 1 || v.kind == 2);
}

inline bool read_rand(byte_cursor& p, rand_seeds& r) {
    r.seed1 = p.u64();
    r.seed2 = p.u64();
    return p.ok();
}

inline bool read_user_var(byte_cursor& p, user_var& v) {
    v.name = p.text(p.u32());
    v.is_null = p.u8() != 0;
    if (v.is_null) return p.ok();
    const std::uint8_t type = p.u8();
    // The servers' Item_result: string, real, int, row, decimal.
    if (type > 4) return false;
    v.type = static_cast<user_var::kind>(type);
    v.collation = p.u32();
    v.raw = p.bytes(p.u32());
    if (!p.at_end()) v.is_unsigned = (p.u8() & 1) != 0;
    if ((v.type == user_var::kind::integer || v.type == user_var::kind::real) &&
        v.raw.size() != 8) {
        return false;
    }
    return p.ok();
}

inline bool read_xa_prepare(byte_cursor& p, xa_prepare& x) {
    x.one_phase = p.u8() != 0;
    x.id.format = static_cast<std::int32_t>(p.u32());
    const std::uint32_t gtrid = p.u32();
    const std::uint32_t bqual = p.u32();
    if (gtrid > 64 || bqual > 64) return false;
    x.id.gtrid = p.text(gtrid);
    x.id.bqual = p.text(bqual);
    return p.ok();
}

inline bool read_binlog_checkpoint(byte_cursor& p, binlog_checkpoint& c) {
    c.log_file = p.text(p.u32());
    return p.ok();
}

inline bool read_start_encryption(byte_cursor& p, start_encryption& e) {
    e.scheme = p.u8();
    e.key_version = p.u32();
    e.nonce = p.bytes(12);
    return p.ok();
}

inline bool read_load_block(byte_cursor& p, load_block& b) {
    b.file_id = p.u32();
    b.data = p.rest();
    return p.ok();
}

inline bool read_load_query(byte_cursor& p, std::size_t post_header, load_query& q) {
    if (post_header < 26) return false;
    // The fields of the load stand behind those of a query.
    byte_cursor own(p.rest());
    own.skip(13);
    q.file_id = own.u32();
    q.name_start = own.u32();
    q.name_end = own.u32();
    q.duplicates = own.u8();
    return own.ok() && read_query(p, 13, post_header - 13, q.statement);
}

inline bool read_payload(byte_cursor& p, transaction_payload& t) {
    std::uint64_t size = 0;
    while (p.ok() && !p.at_end()) {
        const std::uint64_t field = p.lenenc();
        if (field == 0) break;
        byte_cursor value(p.bytes(p.lenenc()));
        const std::uint64_t n = value.lenenc();
        if (!value.ok()) return false;
        if (field == 1) size = n;
        if (field == 2) t.compression = n;
        if (field == 3) t.uncompressed_size = n;
    }
    t.payload = p.bytes(size);
    if (t.compression == 255) t.uncompressed_size = size;
    return p.ok() && size > 0;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
