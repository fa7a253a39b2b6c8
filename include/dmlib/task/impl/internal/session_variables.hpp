// What of a user's session variables the task's own statements can live with.
#pragma once

#include <dmlib/core/config.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline std::string upper_word(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return out;
}

/// Modes that say how the text of a statement is read, or how SHOW CREATE TABLE is written: the
/// statements here are written in one way. They say nothing about values.
inline bool is_mode_of_reading(std::string_view mode) {
    for (const std::string_view m : {"ANSI_QUOTES",
                                     "NO_BACKSLASH_ESCAPES",
                                     "ANSI",
                                     "DB2",
                                     "MAXDB",
                                     "MSSQL",
                                     "ORACLE",
                                     "POSTGRESQL"}) {
        if (mode == m) return true;
    }
    return false;
}

/// Without them, and with NO_AUTO_VALUE_ON_ZERO where `writes`: an id 0 of the source stays 0. A
/// value that is no list of names stays as it is.
inline std::string mode_for_statements(std::string_view given, bool writes) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == ',' || c == ' ';
    };
    if (given.size() > 1 && (given.front() == '\'' || given.front() == '"') &&
        given.back() == given.front())
        given = given.substr(1, given.size() - 2);
    const bool names = std::all_of(given.begin(), given.end(), is_part) &&
                       upper_word(given) != "DEFAULT" &&
                       (given.empty() || given.front() < '0' || given.front() > '9');
    if (!names) return std::string(given);
    std::string out;
    constexpr std::string_view kept_zero = "NO_AUTO_VALUE_ON_ZERO";
    bool has_zero = false;
    while (!given.empty()) {
        const std::size_t comma = std::min(given.find(','), given.size());
        std::string mode = upper_word(given.substr(0, comma));
        given.remove_prefix(std::min(comma + 1, given.size()));
        std::erase(mode, ' ');
        if (mode.empty() || is_mode_of_reading(mode)) continue;
        has_zero = has_zero || mode == kept_zero;
        out += (out.empty() ? "" : ",") + mode;
    }
    if (writes && !has_zero) out += (out.empty() ? "" : ",") + std::string(kept_zero);
    return out;
}

/// Names in lower case. sql_select_limit would cut what the task reads back.
inline std::map<std::string, std::string> variables_for_statements(
    const std::map<std::string, std::string>& given, bool writes) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : given) {
        std::string low = name;
        for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (low == "sql_select_limit") continue;
        out[low] = low == "sql_mode" ? mode_for_statements(value, writes) : value;
    }
    return out;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
