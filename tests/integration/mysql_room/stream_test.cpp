#include <catch2/catch.hpp>

#include "server_under_test.hpp"
#include <csignal>
#include <cstring>
#include <set>
#include <thread>

using namespace dmlib;
using namespace dmlib::mysql;
using namespace std::chrono_literals;

namespace {

struct source {
    server_facts facts;
    session control;
    source() {
        control = connect();
        facts = read_server_facts(control).value();
    }
    bool has_binlog() const { return !facts.is_tidb(); }
};

stream_options options_from(const location& start, bool by_gtid) {
    async::system_random_source random;
    stream_options o;
    o.start = start;
    o.by_gtid = by_gtid;
    o.server_id = random_server_id(random);
    o.wait_for_more = false;
    return o;
}

std::uint8_t type_of(byte_view e) {
    return e.size() > 4 ? e[4] : 255;
}

// The queries and the number of events, artificial ones included, up to the end.
struct reading {
    std::size_t events = 0;
    std::size_t row_events = 0;
    std::uint64_t bytes = 0;
    std::size_t largest = 0;
    std::string all_text;
};

reading read_all(binlog_stream& stream) {
    reading r;
    for (;;) {
        const byte_view e = stream.next().value();
        if (e.empty()) return r;
        REQUIRE(e.size() >= 19);
        std::uint32_t size = 0;
        std::memcpy(&size, e.data() + 9, 4);
        REQUIRE(size == e.size());
        ++r.events;
        r.bytes += e.size();
        r.largest = std::max(r.largest, e.size());
        const auto type = type_of(e);
        if (type == 23 || type == 30) ++r.row_events;
        if (type == 2) r.all_text += std::string(as_text(e)) + "\n";
    }
}

void make_changes(session& s, const std::string& table) {
    s.execute("CREATE DATABASE IF NOT EXISTS room").value();
    s.execute("DROP TABLE IF EXISTS room." + table).value();
    s.execute("CREATE TABLE room." + table + " (id INT PRIMARY KEY, v LONGTEXT)").value();
    for (int i = 0; i < 5; ++i) {
        s.execute("INSERT INTO room." + table + " VALUES (" + std::to_string(i) + ",'x')").value();
    }
}

}  // namespace

TEST_CASE("the stream by position and by GTID set", "[binlog]") {
    source src;
    if (!src.has_binlog()) return;
    const auto before = current_location(src.control, src.facts).value();
    make_changes(src.control, "streamed");
    const auto middle = current_location(src.control, src.facts).value();
    src.control.execute("FLUSH LOGS").value();
    make_changes(src.control, "after_it");
    for_each_transport([&](const connect_options& transport) {
        for (const bool by_gtid : {false, true}) {
            INFO((by_gtid ? "by GTID" : "by position"));
            auto all =
                binlog_stream::open(connect(transport), src.facts, options_from(before, by_gtid))
                    .value();
            const reading r = read_all(all);
            CHECK(r.row_events == 10);
            CHECK(r.all_text.find("streamed") != std::string::npos);
            CHECK(all.next().value().empty());
            auto rest =
                binlog_stream::open(connect(transport), src.facts, options_from(middle, by_gtid))
                    .value();
            const reading q = read_all(rest);
            CHECK(q.row_events == 5);
            CHECK(q.all_text.find("streamed") == std::string::npos);
            CHECK(q.all_text.find("after_it") != std::string::npos);
        }
    });
    // From the oldest file, and the whole history by an empty set.
    auto oldest = binlog_stream::open(connect(), src.facts, options_from({}, false)).value();
    CHECK(read_all(oldest).row_events >= 10);
    auto everything = binlog_stream::open(connect(), src.facts, options_from({}, true)).value();
    CHECK(read_all(everything).row_events >= 10);
}

TEST_CASE("events larger than a packet of 16 MiB", "[binlog]") {
    source src;
    if (!src.has_binlog()) return;
    src.control.execute("SET GLOBAL max_allowed_packet = 67108864").value();
    auto s = connect();
    make_changes(s, "large");
    const auto before = current_location(s, src.facts).value();
    s.execute("INSERT INTO room.large VALUES (100, REPEAT('y', 34000000))").value();
    for_each_transport([&](const connect_options& transport) {
        auto stream =
            binlog_stream::open(connect(transport), src.facts, options_from(before, false)).value();
        CHECK(read_all(stream).largest > 34000000);
    });
}

TEST_CASE("a purged or impossible start is an error with its code", "[binlog]") {
    source src;
    if (!src.has_binlog()) return;
    const auto first = current_location(src.control, src.facts).value();
    make_changes(src.control, "purged");
    src.control.execute("FLUSH LOGS").value();
    make_changes(src.control, "purged");
    src.control.execute("FLUSH LOGS").value();
    std::this_thread::sleep_for(300ms);
    const auto last = current_location(src.control, src.facts).value();
    const auto why = [&](const location& from, bool by_gtid) {
        auto stream =
            binlog_stream::open(connect(), src.facts, options_from(from, by_gtid)).value();
        for (;;) {
            auto e = stream.next();
            if (!e) return e.error();
            if (e->empty()) return error(errc::internal_bug, "no error came");
        }
    };
    location nowhere = last;
    nowhere.position.file = "binlog.999999";
    CHECK(why(nowhere, false).code() == errc::binlog_purged);
    location behind = last;
    behind.position.pos += 100000000;
    const error beyond = why(behind, false);
    INFO(beyond.to_string());
    CHECK(beyond.code() == errc::sync_position);
    location crooked = first;
    crooked.position.pos = first.position.pos + 7;
    const error wrong = why(crooked, false);
    INFO(wrong.to_string());
    CHECK((wrong.code() == errc::sync_position || wrong.code() == errc::binlog_checksum));

    src.control.execute("PURGE BINARY LOGS TO '" + last.position.file + "'").value();
    CHECK(why(first, false).code() == errc::binlog_purged);
    const error by_gtid = why(first, true);
    INFO(by_gtid.to_string());
    CHECK(by_gtid.code() == errc::binlog_purged);
    CHECK(by_gtid.server_errno() == 1236);
    if (!src.facts.is_mariadb()) {
        CHECK_FALSE(purged_gtids(src.control, src.facts).value().empty());
    } else {
        location foreign = last;
        auto set = *last.gtids.mariadb();
        set.add(mariadb_gtid{0, 4711, 99999999});
        foreign.gtids = set;
        const error diverged = why(foreign, true);
        INFO(diverged.to_string());
        CHECK(diverged.code() == errc::checkpoint_source_changed);
    }
}

TEST_CASE("an idle stream lives by heartbeats, ends by its deadline or by cancel",
          "[binlog][slow]") {
    source src;
    if (!src.has_binlog()) return;
    const auto here = current_location(src.control, src.facts).value();
    for_each_transport([&](const connect_options& transport) {
        auto o = options_from(here, false);
        o.wait_for_more = true;
        o.heartbeat_period = 300ms;
        auto stream = binlog_stream::open(connect(transport), src.facts, o).value();
        int heartbeats = 0;
        while (heartbeats < 3) {
            const auto type = type_of(stream.next().value());
            if (type == 27 || type == 41) ++heartbeats;
        }
        const auto replicas = connected_replicas(src.control, src.facts).value();
        bool seen = false;
        for (const auto& r : replicas) seen = seen || r.server_id == o.server_id;
        CHECK(seen);

        std::thread other([stop = stream.get_canceller()] {
            std::this_thread::sleep_for(200ms);
            stop.cancel();
        });
        std::optional<error> why;
        while (!why) {
            if (auto e = stream.next(); !e) why = e.error();
        }
        other.join();
        CHECK(why->code() == errc::task_stopped);

        o.server_id += 1;
        o.heartbeat_period = 60s;
        o.read_deadline = 800ms;
        auto quiet = binlog_stream::open(connect(transport), src.facts, o).value();
        const auto start = std::chrono::steady_clock::now();
        why.reset();
        while (!why) {
            if (auto e = quiet.next(); !e) why = e.error();
        }
        const auto took = std::chrono::steady_clock::now() - start;
        CHECK(why->code() == errc::db_time_out);
        CHECK(took < 3s);
    });
}

TEST_CASE("two streams with one server_id", "[binlog]") {
    source src;
    if (!src.has_binlog()) return;
    const auto here = current_location(src.control, src.facts).value();
    // MySQL 5.6 lets both read.
    if (!src.facts.is_mariadb() && !src.facts.version().at_least(5, 7)) return;
    auto o = options_from(here, false);
    o.wait_for_more = true;
    o.heartbeat_period = 200ms;
    auto one = binlog_stream::open(connect(), src.facts, o).value();
    CHECK(one.next().has_value());
    auto two = binlog_stream::open(connect(), src.facts, o).value();
    CHECK(two.next().has_value());
    // The server ends the first one; newer ones say why.
    std::optional<error> why;
    for (int i = 0; i < 60 && !why; ++i) {
        if (auto e = one.next(); !e) why = e.error();
    }
    REQUIRE(why);
    INFO(why->to_string());
    CHECK(why->info().retry == retry_class::reconnect);
    if (!src.facts.is_mariadb()) {
        CHECK(why->code() == errc::binlog_server_id);
    }
}

TEST_CASE("wrong options and missing privileges", "[binlog]") {
    source src;
    if (!src.has_binlog()) return;
    auto o = options_from({}, false);
    o.server_id = 0;
    CHECK(binlog_stream::open(connect(), src.facts, o).error().code() == errc::binlog_server_id);
    o.server_id = src.facts.server_id;
    CHECK(binlog_stream::open(connect(), src.facts, o).error().code() == errc::binlog_server_id);
    src.control.execute("DROP USER 'noreplica'@'%'").has_value();
    src.control.execute("CREATE USER 'noreplica'@'%' IDENTIFIED BY 'Pass-word1'").value();
    auto account = plain_options();
    account.user = "noreplica";
    account.password = secret("Pass-word1");
    account.role = role::source;
    auto opened = binlog_stream::open(connect(account), src.facts, options_from({}, false));
    const error e = opened ? opened->next().error() : opened.error();
    INFO(e.to_string());
    CHECK((e.code() == errc::db_privilege || e.code() == errc::db_access_denied));
}

// Run last and alone by run.py: it kills the server.
TEST_CASE("the server dies in mid-stream", "[.][server-kill]") {
    source src;
    if (!src.has_binlog()) return;
    auto o = options_from(current_location(src.control, src.facts).value(), false);
    o.wait_for_more = true;
    auto stream = binlog_stream::open(connect(), src.facts, o).value();
    CHECK(stream.next().has_value());
    std::thread killer([] {
        std::this_thread::sleep_for(300ms);
        ::kill(static_cast<pid_t>(std::stol(setting("pid"))), SIGKILL);
    });
    std::optional<error> why;
    while (!why) {
        if (auto e = stream.next(); !e) why = e.error();
    }
    killer.join();
    INFO(why->to_string());
    CHECK(why->code() == errc::db_connection_lost);
    CHECK(src.control.execute("SELECT 1").error().code() == errc::db_connection_lost);
    CHECK(session::connect(plain_options()).error().code() == errc::db_connect);
}

TEST_CASE("rate of the stream", "[.][rate]") {
    source src;
    const auto start = std::chrono::steady_clock::now();
    auto stream = binlog_stream::open(connect(), src.facts, options_from({}, false)).value();
    const reading r = read_all(stream);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    WARN(r.events << " events, " << r.bytes << " bytes, " << double(r.bytes) / seconds / 1e6
                  << " MB/s");
}
