// What happens where the target does not have a row as a change needs it (design, promise 3).
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/dml/row_operation.hpp>
#include <dmlib/model/names.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

/// For an UPDATE or DELETE that finds no row, and an INSERT or UPDATE that meets another row with
/// its key. Whatever else a target answers is an error under each of them.
enum class mismatch_policy : std::uint8_t {
    error,   ///< replication stops there
    warn,    ///< the change is left out and reported; replication goes on
    repair,  ///< the target's row is made what it is on the source, and reported
};

namespace dml {

/// What became of a change that met the target otherwise than it must.
enum class mismatch_outcome : std::uint8_t {
    left_out,     ///< warn: the target is as it was
    inserted,     ///< repair: an UPDATE found no row; the after image was inserted
    replaced,     ///< repair: the row that had the identity key gave way
    gone_before,  ///< repair: a DELETE found no row: it is as it has to be
};

/// One row for the report.
struct row_mismatch {
    row_operation operation = row_operation::insert;
    mismatch_outcome outcome = mismatch_outcome::left_out;
    bool missing = false;  ///< no row was found; false: another one has a unique value of it
    table_name source;
    std::string target;     ///< quoted
    std::string key;        ///< as SQL, "`id`=1"; cut where it is long
    std::string key_after;  ///< "" where the change leaves the key alone
    std::string file;       ///< of the binlog
    std::uint64_t position = 0;
};

DMLIB_DECL std::string_view to_string(mismatch_outcome o) noexcept;
/// One line: operation, table, key, position, what was done.
DMLIB_DECL std::string to_string(const row_mismatch& m);

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/mismatch.ipp>
#endif
