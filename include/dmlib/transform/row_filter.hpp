// Row expression filters (DM's expression-filter): rows that are left out because of their values.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/event_kind.hpp>
#include <dmlib/transform/pattern.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// One block of expression-filter. An empty expression says nothing.
struct row_filter_rule {
    std::string name{};
    std::string schema{};  ///< exact names
    std::string table{};
    std::string insert_value{};      ///< inserts whose row makes it true are left out
    std::string update_old_value{};  ///< updates: the old row; with both, both have to be true
    std::string update_new_value{};  ///< updates: the new row
    std::string delete_value{};      ///< deletes
    rule_place place{};
    bool operator==(const row_filter_rule&) const = default;
};

/// What the meaning of an expression depends on.
struct row_filter_context {
    server_kind server{};  ///< the source: its MySQL or MariaDB decides in doubt
    /// Minutes that TIMESTAMP values are ahead of UTC where they are compared. Nothing: expressions
    /// that look into a TIMESTAMP are refused.
    std::optional<int> time_zone_minutes{};
};

/// The expressions of one table, compiled against its definition. An expression has the value that
/// `SELECT expression` has on the source, for a session with the default sql_mode and SET NAMES
/// utf8mb4; what cannot be decided exactly is refused by compile(). Immutable: several threads may
/// ask at once.
class row_filter {
public:
    /// `image_columns`: the place in table.columns of each value of a row. Errors: config_rule with
    /// the rule, the expression and the place in it.
    DMLIB_DECL static result<std::shared_ptr<const row_filter>> compile(
        std::span<const row_filter_rule> rules,
        const schema::table& table,
        std::span<const std::size_t> image_columns,
        const row_filter_context& context);
    /// What can be said without the table's definition: syntax and names of functions.
    DMLIB_DECL static std::vector<error> check(const row_filter_rule& rule);

    /// True: the row is left out. Values are those of the binlog or texts of the full copy (as room
    /// dump reads them). Errors: sync_row_filter where the source itself would fail (a number out
    /// of range), or for a character whose place in a collation is not known.
    DMLIB_DECL result<bool> drops_insert(std::span<const value_view> after) const;
    DMLIB_DECL result<bool> drops_update(std::span<const value_view> before,
                                         std::span<const value_view> after) const;
    DMLIB_DECL result<bool> drops_delete(std::span<const value_view> before) const;
    /// The name of the rule that leaves a change out (kind insert, update or delete_); nothing
    /// where none does. Errors: as drops_insert.
    DMLIB_DECL result<std::optional<std::string>> dropped_by(
        event_kind kind,
        std::span<const value_view> before,
        std::span<const value_view> after) const;
    bool filters_inserts() const noexcept { return filters_inserts_; }

    DMLIB_DECL ~row_filter();
    row_filter(const row_filter&) = delete;
    row_filter& operator=(const row_filter&) = delete;

private:
    struct compiled;
    DMLIB_DECL row_filter();
    template <class Drops>
    result<const compiled*> first(Drops drops) const;
    result<const compiled*> insert_rule(std::span<const value_view> after) const;
    result<const compiled*> update_rule(std::span<const value_view> before,
                                        std::span<const value_view> after) const;
    result<const compiled*> delete_rule(std::span<const value_view> before) const;
    std::vector<compiled> rules_;
    bool filters_inserts_ = false;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/row_filter.ipp>
#endif
