// The comments of a YAML text, so that a file that is written anew keeps them.
#pragma once

#include <dmlib/core/config.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// Comments by line, from 1: those that have a line of their own, and those behind something.
class yaml_comments {
public:
    explicit yaml_comments(std::string_view text) {
        int number = 0;
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            std::string_view line = text.substr(0, end);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            if (line.ends_with('\r')) line.remove_suffix(1);
            take(line, ++number);
        }
    }
    /// Takes out the lines before `line`, in order, each with "#".
    template <class Use>
    void before(int line, Use use) {
        const auto end = own_.lower_bound(line);
        for (auto i = own_.begin(); i != end; ++i) use(i->second);
        own_.erase(own_.begin(), end);
    }
    /// Takes out the comment behind what stands in a line; "" where there is none.
    std::string behind(int line) {
        const auto found = behind_.find(line);
        if (found == behind_.end()) return {};
        std::string out = std::move(found->second);
        behind_.erase(found);
        return out;
    }

private:
    static bool blank(char c) { return c == ' ' || c == '\t'; }
    static bool opens_token(std::string_view line, std::size_t i) {
        return i == 0 || blank(line[i - 1]) || line[i - 1] == '[' || line[i - 1] == '{' ||
               line[i - 1] == ',';
    }

    void take(std::string_view line, int number) {
        const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        if (block_indent_ != std::string_view::npos) {
            if (indent == line.size() || indent > block_indent_) return;  // text of a "|" or ">"
            block_indent_ = std::string_view::npos;
        }
        const std::size_t at = comment_of(line);
        const std::size_t end = at == std::string_view::npos ? line.size() : at;
        if (quote_ == 0) note_block_text(line.substr(0, end), indent);
        if (at == std::string_view::npos) return;
        const bool alone = line.substr(0, at).find_first_not_of(" \t") == std::string_view::npos;
        (alone ? own_ : behind_)[number] = std::string(line.substr(at));
    }
    /// Where the comment of a line begins; remembers quotes that go on in the next line.
    std::size_t comment_of(std::string_view line) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            const char c = line[i];
            if (quote_ == '"' && c == '\\') {
                ++i;
            } else if (quote_ == '\'' && line.substr(i, 2) == "''") {
                ++i;
            } else if (quote_ != 0) {
                if (c == quote_) quote_ = 0;
            } else if ((c == '"' || c == '\'') && opens_token(line, i)) {
                quote_ = c;
            } else if (c == '#' && (i == 0 || blank(line[i - 1]))) {
                return i;
            }
        }
        return std::string_view::npos;
    }
    /// A "|" or ">" at the end begins a text that goes on while lines are indented deeper.
    void note_block_text(std::string_view line, std::size_t indent) {
        while (!line.empty() && blank(line.back())) line.remove_suffix(1);
        while (!line.empty() && (line.back() == '+' || line.back() == '-' ||
                                 (line.back() >= '1' && line.back() <= '9'))) {
            line.remove_suffix(1);
        }
        if (line.size() < 2 || (line.back() != '|' && line.back() != '>')) return;
        if (blank(line[line.size() - 2])) block_indent_ = indent;
    }

    std::map<int, std::string> own_;
    std::map<int, std::string> behind_;
    char quote_ = 0;
    std::size_t block_indent_ = std::string_view::npos;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
