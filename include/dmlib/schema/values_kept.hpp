// What becomes of the values that a column has when it gets another definition.
#pragma once

#include <dmlib/schema/table.hpp>

#include <cstdint>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

enum class values_kept : std::uint8_t {
    all,             ///< every value that the column may have stays what it is
    all_or_refused,  ///< in strict mode a server refuses the change where a value would not stay
    unknown,         ///< some may be changed, without an error also in strict mode
};

/// Values of `from` in a column that becomes `to`. Of two kinds of types (a text that becomes a
/// number) nothing is known, and of expressions only that equal ones make equal values.
DMLIB_DECL values_kept values_kept_by(const column& from, const column& to);

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/values_kept.ipp>
#endif
