// Texts that were once printed as something else: what fuzzing and reading found.
#include "support.hpp"

using namespace sql_test;

namespace {

parse_options with(parse_options o, std::uint64_t mode, const std::string& charset = "utf8mb4") {
    o.mode = mode;
    o.charset = charset;
    return o;
}

/// The expression as printed; the text of the failure in front of "!"; or what went wrong.
std::string again(std::string_view text, const parse_options& o = mysql()) {
    const result<expression> first = parse_expression(text, o);
    if (!first) return "!" + first.error().message();
    const std::string written = print(*first, printing(o));
    const result<expression> second = parse_expression(written, reading(o));
    if (!second) return "printed: " + written + "\n" + second.error().message();
    if (!(*second == *first)) return "differs: " + written;
    return written;
}

bool refused(std::string_view text, const parse_options& o = mysql()) {
    return !parse_statement(text, o).has_value();
}

}  // namespace

TEST_CASE("a control character behind a statement is not lost") {
    // Without it the text would be one that can be parsed.
    const statement first = parsed("set x=a\x01");
    CHECK(first.get<other_statement>() != nullptr);
    CHECK(print(first, printing(mysql())) == "set x=a\x01");
    CHECK(print(parsed("set x=a\x01 \n;"), printing(mysql())) == "set x=a\x01");
}

TEST_CASE("names of variables print as they were written") {
    CHECK(again("@@`e\\\\e` + @@global.`a b`") == "@@`e\\\\e` + @@global.`a b`");
    CHECK(again("@@`1`") == "@@`1`");
    CHECK(again("@@`a`.b = @@`select`.x") == "@@a.b = @@select.x");
    CHECK(again("@@`a.b`").starts_with("!"));
    CHECK(again("@@`a`.`.b`").starts_with("!"));
    CHECK(printed("set @@session.`x y` = on, @@a.`1` = default") ==
          "SET session `x y` = on, `a`.`1` = default");
    CHECK(parsed("set `a.` = 1").get<other_statement>() != nullptr);
    CHECK(parsed("set a = `default`, b = Default, c = `binary`").kind == statement_kind::set);
}

TEST_CASE("tokens that are kept as text do not join") {
    CHECK(again("(select x\"41\")") == "(select x '41')");
    CHECK(again("(select 'a'\"b\")") == "(select 'a' 'b')");
    CHECK(again("(select N'a'\"b\")") == "(select N'a' 'b')");
    CHECK(again("(select \"a\"`b`)", with(mysql(), sql_mode::ansi_quotes)) == "(select `a` `b`)");
    CHECK(again("(select - -1)") == "(select - -1)");
}

TEST_CASE("keywords and names of the same letters stay apart") {
    const parse_options m = mariadb(11, 8, 6);
    parsed("create table t (a int) engine=`default`");
    parsed("create table t (a int) engine=`binary` row_format=default insert_method=default");
    parsed("create table t (a int x=`default` y=`binary` z=default) p=`DEFAULT`", m);
    parsed("create table t (a int) checksum=`default` charset=binary", m);
    parsed("create table t (a int) `read only`=1", m);
    parsed("create table t (a `date`, b `text`, c `uuid`, d `binary`)", m);
    CHECK(printed("alter database d read only = 1") == "ALTER DATABASE `d` READ ONLY=1");
    // Numbers of options lose their fraction, and what is over 64 bits.
    CHECK(printed("alter table t max_rows 05.7 avg_row_length=.5") ==
          "ALTER TABLE `t` MAX_ROWS=5 AVG_ROW_LENGTH=0");
    CHECK(printed("alter table t max_rows=99999999999999999999") ==
          "ALTER TABLE `t` MAX_ROWS=18446744073709551615");
    CHECK(printed("create table t (a text character set binary collate binary) collate default",
                  mysql(5, 7, 40)) ==
          "CREATE TABLE `t` (`a` text character set binary collate binary) COLLATE=default");
    CHECK(refused("create table t (a int) charset `default`"));
    CHECK(refused("create table t (a text charset '')"));
    CHECK(refused("create table t (a int) partition by hash (a) (partition p (subpartition ''))"));
}

TEST_CASE("syntax of single functions and operators") {
    CHECK(again("extract(sql_tsi_ from a)") == "extract(sql_tsi_ from `a`)");
    CHECK(again("extract(sql_tsi_sql_tsi_day from a)") == "extract(sql_tsi_sql_tsi_day from `a`)");
    CHECK(again("interval (a, 2) > 0") == "interval(`a`, 2) > 0");
    CHECK(again("a + interval (select 1, 2) day") == "`a` + interval (select 1, 2) day");
    CHECK(again("interval ((select 1), 2)") == "interval((select 1), 2)");
    CHECK(again("`interval`(distinct a, b)") == "`interval`(distinct `a`, `b`)");
    CHECK(again("row(1)").starts_with("!"));
    CHECK(again("row(1, 2) = row(a, b)") == "(1, 2) = (`a`, `b`)");
    CHECK(again("{d _utf8'2020-01-01'}") == "_utf8 '2020-01-01'");
    CHECK(again("a.f(1) over (order by b)").starts_with("!"));
    CHECK(again("x between y in (1, 2) and z", mariadb()) == "`x` between (`y` in (1, 2)) and `z`");
    CHECK(again("x between y in (1, 2) and z").starts_with("!"));
    parsed("create table t (a int default {fn b + 1})", mariadb());
    CHECK(refused("alter table t order by a + 1"));
    const statement o = parsed("alter table t order by a, t.b desc, c = 1", mariadb());
    CHECK(o.get<alter_table_statement>()->specs.size() == 2);
}

TEST_CASE("half characters") {
    const parse_options gbk = with(mysql(), sql_mode::ansi_quotes, "gbk");
    CHECK(refused("create table t (\"\x81\" int)", gbk));
    CHECK(again("(select \"\x81\")", gbk).starts_with("!"));
    CHECK(again("f(a b\xc0\"c\")", gbk).starts_with("!"));
    // The servers skip one byte behind a backslash, so that the next one is an escape again.
    const result<expression> e = parse_expression("'\\\x81\\n'", with(mysql(), 0, "gbk"));
    REQUIRE(e.has_value());
    CHECK(e->value.text == "\x81\n");
}

TEST_CASE("what parses prints to text within the same limits") {
    const auto nest = [](std::size_t times, const std::string& open, const std::string& close) {
        std::string text = "a";
        for (std::size_t i = 0; i < times; ++i) text = open + text + close;
        return text;
    };
    const auto fault = [](const std::string& text, const parse_options& o) {
        const std::string out = again(text, o);
        return out.starts_with("printed") || out.starts_with("differs") ? out.substr(0, 200) : "";
    };
    for (std::size_t n = 20; n <= 200; ++n) {
        CHECK(fault(nest(n, "b + !(", ")"), mysql()) == "");
        CHECK(fault(nest(n, "! ", " + 1"), mysql()) == "");
        CHECK(fault(nest(n, "b like c + (", ")"), mariadb()) == "");
        CHECK(fault(nest(n, "interval c + (", ") day"), mysql()) == "");
        CHECK(fault(nest(n, "b between (", ") in (1) and 2"), mariadb()) == "");
        CHECK(fault(nest(n, "(", ") || b"), with(mysql(), sql_mode::pipes_as_concat)) == "");
        CHECK(fault(nest(n, "- (", ")"), mysql()) == "");
    }
    CHECK_FALSE(again(nest(60, "b + !(", ")")).starts_with("!"));
    CHECK_FALSE(again(nest(190, "f(", ")")).starts_with("!"));
    CHECK_FALSE(again(nest(190, "((", "))")).starts_with("`"));
    CHECK(again(nest(300, "f(", ")")).starts_with("!"));
    std::string chain = "a";
    for (int i = 0; i < 1000; ++i) chain += i % 2 == 0 ? " - 1" : " + 1";
    CHECK_FALSE(again(chain).starts_with("!"));
}
