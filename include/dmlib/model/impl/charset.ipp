#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/model/impl/internal/collation_table.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Longer names are no charset or collation of any server.
inline constexpr std::size_t longest_collation_name = 64;

/// A name in lower case and canonical spelling, without allocation.
struct canonical_name {
    std::array<char, longest_collation_name + 4> buffer{};
    std::size_t size = 0;
    std::string_view view() const noexcept { return {buffer.data(), size}; }
};

inline canonical_name canonical_collation_name(std::string_view name) noexcept {
    canonical_name out;
    if (name.size() > longest_collation_name) return out;
    for (const char c : name) {
        out.buffer[out.size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const std::string_view text = out.view();
    if (text == "utf8" || text.starts_with("utf8_")) {
        std::copy_backward(out.buffer.begin() + 4,
                           out.buffer.begin() + static_cast<std::ptrdiff_t>(out.size),
                           out.buffer.begin() + static_cast<std::ptrdiff_t>(out.size) + 3);
        out.buffer[4] = 'm';
        out.buffer[5] = 'b';
        out.buffer[6] = '3';
        out.size += 3;
    }
    return out;
}

}  // namespace internal

DMLIB_DECL const charset_info* find_charset(std::string_view name) noexcept {
    const auto canonical = internal::canonical_collation_name(name);
    const auto* const found =
        std::find_if(std::begin(internal::charset_table),
                     std::end(internal::charset_table),
                     [&](const charset_info& c) { return c.name == canonical.view(); });
    return found == std::end(internal::charset_table) ? nullptr : found;
}

DMLIB_DECL const collation_info* find_collation(std::string_view name) noexcept {
    const auto canonical = internal::canonical_collation_name(name);
    const auto* const end = std::end(internal::collation_table);
    const auto* const found =
        std::lower_bound(std::begin(internal::collation_table),
                         end,
                         canonical.view(),
                         [](const collation_info& c, std::string_view n) { return c.name < n; });
    return found == end || found->name != canonical.view() ? nullptr : found;
}

DMLIB_DECL const collation_info* find_collation(flavor f, std::uint16_t id) noexcept {
    const auto search = [&](const auto& index) -> const collation_info* {
        const auto* const end = std::end(index);
        const auto* const found =
            std::lower_bound(std::begin(index), end, id, [&](std::uint16_t i, std::uint16_t n) {
                return internal::collation_table[i].id(f) < n;
            });
        if (found == end || internal::collation_table[*found].id(f) != id) return nullptr;
        return &internal::collation_table[*found];
    };
    return f == flavor::mysql ? search(internal::mysql_collation_index)
                              : search(internal::mariadb_collation_index);
}

DMLIB_DECL const collation_info* find_collation_for(std::string_view charset,
                                                    std::string_view name) noexcept {
    const charset_info* const set = find_charset(charset);
    if (set == nullptr) return nullptr;
    if (const collation_info* const whole = find_collation(name)) {
        return whole->charset == set->name ? whole : nullptr;
    }
    if (name.size() + set->name.size() + 1 > internal::longest_collation_name) return nullptr;
    return find_collation(std::string(set->name) + "_" + std::string(name));
}

DMLIB_DECL std::string binary_collation(std::string_view charset) {
    const charset_info* const set = find_charset(charset);
    if (set == nullptr) return {};
    return set->name == "binary" ? "binary" : std::string(set->name) + "_bin";
}

DMLIB_DECL std::string_view default_collation(const server_kind& server,
                                              std::string_view charset) noexcept {
    const charset_info* const set = find_charset(charset);
    if (set == nullptr) return {};
    const bool utf8mb4 = set->name == "utf8mb4";
    if (server.flavor == flavor::mysql) {
        return utf8mb4 && server.version.at_least(8, 0, 1) ? "utf8mb4_0900_ai_ci"
                                                           : set->default_collation;
    }
    // character_set_collations of MariaDB 11.5 names the charsets of Unicode but utf16le.
    if (server.version.at_least(11, 5)) {
        if (utf8mb4) return "utf8mb4_uca1400_ai_ci";
        if (set->name == "utf8mb3") return "utf8mb3_uca1400_ai_ci";
        if (set->name == "ucs2") return "ucs2_uca1400_ai_ci";
        if (set->name == "utf16") return "utf16_uca1400_ai_ci";
        if (set->name == "utf32") return "utf32_uca1400_ai_ci";
    }
    return set->default_collation;
}

DMLIB_DECL std::string_view default_charset(const server_kind& server) noexcept {
    if (server.flavor == flavor::mysql) {
        return server.version.at_least(8, 0, 1) ? "utf8mb4" : "latin1";
    }
    return server.version.at_least(11, 6) ? "utf8mb4" : "latin1";
}

DMLIB_DECL bool has_collation(const server_kind& server, const collation_info& collation) noexcept {
    const int since =
        server.flavor == flavor::mysql ? collation.mysql_since : collation.mariadb_since;
    return since != 0 && server.version.major * 100 + server.version.minor >= since;
}

DMLIB_DECL std::string charset_name_on(const server_kind& server, std::string_view charset) {
    const bool old = server.flavor == flavor::mysql ? !server.version.at_least(8, 0, 24)
                                                    : !server.version.at_least(10, 6);
    return old && charset == "utf8mb3" ? "utf8" : std::string(charset);
}

DMLIB_DECL std::string collation_name_on(const server_kind& server, std::string_view collation) {
    const bool old = server.flavor == flavor::mysql ? !server.version.at_least(8, 0, 30)
                                                    : !server.version.at_least(10, 6);
    if (!old || !collation.starts_with("utf8mb3_")) return std::string(collation);
    return "utf8" + std::string(collation.substr(7));
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
