#pragma once

#include <dmlib/checkpoint/chunk_ledger.hpp>

#include <algorithm>
#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

DMLIB_DECL std::optional<key_number> key_number::parse(std::string_view text) noexcept {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    const char* const end = text.data() + text.size();
    if (text.front() == '-') {
        std::int64_t n = 0;
        const auto r = std::from_chars(text.data(), end, n);
        if (r.ec != std::errc{} || r.ptr != end) return std::nullopt;
        return of(n);
    }
    std::uint64_t n = 0;
    const auto r = std::from_chars(text.data(), end, n);
    if (r.ec != std::errc{} || r.ptr != end) return std::nullopt;
    return of_unsigned(n);
}

DMLIB_DECL std::optional<key_number> key_number::from_value(const value_view& v) noexcept {
    switch (v.kind) {
        case value_kind::int64:
            return of(v.i);
        case value_kind::uint64:
            return of_unsigned(v.u);
        case value_kind::text:
            return parse(v.text());
        default:
            return std::nullopt;
    }
}

DMLIB_DECL std::string to_string(const key_number& n) {
    if (n.not_negative) return std::to_string(n.bits);
    return std::to_string(static_cast<std::int64_t>(n.bits));
}

DMLIB_DECL std::strong_ordering compare(const key_cut& a, const key_cut& b) noexcept {
    if (a.before_all || b.before_all) return b.before_all <=> a.before_all;
    const std::size_t common = std::min(a.prefix.size(), b.prefix.size());
    for (std::size_t i = 0; i < common; ++i) {
        const auto order = a.prefix[i] <=> b.prefix[i];
        if (order != std::strong_ordering::equal) return order;
    }
    // What a prefix leaves out stands for "all of them", so the shorter one is behind.
    return b.prefix.size() <=> a.prefix.size();
}

DMLIB_DECL bool is_behind(key_view key, const key_cut& cut) noexcept {
    if (cut.before_all) return true;
    const std::size_t common = std::min(key.size(), cut.prefix.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (key[i] != cut.prefix[i]) return key[i] > cut.prefix[i];
    }
    return false;
}

DMLIB_DECL std::string to_string(const key_cut& cut) {
    if (cut.before_all) return "-";
    if (cut.prefix.empty()) return "+";
    std::string text;
    for (const key_number& n : cut.prefix) {
        if (!text.empty()) text += ',';
        text += to_string(n);
    }
    return text;
}

DMLIB_DECL std::optional<key_cut> parse_key_cut(std::string_view text) {
    if (text == "-") return key_cut::start();
    if (text == "+") return key_cut::end();
    key_tuple prefix;
    for (;;) {
        const std::size_t comma = text.find(',');
        const auto n = key_number::parse(text.substr(0, comma));
        if (!n) return std::nullopt;
        prefix.push_back(*n);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return key_cut::after(std::move(prefix));
}

DMLIB_DECL bool key_range::contains(key_view key) const noexcept {
    return is_behind(key, lower) && !is_behind(key, upper);
}

// ---- one table

DMLIB_DECL void table_chunks::note_position(const location& where) {
    if (records_.size() == 1) {
        earliest_ = latest_ = where;
        uniform_ = true;
        return;
    }
    if (dmlib::compare(where.position, earliest_.position) < 0) earliest_ = where;
    if (dmlib::compare(where.position, latest_.position) > 0) latest_ = where;
    uniform_ = uniform_ && earliest_ == where && latest_ == where;
}

DMLIB_DECL void table_chunks::recompute() {
    uniform_ = true;
    if (records_.empty()) return;
    earliest_ = latest_ = records_.front().position;
    for (const chunk_record& r : records_) {
        if (dmlib::compare(r.position.position, earliest_.position) < 0) earliest_ = r.position;
        if (dmlib::compare(r.position.position, latest_.position) > 0) latest_ = r.position;
        uniform_ = uniform_ && r.position == records_.front().position;
    }
}

DMLIB_DECL const location* table_chunks::position_for(key_view key) const noexcept {
    if (info_.state == copy_state::gone) return &info_.valid_from;
    if (records_.empty()) return nullptr;
    // The last chunk whose lower end the key is behind.
    const auto behind =
        std::partition_point(records_.begin(), records_.end(), [key](const chunk_record& r) {
            return is_behind(key, r.range.lower);
        });
    if (behind == records_.begin()) return nullptr;
    const chunk_record& found = *std::prev(behind);
    if (!found.done || !found.range.contains(key)) return nullptr;
    return &found.position;
}

DMLIB_DECL std::vector<key_range> table_chunks::gaps() const {
    std::vector<key_range> missing;
    if (info_.state == copy_state::gone) return missing;
    key_cut reached = key_cut::start();
    for (const chunk_record& r : records_) {
        if (!r.done) continue;
        if (compare(reached, r.range.lower) < 0) missing.push_back({reached, r.range.lower});
        reached = r.range.upper;
    }
    if (!reached.is_end()) missing.push_back({reached, key_cut::end()});
    return missing;
}

DMLIB_DECL bool table_chunks::complete() const {
    return info_.state == copy_state::gone || info_.state == copy_state::done || gaps().empty();
}

DMLIB_DECL std::uint64_t table_chunks::rows() const noexcept {
    std::uint64_t n = 0;
    for (const chunk_record& r : records_) n += r.done ? r.rows : 0;
    return n;
}

DMLIB_DECL std::uint64_t table_chunks::bytes() const noexcept {
    std::uint64_t n = 0;
    for (const chunk_record& r : records_) n += r.done ? r.bytes : 0;
    return n;
}

// ---- all tables

namespace internal {

inline error ledger_error(const chunk_record& r, const char* what) {
    error e(errc::checkpoint_read,
            "The ledger of the full copy contradicts itself: the chunk " + std::to_string(r.id) +
                " (" + to_string(r.range.lower) + " to " + to_string(r.range.upper) + ") " + what);
    e.table(r.table.schema, r.table.table);
    return e;
}

}  // namespace internal

DMLIB_DECL void chunk_ledger::put(copied_table t) {
    table_chunks& chunks = tables_[t.source];
    chunks.info_ = std::move(t);
}

DMLIB_DECL result<void> chunk_ledger::add(chunk_record r) {
    const auto found = tables_.find(r.table);
    if (found == tables_.end())
        return internal::ledger_error(r, "is of a table that is not listed");
    if (compare(r.range.lower, r.range.upper) >= 0)
        return internal::ledger_error(r, "ends before it begins");
    std::vector<chunk_record>& records = found->second.records_;
    auto place = std::partition_point(records.begin(), records.end(), [&r](const chunk_record& o) {
        return compare(o.range.lower, r.range.lower) < 0;
    });
    const bool replace =
        place != records.end() && place->id == r.id && place->range.lower == r.range.lower;
    const auto next = replace ? std::next(place) : place;
    const bool free_before =
        place == records.begin() || compare(std::prev(place)->range.upper, r.range.lower) <= 0;
    const bool free_behind =
        next == records.end() || compare(r.range.upper, next->range.lower) <= 0;
    if (!free_before || !free_behind) return internal::ledger_error(r, "overlaps another one");
    if (replace) {
        *place = std::move(r);
        found->second.recompute();
    } else {
        place = records.insert(place, std::move(r));
        found->second.note_position(place->position);
    }
    return {};
}

DMLIB_DECL void chunk_ledger::erase_chunk(const table_name& table, std::uint64_t id) {
    const auto found = tables_.find(table);
    if (found == tables_.end()) return;
    std::erase_if(found->second.records_, [id](const chunk_record& r) { return r.id == id; });
    found->second.recompute();
}

DMLIB_DECL void chunk_ledger::erase_chunks(const table_name& table) {
    const auto found = tables_.find(table);
    if (found == tables_.end()) return;
    found->second.records_.clear();
    found->second.recompute();
}

DMLIB_DECL void chunk_ledger::erase(const table_name& table) {
    tables_.erase(table);
}

DMLIB_DECL const table_chunks* chunk_ledger::find(const table_name& table) const {
    const auto found = tables_.find(table);
    return found == tables_.end() ? nullptr : &found->second;
}

DMLIB_DECL const location* chunk_ledger::earliest() const {
    const location* best = nullptr;
    for (const auto& [name, chunks] : tables_) {
        const location& here = chunks.earliest();
        if (!best || dmlib::compare(here.position, best->position) < 0) best = &here;
    }
    return best;
}

DMLIB_DECL const location* chunk_ledger::latest() const {
    const location* best = nullptr;
    for (const auto& [name, chunks] : tables_) {
        const location& here = chunks.latest();
        if (!best || dmlib::compare(here.position, best->position) > 0) best = &here;
    }
    return best;
}

DMLIB_DECL bool chunk_ledger::uniform() const {
    const location* first = nullptr;
    for (const auto& [name, chunks] : tables_) {
        if (!chunks.uniform()) return false;
        if (first && !(chunks.earliest() == *first)) return false;
        first = &chunks.earliest();
    }
    return true;
}

DMLIB_DECL bool chunk_ledger::complete() const {
    return std::all_of(
        tables_.begin(), tables_.end(), [](const auto& entry) { return entry.second.complete(); });
}

DMLIB_DECL std::uint64_t chunk_ledger::rows() const noexcept {
    std::uint64_t n = 0;
    for (const auto& [name, chunks] : tables_) n += chunks.rows();
    return n;
}

DMLIB_DECL std::uint64_t chunk_ledger::bytes() const noexcept {
    std::uint64_t n = 0;
    for (const auto& [name, chunks] : tables_) n += chunks.bytes();
    return n;
}

DMLIB_DECL std::vector<chunk_merge> merge_neighbours(const std::vector<chunk_record>& ordered) {
    std::vector<chunk_merge> merges;
    std::size_t i = 0;
    while (i < ordered.size()) {
        chunk_merge merge{ordered[i], {}};
        std::size_t next = i + 1;
        for (; next < ordered.size() && ordered[i].done; ++next) {
            const chunk_record& r = ordered[next];
            if (!r.done || !(r.range.lower == merge.merged.range.upper) ||
                !(r.position == merge.merged.position))
                break;
            merge.merged.range.upper = r.range.upper;
            merge.merged.rows += r.rows;
            merge.merged.bytes += r.bytes;
            merge.replaced.push_back(r.id);
        }
        if (!merge.replaced.empty()) merges.push_back(std::move(merge));
        i = next;
    }
    return merges;
}

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib
