// Which columns a mapping takes.
#include <dmlib/schema/show_create.hpp>
#include <dmlib/transform/mapper.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace dmlib;

namespace {

column_mapping mapping_of(std::string_view column, mapping_kind kind, std::string_view text = "") {
    column_mapping m;
    m.column = std::string(column);
    m.rule = "r";
    m.kind = kind;
    m.text = std::string(text);
    return m;
}

schema::table some_table() {
    auto t = schema::table_from_show_create(
        "CREATE TABLE `t` (`id` bigint NOT NULL, `name` varchar(20) CHARACTER SET utf8mb4,"
        " `old` varchar(20) CHARACTER SET latin1, `wide` varchar(20) CHARACTER SET utf16,"
        " `bytes` binary(4), `price` decimal(10,2), `kind` enum('a','b'),"
        " `sum` bigint GENERATED ALWAYS AS (`id` + 1) STORED) ENGINE=InnoDB",
        {flavor::mysql, {8, 0, 33}},
        "d");
    REQUIRE(t.has_value());
    return std::move(*t);
}

}  // namespace

TEST_CASE("mapped_column finds the columns that a mapping can change, in any case") {
    const schema::table t = some_table();
    const auto place = [&](const column_mapping& m) {
        const auto at = mapped_column(m, t);
        REQUIRE(at.has_value());
        return *at;
    };
    CHECK(place(mapping_of("ID", mapping_kind::partition_id)) == 0);
    CHECK(place(mapping_of("name", mapping_kind::partition_id)) == 1);
    CHECK(place(mapping_of("name", mapping_kind::add_prefix, "\xc3\xa9-")) == 1);
    CHECK(place(mapping_of("old", mapping_kind::add_suffix, "-x")) == 2);
    CHECK(place(mapping_of("wide", mapping_kind::partition_id)) == 3);
}

TEST_CASE("mapped_column says which column it cannot take, and why") {
    const schema::table t = some_table();
    const auto refused = [&](const column_mapping& m, std::string_view why) {
        const auto at = mapped_column(m, t);
        REQUIRE_FALSE(at.has_value());
        INFO(at.error().message());
        CHECK(at.error().code() == errc::sync_mapping);
        CHECK(at.error().message().find("column mapping r: ") == 0);
        CHECK(at.error().message().find(why) != std::string::npos);
        CHECK(at.error().place().schema == "d");
        CHECK(at.error().place().table == "t");
        CHECK_FALSE(at.error().workaround().empty());
    };
    refused(mapping_of("nowhere", mapping_kind::add_prefix, "x"), "no column `nowhere`");
    refused(mapping_of("sum", mapping_kind::partition_id), "column `sum` is generated");
    refused(mapping_of("old", mapping_kind::add_prefix, "\xc3\xa9"), "of character set latin1");
    refused(mapping_of("wide", mapping_kind::add_suffix, "x"), "of character set utf16");
    refused(mapping_of("id", mapping_kind::add_prefix, "x"), "column `id` is bigint");
    refused(mapping_of("price", mapping_kind::partition_id), "decimal(10,2), and partition id");
    refused(mapping_of("kind", mapping_kind::add_suffix, "x"), "add prefix and add suffix");
    // A row event leaves out its zeros at the end: a suffix would stand elsewhere than in the copy.
    refused(mapping_of("bytes", mapping_kind::add_suffix, "x"), "column `bytes` is binary(4)");
}
