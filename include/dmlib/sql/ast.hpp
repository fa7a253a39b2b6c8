// Statements. What is not table DDL is classified and kept as text, never refused.
#pragma once

#include <dmlib/sql/ast_table.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

/// Every kind of statement. name_of() gives the snake_case name ("create_table").
/// Order: table DDL first (is_table_ddl), then all others.
// clang-format off
#define DMLIB_STATEMENT_KINDS(X)                                                                                 \
    X(create_table)                                                                                              \
    X(alter_table)                                                                                               \
    X(drop_table)                                                                                                \
    X(rename_table) X(truncate_table) X(create_index) X(drop_index) X(create_database) X(                        \
        alter_database) X(drop_database) X(create_sequence) X(alter_sequence) X(drop_sequence) X(use)            \
        X(set) X(create_temporary_table) X(drop_temporary_table) X(create_view) X(alter_view) X(                 \
            drop_view) X(create_procedure) X(alter_procedure) X(drop_procedure) X(create_function)               \
            X(alter_function) X(drop_function) X(create_package) X(create_package_body) X(                       \
                drop_package) X(drop_package_body) X(create_trigger) X(alter_trigger) X(drop_trigger)            \
                X(create_event) X(alter_event) X(drop_event) X(create_user) X(alter_user) X(                     \
                    drop_user) X(rename_user) X(create_role) X(drop_role) X(grant) X(revoke)                     \
                    X(set_password) X(set_role) X(set_default_role) X(create_server) X(alter_server) X(          \
                        drop_server) X(create_tablespace) X(alter_tablespace) X(drop_tablespace)                 \
                        X(create_logfile_group) X(alter_logfile_group) X(drop_logfile_group) X(                  \
                            create_resource_group) X(alter_resource_group) X(drop_resource_group)                \
                            X(set_resource_group) X(create_spatial_reference_system) X(                          \
                                drop_spatial_reference_system) X(create_library) X(alter_library)                \
                                X(drop_library) X(create_masking_policy) X(drop_masking_policy) X(               \
                                    create_placement_policy) X(alter_placement_policy) X(drop_placement_policy)  \
                                    X(alter_instance) X(create_other) X(alter_other) X(drop_other) X(            \
                                        insert) X(replace) X(update) X(delete_) X(load_data) X(load_xml)         \
                                        X(select) X(table) X(values) X(with) X(call) X(                          \
                                            do_) X(handler) X(import_table) X(begin) X(commit) X(rollback)       \
                                            X(savepoint) X(rollback_to_savepoint) X(release_savepoint) X(        \
                                                set_transaction) X(xa_start) X(xa_end)                           \
                                                X(xa_prepare) X(xa_commit) X(xa_rollback) X(xa_recover) X(       \
                                                    lock_tables) X(unlock_tables) X(lock_instance)               \
                                                    X(unlock_instance) X(                                        \
                                                        analyze_table) X(check_table) X(checksum_table)          \
                                                        X(optimize_table) X(repair_table) X(flush) X(            \
                                                            reset) X(purge) X(kill) X(show) X(describe)          \
                                                            X(explain) X(help) X(cache_index) X(load_index) X(   \
                                                                binlog) X(shutdown) X(restart) X(clone)          \
                                                                X(install_plugin) X(uninstall_plugin) X(         \
                                                                    install_component) X(uninstall_component)    \
                                                                    X(change_master) X(change_replication) X(    \
                                                                        start_replica) X(stop_replica)           \
                                                                        X(start_group_replication) X(            \
                                                                            stop_group_replication)              \
                                                                            X(prepare) X(execute) X(             \
                                                                                deallocate) X(execute_immediate) \
                                                                                X(signal) X(resignal) X(         \
                                                                                    get_diagnostics)             \
                                                                                    X(backup) X(                 \
                                                                                        compound)                \
                                                                                        X(tidb_admin)            \
                                                                                            X(empty)             \
                                                                                                X(unknown)
// clang-format on

enum class statement_kind : std::uint8_t {
#define DMLIB_X(name) name,
    DMLIB_STATEMENT_KINDS(DMLIB_X)
#undef DMLIB_X
};

// ---- CREATE TABLE

enum class select_conflict : std::uint8_t { none, ignore, replace };

struct create_table_statement {
    table_name table;
    bool or_replace = false;
    bool temporary = false;
    bool if_not_exists = false;
    bool external = false;                ///< MySQL 9.x CREATE EXTERNAL TABLE
    std::optional<table_name> like;       ///< CREATE TABLE t LIKE x; everything below is empty
    std::vector<table_element> elements;  ///< in order
    std::vector<table_option> options;    ///< in order; includes MySQL's START TRANSACTION
    boxed<partition_clause> partition;
    select_conflict on_conflict = select_conflict::none;
    std::string select;  ///< the query of AS SELECT as written; "" = none
    bool operator==(const create_table_statement&) const = default;
};

// ---- ALTER TABLE: one struct per kind of change

enum class column_place : std::uint8_t { unspecified, first, after };

struct column_position {
    column_place place = column_place::unspecified;
    std::string after;
    bool operator==(const column_position&) const = default;
};

/// ADD [COLUMN] c ... [FIRST|AFTER x]. A list in parentheses becomes ONE add_columns spec.
struct add_column {
    column_definition column;
    column_position position;
    bool operator==(const add_column&) const = default;
};
/// ADD [COLUMN] (c ..., d ..., KEY ...): elements in order.
struct add_columns {
    std::vector<table_element> elements;
    bool if_not_exists = false;
    bool operator==(const add_columns&) const = default;
};
struct modify_column {
    column_definition column;
    column_position position;
    bool if_exists = false;
    bool operator==(const modify_column&) const = default;
};
struct change_column {
    std::string old_name;
    column_definition column;  ///< with the new name
    column_position position;
    bool if_exists = false;
    bool operator==(const change_column&) const = default;
};
struct drop_column {
    std::string name;
    bool if_exists = false;
    std::string behaviour;  ///< "", "restrict", "cascade"
    bool operator==(const drop_column&) const = default;
};
struct rename_column {
    std::string old_name;
    std::string new_name;
    bool if_exists = false;
    bool operator==(const rename_column&) const = default;
};
enum class alter_column_action : std::uint8_t {
    set_default,
    drop_default,
    set_visible,
    set_invisible,
};
struct alter_column {
    std::string name;
    alter_column_action action = alter_column_action::drop_default;
    boxed<default_clause> default_value;
    bool if_exists = false;
    bool operator==(const alter_column&) const = default;
};
struct add_key {
    key_definition key;
    bool operator==(const add_key&) const = default;
};
struct drop_key {
    std::string name;
    bool if_exists = false;
    bool operator==(const drop_key&) const = default;
};
struct drop_primary_key {
    bool if_exists = false;
    bool operator==(const drop_primary_key&) const = default;
};
struct rename_key {
    std::string old_name;
    std::string new_name;
    bool if_exists = false;
    bool operator==(const rename_key&) const = default;
};
/// ALTER INDEX i VISIBLE|INVISIBLE (MySQL), IGNORED|NOT IGNORED (MariaDB).
struct alter_key {
    std::string name;
    bool invisible = false;
    bool if_exists = false;
    bool operator==(const alter_key&) const = default;
};
struct add_foreign_key {
    foreign_key_definition key;
    bool operator==(const add_foreign_key&) const = default;
};
struct drop_foreign_key {
    std::string name;
    bool if_exists = false;
    bool operator==(const drop_foreign_key&) const = default;
};
struct add_check {
    check_clause check;
    bool operator==(const add_check&) const = default;
};
/// DROP CHECK x (MySQL) or DROP CONSTRAINT x (any constraint of that name).
struct drop_constraint {
    std::string name;
    bool check_only = false;  ///< DROP CHECK
    bool if_exists = false;
    bool operator==(const drop_constraint&) const = default;
};
/// ALTER CHECK|CONSTRAINT x [NOT] ENFORCED.
struct alter_constraint {
    std::string name;
    bool check_only = false;
    bool enforced = true;
    bool operator==(const alter_constraint&) const = default;
};
struct rename_to {
    table_name table;
    bool operator==(const rename_to&) const = default;
};
struct convert_charset {
    std::string charset;    ///< lower case, or "default"
    std::string collation;  ///< or ""
    bool operator==(const convert_charset&) const = default;
};
struct order_by {
    struct part {
        expression expr;
        bool descending = false;
        bool operator==(const part&) const = default;
    };
    std::vector<part> parts;
    bool operator==(const order_by&) const = default;
};
/// Any table option as a change: ENGINE=, COMMENT=, DEFAULT CHARSET=, AUTO_INCREMENT=, ...
/// Options written one after the other without a comma are one spec with several options.
struct set_options {
    std::vector<table_option> options;
    bool operator==(const set_options&) const = default;
};
enum class simple_change : std::uint8_t {
    enable_keys,
    disable_keys,
    force,
    discard_tablespace,
    import_tablespace,
    with_validation,
    without_validation,
    add_system_versioning,
    drop_system_versioning,
    secondary_load,
    secondary_unload,
    remove_partitioning,
    remove_ttl,
    none,
};
/// Changes without operands. `none` is the empty ALTER TABLE t.
struct simple_alter {
    simple_change change = simple_change::none;
    bool operator==(const simple_alter&) const = default;
};
struct add_period {
    period_definition period;
    bool operator==(const add_period&) const = default;
};
struct drop_period {
    std::string name;
    bool if_exists = false;
    bool operator==(const drop_period&) const = default;
};
/// ALGORITHM=, LOCK=, ONLINE/OFFLINE do not change the table. Values upper case.
struct alter_execution {
    std::string name;   ///< "algorithm", "lock"
    std::string value;  ///< "INPLACE", ...
    bool operator==(const alter_execution&) const = default;
};
enum class partition_change_kind : std::uint8_t {
    partition_by,  ///< PARTITION BY ...: clause
    add,           ///< ADD PARTITION (definitions) or PARTITIONS count
    drop,
    truncate,
    reorganize,
    coalesce,
    exchange,
    analyze,
    check,
    optimize,
    rebuild,
    repair,
    discard_tablespace,
    import_tablespace,
    convert_to_table,
    convert_from_table,
    secondary_load,
    secondary_unload,
};
struct partition_change {
    partition_change_kind kind = partition_change_kind::drop;
    bool all = false;        ///< PARTITION ALL
    bool if_exists = false;  ///< or IF NOT EXISTS for add
    bool no_write_to_binlog = false;
    std::vector<std::string> names;
    std::optional<std::uint64_t> count;            ///< PARTITIONS n, COALESCE n
    std::vector<partition_definition> partitions;  ///< of add, reorganize, convert_from_table
    boxed<partition_clause> clause;                ///< of partition_by
    std::optional<table_name> table;               ///< of exchange, convert
    std::optional<bool> validation;                ///< WITH / WITHOUT VALIDATION
    std::string modifiers;  ///< upper case words of CHECK/REPAIR (QUICK, ...)
    bool operator==(const partition_change&) const = default;
};

using alter_change = std::variant<add_column,
                                  add_columns,
                                  modify_column,
                                  change_column,
                                  drop_column,
                                  rename_column,
                                  alter_column,
                                  add_key,
                                  drop_key,
                                  drop_primary_key,
                                  rename_key,
                                  alter_key,
                                  add_foreign_key,
                                  drop_foreign_key,
                                  add_check,
                                  drop_constraint,
                                  alter_constraint,
                                  rename_to,
                                  convert_charset,
                                  order_by,
                                  set_options,
                                  simple_alter,
                                  add_period,
                                  drop_period,
                                  alter_execution,
                                  partition_change>;

struct alter_spec {
    alter_change change;
    source_span span;  ///< of this change in the statement's text
    bool operator==(const alter_spec&) const = default;
};

struct alter_table_statement {
    table_name table;
    bool if_exists = false;
    bool ignore = false;
    bool online = false;
    bool offline = false;
    std::string wait;               ///< MariaDB "WAIT n" or "NOWAIT"; "" = none
    std::vector<alter_spec> specs;  ///< in order
    bool operator==(const alter_table_statement&) const = default;
};

// ---- the others

struct drop_table_statement {
    std::vector<table_name> tables;
    bool temporary = false;
    bool if_exists = false;
    std::string behaviour;  ///< "", "restrict", "cascade"
    std::string wait;
    bool operator==(const drop_table_statement&) const = default;
};

struct rename_table_statement {
    struct pair {
        table_name from;
        table_name to;
        std::string wait;  ///< MariaDB WAIT n / NOWAIT behind the source's name
        bool operator==(const pair&) const = default;
    };
    std::vector<pair> pairs;  ///< executed left to right
    bool if_exists = false;
    bool operator==(const rename_table_statement&) const = default;
};

struct truncate_table_statement {
    table_name table;
    std::string wait;
    bool operator==(const truncate_table_statement&) const = default;
};

struct create_index_statement {
    table_name table;
    key_definition key;
    bool or_replace = false;
    bool online = false;
    bool offline = false;
    std::string wait;
    std::vector<alter_execution> execution;
    bool operator==(const create_index_statement&) const = default;
};

struct drop_index_statement {
    table_name table;
    std::string name;
    bool if_exists = false;
    bool online = false;
    bool offline = false;
    std::string wait;
    std::vector<alter_execution> execution;
    bool operator==(const drop_index_statement&) const = default;
};

/// Options of a database: charset, collate, comment, encryption, read_only, ...
struct create_database_statement {
    std::string name;
    bool or_replace = false;
    bool if_not_exists = false;
    std::vector<table_option> options;
    bool operator==(const create_database_statement&) const = default;
};
struct alter_database_statement {
    std::string name;  ///< "" = the current one
    bool upgrade_data_directory = false;
    std::vector<table_option> options;
    bool operator==(const alter_database_statement&) const = default;
};
struct drop_database_statement {
    std::string name;
    bool if_exists = false;
    bool operator==(const drop_database_statement&) const = default;
};

/// MariaDB sequences; a sequence occupies a table name. Options in normal form as tokens.
struct create_sequence_statement {
    table_name name;
    bool or_replace = false;
    bool temporary = false;
    bool if_not_exists = false;
    std::string options;
    bool operator==(const create_sequence_statement&) const = default;
};
struct alter_sequence_statement {
    table_name name;
    bool if_exists = false;
    std::string options;
    bool operator==(const alter_sequence_statement&) const = default;
};
struct drop_sequence_statement {
    std::vector<table_name> names;
    bool temporary = false;
    bool if_exists = false;
    bool operator==(const drop_sequence_statement&) const = default;
};

struct use_statement {
    std::string schema;
    bool operator==(const use_statement&) const = default;
};

/// SET a = x, @@session.b = y, @c := z, NAMES cs COLLATE co, CHARACTER SET cs.
struct set_assignment {
    std::string scope;  ///< "", "global", "session", "local", "persist", "persist_only", "user"
                        ///< (@name), "names", "charset"
    std::string name;   ///< lower case for system variables; the charset for names/charset
    expression value;   ///< for names: the collation as string literal, or null
    bool operator==(const set_assignment&) const = default;
};
struct set_statement {
    std::vector<set_assignment> assignments;
    bool operator==(const set_statement&) const = default;
};

/// Everything that is classified only: `statement::kind` says what.
struct other_statement {
    std::vector<table_name> names;  ///< objects named, best effort (views, triggers, routines)
    std::string text;               ///< as written
    bool operator==(const other_statement&) const = default;
};

using statement_node = std::variant<other_statement,
                                    create_table_statement,
                                    alter_table_statement,
                                    drop_table_statement,
                                    rename_table_statement,
                                    truncate_table_statement,
                                    create_index_statement,
                                    drop_index_statement,
                                    create_database_statement,
                                    alter_database_statement,
                                    drop_database_statement,
                                    create_sequence_statement,
                                    alter_sequence_statement,
                                    drop_sequence_statement,
                                    use_statement,
                                    set_statement>;

/// One parsed statement. Value type.
struct statement {
    statement_kind kind = statement_kind::unknown;
    statement_node node;
    source_span span;  ///< first to last token, without the delimiter
    bool operator==(const statement&) const = default;

    template <class T>
    const T* get() const noexcept {
        return std::get_if<T>(&node);
    }
    template <class T>
    T* get() noexcept {
        return std::get_if<T>(&node);
    }
};

/// "create_table", "delete", ... as in the output of `dmlib schema --json`.
DMLIB_DECL std::string_view name_of(statement_kind kind) noexcept;

/// True for the kinds that change tables, indexes, databases or sequences that are not temporary.
constexpr bool is_table_ddl(statement_kind kind) noexcept {
    return kind <= statement_kind::drop_sequence;
}
/// True for INSERT, UPDATE, DELETE, REPLACE, LOAD and others that change rows.
DMLIB_DECL bool is_dml(statement_kind kind) noexcept;

/// Upper-case and lower-case of ASCII letters only, as the grammar's words are compared.
DMLIB_DECL std::string ascii_lower(std::string_view text);

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sql/impl/ast.ipp>
#endif
