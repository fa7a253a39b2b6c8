// A configuration tree that can be changed: what conversions work on.
#pragma once

#include <dmlib/config/impl/internal/yaml_tree.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

struct edit_entry;

struct edit_node {
    yaml_node::kind what = yaml_node::kind::null;
    bool quoted = false;
    bool binary = false;
    mark place;
    std::string text;
    std::vector<edit_entry> entries;
    std::vector<edit_node> items;

    bool is_map() const noexcept { return what == yaml_node::kind::map; }
    bool is_list() const noexcept { return what == yaml_node::kind::list; }
    bool is_scalar() const noexcept { return what == yaml_node::kind::scalar; }
    /// Says nothing: null, "", [] or {}.
    bool empty() const noexcept { return text.empty() && entries.empty() && items.empty(); }

    edit_entry* find(std::string_view key) noexcept;
    void erase(std::string_view key);
};

/// A key with its value. A commented entry is written as a comment.
struct edit_entry {
    std::string key;
    mark place;
    edit_node value;
    bool commented = false;
};

inline edit_entry* edit_node::find(std::string_view key) noexcept {
    for (edit_entry& e : entries) {
        if (e.key == key) return &e;
    }
    return nullptr;
}

inline void edit_node::erase(std::string_view key) {
    std::erase_if(entries, [&](const edit_entry& e) { return e.key == key; });
}

/// Aliases are written out; the tree's limits bound what comes of it.
inline edit_node editable(const yaml_node& from) {
    edit_node out;
    out.what = from.what;
    out.quoted = from.quoted;
    out.binary = from.binary;
    out.place = from.place;
    out.text = from.text;
    for (const yaml_entry& e : from.entries) {
        out.entries.push_back({e.key, e.place, editable(*e.value), false});
    }
    for (const node_ptr& i : from.items) out.items.push_back(editable(*i));
    return out;
}

inline edit_node edit_text(std::string text) {
    edit_node out;
    out.what = yaml_node::kind::scalar;
    out.text = std::move(text);
    return out;
}

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
