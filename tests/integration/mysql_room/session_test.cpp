#include <dmlib/mysql/bulk_statement.hpp>
#include <dmlib/mysql/errors.hpp>

#include <catch2/catch.hpp>

#include "server_under_test.hpp"
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

using namespace dmlib;
using namespace dmlib::mysql;
using namespace std::chrono_literals;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

double seconds_of(const std::function<void()>& f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

server_facts facts_now() {
    auto s = connect();
    return read_server_facts(s).value();
}

void fresh_database(session& s) {
    s.execute("DROP DATABASE IF EXISTS room").value();
    s.execute("CREATE DATABASE room DEFAULT CHARACTER SET utf8mb4").value();
    s.execute("USE room").value();
}

}  // namespace

TEST_CASE("facts say what the server is", "[facts]") {
    const auto f = facts_now();
    const std::string kind = setting("kind");
    CHECK(f.is_mariadb() == (kind.rfind("mariadb", 0) == 0));
    CHECK(f.is_tidb() == (kind == "tidb"));
    CHECK(f.version().major > 0);
    CHECK(f.max_allowed_packet > 0);
    CHECK_FALSE(f.sql_mode.empty());
    CHECK_FALSE(f.read_only);
    if (f.is_tidb()) {
        CHECK(f.version() == server_version{8, 5, 4});
        return;
    }
    CHECK(f.log_bin);
    CHECK(f.binlog_format == "ROW");
    CHECK(f.server_id == static_cast<std::uint32_t>(std::stoul(setting("server_id"))));
    CHECK(f.is_mariadb() == f.server_uuid.empty());
    CHECK(f.has_gtids());
    auto s = connect();
    const auto here = current_location(s, f).value();
    CHECK_FALSE(here.position.file.empty());
    CHECK(here.position.pos >= 4);
    const auto files = binlog_files(s, f).value();
    REQUIRE_FALSE(files.empty());
    CHECK(files.back().name == here.position.file);
    fresh_database(s);
    const auto later = current_location(s, f).value();
    CHECK((compare(here.position, later.position) < 0));
    CHECK(later.gtids.contains(here.gtids));
    CHECK_FALSE(here.gtids.contains(later.gtids));
    if (f.is_mariadb()) CHECK(gtids_at(s, f, {"no-such-file", 4}).has_error());
    CHECK(utc_offset(s).value().size() == 6);
}

TEST_CASE("statements, rows, nulls", "[execute]") {
    for_each_transport([](const connect_options& o) {
        auto s = connect(o);
        CHECK(s.tls_version().empty() == !o.tls.configured());
        fresh_database(s);
        s.execute("SET SESSION sql_mode = 'STRICT_TRANS_TABLES'").value();
        s.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), b BLOB)").value();
        const auto inserted =
            s.execute("INSERT INTO t VALUES (1,'a',NULL),(2,NULL,'x\\0y')").value();
        CHECK(inserted.affected_rows == 2);
        CHECK(inserted.records == 2u);
        const auto same = s.execute("UPDATE t SET v='a' WHERE id=1").value();
        CHECK(same.affected_rows == 0);
        CHECK(same.rows_matched == 1u);
        CHECK(same.rows_changed == 0u);
        const auto rows = s.query("SELECT id, v, b FROM t ORDER BY id").value();
        REQUIRE(rows.size() == 2);
        CHECK(rows.text(0, "ID") == "1");
        CHECK(rows.text(0, "v") == "a");
        CHECK_FALSE(rows.get(0, "b").has_value());
        CHECK_FALSE(rows.get(1, "v").has_value());
        CHECK(rows.get(1, 2) == std::string_view("x\0y", 3));
        CHECK(rows.columns()[0].table == "t");
        CHECK(rows.columns()[2].collation == 63);
        CHECK(s.query("SELECT id FROM t WHERE id > 9").value().size() == 0);
        CHECK(s.query_value("SELECT COUNT(*) FROM t").value() == "2");
        CHECK(s.execute("SELECT * FROM t").has_value());

        const auto bad = s.execute("INSERT INTO t VALUES (1,'a',NULL)");
        REQUIRE(bad.has_error());
        CHECK(bad.error().code() == errc::db_duplicate_entry);
        CHECK(bad.error().server_errno() == 1062);
        CHECK(bad.error().scope() == error_scope::downstream);
        CHECK(bad.error().place().statement == "INSERT INTO t VALUES (1,'a',NULL)");
        CHECK(s.execute("SELECT * FROM nowhere").error().code() == errc::db_no_such_table);
        CHECK(s.execute("SELECT nothing FROM t").error().code() == errc::db_unknown_column);
        CHECK(s.execute("INSERT INTO t VALUES (7, REPEAT('x', 30), NULL)").error().code() ==
              errc::db_data_too_long);
        CHECK(s.is_open());
        CHECK(s.ping().has_value());
    });
}

TEST_CASE("found_rows and session variables", "[execute]") {
    auto o = plain_options();
    o.found_rows = true;
    o.session_variables = {
        {"sql_mode", "STRICT_TRANS_TABLES"}, {"time_zone", "+03:00"}, {"lock_wait_timeout", "7"}};
    auto s = connect(o);
    CHECK(s.query_value("SELECT @@sql_mode").value() == "STRICT_TRANS_TABLES");
    CHECK(s.query_value("SELECT @@time_zone").value() == "+03:00");
    CHECK(utc_offset(s).value() == "+03:00");
    fresh_database(s);
    s.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT)").value();
    s.execute("INSERT INTO t VALUES (1,1)").value();
    CHECK(s.execute("UPDATE t SET v=1 WHERE id=1").value().affected_rows == 1);
    o.session_variables = {{"no_such_variable", "1"}};
    CHECK(session::connect(o).error().message().find("no_such_variable") != std::string::npos);
}

TEST_CASE("several statements in one packet", "[multi]") {
    auto o = plain_options();
    o.multi_statements = true;
    auto s = connect(o);
    fresh_database(s);
    s.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT)").value();
    std::vector<exec_info> out;
    REQUIRE(s.execute_many(
        "BEGIN; INSERT INTO t VALUES (1,1),(2,2); UPDATE t SET v=9; SELECT * FROM t; COMMIT", out));
    REQUIRE(out.size() == 5);
    CHECK(out[1].affected_rows == 2);
    CHECK(out[2].rows_matched == 2u);
    const auto failed = s.execute_many(
        "INSERT INTO t VALUES (3,3); INSERT INTO t VALUES (1,1); INSERT INTO t VALUES (4,4)", out);
    REQUIRE(failed.has_error());
    CHECK(failed.error().code() == errc::db_duplicate_entry);
    CHECK(out.size() == 1);
    CHECK(s.query_value("SELECT COUNT(*) FROM t").value() == "3");
    // The two halves.
    REQUIRE(s.send("INSERT INTO t VALUES (5,5); DELETE FROM t WHERE id=5"));
    CHECK(s.execute("SELECT 1").error().code() == errc::internal_bug);
    out.clear();
    REQUIRE(s.read_results(out));
    CHECK(out.size() == 2);
    CHECK(s.execute("SELECT 1").has_value());
}

TEST_CASE("rows stream without being kept", "[stream]") {
    for_each_transport([](const connect_options& o) {
        auto s = connect(o);
        fresh_database(s);
        s.execute("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100))").value();
        s.execute("INSERT INTO t (v) VALUES (REPEAT('x',100))").value();
        for (int i = 0; i < 12; ++i) s.execute("INSERT INTO t (v) SELECT v FROM t").value();
        std::uint64_t bytes = 0;
        const auto rows =
            s.query_stream("SELECT v, NULL FROM t", [&](const row_view& r) -> result<void> {
                bytes += r[0].size();
                if (!r.is_null(1)) return error(errc::internal_bug);
                return {};
            });
        CHECK(rows.value() == 4096);
        CHECK(bytes == 409600);
        CHECK(s.is_open());
        {
            auto stream = s.open_stream("SELECT * FROM t").value();
            row_view r;
            CHECK(stream.next(r).value());
            CHECK(s.execute("SELECT 1").error().code() == errc::internal_bug);
            CHECK(stream.drain().has_value());
        }
        CHECK(s.execute("SELECT 1").has_value());
        {
            auto stream = s.open_stream("SELECT * FROM t").value();
            row_view r;
            CHECK(stream.next(r).value());
        }
        CHECK_FALSE(s.is_open());
        CHECK(s.execute("SELECT 1").has_error());
    });
}

TEST_CASE("data without files", "[infile]") {
    auto o = plain_options();
    o.local_infile = true;
    auto s = connect(o);
    fresh_database(s);
    s.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))").value();
    s.execute("SET GLOBAL local_infile = 1").has_value();
    int part = 0;
    const session::infile_reader fill = [&](char* to, std::size_t size) -> result<std::size_t> {
        if (part == 3) return std::size_t{0};
        const std::string line = std::to_string(++part) + "\tvalue\n";
        REQUIRE(size >= line.size());
        std::copy(line.begin(), line.end(), to);
        return line.size();
    };
    const std::string sql = "LOAD DATA LOCAL INFILE 'memory' INTO TABLE t";
    const auto loaded = s.load_data(sql, fill);
    INFO((loaded ? "" : loaded.error().to_string()));
    CHECK(loaded.value().affected_rows == 3);
    CHECK(s.query_value("SELECT COUNT(*) FROM t").value() == "3");
    // A server must not be able to ask for a file.
    CHECK(s.execute("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t").has_error());
    auto t = connect(o);
    const session::infile_reader broken = [](char*, std::size_t) -> result<std::size_t> {
        return error(errc::file_io, "the stream broke");
    };
    t.execute("USE room").value();
    CHECK(t.load_data(sql, broken).error().message() == "the stream broke");
}

TEST_CASE("many rows go in one bulk statement where the server has it", "[bulk]") {
    for_each_transport([](const connect_options& o) {
        auto s = connect(o);
        const bool mariadb = s.server_version_text().find("MariaDB") != std::string::npos;
        REQUIRE(bulk_statement::offered(s) == mariadb);
        if (!mariadb) return;
        s.execute("CREATE DATABASE IF NOT EXISTS room").value();
        s.execute("USE room").value();
        s.execute(
             "CREATE OR REPLACE TABLE b (n INT PRIMARY KEY, l VARCHAR(9) CHARACTER SET latin1, "
             "u VARCHAR(9) CHARACTER SET utf8mb4, x VARBINARY(20), d DATE)")
            .value();
        auto rows = bulk_statement::prepare(s, "INSERT INTO b VALUES (?, ?, ?, ?, ?)", 5).value();
        const std::string bytes("\0\xff\\'\t", 5);
        const auto add = [&](std::string_view n) {
            rows.add(n);
            rows.add("\xe9t\xe9");
            rows.add("\xc3\xa9t\xc3\xa9");
            rows.add(bytes);
            rows.add(n == "2" ? std::nullopt : std::optional<std::string_view>("2024-02-29"));
        };
        add("1");
        add("2");
        add("-3");
        CHECK(rows.rows() == 3);
        const auto done = rows.execute();
        INFO((done ? "" : done.error().to_string()));
        CHECK(done.value().affected_rows == 3);
        CHECK(done.value().warnings == 0);
        CHECK(rows.rows() == 0);
        CHECK(
            s.query_value(
                 "SELECT GROUP_CONCAT(n, HEX(l), HEX(u), HEX(x), IFNULL(d, '-') ORDER BY n) FROM b")
                .value() ==
            "-3E974E9C3A974C3A900FF5C27092024-02-29,1E974E9C3A974C3A900FF5C27092024-02-29,"
            "2E974E9C3A974C3A900FF5C2709-");
        // One row at fault: the whole statement is an error that has the server's number.
        s.execute("BEGIN").value();
        add("4");
        add("1");
        add("5");
        const auto twice = rows.execute();
        REQUIRE(twice.has_error());
        CHECK(twice.error().server_errno() == 1062);
        s.execute("ROLLBACK").value();
        CHECK(s.query_value("SELECT COUNT(*) FROM b").value() == "3");
        // More rows and bytes than one packet of the client's own buffer.
        auto many = bulk_statement::prepare(s, "INSERT INTO b (n, x) VALUES (?, ?)", 2).value();
        std::vector<std::string> numbers(70000);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            numbers[i] = std::to_string(i + 10);
            many.add(numbers[i]);
            many.add("");
        }
        CHECK(many.execute().value().affected_rows == numbers.size());
        CHECK(s.query_value("SELECT COUNT(*) FROM b WHERE x=''").value() == "70000");
        CHECK(bulk_statement::prepare(s, "INSERT INTO nowhere VALUES (?)", 1)
                  .error()
                  .server_errno() == 1146);
        CHECK(s.is_open());
    });
}

TEST_CASE("a silent server is left after the read time-out", "[timeout]") {
    for_each_transport([](const connect_options& o) {
        auto s = connect(o);
        s.set_read_timeout(700ms);
        result<exec_info> r = exec_info{};
        const double took = seconds_of([&] { r = s.execute("SELECT SLEEP(5)"); });
        REQUIRE(r.has_error());
        CHECK(r.error().code() == errc::db_time_out);
        CHECK(took > 0.6);
        CHECK(took < 2.5);
        CHECK_FALSE(s.is_open());
        auto again = connect(o);
        again.set_read_timeout(0ms);
        CHECK(again.execute("SELECT SLEEP(1.2)").has_value());
    });
}

TEST_CASE("any thread can interrupt", "[cancel]") {
    for_each_transport([](const connect_options& o) {
        auto s = connect(o);
        const canceller stop = s.get_canceller();
        std::thread other([stop] {
            std::this_thread::sleep_for(300ms);
            stop.cancel();
        });
        result<exec_info> r = exec_info{};
        const double took = seconds_of([&] { r = s.execute("SELECT SLEEP(5)"); });
        other.join();
        REQUIRE(r.has_error());
        CHECK(r.error().code() == errc::task_stopped);
        CHECK(took < 2);
        CHECK_FALSE(s.is_open());
        CHECK(s.execute("SELECT 1").error().code() == errc::task_stopped);
        s.close();
        stop.cancel();  // after the end: nothing
    });
}

TEST_CASE("a session that the server killed says so and does not raise SIGPIPE", "[kill]") {
    std::signal(SIGPIPE, SIG_DFL);
    for_each_transport([](const connect_options& o) {
        auto s = connect(o);
        auto killer = connect();
        const std::string kill = setting("kind") == "tidb" ? "KILL TIDB " : "KILL ";
        if (!killer.execute(kill + std::to_string(s.connection_id()))) return;
        std::this_thread::sleep_for(200ms);
        for (int i = 0; i < 3; ++i) {
            const auto r = s.execute("SELECT 1");
            REQUIRE(r.has_error());
            CHECK(r.error().code() == errc::db_connection_lost);
        }
        CHECK_FALSE(s.is_open());
    });
}

TEST_CASE("a deadlock, a statement that is wrong, a server that takes no writes", "[errors]") {
    auto a = connect();
    auto b = connect();
    fresh_database(a);
    b.execute("USE room").value();
    a.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB").value();
    a.execute("INSERT INTO t VALUES (1,1),(2,2)").value();
    a.execute("BEGIN").value();
    b.execute("BEGIN").value();
    a.execute("UPDATE t SET v=3 WHERE id=1").value();
    b.execute("UPDATE t SET v=3 WHERE id=2").value();
    // The server chooses which of the two it rolls back.
    std::optional<error> first;
    std::thread waiting([&] {
        const auto r = a.execute("UPDATE t SET v=4 WHERE id=2");
        if (!r) first = r.error();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const auto second = b.execute("UPDATE t SET v=4 WHERE id=1");
    if (!second) b.execute("ROLLBACK").value();
    waiting.join();
    REQUIRE(first.has_value() == second.has_value());
    const error& victim = first ? *first : second.error();
    CHECK(victim.code() == errc::db_deadlock);
    CHECK(victim.info().retry == retry_class::statement);
    a.execute("ROLLBACK").value();
    b.execute("ROLLBACK").value();

    auto o = plain_options();
    o.role = role::source;
    CHECK(connect(o).query("SELEC 1").error().code() == errc::db_query_failed);

    (void)a.execute("DROP USER 'plain'@'%'");
    a.execute("CREATE USER 'plain'@'%' IDENTIFIED BY 'Secret-1'").value();
    a.execute("GRANT SELECT, INSERT ON room.* TO 'plain'@'%'").value();
    o.user = "plain";
    o.password = secret("Secret-1");
    o.role = role::target;
    auto plain = connect(o);
    const std::string name = setting("kind") == "tidb" ? "tidb_super_read_only" : "read_only";
    a.execute("SET GLOBAL " + name + " = 1").value();
    const auto refused = plain.execute("INSERT INTO room.t VALUES (9,9)");
    a.execute("SET GLOBAL " + name + " = 0").value();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code() == errc::db_read_only);
    CHECK(plain.execute("INSERT INTO room.t VALUES (9,9)").has_value());
}

TEST_CASE("lock waits and deadlocks are retried, privileges are not", "[errors]") {
    auto a = connect();
    auto b = connect();
    fresh_database(a);
    b.execute("USE room").value();
    a.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB").value();
    a.execute("INSERT INTO t VALUES (1,1)").value();
    a.execute("BEGIN").value();
    a.execute("UPDATE t SET v=2").value();
    b.execute("SET SESSION innodb_lock_wait_timeout = 1").value();
    const auto waited = b.execute("UPDATE t SET v=3");
    REQUIRE(waited.has_error());
    CHECK(waited.error().code() == errc::db_lock_wait);
    CHECK(waited.error().info().retry == retry_class::statement);
    a.execute("ROLLBACK").value();
    a.execute("DROP USER IF EXISTS 'poor'@'%'").has_value();
    const auto created = a.execute("CREATE USER 'poor'@'%' IDENTIFIED BY 'Secret-1'");
    if (!created) {  // 5.6 knows no IF EXISTS
        a.execute("DROP USER 'poor'@'%'").value();
        a.execute("CREATE USER 'poor'@'%' IDENTIFIED BY 'Secret-1'").value();
        CHECK(created.error().place().statement.find("Secret") == std::string::npos);
    }
    auto o = plain_options();
    o.user = "poor";
    o.password = secret("Secret-1");
    o.role = role::source;
    auto poor = connect(o);
    const auto refused = poor.execute("INSERT INTO room.t VALUES (2,2)");
    CHECK(refused.error().code() == errc::db_privilege);
    CHECK(refused.error().scope() == error_scope::upstream);
    o.password = secret("wrong-Secret");
    const auto denied = session::connect(o);
    REQUIRE(denied.has_error());
    CHECK(denied.error().code() == errc::db_access_denied);
    CHECK(denied.error().to_string().find("wrong-Secret") == std::string::npos);
    CHECK(denied.error().to_string().find("poor@") != std::string::npos);
}

TEST_CASE("unreachable servers", "[connect]") {
    auto o = plain_options();
    o.port = 1;
    CHECK(session::connect(o).error().code() == errc::db_connect);
    o = plain_options();
    o.host = "no-such-host.invalid";
    CHECK(session::connect(o).error().code() == errc::db_connect);
    o = plain_options();
    o.unix_socket = "/nowhere/socket";
    CHECK(session::connect(o).error().code() == errc::db_connect);
}

TEST_CASE("every authentication plugin", "[auth]") {
    const auto f = facts_now();
    auto root = connect();
    std::vector<std::string> plugins;
    if (f.is_mariadb())
        plugins = {"mysql_native_password"};
    else if (f.is_tidb())
        plugins = {"mysql_native_password", "caching_sha2_password"};
    else if (f.version().at_least(9))
        plugins = {"caching_sha2_password", "sha256_password"};
    else if (f.version().at_least(8))
        plugins = {"mysql_native_password", "caching_sha2_password", "sha256_password"};
    else
        plugins = {"mysql_native_password"};
    for (const std::string& plugin : plugins) {
        INFO(plugin);
        const std::string name = "auth_" + plugin.substr(0, 8);
        root.execute("DROP USER '" + name + "'@'%'").has_value();
        const bool old = f.is_mariadb() || !f.version().at_least(5, 7);
        const std::string with = old ? " IDENTIFIED BY 'Pass-word1'"
                                     : " IDENTIFIED WITH '" + plugin + "' BY 'Pass-word1'";
        root.execute("CREATE USER '" + name + "'@'%'" + with).value();
        for_each_transport([&](connect_options o) {
            o.user = name;
            o.password = secret("Pass-word1");
            // TiDB has no key pair for this plugin: it wants TLS.
            if (f.is_tidb() && plugin != "mysql_native_password" && !o.tls.configured()) return;
            for (int i = 0; i < 2; ++i) {
                auto s = session::connect(o);
                INFO((s ? "" : s.error().to_string()));
                CHECK(s.has_value());
            }
        });
    }
}

TEST_CASE("TLS is verified", "[tls]") {
    if (!has_tls()) return;
    auto o = tls_options_of_server();
    CHECK_FALSE(connect(o).tls_version().empty());
    o.tls.ca_pem = file_text(o.tls.ca_file);
    o.tls.ca_file.clear();
    CHECK(session::connect(o).has_value());  // inline PEM

    SECTION("another CA") {
        o.tls.ca_pem = file_text(setting("other_ca"));
        const auto r = session::connect(o);
        REQUIRE(r.has_error());
        CHECK(r.error().code() == errc::db_tls);
    }
    SECTION("another host name") {
        o.host = "localhost";  // the certificate's name is 127.0.0.1 or what run.py says
        if (setting("tls_other_host").empty()) return;
        o.host = setting("tls_other_host");
        CHECK(session::connect(o).error().code() == errc::db_tls);
        o.tls.verify = false;
        CHECK(session::connect(o).has_value());
    }
    SECTION("without a CA the system's store decides") {
        o.tls.ca_pem.clear();
        o.tls.mode = tls_mode::required;
        CHECK(session::connect(o).error().code() == errc::db_tls);
        o.tls.verify = false;
        CHECK(session::connect(o).has_value());
    }
    SECTION("allowed names replace the host name") {
        o.tls.allowed_common_names = {"someone", setting("tls_cn")};
        const auto good = session::connect(o);
        INFO((good ? "" : good.error().to_string()));
        CHECK(good.has_value());
        o.tls.allowed_common_names = {"someone"};
        CHECK(session::connect(o).error().code() == errc::db_tls);
        o.tls.allowed_common_names = {setting("tls_cn")};
        o.tls.ca_pem = file_text(setting("other_ca"));
        CHECK(session::connect(o).error().code() == errc::db_tls);
    }
    SECTION("client certificates") {
        o.tls.cert_file = setting("tls_client_cert");
        o.tls.key_file = setting("tls_client_key");
        CHECK(session::connect(o).has_value());
        o.tls.key_pem = secret(file_text(o.tls.key_file));
        o.tls.cert_pem = file_text(o.tls.cert_file);
        CHECK(session::connect(o).has_value());
        o.tls.ca_file = "/nowhere";
        o.tls.ca_pem.clear();
        CHECK(session::connect(o).error().code() == errc::file_io);
    }
    SECTION("an account that wants TLS") {
        auto root = connect();
        root.execute("DROP USER IF EXISTS 'tlsonly'@'%'").value();
        root.execute("CREATE USER 'tlsonly'@'%' IDENTIFIED BY 'Pass-word1' REQUIRE SSL").value();
        o.user = "tlsonly";
        o.password = secret("Pass-word1");
        CHECK(session::connect(o).has_value());
        o.tls = {};
        CHECK(session::connect(o).error().code() == errc::db_access_denied);
        o.tls.mode = tls_mode::preferred;
        o.tls.verify = false;
        CHECK_FALSE(session::connect(o).value().tls_version().empty());
    }
}

TEST_CASE("a server without TLS is refused where TLS is wanted", "[tls]") {
    const auto f = facts_now();
    if (has_tls() || f.variable("have_ssl") == "YES" || f.version().at_least(8)) return;
    auto o = plain_options();
    o.tls.mode = tls_mode::required;
    o.tls.verify = false;
    CHECK(session::connect(o).error().code() == errc::db_tls);
    o.tls.mode = tls_mode::preferred;
    CHECK(session::connect(o).value().tls_version().empty());
}
