// The GTIDs before a place that was given as file and offset.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/options.hpp>
#include <dmlib/mysql/server_facts.hpp>

#include <cstdint>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

/// All that a MySQL source had executed before a place of its binlog, read from the file of that
/// place. Empty where the file has none, and for places behind 4 GiB, which no stream begins at.
/// Errors: binlog_purged; db_privilege.
DMLIB_DECL result<gtid_set> gtids_before(const mysql::connect_options& source,
                                         const mysql::server_facts& facts,
                                         const binlog_position& place,
                                         std::uint32_t server_id);

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dump/impl/gtid_scan.ipp>
#endif
