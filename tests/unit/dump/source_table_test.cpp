#include <dmlib/dump/ddl_scan.hpp>
#include <dmlib/dump/range_planner.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/dump/table_reader.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace dmlib;
using namespace dmlib::dump;
using checkpoint::key_cut;
using checkpoint::key_number;
using checkpoint::key_range;

namespace {

key_cut after(std::initializer_list<std::int64_t> numbers) {
    checkpoint::key_tuple k;
    for (const auto n : numbers) k.push_back(key_number::of(n));
    return key_cut::after(k);
}

const server_kind mysql8{flavor::mysql, {8, 0, 33}};

source_table described(const std::string& create, const char* engine = "InnoDB") {
    listed_table listed;
    listed.name = {"s", "t"};
    listed.type = "BASE TABLE";
    listed.engine = engine;
    auto t = describe_table(listed, create, mysql8);
    REQUIRE(t.has_value());
    return *t;
}

sql::parse_options options() {
    return {};
}

}  // namespace

TEST_CASE("range conditions", "[dump]") {
    const std::vector<std::string> one{"id"}, two{"a", "b`c"};
    CHECK(range_condition(one, {}) == "");
    CHECK(range_condition(one, {after({5}), after({9})}) == "`id`>5 AND `id`<=9");
    CHECK(range_condition(one, {key_cut::start(), after({-9})}) == "`id`<=-9");
    CHECK(range_condition(two, {after({1, 2}), key_cut::end()}) ==
          "`a`>=1 AND (`a`>1 OR (`a`=1 AND `b``c`>2))");
    CHECK(range_condition(two, {key_cut::start(), after({1, 2})}) ==
          "`a`<=1 AND (`a`<1 OR (`a`=1 AND `b``c`<=2))");
    // A prefix stands behind everything that it begins.
    CHECK(range_condition(two, {after({1}), after({4})}) == "`a`>1 AND `a`<=4");
}

TEST_CASE("the counter is taken out of SHOW CREATE TABLE", "[dump]") {
    CHECK(
        without_auto_increment("CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB AUTO_INCREMENT=12 "
                               "DEFAULT CHARSET=utf8mb4") ==
        "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
    const std::string comment =
        "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='x "
        "AUTO_INCREMENT=7'";
    CHECK(without_auto_increment(comment) == comment);
}

TEST_CASE("keys and columns of a table", "[dump]") {
    const source_table t = described(
        "CREATE TABLE `t` (\n  `v` varchar(10) DEFAULT NULL,\n  `id` int unsigned NOT NULL,\n"
        "  `f` float DEFAULT NULL,\n  `e` enum('a','b') DEFAULT NULL,\n"
        "  `g` int GENERATED ALWAYS AS ((`id` + 1)) VIRTUAL,\n  PRIMARY KEY (`id`)\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
    CHECK(t.key_columns == std::vector<std::string>{"id"});
    CHECK(t.key_fields == std::vector<std::size_t>{1});
    CHECK(select_statement(t, {after({3}), key_cut::end()}, 10) ==
          "SELECT `v`,`id`,`f`*1e0,CAST(`e` AS UNSIGNED) FROM `s`.`t` FORCE INDEX (`PRIMARY`) "
          "WHERE `id`>3 ORDER BY `id` LIMIT 10");
    const source_table words = described(
        "CREATE TABLE `t` (\n  `w` varchar(10) NOT NULL,\n  `n` int NOT NULL,\n  PRIMARY KEY "
        "(`w`),\n"
        "  UNIQUE KEY `n` (`n`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
    CHECK_FALSE(words.ordered());
    CHECK(select_statement(words, {}, 0) == "SELECT `w`,`n` FROM `s`.`t`");
    const source_table nullable = described(
        "CREATE TABLE `t` (\n  `a` int DEFAULT NULL,\n  `b` bigint NOT NULL,\n  UNIQUE KEY `a` "
        "(`a`),\n"
        "  UNIQUE KEY `b` (`b`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
    CHECK(nullable.key_name == "b");
    CHECK(classify_engine("MyISAM") == engine_class::non_transactional);
    CHECK(classify_engine("innodb") == engine_class::transactional);
    CHECK(classify_engine("FEDERATED") == engine_class::refused);
}

TEST_CASE("fields survive packing", "[dump]") {
    std::string data;
    const std::string sizes[] = {"",
                                 std::string(250, 'a'),
                                 std::string(251, 'b'),
                                 std::string(70000, 'c'),
                                 std::string(17 << 20, 'd')};
    for (const std::string& s : sizes) {
        append_field(data, s.data(), s.size());
        append_null_field(data);
    }
    field_cursor fields(data);
    for (const std::string& s : sizes) {
        REQUIRE_FALSE(fields.at_end());
        CHECK((fields.next() == std::string_view(s)));
        CHECK_FALSE(fields.next().has_value());
    }
    CHECK(fields.at_end());
}

TEST_CASE("arithmetic of keys does not wrap", "[dump]") {
    const auto low = key_number::of(std::numeric_limits<std::int64_t>::min());
    const auto high = key_number::of_unsigned(std::numeric_limits<std::uint64_t>::max());
    CHECK(distance(key_number::of(-3), key_number::of(4)) == 7);
    CHECK(distance(low, key_number::of(std::numeric_limits<std::int64_t>::max())) ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(distance(low, high) == std::numeric_limits<std::uint64_t>::max());
    CHECK(advance(key_number::of(-3), 7) == key_number::of(4));
    CHECK(advance(key_number::of(-3), 2) == key_number::of(-1));
    CHECK(advance(key_number::of(-3), 3) == key_number::of(0));
    CHECK(advance(high, 1) == high);
    CHECK(advance(key_number::of(5), std::numeric_limits<std::uint64_t>::max()) == high);
}

// Ranges are handed out, cut, given back; together they are what was missing, without overlap.
TEST_CASE("property: planned ranges cover what is missing, once", "[dump]") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<key_range> missing;
        if (round % 2 == 0)
            missing = {{}};
        else
            missing = {{key_cut::start(), after({-50})},
                       {after({10, 3}), after({900})},
                       {after({5000}), key_cut::end()}};
        range_planner planner({100, 100000, 2}, missing);
        planner.set_bounds(key_number::of(-1000), key_number::of(10000));
        std::vector<key_range> read;
        int steps = 0;
        while (auto r = planner.next()) {
            REQUIRE(++steps < 100000);
            REQUIRE((compare(r->lower, r->upper) < 0));
            if (random() % 4 == 0 && !r->upper.is_end() && r->upper.prefix.size() == 1) {
                // The reader stops in the middle, at a full key.
                const key_cut middle = key_cut::after({r->upper.prefix[0], key_number::of(0)});
                if (compare(r->lower, middle) >= 0) {
                    read.push_back(*r);
                    continue;
                }
                read.push_back({r->lower, middle});
                planner.give_back({middle, r->upper});
                continue;
            }
            planner.observe(*r, random() % 300);
            read.push_back(*r);
        }
        std::sort(read.begin(), read.end(), [](const key_range& a, const key_range& b) {
            return compare(a.lower, b.lower) < 0;
        });
        std::vector<key_range> joined;
        for (const key_range& r : read) {
            if (!joined.empty() && joined.back().upper == r.lower)
                joined.back().upper = r.upper;
            else
                joined.push_back(r);
        }
        CHECK(joined == missing);
    }
}

TEST_CASE("what DDL touches", "[dump]") {
    const auto touch = [](const char* text) { return touched_by(text, "d", options()); };
    CHECK(touch("INSERT INTO t VALUES (1)").empty());
    CHECK(touch("CREATE TEMPORARY TABLE t (a int)").empty());
    CHECK(touch("CREATE VIEW v AS SELECT 1").empty());
    CHECK(touch("GRANT SELECT ON *.* TO u").empty());
    CHECK(touch("CREATE DATABASE x").empty());
    CHECK(touch("TRUNCATE t").tables == std::vector<table_name>{{"d", "t"}});
    CHECK(touch("RENAME TABLE a TO x.b").tables == std::vector<table_name>{{"d", "a"}, {"x", "b"}});
    CHECK(touch("ALTER TABLE a RENAME TO b").tables ==
          std::vector<table_name>{{"d", "a"}, {"d", "b"}});
    CHECK(touch("CREATE TABLE a LIKE x.b").tables ==
          std::vector<table_name>{{"d", "a"}, {"x", "b"}});
    CHECK(touch("DROP DATABASE x").schemas == std::vector<std::string>{"x"});
    CHECK(touch("ALTER TABLE t !nonsense").everything);
}

TEST_CASE("tables tied together by DDL", "[dump]") {
    ddl_history h;
    h.touches.push_back(touched_by("RENAME TABLE a TO b", "d", options()));
    h.touches.push_back(touched_by("CREATE TABLE c LIKE b", "d", options()));
    h.touches.push_back(touched_by("TRUNCATE z", "d", options()));
    const auto fold = [](std::string_view n) { return std::string(n); };
    const std::set<table_name> all{{"d", "a"}, {"d", "b"}, {"d", "c"}, {"d", "q"}, {"d", "z"}};
    CHECK(h.tied_to({{"d", "a"}}, all, fold) ==
          std::set<table_name>{{"d", "a"}, {"d", "b"}, {"d", "c"}});
    CHECK(h.tied_to({{"d", "q"}}, all, fold).empty());
    CHECK(h.touches_any({{"d", "z"}}, fold));
    CHECK_FALSE(h.touches_any({{"d", "q"}}, fold));
    h.touches.push_back(touched_by("DROP DATABASE d", "d", options()));
    CHECK(h.tied_to({{"d", "q"}}, all, fold) == all);
}

TEST_CASE("tables that have no copy: dump-unsupported-table, with their name", "[dump]") {
    listed_table listed;
    listed.name = {"s", "t"};
    listed.type = "BASE TABLE";
    const auto fault = [&](const char* engine, const std::string& create) {
        listed.engine = engine;
        const auto t = describe_table(listed, create, mysql8);
        REQUIRE_FALSE(t.has_value());
        CHECK(t.error().place().table == "t");
        return t.error();
    };
    CHECK(fault("FEDERATED", "CREATE TABLE `t` (\n  `id` int\n) ENGINE=FEDERATED").code() ==
          errc::dump_unsupported_table);
    CHECK(fault("MRG_MYISAM", "CREATE TABLE `t` (\n  `id` int\n) ENGINE=MRG_MYISAM").code() ==
          errc::dump_unsupported_table);
    const error unreadable = fault("InnoDB", "CREATE TABLE `t` (\n  `id` thing(\n) ENGINE=InnoDB");
    CHECK(unreadable.code() == errc::schema_parse);
}
