// How much of the source's order the target shows.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// What stays together on the target.
enum class apply_order : std::uint8_t {
    row,  ///< changes of one row keep their order; a source transaction may be seen in parts
    transaction,  ///< source transactions stay whole and commit in the source's order
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
