#include <dmlib/binlog/event_type.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

/// The codes that a released server of the dialect writes or has written since 5.0.
std::set<int> written_by(flavor f) {
    std::set<int> codes;
    const int top = f == flavor::mysql ? 42 : 41;
    for (int code = 1; code <= top; ++code) codes.insert(code);
    if (f == flavor::mariadb) {
        for (int code = 160; code <= 172; ++code) codes.insert(code);
    }
    return codes;
}

}  // namespace

TEST_CASE("every type code of both dialects is handled, ignorable or refused with a way out",
          "[events]") {
    for (const flavor f : {flavor::mysql, flavor::mariadb}) {
        int handled = 0;
        for (int code = 0; code < 256; ++code) {
            INFO("code " << code);
            const auto c = static_cast<std::uint8_t>(code);
            const event_rule& rule = rule_of(c);
            const event_status status = status_of(f, c);
            const std::string name = name_of(f, c);
            CHECK_FALSE(name.empty());
            if (status == event_status::handled) {
                ++handled;
                CHECK(written_by(f).count(code) == 1);
                CHECK_FALSE(name.starts_with("UNKNOWN_"));
            } else {
                CHECK_FALSE(rule.reason.empty());
            }
            if (status == event_status::refused) CHECK_FALSE(rule.way_out.empty());
            if (written_by(f).count(code) == 0 && code != 0) CHECK(status == event_status::refused);
        }
        CHECK(handled == (f == flavor::mysql ? 29 : 41));
    }
}

TEST_CASE("names are those of the servers", "[events]") {
    CHECK(name_of(flavor::mysql, 30) == "WRITE_ROWS_EVENT");
    CHECK(name_of(flavor::mysql, 23) == "WRITE_ROWS_EVENT_V1");
    CHECK(name_of(flavor::mysql, 42) == "GTID_TAGGED_LOG_EVENT");
    CHECK(name_of(flavor::mysql, 33) == "GTID_LOG_EVENT");
    CHECK(name_of(flavor::mariadb, 162) == "GTID_EVENT");
    CHECK(name_of(flavor::mysql, 162) == "UNKNOWN_162");
    CHECK(name_of(flavor::mariadb, 200) == "UNKNOWN_200");
    CHECK(name_of(flavor::mysql, 0) == "UNKNOWN_EVENT");
}
