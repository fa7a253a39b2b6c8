// Decompression of what MariaDB compresses: COMPRESSED columns and compressed events.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/config.hpp>

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <limits>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// Deflate cannot shrink more than 1032:1; a larger claim is a lie and is not worth memory.
inline bool plausible_plain_size(std::uint64_t plain, std::size_t packed) noexcept {
    return plain <= std::uint64_t{packed} * 1040 + 64;
}

/// zlib's state, which is kept: to get it anew for each value costs more than to use it.
class inflater {
public:
    inflater() noexcept {
        std::memset(&stream_, 0, sizeof stream_);
        ready_ = inflateInit2(&stream_, MAX_WBITS) == Z_OK;
    }
    ~inflater() {
        if (ready_) inflateEnd(&stream_);
    }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    bool run(byte_view packed, std::uint8_t* out, std::size_t size, bool raw) noexcept {
        if (!ready_ || inflateReset2(&stream_, raw ? -MAX_WBITS : MAX_WBITS) != Z_OK) return false;
        std::uint8_t nothing = 0;
        stream_.next_in = const_cast<Bytef*>(packed.data());
        stream_.avail_in = static_cast<uInt>(packed.size());
        stream_.next_out = size == 0 ? &nothing : out;
        stream_.avail_out = static_cast<uInt>(size);
        return inflate(&stream_, Z_FINISH) == Z_STREAM_END && stream_.total_out == size;
    }

private:
    z_stream stream_;
    bool ready_ = false;
};

/// Inflates `packed` into exactly `size` bytes at `out`. `raw`: no zlib header.
inline bool inflate_exact(byte_view packed, std::uint8_t* out, std::size_t size, bool raw) {
    if (packed.size() > std::numeric_limits<uInt>::max() ||
        size > std::numeric_limits<uInt>::max()) {
        return false;
    }
    thread_local inflater kept;
    return kept.run(packed, out, size, raw);
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
