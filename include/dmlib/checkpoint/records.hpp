// What is stored on the target so that a task goes on exactly where it was. Plain data; how it is
// written is the business of whoever owns a connection.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/model/position.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

/// Version of all formats below. A store of a newer version is refused.
inline constexpr int format_version = 1;

/// A text as a column of UTF-8 can hold it, whatever bytes it has (a DEFAULT of a binary column, a
/// statement in the charset of its session): itself where it is UTF-8, else a mark that no
/// definition begins with and the text with `\xNN` for each byte that is none, and a backslash
/// doubled.
DMLIB_DECL std::string storable_text(std::string text);
/// The inverse. Nothing: the text begins with a mark of a newer version, or was cut.
DMLIB_DECL std::optional<std::string> stored_text(std::string text);

/// One row of the source's binlog, named independently of filters: the transaction (by the
/// position of its first event), the event within it, the row within the event. All count from 0.
struct row_point {
    binlog_position transaction;
    std::uint32_t event = 0;
    std::uint32_t row = 0;
    bool operator==(const row_point&) const = default;
};
/// Order of one server's binlog.
DMLIB_DECL std::strong_ordering compare(const row_point& a, const row_point& b);

/// Everything up to and including `last` that belongs to `lane` is committed on the target.
/// Written by the lane in the same transaction as the rows.
struct lane_record {
    std::uint32_t lane = 0;
    row_point last;
    std::string gtid;  ///< of the transaction, where it has one
};

/// Everything before `where` is committed on every lane. Lanes may be ahead of it.
struct progress_record {
    int version = format_version;
    std::string server_identity;  ///< server_uuid, or what stands for it
    location where;
    std::uint32_t lanes = 0;  ///< lane count that the lane records belong to
    std::uint64_t epoch = 0;  ///< counts the runs of the task; fences off an older process
};

/// A prepared XA transaction that is neither committed nor rolled back at the progress record's
/// place. Its rows stand before that place in the binlog and are not read again.
struct branch_record {
    std::uint64_t number = 0;  ///< unique within the source
    std::string id;            ///< the XA id, as the engine spells it
    std::string rows;          ///< in the engine's own form
};

/// A table's definition at the progress record's place.
struct table_record {
    table_name name;
    std::string definition;  ///< CREATE TABLE text of the source's dialect
};

enum class ddl_state : std::uint8_t {
    none,     ///< no statement is under way
    running,  ///< step `step` may or may not have run: ask the target
    done,     ///< all steps ran
};

/// The DDL statement under way. There is at most one per source.
struct ddl_record {
    ddl_state state = ddl_state::none;
    binlog_position at;         ///< of the query event's end
    std::uint32_t step = 0;     ///< index of the step that runs
    std::string statement;      ///< the source's text, for people
    std::string target_before;  ///< the target's definitions before the step
    /// The source's tables whose rows before `at` were all committed when the record was made:
    /// who begins at an earlier place leaves these rows out.
    std::vector<table_name> tables;
    /// Where the rows of these tables that stand behind the statement were applied; not set: none
    /// was applied yet.
    std::optional<row_point> rows_at;
};

/// Columns, in lower case, that statements took from tables of the source and that were left out:
/// on the target they may be there with their values. Tables as the source compares names.
using left_columns = std::map<table_name, std::set<std::string>>;

/// By what the lanes of a table's rows were decided, of rows beyond the progress record's place.
struct keys_record {
    table_name source;  ///< as the source compares names
    std::string text;
};

/// All that a restart reads.
struct stored_state {
    std::optional<progress_record> progress;
    std::vector<lane_record> lanes;
    std::vector<table_record> tables;
    std::vector<std::pair<std::string, std::string>> schemas;  ///< name, CREATE DATABASE text
    std::vector<branch_record> branches;                       ///< by number
    ddl_record ddl;
    left_columns left;  ///< up to the progress record's place
    std::vector<keys_record> keys;
    bool keys_complete = false;  ///< of other tables there is no row beyond that place
};

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/checkpoint/impl/records.ipp>
#endif
