#include <dmlib/model/value.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace dmlib;

namespace {

std::string text_of(const value_view& v) {
    std::string out;
    append_text(out, v);
    return out;
}

std::string decimal_of(std::vector<std::uint8_t> packed, int digits, int scale) {
    std::string out;
    append_decimal(out, packed, digits, scale);
    return out;
}

}  // namespace

TEST_CASE("packed decimals as in the reference manual", "[value]") {
    // The manual's example: DECIMAL(14,4) 1234567890.1234.
    CHECK(decimal_of({0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2}, 14, 4) == "1234567890.1234");
    CHECK(decimal_of({0x7e, 0xf2, 0x04, 0xc7, 0x2d, 0xfb, 0x2d}, 14, 4) == "-1234567890.1234");
    CHECK(decimal_of({0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, 14, 4) == "0.0000");
    CHECK(decimal_of({0x8c, 0x32}, 4, 2) == "12.50");
    CHECK(decimal_of({0x80, 0x05}, 4, 2) == "0.05");
    CHECK(decimal_of({0x85}, 1, 0) == "5");
    CHECK(decimal_of({0x85}, 1, 1) == "0.5");
    CHECK(decimal_size(14, 4) == 7);
    CHECK(decimal_size(65, 30) == 30);
    CHECK(decimal_size(9, 9) == 4);
    CHECK(decimal_size(1, 0) == 1);
    // A size that does not fit gives nothing instead of reading outside.
    CHECK(decimal_of({0x80}, 14, 4).empty());
}

TEST_CASE("temporal text forms", "[value]") {
    temporal t;
    CHECK(text_of(value_view::make_temporal(value_kind::date, t, 0)) == "0000-00-00");
    t = {.year = 2024,
         .month = 2,
         .day = 29,
         .hour = 23,
         .minute = 59,
         .second = 59,
         .negative = false,
         .microsecond = 100};
    CHECK(text_of(value_view::make_temporal(value_kind::datetime, t, 6)) ==
          "2024-02-29 23:59:59.000100");
    CHECK(text_of(value_view::make_temporal(value_kind::datetime, t, 0)) == "2024-02-29 23:59:59");
    CHECK(text_of(value_view::make_temporal(value_kind::date, t, 0)) == "2024-02-29");
    temporal longest{.year = 0,
                     .month = 0,
                     .day = 0,
                     .hour = 838,
                     .minute = 59,
                     .second = 59,
                     .negative = true,
                     .microsecond = 0};
    const auto v = value_view::make_temporal(value_kind::time, longest, 0);
    CHECK(text_of(v) == "-838:59:59");
    CHECK(v.as_temporal() == longest);
    temporal top{.year = 9999,
                 .month = 12,
                 .day = 31,
                 .hour = 23,
                 .minute = 59,
                 .second = 59,
                 .negative = false,
                 .microsecond = 999999};
    CHECK(value_view::make_temporal(value_kind::datetime, top, 6).as_temporal() == top);
}

TEST_CASE("timestamps are UTC", "[value]") {
    CHECK(text_of(value_view::make_timestamp(0, 0, 0)) == "0000-00-00 00:00:00");
    CHECK(text_of(value_view::make_timestamp(0, 0, 3)) == "0000-00-00 00:00:00.000");
    CHECK(text_of(value_view::make_timestamp(1, 0, 0)) == "1970-01-01 00:00:01");
    CHECK(text_of(value_view::make_timestamp(951782399, 120000, 2)) == "2000-02-28 23:59:59.12");
    CHECK(text_of(value_view::make_timestamp(951782400, 0, 0)) == "2000-02-29 00:00:00");
    CHECK(text_of(value_view::make_timestamp(2147483647, 0, 0)) == "2038-01-19 03:14:07");
    CHECK(text_of(value_view::make_timestamp(4294967295, 999999, 6)) ==
          "2106-02-07 06:28:15.999999");
}

TEST_CASE("numbers", "[value]") {
    CHECK(text_of(value_view::make_int(INT64_MIN)) == "-9223372036854775808");
    CHECK(text_of(value_view::make_uint(UINT64_MAX)) == "18446744073709551615");
    value_view f;
    f.kind = value_kind::float32;
    f.f = 0.1f;
    CHECK(text_of(f) == "0.1");
    value_view d;
    d.kind = value_kind::float64;
    d.d = 0.1;
    CHECK(text_of(d) == "0.1");
}

TEST_CASE("owned values survive copies and moves", "[value]") {
    for (const std::string& text : {std::string("short"), std::string(100, 'x'), std::string()}) {
        value a(value_view::make_bytes(value_kind::bytes, as_bytes(text)));
        value b = a;
        value c = std::move(a);
        CHECK(b.to_text() == text);
        CHECK(c.to_text() == text);
        CHECK(same_value(b.view, c.view));
        CHECK(b.view.data != c.view.data);
        CHECK(a.view.is_absent());
        a = c;
        CHECK(a.to_text() == text);
    }
    CHECK_FALSE(same_value(value_view::make_int(1), value_view::make_uint(1)));
    CHECK(same_value(value_view::make_null(), value_view::make_null()));
}
