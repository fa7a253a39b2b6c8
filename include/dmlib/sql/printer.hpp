// Statements to text, and the changes that routing and splitting make to statements.
#pragma once

#include <dmlib/model/names.hpp>
#include <dmlib/sql/ast.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

struct print_options {
    target_dialect dialect = target_dialect::mysql;
    bool no_backslash_escapes = false;  ///< the session that will read the text has that sql_mode
    std::string charset = "utf8mb4";    ///< of the names and strings in the statement
};

/// One statement as text without a delimiter. parse(print(parse(x))) == parse(x) under the default
/// sql_mode of print_options' dialect. Names are always in backquotes.
DMLIB_DECL std::string print(const statement& s, const print_options& options = {});
DMLIB_DECL std::string print(const expression& e, const print_options& options = {});
DMLIB_DECL std::string print(const data_type& t, const print_options& options = {});
DMLIB_DECL std::string print(const column_definition& c, const print_options& options = {});
DMLIB_DECL std::string print(const key_definition& k, const print_options& options = {});
DMLIB_DECL std::string print(const foreign_key_definition& k, const print_options& options = {});
DMLIB_DECL std::string print(const table_element& e, const print_options& options = {});
DMLIB_DECL std::string print(const partition_clause& p, const print_options& options = {});
DMLIB_DECL std::string print(const table_option& o, const print_options& options = {});
/// The change alone, as it stands behind ALTER TABLE t.
DMLIB_DECL std::string print(const alter_spec& s, const print_options& options = {});
/// A constant with its introducer.
DMLIB_DECL std::string print(const literal& l, const print_options& options = {});

/// Where a name stands in a statement.
enum class name_role : std::uint8_t {
    subject,     ///< the table that is created, altered, dropped, renamed (old name)
    new_name,    ///< the new name of a rename
    like,        ///< CREATE TABLE ... LIKE x
    referenced,  ///< REFERENCES x
    member,      ///< UNION=(x), EXCHANGE PARTITION ... WITH TABLE x, CONVERT ... TABLE x
};
/// Calls `f` for every table name of a table DDL statement; `f` may change it. Names inside the
/// query of CREATE ... SELECT and inside expressions are not visited.
DMLIB_DECL void visit_tables(statement& s, const std::function<void(table_name&, name_role)>& f);
DMLIB_DECL void visit_tables(const statement& s,
                             const std::function<void(const table_name&, name_role)>& f);

/// Fills in `default_schema` wherever a table name has no schema. A REFERENCES without a schema
/// means the schema of the child.
DMLIB_DECL void qualify_tables(statement& s, const std::string& default_schema);

/// Cuts an ALTER TABLE into one statement per change, in order. ALGORITHM, LOCK and other words of
/// execution go with each. A rename moves the rest of the statements to the new name, as it comes
/// last in effect.
DMLIB_DECL std::vector<statement> split_alter(const statement& s);

/// Takes change number `index` out. Preconditions: s is an ALTER TABLE with more than `index`
/// specs.
DMLIB_DECL statement without_spec(const statement& s, std::size_t index);

/// Column references of an expression, in order, with repeats.
DMLIB_DECL std::vector<std::string> columns_of(const expression& e);
/// Renames a column (ASCII case-insensitively) wherever the expression refers to it.
DMLIB_DECL void rename_column_in(expression& e, const std::string& from, const std::string& to);
/// Renames the qualifier `from` of columns to `to` ("" drops it).
DMLIB_DECL void rename_qualifier_in(expression& e, const std::string& from, const std::string& to);

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sql/impl/printer.ipp>
#endif
