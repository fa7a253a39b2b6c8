// Small pure helpers of the session.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/mysql/session.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {
namespace internal {

inline char lower_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return lower_ascii(x) == lower_ascii(y);
           });
}
inline bool contains_ignoring_case(std::string_view text, std::string_view part) noexcept {
    return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char x, char y) {
               return lower_ascii(x) == lower_ascii(y);
           }) != text.end();
}

/// Values of session variables that are not quoted: numbers, DEFAULT, ON, OFF, @..., '...'.
inline bool is_raw_value(std::string_view v) noexcept {
    if (v.empty()) return false;
    if (v.front() == '@') return true;
    if (v.size() >= 2 && (v.front() == '\'' || v.front() == '"') && v.back() == v.front())
        return true;
    for (const char* word : {"DEFAULT", "ON", "OFF", "TRUE", "FALSE", "NULL"}) {
        if (equal_ignoring_case(v, word)) return true;
    }
    if (std::string_view("0123456789+-.").find(v.front()) == std::string_view::npos) return false;
    double number = 0;
    const auto [end, ec] = std::from_chars(v.data(), v.data() + v.size(), number);
    return ec == std::errc{} && end == v.data() + v.size();
}

/// The number behind "label: " in a server's info text.
inline std::optional<std::uint64_t> info_number(std::string_view info, std::string_view label) {
    const std::size_t at = info.find(label);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view rest = info.substr(at + label.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::uint64_t n = 0;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), n);
    if (ec != std::errc{} || end == rest.data()) return std::nullopt;
    return n;
}

/// "Rows matched: 1  Changed: 0  Warnings: 0", "Records: 3  Duplicates: 1  Warnings: 0".
inline void read_info(std::string_view info, exec_info& out) {
    if (info.empty()) return;
    out.rows_matched = info_number(info, "Rows matched:");
    out.rows_changed = info_number(info, "Changed:");
    out.records = info_number(info, "Records:");
    out.duplicates = info_number(info, "Duplicates:");
}

inline constexpr std::size_t max_statement_in_error = 512;

/// A statement as it may stand in an error: cut, and without credentials.
inline std::string statement_for_error(std::string_view sql) {
    for (const char* word : {"IDENTIFIED",
                             "SET PASSWORD",
                             "MASTER_PASSWORD",
                             "SOURCE_PASSWORD",
                             "CREATE SERVER",
                             "ALTER SERVER"}) {
        if (contains_ignoring_case(sql.substr(0, 4096), word))
            return "(a statement with credentials)";
    }
    if (sql.size() <= max_statement_in_error) return std::string(sql);
    std::size_t n = max_statement_in_error;
    while (n > 0 && (static_cast<unsigned char>(sql[n]) & 0xc0) == 0x80) --n;  // whole characters
    return std::string(sql.substr(0, n)) + "...";
}

}  // namespace internal
}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
