#pragma once

#include <dmlib/binlog/impl/internal/column_plan.hpp>
#include <dmlib/binlog/impl/internal/sized_values.hpp>
#include <dmlib/binlog/rows.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// Makes an integer signed or unsigned as the schema says, where the reader did it otherwise.
inline void apply_sign(const column& c, bool want_unsigned, value_view& v) noexcept {
    const std::size_t size = integer_size(c.type);
    if (size == 0 || want_unsigned == c.is_unsigned) return;
    const int shift = 64 - 8 * static_cast<int>(size);
    if (want_unsigned) {
        v = value_view::make_uint(v.u << shift >> shift);
    } else {
        v = value_view::make_int(static_cast<std::int64_t>(v.u << shift) >> shift);
    }
}

/// A column of a partial update's after image: JSON whole, or diffs.
inline bool read_partial(const column& c, byte_cursor& p, bool is_diff, value_view& out) {
    if (!is_diff) return c.read(c, p, nullptr, out);
    out = value_view::make_bytes(value_kind::json_diff, p.bytes(p.le(c.length_bytes)));
    return p.ok();
}

}  // namespace internal

DMLIB_DECL std::uint32_t count_columns(byte_view bitmap, std::uint32_t columns) noexcept {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < bitmap.size() && i * 8 < columns; ++i) {
        std::uint8_t bits = bitmap[i];
        if (columns - i * 8 < 8)
            bits = static_cast<std::uint8_t>(bits & ((1u << (columns - i * 8)) - 1));
        n += static_cast<std::uint32_t>(std::popcount(bits));
    }
    return n;
}

DMLIB_DECL bool is_full_image(const rows_event& e) noexcept {
    const bool before = e.before_columns.empty() ||
                        count_columns(e.before_columns, e.column_count) == e.column_count;
    const bool after =
        e.after_columns.empty() || count_columns(e.after_columns, e.column_count) == e.column_count;
    return before && after;
}

DMLIB_DECL row_decoder::row_decoder(const rows_event& event,
                                    std::span<const column_facts> facts,
                                    byte_arena* arena)
    : event_(&event),
      table_(event.table.get()),
      facts_(facts),
      arena_(arena),
      rows_(event.rows),
      before_count_(count_columns(event.before_columns, event.column_count)),
      after_count_(count_columns(event.after_columns, event.column_count)) {
    // A dummy event without a table carries no rows.
    if (table_ == nullptr || table_->column_count() != event.column_count) rows_ = {};
    if (facts_.size() < event.column_count) facts_ = {};
    if (table_ != nullptr) columns_ = table_->columns();
    if (table_ != nullptr && table_->has_unsized() && !facts_.empty()) size_columns();
    uncounted_ = event.uncounted;
}

inline void row_decoder::size_columns() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!internal::wants_size(columns_[i], facts_[i])) continue;
        if (sized_.empty()) sized_.assign(columns_.begin(), columns_.end());
        internal::size_column(sized_[i], facts_[i]);
    }
    if (!sized_.empty()) columns_ = sized_;
}

template <bool Keep>
bool row_decoder::image(byte_view present,
                        std::uint32_t present_count,
                        bool is_after,
                        std::span<value_view> out) {
    const std::span<const column> columns = columns_;
    byte_view diff_bits;
    if (is_after && event_->partial_json && (rows_.lenenc() & 1) != 0) {
        const auto is_json = [](const column& c) { return c.type == column_type::json; };
        const auto n =
            static_cast<std::size_t>(std::count_if(columns.begin(), columns.end(), is_json));
        diff_bits = rows_.bytes((n + 7) / 8);
    }
    const byte_view nulls = rows_.bytes((present_count + 7) / 8);
    if (!rows_.ok()) return false;
    const bool all = present_count == columns.size();
    std::size_t at = 0;
    std::size_t json_index = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const column& c = columns[i];
        bool is_diff = false;
        if (!diff_bits.empty() && c.type == column_type::json) {
            // The bitmap has a bit for every JSON column, also for those left out of the image.
            is_diff = has_column(diff_bits, json_index++);
        }
        value_view unused;
        value_view& v = Keep ? out[i] : unused;
        if (!all && !has_column(present, i)) {
            v = {};
            continue;
        }
        const bool is_null = ((nulls[at / 8] >> (at % 8)) & 1) != 0;
        ++at;
        if (is_null) {
            v = value_view::make_null();
            continue;
        }
        const bool read = diff_bits.empty() ? c.read(c, rows_, arena_, v)
                                            : internal::read_partial(c, rows_, is_diff, v);
        if (!read) {
            bad_column_ = static_cast<std::uint32_t>(i + 1);
            return false;
        }
        if (!facts_.empty()) internal::apply_sign(c, facts_[i].is_unsigned, v);
    }
    return true;
}

inline error row_decoder::fault() const {
    if (bad_column_ != 0 && columns_[bad_column_ - 1].read == internal::read_unsized) {
        error e(errc::binlog_refused,
                fmt::format("column @{} is a DECIMAL of a server before 5.0, whose width only the "
                            "table's definition tells",
                            bad_column_));
        e.table(std::string(table_->schema()), std::string(table_->table()));
        e.workaround(
            "A task knows the definition. To read the file alone, run ALTER TABLE ... "
            "FORCE on the server, which converts the column, and read what comes after.");
        return e;
    }
    const auto text = bad_column_ == 0
                          ? std::string("a row ends too early")
                          : fmt::format("the value of column @{} cannot be read", bad_column_);
    error e(errc::binlog_corrupt, "row event: " + text);
    e.table(std::string(table_->schema()), std::string(table_->table()));
    return e;
}

template <bool Keep>
result<bool> row_decoder::row(std::span<value_view> before, std::span<value_view> after) {
    if (!rows_.ok()) return fault();
    if (rows_.at_end()) {
        if (!uncounted_) return false;
        uncounted_ = false;
        std::fill(after.begin(), after.end(), value_view{});
        return true;
    }
    const std::size_t left = rows_.remaining();
    bool read = true;
    if (event_->kind != rows_kind::insert) {
        read = image<Keep>(event_->before_columns, before_count_, false, before);
    }
    if (read && event_->kind != rows_kind::remove) {
        read = image<Keep>(event_->after_columns, after_count_, true, after);
    }
    if (!read || rows_.remaining() == left) {
        // A row without any byte would go on for ever.
        rows_.fail();
        return fault();
    }
    return true;
}

DMLIB_DECL result<bool> row_decoder::next(std::span<value_view> before,
                                          std::span<value_view> after) {
    return row<true>(before, after);
}

DMLIB_DECL result<bool> row_decoder::skip() {
    return row<false>({}, {});
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
