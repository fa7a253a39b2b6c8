#pragma once

#include <dmlib/dml/batch.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

DMLIB_DECL std::uint32_t batch::file_number(std::string_view name) {
    if (files.empty() || files.back() != name) files.emplace_back(name);
    return static_cast<std::uint32_t>(files.size() - 1);
}

DMLIB_DECL bool batch::lenient(const table_plan& plan, std::span<const value_view> image) noexcept {
    if (!plan.any_enum) return false;
    for (const auto& c : plan.columns) {
        if (c.writer.needs_lenient_mode(image[c.image_column])) return true;
    }
    return false;
}

DMLIB_DECL void batch::append_values(std::string& out,
                                     const table_plan& plan,
                                     std::span<const value_view> image) {
    char before = '(';
    for (const auto& c : plan.columns) {
        out.push_back(before);
        c.writer.append(out, image[c.image_column]);
        before = ',';
    }
    if (plan.columns.empty()) out.push_back('(');
    out.push_back(')');
}

DMLIB_DECL void batch::append_condition(std::string& out,
                                        const table_plan& plan,
                                        std::span<const value_view> image) {
    const char* between = "";
    for (const std::uint32_t index : plan.where) {
        const auto& c = plan.columns[index];
        out += between;
        if (plan.keyless) {
            c.writer.append_identical(out, c.quoted_name, image[c.image_column]);
        } else {
            c.writer.append_equal(out, c.quoted_name, image[c.image_column]);
        }
        between = " AND ";
    }
}

DMLIB_DECL void batch::append_where(std::string& out,
                                    const table_plan& plan,
                                    std::span<const value_view> image) {
    if (!plan.where.empty()) out += " WHERE ";
    append_condition(out, plan, image);
    out += " LIMIT 1";
}

DMLIB_DECL void batch::append_update(std::string& out,
                                     const table_plan& plan,
                                     std::span<const value_view> before,
                                     std::span<const value_view> after) {
    out += "UPDATE ";
    out += plan.quoted_target;
    const char* between = " SET ";
    for (const auto& c : plan.columns) {
        const value_view& value = after[c.image_column];
        if (value.is_absent()) continue;
        out += between;
        out += c.quoted_name;
        out.push_back('=');
        c.writer.append(out, value);
        between = ",";
    }
    append_where(out, plan, before);
}

// The key stays byte for byte (an upsert leaves it alone), and every column has a value.
DMLIB_DECL bool batch::may_upsert(const table_plan& plan,
                                  std::span<const value_view> before,
                                  std::span<const value_view> after) noexcept {
    if (!plan.can_upsert) return false;
    for (const auto& c : plan.columns)
        if (after[c.image_column].is_absent()) return false;
    return std::all_of(plan.where.begin(), plan.where.end(), [&](std::uint32_t index) {
        const std::uint32_t image = plan.columns[index].image_column;
        return same_value(before[image], after[image]);
    });
}

// A row stands behind every row that shares a key value with it. Where both belong to one INSERT
// or upsert, the order inside that statement is enough.
DMLIB_DECL batch::group& batch::group_for(const std::shared_ptr<const table_plan>& plan,
                                          row_operation op,
                                          statement_form form,
                                          std::span<const std::uint64_t> keys,
                                          place where) {
    const bool ordered = form == statement_form::inserts || form == statement_form::replaces ||
                         form == statement_form::upserts;
    std::uint32_t level = 1;
    for (const std::uint64_t key : keys) {
        const auto* last = levels_.find(key);
        if (last == nullptr) continue;
        const group& g = groups_[last->group];
        const bool together = ordered && g.form == form && g.plan == plan &&
                              g.foreign_keys == where.foreign_keys && !g.lenient;
        level = std::max(level, together ? last->level : last->level + 1);
    }
    std::size_t found = groups_.size();
    if (form != statement_form::single && !where.foreign_keys) {
        for (std::size_t i = groups_.size(); i-- > 0;) {
            const group& g = groups_[i];
            if (g.level != level || g.form != form || g.plan != plan || g.foreign_keys) continue;
            if (g.open) found = i;
            break;
        }
    }
    if (found == groups_.size()) {
        group& g = groups_.emplace_back();
        g.plan = plan;
        g.operation = op;
        g.form = form;
        g.level = level;
        g.foreign_keys = where.foreign_keys;
    }
    for (const std::uint64_t key : keys) {
        levels_.put(key, level, static_cast<std::uint32_t>(found));
    }
    return groups_[found];
}

DMLIB_DECL void batch::add_row(group& g,
                               place where,
                               std::size_t text_before,
                               std::size_t condition_before) {
    batch_row& r = g.rows.emplace_back();
    r.values = text_before;
    r.values_size = g.text.size() - text_before;
    r.condition = condition_before;
    r.condition_size = g.conditions.size() - condition_before;
    r.file = file_number(where.file);
    r.position = where.pos;
    count(r.values_size + r.condition_size + 16);
    ++rows;
}

DMLIB_DECL void batch::insert(const std::shared_ptr<const table_plan>& plan,
                              std::span<const value_view> after,
                              std::span<const std::uint64_t> keys,
                              const batch_limits& limits,
                              place where) {
    const bool lax = lenient(*plan, after);
    const statement_form form = lax               ? statement_form::single
                                : where.safe_mode ? statement_form::replaces
                                                  : statement_form::inserts;
    group& g = group_for(plan, row_operation::insert, form, keys, where);
    g.checked = !where.safe_mode;
    g.lenient = lax;
    if (lax) g.text = where.safe_mode ? plan->replace_head : plan->insert_head;
    if (!g.rows.empty()) g.text.push_back(',');
    const std::size_t start = lax ? 0 : g.text.size();
    append_values(g.text, *plan, after);
    add_row(g, where, start, 0);
    if (g.text.size() >= limits.statement_bytes) g.open = false;
}

DMLIB_DECL void batch::update(const std::shared_ptr<const table_plan>& plan,
                              std::span<const value_view> before,
                              std::span<const value_view> after,
                              std::span<const std::uint64_t> keys,
                              const batch_limits& limits,
                              place where) {
    if (where.safe_mode && !plan->keyless) {
        remove(plan, before, keys, limits, where);
        --rows;  // one change of the source
        insert(plan, after, keys, limits, where);
        return;
    }
    const bool lax = lenient(*plan, after);
    const bool upsert = !lax && !where.foreign_keys && may_upsert(*plan, before, after);
    group& g = group_for(plan,
                         row_operation::update,
                         upsert ? statement_form::upserts : statement_form::single,
                         keys,
                         where);
    g.checked = !where.safe_mode;
    g.lenient = lax;
    if (!upsert) {
        append_update(g.text, *plan, before, after);
        add_row(g, where, 0, 0);
        return;
    }
    if (g.rows.empty()) {
        append_update(g.single, *plan, before, after);
    } else {
        g.text.push_back(',');
    }
    const std::size_t start = g.text.size(), condition = g.conditions.size();
    append_values(g.text, *plan, after);
    append_condition(g.conditions, *plan, before);
    add_row(g, where, start, condition);
    if (g.text.size() >= limits.statement_bytes) g.open = false;
}

DMLIB_DECL void batch::remove(const std::shared_ptr<const table_plan>& plan,
                              std::span<const value_view> before,
                              std::span<const std::uint64_t> keys,
                              const batch_limits& limits,
                              place where) {
    const bool several = !plan->keyless && !where.foreign_keys;
    group& g = group_for(plan,
                         row_operation::remove,
                         several ? statement_form::removes : statement_form::single,
                         keys,
                         where);
    g.checked = !where.safe_mode;
    if (!several || g.rows.empty()) {
        std::string& out = several ? g.single : g.text;
        out += "DELETE FROM ";
        out += plan->quoted_target;
        append_where(out, *plan, before);
    }
    if (!several) return add_row(g, where, 0, 0);
    const std::size_t condition = g.conditions.size(), value = g.text.size();
    append_condition(g.conditions, *plan, before);
    if (plan->in_list) {
        if (!g.rows.empty()) g.text.push_back(',');
        const auto& c = plan->columns[plan->where.front()];
        c.writer.append(g.text, before[c.image_column]);
    }
    add_row(g, where, value, condition);
    if (g.conditions.size() >= limits.statement_bytes) g.open = false;
}

// ---- to text

DMLIB_DECL void batch::begin(const group& g) {
    if (!sql.empty()) sql.push_back(';');
    batch_statement& s = statements.emplace_back();
    s.offset = sql.size();
    s.operation = g.operation;
    s.plan = g.plan;
    if (g.rows.empty()) return;
    s.file = g.rows.front().file;
    s.position = g.rows.front().position;
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

DMLIB_DECL void batch::emit(const group& g) {
    switch_foreign_keys(g.foreign_keys);
    if (g.rows.size() > 1) return emit_several(g);
    if (g.lenient) switch_mode(true);
    begin(g);
    if (g.form == statement_form::inserts) sql += g.plan->insert_head;
    if (g.form == statement_form::replaces) sql += g.plan->replace_head;
    sql += g.single.empty() ? g.text : g.single;
    end(1, 1, g.checked);
    if (g.lenient) switch_mode(false);
}

DMLIB_DECL void batch::emit_several(const group& g) {
    begin(g);
    batch_statement& s = statements.back();
    s.form = g.form;
    s.first_row = grouped.size();
    switch (g.form) {
        case statement_form::replaces:
            sql += g.plan->replace_head;
            break;
        case statement_form::removes:
            sql += "DELETE FROM ";
            sql += g.plan->quoted_target;
            sql += " WHERE ";
            break;
        default:
            sql += g.plan->insert_head;
            break;
    }
    const std::size_t text_at = sql.size();
    if (g.form != statement_form::removes) {
        sql += g.text;
    } else if (g.plan->in_list) {
        sql += g.plan->columns[g.plan->where.front()].quoted_name;
        sql += " IN (";
        sql += g.text;
        sql.push_back(')');
    } else {
        const char* between = "(";
        for (const batch_row& r : g.rows) {
            sql += between;
            sql.append(g.conditions, r.condition, r.condition_size);
            between = ") OR (";
        }
        sql.push_back(')');
    }
    if (g.form == statement_form::upserts) sql += g.plan->upsert_tail;
    for (batch_row r : g.rows) {
        r.values += text_at;
        r.condition += conditions.size();
        grouped.push_back(r);
    }
    conditions += g.conditions;
    const auto n = static_cast<std::uint32_t>(g.rows.size());
    // An upsert counts 2 for a row that it changed, 1 for one that it had to make.
    end(n, g.form == statement_form::upserts ? 2 * n : n, g.checked);
}

DMLIB_DECL void batch::close() {
    std::vector<const group*> order;
    order.reserve(groups_.size());
    for (const group& g : groups_) order.push_back(&g);
    std::stable_sort(order.begin(), order.end(), [](const group* a, const group* b) {
        return a->level < b->level;
    });
    std::size_t bytes = 64 * groups_.size();
    for (const group& g : groups_)
        bytes += std::max(g.text.size(), g.single.size()) + g.conditions.size() + 256;
    sql.reserve(bytes);
    for (const group* g : order) emit(*g);
    switch_foreign_keys(false);
    groups_ = {};
    levels_ = {};
    pending_ = 0;
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
