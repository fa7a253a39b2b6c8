// The events inside a TRANSACTION_PAYLOAD_EVENT, one after the other, decompressed as they are
// read.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/impl/internal/raw_buffer.hpp>

#include <zstd.h>

#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

class payload_reader {
public:
    enum class outcome : std::uint8_t { event, end, broken };

    void start(const transaction_payload& t) {
        active_ = true;
        plain_ = t.compression == 255;
        input_ = t.payload;
        left_ = t.uncompressed_size;
        used_ = 0;
        if (plain_) return;
        if (!stream_) stream_.reset(ZSTD_createDStream());
        ZSTD_DCtx_reset(stream_.get(), ZSTD_reset_session_only);
    }
    void stop() noexcept {
        active_ = false;
        buffer_.trim();
    }
    bool active() const noexcept { return active_; }

    /// The next whole event's bytes; valid until the next call.
    outcome next(byte_view& out, std::uint64_t max_event_size) {
        if (left_ == 0) {
            stop();
            // What the header says and what the stream holds must agree.
            return plain_ ? (input_.empty() ? outcome::end : outcome::broken)
                          : (stream_is_done() ? outcome::end : outcome::broken);
        }
        if (!read(header_size, 0)) return outcome::broken;
        byte_cursor p({buffer_.data(), header_size});
        p.skip(9);
        const std::uint32_t size = p.u32();
        if (size < header_size || size > max_event_size) return outcome::broken;
        if (!read(size - header_size, header_size)) return outcome::broken;
        out = {buffer_.data(), size};
        return outcome::event;
    }

private:
    struct free_stream {
        void operator()(ZSTD_DStream* s) const noexcept { ZSTD_freeDStream(s); }
    };

    /// Appends `size` bytes to the `have` bytes in the buffer.
    bool read(std::size_t size, std::size_t have) {
        if (size > left_) return false;
        left_ -= size;
        std::uint8_t* to = buffer_.ensure(have + size, have) + have;
        if (plain_) {
            if (size > input_.size()) return false;
            if (size != 0) std::memcpy(to, input_.data(), size);
            input_ = input_.subspan(size);
            return true;
        }
        ZSTD_outBuffer out{to, size, 0};
        while (out.pos < size) {
            ZSTD_inBuffer in{input_.data(), input_.size(), used_};
            const std::size_t before = out.pos;
            const std::size_t rc = ZSTD_decompressStream(stream_.get(), &out, &in);
            if (ZSTD_isError(rc) != 0) return false;
            const bool moved = in.pos != used_ || out.pos != before;
            used_ = in.pos;
            if (!moved) return false;
        }
        return true;
    }

    bool stream_is_done() {
        std::uint8_t one = 0;
        ZSTD_outBuffer out{&one, 1, 0};
        while (used_ < input_.size()) {
            ZSTD_inBuffer in{input_.data(), input_.size(), used_};
            const std::size_t rc = ZSTD_decompressStream(stream_.get(), &out, &in);
            if (ZSTD_isError(rc) != 0 || out.pos != 0 || in.pos == used_) return false;
            used_ = in.pos;
        }
        return true;
    }

    bool active_ = false;
    bool plain_ = false;
    byte_view input_;
    std::size_t used_ = 0;
    std::uint64_t left_ = 0;
    raw_buffer buffer_;
    std::unique_ptr<ZSTD_DStream, free_stream> stream_;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
