// The text that the source's server shows for a value of a column, in UTF-8. Row events have values
// and the full copy has the server's text: both give the same here.
#pragma once

#include <dmlib/binlog/json.hpp>
#include <dmlib/dml/impl/internal/address_text.hpp>
#include <dmlib/dml/impl/internal/plain_number.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/model/transcode.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

/// As MySQL and MariaDB show a real number of which these are the digits: plain with -14 to 15
/// digits in front of the point, else with an exponent. `scientific`: "-1.25e-07" of to_chars.
inline std::string real_text(std::string_view scientific) {
    plain_number n = plain_number::of(scientific);
    std::string out = scientific.starts_with('-') ? "-" : "";
    if (n.digits.empty()) return out + '0';
    if (n.point > 15 || n.point < -14) {
        out += n.digits.front();
        if (n.digits.size() > 1) out += '.' + n.digits.substr(1);
        return out + 'e' + std::to_string(n.point - 1);
    }
    if (n.point <= 0)
        return out + "0." + std::string(static_cast<std::size_t>(-n.point), '0') + n.digits;
    const std::size_t whole = n.whole();
    if (n.digits.size() <= whole) {
        n.digits.resize(whole, '0');
        return out + n.digits;
    }
    return out + n.digits.substr(0, whole) + '.' + n.digits.substr(whole);
}

/// Its shortest text, 3.4028235e+38, is a number above it: servers take that for out of range.
inline bool is_largest_float(float f) noexcept {
    return f == std::numeric_limits<float>::max() || f == std::numeric_limits<float>::lowest();
}

/// Six digits of a FLOAT, all of a DOUBLE.
inline std::string shown_real(double d, bool is_float) {
    char text[64];
    const auto format = std::chars_format::scientific;
    const auto end = is_float ? std::to_chars(text, text + sizeof text, d, format, 5).ptr
                              : std::to_chars(text, text + sizeof text, d, format).ptr;
    return real_text({text, static_cast<std::size_t>(end - text)});
}

/// "12.50" of a FLOAT(M,2).
inline std::string fixed_real(double d, std::uint32_t decimals) {
    char text[512];
    const auto end =
        std::to_chars(
            text, text + sizeof text, d, std::chars_format::fixed, static_cast<int>(decimals))
            .ptr;
    return {text, static_cast<std::size_t>(end - text)};
}

template <class T>
std::string shortest(T n) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, n).ptr;
    return {text, static_cast<std::size_t>(end - text)};
}

inline double read_real(std::string_view text) {
    double d = 0;
    std::from_chars(text.data(), text.data() + text.size(), d);
    return d;
}

/// Of one column of the source. Immutable.
class shown_form {
public:
    shown_form(const schema::column& source, const schema::column& target)
        : source_(source),
          exact_(target.type == schema::type_kind::double_ && !target.decimals),
          float_(target.type == schema::type_kind::float_) {}

    /// Nothing where bytes are no characters of the column's charset.
    std::optional<std::string> text(const value_view& v) const {
        using kind = schema::type_kind;
        switch (v.kind) {
            case value_kind::int64:
            case value_kind::uint64:
                return integer(v);
            case value_kind::float32:
                return real(static_cast<double>(v.f));
            case value_kind::float64:
                return real(v.d);
            case value_kind::json: {
                std::string out;
                if (!binlog::append_json_text(out, v.bytes())) return std::nullopt;
                return out;
            }
            case value_kind::bytes:
                return bytes(v.text());
            case value_kind::text:
                // The copy reads a FLOAT as the DOUBLE that it is.
                if (source_.type == kind::float_)
                    return real(static_cast<double>(static_cast<float>(read_real(v.text()))));
                return std::string(v.text());
            default: {
                std::string out;
                append_text(out, v);
                return v.kind == value_kind::decimal ? padded(out) : out;
            }
        }
    }

    /// For a column of numbers. A FLOAT is what the source shows, where that names the same FLOAT,
    /// else all its digits; a DOUBLE gets all digits.
    std::string number(const value_view& v) const {
        if (source_.type != schema::type_kind::float_) {
            auto out = text(v);
            return out ? *out : std::string(v.text());
        }
        const float f = v.kind == value_kind::float32 ? v.f : static_cast<float>(real_of(v));
        if (float_ && !is_largest_float(f)) return shortest(f);
        if (float_ || exact_) return shortest(static_cast<double>(f));
        std::string shown = real(static_cast<double>(f));
        return static_cast<float>(read_real(shown)) == f ? shown : shortest(static_cast<double>(f));
    }

    const schema::column& source() const noexcept { return source_; }

private:
    static double real_of(const value_view& v) {
        std::string out;
        append_text(out, v);
        return read_real(out);
    }

    std::string integer(const value_view& v) const {
        using kind = schema::type_kind;
        const auto& names = source_.members;
        if (source_.type == kind::enum_)
            return v.u >= 1 && v.u <= names.size() ? names[v.u - 1] : std::string{};
        if (source_.type == kind::set) {
            std::string out;
            for (std::size_t i = 0; i < names.size() && i < 64; ++i) {
                if (((v.u >> i) & 1U) == 0) continue;
                if (!out.empty()) out += ',';
                out += names[i];
            }
            return out;
        }
        std::string out = v.kind == value_kind::int64 ? shortest(v.i) : shortest(v.u);
        if (source_.type == kind::year && out.size() < 4) out.insert(0, 4 - out.size(), '0');
        return padded(std::move(out));
    }

    std::string real(double d) const {
        const bool is_float = source_.type == schema::type_kind::float_;
        return padded(source_.decimals ? fixed_real(d, *source_.decimals)
                                       : shown_real(d, is_float));
    }

    /// ZEROFILL.
    std::string padded(std::string out) const {
        using kind = schema::type_kind;
        if (!source_.zerofill) return out;
        std::size_t width = source_.length.value_or(source_.type == kind::float_    ? 12
                                                    : source_.type == kind::double_ ? 22
                                                    : source_.type == kind::decimal ? 10
                                                                                    : 0);
        if (source_.type == kind::decimal && source_.decimals.value_or(0) != 0) ++width;
        if (out.size() < width) out.insert(0, width - out.size(), '0');
        return out;
    }

    std::optional<std::string> bytes(std::string_view raw) const {
        using kind = schema::type_kind;
        std::string out;
        if (source_.type == kind::inet4) {
            append_inet4(out, raw);
        } else if (source_.type == kind::inet6) {
            append_inet6(out, raw);
        } else if (source_.type == kind::uuid) {
            append_uuid(out, raw);
        } else if (source_.is_character() && !is_utf8_charset(source_.charset)) {
            auto converted = to_utf8(raw, source_.charset);
            if (!converted) return std::nullopt;
            return std::move(*converted);
        } else {
            out = raw;
            // Row events leave out zeros at the end.
            if (source_.type == kind::binary && out.size() < source_.fixed_bytes())
                out.resize(source_.fixed_bytes(), '\0');
        }
        return out;
    }

    static bool is_utf8_charset(std::string_view charset) noexcept {
        return charset.starts_with("utf8");
    }

    schema::column source_;
    bool exact_ = false;
    bool float_ = false;
};

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
