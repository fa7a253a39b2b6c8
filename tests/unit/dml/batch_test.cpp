#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <catch2/catch.hpp>

#include "plan_support.hpp"

using namespace dmlib;
using namespace dmlib::dml;
using schema::type_kind;

namespace {

/// id INT PRIMARY KEY, u INT UNIQUE NULL, s VARCHAR utf8mb4_bin, c VARCHAR latin1_swedish_ci, b
/// BLOB
schema::table shop_table() {
    schema::table t;
    t.schema = "shop";
    t.name = "o`rders";
    t.columns = {make_column("id", type_kind::int_),
                 make_column("u", type_kind::int_),
                 make_column("s", type_kind::varchar, "utf8mb4", "utf8mb4_bin"),
                 make_column("c", type_kind::varchar, "latin1", "latin1_swedish_ci"),
                 make_column("b", type_kind::blob)};
    t.columns[0].nullable = false;
    t.keys = {make_key("PRIMARY", schema::key_kind::primary, {"id"}),
              make_key("u", schema::key_kind::unique, {"u"})};
    return t;
}

value_view text(std::string_view s) {
    return value_view::make_bytes(value_kind::bytes, as_bytes(s));
}

std::vector<value_view> image(std::int64_t id, value_view u, std::string_view s) {
    return {value_view::make_int(id),
            u,
            text(s),
            text("caf\xe9"),
            text(std::string_view("\x00'\\", 3))};
}

}  // namespace

TEST_CASE("inserts into one table join, literals are exact") {
    const auto t = shop_table();
    const auto plan = plan_of(t);
    batch b;
    const batch_limits limits;
    b.insert(plan, image(1, value_view::make_null(), "a'b"), limits, {"f", 4}, false);
    b.insert(plan, image(2, value_view::make_int(-7), "\xf0\x9f\x98\x80"), limits, {"f", 4}, false);
    CHECK(b.sql ==
          "INSERT INTO `s2`.`t2` (`id`,`u`,`s`,`c`,`b`) VALUES (1,NULL,'a\\'b',_latin1 "
          "0x636166e9,_binary'\\0\\'\\\\'),"
          "(2,-7,'\xf0\x9f\x98\x80',_latin1 0x636166e9,_binary'\\0\\'\\\\')");
    REQUIRE(b.statements.size() == 1);
    CHECK(b.statements[0].rows == 2);
    CHECK(b.statements[0].checked);
    CHECK(b.rows == 2);
}

TEST_CASE("updates and deletes find the row by the key") {
    const auto t = shop_table();
    const auto plan = plan_of(t);
    batch b;
    b.update(plan,
             image(1, value_view::make_null(), "x"),
             image(1, value_view::make_int(3), "y"),
             {"f", 4},
             false);
    b.remove(plan, image(1, value_view::make_null(), "x"), {"f", 4}, false);
    CHECK(b.sql ==
          "UPDATE `s2`.`t2` SET `id`=1,`u`=3,`s`='y',`c`=_latin1 "
          "0x636166e9,`b`=_binary'\\0\\'\\\\' WHERE `id`=1 LIMIT 1;"
          "DELETE FROM `s2`.`t2` WHERE `id`=1 LIMIT 1");
    CHECK(b.statements.size() == 2);
}

TEST_CASE("TiDB gets UTF-8 where MySQL gets an introducer") {
    const auto t = shop_table();
    const auto plan = plan_of(t, nullptr, target_dialect::tidb);
    batch b;
    b.insert(plan, image(1, value_view::make_null(), "x"), {}, {"f", 4}, false);
    CHECK(b.sql.find("'caf\xc3\xa9'") != std::string::npos);
}

TEST_CASE("TiDB gets the names of a SET whose number it does not take") {
    schema::table t = shop_table();
    auto s = make_column("s", type_kind::set, "utf8mb4", "utf8mb4_bin");
    for (int i = 0; i < 64; ++i) s.members.push_back("m" + std::to_string(i));
    t.columns = {t.columns[0], s};
    t.keys.pop_back();
    const std::vector<value_view> before{value_view::make_int(1), value_view::make_uint(5)};
    const std::vector<value_view> after{value_view::make_int(1),
                                        value_view::make_uint((std::uint64_t{1} << 63) | 1)};
    batch tidb;
    tidb.update(plan_of(t, nullptr, target_dialect::tidb), before, after, {"f", 4}, false);
    CHECK(tidb.sql == "UPDATE `s2`.`t2` SET `id`=1,`s`='m0,m63' WHERE `id`=1 LIMIT 1");
    batch mysql;
    mysql.update(plan_of(t), before, after, {"f", 4}, false);
    CHECK(mysql.sql == "UPDATE `s2`.`t2` SET `id`=1,`s`=9223372036854775809 WHERE `id`=1 LIMIT 1");
}

TEST_CASE("a table without a key is compared byte for byte and stays in one lane") {
    auto t = shop_table();
    t.keys.clear();
    const auto plan = plan_of(t);
    CHECK(plan->keyless);
    batch b;
    b.remove(plan, image(1, value_view::make_null(), "x"), {"f", 4}, false);
    CHECK(b.sql ==
          "DELETE FROM `s2`.`t2` WHERE `id`=1 AND `u` IS NULL AND CAST(`s` AS "
          "BINARY)=CAST(CONVERT('x' USING utf8mb4) AS BINARY) AND "
          "CAST(`c` AS BINARY)=CAST(CONVERT(_latin1 0x636166e9 USING latin1) AS BINARY) AND "
          "`b`=_binary'\\0\\'\\\\' LIMIT 1");
    std::vector<std::uint64_t> one, two;
    collect_keys(*plan, {}, image(1, value_view::make_null(), "x"), one);
    collect_keys(*plan, {}, image(2, value_view::make_null(), "y"), two);
    CHECK(one.front() == two.front());
}

TEST_CASE("an ENUM's error value is written without strict mode and back") {
    schema::table t = shop_table();
    auto e = make_column("e", type_kind::enum_, "utf8mb4", "utf8mb4_bin");
    e.members = {"a", "b"};
    t.columns = {t.columns[0], e};
    t.keys.pop_back();
    const auto plan = plan_of(t);
    batch b;
    const std::vector<value_view> row{value_view::make_int(1), value_view::make_uint(0)};
    b.insert(plan, row, {}, {"f", 4}, false);
    REQUIRE(b.statements.size() == 3);
    CHECK(b.sql.substr(b.statements[0].offset, b.statements[0].length).find("STRICT") ==
          std::string::npos);
    CHECK(b.sql.substr(b.statements[1].offset, b.statements[1].length) ==
          "INSERT INTO `s2`.`t2` (`id`,`e`) VALUES (1,0)");
    CHECK(b.sql.substr(b.statements[2].offset, b.statements[2].length).find("STRICT") !=
          std::string::npos);
}

TEST_CASE("a column that the target lacks is an error that names it") {
    const auto t = shop_table();
    auto goal = shop_table();
    goal.columns.pop_back();
    static const std::vector<std::size_t> all{0, 1, 2, 3, 4};
    plan_input in;
    in.target_name = {"s2", "t2"};
    in.source = &t;
    in.image_columns = all;
    in.target = &goal;
    const auto plan = make_table_plan(in);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code() == errc::db_unknown_column);
    CHECK(plan.error().message().find("`b`") != std::string::npos);
}

TEST_CASE(
    "keys: NULL is equal to nothing, both images count, collations that are not binary degrade") {
    const auto t = shop_table();
    const auto plan = plan_of(t);
    std::vector<std::uint64_t> keys;
    collect_keys(*plan, {}, image(1, value_view::make_null(), "x"), keys);
    CHECK(keys.size() == 1);
    collect_keys(*plan,
                 image(1, value_view::make_int(5), "x"),
                 image(2, value_view::make_int(6), "x"),
                 keys);
    CHECK(keys.size() == 4);

    auto by_text = shop_table();
    by_text.keys = {make_key("PRIMARY", schema::key_kind::primary, {"c"})};
    by_text.columns[3].nullable = false;
    const auto degraded = plan_of(by_text);
    CHECK(degraded->keys.front().degenerate());
    by_text.keys = {make_key("PRIMARY", schema::key_kind::primary, {"s"})};
    by_text.columns[2].nullable = false;
    const auto exact = plan_of(by_text);
    std::vector<std::uint64_t> padded;
    collect_keys(*exact, {}, image(1, value_view::make_null(), "x"), keys);
    collect_keys(*exact, {}, image(1, value_view::make_null(), "x  "), padded);
    CHECK(keys == padded);
    collect_keys(*exact, {}, image(1, value_view::make_null(), "X"), padded);
    CHECK(keys != padded);
}

TEST_CASE("columns that routes fill are written and looked for") {
    const schema::table source = shop_table();
    schema::table target = shop_table();
    target.columns.push_back(make_column("c_table", type_kind::varchar, "utf8mb4", "utf8mb4_bin"));
    target.columns.back().nullable = false;
    target.keys = {make_key("PRIMARY", schema::key_kind::primary, {"c_table", "id"})};
    const std::vector<extracted_column> filled{{"C_TABLE", "it's"}};
    const auto plan_with = [&](const schema::table& goal, const std::vector<extracted_column>& x) {
        static const std::vector<std::size_t> all{0, 1, 2, 3, 4};
        plan_input in;
        in.target_name = {"s2", "t2"};
        in.source = &source;
        in.image_columns = all;
        in.target = &goal;
        in.extracted = x;
        in.may_lack_rows = true;
        return make_table_plan(in);
    };
    const auto plan = plan_with(target, filled);
    REQUIRE(plan.has_value());
    CHECK_FALSE((*plan)->keyless);
    batch b;
    b.insert(*plan, image(1, value_view::make_null(), "x"), {}, {}, false);
    b.remove(*plan, image(1, value_view::make_null(), "x"), {}, false);
    b.close();
    INFO(b.sql);
    CHECK(b.sql.find(",`C_TABLE`) VALUES (1,") != std::string::npos);
    CHECK(b.sql.find(",'it\\'s');") != std::string::npos);
    CHECK(b.sql.ends_with("DELETE FROM `s2`.`t2` WHERE `id`=1 AND `C_TABLE`='it\\'s' LIMIT 1"));
    // A row filter may have left the row out: finding none is no fault, writing none is.
    REQUIRE(b.statements.size() == 2);
    CHECK(b.statements[0].checked);
    CHECK_FALSE(b.statements[1].checked);
    CHECK(plan_with(source, filled).error().code() == errc::db_unknown_column);
    CHECK(plan_with(target, {{"u", "x"}}).error().code() == errc::config_rule);
}
