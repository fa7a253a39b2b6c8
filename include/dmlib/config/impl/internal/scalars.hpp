// Texts of scalars -> numbers, sizes, durations, bytes.
#pragma once

#include <dmlib/transform/pattern.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline std::optional<bool> read_bool(std::string_view text) {
    const std::string t = fold_case(text);
    if (t == "true" || t == "yes" || t == "on") return true;
    if (t == "false" || t == "no" || t == "off") return false;
    return std::nullopt;
}

inline std::optional<std::int64_t> read_int(std::string_view text) {
    std::string plain;  // YAML takes 1_000
    for (const char c : text) {
        if (c != '_') plain.push_back(c);
    }
    std::int64_t n = 0;
    const char* begin = plain.data() + (plain.starts_with('+') ? 1 : 0);
    const char* const end = plain.data() + plain.size();
    const auto [stop, ec] = std::from_chars(begin, end, n);
    if (plain.empty() || ec != std::errc{} || stop != end) return std::nullopt;
    return n;
}

inline std::optional<double> read_float(std::string_view text) {
    double n = 0;
    const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || ec != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return n;
}

/// "64", "64M", "1 GiB", "500m": powers of 1024; a bare number has `unit` bytes.
inline std::optional<std::uint64_t> read_size(std::string_view text, std::uint64_t unit) {
    double n = 0;
    const auto [stop, ec] =
        std::from_chars(text.data(), text.data() + text.size(), n, std::chars_format::fixed);
    if (ec != std::errc{} || !(n >= 0)) return std::nullopt;
    std::string suffix = fold_case(text.substr(static_cast<std::size_t>(stop - text.data())));
    while (suffix.starts_with(' ')) suffix.erase(0, 1);
    if (suffix.ends_with("b") && suffix.size() > 1) suffix.pop_back();
    if (suffix.ends_with("i") && suffix.size() > 1) suffix.pop_back();
    constexpr std::string_view letters = "bkmgtp";
    if (!suffix.empty()) {
        const std::size_t power = letters.find(suffix[0]);
        if (suffix.size() != 1 || power == std::string_view::npos) return std::nullopt;
        unit = std::uint64_t{1} << (10U * power);
    }
    const double bytes = n * static_cast<double>(unit);
    if (bytes > 9e18) return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
}

/// "10s", "5m0s", "1h30m", "500ms": Go's form.
inline std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
    if (text == "0") return std::chrono::milliseconds(0);
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        double n = 0;
        const auto [stop, ec] =
            std::from_chars(text.data(), text.data() + text.size(), n, std::chars_format::fixed);
        if (ec != std::errc{} || !(n >= 0)) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
        struct unit {
            std::string_view name;
            double milliseconds;
        };
        constexpr std::array<unit, 6> units{
            {{"ms", 1}, {"us", 1e-3}, {"ns", 1e-6}, {"h", 3.6e6}, {"m", 6e4}, {"s", 1e3}}};
        bool known = false;
        for (const unit& u : units) {
            if (!text.starts_with(u.name)) continue;
            total += n * u.milliseconds;
            text.remove_prefix(u.name.size());
            known = true;
            break;
        }
        if (!known) return std::nullopt;
    }
    if (total > 9e15) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(total));
}

/// Base64 with or without line breaks and padding.
inline std::optional<std::string> read_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    bool padded = false;
    std::size_t letters = 0;
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        std::uint32_t v = 0;
        if (c >= 'A' && c <= 'Z') {
            v = static_cast<std::uint32_t>(c - 'A');
        } else if (c >= 'a' && c <= 'z') {
            v = static_cast<std::uint32_t>(c - 'a') + 26;
        } else if (c >= '0' && c <= '9') {
            v = static_cast<std::uint32_t>(c - '0') + 52;
        } else if (c == '+') {
            v = 62;
        } else if (c == '/') {
            v = 63;
        } else if (c == '=') {
            padded = true;
            continue;
        } else {
            return std::nullopt;
        }
        if (padded) return std::nullopt;
        ++letters;
        bits = (bits << 6U) | v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out.push_back(static_cast<char>(
                static_cast<unsigned char>((bits >> static_cast<unsigned>(have)) & 0xFFU)));
        }
    }
    if (letters % 4 == 1) return std::nullopt;
    return out;
}

/// The first part of names such as Asia/Shanghai, and the names without parts, in lower case.
inline constexpr std::string_view time_zone_areas =
    " africa america antarctica arctic asia atlantic australia brazil canada chile etc europe "
    "indian mexico pacific us ";
inline constexpr std::string_view time_zones_alone =
    " system local utc gmt uct zulu universal greenwich gmt0 gmt+0 gmt-0 est mst hst cet met eet "
    "wet est5edt cst6cdt mst7mdt pst8pdt cuba egypt eire gb gb-eire hongkong iceland iran israel "
    "jamaica japan kwajalein libya navajo nz nz-chat poland portugal prc roc rok singapore turkey "
    "w-su factory ";

/// "+08:00" from -13:59 to +14:00, or a name such as Asia/Shanghai, UTC, SYSTEM. The first part of
/// a name is looked at; what stands behind it the servers know.
inline bool is_timezone(std::string_view text) {
    if (text.empty()) return true;
    if (text[0] == '+' || text[0] == '-') {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos || colon < 2 || colon > 3 || text.size() != colon + 3)
            return false;
        const auto hours = read_int(text.substr(1, colon - 1));
        const auto minutes = read_int(text.substr(colon + 1));
        if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) return false;
        const std::int64_t offset = *hours * 60 + *minutes;
        return text[0] == '+' ? offset <= 14 * 60 : offset < 14 * 60;
    }
    if (text.size() > 64) return false;
    std::string low;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool other = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' ||
                           c == '_' || c == '-' || c == '+';
        if (!upper && !other) return false;
        low += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const std::size_t slash = low.find('/');
    const std::string word = " " + low.substr(0, slash) + " ";
    if (slash == std::string::npos) return time_zones_alone.find(word) != std::string_view::npos;
    return slash + 1 < low.size() && time_zone_areas.find(word) != std::string_view::npos;
}

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
