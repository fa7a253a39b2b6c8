// A JSON document under partial updates: only what a path touches is unfolded.
#pragma once

#include <dmlib/binlog/impl/internal/json_text.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// A node is a piece of some binary document, or an unfolded object or array.
struct json_node {
    json_value source;
    bool unfolded = false;
    bool object = false;
    std::vector<std::string> keys;
    std::vector<json_node> items;

    bool unfold() {
        if (unfolded) return true;
        if (!source.is_object() && !source.is_array()) return true;  // a scalar
        json_container c;
        if (!c.open(source)) return false;
        object = c.object;
        for (std::uint32_t i = 0; i < c.count; ++i) {
            json_node item;
            if (!c.value(i, item.source)) return false;
            std::string_view key;
            if (object) {
                if (!c.key(i, key)) return false;
                keys.emplace_back(key);
            }
            items.push_back(std::move(item));
        }
        unfolded = true;
        return true;
    }
    bool is_object() const noexcept { return unfolded && object; }
    bool is_array() const noexcept { return unfolded && !object; }

    std::size_t find(std::string_view key) const noexcept {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (keys[i] == key) return i;
        }
        return items.size();
    }

    /// The server keeps keys ordered by length, then by bytes.
    void insert_key(std::string key, json_node node) {
        const auto before = [](const std::string& x, const std::string& y) {
            return x.size() != y.size() ? x.size() < y.size() : x < y;
        };
        const auto at = std::lower_bound(keys.begin(), keys.end(), key, before);
        items.insert(items.begin() + (at - keys.begin()), std::move(node));
        keys.insert(at, std::move(key));
    }
};

struct json_path_leg {
    bool is_index = false;
    bool from_end = false;  ///< [last], [last-2]: `index` counts back from the last element
    std::size_t index = 0;
    std::string key;

    /// Where the leg points to in an array; `size` or more: behind its end.
    std::size_t place_in(std::size_t size) const noexcept {
        if (!from_end) return index;
        return index < size ? size - 1 - index : size;
    }
};

/// Reads "3]", "last]" or "last-3]".
inline bool read_path_index(std::string_view& path, json_path_leg& leg) {
    leg.is_index = true;
    leg.from_end = path.starts_with("last");
    if (leg.from_end) path.remove_prefix(4);
    if (!leg.from_end || path.starts_with("-")) {
        if (leg.from_end) path.remove_prefix(1);
        const auto r = std::from_chars(path.data(), path.data() + path.size(), leg.index);
        if (r.ec != std::errc{}) return false;
        path.remove_prefix(static_cast<std::size_t>(r.ptr - path.data()));
    }
    if (!path.starts_with("]")) return false;
    path.remove_prefix(1);
    return true;
}

/// Reads one quoted member name of a path: JSON escapes.
inline bool read_path_string(std::string_view& path, std::string& out) {
    path.remove_prefix(1);
    while (!path.empty() && path.front() != '"') {
        char c = path.front();
        path.remove_prefix(1);
        if (c == '\\') {
            if (path.empty()) return false;
            c = path.front();
            path.remove_prefix(1);
            switch (c) {
                case 'b':
                    c = '\b';
                    break;
                case 'f':
                    c = '\f';
                    break;
                case 'n':
                    c = '\n';
                    break;
                case 'r':
                    c = '\r';
                    break;
                case 't':
                    c = '\t';
                    break;
                case 'u': {
                    unsigned code = 0;
                    if (path.size() < 4) return false;
                    const auto r = std::from_chars(path.data(), path.data() + 4, code, 16);
                    // The server escapes only control characters this way.
                    if (r.ptr != path.data() + 4 || code > 0x7f) return false;
                    path.remove_prefix(4);
                    c = static_cast<char>(code);
                    break;
                }
                default:
                    break;
            }
        }
        out.push_back(c);
    }
    if (path.empty()) return false;
    path.remove_prefix(1);
    return true;
}

inline bool parse_json_path(std::string_view path, std::vector<json_path_leg>& out) {
    if (path.empty() || path.front() != '$') return false;
    path.remove_prefix(1);
    while (!path.empty()) {
        json_path_leg leg;
        const char kind = path.front();
        path.remove_prefix(1);
        if (kind == '[') {
            if (!read_path_index(path, leg)) return false;
        } else if (kind == '.') {
            if (!path.empty() && path.front() == '"') {
                if (!read_path_string(path, leg.key)) return false;
            } else {
                const std::size_t end = std::min(path.find_first_of(".["), path.size());
                if (end == 0) return false;
                leg.key = path.substr(0, end);
                path.remove_prefix(end);
            }
        } else {
            return false;
        }
        if (out.size() > static_cast<std::size_t>(json_printer::max_depth)) return false;
        out.push_back(std::move(leg));
    }
    return true;
}

/// The node a leg leads to; null where there is none.
inline json_node* follow(json_node& from, const json_path_leg& leg) {
    if (!from.unfold()) return nullptr;
    if (leg.is_index) {
        if (!from.is_array()) return leg.index == 0 ? &from : nullptr;
        const std::size_t at = leg.place_in(from.items.size());
        return at < from.items.size() ? &from.items[at] : nullptr;
    }
    if (!from.is_object()) return nullptr;
    const std::size_t i = from.find(leg.key);
    return i < from.items.size() ? &from.items[i] : nullptr;
}

inline bool apply_json_diff(json_node& root, const json_diff& diff) {
    std::vector<json_path_leg> legs;
    if (!parse_json_path(diff.path, legs)) return false;
    json_node value;
    if (diff.operation != json_diff_operation::remove && !json_root(diff.value, value.source)) {
        return false;
    }
    if (legs.empty()) {
        if (diff.operation != json_diff_operation::replace) return false;
        root = std::move(value);
        return true;
    }
    const json_path_leg last = std::move(legs.back());
    legs.pop_back();
    json_node* parent = &root;
    for (const json_path_leg& leg : legs) {
        parent = follow(*parent, leg);
        if (parent == nullptr) return false;
    }
    if (!parent->unfold()) return false;
    if (diff.operation == json_diff_operation::insert) {
        if (last.is_index) {
            if (!parent->is_array()) return false;
            // Before the first element the server inserts at the front.
            const std::size_t size = parent->items.size();
            const std::size_t at =
                last.from_end && last.index >= size ? 0 : std::min(last.place_in(size), size);
            parent->items.insert(parent->items.begin() + static_cast<std::ptrdiff_t>(at),
                                 std::move(value));
            return true;
        }
        if (!parent->is_object() || parent->find(last.key) < parent->items.size()) return false;
        parent->insert_key(last.key, std::move(value));
        return true;
    }
    json_node* target = follow(*parent, last);
    if (target == nullptr) return false;
    if (diff.operation == json_diff_operation::replace) {
        *target = std::move(value);
        return true;
    }
    if (target == parent) return false;
    const auto at = target - parent->items.data();
    parent->items.erase(parent->items.begin() + at);
    if (parent->is_object()) parent->keys.erase(parent->keys.begin() + at);
    return true;
}

inline bool print_json_node(json_printer& printer, const json_node& node, int depth) {
    if (!node.unfolded) return printer.value(node.source, depth);
    if (depth > json_printer::max_depth || !printer.fits()) return false;
    printer.put(node.object ? '{' : '[');
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i != 0) printer.comma();
        if (node.object) {
            printer.quoted(node.keys[i]);
            printer.colon();
        }
        if (!print_json_node(printer, node.items[i], depth + 1)) return false;
    }
    printer.put(node.object ? '}' : ']');
    return true;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
