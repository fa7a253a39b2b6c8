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

/// Inflates `packed` into exactly `size` bytes at `out`. `raw`: no zlib header.
inline bool inflate_exact(byte_view packed, std::uint8_t* out, std::size_t size, bool raw) {
    if (packed.size() > std::numeric_limits<uInt>::max() ||
        size > std::numeric_limits<uInt>::max()) {
        return false;
    }
    z_stream stream;
    std::memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, raw ? -MAX_WBITS : MAX_WBITS) != Z_OK) return false;
    std::uint8_t nothing = 0;
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = size == 0 ? &nothing : out;
    stream.avail_out = static_cast<uInt>(size);
    const int rc = inflate(&stream, Z_FINISH);
    const bool whole = rc == Z_STREAM_END && stream.total_out == size;
    inflateEnd(&stream);
    return whole;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
