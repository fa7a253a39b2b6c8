#pragma once

#include <dmlib/model/names.hpp>

#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {

DMLIB_DECL std::string quoted_identifier(std::string_view name) {
    std::string out;
    out.reserve(name.size() + 2);
    out.push_back('`');
    for (const char c : name) {
        if (c == '`') out.push_back('`');
        out.push_back(c);
    }
    out.push_back('`');
    return out;
}

DMLIB_DECL std::string quoted(const table_name& name) {
    return quoted_identifier(name.schema) + "." + quoted_identifier(name.table);
}

DMLIB_DECL std::string quoted_literal(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    out.push_back('\'');
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
            case '\x1a':
                out += "\\Z";
                break;
            case '\'':
                out += "\\'";
                break;
            case '\\':
                out += "\\\\";
                break;
            default:
                out.push_back(c);
        }
    }
    out.push_back('\'');
    return out;
}

namespace internal {

inline server_version read_version(std::string_view text) {
    server_version v;
    int* const parts[] = {&v.major, &v.minor, &v.patch};
    const char* p = text.data();
    const char* const end = p + text.size();
    for (int* part : parts) {
        const auto [next, ec] = std::from_chars(p, end, *part);
        if (ec != std::errc{}) return v;
        p = next;
        if (p == end || *p != '.') return v;
        ++p;
    }
    return v;
}

}  // namespace internal

DMLIB_DECL server_kind parse_server_version(std::string_view text) {
    server_kind kind;
    if (text.find("MariaDB") != std::string_view::npos ||
        text.find("-maria") != std::string_view::npos) {
        kind.flavor = flavor::mariadb;
        // Old replication hides the real version behind 5.5.5-.
        if (text.starts_with("5.5.5-")) text.remove_prefix(6);
        kind.version = internal::read_version(text);
        return kind;
    }
    const auto tidb = text.find("TiDB-v");
    if (tidb != std::string_view::npos) text.remove_prefix(tidb + 6);
    kind.version = internal::read_version(text);
    return kind;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
