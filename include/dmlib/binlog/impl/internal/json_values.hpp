// Values and strings as JSON.
#pragma once

#include <dmlib/binlog/impl/internal/base64.hpp>
#include <dmlib/binlog/impl/internal/json_text.hpp>
#include <dmlib/binlog/json.hpp>
#include <dmlib/model/value.hpp>

#include <charconv>
#include <cmath>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// Strict UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
inline bool is_utf8(std::string_view text) noexcept {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const end = p + text.size();
    while (p != end) {
        const unsigned char c = *p++;
        if (c < 0x80) continue;
        int more = 0;
        unsigned char low = 0x80;
        unsigned char high = 0xbf;
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if (c >= 0xe0 && c <= 0xef) {
            more = 2;
            if (c == 0xe0) low = 0xa0;
            if (c == 0xed) high = 0x9f;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            if (c == 0xf0) low = 0x90;
            if (c == 0xf4) high = 0x8f;
        } else {
            return false;
        }
        if (end - p < more || *p < low || *p > high) return false;
        for (int i = 1; i < more; ++i) {
            if (p[i] < 0x80 || p[i] > 0xbf) return false;
        }
        p += more;
    }
    return true;
}

inline void append_string(std::string& out, std::string_view text) {
    if (!is_utf8(text)) {
        out += "{\"base64\":\"";
        append_base64(out, as_bytes(text));
        out += "\"}";
        return;
    }
    out.push_back('"');
    append_json_escaped(out, text);
    out.push_back('"');
}

template <class T>
void append_integer(std::string& out, T n) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, n).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}

/// No column holds infinities; bytes that say so are shown as a string.
template <class T>
void append_real(std::string& out, T n) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, n).ptr;
    const std::string_view number(text, static_cast<std::size_t>(end - text));
    const bool finite = std::isfinite(n);
    if (!finite) out.push_back('"');
    out += number;
    if (!finite) out.push_back('"');
}

inline result<void> append_json_diffs(std::string& out, byte_view diffs) {
    constexpr std::string_view names[] = {"replace", "insert", "remove"};
    out += "{\"json_diff\":[";
    byte_cursor p(diffs);
    for (bool first = true;; first = false) {
        json_diff diff;
        auto more = next_json_diff(p, diff);
        if (!more) return more.error();
        if (!*more) break;
        if (!first) out.push_back(',');
        out += "{\"op\":\"";
        out += names[static_cast<int>(diff.operation)];
        out += "\",\"path\":";
        append_string(out, diff.path);
        if (diff.operation != json_diff_operation::remove) {
            out += ",\"value\":";
            if (auto ok = append_json_text(out, diff.value, json_text_form::compact); !ok)
                return ok.error();
        }
        out.push_back('}');
    }
    out += "]}";
    return {};
}

/// A column's value. `before` is the same column in the before image, for partial JSON updates.
inline result<void> append_value(std::string& out, const value_view& v, const value_view* before) {
    switch (v.kind) {
        case value_kind::absent:
        case value_kind::null:
            out += "null";
            return {};
        case value_kind::int64:
            append_integer(out, v.i);
            return {};
        case value_kind::uint64:
            append_integer(out, v.u);
            return {};
        case value_kind::float32:
            append_real(out, v.f);
            return {};
        case value_kind::float64:
            append_real(out, v.d);
            return {};
        case value_kind::bytes:
        case value_kind::text:
            append_string(out, v.text());
            return {};
        case value_kind::json: {
            out += "{\"json\":";
            if (auto ok = append_json_text(out, v.bytes(), json_text_form::compact); !ok)
                return ok.error();
            out.push_back('}');
            return {};
        }
        case value_kind::json_diff: {
            if (before == nullptr || before->kind != value_kind::json)
                return append_json_diffs(out, v.bytes());
            out += "{\"json\":";
            auto ok =
                append_patched_json_text(out, before->bytes(), v.bytes(), json_text_form::compact);
            if (!ok) return ok.error();
            out.push_back('}');
            return {};
        }
        default:
            break;
    }
    out.push_back('"');
    append_text(out, v);
    out.push_back('"');
    return {};
}

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
