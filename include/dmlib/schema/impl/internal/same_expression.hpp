// Whether two expressions mean the same, however their servers print them.
#pragma once

#include <dmlib/schema/impl/internal/expression_text.hpp>
#include <dmlib/sql/parser.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline bool is_ascii(std::string_view text) noexcept {
    return std::all_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Takes away what servers write in their own ways: names of functions, case, introducers of texts
/// in ASCII, parentheses around a sum's beginning.
inline void plain(expression& e) {
    for (expression& x : e.operands) plain(x);
    e.schema.clear();
    e.qualifier.clear();
    e.name = sql::ascii_lower(e.name);
    e.no_arguments = false;
    if (e.kind == expression_kind::function) {
        for (const function_alias& f : function_aliases) {
            if (e.name != f.name) continue;
            e.name = f.mysql;
            break;
        }
    } else if (e.kind == expression_kind::literal) {
        sql::literal& v = e.value;
        const bool text =
            v.kind == sql::literal_kind::string || v.kind == sql::literal_kind::national;
        const charset_info* const set = find_charset(v.charset);
        if (text && is_ascii(v.text) && set != nullptr && set->ascii_compatible &&
            set->name != "binary") {
            v.charset.clear();
        }
        if (v.kind == sql::literal_kind::boolean) {
            v.text = v.text == "true" ? "1" : "0";
            v.kind = sql::literal_kind::integer;
        }
    } else if (e.kind == expression_kind::binary && !e.operands.empty()) {
        expression& first = e.operands.front();
        if (first.kind != expression_kind::binary || first.op != e.op) return;
        std::vector<expression> all = std::move(first.operands);
        std::move(std::next(e.operands.begin()), e.operands.end(), std::back_inserter(all));
        e.operands = std::move(all);
    }
}

/// An expression that cannot be read is the same only where it is written the same.
inline bool same_expression(const std::string& a, const std::string& b) {
    if (a == b) return true;
    for (const flavor f : {flavor::mysql, flavor::mariadb}) {
        sql::parse_options options;
        options.flavor = f;
        auto x = sql::parse_expression(a, options);
        auto y = sql::parse_expression(b, options);
        if (x.has_error() || y.has_error()) continue;
        plain(*x);
        plain(*y);
        if (*x == *y) return true;
    }
    return false;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
