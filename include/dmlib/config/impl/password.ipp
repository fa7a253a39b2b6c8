#pragma once

#include <dmlib/config/impl/internal/scalars.hpp>
#include <dmlib/config/password.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline constexpr std::size_t key_bytes = 32;
inline constexpr std::size_t nonce_bytes = 12;
inline constexpr std::size_t tag_bytes = 16;
inline constexpr std::size_t dm_iv_bytes = 16;

using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

inline const unsigned char* octets(std::string_view s) noexcept {
    return reinterpret_cast<const unsigned char*>(s.data());
}
inline unsigned char* octets(std::string& s) noexcept {
    return reinterpret_cast<unsigned char*>(s.data());
}

inline std::string write_base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(octets(out), octets(bytes), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

inline int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

inline error password_fault(std::string_view what) {
    error e(errc::config_bad_value, std::string(what));
    e.workaround("Encrypt the password again with `dmlib encrypt` and the key of this file.");
    return e;
}

}  // namespace internal

DMLIB_DECL result<secret> read_password_key(std::string_view file_text) {
    const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    if (file_text.size() == internal::key_bytes) return secret(std::string(file_text));
    while (!file_text.empty() && blank(file_text.front())) file_text.remove_prefix(1);
    while (!file_text.empty() && blank(file_text.back())) file_text.remove_suffix(1);
    std::string key;
    if (file_text.size() == 2 * internal::key_bytes) {
        for (std::size_t i = 0; i < file_text.size(); i += 2) {
            const int high = internal::hex_digit(file_text[i]);
            const int low = internal::hex_digit(file_text[i + 1]);
            if (high < 0 || low < 0) break;
            key.push_back(static_cast<char>(high * 16 + low));
        }
    }
    if (key.size() == internal::key_bytes) return secret(std::move(key));
    error e(errc::config_file, "the key file holds no key");
    e.workaround("Make one with `openssl rand -hex 32`: 64 hexadecimal digits.");
    return e;
}

DMLIB_DECL result<std::string> encrypt_password(const secret& password, const secret& key) {
    using internal::octets;
    std::string nonce(internal::nonce_bytes, '\0');
    std::string body(password.reveal().size(), '\0');
    std::string tag(internal::tag_bytes, '\0');
    const internal::cipher_context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    const bool done =
        c && key.reveal().size() == internal::key_bytes &&
        RAND_bytes(octets(nonce), static_cast<int>(nonce.size())) == 1 &&
        EVP_EncryptInit_ex(
            c.get(), EVP_aes_256_gcm(), nullptr, octets(key.reveal()), octets(nonce)) == 1 &&
        EVP_EncryptUpdate(c.get(),
                          octets(body),
                          &size,
                          octets(password.reveal()),
                          static_cast<int>(body.size())) == 1 &&
        EVP_EncryptFinal_ex(c.get(), octets(tag), &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(
            c.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
    if (!done) return error(errc::internal_bug, "the password could not be encrypted");
    return std::string(encrypted_mark) + internal::write_base64(nonce + body + tag);
}

DMLIB_DECL bool is_encrypted_password(std::string_view text) noexcept {
    return text.starts_with(encrypted_mark);
}

DMLIB_DECL result<secret> decrypt_password(std::string_view text, const secret& key) {
    using internal::octets;
    const auto bytes = is_encrypted_password(text)
                           ? internal::read_base64(text.substr(encrypted_mark.size()))
                           : std::nullopt;
    if (!bytes || bytes->size() < internal::nonce_bytes + internal::tag_bytes)
        return internal::password_fault("the encrypted password is damaged");
    const std::string_view all = *bytes;
    const std::string_view body =
        all.substr(internal::nonce_bytes, all.size() - internal::nonce_bytes - internal::tag_bytes);
    std::string tag(all.substr(all.size() - internal::tag_bytes));
    std::string out(body.size() + 1, '\0');
    const internal::cipher_context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    int rest = 0;
    const bool done =
        c && key.reveal().size() == internal::key_bytes &&
        EVP_DecryptInit_ex(
            c.get(), EVP_aes_256_gcm(), nullptr, octets(key.reveal()), octets(all)) == 1 &&
        EVP_DecryptUpdate(
            c.get(), octets(out), &size, octets(body), static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(
            c.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1 &&
        EVP_DecryptFinal_ex(c.get(), octets(out) + size, &rest) == 1;
    if (!done)
        return internal::password_fault(
            "the encrypted password does not belong to this key, or it is damaged");
    out.resize(body.size());
    return secret(std::move(out));
}

DMLIB_DECL bool looks_like_dm_password(std::string_view text) {
    const auto bytes = internal::read_base64(text);
    return bytes && bytes->size() > internal::dm_iv_bytes &&
           (*bytes)[internal::dm_iv_bytes] == '@' && text.find(' ') == std::string_view::npos;
}

DMLIB_DECL result<secret> decrypt_dm_password(std::string_view text, const secret& key) {
    using internal::octets;
    if (!looks_like_dm_password(text))
        return internal::password_fault("this is no password that DM has encrypted");
    const std::string bytes = *internal::read_base64(text);
    const std::string_view body = std::string_view(bytes).substr(internal::dm_iv_bytes + 1);
    std::string out(body.size() + internal::dm_iv_bytes, '\0');
    const internal::cipher_context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    const bool done =
        c && key.reveal().size() == internal::key_bytes &&
        EVP_DecryptInit_ex(
            c.get(), EVP_aes_256_cfb128(), nullptr, octets(key.reveal()), octets(bytes)) == 1 &&
        EVP_DecryptUpdate(
            c.get(), octets(out), &size, octets(body), static_cast<int>(body.size())) == 1;
    if (!done) return internal::password_fault("DM's password could not be decrypted");
    out.resize(body.size());
    return secret(std::move(out));
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
