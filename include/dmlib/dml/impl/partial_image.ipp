#pragma once

#include <dmlib/dml/partial_image.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

inline bool has_columns(const table_plan& plan,
                        std::span<const std::uint32_t> columns,
                        std::span<const value_view> image) noexcept {
    return std::all_of(columns.begin(), columns.end(), [&](std::uint32_t i) {
        return !image[plan.columns[i].image_column].is_absent();
    });
}

/// Names of the written columns that an image lacks, as far as `counts` says that it matters.
template <class Counts>
std::string missing_columns(const table_plan& plan,
                            std::span<const value_view> image,
                            const Counts& counts) {
    std::string out;
    for (const auto& c : plan.columns) {
        if (!image[c.image_column].is_absent() || !counts(c)) continue;
        if (!out.empty()) out += ", ";
        out += c.quoted_name;
    }
    return out;
}

inline error image_fault(const table_plan& plan,
                         std::string_view which,
                         const std::string& columns,
                         std::string_view why) {
    error e{errc::binlog_row_image,
            fmt::format("the {} image of a row lacks {}: {}", which, columns, why)};
    e.table(plan.source.schema, plan.source.table);
    return e;
}

inline bool touches_unique_key(const table_plan& plan, std::span<const value_view> after) noexcept {
    for (const auto& key : plan.keys) {
        for (const auto& part : key.parts) {
            if (!part.in_image || !after[part.image_column].is_absent()) return true;
        }
    }
    return false;
}

}  // namespace internal

DMLIB_DECL std::span<const std::uint32_t> finder_for(const table_plan& plan,
                                                     std::span<const value_view> image) noexcept {
    if (internal::has_columns(plan, plan.where, image)) return plan.where;
    for (const auto& other : plan.other_where) {
        if (internal::has_columns(plan, other, image)) return other;
    }
    return plan.where;
}

DMLIB_DECL result<void> check_values(const table_plan& plan, std::span<const value_view> after) {
    if (!plan.any_refusing) return {};
    for (const auto& c : plan.columns) {
        auto fine = c.writer.check(after[c.image_column]);
        if (fine) continue;
        error e(fine.error().code(),
                fmt::format("column {}: {}", c.quoted_name, fine.error().message()));
        e.workaround(std::string(fine.error().workaround()));
        return e.table(plan.source.schema, plan.source.table);
    }
    return {};
}

DMLIB_DECL bool has_all_columns(const table_plan& plan,
                                std::span<const value_view> image) noexcept {
    return std::none_of(plan.columns.begin(), plan.columns.end(), [&](const written_column& c) {
        return image[c.image_column].is_absent();
    });
}

DMLIB_DECL void complete_after(std::span<const value_view> before,
                               std::span<value_view> after) noexcept {
    for (std::size_t i = 0; i < after.size() && i < before.size(); ++i) {
        if (after[i].is_absent()) after[i] = before[i];
    }
}

DMLIB_DECL result<void> check_images(const table_plan& plan,
                                     row_operation operation,
                                     std::span<const value_view> before,
                                     std::span<const value_view> after,
                                     bool safe_mode) {
    if (operation == row_operation::insert) {
        const auto missing = internal::missing_columns(
            plan, after, [](const written_column& c) { return !c.omitted; });
        if (missing.empty()) return {};
        return internal::image_fault(
            plan, "after", missing, "what the source stored there is not known");
    }
    if (!internal::has_columns(plan, finder_for(plan, before), before)) {
        const auto missing =
            internal::missing_columns(plan, before, [](const written_column&) { return true; });
        return internal::image_fault(
            plan, "before", missing, "no unique key of the target's table finds the row");
    }
    if (operation == row_operation::update) {
        const auto missing = internal::missing_columns(
            plan, after, [](const written_column& c) { return c.uncertain; });
        if (!missing.empty()) {
            return internal::image_fault(
                plan,
                "after",
                missing,
                "the source computes it, and MariaDB does not log what it is now");
        }
    }
    if (operation == row_operation::update && safe_mode && !plan.keyless &&
        !has_all_columns(plan, after) && internal::touches_unique_key(plan, after)) {
        const auto missing =
            internal::missing_columns(plan, after, [](const written_column&) { return true; });
        return internal::image_fault(
            plan, "after", missing, "in safe mode an update of a key needs every column");
    }
    return {};
}

DMLIB_DECL result<void> check_found(const table_plan& plan, std::span<const value_view> before) {
    if (!plan.any_fit || before.empty()) return {};
    for (const std::uint32_t index : finder_for(plan, before)) {
        const written_column& c = plan.columns[index];
        const value_view& v = before[c.image_column];
        if (c.fit && c.fit->crosses() && c.fit->changes(v))
            return c.fit->fault(plan.source, plan.target, v);
    }
    return {};
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
