// Where the columns of a table's mappings stand in its row images.
#pragma once

#include <dmlib/sync/engine.hpp>
#include <dmlib/transform/mapper.hpp>

#include <algorithm>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// The places point into `mappings`.
inline result<std::vector<mapped_place>> place_mappings(const std::vector<column_mapping>& mappings,
                                                        const schema::checked_table& table) {
    std::vector<mapped_place> out;
    for (const column_mapping& m : mappings) {
        const auto own = mapped_column(m, *table.definition);
        if (!own) return own.error();
        const auto image = std::find(table.columns.begin(), table.columns.end(), *own);
        const schema::column& column = table.definition->columns[*own];
        if (image == table.columns.end()) {
            error e(errc::binlog_row_image,
                    "the rows of the binlog do not have column " + quoted_identifier(column.name) +
                        " that column mapping " + m.rule + " changes");
            return e.table(table.definition->schema, table.definition->name);
        }
        const bool has_default = column.default_value.kind != schema::default_kind::none &&
                                 column.default_value.kind != schema::default_kind::null;
        out.push_back({static_cast<std::uint32_t>(image - table.columns.begin()), &m, has_default});
    }
    return out;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
