// From the text of SHOW CREATE TABLE to a table's definition.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/schema/resolve.hpp>  // whose rules read the statement

#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

/// Reads a server's own SHOW CREATE TABLE text. Errors: schema_parse.
DMLIB_DECL result<table> table_from_show_create(std::string_view text,
                                                const server_kind& server,
                                                std::string_view schema_name);

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/show_create.ipp>
#endif
