// Binary JSON to text.
#pragma once

#include <dmlib/binlog/impl/internal/base64.hpp>
#include <dmlib/binlog/impl/internal/column_values.hpp>
#include <dmlib/binlog/impl/internal/json_reader.hpp>
#include <dmlib/binlog/json.hpp>
#include <dmlib/model/value.hpp>

#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// The body of a JSON string: quotes, backslashes and control characters escaped.
inline void append_json_escaped(std::string& out, std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text.substr(done, i - done));
        done = i + 1;
        out.push_back('\\');
        switch (c) {
            case '"':
            case '\\':
                out.push_back(static_cast<char>(c));
                break;
            case '\b':
                out.push_back('b');
                break;
            case '\f':
                out.push_back('f');
                break;
            case '\n':
                out.push_back('n');
                break;
            case '\r':
                out.push_back('r');
                break;
            case '\t':
                out.push_back('t');
                break;
            default:
                out += "u00";
                out.push_back(hex[c >> 4]);
                out.push_back(hex[c & 15]);
        }
    }
    out.append(text.substr(done));
}

/// A double as the servers print it: shortest digits that read back equal; plain notation for
/// exponents of -14 to 15, else d.ddde-N. `2` is printed as `2.0`.
inline void append_json_double(std::string& out, double d) {
    if (!std::isfinite(d)) {
        out += "null";  // no JSON number; servers cannot store it
        return;
    }
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, d, std::chars_format::scientific).ptr;
    std::string_view all(text, static_cast<std::size_t>(end - text));
    if (all.front() == '-') {
        out.push_back('-');
        all.remove_prefix(1);
    }
    const auto e = all.find('e');
    int exponent = 0;
    std::string_view power = all.substr(e + 1);
    if (power.front() == '+') power.remove_prefix(1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    std::string digits(1, all[0]);
    if (e > 2) digits += all.substr(2, e - 2);
    const int point = exponent + 1;  // digits before the decimal point
    const auto length = static_cast<int>(digits.size());
    const int plain_width = length + (point <= 0 ? 2 - point : point < length ? 1 : 0);
    if (d == 0) {
        out += "0.0";
    } else if (point > 15 || point < -14 || (plain_width > 22 && point < -1)) {
        out.push_back(digits[0]);
        if (length > 1) {
            out.push_back('.');
            out.append(digits, 1);
        }
        out.push_back('e');
        out += std::to_string(exponent);
    } else if (point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-point), '0');
        out += digits;
    } else if (point >= length) {
        out += digits;
        out.append(static_cast<std::size_t>(point - length), '0');
        out += ".0";
    } else {
        out.append(digits, 0, static_cast<std::size_t>(point));
        out.push_back('.');
        out.append(digits, static_cast<std::size_t>(point));
    }
}

/// The 64-bit packed form of DATE, DATETIME and TIMESTAMP inside JSON.
inline bool unpack_json_moment(std::int64_t packed, temporal& t) noexcept {
    if (packed < 0) return false;
    const auto n = static_cast<std::uint64_t>(packed);
    const std::uint64_t date = n >> 41;
    const std::uint64_t clock = (n >> 24) & 0x1ffff;
    t.year = static_cast<std::uint16_t>((date >> 5) / 13);
    t.month = static_cast<std::uint8_t>((date >> 5) % 13);
    t.day = static_cast<std::uint8_t>(date & 31);
    t.hour = static_cast<std::uint16_t>(clock >> 12);
    t.minute = static_cast<std::uint8_t>((clock >> 6) & 63);
    t.second = static_cast<std::uint8_t>(clock & 63);
    t.microsecond = static_cast<std::uint32_t>(n & 0xffffff);
    return (date >> 5) / 13 <= 9999 && t.hour < 24 && t.minute < 60 && t.second < 60 &&
           t.microsecond <= 999999;
}

/// Opaque scalars other than decimals, without the quotes.
inline bool append_json_opaque_text(std::string& out, std::uint8_t field_type, byte_view bytes) {
    const auto type = static_cast<column_type>(field_type);
    const bool moment = type == column_type::date || type == column_type::datetime ||
                        type == column_type::timestamp;
    if ((moment || type == column_type::time) && bytes.size() == 8) {
        const auto packed = static_cast<std::int64_t>(byte_cursor(bytes).u64());
        temporal t;
        const bool ok = moment ? unpack_json_moment(packed, t) : unpack_time(packed, t);
        if (!ok) return false;
        const value_kind kind = type == column_type::date   ? value_kind::date
                                : type == column_type::time ? value_kind::time
                                                            : value_kind::datetime;
        append_text(out, value_view::make_temporal(kind, t, kind == value_kind::date ? 0 : 6));
        return true;
    }
    out += "base64:type";
    out += std::to_string(field_type);
    out.push_back(':');
    append_base64(out, bytes, 76, "\\n");
    return true;
}

class json_printer {
public:
    static constexpr int max_depth = 100;

    json_printer(std::string& out, json_text_form form, std::size_t limit)
        : out_(out), limit_(out.size() + limit), spaced_(form == json_text_form::server) {}

    bool value(const json_value& v, int depth) {
        if (out_.size() > limit_) return false;
        byte_cursor p(v.data);
        switch (v.type) {
            case json_type::small_object:
            case json_type::large_object:
            case json_type::small_array:
            case json_type::large_array:
                return container(v, depth);
            case json_type::literal:
                return literal(p.u8());
            case json_type::int16:
                return number(static_cast<std::int16_t>(p.u16()), p);
            case json_type::uint16:
                return number(p.u16(), p);
            case json_type::int32:
                return number(static_cast<std::int32_t>(p.u32()), p);
            case json_type::uint32:
                return number(p.u32(), p);
            case json_type::int64:
                return number(static_cast<std::int64_t>(p.u64()), p);
            case json_type::uint64:
                return number(p.u64(), p);
            case json_type::float64:
                return real(p);
            case json_type::string: {
                std::string_view text;
                if (!json_string(v, text)) return false;
                quoted(text);
                return true;
            }
            case json_type::opaque:
                return opaque(v);
        }
        return false;
    }

    void quoted(std::string_view text) {
        out_.push_back('"');
        append_json_escaped(out_, text);
        out_.push_back('"');
    }
    void comma() { out_ += spaced_ ? ", " : ","; }
    void colon() { out_ += spaced_ ? ": " : ":"; }
    void put(char c) { out_.push_back(c); }
    bool fits() const noexcept { return out_.size() <= limit_; }

private:
    bool container(const json_value& v, int depth) {
        json_container c;
        if (depth > max_depth || !c.open(v)) return false;
        put(c.object ? '{' : '[');
        for (std::uint32_t i = 0; i < c.count; ++i) {
            if (i != 0) comma();
            if (c.object) {
                std::string_view key;
                if (!c.key(i, key)) return false;
                quoted(key);
                colon();
            }
            json_value item;
            if (!c.value(i, item) || !value(item, depth + 1)) return false;
        }
        put(c.object ? '}' : ']');
        return true;
    }

    bool literal(std::uint8_t n) {
        if (n > 2) return false;
        out_ += n == 0 ? "null" : n == 1 ? "true" : "false";
        return true;
    }

    template <class T>
    bool number(T n, const byte_cursor& p) {
        if (!p.ok()) return false;
        char text[24];
        const auto end = std::to_chars(text, text + sizeof text, n).ptr;
        out_.append(text, static_cast<std::size_t>(end - text));
        return true;
    }

    bool real(byte_cursor& p) {
        const std::uint64_t bits = p.u64();
        double d = 0;
        std::memcpy(&d, &bits, sizeof d);
        append_json_double(out_, d);
        return p.ok() && std::isfinite(d);
    }

    bool opaque(const json_value& v) {
        std::uint8_t field_type = 0;
        byte_view bytes;
        if (!json_opaque(v, field_type, bytes)) return false;
        if (static_cast<column_type>(field_type) == column_type::newdecimal) {
            // Its precision counts the buffer's digits (nine groups of nine), not a column's 65.
            if (bytes.size() < 2 || bytes[1] > bytes[0] || bytes[0] > 81) return false;
            if (bytes.size() - 2 != decimal_size(bytes[0], bytes[1]) || bytes.size() == 2)
                return false;
            append_decimal(out_, bytes.subspan(2), bytes[0], bytes[1]);
            return true;
        }
        put('"');
        if (!append_json_opaque_text(out_, field_type, bytes)) return false;
        put('"');
        return true;
    }

    std::string& out_;
    std::size_t limit_;
    bool spaced_;
};

/// No document prints to more text than this: a control character takes one byte and six
/// characters, a literal in an array three bytes and seven characters.
inline std::size_t json_text_limit(std::size_t binary_size) noexcept {
    return binary_size * 8 + 64;
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
