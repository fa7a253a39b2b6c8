// The sans-I/O decoder: one whole event in, one decoded event out.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/core/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

struct decoder_options {
    /// Unset: told by the format description's server version.
    std::optional<flavor> dialect;
    bool verify_checksum = true;
    /// An event (also a decompressed one) may not be larger.
    std::uint64_t max_event_size = std::uint64_t{1} << 30;
    /// Decoding a file: START_ENCRYPTION means that what follows is encrypted.
    bool is_file = false;
};

/// Decodes the events of one stream or file in order. Keeps what later events need: the format
/// description, the table maps of the statement, the position.
/// Not thread safe. A fault is final: push() after it gives the same fault.
class decoder {
public:
    DMLIB_DECL explicit decoder(decoder_options options = {});
    DMLIB_DECL ~decoder();
    DMLIB_DECL decoder(decoder&&) noexcept;
    DMLIB_DECL decoder& operator=(decoder&&) noexcept;

    /// Names the file and offset where the stream begins. ROTATE events do it too.
    DMLIB_DECL void start_at(std::string file, std::uint64_t pos);

    /// Decodes one event: header, body and checksum, without the protocol's status byte. The
    /// offset is computed from the header and from what came before.
    /// Errors: binlog_truncated, _checksum, _corrupt, _grammar, _no_table_map, _refused (cannot go
    /// on); internal_limit (a row event in pieces over max_event_size).
    /// Lifetime: the event and its views until the next call; `bytes` must live as long.
    DMLIB_DECL result<const event*> push(byte_view bytes);
    /// The same where the offset of the event's first byte is known (files).
    DMLIB_DECL result<const event*> push(byte_view bytes, std::uint64_t start_offset);

    /// After a transaction payload: the next event inside it; nullptr when there are no more.
    /// All of them have to be taken before the next push(), which else is a fault.
    DMLIB_DECL result<const event*> next_inner();

    /// Says that the rows of a table are not wanted, for its table map's statement. Call it when
    /// the map's event was given. The row events that follow have rows_event::ignored: they are
    /// neither decompressed nor, as long as no table of the statement is wanted, verified, which
    /// makes them nearly free. (A damaged event then cannot pass for one of a wanted table: such a
    /// table has no map in the statement. Any other change of the event is a fault.)
    DMLIB_DECL void ignore_rows(const table_map& table);

    /// Forgets the table maps of an unfinished transaction; for reconnects.
    DMLIB_DECL void reset_transaction();

    DMLIB_DECL dmlib::flavor dialect() const noexcept;
    DMLIB_DECL checksum_algorithm checksum() const noexcept;
    /// Server version text of the last format description.
    DMLIB_DECL const std::string& server_version() const noexcept;
    /// File and offset behind the last event that stands in the file.
    DMLIB_DECL const binlog_position& position() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/decoder.ipp>
#endif
