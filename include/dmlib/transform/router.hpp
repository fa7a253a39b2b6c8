// Router: where a table of the source goes on the target.
#pragma once

#include <dmlib/transform/pattern.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// A constant column of the target: the capture groups of `regexp` in the source's table, schema
/// or source name, joined.
struct extract_rule {
    std::string regexp{};
    std::string target_column{};
    bool operator==(const extract_rule&) const = default;
};

/// A constant value for a column that only the target has: what an extract_rule gives for a table.
struct extracted_column {
    std::string column;
    std::string value;
    bool operator==(const extracted_column&) const = default;
};

/// One route. A rule with a table pattern beats one without.
struct route_rule {
    std::string name{};
    std::string schema_pattern{};
    std::string table_pattern{};  ///< empty: the rule is about schemas
    std::string target_schema{};
    std::string target_table{};  ///< empty: the table keeps its name
    std::optional<extract_rule> extract_table{};
    std::optional<extract_rule> extract_schema{};
    std::optional<extract_rule> extract_source{};
    rule_place place{};
    bool operator==(const route_rule&) const = default;
};

/// The routes of one source. Fluent; rule_set::compile checks them.
class router {
public:
    /// "shop_*.order_*" -> "shop.orders"; "shop_*" -> "shop". Without a table in `to` the table
    /// keeps its name.
    DMLIB_DECL router& route(std::string_view from, std::string_view to);
    DMLIB_DECL router& route(route_rule rule);
    const std::vector<route_rule>& rules() const noexcept { return rules_; }

private:
    std::vector<route_rule> rules_;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/router.ipp>
#endif
