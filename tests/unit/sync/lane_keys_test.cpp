// The engine asks for a table's keys to be stored before a row of it goes to a lane, and reads what
// lanes had written ahead by the keys of then only.
#include <dmlib/dml/lane_keys.hpp>
#include <dmlib/sync/engine.hpp>

#include <catch2/catch.hpp>

#include "sim/sim_source.hpp"
#include <algorithm>
#include <string>

using namespace dmlib;

namespace {

struct life {
    std::vector<checkpoint::keys_record> keys;
    bool complete = true;
    std::vector<checkpoint::lane_record> lanes;
    std::uint32_t count = 4;
    sync::apply_order order = sync::apply_order::row;
    sim::table_shape target{{"id", "v"}, {0}};

    sync::sync_engine engine() const {
        sync::engine_options o;
        o.task = "keys";
        o.source = "s";
        o.lanes = count;
        o.order = order;
        o.keys = keys;
        o.keys_complete = complete;
        schema::tracker tracker{server_kind{flavor::mysql, {8, 0, 33}}, 0};
        tracker.definitions().put_schema("d", "utf8mb4", "utf8mb4_bin");
        tracker.definitions().put(sim::make_definition("one", {{"id", "v"}, {0}}));
        auto rules = rule_set::compile(filter{}, router{}, mapper{}, "s");
        return sync::sync_engine(
            o, std::move(*rules), std::move(tracker), {{"binlog.000001", 4}, {}}, lanes, nullptr);
    }
};

/// What the engine did with the first row: a transaction at 100 whose row event is the third.
struct outcome {
    std::vector<checkpoint::keys_record> stored;
    std::optional<error> fault;
    bool work_before_keys = false;
    std::size_t rows = 0;
};

outcome first_row(const life& l) {
    auto engine = l.engine();
    const auto map = sim::make_map(7, "one", 2);
    const std::vector<std::uint8_t> bits{0xff};
    const std::vector<std::uint8_t> row{0, 5, 0, 0, 0, 6, 0, 0, 0};
    binlog::query begin;
    begin.text = "BEGIN";
    binlog::rows_event rows;
    rows.kind = binlog::rows_kind::insert;
    rows.statement_end = true;
    rows.table = map;
    rows.table_id = 7;
    rows.column_count = 2;
    rows.after_columns = bits;
    rows.rows = row;
    outcome out;
    std::uint64_t at = 100;
    for (const binlog::event_body& body : {binlog::event_body{begin},
                                           binlog::event_body{binlog::table_map_event{map}},
                                           binlog::event_body{rows},
                                           binlog::event_body{binlog::xid{7}}}) {
        binlog::event e;
        e.start = at;
        e.next = at += 50;
        e.header.timestamp = 1;
        e.body = body;
        for (int tries = 0;; ++tries) {
            REQUIRE(tries < 5);
            const auto taken = engine.on_event(e);
            if (!taken) {
                out.fault = taken.error();
                return out;
            }
            if (*taken == sync::intake::blocked) CHECK_FALSE(engine.wants_input());
            while (auto a = engine.next_action()) {
                if (const auto* q = std::get_if<sync::table_question>(&*a))
                    engine.on_target_table(q->target, sim::make_definition("one", l.target));
                if (const auto* k = std::get_if<sync::keys_to_store>(&*a)) {
                    out.stored.push_back(k->keys);
                    CHECK(engine.counters().rows_planned == 0);
                    engine.on_keys_stored();
                }
            }
            if (*taken == sync::intake::taken) break;
        }
    }
    out.rows = engine.counters().rows_planned + engine.counters().rows_replayed;
    return out;
}

/// Some lane had committed up to this event of the transaction at 100.
std::vector<checkpoint::lane_record> ahead_to(std::uint32_t event) {
    checkpoint::lane_record r;
    r.lane = 3;
    r.last = {{"binlog.000001", 100}, event, 0};
    return {r};
}

life keyless() {
    life l;
    l.target.unique.clear();
    return l;
}

}  // namespace

TEST_CASE("keys are stored before the first row, and not again where they are the same") {
    life l;
    auto first = first_row(l);
    REQUIRE(first.stored.size() == 1);
    CHECK(first.rows == 1);
    CHECK(first.stored.front().source == table_name{"d", "one"});
    CHECK(first.stored.front().text.find("`PRIMARY` (`id` number)") != std::string::npos);
    l.keys = first.stored;
    l.lanes = ahead_to(9);
    const auto again = first_row(l);
    CHECK(again.stored.empty());
    CHECK(again.rows == 1);
}

TEST_CASE("other keys within what lanes had written ahead: stopped, with the way back") {
    const auto before = first_row(life{}).stored;
    life l = keyless();
    l.keys = before;
    for (const std::uint32_t event : {2U, 9U}) {
        l.lanes = ahead_to(event);
        const auto now = first_row(l);
        REQUIRE(now.fault);
        CHECK(now.stored.empty());
        CHECK(now.fault->code() == errc::checkpoint_keys_changed);
        CHECK(now.fault->place().table == "one");
        CHECK(now.fault->place().binlog_pos == 200);
        CHECK(now.fault->workaround().find("`d`.`one` with `PRIMARY` (`id` number)") !=
              std::string::npos);
    }
    // In front of the row: none of this table can have been written by the former keys.
    l.lanes = ahead_to(1);
    const auto behind = first_row(l);
    CHECK_FALSE(behind.fault);
    REQUIRE(behind.stored.size() == 1);
    CHECK(behind.stored.front().text.find("no key") != std::string::npos);
    CHECK(behind.rows == 1);
}

TEST_CASE("a table without stored keys: new behind what lanes had written, unknown before") {
    life l;
    l.lanes = ahead_to(9);
    const auto left_out = first_row(l);
    REQUIRE(left_out.fault);
    CHECK(left_out.fault->code() == errc::checkpoint_keys_changed);
    l.complete = false;  // the last run was of a version that stored none
    CHECK(first_row(l).stored.size() == 1);
    l.complete = true;
    l.lanes = ahead_to(1);
    CHECK(first_row(l).stored.size() == 1);
}

TEST_CASE("one lane, or whole transactions: rows are told by their order, whatever the keys") {
    life l = keyless();
    l.keys = first_row(life{}).stored;
    l.lanes = ahead_to(9);
    l.lanes.front().lane = 0;
    life one = l;
    one.count = 1;
    life whole = l;
    whole.order = sync::apply_order::transaction;
    for (const life& each : {one, whole}) {
        const auto now = first_row(each);
        CHECK_FALSE(now.fault);
        CHECK(now.stored.empty());
        CHECK(now.rows == 1);
    }
}
