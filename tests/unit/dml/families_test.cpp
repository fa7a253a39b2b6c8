// Columns of another family than the source's: what is kept, and what is written. The answers are
// those of MySQL 8.0 and MariaDB 10.11 (tests/integration/families_test.py asks the servers).
#include <dmlib/dml/literal.hpp>
#include <dmlib/dml/value_fit.hpp>
#include <dmlib/schema/show_create.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace dmlib;

namespace {

schema::column column_of(const std::string& type) {
    const std::string text =
        "CREATE TABLE `t` (\n  `c` " + type + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
    auto table = schema::table_from_show_create(text, {flavor::mariadb, {10, 11, 2}}, "a");
    REQUIRE(table.has_value());
    return table->columns.at(0);
}

/// MariaDB's JSON is a text.
schema::column document() {
    auto c = column_of("longtext");
    c.type = schema::type_kind::json;
    return c;
}

value_view bytes_of(const std::string& text) {
    return value_view::make_bytes(value_kind::bytes, as_bytes(text));
}

bool kept(const schema::column& from, const schema::column& to, const value_view& v) {
    const auto fit = dml::value_fit::between(from, to);
    return !fit || !fit->changes(v);
}
bool kept(const std::string& from, const std::string& to, const std::string& text) {
    return kept(column_of(from), column_of(to), bytes_of(text));
}

std::string literal(const std::string& from, const std::string& to, const value_view& v) {
    std::string out;
    const auto goal = column_of(to);
    dml::make_column_writer(column_of(from), &goal, target_dialect::mysql).append(out, v);
    return out;
}

value_view real(float f) {
    value_view v;
    v.f = f;
    v.kind = value_kind::float32;
    return v;
}
value_view real(double d) {
    value_view v;
    v.d = d;
    v.kind = value_kind::float64;
    return v;
}

}  // namespace

TEST_CASE("texts in numbers") {
    for (const char* const text : {"12", "-5", "0", "127", "-128"})
        CHECK(kept("varchar(40)", "tinyint", text));
    for (const char* const text :
         {"1.5", "007", " 7", "7 ", "1e3", "+5", "-0", "", "128", "0x10", "--5", "a", "5\n"}) {
        INFO(text);
        CHECK_FALSE(kept("varchar(40)", "tinyint", text));
    }
    CHECK(kept("varchar(40)", "bigint unsigned", "18446744073709551615"));
    CHECK_FALSE(kept("varchar(40)", "bigint unsigned", "-1"));
    CHECK(kept("varchar(40)", "decimal(10,2)", "1.50"));
    CHECK_FALSE(kept("varchar(40)", "decimal(10,2)", "1.5"));
    CHECK_FALSE(kept("varchar(40)", "decimal(4,2)", "100.00"));
    CHECK(kept("varchar(40)", "float", "0.1"));
    CHECK_FALSE(kept("varchar(40)", "float", "16777217"));
    CHECK_FALSE(kept("varchar(40)", "double", "0.10"));
    CHECK(kept("varchar(40)", "double", "123456789.12345679"));
    CHECK_FALSE(kept("varchar(40)", "double", "9007199254740993"));
    CHECK(kept("varchar(40)", "year", "2005"));
    for (const char* const text : {"5", "70", "1900", "2156", "02005"})
        CHECK_FALSE(kept("varchar(40)", "year", text));
    CHECK_FALSE(kept("varchar(40)", "bit(8)", "5"));
    CHECK(kept("varchar(40)", "int(6) unsigned zerofill", "1234567"));
    CHECK_FALSE(kept("varchar(40)", "int(6) unsigned zerofill", "000007"));
    CHECK_FALSE(kept("varchar(40)", "int(6) unsigned zerofill", "7"));
    CHECK(kept("varchar(40)", "double(10,2)", "1.25"));
    CHECK_FALSE(kept("varchar(40)", "double(10,2)", "1.50"));
    CHECK(kept("varbinary(9)", "int", "12"));
    CHECK_FALSE(kept("binary(3)", "int", "12"));  // and a zero
}

TEST_CASE("texts in dates and times") {
    CHECK(kept("varchar(40)", "date", "2024-01-01"));
    for (const char* const text : {"20240101", "2024-1-1", "24-01-01", "2024-01-01 00:00:00"})
        CHECK_FALSE(kept("varchar(40)", "date", text));
    CHECK(kept("varchar(40)", "datetime", "2024-01-01 10:00:00"));
    CHECK_FALSE(kept("varchar(40)", "datetime", "2024-01-01 10:00:00.7"));
    CHECK_FALSE(kept("varchar(40)", "datetime", "2024-01-01"));
    CHECK(kept("varchar(40)", "timestamp(3) NULL", "2024-01-01 10:00:00.700"));
    CHECK(kept("varchar(40)", "time", "-838:59:59"));
    for (const char* const text :
         {"10", "1:00:00", "010:00:00", "839:00:00", "-00:00:00", "10:60:00"})
        CHECK_FALSE(kept("varchar(40)", "time", text));
}

TEST_CASE("texts in members and addresses") {
    CHECK(kept("varchar(40)", "enum('a','12','')", "12"));
    CHECK(kept("varchar(40)", "enum('a','12','')", ""));
    for (const char* const text : {"1", "A", "a ", "b"})
        CHECK_FALSE(kept("varchar(40)", "enum('a','12','')", text));
    CHECK(kept("varchar(40)", "set('a','b')", "a,b"));
    CHECK(kept("varchar(40)", "set('a','b')", ""));
    for (const char* const text : {"b,a", "a,a", "a,", ",a", "3"})
        CHECK_FALSE(kept("varchar(40)", "set('a','b')", text));
    CHECK(kept("varchar(40)", "inet6", "1:2::3"));
    CHECK(kept("varchar(40)", "inet6", "::ffff:1.2.3.4"));
    for (const char* const text : {"::FFFF", "0:0:0:0:0:0:0:1", "1:2", ":::", "1.2.3.4", "::1::"})
        CHECK_FALSE(kept("varchar(40)", "inet6", text));
    CHECK(kept("varchar(40)", "inet4", "1.2.3.4"));
    CHECK_FALSE(kept("varchar(40)", "inet4", "01.2.3.4"));
    CHECK_FALSE(kept("varchar(40)", "inet4", "1.2.3"));
    CHECK(kept("varchar(40)", "uuid", "123e4567-e89b-12d3-a456-426614174000"));
    CHECK_FALSE(kept("varchar(40)", "uuid", "123E4567-e89b-12d3-a456-426614174000"));
}

TEST_CASE("texts in documents") {
    const auto stays = [](const char* text) {
        return kept(column_of("longtext"), document(), bytes_of(text));
    };
    for (const char* const text : {R"({"a":1,"b":[1.0,1e2,-0]})",
                                   R"([{"a":1},{"a":2}])",
                                   R"({"a":{"a":"a"},"b":"a"})",
                                   "[18446744073709551615,-9223372036854775808]",
                                   R"("\ud83d\ude00\u0041\"")",
                                   "not a document"}) {
        INFO(text);
        CHECK(stays(text));
    }
    for (const char* const text : {R"({"a":1,"a":2})",
                                   R"({"a":1, "\u0061" : 2})",
                                   "[18446744073709551617]",
                                   "[0.12345678901234567890]",
                                   R"("\ud800")",
                                   R"("\udc00")"}) {
        INFO(text);
        CHECK_FALSE(stays(text));
    }
}

TEST_CASE("numbers in columns of another kind") {
    CHECK_FALSE(kept(column_of("int"), column_of("year"), value_view::make_int(5)));
    CHECK(kept(column_of("int"), column_of("year"), value_view::make_int(0)));
    CHECK(kept(column_of("int"), column_of("year"), value_view::make_int(1901)));
    CHECK_FALSE(kept(column_of("int"), column_of("year"), value_view::make_int(2156)));
    CHECK_FALSE(kept(column_of("int"), column_of("date"), value_view::make_int(20240101)));
    CHECK_FALSE(kept(column_of("int"), column_of("enum('x')"), value_view::make_int(1)));
    CHECK(kept(column_of("int"), column_of("bit(9)"), value_view::make_int(511)));
    CHECK_FALSE(kept(column_of("int"), column_of("bit(9)"), value_view::make_int(512)));
    CHECK(kept(column_of("bit(9)"), column_of("smallint"), value_view::make_uint(511)));
    CHECK_FALSE(kept(column_of("bit(9)"), column_of("tinyint"), value_view::make_uint(511)));
    CHECK_FALSE(kept(column_of("bit(9)"), column_of("varchar(9)"), value_view::make_uint(5)));
    CHECK_FALSE(kept(column_of("date"), column_of("bigint"), bytes_of("2024-01-01")));
    CHECK_FALSE(kept(column_of("inet6"), column_of("varbinary(16)"), bytes_of("")));
    CHECK_FALSE(dml::value_fit::between(column_of("int"), column_of("varchar(11)")));
    CHECK(dml::value_fit::between(column_of("int"), column_of("varchar(10)")));
    CHECK_FALSE(
        dml::value_fit::between(column_of("enum('a','b')"), column_of("enum('b','a','c')")));
    const auto fit = dml::value_fit::between(column_of("enum('a','b')"), column_of("enum('b')"));
    CHECK(fit->changes(value_view::make_uint(1)));
    CHECK_FALSE(fit->changes(value_view::make_uint(2)));
}

TEST_CASE("bytes as texts, and texts as bytes") {
    CHECK(kept("varbinary(9)", "varchar(9)", "\xc3\xa9"));
    for (const char* const text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xc3"})
        CHECK_FALSE(kept("varbinary(9)", "varchar(9)", text));
    CHECK_FALSE(kept("varbinary(9)", "varchar(9) CHARACTER SET utf8", "\xf0\x9f\x98\x80"));
    CHECK_FALSE(kept("varbinary(9)", "char(9)", "a "));
    CHECK_FALSE(kept("varchar(9)", "binary(9)", "a"));
    CHECK(literal("varchar(9) CHARACTER SET latin1", "varbinary(9)", bytes_of("\xe9")) ==
          "_binary'\xe9'");
}

// What SELECT shows, on MySQL 5.6 to 9.7 and on MariaDB.
TEST_CASE("a FLOAT or DOUBLE as a text") {
    const auto shown = [](auto n) {
        return literal(sizeof n == sizeof(float) ? "float" : "double", "varchar(99)", real(n));
    };
    CHECK(shown(1099511627776.F) == "'1099510000000'");
    CHECK(shown(16777217.F) == "'16777200'");
    CHECK(shown(1e15F) == "'1e15'");
    CHECK(shown(1.5e14F) == "'150000000000000'");
    CHECK(shown(1.25e-10F) == "'0.000000000125'");
    CHECK(shown(99999.99F) == "'100000'");
    CHECK(shown(-1.5F) == "'-1.5'");
    CHECK(shown(3.4e38F) == "'3.4e38'");
    CHECK(shown(1e-15) == "'0.000000000000001'");
    CHECK(shown(1.5e-16) == "'1.5e-16'");
    CHECK(shown(12345670000000.0) == "'12345670000000'");
    CHECK(literal("float(7,2)", "varchar(99)", real(1.5F)) == "'1.50'");
}

TEST_CASE("both ways write the same") {
    const auto copied = [](const std::string& from, const std::string& to, const std::string& v) {
        return literal(from, to, value_view::make_bytes(value_kind::text, as_bytes(v)));
    };
    // The copy reads a FLOAT as a DOUBLE.
    for (const char* const to : {"double", "decimal(20,5)", "varchar(30)", "bigint"})
        CHECK(copied("float", to, "0.10000000149011612") == literal("float", to, real(0.1F)));
    CHECK(literal("float", "double", real(0.1F)) == "0.10000000149011612");
    CHECK(literal("float", "decimal(20,5)", real(0.1F)) == "0.1");
    CHECK(literal("float", "bigint", real(1099511627776.F)) == "1099511627776");
    CHECK(copied("year", "varchar(4)", "0000") ==
          literal("year", "varchar(4)", value_view::make_int(0)));
    CHECK(literal("year", "varchar(4)", value_view::make_int(0)) == "'0000'");
    CHECK(literal("int(6) unsigned zerofill", "varchar(9)", value_view::make_uint(7)) ==
          "'000007'");
    // Never a part of a statement, unless it is a number.
    CHECK(literal("varchar(30)", "bigint", bytes_of("12")) == "12");
    CHECK(literal("varchar(30)", "bigint", bytes_of("1 OR 1")) == "'1 OR 1'");
    CHECK(literal("set('b','a')", "set('a','b')", value_view::make_uint(3)) == "'a,b'");
}
