// The statements of one target transaction, built while rows are decoded: text and what must
// happen when it runs.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dml/lanes.hpp>
#include <dmlib/dml/row_operation.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

/// One statement of a batch and what its result must be.
struct batch_statement {
    std::size_t offset = 0;  ///< in batch::sql
    std::size_t length = 0;
    row_operation operation = row_operation::insert;
    std::uint32_t rows = 0;  ///< rows it must affect; 0: not checked (safe mode, mode switches)
    bool checked = false;
    std::shared_ptr<const table_plan> plan;  ///< null for statements that touch no table
    std::string position_file;               ///< of the first row, for errors
    std::uint64_t position = 0;
};

struct batch_limits {
    std::uint32_t rows = 100;
    std::size_t bytes = std::size_t{1} << 20;            ///< of a batch
    std::size_t statement_bytes = std::size_t{1} << 18;  ///< of one multi-row INSERT
};

/// Collects rows as SQL text. Statements are separated by ';' without one at the end. Not thread
/// safe.
class batch {
public:
    std::string sql;
    std::vector<batch_statement> statements;
    std::uint32_t rows = 0;

    bool empty() const noexcept { return statements.empty(); }
    /// Bytes of memory, about.
    std::size_t bytes() const noexcept {
        return sql.capacity() + statements.capacity() * sizeof(batch_statement);
    }
    bool full(const batch_limits& limits) const noexcept {
        return rows >= limits.rows || sql.size() >= limits.bytes;
    }

    /// `where`: the row's place in the binlog, for errors.
    struct place {
        std::string_view file;
        std::uint64_t pos = 0;
        /// The row may change others by foreign key actions: the target has to carry them out.
        bool foreign_keys = false;
    };
    /// INSERT; joins the statement before it where that is an INSERT into the same table.
    DMLIB_DECL void insert(const std::shared_ptr<const table_plan>& plan,
                           std::span<const value_view> after,
                           const batch_limits& limits,
                           place where,
                           bool safe_mode);
    DMLIB_DECL void update(const std::shared_ptr<const table_plan>& plan,
                           std::span<const value_view> before,
                           std::span<const value_view> after,
                           place where,
                           bool safe_mode);
    DMLIB_DECL void remove(const std::shared_ptr<const table_plan>& plan,
                           std::span<const value_view> before,
                           place where,
                           bool safe_mode);

    /// Ends the batch with the session as every batch finds it. Call once, when nothing follows.
    DMLIB_DECL void close();

private:
    batch_statement& begin(const std::shared_ptr<const table_plan>& plan,
                           row_operation op,
                           place where);
    void end(std::uint32_t rows_expected, bool checked);
    void mode(bool lenient);
    void append_where(const table_plan& plan, std::span<const value_view> image);
    void append_values(const table_plan& plan, std::span<const value_view> image);
    void foreign_keys(bool on);
    bool foreign_keys_ = false;
    static bool lenient(const table_plan& plan, std::span<const value_view> image) noexcept;
};

/// sql_mode of every target session: strict, and every value of the source's is storable.
inline constexpr std::string_view strict_mode =
    "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";
/// For a statement with a value that only lax servers store (ENUM's error value).
inline constexpr std::string_view lenient_mode =
    "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/batch.ipp>
#endif
