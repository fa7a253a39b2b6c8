// QUERY_EVENT and its status variables.
#pragma once

#include <dmlib/binlog/event.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline void read_invoker(byte_cursor& p, query_status& s) {
    s.invoker_user = p.text(p.u8());
    s.invoker_host = p.text(p.u8());
}

inline void read_updated_databases(byte_cursor& p, query_status& s) {
    const std::uint8_t count = p.u8();
    if (count == 254) return;  // too many: the server leaves the names out
    const byte_view all = p.rest();
    std::size_t size = 0;
    for (std::uint8_t i = 0; i < count; ++i) {
        while (size < all.size() && all[size] != 0) ++size;
        if (size == all.size()) return p.fail();
        ++size;
    }
    s.updated_databases = p.bytes(size);
}

/// MariaDB's own status variables, 128 and above. False: not known.
inline bool read_mariadb_status(std::uint8_t code, byte_cursor& p, query_status& s) {
    constexpr std::uint16_t commit_or_rollback_alter = 4 | 8;
    switch (code) {
        case 128:
            s.microseconds = p.u24();
            return true;
        case 129:
            s.ddl_xid = p.u64();
            return true;
        case 130:
            s.gtid_flags_extra = p.u8();
            if ((*s.gtid_flags_extra & commit_or_rollback_alter) != 0) s.alter_sequence = p.u64();
            return true;
        case 131:
            s.character_set_collations = p.bytes(std::uint64_t{p.u8()} * 4);
            return true;
        default:
            return false;
    }
}

/// The status variables since 5.1. False: not known.
inline bool read_later_status(std::uint8_t code, byte_cursor& p, query_status& s) {
    switch (code) {
        case 9:
            s.table_map_for_update = p.u64();
            return true;
        case 10:
            s.master_data_written = p.u32();
            return true;
        case 11:
            read_invoker(p, s);
            return true;
        case 12:
            read_updated_databases(p, s);
            return true;
        case 13:
            s.microseconds = p.u24();
            return true;
        case 16:
            s.explicit_defaults_for_timestamp = p.u8() != 0;
            return true;
        case 17:
            s.ddl_xid = p.u64();
            return true;
        case 18:
            s.default_collation_for_utf8mb4 = p.u16();
            return true;
        case 19:
            s.sql_require_primary_key = p.u8();
            return true;
        case 20:
            s.default_table_encryption = p.u8();
            return true;
        default:
            return read_mariadb_status(code, p, s);
    }
}

inline void read_auto_increment(byte_cursor& p, query_status& s) {
    s.auto_increment_increment = p.u16();
    s.auto_increment_offset = p.u16();
}

inline void read_charsets(byte_cursor& p, query_status& s) {
    charset_ids ids;
    ids.client = p.u16();
    ids.connection = p.u16();
    ids.server = p.u16();
    s.charset = ids;
}

/// Reads status variables. Servers write them in the order of their codes and a reader stops at
/// the first it does not know, whose size it cannot know.
inline bool read_query_status(byte_cursor p, query_status& s) {
    while (p.ok() && !p.at_end()) {
        const std::uint8_t code = p.u8();
        switch (code) {
            case 0:
                s.flags2 = p.u32();
                break;
            case 1:
                s.sql_mode = p.u64();
                break;
            case 2:
                s.catalog = p.text(p.u8());
                p.skip(1);
                break;
            case 3:
                read_auto_increment(p, s);
                break;
            case 4:
                read_charsets(p, s);
                break;
            case 5:
                s.time_zone = p.text(p.u8());
                break;
            case 6:
                s.catalog = p.text(p.u8());
                break;
            case 7:
                s.lc_time_names = p.u16();
                break;
            case 8:
                s.database_collation = p.u16();
                break;
            default:
                if (read_later_status(code, p, s)) break;
                s.unknown_code = code;
                return true;
        }
    }
    return p.ok();
}

/// `extra` bytes stand between the fixed part and the status variables (EXECUTE_LOAD_QUERY).
inline bool read_query(byte_cursor& p, std::size_t post_header, std::size_t extra, query& q) {
    q.thread_id = p.u32();
    q.execution_time = p.u32();
    const std::uint8_t schema_size = p.u8();
    q.error_code = p.u16();
    std::uint16_t status_size = 0;
    if (post_header >= 13) status_size = p.u16();
    p.skip(extra);
    const byte_view status = p.bytes(status_size);
    q.schema = p.text(schema_size);
    p.skip(1);
    q.text = as_text(p.rest());
    return p.ok() && read_query_status(byte_cursor(status), q.status);
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
