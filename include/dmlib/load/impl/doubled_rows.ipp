#pragma once

#include <dmlib/load/doubled_rows.hpp>
#include <dmlib/load/target_tables.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

namespace internal {

inline bool fills(const schema::table& source,
                  const std::vector<extracted_column>& extracted,
                  const std::string& column) {
    if (source.find_column(column) != schema::npos) return true;
    return std::any_of(extracted.begin(), extracted.end(), [&](const extracted_column& x) {
        return schema::same_name(x.column, column);
    });
}

// Tables of the meta schema that are not there are empty ones.
inline result<mysql::result_set> query_ledger(mysql::session& s, const std::string& sql) {
    auto rows = s.query(sql);
    if (rows || (rows.error().server_errno() != 1146 && rows.error().server_errno() != 1049))
        return rows;
    return s.query("SELECT 1 LIMIT 0");
}

inline error doubled(const table_name& source, const table_name& target, const std::string& why) {
    error e(errc::load_target_not_empty,
            "The target's table " + quoted(target) +
                " has rows and no key that tells rows apart, and " + why +
                ": the rows of a copy would stand beside the same ones, if these are there.");
    e.workaround("TRUNCATE TABLE " + quoted(target) +
                 " on the target if its rows are the source's; else route " + quoted(source) +
                 " to another table (route-rules), or give the target's table a primary key of the "
                 "source's columns. Where an earlier run of this task was meant to go on: give "
                 "name, source-id and meta-schema back the values that they had.");
    return e.table(source.schema, source.table);
}

}  // namespace internal

DMLIB_DECL bool has_telling_key(const schema::table& target,
                                const schema::table& source,
                                const std::vector<extracted_column>& extracted) {
    return std::any_of(target.keys.begin(), target.keys.end(), [&](const schema::key& k) {
        return k.is_unique() && !k.parts.empty() &&
               std::all_of(k.parts.begin(), k.parts.end(), [&](const schema::key_part& p) {
                   const std::size_t at =
                       p.column.empty() ? schema::npos : target.find_column(p.column);
                   return at != schema::npos && !target.columns[at].nullable &&
                          internal::fills(source, extracted, p.column);
               });
    });
}

DMLIB_DECL result<bool> copy_is_done(mysql::session& s, const copy_owner& owner) {
    if (owner.task.empty()) return false;
    const auto rows = internal::query_ledger(
        s,
        "SELECT copy_done FROM " + quoted({owner.meta_schema, owner.task + "_dmlib_copy"}) +
            " WHERE source_id=" + quoted_literal(owner.source_id));
    if (!rows) return rows.error();
    return !rows->empty() && rows->text(0, 0) == "1";
}

DMLIB_DECL result<void> rows_stay_single(mysql::session& s,
                                         const copy_owner& owner,
                                         const table_name& source,
                                         const table_name& target) {
    // Rows first, the ledger after them: another source of the task writes its ledger before rows.
    const auto empty = is_empty_table(s, target);
    if (!empty) return empty.error();
    if (*empty) return {};
    if (owner.task.empty()) return internal::doubled(source, target, "no task copied into it yet");
    const std::string task = owner.task + "_dmlib_";
    const auto rows = internal::query_ledger(
        s,
        "SELECT t.source_id, c.server_identity, t.schema_name, t.table_name FROM " +
            quoted({owner.meta_schema, task + "copy_tables"}) + " t JOIN " +
            quoted({owner.meta_schema, task + "copy"}) +
            " c ON c.source_id = t.source_id WHERE t.copy_state <> 'gone' AND t.target_schema=" +
            quoted_literal(target.schema) + " AND t.target_table=" + quoted_literal(target.table));
    if (!rows) return rows.error();
    bool ours = false;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const std::string id(rows->text(i, 0));
        if (id == owner.source_id ||
            std::find(owner.sources.begin(), owner.sources.end(), id) != owner.sources.end()) {
            ours = true;
        } else if (rows->text(i, 1) == owner.server_identity && rows->text(i, 2) == source.schema &&
                   rows->text(i, 3) == source.table) {
            return internal::doubled(
                source, target, "this task copied the table before, as source " + id);
        }
    }
    if (ours) return {};
    return internal::doubled(source, target, "task " + owner.task + " did not copy into it yet");
}

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib
