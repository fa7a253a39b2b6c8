#pragma once

#include <dmlib/checkpoint/records.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

DMLIB_DECL std::strong_ordering compare(const row_point& a, const row_point& b) {
    const auto by_transaction = dmlib::compare(a.transaction, b.transaction);
    if (by_transaction != std::strong_ordering::equal) return by_transaction;
    if (a.event != b.event) return a.event <=> b.event;
    return a.row <=> b.row;
}

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib
