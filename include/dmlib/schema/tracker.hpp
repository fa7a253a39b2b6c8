// The definitions that row events are decoded with: starts from the source's own SHOW CREATE TABLE,
// follows DDL, is checked against every table map, and is stored with the checkpoint.
#pragma once

#include <dmlib/binlog/table_map.hpp>
#include <dmlib/schema/catalog.hpp>
#include <dmlib/schema/resolve.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

/// One table of a stored tracker.
struct stored_table {
    table_name name;
    std::string create_statement;  ///< as the source's SHOW CREATE TABLE prints it
};

/// A whole tracker in a stable, versioned form.
struct stored_tracker {
    int version = 1;
    server_kind server;
    int lower_case_table_names = 0;
    std::vector<database> schemas;  ///< without tables
    std::vector<stored_table> tables;
};

/// A table map compared with a definition: what of the table stands where in the row images.
struct checked_table {
    std::shared_ptr<const table> definition;
    std::vector<std::size_t> columns;  ///< for each binlog column its place in definition->columns
    std::vector<binlog::column_facts> facts;  ///< for each binlog column
};

/// Not thread safe.
class tracker {
public:
    explicit tracker(server_kind server, int lower_case_table_names = 0)
        : server_(server), catalog_(lower_case_table_names) {}

    const server_kind& server() const noexcept { return server_; }
    const catalog& definitions() const noexcept { return catalog_; }
    catalog& definitions() noexcept { return catalog_; }

    /// Takes a definition from the source's SHOW CREATE TABLE. Errors: schema_parse.
    DMLIB_DECL result<void> put_show_create(std::string_view schema_name, std::string_view text);
    /// Resolves and applies one statement. `options.server` is this tracker's.
    DMLIB_DECL result<resolved_change> run(const sql::statement& statement,
                                           resolve_options options);

    /// Compares a table map with the tracked definition: column count, types, lengths, decimals,
    /// and names, signedness, charsets, members where stated. Errors: sync_no_table where there is
    /// no definition, sync_schema_mismatch with both structures.
    DMLIB_DECL result<checked_table> check(const binlog::table_map& map) const;

    DMLIB_DECL stored_tracker dump() const;
    DMLIB_DECL static result<tracker> load(const stored_tracker& stored);

private:
    server_kind server_;
    catalog catalog_;
};

/// The comparison alone. Errors: sync_schema_mismatch.
DMLIB_DECL result<std::vector<std::size_t>> check_table_map(const table& definition,
                                                            const binlog::table_map& map,
                                                            const server_kind& server);

/// What a row decoder wants to know of `columns` (as check_table_map gives them).
DMLIB_DECL std::vector<binlog::column_facts> image_facts(const table& definition,
                                                         std::span<const std::size_t> columns);

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/tracker.ipp>
#endif
