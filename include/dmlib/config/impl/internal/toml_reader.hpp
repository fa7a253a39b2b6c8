// Reads TOML as the files of DM 1.x workers use it: tables, keys, texts, numbers, arrays. Dates are
// kept as texts.
#pragma once

#include <dmlib/config/impl/internal/edit_tree.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// An = and, outside of quotes, no key of YAML.
inline bool is_toml_line(std::string_view line) noexcept {
    bool equals = false;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
            if (c == '\\' && quote == '"') ++i;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#') {
            break;
        } else if (c == '=') {
            equals = true;
        } else if (c == ':') {
            if (i + 1 == line.size() || line.find_first_of(" \t\r", i + 1) == i + 1) return false;
        }
    }
    return equals;
}

/// True where the first line that says something can only be TOML.
inline bool looks_like_toml(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos || line[begin] == '#') continue;
        line.remove_prefix(begin);
        if (line.front() == '[') return true;
        return is_toml_line(line);
    }
    return false;
}

/// One text. Errors: a message with the place where reading stopped.
class toml_reader {
public:
    struct fault {
        mark at;
        std::string message;
    };

    explicit toml_reader(std::string_view text) : text_(text) {}

    /// Throws fault.
    edit_node read() {
        edit_node root = map_at(here());
        edit_node* table = &root;
        while (skip_lines()) {
            if (peek() == '[') {
                table = header(root);
            } else {
                pair(*table);
            }
            end_of_line();
        }
        return root;
    }

private:
    static constexpr int max_depth = 16;

    [[noreturn]] void stop(std::string message) const { throw fault{here(), std::move(message)}; }
    mark here() const { return {line_, static_cast<int>(at_ - line_begin_) + 1}; }
    bool end() const { return at_ >= text_.size(); }
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    char next() {
        const char c = text_[at_++];
        if (c == '\n') {
            ++line_;
            line_begin_ = at_;
        }
        return c;
    }
    void spaces() {
        while (peek() == ' ' || peek() == '\t') ++at_;
    }
    /// To the next thing that is no space, comment or line break; false at the end.
    bool skip_lines() {
        for (;;) {
            spaces();
            if (peek() == '#') {
                while (!end() && peek() != '\n') ++at_;
            }
            if (end()) return false;
            if (peek() == '\n' || peek() == '\r') {
                next();
                continue;
            }
            return true;
        }
    }
    void end_of_line() {
        spaces();
        if (end() || peek() == '\n' || peek() == '\r' || peek() == '#') return;
        stop("something stands behind the value");
    }
    void expect(char c) {
        spaces();
        if (peek() != c) stop(std::string("a '") + c + "' is missing");
        ++at_;
    }
    static edit_node map_at(mark at) {
        edit_node out;
        out.what = yaml_node::kind::map;
        out.place = at;
        return out;
    }

    std::string key() {
        spaces();
        if (peek() == '"' || peek() == '\'') return quoted();
        const std::size_t begin = at_;
        const auto plain = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_' || c == '-';
        };
        while (plain(peek())) ++at_;
        if (at_ == begin) stop("a key is missing");
        return std::string(text_.substr(begin, at_ - begin));
    }
    std::vector<std::string> dotted() {
        std::vector<std::string> out{key()};
        for (spaces(); peek() == '.'; spaces()) {
            ++at_;
            out.push_back(key());
            if (out.size() > max_depth) stop("nested too deeply");
        }
        return out;
    }
    /// The map that a key names; made where it is not there. Of a list its last entry.
    edit_node* step(edit_node& in, const std::string& name, mark at) {
        edit_entry* e = in.find(name);
        if (e == nullptr) {
            in.entries.push_back({name, at, map_at(at), false});
            return &in.entries.back().value;
        }
        if (e->value.is_list() && !e->value.items.empty() && e->value.items.back().is_map()) {
            return &e->value.items.back();
        }
        if (!e->value.is_map()) stop("key '" + name.substr(0, 100) + "' has a value already");
        return &e->value;
    }
    edit_node* header(edit_node& root) {
        const mark at = here();
        ++at_;
        const bool list = peek() == '[';
        if (list) ++at_;
        const auto path = dotted();
        expect(']');
        if (list) expect(']');
        edit_node* table = &root;
        for (std::size_t i = 0; i + (list ? 1 : 0) < path.size(); ++i) {
            table = step(*table, path[i], at);
        }
        if (!list) return table;
        if (table->find(path.back()) == nullptr) {
            edit_node empty;
            empty.what = yaml_node::kind::list;
            empty.place = at;
            table->entries.push_back({path.back(), at, std::move(empty), false});
        }
        edit_node& items = table->find(path.back())->value;
        if (!items.is_list()) stop("key '" + path.back().substr(0, 100) + "' is no list");
        items.items.push_back(map_at(at));
        return &items.items.back();
    }
    void pair(edit_node& table, int depth = 0) {
        const mark at = here();
        const auto path = dotted();
        expect('=');
        edit_node* in = &table;
        for (std::size_t i = 0; i + 1 < path.size(); ++i) in = step(*in, path[i], at);
        if (in->find(path.back()) != nullptr) {
            stop("key '" + path.back().substr(0, 100) + "' stands twice");
        }
        edit_node v = value(depth);
        in->entries.push_back({path.back(), at, std::move(v), false});
    }
    edit_node value(int depth) {
        if (depth > max_depth) stop("nested too deeply");
        spaces();
        const mark at = here();
        edit_node out;
        if (peek() == '"' || peek() == '\'') {
            out = edit_text(quoted());
            out.quoted = true;
        } else if (peek() == '[') {
            out = array(depth);
        } else if (peek() == '{') {
            out = inline_table(depth);
        } else {
            out = edit_text(plain());
        }
        out.place = at;
        return out;
    }
    std::string plain() {
        const std::size_t begin = at_;
        while (!end() && std::string_view(" \t\r\n#,]}").find(peek()) == std::string_view::npos)
            ++at_;
        if (at_ == begin) stop("a value is missing");
        std::string out(text_.substr(begin, at_ - begin));
        const bool number =
            out.find_first_not_of("0123456789_+-.eExXabcdefABCDEF") == std::string::npos;
        if (number) std::erase(out, '_');
        if (!number && out != "true" && out != "false" && (out[0] < '0' || out[0] > '9'))
            stop("a text needs quotes");
        return out;
    }
    edit_node array(int depth) {
        edit_node out;
        out.what = yaml_node::kind::list;
        ++at_;
        while (skip_lines() && peek() != ']') {
            out.items.push_back(value(depth + 1));
            if (!skip_lines()) break;
            if (peek() == ',') {
                ++at_;
            } else if (peek() != ']') {
                stop("a ',' or ']' is missing");
            }
        }
        expect(']');
        return out;
    }
    edit_node inline_table(int depth) {
        edit_node out = map_at(here());
        ++at_;
        for (spaces(); peek() != '}'; spaces()) {
            pair(out, depth + 1);
            spaces();
            if (peek() == ',') {
                ++at_;
            } else if (peek() != '}') {
                stop("a ',' or '}' is missing");
            }
        }
        ++at_;
        return out;
    }
    std::string quoted() {
        const char quote = peek();
        const bool many = peek(1) == quote && peek(2) == quote;
        at_ += many ? 3 : 1;
        if (many && peek() == '\r') ++at_;
        if (many && peek() == '\n') next();
        std::string out;
        for (;;) {
            if (end() || (!many && peek() == '\n')) stop("a quote that is never closed");
            if (peek() == quote && (!many || (peek(1) == quote && peek(2) == quote))) break;
            const char c = next();
            if (c == '\\' && quote == '"') {
                escape(out);
            } else {
                out += c;
            }
        }
        at_ += many ? 3 : 1;
        return out;
    }
    void escape(std::string& out) {
        if (end()) stop("a quote that is never closed");
        const char c = next();
        static constexpr std::string_view from = "btnfr\"\\";
        static constexpr std::string_view to = "\b\t\n\f\r\"\\";
        if (const std::size_t i = from.find(c); i != std::string_view::npos) {
            out += to[i];
        } else if (c == 'u' || c == 'U') {
            code_point(out, c == 'u' ? 4 : 8);
        } else if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {  // a line that goes on
            while (!end() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos)
                next();
        } else {
            stop("an unknown escape");
        }
    }
    void code_point(std::string& out, int digits) {
        std::uint32_t n = 0;
        for (int i = 0; i < digits; ++i) {
            const std::size_t digit =
                std::string_view("0123456789abcdef")
                    .find(static_cast<char>(peek() >= 'A' && peek() <= 'F' ? peek() - 'A' + 'a'
                                                                           : peek()));
            if (end() || digit == std::string_view::npos || n > 0x10FFFF) stop("an unknown escape");
            n = n * 16 + static_cast<std::uint32_t>(digit);
            ++at_;
        }
        if (n > 0x10FFFF || (n >= 0xD800 && n < 0xE000)) stop("an unknown escape");
        const auto tail = [&](unsigned shift) {
            out += static_cast<char>(0x80U | ((n >> shift) & 0x3FU));
        };
        if (n < 0x80) {
            out += static_cast<char>(n);
        } else if (n < 0x800) {
            out += static_cast<char>(0xC0U | (n >> 6U));
            tail(0);
        } else if (n < 0x10000) {
            out += static_cast<char>(0xE0U | (n >> 12U));
            tail(6);
            tail(0);
        } else {
            out += static_cast<char>(0xF0U | (n >> 18U));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_begin_ = 0;
    int line_ = 1;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
