// MySQL's binary JSON: to text, and partial updates applied.
#pragma once

#include <dmlib/binlog/table_map.hpp>  // opaque values are stored as columns are
#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

enum class json_text_form : std::uint8_t {
    /// As the server prints it: `{"a": 1, "b": [1.0, "x"]}`. Opaque scalars are strings. Valid JSON
    /// (line breaks inside base64 are escaped).
    server,
    /// The same document without spaces: one line of JSON.
    compact,
};

/// Appends the text of a binary document. Numbers are exact. On a fault `out` is left as it was.
/// An empty document is what the server stores for a JSON null made by an IGNORE statement: "null".
/// Errors: binlog_corrupt (also for nesting over 100 levels and for text over `max_size`).
DMLIB_DECL result<void> append_json_text(std::string& out,
                                         byte_view binary,
                                         json_text_form form = json_text_form::server,
                                         std::size_t max_size = std::size_t{1} << 30);

/// Applies the diffs of a partial update (value_kind::json_diff) to the document of the before
/// image and appends the resulting text.
DMLIB_DECL result<void> append_patched_json_text(std::string& out,
                                                 byte_view before,
                                                 byte_view diffs,
                                                 json_text_form form = json_text_form::server);

enum class json_diff_operation : std::uint8_t { replace = 0, insert = 1, remove = 2 };

/// One diff of a partial update.
struct json_diff {
    json_diff_operation operation = json_diff_operation::replace;
    std::string_view path;  ///< "$.a[1]"
    byte_view value;        ///< binary JSON; empty for remove
};

/// Reads diffs one after the other. False: no more.
DMLIB_DECL result<bool> next_json_diff(byte_cursor& diffs, json_diff& out);

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/json.ipp>
#endif
