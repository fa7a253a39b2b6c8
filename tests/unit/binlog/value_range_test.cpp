// Stored values that no server writes are faults of their column: without a checksum nothing else
// tells that they are damaged.
#include <dmlib/binlog/rows.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

/// The text of the only value of a row; "fault" where it cannot be read.
std::string read(std::uint8_t type, const std::string& metadata, const std::string& bytes) {
    std::string body("\1s\0\1t\0\1", 7);
    body += static_cast<char>(type);
    body += static_cast<char>(metadata.size());
    body += metadata + '\1';
    const auto map = table_map::parse(1, 0, as_bytes(body), flavor::mysql);
    REQUIRE(map.has_value());
    const std::string row = '\0' + bytes;
    const std::uint8_t all = 1;
    rows_event e;
    e.column_count = 1;
    e.table = *map;
    e.after_columns = byte_view(&all, 1);
    e.rows = as_bytes(row);
    std::vector<value_view> before(1);
    std::vector<value_view> after(1);
    const auto more = row_decoder(e).next(before, after);
    std::string text = "fault";
    if (more && *more) append_text(text = "", after[0]);
    return text;
}

}  // namespace

TEST_CASE("groups of a decimal have no more digits than their place", "[binlog]") {
    const std::string twelve_two("\x0c\x02",
                                 2);  // 3 digits, 9 digits... 10 before the point, 2 behind
    CHECK(read(246, twelve_two, std::string("\x81\x00\x00\x00\x02\x03", 6)) == "1000000002.03");
    CHECK(read(246, twelve_two, std::string("\x7e\xff\xff\xff\xfd\xfc", 6)) == "-1000000002.03");
    CHECK(read(246, twelve_two, std::string("\x89\x3b\x9a\xc9\xff\x63", 6)) == "9999999999.99");
    CHECK(read(246, twelve_two, std::string("\x8a\x00\x00\x00\x02\x03", 6)) == "fault");
    CHECK(read(246, twelve_two, std::string("\x81\x3b\x9a\xca\x00\x03", 6)) == "fault");
    CHECK(read(246, twelve_two, std::string("\x81\x00\x00\x00\x02\x64", 6)) == "fault");
}

TEST_CASE("moments are within the range of their type", "[binlog]") {
    CHECK(read(10, "", std::string("\x9f\xcf\x0f", 3)) == "2023-12-31");
    CHECK(read(10, "", std::string("\xbf\xcf\x0f", 3)) == "fault");  // month 13
    CHECK(read(18, std::string(1, '\0'), std::string("\x80\x00\x01\x70\x00", 5)) ==
          "0000-00-00 23:00:00");
    CHECK(read(18, std::string(1, '\0'), std::string("\x80\x00\x01\x80\x00", 5)) ==
          "fault");  // hour 24
    CHECK(read(18, std::string(1, '\0'), std::string("\x80\x00\x00\x0f\x00", 5)) ==
          "fault");  // minute 60
    CHECK(read(19, std::string(1, '\0'), std::string("\xb4\x6e\xfb", 3)) == "838:59:59");
    CHECK(read(19, std::string(1, '\0'), std::string("\xb4\x70\x00", 3)) == "fault");  // hour 839
    CHECK(read(19, std::string(1, '\0'), std::string("\x80\x00\x3c", 3)) == "fault");  // second 60
}
