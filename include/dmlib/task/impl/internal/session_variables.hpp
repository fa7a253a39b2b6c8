// What of a user's session variables the task's own statements can live with.
#pragma once

#include <dmlib/core/config.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

inline bool is_strict_mode(std::string_view mode) {
    return mode == "STRICT_TRANS_TABLES" || mode == "STRICT_ALL_TABLES" || mode == "TRADITIONAL";
}

/// Modes that only warn where there is no strict mode, and would refuse values in one.
inline bool is_mode_of_warnings(std::string_view mode) {
    return mode == "NO_ZERO_DATE" || mode == "NO_ZERO_IN_DATE" ||
           mode == "ERROR_FOR_DIVISION_BY_ZERO";
}

/// Without them; where `writes`, with NO_AUTO_VALUE_ON_ZERO, for an id 0 of the source stays 0, and
/// in a strict mode, for no value may be cut without an error. A value that is no list of names
/// stays as it is.
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
    constexpr std::string_view kept_zero = "NO_AUTO_VALUE_ON_ZERO";
    bool has_zero = false;
    std::vector<std::string> modes;
    while (!given.empty()) {
        const std::size_t comma = std::min(given.find(','), given.size());
        std::string mode = upper_word(given.substr(0, comma));
        given.remove_prefix(std::min(comma + 1, given.size()));
        std::erase(mode, ' ');
        if (mode.empty() || is_mode_of_reading(mode)) continue;
        has_zero = has_zero || mode == kept_zero;
        modes.push_back(std::move(mode));
    }
    if (writes && std::none_of(modes.begin(), modes.end(), is_strict_mode)) {
        std::erase_if(modes, is_mode_of_warnings);
        modes.emplace_back("STRICT_TRANS_TABLES");
    }
    if (writes && !has_zero) modes.emplace_back(kept_zero);
    std::string out;
    for (const std::string& mode : modes) out += (out.empty() ? "" : ",") + mode;
    return out;
}

/// Statements are in utf8mb4 and end their transactions themselves, and only these;
/// sql_select_limit would cut what the task reads back.
inline bool is_of_the_task(std::string_view name) {
    return name == "sql_select_limit" || name == "autocommit" || name == "completion_type" ||
           name == "names" || name == "charset" || name == "collation_connection" ||
           name.starts_with("character_set_");
}

/// Names in lower case.
inline std::map<std::string, std::string> variables_for_statements(
    const std::map<std::string, std::string>& given, bool writes) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : given) {
        std::string low = name;
        for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (is_of_the_task(low)) continue;
        out[low] = low == "sql_mode" ? mode_for_statements(value, writes) : value;
    }
    return out;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
