#pragma once

#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/impl/internal/unnoticed_change.hpp>
#include <dmlib/dml/partial_image.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

DMLIB_DECL batch_statement& batch::begin(const std::shared_ptr<const table_plan>& plan,
                                         row_operation op,
                                         place where) {
    if (!sql.empty()) sql.push_back(';');
    batch_statement& s = statements.emplace_back();
    s.offset = sql.size();
    s.operation = op;
    s.plan = plan;
    s.position_file = std::string(where.file);
    s.position = where.pos;
    return s;
}

DMLIB_DECL void batch::end(std::uint32_t rows_expected, bool checked) {
    batch_statement& s = statements.back();
    s.length = sql.size() - s.offset;
    s.rows = rows_expected;
    s.checked = checked;
}

DMLIB_DECL void batch::mode(bool is_lenient) {
    begin(nullptr, row_operation::insert, {});
    sql += "SET SESSION sql_mode='";
    sql += is_lenient ? lenient_mode : strict_mode;
    sql += '\'';
    end(0, false);
}

DMLIB_DECL void batch::foreign_keys(bool on) {
    if (on == foreign_keys_) return;
    begin(nullptr, row_operation::insert, {});
    sql += on ? "SET SESSION foreign_key_checks=1" : "SET SESSION foreign_key_checks=0";
    end(0, false);
    foreign_keys_ = on;
}

DMLIB_DECL void batch::close() {
    foreign_keys(false);
}

DMLIB_DECL bool batch::lenient(const table_plan& plan, std::span<const value_view> image) noexcept {
    if (!plan.any_enum) return false;
    for (const auto& c : plan.columns) {
        if (c.writer.needs_lenient_mode(image[c.image_column])) return true;
    }
    return false;
}

DMLIB_DECL void batch::append_values(const table_plan& plan, std::span<const value_view> image) {
    char before = '(';
    for (const auto& c : plan.columns) {
        sql.push_back(before);
        const value_view& value = image[c.image_column];
        if (value.is_absent() && c.omitted) {
            sql += *c.omitted;
        } else {
            c.writer.append(sql, value);
        }
        before = ',';
    }
    if (plan.columns.empty()) sql.push_back('(');
    sql += plan.insert_tail;
    sql.push_back(')');
}

DMLIB_DECL void batch::append_where(const table_plan& plan, std::span<const value_view> image) {
    const char* between = " WHERE ";
    for (const std::uint32_t index : finder_for(plan, image)) {
        const auto& c = plan.columns[index];
        sql += between;
        if (plan.keyless) {
            c.writer.append_identical(sql, c.quoted_name, image[c.image_column]);
        } else {
            c.writer.append_equal(sql, c.quoted_name, image[c.image_column]);
        }
        between = " AND ";
    }
    sql += plan.where_tail;
    sql += " LIMIT 1";
}

DMLIB_DECL void batch::insert(const std::shared_ptr<const table_plan>& plan,
                              std::span<const value_view> after,
                              const batch_limits& limits,
                              place where,
                              bool safe_mode) {
    ++rows;
    foreign_keys(where.foreign_keys);
    const bool lax = lenient(*plan, after);
    if (lax) mode(true);
    const bool joins =
        !lax && !statements.empty() && statements.back().operation == row_operation::insert &&
        statements.back().plan == plan && statements.back().length < limits.statement_bytes;
    if (joins) {
        sql.push_back(',');
        append_values(*plan, after);
        end(statements.back().rows + 1, !safe_mode);
        return;
    }
    begin(plan, row_operation::insert, where);
    sql += safe_mode ? plan->replace_head : plan->insert_head;
    append_values(*plan, after);
    end(1, !safe_mode);
    if (lax) mode(false);
}

DMLIB_DECL void batch::update(const std::shared_ptr<const table_plan>& plan,
                              std::span<const value_view> before,
                              std::span<const value_view> after,
                              place where,
                              bool safe_mode) {
    if (safe_mode && !plan->keyless && has_all_columns(*plan, after)) {
        remove(plan, before, where, true);
        --rows;  // one change of the source
        insert(plan, after, {}, where, true);
        return;
    }
    if (const auto* c = internal::unnoticed_change(*plan, before, after)) {
        if (!where.foreign_keys && !plan->may_lack_rows && has_all_columns(*plan, after)) {
            remove(plan, before, where, safe_mode);
            --rows;  // one change of the source
            insert(plan, after, {}, where, safe_mode);
            return;
        }
        if (!internal::finds_by(*plan, before, *c)) {
            foreign_keys(where.foreign_keys);
            begin(plan, row_operation::update, where);
            sql += "UPDATE " + plan->quoted_target + " SET " + c->quoted_name + '=' +
                   internal::other_member(*c);
            append_where(*plan, before);
            end(1, !safe_mode && !plan->may_lack_rows);
        }
    }
    ++rows;
    foreign_keys(where.foreign_keys);
    const bool lax = lenient(*plan, after);
    if (lax) mode(true);
    begin(plan, row_operation::update, where);
    sql += "UPDATE ";
    sql += plan->quoted_target;
    const char* between = " SET ";
    for (const auto& c : plan->columns) {
        const value_view& value = after[c.image_column];
        if (value.is_absent()) continue;
        sql += between;
        sql += c.quoted_name;
        sql.push_back('=');
        c.writer.append(sql, value);
        between = ",";
    }
    if (*between == ' ') {
        // Only columns changed that the target computes itself: the row has to be there all the
        // same.
        const auto& c = plan->columns[finder_for(*plan, before).front()];
        sql += between + c.quoted_name + '=' + c.quoted_name;
    }
    append_where(*plan, before);
    end(1, !safe_mode && !plan->may_lack_rows);
    if (lax) mode(false);
}

DMLIB_DECL void batch::remove(const std::shared_ptr<const table_plan>& plan,
                              std::span<const value_view> before,
                              place where,
                              bool safe_mode) {
    ++rows;
    foreign_keys(where.foreign_keys);
    begin(plan, row_operation::remove, where);
    sql += "DELETE FROM ";
    sql += plan->quoted_target;
    append_where(*plan, before);
    end(1, !safe_mode && !plan->may_lack_rows);
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
