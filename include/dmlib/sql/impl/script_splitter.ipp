#pragma once

#include <dmlib/sql/impl/internal/words.hpp>
#include <dmlib/sql/lexer.hpp>
#include <dmlib/sql/script_splitter.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline bool is_blank(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// A cursor over the script that counts lines.
struct script_cursor {
    std::string_view text;
    std::size_t at;
    std::uint32_t line;
    lexer_charset set;

    bool done() const noexcept { return at >= text.size(); }
    char peek(std::size_t n = 0) const noexcept {
        return at + n < text.size() ? text[at + n] : '\0';
    }
    void step(std::size_t n = 1) noexcept {
        for (; n > 0 && at < text.size(); --n, ++at) {
            if (text[at] == '\n') ++line;
        }
    }
    std::size_t width() const {
        return wide_character(
            set, reinterpret_cast<const std::uint8_t*>(text.data()) + at, text.size() - at);
    }
    void line_end() noexcept {
        while (!done() && peek() != '\n') ++at;
    }
    /// At the opening quote: to behind the closing one, or the end of the script.
    void quoted(bool escapes) {
        const char quote = peek();
        step();
        while (!done()) {
            if (peek() == '\\' && escapes) {
                step();
                if (!done()) step(width());
            } else if (peek() == quote) {
                step();
                if (peek() != quote) return;
                step();
            } else {
                step(width());
            }
        }
    }
    void comment() {
        step(2);
        while (!done() && !(peek() == '*' && peek(1) == '/')) step();
        step(2);
    }
    bool line_comment() const noexcept {
        return peek() == '#' ||
               (peek() == '-' && peek(1) == '-' && (at + 2 >= text.size() || is_blank(peek(2))));
    }
    /// MySQL 9: $tag$ ... $tag$ around a routine's body.
    bool dollar_quoted() {
        const std::size_t close = text.find('$', at + 1);
        if (close == std::string_view::npos || close - at > 64) return false;
        const std::string_view tag = text.substr(at, close - at + 1);
        for (const char c : tag.substr(1, tag.size() - 2)) {
            const bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                              (c >= '0' && c <= '9');
            if (!name) return false;
        }
        const std::size_t end = text.find(tag, close + 1);
        if (end == std::string_view::npos) return false;
        step(end + tag.size() - at);
        return true;
    }
};

/// True for comments that hold code: the clients look for the delimiter inside of them too.
inline bool is_code_comment(const script_cursor& c) noexcept {
    return c.peek(2) == '!' || (c.peek(2) == 'M' && c.peek(3) == '!');
}

/// "use db" without the delimiter on its line is a command of the clients.
inline bool use_command(const script_cursor& c, const std::string& delimiter, std::size_t& end) {
    if (!same_word(c.text.substr(c.at, 3), "use") || (c.peek(3) != ' ' && c.peek(3) != '\t')) {
        return false;
    }
    end = c.text.find('\n', c.at);
    if (end == std::string_view::npos) end = c.text.size();
    const std::string_view line = c.text.substr(c.at, end - c.at);
    return line.find(delimiter) == std::string_view::npos;
}

/// Blanks and comments in front of a statement.
inline void skip_between(script_cursor& c) {
    while (!c.done()) {
        if (is_blank(c.peek())) {
            c.step();
        } else if (c.line_comment()) {
            c.line_end();
        } else if (c.peek() == '/' && c.peek(1) == '*' && !is_code_comment(c)) {
            c.comment();
        } else {
            return;
        }
    }
}

/// The DELIMITER command at the begin of a statement: it ends with its line.
inline bool delimiter_command(script_cursor& c, std::string& delimiter) {
    if (c.text.size() - c.at < 10 || !same_word(c.text.substr(c.at, 9), "delimiter") ||
        !(c.peek(9) == ' ' || c.peek(9) == '\t')) {
        return false;
    }
    std::size_t begin = c.at + 9;
    c.line_end();
    while (begin < c.at && is_blank(c.text[begin])) ++begin;
    std::size_t end = begin;
    while (end < c.at && !is_blank(c.text[end])) ++end;
    if (end > begin && (c.text[begin] == '"' || c.text[begin] == '\'' || c.text[begin] == '`') &&
        end - begin > 2 && c.text[end - 1] == c.text[begin]) {
        ++begin;
        --end;
    }
    if (end > begin) delimiter.assign(c.text.substr(begin, end - begin));
    return true;
}

/// To the delimiter that ends the statement; returns the end of the statement's text.
inline std::size_t statement_end(script_cursor& c,
                                 const std::string& delimiter,
                                 const parse_options& options) {
    const bool escapes = (options.mode & sql_mode::no_backslash_escapes) == 0;
    const bool ansi = (options.mode & sql_mode::ansi_quotes) != 0;
    const bool dollars = options.flavor == flavor::mysql && options.version.at_least(9) &&
                         delimiter.find('$') == std::string::npos;
    char before = ' ';
    while (!c.done()) {
        const char p = c.peek();
        if (p == delimiter[0] && c.text.substr(c.at).starts_with(delimiter)) {
            const std::size_t end = c.at;
            c.step(delimiter.size());
            return end;
        }
        if (p == '\'' || p == '"' || p == '`') {
            c.quoted(p != '`' && escapes && !(p == '"' && ansi));
        } else if (c.line_comment()) {
            c.line_end();
        } else if (p == '/' && c.peek(1) == '*') {
            if (is_code_comment(c)) {
                c.step(3);
            } else {
                c.comment();
            }
        } else if (p == '\\' && (c.peek(1) == 'g' || c.peek(1) == 'G')) {
            const std::size_t end = c.at;
            c.step(2);
            return end;
        } else if (p == '$' && dollars && is_blank(before) && c.dollar_quoted()) {
        } else {
            c.step(c.width());
        }
        before = p;
    }
    return c.at;
}

}  // namespace internal

DMLIB_DECL bool script_splitter::next(const parse_options& options, script_statement& out) {
    internal::script_cursor c{script_, position_, line_, lexer_charset_of(options.charset)};
    if (c.at == 0 && script_.starts_with("\xef\xbb\xbf")) c.at = 3;
    bool found = false;
    while (!found) {
        internal::skip_between(c);
        if (c.done()) break;
        if (internal::delimiter_command(c, delimiter_)) continue;
        out.line = c.line;
        out.offset = c.at;
        std::size_t end = 0;
        if (internal::use_command(c, delimiter_, end)) {
            c.step(end - c.at);
        } else {
            end = internal::statement_end(c, delimiter_, options);
        }
        while (end > out.offset && internal::is_blank(script_[end - 1])) --end;
        out.text = script_.substr(out.offset, end - out.offset);
        // A versioned comment that is not for this server leaves nothing.
        const token first = lexer{out.text, options}.next();
        found = first.kind != token_kind::end;
        for (std::size_t i = 0; i < first.begin; ++i) out.line += out.text[i] == '\n' ? 1 : 0;
    }
    position_ = c.at;
    line_ = c.line;
    return found;
}

DMLIB_DECL std::vector<script_statement> split_script(std::string_view script,
                                                      const parse_options& options) {
    std::vector<script_statement> out;
    script_splitter splitter{script};
    script_statement s;
    while (splitter.next(options, s)) out.push_back(s);
    return out;
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
