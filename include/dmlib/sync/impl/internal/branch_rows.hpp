// The rows of a prepared XA transaction as bytes: kept in memory, stored on the target, and turned
// into events again when the transaction commits.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/checkpoint/records.hpp>
#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

inline constexpr char branch_map = 'M';
inline constexpr char branch_event = 'R';

inline void put_number(std::string& out, std::uint64_t n, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>((n >> (8 * i)) & 0xff));
}

inline void put_bytes(std::string& out, byte_view bytes) {
    put_number(out, bytes.size(), 4);
    out += as_text(bytes);
}

inline void append_branch_map(std::string& out, const binlog::table_map& map) {
    out.push_back(branch_map);
    put_number(out, map.table_id(), 8);
    put_number(out, map.flags(), 2);
    put_bytes(out, map.body());
}

inline void append_branch_rows(std::string& out,
                               const binlog::rows_event& rows,
                               std::uint32_t event_number) {
    out.push_back(branch_event);
    put_number(out, event_number, 4);
    put_number(out, static_cast<std::uint64_t>(rows.kind), 1);
    put_number(out, rows.version, 1);
    put_number(out, (rows.partial_json ? 1U : 0U) | (rows.uncounted ? 2U : 0U), 1);
    put_number(out, rows.flags, 2);
    put_number(out, rows.table_id, 8);
    put_number(out, rows.column_count, 4);
    put_bytes(out, rows.before_columns);
    put_bytes(out, rows.after_columns);
    put_bytes(out, rows.rows);
}

/// Reads what the functions above wrote. Borrows the bytes.
class branch_reader {
public:
    branch_reader(byte_view bytes, flavor dialect) : cursor_(bytes), dialect_(dialect) {}

    /// The next map or row event; false: there are no more. Errors: checkpoint_read.
    result<bool> next(binlog::event_body& body, std::uint32_t& event_number) {
        if (cursor_.at_end()) return false;
        const auto kind = static_cast<char>(cursor_.u8());
        if (kind == branch_map) return next_map(body);
        if (kind == branch_event) return next_rows(body, event_number);
        return fault();
    }
    /// Every map that was read.
    const std::vector<std::shared_ptr<const binlog::table_map>>& kept() const noexcept {
        return kept_;
    }

private:
    static error fault() {
        return error{errc::checkpoint_read, "the stored rows of a prepared XA transaction"};
    }
    byte_view field() { return cursor_.bytes(static_cast<std::size_t>(cursor_.le(4))); }

    result<bool> next_map(binlog::event_body& body) {
        const std::uint64_t id = cursor_.le(8);
        const auto flags = static_cast<std::uint16_t>(cursor_.le(2));
        const byte_view text = field();
        if (!cursor_.ok()) return fault();
        // The same map again: row events and plans go by the first one.
        auto& map = maps_[id];
        if (!map || as_text(map->body()) != as_text(text)) {
            auto parsed = binlog::table_map::parse(id, flags, text, dialect_);
            if (!parsed) return parsed.error();
            map = std::move(*parsed);
            kept_.push_back(map);
        }
        body = binlog::table_map_event{map};
        return true;
    }

    result<bool> next_rows(binlog::event_body& body, std::uint32_t& event_number) {
        binlog::rows_event rows;
        event_number = static_cast<std::uint32_t>(cursor_.le(4));
        const std::uint8_t kind = cursor_.u8();
        rows.kind = static_cast<binlog::rows_kind>(kind);
        rows.version = cursor_.u8();
        const std::uint8_t bits = cursor_.u8();
        rows.partial_json = (bits & 1) != 0;
        rows.uncounted = (bits & 2) != 0;
        rows.flags = static_cast<std::uint16_t>(cursor_.le(2));
        rows.table_id = cursor_.le(8);
        rows.column_count = static_cast<std::uint32_t>(cursor_.le(4));
        rows.before_columns = field();
        rows.after_columns = field();
        rows.rows = field();
        const auto map = maps_.find(rows.table_id);
        if (!cursor_.ok() || kind > 2 || map == maps_.end()) return fault();
        rows.table = map->second;
        body = rows;
        return true;
    }

    byte_cursor cursor_;
    flavor dialect_;
    std::map<std::uint64_t, std::shared_ptr<const binlog::table_map>> maps_;
    std::vector<std::shared_ptr<const binlog::table_map>> kept_;  // pointers stay unique
};

inline std::string branch_id(std::int64_t format, std::string_view gtrid, std::string_view bqual) {
    std::string out = std::to_string(format) + ':' + std::to_string(gtrid.size()) + ':';
    out += gtrid;
    out += bqual;
    return out;
}

/// Reads one part of an XA id: X'..', 0x.., '..' or a number. The servers write the first and the
/// last form.
inline bool read_xa_part(std::string_view& text, std::string& out, bool& is_number) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'                       ? c - '0'
               : ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') ? (c | 0x20) - 'a' + 10
                                                          : -1;
    };
    const auto hex = [&](std::string_view digits) {
        if (digits.size() % 2 != 0) return false;
        for (std::size_t i = 0; i < digits.size(); i += 2) {
            if (digit(digits[i]) < 0 || digit(digits[i + 1]) < 0) return false;
            out.push_back(static_cast<char>(digit(digits[i]) * 16 + digit(digits[i + 1])));
        }
        return true;
    };
    out.clear();
    is_number = false;
    const std::size_t blank = std::min(text.find_first_not_of(" \t\n"), text.size());
    text.remove_prefix(blank);
    const bool coded = text.starts_with("X'") || text.starts_with("x'");
    if (coded || text.starts_with("'")) {
        text.remove_prefix(coded ? 2 : 1);
        const std::size_t end = text.find('\'');
        if (end == std::string_view::npos) return false;
        const std::string_view inner = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (coded) return hex(inner);
        out = inner;
        return out.find('\\') == std::string::npos && !text.starts_with("'");
    }
    const bool bytes = text.starts_with("0x");
    const std::size_t end = std::min(text.find_first_of(", \t\n"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    if (bytes) return hex(word.substr(2));
    is_number = !word.empty() && word.find_first_not_of("0123456789-") == std::string_view::npos;
    out = word;
    return is_number;
}

/// The id in "XA COMMIT X'6f6e65',X'',1 ONE PHASE"; nothing where it cannot be read.
inline std::optional<std::string> branch_id_of(std::string_view statement) {
    // Behind the two words.
    for (int word = 0; word < 2; ++word) {
        statement.remove_prefix(std::min(statement.find_first_not_of(" \t\n"), statement.size()));
        statement.remove_prefix(std::min(statement.find_first_of(" \t\n"), statement.size()));
    }
    std::string parts[3];
    std::int64_t format = 1;
    for (int i = 0; i < 3; ++i) {
        bool is_number = false;
        if (!read_xa_part(statement, parts[i], is_number) || is_number != (i == 2))
            return std::nullopt;
        if (is_number) {
            const auto end = parts[i].data() + parts[i].size();
            if (std::from_chars(parts[i].data(), end, format).ptr != end) return std::nullopt;
        }
        statement.remove_prefix(std::min(statement.find_first_not_of(" \t\n"), statement.size()));
        if (!statement.starts_with(",")) break;
        statement.remove_prefix(1);
    }
    return branch_id(format, parts[0], parts[1]);
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
