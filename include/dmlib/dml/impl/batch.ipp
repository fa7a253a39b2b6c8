#pragma once

#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/impl/internal/row_text.hpp>
#include <dmlib/dml/impl/internal/unnoticed_change.hpp>
#include <dmlib/dml/partial_image.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

DMLIB_DECL std::optional<row_operation> merged_operation(row_operation first,
                                                         row_operation second,
                                                         bool can_replace) noexcept {
    using enum row_operation;
    if (first == insert && second == update) return insert;
    if (first == update && second != insert) return second;
    if (first == remove && second == insert && can_replace) return update;
    return std::nullopt;
}

DMLIB_DECL std::uint32_t batch::file_number(std::string_view name) {
    if (files.empty() || files.back() != name) files.emplace_back(name);
    return static_cast<std::uint32_t>(files.size() - 1);
}

// ---- where a row stands

namespace internal {

/// The rows of one statement of this form take effect one after the other.
inline bool keeps_order(statement_form form) noexcept {
    return form != statement_form::single && form != statement_form::removes;
}

inline bool stays_in_order(const table_plan& plan, const batch::place& where) noexcept {
    return where.in_order || where.safe_mode || plan.in_order;
}

}  // namespace internal

// A row stands behind every row that shares a key value with it. Where both belong to one INSERT
// or upsert, the order inside that statement is enough.
DMLIB_DECL std::uint32_t batch::level_for(const plan_pointer& plan,
                                          const kind& what,
                                          std::span<const std::uint64_t> keys,
                                          const place& where) {
    const auto joins = [&](const group& g) {
        return internal::keeps_order(what.form) && g.form == what.form && g.plan == plan &&
               g.columns == what.columns && g.foreign_keys == where.foreign_keys &&
               !where.foreign_keys && g.open;
    };
    if (internal::stays_in_order(*plan, where)) {
        const bool last_is_alone = !groups_.empty() && floor_ == highest_ &&
                                   groups_.back().level == highest_ && joins(groups_.back());
        return last_is_alone ? highest_ : highest_ + 1;
    }
    std::uint32_t level = floor_ + 1;
    for (const std::uint64_t key : keys) {
        const auto* last = levels_.find(key);
        if (last == nullptr || last->level <= floor_) continue;
        level = std::max(level, joins(groups_[last->group]) ? last->level : last->level + 1);
    }
    return level;
}

DMLIB_DECL std::size_t batch::group_at(std::uint32_t level,
                                       const plan_pointer& plan,
                                       const kind& what,
                                       const place& where) {
    const bool several = what.form != statement_form::single && !where.foreign_keys;
    if (several) {
        for (std::size_t i = several_.size(); i-- > 0;) {
            const group& g = groups_[several_[i]];
            if (g.level != level || g.form != what.form || g.columns != what.columns ||
                g.plan != plan)
                continue;
            if (g.open) return several_[i];
            break;
        }
    }
    const std::size_t at = groups_.size();
    if (several) several_.push_back(static_cast<std::uint32_t>(at));
    group& g = groups_.emplace_back();
    g.plan = plan;
    g.operation = what.operation;
    g.form = what.form;
    g.columns = what.columns;
    g.level = level;
    g.foreign_keys = where.foreign_keys;
    highest_ = std::max(highest_, level);
    return at;
}

DMLIB_DECL batch::group& batch::group_for(const plan_pointer& plan,
                                          const kind& what,
                                          std::span<const std::uint64_t> keys,
                                          const place& where) {
    const std::uint32_t level = level_for(plan, what, keys, where);
    const std::size_t at = group_at(level, plan, what, where);
    group& g = groups_[at];
    if (internal::stays_in_order(*plan, where)) floor_ = level;
    for (const std::uint64_t key : keys) {
        const auto* last = levels_.find(key);
        internal::key_levels::entry e;
        e.key = key;
        e.level = level;
        e.group = static_cast<std::uint32_t>(at);
        if (what.form != statement_form::single && keys.size() == 1)
            e.row = static_cast<std::uint32_t>(g.rows.size());
        e.shared = last != nullptr && last->level == level;
        levels_.put(e);
    }
    g.checked =
        !where.safe_mode && (!plan->may_lack_rows || what.operation == row_operation::insert);
    return g;
}

/// `wanted`, or every column where there are many kinds of it already.
DMLIB_DECL std::uint64_t batch::columns_for(const table_plan& plan, std::uint64_t wanted) {
    constexpr std::size_t kinds = 8;
    if (internal::count_columns(plan, wanted) == plan.columns.size()) return all_columns;
    const std::pair<const table_plan*, std::uint64_t> one{&plan, wanted};
    if (std::find(narrow_.begin(), narrow_.end(), one) != narrow_.end()) return wanted;
    if (narrow_.size() >= kinds) return all_columns;
    narrow_.push_back(one);
    return wanted;
}

// ---- rows

DMLIB_DECL void batch::stamp(group_row& r, const place& where) {
    r.at.file = file_number(where.file);
    r.at.position = where.pos;
}

DMLIB_DECL batch::group_row& batch::add_row(group& g, const place& where) {
    group_row& r = g.rows.emplace_back();
    ++g.live;
    stamp(r, where);
    pending_ += 16;
    return r;
}

DMLIB_DECL void batch::kill(group& g, group_row& r) {
    r.dead = true;
    --g.live;
}

DMLIB_DECL void batch::put_values(group& g, group_row& r, image after) {
    r.at.values = g.text.size();
    r.at.ends = g.ends.size();
    internal::append_values(
        g.text, *g.plan, after, g.columns, g.form == statement_form::upserts ? &g.ends : nullptr);
    r.at.values_size = g.text.size() - r.at.values;
    pending_ += r.at.values_size;
}

DMLIB_DECL void batch::put_condition(group& g, group_row& r, image key_of) {
    r.at.condition = g.conditions.size();
    internal::append_condition(g.conditions, *g.plan, key_of);
    r.at.condition_size = g.conditions.size() - r.at.condition;
    pending_ += r.at.condition_size;
}

DMLIB_DECL void batch::add_upsert(group& g,
                                  image key_of,
                                  image after,
                                  std::uint64_t old_values,
                                  const batch_limits& limits,
                                  const place& where) {
    group_row& r = add_row(g, where);
    r.old_values = old_values;
    put_values(g, r, after);
    put_condition(g, r, key_of);
    keep_row(g, r, key_of, after, limits);
    if (g.text.size() >= limits.statement_bytes) g.open = false;
}

DMLIB_DECL void batch::add_remove(group& g,
                                  image before,
                                  std::uint64_t old_values,
                                  const batch_limits& limits,
                                  const place& where) {
    group_row& r = add_row(g, where);
    r.old_values = old_values;
    put_condition(g, r, before);
    keep_row(g, r, before, {}, limits);
    if (g.plan->in_list) {
        const auto& c = g.plan->columns[g.plan->where.front()];
        r.at.values = g.text.size();
        c.writer.append(g.text, before[c.image_column]);
        r.at.values_size = g.text.size() - r.at.values;
    }
    if (g.conditions.size() >= limits.statement_bytes) g.open = false;
}

DMLIB_DECL void batch::add_single(group& g,
                                  std::size_t text_before,
                                  image before,
                                  image after,
                                  const batch_limits& limits,
                                  const place& where) {
    group_row& r = add_row(g, where);
    pending_ += g.text.size() - text_before;
    keep_row(g, r, before, after, limits);
}

/// What a lane needs that goes on behind a row that is not as it must be.
DMLIB_DECL void batch::keep_row(
    group& g, group_row& r, image before, image after, const batch_limits& limits) {
    if (!limits.whole_rows) return;
    keeps_rows_ = true;
    if (r.at.condition_size == 0) put_condition(g, r, before.empty() ? after : before);
    r.at.whole = !after.empty() && has_all_columns(*g.plan, after);
    if (before.empty() || !r.at.whole || g.plan->keyless) return;
    const std::size_t end = g.conditions.size();
    internal::append_condition(g.conditions, *g.plan, after);
    const std::string_view all = g.conditions;
    if (all.substr(end) == all.substr(r.at.condition, r.at.condition_size)) {
        g.conditions.resize(end);
    } else {
        r.at.taken_size = g.conditions.size() - end;
        pending_ += r.at.taken_size;
    }
}

// ---- successive changes of one row

// Only of tables with one unique key: then rows with another key value are no concern of it. The
// hash says where to look, the text of the condition whether it is the same row.
DMLIB_DECL std::optional<batch::earlier> batch::find_earlier(const table_plan& plan,
                                                             image key_of,
                                                             std::span<const std::uint64_t> keys,
                                                             const batch_limits& limits,
                                                             const place& where) {
    if (!limits.compact || !plan.can_upsert || keys.size() != 1 || where.foreign_keys ||
        internal::stays_in_order(plan, where))
        return std::nullopt;
    const auto* entry = levels_.find(keys.front());
    if (entry == nullptr || entry->shared || entry->level <= floor_ ||
        entry->row == internal::key_levels::none)
        return std::nullopt;
    group& g = groups_[entry->group];
    group_row& r = g.rows[entry->row];
    if (g.plan.get() != &plan || g.foreign_keys || r.dead) return std::nullopt;
    scratch_.clear();
    internal::append_condition(scratch_, plan, key_of);
    if (std::string_view(g.conditions).substr(r.at.condition, r.at.condition_size) != scratch_)
        return std::nullopt;
    return earlier{*entry, &r};
}

DMLIB_DECL bool batch::merge(const plan_pointer& plan,
                             row_operation op,
                             image before,
                             image after,
                             std::uint64_t columns,
                             std::span<const std::uint64_t> keys,
                             const batch_limits& limits,
                             const place& where) {
    const image key_of = before.empty() ? after : before;
    const auto last = find_earlier(*plan, key_of, keys, limits, where);
    if (!last) return false;
    group& g = groups_[last->entry.group];
    const auto net = merged_operation(g.operation, op, plan->can_replace);
    if (!net || (*net == row_operation::update && last->row->old_values == 0)) return false;
    if (g.form == statement_form::upserts) columns |= g.columns;
    const bool in_place =
        *net == row_operation::insert ||
        (*net == row_operation::update && g.form == statement_form::upserts &&
         columns == g.columns && internal::fingerprint(*plan, after) != last->row->old_values);
    if (in_place) {
        put_values(g, *last->row, after);
        last->row->at.whole = limits.whole_rows;
        stamp(*last->row, where);
    } else {
        put_merged(plan, *net, *last, key_of, after, columns, limits, where);
    }
    ++rows;
    return true;
}

// The earlier row was the only one with its key in its level: what takes its place may stand in
// any group of that level.
DMLIB_DECL void batch::put_merged(const plan_pointer& plan,
                                  row_operation op,
                                  const earlier& last,
                                  image key_of,
                                  image after,
                                  std::uint64_t columns,
                                  const batch_limits& limits,
                                  const place& where) {
    const std::uint64_t old_values = last.row->old_values;
    kill(groups_[last.entry.group], *last.row);
    // Changed and changed back: an upsert would not say whether the row was there.
    const bool same =
        op == row_operation::update && internal::fingerprint(*plan, after) == old_values;
    kind what{op, statement_form::upserts};
    if (op == row_operation::remove) what.form = statement_form::removes;
    if (same) what.form = statement_form::single;
    if (what.form == statement_form::upserts) what.columns = columns_for(*plan, columns);
    auto entry = last.entry;
    entry.group = static_cast<std::uint32_t>(group_at(entry.level, plan, what, where));
    group& g = groups_[entry.group];
    g.checked = true;
    entry.row = same ? internal::key_levels::none : static_cast<std::uint32_t>(g.rows.size());
    if (same) {
        internal::append_update(g.text, *plan, key_of, after);
        add_single(g, 0, key_of, after, limits, where);
    } else if (op == row_operation::remove) {
        add_remove(g, key_of, old_values, limits, where);
    } else {
        add_upsert(g, key_of, after, old_values, limits, where);
    }
    levels_.put(entry);
}

// ---- the three changes

DMLIB_DECL void batch::insert(const plan_pointer& plan,
                              image after,
                              std::span<const std::uint64_t> keys,
                              const batch_limits& limits,
                              place where) {
    const bool lax = internal::lenient(*plan, after);
    if (!lax && plan->can_replace && has_all_columns(*plan, after) &&
        merge(plan, row_operation::insert, {}, after, all_columns, keys, limits, where))
        return;
    const statement_form form = lax               ? statement_form::single
                                : where.safe_mode ? statement_form::replaces
                                                  : statement_form::inserts;
    group& g = group_for(plan, {row_operation::insert, form}, keys, where);
    ++rows;
    g.lenient = lax;
    if (lax) {
        g.text = where.safe_mode ? plan->replace_head : plan->insert_head;
        internal::append_values(g.text, *plan, after, all_columns, nullptr);
        return add_single(g, 0, {}, after, limits, where);
    }
    group_row& r = add_row(g, where);
    put_values(g, r, after);
    if (plan->can_upsert && limits.compact) put_condition(g, r, after);
    keep_row(g, r, {}, after, limits);
    if (g.text.size() >= limits.statement_bytes) g.open = false;
}

DMLIB_DECL void batch::update(const plan_pointer& plan,
                              image before,
                              image after,
                              std::span<const std::uint64_t> keys,
                              const batch_limits& limits,
                              place where) {
    if (where.safe_mode && !plan->keyless && has_all_columns(*plan, after)) {
        remove(plan, before, keys, limits, where);
        --rows;  // one change of the source
        insert(plan, after, keys, limits, where);
        return;
    }
    if (const auto* c = internal::unnoticed_change(*plan, before, after)) {
        if (!where.foreign_keys && !plan->may_lack_rows && has_all_columns(*plan, after)) {
            batch_limits apart = limits;
            apart.compact = false;  // as one change it would be this update again
            remove(plan, before, keys, apart, where);
            --rows;  // one change of the source
            insert(plan, after, keys, apart, where);
            return;
        }
        if (!internal::finds_by(*plan, before, *c)) {
            const kind alone{row_operation::update, statement_form::single};
            group& first = group_for(plan, alone, keys, where);
            first.text += "UPDATE " + plan->quoted_target + " SET " + c->quoted_name + '=' +
                          internal::other_member(*c);
            internal::append_kept(first.text, *plan, after);
            internal::append_where(first.text, *plan, before);
            add_single(first, 0, before, {}, limits, where);
        }
    }
    const bool lax = internal::lenient(*plan, after);
    // A row that fills the batch goes alone: its UPDATE is made once, where its values are.
    bool upsert = !lax && !where.foreign_keys && internal::may_upsert(*plan, before, after) &&
                  !internal::is_large(after, limits.bytes);
    const std::uint64_t changed = !upsert ? 0
                                  : limits.whole_rows
                                      ? all_columns
                                      : internal::changed_columns(*plan, before, after);
    if (upsert && merge(plan, row_operation::update, before, after, changed, keys, limits, where))
        return;
    const std::uint64_t old_values = upsert ? internal::fingerprint(*plan, before) : 0;
    // Nothing changes that the target has: an upsert would not say whether the row was there.
    if (upsert && old_values == internal::fingerprint(*plan, after)) upsert = false;
    kind what{row_operation::update, statement_form::single};
    if (upsert) what = {what.operation, statement_form::upserts, columns_for(*plan, changed)};
    group& g = group_for(plan, what, keys, where);
    ++rows;
    g.lenient = lax;
    if (upsert) return add_upsert(g, before, after, old_values, limits, where);
    internal::append_update(g.text, *plan, before, after);
    add_single(g, 0, before, after, limits, where);
}

DMLIB_DECL void batch::remove(const plan_pointer& plan,
                              image before,
                              std::span<const std::uint64_t> keys,
                              const batch_limits& limits,
                              place where) {
    // A row that another key finds goes alone.
    const bool several = !plan->keyless && !where.foreign_keys &&
                         finder_for(*plan, before).data() == plan->where.data();
    if (several && merge(plan, row_operation::remove, before, {}, all_columns, keys, limits, where))
        return;
    const kind what{row_operation::remove,
                    several ? statement_form::removes : statement_form::single};
    group& g = group_for(plan, what, keys, where);
    ++rows;
    if (several) {
        const bool known = plan->can_replace && has_all_columns(*plan, before);
        const std::uint64_t old_values = known ? internal::fingerprint(*plan, before) : 0;
        return add_remove(g, before, old_values, limits, where);
    }
    g.text += "DELETE FROM ";
    g.text += plan->quoted_target;
    internal::append_where(g.text, *plan, before);
    add_single(g, 0, before, {}, limits, where);
}

// ---- to text

DMLIB_DECL void batch::begin(const group& g) {
    if (!sql.empty()) sql.push_back(';');
    batch_statement& s = statements.emplace_back();
    s.offset = sql.size();
    s.operation = g.operation;
    s.plan = g.plan;
    s.foreign_keys = g.foreign_keys;
    if (g.rows.empty()) return;
    s.file = g.rows.front().at.file;
    s.position = g.rows.front().at.position;
}

DMLIB_DECL void batch::end(std::uint32_t rows_of, std::uint32_t affected, bool checked) {
    batch_statement& s = statements.back();
    s.length = sql.size() - s.offset;
    s.rows = rows_of;
    s.affected = affected;
    s.checked = checked;
}

DMLIB_DECL void batch::switch_mode(bool is_lenient) {
    begin({});
    sql += "SET SESSION sql_mode='";
    sql += is_lenient ? lenient_mode : strict_mode;
    sql += '\'';
    end(0, 0, false);
}

DMLIB_DECL void batch::switch_foreign_keys(bool on) {
    if (on == foreign_keys_) return;
    begin({});
    sql += on ? "SET SESSION foreign_key_checks=1" : "SET SESSION foreign_key_checks=0";
    end(0, 0, false);
    foreign_keys_ = on;
}

namespace internal {

/// Texts from here on are not copied.
inline constexpr std::size_t large_text = std::size_t{1} << 20;

}  // namespace internal

/// Whether the group's text is that of one row and nothing else: values that later changes took the
/// place of stay in it.
DMLIB_DECL bool batch::is_one_large_text(const group& g) noexcept {
    if (g.text.size() < internal::large_text || g.rows.size() != 1 || g.lenient) return false;
    return g.form == statement_form::single ||
           (g.form == statement_form::inserts && g.rows[0].at.values_size == g.text.size());
}

/// A row of megabytes is not copied: what stands before it goes in front of it.
DMLIB_DECL void batch::emit_large(group& g) {
    begin(g);
    if (g.form == statement_form::inserts) sql += g.plan->insert_head;
    g.text.insert(0, sql);
    sql = std::move(g.text);
    end(1, 1, g.checked);
    emit_kept(g, g.rows[0].at);
}

/// The row of a statement that has one.
DMLIB_DECL void batch::emit_kept(const group& g, const batch_row& row) {
    if (!keeps_rows_) return;
    statements.back().first_row = grouped.size();
    batch_row& kept = grouped.emplace_back(row);
    kept.values = kept.values_size = kept.ends = 0;
    kept.condition = conditions.size();
    conditions.append(g.conditions, row.condition, row.condition_size + row.taken_size);
}

DMLIB_DECL void batch::emit(group& g) {
    if (g.live == 0) return;
    switch_foreign_keys(g.foreign_keys);
    if (g.live > 1) return emit_several(g);
    if (is_one_large_text(g)) return emit_large(g);
    if (g.lenient) switch_mode(true);
    begin(g);
    const batch_row& r =
        std::find_if(g.rows.begin(), g.rows.end(), [](const group_row& x) { return !x.dead; })->at;
    if (g.form == statement_form::single) {
        sql += g.text;
    } else {
        internal::append_alone(
            sql,
            *g.plan,
            g.form,
            g.columns,
            std::string_view(g.text).substr(r.values, r.values_size),
            std::span(g.ends).subspan(r.ends),
            std::string_view(g.conditions).substr(r.condition, r.condition_size));
    }
    end(1, 1, g.checked);
    emit_kept(g, r);
    if (g.lenient) switch_mode(false);
}

DMLIB_DECL void batch::emit_several(const group& g) {
    begin(g);
    batch_statement& s = statements.back();
    s.form = g.form;
    s.columns = g.columns;
    s.first_row = grouped.size();
    const bool removes = g.form == statement_form::removes;
    if (removes) {
        sql += "DELETE FROM ";
        sql += g.plan->quoted_target;
        sql += " WHERE ";
    } else if (g.form == statement_form::upserts) {
        internal::append_upsert_head(sql, *g.plan, g.columns);
    } else {
        sql += g.form == statement_form::replaces ? g.plan->replace_head : g.plan->insert_head;
    }
    const char* between = "";
    const char* following = ",";
    const char* last = "";
    if (removes && g.plan->in_list) {
        sql += g.plan->columns[g.plan->where.front()].quoted_name;
        sql += " IN (";
        last = ")";
    } else if (removes) {
        between = "(";
        following = ") OR (";
        last = ")";
    }
    const bool by_condition = removes && !g.plan->in_list;
    for (const group_row& r : g.rows) {
        if (r.dead) continue;
        sql += between;
        between = following;
        batch_row& kept = grouped.emplace_back(r.at);
        kept.values = sql.size();
        kept.condition = conditions.size();
        kept.ends = ends.size();
        if (by_condition) {
            sql.append(g.conditions, r.at.condition, r.at.condition_size);
        } else {
            sql.append(g.text, r.at.values, r.at.values_size);
        }
        conditions.append(g.conditions, r.at.condition, r.at.condition_size);
        if (g.form == statement_form::upserts) {
            const auto some =
                std::span(g.ends).subspan(r.at.ends, internal::count_columns(*g.plan, g.columns));
            ends.insert(ends.end(), some.begin(), some.end());
        }
    }
    sql += last;
    if (g.form == statement_form::upserts) internal::append_upsert_tail(sql, *g.plan, g.columns);
    // An upsert counts 2 for a row that it changed, 1 for one that it had to make or that was so
    // already.
    end(g.live, g.form == statement_form::upserts ? 2 * g.live : g.live, g.checked);
}

DMLIB_DECL void batch::append_alone(std::string& out,
                                    const batch_statement& statement,
                                    const batch_row& row) const {
    internal::append_alone(out,
                           *statement.plan,
                           statement.form,
                           statement.columns,
                           std::string_view(sql).substr(row.values, row.values_size),
                           std::span(ends).subspan(row.ends),
                           std::string_view(conditions).substr(row.condition, row.condition_size));
}

DMLIB_DECL void batch::close(std::string_view opening) {
    std::vector<group*> order;
    order.reserve(groups_.size());
    std::size_t bytes = 0;
    for (group& g : groups_) {
        order.push_back(&g);
        if (!is_one_large_text(g)) bytes += g.text.size() + g.conditions.size() + 256;
    }
    std::stable_sort(order.begin(), order.end(), [](const group* a, const group* b) {
        return a->level < b->level;
    });
    sql.reserve(bytes + 1024);
    sql = opening;
    for (group* g : order) {
        emit(*g);
        g->text = {};
    }
    switch_foreign_keys(false);
    groups_ = {};
    several_ = {};
    narrow_ = {};
    levels_ = {};
    scratch_ = {};
    highest_ = floor_ = 0;
    pending_ = 0;
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
