// Row events of tables that a DDL statement is changing on the target, as they came, until their
// place.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/model/position.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace detail {

struct kept_event {
    binlog::event event;  // a rows_event whose views point into `bytes`
    std::unique_ptr<std::uint8_t[]> bytes;
    binlog_position transaction;
    std::uint32_t first = 0;  // number of its first row among all that are kept
};

/// First in, first out; counts its bytes.
class kept_rows {
public:
    /// Bytes that `rows` takes here.
    static std::size_t cost(const binlog::rows_event& rows) noexcept {
        return sizeof(kept_event) + size_of(rows);
    }

    void add(const binlog::event& e,
             const binlog::rows_event& rows,
             const binlog_position& transaction) {
        kept_event& k = events_.emplace_back();
        k.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(size_of(rows));
        std::uint8_t* to = k.bytes.get();
        const auto copy = [&to](byte_view from) {
            std::uint8_t* const begin = to;
            to = std::copy(from.begin(), from.end(), to);
            return byte_view{begin, from.size()};
        };
        binlog::rows_event own = rows;
        own.before_columns = copy(rows.before_columns);
        own.after_columns = copy(rows.after_columns);
        own.rows = copy(rows.rows);
        k.event.header = e.header;
        k.event.start = e.start;
        k.event.next = e.next;
        k.event.in_payload = e.in_payload;
        k.event.body = own;
        k.transaction = transaction;
        k.first = next_;
        // A row takes a byte at least: so numbers do not depend on what rules make of rows.
        next_ += static_cast<std::uint32_t>(rows.rows.size()) + 1;
        bytes_ += cost(rows);
    }

    bool empty() const noexcept { return events_.empty(); }
    std::size_t bytes() const noexcept { return bytes_; }
    const kept_event& front() const noexcept { return events_.front(); }
    void pop_front() {
        bytes_ -= cost(*events_.front().event.get<binlog::rows_event>());
        events_.pop_front();
    }
    void clear() {
        events_.clear();
        bytes_ = 0;
        next_ = 0;
    }

private:
    static std::size_t size_of(const binlog::rows_event& rows) noexcept {
        return rows.before_columns.size() + rows.after_columns.size() + rows.rows.size();
    }
    std::deque<kept_event> events_;
    std::size_t bytes_ = 0;
    std::uint32_t next_ = 0;
};

}  // namespace detail
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
