#include <dmlib/filter.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

namespace {

const server_kind mysql_8{flavor::mysql, {8, 0, 33}};

struct subject {
    schema::table table;
    std::vector<std::size_t> columns;
};

subject table_of(const std::string& columns) {
    auto t = schema::table_from_show_create(
        "CREATE TABLE `t` (" + columns + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", mysql_8, "db");
    REQUIRE(t.has_value());
    subject out{std::move(*t), {}};
    for (std::size_t i = 0; i < out.table.columns.size(); ++i) out.columns.push_back(i);
    return out;
}

std::string fault_of(const std::string& columns,
                     const std::string& expression,
                     const server_kind& server = mysql_8) {
    const subject s = table_of(columns);
    const row_filter_rule rule{"f", "db", "t", expression, {}, {}, {}};
    auto f = row_filter::compile({&rule, 1}, s.table, s.columns, {server, std::nullopt});
    return f ? "" : f.error().message();
}

bool drops(const std::string& columns, const std::string& expression, value_view v) {
    const subject s = table_of(columns);
    const row_filter_rule rule{"f", "db", "t", expression, {}, {}, {}};
    auto f = row_filter::compile({&rule, 1}, s.table, s.columns, {mysql_8, 120});
    if (!f) FAIL(f.error().message());
    auto out = (*f)->drops_insert({&v, 1});
    if (!out) FAIL(out.error().message());
    return *out;
}

value_view text_value(std::string_view s) {
    return value_view::make_bytes(value_kind::bytes, as_bytes(s));
}

}  // namespace

TEST_CASE("old and new expressions of a rule decide about an update together") {
    const subject s = table_of("`c` int");
    const auto rule_of = [](std::string old_one, std::string new_one) {
        return row_filter_rule{"f", "db", "t", "c = 9", std::move(old_one), std::move(new_one), {}};
    };
    const auto drops_update =
        [&](const std::vector<row_filter_rule>& rules, int before, int after) {
            auto f = row_filter::compile(rules, s.table, s.columns, {mysql_8, {}});
            REQUIRE(f.has_value());
            const value_view old_row = value_view::make_int(before);
            const value_view new_row = value_view::make_int(after);
            auto out = (*f)->drops_update({&old_row, 1}, {&new_row, 1});
            REQUIRE(out.has_value());
            return *out;
        };
    const auto both = rule_of("c = 1", "c = 2");
    CHECK(drops_update({both}, 1, 2));
    CHECK_FALSE(drops_update({both}, 1, 3));
    CHECK_FALSE(drops_update({both}, 3, 2));
    CHECK(drops_update({rule_of("c = 1", "")}, 1, 7));
    CHECK_FALSE(drops_update({rule_of("c = 1", "")}, 7, 1));
    CHECK(drops_update({rule_of("", "c = 2")}, 7, 2));
    // An insert expression says nothing about updates (tiflow#7831).
    CHECK_FALSE(drops_update({rule_of("", "")}, 9, 9));
    // One rule of several is enough.
    CHECK(drops_update({both, rule_of("c = 7", "")}, 7, 7));
    // NULL is not true.
    CHECK_FALSE(drops_update({rule_of("c + NULLIF(c, 1) = 2", "")}, 1, 2));
}

TEST_CASE("an expression without an exact value is refused with its place") {
    CHECK(
        fault_of("`a` int, `b` int", "a > 0 AND a DIV b > NOW()") ==
        "expression-filter f insert-value-expr: at character 21 ('NOW()'): the function now is not "
        "evaluated");
    CHECK(fault_of("`a` int", "nope = 1").find("no column `nope`") != std::string::npos);
    for (const char* text : {"NOW() > '2024-01-01'",
                             "a IN (SELECT 1)",
                             "@x = 1",
                             "RAND() < 0.5",
                             "SOUNDEX(v) = 'x'",
                             "v",
                             "d = 'tomorrow'",
                             "d > 20240101",
                             "ts > '2024-01-01'",
                             "y = 24",
                             "y = 0",
                             "y = '24'",
                             "y = 2156",
                             "z / 3 > 1",
                             "IF(a > 1, z2, a) / 3 > 1",
                             "(z2 - a + a) / 3 > 1",
                             "z2 DIV f > 1",
                             "FLOOR(z3) + 1 = 2",
                             "st = 1",
                             "st + 1 = 2",
                             "FIND_IN_SET(v, st)",
                             "FIND_IN_SET('a', v)",
                             "FIND_IN_SET('a,b', st)",
                             "FIND_IN_SET('a', sb)",
                             "u + 1 BETWEEN NULL AND u",
                             "v = a COLLATE nope",
                             "v REGEXP '\\\\d+'",
                             "v REGEXP '(?i)x'",
                             "v REGEXP ''",
                             "x = 1.5",
                             "a = '9223372036854775807'",
                             "v IN (1, 'a')",
                             "e = 1",
                             "LOWER(t) = 'x'",
                             "UPPER(a) = 'x'",
                             "d + INTERVAL a DAY > '2024-01-01'",
                             "d + INTERVAL 1.5 DAY > '2024-01-01'",
                             "d + INTERVAL '1 2' DAY_HOUR > '2024-01-01'",
                             "v + INTERVAL 1 DAY > '2024-01-01'",
                             "DATE_ADD(d, 1) > '2024-01-01'",
                             "t = 'x'",
                             "v LIKE v",
                             "a IN (NULL, NULL)",
                             "a BETWEEN 'x' AND 'y'"}) {
        INFO(text);
        CHECK(fault_of(
                  "`a` int, `v` varchar(20), `d` date, `ts` timestamp NULL, `y` year, `x` "
                  "float(5,2), `e` enum('a','b'), `t` varchar(9) COLLATE utf8mb4_turkish_ci, `z` "
                  "decimal(38,10), `z2` decimal(10,2), `z3` decimal(24,2), `f` float, `st` "
                  "set('a','b'), `sb` set('a','b') COLLATE utf8mb4_bin, `u` bigint unsigned",
                  text) != "");
    }
    CHECK(fault_of("`v` varchar(9)", "v REGEXP 'a'", {flavor::mysql, {5, 6, 14}}) != "");
}

TEST_CASE("what MariaDB rounds, or takes for -0.00, on some ways only is refused there") {
    const std::string columns = "`a` int, `v` varchar(9), `d` decimal(5,2), `z` decimal(20,6)";
    const server_kind mariadb{flavor::mariadb, {10, 11, 19}};
    for (const char* text : {"a % (z / 10 + 1) = 0",
                             "d = a % IF(a > 1, d, a)",
                             "NOT (NOT (a % d))",
                             "d % 2 AND a > 1",
                             "(d % 2) IS TRUE",
                             "ABS(d / a) <> 'abc'",
                             "d / a = v"}) {
        INFO(text);
        CHECK(fault_of(columns, text, mariadb) != "");
        CHECK(fault_of(columns, text) == "");
    }
    for (const char* text : {"d % 0.0001 = a % 1.5",
                             "d % (z / 10 + 1) = 0",
                             "a % (z / 10) = 0",
                             "d / a = 1.5",
                             "d <> 'abc'",
                             "a % 2"}) {
        INFO(text);
        CHECK(fault_of(columns, text, mariadb) == "");
    }
}

TEST_CASE("syntax and unknown functions are told without a table") {
    CHECK(row_filter::check({"f", "d", "t", "a = 1", "", "b LIKE 'x%'", "c IS NULL"}).empty());
    CHECK(row_filter::check({"f", "d", "t", "a = ", "", "NOW() > a", "@v"}).size() == 3);
    const auto bad =
        rule_set::check(filter{}.rows({"f", "d", "t", "SLEEP(1)", {}, {}, {}}), {}, {});
    REQUIRE(bad.size() == 1);
    CHECK(bad[0].code() == errc::config_rule);
}

TEST_CASE("values of the binlog are read by their types") {
    CHECK(drops("`c` bigint unsigned",
                "c = 18446744073709551615",
                value_view::make_uint(18446744073709551615U)));
    CHECK(drops("`c` decimal(5,2)", "c = -1.5", text_value("-1.50")));
    CHECK(drops("`c` binary(4)", "c = x'61000000'", text_value("a")));
    CHECK(drops("`c` enum('a','b')", "c = 'B'", value_view::make_uint(2)));
    CHECK(drops("`c` bit(8)", "c = b'101'", value_view::make_uint(5)));
    CHECK(drops("`c` year", "c = '2024' AND c + 1 = 2025", value_view::make_int(2024)));
    CHECK(drops("`c` set('a','b','c') COLLATE utf8mb4_unicode_ci",
                "c = 'A,C' AND FIND_IN_SET('C', c) = 3 AND NOT FIND_IN_SET('b', c)",
                value_view::make_uint(5)));
    CHECK(drops("`c` decimal(5,2)", "c / 7 > 0.2142 AND c DIV 0.4 = 3", text_value("1.50")));
    value_view f;
    f.kind = value_kind::float32;
    f.f = 0.1F;
    CHECK_FALSE(drops("`c` float", "c = 0.1", f));
    CHECK(drops("`c` float", "c BETWEEN 0.09 AND 0.11", f));
    CHECK(drops("`c` datetime(3)",
                "c = '2024-02-29 12:30:15.25'",
                value_view::make_temporal(
                    value_kind::datetime, {2024, 2, 29, 12, 30, 15, false, 250000}, 3)));
    CHECK(drops("`c` time",
                "c = '-12:00:00' AND HOUR(c) = 12",
                value_view::make_temporal(value_kind::time, {0, 0, 0, 12, 0, 0, true, 0}, 0)));
    // 2 hours ahead of UTC; the full copy reads UTC as text.
    CHECK(drops("`c` timestamp NULL",
                "c = '2024-01-01 01:00:00'",
                value_view::make_timestamp(1704063600, 0, 0)));
    CHECK(drops(
        "`c` timestamp NULL", "c = '2024-01-01 01:00:00'", text_value("2023-12-31 23:00:00")));
    CHECK(drops("`c` json", "c->>'$.a[1]' = 'x\"y'", text_value(R"({"a": [1, "x\"y"]})")));
}

TEST_CASE("what fails on the source fails here, never silently") {
    const subject s = table_of("`a` int unsigned, `v` varchar(20) COLLATE utf8mb4_0900_ai_ci");
    const auto fails = [&](const std::string& text, value_view a, value_view v) {
        const row_filter_rule rule{"f", "db", "t", {}, {}, {}, text};
        auto f = row_filter::compile({&rule, 1}, s.table, s.columns, {mysql_8, {}});
        REQUIRE(f.has_value());
        const value_view row[] = {a, v};
        auto out = (*f)->drops_delete(row);
        return !out && out.error().code() == errc::sync_row_filter;
    };
    CHECK(fails("a - 5 > 0", value_view::make_int(3), value_view::make_null()));
    CHECK_FALSE(fails("a - 5 > 0", value_view::make_int(7), value_view::make_null()));
    CHECK(
        fails("v = 'a'", value_view::make_null(), text_value("a\xcc\x81")));  // a contraction's end
    CHECK(fails("v = 'a'", value_view::make_null(), text_value("\xff")));
    CHECK(fails("v = 'a'", value_view::make_null(), value_view{}));
}

TEST_CASE("row filters are chosen by exact names, once per table") {
    filter f;
    f.rows({"one", "db", "T", "a = 1", {}, {}, {}}).rows({"two", "db", "t*", "a = 2", {}, {}, {}});
    auto set = rule_set::compile(f, {}, {}, "s");
    REQUIRE(set.has_value());
    REQUIRE(set->decide({"db", "t"})->row_filters.size() == 1);
    CHECK(set->decide({"db", "t"})->row_filters[0].name == "one");
    CHECK(set->decide({"db", "tt"})->row_filters.empty());
    CHECK(set->explain({"db", "t"}).find("expression-filter one") != std::string::npos);
    const subject s = table_of("`a` int");
    CHECK(*compile_row_filter(*set->decide({"db", "x"}), s.table, s.columns, mysql_8) == nullptr);
}
