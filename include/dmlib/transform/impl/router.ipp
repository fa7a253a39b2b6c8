#pragma once

#include <dmlib/transform/router.hpp>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {

DMLIB_DECL router& router::route(std::string_view from, std::string_view to) {
    table_pattern source = parse_table_pattern(from);
    table_pattern target = parse_table_pattern(to);
    route_rule rule;
    rule.name = std::string(from) + " -> " + std::string(to);
    rule.schema_pattern = std::move(source.schema);
    rule.table_pattern = std::move(source.table);
    rule.target_schema = std::move(target.schema);
    rule.target_table = std::move(target.table);
    rules_.push_back(std::move(rule));
    return *this;
}

DMLIB_DECL router& router::route(route_rule rule) {
    rules_.push_back(std::move(rule));
    return *this;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
