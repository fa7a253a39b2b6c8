#pragma once

#include <dmlib/transform/filter.hpp>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {

DMLIB_DECL filter& filter::allow(std::string_view pattern) {
    allowed_.push_back(parse_table_pattern(pattern));
    return *this;
}

DMLIB_DECL filter& filter::block(std::string_view pattern) {
    blocked_.push_back(parse_table_pattern(pattern));
    return *this;
}

DMLIB_DECL filter& filter::list(block_allow_list rules) {
    list_ = std::move(rules);
    return *this;
}

DMLIB_DECL filter& filter::events(event_filter_rule rule) {
    events_.push_back(std::move(rule));
    return *this;
}

DMLIB_DECL filter& filter::rows(row_filter_rule rule) {
    rows_.push_back(std::move(rule));
    return *this;
}

DMLIB_DECL filter& filter::row_time_zone(int minutes) {
    row_time_zone_ = minutes;
    return *this;
}

DMLIB_DECL filter& filter::case_sensitive(bool on) {
    case_sensitive_ = on;
    return *this;
}

DMLIB_DECL filter& filter::meta_schema(std::string_view name) {
    meta_schemas_.emplace_back(name);
    return *this;
}

DMLIB_DECL bool is_system_schema(std::string_view schema) {
    const std::string name = fold_case(schema);
    for (const std::string_view system : {"mysql",
                                          "information_schema",
                                          "performance_schema",
                                          "sys",
                                          "metrics_schema",
                                          "inspection_schema"}) {
        if (name == system) return true;
    }
    return false;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
