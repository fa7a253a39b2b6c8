#pragma once

#include <dmlib/sql/ast.hpp>
#include <dmlib/sql/impl/internal/words.hpp>
#include <dmlib/sql/lexer.hpp>

#include <limits>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// What a byte may be: bits of byte_classes.
inline constexpr std::uint8_t class_name = 1;  // part of an unquoted name
inline constexpr std::uint8_t class_digit = 2;
inline constexpr std::uint8_t class_space = 4;
inline constexpr std::uint8_t class_hex = 8;

constexpr std::array<std::uint8_t, 256> make_byte_classes() {
    std::array<std::uint8_t, 256> t{};
    for (unsigned c = 0; c < 256; ++c) {
        std::uint8_t k = 0;
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (digit || letter || c == '_' || c == '$' || c >= 0x80) k |= class_name;
        if (digit) k |= class_digit;
        if (c == ' ' || (c >= 9 && c <= 13)) k |= class_space;
        if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) k |= class_hex;
        t[c] = k;
    }
    return t;
}
inline constexpr std::array<std::uint8_t, 256> byte_classes = make_byte_classes();

inline bool is_class(std::uint8_t c, std::uint8_t mask) noexcept {
    return (byte_classes[c] & mask) != 0;
}

/// Length of the character at `p` in one of the sets whose second bytes may be ASCII.
inline std::uint32_t wide_character(lexer_charset set, const std::uint8_t* p, std::size_t left) {
    if (set == lexer_charset::plain || left < 2 || p[0] < 0x80) return 1;
    const std::uint8_t a = p[0];
    const std::uint8_t b = p[1];
    switch (set) {
        case lexer_charset::gbk:
            return a >= 0x81 && a <= 0xfe && b >= 0x40 && b != 0x7f && b <= 0xfe ? 2 : 1;
        case lexer_charset::big5:
            return a >= 0xa1 && a <= 0xf9 && ((b >= 0x40 && b <= 0x7e) || (b >= 0xa1 && b <= 0xfe))
                       ? 2
                       : 1;
        case lexer_charset::sjis:
            return ((a >= 0x81 && a <= 0x9f) || (a >= 0xe0 && a <= 0xfc)) &&
                           ((b >= 0x40 && b <= 0x7e) || (b >= 0x80 && b <= 0xfc))
                       ? 2
                       : 1;
        case lexer_charset::gb18030:
            if (a < 0x81 || a > 0xfe) return 1;
            if ((b >= 0x40 && b <= 0x7e) || (b >= 0x80 && b <= 0xfe)) return 2;
            return b >= 0x30 && b <= 0x39 && left >= 4 && p[2] >= 0x81 && p[2] <= 0xfe &&
                           p[3] >= 0x30 && p[3] <= 0x39
                       ? 4
                       : 1;
        case lexer_charset::plain:
            break;
    }
    return 1;
}

}  // namespace internal

DMLIB_DECL lexer_charset lexer_charset_of(std::string_view name) {
    if (name == "utf8mb4") return lexer_charset::plain;  // no copy in the usual case
    const std::string lower = ascii_lower(name);
    if (lower == "gbk") return lexer_charset::gbk;
    if (lower == "big5") return lexer_charset::big5;
    if (lower == "sjis" || lower == "cp932") return lexer_charset::sjis;
    if (lower == "gb18030") return lexer_charset::gb18030;
    return lexer_charset::plain;
}

DMLIB_DECL place place_of(std::string_view text, std::size_t offset) {
    place p;
    std::size_t line_start = 0;
    if (offset > text.size()) offset = text.size();
    for (std::size_t i = 0; i < offset; ++i) {
        if (text[i] != '\n') continue;
        ++p.line;
        line_start = i + 1;
    }
    p.column = static_cast<std::uint32_t>(offset - line_start + 1);
    return p;
}

DMLIB_DECL lexer::lexer(std::string_view text, const parse_options& options, std::size_t start)
    : text_(text),
      mode_(options.mode),
      version_(options.version.number()),
      charset_(lexer_charset_of(options.charset)),
      mariadb_(options.flavor == flavor::mariadb),
      tidb_(options.tidb) {
    if (text.size() >= std::numeric_limits<std::uint32_t>::max() - 8) {
        broken_ = true;
    } else {
        size_ = static_cast<std::uint32_t>(text.size());
        pos_ = static_cast<std::uint32_t>(start < text.size() ? start : text.size());
    }
}

inline std::uint32_t lexer::character_length(std::uint32_t at) const {
    return internal::wide_character(
        charset_, reinterpret_cast<const std::uint8_t*>(text_.data()) + at, size_ - at);
}

inline token lexer::make(token_kind kind, std::uint32_t begin) const {
    token t;
    t.kind = kind;
    t.begin = begin;
    t.end = pos_;
    return t;
}

/// False where a comment is not closed.
inline bool lexer::skip_space() {
    while (pos_ < size_) {
        const std::uint8_t c = peek(0);
        if (internal::is_class(c, internal::class_space)) {
            ++pos_;
        } else if (c == '#') {
            skip_line();
        } else if (c == '-' && peek(1) == '-' &&
                   (pos_ + 2 >= size_ || peek(2) <= ' ' || peek(2) == 0x7f)) {
            skip_line();
        } else if (c == '/' && peek(1) == '*') {
            if (!block_comment()) return false;
        } else if (c == '*' && peek(1) == '/' && in_code_comment_) {
            in_code_comment_ = false;
            pos_ += 2;
        } else {
            break;
        }
    }
    return true;
}

inline bool lexer::skip_line() {
    while (pos_ < size_ && text_[pos_] != '\n') ++pos_;
    return true;
}

/// At "/*": passes a comment, or enters one whose content is code here.
inline bool lexer::block_comment() {
    if (peek(2) == '!') return code_comment(pos_ + 3, false);
    if (mariadb_ && (peek(2) == 'M' || peek(2) == 'm') && peek(3) == '!') {
        return code_comment(pos_ + 4, true);
    }
    if (tidb_ && peek(2) == 'T' && (peek(3) == '!' || peek(3) == '[')) {
        std::uint32_t at = pos_ + 3;
        if (text_[at] == '!') ++at;
        if (at < size_ && text_[at] == '[') {
            const std::size_t close = text_.find(']', at);
            at = close == std::string_view::npos ? at : static_cast<std::uint32_t>(close) + 1;
        }
        pos_ = at;
        in_code_comment_ = saw_code_comment_ = true;
        return true;
    }
    pos_ += 2;
    return skip_to_comment_end(false);
}

/// MariaDB ignores plain comments of the versions 5.7.0 to 9.99.99: they hold MySQL's own syntax.
inline bool lexer::code_comment(std::uint32_t digits_at, bool maria_form) {
    int version = 0;
    std::uint32_t at = digits_at;
    std::uint32_t digits = 0;
    while (digits < 6 && at < size_ &&
           internal::is_class(static_cast<std::uint8_t>(text_[at]), internal::class_digit)) {
        version = version * 10 + (text_[at] - '0');
        ++at;
        ++digits;
    }
    bool executes = true;
    if (digits >= 5) {
        executes = version <= version_;
        if (mariadb_ && !maria_form && version >= 50700 && version <= 99999) executes = false;
    } else {
        at = digits_at;
    }
    pos_ = at;
    if (!executes) return skip_to_comment_end(true);
    in_code_comment_ = saw_code_comment_ = true;
    return true;
}

/// Behind the opening: to behind "*/". Inside a skipped versioned comment plain comments nest once.
inline bool lexer::skip_to_comment_end(bool nested) {
    while (pos_ < size_) {
        const std::size_t at = text_.find_first_of(nested ? "*/" : "*", pos_);
        if (at == std::string_view::npos) break;
        pos_ = static_cast<std::uint32_t>(at) + 1;
        if (text_[at] == '*' && peek(0) == '/') {
            ++pos_;
            return true;
        }
        if (text_[at] == '/' && peek(0) == '*') {
            ++pos_;
            if (!skip_to_comment_end(false)) return false;
        }
    }
    pos_ = size_;
    return false;
}

DMLIB_DECL token lexer::next() {
    const std::uint32_t before = pos_;
    if (broken_ || !skip_space()) {
        broken_ = true;
        pos_ = size_;
        return make(token_kind::invalid, before);
    }
    const bool name_may_start_with_digit = after_dot_;
    const bool directly_behind_name = after_name_ && pos_ == before;
    after_dot_ = after_name_ = false;
    if (pos_ < size_ && !internal::is_class(peek(0), internal::class_name)) after_at_at_ = false;
    if (pos_ >= size_) {
        return make(in_code_comment_ ? token_kind::invalid : token_kind::end, pos_);
    }
    const std::uint32_t begin = pos_;
    const std::uint8_t c = peek(0);
    if (internal::is_class(c, internal::class_name)) {
        if (name_may_start_with_digit) return word(begin);
        return word_or_number();
    }
    switch (c) {
        case '`':
            return quoted('`', token_kind::quoted_identifier, begin);
        case '[':
            if (!mariadb_ || (mode_ & sql_mode::mssql) == 0) break;
            return quoted(']', token_kind::quoted_identifier, begin);
        case '\'':
            return quoted('\'', token_kind::string, begin);
        case '"':
            return quoted('"',
                          (mode_ & sql_mode::ansi_quotes) != 0 ? token_kind::quoted_identifier
                                                               : token_kind::string,
                          begin);
        case '@':
            return at_sign();
        case '.':
            if (!directly_behind_name && internal::is_class(peek(1), internal::class_digit)) {
                return number(begin);
            }
            after_dot_ = internal::is_class(peek(1), internal::class_name);
            break;
        default:
            break;
    }
    return punctuation();
}

/// A string or quoted name from its opening quote on.
inline token lexer::quoted(char quote, token_kind kind, std::uint32_t begin) {
    const bool escapes =
        kind != token_kind::quoted_identifier && (mode_ & sql_mode::no_backslash_escapes) == 0;
    ++pos_;
    while (pos_ < size_) {
        const char c = text_[pos_];
        if (c == quote) {
            if (pos_ + 1 < size_ && text_[pos_ + 1] == quote) {
                pos_ += 2;
                continue;
            }
            ++pos_;
            after_name_ = kind == token_kind::quoted_identifier;
            return make(kind, begin);
        }
        if (c == '\\' && escapes) {
            pos_ += pos_ + 1 < size_ ? 2 : 1;  // one byte, also of a longer character
            continue;
        }
        pos_ += static_cast<std::uint8_t>(c) < 0x80 ? 1 : character_length(pos_);
    }
    pos_ = size_;
    broken_ = true;
    return make(token_kind::invalid, begin);
}

/// x'..' and b'..' at the quote.
inline token lexer::prefixed(token_kind kind, std::uint32_t begin) {
    const std::uint32_t start = ++pos_;
    while (pos_ < size_ &&
           (kind == token_kind::hex ? internal::is_class(peek(0), internal::class_hex)
                                    : peek(0) == '0' || peek(0) == '1')) {
        ++pos_;
    }
    const bool odd = kind == token_kind::hex && (pos_ - start) % 2 != 0;
    if (peek(0) != '\'' || odd) return make(token_kind::invalid, begin);
    ++pos_;
    return make(kind, begin);
}

inline token lexer::word_or_number() {
    const std::uint32_t begin = pos_;
    const std::uint8_t c = peek(0);
    if (internal::is_class(c, internal::class_digit)) return number(begin);
    if (peek(1) == '\'') {
        if (c == 'x' || c == 'X') return ++pos_, prefixed(token_kind::hex, begin);
        if (c == 'b' || c == 'B') return ++pos_, prefixed(token_kind::bit, begin);
        if (c == 'n' || c == 'N') return ++pos_, quoted('\'', token_kind::national_string, begin);
    }
    return word(begin);
}

inline token lexer::word(std::uint32_t begin) {
    if (charset_ == lexer_charset::plain) {
        while (pos_ < size_ && internal::is_class(peek(0), internal::class_name)) ++pos_;
    } else {
        while (pos_ < size_ && internal::is_class(peek(0), internal::class_name)) {
            pos_ += character_length(pos_);
        }
    }
    token t = make(token_kind::word, begin);
    // Directly behind a dot, and directly before one, every word is a name (`default.t1`,
    // `t1.key`).
    const bool behind_dot = begin > 0 && text_[begin - 1] == '.';
    const bool before_dot = !after_at_at_ && peek(0) == '.' &&
                            (internal::is_class(peek(1), internal::class_name) || peek(1) == '`');
    if (!behind_dot && !before_dot) {
        t.keyword = internal::keyword_of(text_.substr(begin, pos_ - begin));
    }
    after_name_ = true;
    after_at_at_ = false;
    return t;
}

/// A number, or a name that begins with digits (1a, 0xfg).
inline token lexer::number(std::uint32_t begin) {
    const auto digits = [this] {
        const std::uint32_t start = pos_;
        while (internal::is_class(peek(0), internal::class_digit)) ++pos_;
        return pos_ - start;
    };
    if (peek(0) == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
        const bool hex = peek(1) == 'x';
        std::uint32_t at = 2;
        while (hex ? internal::is_class(peek(at), internal::class_hex)
                   : peek(at) == '0' || peek(at) == '1') {
            ++at;
        }
        if (at > 2 && !internal::is_class(peek(at), internal::class_name)) {
            pos_ += at;
            return make(hex ? token_kind::hex : token_kind::bit, begin);
        }
        return word(begin);
    }
    digits();
    token_kind kind = token_kind::integer;
    bool point = false;
    if (peek(0) == '.') {
        point = true;
        kind = token_kind::decimal;
        ++pos_;
        digits();
    }
    if (peek(0) == 'e' || peek(0) == 'E') {
        const std::uint32_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
        if (internal::is_class(peek(sign), internal::class_digit)) {
            pos_ += sign;
            digits();
            kind = token_kind::floating;
        }
    }
    if (!point && kind == token_kind::integer &&
        internal::is_class(peek(0), internal::class_name)) {
        return word(begin);
    }
    return make(kind, begin);
}

inline token lexer::at_sign() {
    const std::uint32_t begin = pos_;
    token t;
    if (peek(1) == '@') {
        pos_ += 2;
        t = make(token_kind::punctuation, begin);
        t.op = token_op::at_at;
        after_at_at_ = true;
        return t;
    }
    ++pos_;
    if (internal::is_class(peek(0), internal::class_name) || peek(0) == '.') {
        while (pos_ < size_ &&
               (internal::is_class(peek(0), internal::class_name) || peek(0) == '.')) {
            ++pos_;
        }
        return make(token_kind::user_variable, begin);
    }
    t = make(token_kind::punctuation, begin);
    t.op = '@';
    return t;
}

inline token lexer::punctuation() {
    struct row {
        char text[4];
        std::uint8_t op;
    };
    static constexpr row rows[] = {
        {"<=>", token_op::null_safe_equal},
        {"->>", token_op::arrow_unquote},
        {"<=", token_op::less_equal},
        {">=", token_op::greater_equal},
        {"<>", token_op::not_equal},
        {"!=", token_op::not_equal},
        {"<<", token_op::shift_left},
        {">>", token_op::shift_right},
        {"&&", token_op::and_and},
        {"||", token_op::or_or},
        {":=", token_op::assign},
        {"->", token_op::arrow},
        {"\\N", token_op::null},
    };
    const std::uint32_t begin = pos_;
    const std::uint8_t c = peek(0);
    std::uint8_t op = c < 128 ? c : 0;
    std::uint32_t length = 1;
    if (c == '<' || c == '>' || c == '-' || c == '!' || c == '&' || c == '|' || c == ':' ||
        c == '\\') {
        const std::string_view rest = text_.substr(pos_, 3);
        for (const row& r : rows) {
            const std::string_view candidate = r.text;
            if (!rest.starts_with(candidate)) continue;
            op = r.op;
            length = static_cast<std::uint32_t>(candidate.size());
            break;
        }
    }
    pos_ += length;
    token t = make(token_kind::punctuation, begin);
    t.op = op;
    return t;
}

DMLIB_DECL std::string decode_identifier(std::string_view text, const parse_options& options) {
    if (text.size() < 2 || (text[0] != '`' && text[0] != '"' && text[0] != '['))
        return std::string{text};
    const char quote = text[0] == '[' ? ']' : text[0];
    const std::string_view inner = text.substr(1, text.size() - 2);
    if (inner.find(quote) == std::string_view::npos) return std::string{inner};
    const lexer_charset set = lexer_charset_of(options.charset);
    std::string out;
    out.reserve(inner.size());
    for (std::size_t i = 0; i < inner.size(); ++i) {
        const std::uint32_t wide = internal::wide_character(
            set, reinterpret_cast<const std::uint8_t*>(inner.data()) + i, inner.size() - i);
        out.append(inner.substr(i, wide));
        i += wide - 1;
        if (wide == 1 && inner[i] == quote) ++i;
    }
    return out;
}

DMLIB_DECL std::string decode_string(std::string_view text, const parse_options& options) {
    if (!text.empty() && (text[0] == 'N' || text[0] == 'n')) text.remove_prefix(1);
    if (text.size() < 2) return {};
    const char quote = text[0];
    const bool escapes = (options.mode & sql_mode::no_backslash_escapes) == 0;
    const lexer_charset set = lexer_charset_of(options.charset);
    const std::string_view in = text.substr(1, text.size() - 2);
    if (in.find_first_of(escapes ? std::string_view{"\\'\""} : std::string_view{"'\""}) ==
        std::string_view::npos) {
        return std::string{in};
    }
    std::string out;
    out.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        const char c = in[i];
        const std::uint32_t wide = internal::wide_character(
            set, reinterpret_cast<const std::uint8_t*>(in.data()) + i, in.size() - i);
        if (wide > 1) {
            out.append(in.substr(i, wide));
            i += wide - 1;
        } else if (c == quote) {
            out.push_back(c);
            ++i;
        } else if (c == '\\' && escapes && i + 1 < in.size()) {
            const char e = in[++i];
            switch (e) {
                case 'n':
                    out.push_back('\n');
                    break;
                case 't':
                    out.push_back('\t');
                    break;
                case 'r':
                    out.push_back('\r');
                    break;
                case 'b':
                    out.push_back('\b');
                    break;
                case '0':
                    out.push_back('\0');
                    break;
                case 'Z':
                    out.push_back('\x1a');
                    break;
                case '%':
                case '_':
                    out.push_back('\\');
                    [[fallthrough]];
                default:
                    out.push_back(e);
            }
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
