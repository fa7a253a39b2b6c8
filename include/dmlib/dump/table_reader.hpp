// Reads ranges of a table from a snapshot and hands them over in batches, each of which is a key
// range of its own: whoever writes them may do so in any order.
#pragma once

#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/mysql/session.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

/// Rows as text-protocol fields: a length-encoded length and the bytes, or 0xfb for NULL.
struct row_batch {
    checkpoint::key_range range;
    std::string data;
    std::uint64_t rows = 0;
    bool last = false;  ///< nothing of the asked range comes behind it
};

/// Walks over the fields of a batch. Borrows the bytes.
class field_cursor {
public:
    explicit field_cursor(std::string_view data) noexcept
        : p_(reinterpret_cast<const unsigned char*>(data.data())), end_(p_ + data.size()) {}
    bool at_end() const noexcept { return p_ == end_; }
    /// The next field; nothing for NULL. Preconditions: !at_end(), bytes that append_field() made.
    std::optional<std::string_view> next() noexcept {
        std::uint64_t size = *p_++;
        if (size == 0xfb) return std::nullopt;
        if (size > 0xfb) {
            const int bytes = size == 0xfc ? 2 : size == 0xfd ? 3 : 8;
            size = 0;
            for (int i = 0; i < bytes; ++i) size |= std::uint64_t{*p_++} << (8 * i);
        }
        const std::string_view text(reinterpret_cast<const char*>(p_), size);
        p_ += size;
        return text;
    }

private:
    const unsigned char* p_;
    const unsigned char* end_;
};
DMLIB_DECL void append_field(std::string& out, const char* bytes, std::size_t size);
inline void append_null_field(std::string& out) {
    out.push_back(static_cast<char>(0xfb));
}

struct read_options {
    std::uint64_t limit = 0;  ///< rows at most; 0 = all of the range
    std::uint64_t batch_bytes = std::uint64_t{8} << 20;
};

struct read_result {
    std::uint64_t rows = 0;  ///< handed over
    /// What was not handed over: behind the limit, or lost with the failure. Nothing: all is done.
    std::optional<checkpoint::key_range> rest;
    std::optional<error> failure;
};

/// Takes a batch; false ends the reading.
using batch_sink = std::function<bool(row_batch&&)>;

/// Reads a range inside the session's snapshot. First makes sure, holding the metadata lock, that
/// the table's definition is still `t.create_text`: else the failure is dump_table_changed, also
/// where the server says so. Metadata locks are released at the end where `release` is set.
DMLIB_DECL read_result read_range(mysql::session& s,
                                  const source_table& t,
                                  const checkpoint::key_range& range,
                                  const read_options& options,
                                  bool release,
                                  const batch_sink& sink);

/// Smallest and largest value of the first key column; nothing where the table is empty.
struct key_bounds {
    checkpoint::key_number least;
    checkpoint::key_number greatest;
};
DMLIB_DECL result<std::optional<key_bounds>> read_key_bounds(mysql::session& s,
                                                             const source_table& t);

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dump/impl/table_reader.ipp>
#endif
