// Mapper: changes a column's value on the way (DM's column mapping).
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/transform/pattern.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

enum class mapping_kind : std::uint8_t { partition_id, add_prefix, add_suffix };

/// Arguments of `partition id`: 1 bit unused, instance (4 bits), schema (7), table (8), id (44). A
/// part that is left out takes no bits: those behind it move up. schema_3.t_7 with the prefixes
/// "schema" and "t" and the separator "_" gives 3 and 7; a name equal to its prefix gives 0.
struct partition_id_options {
    int instance = -1;            ///< 0..15; below 0: no instance part
    std::string schema_prefix{};  ///< empty: no schema part
    std::string table_prefix{};   ///< empty: no table part
    std::string separator{};      ///< between prefix and number
    bool operator==(const partition_id_options&) const = default;
};

/// One rule of column mapping.
struct mapping_rule {
    std::string name{};
    std::string schema_pattern{};
    std::string table_pattern{};
    std::string source_column{};
    std::string target_column{};  ///< has to be the source column in this version
    mapping_kind kind = mapping_kind::partition_id;
    partition_id_options partition;  ///< of partition_id
    std::string text{};              ///< of add_prefix and add_suffix
    rule_place place{};
    bool operator==(const mapping_rule&) const = default;
};

/// The column mappings of one source. Fluent; rule_set::compile checks them.
class mapper {
public:
    DMLIB_DECL mapper& partition_id(std::string_view column,
                                    partition_id_options options,
                                    std::string_view tables = "*.*");
    DMLIB_DECL mapper& add_prefix(std::string_view column,
                                  std::string_view text,
                                  std::string_view tables = "*.*");
    DMLIB_DECL mapper& add_suffix(std::string_view column,
                                  std::string_view text,
                                  std::string_view tables = "*.*");
    DMLIB_DECL mapper& map(mapping_rule rule);
    const std::vector<mapping_rule>& rules() const noexcept { return rules_; }

private:
    std::vector<mapping_rule> rules_;
};

/// A rule with everything about one source table computed; cheap to apply per row.
struct column_mapping {
    std::string column{};
    std::string rule{};  ///< its name, for explanations
    mapping_kind kind = mapping_kind::partition_id;
    std::string text{};           ///< prefix or suffix
    std::uint64_t high_bits = 0;  ///< instance, schema and table parts in place
    rule_place place{};

    static constexpr std::uint64_t largest_id = (std::uint64_t{1} << 44U) - 1;

    /// The mapped value. NULL and absent stay. The storage of text results is `storage`, which must
    /// outlive the view. Errors: sync_mapping for negative or too large ids and for non-integers.
    DMLIB_DECL result<value_view> apply(const value_view& v, std::string& storage) const;
    /// Whether the prefix or suffix, which is UTF-8, can stand beside values in that character set
    /// as it is.
    DMLIB_DECL bool fits_charset(std::string_view charset) const noexcept;
};

/// Which column of the source's table a mapping changes. Errors, with the table: sync_mapping where
/// there is no such column, the column is generated, or its type or character set is none that the
/// mapping can change.
DMLIB_DECL result<std::size_t> mapped_column(const column_mapping& mapping,
                                             const schema::table& table);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/mapper.ipp>
#endif
