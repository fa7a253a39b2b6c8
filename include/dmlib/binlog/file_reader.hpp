// Reads a binlog file that is fed in pieces of any size.
#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/key_file.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

struct file_reader_options {
    decoder_options decoding;
    /// Name in errors and of the first file.
    std::string file = "binlog";
    /// First event to give; events before it are read only for the format description.
    std::uint64_t start_pos = 4;
    /// For encrypted files. Positions are those of the server: without the 512 bytes that MySQL
    /// puts before an encrypted file.
    std::vector<encryption_key> keys;
};

/// Feed bytes, take events. Keeps at most one event and the piece fed.
/// Not thread safe.
///   reader.feed(piece);
///   while (auto e = reader.next(); e && *e) use(**e);   // nullptr: feed more
///   reader.finish();                                    // a fault where an event is unfinished
class file_reader {
public:
    DMLIB_DECL explicit file_reader(file_reader_options options = {});
    DMLIB_DECL ~file_reader();
    DMLIB_DECL file_reader(file_reader&&) noexcept;
    DMLIB_DECL file_reader& operator=(file_reader&&) noexcept;

    /// Borrows the piece until next() has given nullptr or a fault.
    DMLIB_DECL void feed(byte_view piece);
    /// The next event, payload's inner ones included; nullptr where more bytes are needed.
    /// Errors: those of decoder::push; binlog_not_a_binlog, binlog_encrypted.
    DMLIB_DECL result<const event*> next();
    /// Says that the file ends here. Errors: binlog_truncated.
    DMLIB_DECL result<void> finish();
    /// Offset of the first byte that is not decoded yet: where a fault is.
    DMLIB_DECL std::uint64_t offset() const noexcept;
    DMLIB_DECL const decoder& decoding() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/file_reader.ipp>
#endif
