// Faults of the stream that no server makes on demand: the engine says them with their code.
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/sync/engine.hpp>

#include <catch2/catch.hpp>

#include "sim/sim_source.hpp"
#include "unit/binlog/event_bytes.hpp"
#include <string>

using namespace dmlib;

namespace {

sync::sync_engine engine_with(std::size_t memory = std::size_t{64} << 20) {
    sync::engine_options o;
    o.task = "codes";
    o.source = "s";
    o.memory_bytes = memory;
    schema::tracker tracker{server_kind{flavor::mysql, {8, 0, 33}}, 0};
    tracker.definitions().put_schema("d", "utf8mb4", "utf8mb4_bin");
    tracker.definitions().put(sim::make_definition("one", {{"id", "v"}, {0}}));
    auto rules = rule_set::compile(filter{}, router{}, mapper{}, "s");
    return sync::sync_engine(
        o, std::move(*rules), std::move(tracker), {{"binlog.000001", 4}, {}}, {}, nullptr);
}

binlog::event query_event(std::string_view text) {
    binlog::event e;
    e.start = 100;
    e.next = 150;
    binlog::query q;
    q.schema = "d";
    q.text = text;
    e.body = q;
    return e;
}

error fault_of(std::string_view statement) {
    auto engine = engine_with();
    const auto taken = engine.on_event(query_event(statement));
    REQUIRE_FALSE(taken.has_value());
    CHECK_FALSE(taken.error().workaround().empty());
    return taken.error();
}

}  // namespace

TEST_CASE("INCIDENT: events were lost") {
    binlog_test::event_maker make;
    binlog::decoder decoder;
    const std::string format = make.format();
    REQUIRE(decoder.push(as_bytes(format), 4).has_value());
    const std::string lost = make.make(26, binlog_test::le(1, 2) + "\x0b" + "disk failed");
    const auto event = decoder.push(as_bytes(lost), 4 + format.size());
    REQUIRE(event.has_value());
    auto engine = engine_with();
    const auto taken = engine.on_event(**event);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().code() == errc::binlog_incident);
    CHECK(taken.error().place().binlog_pos == 4 + format.size());
}

TEST_CASE("DDL that cannot be parsed, or does not fit the tracked tables") {
    CHECK(fault_of("ALTER TABLE one FROBNICATE v").code() == errc::sync_ddl_unparsed);
    CHECK(fault_of("CREATE TABLE two (id INT").code() == errc::sync_ddl_unparsed);
    CHECK(fault_of("ALTER TABLE one DROP COLUMN never_there").code() == errc::sync_ddl_unresolved);
    CHECK(fault_of("ALTER TABLE unknown_table ADD COLUMN v INT").code() ==
          errc::sync_ddl_unresolved);
    const error e = fault_of("CREATE TABLE one (id INT)");
    CHECK(e.code() == errc::sync_ddl_unresolved);
    CHECK(e.place().binlog_pos == 100);
    CHECK(e.place().statement.find("CREATE TABLE one") != std::string::npos);
}
