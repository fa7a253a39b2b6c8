// Names as the servers compare them: MySQL 5.6 to 9.7 and MariaDB 10.2 to 11.8 took each pair for
// one column, or for two.
#include <dmlib/schema/table.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

TEST_CASE("capitals do not tell names apart, accents do", "[schema]") {
    for (const auto& [a, b] : {std::pair{"Id", "iD"},
                               {"Ñandú", "ñandÚ"},
                               {"ЯБлоко", "яблоКО"},
                               {"Ωmega", "ωMEGA"},
                               {"ÿ", "Ÿ"},
                               {"cÖĿUMŇ_two", "Cöŀumň_TWO"},
                               {"表", "表"},
                               {"", ""}}) {
        INFO(a << " " << b);
        CHECK(schema::same_name(a, b));
        CHECK(schema::folded_name(a) == schema::folded_name(b));
    }
    for (const auto& [a, b] :
         {std::pair{"öl", "ol"}, {"a", "aa"}, {"×", "÷"}, {"表", "裏"}, {"é", "e"}, {"и", "й"}}) {
        INFO(a << " " << b);
        CHECK_FALSE(schema::same_name(a, b));
        CHECK(schema::folded_name(a) != schema::folded_name(b));
    }
}

TEST_CASE("names that are no UTF-8 are compared byte by byte", "[schema]") {
    CHECK(schema::same_name("a\xff\xc3", "A\xff\xc3"));
    CHECK_FALSE(schema::same_name("a\xff", "a\xfe"));
    CHECK_FALSE(schema::same_name("a\xc3", "a\xe3"));
    CHECK(schema::folded_name("A\xe3\x81") == "a\xe3\x81");
    CHECK(schema::folded_name("\xf0\x9f\x98\x80X") == "\xf0\x9f\x98\x80x");
}
