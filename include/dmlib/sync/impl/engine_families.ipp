#pragma once

#include <dmlib/sync/engine.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

// Tables of the source that share a table of the target. One value may have another image in each
// of them (DECIMAL(10,2) and DECIMAL(12,2), latin1 and utf8mb4), and so another hash: rows that
// meet on the target would not be ordered. What such a column holds is not known to the lanes.

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

/// Columns with the same text of this kind have the same image of the same value.
inline std::string image_kind(const schema::column* c) {
    if (c == nullptr) return "none";
    std::string out = c->is_generated() ? "generated " : "";
    if (c->is_integer()) return out + "integer";
    return out + schema::column_type_text(*c, {}) + " " + c->charset;
}

}  // namespace internal

DMLIB_DECL void sync_engine::find_families() {
    families_.emplace();
    for (const auto& t : definitions_.definitions().tables()) {
        if (t->is_view || t->is_sequence) continue;
        const auto decision = rules_.decide(t->full_name());
        if (decision->replicate) (*families_)[decision->target].tables.push_back(t->full_name());
    }
    std::erase_if(*families_, [](const auto& f) { return f.second.tables.size() < 2; });
}

/// The tables that share the target's, and none where it is one table's own.
DMLIB_DECL std::span<const table_name> sync_engine::family_of(const table_name& target) {
    if (!families_) find_families();
    const auto at = families_->find(target);
    return at == families_->end() ? std::span<const table_name>{} : at->second.tables;
}

/// Looked for once for all tables of the family.
DMLIB_DECL std::vector<std::string> sync_engine::unlike_columns(const table_name& target,
                                                                const schema::table& goal) {
    const auto tables = family_of(target);
    if (tables.empty()) return {};
    family& f = families_->at(target);
    if (!f.unlike) f.unlike = unlike_in(tables, goal);
    return *f.unlike;
}

DMLIB_DECL std::vector<std::string> sync_engine::unlike_in(std::span<const table_name> tables,
                                                           const schema::table& goal) const {
    std::vector<std::string> out;
    for (const schema::key& k : goal.keys) {
        if (!k.is_unique()) continue;
        for (const auto& part : k.parts) {
            if (part.column.empty() || std::find(out.begin(), out.end(), part.column) != out.end())
                continue;
            std::set<std::string> kinds;
            for (const table_name& n : tables) {
                const auto t = definitions_.definitions().find(n.schema, n.table);
                if (!t) continue;
                const std::size_t i = t->find_column(part.column);
                kinds.insert(internal::image_kind(i == schema::npos ? nullptr : &t->columns[i]));
            }
            if (kinds.size() > 1) out.push_back(part.column);
        }
    }
    return out;
}

/// Looked for once, too.
DMLIB_DECL const table_name& sync_engine::placed_of(family& f) const {
    if (f.placed) return *f.placed;
    const auto used = [this](const table_name& n) {
        const auto known = stored_keys_.find(folded(n));
        return known != stored_keys_.end() && known->second.used;
    };
    const auto at = std::find_if(f.tables.begin(), f.tables.end(), used);
    return f.placed.emplace(at == f.tables.end() ? table_name{} : *at);
}

/// Rows of another table of the family went to lanes while other columns of it were alike.
DMLIB_DECL std::optional<std::string> sync_engine::placed_otherwise(const table_state& t) {
    if (family_of(t.decision->target).empty()) return std::nullopt;
    const table_name& other = placed_of(families_->at(t.decision->target));
    if (other.table.empty() || stored_keys_.at(folded(other)).unlike == t.unlike)
        return std::nullopt;
    return fmt::format("{} and {} share {}, and columns of its keys have become unlike or alike",
                       quoted(other),
                       quoted(t.decision->source),
                       quoted(t.decision->target));
}

DMLIB_DECL void sync_engine::note_placed(table_state& t, stored_keys& keys) {
    keys.used = true;
    keys.unlike = t.unlike;
    t.admitted = true;
    if (family_of(t.decision->target).empty()) return;
    auto& placed = families_->at(t.decision->target).placed;
    if (placed && placed->table.empty()) placed = t.decision->source;
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
