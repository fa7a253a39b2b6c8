// A bounded cursor over bytes. Reads past the end return zero and set a sticky flag, so that
// a decoder checks once per structure instead of once per field and can never read outside.
#pragma once

#include <dmlib/core/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

using byte_view = std::span<const std::uint8_t>;

/// Borrowed characters of a byte range. Lifetime: that of the bytes.
inline std::string_view as_text(byte_view b) noexcept {
    return {reinterpret_cast<const char*>(b.data()), b.size()};
}
inline byte_view as_bytes(std::string_view s) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

/// Reads little-endian and big-endian integers and slices from a byte range.
/// Not thread safe; borrows the bytes.
class byte_cursor {
public:
    byte_cursor() = default;
    explicit byte_cursor(byte_view b) noexcept
        : begin_(b.data()), p_(b.data()), end_(b.data() + b.size()) {}

    /// False once any read went past the end. Sticky.
    bool ok() const noexcept { return ok_; }
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - p_); }
    std::size_t offset() const noexcept { return static_cast<std::size_t>(p_ - begin_); }
    bool at_end() const noexcept { return p_ == end_; }
    const std::uint8_t* data() const noexcept { return p_; }
    byte_view rest() const noexcept { return {p_, remaining()}; }
    void fail() noexcept {
        ok_ = false;
        p_ = end_;
    }

    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(le(1)); }
    std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(le(2)); }
    std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(le(3)); }
    std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(le(4)); }
    std::uint64_t u48() noexcept { return le(6); }
    std::uint64_t u64() noexcept { return le(8); }

    /// Little-endian unsigned integer of `n` bytes, n <= 8.
    std::uint64_t le(std::size_t n) noexcept {
        if (!need(n)) return 0;
        std::uint64_t v = 0;
        if constexpr (std::endian::native == std::endian::little) {
            std::memcpy(&v, p_, n);
        } else {
            for (std::size_t i = 0; i < n; ++i) v |= std::uint64_t{p_[i]} << (8 * i);
        }
        p_ += n;
        return v;
    }
    /// Big-endian unsigned integer of `n` bytes, n <= 8.
    std::uint64_t be(std::size_t n) noexcept {
        if (!need(n)) return 0;
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < n; ++i) v = (v << 8) | p_[i];
        p_ += n;
        return v;
    }
    /// The protocol's length-encoded integer. 0xfb (NULL) and 0xff fail.
    std::uint64_t lenenc() noexcept {
        const std::uint8_t first = u8();
        if (first < 0xfb) return first;
        if (first == 0xfc) return le(2);
        if (first == 0xfd) return le(3);
        if (first == 0xfe) return le(8);
        fail();
        return 0;
    }
    /// The next `n` bytes, empty (and failed) where there are fewer.
    byte_view bytes(std::uint64_t n) noexcept {
        if (!need(n)) return {};
        byte_view r{p_, static_cast<std::size_t>(n)};
        p_ += n;
        return r;
    }
    std::string_view text(std::uint64_t n) noexcept { return as_text(bytes(n)); }
    void skip(std::uint64_t n) noexcept {
        if (need(n)) p_ += n;
    }

private:
    bool need(std::uint64_t n) noexcept {
        if (n <= remaining()) return true;
        fail();
        return false;
    }

    const std::uint8_t* begin_ = nullptr;
    const std::uint8_t* p_ = nullptr;
    const std::uint8_t* end_ = nullptr;
    bool ok_ = true;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib
