// What is decided once per pair of source and target table, so that a row costs no decision:
// which columns are written and how, which key finds a row, which keys order rows.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dml/literal.hpp>
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/mapper.hpp>
#include <dmlib/transform/router.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {
class text_order;
}
namespace dml {

/// How a key part's value becomes a hash such that values which the target holds for equal hash
/// alike (design, promise 4).
enum class key_part_form : std::uint8_t {
    number,   ///< integers, BIT, YEAR, ENUM, SET with the same members
    real,     ///< FLOAT, DOUBLE
    packed,   ///< DECIMAL with the same digits on both sides
    moment,   ///< temporal types with the same fraction digits
    padded,   ///< characters under a binary collation: spaces at the end do not count
    raw,      ///< bytes; zeros at the end do not count (BINARY)
    words,    ///< characters under a collation whose weights are known
    unknown,  ///< the weight is not known: equal to everything
};

struct key_part_plan {
    std::uint32_t image_column = 0;  ///< place in the row image
    key_part_form form = key_part_form::unknown;
    std::uint32_t prefix = 0;  ///< bytes, of `words` characters, that count; 0 = all
    std::shared_ptr<const dmlib::internal::text_order> order;  ///< of `words`
    std::string collation;                                     ///< of `words`
    std::string column;            ///< of the target; empty: an expression
    bool in_image = false;         ///< false: an expression, or a column that only the target has
    bool omitted_is_null = false;  ///< an insert whose image leaves the column out stores NULL
};

/// A unique key that orders rows.
struct key_plan {
    std::string name;
    std::uint64_t seed = 0;  ///< of its hashes: table and key
    std::vector<key_part_plan> parts;
    /// The hash of the key's value in an image; nothing where a part is NULL (NULL is never equal),
    /// where the image leaves it out, or where the weight of one of its characters is not known.
    DMLIB_DECL std::optional<std::uint64_t> hash(std::span<const value_view> image) const noexcept;
    /// True where no part's weight is known: every row of the table conflicts with every other.
    bool degenerate() const noexcept {
        for (const auto& p : parts) {
            if (p.form != key_part_form::unknown) return false;
        }
        return true;
    }
};

/// A column that is written.
struct written_column {
    std::uint32_t image_column = 0;  ///< place in the row image
    std::string quoted_name;         ///< the target's
    column_writer writer;
    /// What an insert whose image leaves the column out stores in it, as SQL; nothing: not known.
    std::optional<std::string> omitted;
    std::optional<value_fit> fit{};  ///< the target's column does not hold every value
    bool uncertain = false;          ///< an image that leaves it out does not say that it stayed
    bool updates_itself = false;     ///< ON UPDATE: an UPDATE without it would change it
};

/// Immutable once made; may be read from several threads.
struct table_plan {
    table_name source;
    table_name target;
    std::string quoted_target;
    std::vector<written_column> columns;
    std::vector<std::uint32_t>
        where;  ///< indexes into `columns` that find a row; all without a key
    /// The same of the target's other unique keys, for images that lack a column of `where`.
    std::vector<std::vector<std::uint32_t>> other_where;
    bool keyless = false;          ///< no key finds exactly one row
    std::vector<key_plan> keys;    ///< unique keys, the identity first; empty where keyless
    std::uint64_t table_seed = 0;  ///< identity of all rows of a keyless table or a group
    /// Foreign key actions change rows of this group of tables without row events: its tables
    /// stay in one lane, and the target carries the actions out.
    bool cascades = false;
    std::string cascade_group;  ///< its name
    /// The target's engine has transactions. Without them a position cannot be committed with the
    /// rows: the table is written in safe mode.
    bool transactional = true;
    /// Row filters leave rows out: an UPDATE or DELETE that finds none is right.
    bool may_lack_rows = false;
    std::string insert_head;  ///< "INSERT INTO `a`.`b` (`c`) VALUES "
    std::string replace_head;
    /// Of columns that routes fill: ",'value'" for VALUES, ",`column`='value'" for SET,
    /// " AND `column`='value'" for WHERE.
    std::string insert_tail;
    std::string set_tail;
    std::string where_tail;
    /// Rows keep the source's order within a batch: the target's table has triggers, which see it.
    bool in_order = false;
    /// Updates that leave the key alone may be written as INSERT ... ON DUPLICATE KEY UPDATE: one
    /// unique key only, so that no other row can be hit; and nothing on the target (a trigger, a
    /// column without a default) makes an INSERT differ from an UPDATE. Only then successive
    /// changes of a row may become one.
    bool can_upsert = false;
    /// Then a DELETE with the INSERT behind it may be one, too: every column of the target is
    /// written, so nothing of the old row stays.
    bool can_replace = false;
    /// An upsert may leave out columns that do not change. Bit i: columns[i]; `kept`: those that it
    /// always has (the key, and what an INSERT needs or an UPDATE would set by itself).
    bool can_narrow = false;
    std::uint64_t kept = 0;
    bool names_row = false;                   ///< "AS dmlib_row" instead of VALUES()
    std::vector<extracted_column> extracted;  ///< for what a fault says
    std::vector<column_mapping> mappings;     ///< likewise
    bool in_list = false;       ///< the key is one exact number: "`id` IN (1,2)" finds its rows
    bool any_enum = false;      ///< rows have to be asked for needs_lenient_mode
    bool any_fit = false;       ///< rows have to be asked by check_fit()
    bool any_refusing = false;  ///< rows have to be asked for column_writer::check

    /// Marks for lane_book: of rows that may conflict with every row of the table, and of rows that
    /// free a unique value which is not known.
    std::uint64_t wild_mark() const noexcept { return table_seed; }
    std::uint64_t freed_mark() const noexcept { return ~table_seed; }
};

struct plan_input {
    table_name target_name;
    const schema::table* source = nullptr;
    std::span<const std::size_t> image_columns;  ///< place in source->columns of each image column
    const schema::table* target = nullptr;       ///< null: as the source
    target_dialect dialect = target_dialect::mysql;
    server_version version{};  ///< of the target; 0.0.0: old
    bool may_lack_rows = false;
    bool target_triggers = false;                 ///< the target's table has triggers, or may have
    std::span<const extracted_column> extracted;  ///< constants for columns of the target
    std::span<const column_mapping> mappings{};   ///< for what a fault says
    std::string_view cascade_group;  ///< not empty: the name of its group of foreign keys
    /// Columns of keys that other tables, which share the target's, hold in other types.
    std::span<const std::string> unlike{};
    /// Image columns that the source may change without having them in an image that is not whole.
    std::span<const std::uint32_t> uncertain{};
};

/// Errors: db_unknown_column where the target lacks a column that the source has or a route fills;
/// config_rule where a route fills a column that the source has.
DMLIB_DECL result<std::shared_ptr<const table_plan>> make_table_plan(const plan_input& in);

/// Whether the target's columns keep the values of an image that is written. Errors:
/// db_data_too_long with the value.
DMLIB_DECL result<void> check_fit(const table_plan& plan, std::span<const value_view> after);

/// What the hashes of a row change do not say, because its images leave columns of keys out.
struct key_effect {
    bool wild = false;           ///< it may conflict with every row of the table
    bool frees_unknown = false;  ///< a unique value gets free that is not known: whoever takes one
                                 ///< later has to wait for this row
    bool takes_value = false;    ///< some key has another value afterwards
};

/// Where a value did not fit into a column that a rule fills or changes: the way out, which the
/// source's definition does not tell.
DMLIB_DECL void name_filled_column(error& fault,
                                   const table_name& target,
                                   std::span<const extracted_column> extracted,
                                   std::span<const column_mapping> mappings);

/// The hashes that a row change touches: of both images, each once; the identity first (of the
/// before image where there is one). `out` is cleared. Allocation-free once `out` has grown.
/// A key of which an update's after image has no column does not change.
DMLIB_DECL key_effect collect_keys(const table_plan& plan,
                                   std::span<const value_view> before,
                                   std::span<const value_view> after,
                                   std::vector<std::uint64_t>& out);

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/table_plan.ipp>
#endif
