#include <dmlib/sql/script_splitter.hpp>

#include "support.hpp"

using namespace sql_test;

namespace {

std::vector<std::string> split(std::string_view script, const parse_options& o = mysql()) {
    std::vector<std::string> out;
    for (const script_statement& s : split_script(script, o)) {
        out.push_back(std::to_string(s.line) + ":" + std::string{s.text});
    }
    return out;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("statements end at the delimiter outside of quotes and comments") {
    CHECK(split("a;b;") == list{"1:a", "1:b"});
    CHECK(split("a\n;\n\n  b") == list{"1:a", "4:b"});
    CHECK(split("-- x;\n/* y; */ a 'p;\\';' \"q;\" `r;`;\nb") ==
          list{"2:a 'p;\\';' \"q;\" `r;`", "3:b"});
    CHECK(split(";;;") == list{});
    CHECK(split("select 1\\G\nselect 2\\g") == list{"1:select 1", "2:select 2"});
    CHECK(split("\xef\xbb\xbf"
                "a;") == list{"1:a"});
}

TEST_CASE("DELIMITER and versioned comments as the clients read them") {
    CHECK(split("DELIMITER //\ncreate procedure p() begin select 1; end//\ndelimiter ;\nx;") ==
          list{"2:create procedure p() begin select 1; end", "4:x"});
    CHECK(split("/*!40101 SET a=1 */;\n/*!99999 nothing */;\nx;") ==
          list{"1:/*!40101 SET a=1 */", "3:x"});
    CHECK(split("/*!50003\n CREATE x */;;") == list{"2:/*!50003\n CREATE x */"});
    CHECK(split("use db1\nselect 1;") == list{"1:use db1", "2:select 1"});
    CHECK(split("DELIMITER $$\na$$\nb $x$ ; c$$", mysql(9, 7, 4)) == list{"2:a", "3:b $x$ ; c"});
    CHECK(split("create function f() as $js$ a; b $js$; x;", mysql(9, 7, 4)) ==
          list{"1:create function f() as $js$ a; b $js$", "1:x"});
}

TEST_CASE("the options may change between statements") {
    script_splitter s{"'a\\'; 'b';"};
    parse_options o = mysql();
    o.mode = sql_mode::no_backslash_escapes;
    script_statement one;
    REQUIRE(s.next(o, one));
    CHECK(one.text == "'a\\'");
    REQUIRE(s.next(mysql(), one));
    CHECK(one.text == "'b'");
    CHECK_FALSE(s.next(mysql(), one));
}
