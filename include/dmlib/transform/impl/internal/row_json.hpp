// Paths into the text of a JSON document: what ->> and JSON_VALUE need.
#pragma once

#include <dmlib/transform/impl/internal/row_nodes.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// One leg of a path: a member's name or the place in an array.
struct json_leg {
    std::string name{};
    std::size_t place = 0;
    bool is_place = false;
};

/// "$.a[1].\"b c\""; nothing for wildcards, ranges, `last` and what is no path.
inline std::optional<std::vector<json_leg>> parse_json_path(std::string_view p) {
    if (!p.starts_with('$')) return std::nullopt;
    p.remove_prefix(1);
    std::vector<json_leg> legs;
    while (!p.empty()) {
        json_leg leg;
        const char open = p[0];
        p.remove_prefix(1);
        std::size_t end = 0;
        if (open == '[') {
            end = p.find(']');
            const auto n =
                end == std::string_view::npos ? std::nullopt : parse_exact(p.substr(0, end), 0);
            if (!n || end == 0 || *n < 0 || *n > 1000000) return std::nullopt;
            leg.place = static_cast<std::size_t>(*n);
            leg.is_place = true;
            ++end;
        } else if (open == '.' && p.starts_with('"')) {
            end = p.find('"', 1);
            if (end == std::string_view::npos) return std::nullopt;
            leg.name = p.substr(1, end - 1);
            ++end;
        } else if (open == '.') {
            const auto part_of_name = [](char c) {
                return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z');
            };
            while (end < p.size() && part_of_name(p[end])) ++end;
            leg.name = p.substr(0, end);
            const bool digit_first = end != 0 && p[0] >= '0' && p[0] <= '9';
            if (end == 0 || digit_first) return std::nullopt;
        } else {
            return std::nullopt;
        }
        // An escape in a name would have to be decoded.
        if (leg.name.find_first_of("\\*") != std::string::npos) return std::nullopt;
        p.remove_prefix(end);
        legs.push_back(std::move(leg));
    }
    return legs;
}

/// Walks over JSON text. It trusts nothing: broken text ends in failed().
class json_walker {
public:
    explicit json_walker(std::string_view text) : rest_(text) {}
    bool failed() const noexcept { return failed_; }

    /// The text of the value at the path; nothing where there is none.
    std::optional<std::string_view> find(const std::vector<json_leg>& legs) {
        for (std::size_t i = 0; i < legs.size(); ++i) {
            blanks();
            const json_leg& leg = legs[i];
            const char open = rest_.empty() ? '\0' : rest_[0];
            // $[0] of what is no array is the value itself.
            if (leg.is_place && open != '[' && leg.place == 0) continue;
            if (open != (leg.is_place ? '[' : '{') || !enter(leg)) return std::nullopt;
        }
        blanks();
        const std::string_view from = rest_;
        skip(0);
        if (failed_) return std::nullopt;
        return from.substr(0, from.size() - rest_.size());
    }

    /// A string's characters, escapes decoded; fails for what is no string.
    std::string string() {
        std::string out;
        if (rest_.empty() || rest_[0] != '"') {
            failed_ = true;
            return out;
        }
        rest_.remove_prefix(1);
        while (!failed_) {
            if (rest_.empty()) {
                failed_ = true;
                break;
            }
            const char c = rest_[0];
            rest_.remove_prefix(1);
            if (c == '"') break;
            if (c == '\\') {
                escape(out);
            } else {
                out.push_back(c);
            }
        }
        return out;
    }

private:
    static constexpr int max_depth = 100;  // the servers' own limit

    void blanks() {
        while (!rest_.empty() &&
               std::string_view(" \t\r\n").find(rest_[0]) != std::string_view::npos)
            rest_.remove_prefix(1);
    }
    bool take(char c) {
        blanks();
        if (rest_.empty() || rest_[0] != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // Stands on '[' or '{'; goes to the element.
    bool enter(const json_leg& leg) {
        rest_.remove_prefix(1);
        for (std::size_t at = 0; !failed_; ++at) {
            blanks();
            if (rest_.empty() || rest_[0] == ']' || rest_[0] == '}') return false;
            if (at != 0 && !take(',')) break;
            blanks();
            if (leg.is_place) {
                if (at == leg.place) return true;
            } else {
                const std::string name = string();
                if (!take(':')) break;
                if (name == leg.name) return true;
            }
            skip(0);
        }
        failed_ = true;
        return false;
    }

    void skip(int depth) {
        blanks();
        if (rest_.empty() || depth > max_depth) {
            failed_ = true;
            return;
        }
        const char c = rest_[0];
        if (c == '"') {
            string();
        } else if (c == '{' || c == '[') {
            skip_inside(depth, c == '{');
        } else {
            const std::size_t end = rest_.find_first_of(",]} \t\r\n");
            if (end == 0) failed_ = true;
            rest_.remove_prefix(std::min(end, rest_.size()));
        }
    }
    void skip_inside(int depth, bool object) {
        rest_.remove_prefix(1);
        const char close = object ? '}' : ']';
        if (take(close)) return;
        do {
            blanks();
            if (object) {
                string();
                if (!take(':')) failed_ = true;
            }
            if (!failed_) skip(depth + 1);
        } while (!failed_ && take(','));
        if (!take(close)) failed_ = true;
    }

    std::uint32_t four_digits() {
        std::uint32_t n = 0;
        if (rest_.size() < 4) {
            failed_ = true;
            return 0;
        }
        const auto [end, ec] = std::from_chars(rest_.data(), rest_.data() + 4, n, 16);
        failed_ = failed_ || ec != std::errc{} || end != rest_.data() + 4;
        rest_.remove_prefix(4);
        return n;
    }
    void escape(std::string& out) {
        if (rest_.empty()) {
            failed_ = true;
            return;
        }
        const char c = rest_[0];
        rest_.remove_prefix(1);
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view values = "\"\\/\b\f\n\r\t";
        const std::size_t at = names.find(c);
        if (at != std::string_view::npos) {
            out.push_back(values[at]);
            return;
        }
        if (c != 'u') {
            failed_ = true;
            return;
        }
        std::uint32_t point = four_digits();
        if (point >= 0xd800 && point < 0xdc00) {
            if (!rest_.starts_with("\\u")) {
                failed_ = true;
                return;
            }
            rest_.remove_prefix(2);
            point = 0x10000 + ((point - 0xd800) << 10) + (four_digits() - 0xdc00);
        }
        append_utf8(out, point);
    }
    static void append_utf8(std::string& out, std::uint32_t p) {
        const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
        if (p < 0x80) return put(p);
        if (p < 0x800) {
            put(0xc0 | (p >> 6));
        } else {
            if (p < 0x10000) {
                put(0xe0 | (p >> 12));
            } else {
                put(0xf0 | ((p >> 18) & 7));
                put(0x80 | ((p >> 12) & 0x3f));
            }
            put(0x80 | ((p >> 6) & 0x3f));
        }
        put(0x80 | (p & 0x3f));
    }

    std::string_view rest_;
    bool failed_ = false;
};

/// MySQL's column->>'path': strings without quotes, everything else as its text.
class json_text_node final : public row_node {
public:
    json_text_node(row_node_ptr a, std::vector<json_leg> legs)
        : a_(std::move(a)), legs_(std::move(legs)) {}
    void eval(row_scope& scope, row_value& out) const override {
        const row_value v = value_of(*a_, scope);
        if (v.null) return;
        json_walker walk{v.s};
        const auto found = walk.find(legs_);
        if (walk.failed()) return scope.fail("a JSON document cannot be read");
        if (!found) return;
        if (!found->starts_with('"')) {
            out.own = *found;
        } else {
            json_walker string{*found};
            out.own = string.string();
        }
        out.set_own();
    }

private:
    row_node_ptr a_;
    std::vector<json_leg> legs_;
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
