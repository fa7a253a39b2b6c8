// Statements and rows asked of the rules without a task.
#include <dmlib/schema/show_create.hpp>
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
