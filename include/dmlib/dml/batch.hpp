// The statements of one target transaction, built while rows are decoded: text and what must
// happen when it runs. Rows that touch no common key value may change places, so that they share
// statements; the others keep their order.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dml/detail/key_levels.hpp>
#include <dmlib/dml/lanes.hpp>
#include <dmlib/dml/row_operation.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

/// How rows share a statement.
enum class statement_form : std::uint8_t {
    single,    ///< one row, or none (a switch of the session)
    inserts,   ///< INSERT ... VALUES (...), (...)
    replaces,  ///< REPLACE, in safe mode
    upserts,   ///< INSERT ... ON DUPLICATE KEY UPDATE of rows that are there
    removes,   ///< DELETE ... WHERE key IN (...)
};

/// What two successive changes of one row come to; nothing: they stay two, since a check would be
/// lost (that the row was not there before an INSERT that a DELETE follows), or since they cannot
/// follow each other. `can_replace`: see table_plan.
DMLIB_DECL std::optional<row_operation> merged_operation(row_operation first,
                                                         row_operation second,
                                                         bool can_replace) noexcept;

/// One row of a statement that has several.
struct batch_row {
    std::size_t values = 0;  ///< "(1,'a')", in batch::sql; not of removes
    std::size_t values_size = 0;
    std::size_t condition = 0;  ///< "`id`=1", in batch::conditions; of upserts and removes
    std::size_t condition_size = 0;
    std::size_t ends = 0;    ///< in batch::ends; of upserts
    std::uint32_t file = 0;  ///< in batch::files; of the last change that the row stands for
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
    std::size_t first_row = 0;                  ///< in batch::grouped, where form is not single
    std::uint64_t columns = ~std::uint64_t{0};  ///< of an upsert: bit i is plan->columns[i]
};

struct batch_limits {
    std::uint32_t rows = 100;
    std::size_t bytes = std::size_t{1} << 20;            ///< of a batch
    std::size_t statement_bytes = std::size_t{1} << 18;  ///< of a statement of several rows
    bool compact = true;  ///< successive changes of one row become one where that can be checked
};

/// Collects rows. After close(), `sql` is the text: statements separated by ';' without one at the
/// end. Not thread safe.
class batch {
public:
    std::string sql;
    std::vector<batch_statement> statements;
    std::vector<batch_row> grouped;
    std::string conditions;
    /// Of each upserted row, where its values end, counted from batch_row::values.
    std::vector<std::uint32_t> ends;
    std::vector<std::string> files;  ///< of the binlog
    std::uint32_t rows = 0;          ///< changes of the source

    bool empty() const noexcept { return rows == 0; }
    /// Bytes of memory, about.
    std::size_t bytes() const noexcept {
        return sql.capacity() + conditions.capacity() + pending_ +
               ends.capacity() * sizeof(std::uint32_t) +
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
        /// `keys` does not say everything: the row stays behind all rows before it and in front of
        /// all rows behind it.
        bool in_order = false;
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
    /// Call once, when nothing follows. `opening`: a statement that goes before them, and is none
    /// of `statements`.
    DMLIB_DECL void close(std::string_view opening = {});

    /// After close(): the statement that makes the change of one row of a statement of several.
    /// One row has to be affected where the statement is checked.
    DMLIB_DECL void append_alone(std::string& out,
                                 const batch_statement& statement,
                                 const batch_row& row) const;

private:
    static constexpr std::uint64_t all_columns = ~std::uint64_t{0};
    using plan_pointer = std::shared_ptr<const table_plan>;
    using image = std::span<const value_view>;
    /// What rows of one statement have in common.
    struct kind {
        row_operation operation = row_operation::insert;
        statement_form form = statement_form::single;
        std::uint64_t columns = all_columns;
    };
    struct group_row {
        batch_row at;  // in the group's texts
        /// Of the values before the first of the changes that it stands for; 0: not known.
        std::uint64_t old_values = 0;
        bool dead = false;  // what it did stands elsewhere
    };
    /// Rows that become one statement. Groups of one level commute; levels run in order.
    struct group {
        std::shared_ptr<const table_plan> plan;
        row_operation operation = row_operation::insert;
        statement_form form = statement_form::single;
        std::uint32_t level = 0;
        std::uint64_t columns = all_columns;  // of upserts
        bool foreign_keys = false;
        bool lenient = false;
        bool checked = false;
        bool open = true;        // takes more rows
        std::string text;        // the row tuples; of a single form its statement
        std::string conditions;  // one behind the other
        std::vector<std::uint32_t> ends;
        std::vector<group_row> rows;
        std::uint32_t live = 0;
    };
    /// The place of a row's last change in this batch.
    struct earlier {
        internal::key_levels::entry entry;
        group_row* row = nullptr;
    };

    group& group_for(const plan_pointer& plan,
                     const kind& what,
                     std::span<const std::uint64_t> keys,
                     const place& where);
    std::uint32_t level_for(const plan_pointer& plan,
                            const kind& what,
                            std::span<const std::uint64_t> keys,
                            const place& where);
    std::size_t group_at(std::uint32_t level,
                         const plan_pointer& plan,
                         const kind& what,
                         const place& where);
    std::uint64_t columns_for(const table_plan& plan, std::uint64_t wanted);
    std::optional<earlier> find_earlier(const table_plan& plan,
                                        image key_of,
                                        std::span<const std::uint64_t> keys,
                                        const batch_limits& limits,
                                        const place& where);
    bool merge(const plan_pointer& plan,
               row_operation op,
               image before,
               image after,
               std::uint64_t columns,
               std::span<const std::uint64_t> keys,
               const batch_limits& limits,
               const place& where);
    void put_merged(const plan_pointer& plan,
                    row_operation op,
                    const earlier& last,
                    image key_of,
                    image after,
                    std::uint64_t columns,
                    const batch_limits& limits,
                    const place& where);
    void put_values(group& g, group_row& r, image after);
    void put_condition(group& g, group_row& r, image key_of);
    void add_single(group& g, std::size_t text_before, const place& where);
    group_row& add_row(group& g, const place& where);
    void add_upsert(group& g,
                    image key_of,
                    image after,
                    std::uint64_t old_values,
                    const batch_limits& limits,
                    const place& where);
    void add_remove(group& g,
                    image before,
                    std::uint64_t old_values,
                    const batch_limits& limits,
                    const place& where);
    void kill(group& g, group_row& r);
    void stamp(group_row& r, const place& where);
    std::uint32_t file_number(std::string_view name);
    void emit(group& g);
    void emit_large(group& g);
    static bool is_one_large_text(const group& g) noexcept;
    void emit_several(const group& g);
    void begin(const group& g);
    void end(std::uint32_t rows_of, std::uint32_t affected, bool checked);
    void switch_mode(bool lenient);
    void switch_foreign_keys(bool on);

    std::vector<group> groups_;
    std::vector<std::uint32_t> several_;  // groups that may take more rows
    /// Columns of upserts so far: too many kinds would make too many statements.
    std::vector<std::pair<const table_plan*, std::uint64_t>> narrow_;
    internal::key_levels levels_;
    std::uint32_t highest_ = 0;  // level
    std::uint32_t floor_ = 0;    // level of the last row that stays in order: all later are behind
    std::size_t pending_ = 0;
    bool foreign_keys_ = false;
    std::string scratch_;
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
