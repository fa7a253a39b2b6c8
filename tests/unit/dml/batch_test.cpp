#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <catch2/catch.hpp>

#include "batch_writer.hpp"
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

/// id INT PRIMARY KEY, v INT: small texts, one unique key.
schema::table pair_table() {
    schema::table t = shop_table();
    t.engine = "InnoDB";
    t.columns = {t.columns[0], make_column("v", type_kind::int_)};
    t.keys.pop_back();
    return t;
}
std::vector<value_view> pair(std::int64_t id, std::int64_t v) {
    return {value_view::make_int(id), value_view::make_int(v)};
}

}  // namespace

TEST_CASE("inserts into one table join, literals are exact") {
    const auto t = shop_table();
    const auto plan = plan_of(t);
    batch_writer w;
    w.insert(plan, image(1, value_view::make_null(), "a'b"));
    w.insert(plan, image(2, value_view::make_int(-7), "\xf0\x9f\x98\x80"));
    CHECK(w.close() ==
          std::vector<std::string>{
              "INSERT INTO `s2`.`t2` (`id`,`u`,`s`,`c`,`b`) VALUES (1,NULL,'a\\'b',_latin1 "
              "0x636166e9,_binary'\\0\\'\\\\'),"
              "(2,-7,'\xf0\x9f\x98\x80',_latin1 0x636166e9,_binary'\\0\\'\\\\')"});
    CHECK(w.b.statements[0].rows == 2);
    CHECK(w.b.statements[0].affected == 2);
    CHECK(w.b.statements[0].checked);
    CHECK(w.b.rows == 2);
}

TEST_CASE("updates and deletes find the row by the key") {
    const auto t = shop_table();
    const auto plan = plan_of(t);
    batch_writer w;
    w.update(plan, image(1, value_view::make_null(), "x"), image(1, value_view::make_int(3), "y"));
    w.remove(plan, image(1, value_view::make_int(3), "y"));
    CHECK(w.close() ==
          std::vector<std::string>{"UPDATE `s2`.`t2` SET `id`=1,`u`=3,`s`='y',`c`=_latin1 "
                                   "0x636166e9,`b`=_binary'\\0\\'\\\\' WHERE `id`=1 LIMIT 1",
                                   "DELETE FROM `s2`.`t2` WHERE `id`=1 LIMIT 1"});
}

TEST_CASE("rows that commute share statements, the others keep their order") {
    const auto t = pair_table();
    const auto plan = plan_of(t, &t);
    REQUIRE(plan->can_upsert);
    batch_writer w;
    w.update(plan, pair(1, 1), pair(1, 10));
    w.remove(plan, pair(2, 2), {"f", 8});
    w.insert(plan, pair(2, 20));              // behind the delete of 2
    w.update(plan, pair(3, 3), pair(3, 30));  // beside the first one
    w.remove(plan, pair(4, 4));
    w.update(plan, pair(1, 10), pair(1, 11));  // becomes one with the first
    w.insert(plan, pair(5, 5));                // no key of it was touched
    w.update(plan, pair(5, 5), pair(5, 6));    // becomes one with it
    w.insert(plan, pair(6, 6));
    w.remove(plan, pair(6, 6));  // stays two: the row must not have been there
    w.remove(plan, pair(7, 7));
    w.update(plan, pair(8, 8), pair(9, 8));  // a key that changes
    w.remove(plan, pair(9, 8));
    CHECK(w.close() ==
          std::vector<std::string>{
              "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (1,11),(2,20),(3,30) ON DUPLICATE KEY "
              "UPDATE `v`=VALUES(`v`)",
              "DELETE FROM `s2`.`t2` WHERE `id` IN (4,7)",
              "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (5,6),(6,6)",
              "UPDATE `s2`.`t2` SET `id`=9,`v`=8 WHERE `id`=8 LIMIT 1",
              "DELETE FROM `s2`.`t2` WHERE `id` IN (6,9)"});
    CHECK(w.b.rows == 13);
    CHECK(w.b.statements[0].rows == 3);
    CHECK(w.b.statements[0].affected == 6);
    CHECK(w.b.statements[1].affected == 2);
}

TEST_CASE("each row of a statement of several can be run alone") {
    const auto t = pair_table();
    const auto plan = plan_of(t, &t);
    batch_writer w;
    for (std::int64_t i = 1; i < 3; ++i) {
        w.update(plan, pair(i, 1), pair(i, 10), {"f", 8});
        w.insert(plan, pair(i + 10, 1));
        w.remove(plan, pair(i + 20, 2));
    }
    w.close();
    std::vector<std::string> alone;
    for (const auto& s : w.b.statements) {
        REQUIRE(s.rows == 2);
        for (std::uint32_t n = 0; n < s.rows; ++n)
            w.b.append_alone(alone.emplace_back(), s, w.b.grouped[s.first_row + n]);
    }
    CHECK(alone ==
          std::vector<std::string>{"UPDATE `s2`.`t2` SET `id`=1,`v`=10 WHERE `id`=1 LIMIT 1",
                                   "UPDATE `s2`.`t2` SET `id`=2,`v`=10 WHERE `id`=2 LIMIT 1",
                                   "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (11,1)",
                                   "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (12,1)",
                                   "DELETE FROM `s2`.`t2` WHERE `id`=21 LIMIT 1",
                                   "DELETE FROM `s2`.`t2` WHERE `id`=22 LIMIT 1"});
    CHECK(w.b.grouped[w.b.statements[0].first_row + 1].position == 8);
}

TEST_CASE("an upsert leaves out what does not change and an INSERT can do without") {
    auto t = pair_table();
    for (const char* name : {"w", "stamp", "needed"})
        t.columns.push_back(make_column(name, type_kind::int_));
    t.columns[1].default_value.kind = t.columns[2].default_value.kind = schema::default_kind::null;
    t.columns[3].default_value.kind = schema::default_kind::null;
    t.columns[3].on_update = "CURRENT_TIMESTAMP";
    t.columns[4].nullable = false;
    const auto five = [](std::int64_t id, std::int64_t v, std::int64_t w) {
        std::vector<value_view> out;
        for (const std::int64_t n : {id, v, w, std::int64_t{8}, std::int64_t{9}})
            out.push_back(value_view::make_int(n));
        return out;
    };
    const auto statements = [&](const schema::table& target) {
        const auto plan = plan_of(t, &target);
        REQUIRE(plan->can_upsert);
        batch_writer w;
        for (std::int64_t id = 1; id < 3; ++id) w.update(plan, five(id, 1, 1), five(id, 2, 1));
        for (std::int64_t id = 3; id < 5; ++id) w.update(plan, five(id, 1, 1), five(id, 1, 2));
        w.update(plan, five(4, 1, 2), five(4, 1, 3));
        w.update(plan, five(2, 2, 1), five(2, 2, 2));
        w.update(plan, five(5, 1, 1), five(5, 2, 2));
        return w.close();
    };
    CHECK(statements(t) ==
          std::vector<std::string>{
              "UPDATE `s2`.`t2` SET `id`=1,`v`=2,`stamp`=8,`needed`=9 WHERE `id`=1 LIMIT 1",
              "INSERT INTO `s2`.`t2` (`id`,`w`,`stamp`,`needed`) VALUES (3,2,8,9),(4,3,8,9) ON "
              "DUPLICATE KEY UPDATE `w`=VALUES(`w`),`stamp`=VALUES(`stamp`),`needed`=VALUES("
              "`needed`)",
              "INSERT INTO `s2`.`t2` (`id`,`v`,`w`,`stamp`,`needed`) VALUES (2,2,2,8,9),(5,2,2,8,9)"
              " ON DUPLICATE KEY UPDATE `v`=VALUES(`v`),`w`=VALUES(`w`),`stamp`=VALUES(`stamp`),"
              "`needed`=VALUES(`needed`)"});
    // A check would see the defaults.
    auto checked = t;
    checked.checks.emplace_back();
    CHECK(statements(checked).size() == 1);
}

TEST_CASE("a row whose keys are not all known keeps its place, and so do those around it") {
    const auto t = pair_table();
    const auto plan = plan_of(t, &t);
    batch_writer w;
    w.insert(plan, pair(1, 1));
    w.remove(plan, pair(2, 2), {"f", 4, false, false, true});
    w.insert(plan, pair(3, 3));
    w.update(plan, pair(1, 1), pair(1, 2));
    CHECK(w.close() ==
          std::vector<std::string>{"INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (1,1)",
                                   "DELETE FROM `s2`.`t2` WHERE `id`=2 LIMIT 1",
                                   "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (3,3)",
                                   "UPDATE `s2`.`t2` SET `id`=1,`v`=2 WHERE `id`=1 LIMIT 1"});
}

TEST_CASE("a row that was changed back is looked for by an UPDATE") {
    const auto t = pair_table();
    const auto plan = plan_of(t, &t);
    batch_writer w;
    w.update(plan, pair(1, 1), pair(1, 2));
    w.update(plan, pair(1, 2), pair(1, 1));
    w.remove(plan, pair(2, 2));
    w.insert(plan, pair(2, 2));
    w.update(plan, pair(3, 3), pair(3, 3));
    CHECK(w.close() ==
          std::vector<std::string>{"UPDATE `s2`.`t2` SET `id`=1,`v`=1 WHERE `id`=1 LIMIT 1",
                                   "UPDATE `s2`.`t2` SET `id`=2,`v`=2 WHERE `id`=2 LIMIT 1",
                                   "UPDATE `s2`.`t2` SET `id`=3,`v`=3 WHERE `id`=3 LIMIT 1"});
}

TEST_CASE("an update is an upsert only where it cannot hit another row") {
    auto t = pair_table();
    const auto changed = [&](const std::shared_ptr<const table_plan>& plan,
                             std::vector<value_view> to) {
        batch_writer w;
        w.update(plan, pair(1, 1), to);
        w.update(plan, pair(2, 2), pair(2, 3));
        return w.close().size();
    };
    CHECK(changed(plan_of(t, &t), pair(1, 5)) == 1);
    CHECK(changed(plan_of(t, &t), pair(9, 5)) == 2);  // the key changes
    t.keys.push_back(make_key("v", schema::key_kind::unique, {"v"}));
    CHECK(changed(plan_of(t, &t), pair(1, 5)) == 2);  // another key could be hit
    t.keys.pop_back();
    auto wider = t;
    wider.columns.push_back(make_column("extra", type_kind::int_));
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 1);
    wider.columns.back().nullable = false;
    wider.columns.back().default_value = {};
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 2);  // an INSERT has no value for it
    auto e = make_column("e", type_kind::enum_, "utf8mb4", "utf8mb4_bin");
    e.members = {"", "x"};
    wider = t;
    wider.columns.push_back(e);
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 2);  // TiDB: as the error value
    wider.columns.back().members = {"y", "x"};
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 1);
    wider = t;
    wider.system_versioned = true;
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 2);  // history
    wider = t;
    wider.engine = "MyISAM";
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 2);
}

TEST_CASE("TiDB gets UTF-8 where MySQL gets an introducer") {
    const auto t = shop_table();
    const auto plan = plan_of(t, nullptr, target_dialect::tidb);
    batch_writer w;
    w.insert(plan, image(1, value_view::make_null(), "x"));
    CHECK(w.close().at(0).find("'caf\xc3\xa9'") != std::string::npos);
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
    batch_writer tidb;
    tidb.update(plan_of(t, nullptr, target_dialect::tidb), before, after);
    CHECK(tidb.close().at(0) == "UPDATE `s2`.`t2` SET `id`=1,`s`='m0,m63' WHERE `id`=1 LIMIT 1");
    batch_writer mysql;
    mysql.update(plan_of(t), before, after);
    CHECK(mysql.close().at(0) == "UPDATE `s2`.`t2` SET `id`=1,`s`='m0,m63' WHERE `id`=1 LIMIT 1");
}

TEST_CASE("a table without a key is compared byte for byte and stays in one lane") {
    auto t = shop_table();
    t.keys.clear();
    const auto plan = plan_of(t);
    CHECK(plan->keyless);
    batch_writer w;
    w.remove(plan, image(1, value_view::make_null(), "x"));
    CHECK(w.close().at(0) ==
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
    batch_writer w;
    w.insert(plan, {value_view::make_int(1), value_view::make_uint(0)});
    const auto sql = w.close();
    REQUIRE(sql.size() == 3);
    CHECK(sql[0].find("STRICT") == std::string::npos);
    CHECK(sql[1] == "INSERT INTO `s2`.`t2` (`id`,`e`) VALUES (1,0)");
    CHECK(sql[2].find("STRICT") != std::string::npos);
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
    by_text.columns[3].collation = "latin1_german2_ci";
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
    target.columns.back().length = 5;
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
    batch_writer w;
    w.insert(*plan, image(1, value_view::make_null(), "x"));
    w.remove(*plan, image(1, value_view::make_null(), "x"));
    w.close();
    const batch& b = w.b;
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
    CHECK(plan_with(target, {{"c_table", "longer"}}).error().code() == errc::db_data_too_long);
}

TEST_CASE("a constant of a route stays what it is, or is refused") {
    const schema::table source = shop_table();
    schema::table target = shop_table();
    const auto plan_for = [&](schema::column column, const std::string& value) {
        static const std::vector<std::size_t> all{0, 1, 2, 3, 4};
        column.name = "filled";
        target.columns.resize(source.columns.size());
        target.columns.push_back(std::move(column));
        const std::vector<extracted_column> filled{{"filled", value}};
        plan_input in;
        in.target_name = {"s2", "t2"};
        in.source = &source;
        in.image_columns = all;
        in.target = &target;
        in.extracted = filled;
        return make_table_plan(in);
    };
    const schema::column number = make_column("filled", type_kind::int_);
    for (const char* same : {"1", "0", "-5", "2147483647"}) {
        const auto plan = plan_for(number, same);
        REQUIRE(plan.has_value());
        CHECK((*plan)->where_tail == " AND `filled`=" + std::string(same));
    }
    for (const char* other : {"01", "+1", "1.0", "-0", " 1", "", "x", "2147483648", "1e3"}) {
        const auto plan = plan_for(number, other);
        REQUIRE_FALSE(plan.has_value());
        CHECK(plan.error().code() == errc::db_data_too_long);
        CHECK(plan.error().workaround().find("`filled`") != std::string_view::npos);
    }
    // A FLOAT is the double that its 32 bits are.
    const auto real = plan_for(make_column("filled", type_kind::float_), "0.1");
    REQUIRE(real.has_value());
    CHECK((*real)->where_tail == " AND `filled`=0.10000000149011612");
    // What a single-byte charset lacks; others the server looks at.
    CHECK(plan_for(make_column("filled", type_kind::text, "latin1"), "\xc3\xa9").has_value());
    CHECK_FALSE(plan_for(make_column("filled", type_kind::text, "latin1"), "\xe6\x97\xa5"));
}

TEST_CASE("a row that grows in one batch to megabytes is written once") {
    schema::table t = pair_table();
    t.columns[1] = make_column("b", type_kind::longblob);
    const auto plan = plan_of(t, &t);
    const auto row = [](std::string_view bytes) {
        return std::vector<value_view>{value_view::make_int(1), text(bytes)};
    };
    std::vector<std::string> grown{""};
    batch_writer w;
    w.limits.bytes = std::size_t{8} << 20;
    w.insert(plan, row(grown[0]));
    for (int i = 1; i <= 4; ++i) {
        grown.push_back(grown.back() + std::string(400'000, static_cast<char>('a' + i)));
        const std::string before = grown[grown.size() - 2];
        w.update(plan, row(before), row(grown.back()));
    }
    const auto statements = w.close();
    REQUIRE(statements.size() == 1);
    const std::string head = "INSERT INTO `s2`.`t2` (`id`,`b`) VALUES (1,";
    CHECK(statements[0].substr(0, head.size()) == head);
    CHECK(statements[0].size() < head.size() + grown.back().size() + 20);
    CHECK(statements[0].find(grown.back()) != std::string::npos);
}

TEST_CASE("a row that fills a batch is an UPDATE of its own, made where its values are") {
    schema::table t = pair_table();
    t.columns[1] = make_column("b", type_kind::longblob);
    const auto plan = plan_of(t, &t);
    REQUIRE(plan->can_upsert);
    const std::string before(2'000'000, 'a');
    const std::string after(2'000'000, 'b');
    batch_writer w;
    w.limits.bytes = std::size_t{1} << 20;
    w.update(plan, {value_view::make_int(1), text(before)}, {value_view::make_int(1), text(after)});
    CHECK(w.b.full(w.limits));
    const auto statements = w.close();
    REQUIRE(statements.size() == 1);
    CHECK(statements[0].starts_with("UPDATE `s2`.`t2` SET `id`=1,`b`=_binary'bbb"));
    CHECK(w.b.sql.capacity() < after.size() + 16384);
}
