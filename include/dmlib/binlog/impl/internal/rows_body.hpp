// Row events up to their rows.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/impl/internal/inflate.hpp>
#include <dmlib/binlog/impl/internal/raw_buffer.hpp>

#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// What a row event's type code says.
struct rows_traits {
    rows_kind kind = rows_kind::insert;
    std::uint8_t version = 1;
    bool compressed = false;
    bool partial = false;
};

inline std::optional<rows_traits> traits_of(event_type type) noexcept {
    switch (type) {
        case event_type::write_rows_v1:
            return rows_traits{rows_kind::insert, 1, false, false};
        case event_type::update_rows_v1:
            return rows_traits{rows_kind::update, 1, false, false};
        case event_type::delete_rows_v1:
            return rows_traits{rows_kind::remove, 1, false, false};
        case event_type::write_rows:
            return rows_traits{rows_kind::insert, 2, false, false};
        case event_type::update_rows:
            return rows_traits{rows_kind::update, 2, false, false};
        case event_type::delete_rows:
            return rows_traits{rows_kind::remove, 2, false, false};
        case event_type::partial_update_rows:
            return rows_traits{rows_kind::update, 2, false, true};
        case event_type::write_rows_compressed_v1:
            return rows_traits{rows_kind::insert, 1, true, false};
        case event_type::update_rows_compressed_v1:
            return rows_traits{rows_kind::update, 1, true, false};
        case event_type::delete_rows_compressed_v1:
            return rows_traits{rows_kind::remove, 1, true, false};
        case event_type::write_rows_compressed:
            return rows_traits{rows_kind::insert, 2, true, false};
        case event_type::update_rows_compressed:
            return rows_traits{rows_kind::update, 2, true, false};
        case event_type::delete_rows_compressed:
            return rows_traits{rows_kind::remove, 2, true, false};
        default:
            return std::nullopt;
    }
}

/// The variable part of a version 2 header: its size counts its own two bytes.
inline bool read_rows_extra(byte_cursor& p, rows_event& r) {
    const std::uint16_t size = p.u16();
    if (size < 2) return false;
    byte_cursor extra(p.bytes(size - 2u));
    while (extra.ok() && !extra.at_end()) {
        const std::uint8_t type = extra.u8();
        if (type == 0) {
            // NDB: length (counting its own byte and the format's), format, payload.
            const std::uint8_t length = extra.u8();
            if (length < 2) return false;
            extra.skip(length - 1u);
        } else if (type == 1) {
            r.partition = extra.u16();
            if (r.kind == rows_kind::update) r.source_partition = extra.u16();
        } else {
            break;  // a newer server's; the rows do not depend on it
        }
    }
    return p.ok() && extra.ok();
}

inline bool read_rows(byte_cursor& p,
                      std::size_t post_header,
                      const rows_traits& traits,
                      rows_event& r) {
    r.kind = traits.kind;
    r.version = traits.version;
    r.partial_json = traits.partial;
    r.compressed = traits.compressed;
    r.table_id = p.le(post_header == 6 ? 4 : 6);
    r.flags = p.u16();
    r.statement_end = (r.flags & 1) != 0;
    if (traits.version == 2 && !read_rows_extra(p, r)) return false;
    const std::uint64_t columns = p.lenenc();
    if (!p.ok() || columns > 0xffff) return false;
    r.column_count = static_cast<std::uint32_t>(columns);
    const std::size_t size = (r.column_count + 7) / 8;
    if (r.kind != rows_kind::insert) r.before_columns = p.bytes(size);
    if (r.kind != rows_kind::remove) r.after_columns = p.bytes(size);
    r.rows = p.rest();
    return p.ok();
}

/// MariaDB's compressed form: a header byte (0x80, the algorithm, the number of size bytes), the
/// plain size and a zlib stream.
inline bool uncompress_event(byte_view packed,
                             std::uint64_t limit,
                             raw_buffer& to,
                             byte_view& out) {
    byte_cursor p(packed);
    const std::uint8_t header = p.u8();
    const std::size_t size_bytes = header & 7;
    if ((header & 0xf8) != 0x80 || size_bytes == 0 || size_bytes > 4) return false;
    const auto size = static_cast<std::size_t>(p.be(size_bytes));
    if (!p.ok() || size > limit || !plausible_plain_size(size, p.remaining())) return false;
    to.trim();
    std::uint8_t* plain = to.ensure(size);
    if (!inflate_exact(p.rest(), plain, size, false)) return false;
    out = {plain, size};
    return true;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
