// The parser's cursor, names and simple values.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>
#include <dmlib/sql/impl/internal/quote.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline bool is_reserved(keyword k, const parse_options& options) noexcept {
    if (k == k_unlisted) return false;
    const word_info& w = word_table[k];
    const std::uint32_t since =
        options.flavor == flavor::mariadb ? w.mariadb_reserved : w.mysql_reserved;
    return since != 0 && static_cast<std::uint32_t>(options.version.number()) >= since;
}

/// Whether two tokens that stand next to each other would read as something else in normal form:
/// signs as a comment, two strings or names in different quotes as one, x"41" as x'41'.
inline bool reads_together(std::string_view text, const token& a, const token& b) noexcept {
    if (a.kind == token_kind::punctuation) {
        return b.kind == token_kind::punctuation && a.op == '-' && b.op == '-';
    }
    if (b.kind == token_kind::quoted_identifier) return a.kind == b.kind;
    if (b.kind != token_kind::string) return false;
    if (a.kind == token_kind::string || a.kind == token_kind::national_string) return true;
    return a.kind == token_kind::word && a.end - a.begin == 1 &&
           std::string_view{"xXbBnN"}.find(text[a.begin]) != std::string_view::npos;
}

inline std::string join_tokens(std::string_view text,
                               const token* begin,
                               const token* end,
                               const parse_options& options) {
    std::string out;
    for (const token* t = begin; t != end; ++t) {
        // Two signs that stood next to each other must not become the begin of a comment.
        if (t != begin && (t[-1].end != t->begin || reads_together(text, t[-1], *t))) {
            out.push_back(' ');
        }
        const std::string_view s = text.substr(t->begin, t->end - t->begin);
        const lexer_charset set = lexer_charset_of(options.charset);
        switch (t->kind) {
            case token_kind::quoted_identifier:
                append_identifier(out, decode_identifier(s, options), set);
                break;
            case token_kind::national_string:
                out.push_back('N');
                [[fallthrough]];
            case token_kind::string:
                append_string(out, decode_string(s, options), false, set);
                break;
            default:
                out.append(s);
        }
    }
    return out;
}

inline ddl_parser::ddl_parser(std::string_view text,
                              const parse_options& options,
                              std::size_t start)
    : text_(text), start_(start), options_(options), charset_(lexer_charset_of(options.charset)) {
}

inline bool ddl_parser::tokenize() {
    lexer in{text_, options_, start_};
    tokens_.reserve((text_.size() - start_) / 5 + 8);
    for (;;) {
        tokens_.push_back(in.next());
        const token& t = tokens_.back();
        if (t.kind == token_kind::end) break;
        if (t.kind == token_kind::invalid) {
            at_ = tokens_.size() - 1;
            return fail("the end of a string, name or comment");
        }
        // Half a character at the end of a name would swallow a backquote that print puts behind.
        const bool name = t.kind == token_kind::word || t.kind == token_kind::quoted_identifier;
        if (name && charset_ != lexer_charset::plain &&
            !is_whole_name(decode_identifier(token_text(t), options_), charset_)) {
            at_ = tokens_.size() - 1;
            return fail("a name of whole characters");
        }
    }
    code_comments_ = in.saw_code_comment();
    return true;
}

inline bool ddl_parser::fail(std::string_view expected) {
    if (!failed_) {
        failed_ = true;
        failed_at_ = at_;
        expected_ = expected;
    }
    return false;
}

inline bool ddl_parser::fail_word(keyword k) {
    std::string upper{word_table[k].text};
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    return fail(upper);
}

inline dmlib::error ddl_parser::failure() const {
    const token& t = tokens_[failed_at_ < tokens_.size() ? failed_at_ : tokens_.size() - 1];
    const place p = place_of(text_, t.begin);
    std::string what = "line " + std::to_string(p.line) + ":" + std::to_string(p.column) + ": ";
    if (too_deep_) {
        what += "the expression is nested too deeply";
    } else {
        what += "expected " + expected_ + ", found ";
        const std::string_view found = token_text(t).substr(0, 60);
        what += t.kind == token_kind::end ? std::string{"the end"} : "'" + std::string{found} + "'";
    }
    error e{errc::sync_ddl_unparsed, std::move(what)};
    e.statement(std::string{text_.substr(0, 4096)});
    return e;
}

inline std::string ddl_parser::written(std::size_t first) const {
    if (at_ <= first) return {};
    if (code_comments_) return joined(first);
    const std::uint32_t begin = tokens_[first].begin;
    return std::string{text_.substr(begin, tokens_[at_ - 1].end - begin)};
}

inline std::string ddl_parser::joined(std::size_t first) const {
    return join_tokens(text_, tokens_.data() + first, tokens_.data() + at_, options_);
}

inline bool ddl_parser::at_end() {
    while (accept_op(';')) {
    }
    return is(token_kind::end) || fail("the end of the statement");
}

inline bool ddl_parser::skip_parenthesised() {
    if (!expect_op('(')) return false;
    std::size_t open = 1;
    while (open > 0) {
        if (is(token_kind::end)) return fail("')'");
        if (is_op('(')) ++open;
        if (is_op(')')) --open;
        advance();
    }
    return true;
}

inline bool ddl_parser::is_identifier_ahead(std::size_t n) const noexcept {
    if (ahead(n).kind == token_kind::quoted_identifier) return true;
    return ahead(n).kind == token_kind::word && !is_reserved(word_ahead(n), options_);
}

inline bool ddl_parser::identifier(std::string& out) {
    return is_identifier() ? any_identifier(out) : fail("a name");
}

inline bool ddl_parser::field_identifier(std::string& out) {
    if (!mariadb() && options_.version.at_least(8)) return identifier(out);
    if (accept_op('.')) return any_identifier(out);
    if (!identifier(out)) return false;
    for (int i = 0; i < 2 && accept_op('.'); ++i) {
        if (!any_identifier(out)) return false;
    }
    return true;
}

inline bool ddl_parser::any_identifier(std::string& out) {
    if (is(token_kind::word)) {
        out.assign(token_text(current()));
    } else if (is(token_kind::quoted_identifier)) {
        out = decode_identifier(token_text(current()), options_);
        if (out.empty()) return fail("a name that is not empty");
    } else {
        return fail("a name");
    }
    if (!is_whole_name(out, charset_)) return fail("a name of whole characters");
    advance();
    return true;
}

inline bool ddl_parser::identifier_list(std::vector<std::string>& out) {
    if (!expect_op('(')) return false;
    do {
        if (!identifier(out.emplace_back())) return false;
    } while (accept_op(','));
    return expect_op(')');
}

inline bool ddl_parser::table(table_name& out) {
    if (accept_op('.')) return any_identifier(out.table);  // ".t": no schema
    if (!identifier(out.table)) return false;
    if (!accept_op('.')) return true;
    out.schema = std::move(out.table);
    out.table.clear();
    return any_identifier(out.table);
}

inline bool ddl_parser::table_list(std::vector<table_name>& out) {
    do {
        if (!table(out.emplace_back())) return false;
    } while (accept_op(','));
    return true;
}

inline bool ddl_parser::word_or_string(std::string& out, bool& quoted_string) {
    quoted_string = is(token_kind::string);
    if (!quoted_string) return any_identifier(out);
    const std::size_t first = at_;
    if (!string_value(out)) return false;
    if (!out.empty() && is_whole_name(out, charset_)) return true;
    at_ = first;
    return fail("a name of whole characters");
}

/// The keywords DEFAULT and BINARY, or a name; no set is called `default`.
inline bool ddl_parser::set_name(std::string& out, std::string_view expected) {
    if (!is(token_kind::string) && word() != k_binary && word() != k_default && !is_identifier()) {
        return fail(expected);
    }
    const std::size_t first = at_;
    const bool default_word = word() == k_default;
    bool quoted_string = false;
    if (!word_or_string(out, quoted_string)) return false;
    out = ascii_lower(out);
    if (default_word || out != "default") return true;
    at_ = first;
    return fail(expected);
}

inline bool ddl_parser::charset_name(std::string& out) {
    return set_name(out, "a character set");
}

inline bool ddl_parser::collation_name(std::string& out) {
    return set_name(out, "a collation");
}

/// 'a' 'b' is one string.
inline bool ddl_parser::string_value(std::string& out) {
    if (!is(token_kind::string)) return fail("a string");
    out = decode_string(token_text(current()), options_);
    advance();
    while (is(token_kind::string)) {
        out += decode_string(token_text(current()), options_);
        advance();
    }
    return true;
}

inline std::string digits_of(std::string_view token_text) {
    if (token_text.size() > 2 && token_text[1] == '\'') {
        return std::string{token_text.substr(2, token_text.size() - 3)};
    }
    return token_text.size() > 2 ? std::string{token_text.substr(2)} : std::string{};
}

/// A string, x'..' or b'..', with an introducer perhaps.
inline bool ddl_parser::string_literal(literal& out) {
    if (is(token_kind::word) && text_[current().begin] == '_') {
        out.charset = ascii_lower(token_text(current()).substr(1));
        advance();
    }
    switch (current().kind) {
        case token_kind::string:
            out.kind = literal_kind::string;
            return string_value(out.text);
        case token_kind::national_string: {
            out.kind = literal_kind::national;
            out.text = decode_string(token_text(current()), options_);
            advance();
            std::string more;
            if (is(token_kind::string) && !string_value(more)) return false;
            out.text += more;
            return true;
        }
        case token_kind::hex:
        case token_kind::bit:
            out.kind = is(token_kind::hex) ? literal_kind::hex : literal_kind::bit;
            out.quoted = is(token_kind::hex) && token_text(current()).back() == '\'';
            out.text = digits_of(token_text(current()));
            advance();
            return true;
        default:
            return fail("a string");
    }
}

inline bool ddl_parser::text_literal(literal& out) {
    out.kind = literal_kind::string;
    return string_value(out.text);
}

inline bool ddl_parser::unsigned_value(std::uint64_t& out, bool clamps) {
    std::string digits{token_text(current())};
    int base = 10;
    if (is(token_kind::hex)) {
        digits = digits_of(digits);
        base = 16;
    } else if (!is(token_kind::integer)) {
        return fail("a number");
    }
    std::uint64_t v = 0;
    for (const char c : digits) {
        const int d = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        const auto add = static_cast<std::uint64_t>(d);
        if (v > (UINT64_MAX - add) / static_cast<std::uint64_t>(base)) {
            if (!clamps) return fail("a number that fits into 64 bits");
            v = UINT64_MAX;
            break;
        }
        v = v * static_cast<std::uint64_t>(base) + add;
    }
    out = v;
    advance();
    return true;
}

/// 1048576, 4M, 0x10.
inline bool ddl_parser::size_value(literal& out) {
    out.kind = literal_kind::integer;
    if (is(token_kind::word) && token_text(current())[0] >= '0' &&
        token_text(current())[0] <= '9') {
        out.text = ascii_lower(token_text(current()));
        advance();
        return true;
    }
    std::uint64_t v = 0;
    if (is(token_kind::decimal)) {  // the server takes ulonglong_num: the whole part
        for (const char c : token_text(current())) {
            if (c == '.') break;
            const auto digit = static_cast<std::uint64_t>(c - '0');
            v = v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : v * 10 + digit;
        }
        advance();
        out.text = std::to_string(v);
        return true;
    }
    // Servers read decimal digits as the C library does: the largest number stands for more.
    if (!unsigned_value(v, is(token_kind::integer))) return false;
    out.text = std::to_string(v);
    return true;
}

inline bool ddl_parser::or_replace() {
    return since(0, 1) && accept2(k_or, k_replace);
}

inline bool ddl_parser::if_exists(bool everywhere) {
    if (word() != k_if || word_ahead(1) != k_exists) return false;
    if (!everywhere && !since(0, 1)) return false;
    advance();
    advance();
    return true;
}

inline bool ddl_parser::if_not_exists(bool everywhere) {
    if (word() != k_if || word_ahead(1) != k_not || word_ahead(2) != k_exists) return false;
    if (!everywhere && !since(0, 1)) return false;
    advance();
    advance();
    advance();
    return true;
}

/// MariaDB's WAIT n | NOWAIT.
inline std::string ddl_parser::wait_clause() {
    if (!since(0, 100300)) return {};
    if (accept(k_nowait)) return "NOWAIT";
    if (word() == k_wait && ahead(1).kind == token_kind::integer) {
        advance();
        std::string out = "WAIT " + std::string{token_text(current())};
        advance();
        return out;
    }
    return {};
}

inline bool ddl_parser::behaviour(std::string& out) {
    if (accept(k_restrict)) {
        out = "restrict";
    } else if (accept(k_cascade)) {
        out = "cascade";
    }
    return true;
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
