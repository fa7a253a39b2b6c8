// The CRC32 of events: by carry-less multiplication where the processor has it, else zlib's.
#pragma once

#include <dmlib/core/bytes.hpp>

#include <zlib.h>

#include <array>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#define DMLIB_BINLOG_CRC_BY_PCLMUL 1
#include <immintrin.h>
#endif

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline std::uint32_t zlib_crc(byte_view bytes, std::uint32_t before) noexcept {
    return static_cast<std::uint32_t>(crc32_z(before, bytes.data(), bytes.size()));
}

#if defined(DMLIB_BINLOG_CRC_BY_PCLMUL)

/// Numbers of the polynomial's arithmetic, bits in the order of the CRC (lowest first).
namespace crc_numbers {

inline constexpr std::uint64_t polynomial = 0x104c11db7;

constexpr std::uint64_t mirrored(std::uint64_t n, int bits) noexcept {
    std::uint64_t out = 0;
    for (int i = 0; i < bits; ++i) out |= ((n >> i) & 1) << (bits - 1 - i);
    return out;
}
/// x to the power of n, modulo the polynomial: what moves a value n bits on.
constexpr std::uint64_t moved_by(int n) noexcept {
    std::uint64_t r = 1;
    for (int i = 0; i < n; ++i) {
        r <<= 1;
        if ((r >> 32) != 0) r ^= polynomial;
    }
    return mirrored(r, 32) << 1;
}
/// The quotient of x to the power of 64 and the polynomial, for the last division.
constexpr std::uint64_t quotient() noexcept {
    std::uint64_t q = std::uint64_t{1} << 32;
    std::uint64_t rest = (polynomial & 0xffffffff) << 32;
    for (int i = 31; i >= 0; --i) {
        if (((rest >> (i + 32)) & 1) == 0) continue;
        q |= std::uint64_t{1} << i;
        rest ^= (polynomial & 0xffffffff) << i;
        rest &= ~(std::uint64_t{1} << (i + 32));
    }
    return mirrored(q, 33);
}

constexpr std::int64_t as_lane(std::uint64_t n) noexcept {
    return static_cast<std::int64_t>(n);
}
inline constexpr std::int64_t far_low = as_lane(moved_by(4 * 128 + 32));
inline constexpr std::int64_t far_high = as_lane(moved_by(4 * 128 - 32));
inline constexpr std::int64_t near_low = as_lane(moved_by(128 + 32));
inline constexpr std::int64_t near_high = as_lane(moved_by(128 - 32));
inline constexpr std::int64_t last = as_lane(moved_by(64));
inline constexpr std::int64_t divisor = as_lane(mirrored(polynomial, 33));
inline constexpr std::int64_t divided = as_lane(quotient());

}  // namespace crc_numbers

[[gnu::target("pclmul,sse4.1")]] inline __m128i load_16_bytes(const std::uint8_t* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

/// Moves `value` on by the distance that `by` stands for and adds `next`, which stands there.
[[gnu::target("pclmul,sse4.1")]] inline __m128i fold(__m128i value,
                                                     __m128i by,
                                                     __m128i next) noexcept {
    const __m128i low = _mm_clmulepi64_si128(value, by, 0x00);
    const __m128i high = _mm_clmulepi64_si128(value, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// The remainder of a block of 128 bits.
[[gnu::target("pclmul,sse4.1")]] inline std::uint32_t remainder(__m128i block,
                                                                __m128i by_128) noexcept {
    using namespace crc_numbers;
    const __m128i low_half = _mm_set_epi32(0, -1, 0, -1);
    // 128 bits to 96, to 64, to 32.
    block = _mm_xor_si128(_mm_srli_si128(block, 8), _mm_clmulepi64_si128(block, by_128, 0x10));
    const __m128i by_64 = _mm_set_epi64x(0, last);
    block = _mm_xor_si128(_mm_srli_si128(block, 4),
                          _mm_clmulepi64_si128(_mm_and_si128(block, low_half), by_64, 0x00));
    const __m128i division = _mm_set_epi64x(divided, divisor);
    __m128i times = _mm_clmulepi64_si128(_mm_and_si128(block, low_half), division, 0x10);
    times = _mm_clmulepi64_si128(_mm_and_si128(times, low_half), division, 0x00);
    return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(block, times), 1));
}

/// Orders of bytes: the 16 from n on bring a block's first n bytes to its end, the 16 from 16 + n
/// on bring what is behind them to its start; 0x80 brings a zero.
inline constexpr std::array<std::uint8_t, 48> byte_orders = [] {
    std::array<std::uint8_t, 48> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = i >= 16 && i < 32 ? static_cast<std::uint8_t>(i - 16) : std::uint8_t{0x80};
    }
    return out;
}();

/// `block` and the `left` bytes (1 to 15) before `end`, to one block: what is pushed out by the
/// bytes at the end goes before it, behind zeros, which count for nothing there.
[[gnu::target("pclmul,sse4.1")]] inline __m128i fold_rest(__m128i block,
                                                          const std::uint8_t* end,
                                                          std::size_t left,
                                                          __m128i by_128) noexcept {
    const __m128i up = load_16_bytes(byte_orders.data() + left);
    const __m128i down = load_16_bytes(byte_orders.data() + 16 + left);
    const __m128i first = _mm_shuffle_epi8(block, up);
    // The sign of each byte of `down` says which of the last 16 bytes are new.
    const __m128i second =
        _mm_blendv_epi8(_mm_shuffle_epi8(block, down), load_16_bytes(end - 16), down);
    return fold(first, by_128, second);
}

/// The first 64 bytes and more, four blocks side by side, to one block.
[[gnu::target("pclmul,sse4.1")]] inline __m128i fold_wide(__m128i first,
                                                          const std::uint8_t*& p,
                                                          std::size_t& left,
                                                          __m128i by_128) noexcept {
    const __m128i by_512 = _mm_set_epi64x(crc_numbers::far_high, crc_numbers::far_low);
    __m128i a = first;
    __m128i b = load_16_bytes(p);
    __m128i c = load_16_bytes(p + 16);
    __m128i d = load_16_bytes(p + 32);
    for (p += 48, left -= 48; left >= 64; left -= 64, p += 64) {
        a = fold(a, by_512, load_16_bytes(p));
        b = fold(b, by_512, load_16_bytes(p + 16));
        c = fold(c, by_512, load_16_bytes(p + 32));
        d = fold(d, by_512, load_16_bytes(p + 48));
    }
    return fold(fold(fold(a, by_128, b), by_128, c), by_128, d);
}

/// At least 16 bytes.
[[gnu::target("pclmul,sse4.1")]] inline std::uint32_t folded_crc(byte_view bytes,
                                                                 std::uint32_t before) noexcept {
    const __m128i by_128 = _mm_set_epi64x(crc_numbers::near_high, crc_numbers::near_low);
    const std::uint8_t* p = bytes.data() + 16;
    std::size_t left = bytes.size() - 16;
    __m128i a =
        _mm_xor_si128(load_16_bytes(bytes.data()), _mm_cvtsi32_si128(static_cast<int>(~before)));
    if (left >= 48) a = fold_wide(a, p, left, by_128);
    for (; left >= 16; left -= 16, p += 16) a = fold(a, by_128, load_16_bytes(p));
    if (left != 0) a = fold_rest(a, p + left, left, by_128);
    return ~remainder(a, by_128);
}

inline bool has_pclmul() noexcept {
    static const bool has =
        __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
    return has;
}

#endif

/// CRC32 of `bytes`, going on from `before`.
inline std::uint32_t crc_of(byte_view bytes, std::uint32_t before = 0) noexcept {
#if defined(DMLIB_BINLOG_CRC_BY_PCLMUL)
    if (bytes.size() >= 16 && has_pclmul()) return folded_crc(bytes, before);
#endif
    return zlib_crc(bytes, before);
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
