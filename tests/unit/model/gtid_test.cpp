#include <dmlib/model/position.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <set>
#include <vector>

using namespace dmlib;

namespace {

const std::string A = "00000000-0000-0000-0000-00000000000a";
const std::string B = "00000000-0000-0000-0000-00000000000b";

mysql_gtid_set set_of(const std::string& text) {
    return mysql_gtid_set::parse(text).value();
}
mariadb_gtid_set position_of(const std::string& text) {
    return mariadb_gtid_set::parse(text).value();
}

}  // namespace

TEST_CASE("uuid text", "[gtid]") {
    const auto id = parse_uuid("3E11FA47-71CA-11E1-9E33-C80AA9429562");
    REQUIRE(id);
    CHECK(to_string(*id) == "3e11fa47-71ca-11e1-9e33-c80aa9429562");
    CHECK(parse_uuid("3e11fa4771ca11e19e33c80aa9429562") == id);
    CHECK(parse_uuid("{3e11fa47-71ca-11e1-9e33-c80aa9429562}") == id);
    CHECK_FALSE(parse_uuid("3e11fa47-71ca-11e1-9e33-c80aa942956"));
    CHECK_FALSE(parse_uuid("3e11fa47-71ca-11e1-9e33-c80aa942956g"));
    CHECK_FALSE(parse_uuid("3e11fa47x71ca-11e1-9e33-c80aa9429562"));
    CHECK_FALSE(parse_uuid(""));
}

TEST_CASE("MySQL sets in the server's text", "[gtid]") {
    CHECK(set_of("").to_string().empty());
    CHECK(set_of(A + ":1-3:5:4").to_string() == A + ":1-5");
    CHECK(set_of(B + ":7,\n " + A + ":1-2").to_string() == A + ":1-2," + B + ":7");
    CHECK(set_of(A + ":1-5:tag:1-3").to_string() == A + ":1-5:tag:1-3");
    CHECK(set_of(A + ":Tag:1," + A + ":2," + A + ":b_1:9").to_string() == A + ":2:b_1:9:tag:1");
    CHECK(set_of(" " + A + " : 3 - 4 ").to_string() == A + ":3-4");

    for (const std::string& bad : std::vector<std::string>{"x",
                                                           A,
                                                           (A + ":"),
                                                           (A + ":0"),
                                                           (A + ":5-3"),
                                                           (A + ":1-"),
                                                           (A + ":tag"),
                                                           (A + ":1:1tag:2"),
                                                           (A + ":99999999999999999999"),
                                                           "0-1-5"}) {
        INFO(bad);
        CHECK(mysql_gtid_set::parse(bad).has_error());
    }
}

TEST_CASE("MySQL sets on the wire", "[gtid]") {
    const auto plain = set_of(A + ":1-3:7," + B + ":2");
    // Layout of the untagged set, written by hand from its description.
    const std::string bytes = plain.encode();
    CHECK(bytes.size() == 8 + 16 + 8 + 32 + 16 + 8 + 16);
    CHECK(bytes[0] == 2);
    CHECK(bytes[8 + 15] == 10);
    CHECK(bytes[8 + 16] == 2);
    CHECK(bytes[8 + 16 + 8 + 8] == 4);  // exclusive end of 1-3
    CHECK(mysql_gtid_set::decode(as_bytes(bytes)).value() == plain);

    const auto tagged = set_of(A + ":1-3:blue:4," + B + ":2");
    const std::string more = tagged.encode();
    CHECK(more[0] == 1);
    CHECK(more[1] == 3);
    CHECK(more[7] == 1);
    CHECK(mysql_gtid_set::decode(as_bytes(more)).value() == tagged);

    CHECK(mysql_gtid_set::decode(as_bytes(bytes.substr(0, bytes.size() - 1))).has_error());
    CHECK(mysql_gtid_set::decode(as_bytes(bytes + "x")).has_error());
    std::string lies = bytes;
    lies[8 + 16 + 3] = '\x7f';  // a count beyond the bytes
    CHECK(mysql_gtid_set::decode(as_bytes(lies)).has_error());
}

TEST_CASE("MySQL set algebra equals that of plain sets", "[gtid]") {
    std::mt19937 random(7);
    const auto id_of = [](int n) {
        mysql_gtid g;
        g.sid[15] = static_cast<std::uint8_t>(n % 2);
        g.tag = n % 3 == 0 ? "t" : "";
        g.number = 1 + n / 6;
        return g;
    };
    for (int round = 0; round < 300; ++round) {
        std::set<mysql_gtid> x, y;
        mysql_gtid_set a, b;
        for (int i = 0; i < 60; ++i) {
            const auto g = id_of(static_cast<int>(random() % 120));
            const auto h = id_of(static_cast<int>(random() % 120));
            x.insert(g), a.add(g);
            y.insert(h), b.add(h);
        }
        mysql_gtid_set sum = a, rest = a;
        sum.add(b);
        rest.subtract(b);
        const auto both = a.intersect(b);
        std::size_t in_sum = 0, in_rest = 0, in_both = 0;
        for (int n = 0; n < 120; ++n) {
            const auto g = id_of(n);
            REQUIRE(a.contains(g) == (x.count(g) == 1));
            REQUIRE(sum.contains(g) == (x.count(g) + y.count(g) > 0));
            REQUIRE(rest.contains(g) == (x.count(g) == 1 && y.count(g) == 0));
            REQUIRE(both.contains(g) == (x.count(g) == 1 && y.count(g) == 1));
        }
        std::set<mysql_gtid> all = x;
        all.insert(y.begin(), y.end());
        in_sum = all.size();
        for (const auto& g : x) (y.count(g) ? in_both : in_rest) += 1;
        REQUIRE(sum.count() == in_sum);
        REQUIRE(rest.count() == in_rest);
        REQUIRE(both.count() == in_both);
        REQUIRE(sum.contains(a));
        REQUIRE(a.contains(both));
        REQUIRE(a.contains(sum) == (sum == a));
        REQUIRE(set_of(sum.to_string()) == sum);
        REQUIRE(mysql_gtid_set::decode(as_bytes(sum.encode())).value() == sum);
    }
}

TEST_CASE("MariaDB positions", "[gtid]") {
    CHECK(position_of("").empty());
    CHECK(position_of("1-7-9, 0-1-5").to_string() == "0-1-5,1-7-9");
    // As in gtid_binlog_state: the last entry of a domain is the domain's last transaction.
    const auto state = position_of("0-2-4,0-1-5,3-3-3");
    CHECK(state.to_string() == "0-2-4,0-1-5,3-3-3");
    CHECK(state.connect_state() == "0-1-5,3-3-3");
    const auto other = position_of("0-1-5,0-2-6");
    CHECK(other.connect_state() == "0-2-6");

    CHECK(state.contains(mariadb_gtid{0, 9, 5}));
    CHECK_FALSE(state.contains(mariadb_gtid{0, 9, 6}));
    CHECK_FALSE(state.contains(mariadb_gtid{4, 1, 1}));
    CHECK(state.contains(position_of("0-1-5")));
    CHECK_FALSE(state.contains(other));
    CHECK(other.contains(position_of("0-1-5")));
    CHECK(state.intersect(other).to_string() == "0-1-5");

    for (const char* bad : {"0-1",
                            "0-1-",
                            "-1-2",
                            "a-b-c",
                            "0-1-5-6",
                            "4294967296-1-1",
                            "3e11fa47-71ca-11e1-9e33-c80aa9429562:1"}) {
        INFO(bad);
        CHECK(mariadb_gtid_set::parse(bad).has_error());
    }
    auto moved = position_of("0-1-5");
    moved.add(mariadb_gtid{0, 2, 6});
    CHECK(moved.to_string() == "0-1-5,0-2-6");
    moved.subtract(position_of("0-1-5"));
    CHECK(moved.to_string() == "0-2-6");
}

TEST_CASE("MariaDB GTID list events", "[gtid]") {
    std::string body(
        "\x02\0\0\0"
        "\0\0\0\0"
        "\x01\0\0\0"
        "\x05\0\0\0\0\0\0\0"
        "\x01\0\0\0"
        "\x07\0\0\0"
        "\x09\0\0\0\0\0\0\0",
        36);
    CHECK(mariadb_gtid_set::decode(as_bytes(body)).value().to_string() == "0-1-5,1-7-9");
    CHECK(mariadb_gtid_set::decode(as_bytes(body.substr(0, 30))).has_error());
    CHECK(mariadb_gtid_set::decode(as_bytes(std::string(4, '\0'))).value().empty());
    CHECK(mariadb_gtid_set::decode(as_bytes(std::string(6, '\0'))).value().empty());
}

TEST_CASE("sets of either dialect", "[gtid]") {
    gtid_set none;
    CHECK(none.empty());
    CHECK(none.to_string().empty());
    none.add(mariadb_gtid{0, 1, 2});
    CHECK(none.to_string() == "0-1-2");
    CHECK(none.contains(gtid(mariadb_gtid{0, 1, 1})));
    CHECK_FALSE(none.contains(gtid(mysql_gtid{{}, "", 1})));
    const auto m = gtid_set::parse(flavor::mysql, A + ":1-9").value();
    CHECK_FALSE(m.contains(none));
    CHECK(m.contains(gtid_set::parse(flavor::mysql, A + ":3").value()));
    CHECK(m.contains(gtid_set()));
}

TEST_CASE("binlog positions are ordered by number", "[position]") {
    const auto at = [](std::string f, std::uint64_t p) { return binlog_position{std::move(f), p}; };
    CHECK((compare(at("b.000009", 500), at("b.000010", 4)) < 0));
    CHECK((compare(at("b.999999", 500), at("b.1000000", 4)) < 0));
    CHECK((compare(at("b.000010", 5), at("b.000010", 4)) > 0));
    CHECK((compare(at("b.000010", 5000000000ULL), at("b.000010", 4294967296ULL)) > 0));
    CHECK((compare(at("b.000010", 4), at("b.000010", 4)) == 0));
    CHECK((compare(at("alpha", 9), at("beta", 4)) < 0));
    CHECK(to_string(at("b.000010", 4)) == "b.000010:4");
}
