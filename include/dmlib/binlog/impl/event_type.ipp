#pragma once

#include <dmlib/binlog/event_type.hpp>
#include <dmlib/binlog/impl/internal/event_table.hpp>

#include <algorithm>
#include <iterator>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

DMLIB_DECL const event_rule& rule_of(std::uint8_t code) noexcept {
    const auto* end = std::end(internal::event_table);
    const auto* at = std::lower_bound(
        std::begin(internal::event_table), end, code, [](const event_rule& r, std::uint8_t c) {
            return r.code < c;
        });
    return at != end && at->code == code ? *at : internal::unwritten_event;
}

DMLIB_DECL event_status status_of(flavor f, std::uint8_t code) noexcept {
    const event_rule& rule = rule_of(code);
    return f == flavor::mariadb ? rule.mariadb : rule.mysql;
}

DMLIB_DECL std::string name_of(flavor f, std::uint8_t code) {
    const event_rule& rule = rule_of(code);
    const bool foreign = f == flavor::mysql && code >= 160;
    if (rule.name.empty() || foreign) return "UNKNOWN_" + std::to_string(code);
    return std::string(rule.name);
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
