#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

TEST_CASE("an error says what, where and the way out") {
    error e{errc::db_duplicate_entry, "Duplicate entry '7' for key 'PRIMARY'"};
    e.task("orders").source("mysql-01").table("shop", "o").position("binlog.000003", 120);
    const std::string text = e.to_string();
    CHECK(text.find("db-duplicate-entry (10011)") != std::string::npos);
    CHECK(text.find("[table shop.o]") != std::string::npos);
    CHECK(text.find("[at binlog.000003:120]") != std::string::npos);
    CHECK_FALSE(e.workaround().empty());
    error copy = e;
    copy.task("other");
    CHECK(e.place().task == "orders");
}

TEST_CASE("every error of the table is found and has a way out") {
    CHECK(info_of(errc::binlog_truncated).name == "binlog-truncated");
    CHECK(info_of(static_cast<errc>(7)).code == errc::internal_bug);
}

TEST_CASE("the cursor never reads outside and fails for good") {
    const std::uint8_t data[] = {1, 2, 3};
    byte_cursor in{data};
    CHECK(in.u16() == 0x0201);
    CHECK(in.u16() == 0);
    CHECK_FALSE(in.ok());
    CHECK(in.u8() == 0);
    CHECK(in.remaining() == 0);
}
