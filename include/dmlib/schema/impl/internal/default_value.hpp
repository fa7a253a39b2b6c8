// Literal defaults as the servers keep them: converted to the column's type and printed back.
#pragma once

#include <dmlib/schema/impl/internal/temporal_default.hpp>
#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/sql/literal.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// A plain decimal number: sign, digits before and behind the point, no exponent.
struct decimal_text {
    bool negative = false;
    std::string whole;
    std::string fraction;
};

/// Reads "-12.5e3" and the like; the exponent is worked in. Nothing where it is no number.
inline std::optional<decimal_text> read_decimal(std::string_view text) {
    decimal_text out;
    std::size_t i = 0;
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) out.negative = text[i++] == '-';
    const std::size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') out.whole.push_back(text[i++]);
    if (i < text.size() && text[i] == '.') {
        ++i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9')
            out.fraction.push_back(text[i++]);
    }
    if (i == start || (out.whole.empty() && out.fraction.empty())) return std::nullopt;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        int exponent = 0;
        const char* from = text.data() + i + 1;
        if (from < text.data() + text.size() && *from == '+') ++from;
        const auto [next, ec] = std::from_chars(from, text.data() + text.size(), exponent);
        if (ec != std::errc{} || exponent > 400 || exponent < -400) return std::nullopt;
        i = static_cast<std::size_t>(next - text.data());
        for (; exponent > 0; --exponent) {
            out.whole.push_back(out.fraction.empty() ? '0' : out.fraction.front());
            if (!out.fraction.empty()) out.fraction.erase(0, 1);
        }
        for (; exponent < 0; ++exponent) {
            out.fraction.insert(0, 1, out.whole.empty() ? '0' : out.whole.back());
            if (!out.whole.empty()) out.whole.pop_back();
        }
    }
    while (i < text.size() && text[i] == ' ') ++i;
    if (i != text.size()) return std::nullopt;
    out.whole.erase(0, std::min(out.whole.find_first_not_of('0'), out.whole.size()));
    return out;
}

/// Rounds half away from zero to `scale` digits behind the point.
inline std::string rounded(decimal_text number, std::size_t scale) {
    bool up = number.fraction.size() > scale && number.fraction[scale] >= '5';
    number.fraction.resize(scale, '0');
    std::string digits = number.whole + number.fraction;
    for (std::size_t i = digits.size(); up && i > 0; --i) {
        if (digits[i - 1] == '9') {
            digits[i - 1] = '0';
        } else {
            ++digits[i - 1];
            up = false;
        }
    }
    if (up) digits.insert(0, 1, '1');
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    const bool zero = digits.find_first_not_of('0') == std::string::npos;
    std::string out = number.negative && !zero ? "-" : "";
    out += digits.substr(0, digits.size() - scale);
    if (out.empty() || out == "-") out += "0";
    if (scale != 0) out += "." + digits.substr(digits.size() - scale);
    return out;
}

/// A FLOAT(M,D) or DOUBLE(M,D): the servers round the part behind the point as a double.
inline std::string rounded_double(const std::string& text, std::uint32_t scale) {
    const double value = std::strtod(text.c_str(), nullptr);
    const double whole = std::floor(value);
    const double unit = std::pow(10.0, scale);
    std::string out(512, '\0');
    const double near = whole + std::rint((value - whole) * unit) / unit;
    const int size = std::snprintf(out.data(), out.size(), "%.*f", static_cast<int>(scale), near);
    out.resize(std::min(out.size() - 1, static_cast<std::size_t>(std::max(size, 0))));
    if (out.find_first_not_of("-0.") == std::string::npos && out.starts_with('-')) out.erase(0, 1);
    return out;
}

/// my_gcvt of the servers: plain digits up to 15 places, else an exponent.
inline std::string shown_double(double value, int digits) {
    if (value == 0) return "0";
    char buffer[64];
    // The shortest text that reads back equal, or six digits of a float.
    for (int precision = digits == 6 ? 6 : 15; precision <= (digits == 6 ? 6 : 17); ++precision) {
        std::snprintf(buffer, sizeof buffer, "%.*e", precision - 1, value);
        if (digits == 6 || std::strtod(buffer, nullptr) == value) break;
    }
    std::string text = buffer;
    const std::size_t e = text.find('e');
    const int exponent = std::atoi(text.c_str() + e + 1);
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') != std::string::npos) {
        while (mantissa.back() == '0') mantissa.pop_back();
        if (mantissa.back() == '.') mantissa.pop_back();
    }
    if (exponent + 1 > 15 || exponent + 1 < -14) {
        return mantissa + "e" + std::to_string(exponent);
    }
    auto number = read_decimal(mantissa + "e" + std::to_string(exponent));
    if (!number) return mantissa;
    while (!number->fraction.empty() && number->fraction.back() == '0') number->fraction.pop_back();
    const std::size_t scale = number->fraction.size();
    return rounded(*number, scale);
}

inline std::string zero_padded(std::string text, std::size_t width) {
    if (text.size() < width) text.insert(0, width - text.size(), '0');
    return text;
}

inline std::string bit_text(std::uint64_t value) {
    std::string bits;
    for (; value != 0; value >>= 1) bits.insert(bits.begin(), (value & 1) != 0 ? '1' : '0');
    return "b'" + (bits.empty() ? "0" : bits) + "'";
}

inline std::string year_text(const sql::literal& l, const std::string& text) {
    const auto number = read_decimal(text);
    if (!number) return text;
    const std::string digits = rounded(*number, 0);
    const int value = std::atoi(digits.c_str());
    if (value == 0 && l.kind != sql::literal_kind::string) return "0000";
    if (l.kind == sql::literal_kind::string && text.size() == 4) return text;
    if (value < 70) return std::to_string(2000 + value);
    if (value < 100) return std::to_string(1900 + value);
    return zero_padded(digits, 4);
}

/// A number in place of members: the place of an ENUM's, the mask of a SET's.
inline std::string member_of_number(const column& c, std::uint64_t number) {
    if (c.type == type_kind::enum_) {
        return number == 0 || number > c.members.size() ? std::string() : c.members[number - 1];
    }
    std::string out;
    bool first = true;
    for (std::size_t i = 0; i < c.members.size() && i < 64; ++i) {
        if ((number >> i & 1) == 0) continue;
        if (!first) out += ",";
        first = false;
        out += c.members[i];
    }
    return out;
}

/// ENUM and SET: the members' own spelling, in their order.
inline std::string member_text(const column& c, const std::string& text) {
    const auto find = [&](std::string_view name) -> std::size_t {
        for (std::size_t i = 0; i < c.members.size(); ++i) {
            if (c.members[i] == name) return i;
        }
        for (std::size_t i = 0; i < c.members.size(); ++i) {
            if (same_name(c.members[i], name)) return i;
        }
        return npos;
    };
    if (c.type == type_kind::enum_) {
        std::size_t at = find(text);
        if (at == npos) {  // spaces at the end do not count
            at = find(std::string_view(text).substr(0, text.find_last_not_of(' ') + 1));
        }
        return at == npos ? text : c.members[at];
    }
    std::vector<bool> chosen(c.members.size());
    for (std::size_t from = 0; from <= text.size() && !text.empty();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        const std::size_t at = find(std::string_view(text).substr(from, comma - from));
        if (at == npos) return text;
        chosen[at] = true;
        from = comma + 1;
    }
    std::string out;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i]) out += (out.empty() ? "" : ",") + c.members[i];
    }
    return out;
}

/// What a value below zero becomes in an unsigned column.
inline std::string zero_of(const column& c) {
    const std::size_t digits = static_cast<std::size_t>(c.decimals.value_or(0));
    return digits == 0 ? "0" : "0." + std::string(digits, '0');
}

inline std::string number_text(const column& c, const sql::literal& l) {
    std::string text;
    if (l.kind == sql::literal_kind::boolean)
        text = l.text == "true" ? "1" : "0";
    else if (l.kind == sql::literal_kind::hex || l.kind == sql::literal_kind::bit) {
        const auto value = sql::unsigned_of(l);
        if (!value) return l.text;
        text = std::to_string(*value);
    } else {
        text = l.text;
    }
    auto number = read_decimal(text);
    // MySQL takes a text that is no number as the DEFAULT of a DECIMAL, unless sql_mode is strict.
    if (!number && c.type == type_kind::decimal) number = read_decimal(text = "0");
    if (!number) return text;
    std::string out;
    if (c.is_integer()) {
        out = rounded(*number, 0);
    } else if (c.type == type_kind::decimal) {
        out = rounded(*number, c.decimals.value_or(0));
    } else if (c.decimals) {
        out = rounded_double(text, *c.decimals);
    } else if (c.type == type_kind::float_) {
        out = shown_double(static_cast<double>(std::strtof(text.c_str(), nullptr)), 6);
    } else {
        out = shown_double(std::strtod(text.c_str(), nullptr), 17);
    }
    if (c.is_unsigned && out.starts_with('-')) out = zero_of(c);
    if (c.zerofill) {
        // The display width counts the point of a decimal.
        const std::uint64_t bare = c.type == type_kind::float_    ? 12
                                   : c.type == type_kind::double_ ? 22
                                                                  : 0;
        const std::uint64_t width =
            c.length.value_or(bare) +
            (c.type == type_kind::decimal && c.decimals.value_or(0) != 0 ? 1U : 0U);
        out = zero_padded(out, static_cast<std::size_t>(width));
    }
    return out;
}

inline std::string hex_text_of(std::string_view bytes) {
    std::string out = "x'";
    for (const char ch : bytes) {
        const auto byte = static_cast<unsigned char>(ch);
        out.push_back("0123456789abcdef"[byte >> 4]);
        out.push_back("0123456789abcdef"[byte & 15]);
    }
    return out + "'";
}

/// Letters of western Europe; the others of latin1 (0x80 to 0x9f) are seldom written this way.
inline std::string utf8_of_latin1(std::string_view bytes) {
    std::string out;
    for (const char ch : bytes) {
        const auto byte = static_cast<unsigned char>(ch);
        if (byte < 0x80) {
            out.push_back(ch);
        } else {
            out.push_back(static_cast<char>(0xc0 | (byte >> 6)));
            out.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
        }
    }
    return out;
}

/// A constant as the text that a character column takes it for: numbers with an exponent and
/// those without a digit before the point are written out.
inline std::string text_of(const sql::literal& l, const std::string& bytes) {
    if (l.kind == sql::literal_kind::boolean) return l.text == "true" ? "1" : "0";
    if (l.kind == sql::literal_kind::floating) {
        return shown_double(std::strtod(l.text.c_str(), nullptr), 17);
    }
    if (l.kind == sql::literal_kind::decimal) {
        const auto number = read_decimal(l.text);
        if (number) return rounded(*number, number->fraction.size());
    }
    return bytes;
}

/// The default that a literal gives; `l` holds its sign.
inline column_default literal_default(const column& c,
                                      const sql::literal& l,
                                      const server_kind& server) {
    column_default out;
    if (l.kind == sql::literal_kind::null) {
        out.kind = default_kind::null;
        return out;
    }
    out.kind = default_kind::literal;
    out.quoted = true;
    std::string bytes = sql::bytes_of(l).value_or(l.text);
    // Digits with an introducer are text of that character set; definitions are kept in UTF-8.
    const bool digits = l.kind == sql::literal_kind::hex || l.kind == sql::literal_kind::bit;
    if (digits && sql::ascii_lower(l.charset) == "latin1") bytes = utf8_of_latin1(bytes);
    if (c.is_numeric()) {
        out.text = number_text(c, l);
        out.quoted = !mariadb_at_least(server, 10, 2, 2);
    } else if (c.type == type_kind::bit) {
        std::optional<std::uint64_t> value = sql::unsigned_of(l);
        if (!value && l.kind == sql::literal_kind::string) {
            std::uint64_t from_bytes = 0;
            for (const char ch : bytes) {
                from_bytes = (from_bytes << 8) | static_cast<unsigned char>(ch);
            }
            value = from_bytes;
        }
        out.text = value ? bit_text(*value) : l.text;
        out.quoted = false;
    } else if (c.type == type_kind::year) {
        out.text = year_text(l, bytes);
        if (c.length == 2U && out.text.size() == 4) out.text.erase(0, 2);
        out.quoted = !mariadb_at_least(server, 10, 2, 2);
    } else if (c.is_temporal()) {
        out.text = temporal_text(c, bytes, !is_mariadb(server));
    } else if (c.type == type_kind::enum_ || c.type == type_kind::set) {
        // MySQL 5.6 takes a number for a place or a mask, the others for its text.
        const bool by_number = server.flavor == flavor::mysql && !server.version.at_least(5, 7) &&
                               l.kind == sql::literal_kind::integer;
        const auto number = by_number ? sql::unsigned_of(l) : std::nullopt;
        out.text = number ? member_of_number(c, *number) : member_text(c, bytes);
    } else {
        out.text = text_of(l, bytes);
        if (c.type == type_kind::binary && c.length) {
            out.text.resize(static_cast<std::size_t>(*c.length), '\0');
        }
        const bool binary = c.type == type_kind::binary || c.type == type_kind::varbinary;
        if (binary && !out.text.empty() && mariadb_at_least(server, 11, 4)) {
            out.text = hex_text_of(out.text);
            out.quoted = false;
        }
        if (c.type == type_kind::char_) {
            while (!out.text.empty() && out.text.back() == ' ') out.text.pop_back();
        }
    }
    return out;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
