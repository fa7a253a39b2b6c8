#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/transaction_tracker.hpp>

#include <catch2/catch.hpp>

#include "event_bytes.hpp"
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;

namespace {

struct stream {
    event_maker m;
    decoder d;
    transaction_tracker t;

    explicit stream(const std::string& version = "8.0.33") { give(m.format(version)); }
    result<tracked> give(const std::string& bytes) {
        auto e = d.push(as_bytes(bytes));
        if (!e) return e.error();
        return t.on(**e);
    }
    /// The step, or what was refused.
    step at(const std::string& bytes) {
        auto r = give(bytes);
        if (!r) FAIL(r.error().to_string());
        last = *r;
        return r->step;
    }
    errc fault(const std::string& bytes) {
        auto r = give(bytes);
        return r ? errc::internal_bug : r.error().code();
    }
    tracked last;
};

}  // namespace

TEST_CASE("a MySQL transaction with GTID", "[tracker]") {
    stream s;
    CHECK(s.at(s.m.gtid(5)) == step::begin);
    CHECK(to_string(s.t.current_gtid()) == "11111111-1111-1111-1111-111111111111:5");
    CHECK(s.at(s.m.query("BEGIN")) == step::inside);
    CHECK(s.at(s.m.table_map()) == step::inside);
    CHECK(s.at(s.m.insert(9, 1, "a")) == step::inside);
    CHECK_FALSE(s.last.boundary);
    CHECK(s.at(s.m.query("SAVEPOINT x")) == step::inside);
    CHECK(s.at(s.m.query("ROLLBACK TO x")) == step::inside);
    CHECK(s.at(s.m.xid(1)) == step::commit);
    CHECK(s.last.commit == commit_kind::xid);
    CHECK(s.last.boundary);
    CHECK(to_string(s.t.current_gtid()) == "11111111-1111-1111-1111-111111111111:5");
    // A statement of its own.
    CHECK(s.at(s.m.gtid(6)) == step::begin);
    CHECK(s.at(s.m.query("CREATE TABLE x (a INT)")) == step::statement);
    CHECK(s.last.statement == statement_class::ddl);
    CHECK_FALSE(s.t.in_transaction());
    // Non-transactional: ended by the text COMMIT.
    CHECK(s.at(s.m.gtid(7)) == step::begin);
    CHECK(s.at(s.m.query("BEGIN")) == step::inside);
    CHECK(s.at(s.m.query("COMMIT")) == step::commit);
    CHECK(s.last.commit == commit_kind::query);
    CHECK(s.at(s.m.rotate("b.2", 4)) == step::outside);
}

TEST_CASE("transactions without GTIDs", "[tracker]") {
    stream s("5.5.60");
    s.m.checksums = false;
    CHECK(s.at(s.m.query("BEGIN")) == step::begin);
    CHECK(s.at(s.m.xid(1)) == step::commit);
    CHECK(s.at(s.m.query("DROP TABLE x")) == step::statement);
    CHECK(s.t.current_gtid().index() == 0);
    CHECK(s.at(s.m.make(5, le(2, 1) + le(7, 8))) == step::begin);
    CHECK_FALSE(s.last.boundary);
    CHECK(s.at(s.m.query("INSERT INTO t VALUES (NULL)")) == step::statement);
}

TEST_CASE("MariaDB: the GTID event begins, a standalone one is a single statement", "[tracker]") {
    stream s("10.11.6-MariaDB");
    CHECK(s.at(s.m.mariadb_gtid(1, mariadb_gtid_event::standalone | mariadb_gtid_event::ddl)) ==
          step::begin);
    CHECK(s.at(s.m.query("CREATE TABLE x (a INT)")) == step::statement);
    CHECK(s.at(s.m.mariadb_gtid(2, mariadb_gtid_event::transactional)) == step::begin);
    CHECK(s.at(s.m.query("CREATE TABLE y (a INT)")) == step::inside);
    CHECK(s.last.statement == statement_class::ddl);
    CHECK(s.at(s.m.xid(1)) == step::commit);
    CHECK(s.at(s.m.mariadb_gtid(3, mariadb_gtid_event::completed_xa)) == step::begin);
    CHECK(s.at(s.m.query("XA COMMIT X'61',X'',1")) == step::statement);
    CHECK(to_string(s.t.current_gtid()) == "0-7-3");
}

TEST_CASE("XA transactions end with their prepare", "[tracker]") {
    stream s;
    const auto prepare = [&](int one_phase) {
        return s.m.make(
            38,
            le(static_cast<std::uint64_t>(one_phase), 1) + le(1, 4) + le(1, 4) + le(0, 4) + "x");
    };
    for (const int one_phase : {0, 1}) {
        CHECK(s.at(s.m.gtid(1)) == step::begin);
        CHECK(s.at(s.m.query("XA START X'78',X'',1")) == step::inside);
        CHECK(s.at(s.m.query("XA END X'78',X'',1")) == step::inside);
        CHECK(s.at(prepare(one_phase)) == (one_phase == 1 ? step::commit : step::prepare));
    }
    CHECK(s.at(s.m.gtid(2)) == step::begin);
    CHECK(s.at(s.m.query("XA ROLLBACK X'78',X'',1")) == step::statement);
    CHECK(s.last.statement == statement_class::xa_rollback);
}

TEST_CASE("a stream that breaks the grammar is refused", "[tracker]") {
    const auto after = [](std::initializer_list<const char*> steps, const char* last) {
        stream s;
        const auto bytes = [&](const std::string& name) {
            if (name == "gtid") return s.m.gtid(1);
            if (name == "xid") return s.m.xid(1);
            if (name == "rotate") return s.m.rotate("b.2", 4);
            if (name == "prepare")
                return s.m.make(38, le(0, 1) + le(1, 4) + le(1, 4) + le(0, 4) + "x");
            return s.m.query(name);
        };
        for (const char* name : steps) REQUIRE(s.give(bytes(name)).has_value());
        return s.fault(bytes(last));
    };
    CHECK(after({}, "xid") == errc::binlog_grammar);
    CHECK(after({}, "COMMIT") == errc::binlog_grammar);
    CHECK(after({"gtid"}, "xid") == errc::binlog_grammar);
    CHECK(after({"gtid"}, "gtid") == errc::binlog_grammar);
    CHECK(after({"gtid", "BEGIN"}, "BEGIN") == errc::binlog_grammar);
    CHECK(after({"gtid", "BEGIN"}, "gtid") == errc::binlog_grammar);
    CHECK(after({"gtid", "BEGIN"}, "rotate") == errc::binlog_grammar);
    CHECK(after({"gtid"}, "prepare") == errc::binlog_grammar);
    CHECK(after({"gtid", "XA START X'78'", "XA END X'78'"}, "INSERT INTO t VALUES (1)") ==
          errc::binlog_grammar);
    CHECK(after({}, "SAVEPOINT s") == errc::binlog_grammar);
}

TEST_CASE("a server that died inside a transaction rolled it back", "[tracker]") {
    stream s;
    s.at(s.m.gtid(1));
    s.at(s.m.query("BEGIN"));
    std::string format = event_maker{}.format();
    // Written when the server started: with its time.
    format.replace(19 + 52, 4, le(1700000001, 4));
    format.resize(format.size() - 4);
    format += le(
        crc32(0, reinterpret_cast<const Bytef*>(format.data()), static_cast<uInt>(format.size())),
        4);
    CHECK(s.at(format) == step::rollback);
    CHECK_FALSE(s.t.in_transaction());
}
