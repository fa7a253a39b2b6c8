// What a stream may hold besides plain events: row events in pieces, unfinished ends, far
// positions, checksums that come and go, and every type code there can be.
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/file_reader.hpp>
#include <dmlib/binlog/transaction_tracker.hpp>

#include <catch2/catch.hpp>

#include "binlog_files.hpp"
#include "event_bytes.hpp"

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;

namespace {

const std::string magic =
    "\xfe"
    "bin";

/// The rows' first two values and the end of each event.
struct seen {
    std::vector<std::pair<std::int64_t, std::string>> rows;
    std::vector<std::uint64_t> ends;
    std::vector<row_fragment> pieces;

    void operator()(const event& e) {
        ends.push_back(e.next);
        if (const auto* f = e.get<row_fragment>()) pieces.push_back(*f);
        const auto* r = e.get<rows_event>();
        if (r == nullptr) return;
        std::vector<value_view> before(2);
        std::vector<value_view> after(2);
        row_decoder decoder(*r);
        for (;;) {
            auto more = decoder.next(before, after);
            REQUIRE(more);
            if (!*more) return;
            rows.emplace_back(after[0].i, std::string(after[1].text()));
        }
    }
};

errc code_of(const std::string& bytes) {
    const auto fault = read_all(bytes, 1000, [](const event&) {});
    return fault ? fault->code() : errc::internal_bug;
}

constexpr const char* mariadb_version = "12.3.1-MariaDB-log";

}  // namespace

TEST_CASE("a row event in pieces is one row event, in the last piece", "[stream]") {
    for (const bool sums : {true, false}) {
        for (const bool inner_sum : {true, false}) {
            for (const std::size_t count : {1, 2, 3, 30}) {
                INFO("checksums " << sums << inner_sum << ", pieces " << count);
                event_maker m;
                m.checksums = sums;
                event_maker inner;
                inner.checksums = inner_sum;
                const std::string whole = inner.insert(9, 7, "in pieces", true);
                std::string bytes = magic + m.format(mariadb_version) + m.query("BEGIN") +
                                    m.table_map() + m.fragments(whole, count) + m.xid(3);
                seen got;
                const auto fault = read_all(bytes, 50, std::ref(got));
                if (fault) FAIL(fault->to_string());
                REQUIRE(got.rows.size() == 1);
                CHECK(got.rows[0] == std::pair<std::int64_t, std::string>(7, "in pieces"));
                REQUIRE(got.pieces.size() == count - 1);
                for (std::size_t i = 0; i + 1 < count; ++i) {
                    CHECK(got.pieces[i].number == i + 1);
                    CHECK(got.pieces[i].total == count);
                }
                CHECK(got.ends.back() == bytes.size());
                // The map ends with the statement.
                event_maker other = m;
                CHECK(code_of(bytes + other.insert(9, 8, "more")) == errc::binlog_no_table_map);
            }
        }
    }
}

TEST_CASE("pieces of a row event that do not fit are a fault", "[stream]") {
    event_maker m;
    event_maker inner;
    inner.checksums = false;
    const std::string whole = inner.insert(9, 7, "in pieces", true);
    const std::string head = magic + m.format(mariadb_version) + m.query("BEGIN") + m.table_map();
    const auto piece = [&](std::size_t count, std::size_t number, const std::string& part) {
        return m.make(172, event_maker::fragment_body(whole, count, number, part));
    };
    const std::string first = piece(3, 1, whole.substr(0, 20));
    const std::string second = piece(3, 2, whole.substr(20, 9));
    const std::string third = piece(3, 3, whole.substr(29));
    CHECK(code_of(head + first + second + third) == errc::internal_bug);
    CHECK(code_of(head + first + third) == errc::binlog_corrupt);
    CHECK(code_of(head + second + third) == errc::binlog_corrupt);
    CHECK(code_of(head + first + first) == errc::binlog_corrupt);
    CHECK(code_of(head + first + piece(4, 2, whole.substr(20))) == errc::binlog_corrupt);
    CHECK(code_of(head + first + second + m.xid(1)) == errc::binlog_grammar);
    CHECK(code_of(head + first + m.insert(9, 1, "x")) == errc::binlog_grammar);
    CHECK(code_of(head + piece(1, 1, whole.substr(1))) == errc::binlog_corrupt);
    CHECK(code_of(head + piece(1, 1, whole + "x")) == errc::binlog_corrupt);
    CHECK(code_of(head + piece(1, 1, "")) == errc::binlog_corrupt);
    CHECK(code_of(head + piece(0, 0, whole)) == errc::binlog_corrupt);
    // A table that is not there, and an event that has no rows.
    const std::string elsewhere = inner.insert(10, 7, "x", true);
    CHECK(code_of(head + m.fragments(elsewhere, 2)) == errc::binlog_no_table_map);
    CHECK(code_of(head + m.fragments(inner.xid(4), 2)) == errc::binlog_corrupt);
    decoder_options small;
    small.max_event_size = 300;
    file_reader_options options;
    options.decoding = small;
    const std::string large =
        inner.insert(9, 7, std::string(250, 'x'), true) + std::string(200, 'x');
    const auto fault = read_all(head + m.fragments(large, 3), 1000, [](const event&) {}, options);
    REQUIRE(fault);
    CHECK(fault->code() == errc::internal_limit);
}

TEST_CASE("a source that restarts within the pieces begins anew", "[stream]") {
    event_maker m;
    event_maker inner;
    inner.checksums = false;
    const std::string whole = inner.insert(9, 7, "in pieces", true);
    const std::string first =
        m.make(172, event_maker::fragment_body(whole, 2, 1, whole.substr(0, 20)));
    decoder d;
    for (const std::string& bytes :
         {m.format(mariadb_version), m.table_map(), first, m.format(mariadb_version), m.xid(1)}) {
        auto e = d.push(as_bytes(bytes));
        if (!e) FAIL(e.error().to_string());
    }
    // The same after a connection was lost.
    for (const std::string& bytes : {m.table_map(), first}) REQUIRE(d.push(as_bytes(bytes)));
    d.reset_transaction();
    const std::string next = m.mariadb_gtid(3, 0);
    auto e = d.push(as_bytes(next));
    if (!e) FAIL(e.error().to_string());
}

TEST_CASE("log position 0 inside a transaction: the position is counted on", "[stream]") {
    for (const std::uint64_t begin : {std::uint64_t{4}, std::uint64_t{0xffffff80}}) {
        event_maker m;
        decoder d;
        const std::string format = m.format(mariadb_version);
        REQUIRE(d.push(as_bytes(format)));
        d.start_at("binlog.1000000", begin);
        m.pos = begin;
        // Only the end of the transaction states its position again.
        std::vector<std::string> events = {m.mariadb_gtid(1, 0)};
        events.push_back(m.make(160, "INSERT INTO t ...", 0, false));
        events.push_back(m.make(19, event_maker::table_map_body(), 0, false));
        events.push_back(m.make(30, event_maker::insert_body(9, 1, "x"), 0, false));
        events.push_back(m.xid(5));
        std::uint64_t at = begin;
        for (const std::string& bytes : events) {
            auto e = d.push(as_bytes(bytes));
            REQUIRE(e);
            CHECK((*e)->start == at);
            at += bytes.size();
            CHECK((*e)->next == at);
        }
        CHECK(d.position() == binlog_position{"binlog.1000000", at});
        if (begin > 4) CHECK(at > 0xffffffff);
    }
}

TEST_CASE("positions of files over 4 GiB", "[stream]") {
    // In a file the offset is known: the header's 32 bits are not asked.
    event_maker m;
    decoder d;
    const std::string format = m.format();
    REQUIRE(d.push(as_bytes(format), 4));
    for (const std::uint64_t at : {std::uint64_t{0xfffffff0},
                                   std::uint64_t{0x100000000},
                                   std::uint64_t{0x2fffffffe},
                                   std::uint64_t{0x123456789abc}}) {
        m.pos = at;
        const std::string bytes = m.xid(1);
        auto e = d.push(as_bytes(bytes), at);
        REQUIRE(e);
        CHECK((*e)->start == at);
        CHECK((*e)->next == at + bytes.size());
    }
    // In a stream it goes on from what came before, over every multiple of 4 GiB.
    d.start_at("binlog.999999", 0x2ffffffff);
    m.pos = 0x2ffffffff;
    for (int i = 0; i < 3; ++i) {
        const std::uint64_t at = m.pos;
        const std::string bytes = m.xid(1);
        auto e = d.push(as_bytes(bytes));
        REQUIRE(e);
        CHECK((*e)->start == at);
        CHECK((*e)->next == m.pos);
    }
    const std::string rotate_event = m.rotate("binlog.1000000", 4);
    REQUIRE(d.push(as_bytes(rotate_event)));
    CHECK(d.position() == binlog_position{"binlog.1000000", 4});
}

TEST_CASE("a file of more than 4 GiB, read whole", "[stream]") {
    // Events of 8 MiB, the same bytes again and again with another end in the header; rows of a
    // small table in between.
    for (const char* version : {"8.0.33", mariadb_version}) {
        event_maker m;
        m.checksums = false;
        file_reader_options options;
        options.file = "binlog.1000000";
        file_reader reader(options);
        std::uint64_t at = 0;
        std::uint64_t far_rows = 0;
        const auto feed = [&](const std::string& bytes) {
            reader.feed(as_bytes(bytes));
            for (;;) {
                auto e = reader.next();
                if (!e) FAIL(e.error().to_string());
                if (*e == nullptr) break;
                if ((*e)->start != at) FAIL("an event at " << (*e)->start << " and not " << at);
                at = (*e)->next;
                if ((*e)->get<rows_event>() != nullptr && at > 0xffffffff) ++far_rows;
            }
            if (at != m.pos || reader.offset() != m.pos) FAIL("after " << at << " of " << m.pos);
        };
        at = 4;
        const std::string format = m.format(version);
        feed(magic + format);
        std::string big =
            m.raw(version[0] == '8' ? 29 : 160, std::string(8 << 20, 'x'), 0, 0x80, 1);
        while (m.pos < (std::uint64_t{9} << 30)) {
            m.pos += big.size();
            big.replace(13, 4, le(m.pos, 4));
            feed(big);
            feed(m.table_map());
            feed(m.insert(9, 1, "x"));
        }
        CHECK(reader.finish());
        CHECK(far_rows > 500);
        // A fault behind 4 GiB names its place.
        std::string cut = m.xid(1);
        cut[9] = 1;
        reader.feed(as_bytes(cut));
        const auto fault = reader.next();
        REQUIRE(fault.has_error());
        CHECK(fault.error().place().binlog_pos == at);
        CHECK(fault.error().place().binlog_file == "binlog.1000000");
    }
}

TEST_CASE("numbers of files over 999999 come in their order", "[stream]") {
    const binlog_position last{"binlog.999999", 900};
    const binlog_position next{"binlog.1000000", 4};
    CHECK(compare(last, next) == std::strong_ordering::less);
    CHECK(compare(next, {"binlog.1000001", 4}) == std::strong_ordering::less);
    CHECK(compare({"binlog.2147483647", 4}, next) == std::strong_ordering::greater);
    CHECK(compare({"binlog.000009", 0x100000004}, {"binlog.000010", 4}) ==
          std::strong_ordering::less);
    CHECK(compare({"binlog.1000000", 0x100000004}, {"binlog.1000000", 0xffffffff}) ==
          std::strong_ordering::greater);
}

TEST_CASE("checksums that are switched on and off in mid-stream", "[stream]") {
    event_maker m;
    m.checksums = false;
    std::string bytes = m.format();
    std::vector<std::string> events = {bytes, m.xid(1)};
    for (int i = 2; i < 6; ++i) {
        m.checksums = i % 2 == 0;
        events.push_back(m.format());
        events.push_back(m.xid(static_cast<std::uint64_t>(i)));
    }
    decoder d;
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < events.size(); ++i) {
        auto e = d.push(as_bytes(events[i]));
        if (!e) FAIL(i << ": " << e.error().to_string());
        if (const auto* x = (*e)->get<xid>()) ids.push_back(x->id);
        const bool on = i / 2 == 1 || i / 2 == 3;
        CHECK((d.checksum() == checksum_algorithm::crc32) == on);
    }
    CHECK(ids == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    // The rotate that ends a file with checksums, then a file without, as a stream gives them.
    event_maker with;
    event_maker without;
    without.checksums = false;
    decoder stream;
    for (const std::string& event_bytes : {with.artificial(4, le(4, 8) + "binlog.000001"),
                                           with.format(),
                                           with.xid(1),
                                           with.rotate("binlog.000002", 4),
                                           with.artificial(4, le(4, 8) + "binlog.000002"),
                                           without.format(),
                                           without.xid(2),
                                           without.rotate("binlog.000003", 4),
                                           without.artificial(4, le(4, 8) + "binlog.000003"),
                                           with.format(),
                                           with.xid(3)}) {
        auto e = stream.push(as_bytes(event_bytes));
        if (!e) FAIL(e.error().to_string());
        if (const auto* r = (*e)->get<rotate>()) CHECK(r->next_file.size() == 13);
    }
}

TEST_CASE("a file that was not closed and ends within an event", "[stream]") {
    event_maker m;
    std::string format = m.format();
    format[17] = 1;  // in use
    const std::string whole = magic + format + m.query("BEGIN") + m.xid(1);
    CHECK(code_of(whole) == errc::internal_bug);
    const std::string more = m.query("BEGIN");
    for (std::size_t n = 1; n < more.size(); ++n) {
        std::size_t events = 0;
        const auto fault = read_all(whole + more.substr(0, n), 64, [&](const event&) { ++events; });
        REQUIRE(fault);
        CHECK(fault->code() == errc::binlog_truncated);
        CHECK(fault->place().binlog_pos == whole.size());
        CHECK(events == 3);
    }
    // What a server leaves behind where it made room for the file in advance.
    CHECK(code_of(whole + std::string(100, '\0')) == errc::binlog_corrupt);
}

TEST_CASE("every type code does what the table says, with any body", "[stream][events]") {
    for (const flavor f : {flavor::mysql, flavor::mariadb}) {
        for (int code = 0; code < 256; ++code) {
            const auto c = static_cast<std::uint8_t>(code);
            for (const bool flagged : {false, true}) {
                for (const std::size_t size : {0, 1, 40}) {
                    INFO("code " << code << " flagged " << flagged << " size " << size);
                    event_maker m;
                    decoder_options options;
                    options.dialect = f;
                    decoder d(options);
                    const std::string format = m.format();
                    REQUIRE(d.push(as_bytes(format)));
                    const std::string bytes =
                        m.make(code, std::string(size, '\1'), flagged ? header_flag::ignorable : 0);
                    auto e = d.push(as_bytes(bytes));
                    const event_status status = status_of(f, c);
                    if (!e) {
                        // An event that is handled and has a wrong body.
                        CHECK((status == event_status::handled || code == 26));
                        CHECK_FALSE(e.error().workaround().empty());
                        continue;
                    }
                    const bool unknown = rule_of(c).name.empty();
                    const event_status wanted =
                        unknown && flagged ? event_status::ignorable : status;
                    CHECK((*e)->status == wanted);
                    CHECK((*e)->reason.empty() == (wanted == event_status::handled));
                    CHECK((*e)->way_out.empty() == (wanted != event_status::refused));
                    if (wanted != event_status::handled && code != 26) {
                        CHECK((*e)->get<undecoded>() != nullptr);
                    }
                }
            }
        }
    }
}

TEST_CASE("rows of tables that are not wanted", "[stream]") {
    event_maker m;
    decoder d;
    const auto push = [&](const std::string& bytes) { return d.push(as_bytes(bytes)); };
    const auto rows_of = [](const result<const event*>& e) -> const rows_event& {
        if (!e) FAIL(e.error().to_string());
        const auto* r = (*e)->get<rows_event>();
        REQUIRE(r != nullptr);
        return *r;
    };
    const auto damaged = [&](std::string bytes) {
        bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);
        return bytes;
    };
    const std::string format = m.format();
    REQUIRE(push(format));
    std::string bytes = m.table_map(9);
    auto map = push(bytes);
    REQUIRE(map);
    d.ignore_rows(*(*map)->get<table_map_event>()->table);
    SECTION("are empty, up to the statement's end") {
        bytes = damaged(m.insert(9, 1, "x", false));
        const rows_event& r = rows_of(push(bytes));
        CHECK(r.ignored);
        CHECK(r.rows.empty());
        CHECK(r.table->table() == "t");
        std::vector<value_view> values(2);
        row_decoder none(r);
        CHECK_FALSE(none.next(values, values).value());
        bytes = m.insert(9, 1, "x", true);
        CHECK(rows_of(push(bytes)).statement_end);
        bytes = m.table_map(9);
        REQUIRE(push(bytes));
        bytes = m.insert(9, 1, "x", true);
        CHECK_FALSE(rows_of(push(bytes)).ignored);
    }
    SECTION("are verified as soon as the statement has a wanted table") {
        const std::string other = m.table_map(10);
        REQUIRE(push(other));
        bytes = m.insert(9, 1, "x", false);
        CHECK(rows_of(push(bytes)).ignored);
        bytes = damaged(m.insert(9, 1, "x", false));
        auto e = push(bytes);
        REQUIRE(e.has_error());
        CHECK(e.error().code() == errc::binlog_checksum);
    }
    SECTION("any flipped bit of the event: still nothing, or a fault") {
        const std::string whole = m.insert(9, 1, "x", true);
        for (std::size_t i = 0; i < whole.size() * 8; ++i) {
            decoder fresh;
            REQUIRE(fresh.push(as_bytes(format)));
            event_maker n;
            n.pos = m.pos;
            const std::string map_bytes = n.table_map(9);
            auto again = fresh.push(as_bytes(map_bytes));
            fresh.ignore_rows(*(*again)->get<table_map_event>()->table);
            std::string bad = whole;
            bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
            auto e = fresh.push(as_bytes(bad));
            if (!e) continue;
            INFO("bit " << i);
            CHECK(rows_of(e).ignored);
        }
    }
}
