#pragma once

#include <dmlib/dml/mismatch.hpp>
#include <dmlib/model/detail/utf8.hpp>

#include <fmt/format.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

/// One line of readable text: what is none stands there as "\\x0a".
inline std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto c = dmlib::internal::next_utf8(text);
        const bool control = c.point < 0x20 || c.point == 0x7f;
        const std::size_t size = control ? 0 : c.size;
        if (size == 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

}  // namespace internal

DMLIB_DECL std::string_view to_string(mismatch_outcome o) noexcept {
    switch (o) {
        case mismatch_outcome::left_out:
            return "left out";
        case mismatch_outcome::inserted:
            return "inserted";
        case mismatch_outcome::replaced:
            return "replaced";
        case mismatch_outcome::gone_before:
            return "gone before";
    }
    return "left out";
}

DMLIB_DECL std::string to_string(const row_mismatch& m) {
    const std::string_view name = m.operation == row_operation::remove   ? "DELETE"
                                  : m.operation == row_operation::insert ? "INSERT"
                                                                         : "UPDATE";
    std::string out = fmt::format("db-affected-rows: {} on {} (source {}) with {}",
                                  name,
                                  m.target,
                                  quoted(m.source),
                                  internal::printable(m.key));
    if (!m.key_after.empty()) out += fmt::format(" (then {})", internal::printable(m.key_after));
    out += fmt::format(" at {}:{} {}: {}",
                       m.file,
                       m.position,
                       m.missing ? "found no row" : "met another row with a unique value of it",
                       to_string(m.outcome));
    return out;
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
