// Stored forms whose width only the schema tells. The bytes were read from binlogs of MySQL 5.6
// (DECIMAL columns of MySQL 4.1) and MariaDB 10.11 (mysql56_temporal_format=OFF), the texts are
// what these servers answered.
#include <dmlib/binlog/rows.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

struct table {
    std::shared_ptr<const table_map> map;
    std::vector<column_facts> facts;

    table(std::string_view types, std::vector<column_facts> f) : facts(std::move(f)) {
        std::string body("\1s\0\1t\0", 6);
        body += static_cast<char>(types.size());
        body += types;
        body += '\0';
        body += '\x7f';
        auto made = table_map::parse(1, 0, as_bytes(body), flavor::mariadb);
        REQUIRE(made.has_value());
        map = *made;
    }

    rows_event event(const std::string& row) const {
        static const std::uint8_t all = 0xff;
        rows_event e;
        e.column_count = static_cast<std::uint32_t>(map->column_count());
        e.table = map;
        e.after_columns = byte_view(&all, 1);
        e.rows = as_bytes(row);
        return e;
    }

    /// The values of the first row, separated; "fault" where it cannot be read.
    std::string read(const std::string& values) const {
        const std::string row = '\0' + values;
        const rows_event e = event(row);
        byte_arena arena;
        row_decoder rows(e, facts, &arena);
        std::vector<value_view> before(facts.size());
        std::vector<value_view> after(facts.size());
        const auto more = rows.next(before, after);
        CHECK(row_decoder(e, facts, &arena).skip().has_value() == more.has_value());
        if (!more || !*more || rows.remaining() != 0) return "fault";
        std::string out;
        for (const value_view& v : after) {
            if (&v != &after.front()) out += ' ';
            append_text(out, v);
        }
        return out;
    }
};

std::string bytes(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return out;
}

constexpr std::uint8_t time_code = 11;
constexpr std::uint8_t datetime_code = 12;
constexpr std::uint8_t timestamp_code = 7;

std::string moment(std::uint8_t code, std::uint8_t fraction, std::string_view hex) {
    return table(std::string(1, static_cast<char>(code)), {{false, 0, fraction}}).read(bytes(hex));
}

}  // namespace

TEST_CASE("a DECIMAL of MySQL 4.1 is as wide as it is shown", "[binlog]") {
    // DECIMAL(10,2), DECIMAL(4,0), DECIMAL(5,2) UNSIGNED ZEROFILL
    const table t(std::string_view("\0\0\0", 3), {{false, 10, 2}, {false, 4, 0}, {true, 5, 2}});
    CHECK(t.read("  -123456.79    7000.00") == "-123456.79 7 0.00");
    CHECK(t.read("  9999999.99"
                 " 9999"
                 "999.99") == "9999999.99 9999 999.99");
    CHECK(t.read(" 99999999.99-9999001.00") == "99999999.99 -9999 1.00");
    CHECK(t.read("       +3.10   +4000.05") == "3.10 4 0.05");
    CHECK(t.read("       -0.00   -0012.30") == "0.00 0 12.30");
    // Without a sign its place holds a digit.
    CHECK(t.read("999999999.9912345000.00") == "999999999.99 12345 0.00");
    CHECK(t.read("  -123456.79    700000") == "fault");
    CHECK(t.read("  -1234x6.79    7000.00") == "fault");
    CHECK(t.read("  -1234.6.79    7000.00") == "fault");
    CHECK(t.read("  -123456.79     000.00") == "fault");
    CHECK(t.read("  -12345.679    7000.00") == "fault");
}

TEST_CASE("a DECIMAL of MySQL 4.1 takes as many digits as there are today", "[binlog]") {
    const table t(std::string_view("\0", 1), {{false, 65, 30}});
    const std::string whole(35, '9');
    const std::string behind(30, '8');
    CHECK(t.read('-' + whole + '.' + behind) == '-' + whole + '.' + behind);
    CHECK(t.read('9' + whole + '.' + behind) == "fault");
    CHECK(t.read(std::string(36, ' ') + '.' + behind) == "0." + behind);
    CHECK(t.read(std::string(35, ' ') + "1." + std::string(30, '0')) ==
          "1." + std::string(30, '0'));
}

TEST_CASE("a DECIMAL of MySQL 4.1 is refused where nobody tells its width", "[binlog]") {
    const table t(std::string_view("\3\0", 2), {});
    const std::string row = '\0' + std::string("\1\0\0\0", 4) + "        1.50";
    const rows_event e = t.event(row);
    std::vector<value_view> values(2);
    byte_arena arena;
    for (const auto& facts : {std::vector<column_facts>{}, std::vector<column_facts>(2)}) {
        const auto read = row_decoder(e, facts, &arena).next({}, values);
        REQUIRE(read.has_error());
        CHECK(read.error().code() == errc::binlog_refused);
        CHECK(read.error().place().table == "t");
        CHECK(read.error().message().find("column @2") != std::string::npos);
        CHECK(read.error().workaround().find("FORCE") != std::string::npos);
    }
}

TEST_CASE("fractions of a second as MariaDB 5.3 stored them", "[binlog]") {
    CHECK(moment(time_code, 1, "0000000b") == "-838:59:58.9");
    CHECK(moment(time_code, 1, "0399c0b6") == "838:59:59.0");
    CHECK(moment(time_code, 2, "1200c3b6") == "-00:00:00.10");
    CHECK(moment(time_code, 3, "00b6bad215") == "12:34:56.789");
    CHECK(moment(time_code, 4, "0000002711") == "-838:59:58.9999");
    CHECK(moment(time_code, 5, "4760fa1035") == "12:34:56.78901");
    CHECK(moment(time_code, 6, "0000000f4241") == "-838:59:58.999999");
    CHECK(moment(time_code, 6, "02bf3ddcf55f") == "-00:00:00.100001");
    CHECK(moment(time_code, 6, "057e7badb5c0") == "838:59:59.000000");
    CHECK(moment(datetime_code, 1, "0344d965ffff") == "9999-12-31 23:59:59.9");
    CHECK(moment(datetime_code, 2, "069df88fdc0e") == "2024-02-29 12:34:56.78");
    CHECK(moment(datetime_code, 3, "00000000000000") == "0000-00-00 00:00:00.000");
    CHECK(moment(datetime_code, 4, "0295b51831f5d2") == "2024-02-29 12:34:56.7890");
    CHECK(moment(datetime_code, 5, "7fb16c205fffff") == "9999-12-31 23:59:59.99999");
    CHECK(moment(datetime_code, 6, "01027abd73840614") == "2024-02-29 12:34:56.789012");
    CHECK(moment(timestamp_code, 1, "7fffffff09") == "2038-01-19 03:14:07.9");
    CHECK(moment(timestamp_code, 2, "65e079f04e") == "2024-02-29 12:34:56.78");
    CHECK(moment(timestamp_code, 3, "000000010000") == "1970-01-01 00:00:01.000");
    CHECK(moment(timestamp_code, 4, "65e079f01ed2") == "2024-02-29 12:34:56.7890");
    CHECK(moment(timestamp_code, 5, "7fffffff01869f") == "2038-01-19 03:14:07.99999");
    CHECK(moment(timestamp_code, 6, "65e079f00c0a14") == "2024-02-29 12:34:56.789012");
    // Without a fraction the form is the one of all servers before MySQL 5.6.
    CHECK(moment(time_code, 0, "40e201") == "12:34:56");
}

TEST_CASE("moments that MariaDB 5.3 never stored are faults", "[binlog]") {
    CHECK(moment(time_code, 1, "00000000") == "fault");  // -839 hours
    CHECK(moment(time_code, 1, "0399c0c0") == "fault");  // 839 hours
    CHECK(moment(datetime_code, 6, "ffffffffffffffff") == "fault");
    CHECK(moment(timestamp_code, 1, "7fffffff0a") == "fault");
    CHECK(moment(timestamp_code, 6, "7fffffff0f4240") == "fault");
    CHECK(moment(timestamp_code, 6, "7fffffff0f42") == "fault");
}
