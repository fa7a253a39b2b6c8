// What of a step is on the target already, by definitions as the servers print them.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/sql/parser.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace dmlib;

namespace {

const server_kind mysql8{flavor::mysql, {8, 0, 33}};
const std::string options = "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci";

schema::target_facts facts_of(target_dialect dialect) {
    schema::target_facts out;
    out.dialect = dialect;
    out.version =
        dialect == target_dialect::mariadb ? server_version{10, 11, 6} : server_version{8, 0, 33};
    return out;
}

schema::table table_of(const std::string& lines) {
    auto t = schema::table_from_show_create("CREATE TABLE `t` (" + lines + options, mysql8, "a");
    REQUIRE(t.has_value());
    return *t;
}

/// The steps of a statement about the table `before`.
schema::target_ddl steps_of(const std::string& before,
                            const std::string& sql,
                            target_dialect dialect = target_dialect::mysql) {
    schema::catalog known;
    known.put_schema("a", "utf8mb4", "utf8mb4_0900_ai_ci");
    if (!before.empty()) known.put(table_of(before));
    sql::parse_options parse;
    parse.version = mysql8.version;
    auto statement = sql::parse_statement(sql, parse);
    REQUIRE(statement.has_value());
    schema::resolve_options resolve;
    resolve.server = mysql8;
    resolve.default_schema = "a";
    auto change = schema::resolve(*statement, known, resolve);
    REQUIRE(change.has_value());
    schema::catalog after = known;
    schema::apply(*change, after);
    auto out =
        schema::rewrite_for_target(*statement, *change, known, after, mysql8, facts_of(dialect));
    CHECK(out.errors.empty());
    return out;
}

schema::step_state state_of(const std::string& before,
                            const std::string& sql,
                            const std::string& found) {
    const auto ddl = steps_of(before, sql);
    REQUIRE(ddl.steps.size() == 1);
    return schema::compare_step(
        ddl.steps.front(), table_of(found), facts_of(target_dialect::mysql));
}

const std::string plain = "\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)";

std::string with(const std::string& line) {
    return "\n  `id` int NOT NULL,\n  " + line + ",\n  PRIMARY KEY (`id`)";
}

}  // namespace

TEST_CASE("a column that is there") {
    const std::string add = "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 7";
    auto s = state_of(plain, add, with("`c` int NOT NULL DEFAULT '7'"));
    CHECK(s.there == std::vector<std::string>{"column `c`"});
    CHECK(s.conflicts.empty());
    CHECK(s.rest.empty());
    // Width for display, place and comment do not count.
    s = state_of(plain,
                 add,
                 "\n  `c` int(11) NOT NULL DEFAULT '7' COMMENT 'x',\n  `id` int NOT NULL,\n  "
                 "PRIMARY KEY (`id`)");
    CHECK(s.there.size() == 1);
    s = state_of(plain, add, plain);
    CHECK(s.there.empty());
    CHECK(s.rest == "ALTER TABLE `a`.`t` ADD COLUMN `c` int NOT NULL DEFAULT '7'");
    for (const char* other : {"`c` bigint NOT NULL DEFAULT '7'",
                              "`c` int unsigned NOT NULL DEFAULT '7'",
                              "`c` int NOT NULL DEFAULT '8'",
                              "`c` int NOT NULL",
                              "`c` int DEFAULT '7'",
                              "`c` int GENERATED ALWAYS AS (7) VIRTUAL NOT NULL",
                              "`c` decimal(10,0) NOT NULL DEFAULT '7'"}) {
        INFO(other);
        s = state_of(plain, add, with(other));
        REQUIRE(s.conflicts.size() == 1);
        CHECK(s.conflicts.front().starts_with("column `c` is `c` "));
        CHECK(s.there.empty());
        CHECK(s.rest.empty());
    }
}

TEST_CASE("the values of a default that is no constant are those of its time") {
    const auto s = state_of(plain,
                            "ALTER TABLE t ADD COLUMN c datetime DEFAULT CURRENT_TIMESTAMP",
                            with("`c` datetime DEFAULT CURRENT_TIMESTAMP"));
    REQUIRE(s.conflicts.size() == 1);
    CHECK(s.conflicts.front().find("default had then") != std::string::npos);
}

TEST_CASE("what is missing of a statement is left to do") {
    const std::string sql =
        "ALTER TABLE t ADD COLUMN c int, ADD COLUMN d varchar(5), ADD INDEX k (c), DROP COLUMN v";
    const auto s =
        state_of(with("`v` int DEFAULT NULL"), sql, with("`c` int DEFAULT NULL,\n  KEY `k` (`c`)"));
    CHECK(s.there == std::vector<std::string>{"column `v` is gone", "column `c`", "key `k`"});
    CHECK(s.rest.starts_with("ALTER TABLE `a`.`t` ADD COLUMN `d` varchar(5)"));
    CHECK(s.rest.find("`c`") == std::string::npos);
    CHECK(s.conflicts.empty());
}

TEST_CASE("keys and names") {
    const std::string two = with("`v` int DEFAULT NULL,\n  `w` int DEFAULT NULL");
    const auto key = [&](const std::string& line) {
        return state_of(two,
                        "ALTER TABLE t ADD INDEX k (v, w)",
                        "\n  `id` int NOT NULL,\n  `v` int DEFAULT NULL,\n  `w` int DEFAULT "
                        "NULL,\n  PRIMARY KEY (`id`),\n  " +
                            line);
    };
    CHECK(key("KEY `K` (`V`,`w`)").there.size() == 1);
    CHECK(key("KEY `k` (`w`,`v`)").conflicts.size() == 1);
    CHECK(key("UNIQUE KEY `k` (`v`,`w`)").conflicts.size() == 1);
    CHECK(key("KEY `other` (`v`,`w`)").there.empty());
    const std::string rename = "ALTER TABLE t RENAME COLUMN v TO x";
    CHECK(state_of(two, rename, with("`x` int DEFAULT NULL,\n  `w` int DEFAULT NULL")).there ==
          std::vector<std::string>{"column `x`"});
    CHECK(state_of(two, rename, with("`x` bigint DEFAULT NULL")).conflicts.size() == 1);
    CHECK_FALSE(state_of(two, rename, two).rest.empty());
    const std::string drop = "ALTER TABLE t DROP COLUMN v";
    CHECK(state_of(two, drop, with("`w` int DEFAULT NULL")).rest.empty());
    CHECK_FALSE(state_of(two, drop, two).rest.empty());
}

TEST_CASE("a table that is there") {
    const std::string create =
        "CREATE TABLE t (id int NOT NULL PRIMARY KEY, v decimal(9,2) DEFAULT 0, KEY v (v))";
    auto s = state_of({}, create, with("`v` decimal(9,2) DEFAULT '0.00',\n  `x` int DEFAULT NULL"));
    CHECK(s.there == std::vector<std::string>{"table `a`.`t`"});
    CHECK(s.conflicts.empty());
    CHECK(s.rest.empty());
    CHECK(s.remarks == std::vector<std::string>{"it lacks KEY `v` (`v`)"});
    s = state_of({}, create, plain);
    CHECK(s.conflicts ==
          std::vector<std::string>{"column `v` is not there, the statement makes it"});
    CHECK(s.there.empty());
    s = state_of({}, create, with("`v` decimal(9,3) DEFAULT '0.000'"));
    CHECK(s.conflicts.size() == 1);
}

TEST_CASE("one step a change on TiDB") {
    const auto ddl =
        steps_of(plain, "ALTER TABLE t ADD COLUMN c int, ADD COLUMN d int", target_dialect::tidb);
    REQUIRE(ddl.steps.size() == 2);
    const auto there = table_of(with("`c` int DEFAULT NULL"));
    const auto facts = facts_of(target_dialect::tidb);
    CHECK(schema::compare_step(ddl.steps[0], there, facts).rest.empty());
    CHECK(schema::compare_step(ddl.steps[1], there, facts).there.empty());
}
