// Files of DM 1.x to 5.x in the current form, and templates.
#include <dmlib/config/convert.hpp>
#include <dmlib/config/load.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace dmlib;
using namespace dmlib::config;

namespace {

bool has_note(const conversion& c, std::string_view part, bool by_hand = false) {
    for (const conversion_note& n : c.notes) {
        if (n.what.find(part) != std::string::npos && n.by_hand == by_hand) return true;
    }
    return false;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string lines_of(const std::vector<problem>& problems) {
    std::string out;
    for (const problem& p : problems) out += to_line(p) + "\n";
    return out;
}

constexpr std::string_view old_task = R"(# our shop
name: test
task-mode: all
is-sharding: false   # one source only
remove-meta: true
enable-heartbeat: false
heartbeat-update-interval: 1
target-database: {host: 127.0.0.1, port: 4000, user: root, password: "it's # no comment", max-allowed-packet: 67108864}

# where from
mysql-instances:
  -
    source-id: "mysql-replica-01"
    route-rules: ["user-route", store]
    black-white-list:  "instance"   # the list
    mydumper-config-name: "global"
    syncer-config-name: "global"

black-white-list:
  instance:
    do-dbs: ["~^test.*",
             "user"]   # two
    ignore-tables:
      # temporary ones
      - db-name: "user"
        tbl-name: "tmp_*"
routes:
  user-route: &r
    schema-pattern: "user_*"
    target-schema: "user"
  store:
    <<: *r
    schema-pattern: "store_*"
  forgotten:
    schema-pattern: "x_*"
    target-schema: "x"
mydumpers:
  global:
    mydumper-path: "./bin/mydumper"
    threads: 8
    skip-tz-utc: true
    extra-args: "-B user -T t1,t2 --no-locks --rows=1000 --statement-size 100"
syncers:
  global:
    worker-count: 16
    enable-gtid: true
    max-retry: 100
    disable-detect: false
# the end
)";

}  // namespace

TEST_CASE("a task file of DM 1.x") {
    const conversion c = convert_file("old.yaml", old_task);
    INFO(c.text);
    REQUIRE(c.ok());
    CHECK(c.kind == file_kind::task);
    for (const char* gone : {"black-white-list",
                             "is-sharding",
                             "remove-meta",
                             "heartbeat",
                             "max-allowed-packet",
                             "mydumper-path",
                             "skip-tz-utc",
                             "enable-gtid",
                             "max-retry",
                             "disable-detect",
                             "no-locks",
                             "-B"}) {
        INFO(gone);
        CHECK_FALSE(has(c.text, gone));
    }
    CHECK(has(c.text, "online-ddl: false"));
    CHECK(has(c.text, "# our shop\n"));
    CHECK(has(c.text, "\n# where from\n"));
    CHECK(has(c.text, "# the list\n"));
    CHECK(has(c.text, "      # temporary ones\n"));
    CHECK(has(c.text, "# the end\n"));
    CHECK(has(c.text, "\n# forgotten:\n#   schema-pattern: \"x_*\"\n"));
    CHECK(has_note(c, "black-white-list is called block-allow-list"));
    CHECK(has_note(c, "routes.forgotten is not used"));
    CHECK(has_note(c, "enable-gtid stands in the source file", true));
    CHECK(has_note(c, "remove-meta", true));
    CHECK(has_note(c, "the block-allow-list does that", true));
    for (const conversion_note& n : c.notes) CHECK(n.place.line > 0);

    const auto loaded = load_task("new.yaml", c.text);
    INFO(lines_of(loaded.problems));
    CHECK(loaded.problems.empty());
    REQUIRE(loaded.file.instances.size() == 1);
    const instance& in = loaded.file.instances[0];
    CHECK(in.list.do_dbs == std::vector<std::string>{"~^test.*", "user"});
    CHECK(in.list.ignore_tables.size() == 1);
    REQUIRE(in.routes.size() == 2);
    CHECK(in.routes[1].schema_pattern == "store_*");
    CHECK(in.routes[1].target_schema == "user");
    CHECK(in.mydumper.threads == 8);
    CHECK(in.mydumper.rows == 1000);
    CHECK_FALSE(loaded.file.online_ddl);
    CHECK(loaded.file.target.password.reveal() == "it's # no comment");
}

TEST_CASE("what a file of DM since 6.0 leaves out stays left out") {
    const conversion c =
        convert_file("t.yaml", "name: t\ntask-mode: full\n", {.before_6_0 = false});
    CHECK(c.text == "name: t\ntask-mode: full\n");
    CHECK(c.notes.empty());
}

TEST_CASE("switches with another name") {
    CHECK(has(convert_file("t", "task-mode: all\nis-sharding: true\nshard-mode: \"\"\n").text,
              "shard-mode: pessimistic\n"));
    const auto both =
        convert_file("t", "task-mode: all\nis-sharding: true\nshard-mode: optimistic\n");
    CHECK(has(both.text, "shard-mode: optimistic\n"));
    CHECK_FALSE(has(both.text, "is-sharding"));
    const auto scheme =
        convert_file("t", "task-mode: all\nonline-ddl: false\nonline-ddl-scheme: \"pt\"\n");
    CHECK(scheme.text == "task-mode: all\nonline-ddl: true\n");
    const auto load = convert_file(
        "t", "task-mode: all\nloaders:\n  a: {import-mode: sql, on-duplicate: error}\n");
    CHECK(has(load.text, "import-mode: logical"));
    CHECK(has(load.text, "on-duplicate-logical: error"));
    const auto inst =
        convert_file("t", "mysql-instances:\n- continuous-validator-config-name: a\n");
    CHECK(has(inst.text, "mysql-instances:\n  - validator-config-name: a\n"));
}

TEST_CASE("both names of the list") {
    const auto old_empty = convert_file(
        "t", "task-mode: all\nblack-white-list: {}\nblock-allow-list:\n  a: {do-dbs: [x]}\n");
    CHECK_FALSE(has(old_empty.text, "black-white-list"));
    CHECK(has(old_empty.text, "do-dbs: [x]"));
    const auto new_empty = convert_file(
        "t", "task-mode: all\nblack-white-list:\n  a: {do-dbs: [x]}\nblock-allow-list: {}\n");
    CHECK_FALSE(has(new_empty.text, "black-white-list"));
    CHECK(has(new_empty.text, "do-dbs: [x]"));
}

TEST_CASE("what a conversion made converts to itself") {
    const auto twice = [](std::string_view text) {
        const conversion first = convert_file("f", text);
        INFO(first.text);
        REQUIRE(first.ok());
        const conversion second = convert_file("f", first.text);
        CHECK(second.kind == first.kind);
        CHECK(second.text == first.text);
        return first.text;
    };
    const std::string unused = twice(R"(task-mode: all
mysql-instances:
  - source-id: a
routes:
  # of an older file
  one: {schema-pattern: a, target-schema: b}
  two:
    schema-pattern: c  # and here
# about the copy
mydumpers:
  none: {threads: 3}
)");
    CHECK(has(unused, "routes:\n# # of an older file") == false);
    CHECK(has(unused, "# one:"));
    twice(
        "task-mode: all\nmydumpers:\n  a: {extra-args: \"-x 'it''s \\\"so\\\"' '' -s 1\"}\n"
        "mysql-instances: [{source-id: a, mydumper-config-name: a}]\n");
    CHECK(
        has(twice("task-mode: all\nblock-allow-list:\n  a:\n    do-dbs:\n    - s?\n"), "[\"s?\"]"));
    CHECK(has(twice("source-id = \"a\"\n\"<<\" = 5\n[from]\nhost = \"h\"\n"), "\"<<\": 5"));
    const conversion task = convert_file("f", "source-id = \"a\"\nmysql-instances = []\n");
    CHECK_FALSE(task.ok());
    CHECK_FALSE(convert_file("f", "a = 1\n").ok());
}

TEST_CASE("a worker's file of DM 1.x becomes a source file") {
    const conversion c = convert_file("dm-worker.toml", R"(# Worker
log-level = "info"
log-file = "dm-worker.log"
worker-addr = ":8262"

server-id = 1_01   # of the replica
source-id = "mysql-replica-01"
flavor = 'mysql'
enable-gtid = true

[from]
host = "172.16.10.81"
user = "root"
password = "a\"b\\c\u00e4#"
port = 3306
session = { sql_mode = "", time_zone = "+00:00" }

[checker]
check-enable = true
backoff-max = "5m"

[[filters]]
schema-pattern = "t*"
events = [
  "all dml", # rows
  "drop table",
]
action = "Ignore"
)");
    INFO(c.text << lines_of(c.problems));
    REQUIRE(c.ok());
    CHECK(c.kind == file_kind::source);
    CHECK(has_note(c, "worker-addr is about DM's worker process"));
    CHECK(has_note(c, "enable-relay", true));
    const auto loaded = load_source("s.yaml", c.text);
    INFO(lines_of(loaded.problems));
    CHECK(loaded.problems.empty());
    CHECK(loaded.file.source_id == "mysql-replica-01");
    CHECK(loaded.file.server_id == 101);
    CHECK(loaded.file.enable_gtid);
    CHECK(loaded.file.flavor == flavor::mysql);
    CHECK(loaded.file.from.password.reveal() == "a\"b\\c\u00e4#");
    CHECK(loaded.file.from.session.size() == 2);
    REQUIRE(loaded.file.filters.size() == 1);
    CHECK(loaded.file.filters[0].events.size() == 2);
    CHECK(has(c.text, "# Worker\n"));
    CHECK(has(c.text, "# of the replica\n"));
}

TEST_CASE("broken files have a place") {
    const auto place = [](std::string_view text) {
        const conversion c = convert_file("f", text);
        REQUIRE_FALSE(c.ok());
        CHECK(c.text.empty());
        const error_place& p = c.problems.front().what.place();
        return std::pair(p.line, p.column);
    };
    CHECK(place("") == std::pair(1, 1));
    CHECK(place("a: [\n") != std::pair(0, 0));
    CHECK(place("- a\n- b\n") == std::pair(1, 1));
    CHECK(place("a = \n") == std::pair(1, 5));
    CHECK(place("a = \"x\nb = 1\n") == std::pair(1, 7));
    CHECK(place("a = 1\na = 2\n") == std::pair(2, 4));
    CHECK(place("[a\n") == std::pair(1, 3));
    CHECK(place("a = word\n") == std::pair(1, 9));
    CHECK(place("a = [1 2]\n") == std::pair(1, 8));
    CHECK(place("a = {b = 1\n") == std::pair(1, 11));
    CHECK(place("a = \"\\q\"\n") == std::pair(1, 8));
    CHECK(place(std::string("a = ") + std::string(100, '[')).first == 1);
}

TEST_CASE("texts survive being written") {
    for (const std::string text :
         {"",   " ",  "null", "~",      "true",  "- a",  "a: b", "a #b", "#",
          "'",  "\"", "\\",   "a\nb",   "tab\t", "\x01", "*x",   "&x",   "!x",
          "%x", "@x", "`x`",  "{a}",    "[a]",   "a,b",  "?",    "-",    "...",
          "|",  ">",  "x:",   "\u00e4", "1_000", "0x10", "a b",  "=",    "<<"}) {
        // Written once as a value, once in a list, once as the key of a rule.
        std::string quoted = "\"";
        for (const char c : text) {
            if (c == '\n')
                quoted += "\\n";
            else if (c == '\t')
                quoted += "\\t";
            else if (c == '\x01')
                quoted += "\\x01";
            else
                quoted += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
        }
        quoted += '"';
        const std::string yaml = "source-id: a\nfrom:\n  password: " + quoted +
                                 "\n  host: h\n  user: u\n  session: {x: " + quoted + "}\n";
        const conversion c = convert_file("s", yaml);
        INFO(c.text);
        REQUIRE(c.ok());
        const auto loaded = load_source("s", c.text);
        INFO(lines_of(loaded.problems));
        CHECK(loaded.ok());
        CHECK(loaded.file.from.password.reveal() == text);
        REQUIRE(loaded.file.from.session.size() == 1);
        CHECK(loaded.file.from.session[0].second == text);
        CHECK(convert_file("s", c.text).text == c.text);
    }
}

TEST_CASE("variables stay variables") {
    const auto c = convert_file("s", "source-id: a\nfrom:\n  password: ${PW}\n  host: $${x}\n");
    CHECK(has(c.text, "${PW}"));
    CHECK(has(c.text, "$${x}"));
    CHECK(has_note(c, "environment variable", true));
}

TEST_CASE("comments in odd places") {
    const auto c = convert_file("s", R"(source-id: a   # one
from:
  # two
  password: |   # three
    # text
    more
  host: 'it''s # text'
  # four
  user: "a
    # text
    b"
# five)");
    INFO(c.text);
    REQUIRE(c.ok());
    const auto loaded = load_source("s", c.text);
    CHECK(loaded.file.from.password.reveal() == "# text\nmore\n");
    CHECK(loaded.file.from.host == "it's # text");
    for (const char* words : {"# one", "  # two\n", "# three", "  # four\n", "# five\n"}) {
        INFO(words);
        CHECK(has(c.text, words));
    }
    CHECK(std::count(c.text.begin(), c.text.end(), '#') == 5 + 3);
}

TEST_CASE("comments behind values that are not written") {
    for (const std::string end : {"  passwo  # end", "  a: # end\n", "  a:\n  b: 1 # c\n"}) {
        const conversion first = convert_file("f", "from:\n  host: h\n" + end);
        REQUIRE(first.ok());
        INFO(first.text);
        CHECK(first.text.find("# ") != std::string::npos);
        CHECK(convert_file("f", first.text).text == first.text);
    }
    const conversion list = convert_file("f", "from:\n  a:\n    -\n    - b # c\n");
    REQUIRE(list.ok());
    CHECK(list.text == "from:\n  a:\n    -\n    - b # c\n");
}

TEST_CASE("templates load, and so does each setting in them") {
    for (const file_kind kind : {file_kind::task, file_kind::source}) {
        const std::string text = file_template(kind);
        const auto problems = [&](const std::string& t) {
            return kind == file_kind::task ? load_task("t", t).problems
                                           : load_source("t", t).problems;
        };
        INFO(text << lines_of(problems(text)));
        CHECK(problems(text).empty());
        // Every "#key" made a setting: only features that are not there yet, and notes, are left.
        std::istringstream in(text);
        std::string all;
        for (std::string line; std::getline(in, line);) {
            const std::size_t at = line.find_first_not_of(' ');
            if (at != std::string::npos && line[at] == '#' && at + 1 < line.size() &&
                line[at + 1] != ' ')
                line.erase(at, 1);
            all += line + "\n";
        }
        INFO(all << lines_of(problems(all)));
        for (const problem& p : problems(all)) {
            if (p.severity != severity::error) continue;
            const std::string line = to_line(p);
            const bool fine = p.what.code() == errc::config_not_supported ||
                              line.find("password-file") != std::string::npos ||
                              line.find("ssl-") != std::string::npos;
            INFO(line);
            CHECK(fine);
        }
    }
}

TEST_CASE("corpus: DM's own files convert to what they were") {
    const char* corpus = std::getenv("DMLIB_CORPUS");
    const std::filesystem::path root = std::string(corpus == nullptr ? "" : corpus) + "/dm-config";
    if (corpus == nullptr || !std::filesystem::exists(root)) {
        WARN("skipped: DMLIB_CORPUS does not name the corpus folder");
        return;
    }
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file() || entry.path().extension() != ".yaml") continue;
        std::ifstream in(entry.path());
        std::ostringstream text;
        text << in.rdbuf();
        const std::string name = entry.path().string();
        const conversion c = convert_file(name, text.str(), {.before_6_0 = false});
        INFO(name << "\n" << c.text << lines_of(c.problems));
        REQUIRE(c.ok());
        CHECK(convert_file(name, c.text, {.before_6_0 = false}).text == c.text);
        const auto errors = [&](const std::string& t) {
            std::multiset<errc> out;
            for (const problem& p : c.kind == file_kind::source ? load_source("f", t).problems
                                                                : load_task("f", t).problems) {
                if (p.severity == severity::error) out.insert(p.what.code());
            }
            return out;
        };
        // A conversion cures some errors and brings none.
        const auto before = errors(text.str());
        const auto after = errors(c.text);
        CHECK(std::includes(before.begin(), before.end(), after.begin(), after.end()));
        if (c.kind == file_kind::task) {
            const auto old_file = load_task("f", text.str()).file;
            const auto new_file = load_task("f", c.text).file;
            REQUIRE(old_file.instances.size() == new_file.instances.size());
            for (std::size_t i = 0; i < old_file.instances.size(); ++i) {
                CHECK(old_file.instances[i].routes == new_file.instances[i].routes);
                CHECK(old_file.instances[i].filters == new_file.instances[i].filters);
                CHECK(old_file.instances[i].list == new_file.instances[i].list);
            }
        }
        ++files;
    }
    CHECK(files == 159);
}

// Found by fuzz_config_convert.
TEST_CASE("what is converted once stays as it is") {
    const std::string both =
        "name: test\ntask-mode: all\nblack-white-list: # old\n  user: {do-dbs: [a]}\n"
        "  other: {do-dbs: [b]}\nmysql-instances:\n  - source-id: a\n    block-allow-list: user\n"
        "block-allow-list:\n  instance:\n    do-dbs: [\"ha_test\"]\n";
    const conversion once = convert_file("f", both, {.before_6_0 = false});
    REQUIRE(once.ok());
    INFO(once.text);
    CHECK(convert_file("f", once.text, {.before_6_0 = false}).text == once.text);
    CHECK(once.text.find("black-white-list") == std::string::npos);
    const auto loaded = load_task("f", once.text).file;
    REQUIRE(loaded.instances.size() == 1);
    CHECK(loaded.instances[0].list.do_dbs == std::vector<std::string>{"a"});
    // No file of DM's at all.
    for (const char* text : {"<<:", "remove-meta: false", "{}"}) {
        const conversion none = convert_file("f", text, {.before_6_0 = false});
        INFO(text);
        CHECK_FALSE(none.ok());
        CHECK(lines_of(none.problems).find("neither a task file nor a source file") !=
              std::string::npos);
    }
}

// Found by fuzz_config_convert.
TEST_CASE("keys, lists and bytes that no file of DM has") {
    const auto stays = [](const std::string& text) {
        const conversion once = convert_file("f", text, {.before_6_0 = false});
        INFO(text);
        INFO(lines_of(once.problems));
        REQUIRE(once.ok());
        CHECK(convert_file("f", once.text, {.before_6_0 = false}).text == once.text);
    };
    stays("s\"a =i:\n");
    stays(
        "name: t\nblack-white-list: none\nmysql-instances:\n  - block-allow-list: user\n"
        "block-allow-list:\n  other: {do-dbs: [b]}\n");
    stays("e: [\ns:\"b\"]\n");
    stays("e:\n  -\n    a # c\nf: [\n  a, b]\n");
    stays("\xef\xbb\xbf# c\nname: t\n");
    const std::string worker = "source-id = \"a\"\n[from]\nhost = \"h";
    stays(worker + "\"\n");
    const conversion bytes = convert_file("f", worker + "\xff\"\n");
    CHECK(lines_of(bytes.problems).find("f:3:10: byte 255, which is no UTF-8") !=
          std::string::npos);
}
