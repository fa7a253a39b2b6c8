// MariaDB's binlog_alter_two_phase: an ALTER stands in the log twice, when it starts and when it
// took effect (or did not), with the same text. What follows the start may still be rows of the
// old definition.
#pragma once

#include <dmlib/binlog/transaction_tracker.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// True for the statement of a group that changes no table: only COMMIT ALTER does.
inline bool is_half_alter(const binlog::transaction_tracker& grammar) noexcept {
    using group = binlog::mariadb_gtid_event;
    return (grammar.mariadb_flags_extra() & (group::start_alter | group::rollback_alter)) != 0;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
