// Target forms: fixed expectations, and (hidden, [.target_forms]) the forms of the whole zoo as
// JSON lines for tests/integration/target_forms, which runs them on real servers.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/sql/parser.hpp>

#include <catch2/catch.hpp>

#include "zoo.hpp"
#include <iostream>

using namespace dmlib;

namespace {

const server_kind mariadb_10_11{flavor::mariadb, {10, 11, 19}};
const server_kind mysql_8{flavor::mysql, {8, 0, 33}};

schema::target_facts facts_of(const std::string& name) {
    schema::target_facts f;
    if (name == "tidb") {
        f.dialect = target_dialect::tidb;
        f.version = {8, 5, 4};
    } else if (name == "mysql-9.7") {
        f.dialect = target_dialect::mysql;
        f.version = {9, 7, 4};
    } else {
        f.dialect = target_dialect::mariadb;
        f.version = name == "mariadb-10.11" ? server_version{10, 11, 19} : server_version{11, 8, 6};
    }
    return f;
}

schema::table table_of(const std::string& text, const server_kind& server) {
    auto t = schema::table_from_show_create(text, server, "db");
    INFO(text);
    REQUIRE(t.has_value());
    return *t;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The steps of one statement on a catalog made from CREATE TABLE texts.
schema::target_ddl rewritten(const std::vector<std::string>& creates,
                             const std::string& ddl,
                             const server_kind& server,
                             const std::string& target) {
    schema::catalog before;
    before.put_schema("db", "utf8mb4", "utf8mb4_general_ci");
    for (const auto& text : creates) before.put(table_of(text, server));
    schema::resolve_options options;
    options.server = server;
    options.default_schema = "db";
    sql::parse_options parse;
    parse.flavor = server.flavor;
    parse.version = server.version;
    auto statement = sql::parse_statement(ddl, parse);
    REQUIRE(statement.has_value());
    auto change = schema::resolve(*statement, before, options);
    REQUIRE(change.has_value());
    REQUIRE(change->outcome != schema::change_outcome::refused);
    schema::catalog after = before;
    schema::apply(*change, after);
    return schema::rewrite_for_target(*statement, *change, before, after, server, facts_of(target));
}

const char* const plain =
    "CREATE TABLE `t` (`id` int NOT NULL, `a` int DEFAULT NULL, `b` varchar(10) "
    "DEFAULT NULL, PRIMARY KEY (`id`), KEY `k` (`a`,`b`)) ENGINE=InnoDB "
    "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";

}  // namespace

TEST_CASE("a collation that TiDB lacks becomes the finest one in keys", "[schema][target]") {
    const auto made = schema::create_for_target(
        table_of(
            "CREATE TABLE `t` (\n  `a` varchar(10) NOT NULL,\n  `b` varchar(10) DEFAULT NULL,\n"
            "  PRIMARY KEY (`a`)\n) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci",
            mariadb_10_11),
        mariadb_10_11,
        facts_of("tidb"));
    REQUIRE(made.errors.empty());
    CHECK(contains(made.statement,
                   "`a` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"));
    CHECK(contains(made.statement,
                   "`b` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL"));
    CHECK(made.warnings.size() == 3);
}

TEST_CASE("trailing spaces stay significant where they are on the source", "[schema][target]") {
    const auto made = schema::create_for_target(
        table_of("CREATE TABLE `t` (`a` varchar(10) NOT NULL, PRIMARY KEY (`a`)) ENGINE=InnoDB "
                 "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_as_cs",
                 mysql_8),
        mysql_8,
        facts_of("tidb"));
    CHECK(contains(made.statement, "COLLATE utf8mb4_0900_bin NOT NULL"));
    const auto maria = schema::create_for_target(
        table_of("CREATE TABLE `t` (`a` varchar(10) NOT NULL, PRIMARY KEY (`a`)) ENGINE=InnoDB "
                 "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
                 mysql_8),
        mysql_8,
        facts_of("mariadb-10.11"));
    CHECK(contains(maria.statement, "COLLATE utf8mb4_nopad_bin NOT NULL"));
}

TEST_CASE("keys that only reads need may come after the rows", "[schema][target]") {
    const auto form_of = [](const std::string& keys) {
        return schema::create_for_target(
                   table_of("CREATE TABLE `t` (`id` int NOT NULL AUTO_INCREMENT, `a` int NOT NULL, "
                            "`b` varchar(10) DEFAULT NULL, " +
                                keys +
                                ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
                                "COLLATE=utf8mb4_general_ci",
                            mysql_8),
                   mysql_8,
                   facts_of("mysql-9.7"))
            .definition;
    };
    const auto names_of = [](const std::vector<schema::key>& keys) {
        std::string out;
        for (const schema::key& k : keys) out += k.name + " ";
        return out;
    };
    auto t =
        form_of("PRIMARY KEY (`id`), UNIQUE KEY `u` (`a`), KEY `x` (`b`(3)), KEY `y` (`b`,`a`)");
    const auto late = schema::take_late_keys(t);
    CHECK(names_of(late) == "x y ");
    CHECK(names_of(t.keys) == "PRIMARY u ");
    CHECK(schema::add_keys_statement({"s", "t"}, late, facts_of("mysql-9.7")) ==
          "ALTER TABLE `s`.`t` ADD KEY `x` (`b`(3)), ADD KEY `y` (`b`,`a`)");
    CHECK(contains(schema::create_statement(t, facts_of("mysql-9.7")), "UNIQUE KEY `u` (`a`)\n)"));
    // AUTO_INCREMENT and foreign keys need theirs; the order of those that stay is not changed.
    t = form_of("PRIMARY KEY (`a`), KEY `first` (`b`), KEY `auto` (`id`)");
    CHECK(schema::take_late_keys(t).empty());
    t = form_of(
        "PRIMARY KEY (`id`), KEY `fk` (`a`), KEY `x` (`b`), "
        "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`)");
    CHECK(names_of(schema::take_late_keys(t)) == "x ");
    t = form_of("PRIMARY KEY (`id`), KEY `x` (`b`), FULLTEXT KEY `words` (`b`)");
    CHECK(schema::take_late_keys(t).empty());
    t = form_of("PRIMARY KEY (`id`), KEY `x` (`b`)");
    t.engine = "MyISAM";
    CHECK(schema::take_late_keys(t).empty());
}

TEST_CASE("several changes are one statement on MySQL and several on TiDB", "[schema][target]") {
    const std::string ddl = "ALTER TABLE t ADD COLUMN (c INT, d INT), ADD INDEX (d), DROP COLUMN a";
    const auto mysql = rewritten({plain}, ddl, mysql_8, "mysql-9.7");
    REQUIRE(mysql.errors.empty());
    CHECK(mysql.steps.size() == 1);
    const auto tidb = rewritten({plain}, ddl, mysql_8, "tidb");
    REQUIRE(tidb.errors.empty());
    REQUIRE(tidb.steps.size() == 6);
    // TiDB drops no column that a key of several columns covers, so the key goes first.
    CHECK(tidb.steps[0].statement == "ALTER TABLE `db`.`t` DROP INDEX `k`");
    CHECK(tidb.steps[1].statement == "ALTER TABLE `db`.`t` DROP COLUMN `a`");
    CHECK(contains(tidb.steps[5].statement, "ADD KEY `d` (`d`)"));
}

TEST_CASE("a clustered primary key of TiDB changes by a new table", "[schema][target]") {
    const auto tidb = rewritten(
        {plain}, "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)", mysql_8, "tidb");
    REQUIRE(tidb.errors.empty());
    REQUIRE(tidb.steps.size() == 5);
    CHECK(contains(tidb.steps[2].statement, "INSERT INTO `db`.`_dmlib_new_t`"));
}

TEST_CASE("CREATE OR REPLACE drops first; START TRANSACTION and views stay behind",
          "[schema][target]") {
    const auto replaced =
        rewritten({"CREATE TABLE `t` (`id` int(11) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=latin1"},
                  "CREATE OR REPLACE TABLE t (x INT)",
                  mariadb_10_11,
                  "tidb");
    REQUIRE(replaced.steps.size() == 2);
    CHECK(replaced.steps[0].statement == "DROP TABLE IF EXISTS `db`.`t`");
    const auto select = rewritten(
        {}, "CREATE TABLE s (b int NOT NULL) START TRANSACTION", mysql_8, "mariadb-10.11");
    REQUIRE(select.steps.size() == 1);
    CHECK(!contains(select.steps[0].statement, "START"));
    const auto view = rewritten({plain}, "CREATE VIEW v AS SELECT 1", mysql_8, "tidb");
    CHECK(view.steps.empty());
    CHECK(view.notices.size() == 1);
    const auto forced =
        rewritten({plain}, "ALTER TABLE t FORCE, ALGORITHM=INPLACE, LOCK=NONE", mysql_8, "tidb");
    CHECK(forced.steps.empty());
}

TEST_CASE("a sequence is renamed where it is, not on the target", "[schema][target]") {
    const std::string sequence =
        "CREATE TABLE `sq` (`next_not_cached_value` bigint(21) NOT NULL) ENGINE=InnoDB SEQUENCE=1";
    const std::string other =
        "CREATE TABLE `t` (`id` int(11) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=latin1";
    const auto alone =
        rewritten({sequence, other}, "RENAME TABLE sq TO s2", mariadb_10_11, "mysql-9.7");
    CHECK(alone.errors.empty());
    CHECK(alone.steps.empty());
    REQUIRE(alone.notices.size() == 1);
    CHECK(contains(alone.notices[0], "left out: sequence `db`.`sq`"));
    // The table takes the sequence's name, and the sequence the table's.
    const auto swapped = rewritten(
        {sequence, other}, "RENAME TABLE sq TO x, t TO sq, x TO t", mariadb_10_11, "mysql-9.7");
    CHECK(swapped.errors.empty());
    REQUIRE(swapped.steps.size() == 1);
    CHECK(swapped.steps[0].statement == "RENAME TABLE `db`.`t` TO `db`.`sq`");
}

TEST_CASE("a definition of the server gets no key that it does not have", "[schema]") {
    // Found by fuzzing: the key under a foreign key can be gone.
    const std::string text =
        "CREATE TABLE `k` (\n  `a` int(11) NOT NULL,\n  `f` int(11) NOT NULL,\n  PRIMARY KEY "
        "(`a`),\n"
        "  CONSTRAINT `self` FOREIGN KEY (`f`) REFERENCES `k` (`f`)\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
    CHECK(schema::print_create_table(table_of(text, mariadb_10_11), mariadb_10_11) == text);
}

TEST_CASE("names are routed", "[schema][target]") {
    const auto t = table_of(plain, mysql_8);
    const auto made = schema::create_for_target(
        t, mysql_8, facts_of("tidb"), [](const table_name&) { return table_name{"other", "x`y"}; });
    CHECK(contains(made.statement, "CREATE TABLE `other`.`x``y` ("));
}

TEST_CASE("forms of the zoo for real targets", "[.target_forms]") {
    const char* const out_folder = std::getenv("DMLIB_TARGET_FORMS_OUT");
    REQUIRE(out_folder != nullptr);
    for (const zoo::kind& k : zoo::kinds()) {
        for (const std::string target : {"tidb", "mysql-9.7", "mariadb-10.11", "mariadb-11.8"}) {
            std::ofstream out(std::string(out_folder) + "/" + k.name + "__" + target + ".jsonl");
            schema::script_runner runner{schema::script_options{}};
            const auto facts = facts_of(target);
            for (const auto& record : zoo::lines(std::string(k.name) + ".jsonl")) {
                if (record.contains("case")) {
                    schema::script_options o;
                    o.server = k.server;
                    runner = schema::script_runner(o);
                    runner.run_statement("CREATE DATABASE zoo " +
                                         record["options"].get<std::string>());
                    runner.run_statement("USE zoo");
                    out << nlohmann::json{{"case", record["case"]}}.dump() << "\n";
                    continue;
                }
                if (record["errno"] != 0) continue;
                auto& known = const_cast<schema::catalog&>(runner.definitions());
                const schema::catalog before = known;
                sql::parse_options parse;
                parse.flavor = k.server.flavor;
                parse.version = k.server.version;
                auto statement = sql::parse_statement(record["sql"].get<std::string>(), parse);
                if (statement.has_error()) continue;
                auto change = schema::resolve(*statement, known, runner.session());
                if (change.has_error() || change->outcome == schema::change_outcome::refused)
                    continue;
                schema::apply(*change, known);
                const auto ddl =
                    schema::rewrite_for_target(*statement, *change, before, known, k.server, facts);
                nlohmann::json line{{"sql", record["sql"]},
                                    {"steps", nlohmann::json::array()},
                                    {"warnings", ddl.warnings},
                                    {"errors", ddl.errors},
                                    {"expect", nlohmann::json::object()}};
                for (const auto& step : ddl.steps) line["steps"].push_back(step.statement);
                for (const auto& t : known.tables()) {
                    const auto form =
                        schema::create_for_target(*t, k.server, facts, [](const table_name& n) {
                            return table_name{"expect_" + n.schema, n.table};
                        });
                    line["expect"][t->schema + "." + t->name] = form.statement;
                }
                out << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
            }
        }
    }
}
