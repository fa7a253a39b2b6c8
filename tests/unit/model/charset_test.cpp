#include <dmlib/model/charset.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

TEST_CASE("collations are found by name and by each dialect's number", "[model][charset]") {
    REQUIRE(find_collation("UTF8_bin") != nullptr);
    CHECK(find_collation("utf8_bin")->name == "utf8mb3_bin");
    CHECK(find_collation(flavor::mysql, 255)->name == "utf8mb4_0900_ai_ci");
    CHECK(find_collation(flavor::mysql, 45)->name == "utf8mb4_general_ci");
    CHECK(find_collation(flavor::mariadb, 2304)->name == "utf8mb4_uca1400_ai_ci");
    CHECK(find_collation(flavor::mysql, 245)->name == "utf8mb4_croatian_ci");
    CHECK(find_collation(flavor::mariadb, 245)->name == "utf8mb4_croatian_mysql561_ci");
    CHECK(find_collation(flavor::mysql, 2304) == nullptr);
    CHECK(find_collation("nonsense") == nullptr);
    CHECK(find_collation_for("utf8mb4", "uca1400_ai_ci")->mariadb_id == 2304);
    CHECK(find_collation_for("latin1", "utf8mb4_bin") == nullptr);
    for (int id = 0; id < 4096; ++id) {
        for (const flavor f : {flavor::mysql, flavor::mariadb}) {
            const auto* const c = find_collation(f, static_cast<std::uint16_t>(id));
            if (c == nullptr) continue;
            CHECK(c->id(f) == id);
            CHECK(find_collation(c->name) == c);
            CHECK(find_charset(c->charset) != nullptr);
        }
    }
}

TEST_CASE("defaults and spelling follow the server", "[model][charset]") {
    const server_kind old_mysql{flavor::mysql, {5, 6, 14}};
    const server_kind new_mysql{flavor::mysql, {8, 0, 33}};
    const server_kind new_mariadb{flavor::mariadb, {11, 8, 6}};
    CHECK(default_collation(old_mysql, "utf8mb4") == "utf8mb4_general_ci");
    CHECK(default_collation(new_mysql, "utf8mb4") == "utf8mb4_0900_ai_ci");
    CHECK(default_collation(new_mariadb, "utf8") == "utf8mb3_uca1400_ai_ci");
    CHECK(default_charset(old_mysql) == "latin1");
    CHECK(collation_name_on(old_mysql, "utf8mb3_bin") == "utf8_bin");
    CHECK(collation_name_on(new_mysql, "utf8mb3_bin") == "utf8mb3_bin");
    CHECK(find_collation("utf8mb4_0900_bin")->pad == pad_attribute::none);
    CHECK(find_collation("utf8mb4_bin")->pad == pad_attribute::space);
    CHECK(find_charset("gbk")->max_bytes == 2);
}
