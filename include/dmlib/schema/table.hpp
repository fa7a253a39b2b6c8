// Definitions of tables as one source server has them. A `table` holds what that server's SHOW
// CREATE TABLE states, with every default made explicit; it never knows how it was fetched.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/sql/ast_table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

using sql::key_kind;
using sql::type_kind;

enum class default_kind : std::uint8_t {
    none,        ///< no default: an INSERT has to give a value (or the column is generated)
    null,        ///< DEFAULT NULL, written or implied
    literal,     ///< `text`: the value, unquoted and unescaped; bit and hex: b'0', x'00'
    expression,  ///< `text` as the server prints it, without outer parentheses
};

struct column_default {
    default_kind kind = default_kind::none;
    std::string text;
    bool quoted = true;  ///< literal: the server prints it in quotes (MariaDB leaves numbers bare)
    bool operator==(const column_default&) const = default;
};

enum class generated_kind : std::uint8_t { none, virtual_column, stored };

/// A system-versioning or application-time role of a column (MariaDB).
using sql::row_bound;

struct column {
    std::string name;
    type_kind type = type_kind::int_;  ///< after aliases: never serial; MariaDB's JSON is longtext
    std::string type_name;             ///< for type_kind::other
    bool is_unsigned = false;
    bool zerofill = false;
    /// Display width of integers where the server has one, M of char/varchar/binary/varbinary (in
    /// characters or bytes), bit(M), decimal(M,D), float(M,D), vector(M), year(M).
    std::optional<std::uint64_t> length;
    std::optional<std::uint32_t> decimals;  ///< D
    std::uint8_t fraction_digits = 0;       ///< of TIME, DATETIME, TIMESTAMP
    std::vector<std::string> members;       ///< ENUM and SET, decoded (UTF-8)
    std::string charset;                    ///< canonical; only for character types
    std::string collation;                  ///< canonical
    bool explicit_collation = false;        ///< MySQL 8 prints it even where it is the table's

    bool nullable = true;
    column_default default_value;
    std::string on_update;  ///< "CURRENT_TIMESTAMP(6)" as the server prints it; empty: none
    bool auto_increment = false;
    generated_kind generated = generated_kind::none;
    std::string
        expression;  ///< of a generated column, as the server prints it, no outer parentheses
    std::string comment;
    bool invisible = false;
    bool hidden = false;     ///< never shown: MySQL's functional index columns, implicit row_start
    std::string compressed;  ///< MariaDB COMPRESSED: "zlib" or the method; empty: no
    std::optional<std::uint32_t> srid;
    row_bound period = row_bound::none;
    std::optional<bool> system_versioning;  ///< WITH / WITHOUT SYSTEM VERSIONING as stated
    std::string column_format;              ///< fixed, dynamic; empty: default
    std::string storage;                    ///< disk, memory; empty: default
    bool not_secondary = false;             ///< MySQL NOT SECONDARY
    std::string engine_attribute;
    std::string reference_system;             ///< MariaDB REF_SYSTEM_ID
    std::vector<sql::custom_option> options;  ///< MariaDB engine-defined options
    bool operator==(const column&) const = default;

    bool is_generated() const noexcept { return generated != generated_kind::none; }
    /// CHAR, VARCHAR, TEXT, ENUM, SET: the types with a charset (also where it is `binary`).
    DMLIB_DECL bool is_character() const noexcept;
    DMLIB_DECL bool is_integer() const noexcept;
    DMLIB_DECL bool is_numeric()
        const noexcept;  ///< integers, DECIMAL, FLOAT, DOUBLE (not BIT, YEAR)
    DMLIB_DECL bool is_temporal() const noexcept;
    DMLIB_DECL bool is_blob_or_text()
        const noexcept;  ///< TINYTEXT..LONGBLOB, also JSON and GEOMETRY
    DMLIB_DECL bool is_geometry() const noexcept;
    /// Bytes that each value of BINARY(n), INET4, INET6 and UUID has; 0 for other types. Row events
    /// leave out zeros at their ends.
    DMLIB_DECL std::uint32_t fixed_bytes() const noexcept;
};

struct key_part {
    std::string column;      ///< empty for an expression
    std::string expression;  ///< as the server prints it, without outer parentheses
    std::optional<std::uint64_t> length;
    bool descending = false;
    bool operator==(const key_part&) const = default;
};

struct key {
    std::string name;  ///< PRIMARY for the primary key
    key_kind kind = key_kind::index;
    std::vector<key_part> parts;
    bool invisible = false;  ///< also MariaDB's IGNORED
    bool implicit = false;   ///< made by the server for a foreign key; an explicit one replaces it
    std::string using_type;  ///< BTREE, HASH where SHOW CREATE prints it
    std::optional<std::uint64_t> block_size;
    std::string comment;
    std::string parser;
    std::string without_overlaps;  ///< MariaDB: the period
    std::string engine_attribute;
    std::vector<sql::custom_option> options;
    bool operator==(const key&) const = default;

    bool is_unique() const noexcept {
        return kind == key_kind::primary || kind == key_kind::unique;
    }
};

using sql::reference_action;

struct foreign_key {
    std::string name;
    bool generated_name = false;  ///< TABLE_ibfk_N: renamed with the table
    std::vector<std::string> columns;
    std::string ref_schema;
    std::string ref_table;
    std::vector<std::string> ref_columns;
    reference_action on_delete = reference_action::none;  ///< none: not printed
    reference_action on_update = reference_action::none;
    bool operator==(const foreign_key&) const = default;
};

struct check_constraint {
    std::string name;        ///< MariaDB's column check: the column's name
    std::string expression;  ///< as the server prints it, without outer parentheses
    bool enforced = true;
    std::string column;  ///< MariaDB's column check; empty: of the table
    bool generated_name = false;
    bool operator==(const check_constraint&) const = default;
};

/// PERIOD FOR of MariaDB.
struct period {
    std::string name;  ///< SYSTEM_TIME or the application's
    std::string start_column;
    std::string end_column;
    bool operator==(const period&) const = default;
};

struct table {
    std::string schema;
    std::string name;
    std::string engine;     ///< "InnoDB"
    std::string charset;    ///< canonical
    std::string collation;  ///< canonical
    std::string comment;
    std::vector<column> columns;
    std::vector<key> keys;  ///< in the server's order of SHOW CREATE TABLE
    std::vector<foreign_key> foreign_keys;
    std::vector<check_constraint> checks;
    std::vector<period> periods;
    std::vector<sql::table_option> options;  ///< all others, as stated, last one of a kind
    std::optional<sql::partition_clause> partition;
    std::string partition_text;  ///< as the server prints it without the comment marks, if known
    bool system_versioned = false;
    bool is_sequence = false;  ///< MariaDB CREATE SEQUENCE
    bool is_view = false;
    bool operator==(const table&) const = default;

    table_name full_name() const { return {schema, name}; }
    DMLIB_DECL const key* primary_key() const noexcept;
    /// PRIMARY first, then UNIQUE keys in order.
    DMLIB_DECL std::vector<const key*> unique_keys() const;
    /// The first unique key without NULL, expressions or prefixes: PRIMARY where there is one.
    DMLIB_DECL const key* row_key() const noexcept;
    /// Column names are compared without case, as the servers do. npos where there is none.
    DMLIB_DECL std::size_t find_column(std::string_view column_name) const noexcept;
    DMLIB_DECL std::size_t find_key(std::string_view key_name) const noexcept;
    /// The option of that kind, or null.
    DMLIB_DECL const sql::table_option* find_option(sql::table_option_kind kind) const noexcept;
    bool partitioned() const noexcept { return partition.has_value() || !partition_text.empty(); }
};

inline constexpr std::size_t npos = static_cast<std::size_t>(-1);

/// Places in `table::columns` of the columns that a row event's images have, in order; see
/// docs/rooms/schema.md for what the servers leave out.
DMLIB_DECL std::vector<std::size_t> binlog_columns(const table& t, const server_kind& server);

/// information_schema.COLUMNS.COLUMN_TYPE as that server prints it: "int(11)", "enum('a','b')".
DMLIB_DECL std::string column_type_text(const column& c, const server_kind& server);

/// Names of columns, keys and constraints as the servers compare them: capitals do not count, also
/// outside ASCII; accents do. Texts are UTF-8.
DMLIB_DECL bool same_name(std::string_view a, std::string_view b) noexcept;
/// In small letters: equal where same_name() is true.
DMLIB_DECL std::string folded_name(std::string_view name);

/// The definition as that server's SHOW CREATE TABLE prints it.
DMLIB_DECL std::string print_create_table(const table& t, const server_kind& server);

/// One difference between two definitions: "column `a`: type int(11) against bigint(20)".
struct difference {
    enum class part : std::uint8_t { table, column, key, foreign_key, check, partition };
    part where = part::table;
    std::string name;  ///< of the column, key, ...
    std::string text;
};

/// What differs between two definitions, names of keys and constraints included; empty where they
/// hold the same rows in the same way. Comments are compared too.
DMLIB_DECL std::vector<difference> compare(const table& a,
                                           const table& b,
                                           const server_kind& server);

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/column_type.ipp>
#include <dmlib/schema/impl/compare.ipp>
#include <dmlib/schema/impl/print_table.ipp>
#include <dmlib/schema/impl/table.ipp>
#endif
