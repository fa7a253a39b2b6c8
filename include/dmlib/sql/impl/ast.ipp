#pragma once

#include <dmlib/sql/ast.hpp>

#include <cstddef>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

DMLIB_DECL std::string_view name_of(statement_kind kind) noexcept {
    static constexpr std::string_view names[] = {
#define DMLIB_X(name) #name,
        DMLIB_STATEMENT_KINDS(DMLIB_X)
#undef DMLIB_X
    };
    std::string_view name = names[static_cast<std::size_t>(kind)];
    if (name.ends_with('_')) name.remove_suffix(1);  // delete_, do_
    return name;
}

DMLIB_DECL bool is_dml(statement_kind kind) noexcept {
    switch (kind) {
        case statement_kind::insert:
        case statement_kind::replace:
        case statement_kind::update:
        case statement_kind::delete_:
        case statement_kind::load_data:
        case statement_kind::load_xml:
        case statement_kind::import_table:
            return true;
        default:
            return false;
    }
}

DMLIB_DECL std::string ascii_lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
