// Patterns of schema and table names, as every rule uses them.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/core/error.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

/// A name folded for comparison without case: ASCII, Latin, Greek and Cyrillic letters of UTF-8 to
/// lower case; everything else, broken UTF-8 included, as it is.
DMLIB_DECL std::string fold_case(std::string_view name);

/// A compiled pattern. Two forms:
///   wildcard  `*` any characters (anywhere), `?` one character (of UTF-8), `[a-z]`, `[!a-z]`;
///             the whole name has to match; a `[` without its `]` stands for itself; a backslash
///             is an ordinary character;
///   ~regex    RE2 syntax, matches anywhere in the name (use ^ and $).
/// Matching takes time linear in the name for regular expressions and at most
/// name length * pattern length for wildcards. Copies share the compiled form.
/// Thread safety: const members may be called at once.
class name_pattern {
public:
    /// Matches everything.
    name_pattern() = default;
    /// Errors: config_rule for a broken or too large regular expression, or an empty text.
    DMLIB_DECL static result<name_pattern> compile(std::string_view text, bool case_sensitive);

    DMLIB_DECL bool matches(std::string_view name) const;
    /// As written.
    const std::string& text() const noexcept { return text_; }
    /// True where the pattern names exactly one name (no wildcard, no regular expression).
    DMLIB_DECL bool is_literal() const noexcept;

private:
    struct compiled;
    std::string text_;
    std::shared_ptr<const compiled> compiled_;
};

/// A regular expression (RE2 syntax), for SQL texts and extracted columns.
class text_regex {
public:
    text_regex() = default;
    /// Errors: config_rule.
    DMLIB_DECL static result<text_regex> compile(std::string_view text, bool case_sensitive);
    /// True where it matches anywhere in `subject`. A default-made object matches nothing.
    DMLIB_DECL bool found_in(std::string_view subject) const;
    /// The text of all capture groups joined ("" where it does not match): what DM puts into
    /// extracted columns.
    DMLIB_DECL std::string captures(std::string_view subject) const;
    /// Number of capture groups.
    DMLIB_DECL int groups() const noexcept;
    const std::string& text() const noexcept { return text_; }

private:
    struct compiled;
    std::string text_;
    std::shared_ptr<const compiled> compiled_;
};

/// Where a rule is written; line 0: in no file. What a rule says does not depend on it: all places
/// are equal.
struct rule_place {
    std::string file{};
    int line = 0;
    int column = 0;
    bool operator==(const rule_place&) const noexcept { return true; }
};
/// "task.yaml:12:5", or "".
DMLIB_DECL std::string to_string(const rule_place& place);
/// The place behind a message: " (task.yaml:12:5)", or "".
DMLIB_DECL std::string text_behind(const rule_place& place);

/// A pair of patterns for schema and table.
struct table_pattern {
    std::string schema{};
    std::string table{};  ///< empty: the schema and every table in it
    bool operator==(const table_pattern&) const = default;
};
/// Splits "schema.table" at the first dot; backquotes around a name allow dots in it. Regular
/// expressions with dots: write the struct instead.
DMLIB_DECL table_pattern parse_table_pattern(std::string_view text);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/pattern.ipp>
#endif
