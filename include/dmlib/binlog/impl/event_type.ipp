#pragma once

#include <dmlib/binlog/event_type.hpp>
#include <dmlib/binlog/impl/internal/event_table.hpp>

#include <array>
#include <iterator>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

namespace internal {

/// The row of event_table for each code; 255: none.
inline constexpr std::array<std::uint8_t, 256> event_rows = [] {
    static_assert(std::size(event_table) < 255);
    std::array<std::uint8_t, 256> out{};
    out.fill(255);
    for (std::size_t i = 0; i < std::size(event_table); ++i) {
        out[event_table[i].code] = static_cast<std::uint8_t>(i);
    }
    return out;
}();

}  // namespace internal

DMLIB_DECL const event_rule& rule_of(std::uint8_t code) noexcept {
    const std::uint8_t row = internal::event_rows[code];
    return row == 255 ? internal::unwritten_event : internal::event_table[row];
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
