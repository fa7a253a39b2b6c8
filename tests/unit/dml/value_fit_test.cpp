// Which values a narrower column keeps. The answers are those of MySQL 8.0 and MariaDB 10.11 in
// strict mode: stored as given, stored otherwise, refused.
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/schema/show_create.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace dmlib;

namespace {

schema::column column_of(const std::string& type) {
    const std::string text =
        "CREATE TABLE `t` (\n  `c` " + type + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
    auto table = schema::table_from_show_create(text, {flavor::mysql, {8, 0, 33}}, "a");
    REQUIRE(table.has_value());
    return table->columns.at(0);
}

std::optional<dml::value_fit> fit(const std::string& source, const std::string& target) {
    return dml::value_fit::between(column_of(source), column_of(target));
}

bool changes(const std::string& source, const std::string& target, const std::string& value) {
    const auto found = fit(source, target);
    if (!found) return false;
    return found->changes(value_view::make_bytes(value_kind::text, as_bytes(value)));
}

}  // namespace

TEST_CASE("columns that hold all values of the other") {
    for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
             {"int", "int"},
             {"int unsigned", "bigint"},
             {"tinyint", "decimal(3,0)"},
             {"mediumint unsigned", "float"},
             {"int", "double"},
             {"decimal(7,2)", "decimal(9,4)"},
             {"float", "double"},
             {"float(7,3)", "float(8,3)"},
             {"double", "double"},
             {"datetime(3)", "datetime(6)"},
             {"timestamp(3)", "datetime(3)"},
             {"date", "datetime"},
             {"time(2)", "time(2)"},
             {"varchar(20)", "varchar(20)"},
             {"varchar(20) CHARACTER SET latin1", "varchar(20)"},
             {"char(20)", "char(30)"},
             {"varchar(63)", "tinytext"},
             {"text", "mediumtext"},
             {"mediumtext", "longtext"},
             {"binary(4)", "binary(4)"},
             {"varbinary(4)", "varbinary(5)"},
             {"blob", "longblob"},
             {"enum('a')", "varchar(1)"},
             {"int", "varchar(11)"},
             {"json", "longtext"},
             {"year", "year"},
             {"bit(4)", "bit(8)"}}) {
        INFO(from << " -> " << to);
        CHECK_FALSE(fit(from, to).has_value());
    }
}

TEST_CASE("numbers that lose digits") {
    CHECK(changes("decimal(7,3)", "decimal(7,1)", "1.250"));
    CHECK_FALSE(changes("decimal(7,3)", "decimal(7,1)", "-1.200"));
    CHECK_FALSE(changes("decimal(7,3)", "decimal(7,1)", "0.000"));
    CHECK(changes("decimal(7,3)", "decimal(4,3)", "10.000"));
    CHECK(changes("decimal(7,3)", "int", "1.250"));
    CHECK_FALSE(changes("decimal(7,3)", "int", "1200.000"));
    CHECK(changes("double", "int", "1e-7"));
    CHECK_FALSE(changes("double", "int", "1e3"));
    CHECK(changes("double", "decimal(10,2)", "1.005"));
    CHECK_FALSE(changes("double", "decimal(10,2)", "-0"));
    CHECK(changes("double", "float", "1.2345678901"));
    CHECK_FALSE(changes("double", "float", "0.1"));
    CHECK_FALSE(changes("double", "float", "-1.5e10"));
    CHECK(changes("double", "float", "1e39"));
    CHECK(changes("int", "float", "16777217"));
    CHECK_FALSE(changes("int", "float", "-16777216"));
    CHECK(changes("bigint", "double", "9007199254740993"));
    CHECK(changes("decimal(30,10)", "double", "1234567890.1234567890"));
    CHECK_FALSE(changes("decimal(30,10)", "double", "1234567890.1250000000"));
    CHECK(changes("double", "double(8,2)", "1.234"));
    CHECK_FALSE(changes("double", "double(8,2)", "1.25"));
    CHECK(changes("float", "float(7,2)", "1.234"));
    CHECK(changes("bigint", "int", "2147483648"));
    CHECK_FALSE(changes("bigint", "int", "-2147483648"));
    CHECK(changes("bigint", "int", "-2147483649"));
    CHECK(changes("int", "int unsigned", "-1"));
    CHECK_FALSE(changes("int", "int unsigned", "2147483647"));
    CHECK(changes("decimal(20,0)", "bigint", "99999999999999999999"));
    value_view v = value_view::make_int(-129);
    CHECK(fit("int", "tinyint")->changes(v));
    v = value_view::make_int(-128);
    CHECK_FALSE(fit("int", "tinyint")->changes(v));
    CHECK_FALSE(fit("int", "tinyint")->changes(value_view::make_null()));
    CHECK_FALSE(fit("int", "tinyint")->changes({}));
}

TEST_CASE("times that lose digits") {
    CHECK(changes("datetime(6)", "datetime(1)", "2024-01-01 00:00:00.123456"));
    CHECK_FALSE(changes("datetime(6)", "datetime(1)", "2024-01-01 00:00:00.100000"));
    CHECK(changes("time(3)", "time", "-00:00:00.600"));
    CHECK_FALSE(changes("time(3)", "time", "10:00:00.000"));
    CHECK(changes("timestamp(6)", "datetime", "2024-01-01 00:00:00.000001"));
    CHECK(changes("datetime", "date", "2024-01-01 00:00:01"));
    CHECK_FALSE(changes("datetime(2)", "date", "2024-01-01 00:00:00.00"));
    CHECK(changes("datetime", "time", "2024-01-01 00:00:00"));
    const auto narrow = fit("datetime(6)", "datetime(3)");
    const auto moment = [](std::uint32_t microsecond) {
        temporal t;
        t.year = 2024;
        t.month = t.day = 1;
        t.microsecond = microsecond;
        return value_view::make_temporal(value_kind::datetime, t, 6);
    };
    CHECK(narrow->changes(moment(1)));
    CHECK_FALSE(narrow->changes(moment(1000)));
    CHECK(fit("timestamp(6)", "timestamp(5)")->changes(value_view::make_timestamp(1, 11, 6)));
    CHECK_FALSE(fit("timestamp(6)", "timestamp(5)")->changes(value_view::make_timestamp(1, 10, 6)));
}

TEST_CASE("texts that lose blanks") {
    CHECK(changes("varchar(10)", "varchar(3)", "abc "));
    CHECK_FALSE(changes("varchar(10)", "varchar(3)", "abc"));
    CHECK_FALSE(changes("varchar(10)", "varchar(3)", "\xc3\xa4\xc3\xb6\xc3\xbc"));
    CHECK(changes("varchar(10)", "varchar(3)", "\xc3\xa4\xc3\xb6\xc3\xbc "));
    CHECK_FALSE(changes("varchar(10) CHARACTER SET latin1", "varchar(3)", "\xe4\xf6\xfc"));
    CHECK(changes("varchar(10)", "char(10)", "ab "));
    CHECK_FALSE(changes("varchar(10)", "char(10)", "ab"));
    CHECK_FALSE(fit("char(10)", "char(10)").has_value());
    CHECK(changes("text", "tinytext", std::string(255, 'a') + " "));
    CHECK_FALSE(changes("text", "tinytext", std::string(255, 'a')));
    CHECK(changes("varbinary(4)", "binary(4)", "ab"));
    CHECK_FALSE(changes("varbinary(4)", "binary(4)", "abcd"));
    CHECK(changes("binary(4)", "binary(8)", "ab"));
    CHECK(changes("binary(8)", "varbinary(4)", "ab"));
}

TEST_CASE("the fault names value, columns and way out") {
    const auto found = fit("decimal(7,3)", "decimal(5,1)");
    const error e =
        found->fault({"a", "s"},
                     {"b", "t"},
                     value_view::make_bytes(value_kind::text, as_bytes(std::string_view("1.250"))));
    CHECK(e.code() == errc::db_data_too_long);
    CHECK(e.message() ==
          "the target's table `b`.`t` would not keep 1.250: column `c` is decimal(5,1) there and "
          "decimal(7,3) on the source");
    CHECK_FALSE(e.workaround().empty());
}
