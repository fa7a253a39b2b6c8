// The ledger of a full copy: which key range of which table was read at which place of the binlog.
// The syncer drops what the snapshots hold already; a later run copies only what is missing.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/model/value.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

/// One integer of a key. Signed and unsigned columns share one order.
struct key_number {
    bool not_negative = true;
    std::uint64_t bits = 0;  ///< two's complement
    auto operator<=>(const key_number&) const = default;

    static key_number of(std::int64_t n) noexcept {
        return {n >= 0, static_cast<std::uint64_t>(n)};
    }
    static key_number of_unsigned(std::uint64_t n) noexcept { return {true, n}; }
    /// Decimal text, with a sign and leading zeros where the server prints them. Nothing where it
    /// is not an integer of 64 bits.
    DMLIB_DECL static std::optional<key_number> parse(std::string_view text) noexcept;
    /// int64 and uint64 values of a row event, and text; nothing for all other kinds.
    DMLIB_DECL static std::optional<key_number> from_value(const value_view& v) noexcept;
};
DMLIB_DECL std::string to_string(const key_number& n);

/// The values of a table's key columns in the key's order.
using key_tuple = std::vector<key_number>;
using key_view = std::span<const key_number>;

/// A place between keys: before all of them, after all keys that begin with `prefix`, or after
/// all (an empty prefix). Totally ordered.
struct key_cut {
    bool before_all = true;
    key_tuple prefix;

    static key_cut start() { return {}; }
    static key_cut end() { return {false, {}}; }
    static key_cut after(key_tuple keys) { return {false, std::move(keys)}; }
    bool is_start() const noexcept { return before_all; }
    bool is_end() const noexcept { return !before_all && prefix.empty(); }
    bool operator==(const key_cut&) const = default;
};
DMLIB_DECL std::strong_ordering compare(const key_cut& a, const key_cut& b) noexcept;
/// True where the key stands behind the cut.
DMLIB_DECL bool is_behind(key_view key, const key_cut& cut) noexcept;
/// "-" (start), "+" (end), else "12,-5".
DMLIB_DECL std::string to_string(const key_cut& cut);
DMLIB_DECL std::optional<key_cut> parse_key_cut(std::string_view text);

/// Keys behind `lower`, up to and including what `upper` stands behind.
struct key_range {
    key_cut lower = key_cut::start();
    key_cut upper = key_cut::end();
    bool operator==(const key_range&) const = default;
    DMLIB_DECL bool contains(key_view key) const noexcept;
};

/// A key range whose rows are committed on the target (`done`), as a snapshot at `position` saw it.
/// `done` is false only for a table without an ordered key whose copy is under way.
struct chunk_record {
    table_name table;  ///< of the source
    std::uint64_t id = 0;
    key_range range;
    location position;
    bool done = true;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

enum class copy_state : std::uint8_t {
    planned,  ///< nothing of it is on the target
    copying,
    keys_later,  ///< the target's table is made without some keys; they are added at the end
    done,        ///< every row is committed
    gone,        ///< was there once; at `valid_from` the source does not have it any more
};

/// One table of a full copy.
struct copied_table {
    table_name source;
    table_name target;
    copy_state state = copy_state::planned;
    std::string definition;  ///< the source's SHOW CREATE TABLE
    /// The definition holds from here on. What the binlog says of this table before (rows and DDL)
    /// is in the copy already, or must not be applied. Never behind the positions of its chunks.
    location valid_from;
    /// The ordered key; empty where the table has none and was copied in one piece.
    std::vector<std::string> key_columns;
    bool created_by_task = false;  ///< the target's table was made by this copy
    bool target_empty_at_start = false;
    bool shared_target = false;  ///< other tables or sources write into the same table
    std::uint64_t rows_estimate = 0;
    std::uint64_t bytes_estimate = 0;
};

/// The chunks of one table. Immutable for readers; may be shared between threads then.
class table_chunks {
public:
    const copied_table& info() const noexcept { return info_; }
    const std::vector<chunk_record>& records() const noexcept { return records_; }

    /// Oldest and newest position; valid_from where nothing was copied.
    const location& earliest() const noexcept {
        return records_.empty() ? info_.valid_from : earliest_;
    }
    const location& latest() const noexcept {
        return records_.empty() ? info_.valid_from : latest_;
    }
    /// All rows were read at one place: keys need not be looked at.
    bool uniform() const noexcept { return uniform_; }
    /// The place that the snapshot of the row with this key saw: events of that row up to and
    /// including it are in the copy. An update that changes the key asks for both keys. Null only
    /// where the range was never copied. Preconditions: key.size() == info().key_columns.size().
    DMLIB_DECL const location* position_for(key_view key) const noexcept;
    /// Ranges that are not done.
    DMLIB_DECL std::vector<key_range> gaps() const;
    DMLIB_DECL bool complete() const;
    DMLIB_DECL std::uint64_t rows() const noexcept;
    DMLIB_DECL std::uint64_t bytes() const noexcept;

private:
    friend class chunk_ledger;
    DMLIB_DECL void note_position(const location& where);
    DMLIB_DECL void recompute();
    copied_table info_;
    std::vector<chunk_record> records_;  // ordered by lower; ranges do not overlap
    location earliest_;
    location latest_;
    bool uniform_ = true;
};

/// All tables of a full copy. Not thread safe while it is changed.
class chunk_ledger {
public:
    /// Adds a table or replaces what is known of it; its chunks stay.
    DMLIB_DECL void put(copied_table t);
    /// Adds a chunk or replaces the one with its id and lower end. Errors: checkpoint_read where
    /// the table is not known, the range is upside down or overlaps another one's.
    DMLIB_DECL result<void> add(chunk_record r);
    DMLIB_DECL void erase_chunk(const table_name& table, std::uint64_t id);
    DMLIB_DECL void erase_chunks(const table_name& table);
    DMLIB_DECL void erase(const table_name& table);

    /// Null where the table is no part of the copy: none of its events are in it.
    DMLIB_DECL const table_chunks* find(const table_name& table) const;
    const std::map<table_name, table_chunks>& tables() const noexcept { return tables_; }
    bool empty() const noexcept { return tables_.empty(); }

    /// Where the syncer has to begin: nothing before it is missing from the copy. Behind latest()
    /// the ledger is not needed any more. Null where there is no table.
    DMLIB_DECL const location* earliest() const;
    DMLIB_DECL const location* latest() const;
    /// All tables were read at one place.
    DMLIB_DECL bool uniform() const;
    DMLIB_DECL bool complete() const;
    DMLIB_DECL std::uint64_t rows() const noexcept;
    DMLIB_DECL std::uint64_t bytes() const noexcept;

private:
    std::map<table_name, table_chunks> tables_;
};

/// Neighbouring done chunks of one position become one. Returns what to write in place of what;
/// ids of merged chunks are those of their first part.
struct chunk_merge {
    chunk_record merged;
    std::vector<std::uint64_t> replaced;  ///< ids, that of `merged` not among them
};
DMLIB_DECL std::vector<chunk_merge> merge_neighbours(const std::vector<chunk_record>& ordered);

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/checkpoint/impl/chunk_ledger.ipp>
#endif
