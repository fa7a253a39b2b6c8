#pragma once

#include <dmlib/binlog/key_file.hpp>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline error bad_key_file(std::string what) {
    return error(errc::binlog_encrypted, "the key file cannot be used: " + std::move(what));
}

inline int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

inline std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

inline std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view space = " \t\r";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// MariaDB's file_key_management: a key a line, `#` begins a comment.
inline result<std::vector<encryption_key>> read_mariadb_keys(std::string_view text) {
    std::vector<encryption_key> keys;
    for (int line = 1; !text.empty(); ++line) {
        const auto end = text.find('\n');
        const std::string_view content = trimmed(text.substr(0, end).substr(0, text.find('#')));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (content.empty()) continue;
        const auto semicolon = std::min(content.find(';'), content.size());
        encryption_key key;
        const char* const number_end = content.data() + semicolon;
        const auto number = std::from_chars(content.data(), number_end, key.id);
        auto bytes = from_hex(trimmed(content.substr(std::min(semicolon + 1, content.size()))));
        const bool good = number.ec == std::errc{} && number.ptr == number_end && bytes &&
                          (bytes->size() == 16 || bytes->size() == 24 || bytes->size() == 32);
        if (!good) {
            return bad_key_file("line " + std::to_string(line) +
                                " is not a number, a semicolon and a key of 32, 48 or 64 "
                                "hexadecimal digits");
        }
        key.bytes = std::move(*bytes);
        keys.push_back(std::move(key));
    }
    return keys;
}

inline std::array<std::uint8_t, 32> sha256_of(byte_view bytes) {
    std::array<std::uint8_t, 32> out{};
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr);
    return out;
}

/// One entry of the plugin's file: its size and the sizes of its five parts, in 8 bytes each, then
/// the parts, filled up to 8 bytes. The key is hidden by XOR with a fixed text.
inline bool read_plugin_key(byte_cursor& p, encryption_key& key, std::string& type) {
    constexpr std::string_view mask = "*305=Ljt0*!@$Hnm(*-9-w;:";
    const std::uint64_t whole = p.u64();
    byte_cursor entry(whole < 8 ? byte_view{} : p.bytes(whole - 8));
    const std::uint64_t name_size = entry.u64();
    const std::uint64_t type_size = entry.u64();
    const std::uint64_t user_size = entry.u64();
    const std::uint64_t key_size = entry.u64();
    key.id = 0;
    key.name = std::string(entry.text(name_size));
    type = std::string(entry.text(type_size));
    entry.skip(user_size);
    key.bytes = std::string(entry.text(key_size));
    for (std::size_t i = 0; i < key.bytes.size(); ++i) {
        key.bytes[i] = static_cast<char>(key.bytes[i] ^ mask[i % mask.size()]);
    }
    return entry.ok();
}

inline result<std::vector<encryption_key>> read_plugin_keyring(byte_view content) {
    constexpr std::size_t head = 24;  // "Keyring file version:1.0"
    constexpr std::size_t digest = 32;
    const std::string_view version = as_text(content).substr(21, 3);
    // Version 1.0 has no checksum behind the end mark.
    const std::size_t tail = 3 + (version == "2.0" ? digest : 0);
    if ((version != "1.0" && version != "2.0") || content.size() < head + tail) {
        return bad_key_file("a keyring of MySQL's plugin in an unknown version, or cut off");
    }
    const byte_view keys_part = content.subspan(head, content.size() - head - tail);
    if (as_text(content.subspan(content.size() - tail, 3)) != "EOF") {
        return bad_key_file("the keyring does not end as it should");
    }
    if (version == "2.0") {
        // The digest is of the keys only.
        const auto sum = sha256_of(keys_part);
        const byte_view stored = content.last(digest);
        if (!std::equal(sum.begin(), sum.end(), stored.begin())) {
            return bad_key_file("the keyring's digest does not match its keys");
        }
    }
    std::vector<encryption_key> keys;
    for (byte_cursor p(keys_part); !p.at_end();) {
        encryption_key key;
        std::string type;
        if (!read_plugin_key(p, key, type)) return bad_key_file("the keyring is damaged");
        if (type == "AES" && key.bytes.size() == 32) keys.push_back(std::move(key));
    }
    return keys;
}

inline result<std::vector<encryption_key>> read_component_keyring(std::string_view text) {
    const auto all = nlohmann::json::parse(text, nullptr, false);
    const auto elements = all.is_object() ? all.find("elements") : all.end();
    if (!all.is_object() || elements == all.end() || !elements->is_array()) {
        return bad_key_file("it is not the JSON of MySQL's component_keyring_file");
    }
    std::vector<encryption_key> keys;
    for (const auto& element : *elements) {
        const auto word = [&](const char* name) {
            const auto found = element.is_object() ? element.find(name) : element.end();
            const bool text_there =
                element.is_object() && found != element.end() && found->is_string();
            return text_there ? found->template get<std::string>() : std::string();
        };
        auto bytes = from_hex(word("data"));
        if (!bytes) return bad_key_file("a key of the keyring is not hexadecimal");
        if (word("data_type") != "AES" || bytes->size() != 32) continue;
        keys.push_back({0, word("data_id"), std::move(*bytes)});
    }
    return keys;
}

}  // namespace internal

DMLIB_DECL result<std::vector<encryption_key>> read_key_file(byte_view content) {
    const std::string_view text = as_text(content);
    auto keys = [&]() -> result<std::vector<encryption_key>> {
        if (text.starts_with("Keyring file version:"))
            return internal::read_plugin_keyring(content);
        if (text.starts_with("Salted__")) {
            return internal::bad_key_file("it is encrypted itself (file_key_management_filekey)")
                .workaround(
                    "Decrypt it with `openssl enc -d -aes-256-cbc -md sha1 -pass "
                    "file:FILEKEY -in FILE` and give the result.");
        }
        const auto first = text.find_first_not_of(" \t\r\n");
        if (first != std::string_view::npos && text[first] == '{') {
            return internal::read_component_keyring(text);
        }
        return internal::read_mariadb_keys(text);
    }();
    if (keys && keys->empty()) return internal::bad_key_file("it holds no key of a binlog");
    return keys;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
