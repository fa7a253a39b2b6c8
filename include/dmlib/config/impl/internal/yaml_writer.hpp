// Writes a tree as YAML in block style, with the comments of the file that it was read from.
#pragma once

#include <dmlib/config/impl/internal/edit_tree.hpp>
#include <dmlib/config/impl/internal/yaml_comments.hpp>

#include <limits>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// True where the text reads back as itself without quotes, in a list in brackets too.
inline bool is_plain_yaml(std::string_view text) {
    const auto word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
    };
    if (text.empty() || text == "null" || text == "Null" || text == "NULL") return false;
    if (!word(text.front()) || text.back() == ' ' || text.back() == ':') return false;
    if (text.starts_with("...")) return false;
    // A '?' ends a text in brackets.
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ':'
                ? text[i + 1] == ' '
                : !word(c) && std::string_view(" +-*=@%~^$()|").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

inline std::string quoted_yaml(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    return out + '"';
}

class yaml_writer {
public:
    /// `original`: the text that the tree was read from; "" for none.
    explicit yaml_writer(std::string_view original) : comments_(original) {}

    std::string write(const edit_node& root) {
        if (root.is_map()) map(root, 0);
        comments(std::numeric_limits<int>::max(), 0);
        return std::move(out_);
    }

private:
    void comments(int line, std::size_t indent) {
        comments_.before(line, [&](const std::string& text) { waiting_.push_back(text); });
        write_waiting(indent);
    }
    /// A comment stands where what follows it does: so it is read back, and written again.
    void write_waiting(std::size_t indent) {
        for (const std::string& text : waiting_) {
            out_.append(indent, ' ').append(text).push_back('\n');
        }
        waiting_.clear();
    }
    void end_line(const mark& at) {
        const std::string text = at.line == 0 ? std::string() : comments_.behind(at.line);
        if (!text.empty()) out_.append(" ").append(text);
        out_.push_back('\n');
    }
    static std::string scalar(const edit_node& n) {
        if (n.what == yaml_node::kind::null) return {};
        if (n.binary) return "!!binary " + quoted_yaml(n.text);
        return n.quoted || !is_plain_yaml(n.text) ? quoted_yaml(n.text) : n.text;
    }
    static bool in_one_line(const edit_node& list) {
        return std::all_of(list.items.begin(), list.items.end(), [&](const edit_node& i) {
            return i.is_scalar() && (i.place.line == list.place.line || list.items.size() == 1);
        });
    }
    void map(const edit_node& n, std::size_t indent) {
        for (const edit_entry& e : n.entries) {
            if (e.commented) {
                comment_out(e);
                continue;
            }
            comments(e.place.line, indent);
            entry(e, indent);
        }
    }
    void entry(const edit_entry& e, std::size_t indent) {
        out_.append(indent, ' ').append(is_plain_yaml(e.key) ? e.key : quoted_yaml(e.key));
        out_.push_back(':');
        value(e.value, indent, e.place);
    }
    void value(const edit_node& n, std::size_t indent, const mark& key_place) {
        if (n.is_map() && !n.entries.empty()) {
            end_line(key_place);
            map(n, indent + 2);
        } else if (n.is_list() && !n.items.empty() && !in_one_line(n)) {
            end_line(key_place);
            list(n, indent + 2);
        } else {
            one_line(n);
            // A value that is not written has the place of what follows it.
            const bool own = n.what != yaml_node::kind::null && n.place.line != 0;
            end_line(own ? n.place : key_place);
        }
    }
    void one_line(const edit_node& n) {
        if (n.what == yaml_node::kind::null) return;
        out_.push_back(' ');
        if (n.is_map()) {
            out_ += "{}";
        } else if (n.is_list()) {
            out_.push_back('[');
            for (std::size_t i = 0; i < n.items.size(); ++i) {
                if (i > 0) out_ += ", ";
                out_ += scalar(n.items[i]);
            }
            out_.push_back(']');
        } else {
            out_ += scalar(n);
        }
    }
    void list(const edit_node& n, std::size_t indent) {
        for (const edit_node& item : n.items) {
            const bool inner = item.is_map() && !item.entries.empty();
            const bool null = item.what == yaml_node::kind::null;
            const mark at = inner ? item.entries.front().place : null ? mark{} : item.place;
            comments(at.line, indent);
            if (!inner && !(item.is_list() && !item.items.empty())) {
                out_.append(indent, ' ').push_back('-');
                one_line(item);
                end_line(at);
                continue;
            }
            const std::size_t begin = out_.size();
            if (inner) {
                map(item, indent + 2);
                out_[begin + indent] = '-';  // in place of the first key's indent
            } else {
                out_.append(indent, ' ').append("-\n");
                list(item, indent + 2);
            }
        }
    }
    /// The entry as lines that wait for what follows it.
    void comment_out(const edit_entry& e) {
        comments_.before(e.place.line, [&](const std::string& text) { waiting_.push_back(text); });
        std::string around;
        std::vector<std::string> before;
        around.swap(out_);
        before.swap(waiting_);
        entry(e, 0);
        write_waiting(0);
        around.swap(out_);
        before.swap(waiting_);
        // `around` has the entry's own lines now.
        for (std::size_t i = 0; i < around.size();) {
            const std::size_t end = around.find('\n', i);
            waiting_.push_back("# " + around.substr(i, end - i));
            i = end + 1;
        }
    }

    yaml_comments comments_;
    std::vector<std::string> waiting_;  // comments whose place is not known yet
    std::string out_;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
