// A copy that begins where rows are already. Without a key nothing on the target would notice that
// they are the same rows.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/router.hpp>

#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

/// Whose copy it is.
struct copy_owner {
    std::string meta_schema;
    std::string task;  ///< "" = none yet
    std::string source_id;
    std::string server_identity;       ///< of the source; "" = not known
    std::vector<std::string> sources;  ///< source-ids of the whole task
};

/// True where the target has a key without NULL that what comes from the source fills: a row that
/// is written twice is then an error. A key of columns that the target fills by itself is none.
DMLIB_DECL bool has_telling_key(const schema::table& target,
                                const schema::table& source,
                                const std::vector<extracted_column>& extracted);

/// True where an earlier run finished this source's copy.
DMLIB_DECL result<bool> copy_is_done(mysql::session& s, const copy_owner& owner);

/// For a table without such a key that `owner` is to copy. Fine where the target's table is empty,
/// or where this task's ledger says that it copies into it: then the rows are its own. Errors:
/// load_target_not_empty, and those of the server.
DMLIB_DECL result<void> rows_stay_single(mysql::session& s,
                                         const copy_owner& owner,
                                         const table_name& source,
                                         const table_name& target);

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/load/impl/doubled_rows.ipp>
#endif
