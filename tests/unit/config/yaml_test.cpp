#include <dmlib/config/load.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace dmlib;
using namespace dmlib::config;

namespace {

const std::string source_head = "source-id: s1\nfrom:\n  host: h\n  user: u\n";

std::vector<problem> problems_of(const std::string& text, const load_options& options = {}) {
    return load_source("s.yaml", text, options).problems;
}

bool has(const std::vector<problem>& problems, errc code, const std::string& text, int line = 0) {
    return std::any_of(problems.begin(), problems.end(), [&](const problem& p) {
        return p.what.code() == code && to_line(p).find(text) != std::string::npos &&
               (line == 0 || p.what.place().line == line);
    });
}

std::string all_lines(const std::vector<problem>& problems) {
    std::string out;
    for (const problem& p : problems) out += to_line(p) + "\n";
    return out;
}

}  // namespace

TEST_CASE("a whole source file") {
    const auto loaded = load_source("s.yaml", R"(source-id: "mysql-01"
enable-gtid: true
flavor: 'MariaDB'
server-id: 4294967295
case-sensitive: true
from:
  host: "127.0.0.1"
  port: 3307
  user: "dm"
  password: 0123
  security: {ssl-ca: /ca.pem, cert-allowed-cn: ["a", "b"]}
filters:
- schema-pattern: dmctl
  table-pattern: t_1
  sql-pattern: ["alter table .* add column aaa int"]
  action: Ignore
)");
    INFO(all_lines(loaded.problems));
    CHECK(loaded.problems.empty());
    const source_file& s = loaded.file;
    CHECK(s.source_id == "mysql-01");
    CHECK(s.enable_gtid);
    CHECK(s.flavor == flavor::mariadb);
    CHECK(s.server_id == 4294967295U);
    CHECK(s.case_sensitive);
    CHECK(s.from.port == 3307);
    CHECK(s.from.password.reveal() == "0123");
    CHECK(s.from.security.ssl_ca == "/ca.pem");
    CHECK(s.from.security.cert_allowed_cn == std::vector<std::string>{"a", "b"});
    CHECK(s.from.security.verify);
    REQUIRE(s.filters.size() == 1);
    CHECK(s.filters[0].table_pattern == "t_1");
    CHECK(load_source("s", source_head).file.from.port == 3306);
    CHECK_FALSE(load_source("s", source_head + "flavor: ''\n").file.flavor.has_value());
}

TEST_CASE("keys of sources") {
    CHECK(has(problems_of(source_head + "enable-relay: true\n"),
              errc::config_not_supported,
              "enable-relay",
              5));
    CHECK(
        problems_of(
            source_head +
            "enable-relay: false\nrelay-dir: ''\nchecker: {check-enable: true, backoff-max: 5m0s}\n"
            "purge: {interval: 3600, expires: 0}\n")
            .empty());
    CHECK(has(
        problems_of(source_head + "flavor: oracle\n"), errc::config_bad_value, "mysql, mariadb"));
    CHECK(has(problems_of("from: {host: h, user: u}\n"), errc::config_missing_key, "source-id"));
    CHECK(has(problems_of(source_head + "server-id: 4294967296\n"),
              errc::config_bad_value,
              "out of range"));
    const auto warned = problems_of(
        source_head + "charset: utf8\nmeta-dir: x\ntracer: {a: [b]}\nauto-fix-gtid: true\n");
    CHECK(warned.size() == 4);
    CHECK_FALSE(has_errors(warned));
}

TEST_CASE("checker of a source") {
    using namespace std::chrono_literals;
    const auto standard = load_source("s", source_head).file.checker;
    CHECK(standard.check_enable);
    CHECK(standard.backoff_max == 30s);
    CHECK(standard.backoff_rollback == 0s);
    const auto all = load_source("s",
                                 source_head +
                                     "checker: {check-enable: false, backoff-rollback: 5m0s, "
                                     "backoff-max: 5m, check-interval: 5s, backoff-min: 200ms, "
                                     "backoff-jitter: false, backoff-factor: 1.5}\n");
    CHECK(all.problems.empty());
    const auto& c = all.file.checker;
    CHECK_FALSE(c.check_enable);
    CHECK(c.backoff_rollback == 5min);
    CHECK(c.backoff_max == 5min);
    CHECK(c.check_interval == 5s);
    CHECK(c.backoff_min == 200ms);
    CHECK_FALSE(c.backoff_jitter);
    CHECK(c.backoff_factor == 1.5);
    const auto wrong = [](const std::string& keys) {
        return problems_of(source_head + "checker: {" + keys + "}\n");
    };
    CHECK(has(wrong("backoff-max: 500ms"), errc::config_bad_value, "backoff-max"));
    CHECK(has(wrong("backoff-min: 10s, backoff-max: 5s"), errc::config_bad_value, "backoff-min"));
    CHECK(has(wrong("backoff-factor: 0.5"), errc::config_bad_value, "backoff-factor"));
    CHECK(wrong("backoff-max: 0s, backoff-min: 0s, backoff-factor: 0").empty());
}

TEST_CASE("session variables that have no effect are named") {
    const auto session = [](const std::string& name) {
        return load_source(
                   "s",
                   "source-id: s\nfrom:\n  host: h\n  user: u\n  session:\n    " + name + ": 1\n")
            .problems;
    };
    for (const char* name : {"time_zone", "Autocommit", "names", "CHARACTER_SET_CLIENT"}) {
        INFO(name);
        CHECK(has(session(name), errc::config_deprecated_key, "has no effect", 6));
    }
    CHECK(session("sql_mode").empty());
    CHECK(session("foreign_key_checks").empty());
}

TEST_CASE("TLS") {
    const auto security = [](const std::string& keys) {
        return load_source("s", "source-id: s1\nfrom:\n  host: h\n  user: u\n  security:\n" + keys);
    };
    const std::string pem = "-----BEGIN CERTIFICATE-----";  // base64 below is this text
    const auto inline_pem = security("    ssl-ca-bytes: \"" + pem + "\"\n");
    CHECK(inline_pem.problems.empty());
    CHECK(inline_pem.file.from.security.ca_pem == pem);
    const auto base64 = security("    ssl-ca-base64: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t\n");
    CHECK(base64.problems.empty());
    CHECK(base64.file.from.security.ca_pem == pem);
    CHECK(security("    ssl-ca-bytes: !!binary LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t\n")
              .file.from.security.ca_pem == pem);
    CHECK(has(
        security("    ssl-ca-base64: \"***\"\n").problems, errc::config_bad_value, "not base64"));
    CHECK(has(security("    ssl-ca-bytes: \"abc\"\n").problems, errc::config_bad_value, "no PEM"));
    CHECK(has(security("    ssl-cert: a\n").problems, errc::config_missing_key, "ssl-key", 5));
    const auto open = security("    verify: false\n");
    CHECK(open.ok());
    CHECK(has(open.problems, errc::config_deprecated_key, "not checked", 6));
    CHECK_FALSE(open.file.from.security.verify);
    CHECK_FALSE(load_source("s", "source-id: s\nfrom: {host: h, user: u, security: null}\n")
                    .file.from.security.present);
    CHECK(has(security("    ssl-ca: a\n    ssl-ca-bytes: \"" + pem + "\"\n").problems,
              errc::config_bad_value,
              "ssl-ca and ssl-ca-bytes",
              7));
    const auto nothing = security("    ssl-ca: \"\"\n    ssl-key: \"\"\n");
    CHECK(nothing.ok());
    CHECK_FALSE(nothing.file.from.security.present);
    CHECK(has(nothing.problems, errc::config_deprecated_key, "names nothing", 5));
    CHECK(security("    cert-allowed-cn: [a]\n").file.from.security.present);
    CHECK(security("    ssl-ca: a\n").file.from.security.tls_min_version == "1.2");
    CHECK(security("    tls-min-version: 1.3\n").file.from.security.tls_min_version == "1.3");
    CHECK(has(security("    tls-min-version: 1.1\n").problems, errc::config_bad_value, "1.2, 1.3"));
}

TEST_CASE("broken YAML is told with its place") {
    CHECK(has(problems_of("a: [1, 2\nb: 3\n"), errc::config_yaml, "not valid YAML", 2));
    CHECK(has(problems_of(""), errc::config_yaml, "empty", 1));
    CHECK(has(problems_of("# nothing\n"), errc::config_yaml, "empty"));
    CHECK(has(problems_of("- a\n- b\n"), errc::config_bad_value, "keys and values", 1));
    CHECK(has(problems_of("just text"), errc::config_bad_value, "keys and values", 1));
    CHECK(has(
        problems_of(source_head + "---\nname: x\n"), errc::config_yaml, "second YAML document", 6));
    CHECK(
        has(problems_of(source_head + "? [a, b]\n: c\n"), errc::config_yaml, "a key has to be", 5));
    CHECK(has(
        problems_of(source_head + "charset: !private x\n"), errc::config_yaml, "unknown tag", 5));
    CHECK(has(
        problems_of(source_head + "charset: \"abc\\\"\n"), errc::config_yaml, "never closed", 5));
    CHECK(has(problems_of(source_head + "charset: 'it''s"), errc::config_yaml, "", 5));
    CHECK_FALSE(has_errors(problems_of(source_head + "charset: 'it''s'\nmeta-dir: \"a\\\"b\"\n")));
    CHECK(has(problems_of("\tsource-id: s\n"), errc::config_yaml, ""));
    CHECK(problems_of("\xEF\xBB\xBF" + source_head).empty());
    CHECK(problems_of("source-id: s1\r\nfrom:\r\n  host: h\r\n  user: u\r\n").empty());
}

TEST_CASE("a key that stands twice") {
    const auto problems = problems_of(source_head + "flavor: mysql\nflavor: mariadb\n");
    REQUIRE(problems.size() == 1);
    CHECK(has(problems, errc::config_yaml, "first in line 5", 6));
    CHECK(problems[0].what.place().column == 1);
}

TEST_CASE("anchors, aliases and merges") {
    const auto loaded = load_task("t", R"(name: t
task-mode: all
target-database: &db {host: h, user: u, port: 4001}
mysql-instances:
  - &one
    source-id: s1
    syncer-config-name: a
  - <<: *one
    source-id: s2
syncers:
  a: {<<: [{batch: 7}, {batch: 8, worker-count: 9}]}
)");
    INFO(all_lines(loaded.problems));
    REQUIRE(loaded.ok());
    CHECK(loaded.file.instances[1].source_id == "s2");
    CHECK(loaded.file.instances[1].syncer.batch == 7);
    CHECK(loaded.file.instances[1].syncer.worker_count == 9);
    CHECK(has(problems_of(source_head + "tracer: &a [*a]\n"), errc::config_yaml, "alias inside"));
}

TEST_CASE("a bomb of aliases, deep nesting and size are bounded") {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 30; ++i) {
        const std::string before = std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ",*a" : "*a") + before;
        bomb += "]\n";
    }
    const auto start = std::chrono::steady_clock::now();
    CHECK(has(problems_of(bomb), errc::internal_limit, "aliases counted"));
    CHECK(has(problems_of("tracer: " + std::string(100, '[') + std::string(100, ']')),
              errc::internal_limit,
              "nested deeper"));
    CHECK(has_errors(problems_of("tracer: " + std::string(200'000, '['))));
    CHECK(has_errors(problems_of("tracer: " + std::string(100'000, '{'))));
    load_options small;
    small.max_bytes = 10;
    CHECK(has(problems_of(source_head, small), errc::internal_limit, "larger than 10"));
    std::string many = source_head;
    for (int i = 0; i < 3'000; ++i) many += "k" + std::to_string(i) + ": v\n";
    const auto problems = problems_of(many);
    CHECK(problems.size() == 1'001);
    CHECK(problems.back().what.message() == "2000 more problems");
    load_options few;
    few.max_problems = 2;
    const auto warned =
        problems_of(source_head + "charset: a\nmeta-dir: b\nauto-fix-gtid: true\n", few);
    CHECK(warned.size() == 3);
    CHECK_FALSE(has_errors(warned));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("environment variables") {
    load_options options;
    options.environment = [](std::string_view name) -> std::optional<std::string> {
        if (name == "DB_PASSWORD") return "a: [b] ${X}";
        if (name == "DB_PORT") return "3310";
        return std::nullopt;
    };
    const auto load = [&](const std::string& password) {
        return load_source(
            "s",
            "source-id: s\nfrom:\n  host: h\n  port: ${DB_PORT}\n  user: u\n  password: " +
                password + "\n",
            options);
    };
    CHECK(load("${DB_PASSWORD}").file.from.password.reveal() == "a: [b] ${X}");
    CHECK(load("x${DB_PORT}y").file.from.password.reveal() == "x3310y");
    CHECK(load("x${DB_PORT}y").file.from.port == 3310);
    CHECK(load("\"a$${DB_PORT}\"").file.from.password.reveal() == "a${DB_PORT}");
    CHECK(load("\"a$${b c}$${\"").file.from.password.reveal() == "a${b c}${");
    for (const char* no_name : {"\"a${DB_PORT:-3306}\"", "\"a${hunter 2}\"", "a${}", "${1A}"}) {
        INFO(no_name);
        const auto found = load(no_name).problems;
        CHECK(has(found, errc::config_bad_value, "holds no name", 6));
        CHECK(found.front().what.place().column == 13);
        CHECK(all_lines(found).find("hunter") == std::string::npos);
    }
    CHECK(has(load("\"a${DB_PORT\"").problems, errc::config_bad_value, "no } behind it", 6));
    CHECK(has(load("${NO_SUCH}").problems, errc::config_bad_value, "NO_SUCH is not set", 6));
    CHECK(has(problems_of("source-id: ${A}\n"), errc::config_bad_value, "A is not set", 1));
}

TEST_CASE("passwords never appear in problems") {
    for (const std::string& password : {std::string("*hunter2"),
                                        std::string("&hunter2"),
                                        std::string("!hunter2"),
                                        std::string("[hunter2, hunter2]"),
                                        std::string("{hunter2: hunter2}"),
                                        std::string("\"hunter2"),
                                        std::string("hunter2: hunter2"),
                                        std::string("%hunter2"),
                                        std::string("@hunter2"),
                                        std::string("${hunter2}"),
                                        std::string("- hunter2")}) {
        const auto problems = problems_of(
            "source-id: s\nfrom:\n  host: h\n  user: u\n  password: " + password + "\n");
        INFO(password);
        CHECK(has_errors(problems));
        CHECK(all_lines(problems).find("hunter2") == std::string::npos);
    }
}

TEST_CASE("tasks and sources against each other") {
    const auto task = [](const std::string& more) {
        auto loaded = load_task("t.yaml",
                                "name: t\ntask-mode: incremental\ntarget-database: {host: h, user: "
                                "u}\nmysql-instances:\n" +
                                    more);
        REQUIRE(loaded.ok());
        return loaded.file;
    };
    const auto source = [](const std::string& id, const std::string& more = {}) {
        return load_source(id + ".yaml", "source-id: " + id + "\nfrom: {host: h, user: u}\n" + more)
            .file;
    };
    const task_file two = task(
        "  - source-id: a\n    meta: {binlog-gtid: \"0-1-2\"}\n  - source-id: b\n    meta: "
        "{binlog-name: x.000001}\n");
    const std::vector<source_file> good{source("a", "enable-gtid: true\n"), source("b")};
    CHECK(cross_check(two, good).empty());
    const std::vector<source_file> missing{source("a", "enable-gtid: true\n")};
    CHECK(has(
        cross_check(two, missing), errc::config_bad_reference, "no source file for source 'b'", 7));
    const std::vector<source_file> more{source("a"),
                                        source("b", "enable: false\ncase-sensitive: true\n"),
                                        source("c"),
                                        source("b")};
    const auto problems = cross_check(two, more);
    INFO(all_lines(problems));
    CHECK(has(problems, errc::config_missing_key, "enable-gtid: false"));
    CHECK(has(problems, errc::config_bad_value, "not enabled"));
    CHECK(has(problems, errc::config_bad_value, "case-sensitive differs"));
    CHECK(has(problems, errc::config_unused_block, "not used by task"));
    CHECK(has(problems, errc::config_bad_value, "stands in b.yaml too"));
}

TEST_CASE("filters of a source apply unless the task has the same patterns") {
    const auto loaded = load_task("t", R"(name: t
task-mode: all
target-database: {host: h, user: u}
mysql-instances: [{source-id: a, filter-rules: [f]}]
filters: {f: {schema-pattern: DMCTL, table-pattern: t_1, events: [all], action: Do}}
)");
    REQUIRE(loaded.ok());
    const source_file source = load_source("s", R"(source-id: a
from: {host: h, user: u}
filters:
- {schema-pattern: dmctl, table-pattern: T_1, events: [insert], action: Ignore}
- {schema-pattern: dmctl, table-pattern: t_2, events: [insert], action: Ignore}
)")
                                   .file;
    const filter f = make_filter(loaded.file, loaded.file.instances[0], &source);
    REQUIRE(f.events().size() == 2);
    CHECK(f.events()[0].name == "f");
    CHECK(f.events()[1].table_pattern == "t_2");
}

TEST_CASE("bytes that are no UTF-8 are refused with their place") {
    const auto p = problems_of(source_head + "relay-dir: caf\xe9\n");
    CHECK(has(p, errc::config_yaml, "byte 233, which is no UTF-8", 5));
    CHECK_FALSE(
        has(problems_of(source_head + "relay-dir: caf\xc3\xa9\n"), errc::config_yaml, "byte"));
    const std::string mark = "\xef\xbb\xbf";
    CHECK_FALSE(has(problems_of(mark + source_head), errc::config_yaml, ""));
    CHECK(has(
        problems_of(source_head + mark + "relay-dir: x\n"), errc::config_yaml, "order mark", 5));
    CHECK(has(problems_of(source_head + "relay-dir: \xc2\x85\n"),
              errc::config_yaml,
              "a control character (character 133)",
              5));
    CHECK(has(problems_of(source_head + "relay-dir: \xef\xbf\xbf\n"),
              errc::config_yaml,
              "a control character (character 65535)",
              5));
}

TEST_CASE("lines end with a line feed") {
    const std::string end = "relay-dir: x # y";
    CHECK_FALSE(has(problems_of(source_head + end + "\r\n"), errc::config_yaml, "byte"));
    const auto p = problems_of(source_head + end + "\r\r\n");
    CHECK(has(p, errc::config_yaml, "a control character (byte 13)", 5));
}

TEST_CASE("control characters are refused with their place") {
    const std::string text = source_head + "  password: |\n\x1c  # end";
    const auto p = problems_of(text);
    CHECK(has(p, errc::config_yaml, "a control character (byte 28)", 6));
    CHECK(has(problems_of(source_head + "relay-dir: a\x7f\n"), errc::config_yaml, "byte 127", 5));
    CHECK(
        has(problems_of(source_head + std::string("a: \0\n", 5)), errc::config_yaml, "byte 0", 5));
    CHECK_FALSE(has(problems_of("source-id: \"a\\x1c\"\r\n"), errc::config_yaml, "control"));
}
