// Literals of values that the binlog has in another form than servers print them in.
#include <dmlib/dml/literal.hpp>
#include <dmlib/schema/table.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>

using namespace dmlib;

namespace {

std::string literal_of(schema::type_kind type, const std::string& bytes) {
    schema::column c;
    c.name = "c";
    c.type = type;
    std::string out;
    dml::make_column_writer(c, nullptr, target_dialect::mysql)
        .append(out, value_view::make_bytes(value_kind::bytes, as_bytes(bytes)));
    return out;
}

std::string groups(std::initializer_list<unsigned> list) {
    std::string out;
    for (const unsigned g : list) {
        out.push_back(static_cast<char>(g >> 8));
        out.push_back(static_cast<char>(g & 0xff));
    }
    return out;
}

}  // namespace

// What MariaDB 11.8 prints for these addresses.
TEST_CASE("INET6 is written as MariaDB prints it") {
    const auto text = [](std::initializer_list<unsigned> list) {
        return literal_of(schema::type_kind::inet6, groups(list));
    };
    CHECK(text({0, 0, 0, 0, 0, 0, 0, 0}) == "'::'");
    CHECK(text({0, 0, 0, 0, 0, 0, 0, 1}) == "'::1'");
    CHECK(text({1, 0, 0, 0, 0, 0, 0, 0}) == "'1::'");
    CHECK(text({0xfe80, 0, 0, 0, 0, 0, 0, 1}) == "'fe80::1'");
    CHECK(text({1, 2, 3, 0, 5, 6, 7, 8}) == "'1:2:3::5:6:7:8'");
    CHECK(text({1, 0, 0, 2, 0, 0, 0, 3}) == "'1:0:0:2::3'");
    CHECK(text({1, 0, 0, 2, 3, 0, 0, 4}) == "'1::2:3:0:0:4'");
    CHECK(text({0, 1, 2, 3, 4, 5, 6, 7}) == "'::1:2:3:4:5:6:7'");
    CHECK(text({1, 2, 3, 4, 5, 6, 7, 0}) == "'1:2:3:4:5:6:7::'");
    CHECK(text({0, 0, 0, 0, 0, 0, 0x102, 0x304}) == "'::1.2.3.4'");
    CHECK(text({0, 0, 0, 0, 0, 0, 0x100, 0}) == "'::1.0.0.0'");
    CHECK(text({0, 0, 0, 0, 0, 0xffff, 0x102, 0x304}) == "'::ffff:1.2.3.4'");
    CHECK(text({0, 0, 0, 0, 0xffff, 0, 0x102, 0x304}) == "'::ffff:0:102:304'");
    CHECK(text({0, 0, 0, 0, 0, 0, 0, 0xffff}) == "'::ffff'");
    CHECK(text({0, 0, 0, 0, 0, 1, 0, 0}) == "'::1:0:0'");
    CHECK(text({1, 2, 3, 4, 5, 6, 7, 8}) == "'1:2:3:4:5:6:7:8'");
}

TEST_CASE("BINARY(n) has its zeros again that a row event leaves out") {
    schema::column c;
    c.type = schema::type_kind::binary;
    c.length = 4;
    const auto writer = dml::make_column_writer(c, nullptr, target_dialect::mysql);
    const auto text = [&](std::string bytes) {
        std::string out;
        writer.append(out, value_view::make_bytes(value_kind::bytes, as_bytes(bytes)));
        return out;
    };
    CHECK(text("a") == "_binary'a\\0\\0\\0'");
    CHECK(text("") == "_binary'\\0\\0\\0\\0'");
    CHECK(text("abcd") == "_binary'abcd'");
    CHECK(text(std::string("a\0b", 3)) == "_binary'a\\0b\\0'");
    c.type = schema::type_kind::varbinary;
    std::string out;
    dml::make_column_writer(c, nullptr, target_dialect::mysql)
        .append(out, value_view::make_bytes(value_kind::bytes, as_bytes(std::string("a"))));
    CHECK(out == "_binary'a'");
}

TEST_CASE("a SET of more bits than a double has is written by its names") {
    schema::column c;
    c.type = schema::type_kind::set;
    for (int i = 1; i <= 64; ++i) c.members.push_back("s" + std::to_string(i));
    const auto text = [&](std::uint64_t mask) {
        std::string out;
        dml::make_column_writer(c, nullptr, target_dialect::mysql)
            .append(out, value_view::make_uint(mask));
        return out;
    };
    CHECK(text((1ULL << 52) + 1) == "4503599627370497");
    CHECK(text((1ULL << 53) + 1) == "'s1,s54'");
    CHECK(text((1ULL << 63) + 2) == "'s2,s64'");
}

// MySQL 8.0 stores -0 from -0e0, and 0 from -0 and -0.0.
TEST_CASE("a negative zero stays one") {
    schema::column c;
    c.type = schema::type_kind::double_;
    const auto literal = [&](const value_view& v) {
        std::string out;
        dml::make_column_writer(c, nullptr, target_dialect::mysql).append(out, v);
        return out;
    };
    const auto text = [&](const char* digits) {
        return literal(
            value_view::make_bytes(value_kind::text, as_bytes(std::string_view(digits))));
    };
    const auto real = [&](double d) {
        value_view v;
        v.kind = value_kind::float64;
        v.d = d;
        return literal(v);
    };
    const auto single = [&](float f) {
        value_view v;
        v.kind = value_kind::float32;
        v.f = f;
        return literal(v);
    };
    CHECK(real(-0.0) == "-0e0");
    CHECK(single(-0.0F) == "-0e0");
    CHECK(text("-0") == "-0e0");
    CHECK(text("-0.00") == "-0e0");
    CHECK(real(0.0) == "0");
    CHECK(single(-0.5F) == "-0.5");
    CHECK(text("-0.01") == "-0.01");
    CHECK(text("0.00") == "0.00");
}

TEST_CASE("the largest FLOAT is written as a number that is not above it") {
    schema::column c;
    c.type = schema::type_kind::float_;
    const auto literal = [&](float f) {
        value_view v;
        v.kind = value_kind::float32;
        v.f = f;
        std::string out;
        dml::make_column_writer(c, nullptr, target_dialect::mysql).append(out, v);
        return out;
    };
    const float most = std::numeric_limits<float>::max();
    CHECK(literal(most) == "3.4028234663852886e+38");
    CHECK(literal(-most) == "-3.4028234663852886e+38");
    CHECK(literal(std::nextafter(most, 0.0F)) == "3.4028233e+38");
    CHECK(literal(std::numeric_limits<float>::min()) == "1.1754944e-38");
}
