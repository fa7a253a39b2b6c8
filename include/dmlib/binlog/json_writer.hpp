// Events as JSON lines (docs/formats.md, section "dmlib binlog --json").
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/json.hpp>
#include <dmlib/core/error.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// Receives pieces of output in order.
using text_sink = std::function<void(std::string_view)>;

struct writer_options {
    bool rows = true;  ///< false: row events without their rows
    dmlib::flavor dialect = flavor::mysql;
};

/// Appends one line with its line break. On a fault (a row that does not decode) `out` is as
/// before.
DMLIB_DECL result<void> append_json_line(std::string& out,
                                         const event& e,
                                         std::string_view file,
                                         const writer_options& options = {});
/// The same in pieces of bounded size; nothing is given to the sink where it fails.
DMLIB_DECL result<void> write_json_line(const text_sink& sink,
                                        const event& e,
                                        std::string_view file,
                                        const writer_options& options = {});
/// The last line of a file that cannot be read further.
DMLIB_DECL void append_json_error(std::string& out,
                                  std::string_view file,
                                  std::uint64_t pos,
                                  const error& fault);

/// Appends a string by the rule for strings: JSON text where it is valid UTF-8, else
/// {"base64":"..."}.
DMLIB_DECL void append_json_string(std::string& out, std::string_view text);

/// The same for people, as `mysqlbinlog -v` does: comments, statements, rows as ### lines.
DMLIB_DECL result<void> write_text(const text_sink& sink,
                                   const event& e,
                                   std::string_view file,
                                   const writer_options& options = {});

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/json_writer.ipp>
#endif
