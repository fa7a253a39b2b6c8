// The statements of one target transaction, built while rows are decoded: text and what must
// happen when it runs. Rows that touch no common key value may change places, so that they share
// statements; the others keep their order.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dml/impl/internal/key_levels.hpp>
#include <dmlib/dml/lanes.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

enum class row_operation : std::uint8_t { insert, update, remove };

/// How rows share a statement.
enum class statement_form : std::uint8_t {
    single,    ///< one row, or none (a switch of the session)
    inserts,   ///< INSERT ... VALUES (...), (...)
    replaces,  ///< REPLACE, in safe mode
    upserts,   ///< INSERT ... ON DUPLICATE KEY UPDATE of rows that are there
    removes,   ///< DELETE ... WHERE key IN (...)
};

/// One row of a statement that has several.
struct batch_row {
    std::size_t values = 0;  ///< "(1,'a')", in batch::sql; not of removes
    std::size_t values_size = 0;
    std::size_t condition = 0;  ///< "`id`=1", in batch::conditions; of upserts and removes
    std::size_t condition_size = 0;
    std::uint32_t file = 0;  ///< in batch::files
    std::uint64_t position = 0;
};

/// One statement of a batch and what its result must be.
struct batch_statement {
    std::size_t offset = 0;  ///< in batch::sql
    std::size_t length = 0;
    row_operation operation = row_operation::insert;
    statement_form form = statement_form::single;
    std::uint32_t rows = 0;
    std::uint32_t affected = 0;  ///< rows that the server must report
    bool checked = false;        ///< false: `affected` is not known (safe mode, switches)
    std::shared_ptr<const table_plan> plan;  ///< null for statements that touch no table
    std::uint32_t file = 0;                  ///< in batch::files: of the first row, for errors
    std::uint64_t position = 0;
    std::size_t first_row = 0;  ///< in batch::grouped, where form is not single
};

struct batch_limits {
    std::uint32_t rows = 100;
    std::size_t bytes = std::size_t{1} << 20;            ///< of a batch
    std::size_t statement_bytes = std::size_t{1} << 18;  ///< of a statement of several rows
};

/// Collects rows. After close(), `sql` is the text: statements separated by ';' without one at the
/// end. Not thread safe.
class batch {
public:
    std::string sql;
    std::vector<batch_statement> statements;
    std::vector<batch_row> grouped;
    std::string conditions;
    std::vector<std::string> files;  ///< of the binlog
    std::uint32_t rows = 0;

    bool empty() const noexcept { return rows == 0; }
    /// Bytes of memory, about.
    std::size_t bytes() const noexcept {
        return sql.capacity() + conditions.capacity() + pending_ +
               statements.capacity() * sizeof(batch_statement) +
               grouped.capacity() * sizeof(batch_row);
    }
    bool full(const batch_limits& limits) const noexcept {
        return rows >= limits.rows || pending_ >= limits.bytes;
    }

    /// What is said of a row besides its values.
    struct place {
        std::string_view file;  ///< where it stands in the binlog, for errors
        std::uint64_t pos = 0;
        /// The row may change others by foreign key actions: the target has to carry them out.
        bool foreign_keys = false;
        bool safe_mode = false;
    };
    /// `keys`: what collect_keys() says of the row: rows without a common key commute.
    DMLIB_DECL void insert(const std::shared_ptr<const table_plan>& plan,
                           std::span<const value_view> after,
                           std::span<const std::uint64_t> keys,
                           const batch_limits& limits,
                           place where);
    DMLIB_DECL void update(const std::shared_ptr<const table_plan>& plan,
                           std::span<const value_view> before,
                           std::span<const value_view> after,
                           std::span<const std::uint64_t> keys,
                           const batch_limits& limits,
                           place where);
    DMLIB_DECL void remove(const std::shared_ptr<const table_plan>& plan,
                           std::span<const value_view> before,
                           std::span<const std::uint64_t> keys,
                           const batch_limits& limits,
                           place where);

    /// Puts the rows into `sql` and `statements`, ending with the session as every batch finds it.
    /// Call once, when nothing follows.
    DMLIB_DECL void close();

private:
    /// Rows that become one statement. Groups of one level commute; levels run in order.
    struct group {
        std::shared_ptr<const table_plan> plan;
        row_operation operation = row_operation::insert;
        statement_form form = statement_form::single;
        std::uint32_t level = 0;
        bool foreign_keys = false;
        bool lenient = false;
        bool checked = false;
        bool open = true;        ///< takes more rows
        std::string text;        ///< the row tuples; of a single form its statement
        std::string single;      ///< the statement of the first row alone, where it is another one
        std::string conditions;  ///< one behind the other
        std::vector<batch_row> rows;
    };

    group& group_for(const std::shared_ptr<const table_plan>& plan,
                     row_operation op,
                     statement_form form,
                     std::span<const std::uint64_t> keys,
                     place where);
    void add_row(group& g, place where, std::size_t text_before, std::size_t condition_before);
    void count(std::size_t bytes) noexcept { pending_ += bytes; }
    std::uint32_t file_number(std::string_view name);
    void emit(const group& g);
    void emit_several(const group& g);
    void begin(const group& g);
    void end(std::uint32_t rows_of, std::uint32_t affected, bool checked);
    void switch_mode(bool lenient);
    void switch_foreign_keys(bool on);
    static void append_where(std::string& out,
                             const table_plan& plan,
                             std::span<const value_view> image);
    static void append_condition(std::string& out,
                                 const table_plan& plan,
                                 std::span<const value_view> image);
    static void append_values(std::string& out,
                              const table_plan& plan,
                              std::span<const value_view> image);
    static void append_update(std::string& out,
                              const table_plan& plan,
                              std::span<const value_view> before,
                              std::span<const value_view> after);
    static bool lenient(const table_plan& plan, std::span<const value_view> image) noexcept;
    static bool may_upsert(const table_plan& plan,
                           std::span<const value_view> before,
                           std::span<const value_view> after) noexcept;

    std::vector<group> groups_;
    internal::key_levels levels_;
    std::size_t pending_ = 0;
    bool foreign_keys_ = false;
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
