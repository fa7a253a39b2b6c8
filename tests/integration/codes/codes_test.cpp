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
