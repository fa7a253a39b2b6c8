// Prepared XA transactions as bytes, and what is told from statements and row images.
#include <dmlib/sync/impl/internal/branch_rows.hpp>
#include <dmlib/sync/impl/internal/replace_statement.hpp>
#include <dmlib/sync/impl/internal/system_versions.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;
using namespace dmlib::sync;

namespace {

std::shared_ptr<const binlog::table_map> one_column_map(std::uint64_t id, char name) {
    const std::vector<std::uint8_t> body{
        1, 'd', 0, 1, static_cast<std::uint8_t>(name), 0, 1, 3, 0, 0xff};
    return *binlog::table_map::parse(id, 1, body, flavor::mysql);
}

binlog::rows_event rows_of(const std::shared_ptr<const binlog::table_map>& map,
                           const std::vector<std::uint8_t>& bytes) {
    static const std::uint8_t bits[] = {0xff};
    binlog::rows_event e;
    e.kind = binlog::rows_kind::update;
    e.flags = 2;
    e.table = map;
    e.table_id = map->table_id();
    e.column_count = 1;
    e.before_columns = bits;
    e.after_columns = bits;
    e.rows = bytes;
    return e;
}

}  // namespace

TEST_CASE("a branch's events come back as they were") {
    const auto a = one_column_map(7, 'a');
    const auto b = one_column_map(8, 'b');
    const std::vector<std::uint8_t> first{0, 1, 0, 0, 0, 0, 2, 0, 0, 0};
    std::string bytes;
    internal::append_branch_map(bytes, *a);
    internal::append_branch_rows(bytes, rows_of(a, first), 3);
    internal::append_branch_map(bytes, *b);
    auto partial = rows_of(b, {});
    partial.partial_json = true;
    internal::append_branch_rows(bytes, partial, 5);
    internal::append_branch_map(bytes, *a);

    internal::branch_reader reader{as_bytes(bytes), flavor::mysql};
    binlog::event_body body;
    std::uint32_t number = 0;
    REQUIRE(*reader.next(body, number));
    const auto map = std::get<binlog::table_map_event>(body).table;
    CHECK(map->table() == "a");
    REQUIRE(*reader.next(body, number));
    const auto& rows = std::get<binlog::rows_event>(body);
    CHECK(number == 3);
    CHECK(rows.kind == binlog::rows_kind::update);
    CHECK(rows.flags == 2);
    CHECK(rows.table == map);
    CHECK(std::equal(rows.rows.begin(), rows.rows.end(), first.begin(), first.end()));
    REQUIRE(*reader.next(body, number));
    REQUIRE(*reader.next(body, number));
    CHECK(number == 5);
    CHECK(std::get<binlog::rows_event>(body).partial_json);
    REQUIRE(*reader.next(body, number));
    CHECK(std::get<binlog::table_map_event>(body).table == map);
    CHECK_FALSE(*reader.next(body, number));
    CHECK(reader.kept().size() == 2);

    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        internal::branch_reader half{as_bytes(bytes).first(cut), flavor::mysql};
        result<bool> more = true;
        while (more && *more) more = half.next(body, number);
        if (!more) CHECK(more.error().code() == errc::checkpoint_read);
    }
}

TEST_CASE("XA ids: as the servers write them") {
    using internal::branch_id;
    using internal::branch_id_of;
    CHECK(branch_id_of("XA COMMIT X'6f6e65',X'6272',7") == branch_id(7, "one", "br"));
    CHECK(branch_id_of("XA ROLLBACK X'74776f',X'',1") == branch_id(1, "two", ""));
    CHECK(branch_id_of("XA COMMIT X'ff00',X'',2147483647") ==
          branch_id(2147483647, std::string_view("\xff\0", 2), ""));
    CHECK(branch_id_of("xa commit 'one','br'") == branch_id(1, "one", "br"));
    CHECK(branch_id_of("XA COMMIT 0x6F6E65 ONE PHASE") == branch_id(1, "one", ""));
    CHECK(branch_id(1, "ab", "c") != branch_id(1, "a", "bc"));
    for (const char* bad : {"XA COMMIT",
                            "XA COMMIT X'6'",
                            "XA COMMIT X'6f",
                            "XA COMMIT 'a\\'b'",
                            "XA COMMIT X'6f',7"})
        CHECK_FALSE(branch_id_of(bad));
}

TEST_CASE("rows of a system-versioned table are current up to the type's last value") {
    using internal::is_current;
    CHECK(is_current(value_view::make_timestamp(2147483647, 999999, 6)));
    CHECK(is_current(value_view::make_timestamp(4294967295, 999999, 6)));
    CHECK_FALSE(is_current(value_view::make_timestamp(2147483647, 0, 6)));
    CHECK_FALSE(is_current(value_view::make_timestamp(1700000000, 999999, 6)));
    CHECK(is_current(value_view::make_uint(~std::uint64_t{0})));
    CHECK_FALSE(is_current(value_view::make_uint(12)));
    CHECK_FALSE(is_current(value_view::make_null()));
}

TEST_CASE("statements that may replace rows") {
    CHECK(internal::may_replace("replace into t values (1)"));
    CHECK(internal::may_replace("LOAD DATA INFILE 'x' REPLACE INTO TABLE t"));
    CHECK_FALSE(internal::may_replace("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1"));
}
