// What a statement does to a table, told by the table's definitions before and after it.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sync/ddl_kinds.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace dmlib;
using names = std::vector<std::string_view>;

namespace {

schema::table table_of(std::string_view columns, const server_kind& server) {
    auto out = schema::table_from_show_create(
        "CREATE TABLE `t` (" + std::string(columns) + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
        server,
        "d");
    INFO(columns);
    REQUIRE(out.has_value());
    return std::move(*out);
}

std::vector<ddl_part> parts_with(std::string_view columns,
                                 const std::string& change,
                                 flavor f = flavor::mysql) {
    const server_kind server =
        f == flavor::mysql ? server_kind{f, {8, 0, 36}} : server_kind{f, {10, 11, 8}};
    sql::parse_options how;
    how.flavor = f;
    how.version = server.version;
    // "ALTER TABLE d.t" is left out of most statements.
    const bool whole = change.starts_with("CREATE ") || change.starts_with("DROP INDEX ");
    auto s = sql::parse_statement(whole ? change : "ALTER TABLE d.t " + change, how);
    INFO(change);
    REQUIRE(s.has_value());
    schema::catalog known;
    known.put(table_of(columns, server));
    schema::resolve_options options;
    options.server = server;
    options.default_schema = "d";
    return sync::parts_of(*s, known, options);
}

names texts(const std::vector<event_kind>& kinds) {
    names out;
    for (const event_kind k : kinds) out.push_back(to_text(k));
    return out;
}

/// A column's definition, what it becomes, and what that counts as: "other" is only alter table.
struct changed_column {
    std::string_view from;
    std::string_view to;
    names kinds;
    names also{};
};

const changed_column changed_columns[] = {
    // integers: what does not fit any more
    {"int", "bigint", {"other"}},
    {"int", "int", {"other"}},
    {"int(11)", "int(5)", {"other"}},
    {"int", "int NOT NULL", {"other"}},
    {"int", "int COMMENT 'x'", {"other"}},
    {"tinyint", "int", {"other"}},
    {"bigint", "int", {"value range decrease"}},
    {"mediumint", "smallint", {"value range decrease"}},
    {"int", "int unsigned", {"value range decrease", "precision decrease"}},
    {"int unsigned", "int", {"value range decrease", "precision decrease"}},
    {"int unsigned", "bigint", {"other"}},
    {"int", "bigint unsigned", {"value range decrease"}},
    {"int unsigned", "bigint unsigned", {"other"}},
    {"bigint unsigned", "bigint", {"value range decrease", "precision decrease"}},
    // DECIMAL: digits before and behind the point
    {"decimal(10,2)", "decimal(10,2)", {"other"}},
    {"decimal(10,2)", "decimal(12,2)", {"other"}},
    {"decimal(10,2)", "decimal(12,4)", {"other"}},
    {"decimal(10,2)", "decimal(10,1)", {"precision decrease"}},
    {"decimal(10,2)", "decimal(9,1)", {"precision decrease"}},
    {"decimal(10,2)", "decimal(8,2)", {"value range decrease", "precision decrease"}},
    {"decimal(10,2)", "decimal(10,3)", {"value range decrease", "precision decrease"}},
    {"decimal(10,2)", "decimal(5,1)", {"precision decrease", "value range decrease"}},
    {"decimal(10,2)", "decimal(10,2) unsigned", {"value range decrease", "precision decrease"}},
    {"decimal(10,2) unsigned", "decimal(10,2)", {"other"}},
    {"decimal(10,0)", "decimal", {"other"}},
    // FLOAT and DOUBLE
    {"double", "double", {"other"}},
    {"double(10,4)", "double", {"other"}},
    {"double", "double(10,4)", {"precision decrease", "value range decrease"}},
    {"double(10,4)", "double(10,2)", {"precision decrease", "value range decrease"}},
    {"double(10,4)", "double(8,4)", {"value range decrease"}},
    {"double", "float", {"modify column", "precision decrease"}},
    {"float", "double", {"modify column"}},
    {"float", "float unsigned", {"value range decrease"}},
    // texts and bytes
    {"varchar(20)", "varchar(10)", {"value range decrease"}},
    {"varchar(10)", "varchar(20)", {"other"}},
    {"varchar(20)", "varchar(20)", {"other"}},
    {"char(20)", "char(10)", {"value range decrease"}},
    {"char(10)", "char(20)", {"other"}},
    {"char(10)", "varchar(20)", {"modify column"}},
    {"varchar(20)", "char(10)", {"modify column", "value range decrease"}},
    {"varchar(100)", "text", {"other"}},
    {"varchar(100)", "tinytext", {"modify column", "value range decrease"}},
    {"text", "varchar(100)", {"modify column", "value range decrease"}},
    {"text", "longtext", {"other"}},
    {"longtext", "text", {"modify column", "value range decrease"}},
    {"varbinary(20)", "varbinary(10)", {"value range decrease"}},
    {"varbinary(10)", "varbinary(20)", {"other"}},
    {"varbinary(255)", "tinyblob", {"other"}},
    {"varbinary(256)", "tinyblob", {"modify column", "value range decrease"}},
    {"binary(4)", "binary(2)", {"value range decrease", "precision decrease"}},
    {"binary(2)", "binary(4)", {"modify column"}},
    {"binary(4)", "varbinary(4)", {"modify column"}},
    {"blob", "mediumblob", {"other"}},
    {"mediumblob", "blob", {"modify column", "value range decrease"}},
    {"varchar(10)", "varbinary(40)", {"modify column", "modify charset"}},
    {"blob", "text", {"modify column", "modify charset"}},
    // other types
    {"int", "varchar(20)", {"modify column"}},
    {"varchar(20)", "int", {"modify column"}},
    {"int", "decimal(20,0)", {"modify column"}},
    {"decimal(20,0)", "bigint", {"modify column"}},
    {"varchar(20)", "json", {"modify column"}},
    {"datetime", "timestamp NULL", {"modify column"}},
    {"datetime", "date", {"modify column"}},
    {"datetime(6)", "datetime(3)", {"precision decrease", "value range decrease"}},
    {"datetime(3)", "datetime(6)", {"other"}},
    {"time(2)", "time", {"precision decrease", "value range decrease"}},
    {"bit(8)", "bit(4)", {"value range decrease"}},
    {"bit(4)", "bit(8)", {"other"}},
    {"enum('a','b')", "enum('a','b','c')", {"other"}},
    {"enum('a','b')", "enum('a')", {"value range decrease"}},
    {"enum('a','b')", "enum('a','c')", {"value range decrease"}},
    {"enum('a','b')", "enum('b','a')", {"modify column", "value range decrease"}},
    {"enum('a','b')", "enum('x','a','b')", {"modify column", "value range decrease"}},
    {"set('a','b')", "set('a','b','c')", {"other"}},
    {"set('a','b')", "set('b')", {"value range decrease"}},
    {"enum('a','b')", "set('a','b')", {"modify column"}},
    // defaults
    {"int DEFAULT '1'", "int DEFAULT '1'", {"other"}},
    {"int DEFAULT '1'", "int DEFAULT 1", {"other"}},
    {"int DEFAULT '1'", "int DEFAULT 2", {"modify default value"}},
    {"int DEFAULT '1'", "int", {"modify default value"}},
    {"int DEFAULT NULL", "int NOT NULL", {"other"}},
    {"int NOT NULL", "int", {"other"}},
    {"int NOT NULL DEFAULT '1'", "int NOT NULL", {"modify default value"}},
    {"varchar(9) DEFAULT 'v1.0'", "varchar(9) DEFAULT 'v1.00'", {"modify default value"}},
    {"decimal(9,2) DEFAULT '0.00'", "decimal(9,1) DEFAULT 0", {"precision decrease"}},
    {"datetime(6) DEFAULT CURRENT_TIMESTAMP(6)",
     "datetime(3) DEFAULT CURRENT_TIMESTAMP(3)",
     {"precision decrease", "value range decrease"}},
    {"datetime DEFAULT CURRENT_TIMESTAMP", "datetime", {"modify default value"}},
    {"varchar(20) DEFAULT 'a'", "varchar(10)", {"value range decrease"}, {"modify default value"}},
    {"int DEFAULT '1'", "bigint DEFAULT 2", {"modify default value"}},
    // charset and collation
    {"varchar(9)", "varchar(9) CHARACTER SET latin1", {"modify charset"}, {"modify collation"}},
    {"varchar(9) CHARACTER SET latin1", "varchar(9)", {"modify charset"}, {"modify collation"}},
    {"varchar(9)", "varchar(9) COLLATE utf8mb4_bin", {"modify collation"}},
    {"varchar(9) COLLATE utf8mb4_bin", "varchar(9) COLLATE utf8mb4_bin", {"other"}},
    {"varchar(9)",
     "varchar(5) CHARACTER SET latin1",
     {"value range decrease"},
     {"modify charset", "modify collation"}},
    {"int", "varchar(9) CHARACTER SET latin1", {"modify column"}},
};

}  // namespace

TEST_CASE("what a column's new type, default and collation count as") {
    for (const changed_column& c : changed_columns) {
        for (const std::string verb : {"MODIFY a ", "CHANGE a a "}) {
            const auto parts =
                parts_with("`x` int, `a` " + std::string(c.from), verb + std::string(c.to));
            INFO(c.from << " -> " << verb << c.to);
            REQUIRE(parts.size() == 1);
            CHECK(texts(parts[0].kinds) == c.kinds);
            CHECK(texts(parts[0].also) == c.also);
        }
    }
}

namespace {

/// A table's columns and keys, a statement, and what each of its changes counts as.
struct changed_table {
    std::string_view columns;
    std::string change;
    std::vector<names> kinds;
    names also{};  ///< of all
    flavor server = flavor::mysql;
};

const changed_table changed_tables[] = {
    // AUTO_INCREMENT
    {"`a` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`a`)",
     "MODIFY a int NOT NULL",
     {{"remove auto increment"}}},
    {"`a` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`a`)",
     "MODIFY a bigint NOT NULL AUTO_INCREMENT",
     {{"other"}}},
    {"`a` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`a`)",
     "MODIFY a smallint NOT NULL",
     {{"value range decrease"}},
     {"remove auto increment"}},
    {"`a` int NOT NULL, PRIMARY KEY (`a`)", "MODIFY a int NOT NULL AUTO_INCREMENT", {{"other"}}},
    {"`a` int NOT NULL, UNIQUE KEY `k` (`a`)", "MODIFY a int NOT NULL", {{"other"}}},
    // places and names
    {"`a` int, `b` int, `c` int", "MODIFY c int FIRST", {{"modify columns order"}}},
    {"`a` int, `b` int, `c` int", "MODIFY c int AFTER a", {{"modify columns order"}}},
    {"`a` int, `b` int, `c` int", "MODIFY b int AFTER a", {{"other"}}},
    {"`a` int, `b` int, `c` int", "MODIFY a int FIRST", {{"other"}}},
    {"`a` int, `b` int, `c` int", "MODIFY c bigint FIRST", {{"modify columns order"}}},
    {"`a` int, `b` int, `c` int",
     "MODIFY c smallint FIRST",
     {{"value range decrease"}},
     {"modify columns order"}},
    {"`a` int, `b` int",
     "ADD x int AFTER a, MODIFY b int AFTER x",
     {{"add column", "multi schema change"}, {"other", "multi schema change"}}},
    {"`a` int, `b` int", "CHANGE a x int", {{"rename column"}}},
    {"`a` int, `b` int", "CHANGE a A int", {{"other"}}},
    {"`a` int, `b` int", "CHANGE a x int AFTER b", {{"modify columns order"}}, {"rename column"}},
    {"`a` int, `b` int", "CHANGE a x smallint", {{"value range decrease"}}, {"rename column"}},
    {"`a` int, `b` int", "CHANGE a x int DEFAULT 1", {{"modify default value"}}, {"rename column"}},
    {"`a` int, `b` varchar(9)",
     "CHANGE a b int, CHANGE b a varchar(5)",
     {{"rename column", "multi schema change"}, {"value range decrease", "multi schema change"}},
     {"rename column"}},
    {"`a` int, `b` int",
     "MODIFY a smallint, RENAME TO d.u",
     {{"value range decrease", "multi schema change"}, {"rename table", "multi schema change"}}},
    // keys
    {"`a` int, UNIQUE KEY `k` (`a`)", "DROP KEY k", {{"drop unique key", "drop index"}}},
    {"`a` int, KEY `k` (`a`)", "DROP KEY k", {{"drop index"}}},
    {"`a` int, KEY `k` (`a`)", "DROP KEY K", {{"drop index"}}},
    {"`a` int, UNIQUE KEY `k` (`a`)", "DROP INDEX k ON d.t", {{"drop unique key", "drop index"}}},
    {"`a` int, KEY `k` (`a`)", "DROP INDEX k ON d.t", {}},
    {"`a` int NOT NULL, PRIMARY KEY (`a`)", "DROP PRIMARY KEY", {{"drop primary key"}}},
    {"`a` int NOT NULL, PRIMARY KEY (`a`)",
     "DROP INDEX `PRIMARY` ON d.t",
     {{"drop primary key", "drop index"}}},
    {"`a` int NOT NULL, PRIMARY KEY (`a`)",
     "DROP PRIMARY KEY, ADD PRIMARY KEY (a)",
     {{"drop primary key", "multi schema change"},
      {"add primary key", "modify constraint", "multi schema change"}}},
    {"`a` int, UNIQUE KEY `k` (`a`)",
     "DROP CONSTRAINT k",
     {{"modify constraint", "drop unique key", "drop index"}}},
    {"`a` int, CONSTRAINT `c` CHECK ((`a` > 1))", "DROP CONSTRAINT c", {{"modify constraint"}}},
    {"`a` int, `b` int, UNIQUE KEY `k` (`a`)",
     "DROP COLUMN a",
     {{"drop column"}},
     {"drop unique key"}},
    {"`a` int, `b` int, UNIQUE KEY `k` (`a`,`b`)", "DROP COLUMN a", {{"drop column"}}},
    {"`a` int, `b` int, KEY `k` (`a`)", "DROP COLUMN a", {{"drop column"}}},
    {"`a` int", "ADD x int UNIQUE", {{"add column"}}, {"create index", "modify constraint"}},
    {"`a` int",
     "ADD (x int, y int, UNIQUE (x), CHECK (y > 1))",
     {{"add column"}, {"create index", "modify constraint"}, {"modify constraint"}}},
    // the table
    {"`a` int",
     "ENGINE=MyISAM COMMENT='x' AUTO_INCREMENT=5",
     {{"modify storage engine"}, {"modify table comment"}, {"rebase auto id"}}},
    {"`a` int",
     "DEFAULT CHARSET=latin1 COLLATE=latin1_bin",
     {{"modify table charset and collate", "modify charset", "modify collation"}}},
    {"`a` int",
     "CONVERT TO CHARACTER SET latin1",
     {{"modify table charset and collate", "modify charset"}},
     {"modify collation"}},
    {"`a` int", "ADD x int, ALGORITHM=INPLACE, LOCK=NONE", {{"add column"}}},
    {"`a` int", "ALGORITHM=INPLACE", {}},
    {"`a` int", "ALTER a SET INVISIBLE", {{"other"}}},
    // what MariaDB replaces
    {"`a` int",
     "CREATE OR REPLACE TABLE d.t (b int)",
     {{"create table"}},
     {"drop table"},
     flavor::mariadb},
    {"`a` int", "CREATE OR REPLACE TABLE d.fresh (b int)", {}, {}, flavor::mariadb},
    {"`a` int, UNIQUE KEY `k` (`a`)",
     "CREATE OR REPLACE INDEX k ON d.t (a)",
     {{"create index"}},
     {"drop unique key", "drop index"},
     flavor::mariadb},
    {"`a` int",
     "CREATE OR REPLACE DATABASE d",
     {{"create database"}},
     {"drop database"},
     flavor::mariadb},
    // nothing is said about what is not there
    {"`a` int", "MODIFY COLUMN IF EXISTS b int", {{"modify column"}}, {}, flavor::mariadb},
    {"`a` int", "MODIFY b int", {{"modify column"}}},
};

}  // namespace

TEST_CASE("what the changes of a statement count as, with the table's definition") {
    for (const changed_table& c : changed_tables) {
        const auto parts = parts_with(c.columns, c.change, c.server);
        std::vector<names> kinds;
        names also;
        for (const ddl_part& part : parts) {
            kinds.push_back(texts(part.kinds));
            for (const auto text : texts(part.also)) also.push_back(text);
        }
        INFO(c.columns << ": " << c.change);
        CHECK(kinds == c.kinds);
        CHECK(also == c.also);
    }
}

TEST_CASE("without a definition the words of MODIFY and CHANGE decide") {
    const auto parts = [](std::string_view text) {
        const auto s = sql::parse_statement(text, {});
        REQUIRE(s.has_value());
        CHECK(sync::parts_need_definition(*s));
        return sync::parts_of(*s);
    };
    using enum event_kind;
    CHECK(parts("ALTER TABLE t MODIFY a int") == std::vector<ddl_part>{modify_column});
    CHECK(parts("ALTER TABLE t MODIFY a int FIRST") ==
          std::vector<ddl_part>{ddl_part({modify_columns_order}, {modify_column})});
    CHECK(parts("ALTER TABLE t CHANGE a b int FIRST") ==
          std::vector<ddl_part>{ddl_part({rename_column}, {modify_columns_order, modify_column})});
    CHECK(parts("ALTER TABLE t DROP KEY k") == std::vector<ddl_part>{drop_index});
    for (const std::string_view text : {"ALTER TABLE t ADD a int", "CREATE TABLE t (a int)"}) {
        const auto s = sql::parse_statement(text, {});
        REQUIRE(s.has_value());
        CHECK_FALSE(sync::parts_need_definition(*s));
    }
}
