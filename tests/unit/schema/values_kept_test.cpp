// Which values stay what they are in a column of another definition; the answers are those of
// MariaDB 10.11, MySQL 8.0 and TiDB 8.5 to ALTER TABLE in strict mode.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/values_kept.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace dmlib;
using schema::values_kept;

namespace {

schema::column column_of(const std::string& definition) {
    const auto t = schema::table_from_show_create(
        "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `c` " + definition +
            "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
        {flavor::mysql, {8, 0, 33}},
        "a");
    INFO(definition);
    REQUIRE(t.has_value());
    return t->columns.back();
}

values_kept kept(const std::string& from, const std::string& to) {
    return schema::values_kept_by(column_of(from), column_of(to));
}

struct change {
    const char* from;
    const char* to;
};

}  // namespace

TEST_CASE("definitions that keep every value") {
    for (const change& c :
         {change{"int", "int"},
          change{"int NOT NULL", "int DEFAULT '5'"},
          change{"tinyint", "bigint"},
          change{"int unsigned", "bigint"},
          change{"int", "decimal(10,0)"},
          change{"mediumint", "float"},
          change{"int", "double"},
          change{"decimal(9,1)", "decimal(12,3)"},
          change{"float", "float"},
          change{"float(7,3)", "float(9,3)"},
          change{"char(9)", "varchar(9)"},
          change{"varchar(9)", "text"},
          change{"tinytext", "varchar(255)"},
          change{"varchar(9) CHARACTER SET latin1", "varchar(9)"},
          change{"varchar(9) CHARACTER SET ascii", "varchar(9) CHARACTER SET latin1"},
          change{"varchar(9)", "varchar(9) COLLATE utf8mb4_bin"},
          change{"enum('a','c')", "enum('c','b','a')"},
          change{"set('a','c')", "set('a','b','c')"},
          change{"binary(3)", "varbinary(3)"},
          change{"varbinary(9)", "blob"},
          change{"datetime", "datetime(3)"},
          change{"date", "datetime"},
          change{"bit(4)", "bit(8)"},
          change{"json", "json"},
          change{"point", "point"},
          change{"int GENERATED ALWAYS AS ((`id` + 1)) VIRTUAL",
                 "int GENERATED ALWAYS AS (`id`+1) STORED"}}) {
        INFO(c.from << " -> " << c.to);
        CHECK(kept(c.from, c.to) == values_kept::all);
    }
}

TEST_CASE("definitions that a server in strict mode refuses where a value would not stay") {
    for (const change& c :
         {change{"int", "tinyint"},
          change{"int", "int unsigned"},
          change{"bigint unsigned", "bigint"},
          change{"int", "decimal(5,0)"},
          change{"decimal(10,2)", "decimal(6,2)"},
          change{"decimal(10,2)", "decimal(10,2) unsigned"},
          change{"int", "int NOT NULL"},
          change{"datetime", "datetime NOT NULL"},
          change{"varchar(9)", "varchar(9) CHARACTER SET latin1"},
          change{"varchar(9)", "varchar(9) CHARACTER SET utf8mb3"},
          change{"varchar(9) CHARACTER SET latin1", "varchar(9) CHARACTER SET ascii"},
          change{"varbinary(9)", "varbinary(3)"},
          change{"blob", "tinyblob"}}) {
        INFO(c.from << " -> " << c.to);
        CHECK(kept(c.from, c.to) == values_kept::all_or_refused);
    }
}

TEST_CASE("definitions that change values in silence") {
    for (const change& c : {change{"decimal(10,2)", "decimal(10,1)"},
                            change{"int", "varchar(20)"},
                            change{"varchar(20)", "int"},
                            change{"bigint", "double"},
                            change{"int", "float"},
                            change{"float", "double"},
                            change{"double", "float"},
                            change{"double", "decimal(30,10)"},
                            change{"timestamp NULL", "timestamp NOT NULL"},
                            change{"varchar(9)", "varchar(3)"},
                            change{"varchar(9)", "char(9)"},
                            change{"text", "tinytext"},
                            change{"text", "varchar(3)"},
                            change{"tinytext CHARACTER SET latin1", "tinytext"},
                            change{"varchar(9)", "varbinary(36)"},
                            change{"binary(3)", "binary(5)"},
                            change{"varbinary(3)", "binary(3)"},
                            change{"enum('a','b')", "enum('A','b')"},
                            change{"enum('a','b')", "enum('a')"},
                            change{"set('a','b')", "set('b','a')"},
                            change{"datetime(3)", "datetime"},
                            change{"datetime", "date"},
                            change{"datetime", "timestamp NULL"},
                            change{"timestamp NULL", "datetime"},
                            change{"bit(8)", "bit(4)"},
                            change{"json", "longtext"},
                            change{"int", "int GENERATED ALWAYS AS (5) STORED"},
                            change{"int GENERATED ALWAYS AS (5) STORED", "int"},
                            change{"int GENERATED ALWAYS AS (((`id` + 1) * 2)) VIRTUAL",
                                   "int GENERATED ALWAYS AS ((`id` + (1 * 2))) VIRTUAL"}}) {
        INFO(c.from << " -> " << c.to);
        CHECK(kept(c.from, c.to) == values_kept::unknown);
    }
}
