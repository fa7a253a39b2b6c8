// REGEXP: the part of ICU's (MySQL) and PCRE's (MariaDB) language that RE2 decides in the same way.
#pragma once

#include <dmlib/transform/impl/internal/row_nodes.hpp>
#include <dmlib/transform/pattern.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Rewrites a pattern for RE2, or says what keeps it from being the same.
class regexp_translator {
public:
    regexp_translator(std::string_view pattern, bool icu) : rest_(pattern), icu_(icu) {}

    /// The RE2 text; nothing with fault() where the pattern is not taken.
    std::optional<std::string> run() {
        if (rest_.empty()) fault_ = "an empty pattern";
        while (fault_.empty() && !rest_.empty()) step();
        if (!fault_.empty()) return std::nullopt;
        return out_;
    }
    const std::string& fault() const noexcept { return fault_; }

private:
    static constexpr std::string_view plain_escapes = ".*+?()[]{}|^$\\-/";

    char take() {
        const char c = rest_[0];
        rest_.remove_prefix(1);
        return c;
    }
    void step() {
        const char c = take();
        if (c < 0x20 || c > 0x7e) {
            fault_ = "a pattern with other than printable ASCII characters";
            return;
        }
        const bool starts = at_start_;
        at_start_ = false;
        switch (c) {
            case '\\':
                return escape();
            case '[':
                return bracket();
            case '.':
                // Both leave out line ends, each its own.
                out_ += icu_ ? "[^\\n\\x0b\\f\\r\\x{85}\\x{2028}\\x{2029}]" : "[^\\n]";
                return repeat();
            case '^':
                if (!starts) fault_ = "^ elsewhere than at the beginning";
                at_start_ = true;  // nothing to repeat
                out_ += "\\A";
                return;
            case '$':
                if (!rest_.empty() && rest_[0] != ')' && rest_[0] != '|')
                    fault_ = "$ elsewhere than at the end";
                out_ +=
                    icu_ ? "(?:\\r\\n|[\\n\\x0b\\f\\r\\x{85}\\x{2028}\\x{2029}])?\\z" : "\\n?\\z";
                return;
            case '(':
                return open();
            case ')':
                out_.push_back(c);
                return repeat();
            case '|':
                out_.push_back(c);
                at_start_ = true;
                return;
            case '*':
            case '+':
            case '?':
            case '{':
            case '}':
                fault_ = "a repetition of nothing";
                return;
            default:
                out_.push_back(c);
                return repeat();
        }
    }

    void open() {
        out_.push_back('(');
        if (rest_.starts_with("?:")) {
            out_ += "?:";
            rest_.remove_prefix(2);
        } else if (rest_.starts_with("?") || rest_.starts_with("*")) {
            fault_ = "a group that begins with (? or (*";
        }
        at_start_ = true;
    }

    void escape() {
        if (rest_.empty() || plain_escapes.find(rest_[0]) == std::string_view::npos) {
            fault_ = "an escape other than that of a punctuation character";
            return;
        }
        out_.push_back('\\');
        out_.push_back(take());
        repeat();
    }

    void bracket() {
        out_.push_back('[');
        if (!rest_.empty() && rest_[0] == '^') out_.push_back(take());
        bool first = true;
        for (char before = '\0'; !rest_.empty(); first = false) {
            const char c = take();
            if (c == ']' && !first) {
                out_.push_back(c);
                return repeat();
            }
            const bool doubled = (c == '&' || c == '-' || c == '~' || c == '|') && c == before;
            if (c == '[' || c == ']' || c < 0x20 || c > 0x7e || doubled) break;
            before = c;
            if (c == '\\') {
                if (rest_.empty() || plain_escapes.find(rest_[0]) == std::string_view::npos) break;
                out_.push_back('\\');
                out_.push_back(take());
                before = '\0';
                continue;
            }
            out_.push_back(c);
        }
        fault_ = "a bracket with classes, escapes, or operators";
    }

    /// A repetition behind an atom, with ? for lazy, which does not change whether there is a
    /// match.
    void repeat() {
        if (rest_.empty()) return;
        const char c = rest_[0];
        if (c == '*' || c == '+' || c == '?') {
            out_.push_back(take());
        } else if (c == '{') {
            const std::size_t end = rest_.find('}');
            const std::string_view inside =
                end == std::string_view::npos ? std::string_view{} : rest_.substr(1, end - 1);
            const std::size_t comma = inside.find(',');
            const bool fine = small_number(inside.substr(0, comma)) &&
                              (comma == std::string_view::npos || comma + 1 == inside.size() ||
                               small_number(inside.substr(comma + 1)));
            if (!fine) {
                fault_ = "a repetition other than {n}, {n,}, {n,m} up to 999";
                return;
            }
            out_ += rest_.substr(0, end + 1);
            rest_.remove_prefix(end + 1);
        } else {
            return;
        }
        if (!rest_.empty() && rest_[0] == '?') out_.push_back(take());
        if (!rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos)
            fault_ = "a repetition of a repetition";
    }
    static bool small_number(std::string_view s) noexcept {
        return !s.empty() && s.size() <= 3 &&
               s.find_first_not_of("0123456789") == std::string_view::npos;
    }

    std::string_view rest_;
    bool icu_;
    bool at_start_ = true;
    std::string out_;
    std::string fault_;
};

class regexp_node final : public row_node {
public:
    regexp_node(row_node_ptr a, text_regex regex, bool folds_icu, bool negated)
        : a_(std::move(a)), regex_(std::move(regex)), folds_icu_(folds_icu), negated_(negated) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        for (std::string_view rest = v.s; !rest.empty();) {
            const text_character c = next_utf8(rest);
            if (c.size == 0) return scope.fail("a text is not valid in its charset");
            if (folds_icu_ && folds_to_several(c.point)) {
                return scope.fail(
                    "a text has a letter that is several letters in the other case; use REGEXP "
                    "under a _bin collation (... COLLATE utf8mb4_bin)");
            }
            rest.remove_prefix(c.size);
        }
        out.set_exact(regex_.found_in(v.s) != negated_);
    }

private:
    /// The letters whose folding is several letters of ASCII.
    static bool folds_to_several(std::uint32_t p) noexcept {
        return p == 0xdf || p == 0x1e9e || (p >= 0xfb00 && p <= 0xfb06);
    }
    row_node_ptr a_;
    text_regex regex_;
    bool folds_icu_;
    bool negated_;
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
