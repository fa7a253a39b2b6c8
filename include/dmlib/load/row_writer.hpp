// Writes batches of a full copy into one target table, exactly or not at all.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dml/literal.hpp>
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/dump/table_reader.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/transform/mapper.hpp>
#include <dmlib/transform/router.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

/// How LOAD DATA and bulk statements take a column's field.
enum class load_field : std::uint8_t {
    direct,   ///< the bytes are the value
    number,   ///< through a variable, as an unsigned number
    json,     ///< through a variable, as utf8mb4 text
    refused,  ///< only an INSERT writes it exactly
};

struct written_column {
    std::string name;  ///< on the target
    dump::field_form form = dump::field_form::text;
    load_field load = load_field::direct;
    /// Charset that is brought to UTF-8 on the way (TiDB, which stores other bytes as they come).
    std::string transcode;
    bool escaped = false;  ///< fields may hold any byte (numbers and times do not)
    bool is_enum = false;
    dml::column_writer writer;
    std::optional<column_mapping> mapping;  ///< changes the value on the way; only INSERT does it
    std::optional<dml::value_fit> fit;      ///< the target's column does not hold every value
};

/// How one table's rows become statements. Immutable but for the switch; shared by writers.
struct write_plan {
    table_name source;
    table_name target;
    std::vector<written_column> columns;
    std::vector<extracted_column> extracted;  ///< written to every row
    std::string insert_tail;                  ///< ",'value'" of each of them
    bool can_load = false;                    ///< LOAD DATA is allowed, and exact for every column
    bool can_bulk = false;                    ///< the same of a bulk statement, which is preferred
    bool has_enum = false;
    bool transcodes = false;
    bool replaces = false;  ///< rows of the target with the same key go
    std::string load_statement;
    std::string bulk_statement;
    std::string insert_head;
    /// Batches for which these were not exact; after a few, INSERT is used at once.
    mutable std::atomic<std::uint32_t> failed_loads{0};
};

/// Ways besides INSERT that the target's server allows.
struct write_ways {
    bool load = false;
    bool bulk = false;
    bool replace = false;  ///< a row takes the place of the target's rows with the same key
};

/// Errors: db_unknown_column where the target lacks a column, load_definition where it has one
/// that the copy cannot fill; config_rule where a route fills a column that the source has.
DMLIB_DECL result<std::shared_ptr<const write_plan>> make_write_plan(
    const dump::source_table& source,
    const schema::table& target,
    const table_name& target_name,
    target_dialect dialect,
    write_ways allowed,
    const std::vector<column_mapping>& mappings = {},
    const std::vector<extracted_column>& extracted = {});

struct write_options {
    std::uint64_t statement_bytes = std::uint64_t{1} << 20;
};

/// What a write did.
struct write_report {
    std::uint64_t rows = 0;
    /// Not every row was written exactly. The transaction is spoilt: roll back, then insert.
    bool load_failed = false;
};

/// LOAD DATA LOCAL of a batch, inside the session's transaction. LOCAL turns faults into warnings,
/// so that the rows written must be the rows sent, without a warning.
DMLIB_DECL result<write_report> load_batch(mysql::session& s,
                                           const write_plan& plan,
                                           const dump::row_batch& batch);
/// The same by a bulk statement, of which a fault is an error without the row.
DMLIB_DECL result<write_report> bulk_batch(mysql::session& s,
                                           const write_plan& plan,
                                           const dump::row_batch& batch,
                                           const write_options& options);
/// Multi-row INSERTs of a batch, inside the session's transaction. Faults are errors with the
/// table.
DMLIB_DECL result<write_report> insert_batch(mysql::session& s,
                                             const write_plan& plan,
                                             const dump::row_batch& batch,
                                             const write_options& options);
/// True where LOAD DATA or a bulk statement should be tried for the batch.
DMLIB_DECL bool suits_load(const write_plan& plan, const dump::row_batch& batch);

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/load/impl/row_writer.ipp>
#endif
