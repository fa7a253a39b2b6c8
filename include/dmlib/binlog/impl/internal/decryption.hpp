// Encrypted binlog files: MySQL's (everything behind a header of 512 bytes) and MariaDB's (each
// event by itself, behind START_ENCRYPTION_EVENT).
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/key_file.hpp>

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline constexpr std::size_t cipher_block = 16;
using cipher_iv = std::array<std::uint8_t, cipher_block>;

/// One direction of OpenSSL's cipher, without padding.
class cipher {
public:
    bool start(const EVP_CIPHER* kind, byte_view key, const std::uint8_t* iv, bool encrypting) {
        if (!context_) context_.reset(EVP_CIPHER_CTX_new());
        return context_ && static_cast<int>(key.size()) == EVP_CIPHER_get_key_length(kind) &&
               EVP_CipherInit_ex(
                   context_.get(), kind, nullptr, key.data(), iv, encrypting ? 1 : 0) == 1 &&
               EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
    }
    /// `to` may be where `from` is. Whole blocks only, but for counter modes.
    bool update(byte_view from, std::uint8_t* to) {
        constexpr std::size_t step = std::size_t{1} << 30;
        while (!from.empty()) {
            const std::size_t n = std::min(step, from.size());
            int made = 0;
            if (EVP_CipherUpdate(context_.get(), to, &made, from.data(), static_cast<int>(n)) !=
                    1 ||
                static_cast<std::size_t>(made) != n) {
                return false;
            }
            from = from.subspan(n);
            to += n;
        }
        return true;
    }

private:
    struct free_context {
        void operator()(EVP_CIPHER_CTX* c) const noexcept { EVP_CIPHER_CTX_free(c); }
    };
    std::unique_ptr<EVP_CIPHER_CTX, free_context> context_;
};

/// The header of a file that MySQL 8.0.14 and later encrypted: version, then fields of a type byte
/// and a value: 1 the key's name, 2 the file's password (encrypted with that key), 3 its IV.
struct mysql_encryption_header {
    static constexpr std::size_t size = 512;
    std::string key_name;
    std::array<std::uint8_t, 32> password{};
    cipher_iv iv{};

    bool read(byte_view bytes) {
        byte_cursor p(bytes);
        p.skip(4);
        if (p.u8() != 1) return false;
        bool has_password = false;
        bool has_iv = false;
        for (std::uint8_t field = p.u8(); p.ok() && field != 0; field = p.u8()) {
            if (field == 1) {
                key_name = std::string(p.text(p.u8()));
            } else if (field == 2) {
                has_password = copy(p, password);
            } else if (field == 3) {
                has_iv = copy(p, iv);
            } else {
                return false;
            }
        }
        return p.ok() && has_password && has_iv && !key_name.empty();
    }

private:
    template <class Array>
    static bool copy(byte_cursor& p, Array& to) {
        const byte_view from = p.bytes(to.size());
        if (p.ok()) std::memcpy(to.data(), from.data(), to.size());
        return p.ok();
    }
};

/// Decrypts the bytes behind that header, in order.
class mysql_file_cipher {
public:
    /// The file's password opens with the keyring's key; key and nonce of the file are the first
    /// bytes of the password's SHA-512. The counter begins at 0.
    bool open(const mysql_encryption_header& header, const encryption_key& key) {
        cipher unlock;
        std::array<std::uint8_t, 32> password{};
        std::array<std::uint8_t, 64> digest{};
        if (!unlock.start(EVP_aes_256_cbc(), as_bytes(key.bytes), header.iv.data(), false) ||
            !unlock.update(header.password, password.data()) ||
            EVP_Digest(
                password.data(), password.size(), digest.data(), nullptr, EVP_sha512(), nullptr) !=
                1) {
            return false;
        }
        cipher_iv iv{};
        std::memcpy(iv.data(), digest.data() + 32, 8);
        return stream_.start(EVP_aes_256_ctr(), byte_view(digest).first(32), iv.data(), false);
    }
    bool decrypt(byte_view from, std::vector<std::uint8_t>& to) {
        to.resize(from.size());
        return stream_.update(from, to.data());
    }

private:
    cipher stream_;
};

/// Decrypts MariaDB's events. The server does not write which of the two modes of
/// file_key_management it used: the first event shows it.
class mariadb_event_cipher {
public:
    enum class mode : std::uint8_t { cbc, ctr };

    mariadb_event_cipher(const start_encryption& e, const encryption_key& key) : key_(key.bytes) {
        if (e.nonce.size() == 12) std::memcpy(iv_.data(), e.nonce.data(), 12);
    }

    /// Decrypts the event that begins at `offset`, in place. Its size stands in the clear, where
    /// the encrypted bytes of the timestamp have made room for it.
    bool decrypt(mode m, std::uint64_t offset, byte_view from, std::uint8_t* to) {
        constexpr std::size_t size_at = 9;
        if (from.size() < header_size) return false;
        for (int i = 0; i < 4; ++i) {
            iv_[12 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(offset >> (8 * i));
        }
        std::memcpy(to, from.data(), from.size());
        std::memcpy(to + size_at, from.data(), 4);
        if (!unlock(m, {to + 4, from.size() - 4}, to + 4)) return false;
        std::memcpy(to, to + size_at, 4);
        std::memcpy(to + size_at, from.data() + size_at, 4);
        return true;
    }

private:
    const EVP_CIPHER* kind(mode m) const noexcept {
        switch (key_.size()) {
            case 16:
                return m == mode::cbc ? EVP_aes_128_cbc() : EVP_aes_128_ctr();
            case 24:
                return m == mode::cbc ? EVP_aes_192_cbc() : EVP_aes_192_ctr();
            default:
                return m == mode::cbc ? EVP_aes_256_cbc() : EVP_aes_256_ctr();
        }
    }

    bool unlock(mode m, byte_view from, std::uint8_t* to) {
        if (!work_.start(kind(m), as_bytes(key_), iv_.data(), false)) return false;
        if (m == mode::ctr) return work_.update(from, to);
        const std::size_t tail = from.size() % cipher_block;
        const std::size_t whole = from.size() - tail;
        if (!work_.update(from.first(whole), to)) return false;
        // What does not fill a block is combined with the encrypted IV.
        cipher_iv mask{};
        if (tail != 0 && (!work_.start(kind(mode::cbc), as_bytes(key_), zero_.data(), true) ||
                          !work_.update(iv_, mask.data()))) {
            return false;
        }
        for (std::size_t i = 0; i < tail; ++i) to[whole + i] ^= mask[i];
        return true;
    }

    std::string key_;
    cipher_iv iv_{};
    cipher_iv zero_{};
    cipher work_;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
