// Text to statements.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/sql/options.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

/// Turns "ANSI_QUOTES,NO_BACKSLASH_ESCAPES" (also combination modes such as ANSI, ORACLE) into
/// bits. Unknown names are ignored: they do not change the grammar.
DMLIB_DECL std::uint64_t parse_sql_mode(std::string_view names, dmlib::flavor flavor);

/// Parses one statement, with or without a final `;`.
/// Errors: sync-ddl-unparsed, with line:column (1-based) and what was expected. Only table DDL can
/// fail; every other statement is classified.
DMLIB_DECL result<statement> parse_statement(std::string_view text, const parse_options& options);

/// Parses one scalar expression, such as a row filter's or a default's.
DMLIB_DECL result<expression> parse_expression(std::string_view text, const parse_options& options);

/// Parses a data type with its attributes, such as "varchar(20) character set latin1".
DMLIB_DECL result<data_type> parse_data_type(std::string_view text, const parse_options& options);

/// The kind by the first words; reads only as far as needed and never fails.
DMLIB_DECL statement_kind classify(std::string_view text, const parse_options& options);

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sql/impl/parser.ipp>
#endif
