#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/table_plan.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;
using namespace dmlib::dml;
using schema::type_kind;

namespace {

schema::column make_column(const std::string& name,
                           type_kind type,
                           const std::string& charset = "",
                           const std::string& collation = "") {
    schema::column c;
    c.name = name;
    c.type = type;
    c.charset = charset;
    c.collation = collation;
    return c;
}

schema::key make_key(const std::string& name,
                     schema::key_kind kind,
                     const std::vector<std::string>& columns) {
    schema::key k;
    k.name = name;
    k.kind = kind;
    for (const auto& c : columns) k.parts.push_back({c, "", std::nullopt, false});
    return k;
}

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

std::shared_ptr<const table_plan> plan_of(const schema::table& t,
                                          const schema::table* target = nullptr,
                                          target_dialect dialect = target_dialect::mysql) {
    static std::vector<std::size_t> all;
    all.clear();
    for (std::size_t i = 0; i < t.columns.size(); ++i) all.push_back(i);
    plan_input in;
    in.target_name = {"s2", "t2"};
    in.source = &t;
    in.image_columns = all;
    in.target = target;
    in.dialect = dialect;
    auto plan = make_table_plan(in);
    REQUIRE(plan);
    return *plan;
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

/// A batch with the keys that the engine would give it.
struct writer {
    batch b;
    std::vector<std::uint64_t> keys;
    batch_limits limits;

    using plan_pointer = std::shared_ptr<const table_plan>;
    using values = std::vector<value_view>;
    void insert(const plan_pointer& plan, const values& after, batch::place where = {"f", 4}) {
        collect_keys(*plan, {}, after, keys);
        b.insert(plan, after, keys, limits, where);
    }
    void update(const plan_pointer& plan,
                const values& before,
                const values& after,
                batch::place where = {"f", 4}) {
        collect_keys(*plan, before, after, keys);
        b.update(plan, before, after, keys, limits, where);
    }
    void remove(const plan_pointer& plan, const values& before, batch::place where = {"f", 4}) {
        collect_keys(*plan, before, {}, keys);
        b.remove(plan, before, keys, limits, where);
    }
    std::vector<std::string> close() {
        b.close();
        std::vector<std::string> out;
        for (const auto& s : b.statements) out.push_back(b.sql.substr(s.offset, s.length));
        return out;
    }
};

/// id INT PRIMARY KEY, v INT: small texts, one unique key.
schema::table pair_table() {
    schema::table t = shop_table();
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
    writer w;
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
    writer w;
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
    writer w;
    w.update(plan, pair(1, 1), pair(1, 10));
    w.remove(plan, pair(2, 2), {"f", 8});
    w.insert(plan, pair(2, 20));              // behind the delete of 2
    w.update(plan, pair(3, 3), pair(3, 30));  // beside the first one
    w.remove(plan, pair(4, 4));
    w.update(plan, pair(1, 10), pair(1, 11));  // the same upsert: its rows run in order
    w.insert(plan, pair(5, 5));                // no key of it was touched: it runs first
    w.update(plan, pair(5, 5), pair(5, 6));
    CHECK(
        w.close() ==
        std::vector<std::string>{
            "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (1,10),(3,30),(1,11) ON DUPLICATE KEY UPDATE "
            "`v`=VALUES(`v`)",
            "DELETE FROM `s2`.`t2` WHERE `id` IN (2,4)",
            "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (5,5)",
            "INSERT INTO `s2`.`t2` (`id`,`v`) VALUES (2,20)",
            "UPDATE `s2`.`t2` SET `id`=5,`v`=6 WHERE `id`=5 LIMIT 1"});
    CHECK(w.b.statements[0].rows == 3);
    CHECK(w.b.statements[0].affected == 6);
    CHECK(w.b.statements[1].affected == 2);
    // Each row of a statement of several can be run again alone.
    const auto& row = w.b.grouped[w.b.statements[1].first_row];
    CHECK(w.b.conditions.substr(row.condition, row.condition_size) == "`id`=2");
    CHECK(row.position == 8);
    const auto& last = w.b.grouped[w.b.statements[0].first_row + 2];
    CHECK(w.b.sql.substr(last.values, last.values_size) == "(1,11)");
    CHECK(w.b.conditions.substr(last.condition, last.condition_size) == "`id`=1");
}

TEST_CASE("an update is an upsert only where it cannot hit another row") {
    auto t = pair_table();
    const auto changed = [&](const std::shared_ptr<const table_plan>& plan,
                             std::vector<value_view> to) {
        writer w;
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
    wider = t;
    wider.engine = "MyISAM";
    CHECK(changed(plan_of(t, &wider), pair(1, 5)) == 2);
}

TEST_CASE("TiDB gets UTF-8 where MySQL gets an introducer") {
    const auto t = shop_table();
    const auto plan = plan_of(t, nullptr, target_dialect::tidb);
    writer w;
    w.insert(plan, image(1, value_view::make_null(), "x"));
    CHECK(w.close().at(0).find("'caf\xc3\xa9'") != std::string::npos);
}

TEST_CASE("a table without a key is compared byte for byte and stays in one lane") {
    auto t = shop_table();
    t.keys.clear();
    const auto plan = plan_of(t);
    CHECK(plan->keyless);
    writer w;
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
    writer w;
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
