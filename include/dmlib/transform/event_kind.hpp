// Kinds of events that binlog event filters choose by; the names are DM's.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/core/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// One kind of change. The order is that of internal/event_kind_table.hpp.
enum class event_kind : std::uint8_t {
    other,  ///< a statement that no kind names; only sql-pattern can choose it
    insert,
    update,
    delete_,
    create_database,
    drop_database,
    alter_database,
    create_table,
    drop_table,
    truncate_table,
    rename_table,
    alter_table,
    create_index,
    drop_index,
    create_view,
    drop_view,
    add_table_partition,
    drop_table_partition,
    truncate_table_partition,
    // What a statement does, part by part; most of them together with alter_table.
    value_range_decrease,
    precision_decrease,
    modify_column,
    rename_column,
    rename_index,
    drop_column,
    drop_primary_key,
    drop_unique_key,
    modify_default_value,
    modify_constraint,
    modify_columns_order,
    modify_charset,
    modify_collation,
    remove_auto_increment,
    modify_storage_engine,
    reorganize_table_partition,
    rebuild_table_partition,
    coalesce_table_partition,
    split_table_partition,
    exchange_table_partition,
    add_foreign_key,
    drop_foreign_key,
    modify_schema_charset_and_collate,
    modify_table_charset_and_collate,
    modify_table_comment,
    recover_table,
    alter_table_partitioning,
    remove_table_partitioning,
    add_column,
    set_default_value,
    rebase_auto_id,
    add_primary_key,
    alter_index_visibility,
    alter_ttl_info,
    alter_ttl_remove,
    multi_schema_change,
};
inline constexpr std::size_t event_kind_count =
    static_cast<std::size_t>(event_kind::multi_schema_change) + 1;

/// "truncate table"; "other" for other.
DMLIB_DECL std::string_view to_text(event_kind kind) noexcept;
/// Reads a kind's name, any case; "schema" and "database" are the same word. Not the groups.
DMLIB_DECL std::optional<event_kind> parse_event_kind(std::string_view text);

DMLIB_DECL bool is_dml(event_kind kind) noexcept;
/// Every kind but other, insert, update, delete.
DMLIB_DECL bool is_ddl(event_kind kind) noexcept;
/// The group "incompatible ddl changes": what may lose data, by the list of DM's manual. Kinds that
/// DM itself counts as `alter table` whatever their class (add column, modify table comment) are
/// not in it.
DMLIB_DECL bool is_incompatible_ddl(event_kind kind) noexcept;

/// False for kinds that are known by name, while no statement of MySQL or MariaDB is one of them:
/// only TiDB recovers tables and has a TTL.
DMLIB_DECL bool is_told_apart(event_kind kind) noexcept;

/// A set of kinds as a rule's `events` describes it.
class event_set {
public:
    /// Reads names and the groups all, none, all dml, all ddl, none dml, none ddl, incompatible ddl
    /// changes. The first name of the list that speaks about a kind decides.
    /// Errors: config_rule for an unknown name, with a suggestion.
    DMLIB_DECL static result<event_set> parse(const std::vector<std::string>& names);
    bool contains(event_kind kind) const noexcept {
        return ((bits_ >> static_cast<unsigned>(kind)) & 1U) != 0;
    }
    void add(event_kind kind) noexcept { bits_ |= bit(kind); }
    void remove(event_kind kind) noexcept { bits_ &= ~bit(kind); }
    bool empty() const noexcept { return bits_ == 0; }
    bool operator==(const event_set&) const = default;

private:
    static std::uint64_t bit(event_kind kind) noexcept {
        return std::uint64_t{1} << static_cast<unsigned>(kind);
    }
    std::uint64_t bits_ = 0;
};
static_assert(event_kind_count <= 64);

/// The name among `known` that `text` was probably meant to be; "" where none is near.
DMLIB_DECL std::string did_you_mean(std::string_view text,
                                    const std::vector<std::string_view>& known);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/event_kind.ipp>
#endif
