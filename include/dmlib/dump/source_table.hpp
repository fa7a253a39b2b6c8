// A source's tables as the full copy reads them: what is there, how each column is selected, which
// key cuts a table into ranges.
#pragma once

#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

/// What a snapshot says of the rows of a table.
enum class engine_class : std::uint8_t {
    transactional,      ///< a consistent snapshot sees the table as of its place
    non_transactional,  ///< only a lock holds it still (MyISAM, Aria, MEMORY, CSV, ARCHIVE)
    refused,            ///< rows are elsewhere or come from other tables (FEDERATED, MERGE, ...)
};
DMLIB_DECL engine_class classify_engine(std::string_view engine) noexcept;

/// One row of information_schema.TABLES.
struct listed_table {
    table_name name;
    std::string type;         ///< BASE TABLE, VIEW, SEQUENCE, SYSTEM VERSIONED, ...
    std::string engine;       ///< as the server writes it
    std::uint64_t rows = 0;   ///< the server's estimate
    std::uint64_t bytes = 0;  ///< of the data, an estimate
};

/// Every table and view of the source outside the server's own schemas, ordered by name.
DMLIB_DECL result<std::vector<listed_table>> list_tables(mysql::session& s);

/// Name and CREATE DATABASE of each schema of the source but the server's own, with and without
/// tables.
DMLIB_DECL result<std::vector<std::pair<std::string, std::string>>> list_schemas(mysql::session& s);

/// How the SELECT delivers a column's values.
enum class field_form : std::uint8_t {
    bytes,   ///< the column's own bytes, in its own charset
    text,    ///< the server's text form
    number,  ///< an unsigned number in digits (ENUM's index, SET's mask, BIT)
};

struct selected_column {
    std::size_t column = 0;  ///< place in the definition
    std::string expression;  ///< in the SELECT
    field_form form = field_form::text;
};

/// One table, described as of a snapshot.
struct source_table {
    schema::table definition;
    std::string create_text;  ///< SHOW CREATE TABLE without the AUTO_INCREMENT counter
    engine_class engine = engine_class::transactional;
    std::uint64_t rows_estimate = 0;
    std::uint64_t bytes_estimate = 0;
    std::vector<selected_column> select;
    /// The ordered key: integers only, so that its order is certain. Empty: none.
    std::string key_name;
    std::vector<std::string> key_columns;
    std::vector<std::size_t> key_fields;  ///< places in `select`
    /// Leaves out rows that an insert filter drops; null: every row is read. Its columns are those
    /// of `select`.
    std::shared_ptr<const row_filter> filter{};
    bool ordered() const noexcept { return !key_columns.empty(); }
};

/// SHOW CREATE TABLE's text without the AUTO_INCREMENT counter, which moves with every row.
DMLIB_DECL std::string without_auto_increment(std::string_view create_text);
/// SHOW CREATE TABLE, counter removed. Errors: db_no_such_table.
DMLIB_DECL result<std::string> show_create(mysql::session& s, const table_name& name);

/// Works out columns and key. Errors: schema_parse; dump_unsupported_table.
DMLIB_DECL result<source_table> describe_table(const listed_table& listed,
                                               std::string create_text,
                                               const server_kind& server);

/// Reads generated columns, too: those that are ordinary columns of the target's table.
DMLIB_DECL void add_computed_columns(source_table& t, const schema::table& target);

/// Condition on the key for a range, "" where the range is everything.
DMLIB_DECL std::string range_condition(const std::vector<std::string>& key_columns,
                                       const checkpoint::key_range& range);
/// SELECT of a range in the key's order; limit 0 = none. A table without an ordered key gets no
/// condition and no order.
DMLIB_DECL std::string select_statement(const source_table& t,
                                        const checkpoint::key_range& range,
                                        std::uint64_t limit);

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dump/impl/source_table.ipp>
#endif
