// Texts with any bytes, as columns of UTF-8 hold them.
#include <dmlib/checkpoint/records.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace dmlib::checkpoint;

TEST_CASE("a text that is UTF-8 is stored as it is") {
    for (const std::string text :
         {"", "CREATE TABLE `t` (`a` int DEFAULT '\\\\x')", "`\xc3\xa4` \xf0\x9f\x98\x80"}) {
        CHECK(storable_text(text) == text);
        CHECK(stored_text(text) == text);
    }
}

TEST_CASE("bytes that are no UTF-8 come back") {
    CHECK(storable_text("DEFAULT '\\\xff'") == "\\escaped-1:DEFAULT '\\\\\\xff'");
    // Half of a character, a surrogate, a longer form than needed, the mark itself.
    for (const std::string text :
         {"\xc3", "\xed\xa0\x80", "\xc0\x80", "a\xf0\x9f\x98", "\\escaped-1:x", "\\escaped-"}) {
        CHECK(storable_text(text) != text);
        CHECK(stored_text(storable_text(text)) == text);
    }
    std::mt19937 random{7};
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (auto n = random() % 40; n > 0; --n)
            text += random() % 3 == 0 ? '\\' : static_cast<char>(random() % 256);
        const std::string stored = storable_text(text);
        CHECK(stored_text(stored) == text);
        CHECK(storable_text(stored).size() >= stored.size());
    }
}

TEST_CASE("a text of a newer version, or one that was cut, is not taken for another") {
    CHECK(stored_text("\\escaped-2:abc") == std::nullopt);
    CHECK(stored_text("\\escaped-1:a\\x4") == std::nullopt);
    CHECK(stored_text("\\escaped-1:a\\") == std::nullopt);
    CHECK(stored_text("\\escaped-1:a\\xGG") == std::nullopt);
}
