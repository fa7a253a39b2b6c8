#include <dmlib/check/check.hpp>
#include <dmlib/check/impl/internal/many_sessions.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>

using namespace dmlib;
using namespace dmlib::check;

namespace {

mysql::connect_options server(const std::string& side, mysql::role role) {
    const auto get = [&](const char* what) {
        const char* text = std::getenv(("DMLIB_" + side + "_" + what).c_str());
        return std::string(text == nullptr ? "" : text);
    };
    mysql::connect_options o;
    o.host = get("HOST");
    o.port = static_cast<std::uint16_t>(std::stoi(get("PORT")));
    o.user = "root";
    o.role = role;
    return o;
}

mysql::connect_options source_server() {
    return server("SOURCE", mysql::role::source);
}
mysql::connect_options target_server() {
    return server("TARGET", mysql::role::target);
}

struct pair_of_servers {
    mysql::session source = mysql::session::connect(source_server()).value();
    mysql::session target = mysql::session::connect(target_server()).value();
    pair_of_servers() {
        for (auto* s : {&source, &target}) {
            s->execute("DROP DATABASE IF EXISTS shop").value();
            s->execute("DROP DATABASE IF EXISTS other").value();
        }
        source.execute("CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
            .value();
    }
    void on_source(const std::string& sql) { source.execute(sql).value(); }
};

check_input input(task_mode mode = task_mode::all) {
    check_input in;
    in.mode = mode;
    in.target = target_server();
    source_input s;
    s.id = "src-1";
    s.connection = source_server();
    s.plan_tables = [](const std::vector<table_name>& all) -> result<std::vector<table_pair>> {
        std::vector<table_pair> out;
        for (const auto& t : all) {
            if (t.schema == "shop" || t.schema == "other") out.push_back({t, t});
        }
        return out;
    };
    in.sources.push_back(std::move(s));
    return in;
}

std::vector<check_item> failed(const std::vector<check_item>& items, const std::string& name) {
    std::vector<check_item> out;
    for (const auto& i : items) {
        if (i.name == name && !i.passed) out.push_back(i);
    }
    return out;
}

std::string all_text(const std::vector<check_item>& items) {
    std::string out;
    for (const auto& i : items) {
        if (!i.passed)
            out += i.name + " " + i.source + ": " + i.message + " => " + i.instruction + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("a clean pair passes with one item per check") {
    pair_of_servers s;
    s.on_source("CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(20))");
    const auto items = run_checks(input());
    INFO(all_text(items));
    CHECK(passed(items));
    CHECK(failed(items, "table_schema").empty());
    for (const char* name : {"connection",
                             "version",
                             "server_id",
                             "binlog_enable",
                             "binlog_format",
                             "binlog_row_image",
                             "binlog_db",
                             "dump_privilege",
                             "replication_privilege",
                             "target_privilege",
                             "table_schema"}) {
        INFO(name);
        bool found = false;
        for (const auto& i : items) found = found || (i.name == name && i.passed);
        CHECK(found);
    }
}

TEST_CASE("binlog settings") {
    pair_of_servers s;
    s.on_source("SET GLOBAL binlog_row_image = 'MINIMAL'");
    const bool statement = s.source.execute("SET GLOBAL binlog_format = 'STATEMENT'").has_value();
    auto in = input();
    const auto facts = mysql::read_server_facts(s.source).value();
    in.sources[0].server_id = facts.server_id;
    const auto items = run_checks(in);
    s.on_source("SET GLOBAL binlog_row_image = 'FULL'");
    if (statement) s.on_source("SET GLOBAL binlog_format = 'ROW'");
    INFO(all_text(items));
    CHECK_FALSE(passed(items));
    const auto image = failed(items, "binlog_row_image");
    REQUIRE(image.size() == 1);
    CHECK(image[0].severity == severity::warning);
    CHECK(failed(items, "binlog_format").size() == (statement ? 1 : 0));
    CHECK(failed(items, "server_id").size() == 1);
    // A full copy needs none of it, and a name can be ignored.
    CHECK(passed(run_checks(input(task_mode::full))));
}

TEST_CASE("tables that need a word") {
    pair_of_servers s;
    s.on_source("CREATE TABLE shop.nokey (a INT)");
    s.on_source("CREATE TABLE shop.nullkey (a INT, UNIQUE KEY (a))");
    s.on_source("CREATE TABLE shop.myisam (a INT PRIMARY KEY) ENGINE=MyISAM");
    s.on_source("CREATE TABLE shop.parent (a INT PRIMARY KEY)");
    s.on_source(
        "CREATE TABLE shop.child (a INT PRIMARY KEY, FOREIGN KEY (a) REFERENCES shop.parent (a) ON "
        "DELETE CASCADE)");
    s.on_source("CREATE TABLE shop.lacking (a INT PRIMARY KEY, b INT)");
    s.target.execute("CREATE DATABASE shop").value();
    s.target.execute("CREATE TABLE shop.lacking (a INT PRIMARY KEY, c INT NOT NULL)").value();
    s.target.execute("CREATE TABLE shop.child (a INT PRIMARY KEY)").value();
    const auto items = run_checks(input());
    const auto tables = failed(items, "table_schema");
    const auto about = [&](const char* table, const char* text) {
        for (const auto& i : tables) {
            if (i.table && i.table->table == table && i.message.find(text) != std::string::npos)
                return true;
        }
        return false;
    };
    INFO(all_text(items));
    // The task could not write the rows of this one; the rest is a warning.
    CHECK_FALSE(passed(items));
    for (const auto& i : items) {
        if (i.passed || i.severity != severity::error) continue;
        REQUIRE(i.table);
        CHECK(i.table->table == "lacking");
    }
    CHECK(about("nokey", "no primary key"));
    CHECK(about("nullkey", "no primary key"));
    CHECK(about("myisam", "MyISAM"));
    CHECK(about("lacking", "lacks column `b`"));
    CHECK(about("lacking", "`c`"));
    CHECK(failed(items, "foreign_keys").size() == 1);
}

TEST_CASE("privileges") {
    pair_of_servers s;
    s.on_source("CREATE TABLE shop.t (id INT PRIMARY KEY)");
    for (auto* side : {&s.source, &s.target}) {
        side->execute("DROP USER IF EXISTS 'weak'@'%'").value();
        side->execute("CREATE USER 'weak'@'%' IDENTIFIED BY 'Pass-word1'").value();
        side->execute("GRANT SELECT ON mysql.* TO 'weak'@'%'").value();
    }
    auto in = input();
    for (auto* o : {&in.sources[0].connection, &in.target}) {
        o->user = "weak";
        o->password = secret("Pass-word1");
    }
    if (s.target.server_version_text().find("TiDB") != std::string::npos) {
        s.target
            .execute("ALTER USER 'weak'@'%' IDENTIFIED WITH mysql_native_password BY 'Pass-word1'")
            .value();
    }
    in.sources[0].plan_tables = [](const auto&) -> result<std::vector<table_pair>> {
        return std::vector<table_pair>{{{"shop", "t"}, {"shop", "t"}}};
    };
    const auto items = run_checks(in);
    INFO(all_text(items));
    CHECK_FALSE(passed(items));
    CHECK_FALSE(failed(items, "replication_privilege").empty());
    CHECK_FALSE(failed(items, "target_privilege").empty());
    const error e = to_error(items);
    CHECK(e.workaround().find("GRANT REPLICATION SLAVE ON *.* TO 'weak'@'%'") != std::string::npos);

    in = input();
    in.sources[0].connection.password = secret("wrong");
    in.sources[0].connection.user = "nobody-here";
    in.target.port = 1;
    const auto unreachable = run_checks(in);
    CHECK(failed(unreachable, "connection").size() == 2);
    CHECK_FALSE(passed(unreachable));
    in.ignored = {"all"};
    CHECK(failed(run_checks(in), "connection").size() == 2);
}

TEST_CASE("start positions") {
    pair_of_servers s;
    const auto facts = mysql::read_server_facts(s.source).value();
    auto in = input(task_mode::incremental);
    in.sources[0].first_start = true;
    in.sources[0].start = mysql::current_location(s.source, facts).value();
    CHECK(failed(run_checks(in), "meta_position").empty());
    in.sources[0].enable_gtid = true;
    CHECK(failed(run_checks(in), "meta_position").empty());
    in.sources[0].enable_gtid = false;
    in.sources[0].start->position.file = "binlog.999999";
    const auto items = run_checks(in);
    REQUIRE(failed(items, "meta_position").size() == 1);
    CHECK_FALSE(passed(items));
    in.sources[0].first_start = false;
    CHECK(passed(run_checks(in)));
    in.sources[0].first_start = true;
    in.ignored = {"meta_position"};
    CHECK(passed(run_checks(in)));
}

TEST_CASE("types that the target lacks, merged tables") {
    pair_of_servers s;
    s.on_source("CREATE TABLE shop.geo (id INT PRIMARY KEY, g GEOMETRY)");
    s.on_source("CREATE TABLE shop.m1 (id INT AUTO_INCREMENT PRIMARY KEY, a INT)");
    s.on_source("CREATE TABLE shop.m2 (id INT AUTO_INCREMENT PRIMARY KEY, b INT)");
    auto in = input();
    in.sources[0].plan_tables =
        [](const std::vector<table_name>& all) -> result<std::vector<table_pair>> {
        std::vector<table_pair> out;
        for (const auto& t : all) {
            if (t.schema != "shop") continue;
            out.push_back({t, t.table[0] == 'm' ? table_name{"shop", "merged"} : t});
        }
        return out;
    };
    const auto items = run_checks(in);
    INFO(all_text(items));
    CHECK(failed(items, "auto_increment_ID").size() == 2);
    CHECK(failed(items, "schema_of_shard_tables").size() == 1);
    CHECK(passed(items));
    if (s.target.server_version_text().find("TiDB") != std::string::npos) {
        bool said = false;  // TiDB has no geometry
        for (const auto& i : failed(items, "table_schema"))
            said = said || (i.table && i.table->table == "geo");
        CHECK(said);
    }
}

namespace {
/// Ended connections leave the list a moment later.
bool connections_become(mysql::session& s, std::string_view count) {
    for (int i = 0; i < 100; ++i) {
        const auto n = s.query_value(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'root'");
        if (n.value() == count) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}
}  // namespace

TEST_CASE("many questions: sessions that break, that cannot be had, and a stop") {
    using namespace dmlib::check::internal;
    internal::server s;
    s.options = source_server();
    s.session = mysql::session::connect(s.options).value();
    const std::string mine = std::to_string(s.session.connection_id());
    constexpr std::size_t count = 1000;
    std::vector<std::string> answers(count);
    std::mutex guard;
    std::set<std::uint64_t> used;
    const auto ask = [&](mysql::session& on, std::size_t i) {
        {
            const std::lock_guard lock(guard);
            used.insert(on.connection_id());
        }
        if (i % 100 == 99 && std::to_string(on.connection_id()) != mine)
            (void)on.execute("KILL " + std::to_string(on.connection_id()));
        auto answer = on.query_value("SELECT " + std::to_string(i));
        answers[i] = answer ? **answer : "none";
    };
    ask_all(s, nullptr, count, ask);
    for (std::size_t i = 0; i < count; ++i) CHECK(answers[i] == std::to_string(i));
    CHECK(used.size() > 1);
    CHECK(used.size() <= 4);
    CHECK(connections_become(s.session, "1"));

    s.options.user = "nobody-here";  // no further session
    answers.assign(count, "");
    used.clear();
    ask_all(s, nullptr, count, ask);
    CHECK(used.size() == 1);
    CHECK(std::count(answers.begin(), answers.end(), "") == 0);
    s.options = source_server();

    stopper stop;
    std::atomic<std::size_t> asked{0};
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        stop.stop();
    });
    const auto began = std::chrono::steady_clock::now();
    stop.watch(s.session.get_canceller());
    ask_all(s, &stop, count, [&](mysql::session& on, std::size_t) {
        ++asked;
        (void)on.execute("DO SLEEP(60)");
    });
    later.join();
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    CHECK(asked <= 8);
}

TEST_CASE("checks tell how far they are, and end when they are told to") {
    pair_of_servers s;
    s.on_source("CREATE DATABASE other");
    for (const char* db : {"shop", "other"}) {
        for (int i = 0; i < 60; ++i)
            s.on_source("CREATE TABLE " + std::string(db) + ".t" + std::to_string(i) +
                        " (id INT PRIMARY KEY)");
    }
    auto in = input();
    in.sources.push_back(in.sources[0]);
    in.sources[1].id = "src-2";
    std::size_t last = 0;
    std::size_t of = 0;
    bool grows = true;
    in.on_progress = [&](std::string_view, std::size_t done, std::size_t total) {
        grows = grows && done == last + 1 && done <= total;
        last = done;
        of = total;
    };
    const auto items = run_checks(in);
    INFO(all_text(items));
    CHECK(grows);
    CHECK(last == of);
    CHECK(last >= 240);
    double seconds = 0;
    for (const auto& i : items) seconds += i.seconds;
    CHECK(seconds > 0);
    CHECK(connections_become(s.source, "1"));

    stopper stop;
    in.stop = &stop;
    in.on_progress = [&](std::string_view, std::size_t done, std::size_t) {
        if (done == 20) stop.stop();
        last = done;
    };
    (void)run_checks(in);
    CHECK(last < 100);
}

TEST_CASE("time of many tables", "[.][many]") {
    pair_of_servers s;
    for (int i = 0; i < 10000; ++i) {
        s.on_source("CREATE TABLE shop.t" + std::to_string(i) +
                    " (id INT PRIMARY KEY, v VARCHAR(20), KEY (v))");
    }
    const auto start = std::chrono::steady_clock::now();
    const auto items = run_checks(input());
    WARN(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()
         << " s, " << items.size() << " items");
    CHECK(passed(items));
}
