// The parts of table definitions: data types, columns, keys, constraints, options, partitions.
// Names are the decoded bytes of the text (quotes removed), in the statement's character set.
#pragma once

#include <dmlib/model/names.hpp>
#include <dmlib/sql/ast_expression.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

/// Base types after the aliases are resolved (INTEGER -> int_, BOOL -> tinyint(1), DEC -> decimal,
/// NCHAR -> char_ with national, LONG VARCHAR -> mediumtext, ...).
enum class type_kind : std::uint8_t {
    tinyint,
    smallint,
    mediumint,
    int_,
    bigint,
    decimal,
    float_,
    double_,
    bit,
    year,
    date,
    time,
    datetime,
    timestamp,
    char_,
    varchar,
    binary,
    varbinary,
    tinytext,
    text,
    mediumtext,
    longtext,
    tinyblob,
    blob,
    mediumblob,
    longblob,
    enum_,
    set,
    json,
    geometry,
    point,
    linestring,
    polygon,
    multipoint,
    multilinestring,
    multipolygon,
    geometrycollection,
    vector,
    inet4,
    inet6,
    uuid,
    xmltype,
    serial,  ///< bigint unsigned not null auto_increment unique
    other,   ///< a type plugin's: `name` says which
};

struct data_type {
    type_kind kind = type_kind::int_;
    bool is_unsigned = false;
    bool zerofill = false;
    bool is_signed = false;  ///< SIGNED was written
    bool national = false;   ///< NCHAR and friends: character set utf8
    bool binary = false;     ///< the BINARY attribute: the charset's _bin collation
    bool boolean = false;    ///< written as BOOL or BOOLEAN (kind is tinyint, length 1)
    bool real = false;       ///< written as REAL (kind double_, or float_ under REAL_AS_FLOAT)
    std::optional<std::uint64_t> length;    ///< of (M), (M,D), VECTOR(n), YEAR(4), fraction digits
    std::optional<std::uint32_t> decimals;  ///< D of (M,D)
    std::string charset;  ///< lower case; "binary" for BYTE; "" = none stated; "default" = DEFAULT
    std::string collation;   ///< lower case; also set by a COLLATE attribute behind the type
    std::string name;        ///< for kind other: as written
    std::string compressed;  ///< MariaDB COMPRESSED[=method]: "" = no, else "zlib" or the method
    std::string reference_system;  ///< MariaDB REF_SYSTEM_ID=n
    std::vector<literal> members;  ///< enum and set: string, hex or bit literals
    bool operator==(const data_type&) const = default;
};

/// Bytes that are kept for people and never compared.
struct source_text {
    std::string value;
    bool operator==(const source_text&) const noexcept { return true; }
};

/// DEFAULT of a column. Exactly one form:
///  * literal with its sign: `expr` is a literal node, or unary negate/plus over one;
///  `parenthesised` false;
///  * CURRENT_TIMESTAMP[(n)] and its synonyms, normalised to function "current_timestamp";
///  * any other expression: in parentheses (MySQL 8.0.13+), or bare (MariaDB 10.2+: DEFAULT
///  uuid()).
struct default_clause {
    expression expr;
    bool parenthesised = false;
    source_text text;  ///< as written
    bool operator==(const default_clause&) const = default;
};

enum class generated_kind : std::uint8_t { unspecified, virtual_, stored };  // PERSISTENT = stored

struct generated_clause {
    expression expr;
    generated_kind kind = generated_kind::unspecified;
    source_text text;  ///< the expression as written, without the outer parentheses
    bool operator==(const generated_clause&) const = default;
};

struct check_clause {
    std::string name;  ///< "" = none stated (the server invents one)
    expression expr;
    std::optional<bool> enforced;  ///< MySQL [NOT] ENFORCED
    bool if_not_exists = false;    ///< MariaDB ADD CONSTRAINT IF NOT EXISTS
    source_text text;              ///< the expression as written, without the outer parentheses
    bool operator==(const check_clause&) const = default;
};

enum class reference_action : std::uint8_t {
    none,
    restrict_,
    cascade,
    set_null,
    no_action,
    set_default,
};
enum class match_kind : std::uint8_t { none, full, partial, simple };

struct references_clause {
    table_name table;  ///< schema "" = that of the child
    std::vector<std::string> columns;
    match_kind match = match_kind::none;
    reference_action on_delete = reference_action::none;
    reference_action on_update = reference_action::none;
    bool operator==(const references_clause&) const = default;
};

/// NAME = VALUE of an engine (MariaDB custom options, TiDB/NDB extras) at a table, column or key.
struct custom_option {
    std::string name;
    literal value;            ///< string, number, boolean; kind null = DEFAULT
    bool identifier = false;  ///< the value was a bare word
    bool operator==(const custom_option&) const = default;
};

enum class row_bound : std::uint8_t { none, start, end };  // GENERATED ALWAYS AS ROW START/END

struct column_definition {
    std::string name;
    data_type type;
    std::optional<bool> nullable;  ///< NULL / NOT NULL as written last
    bool auto_increment = false;
    bool unique = false;
    bool primary_key = false;               ///< PRIMARY KEY, or KEY alone
    bool serial_default = false;            ///< SERIAL DEFAULT VALUE
    std::optional<bool> invisible;          ///< INVISIBLE / VISIBLE
    std::optional<bool> system_versioning;  ///< WITH / WITHOUT SYSTEM VERSIONING
    row_bound period = row_bound::none;
    bool if_not_exists = false;  ///< ADD COLUMN IF NOT EXISTS
    boxed<default_clause> default_value;
    boxed<expression> on_update;  ///< function current_timestamp, precision as operand
    boxed<generated_clause> generated;
    std::optional<std::string> comment;
    boxed<references_clause> references;
    std::string references_name;       ///< CONSTRAINT name REFERENCES ... of a column
    std::vector<check_clause> checks;  ///< in order
    std::string column_format;         ///< lower case: fixed, dynamic, default
    std::string storage;               ///< lower case: disk, memory, default
    std::optional<std::uint32_t> srid;
    boxed<literal> engine_attribute;
    boxed<literal> secondary_engine_attribute;
    bool not_secondary = false;  ///< NOT SECONDARY
    std::vector<custom_option> custom;
    source_span span;
    bool operator==(const column_definition&) const = default;
};

enum class key_kind : std::uint8_t { primary, unique, index, fulltext, spatial, vector };

struct key_part {
    std::string column;      ///< "" for an expression
    boxed<expression> expr;  ///< functional key part
    std::optional<std::uint64_t> length;
    std::optional<bool> descending;  ///< ASC false, DESC true, absent
    source_text text;                ///< of the expression, without the outer parentheses
    bool operator==(const key_part&) const = default;
};

struct key_options {
    std::string using_type;  ///< lower case: btree, hash, rtree
    std::optional<std::uint64_t> block_size;
    std::optional<std::string> comment;
    std::string parser;              ///< WITH PARSER
    std::optional<bool> invisible;   ///< INVISIBLE/IGNORED true, VISIBLE/NOT IGNORED false
    std::optional<bool> clustering;  ///< MariaDB CLUSTERING=YES|NO
    boxed<literal> engine_attribute;
    boxed<literal> secondary_engine_attribute;
    std::vector<custom_option> custom;  ///< also M= and DISTANCE= of vector keys
    bool operator==(const key_options&) const = default;
};

struct key_definition {
    key_kind kind = key_kind::index;
    std::string name;             ///< index name; "" = the server invents one
    std::string constraint_name;  ///< CONSTRAINT x UNIQUE/PRIMARY: used as name where `name` is ""
    std::vector<key_part> parts;
    key_options options;
    std::string without_overlaps;  ///< MariaDB: period behind the last part (p WITHOUT OVERLAPS)
    bool if_not_exists = false;
    source_span span;
    bool operator==(const key_definition&) const = default;
};

struct foreign_key_definition {
    std::string constraint_name;  ///< CONSTRAINT x
    std::string index_name;       ///< FOREIGN KEY x (...)
    std::vector<std::string> columns;
    references_clause references;
    bool if_not_exists = false;
    source_span span;
    bool operator==(const foreign_key_definition&) const = default;
};

/// PERIOD FOR SYSTEM_TIME (a, b) or PERIOD FOR p (a, b).
struct period_definition {
    std::string name;  ///< "SYSTEM_TIME" for that one
    std::string start_column;
    std::string end_column;
    bool if_not_exists = false;
    source_span span;
    bool operator==(const period_definition&) const = default;
};

struct table_check {
    check_clause check;
    source_span span;
    bool operator==(const table_check&) const = default;
};

/// What stands between the parentheses of CREATE TABLE, in order.
using table_element = std::variant<column_definition,
                                   key_definition,
                                   foreign_key_definition,
                                   table_check,
                                   period_definition>;

enum class table_option_kind : std::uint8_t {
    engine,
    auto_increment,
    avg_row_length,
    charset,
    collate,
    checksum,
    comment,
    compression,
    connection,
    data_directory,
    index_directory,
    delay_key_write,
    encryption,
    encrypted,
    encryption_key_id,
    ietf_quotes,
    insert_method,
    key_block_size,
    max_rows,
    min_rows,
    pack_keys,
    page_checksum,
    page_compressed,
    page_compression_level,
    password,
    row_format,
    sequence,
    stats_auto_recalc,
    stats_persistent,
    stats_sample_pages,
    storage,
    tablespace,
    transactional,
    union_tables,
    with_system_versioning,
    start_transaction,
    autoextend_size,
    engine_attribute,
    secondary_engine,
    secondary_engine_attribute,
    secondary_load,
    auto_id_cache,
    auto_random_base,
    shard_row_id_bits,
    pre_split_regions,
    placement_policy,
    ttl,
    ttl_enable,
    ttl_job_interval,
    nodegroup,
    read_only,  ///< of a database
    custom,
};

/// One option of a table or partition. Where the option is written twice, the last one holds.
struct table_option {
    table_option_kind kind = table_option_kind::custom;
    literal value;      ///< number, string, or word (kind string, `word` true); null = DEFAULT
    bool word = false;  ///< the value was written as an identifier or keyword (lower case for
                        ///< charset, collate, row_format, insert_method; as written else)
    bool explicit_default = false;   ///< DEFAULT CHARSET / DEFAULT COLLATE was written with DEFAULT
    std::string name;                ///< for kind custom, and MariaDB's engine options, as written
    std::vector<table_name> tables;  ///< UNION
    source_span span;
    bool operator==(const table_option&) const = default;
};

enum class partition_kind : std::uint8_t { range, list, hash, key, system_time };
enum class partition_values_kind : std::uint8_t {
    none,
    less_than,
    in,
    default_,
    current,
    history,
};

struct partition_definition {
    std::string name;
    partition_values_kind values_kind = partition_values_kind::none;
    bool maxvalue_bare = false;                   ///< LESS THAN MAXVALUE without parentheses
    std::vector<std::vector<expression>> values;  ///< less_than: one row; MAXVALUE and DEFAULT are
                                                  ///< columns named so with text = "keyword"
    std::vector<table_option> options;
    std::vector<partition_definition> subpartitions;
    bool operator==(const partition_definition&) const = default;
};

struct partition_method {
    partition_kind kind = partition_kind::hash;
    bool linear = false;
    bool columns_form = false;               ///< RANGE COLUMNS / LIST COLUMNS
    std::optional<std::uint64_t> algorithm;  ///< KEY ALGORITHM=n
    boxed<expression> expr;                  ///< HASH, RANGE, LIST
    std::vector<std::string>
        columns;                   ///< KEY, COLUMNS; also those inside `expr`? no: see columns_of
    std::string system_time_text;  ///< INTERVAL/LIMIT/AUTO clause, normal form
    source_text text;              ///< `expr` as written
    bool operator==(const partition_method&) const = default;
};

struct partition_clause {
    partition_method method;
    std::optional<std::uint64_t> count;  ///< PARTITIONS n
    boxed<partition_method> subpartition;
    std::optional<std::uint64_t> subpartition_count;
    std::vector<partition_definition> partitions;
    source_text text;  ///< as written
    bool operator==(const partition_clause&) const = default;
};

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
