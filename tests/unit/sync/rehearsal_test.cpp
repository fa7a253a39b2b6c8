// Statements and rows asked of the rules without a task.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sync/foretell.hpp>
#include <dmlib/sync/rehearsal.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;
using sync::statement_fate;

namespace {

rule_set rules_of(const filter& f, const router& r = {}) {
    auto out = rule_set::compile(f, r, {}, "src-1");
    REQUIRE(out.has_value());
    return std::move(*out);
}

sync::explained_statement ask(rule_set& rules, std::string_view text) {
    return sync::explain_statement(rules, text, "shop", {});
}

}  // namespace

TEST_CASE("explain_statement: where a statement goes and which rule decided") {
    auto rules = rules_of(filter{}
                              .allow("shop")
                              .block("shop.tmp_*")
                              .events({.name = "no-drop",
                                       .schema_pattern = "shop",
                                       .table_pattern = "*",
                                       .events = {"drop table"},
                                       .action = filter_action::ignore})
                              .events({.name = "careful",
                                       .schema_pattern = "shop",
                                       .table_pattern = "*",
                                       .events = {"truncate table", "drop column"},
                                       .action = filter_action::error}),
                          router{}.route("shop.order_*", "all.orders").route("shop", "mall"));
    auto s = ask(rules, "ALTER TABLE order_1 ADD COLUMN a int");
    CHECK(s.fate == statement_fate::runs);
    CHECK(s.kind == "alter_table");
    CHECK(s.tables == std::vector<table_name>{{"shop", "order_1"}});
    CHECK(s.targets == std::vector<table_name>{{"all", "orders"}});
    CHECK(ask(rules, "CREATE TABLE other (a int)").targets ==
          std::vector<table_name>{{"mall", "other"}});
    CHECK(ask(rules, "CREATE DATABASE shop").targets == std::vector<table_name>{{"mall", ""}});

    s = ask(rules, "CREATE TABLE tmp_1 (a int)");
    CHECK(s.fate == statement_fate::left_out);
    CHECK(s.rule.find("tmp_*") != std::string::npos);
    s = ask(rules, "DROP TABLE order_1");
    CHECK(s.fate == statement_fate::left_out);
    CHECK(s.rule.find("no-drop") != std::string::npos);
    CHECK(s.targets.empty());
    s = ask(rules, "TRUNCATE TABLE order_1");
    CHECK(s.fate == statement_fate::stops);
    CHECK(s.rule.find("careful") != std::string::npos);
    s = ask(rules, "ALTER TABLE order_1 ADD COLUMN a int, DROP COLUMN b");
    CHECK(s.fate == statement_fate::stops);
    s = ask(rules, "RENAME TABLE order_1 TO tmp_1");
    CHECK(s.fate == statement_fate::stops);
    CHECK(s.reason.find("leave out") != std::string::npos);
    s = ask(rules, "CREATE VIEW v AS SELECT 1");
    CHECK(s.fate == statement_fate::not_replicated);
    CHECK_FALSE(s.reason.empty());
    CHECK(ask(rules, "CREATE TABLE far.t (a int)").fate == statement_fate::left_out);
    CHECK(ask(rules, "ALTER TABLE order_1 FROBNICATE").fate == statement_fate::stops);
    CHECK(ask(rules, "INSERT INTO order_1 VALUES (1)").fate == statement_fate::stops);
}

TEST_CASE("explain_statement: the table's definition tells what a changed column counts as") {
    auto rules = rules_of(filter{}.events({.name = "narrow",
                                           .schema_pattern = "shop",
                                           .table_pattern = "o*",
                                           .events = {"value range decrease"},
                                           .action = filter_action::ignore}));
    const std::string_view narrower = "ALTER TABLE orders MODIFY a varchar(5)";
    auto s = ask(rules, narrower);
    CHECK(s.fate == statement_fate::runs);
    CHECK(s.reason.find("definition") != std::string::npos);
    CHECK(ask(rules, "ALTER TABLE orders ADD b int").reason.empty());
    CHECK(ask(rules, "ALTER TABLE people MODIFY a varchar(5)").reason.empty());
    int asked = 0;
    const auto with = [&](std::string_view text) {
        sync::statement_surroundings around;
        around.definition = [&](const table_name& n) {
            ++asked;
            auto t = schema::table_from_show_create(
                "CREATE TABLE `" + n.table + "` (`a` varchar(9)) DEFAULT CHARSET=utf8mb4",
                {flavor::mysql, {8, 0, 36}},
                n.schema);
            REQUIRE(t.has_value());
            return std::make_shared<const schema::table>(std::move(*t));
        };
        return sync::explain_statement(rules, text, "shop", {}, around);
    };
    s = with(narrower);
    CHECK(s.fate == statement_fate::left_out);
    CHECK(s.rule.find("value range decrease") != std::string::npos);
    CHECK(s.reason.empty());
    CHECK(with("ALTER TABLE orders MODIFY a varchar(50)").fate == statement_fate::runs);
    CHECK(asked == 2);
    with("ALTER TABLE people MODIFY a varchar(5)");
    CHECK(asked == 2);
}

TEST_CASE("explain_statement: a filter by text is the way out for what cannot be parsed") {
    auto rules = rules_of(filter{}.events({.name = "odd",
                                           .schema_pattern = "*",
                                           .sql_pattern = {"FROBNICATE"},
                                           .action = filter_action::ignore}));
    const auto s = ask(rules, "ALTER TABLE order_1 FROBNICATE");
    CHECK(s.fate == statement_fate::left_out);
    CHECK(s.rule.find("odd") != std::string::npos);
}

namespace {

constexpr server_kind mysql_8{flavor::mysql, {8, 0, 36}};

schema::table shop_table(const std::string& name, const std::string& columns) {
    auto t = schema::table_from_show_create(
        "CREATE TABLE `" + name + "` (" + columns + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
        mysql_8,
        "shop");
    REQUIRE(t.has_value());
    return std::move(*t);
}

constexpr const char* order_columns = "`id` int NOT NULL, `a` int DEFAULT NULL, PRIMARY KEY (`id`)";

rule_set merging() {
    return rules_of({}, router{}.route("shop.order_*", "all.orders"));
}

/// Two tables that are merged, and a target whose table has `on_target`.
sync::ddl_ground merged_ground(const std::string& on_target) {
    schema::tracker known{mysql_8};
    known.definitions().put(shop_table("order_1", order_columns));
    known.definitions().put(shop_table("order_2", order_columns));
    sync::ddl_ground ground{std::move(known)};
    ground.resolve.server = mysql_8;
    ground.target.version = mysql_8.version;
    ground.rules = [] { return result<rule_set>(merging()); };
    ground.on_target = [=](const table_name& n) -> result<std::optional<schema::table>> {
        if (n.table != "orders") return std::optional<schema::table>{};
        auto t = shop_table("orders", on_target);
        t.schema = n.schema;
        return std::optional<schema::table>(std::move(t));
    };
    return ground;
}

sync::explained_statement ask_merged(std::string_view text,
                                     const std::string& on_target = order_columns) {
    auto rules = merging();
    sync::statement_surroundings around;
    around.source = mysql_8;
    around.ground = [&](const sql::statement&) {
        return result<sync::ddl_ground>(merged_ground(on_target));
    };
    return sync::explain_statement(rules, text, "shop", {}, around);
}

/// A statement of the past as the foreteller sees it.
sync::explained_statement rehearsed(sync::ddl_foreteller& f, std::string_view text) {
    auto rules = merging();
    auto out = sync::explain_statement(rules, text, "shop", {});
    binlog::query q;
    q.schema = "shop";
    q.text = text;
    binlog::event e;
    e.body = std::move(q);
    f.foretell(e, "bin.000001", out);
    return out;
}

}  // namespace

TEST_CASE("explain_statement: what the engine refuses of merged tables") {
    for (const char* text : {"ALTER TABLE order_1 DROP COLUMN a",
                             "TRUNCATE TABLE order_1",
                             "DROP TABLE order_1",
                             "RENAME TABLE order_1 TO other",
                             "DROP TABLE order_1, order_3"}) {
        INFO(text);
        const auto s = ask_merged(text);
        const bool refused_by_the_source =
            std::string_view(text).find("order_3") != std::string::npos;
        CHECK((s.fate == statement_fate::stops) == !refused_by_the_source);
        CHECK(s.reason.find(refused_by_the_source ? "the source would refuse" : "`order_2`") !=
              std::string::npos);
    }
    for (const char* text : {"ALTER TABLE order_1 ADD COLUMN b int",
                             "RENAME TABLE order_1 TO order_9",
                             "CREATE TABLE order_3 LIKE order_1",
                             "TRUNCATE TABLE other"}) {
        INFO(text);
        CHECK(ask_merged(text).fate == statement_fate::runs);
    }
}

TEST_CASE("explain_statement: what the target has already, or has otherwise") {
    const std::string with_b =
        "`id` int NOT NULL, `a` int DEFAULT NULL, `b` int DEFAULT '6', PRIMARY KEY (`id`)";
    auto s = ask_merged("ALTER TABLE order_1 ADD COLUMN b int DEFAULT 6", with_b);
    CHECK(s.fate == statement_fate::runs);
    REQUIRE(s.notes.size() == 1);
    CHECK(s.notes.front().find("column `b`") != std::string::npos);
    s = ask_merged("ALTER TABLE order_1 ADD COLUMN b int DEFAULT 5", with_b);
    CHECK(s.fate == statement_fate::stops);
    CHECK(s.reason.find("6") != std::string::npos);
    CHECK(s.reason.find("5") != std::string::npos);
    CHECK(ask_merged("ALTER TABLE order_1 MODIFY COLUMN a bigint",
                     "`id` int NOT NULL, PRIMARY KEY (`id`)")
              .fate == statement_fate::stops);
    CHECK(ask_merged("CREATE TABLE order_3 (id varchar(9) PRIMARY KEY, a int)").fate ==
          statement_fate::stops);
}

TEST_CASE("ddl_foreteller: each statement of the past meets what the ones before it made") {
    auto ground = merged_ground(order_columns);
    ground.past = true;
    sync::ddl_foreteller f{std::move(ground)};
    CHECK(rehearsed(f, "CREATE TABLE plain (id int PRIMARY KEY)").reason.empty());
    CHECK(rehearsed(f, "ALTER TABLE plain ADD COLUMN b int AFTER id").reason.empty());
    CHECK(rehearsed(f, "ALTER TABLE plain ADD COLUMN c int AFTER b").reason.empty());
    CHECK(f.definitions().definitions().find("shop", "plain")->columns.size() == 3);
    // Unknown before its CREATE, whatever is there now.
    CHECK(rehearsed(f, "CREATE TABLE order_2 (id int PRIMARY KEY, a int)").fate ==
          statement_fate::runs);
    CHECK(rehearsed(f, "ALTER TABLE order_1 DROP COLUMN a").fate == statement_fate::stops);
    // The source did it all the same.
    CHECK(f.definitions().definitions().find("shop", "order_1")->columns.size() == 1);
    CHECK(rehearsed(f, "TRUNCATE TABLE order_2").fate == statement_fate::stops);
    CHECK(rehearsed(f, "DROP TABLE order_1").fate == statement_fate::stops);
    CHECK(rehearsed(f, "TRUNCATE TABLE order_2").fate == statement_fate::runs);
    // Where nothing is known, it is said.
    const auto s = rehearsed(f, "ALTER TABLE order_7 ADD COLUMN x int");
    CHECK(s.fate == statement_fate::runs);
    CHECK(s.reason.find("not known") != std::string::npos);
    const auto made = rehearsed(f, "CREATE TABLE order_8 (id varchar(3) PRIMARY KEY, a int)");
    CHECK(made.fate == statement_fate::runs);
    CHECK(made.reason.find("as it is now, the target would refuse") != std::string::npos);
}
