// Statements about one of several tables that go into the same table of the target.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/merged_tables.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace dmlib;

namespace {

const server_kind mysql8{flavor::mysql, {8, 0, 33}};
constexpr std::uint64_t strict = 1ULL << 21;

std::shared_ptr<const schema::table> table_of(const std::string& name, const std::string& column) {
    auto t = schema::table_from_show_create(
        "CREATE TABLE `" + name + "` (\n  `id` int NOT NULL,\n  " + column +
            ",\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
            "COLLATE=utf8mb4_0900_ai_ci",
        mysql8,
        "shop");
    REQUIRE(t.has_value());
    return std::make_shared<const schema::table>(std::move(*t));
}

struct shop {
    rule_set rules;
    std::string others;  // the column of t_2; t_1 has `v` varchar(20)
    target_dialect dialect = target_dialect::mysql;

    explicit shop(std::string column) : rules(compiled()), others(std::move(column)) {}

    static rule_set compiled() {
        auto out = rule_set::compile(
            filter{}, router{}.route("shop.t_*", "all.t").route("shop", "all"), {}, "src-1");
        REQUIRE(out.has_value());
        return std::move(*out);
    }

    std::string asked(const std::string& sql, std::uint64_t mode = strict) {
        auto statement = sql::parse_statement(sql, {});
        REQUIRE(statement.has_value());
        sql::qualify_tables(*statement, "shop");
        const auto known = sync::merged_tables_of(
            rules,
            *statement,
            {{"shop", "t_1"}, {"shop", "t_2"}, {"shop", "x"}},
            [this](const table_name& n) {
                REQUIRE(n.table != "x");
                return table_of(n.table,
                                n.table == "t_1" ? "`v` varchar(20) DEFAULT NULL" : others);
            });
        schema::resolve_options options;
        options.server = mysql8;
        options.default_schema = "shop";
        options.sql_mode = mode;
        schema::target_facts facts;
        facts.dialect = dialect;
        facts.version = {8, 0, 33};
        const auto harm = sync::harm_to_merged_tables(rules, *statement, known, options, facts);
        if (!harm) return {};
        CHECK(harm->code() == errc::sync_ddl_refused);
        return harm->message() + " -> " + harm->workaround();
    }
};

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a column that another merged table has") {
    shop same("`v` varchar(20) DEFAULT NULL");
    CHECK(has(same.asked("ALTER TABLE t_1 DROP COLUMN v"),
              "remove the values of column `v` of `shop`.`t_2`"));
    CHECK(has(same.asked("ALTER TABLE t_1 RENAME COLUMN v TO w"), "rename column `v`"));
    CHECK(has(same.asked("ALTER TABLE t_1 CHANGE v w varchar(20), ADD COLUMN v int"),
              "rename column `v`"));
    CHECK(has(same.asked("TRUNCATE TABLE t_1"), "remove the rows of `shop`.`t_2`"));
    CHECK(has(same.asked("RENAME TABLE t_1 TO other"), "move the rows"));
    CHECK(has(same.asked("ALTER TABLE t_1 MODIFY v varchar(5)"), "events: [value range decrease]"));
    CHECK(has(same.asked("ALTER TABLE t_1 MODIFY v int"), "varchar(20)"));
    CHECK(has(same.asked("ALTER TABLE t_1 CONVERT TO CHARACTER SET latin1", 0),
              "without strict mode"));
    CHECK(same.asked("ALTER TABLE t_1 CONVERT TO CHARACTER SET latin1").empty());
    CHECK(has(same.asked("ALTER TABLE t_1 MODIFY v varchar(20) NOT NULL", 0), "NOT NULL"));
    CHECK(same.asked("ALTER TABLE t_1 MODIFY v varchar(20) NOT NULL").empty());
    for (const char* fine : {"ALTER TABLE t_1 MODIFY v varchar(30)",
                             "ALTER TABLE t_1 ALTER v SET DEFAULT 'x'",
                             "ALTER TABLE t_1 ADD INDEX k (v)",
                             "ALTER TABLE t_1 ADD COLUMN w int",
                             "ALTER TABLE t_1 CHANGE v V varchar(20)",
                             "ALTER TABLE t_1 COMMENT 'x'"}) {
        INFO(fine);
        CHECK(same.asked(fine).empty());
        CHECK(same.asked(fine, 0).empty());
    }
}

TEST_CASE("a column that another merged table lacks, or has wider") {
    shop without("`w` int DEFAULT NULL");
    CHECK(without.asked("ALTER TABLE t_1 DROP COLUMN v").empty());
    CHECK(without.asked("ALTER TABLE t_1 RENAME COLUMN v TO x", 0).empty());
    CHECK(without.asked("ALTER TABLE t_1 MODIFY v int", 0).empty());
    CHECK(has(without.asked("ALTER TABLE t_1 ADD COLUMN w int AS (id) STORED"), "AS ("));
    CHECK(without.asked("ALTER TABLE t_1 ADD COLUMN w int").empty());
    shop wider("`v` varchar(50) DEFAULT NULL");
    CHECK(has(wider.asked("ALTER TABLE t_1 MODIFY v varchar(20) COMMENT 'x'"), "varchar(50)"));
    CHECK(has(wider.asked("ALTER TABLE t_1 MODIFY v varchar(30)"), "varchar(50)"));
    CHECK(wider.asked("ALTER TABLE t_1 MODIFY v varchar(50)").empty());
}

TEST_CASE("a table that TiDB builds anew") {
    shop wider("`v` varchar(50) DEFAULT NULL");
    wider.dialect = target_dialect::tidb;
    // Its other columns are made anew as the statement's table has them.
    CHECK(has(
        wider.asked(
            "ALTER TABLE t_1 DROP PRIMARY KEY, ADD COLUMN n int NOT NULL, ADD PRIMARY KEY (id, n)"),
        "varchar(50)"));
    shop more("`w` int DEFAULT NULL");
    more.dialect = target_dialect::tidb;
    CHECK(has(
        more.asked(
            "ALTER TABLE t_1 DROP PRIMARY KEY, ADD COLUMN n int NOT NULL, ADD PRIMARY KEY (id, n)"),
        "column `w`"));
}
