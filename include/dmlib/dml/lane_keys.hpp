// What decides the lanes of a table's rows, as a text that outlives the process. Two runs whose
// texts agree send a row to the same lane (of equally many), and rows that share a unique value
// wait for each other in both.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

/// One line each: the form of the text, the target's table, what the lane is the hash of, and the
/// other unique keys by which rows wait. A pure function of the plan.
DMLIB_DECL std::string lane_keys(const table_plan& plan);

/// In words, what differs such that rows that were applied by `former` cannot be told from those
/// that were not, or were not in the order that `now` asks for. Nothing: rows may go on. A unique
/// key less is such a case: rows had waited more than they have to.
DMLIB_DECL std::optional<std::string> lane_keys_differ(std::string_view former,
                                                       std::string_view now);

/// The keys of such a text, and its target's table with them, for people.
DMLIB_DECL std::string readable_lane_keys(std::string_view text);
DMLIB_DECL std::string readable_lane_target(std::string_view text);

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/lane_keys.ipp>
#endif
