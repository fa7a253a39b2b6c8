// What statements count as for event filters, and what the names of the filters promise.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sync/ddl_kinds.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <string_view>

using namespace dmlib;

namespace {

/// A statement and all the kinds that it counts as, itself and its parts; "other" where the rules
/// have no name for a part.
struct told_statement {
    std::string_view text;
    std::set<std::string_view> kinds;
    flavor server = flavor::mysql;
    std::string_view table{};  ///< its definition where it is known
};

// Among them what every name of a filter asks for, so that a kind that is told apart from now on
// shows here. What definitions tell is in ddl_parts_test.cpp; here is one statement of each kind.
const told_statement told_statements[] = {
    {"CREATE DATABASE d", {"create database"}},
    {"CREATE SCHEMA d CHARACTER SET utf8mb4", {"create database"}},
    {"DROP DATABASE d", {"drop database"}},
    {"DROP SCHEMA IF EXISTS d", {"drop database"}},
    {"ALTER DATABASE d CHARACTER SET latin1",
     {"alter database", "modify schema charset and collate"}},
    {"ALTER DATABASE d COLLATE latin1_bin",
     {"alter database", "modify schema charset and collate"}},
    {"ALTER DATABASE d COMMENT 'x'", {"alter database"}, flavor::mariadb},
    {"CREATE TABLE t (a int)", {"create table"}},
    {"CREATE TABLE t LIKE u", {"create table"}},
    {"CREATE TABLE t SELECT 1 AS a", {"create table"}},
    {"CREATE OR REPLACE TABLE t (a int)", {"create table"}, flavor::mariadb},
    {"CREATE SEQUENCE s", {"create table"}, flavor::mariadb},
    {"DROP TABLE t, u", {"drop table"}},
    {"DROP SEQUENCE s", {"drop table"}, flavor::mariadb},
    {"TRUNCATE t", {"truncate table"}},
    {"TRUNCATE TABLE t", {"truncate table"}},
    {"RENAME TABLE t TO u, v TO w", {"rename table"}},
    {"CREATE INDEX k ON t (a)", {"create index"}},
    {"CREATE UNIQUE INDEX k ON t (a)", {"create index", "modify constraint"}},
    {"CREATE FULLTEXT INDEX k ON t (a)", {"create index"}},
    {"DROP INDEX k ON t", {"drop index"}},
    {"CREATE VIEW v AS SELECT 1", {"create view"}},
    {"CREATE OR REPLACE VIEW v AS SELECT 1", {"create view"}},
    {"DROP VIEW v", {"drop view"}},
    {"ALTER TABLE t", {"alter table"}},
    {"ALTER SEQUENCE s RESTART 5", {"alter table"}, flavor::mariadb},
    // columns
    {"ALTER TABLE t ADD COLUMN a int", {"alter table", "add column"}},
    {"ALTER TABLE t ADD a int FIRST", {"alter table", "add column"}},
    {"ALTER TABLE t ADD (a int, b int)", {"alter table", "add column"}},
    {"ALTER TABLE t DROP COLUMN a", {"alter table", "drop column"}},
    {"ALTER TABLE t MODIFY a int", {"alter table", "modify column"}},
    {"ALTER TABLE t MODIFY a tinyint", {"alter table", "modify column"}},
    {"ALTER TABLE t MODIFY a decimal(4,1)", {"alter table", "modify column"}},
    {"ALTER TABLE t MODIFY a varchar(9) CHARACTER SET latin1", {"alter table", "modify column"}},
    {"ALTER TABLE t MODIFY a varchar(9) COLLATE utf8mb4_bin", {"alter table", "modify column"}},
    {"ALTER TABLE t MODIFY a int NOT NULL", {"alter table", "modify column"}},
    {"ALTER TABLE t MODIFY a int AFTER b", {"alter table", "modify columns order"}},
    {"ALTER TABLE t CHANGE a a bigint", {"alter table", "modify column"}},
    {"ALTER TABLE t CHANGE a b bigint", {"alter table", "rename column"}},
    {"ALTER TABLE t RENAME COLUMN a TO b", {"alter table", "rename column"}},
    {"ALTER TABLE t ALTER a SET DEFAULT 5",
     {"alter table", "set default value", "modify default value"}},
    {"ALTER TABLE t ALTER a DROP DEFAULT",
     {"alter table", "set default value", "modify default value"}},
    // keys and constraints
    {"ALTER TABLE t ADD PRIMARY KEY (a)", {"alter table", "add primary key", "modify constraint"}},
    {"ALTER TABLE t DROP PRIMARY KEY", {"alter table", "drop primary key"}},
    {"ALTER TABLE t ADD KEY k (a)", {"alter table", "create index"}},
    {"ALTER TABLE t ADD UNIQUE k (a)", {"alter table", "create index", "modify constraint"}},
    {"ALTER TABLE t DROP INDEX k", {"alter table", "drop index"}},
    {"ALTER TABLE t RENAME INDEX k TO l", {"alter table", "rename index"}},
    {"ALTER TABLE t ALTER INDEX k INVISIBLE", {"alter table", "alter index visibility"}},
    {"ALTER TABLE t ALTER INDEX k IGNORED",
     {"alter table", "alter index visibility"},
     flavor::mariadb},
    {"ALTER TABLE t ADD FOREIGN KEY f (a) REFERENCES u (a)",
     {"alter table", "add foreign key", "modify constraint"}},
    {"ALTER TABLE t DROP FOREIGN KEY f", {"alter table", "drop foreign key"}},
    {"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1)", {"alter table", "modify constraint"}},
    {"ALTER TABLE t DROP CONSTRAINT c", {"alter table", "modify constraint"}},
    {"ALTER TABLE t ALTER CHECK c NOT ENFORCED", {"alter table", "modify constraint"}},
    // the table itself
    {"ALTER TABLE t RENAME TO u", {"alter table", "rename table"}},
    {"ALTER TABLE t CONVERT TO CHARACTER SET latin1",
     {"alter table", "modify table charset and collate", "modify charset"}},
    {"ALTER TABLE t CHARACTER SET latin1",
     {"alter table", "modify table charset and collate", "modify charset"}},
    {"ALTER TABLE t COLLATE latin1_bin",
     {"alter table", "modify table charset and collate", "modify collation"}},
    {"ALTER TABLE t COMMENT 'x'", {"alter table", "modify table comment"}},
    {"ALTER TABLE t ENGINE InnoDB", {"alter table", "modify storage engine"}},
    {"ALTER TABLE t AUTO_INCREMENT 7", {"alter table", "rebase auto id"}},
    {"ALTER TABLE t ADD a int, DROP COLUMN b",
     {"alter table", "add column", "drop column", "multi schema change"}},
    {"ALTER TABLE t ADD a int, ALGORITHM=INPLACE, LOCK=NONE", {"alter table", "add column"}},
    // partitions
    {"ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (9))",
     {"alter table", "add table partition"}},
    {"ALTER TABLE t DROP PARTITION p", {"alter table", "drop table partition"}},
    {"ALTER TABLE t TRUNCATE PARTITION p", {"alter table", "truncate table partition"}},
    {"ALTER TABLE t TRUNCATE PARTITION ALL", {"alter table", "truncate table partition"}},
    {"ALTER TABLE t REORGANIZE PARTITION p INTO (PARTITION q VALUES LESS THAN (9))",
     {"alter table", "reorganize table partition"}},
    {"ALTER TABLE t REORGANIZE PARTITION p INTO (PARTITION q VALUES LESS THAN (9), PARTITION r "
     "VALUES LESS THAN (19))",
     {"alter table", "reorganize table partition", "split table partition"}},
    {"ALTER TABLE t REBUILD PARTITION p", {"alter table", "rebuild table partition"}},
    {"ALTER TABLE t COALESCE PARTITION 2", {"alter table", "coalesce table partition"}},
    {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u",
     {"alter table", "exchange table partition"}},
    {"ALTER TABLE t PARTITION BY HASH (a) PARTITIONS 4",
     {"alter table", "alter table partitioning"}},
    {"ALTER TABLE t REMOVE PARTITIONING", {"alter table", "remove table partitioning"}},
    {"ALTER TABLE t OPTIMIZE PARTITION p", {"alter table", "other"}},
    // what only definitions tell
    {"ALTER TABLE d.t MODIFY a varchar(9)",
     {"alter table", "value range decrease"},
     flavor::mysql,
     "CREATE TABLE t (a varchar(10))"},
    {"ALTER TABLE d.t MODIFY a decimal(10,1)",
     {"alter table", "precision decrease"},
     flavor::mysql,
     "CREATE TABLE t (a decimal(9,2))"},
    {"ALTER TABLE d.t MODIFY a int NOT NULL",
     {"alter table", "remove auto increment"},
     flavor::mysql,
     "CREATE TABLE t (a int NOT NULL AUTO_INCREMENT, PRIMARY KEY (a))"},
    {"ALTER TABLE d.t DROP KEY k",
     {"alter table", "drop index", "drop unique key"},
     flavor::mysql,
     "CREATE TABLE t (a int, UNIQUE KEY k (a))"},
    {"DROP INDEX k ON d.t",
     {"drop index", "drop unique key"},
     flavor::mysql,
     "CREATE TABLE t (a int, UNIQUE KEY k (a))"},
};

sql::statement parsed(const told_statement& s) {
    sql::parse_options options;
    options.flavor = s.server;
    if (s.server == flavor::mariadb) options.version = {11, 4, 2};
    auto out = sql::parse_statement(s.text, options);
    INFO(s.text);
    REQUIRE(out.has_value());
    return std::move(*out);
}

std::set<event_kind> kinds_of(const told_statement& told) {
    const sql::statement s = parsed(told);
    schema::catalog known;
    schema::resolve_options options;
    options.server = {told.server, {8, 0, 36}};
    if (!told.table.empty()) {
        auto table = schema::table_from_show_create(told.table, options.server, "d");
        REQUIRE(table.has_value());
        known.put(std::move(*table));
    }
    std::set<event_kind> out{sync::kind_of(s)};
    for (const ddl_part& part : sync::parts_of(s, known, options))
        out.insert(part.kinds.begin(), part.kinds.end());
    return out;
}

}  // namespace

TEST_CASE("what statements count as for event filters") {
    for (const told_statement& s : told_statements) {
        std::set<std::string_view> names;
        for (const event_kind kind : kinds_of(s)) names.insert(to_text(kind));
        INFO(s.text);
        CHECK(names == s.kinds);
    }
}

TEST_CASE("is_told_apart says yes to exactly the kinds that statements count as") {
    std::set<event_kind> seen;
    for (const told_statement& s : told_statements) seen.merge(kinds_of(s));
    for (std::size_t i = 0; i < event_kind_count; ++i) {
        const auto kind = static_cast<event_kind>(i);
        if (!is_ddl(kind)) continue;  // rows, and what has no name
        INFO(to_text(kind));
        CHECK(is_told_apart(kind) == seen.contains(kind));
    }
}
