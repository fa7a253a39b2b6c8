#include <dmlib/config/load.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace dmlib;
using namespace dmlib::config;

namespace {

// The smallest task that loads; `more` follows at the top level.
std::string task_text(const std::string& more = {}, const std::string& instance = {}) {
    return "name: test\ntask-mode: all\ntarget-database:\n  host: h\n  user: u\n"
           "mysql-instances:\n  - source-id: s1\n" +
           instance + more;
}

bool has(const std::vector<problem>& problems,
         errc code,
         const std::string& text,
         int line = 0,
         int column = 0) {
    return std::any_of(problems.begin(), problems.end(), [&](const problem& p) {
        return p.what.code() == code && to_line(p).find(text) != std::string::npos &&
               (line == 0 || p.what.place().line == line) &&
               (column == 0 || p.what.place().column == column);
    });
}

std::string all_lines(const std::vector<problem>& problems) {
    std::string out;
    for (const problem& p : problems) out += to_line(p) + "\n";
    return out;
}

task_file good_task(const std::string& text) {
    auto loaded = load_task("task.yaml", text);
    INFO(all_lines(loaded.problems));
    REQUIRE(loaded.ok());
    return loaded.file;
}

std::vector<problem> problems_of(const std::string& text) {
    return load_task("task.yaml", text).problems;
}

}  // namespace

TEST_CASE("a whole task file") {
    const task_file task = good_task(R"(---
name: "orders"
task-mode: incremental
meta-schema: "meta"
timezone: "+08:00"
case-sensitive: true
ignore-checking-items: ["version", "auto_increment_ID"]
clean-dump-file: false
target-database:
  host: "10.0.0.9"
  port: 4001
  user: "root"
  password: "p:w"
  session:
    sql_mode: "ANSI_QUOTES"
    tidb_skip_utf8_check: 1
    tidb_disable_txn_auto_retry: off
mysql-instances:
  - source-id: "mysql-01"
    meta: {binlog-name: mysql-bin.000001, binlog-pos: 2022, binlog-gtid: "09bec856-ba95-11ea-850a-58f2b4af5188:1-9"}
    route-rules: ["r2", "r1"]
    filter-rules: ["f"]
    block-allow-list: "l"
    mydumper-config-name: "d"
    loader-thread: 3
    syncer:
      worker-count: 8
      batch: 50
      safe-mode: true
      on-row-mismatch: repair
  - source-id: "mysql-02"
    black-white-list: "l"
    mydumper-config-name: "d"
    meta:
      binlog-gtid: "0-1-5,1-2-3"
routes:
  r1: {schema-pattern: "a_*", table-pattern: "t_*", target-schema: a, target-table: t}
  r2:
    schema-pattern: "~^b"
    target-schema: "b"
filters:
  f:
    schema-pattern: "a*"
    table-pattern: ""
    events: ["truncate table", "all dml"]
    sql-pattern: ["^DROP\\s+PROCEDURE"]
    action: Ignore
block-allow-list:
  l:
    do-dbs: ["a*", "~^b"]
    ignore-tables:
    - db-name: "a1"
      tbl-name: ~^t_[\d]+
mydumpers:
  d:
    threads: 6
    chunk-filesize: 128
    rows: 5000
    extra-args: "-r 700 --filesize=1GiB"
)");
    CHECK(task.name == "orders");
    CHECK(task.mode == config::task_mode::incremental);
    CHECK(task.meta_schema == "meta");
    CHECK(task.timezone == "+08:00");
    CHECK(task.case_sensitive);
    CHECK_FALSE(task.clean_dump_file);
    CHECK(task.ignore_checking_items == std::vector<std::string>{"version", "auto_increment_ID"});
    CHECK(task.target.host == "10.0.0.9");
    CHECK(task.target.port == 4001);
    CHECK(task.target.password.reveal() == "p:w");
    REQUIRE(task.target.session.size() == 3);
    CHECK(task.target.session[0].second == "ANSI_QUOTES");
    CHECK(task.target.session[1].second == "1");
    CHECK(task.target.session[2].second == "off");
    REQUIRE(task.instances.size() == 2);
    const instance& in = task.instances[0];
    CHECK(in.meta->binlog_name == "mysql-bin.000001");
    CHECK(in.meta->binlog_pos == 2022);
    REQUIRE(in.routes.size() == 2);
    CHECK(in.routes[0].name == "r2");
    CHECK(in.routes[1].table_pattern == "t_*");
    CHECK(in.filters[0].sql_pattern == std::vector<std::string>{"^DROP\\s+PROCEDURE"});
    CHECK(in.filters[0].action == filter_action::ignore);
    CHECK(in.list.name == "l");
    CHECK(in.list.ignore_tables == std::vector<table_pattern>{{"a1", "~^t_[\\d]+"}});
    CHECK(in.mydumper.threads == 6);
    CHECK(in.mydumper.chunk_filesize_bytes == std::uint64_t{1} << 30U);
    CHECK(in.mydumper.rows == 700);
    CHECK(in.loader.pool_size == 3);
    CHECK(in.syncer.worker_count == 8);
    CHECK(in.syncer.batch == 50);
    CHECK(in.syncer.safe_mode);
    CHECK(in.syncer.on_row_mismatch == mismatch_policy::repair);
    CHECK(task.instances[1].list.do_dbs.size() == 2);
    CHECK(task.instances[1].meta->binlog_pos == 4);
    CHECK(task.find("mysql-02") == &task.instances[1]);
    CHECK(task.find("none") == nullptr);
}

TEST_CASE("defaults are DM's") {
    const task_file task = good_task(task_text());
    CHECK(task.meta_schema == "dm_meta");
    CHECK(task.target.port == 4000);
    CHECK_FALSE(task.case_sensitive);
    CHECK(task.clean_dump_file);
    const instance& in = task.instances.at(0);
    CHECK(in.mydumper.threads == 4);
    CHECK(in.mydumper.chunk_filesize_bytes == std::uint64_t{64} << 20U);
    CHECK(in.loader.pool_size == 16);
    CHECK(in.syncer.worker_count == 16);
    CHECK(in.syncer.batch == 0);
    CHECK_FALSE(in.syncer.safe_mode);
    CHECK(in.syncer.on_row_mismatch == mismatch_policy::error);
    CHECK(in.syncer.safe_mode_duration == std::chrono::seconds(60));
}

TEST_CASE("every problem at once, each with its place") {
    const auto problems = problems_of(R"(name: test
task-mode: al
meta-schem: x
timezone: "+25:00"
target-database:
  host: h
  port: 70000
mysql-instances:
  - source-id: "a-name-that-is-longer-than-thirty-two-characters"
    route-rules: ["r1", "r2"]
  - source-id: s2
    block-allow-list: "lst"
routes:
  r1:
    schema-pattern: "~("
    target-schema: x
  r3: {schema-pattern: a, target-schema: b}
block-allow-list:
  list: {do-dbs: [a, [b]]}
)");
    INFO(all_lines(problems));
    CHECK(has(problems, errc::config_bad_value, "Did you mean 'all'", 2, 12));
    CHECK(has(problems, errc::config_unknown_key, "Did you mean 'meta-schema'", 3, 1));
    CHECK(has(problems, errc::config_bad_value, "time zone", 4, 1));
    CHECK(has(problems, errc::config_bad_value, "target-database.port", 7, 9));
    CHECK(has(problems, errc::config_missing_key, "target-database: key 'user'", 6, 3));
    CHECK(has(problems, errc::config_bad_value, "longer than 32", 9, 16));
    CHECK(has(problems, errc::config_bad_reference, "routes has no 'r2'", 10, 25));
    CHECK(has(problems, errc::config_bad_reference, "Did you mean 'list'", 12, 5));
    CHECK(has(problems, errc::config_rule, "routes.r1.schema-pattern", 15, 21));
    CHECK(has(problems, errc::config_unused_block, "routes.r3", 17, 3));
    CHECK(has(problems, errc::config_unused_block, "block-allow-list.list", 19, 3));
    CHECK(has(problems, errc::config_bad_value, "do-dbs[1]", 19, 22));
    CHECK(problems.size() == 12);
    CHECK(to_line(problems.front()).find("task.yaml:2:12: ") == 0);
    CHECK(std::is_sorted(problems.begin(), problems.end(), [](const problem& a, const problem& b) {
        return a.what.place().line < b.what.place().line;
    }));
}

TEST_CASE("a task's name leaves room for the tables that begin with it") {
    const auto named = [](std::size_t length) {
        return problems_of("name: " + std::string(length, 't') +
                           "\ntask-mode: all\ntarget-database:\n  host: h\n  user: u\n"
                           "mysql-instances:\n  - source-id: s1\n");
    };
    // 64 characters less "_dmlib_copy_writers".
    CHECK(named(45).empty());
    CHECK(has(named(46), errc::config_bad_value, "longer than 45", 1, 7));
}

TEST_CASE("a source id has no blanks at its ends") {
    const auto problems = problems_of(
        "name: test\ntask-mode: all\ntarget-database:\n  host: h\n  user: u\n"
        "mysql-instances:\n  - source-id: 'src '\n  - source-id: src\n  - source-id: 's r'\n");
    CHECK(has(problems, errc::config_bad_value, "ends with a blank", 7, 16));
    CHECK(problems.size() == 1);
    const auto source = load_source("s.yaml", "source-id: ' src'\nfrom:\n  host: h\n  user: u\n");
    CHECK(has(source.problems, errc::config_bad_value, "begins or ends with a blank", 1, 12));
}

TEST_CASE("keys whose feature is not there yet are errors unless they say the default") {
    struct row {
        const char* bad;
        const char* harmless;
    };
    for (const row& r :
         {row{"is-sharding: true", "is-sharding: false"},
          row{"shard-mode: optimistic", "shard-mode: \"\""},
          row{"strict-optimistic-shard-mode: true", "strict-optimistic-shard-mode: no"},
          row{"collation_compatible: strict", "collation_compatible: loose"},
          row{"shadow-table-rules: [\"^_(.+)_x$\"]", "shadow-table-rules: []"},
          row{"trash-table-rules: [\"^_(.+)_y$\"]", "trash-table-rules: []"}}) {
        INFO(r.bad);
        CHECK(has(problems_of(task_text(std::string(r.bad) + "\n")),
                  errc::config_not_supported,
                  "not supported yet",
                  8,
                  1));
        CHECK(problems_of(task_text(std::string(r.harmless) + "\n")).empty());
    }
    const std::string use = "    loader-config-name: x\n    mydumper-config-name: x\n";
    const auto unit = [&](const std::string& loader, const std::string& mydumper) {
        return problems_of(task_text(
            "loaders:\n  x: {" + loader + "}\nmydumpers:\n  x: {" + mydumper + "}\n", use));
    };
    CHECK(unit("import-mode: sql, on-duplicate: \"\", on-duplicate-logical: error",
               "where: \"\", extra-args: \"\"")
              .empty());
    CHECK(has(unit("on-duplicate-logical: replace", ""),
              errc::config_deprecated_key,
              "takes the place of every row",
              11,
              7));
    CHECK(has(unit("import-mode: physical", ""), errc::config_not_supported, "physical", 11, 7));
    CHECK(has(unit("import-mode: import-into", ""), errc::config_not_supported, "import-into"));
    CHECK(has(unit("on-duplicate-logical: ignore", ""),
              errc::config_not_supported,
              "on-duplicate-logical"));
    CHECK(has(unit("on-duplicate: ignore", ""), errc::config_not_supported, "on-duplicate"));
    CHECK(unit("on-duplicate: error", "").empty());
    CHECK(has(unit("", "where: \"id > 3\""), errc::config_not_supported, "where", 13, 7));
    CHECK(has(unit("", "extra-args: \"--tables-list a.b\""),
              errc::config_not_supported,
              "--tables-list",
              13,
              7));
    CHECK(has(problems_of("name: t\ntask-mode: dump\n"), errc::config_not_supported, "dump", 2, 1));
    CHECK(has(problems_of(
                  task_text("validators:\n  v: {mode: full}\n", "    validator-config-name: v\n")),
              errc::config_not_supported,
              "validators.v.mode"));
    CHECK(
        problems_of(task_text("validators:\n  v: {mode: none}\n", "    validator-config-name: v\n"))
            .empty());
}

TEST_CASE("expression filters are read and judged") {
    const auto text = [](const std::string& keys) {
        return task_text(
            "timezone: \"-02:30\"\nexpression-filter:\n  e: {schema: a, table: b, " + keys + "}\n",
            "    expression-filters: [e]\n");
    };
    auto loaded = load_task(
        "t.yaml", text("insert-value-expr: \"c % 2 = 0\", delete-value-expr: \"id = 3\""), {});
    REQUIRE(loaded.ok());
    const filter f = make_filter(loaded.file, loaded.file.instances.front(), nullptr);
    CHECK(f.rows() == std::vector<row_filter_rule>{{"e", "a", "b", "c % 2 = 0", {}, {}, "id = 3"}});
    CHECK(f.row_time_zone() == -150);
    CHECK(has(problems_of(text("update-old-value-expr: \"RAND() > 0.5\"")),
              errc::config_rule,
              "the function rand is not evaluated"));
    CHECK(
        has(problems_of(text("update-new-value-expr: \"c >\"")), errc::config_rule, "update-new"));
}

TEST_CASE("an expression filter without an expression is an error") {
    const auto problems =
        problems_of(task_text("expression-filter:\n  e: {schema: a, table: b}\n"
                              "  f: {schema: a, table: b, insert-value-expr: ''}\n",
                              "    expression-filters: [e, f]\n"));
    INFO(all_lines(problems));
    CHECK(problems.size() == 2);
    CHECK(has(problems, errc::config_missing_key, "expression-filter.e has no expression", 10, 3));
    CHECK(has(problems, errc::config_missing_key, "expression-filter.f has no expression", 11, 3));
}

TEST_CASE("event filters that say nothing") {
    const auto problems = [](const std::string& rule) {
        return problems_of(
            task_text("filters:\n  f:\n    schema-pattern: a\n" + rule, "    filter-rules: [f]\n"));
    };
    const std::string pattern = "    sql-pattern: [\"^ALTER\"]\n";
    for (const std::string& named : {std::string(), pattern, std::string("    events: []\n")}) {
        const auto found = problems(named + "    action: Do\n");
        INFO(all_lines(found));
        REQUIRE(found.size() == 1);
        CHECK(has(found,
                  errc::config_rule,
                  "action Do without events leaves out everything",
                  named.empty() ? 12 : 13,
                  5));
        CHECK(has_errors(found));
    }
    CHECK(problems("    events: [none]\n    action: Do\n").empty());
    CHECK(problems("    events: [all]\n" + pattern + "    action: Do\n").empty());
    CHECK(problems(pattern + "    action: Ignore\n").empty());
    for (const std::string action : {"Ignore", "Error"}) {
        const auto found = problems("    action: " + action + "\n");
        REQUIRE(found.size() == 1);
        CHECK(to_line(found[0]).starts_with("task.yaml:12:5: warning: the rule has neither"));
    }
    const auto source = load_source(
        "s.yaml",
        "source-id: s\nfrom: {host: h, user: u}\nfilters:\n- {schema-pattern: a, action: Do}\n");
    CHECK(has(source.problems, errc::config_rule, "action Do without events", 4, 23));
}

TEST_CASE("column mappings and extracted columns are read") {
    auto loaded = load_task(
        "t.yaml",
        task_text("routes:\n  r:\n    schema-pattern: a\n    target-schema: b\n"
                  "    extract-table: {table-regexp: \"t(.*)\", target-column: c}\n"
                  "column-mappings:\n  m: {schema-pattern: a, target-column: c, expression: "
                  "partition id, arguments: [\"1\", \"s\", \"t\"]}\n",
                  "    route-rules: [r]\n    column-mapping-rules: [m]\n"),
        {});
    REQUIRE(loaded.ok());
    const instance& in = loaded.file.instances.front();
    REQUIRE(make_router(in).rules().size() == 1);
    CHECK(make_router(in).rules()[0].extract_table == extract_rule{"t(.*)", "c"});
    REQUIRE(make_mapper(in).rules().size() == 1);
    CHECK(make_mapper(in).rules()[0].partition.instance == 1);
}

TEST_CASE("two extractors of one column are a fault at the second one") {
    const auto problems = problems_of(
        task_text("routes:\n  r:\n    schema-pattern: a\n    target-schema: b\n"
                  "    extract-table:\n      table-regexp: \"t(.*)\"\n      target-column: C\n"
                  "    extract-schema:\n      schema-regexp: \"(.*)\"\n      target-column: c\n",
                  "    route-rules: [r]\n"));
    REQUIRE(problems.size() == 1);
    CHECK(
        has(problems, errc::config_rule, "extract-table and extract-schema fill the same column"));
    CHECK(to_line(problems[0]).find(":7: route 'r'") != std::string::npos);
}

TEST_CASE("keys without effect are warnings") {
    for (const char* line : {"enable-heartbeat: true",
                             "heartbeat-update-interval: 1",
                             "heartbeat-report-interval: 10",
                             "ansi-quotes: true",
                             "remove-meta: true",
                             "online-ddl-scheme: pt",
                             "online-ddl: true",
                             "experimental: {async-checkpoint-flush: true}"}) {
        INFO(line);
        const auto loaded = load_task("t.yaml", task_text(std::string(line) + "\n"));
        CHECK(loaded.ok());
        REQUIRE(loaded.problems.size() == 1);
        CHECK(loaded.problems[0].severity == severity::warning);
        CHECK(loaded.problems[0].what.place().line == 8);
        CHECK(to_line(loaded.problems[0]).find("t.yaml:8:") == 0);
        CHECK(to_line(loaded.problems[0]).find(": warning: ") != std::string::npos);
    }
}

TEST_CASE("references") {
    CHECK(has(
        problems_of(task_text("", "    route-rules: [a, a]\n")), errc::config_bad_value, "twice"));
    CHECK(has(problems_of(task_text("  - source-id: s1\n")),
              errc::config_bad_value,
              "first in line 7",
              8,
              5));
    CHECK(has(problems_of(task_text("syncers: {x: {}}\n",
                                    "    syncer-config-name: x\n    syncer: {batch: 1}\n")),
              errc::config_bad_value,
              "side by side"));
    CHECK(
        has(problems_of(task_text("syncers: {x: {}}\n")), errc::config_unused_block, "syncers.x"));
    CHECK(has(problems_of(task_text("black-white-list: {a: {}}\nblock-allow-list: {b: {}}\n",
                                    "    black-white-list: a\n    block-allow-list: b\n")),
              errc::config_bad_value,
              "different lists"));
    // A block without keys is all defaults; a unit block may be null.
    CHECK(problems_of(
              task_text("syncers:\n  x:\n", "    syncer-config-name: x\n    mydumper: null\n"))
              .empty());
    CHECK(has(problems_of(task_text("filters:\n  x:\n", "    filter-rules: [x]\n")),
              errc::config_bad_value,
              "filters.x"));
}

TEST_CASE("meta and task-mode") {
    const std::string incremental =
        "name: t\ntask-mode: incremental\ntarget-database: {host: h, user: u}\nmysql-instances:\n  "
        "- source-id: s\n";
    auto loaded = load_task("t", incremental);
    CHECK(loaded.ok());
    CHECK(loaded.problems.size() == 1);
    CHECK(load_task("t", incremental + "    meta: {binlog-name: a.000001, binlog-pos: 4}\n")
              .problems.empty());
    CHECK(has(load_task("t", incremental + "    meta: {binlog-gtid: \"\"}\n").problems,
              errc::config_missing_key,
              "neither"));
    CHECK(has(load_task("t", incremental + "    meta: {binlog-gtid: \"xyz\"}\n").problems,
              errc::config_bad_value,
              "GTID"));
    CHECK(has(problems_of(task_text("", "    meta: {binlog-name: a}\n")),
              errc::config_deprecated_key,
              "no effect in this task-mode"));
}

TEST_CASE("values are typed") {
    CHECK(has(problems_of(task_text("case-sensitive: maybe\n")),
              errc::config_bad_value,
              "neither true nor false"));
    CHECK(
        has(problems_of(task_text("routes: [a]\n")), errc::config_bad_value, "blocks with names"));
    CHECK(has(problems_of(task_text("ignore-checking-items: version\n")),
              errc::config_bad_value,
              "list of texts"));
    CHECK(has(problems_of(task_text("ignore-checking-items: [versio]\n")),
              errc::config_bad_value,
              "Did you mean 'version'"));
    CHECK(has(problems_of(task_text("clean-dump-file: {a: b}\n")),
              errc::config_bad_value,
              "one value, not a map"));
    CHECK(has(problems_of(task_text("syncers: {x: {worker-count: 99999}}\n",
                                    "    syncer-config-name: x\n")),
              errc::config_bad_value,
              "from 0 to 1024"));
    CHECK(has(problems_of(task_text("mydumpers: {x: {chunk-filesize: 64XB}}\n",
                                    "    mydumper-config-name: x\n")),
              errc::config_bad_value,
              "not a size"));
    CHECK(has(problems_of(task_text("syncers: {x: {on-row-mismatch: ignore}}\n",
                                    "    syncer-config-name: x\n")),
              errc::config_bad_value,
              "error, warn, repair"));
    CHECK(has(problems_of(task_text("syncers: {x: {safe-mode-duration: 60}}\n",
                                    "    syncer-config-name: x\n")),
              errc::config_bad_value,
              "not a duration"));
    CHECK(has(problems_of(task_text("meta-schema: mysql\n")),
              errc::config_bad_value,
              "belongs to the server"));
    for (const char* zone : {"+14:00",
                             "-13:59",
                             "Asia/Shanghai",
                             "UTC",
                             "SYSTEM",
                             "Etc/GMT+3",
                             "America/Argentina/Buenos_Aires",
                             "Japan",
                             "utc"}) {
        INFO(zone);
        CHECK(problems_of(task_text("timezone: \"" + std::string(zone) + "\"\n")).empty());
    }
    for (const char* zone : {"+14:01",
                             "-14:00",
                             "08:00",
                             "+8",
                             "+08:60",
                             "Asia Shanghai",
                             "+:00",
                             "Mars",
                             "Mars/Base",
                             "Asia/",
                             "12"}) {
        INFO(zone);
        CHECK(problems_of(task_text("timezone: \"" + std::string(zone) + "\"\n")).size() == 1);
    }
}

TEST_CASE("a regular expression that extracts nothing is found where it stands") {
    const auto problems = problems_of(
        task_text("routes:\n  r:\n    schema-pattern: a\n    table-pattern: t*\n    "
                  "target-schema: b\n    target-table: t\n    extract-table: {table-regexp: "
                  "\"t_.*\", target-column: c}\n"));
    INFO(all_lines(problems));
    CHECK(has(problems, errc::config_rule, "'t_.*' has no group"));
}

TEST_CASE("the rules of an instance compile as they are") {
    const task_file task =
        good_task(task_text("routes: {r: {schema-pattern: \"shop_*\", target-schema: "
                            "shop}}\nblock-allow-list: {l: {do-dbs: [\"shop_*\"]}}\n",
                            "    route-rules: [r]\n    block-allow-list: l\n"));
    const instance& in = task.instances[0];
    auto set = rule_set::compile(
        make_filter(task, in, nullptr), make_router(in), make_mapper(in), in.source_id);
    REQUIRE(set.has_value());
    CHECK(set->decide({"shop_1", "t"})->target == table_name{"shop", "t"});
    CHECK(set->decide({"shop_1", "t"})->rule == "block-allow-list l do-dbs[0]");
    CHECK_FALSE(set->decide({"dm_meta", "t"})->replicate);
}

TEST_CASE("kinds of events that no statement counts as are said to have no effect") {
    const auto problems = problems_of(task_text(
        "filters:\n  f: {schema-pattern: a, events: [recover table, value range decrease, modify "
        "column], action: Error}\n",
        "    filter-rules: [f]\n"));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].severity == severity::warning);
    CHECK(to_line(problems[0]).find("counts as 'recover table'") != std::string::npos);
}
