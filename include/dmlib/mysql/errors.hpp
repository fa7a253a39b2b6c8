// Server and client error numbers -> error codes of the library, by a table.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/mysql/options.hpp>

#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

/// The code for a number of a server (1062, ...) or of the client library (2013, ...). Numbers that
/// the table lacks give db_query_failed (source) or db_execute_failed (target).
DMLIB_DECL errc classify(int number, role side) noexcept;

/// The code for an error that ended a binlog stream: number and, for 1236, the server's sentence
/// (the only thing that tells a purged file from a duplicate server_id there).
DMLIB_DECL errc classify_stream_error(int number, std::string_view message) noexcept;

/// The error with code, number and message. `message` is the server's text.
DMLIB_DECL error make_server_error(int number, std::string_view message, role side);

/// True where the session cannot be used after an error with this number.
DMLIB_DECL bool ends_session(int number) noexcept;

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/mysql/impl/errors.ipp>
#endif
