// Row images that do not carry every column (binlog_row_image MINIMAL, NOBLOB, FULL_NODUP): which
// key finds the row, and whether what is missing can be done without.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dml/row_operation.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <cstdint>
#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

/// Indexes into plan.columns that find the row: those of the first unique key that the image has
/// whole, else plan.where.
DMLIB_DECL std::span<const std::uint32_t> finder_for(const table_plan& plan,
                                                     std::span<const value_view> image) noexcept;

/// True where the image has every column that is written.
DMLIB_DECL bool has_all_columns(const table_plan& plan, std::span<const value_view> image) noexcept;

/// Columns that an update's after image leaves out are unchanged: takes them from the before image
/// where that has them. Both spans have the same size.
DMLIB_DECL void complete_after(std::span<const value_view> before,
                               std::span<value_view> after) noexcept;

/// Whether the target can be told the values of an after image (column_writer::check). Errors:
/// db_data_too_long, with the column.
DMLIB_DECL result<void> check_values(const table_plan& plan, std::span<const value_view> after);

/// Whether the statement can be written from these images without a guess. An image that the
/// operation does not have is empty. Errors: binlog_row_image, with the columns that are missing.
DMLIB_DECL result<void> check_images(const table_plan& plan,
                                     row_operation operation,
                                     std::span<const value_view> before,
                                     std::span<const value_view> after,
                                     bool safe_mode);

/// Whether the values that find a row mean the same row on the target: in a column of another
/// family '007' would find 7. Errors: db_data_too_long with the value.
DMLIB_DECL result<void> check_found(const table_plan& plan, std::span<const value_view> before);

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/partial_image.ipp>
#endif
