#pragma once

#include <dmlib/binlog/impl/internal/json_patch.hpp>
#include <dmlib/binlog/impl/internal/json_text.hpp>
#include <dmlib/binlog/json.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

DMLIB_DECL result<void> append_json_text(std::string& out,
                                         byte_view binary,
                                         json_text_form form,
                                         std::size_t max_size) {
    if (binary.empty()) {
        out += "null";
        return {};
    }
    const std::size_t start = out.size();
    internal::json_value root;
    internal::json_root(binary, root);
    const std::size_t limit = std::min(max_size, internal::json_text_limit(binary.size()));
    internal::json_printer printer(out, form, limit);
    if (printer.value(root, 1) && printer.fits()) return {};
    out.resize(start);
    return error(errc::binlog_corrupt, "a JSON document's binary form is wrong");
}

DMLIB_DECL result<bool> next_json_diff(byte_cursor& diffs, json_diff& out) {
    if (diffs.ok() && diffs.at_end()) return false;
    const std::uint8_t operation = diffs.u8();
    out.path = diffs.text(diffs.lenenc());
    out.operation = static_cast<json_diff_operation>(operation);
    out.value = {};
    if (operation < 2) out.value = diffs.bytes(diffs.lenenc());
    if (!diffs.ok() || operation > 2 || (operation < 2 && out.value.empty())) {
        return error(errc::binlog_corrupt, "a partial JSON update is wrong");
    }
    return true;
}

DMLIB_DECL result<void> append_patched_json_text(std::string& out,
                                                 byte_view before,
                                                 byte_view diffs,
                                                 json_text_form form) {
    internal::json_node root;
    if (!internal::json_root(before, root.source)) {
        static constexpr std::uint8_t json_null[] = {0};
        root.source = {internal::json_type::literal, json_null};
    }
    byte_cursor p(diffs);
    for (;;) {
        json_diff diff;
        auto more = next_json_diff(p, diff);
        if (!more) return more.error();
        if (!*more) break;
        if (!internal::apply_json_diff(root, diff)) {
            return error(
                errc::binlog_corrupt,
                "a partial JSON update does not fit its document: " + std::string(diff.path));
        }
    }
    const std::size_t start = out.size();
    const std::size_t limit = internal::json_text_limit(before.size() + diffs.size());
    internal::json_printer printer(out, form, limit);
    if (internal::print_json_node(printer, root, 1) && printer.fits()) return {};
    out.resize(start);
    return error(errc::binlog_corrupt, "a JSON document's binary form is wrong");
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
