// Definitions that random histories on real servers found to be tracked wrongly: what SHOW CREATE
// TABLE said there.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/target_form.hpp>

#include <catch2/catch.hpp>

#include "zoo.hpp"
#include <string>
#include <vector>

using namespace dmlib;

namespace {

const server_kind mysql_8{flavor::mysql, {8, 0, 33}};
const server_kind mysql_9{flavor::mysql, {9, 7, 4}};
const server_kind mysql_5_6{flavor::mysql, {5, 6, 14}};
const server_kind mariadb_10_5{flavor::mariadb, {10, 5, 23}};
const server_kind mariadb_10_2{flavor::mariadb, {10, 2, 11}};
const server_kind mariadb_10_11{flavor::mariadb, {10, 11, 19}};
const server_kind mariadb_11_8{flavor::mariadb, {11, 8, 6}};

/// The definition of table t after the statements.
std::string after(const server_kind& server, const std::vector<std::string>& statements) {
    schema::script_options o;
    o.server = server;
    schema::script_runner runner(o);
    runner.run_statement("CREATE DATABASE d CHARACTER SET latin1");
    runner.run_statement("USE d");
    for (const std::string& sql : statements) {
        const auto entry = runner.run_statement(sql);
        INFO(sql);
        INFO(entry.error);
        CHECK(entry.outcome != schema::statement_result::refused);
        CHECK(entry.outcome != schema::statement_result::unparsed);
    }
    const auto t = runner.definitions().find("d", "t");
    return t == nullptr ? "no such table" : schema::print_create_table(*t, server);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Whether the expression stands before a unique key over a column that can be NULL.
bool leads(const server_kind& server, const std::string& mode, const std::string& expression) {
    const std::string text = after(server,
                                   {"SET sql_mode='" + mode + "'",
                                    "CREATE TABLE t (a INT NOT NULL, n INT, m INT, s VARCHAR(9) "
                                    "NOT NULL, d DATE NOT NULL, UNIQUE KEY plain (n), "
                                    "UNIQUE KEY computed ((" +
                                        expression + ")))"});
    REQUIRE(has(text, "`computed`"));
    return text.find("`computed`") < text.find("`plain`");
}

}  // namespace

TEST_CASE("unique functional keys stand by whether their value can be NULL", "[schema]") {
    for (const server_kind& server : {mysql_8, mysql_9}) {
        for (const char* e : {"if(n > 1, a, a)",
                              "ifnull(n, a)",
                              "coalesce(n, m, 0)",
                              "round(a, 1)",
                              "a <=> n",
                              "case when n > 1 then a else 0 end",
                              "field(n, 1, 2)",
                              "cast(s as signed)"}) {
            INFO(e);
            CHECK(leads(server, "", e));
            CHECK(leads(server, "STRICT_ALL_TABLES", e));
        }
        for (const char* e : {"if(a > 1, n, a)",
                              "ifnull(n, m)",
                              "a div 2",
                              "case when a > 1 then a end",
                              "year(d)",
                              "cast(s as date)",
                              "greatest(a, n)",
                              "nullif(a, 1)"}) {
            INFO(e);
            CHECK_FALSE(leads(server, "", e));
        }
        for (const char* e :
             {"upper(s)", "concat(s, s)", "left(s, 2)", "cast(a as char(5))", "hex(a)"}) {
            INFO(e);
            CHECK(leads(server, "", e));
            CHECK_FALSE(leads(server, "STRICT_TRANS_TABLES", e));
        }
    }
    CHECK(leads(mysql_8, "", "from_days(a)"));
    CHECK_FALSE(leads(mysql_9, "", "from_days(a)"));
}

TEST_CASE("MariaDB drops a check together with the last of its columns", "[schema]") {
    for (const server_kind& server : {mariadb_10_2, mariadb_11_8}) {
        const std::string make =
            "CREATE TABLE t (a INT, b INT, c INT, CHECK (a > b), CHECK (c > 0))";
        const std::string text = after(server, {make, "ALTER TABLE t DROP a, DROP b"});
        CHECK(has(text, "CHECK (`c` > 0)"));
        CHECK_FALSE(has(text, "`a`"));
        CHECK_FALSE(
            has(after(server, {make, "ALTER TABLE t DROP a, DROP b, ADD a CHAR(3)"}), "`a` >"));
    }
}

TEST_CASE("MariaDB forgets USING HASH of a unique key only where it makes the table anew",
          "[schema]") {
    const std::string make =
        "CREATE TABLE t (id VARCHAR(30) PRIMARY KEY, UNIQUE KEY u (id) USING HASH)";
    for (const char* kept : {"ALTER TABLE t RENAME t",
                             "ALTER TABLE t DISABLE KEYS",
                             "ALTER TABLE t ALGORITHM=COPY",
                             "ALTER TABLE t"}) {
        INFO(kept);
        CHECK(has(after(mariadb_10_11, {make, kept}), "USING HASH"));
    }
    for (const char* lost : {"ALTER TABLE t DISABLE KEYS, ALGORITHM=COPY",
                             "ALTER TABLE t COMMENT 'x'",
                             "ALTER TABLE t FORCE"}) {
        INFO(lost);
        CHECK_FALSE(has(after(mariadb_10_11, {make, lost}), "USING HASH"));
    }
}

TEST_CASE("names in brackets under sql_mode=MSSQL, DATETIME for TIMESTAMP under MAXDB",
          "[schema]") {
    const std::string text =
        after(mariadb_10_11,
              {"SET sql_mode='MSSQL'",
               "CREATE TABLE [t] ([a b] INT, [c]]d] INT DEFAULT 5, KEY [i x] ([a b]))",
               "ALTER TABLE [d].[t] ADD [key] INT AFTER [a b], DROP [c]]d]"});
    CHECK(
        has(text,
            "  `a b` int(11) DEFAULT NULL,\n  `key` int(11) DEFAULT NULL,\n  KEY `i x` (`a b`)\n"));
    for (const server_kind& server : {mysql_5_6, mariadb_10_2, mariadb_11_8}) {
        CHECK(has(after(server, {"SET sql_mode='MAXDB'", "CREATE TABLE t (a TIMESTAMP(3))"}),
                  "`a` datetime(3) DEFAULT NULL"));
    }
}

TEST_CASE("YEAR(2) stays on MariaDB and is YEAR(4) on MySQL", "[schema]") {
    const std::string make =
        "CREATE TABLE t (a YEAR(2) NOT NULL DEFAULT 5, b YEAR(2) DEFAULT '1999', c YEAR(2) "
        "UNSIGNED ZEROFILL)";
    const std::string text = after(mariadb_11_8, {make});
    CHECK(has(text, "`a` year(2) NOT NULL DEFAULT 05"));
    CHECK(has(text, "`b` year(2) DEFAULT 99"));
    CHECK(has(text, "`c` year(2) DEFAULT NULL"));
    CHECK(has(after(mysql_5_6, {make}), "`c` year(4) DEFAULT NULL"));
    const auto read = schema::table_from_show_create(text, mariadb_11_8, "d");
    REQUIRE(read.has_value());
    CHECK(schema::print_create_table(*read, mariadb_11_8) == text);
    CHECK(read->columns.front().length == 2U);
    // A target without YEAR(2) gets the whole year: the number 00 would be 0000 there.
    const auto zero = schema::table_from_show_create(
        "CREATE TABLE `t` (\n  `a` year(2) DEFAULT 00,\n  `b` year(2) DEFAULT 99\n) ENGINE=InnoDB",
        mariadb_11_8,
        "d");
    REQUIRE(zero.has_value());
    schema::target_facts tidb;
    tidb.dialect = target_dialect::tidb;
    tidb.version = {8, 5, 4};
    const auto created = schema::create_for_target(*zero, mariadb_11_8, tidb);
    CHECK(has(created.statement, "2000"));
    CHECK(has(created.statement, "1999"));
}

TEST_CASE("UNION of MERGE tables", "[schema]") {
    const std::vector<std::string> all{"CREATE TABLE m1 (a INT) ENGINE=MyISAM",
                                       "CREATE TABLE t (a INT) ENGINE=MERGE UNION=(m1, d.m1, "
                                       "other.m2) INSERT_METHOD=LAST COMMENT='c'"};
    CHECK(
        has(after(mysql_8, all), " INSERT_METHOD=LAST UNION=(`m1`,`m1`,`other`.`m2`) COMMENT='c'"));
    CHECK_FALSE(has(after(mysql_8, {"CREATE TABLE t (a INT) UNION=(m1)"}), "UNION"));
}

TEST_CASE("partitions that ALTER TABLE makes and takes", "[schema]") {
    const std::string make =
        "CREATE TABLE t (a INT, d INT NOT NULL) PARTITION BY RANGE (d) (PARTITION p0 VALUES LESS "
        "THAN (10), PARTITION p1 VALUES LESS THAN (20))";
    SECTION("CONVERT PARTITION makes a table, CONVERT TABLE takes it up") {
        CHECK(has(after(mariadb_11_8,
                        {make,
                         "ALTER TABLE t RENAME whole",
                         "ALTER TABLE whole CONVERT PARTITION p0 TO TABLE t"}),
                  "`d` int(11) NOT NULL\n) ENGINE=InnoDB"));
        CHECK(after(mariadb_11_8,
                    {"CREATE TABLE t (a INT, d INT NOT NULL)",
                     "CREATE TABLE w (a INT, d INT NOT NULL) PARTITION BY RANGE (d) (PARTITION p0 "
                     "VALUES LESS THAN (10))",
                     "ALTER TABLE w CONVERT TABLE t TO PARTITION p1 VALUES LESS THAN (20)"}) ==
              "no such table");
    }
    SECTION("ADD PARTITION IF NOT EXISTS of one that is there") {
        const std::string text = after(
            mariadb_10_2,
            {make,
             "ALTER TABLE t ADD PARTITION IF NOT EXISTS (PARTITION p1 VALUES LESS THAN (50))"});
        CHECK(has(text, "LESS THAN (20)"));
        CHECK_FALSE(has(text, "50"));
    }
    SECTION("HISTORY before CURRENT") {
        const std::string text =
            after(mariadb_10_5,
                  {"CREATE TABLE t (a INT) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT "
                   "10 (PARTITION p0 HISTORY, PARTITION pc CURRENT)",
                   "ALTER TABLE t ADD PARTITION (PARTITION p1 HISTORY)"});
        CHECK(text.find("`p1` HISTORY") < text.find("`pc` CURRENT"));
    }
}

TEST_CASE("options and attributes as the servers show them", "[schema]") {
    CHECK(has(after(mysql_9, {"CREATE TABLE t (a INT) TABLE_CHECKSUM=1"}), " CHECKSUM=1"));
    CHECK_FALSE(has(after(mariadb_10_2,
                          {"CREATE TABLE t (a INT) CHECKSUM=1", "ALTER TABLE t TABLE_CHECKSUM=0"}),
                    "CHECKSUM"));
    CHECK(has(after(mysql_8,
                    {"CREATE TABLE t (j JSON, KEY k ((CAST(j->'$.a' AS DECIMAL(10,2) ARRAY))), KEY "
                     "m ((CAST(j->'$.b' AS DECIMAL ARRAY))))"}),
              "as decimal(10, 2) array))),\n  KEY `m` ((cast(json_extract(`j`,_utf8mb4'$.b') as "
              "decimal(10, 0) array)))"));
    CHECK(has(after(mysql_9, {"CREATE TABLE t (a INT, KEY k USING HASH (a)) ENGINE=MyISAM"}),
              "KEY `k` (`a`)\n"));
    const std::string packed = "CREATE TABLE t (a BLOB COMPRESSED NOT NULL)";
    CHECK(has(after(mariadb_10_11, {packed}),
              "`a` blob /*M!100301 COMPRESSED*/ NOT NULL DEFAULT ''"));
    CHECK(
        has(after(mariadb_10_5, {packed}), "`a` blob /*!100301 COMPRESSED*/ NOT NULL DEFAULT ''"));
    CHECK_FALSE(
        has(after(mariadb_10_11, {packed, "ALTER TABLE t ALTER a DROP DEFAULT"}), "DEFAULT ''"));
    CHECK(has(after(mariadb_10_5,
                    {"CREATE TABLE t (a INT PRIMARY KEY, b DATETIME DEFAULT NULL ON UPDATE NOW())",
                     "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a, b)"}),
              "`b` datetime NOT NULL DEFAULT '0000-00-00 00:00:00' ON UPDATE current_timestamp()"));
    CHECK(has(after(mariadb_11_8,
                    {"CREATE TABLE t (a DATE, b DATE)",
                     "ALTER TABLE t ADD PERIOD IF NOT EXISTS FOR p(a, b)",
                     "ALTER TABLE t ADD PERIOD IF NOT EXISTS FOR p(a, b)"}),
              "PERIOD FOR `p` (`a`, `b`)"));
    CHECK_FALSE(has(after(mariadb_11_8,
                          {"CREATE TABLE t (a DATE, b DATE, PERIOD FOR p(a, b))",
                           "ALTER TABLE t DROP PERIOD IF EXISTS FOR p"}),
                    "PERIOD"));
}

TEST_CASE("what the grammar's rare words mean", "[schema]") {
    CHECK(has(after(mysql_9, {"CREATE TABLE t (s VARCHAR(9), e INT AS (NOT s SOUNDS LIKE 'x'))"}),
              "(soundex(`s`) <> soundex(_utf8mb4'x'))"));
    CHECK(has(after(mysql_8, {"CREATE TABLE t (a INT) AUTOEXTEND_SIZE=4M"}),
              ") /*!80023 AUTOEXTEND_SIZE=4194304 */ ENGINE=InnoDB"));
    CHECK(has(after(mysql_8, {"CREATE TABLE t (a INT) MAX_ROWS=4294967296"}),
              " MAX_ROWS=4294967295"));
    CHECK(has(after(mariadb_11_8,
                    {"CREATE TABLE t (v VECTOR(3) NOT NULL)", "ALTER TABLE t ADD VECTOR (v)"}),
              "VECTOR KEY `v` (`v`)"));
    CHECK(has(after(mariadb_10_5,
                    {"CREATE TABLE t (a mariadb_schema.datetime(3), b oracle_schema.date)"}),
              "`a` datetime(3) DEFAULT NULL,\n  `b` datetime DEFAULT NULL"));
    const std::string hashed = after(mariadb_11_8,
                                     {"CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 3",
                                      "ALTER TABLE t REORGANIZE PARTITION p0 INTO (PARTITION z)"});
    CHECK(has(hashed, "PARTITION `z` ENGINE = InnoDB,\n PARTITION `p1`"));
    CHECK(has(hashed, "PARTITION `p2`"));
    const std::vector<std::string> summed{"CREATE TABLE t (a INT) PAGE_CHECKSUM=1"};
    CHECK(has(after(mariadb_10_2, summed), " PAGE_CHECKSUM=1"));
    CHECK_FALSE(has(after(mariadb_10_2, {summed[0], "ALTER TABLE t ADD b INT"}), "PAGE_CHECKSUM"));
}
