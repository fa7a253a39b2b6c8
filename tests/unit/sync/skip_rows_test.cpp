// Tables that the rules leave out: the engine says so at their map, and the decoder then gives
// their rows unread.
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/sync/engine.hpp>

#include <catch2/catch.hpp>

#include "bench/binlog_shapes.hpp"
#include "sim/sim_source.hpp"

using namespace dmlib;

namespace {

sync::sync_engine engine_of(const filter& rules_of, std::uint32_t lanes = 1) {
    sync::engine_options o;
    o.task = "skip";
    o.source = "s";
    o.lanes = lanes;
    schema::tracker tracker{server_kind{flavor::mysql, {8, 0, 33}}, 0};
    auto rules = rule_set::compile(rules_of, router{}, mapper{}, "s");
    return sync::sync_engine(
        o, std::move(*rules), std::move(tracker), {{"binlog.000001", 4}, {}}, {}, nullptr);
}

binlog::event event_of(binlog::event_body body) {
    binlog::event e;
    e.start = 100;
    e.next = 150;
    e.body = std::move(body);
    return e;
}

}  // namespace

TEST_CASE("the engine knows from a table's map whether its rows are wanted") {
    auto engine = engine_of(filter{}.block("d.two"));
    const auto one = sim::make_map(1, "one", 2);
    const auto two = sim::make_map(2, "two", 2);
    CHECK_FALSE(engine.skips(*two));  // not seen yet
    binlog::query begin;
    begin.text = "BEGIN";
    REQUIRE(engine.on_event(event_of(begin)).has_value());
    REQUIRE(engine.on_event(event_of(binlog::table_map_event{two})).has_value());
    CHECK(engine.skips(*two));
    REQUIRE(engine.on_event(event_of(binlog::table_map_event{one})).has_value());
    CHECK_FALSE(engine.skips(*one));
}

TEST_CASE("rows of a branch of an XA transaction are kept, whatever the rules say") {
    auto engine = engine_of(filter{}.block("d.two"));
    const auto two = sim::make_map(2, "two", 2);
    binlog::query begin;
    begin.text = "BEGIN";
    REQUIRE(engine.on_event(event_of(begin)).has_value());
    REQUIRE(engine.on_event(event_of(binlog::table_map_event{two})).has_value());
    REQUIRE(engine.skips(*two));
    REQUIRE(engine.on_event(event_of(binlog::xid{1})).has_value());
    binlog::query start;
    start.text = "XA START X'61',X'',1";
    REQUIRE(engine.on_event(event_of(start)).has_value());
    CHECK_FALSE(engine.skips(*two));
}

TEST_CASE("events of a filtered table go through the engine without their rows") {
    const bench::made_binlog log = bench::sysbench_log::transactions(1 << 16);
    auto engine = engine_of(filter{}.block("*.*"));
    binlog::decoder decoder;
    std::size_t row_events = 0;
    const auto* const base = as_bytes(log.bytes).data();
    for (std::size_t at = 4; at + binlog::header_size <= log.bytes.size();) {
        byte_cursor p({base + at + 9, 4});
        const std::size_t size = p.u32();
        auto e = decoder.push({base + at, size}, at);
        REQUIRE(e.has_value());
        at += size;
        if (const auto* rows = (*e)->get<binlog::rows_event>()) {
            ++row_events;
            CHECK(rows->ignored);
            CHECK(rows->rows.empty());
        }
        const auto taken = engine.on_event(**e);
        REQUIRE(taken.has_value());
        REQUIRE(*taken == sync::intake::taken);
        if (const auto* map = (*e)->get<binlog::table_map_event>()) {
            REQUIRE(engine.skips(*map->table));
            decoder.ignore_rows(*map->table);
        }
    }
    CHECK(row_events > 10);
    CHECK(engine.counters().rows_filtered == row_events);
}
