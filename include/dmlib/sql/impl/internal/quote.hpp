// Names and strings back to text, character by character of the text's character set.
#pragma once

#include <dmlib/sql/lexer.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline std::uint32_t wide_character(lexer_charset set, const std::uint8_t* p, std::size_t left);

inline void append_identifier(std::string& out, std::string_view name, lexer_charset set) {
    out.push_back('`');
    for (std::size_t i = 0; i < name.size(); ++i) {
        const std::uint32_t wide = wide_character(
            set, reinterpret_cast<const std::uint8_t*>(name.data()) + i, name.size() - i);
        out.append(name.substr(i, wide));
        i += wide - 1;
        if (wide == 1 && name[i] == '`') out.push_back('`');
    }
    out.push_back('`');
}

/// False where the name ends in half a character, which would swallow the quote behind it.
inline bool is_whole_name(std::string_view name, lexer_charset set) {
    if (set == lexer_charset::plain) return true;
    std::uint32_t wide = 0;
    for (std::size_t i = 0; i < name.size(); i += wide) {
        wide = wide_character(
            set, reinterpret_cast<const std::uint8_t*>(name.data()) + i, name.size() - i);
    }
    if (wide != 1) return true;
    const std::uint8_t with_quote[] = {static_cast<std::uint8_t>(name.back()), '`'};
    return wide_character(set, with_quote, 2) == 1;
}

inline void append_string(std::string& out,
                          std::string_view bytes,
                          bool no_backslash_escapes,
                          lexer_charset set) {
    out.push_back('\'');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint32_t wide = wide_character(
            set, reinterpret_cast<const std::uint8_t*>(bytes.data()) + i, bytes.size() - i);
        const char c = bytes[i];
        if (wide > 1) {
            out.append(bytes.substr(i, wide));
            i += wide - 1;
        } else if (c == '\'') {
            out.append("''");
        } else if (no_backslash_escapes || (set != lexer_charset::plain && c != '\\')) {
            // Behind a broken character of gbk a backslash of ours would become its second byte.
            out.push_back(c);
        } else if (c == '\\') {
            // Before % and _ the reader keeps the backslash, so that doubling it is right too.
            out.append("\\\\");
        } else if (c == '\0') {
            out.append("\\0");
        } else if (c == '\n') {
            out.append("\\n");
        } else if (c == '\r') {
            out.append("\\r");
        } else if (c == '\x1a') {
            out.append("\\Z");
        } else {
            out.push_back(c);
        }
    }
    out.push_back('\'');
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
