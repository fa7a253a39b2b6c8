// Expressions: one uniform node type, so that walking, renaming and printing are short loops.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

/// A half-open range of byte offsets in the parsed text. All spans are equal when compared, so that
/// two parses of differently written text compare by meaning.
struct source_span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const source_span&) const noexcept { return true; }
};

/// An optional value on the heap, for large parts that are mostly absent. Copies are deep.
template <class T>
class boxed {
public:
    boxed() = default;
    boxed(std::nullopt_t) {}
    boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
    boxed(const boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    boxed(boxed&&) noexcept = default;
    boxed& operator=(const boxed& other) {
        if (this != &other) value_ = other ? std::make_unique<T>(*other) : nullptr;
        return *this;
    }
    boxed& operator=(boxed&&) noexcept = default;
    ~boxed() = default;

    template <class... Args>
    T& emplace(Args&&... args) {
        value_ = std::make_unique<T>(std::forward<Args>(args)...);
        return *value_;
    }
    void reset() noexcept { value_.reset(); }
    bool has_value() const noexcept { return value_ != nullptr; }
    explicit operator bool() const noexcept { return value_ != nullptr; }
    /// Preconditions of the four: has_value().
    T& operator*() noexcept { return *value_; }
    const T& operator*() const noexcept { return *value_; }
    T* operator->() noexcept { return value_.get(); }
    const T* operator->() const noexcept { return value_.get(); }

    bool operator==(const boxed& other) const {
        if (!value_ || !other.value_) return !value_ && !other.value_;
        return *value_ == *other.value_;
    }

private:
    std::unique_ptr<T> value_;
};

enum class literal_kind : std::uint8_t {
    null,
    boolean,    ///< text "true" or "false"
    integer,    ///< text: digits as written (a sign is a unary node, except in default_clause)
    decimal,    ///< digits with a point
    floating,   ///< with an exponent
    string,     ///< text: the decoded bytes
    national,   ///< N'..': decoded bytes, character set utf8
    hex,        ///< x'..', 0x..: text is the digits
    bit,        ///< b'..', 0b..: text is the digits
    date,       ///< DATE '..'
    time,       ///< TIME '..'
    timestamp,  ///< TIMESTAMP '..'
};

/// A constant as written. `charset` is the introducer without its underscore ("utf8mb4"), or empty.
struct literal {
    literal_kind kind = literal_kind::null;
    std::string text;
    std::string charset;
    bool quoted = false;  ///< hex: x'41', which MariaDB takes for a string, and not 0x41
    bool operator==(const literal&) const = default;
};

enum class expression_kind : std::uint8_t {
    literal,          ///< value
    column,           ///< name, qualifier (table), schema
    user_variable,    ///< @name
    system_variable,  ///< @@scope.name: qualifier = global|session|local|persist|"" , name
    parameter,        ///< ?
    star,             ///< * as in COUNT(*); qualifier for t.*
    unary,            ///< op, 1 operand
    binary,           ///< op, 2 or more operands: a left fold of one operator (a + b + c)
    between,          ///< operands: value, low, high; negated
    in,               ///< operands: value, list...; negated
    like,             ///< operands: value, pattern[, escape]; negated
    regexp,           ///< operands: value, pattern; negated
    is,               ///< operand; name = null|true|false|unknown|json...; negated
    case_when,        ///< has_subject, then pairs WHEN/THEN, then ELSE if has_else
    function,         ///< name (qualifier = schema), operands; modifiers in `text` where kept raw
    cast,             ///< CAST(x AS type): type_text = normal form of the type; flag array
    convert_using,    ///< CONVERT(x USING name)
    interval,         ///< INTERVAL x unit: name = unit
    row,              ///< ROW(a, b) or (a, b)
    collate,          ///< x COLLATE name
    json_extract,     ///< operands: column, path literal; name "->" or "->>"
    member_of,        ///< x MEMBER OF (y)
    match_against,    ///< operands: columns..., query last; text = modifier
    default_of,       ///< DEFAULT(col): operand
    raw,              ///< anything kept as tokens (subquery, window function, ...): text
};

enum class expression_operator : std::uint8_t {
    none,
    logical_or,
    logical_xor,
    logical_and,
    logical_not,  // unary NOT (and ! , which binds tighter but means the same)
    equal,
    null_safe_equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    bit_or,
    bit_and,
    bit_xor,
    bit_not,  // unary ~
    shift_left,
    shift_right,
    add,
    subtract,
    multiply,
    divide,
    int_divide,  // DIV
    modulo,      // % and MOD
    negate,      // unary -
    plus,        // unary +
    binary,      // BINARY x
    concat,      // || under PIPES_AS_CONCAT
    assign,      // :=
};

/// A scalar expression. Value type; the parser limits its height, so recursion over it is safe.
struct expression {
    expression_kind kind = expression_kind::literal;
    expression_operator op = expression_operator::none;
    bool negated = false;       ///< NOT IN, NOT LIKE, IS NOT, ...
    bool has_subject = false;   ///< CASE x WHEN ...
    bool has_else = false;      ///< CASE ... ELSE
    bool distinct = false;      ///< f(DISTINCT ...)
    bool array = false;         ///< CAST(... AS type ARRAY)
    bool no_arguments = false;  ///< function written without parentheses (CURRENT_TIMESTAMP)
    std::string schema;
    std::string qualifier;
    std::string name;  ///< functions, units and keywords in lower case; columns as written
    std::string text;  ///< see the kinds
    sql::literal value;
    std::vector<expression> operands;
    source_span span;
    bool operator==(const expression&) const = default;

    bool is_null() const noexcept {
        return kind == expression_kind::literal && value.kind == literal_kind::null;
    }
    bool is_function(const char* lower_name) const {
        return kind == expression_kind::function && name == lower_name;
    }
};

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
