// From a table map's type code and metadata to the column's plan.
#pragma once

#include <dmlib/binlog/impl/internal/sized_values.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

template <bool Unsigned>
value_reader integer_reader(column_type type) noexcept {
    switch (type) {
        case column_type::tiny:
            return read_integer<1, Unsigned>;
        case column_type::short_int:
            return read_integer<2, Unsigned>;
        case column_type::int24:
            return read_integer<3, Unsigned>;
        case column_type::long_int:
            return read_integer<4, Unsigned>;
        case column_type::longlong:
            return read_integer<8, Unsigned>;
        default:
            return nullptr;
    }
}

inline std::size_t integer_size(column_type type) noexcept {
    switch (type) {
        case column_type::tiny:
            return 1;
        case column_type::short_int:
            return 2;
        case column_type::int24:
            return 3;
        case column_type::long_int:
            return 4;
        case column_type::longlong:
            return 8;
        default:
            return 0;
    }
}

template <value_kind Kind>
value_reader bytes_reader(int prefix) noexcept {
    switch (prefix) {
        case 1:
            return read_bytes<1, Kind>;
        case 2:
            return read_bytes<2, Kind>;
        case 3:
            return read_bytes<3, Kind>;
        case 4:
            return read_bytes<4, Kind>;
        default:
            return nullptr;
    }
}

inline value_reader set_reader(std::size_t size) noexcept {
    switch (size) {
        case 1:
            return read_integer<1, true>;
        case 2:
            return read_integer<2, true>;
        case 3:
            return read_integer<3, true>;
        case 4:
            return read_integer<4, true>;
        case 8:
            return read_integer<8, true>;
        default:
            return nullptr;
    }
}

/// CHAR, ENUM and SET share the wire type STRING; two metadata bytes tell them apart.
inline void plan_string(column& c, std::uint8_t first, std::uint8_t second) noexcept {
    auto real = static_cast<column_type>(first);
    c.length = second;
    if (first == 0) {
        real = column_type::string;
    } else if ((first & 0x30) != 0x30) {
        // CHAR over 255 bytes: two bits of the length hide, inverted, in the type.
        real = static_cast<column_type>(first | 0x30);
        c.length |= ((first & 0x30u) ^ 0x30u) << 4;
    }
    c.type = real;
    if (real == column_type::enumeration) {
        c.read = c.length == 1   ? read_integer<1, true>
                 : c.length == 2 ? read_integer<2, true>
                                 : nullptr;
    } else if (real == column_type::set) {
        c.read = set_reader(c.length);
    } else if (real == column_type::string || real == column_type::var_string ||
               real == column_type::varchar) {
        c.length_bytes = c.length < 256 ? 1 : 2;
        c.read = bytes_reader<value_kind::bytes>(c.length_bytes);
    }
}

inline void plan_fraction(column& c, byte_cursor& metadata, value_reader reader) noexcept {
    c.metadata = c.fraction = metadata.u8();
    if (c.fraction <= 6) c.read = reader;
}

inline void plan_blob(column& c, byte_cursor& metadata) noexcept {
    const std::uint8_t prefix = metadata.u8();
    c.metadata = prefix;
    c.length_bytes = prefix;
    c.read = bytes_reader<value_kind::bytes>(prefix);
    if (c.type == column_type::json) c.read = bytes_reader<value_kind::json>(prefix);
    if (c.type == column_type::blob) {
        constexpr column_type by_prefix[] = {column_type::blob,
                                             column_type::tiny_blob,
                                             column_type::blob,
                                             column_type::medium_blob,
                                             column_type::long_blob};
        if (prefix <= 4) c.type = by_prefix[prefix];
    }
}

inline void plan_decimal(column& c, byte_cursor& metadata) noexcept {
    c.length = metadata.u8();
    c.fraction = metadata.u8();
    c.metadata = static_cast<std::uint16_t>(c.length | std::uint32_t{c.fraction} << 8);
    if (c.length == 0 || c.length > 65 || c.fraction > c.length) return;
    c.length_bytes =
        static_cast<std::uint8_t>(decimal_size(static_cast<int>(c.length), c.fraction));
    c.read = read_decimal;
}

inline void plan_varchar(column& c, byte_cursor& metadata) noexcept {
    c.metadata = metadata.u16();
    c.length = c.metadata;
    c.length_bytes = c.length < 256 ? 1 : 2;
    c.read = bytes_reader<value_kind::bytes>(c.length_bytes);
}

/// MySQL's multi-valued index column (type 20): an element type with metadata of its own. The
/// values are stored as JSON.
inline void plan_typed_array(column& c, byte_cursor& metadata) noexcept {
    switch (metadata.u8()) {
        case 15:
            metadata.skip(3);
            break;
        case 16:
        case 246:
        case 247:
        case 248:
        case 254:
            metadata.skip(2);
            break;
        case 4:
        case 5:
        case 17:
        case 18:
        case 19:
        case 242:
        case 245:
        case 249:
        case 250:
        case 251:
        case 252:
        case 255:
            metadata.skip(1);
            break;
        default:
            break;
    }
    c.type = column_type::json;
    c.length_bytes = 4;
    c.read = bytes_reader<value_kind::json>(4);
}

/// Readers of types without metadata; null for all others.
inline value_reader plain_reader(column_type type) noexcept {
    switch (type) {
        case column_type::decimal:
            return read_unsized;
        case column_type::null:
            return read_null_type;
        case column_type::year:
            return read_year;
        case column_type::date:
        case column_type::newdate:
            return read_date;
        case column_type::time:
            return read_old_time;
        case column_type::datetime:
            return read_old_datetime;
        case column_type::timestamp:
            return read_old_timestamp;
        default:
            return integer_reader<false>(type);
    }
}

inline void plan_float(column& c, byte_cursor& metadata) noexcept {
    c.metadata = metadata.u8();
    if (c.metadata == 4) c.read = read_float;
    if (c.metadata == 8) c.read = read_double;
    c.type = c.metadata == 4 ? column_type::float32 : column_type::float64;
}

inline void plan_bit(column& c, byte_cursor& metadata) noexcept {
    const std::uint32_t rest = metadata.u8();
    const std::uint32_t bytes = metadata.u8();
    c.metadata = static_cast<std::uint16_t>(rest | bytes << 8);
    c.length = bytes + (rest != 0 ? 1 : 0);
    if (rest < 8 && c.length >= 1 && c.length <= 8) c.read = read_bit;
}

inline void plan_compressed_blob(column& c, byte_cursor& metadata) noexcept {
    c.metadata = c.length_bytes = metadata.u8();
    if (c.length_bytes >= 1 && c.length_bytes <= 4) c.read = read_compressed;
}

/// Reads the column's metadata and fills its plan. False: a type that cannot be read.
inline bool plan_column(std::uint8_t wire_type, byte_cursor& metadata, column& c) noexcept {
    c.wire_type = wire_type;
    c.type = static_cast<column_type>(wire_type);
    c.read = plain_reader(c.type);
    if (c.read != nullptr) return true;
    switch (c.type) {
        case column_type::float32:
        case column_type::float64:
            plan_float(c, metadata);
            break;
        case column_type::timestamp2:
            plan_fraction(c, metadata, read_timestamp2);
            break;
        case column_type::datetime2:
            plan_fraction(c, metadata, read_datetime2);
            break;
        case column_type::time2:
            plan_fraction(c, metadata, read_time2);
            break;
        case column_type::newdecimal:
            plan_decimal(c, metadata);
            break;
        case column_type::varchar:
        case column_type::var_string:
            plan_varchar(c, metadata);
            break;
        case column_type::mariadb_varchar_compressed:
            plan_varchar(c, metadata);
            c.read = read_compressed;
            break;
        case column_type::mariadb_blob_compressed:
            plan_compressed_blob(c, metadata);
            break;
        case column_type::bit:
            plan_bit(c, metadata);
            break;
        case column_type::string:
        case column_type::enumeration:
        case column_type::set: {
            const std::uint8_t first = metadata.u8();
            const std::uint8_t second = metadata.u8();
            c.metadata = static_cast<std::uint16_t>(first | second << 8);
            plan_string(c, first, second);
            break;
        }
        case column_type::json:
        case column_type::vector:
        case column_type::tiny_blob:
        case column_type::medium_blob:
        case column_type::long_blob:
        case column_type::blob:
        case column_type::geometry:
            plan_blob(c, metadata);
            break;
        default:
            if (wire_type == 20) plan_typed_array(c, metadata);
            break;
    }
    return metadata.ok() && c.read != nullptr;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
