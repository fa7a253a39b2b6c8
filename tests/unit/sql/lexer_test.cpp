#include <dmlib/sql/lexer.hpp>
#include <dmlib/sql/literal.hpp>

#include "support.hpp"

using namespace sql_test;

namespace {

std::vector<std::string> texts(std::string_view text, const parse_options& o) {
    std::vector<std::string> out;
    lexer in{text, o};
    for (;;) {
        const token t = in.next();
        if (t.kind == token_kind::end) return out;
        out.emplace_back(text.substr(t.begin, t.end - t.begin));
        if (t.kind == token_kind::invalid) {
            out.back() = "<invalid>";
            return out;
        }
    }
}

using list = std::vector<std::string>;

token_kind kind_of(std::string_view text, const parse_options& o = mysql()) {
    lexer in{text, o};
    return in.next().kind;
}

}  // namespace

TEST_CASE("comments vanish, versioned ones by server") {
    CHECK(texts("a -- x\nb # y\nc /* z */ d", mysql()) == list{"a", "b", "c", "d"});
    CHECK(texts("a--1", mysql()) == list{"a", "-", "-", "1"});
    CHECK(texts("a /*!80023 b */ c", mysql(8, 0, 23)) == list{"a", "b", "c"});
    CHECK(texts("a /*!80023 b */ c", mysql(8, 0, 22)) == list{"a", "c"});
    CHECK(texts("a /*!080023 b */ c", mysql(8, 0, 23)) == list{"a", "b", "c"});
    CHECK(texts("a /*! b */ c", mysql(5, 6, 14)) == list{"a", "b", "c"});
    CHECK(texts("a /*!99999 b /* nested */ c */ d", mysql()) == list{"a", "d"});
    CHECK(texts("a /*M!100100 b */ c", mysql()) == list{"a", "c"});
    CHECK(texts("a /*M!100100 b */ c", mariadb(10, 2, 11)) == list{"a", "b", "c"});
    CHECK(texts("a /*!100100 b */ c", mariadb(10, 2, 11)) == list{"a", "b", "c"});
    CHECK(texts("a /*!50701 b */ c", mariadb()) == list{"a", "c"});
    CHECK(texts("a /*!50610 b */ c", mariadb()) == list{"a", "b", "c"});
    parse_options tidb = mysql();
    tidb.tidb = true;
    CHECK(texts("a /*T![auto_rand] b */ c", tidb) == list{"a", "b", "c"});
    CHECK(texts("a /*T![auto_rand] b */ c", mysql()) == list{"a", "c"});
    CHECK(texts("a /* open", mysql()) == list{"a", "<invalid>"});
    CHECK(texts("a /*!40101 open", mysql()).back() == "<invalid>");
}

TEST_CASE("names, numbers and literals") {
    CHECK(texts("1a 1.5 .5 1e10 1.e3 0x1F 0b01 1e", mysql()) ==
          list{"1a", "1.5", ".5", "1e10", "1.e3", "0x1F", "0b01", "1e"});
    CHECK(texts("t.1a t . 5", mysql()) == list{"t", ".", "1a", "t", ".", "5"});
    CHECK(kind_of("0x1F") == token_kind::hex);
    CHECK(kind_of("0xZZ") == token_kind::word);
    CHECK(kind_of("x'1F'") == token_kind::hex);
    CHECK(kind_of("x'1'") == token_kind::invalid);
    CHECK(kind_of("b'01'") == token_kind::bit);
    CHECK(kind_of("n'x'") == token_kind::national_string);
    CHECK(kind_of("@a.b$c") == token_kind::user_variable);
    CHECK(kind_of("'open") == token_kind::invalid);
    CHECK(kind_of("\"x\"") == token_kind::string);
    parse_options ansi = mysql();
    ansi.mode = sql_mode::ansi_quotes;
    CHECK(kind_of("\"x\"", ansi) == token_kind::quoted_identifier);
}

TEST_CASE("strings decode by mode and character set") {
    parse_options plain = mysql();
    CHECK(decode_string("'a''b\\n\\t\\0\\Z\\%\\_\\x'", plain) ==
          std::string("a'b\n\t\0\x1a\\%\\_x", 12));
    CHECK(decode_string("\"a\"\"b'\"", plain) == "a\"b'");
    parse_options bare = mysql();
    bare.mode = sql_mode::no_backslash_escapes;
    CHECK(decode_string("'a\\n'", bare) == "a\\n");
    CHECK(decode_identifier("`a``b`", plain) == "a`b");
    parse_options gbk = mysql();
    gbk.charset = "gbk";
    // 0x95 0x5c is one character whose second byte looks like a backslash.
    CHECK(texts("'\x95\x5c' x", gbk) == list{"'\x95\x5c'", "x"});
    CHECK(texts("'\x95\x5c' x", plain).back() == "<invalid>");
    CHECK(decode_string("'\x95\x5c'", gbk) == "\x95\x5c");
}

TEST_CASE("places count lines and bytes from 1") {
    CHECK(place_of("ab\ncd", 4).line == 2);
    CHECK(place_of("ab\ncd", 4).column == 2);
    CHECK(place_of("ab", 99).column == 3);
}

TEST_CASE("literals have bytes and numbers") {
    CHECK(*bytes_of({literal_kind::hex, "414", {}}) == std::string("\x04\x14", 2));
    CHECK(*bytes_of({literal_kind::bit, "100000001", {}}) == std::string("\x01\x01", 2));
    CHECK_FALSE(bytes_of({literal_kind::null, "", {}}).has_value());
    CHECK(*unsigned_of({literal_kind::hex, "0A", {}}) == 10);
    CHECK(*unsigned_of({literal_kind::integer, "18446744073709551615", {}}) == UINT64_MAX);
    CHECK_FALSE(unsigned_of({literal_kind::integer, "18446744073709551616", {}}).has_value());
    CHECK(signed_literal(*parse_expression("-5", mysql()))->text == "-5");
    CHECK(signed_literal(*parse_expression("-0x0A", mysql()))->text == "-10");
    CHECK_FALSE(signed_literal(*parse_expression("1+1", mysql())).has_value());
}
