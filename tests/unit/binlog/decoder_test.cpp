#include <dmlib/binlog/decoder.hpp>

#include <catch2/catch.hpp>

#include "binlog_files.hpp"
#include "event_bytes.hpp"

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;

namespace {

const event& good(const result<const event*>& r) {
    if (!r) FAIL(r.error().to_string());
    REQUIRE(*r != nullptr);
    return **r;
}

const std::string magic =
    "\xfe"
    "bin";

}  // namespace

TEST_CASE("a network stream gets 64-bit positions and file names", "[decoder]") {
    event_maker m;
    decoder d;
    // The server begins with a rotate that is not in the file, then the format description.
    good(d.push(as_bytes(m.artificial(4, le(1000, 8) + "binlog.000007"))));
    CHECK(d.position() == binlog_position{"binlog.000007", 1000});
    event_maker other;
    const std::string format = other.format();
    std::string zeroed = format.substr(0, 13) + le(0, 4) + format.substr(17, format.size() - 21);
    zeroed += le(
        crc32(0, reinterpret_cast<const Bytef*>(zeroed.data()), static_cast<uInt>(zeroed.size())),
        4);
    CHECK(good(d.push(as_bytes(zeroed))).artificial);
    CHECK(d.position().pos == 1000);
    m.pos = 1000;
    const std::string begin = m.query("BEGIN");
    const event& e = good(d.push(as_bytes(begin)));
    CHECK(e.start == 1000);
    CHECK(e.next == 1000 + begin.size());
    // Log position 0 inside a transaction (MariaDB): counted on.
    const std::uint64_t before = m.pos;
    const std::string unplaced = m.make(19, event_maker::table_map_body(), 0, false);
    CHECK(good(d.push(as_bytes(unplaced))).start == before);
    CHECK(d.position().pos == m.pos);
    // A heartbeat moves nothing.
    good(d.push(as_bytes(m.raw(27, "binlog.000007", 5000, 0, 0))));
    CHECK(d.position().pos == m.pos);
    // Where a stream begins within an encrypted file of MariaDB.
    CHECK(good(d.push(as_bytes(m.raw(164, std::string(17, '\0'), 0, 0, 1)))).artificial);
    CHECK(d.position().pos == m.pos);
    // Beyond 4 GiB the header's field wraps.
    d.start_at("binlog.000007", 0xfffffff0);
    m.pos = 0xfffffff0;
    const std::string wrapped = m.xid(1);
    const event& far = good(d.push(as_bytes(wrapped)));
    CHECK(far.start == 0xfffffff0);
    CHECK(far.next == 0xfffffff0 + wrapped.size());
    CHECK(far.next > 0xffffffff);
    const std::string rotated = m.rotate("binlog.1000000", 4);
    good(d.push(as_bytes(rotated)));
    CHECK(d.position() == binlog_position{"binlog.1000000", 4});
}

TEST_CASE("checksums are verified and may change with the format description", "[decoder]") {
    event_maker m;
    std::string bytes = magic + m.format() + m.xid(5);
    SECTION("a wrong byte is found, at its event's position") {
        const std::size_t event_at = bytes.size() - 31;
        for (std::size_t i = event_at; i < bytes.size(); ++i) {
            if (i >= event_at + 9 && i < event_at + 13) continue;  // the size: another fault
            std::string bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ 0x10);
            const auto fault = read_all(bad, 7, [](const event&) {});
            REQUIRE(fault);
            CHECK(fault->code() == errc::binlog_checksum);
            CHECK(fault->place().binlog_pos == event_at);
        }
    }
    SECTION("a second format description switches them off") {
        m.checksums = false;
        bytes += m.format() + m.xid(6);
        std::vector<std::uint64_t> ids;
        CHECK_FALSE(read_all(bytes, 1000, [&](const event& e) {
            if (const auto* x = e.get<xid>()) ids.push_back(x->id);
        }));
        CHECK(ids == std::vector<std::uint64_t>{5, 6});
    }
}

TEST_CASE("pieces of any size give the same events; any cut is found", "[decoder]") {
    event_maker m;
    const std::string bytes =
        magic + m.format() + m.query("BEGIN") + m.table_map() + m.insert(9, 1, "one") + m.xid(1);
    std::vector<std::uint64_t> whole;
    CHECK_FALSE(read_all(bytes, bytes.size(), [&](const event& e) { whole.push_back(e.next); }));
    CHECK(whole.size() == 5);
    CHECK(whole.back() == bytes.size());
    for (std::size_t piece = 1; piece < 60; ++piece) {
        std::vector<std::uint64_t> parts;
        CHECK_FALSE(read_all(bytes, piece, [&](const event& e) { parts.push_back(e.next); }));
        CHECK(parts == whole);
    }
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        std::size_t events = 0;
        const auto fault = read_all(bytes.substr(0, cut), 13, [&](const event&) { ++events; });
        const bool between = cut == 4 || std::count(whole.begin(), whole.end(), cut) == 1;
        INFO("cut at " << cut);
        CHECK(fault.has_value() != between);
        if (fault) CHECK(fault->code() == errc::binlog_truncated);
        CHECK(events == static_cast<std::size_t>(std::count_if(
                            whole.begin(), whole.end(), [&](auto n) { return n <= cut; })));
    }
}

TEST_CASE("rows need a table map of their statement", "[decoder]") {
    event_maker m;
    const std::string head = magic + m.format() + m.query("BEGIN");
    const auto code_of = [&](const std::string& rest) {
        const auto fault = read_all(head + rest, 1000, [](const event&) {});
        return fault ? fault->code() : errc::internal_bug;
    };
    CHECK(code_of(m.insert(9, 1, "one")) == errc::binlog_no_table_map);
    // The map ends with its statement.
    CHECK(code_of(m.table_map() + m.insert(9, 1, "one") + m.insert(9, 2, "two")) ==
          errc::binlog_no_table_map);
    CHECK(code_of(m.table_map() + m.insert(9, 1, "one", false) + m.insert(9, 2, "two")) ==
          errc::internal_bug);
    CHECK(code_of(m.table_map(9) + m.table_map(10) + m.insert(9, 1, "a", false) +
                  m.insert(10, 2, "b")) == errc::internal_bug);
    CHECK(code_of(m.table_map(9) + m.insert(10, 1, "a")) == errc::binlog_no_table_map);
}

TEST_CASE("the same table map is parsed once", "[decoder]") {
    event_maker m;
    decoder d;
    good(d.push(as_bytes(m.format())));
    std::vector<const table_map*> seen;
    std::vector<std::shared_ptr<const table_map>> kept;
    for (int i = 0; i < 3; ++i) {
        const std::string map = m.table_map();
        const std::string rows = m.insert(9, i, "x");
        kept.push_back(good(d.push(as_bytes(map))).get<table_map_event>()->table);
        const event& e = good(d.push(as_bytes(rows)));
        CHECK(e.get<rows_event>()->table == kept.back());
        seen.push_back(kept.back().get());
    }
    CHECK(seen[0] == seen[1]);
    CHECK(seen[1] == seen[2]);
    std::string changed = event_maker::table_map_body();
    changed[changed.size() - 2] = 30;  // another length of the VARCHAR
    const std::string map = m.make(19, changed);
    CHECK(good(d.push(as_bytes(map))).get<table_map_event>()->table.get() != seen[0]);
}

TEST_CASE("a table id means what its last map says", "[decoder]") {
    event_maker m;
    decoder d;
    const std::string format = m.format();
    good(d.push(as_bytes(format)));
    const auto push_map = [&](const std::string& body) {
        const std::string bytes = m.make(19, body);
        return good(d.push(as_bytes(bytes))).get<table_map_event>()->table;
    };
    const auto map_of_rows = [&](std::uint64_t id) {
        const std::string bytes = m.make(30, event_maker::insert_body(id, 7, "AB", false));
        const event& e = good(d.push(as_bytes(bytes)));
        return e.get<rows_event>()->table;
    };
    const std::string first = event_maker::table_map_body();
    std::string wider = first;
    wider[wider.size() - 3] =
        44;  // the VARCHAR's length: 20 becomes 300, with two bytes before values
    wider[wider.size() - 2] = 1;
    std::string renamed = first;
    renamed[12] = 'u';

    const auto one = push_map(first);
    CHECK(map_of_rows(9) == one);
    // Altered between two maps of one statement: rows are read by the later one.
    const auto two = push_map(wider);
    CHECK(two != one);
    CHECK(two->columns()[1].length_bytes == 2);
    CHECK(one->columns()[1].length_bytes == 1);
    CHECK(map_of_rows(9) == two);
    // Back again: the cached one is the last, so it is parsed anew, as what it was at first.
    const auto three = push_map(first);
    CHECK(three->columns()[1].length_bytes == 1);
    CHECK(map_of_rows(9) == three);
    // Another table of the same shape and id (a server that was started anew).
    const std::string end = m.xid(1);
    good(d.push(as_bytes(end)));
    const auto four = push_map(renamed);
    CHECK(four->table() == "u");
    CHECK(map_of_rows(9)->table() == "u");
    CHECK(three->table() == "t");  // who keeps a map keeps it as it was
    // Not wanted goes by statement, and a map that comes again is wanted until it is said anew.
    d.ignore_rows(*four);
    CHECK(push_map(renamed) == four);
    const std::string rows = m.insert(9, 1, "x", true);
    CHECK_FALSE(good(d.push(as_bytes(rows))).get<rows_event>()->ignored);
}

TEST_CASE("a statement of more maps than are kept", "[decoder]") {
    event_maker m;
    decoder d;
    const std::string format = m.format();
    good(d.push(as_bytes(format)));
    const auto body_of = [](std::uint64_t id) {
        // 1,000 INT columns, named by the id: 2 KB, so that 2,000 are more than the cache keeps.
        const std::string name = "t" + std::to_string(id);
        return le(id, 6) + le(1, 2) + le(1, 1) + "d" + '\0' + le(name.size(), 1) + name + '\0' +
               "\xfc" + le(1000, 2) + std::string(1000, '\3') + le(0, 1) + std::string(125, '\0');
    };
    std::vector<std::shared_ptr<const table_map>> kept;
    for (int round = 0; round < 2; ++round) {
        for (std::uint64_t id = 1; id <= 2000; ++id) {
            const std::string bytes = m.make(19, body_of(id));
            kept.push_back(good(d.push(as_bytes(bytes))).get<table_map_event>()->table);
        }
        for (const std::uint64_t id : {1u, 65u, 777u, 2000u}) {
            const bool last = id == 2000;
            const std::string bytes = m.make(30,
                                             le(id, 6) + le(last ? 1 : 0, 2) + le(2, 2) + "\xfc" +
                                                 le(1000, 2) + std::string(125, '\xff') +
                                                 std::string(125, '\0') + std::string(4000, '\1'));
            const event& e = good(d.push(as_bytes(bytes)));
            CHECK(e.get<rows_event>()->table->table() == "t" + std::to_string(id));
        }
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i]->table_id() != i % 2000 + 1 || kept[i]->column_count() != 1000)
            FAIL("map " << i);
    }
}

TEST_CASE("headers are as long as the format description says", "[decoder]") {
    // A server of 2013 that wrote eight bytes more; a rotate has none of them.
    event_maker m;
    m.checksums = false;
    std::string format = m.format("5.5.30");
    format[19 + 2 + 50 + 4] = 27;
    const auto longer = [&](const std::string& e) {
        const std::size_t size = e.size() + 8;
        m.pos += 8;
        return e.substr(0, 9) + le(size, 4) + le(m.pos, 4) + e.substr(17, 2) + "groupid8" +
               e.substr(19);
    };
    decoder d;
    good(d.push(as_bytes(format)));
    const std::string query_bytes = longer(m.query("CREATE TABLE t (a INT)"));
    const event& e = good(d.push(as_bytes(query_bytes)));
    CHECK(e.get<query>()->text == "CREATE TABLE t (a INT)");
    CHECK(e.next == m.pos);
    const std::string xid_bytes = longer(m.xid(77));
    CHECK(good(d.push(as_bytes(xid_bytes))).get<xid>()->id == 77);
    const std::string rotate_bytes = m.rotate("log.000002", 4);
    CHECK(good(d.push(as_bytes(rotate_bytes))).get<rotate>()->next_file == "log.000002");
    const std::string stop_bytes = m.make(3, "");  // no room for such a header
    const auto cut = d.push(as_bytes(stop_bytes));
    REQUIRE(cut.has_error());
    CHECK(cut.error().code() == errc::binlog_corrupt);
    // The next file is of another server.
    decoder other;
    good(other.push(as_bytes(format)));
    event_maker plain;
    good(other.push(as_bytes(plain.format())));
    CHECK(good(other.push(as_bytes(plain.xid(5)))).get<xid>()->id == 5);
}

TEST_CASE("table maps of betas of 5.1 are refused: they say nothing of the columns' widths",
          "[decoder]") {
    event_maker m;
    decoder d;
    good(d.push(as_bytes(m.format())));
    const std::string map = m.make(19,
                                   le(9, 6) + le(1, 2) + le(1, 1) + "d" + '\0' + le(1, 1) + "t" +
                                       '\0' + le(2, 1) + le(3, 1) + le(15, 1));
    const event& refused = good(d.push(as_bytes(map)));
    CHECK(refused.status == event_status::refused);
    CHECK(refused.reason.find("beta") != std::string::npos);
    CHECK_FALSE(refused.way_out.empty());
    CHECK(good(d.push(as_bytes(m.xid(1)))).get<xid>() != nullptr);
}

TEST_CASE("unknown events are refused, or passed over where the server says so", "[decoder]") {
    event_maker m;
    decoder d;
    good(d.push(as_bytes(m.format())));
    const std::string unknown = m.make(99, "whatever");
    const event& refused = good(d.push(as_bytes(unknown)));
    CHECK(refused.status == event_status::refused);
    CHECK_FALSE(refused.reason.empty());
    CHECK_FALSE(refused.way_out.empty());
    const std::string flagged = m.make(99, "whatever", header_flag::ignorable);
    CHECK(good(d.push(as_bytes(flagged))).status == event_status::ignorable);
    const std::string lost = m.make(26, le(1, 2) + le(4, 1) + "lost");
    const event& incident_event = good(d.push(as_bytes(lost)));
    CHECK(incident_event.status == event_status::refused);
    CHECK(incident_event.get<incident>()->message == "lost");
    // MariaDB's codes mean nothing in MySQL's dialect.
    const std::string foreign = m.mariadb_gtid(1, 0);
    CHECK(good(d.push(as_bytes(foreign))).status == event_status::refused);
}

TEST_CASE("payload events have to be taken", "[decoder]") {
    event_maker m;
    event_maker inner;
    inner.checksums = false;
    const std::string inside = inner.query("BEGIN") + inner.xid(4);
    const std::string payload = le(1, 1) + le(1, 1) + le(inside.size(), 1) + le(2, 1) + le(3, 1) +
                                "\xfc" + le(255, 2) + le(0, 1) + inside;
    decoder d;
    good(d.push(as_bytes(m.format())));
    const std::uint64_t start = m.pos;
    const std::string outer = m.make(40, payload);
    const event& e = good(d.push(as_bytes(outer)));
    REQUIRE(e.get<transaction_payload>() != nullptr);
    const std::string next = m.xid(9);
    SECTION("one by one") {
        const event& begin = good(d.next_inner());
        CHECK(begin.in_payload);
        CHECK(begin.start == start);
        CHECK(begin.next == start + outer.size());
        CHECK(begin.get<query>()->text == "BEGIN");
        CHECK(good(d.next_inner()).get<xid>()->id == 4);
        auto end = d.next_inner();
        REQUIRE(end.has_value());
        CHECK(*end == nullptr);
        CHECK(good(d.push(as_bytes(next))).get<xid>()->id == 9);
    }
    SECTION("else the next push is a fault") {
        auto r = d.push(as_bytes(next));
        REQUIRE(r.has_error());
        CHECK(r.error().code() == errc::internal_bug);
    }
}

TEST_CASE("files that are no binlogs", "[decoder]") {
    const auto code = [](const std::string& bytes) {
        const auto fault = read_all(bytes, 100, [](const event&) {});
        return fault ? fault->code() : errc::internal_bug;
    };
    event_maker m;
    CHECK(code("") == errc::binlog_truncated);
    CHECK(code("\xfe"
               "b") == errc::binlog_truncated);
    CHECK(code("text of some kind") == errc::binlog_not_a_binlog);
    CHECK(code("\xfd"
               "bin and more") == errc::binlog_encrypted);
    CHECK(code(magic + m.xid(1)) == errc::binlog_corrupt);
    std::string tiny = m.xid(1);
    tiny.replace(9, 4, le(5, 4));
    CHECK(code(magic + event_maker{}.format() + tiny) == errc::binlog_corrupt);
    tiny.replace(9, 4, le(0xfffffff0, 4));
    CHECK(code(magic + event_maker{}.format() + tiny) == errc::binlog_corrupt);
}

TEST_CASE("a start position skips events and must be a boundary", "[decoder]") {
    event_maker m;
    std::string bytes = magic + m.format() + m.xid(1);
    const std::uint64_t start = m.pos;
    bytes += m.xid(2);
    std::vector<int> codes;
    file_reader_options options;
    options.start_pos = start;
    CHECK_FALSE(
        read_all(bytes, 9, [&](const event& e) { codes.push_back(e.header.code); }, options));
    CHECK(codes == std::vector<int>{16});
    options.start_pos = start + 1;
    const auto fault = read_all(bytes, 9, [](const event&) {}, options);
    REQUIRE(fault);
    CHECK(fault->code() == errc::sync_position);
}

TEST_CASE("flipped bits never give other rows where a checksum is present", "[decoder][recorded]") {
    for (const char* name : {"mysql-9.7-types", "mariadb-10.11-features"}) {
        const std::string bytes = read_file(fixtures() / (std::string(name) + ".binlog.gz"));
        REQUIRE(bytes.size() > 1000);
        const auto read = [](const std::string& input, std::vector<std::uint64_t>& ends) {
            return read_all(input, 4096, [&](const event& e) { ends.push_back(e.next); });
        };
        std::vector<std::uint64_t> whole;
        CHECK_FALSE(read(bytes, whole));
        for (std::size_t i = 4; i < bytes.size(); i += 37) {
            std::string bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
            std::vector<std::uint64_t> ends;
            const auto fault = read(bad, ends);
            INFO(name << " byte " << i);
            // The in-use flag of the first event is outside its sum, on purpose.
            if (i == 4 + 17 && (i % 8) == 0) continue;
            CHECK(fault);
            CHECK(ends.size() < whole.size());
        }
    }
}
