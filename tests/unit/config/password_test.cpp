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
    for (const std::string& text : {std::string(), std::string("123456"), std::string(500, 'x')}) {
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
    CHECK(decrypt_dm_password("AAECAwQFBgcICQoLDA0OD0A7DGd2SNhApMM=", *key)->reveal() ==
          "abc!@#123");
    CHECK_FALSE(looks_like_dm_password("123456"));
    CHECK_FALSE(looks_like_dm_password(""));
    CHECK_FALSE(decrypt_dm_password("123456", *key).has_value());
}

TEST_CASE("passwords of files are decrypted, or the file is refused without saying them") {
    const auto text = [](const std::string& keys) {
        return "source-id: s\nfrom:\n  host: h\n  user: u\n" + keys;
    };
    const std::string line = *encrypt_password(secret("p4ss"), key_of('a'));
    load_options o;
    o.password_key = key_of('a');
    o.read_file = [&](const std::string& path) {
        return path == "pw" ? std::optional{line + "\r\n"} : std::nullopt;
    };
    for (const std::string& keys :
         {"  password: \"" + line + "\"\n", std::string("  password-file: pw\n")}) {
        auto loaded = load_source("s.yaml", text(keys), o);
        REQUIRE(loaded.ok());
        CHECK(loaded.file.from.password.reveal() == "p4ss");
    }
    const auto refused = [&](const std::string& keys, const load_options& with) {
        auto loaded = load_source("s.yaml", text(keys), with);
        for (const problem& p : loaded.problems)
            CHECK(to_line(p).find("p4ss") == std::string::npos);
        return !loaded.ok();
    };
    CHECK(refused("  password: \"" + line + "\"\n", {}));
    load_options other = o;
    other.password_key = key_of('b');
    CHECK(refused("  password: \"" + line + "\"\n", other));
    CHECK(refused("  password-file: nowhere\n", o));
    CHECK(refused("  password-file: pw\n  password: x\n", o));
    // Without DM's key nobody can tell: the text is the password, as DM takes it too.
    const std::string dm = "\"AAECAwQFBgcICQoLDA0OD0A7DGd2SNhApMM=\"\n";
    CHECK(load_source("s.yaml", text("  password: " + dm), o).file.from.password.reveal() + "\n" ==
          dm.substr(1, dm.size() - 3) + "\n");
    o.dm_password_key =
        *read_password_key("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    CHECK(load_source("s.yaml", text("  password: " + dm), o).file.from.password.reveal() ==
          "abc!@#123");
}
