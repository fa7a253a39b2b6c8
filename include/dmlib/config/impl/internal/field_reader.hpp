// Takes checked values out of a tree. Values that did not pass the check give the default.
#pragma once

#include <dmlib/config/impl/internal/key_check.hpp>

#include <cassert>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// The fields of one map that belongs to a block of the key table.
class field_reader {
public:
    field_reader(const yaml_node* node, std::string_view block)
        : node_(node != nullptr && node->what == yaml_node::kind::map ? node : nullptr),
          block_(block) {}

    const yaml_entry* entry(std::string_view key) const {
        const yaml_entry* e = node_ == nullptr ? nullptr : node_->find(key);
        return e != nullptr && e->value->what != yaml_node::kind::null ? e : nullptr;
    }
    const yaml_node* node(std::string_view key) const {
        const yaml_entry* e = entry(key);
        return e == nullptr ? nullptr : e->value.get();
    }
    mark place(std::string_view key) const {
        const yaml_entry* e = entry(key);
        return e == nullptr ? mark{} : e->place;
    }
    /// True where the key stands in the file with a value.
    bool has(std::string_view key) const {
        const yaml_node* n = node(key);
        return n != nullptr && !n->empty();
    }
    std::string text(std::string_view key) const {
        const yaml_node* n = node(key);
        if (n != nullptr && n->what == yaml_node::kind::scalar && !n->text.empty()) return n->text;
        const std::string_view standard = row(key).standard;
        return standard == required_key ? std::string() : std::string(standard);
    }
    /// In lower case: for words.
    std::string word(std::string_view key) const { return fold_case(text(key)); }
    bool flag(std::string_view key) const {
        return read_bool(text(key)).value_or(read_bool(row(key).standard).value_or(false));
    }
    /// 0 gives the default where the default is not 0.
    template <class T = int>
    T number(std::string_view key) const {
        const bounds b = bounds_of(row(key).range);
        const std::int64_t standard = read_int(row(key).standard).value_or(0);
        const std::int64_t n = read_int(text(key)).value_or(standard);
        return static_cast<T>(n == 0 || n < b.low || n > b.high ? standard : n);
    }
    std::uint64_t size(std::string_view key) const {
        const key_row& r = row(key);
        const std::uint64_t standard = read_size(r.standard, unit_bytes(r)).value_or(0);
        const std::uint64_t n = read_size(text(key), unit_bytes(r)).value_or(standard);
        return n == 0 ? standard : n;
    }
    double real(std::string_view key) const {
        const double standard = read_float(row(key).standard).value_or(0);
        const double n = read_float(text(key)).value_or(standard);
        return n == 0 ? standard : n;
    }
    std::chrono::milliseconds duration(std::string_view key) const {
        const auto standard =
            read_duration(row(key).standard).value_or(std::chrono::milliseconds(0));
        return read_duration(text(key)).value_or(standard);
    }
    std::vector<std::string> texts(std::string_view key) const {
        std::vector<std::string> out;
        for (const node_ptr& item : items(key)) {
            if (item->what == yaml_node::kind::scalar) out.push_back(item->text);
        }
        return out;
    }
    const std::vector<node_ptr>& items(std::string_view key) const {
        static const std::vector<node_ptr> none;
        const yaml_node* n = node(key);
        return n != nullptr && n->what == yaml_node::kind::list ? n->items : none;
    }
    const std::vector<yaml_entry>& entries(std::string_view key) const {
        static const std::vector<yaml_entry> none;
        const yaml_node* n = node(key);
        return n != nullptr && n->what == yaml_node::kind::map ? n->entries : none;
    }
    field_reader block(std::string_view key) const { return {node(key), row(key).of}; }

private:
    const key_row& row(std::string_view key) const {
        const key_row* r = find_row(block_, key);
        assert(r != nullptr && "a key that is not in config_keys.csv");
        return r != nullptr ? *r : key_table[0];
    }

    const yaml_node* node_;
    std::string_view block_;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
