#pragma once

#include <dmlib/binlog/file_reader.hpp>
#include <dmlib/binlog/impl/internal/decoder_state.hpp>

#include <fmt/format.h>

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
            std::uint8_t* at = kept.ensure(size, have);
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

    result<bool> read_magic() {
        const byte_view magic = take(4);
        if (magic.empty()) return false;
        const std::string_view text = as_text(magic);
        if (text ==
            "\xfd"
            "bin") {
            return fail(errc::binlog_encrypted,
                        "the file is encrypted (MySQL's binlog_encryption)");
        }
        if (text !=
            "\xfe"
            "bin") {
            return fail(errc::binlog_not_a_binlog,
                        "the file does not begin with a binlog's four bytes");
        }
        consume(4);
        magic_read = true;
        return true;
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

    result<const event*> next_event() {
        if (encrypted) {
            return fail(errc::binlog_encrypted, "what follows is encrypted and no key was given");
        }
        for (;;) {
            const byte_view head = take(header_size);
            if (head.empty()) return static_cast<const event*>(nullptr);
            const event_header h = internal::read_header(head);
            if (h.size < header_size || h.size > options.decoding.max_event_size) {
                return fail(errc::binlog_corrupt, fmt::format("an event's size is {}", h.size));
            }
            if (!first_read && h.code != 15) {
                return fail(h.code == 1 ? errc::binlog_refused : errc::binlog_corrupt,
                            h.code == 1 ? "the binlog is of a server before 5.0"
                                        : "the first event is not a format description");
            }
            const byte_view bytes = take(h.size);
            if (bytes.empty()) return static_cast<const event*>(nullptr);
            const std::uint64_t start = offset;
            const bool wanted = start >= options.start_pos || h.code == 15 || h.code == 164;
            if (start < options.start_pos && start + h.size > options.start_pos) {
                return fail(errc::sync_position,
                            fmt::format("position {} is inside an event", options.start_pos));
            }
            first_read = true;
            if (!wanted) {
                consume(h.size);
                continue;
            }
            auto e = decoding.push(bytes, start);
            if (!e) {
                fault = e.error();
                fault->position(options.file, start);
                return *fault;
            }
            consume(h.size);
            inner = (*e)->get<transaction_payload>() != nullptr;
            encrypted = (*e)->get<start_encryption>() != nullptr;
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
    state_->piece = piece;
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
