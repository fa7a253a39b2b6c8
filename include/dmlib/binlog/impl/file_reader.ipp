#pragma once

#include <dmlib/binlog/file_reader.hpp>
#include <dmlib/binlog/impl/internal/decoder_state.hpp>
#include <dmlib/binlog/impl/internal/decryption.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

struct file_reader::state {
    explicit state(file_reader_options o) : options(std::move(o)), decoding(file_options(options)) {
        decoding.start_at(options.file, 4);
    }
    static decoder_options file_options(const file_reader_options& o) {
        decoder_options d = o.decoding;
        d.is_file = true;
        return d;
    }

    file_reader_options options;
    decoder decoding;
    byte_view piece;
    internal::raw_buffer kept;  // an event that came in several pieces
    std::size_t have = 0;
    std::uint64_t offset = 0;
    bool magic_read = false;
    bool first_read = false;
    bool encrypted = false;
    bool inner = false;
    std::optional<internal::mysql_file_cipher> whole_file;  // MySQL: all bytes behind its header
    std::vector<std::uint8_t> plain_piece;
    std::optional<internal::mariadb_event_cipher> each_event;  // MariaDB
    std::optional<internal::mariadb_event_cipher::mode> event_mode;
    internal::raw_buffer plain_event;
    std::optional<error> fault;

    error fail(errc code, std::string what) {
        error e(code, std::move(what));
        e.position(options.file, offset);
        fault = e;
        return e;
    }

    /// `size` bytes of what is not decoded yet, in one piece; empty where they are not there.
    byte_view take(std::size_t size) {
        if (have == 0 && piece.size() >= size) return piece.first(size);
        if (have < size) {
            const std::size_t more = std::min(size - have, piece.size());
            // As far as bytes came: a size that lies costs nothing.
            std::uint8_t* at = kept.grow(have + more, have);
            if (more != 0) std::memcpy(at + have, piece.data(), more);
            have += more;
            piece = piece.subspan(more);
        }
        return have >= size ? byte_view{kept.data(), size} : byte_view{};
    }
    /// Gives up the `size` bytes that take() gave.
    void consume(std::size_t size) {
        offset += size;
        if (have == 0) {
            piece = piece.subspan(size);
        } else {
            have = 0;
        }
    }

    /// A new piece, in the clear where the whole file is encrypted.
    bool feed(byte_view bytes) {
        piece = bytes;
        if (!whole_file || bytes.empty()) return true;
        if (!whole_file->decrypt(bytes, plain_piece)) return false;
        piece = plain_piece;
        return true;
    }

    result<bool> read_magic() {
        const byte_view magic = take(4);
        if (magic.empty()) return false;
        const std::string_view text = as_text(magic);
        if (text ==
                "\xfd"
                "bin" &&
            !whole_file) {
            return read_encryption_header();
        }
        if (text !=
            "\xfe"
            "bin") {
            if (whole_file) {
                return fail(errc::binlog_encrypted, "the key given does not open the file");
            }
            return fail(errc::binlog_not_a_binlog,
                        "the file does not begin with a binlog's four bytes");
        }
        consume(4);
        magic_read = true;
        return true;
    }

    /// MySQL's header of an encrypted file; then the binlog's own first bytes.
    result<bool> read_encryption_header() {
        using header_type = internal::mysql_encryption_header;
        const byte_view bytes = options.keys.empty() ? byte_view{} : take(header_type::size);
        if (bytes.empty()) {
            if (!options.keys.empty()) return false;
            return fail(errc::binlog_encrypted,
                        "the file is encrypted (MySQL's binlog_encryption) and no key was given");
        }
        header_type header;
        if (!header.read(bytes)) {
            return fail(errc::binlog_encrypted,
                        "the header of the encrypted file is damaged, or of a newer server");
        }
        const auto key = std::find_if(options.keys.begin(), options.keys.end(), [&](const auto& k) {
            return k.name == header.key_name;
        });
        if (key == options.keys.end()) {
            return fail(errc::binlog_encrypted,
                        "the file is encrypted with the key " + header.key_name +
                            ", which is not among those given");
        }
        consume(header_type::size);
        offset = 0;
        whole_file.emplace();
        if (!whole_file->open(header, *key) || !feed(piece)) {
            return fail(errc::binlog_encrypted, "the key given does not fit the file's cipher");
        }
        return read_magic();
    }

    /// What follows in the file is encrypted. Without a key the next event is a fault.
    void begin_encryption(const start_encryption& e) {
        const auto key = std::find_if(options.keys.begin(), options.keys.end(), [](const auto& k) {
            return k.name.empty() && k.id == 1;
        });
        encrypted = true;
        if (key == options.keys.end() || e.scheme != 1) return;
        each_event.emplace(e, *key);
        event_mode.reset();
    }

    /// True where the bytes are an event that may stand at `offset`.
    bool is_event(byte_view bytes) const {
        const event_header h = internal::read_header(bytes);
        if (decoding.checksum() == checksum_algorithm::crc32) {
            return bytes.size() >= header_size + 4 &&
                   byte_cursor(bytes.last(4)).u32() ==
                       internal::crc_of(bytes.first(bytes.size() - 4));
        }
        const auto end = static_cast<std::uint32_t>(offset + h.size);
        return status_of(flavor::mariadb, h.code) == event_status::handled &&
               (h.log_pos == end || h.log_pos == 0);
    }

    /// The event in the clear; empty where the key does not fit.
    byte_view decrypted(byte_view bytes) {
        using mode = internal::mariadb_event_cipher::mode;
        plain_event.trim();
        std::uint8_t* to = plain_event.ensure(bytes.size());
        for (const mode m : {mode::cbc, mode::ctr}) {
            if (event_mode && *event_mode != m) continue;
            if (!each_event->decrypt(m, offset, bytes, to)) continue;
            if (!event_mode && !is_event({to, bytes.size()})) continue;
            event_mode = m;
            return {to, bytes.size()};
        }
        return {};
    }

    result<const event*> next() {
        if (fault) return *fault;
        if (inner) {
            auto e = decoding.next_inner();
            if (!e) fault = e.error();
            if (!e || *e != nullptr) return e;
            inner = false;
        }
        if (!magic_read) {
            auto ok = read_magic();
            if (!ok) return ok.error();
            if (!*ok) return static_cast<const event*>(nullptr);
        }
        for (;;) {
            auto e = next_event();
            if (!e || *e == nullptr || (*e)->start >= options.start_pos) return e;
            // An event before the start: read for what it says about the format only.
            if (inner) return fail(errc::sync_position, "the start position is inside a payload");
        }
    }

    /// The size of the next event, from its header; 0 where more bytes are needed.
    result<std::uint32_t> next_size() {
        const byte_view head = take(header_size);
        if (head.empty()) return std::uint32_t{0};
        if (encrypted && !each_event) {
            return fail(errc::binlog_encrypted,
                        "what follows is encrypted (MariaDB's encrypt_binlog) and its key (number "
                        "1) was not given");
        }
        const event_header h = internal::read_header(head);
        if (h.size < header_size || h.size > options.decoding.max_event_size) {
            return fail(errc::binlog_corrupt, fmt::format("an event's size is {}", h.size));
        }
        if (!first_read && h.code != 15) {
            return fail(h.code == 1 ? errc::binlog_refused : errc::binlog_corrupt,
                        h.code == 1 ? "the binlog is of a server before 5.0"
                                    : "the first event is not a format description");
        }
        if (offset < options.start_pos && offset + h.size > options.start_pos) {
            return fail(errc::sync_position,
                        fmt::format("position {} is inside an event", options.start_pos));
        }
        return h.size;
    }

    result<const event*> next_event() {
        for (;;) {
            const auto size = next_size();
            if (!size) return size.error();
            byte_view bytes = *size == 0 ? byte_view{} : take(*size);
            if (bytes.empty()) return static_cast<const event*>(nullptr);
            const std::uint64_t start = offset;
            const std::uint8_t code = bytes[4];
            const bool about_format = !each_event && (code == 15 || code == 164);
            first_read = true;
            if (start < options.start_pos && !about_format) {
                consume(*size);
                continue;
            }
            if (each_event) {
                bytes = decrypted(bytes);
                if (bytes.empty()) {
                    return fail(errc::binlog_encrypted, "the key given does not open the event");
                }
            }
            auto e = decoding.push(bytes, start);
            if (!e) {
                fault = e.error();
                fault->position(options.file, start);
                return *fault;
            }
            consume(*size);
            inner = (*e)->get<transaction_payload>() != nullptr;
            if (const auto* s = (*e)->get<start_encryption>()) begin_encryption(*s);
            return e;
        }
    }
};

DMLIB_DECL file_reader::file_reader(file_reader_options options)
    : state_(std::make_unique<state>(std::move(options))) {
}
DMLIB_DECL file_reader::~file_reader() = default;
DMLIB_DECL file_reader::file_reader(file_reader&&) noexcept = default;
DMLIB_DECL file_reader& file_reader::operator=(file_reader&&) noexcept = default;

DMLIB_DECL void file_reader::feed(byte_view piece) {
    if (!state_->feed(piece) && !state_->fault) {
        state_->fail(errc::binlog_encrypted, "the file cannot be decrypted");
    }
}
DMLIB_DECL result<const event*> file_reader::next() {
    return state_->next();
}

DMLIB_DECL result<void> file_reader::finish() {
    if (state_->fault) return *state_->fault;
    if (!state_->magic_read && state_->have == 0 && state_->piece.empty()) {
        return state_->fail(errc::binlog_truncated, "the file is empty");
    }
    if (state_->have != 0 || !state_->piece.empty() || !state_->magic_read) {
        return state_->fail(errc::binlog_truncated, "the file ends inside an event");
    }
    return {};
}

DMLIB_DECL std::uint64_t file_reader::offset() const noexcept {
    return state_->offset;
}
DMLIB_DECL const decoder& file_reader::decoding() const noexcept {
    return state_->decoding;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
