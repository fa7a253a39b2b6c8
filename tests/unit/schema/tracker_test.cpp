// The tracker: table maps against definitions, storing and loading, lower_case_table_names.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/tracker.hpp>
#include <dmlib/sql/parser.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace dmlib;

namespace {

const server_kind mysql_8{flavor::mysql, {8, 0, 33}};
const server_kind mariadb_10_11{flavor::mariadb, {10, 11, 19}};

/// A table map's body by the servers' layout, without optional metadata.
std::shared_ptr<const binlog::table_map> map_of(const std::string& table,
                                                const std::string& types,
                                                const std::string& metadata) {
    std::string body;
    const auto text = [&](const std::string& s) {
        body.push_back(static_cast<char>(s.size()));
        body += s;
        body.push_back('\0');
    };
    text("db");
    text(table);
    body.push_back(static_cast<char>(types.size()));
    body += types;
    body.push_back(static_cast<char>(metadata.size()));
    body += metadata;
    body += std::string((types.size() + 7) / 8, '\xff');
    auto map = binlog::table_map::parse(7, 1, as_bytes(body), flavor::mysql);
    REQUIRE(map.has_value());
    return *map;
}

schema::tracker tracker_with(const server_kind& server, const std::string& text) {
    schema::tracker t(server);
    REQUIRE(t.put_show_create("db", text).has_value());
    return t;
}

const char* const two =
    "CREATE TABLE `t` (\n  `a` int DEFAULT NULL,\n  `b` varchar(10) DEFAULT NULL\n) "
    "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci";

}  // namespace

TEST_CASE("a table map that fits gives each column its place", "[schema][tracker]") {
    const auto t = tracker_with(mysql_8, two);
    const auto checked = t.check(*map_of("t", {"\x03\x0f", 2}, {"\x28\x00", 2}));
    REQUIRE(checked.has_value());
    CHECK(checked->columns == std::vector<std::size_t>{0, 1});
}

TEST_CASE("another length, type or count is a mismatch that shows both sides",
          "[schema][tracker]") {
    const auto t = tracker_with(mysql_8, two);
    const auto longer = t.check(*map_of("t", {"\x03\x0f", 2}, {"\x50\x00", 2}));
    REQUIRE(longer.has_error());
    CHECK(longer.error().code() == errc::sync_schema_mismatch);
    CHECK(longer.error().message().find("`b` varchar(10)") != std::string::npos);
    CHECK(t.check(*map_of("t", {"\x08\x0f", 2}, {"\x28\x00", 2})).has_error());
    CHECK(t.check(*map_of("t", "\x03", "")).has_error());
    const auto unknown = t.check(*map_of("other", "\x03", ""));
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().code() == errc::sync_no_table);
}

TEST_CASE("MariaDB's hidden columns are expected behind the others", "[schema][tracker]") {
    const auto t = tracker_with(
        mariadb_10_11,
        "CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n  UNIQUE KEY `a` (`a`) USING HASH\n) "
        "ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci WITH SYSTEM VERSIONING");
    const auto found = t.definitions().find("db", "t");
    REQUIRE(found->columns.size() == 4);
    CHECK(found->columns[1].name == "row_start");
    CHECK(found->columns[3].name == "DB_ROW_HASH_1");
    CHECK(t.check(*map_of("t", {"\x03\x11\x11\x08", 4}, {"\x06\x06", 2})).has_value());
}

TEST_CASE("a tracker is stored and loaded", "[schema][tracker]") {
    const auto t = tracker_with(mysql_8, two);
    auto loaded = schema::tracker::load(t.dump());
    REQUIRE(loaded.has_value());
    CHECK(*loaded->definitions().find("db", "t") == *t.definitions().find("db", "t"));
    auto stored = t.dump();
    stored.version = 99;
    CHECK(schema::tracker::load(stored).has_error());
}

TEST_CASE("the tracker follows DDL", "[schema][tracker]") {
    auto t = tracker_with(mysql_8, two);
    schema::resolve_options options;
    options.default_schema = "db";
    sql::parse_options parse;
    const auto run = [&](const char* text) {
        auto s = sql::parse_statement(text, parse);
        REQUIRE(s.has_value());
        auto change = t.run(*s, options);
        REQUIRE(change.has_value());
        return *change;
    };
    const auto swap = run("RENAME TABLE t TO u");
    CHECK(swap.dropped == std::vector<table_name>{{"db", "t"}});
    REQUIRE(swap.changed.size() == 1);
    CHECK(swap.changed[0].name == "u");
    CHECK(run("ALTER TABLE u ADD c INT FIRST").touched == std::vector<table_name>{{"db", "u"}});
    CHECK(t.definitions().find("db", "u")->columns[0].name == "c");
    CHECK(run("ALTER TABLE u DROP COLUMN nothing").outcome == schema::change_outcome::refused);
    CHECK(run("TRUNCATE u").truncated.size() == 1);
    CHECK(run("DROP TABLE u").changes_anything());
    CHECK(t.definitions().tables().empty());
}

TEST_CASE("names follow lower_case_table_names", "[schema][catalog]") {
    for (const int mode : {0, 1, 2}) {
        schema::catalog c(mode);
        schema::table t;
        t.schema = "Db";
        t.name = "Tab";
        c.put(t);
        CHECK((c.find("db", "tab") != nullptr) == (mode != 0));
        CHECK(c.find("Db", "Tab") != nullptr);
    }
}

TEST_CASE("definitions and statements that nobody can follow have their codes",
          "[schema][tracker]") {
    const auto parse = [](const std::string& text) {
        return schema::table_from_show_create(text, mysql_8, "db");
    };
    CHECK(parse("CREATE TABLE `t` (\n  `a` int,\n").error().code() == errc::schema_parse);
    CHECK(parse("CREATE TABLE `t` LIKE `u`").error().code() == errc::schema_parse);
    CHECK(parse("SELECT 1").error().code() == errc::schema_parse);
    auto t = tracker_with(mysql_8, two);
    sql::parse_options options;
    options.version = mysql_8.version;
    const auto statement = [&](const char* text) {
        auto s = sql::parse_statement(text, options);
        REQUIRE(s.has_value());
        return *s;
    };
    // The types of its columns depend on what the SELECT gives.
    const auto select = t.run(statement("CREATE TABLE db.u AS SELECT a + 1 FROM db.t"), {});
    REQUIRE_FALSE(select.has_value());
    CHECK(select.error().code() == errc::schema_conflict);
    const auto twice = t.run(statement("CREATE TABLE db.t (a INT)"), {});
    REQUIRE(twice.has_value());
    CHECK(twice->outcome == schema::change_outcome::refused);
    REQUIRE(twice->refusal);
    CHECK(twice->refusal->code() == errc::schema_conflict);
    auto stored = t.dump();
    CHECK(schema::tracker::load(stored).has_value());
    stored.version = 2;
    CHECK(schema::tracker::load(stored).error().code() == errc::checkpoint_version);
}

TEST_CASE("old temporal types have the fractions that the definition says", "[schema][tracker]") {
    const auto table = [](const std::string& column) {
        return tracker_with(mariadb_10_11,
                            "CREATE TABLE `t` (\n  `a` " + column +
                                " DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=latin1");
    };
    for (const auto& [column, type] :
         {std::pair{"time", "\x0b"}, {"datetime", "\x0c"}, {"timestamp NULL", "\x07"}}) {
        INFO(column);
        CHECK(table(column).check(*map_of("t", type, "")).has_value());
        std::string exact(column);
        exact.insert(exact.find(' ') == std::string::npos ? exact.size() : exact.find(' '), "(2)");
        const auto checked = table(exact + " /* mariadb-5.3 */").check(*map_of("t", type, ""));
        REQUIRE(checked.has_value());
        const auto& facts = checked->facts;
        REQUIRE(facts.size() == 1);
        CHECK((facts[0].fraction == 2 && facts[0].digits == 0));
        // No MySQL has such columns.
        const auto mysql = tracker_with({flavor::mysql, 50600},
                                        "CREATE TABLE `t` (\n  `a` " + exact +
                                            " DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=latin1")
                               .check(*map_of("t", type, ""));
        REQUIRE(mysql.has_error());
        CHECK(mysql.error().code() == errc::sync_schema_mismatch);
    }
}

TEST_CASE("a DECIMAL of MySQL 4.1 is as wide as the definition says", "[schema][tracker]") {
    const auto checked = tracker_with(mariadb_10_11,
                                      "CREATE TABLE `t` (\n  `a` decimal(12,3)/*old*/ unsigned "
                                      "DEFAULT NULL\n) ENGINE=MyISAM DEFAULT CHARSET=latin1")
                             .check(*map_of("t", std::string(1, '\0'), ""));
    REQUIRE(checked.has_value());
    const auto& facts = checked->facts;
    REQUIRE(facts.size() == 1);
    CHECK((facts[0].digits == 12 && facts[0].fraction == 3 && facts[0].is_unsigned));
    const auto too_wide =
        tracker_with(mariadb_10_11,
                     "CREATE TABLE `t` (\n  `a` decimal(66,3)/*old*/ DEFAULT NULL\n"
                     ") ENGINE=MyISAM DEFAULT CHARSET=latin1")
            .check(*map_of("t", std::string(1, '\0'), ""));
    REQUIRE(too_wide.has_error());
    CHECK(too_wide.error().code() == errc::sync_schema_mismatch);
}

TEST_CASE("a name with the words of a partition clause is no partition clause", "[schema]") {
    const std::string columns =
        "CREATE TABLE `t` (\n  `a` int(11) NOT NULL,\n  KEY `k\n PARTITION BY` (`a`)\n)";
    const std::string options = " ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci";
    const std::string clause = "\n PARTITION BY HASH (`a`)\nPARTITIONS 2";
    const auto plain = schema::table_from_show_create(columns + options, mariadb_10_11, "db");
    REQUIRE(plain.has_value());
    CHECK(plain->partition_text.empty());
    const auto parts =
        schema::table_from_show_create(columns + options + clause, mariadb_10_11, "db");
    REQUIRE(parts.has_value());
    CHECK("\n" + parts->partition_text == clause);
    CHECK(schema::print_create_table(*parts, mariadb_10_11) == columns + options + clause);
}
