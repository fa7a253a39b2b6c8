// The kinds of row changes.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

enum class row_operation : std::uint8_t { insert, update, remove };

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
