// From a parsed statement to what it does to the tables: every default that the server applies.
#pragma once

#include <dmlib/schema/catalog.hpp>
#include <dmlib/sql/ast.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

/// The session and server settings that a DDL statement's result depends on.
struct resolve_options {
    server_kind server;
    std::uint64_t sql_mode = 0;  ///< the 64-bit mask of the QUERY event
    std::string default_schema;  ///< of the session
    /// Unset: by the server's own default (off before MySQL 8.0.2 and MariaDB 10.10).
    std::optional<bool> explicit_defaults_for_timestamp;
    bool generate_invisible_primary_key = false;  ///< MySQL 8.0.30
    std::string server_charset;  ///< character_set_server; empty: compiled-in default
    std::string server_collation;
    /// collation_connection's id's charset: of literals without an introducer.
    std::string connection_charset = "utf8mb4";
    /// The client's, where the statement was brought from it to UTF-8; "" = texts are as they came.
    std::string sent_charset{};
    std::string default_engine = "InnoDB";
    /// MySQL's default_collation_for_utf8mb4; empty: the server's default.
    std::string utf8mb4_collation;
    /// MariaDB's character_set_collations ("utf8mb4=utf8mb4_uca1400_ai_ci,..."); empty: the
    /// server's default.
    std::string character_set_collations;
    bool foreign_key_checks = true;
    /// Seconds east of UTC of the session's time zone, where it is known and has a fixed offset:
    /// what UNIX_TIMESTAMP of a partition's bound and the default of a TIMESTAMP are worked out
    /// with. Unset: they stay as written. For an engine: the offset of SYSTEM.
    std::optional<std::int32_t> time_zone_offset;
    /// The text is the server's own SHOW CREATE TABLE: expressions are kept as they stand.
    bool verbatim = false;
};

/// Seconds east of UTC of a value of time_zone ("+05:30", "-6:00", "UTC"); nothing for other names.
DMLIB_DECL std::optional<std::int32_t> fixed_zone_offset(std::string_view zone);

enum class change_outcome : std::uint8_t {
    applied,    ///< it changes tables or schemas
    no_effect,  ///< understood, changes no table
    refused,    ///< understood, and the server would refuse it too: see `refusal`
};

struct table_rename {
    table_name from;
    table_name to;
};

/// A column that got another name; `table` under its new name.
struct column_rename {
    table_name table;
    std::string from;
    std::string to;
};

/// What a statement does. Holds the new definitions; the catalog is not touched.
struct resolved_change {
    change_outcome outcome = change_outcome::no_effect;
    std::string kind;  ///< snake_case statement kind: "alter_table"
    std::optional<error> refusal;
    std::vector<table> created;       ///< new tables
    std::vector<table> changed;       ///< tables as they now are, under their (new) names
    std::vector<table_name> dropped;  ///< names that are gone, the old name of a rename included
    std::vector<table_rename> renamed;
    std::vector<column_rename> renamed_columns;
    std::vector<table_name> truncated;
    std::vector<database> schemas_created;  ///< without tables
    std::vector<database> schemas_altered;
    std::vector<std::string> schemas_dropped;
    /// Every table whose rows or definition the statement touches, old and new names: who has to
    /// wait for it (design promise 9).
    std::vector<table_name> touched;
    std::string reason;  ///< for no_effect: why

    bool changes_anything() const noexcept { return outcome == change_outcome::applied; }
};

/// What `statement` does to `known`. Errors: schema_conflict where it names tables or columns that
/// the catalog lacks and the server must have had, sql errors where a kind is not understood.
DMLIB_DECL result<resolved_change> resolve(const sql::statement& statement,
                                           const catalog& known,
                                           const resolve_options& options);

/// Makes the change in the catalog.
DMLIB_DECL void apply(const resolved_change& change, catalog& known);

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/resolve.ipp>
#endif
