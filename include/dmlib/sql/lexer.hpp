// Bytes to tokens, by the rules of a flavour, a version and a sql_mode.
#pragma once

#include <dmlib/sql/options.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

enum class token_kind : std::uint8_t {
    end,
    word,               ///< unquoted name or keyword; `keyword` is its number in the word table
    quoted_identifier,  ///< `..`, ".." under ANSI_QUOTES, [..] under MSSQL
    string,             ///< '..' or ".."
    national_string,    ///< N'..'
    hex,                ///< 0x.. or x'..'
    bit,                ///< 0b.. or b'..'
    integer,
    decimal,
    floating,
    user_variable,  ///< @name without quotes
    punctuation,    ///< `op` says which
    invalid,        ///< unterminated string, comment or quoted name
};

/// Operators of several characters; a single character stands for itself.
namespace token_op {
inline constexpr std::uint8_t less_equal = 128;
inline constexpr std::uint8_t greater_equal = 129;
inline constexpr std::uint8_t not_equal = 130;
inline constexpr std::uint8_t null_safe_equal = 131;
inline constexpr std::uint8_t shift_left = 132;
inline constexpr std::uint8_t shift_right = 133;
inline constexpr std::uint8_t and_and = 134;
inline constexpr std::uint8_t or_or = 135;
inline constexpr std::uint8_t assign = 136;         // :=
inline constexpr std::uint8_t arrow = 137;          // ->
inline constexpr std::uint8_t arrow_unquote = 138;  // ->>
inline constexpr std::uint8_t at_at = 139;          // @@
inline constexpr std::uint8_t null = 140;           // \N
}  // namespace token_op

struct token {
    token_kind kind = token_kind::end;
    std::uint8_t op = 0;
    std::uint16_t keyword = 0;
    std::uint32_t begin = 0;  ///< byte offsets in the text
    std::uint32_t end = 0;
};

/// How bytes above 0x80 of the text's character set hide characters such as ` and \ .
enum class lexer_charset : std::uint8_t { plain, gbk, big5, sjis, gb18030 };
DMLIB_DECL lexer_charset lexer_charset_of(std::string_view name);

struct place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;  ///< in bytes
};
/// Line and column of an offset, both from 1.
DMLIB_DECL place place_of(std::string_view text, std::size_t offset);

/// Produces one token after the other; linear in the text, no allocation. Texts of 4 GiB and more
/// give one invalid token. Lifetime: borrows the text.
class lexer {
public:
    /// Begins at byte `start`; offsets count from the text's begin.
    DMLIB_DECL lexer(std::string_view text, const parse_options& options, std::size_t start = 0);
    DMLIB_DECL token next();
    /// True once an executed versioned comment was met: text between tokens is not plain then.
    bool saw_code_comment() const noexcept { return saw_code_comment_; }
    std::string_view text() const noexcept { return text_; }
    std::uint32_t offset() const noexcept { return pos_; }

private:
    bool skip_space();
    bool skip_line();
    bool block_comment();
    bool code_comment(std::uint32_t digits_at, bool maria_form);
    bool skip_to_comment_end(bool nested);
    token make(token_kind kind, std::uint32_t begin) const;
    token quoted(char quote, token_kind kind, std::uint32_t begin);
    token prefixed(token_kind kind, std::uint32_t begin);
    token word_or_number();
    token number(std::uint32_t begin);
    token word(std::uint32_t begin);
    token punctuation();
    token at_sign();
    std::uint32_t character_length(std::uint32_t at) const;
    std::uint8_t peek(std::uint32_t ahead) const noexcept {
        return pos_ + ahead < size_ ? static_cast<std::uint8_t>(text_[pos_ + ahead]) : 0;
    }

    std::string_view text_;
    std::uint32_t size_ = 0;
    std::uint32_t pos_ = 0;
    std::uint64_t mode_ = 0;
    int version_ = 0;
    lexer_charset charset_ = lexer_charset::plain;
    bool mariadb_ = false;
    bool tidb_ = false;
    bool in_code_comment_ = false;
    bool saw_code_comment_ = false;
    bool after_dot_ = false;    // a name that begins with digits may follow
    bool after_at_at_ = false;  // the scope of a variable stays a keyword before its dot
    bool after_name_ = false;   // a dot here begins no number
    bool broken_ = false;
};

/// The decoded bytes of a string token ('..' with its escapes taken out) or of a quoted or unquoted
/// name. `token_text` is the token's text with its quotes.
DMLIB_DECL std::string decode_string(std::string_view token_text, const parse_options& options);
DMLIB_DECL std::string decode_identifier(std::string_view token_text, const parse_options& options);

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sql/impl/lexer.ipp>
#endif
