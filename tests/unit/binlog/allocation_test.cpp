// The decode path gets no memory per row, and none per event once it has run for a while.
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/rows.hpp>

#include <catch2/catch.hpp>

#include "allocations.hpp"
#include "binlog_files.hpp"
#include "event_bytes.hpp"

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;

namespace {

/// Decodes all rows into the same values; gives the number of allocations meanwhile.
std::size_t allocations_of_rows(const rows_event& r, byte_arena& arena, std::size_t& rows) {
    std::vector<value_view> before(r.table->column_count());
    std::vector<value_view> after(r.table->column_count());
    const std::size_t start = allocations().calls;
    row_decoder decoder(r, {}, &arena);
    for (;;) {
        auto more = decoder.next(before, after);
        if (!more) FAIL(more.error().to_string());
        if (!*more) break;
        ++rows;
    }
    row_decoder skipping(r, {}, &arena);
    for (;;) {
        auto more = skipping.skip();
        if (!more) FAIL(more.error().to_string());
        if (!*more) break;
    }
    return allocations().calls - start;
}

}  // namespace

TEST_CASE("the operators of this program count", "[allocations]") {
    const auto before = allocations();
    auto* const p = new std::string(1000, 'x');
    const auto after = allocations();
    delete p;
    if (DMLIB_TEST_COUNTS_ALLOCATIONS != 0) {
        CHECK(after.calls == before.calls + 2);
        CHECK(after.live_bytes >= before.live_bytes + 1000);
    }
    CHECK(allocations().live_bytes == before.live_bytes);
}

TEST_CASE("no allocation per row of any type", "[allocations][recorded]") {
    std::size_t rows = 0;
    for (const auto& entry : std::filesystem::directory_iterator(fixtures())) {
        if (!entry.path().string().ends_with(".binlog.gz")) continue;
        INFO(entry.path().string());
        byte_arena arena;
        read_all(read_file(entry.path()), 1 << 20, [&](const event& e) {
            const auto* r = e.get<rows_event>();
            if (r == nullptr || !r->table) return;
            if (r->table->needs_arena()) {
                // The memory for decompressed values is kept.
                arena.clear();
                arena.allocate(std::size_t{1} << 20);
                arena.clear();
            }
            CHECK(allocations_of_rows(*r, arena, rows) == 0);
        });
    }
    CHECK(rows > 150);
}

TEST_CASE("no allocation per event of a running stream", "[allocations]") {
    event_maker m;
    std::string many;
    for (int i = 0; i < 1000; ++i) many += le(0, 1) + le(7, 4) + le(4, 1) + "text";
    const std::string head = event_maker::insert_body(9, 1, "x");
    const std::string body = head.substr(0, head.size() - 7) + many;
    std::vector<std::string> round = {
        m.gtid(1), m.query("BEGIN"), m.table_map(9), m.table_map(10), m.make(30, body), m.xid(1)};
    decoder d;
    const std::string format = m.format();
    REQUIRE(d.push(as_bytes(format)));
    std::size_t rows = 0;
    std::size_t calls = 0;
    std::vector<value_view> values(2);
    for (int i = 0; i < 50; ++i) {
        const std::size_t before = allocations().calls;
        for (const std::string& bytes : round) {
            auto e = d.push(as_bytes(bytes), 4);
            if (!e) FAIL(e.error().to_string());
            const auto* r = (*e)->get<rows_event>();
            if (r == nullptr) continue;
            row_decoder decoder(*r);
            while (decoder.next(values, values).value()) ++rows;
        }
        if (i > 0) calls += allocations().calls - before;
    }
    CHECK(rows == 50000);
    CHECK(calls == 0);
}
