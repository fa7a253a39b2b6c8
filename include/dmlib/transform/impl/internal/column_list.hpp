// The columns of a table for what a fault says.
#pragma once

#include <dmlib/model/names.hpp>
#include <dmlib/schema/table.hpp>

#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// "`id`, `v`"; of wide tables the first ones.
inline std::string column_list(const schema::table& table) {
    constexpr std::size_t most = 30;
    std::string out;
    std::size_t n = 0;
    for (const schema::column& c : table.columns) {
        if (c.hidden) continue;
        if (++n > most) return out + ", ...";
        out += (out.empty() ? "" : ", ") + quoted_identifier(c.name);
    }
    return out;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
