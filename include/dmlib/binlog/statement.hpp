// What kind of statement a QUERY event holds, told by its first words. Real parsing is room sql's.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

enum class statement_class : std::uint8_t {
    begin,  ///< BEGIN, START TRANSACTION
    commit,
    rollback,
    savepoint,    ///< SAVEPOINT x, RELEASE SAVEPOINT
    rollback_to,  ///< ROLLBACK TO x
    xa_start,
    xa_end,
    xa_prepare,
    xa_commit,
    xa_rollback,
    dml,    ///< INSERT, UPDATE, DELETE, REPLACE, LOAD, CALL, DO, WITH, MERGE...
    ddl,    ///< CREATE, ALTER, DROP, RENAME, TRUNCATE
    dummy,  ///< "# Dum": a replaced event; does nothing
    other,  ///< GRANT, SET, FLUSH, ANALYZE, ...
    empty,
};

/// Looks at the first words; comments and versioned comments before them are passed over.
DMLIB_DECL statement_class classify_statement(std::string_view text) noexcept;

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/statement.ipp>
#endif
