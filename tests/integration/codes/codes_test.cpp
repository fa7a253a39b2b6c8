// Codes that the command cannot meet, or meets by chance only: raised on real servers.
#include <dmlib/dump/snapshot.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/dump/table_reader.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/task/task.hpp>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace dmlib;

namespace {

std::string given(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? "" : text;
}

source_options source_server() {
    source_options o;
    o.id = "src-1";
    o.host = given("DMLIB_SOURCE_HOST");
    o.port = static_cast<std::uint16_t>(std::stoi(given("DMLIB_SOURCE_PORT")));
    o.user = "root";
    return o;
}

mysql::session connected(boost::asio::io_context& context) {
    return mysql::session::connect(source{context.get_executor(), source_server()}.connection())
        .value();
}

void fresh_table(mysql::session& s) {
    s.execute("DROP DATABASE IF EXISTS codes").value();
    s.execute("CREATE DATABASE codes").value();
    s.execute("CREATE TABLE codes.t (id INT PRIMARY KEY, v VARCHAR(20))").value();
    s.execute("INSERT INTO codes.t VALUES (1, 'a'), (2, 'b')").value();
}

}  // namespace

TEST_CASE("a callback that throws ends the task: task-target-refused") {
    boost::asio::io_context context;
    auto s = connected(context);
    fresh_table(s);
    task_options options{.name = "codes", .mode = task_mode::incremental};
    task t{context.get_executor(), options};
    auto facts = mysql::read_server_facts(s).value();
    source_settings settings;
    settings.start = mysql::current_location(s, facts).value();
    t.add_source(source{context.get_executor(), source_server()},
                 filter{}.allow("codes.*"),
                 {},
                 {},
                 settings);
    std::atomic<int> calls{0};
    t.deliver_to([&](const sync::change_transaction&) -> result<void> {
        ++calls;
        throw std::runtime_error("the host's disk is full");
    });
    s.execute("INSERT INTO codes.t VALUES (3, 'c')").value();
    const auto out = t.run();
    CHECK(out.result == task_result::error);
    REQUIRE(out.error);
    CHECK(out.error->code() == errc::task_target_refused);
    CHECK(out.error->message().find("the host's disk is full") != std::string::npos);
    CHECK(out.error->place().source == "src-1");
    CHECK(out.error->place().binlog_pos > 0);
    CHECK(calls == 1);  // it is not called again
}

TEST_CASE("a change stream and event filters: DDL is left out, followed, or stops it") {
    boost::asio::io_context context;
    auto s = connected(context);
    fresh_table(s);
    const auto facts = mysql::read_server_facts(s).value();
    source_settings settings;
    settings.start = mysql::current_location(s, facts).value();
    for (const char* sql : {"ALTER TABLE codes.t ADD COLUMN w INT DEFAULT 7",
                            "INSERT INTO codes.t VALUES (3, 'c', 8)",
                            "TRUNCATE TABLE codes.t",
                            "CREATE INDEX by_w ON codes.t (w)",
                            "INSERT INTO codes.t VALUES (4, 'd', 9)",
                            "DROP INDEX by_w ON codes.t",
                            "INSERT INTO codes.t VALUES (5, 'e', 10)"})
        s.execute(sql).value();
    const auto follow = [&](filter_action last) {
        task_options options{.name = "codes", .mode = task_mode::incremental};
        task t{context.get_executor(), options};
        filter what;
        what.allow("codes.*")
            .events({.name = "shape",
                     .schema_pattern = "codes",
                     .table_pattern = "*",
                     .events = {"alter table", "truncate table"},
                     .action = filter_action::ignore})
            .events({.name = "text",
                     .schema_pattern = "codes",
                     .table_pattern = "*",
                     .sql_pattern = {"^DROP\\s+INDEX"},
                     .action = last});
        t.add_source(source{context.get_executor(), source_server()}, what, {}, {}, settings);
        std::vector<std::string> seen;
        t.deliver_to([&](const sync::change_transaction& c) -> result<void> {
            if (!c.ddl.empty()) seen.push_back(c.ddl);
            for (const auto& row : c.rows) {
                seen.push_back(std::to_string(row.columns->size()) + " columns of " +
                               row.source.table);
                if (row.after[0].to_text() == "5") t.stop();
            }
            return {};
        });
        std::string waits_for;  // what would be waited for for ever is a fault here
        t.on_progress([&](const task_status& status) {
            for (const auto& part : status.sources) {
                if (!part.blocked) continue;
                waits_for = part.blocked->on;
                t.stop();
            }
        });
        const auto out = t.run();
        CHECK(waits_for == "");
        return std::pair(seen, out);
    };
    const auto [seen, out] = follow(filter_action::ignore);
    INFO((out.error ? out.error->to_string() : ""));
    CHECK(out.result == task_result::stopped);
    CHECK(seen == std::vector<std::string>{"3 columns of t",
                                           "CREATE INDEX by_w ON codes.t (w)",
                                           "3 columns of t",
                                           "3 columns of t"});
    const auto [before, refused] = follow(filter_action::error);
    CHECK(before.size() == 3);
    REQUIRE(refused.error);
    CHECK(refused.error->code() == errc::sync_event_filtered_error);
    CHECK(refused.error->place().table == "t");
    CHECK(refused.error->place().binlog_pos > 0);
}

namespace {

/// The rows that a callback gets of codes.* from `begin` on until `rows` have come.
std::pair<std::vector<sync::row_change>, task_outcome> captured_rows(
    boost::asio::io_context& context,
    const location& begin,
    const mapper& mappings,
    std::size_t rows) {
    task_options options{.name = "codes", .mode = task_mode::incremental};
    task t{context.get_executor(), options};
    source_settings settings;
    settings.start = begin;
    t.add_source(source{context.get_executor(), source_server()},
                 filter{}.allow("codes.*"),
                 {},
                 mappings,
                 settings);
    std::vector<sync::row_change> seen;
    t.deliver_to([&](const sync::change_transaction& c) -> result<void> {
        seen.insert(seen.end(), c.rows.begin(), c.rows.end());
        if (seen.size() >= rows) t.stop();
        return {};
    });
    auto out = t.run();
    return {std::move(seen), std::move(out)};
}

}  // namespace

TEST_CASE("a change stream whose table lacks a mapped column: sync-mapping") {
    boost::asio::io_context context;
    auto s = connected(context);
    fresh_table(s);
    const auto facts = mysql::read_server_facts(s).value();
    const location begin = mysql::current_location(s, facts).value();
    s.execute("INSERT INTO codes.t VALUES (3, 'c')").value();
    const auto [mapped, fine] =
        captured_rows(context, begin, mapper{}.add_prefix("v", "x-", "codes.*"), 1);
    CHECK(fine.result == task_result::stopped);
    REQUIRE(mapped.size() == 1);
    CHECK(mapped[0].after[1].to_text() == "x-c");
    const auto [seen, out] =
        captured_rows(context, begin, mapper{}.add_prefix("nowhere", "x-", "codes.*"), 1);
    CHECK(seen.empty());
    REQUIRE(out.error);
    CHECK(out.error->code() == errc::sync_mapping);
    CHECK(out.error->message().find("`nowhere`") != std::string::npos);
    CHECK(out.error->place().table == "t");
    CHECK(out.error->place().binlog_pos > 0);
}

TEST_CASE("a change stream gives BINARY values as the source has them, zeros at the end too") {
    boost::asio::io_context context;
    auto s = connected(context);
    fresh_table(s);
    const auto facts = mysql::read_server_facts(s).value();
    const bool has_uuid =
        facts.kind.flavor == flavor::mariadb && facts.kind.version.at_least(10, 10);
    s.execute("CREATE TABLE codes.b (id INT PRIMARY KEY, b BINARY(4), v VARBINARY(4), c CHAR(4)" +
              std::string(has_uuid ? ", u UUID, i6 INET6, i4 INET4)" : ")"))
        .value();
    const location begin = mysql::current_location(s, facts).value();
    const std::string special =
        has_uuid ? ", '11111111-1111-1111-8111-000000000000', 'fe80::', '10.0.0.0'" : "";
    for (const char* values : {"1, 'ab', 'ab', 'ab'", "2, '', '', ''", "3, 'abcd', 'abcd', 'abcd'"})
        s.execute("INSERT INTO codes.b VALUES (" + std::string(values) + special + ")").value();
    s.execute("INSERT INTO codes.b (id) VALUES (4)").value();
    const auto held = s.query("SELECT HEX(b), HEX(v), HEX(c) FROM codes.b ORDER BY id").value();
    s.execute("UPDATE codes.b SET b = 'x' WHERE id = 1").value();
    s.execute("DELETE FROM codes.b WHERE id = 1").value();
    const auto [seen, out] = captured_rows(context, begin, {}, 6);
    INFO((out.error ? out.error->to_string() : ""));
    REQUIRE(seen.size() == 6);
    const auto hex = [](const value& v) {
        std::string text;
        for (const char c : v.to_text()) {
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            text += {digits[byte >> 4U], digits[byte & 15U]};
        }
        return text;
    };
    for (std::size_t row = 0; row < 3; ++row) {
        for (std::size_t column = 0; column < 3; ++column) {
            INFO("row " << row << ", column " << column);
            CHECK(hex(seen[row].after[column + 1]) == held.text(row, column));
        }
        if (!has_uuid) continue;
        CHECK(seen[row].after[4].view.size == 16);
        CHECK(hex(seen[row].after[5]) == "FE800000000000000000000000000000");
        CHECK(hex(seen[row].after[6]) == "0A000000");
    }
    CHECK(seen[3].after[1].view.is_null());
    CHECK(hex(seen[4].before[1]) == "61620000");
    CHECK(hex(seen[4].after[1]) == "78000000");
    CHECK(hex(seen[5].before[1]) == "78000000");
}

TEST_CASE("a definition that changes behind a snapshot: dump-table-changed") {
    boost::asio::io_context context;
    auto reader = connected(context);
    auto other = connected(context);
    fresh_table(other);
    const auto facts = mysql::read_server_facts(reader).value();
    const table_name name{"codes", "t"};
    dump::listed_table listed;
    listed.name = name;
    listed.type = "BASE TABLE";
    listed.engine = "InnoDB";
    const auto read = [&](const dump::source_table& t) {
        return dump::read_range(reader, t, {}, {}, true, [](dump::row_batch&&) { return true; });
    };
    const auto table =
        dump::describe_table(listed, dump::show_create(reader, name).value(), facts.kind).value();
    reader.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT").value();
    reader.execute("SAVEPOINT sp").value();
    const auto fine = read(table);
    CHECK_FALSE(fine.failure);
    CHECK(fine.rows == 2);
    reader.execute("ROLLBACK").value();
    reader.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT").value();
    other.execute("ALTER TABLE codes.t ADD COLUMN w INT").value();
    const auto changed = read(table);
    REQUIRE(changed.failure);
    CHECK(changed.failure->code() == errc::dump_table_changed);
    CHECK(changed.failure->place().table == "t");
    CHECK(changed.rows == 0);
}
