// Tables whose rows a statement takes away: removed, or moved to another table. Where several
// tables of the source have their rows in one table of the target, it would take all of them.
#pragma once

#include <dmlib/schema/catalog.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/transform/pattern.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// A name of the target, whose server may not tell upper from lower case.
inline table_name lowered(const table_name& n) {
    return {fold_case(n.schema), fold_case(n.table)};
}

struct leaving_rows {
    std::vector<table_name> tables;        ///< of the source, as they were named before
    bool moved = false;                    ///< they are in another table then
    event_kind event = event_kind::other;  ///< by which an event filter leaves the statement out
};

inline void add_partition_rows(const sql::alter_table_statement& alter, leaving_rows& out) {
    using kind = sql::partition_change_kind;
    for (const sql::alter_spec& spec : alter.specs) {
        const auto* const p = std::get_if<sql::partition_change>(&spec.change);
        if (p == nullptr) continue;
        const bool removed = p->kind == kind::drop || p->kind == kind::truncate;
        const bool moved = p->kind == kind::exchange || p->kind == kind::convert_to_table;
        if (removed || moved) out.tables.push_back(alter.table);
        // The rows of CONVERT TABLE go the other way.
        if ((p->kind == kind::exchange || p->kind == kind::convert_from_table) && p->table)
            out.tables.push_back(*p->table);
        out.moved = out.moved || moved || p->kind == kind::convert_from_table;
    }
}

/// `route`: where a table of the source has its rows.
inline leaving_rows rows_that_leave(const sql::statement& s,
                                    const schema::resolved_change& change,
                                    const schema::catalog& before,
                                    const std::function<table_name(const table_name&)>& route) {
    leaving_rows out;
    out.event = kind_of(s);
    out.tables = change.truncated;
    const auto holds_rows = [&](const table_name& n) {
        const auto t = before.find(n.schema, n.table);
        return t != nullptr && !t->is_sequence && !t->is_view;
    };
    const auto renamed = [&](const table_name& n) {
        return std::any_of(change.renamed.begin(), change.renamed.end(), [&](const auto& r) {
            return r.from == n;
        });
    };
    for (const table_name& n : change.dropped) {
        if (!renamed(n) && holds_rows(n)) out.tables.push_back(n);
    }
    for (const schema::table& t : change.created) {  // CREATE OR REPLACE
        if (holds_rows(t.full_name())) out.tables.push_back(t.full_name());
    }
    for (const auto& r : change.renamed) {
        if (route(r.from) == route(r.to) || !holds_rows(r.from)) continue;
        out.tables.push_back(r.from);
        out.moved = true;
    }
    if (const auto* const alter = s.get<sql::alter_table_statement>()) {
        add_partition_rows(*alter, out);
        const auto parts = parts_of(s);
        if (parts.size() == 1 && !parts.front().kinds.empty() &&
            parts.front().kinds.front() != event_kind::other)
            out.event = parts.front().kinds.front();
    }
    return out;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
