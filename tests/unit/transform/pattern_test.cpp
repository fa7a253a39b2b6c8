#include <dmlib/transform/pattern.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <random>
#include <string>

using namespace dmlib;

namespace {

bool match(std::string_view pattern, std::string_view name, bool case_sensitive = false) {
    const auto p = name_pattern::compile(pattern, case_sensitive);
    REQUIRE(p.has_value());
    return p->matches(name);
}

// The plain recursive definition, for comparison; texts of letters a, b, * and ? only.
bool slow_match(std::string_view p, std::string_view s) {
    if (p.empty()) return s.empty();
    if (p[0] == '*')
        return slow_match(p.substr(1), s) || (!s.empty() && slow_match(p, s.substr(1)));
    return !s.empty() && (p[0] == '?' || p[0] == s[0]) && slow_match(p.substr(1), s.substr(1));
}

}  // namespace

TEST_CASE("wildcards take the whole name") {
    CHECK(match("shop_*", "shop_1"));
    CHECK(match("shop_*", "shop_"));
    CHECK_FALSE(match("shop_*", "myshop_1"));
    CHECK(match("*", ""));
    CHECK(match("a*b*c", "a__b__b__c"));
    CHECK_FALSE(match("a*b*c", "a__c__b"));
    CHECK(match("t?", "t1"));
    CHECK_FALSE(match("t?", "t"));
    CHECK_FALSE(match("t?", "t12"));
    CHECK(match("t[1-5]", "t3"));
    CHECK_FALSE(match("t[1-5]", "t6"));
    CHECK(match("t[!1-5]", "t6"));
    CHECK_FALSE(match("t[!1-5]", "t5"));
    CHECK(match("t[123]x", "t2x"));
    CHECK(match("t[a-", "t[a-"));  // no closing bracket: itself
    CHECK(match("[!]", "!"));
    CHECK(match("[[]", "["));
    CHECK(match("2[^abc]", "2^"));  // only ! negates
    CHECK(match("special\\", "special\\"));
    CHECK(match("a-]", "a-]"));
    CHECK(match("[a-]", "-"));
}

TEST_CASE("a question mark is one character, not one byte") {
    CHECK(match("?", "ü"));
    CHECK(match("表?", "表名"));
    CHECK_FALSE(match("??", "名"));
    CHECK(match("[一-龥]", "名"));
    CHECK(match("a?", "a\xff"));  // a broken byte is a character of its own
}

TEST_CASE("names are compared without case unless asked") {
    CHECK(match("Shop", "sHOP"));
    CHECK_FALSE(match("Shop", "sHOP", true));
    CHECK(match("ÄRGER*", "ärger1"));
    CHECK(match("Заказы", "заказы"));
    CHECK(match("[A-C]x", "bX"));
    CHECK_FALSE(match("[A-C]x", "bx", true));
    CHECK(match("~^FOO", "foo1"));
    CHECK_FALSE(match("~^FOO", "foo1", true));
    CHECK(fold_case("ABC\xff_ΑΩ") == "abc\xff_αω");
}

TEST_CASE("regular expressions match anywhere") {
    CHECK(match("~2018$", "messages_2018"));
    CHECK(match("~test.[0-9]+", "tests100"));
    CHECK_FALSE(match("~^est", "test"));
    CHECK(match("~", "anything"));
}

TEST_CASE("bytes that are no UTF-8 are themselves and nothing else") {
    for (const std::string name :
         {"a\xf4\xb6\xb6\xb6", "\xf4\x90\x80\x80", "\xe0\x80\xaf", "\xf0\x80\x80\xaf"}) {
        CHECK(fold_case(name) == name);
        for (const bool case_sensitive : {false, true}) {
            const auto p = name_pattern::compile(name, case_sensitive);
            REQUIRE(p.has_value());
            CHECK(p->matches(name));
            CHECK_FALSE(p->matches("/"));
        }
    }
    CHECK(match("????", "\xf4\x90\x80\x80"));
    CHECK(match("?", "\xf4\x8f\xbf\xbf"));
}

TEST_CASE("broken patterns are faults with a way out") {
    for (const std::string bad : {"~(", "~[", "~a(?!b)", "~\\1", "", "[]", "[z-a]", "~a{100000}"}) {
        const auto p = name_pattern::compile(bad, false);
        INFO(bad);
        REQUIRE_FALSE(p.has_value());
        CHECK(p.error().code() == errc::config_rule);
        CHECK_FALSE(p.error().workaround().empty());
    }
    CHECK_FALSE(name_pattern::compile(std::string(20'000, 'a'), false).has_value());
}

TEST_CASE("literal patterns are known") {
    CHECK(name_pattern::compile("orders", false)->is_literal());
    CHECK_FALSE(name_pattern::compile("orders*", false)->is_literal());
    CHECK_FALSE(name_pattern::compile("~orders", false)->is_literal());
}

TEST_CASE("property: wildcards agree with their definition") {
    std::mt19937 random(7);
    const auto text = [&](std::string_view letters, std::size_t most) {
        std::string out(random() % (most + 1), ' ');
        for (char& c : out) c = letters[random() % letters.size()];
        return out;
    };
    int matched = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string pattern = text("ab*?", 7);
        const std::string name = text("ab", 7);
        if (pattern.empty()) continue;
        INFO(pattern << " on " << name);
        const bool expected = slow_match(pattern, name);
        matched += expected ? 1 : 0;
        REQUIRE(match(pattern, name) == expected);
    }
    CHECK(matched > 500);
}

TEST_CASE("no pattern takes exponential time") {
    std::string stars;
    for (int i = 0; i < 2'000; ++i) stars += "a*";
    const std::string name(4'000, 'a');
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(match(stars + "b", name));
    CHECK_FALSE(match("~^(a+)+$", name + "b", true));
    CHECK_FALSE(match("~^(a|aa)*c", name, true));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("pairs of patterns") {
    CHECK(parse_table_pattern("shop_*.order_*") == table_pattern{"shop_*", "order_*"});
    CHECK(parse_table_pattern("shop") == table_pattern{"shop", ""});
    CHECK(parse_table_pattern("`a.b`.`c``d`") == table_pattern{"a.b", "c`d"});
    CHECK(parse_table_pattern("a.b.c") == table_pattern{"a", "b.c"});
}

TEST_CASE("captures are joined") {
    const auto re = text_regex::compile("mysql-(.*)-([0-9]+)", false);
    REQUIRE(re.has_value());
    CHECK(re->captures("mysql-replica-01") == "replica01");
    CHECK(re->captures("other") == "");
    CHECK(re->groups() == 2);
}
