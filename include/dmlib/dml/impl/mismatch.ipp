#pragma once

#include <dmlib/dml/mismatch.hpp>

#include <fmt/format.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

/// Bytes of the UTF-8 character that `text` begins with; 0 where it does not begin with one.
inline std::size_t utf8_length(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
    }
    return size;
}

/// One line of readable text: what is none stands there as "\\x0a".
inline std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = utf8_length(text);
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
