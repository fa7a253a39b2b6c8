// Rows of a row event to typed values, without an allocation per row.
#pragma once

#include <dmlib/binlog/byte_arena.hpp>
#include <dmlib/binlog/event.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/value.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// Reads the rows of one event in order.
/// Lifetime: borrows the event's bytes and table map; values as long as those and the arena.
class row_decoder {
public:
    /// `facts`: what the schema says of each column. Empty: integers are unsigned where the table
    /// map says so, temporal types of before 5.6 have no fractions, and a DECIMAL of before 5.0 is
    /// refused. `arena` may be null unless table->needs_arena().
    /// The spans given to next() must have at least table->column_count() elements.
    DMLIB_DECL explicit row_decoder(const rows_event& event,
                                    std::span<const column_facts> facts = {},
                                    byte_arena* arena = nullptr);
    row_decoder(const row_decoder&) = delete;  // it may hold columns of its own
    row_decoder& operator=(const row_decoder&) = delete;
    row_decoder(row_decoder&&) noexcept = default;
    row_decoder& operator=(row_decoder&&) noexcept = default;
    ~row_decoder() = default;

    /// Reads one row. Fills `before` (update, delete) and `after` (insert, update); columns that
    /// the image leaves out are value_kind::absent. False: no more rows.
    /// Errors: binlog_corrupt, with the column's number; binlog_refused (a DECIMAL whose width
    /// `facts` do not tell).
    DMLIB_DECL result<bool> next(std::span<value_view> before, std::span<value_view> after);

    /// Moves over one row without making values. False: no more rows.
    DMLIB_DECL result<bool> skip();

    /// Bytes of rows not read yet.
    std::size_t remaining() const noexcept { return rows_.remaining(); }

private:
    template <bool Keep>
    bool image(byte_view present,
               std::uint32_t present_count,
               bool is_after,
               std::span<value_view> out);
    template <bool Keep>
    result<bool> row(std::span<value_view> before, std::span<value_view> after);
    void size_columns();
    error fault() const;

    const rows_event* event_ = nullptr;
    const table_map* table_ = nullptr;
    std::span<const column_facts> facts_;
    std::span<const column> columns_;
    std::vector<column> sized_;  // instead of the map's, where facts tell their widths
    byte_arena* arena_ = nullptr;
    byte_cursor rows_;
    std::uint32_t before_count_ = 0;
    std::uint32_t after_count_ = 0;
    std::uint32_t bad_column_ = 0;
    bool uncounted_ = false;
};

/// Number of bits set in a column bitmap, and whether column `i` is in it.
DMLIB_DECL std::uint32_t count_columns(byte_view bitmap, std::uint32_t columns) noexcept;
inline bool has_column(byte_view bitmap, std::size_t i) noexcept {
    return i / 8 < bitmap.size() && ((bitmap[i / 8] >> (i % 8)) & 1) != 0;
}
/// True where both images that exist carry every column.
DMLIB_DECL bool is_full_image(const rows_event& e) noexcept;

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/rows.ipp>
#endif
