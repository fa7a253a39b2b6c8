// Reads MySQL's binary JSON in place.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/config.hpp>

#include <cstdint>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

enum class json_type : std::uint8_t {
    small_object = 0,
    large_object = 1,
    small_array = 2,
    large_array = 3,
    literal = 4,
    int16 = 5,
    uint16 = 6,
    int32 = 7,
    uint32 = 8,
    int64 = 9,
    uint64 = 10,
    float64 = 11,
    string = 12,
    opaque = 15,
};

/// A value: its type and the bytes from its first one on.
struct json_value {
    json_type type = json_type::literal;
    byte_view data;

    bool is_object() const noexcept {
        return type == json_type::small_object || type == json_type::large_object;
    }
    bool is_array() const noexcept {
        return type == json_type::small_array || type == json_type::large_array;
    }
    bool is_large() const noexcept {
        return type == json_type::large_object || type == json_type::large_array;
    }
};

inline bool json_root(byte_view binary, json_value& out) noexcept {
    if (binary.empty()) return false;
    out = {static_cast<json_type>(binary[0]), binary.subspan(1)};
    return true;
}

/// An object or array whose bounds were checked.
struct json_container {
    byte_view data;
    std::uint32_t count = 0;
    std::size_t width = 2;  // of offsets and sizes
    std::size_t keys = 0;   // offset of the key entries
    std::size_t values = 0;
    bool object = false;

    bool open(const json_value& v) noexcept {
        object = v.is_object();
        width = v.is_large() ? 4 : 2;
        byte_cursor p(v.data);
        count = static_cast<std::uint32_t>(p.le(width));
        const std::uint64_t size = p.le(width);
        if (!p.ok() || size > v.data.size()) return false;
        data = v.data.first(static_cast<std::size_t>(size));
        keys = 2 * width;
        const std::uint64_t key_bytes = object ? std::uint64_t{count} * (width + 2) : 0;
        const std::uint64_t all = keys + key_bytes + std::uint64_t{count} * (width + 1);
        if (all > size) return false;
        values = keys + static_cast<std::size_t>(key_bytes);
        return true;
    }

    bool key(std::uint32_t i, std::string_view& out) const noexcept {
        byte_cursor p(data.subspan(keys + i * (width + 2)));
        const std::uint64_t offset = p.le(width);
        const std::uint64_t length = p.u16();
        if (offset > data.size() || length > data.size() - offset) return false;
        out = as_text(
            data.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
        return true;
    }

    bool value(std::uint32_t i, json_value& out) const noexcept {
        const std::size_t entry = values + i * (width + 1);
        out.type = static_cast<json_type>(data[entry]);
        const byte_view inlined = data.subspan(entry + 1, width);
        const bool small = out.type == json_type::literal || out.type == json_type::int16 ||
                           out.type == json_type::uint16;
        const bool wide = out.type == json_type::int32 || out.type == json_type::uint32;
        if (small || (wide && width == 4)) {
            out.data = inlined;
            return true;
        }
        const std::uint64_t offset = byte_cursor(inlined).le(width);
        // A value stands behind the entries: this also keeps a value from holding itself.
        if (offset < values + std::uint64_t{count} * (width + 1) || offset >= data.size())
            return false;
        out.data = data.subspan(static_cast<std::size_t>(offset));
        return true;
    }
};

/// Length of a string or opaque value: seven bits a byte, at most five bytes.
inline bool json_length(byte_cursor& p, std::uint64_t& out) noexcept {
    out = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        const std::uint8_t byte = p.u8();
        out |= std::uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80) == 0) return p.ok() && out <= 0xffffffff;
    }
    return false;
}

inline bool json_string(const json_value& v, std::string_view& out) noexcept {
    byte_cursor p(v.data);
    std::uint64_t length = 0;
    if (!json_length(p, length)) return false;
    out = p.text(length);
    return p.ok();
}

inline bool json_opaque(const json_value& v, std::uint8_t& field_type, byte_view& out) noexcept {
    byte_cursor p(v.data);
    field_type = p.u8();
    std::uint64_t length = 0;
    if (!json_length(p, length)) return false;
    out = p.bytes(length);
    return p.ok();
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
