// Small pieces of SQL text as the servers print them in SHOW CREATE TABLE.
#pragma once

#include <dmlib/model/names.hpp>
#include <dmlib/schema/table.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline bool is_mariadb(const server_kind& server) noexcept {
    return server.flavor == flavor::mariadb;
}
inline bool mysql_at_least(const server_kind& server, int a, int b = 0, int c = 0) noexcept {
    return server.flavor == flavor::mysql && server.version.at_least(a, b, c);
}
inline bool mariadb_at_least(const server_kind& server, int a, int b = 0, int c = 0) noexcept {
    return server.flavor == flavor::mariadb && server.version.at_least(a, b, c);
}

/// A string literal with the escapes that all servers print. `quote` stands for a quote inside;
/// `sub` says whether the byte 0x1A is escaped, too.
inline std::string shown_literal_with(std::string_view text, std::string_view quote, bool sub) {
    std::string out = "'";
    for (const char c : text) {
        switch (c) {
            case '\0':
                out += "\\0";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\'':
                out += quote;
                break;
            case '\x1a':
                out += sub ? "\\Z" : "\x1a";
                break;
            default:
                out.push_back(c);
        }
    }
    out.push_back('\'');
    return out;
}

/// A literal as append_unescaped of the servers writes it: quotes are doubled.
inline std::string shown_literal(std::string_view text) {
    return shown_literal_with(text, "''", false);
}

inline std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

inline std::string joined_identifiers(const std::vector<std::string>& names,
                                      std::string_view separator) {
    std::string out;
    for (const std::string& name : names) {
        if (!out.empty()) out += separator;
        out += quoted_identifier(name);
    }
    return out;
}

/// Without strict mode the servers cut a longer comment; with it they refuse the statement.
inline std::string cut_comment(std::string text, std::size_t characters) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
        if (seen++ == characters) {
            text.resize(i);
            break;
        }
    }
    return text;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
