// Whose the tables of the meta schema are: their names begin with the task's, but a server may fold
// the case of names, so each table carries the task's exact name in its COMMENT.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/mysql/session.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

/// The table option that names the task: ` COMMENT='dmlib task NAME'`.
DMLIB_DECL std::string task_mark(std::string_view task);

/// The table `name` of the meta schema is this task's, is not there, or has no mark (tables that
/// were made before there were marks). Errors: checkpoint_read.
DMLIB_DECL result<void> check_task_mark(mysql::session& s,
                                        std::string_view meta_schema,
                                        std::string_view name,
                                        std::string_view task);

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/load/impl/meta_tables.ipp>
#endif
