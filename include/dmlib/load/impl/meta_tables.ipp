#pragma once

#include <dmlib/load/meta_tables.hpp>

#include <fmt/format.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

namespace internal {
inline constexpr std::string_view mark_begin = "dmlib task ";
}  // namespace internal

DMLIB_DECL std::string task_mark(std::string_view task) {
    return " COMMENT=" + quoted_literal(std::string(internal::mark_begin) + std::string(task));
}

DMLIB_DECL result<void> check_task_mark(mysql::session& s,
                                        std::string_view meta_schema,
                                        std::string_view name,
                                        std::string_view task) {
    // By bytes: the collation of information_schema finds other names, too. Folded where the server
    // folds table names: there the name that is stored need not be the one that was written.
    const auto found = s.query(
        fmt::format("SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA={} AND "
                    "HEX(IF(@@lower_case_table_names=0, TABLE_NAME, LOWER(TABLE_NAME)))="
                    "HEX(IF(@@lower_case_table_names=0, {}, LOWER({})))",
                    quoted_literal(meta_schema),
                    quoted_literal(name),
                    quoted_literal(name)));
    if (!found) return found.error();
    for (std::size_t i = 0; i < found->size(); ++i) {
        std::string_view owner = found->text(i, 0);
        if (!owner.starts_with(internal::mark_begin)) continue;
        owner.remove_prefix(internal::mark_begin.size());
        if (owner == task) continue;
        error e(errc::checkpoint_read,
                fmt::format("The checkpoint of task '{}' would be in {}, which is task '{}''s: the "
                            "target takes names that differ only in case for one.",
                            task,
                            quoted({std::string(meta_schema), std::string(name)}),
                            owner));
        e.workaround("Give the task another name, or another meta-schema.");
        return e;
    }
    return {};
}

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib
