// Values of constants.
#pragma once

#include <dmlib/sql/ast_expression.hpp>

#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

/// The bytes of a string, national, hex or bit literal (x'41' -> "A", b'1' -> "\x01"); the text of
/// a number, date or boolean; nothing for NULL.
DMLIB_DECL std::optional<std::string> bytes_of(const literal& l);
/// The number that an integer, hex, bit or boolean literal stands for, if it fits into 64 bits.
DMLIB_DECL std::optional<std::uint64_t> unsigned_of(const literal& l);
/// A literal, or a sign over one: the literal with the sign put into its text; else nothing.
DMLIB_DECL std::optional<literal> signed_literal(const expression& e);
/// A string literal node.
DMLIB_DECL expression string_expression(std::string bytes);
/// A column reference node.
DMLIB_DECL expression column_expression(std::string name);

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sql/impl/literal.ipp>
#endif
