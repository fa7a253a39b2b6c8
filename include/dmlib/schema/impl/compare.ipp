#pragma once

#include <dmlib/schema/impl/print_table.ipp>
#include <dmlib/schema/table.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// A definition without its options, so that a column's or key's printed line can be compared.
inline std::string against(const std::string& a, const std::string& b) {
    return a + " against " + b;
}

inline void compare_columns(const table& a,
                            const table& b,
                            const server_kind& server,
                            std::vector<difference>& out) {
    using part = difference::part;
    for (std::size_t i = 0; i < a.columns.size(); ++i) {
        const column& c = a.columns[i];
        if (c.hidden) continue;
        const std::size_t at = b.find_column(c.name);
        if (at == npos || b.columns[at].hidden) {
            out.push_back({part::column, c.name, "missing"});
            continue;
        }
        const std::string x = shown_column(c, a, server);
        const std::string y = shown_column(b.columns[at], b, server);
        const bool same_charset =
            c.charset == b.columns[at].charset && c.collation == b.columns[at].collation;
        if (x != y || !same_charset)
            out.push_back({part::column, c.name, against(x, y)});
        else if (at != i) {
            out.push_back(
                {part::column,
                 c.name,
                 "place " + std::to_string(i + 1) + " against " + std::to_string(at + 1)});
        }
    }
    for (const column& c : b.columns) {
        if (!c.hidden && a.find_column(c.name) == npos) {
            out.push_back({part::column, c.name, "extra"});
        }
    }
}

template <class T, class Print>
inline void compare_named(const std::vector<T>& a,
                          const std::vector<T>& b,
                          difference::part part,
                          const Print& print,
                          std::vector<difference>& out) {
    const auto find = [](const std::vector<T>& list, const T& wanted) -> const T* {
        for (const T& x : list) {
            if (same_name(x.name, wanted.name)) return &x;
        }
        return nullptr;
    };
    for (const T& x : a) {
        const T* const y = find(b, x);
        if (y == nullptr)
            out.push_back({part, x.name, "missing"});
        else if (print(x) != print(*y))
            out.push_back({part, x.name, against(print(x), print(*y))});
    }
    for (const T& y : b) {
        if (find(a, y) == nullptr) out.push_back({part, y.name, "extra"});
    }
}

}  // namespace internal

DMLIB_DECL std::vector<difference> compare(const table& a,
                                           const table& b,
                                           const server_kind& server) {
    using part = difference::part;
    std::vector<difference> out;
    const auto text = [&](const char* what, const std::string& x, const std::string& y) {
        if (x != y) out.push_back({part::table, what, internal::against(x, y)});
    };
    text("engine", a.engine, b.engine);
    text("charset", a.charset, b.charset);
    text("collation", a.collation, b.collation);
    text("comment", a.comment, b.comment);
    internal::compare_columns(a, b, server, out);
    internal::compare_named(
        a.keys,
        b.keys,
        part::key,
        [&](const key& k) { return internal::shown_key(k, a, server); },
        out);
    internal::compare_named(
        a.foreign_keys,
        b.foreign_keys,
        part::foreign_key,
        [&](const foreign_key& fk) { return internal::shown_foreign_key(fk, a); },
        out);
    internal::compare_named(
        a.checks,
        b.checks,
        part::check,
        [](const check_constraint& c) { return internal::shown_check(c); },
        out);
    const std::string x = internal::shown_partition(a, server);
    const std::string y = internal::shown_partition(b, server);
    if (x != y) out.push_back({part::partition, "", internal::against(x, y)});
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
