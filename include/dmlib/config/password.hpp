// Encrypted passwords of configuration files. Reads no file: the key's text comes from the caller.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/core/secret.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

/// What an encrypted password begins with; behind it stands base64 of nonce (12 bytes), AES-256-GCM
/// ciphertext and tag (16).
inline constexpr std::string_view encrypted_mark = "aes-256-gcm:";

/// The key of a key file: 64 hexadecimal digits (as DM's secret-key-path has them) or 32 bytes;
/// white space around them does not count. Errors: config_file.
DMLIB_DECL result<secret> read_password_key(std::string_view file_text);

/// A value for `password`. Each call gives another text for the same password. `key` is
/// read_password_key()'s. Errors: internal_bug where the system has no random numbers.
DMLIB_DECL result<std::string> encrypt_password(const secret& password, const secret& key);
/// True where a text is one of encrypt_password()'s.
DMLIB_DECL bool is_encrypted_password(std::string_view text) noexcept;
/// Errors: config_bad_value for another key or a damaged text; never a wrong password.
DMLIB_DECL result<secret> decrypt_password(std::string_view text, const secret& key);

/// True where a text has the form of DM's encrypted passwords: base64 of 16 bytes, "@" and more.
DMLIB_DECL bool looks_like_dm_password(std::string_view text);
/// Reads DM's form (AES in CFB mode). It has no tag: a wrong key gives a wrong password. Errors:
/// config_bad_value.
DMLIB_DECL result<secret> decrypt_dm_password(std::string_view text, const secret& key);

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/config/impl/password.ipp>
#endif
