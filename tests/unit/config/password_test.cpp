#include <dmlib/config/load.hpp>
#include <dmlib/config/password.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;
using namespace dmlib::config;

namespace {

secret key_of(char digit) {
    auto key = read_password_key(std::string(64, digit) + "\n");
    REQUIRE(key.has_value());
    return *key;
}

}  // namespace

TEST_CASE("keys are 64 hexadecimal digits or 32 bytes") {
    CHECK(key_of('0').reveal() == std::string(32, '\0'));
    CHECK(read_password_key(std::string(32, ' '))->reveal() == std::string(32, ' '));
    CHECK_FALSE(read_password_key("").has_value());
    CHECK_FALSE(read_password_key(std::string(63, '0')).has_value());
    CHECK_FALSE(read_password_key(std::string(64, 'g')).has_value());
}

TEST_CASE("a password comes back with its key only") {
    for (const std::string text : {std::string(), std::string("123456"), std::string(500, 'x')}) {
        const auto line = encrypt_password(secret(text), key_of('a'));
        REQUIRE(line.has_value());
        CHECK(is_encrypted_password(*line));
        CHECK(decrypt_password(*line, key_of('a'))->reveal() == text);
        CHECK_FALSE(decrypt_password(*line, key_of('b')).has_value());
        CHECK(*line != *encrypt_password(secret(text), key_of('a')));
        std::string damaged = *line;
        damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';
        CHECK_FALSE(decrypt_password(damaged, key_of('a')).has_value());
    }
    for (const char* text : {"", "123456", "aes-256-gcm:", "aes-256-gcm:AAAA", "aes-256-gcm:%"})
        CHECK_FALSE(decrypt_password(text, key_of('a')).has_value());
}

TEST_CASE("a text of the standard's own example is read") {
    // NIST SP 800-38D's test case 13: key and nonce of zeros, nothing encrypted.
    const std::string nothing = "aes-256-gcm:AAAAAAAAAAAAAAAAUw+K+8dFNrmpY7TxxMtziw==";
    CHECK(decrypt_password(nothing, key_of('0'))->reveal().empty());
}

TEST_CASE("DM's form is read with DM's key") {
    // openssl enc -aes-256-cfb -K 00..1f -iv 000102..0f of "abc!@#123", joined by "@".
    const auto key =
        read_password_key("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    REQUIRE(key.has_value());
    CHECK(looks_like_dm_password("AAECAwQFBgcICQoLDA0OD0A7DGd2SNhApMM="));
    CHECK(decrypt_dm_password("AAECAwQFBgcICQoLDA0OD0A7DGd2SNhApMM=", *key)->reveal() == "abc!@#123");
    CHECK_FALSE(looks_like_dm_password("123456"));
    CHECK_FALSE(looks_like_dm_password(""));
    CHECK_FALSE(decrypt_dm_password("123456", *key).has_value());
}
