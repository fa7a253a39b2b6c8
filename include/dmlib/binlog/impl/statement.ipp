#pragma once

#include <dmlib/binlog/statement.hpp>

#include <cstddef>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
inline bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

/// Moves over spaces, comments, and the opening of versioned comments, whose text counts.
inline void skip_to_word(std::string_view& text) noexcept {
    while (!text.empty()) {
        const char c = text.front();
        if (is_space(c) || c == ';' || c == '(') {
            text.remove_prefix(1);
        } else if (text.starts_with("/*!") || text.starts_with("/*M!")) {
            text.remove_prefix(text[2] == '!' ? 3 : 4);
            while (!text.empty() && text.front() >= '0' && text.front() <= '9')
                text.remove_prefix(1);
        } else if (text.starts_with("*/")) {
            text.remove_prefix(2);
        } else if (text.starts_with("/*")) {
            const auto end = text.find("*/", 2);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        } else if (c == '#' ||
                   (text.starts_with("--") && (text.size() == 2 || is_space(text[2])))) {
            const auto end = text.find('\n');
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        } else {
            return;
        }
    }
}

/// The next word; empty where something else stands there.
inline std::string_view next_word(std::string_view& text) noexcept {
    skip_to_word(text);
    std::size_t n = 0;
    while (n < text.size() && is_word(text[n])) ++n;
    const std::string_view word = text.substr(0, n);
    text.remove_prefix(n);
    return word;
}

inline bool same_word(std::string_view word, std::string_view upper) noexcept {
    if (word.size() != upper.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] - 32) : word[i];
        if (c != upper[i]) return false;
    }
    return true;
}

template <std::size_t N>
bool one_of(std::string_view word, const std::string_view (&list)[N]) noexcept {
    for (const std::string_view w : list) {
        if (same_word(word, w)) return true;
    }
    return false;
}

inline statement_class classify_xa(std::string_view rest) noexcept {
    const std::string_view verb = next_word(rest);
    if (same_word(verb, "START") || same_word(verb, "BEGIN")) return statement_class::xa_start;
    if (same_word(verb, "END")) return statement_class::xa_end;
    if (same_word(verb, "PREPARE")) return statement_class::xa_prepare;
    if (same_word(verb, "COMMIT")) return statement_class::xa_commit;
    if (same_word(verb, "ROLLBACK")) return statement_class::xa_rollback;
    return statement_class::other;
}

inline statement_class classify_rollback(std::string_view rest) noexcept {
    std::string_view word = next_word(rest);
    if (same_word(word, "WORK")) word = next_word(rest);
    return same_word(word, "TO") ? statement_class::rollback_to : statement_class::rollback;
}

/// BEGIN and COMMIT are whole statements; BEGIN NOT ATOMIC is MariaDB's compound statement.
inline statement_class classify_begin(std::string_view rest) noexcept {
    const std::string_view word = next_word(rest);
    return word.empty() || same_word(word, "WORK") ? statement_class::begin : statement_class::dml;
}

}  // namespace internal

DMLIB_DECL statement_class classify_statement(std::string_view text) noexcept {
    using namespace internal;
    // The server overwrites a hole that it left with this comment.
    if (text.starts_with("# Dum")) return statement_class::dummy;
    std::string_view rest = text;
    const std::string_view word = next_word(rest);
    if (word.empty()) return rest.empty() ? statement_class::empty : statement_class::other;
    static constexpr std::string_view ddl[] = {"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE"};
    static constexpr std::string_view dml[] = {"INSERT",
                                               "UPDATE",
                                               "DELETE",
                                               "REPLACE",
                                               "LOAD",
                                               "CALL",
                                               "DO",
                                               "WITH",
                                               "SELECT",
                                               "EXECUTE",
                                               "VALUES",
                                               "TABLE",
                                               "IMPORT",
                                               "HANDLER"};
    if (one_of(word, ddl)) return statement_class::ddl;
    if (one_of(word, dml)) return statement_class::dml;
    if (same_word(word, "BEGIN")) return classify_begin(rest);
    if (same_word(word, "START")) {
        return same_word(next_word(rest), "TRANSACTION") ? statement_class::begin
                                                         : statement_class::other;
    }
    if (same_word(word, "COMMIT")) return statement_class::commit;
    if (same_word(word, "ROLLBACK")) return classify_rollback(rest);
    if (same_word(word, "SAVEPOINT")) return statement_class::savepoint;
    if (same_word(word, "RELEASE")) return statement_class::savepoint;
    if (same_word(word, "XA")) return classify_xa(rest);
    return statement_class::other;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
