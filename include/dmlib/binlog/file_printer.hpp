// A binlog file to lines of text: what `dmlib binlog` does, without the file.
#pragma once

#include <dmlib/binlog/file_reader.hpp>
#include <dmlib/binlog/json_writer.hpp>

#include <memory>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

struct file_printer_options {
    file_reader_options reading;
    bool json = false;
    bool rows = true;
};

/// Feed the bytes of one file, get its lines through the sink.
class file_printer {
public:
    DMLIB_DECL file_printer(file_printer_options options, text_sink sink);
    DMLIB_DECL ~file_printer();
    DMLIB_DECL file_printer(file_printer&&) noexcept;
    DMLIB_DECL file_printer& operator=(file_printer&&) noexcept;

    /// False: a fault was found (and printed); the rest of the file is of no use.
    DMLIB_DECL bool feed(byte_view piece);
    /// Ends the file. 0, or 4 where a fault was found now or before.
    DMLIB_DECL int finish();
    /// The fault; only where finish() gave 4.
    DMLIB_DECL const error& fault() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/file_printer.ipp>
#endif
