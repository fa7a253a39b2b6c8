// Keys under collations whose weights are known: equal texts have equal hashes (design, promise 4).
#include <dmlib/model/detail/text_order.hpp>

#include <catch2/catch.hpp>

#include "plan_support.hpp"
#include <random>

using namespace dmlib;

namespace {

struct place {
    std::string charset, collation;
};

std::shared_ptr<const dml::table_plan> keyed_by(const place& source,
                                                const place& target,
                                                std::optional<std::uint32_t> prefix = {}) {
    const auto make = [&](const place& p) {
        schema::table t;
        t.schema = "s";
        t.name = "t";
        t.engine = "InnoDB";
        t.columns = {make_column("k", schema::type_kind::varchar, p.charset, p.collation)};
        t.columns[0].nullable = false;
        t.keys = {make_key("PRIMARY", schema::key_kind::primary, {"k"})};
        t.keys[0].parts[0].length = prefix;
        return t;
    };
    const schema::table from = make(source);
    const schema::table to = make(target);
    return plan_of(from, &to);
}

std::optional<std::uint64_t> hash_of(const dml::table_plan& plan, std::string_view text) {
    const value_view v = value_view::make_bytes(value_kind::text, as_bytes(text));
    return plan.keys.front().hash({&v, 1});
}

std::string random_text(std::mt19937& random, const std::vector<std::string>& letters) {
    std::string out;
    for (std::size_t n = random() % 5; n > 0; --n) out += letters[random() % letters.size()];
    return out;
}

}  // namespace

TEST_CASE("equal texts have equal hashes, and others nearly always not") {
    const std::vector<std::string> utf8 = {"a",
                                           "A",
                                           "\u00e1",
                                           "\u00c4",
                                           "s",
                                           "S",
                                           "\u00df",
                                           "e",
                                           "\u00c9",
                                           " ",
                                           "\t",
                                           "\u4e2d",
                                           "\u6587",
                                           "\u0436",
                                           "\u0416",
                                           "\U0001f600",
                                           "\U0001f601",
                                           "-"};
    const std::vector<std::string> latin = {
        "a", "A", "\xe1", "\xc4", "s", "S", "\xdf", "e", "\xc9", " ", "\t", "-"};
    struct one {
        place at;
        const std::vector<std::string>& letters;
    };
    const one all[] = {{{"utf8mb4", "utf8mb4_general_ci"}, utf8},
                       {{"utf8mb3", "utf8mb3_general_ci"}, utf8},
                       {{"utf8mb4", "utf8mb4_0900_ai_ci"}, utf8},
                       {{"utf8mb4", "utf8mb4_unicode_ci"}, utf8},
                       {{"utf8mb3", "utf8mb3_unicode_520_ci"}, utf8},
                       {{"latin1", "latin1_general_ci"}, latin},
                       {{"latin1", "latin1_swedish_ci"}, latin}};
    std::mt19937 random{7};
    for (const auto& [at, letters] : all) {
        INFO(at.collation);
        const auto plan = keyed_by(at, at);
        const auto order = internal::text_order::of(at.collation);
        REQUIRE_FALSE(plan->keys.front().degenerate());
        int equal = 0, collisions = 0;
        for (int i = 0; i < 30000; ++i) {
            const std::string a = random_text(random, letters);
            const std::string b = random_text(random, letters);
            const auto said = order.compare(a, b);
            REQUIRE(said);
            const auto x = hash_of(*plan, a);
            const auto y = hash_of(*plan, b);
            REQUIRE((x && y));
            INFO('[' << a << "] [" << b << ']');
            if (*said == 0) REQUIRE(*x == *y);
            equal += *said == 0 && a != b ? 1 : 0;
            collisions += *said != 0 && *x == *y ? 1 : 0;
        }
        CHECK(equal > 50);
        CHECK(collisions == 0);
    }
}

TEST_CASE("prefixes count characters, and what cannot be read has no hash") {
    const place general{"utf8mb4", "utf8mb4_general_ci"};
    const auto plan = keyed_by(general, general, 2);
    CHECK(hash_of(*plan, "\u00c4bc") == hash_of(*plan, "abx"));
    CHECK(hash_of(*plan, "abc") != hash_of(*plan, "acc"));
    CHECK_FALSE(hash_of(*plan, "a\xff"));
    // Letters of South Asia make other weights together than alone.
    const place uca{"utf8mb4", "utf8mb4_0900_ai_ci"};
    CHECK_FALSE(hash_of(*keyed_by(uca, uca), "\u0e40\u0e01"));
}

TEST_CASE("orders that are not known, and bytes that are not the order's, say nothing") {
    const place general{"utf8mb4", "utf8mb4_general_ci"};
    const auto degenerate = [](const place& source, const place& target) {
        return keyed_by(source, target)->keys.front().degenerate();
    };
    CHECK(degenerate({"utf8mb4", "utf8mb4_bin"}, {"utf8mb4", "utf8mb4_turkish_ci"}));
    CHECK(degenerate({"latin1", "latin1_swedish_ci"}, general));
    CHECK_FALSE(degenerate({"ascii", "ascii_general_ci"}, general));
    CHECK_FALSE(degenerate({"utf8mb3", "utf8mb3_bin"}, general));
    const auto widened =
        keyed_by({"utf8mb3", "utf8mb3_general_ci"}, {"utf8mb4", "utf8mb4_0900_ai_ci"});
    CHECK(hash_of(*widened, "stra\u00dfe") == hash_of(*widened, "STRASSE"));
}
