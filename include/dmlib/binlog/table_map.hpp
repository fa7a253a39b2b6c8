// TABLE_MAP_EVENT: the columns that the row events of a statement carry. Parsed once per content
// and shared.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// Column type codes as in a table map (the servers' enum_field_types).
enum class column_type : std::uint8_t {
    decimal = 0,  // before 5.0
    tiny = 1,
    short_int = 2,
    long_int = 3,
    float32 = 4,
    float64 = 5,
    null = 6,
    timestamp = 7,  // before 5.6
    longlong = 8,
    int24 = 9,
    date = 10,
    time = 11,      // before 5.6
    datetime = 12,  // before 5.6
    year = 13,
    newdate = 14,
    varchar = 15,
    bit = 16,
    timestamp2 = 17,
    datetime2 = 18,
    time2 = 19,
    mariadb_blob_compressed = 140,
    mariadb_varchar_compressed = 141,
    vector = 242,
    json = 245,
    newdecimal = 246,
    enumeration = 247,
    set = 248,
    tiny_blob = 249,
    medium_blob = 250,
    long_blob = 251,
    blob = 252,
    var_string = 253,
    string = 254,
    geometry = 255,
};

class byte_arena;
struct column;

/// Reads one value of a column; `p` moves behind it. False: the bytes do not fit the column.
using value_reader = bool (*)(const column& c, byte_cursor& p, byte_arena* arena, value_view& out);

/// One column of a table map. `type` is the real type: CHAR, ENUM and SET hidden in STRING's
/// metadata are already told apart.
struct column {
    value_reader read = nullptr;
    column_type type = column_type::null;
    bool nullable = false;
    bool is_unsigned = false;       ///< only where the table map says so (has_signedness)
    std::uint8_t fraction = 0;      ///< temporal fraction digits; decimal scale
    std::uint32_t length = 0;       ///< CHAR/VARCHAR/BIT bytes at most; decimal digits; pack length
    std::uint8_t length_bytes = 0;  ///< bytes of a value's length prefix; 0: fixed size
    std::uint8_t wire_type = 0;     ///< the type code as written
    std::uint16_t metadata = 0;     ///< as written, little-endian
};

/// What the schema says of a column of an image, and a table map may not.
struct column_facts {
    bool is_unsigned = false;
    std::uint8_t digits = 0;    ///< DECIMAL: digits in all; 0: not a DECIMAL
    std::uint8_t fraction = 0;  ///< digits behind the point (DECIMAL), of a second (temporal types)
};

/// A column's part of the optional metadata (binlog_row_metadata, MySQL 8.0.1, MariaDB 10.5).
struct column_details {
    std::string_view name;                  ///< empty unless FULL
    std::uint16_t collation = 0;            ///< 0: not stated
    std::vector<std::string_view> members;  ///< ENUM and SET, in the column's character set
    std::uint32_t geometry_type = 0;
    std::uint32_t dimensions = 0;    ///< VECTOR
    std::uint32_t key_prefix = 0;    ///< characters of the column in the primary key, 0: whole
    std::int32_t key_position = -1;  ///< 0-based position in the primary key, -1: not part of it
    bool visible = true;
};

/// An immutable table map. Owns its bytes. Thread safety: may be read from several threads.
class table_map {
public:
    /// Parses an event's body (behind the post-header). `flags` and `table_id` are of the
    /// post-header. The servers count a GEOMETRY differently in the list of character sets:
    /// `dialect` says whose event it is. Errors: binlog_corrupt.
    DMLIB_DECL static result<std::shared_ptr<const table_map>> parse(std::uint64_t table_id,
                                                                     std::uint16_t flags,
                                                                     byte_view body,
                                                                     flavor dialect);

    std::uint64_t table_id() const noexcept { return table_id_; }
    std::uint16_t flags() const noexcept { return flags_; }
    std::string_view schema() const noexcept { return schema_; }
    std::string_view table() const noexcept { return table_; }
    const std::vector<column>& columns() const noexcept { return columns_; }
    std::size_t column_count() const noexcept { return columns_.size(); }
    /// True where the event states which numeric columns are unsigned.
    bool has_signedness() const noexcept { return has_signedness_; }
    bool has_names() const noexcept { return has_names_; }
    bool has_visibility() const noexcept { return has_visibility_; }
    bool has_primary_key() const noexcept { return has_primary_key_; }
    /// Empty where the event has no details at all, else one entry a column.
    const std::vector<column_details>& details() const noexcept { return details_; }
    /// The bytes it was parsed from.
    byte_view body() const noexcept { return as_bytes(body_); }
    /// True where some column may have another width than the event says (column_facts).
    bool has_unsized() const noexcept { return has_unsized_; }
    /// True where some column needs an arena to be read (MariaDB COMPRESSED, DECIMAL before 5.0).
    bool needs_arena() const noexcept { return needs_arena_; }

private:
    friend struct table_map_parser;
    std::uint64_t table_id_ = 0;
    std::uint16_t flags_ = 0;
    bool has_signedness_ = false;
    bool has_names_ = false;
    bool has_visibility_ = false;
    bool has_primary_key_ = false;
    bool needs_arena_ = false;
    bool has_unsized_ = false;
    std::string body_;
    std::string_view schema_;
    std::string_view table_;
    std::vector<column> columns_;
    std::vector<column_details> details_;
};

/// "INT", "VARCHAR", "MEDIUMBLOB", ... : the SQL type as far as a table map tells.
DMLIB_DECL std::string_view type_name(const column& c) noexcept;

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/table_map.ipp>
#endif
