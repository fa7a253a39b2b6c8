#include <dmlib/filter.hpp>
#include <dmlib/mapper.hpp>
#include <dmlib/router.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

namespace {

rule_set rules_of(const filter& f, const router& r = {}, const mapper& m = {}) {
    auto set = rule_set::compile(f, r, m, "mysql-01");
    REQUIRE(set.has_value());
    return std::move(*set);
}

bool passes(rule_set& set, const char* schema, const char* table) {
    return set.decide({schema, table})->replicate;
}

filter_action asked(rule_set& set, table_name name, event_kind kind, std::string_view sql = {}) {
    ddl_question q;
    q.name = std::move(name);
    q.kind = kind;
    q.sql = sql;
    return set.decide_ddl(q).action;
}

}  // namespace

TEST_CASE("the manual's block-allow list example") {
    block_allow_list list;
    list.name = "bw-rule";
    list.do_dbs = {"forum_backup_2018", "forum"};
    list.ignore_dbs = {"~^forum_backup_"};
    list.do_tables = {{"logs", "~_2018$"}, {"~^forum.*", "messages"}};
    list.ignore_tables = {{"~.*", "^messages.*"}};
    rule_set set = rules_of(filter{}.list(list));
    CHECK_FALSE(passes(set, "logs", "messages_2016"));
    CHECK_FALSE(passes(set, "logs", "messages_2018"));
    CHECK_FALSE(passes(set, "forum_backup_2016", "messages"));
    CHECK_FALSE(passes(set, "forum", "users"));
    CHECK(passes(set, "forum", "messages"));
    CHECK(passes(set, "forum_backup_2018", "messages"));
    CHECK(set.decide({"forum", "messages"})->rule == "block-allow-list bw-rule do-tables[1]");
    CHECK(set.decide({"logs", "messages_2016"})->rule ==
          "block-allow-list bw-rule do-dbs (none matches)");
    CHECK(set.replicates_schema("forum"));
    CHECK_FALSE(set.replicates_schema("logs"));
}

TEST_CASE("database rules name the entry that decided") {
    block_allow_list list;
    list.name = "instance-1";
    list.ignore_dbs = {"a", "tmp_*"};
    rule_set set = rules_of(filter{}.list(list));
    CHECK(set.decide({"tmp_7", "t"})->rule == "block-allow-list instance-1 ignore-dbs[1]");
    CHECK(set.decide({"b", "t"})->rule == "block-allow-list instance-1 ignore-dbs (none matches)");
    rule_set none = rules_of(filter{});
    CHECK(none.decide({"b", "t"})->rule == "default");
    CHECK(none.decide({"b", "t"})->replicate);
}

TEST_CASE("system schemas and the task's own never pass") {
    block_allow_list list;
    list.do_dbs = {"*"};
    rule_set set = rules_of(filter{}.list(list).meta_schema("dm_meta"));
    for (const char* schema : {"mysql",
                               "MYSQL",
                               "information_schema",
                               "performance_schema",
                               "sys",
                               "METRICS_SCHEMA",
                               "inspection_schema",
                               "dm_meta",
                               "DM_META"}) {
        INFO(schema);
        CHECK_FALSE(passes(set, schema, "t"));
        CHECK_FALSE(set.replicates_schema(schema));
    }
    CHECK(passes(set, "mysql2", "t"));
    rule_set with_case = rules_of(filter{}.case_sensitive(true).meta_schema("dm_meta"));
    CHECK(passes(with_case, "DM_META", "t"));
}

TEST_CASE("allow and block of the fluent form") {
    rule_set set = rules_of(filter{}.allow("shop_*.order_*").allow("crm").block("*.order_tmp"));
    CHECK(passes(set, "shop_1", "order_1"));
    CHECK(passes(set, "crm", "anything"));
    CHECK_FALSE(passes(set, "shop_1", "order_tmp"));
    CHECK_FALSE(passes(set, "shop_1", "users"));
    CHECK_FALSE(passes(set, "other", "order_1"));
    CHECK(set.replicates_schema("shop_7"));
    CHECK(set.replicates_schema("crm"));
    CHECK_FALSE(set.replicates_schema("other"));
    CHECK(set.decide({"shop_1", "order_1"})->rule == "allow shop_*.order_*");
    CHECK(set.decide({"shop_1", "order_tmp"})->rule == "block *.order_tmp");
    rule_set blocked = rules_of(filter{}.block("log"));
    CHECK_FALSE(blocked.replicates_schema("log"));
    CHECK(blocked.replicates_schema("shop"));
}

TEST_CASE("event filter: the manual's pair for rows only") {
    filter f;
    f.events({"do-table-rule",
              "test_*",
              "t_*",
              {"create table", "all dml"},
              {},
              filter_action::replicate});
    f.events({"do-schema-rule", "test_*", "", {"create database"}, {}, filter_action::replicate});
    rule_set set = rules_of(f);
    CHECK(set.decide({"test_1", "t_1"})->on_insert.action == filter_action::replicate);
    CHECK(asked(set, {"test_1", "t_1"}, event_kind::create_table) == filter_action::replicate);
    CHECK(asked(set, {"test_1", "t_1"}, event_kind::drop_table) == filter_action::ignore);
    CHECK(asked(set, {"test_1", ""}, event_kind::create_database) == filter_action::replicate);
    CHECK(asked(set, {"test_1", ""}, event_kind::drop_database) == filter_action::ignore);
    // Only the schema's white list takes this table.
    CHECK(set.decide({"test_1", "other"})->on_insert.action == filter_action::ignore);
    CHECK(set.decide({"else", "t_1"})->on_insert.action == filter_action::replicate);
}

TEST_CASE("event filter: Ignore beats Error beats Do, and every rule on a table counts") {
    filter f;
    f.events({"errors", "*", "*", {"truncate table", "drop table"}, {}, filter_action::error});
    f.events({"ignores", "*", "*", {"drop table"}, {}, filter_action::ignore});
    f.events({"more", "a", "b", {"delete"}, {}, filter_action::ignore});
    rule_set set = rules_of(f);
    CHECK(asked(set, {"a", "b"}, event_kind::truncate_table) == filter_action::error);
    CHECK(asked(set, {"a", "b"}, event_kind::drop_table) == filter_action::ignore);
    CHECK(set.decide({"a", "b"})->on_delete.action == filter_action::ignore);
    CHECK(set.decide({"a", "b"})->on_delete.rule == "filters more (Ignore, events: delete)");
    CHECK(set.decide({"a", "c"})->on_delete.action == filter_action::replicate);
    // "*" as table takes statements on the schema too; a rule for tables of a name does not.
    f.events({"database", "*", "*", {"drop database"}, {}, filter_action::error});
    f.events({"named", "*", "t*", {"create database"}, {}, filter_action::error});
    rule_set more = rules_of(f);
    CHECK(asked(more, {"a", ""}, event_kind::drop_database) == filter_action::error);
    CHECK(asked(more, {"a", ""}, event_kind::create_database) == filter_action::replicate);
}

TEST_CASE("event filter: texts of statements") {
    filter f;
    f.events({"partitions",
              "*",
              "",
              {},
              {"ALTER\\s+TABLE[\\s\\S]*ADD\\s+PARTITION", "^flush"},
              filter_action::ignore});
    rule_set set = rules_of(f);
    CHECK(asked(set,
                {"a", "t"},
                event_kind::alter_table,
                "alter table t\n add partition (partition p1 values less than (3))") ==
          filter_action::ignore);
    CHECK(asked(set, {"a", "t"}, event_kind::alter_table, "alter table t add c int") ==
          filter_action::replicate);
    CHECK(asked(set, {"", ""}, event_kind::other, "FLUSH ENGINE LOGS") == filter_action::ignore);
    CHECK(set.decide({"a", "t"})->on_insert.action == filter_action::replicate);
}

TEST_CASE("an ALTER's parts are judged one by one") {
    filter f;
    f.events({"drops", "*", "*", {"drop column"}, {}, filter_action::ignore});
    rule_set set = rules_of(f);
    ddl_question q;
    q.name = {"a", "t"};
    q.kind = event_kind::alter_table;
    q.parts = {event_kind::add_column, event_kind::drop_column};
    ddl_decision d = set.decide_ddl(q);
    CHECK(d.action == filter_action::ignore);
    CHECK(d.mixed);
    REQUIRE(d.parts.size() == 2);
    CHECK(d.parts[0].action == filter_action::replicate);
    CHECK(d.parts[1].action == filter_action::ignore);
    q.parts = {event_kind::drop_column, event_kind::drop_column};
    d = set.decide_ddl(q);
    CHECK(d.action == filter_action::ignore);
    CHECK_FALSE(d.mixed);
    filter white;
    white.events({"alters", "*", "*", {"alter table"}, {}, filter_action::replicate});
    rule_set white_set = rules_of(white);
    CHECK(white_set.decide_ddl(q).action == filter_action::replicate);
}

TEST_CASE("every name of a change counts, what it does besides for Error alone") {
    ddl_question q;
    q.name = {"a", "t"};
    q.kind = event_kind::alter_table;
    q.parts = {ddl_part({event_kind::drop_unique_key, event_kind::drop_index},
                        {event_kind::modify_default_value})};
    const auto verdict = [&](const char* event, filter_action action) {
        filter f;
        f.events({"rule", "*", "*", {event}, {}, action});
        rule_set set = rules_of(f);
        return set.decide_ddl(q).action;
    };
    using enum filter_action;
    for (const char* name : {"alter table", "drop unique key", "drop index", "all ddl"}) {
        CHECK(verdict(name, ignore) == ignore);
        CHECK(verdict(name, error) == error);
        CHECK(verdict(name, replicate) == replicate);
    }
    CHECK(verdict("modify default value", ignore) == replicate);
    CHECK(verdict("modify default value", error) == error);
    CHECK(verdict("modify default value", replicate) == ignore);
    CHECK(verdict("incompatible ddl changes", ignore) == ignore);
    q.parts = {event_kind::add_column};
    CHECK(verdict("incompatible ddl changes", error) == replicate);
}

TEST_CASE("names of events") {
    CHECK(parse_event_kind("CREATE Schema") == event_kind::create_database);
    CHECK(parse_event_kind("drop  taBle partition") == event_kind::drop_table_partition);
    CHECK_FALSE(parse_event_kind("all").has_value());
    CHECK_FALSE(parse_event_kind("modify schema").has_value());
    CHECK(parse_event_kind("modify schema charset and collate") ==
          event_kind::modify_schema_charset_and_collate);
    for (std::size_t i = 1; i < event_kind_count; ++i) {
        const auto kind = static_cast<event_kind>(i);
        CHECK(parse_event_kind(to_text(kind)) == kind);
        CHECK((is_dml(kind) || is_ddl(kind)));
    }
    const auto bad = event_set::parse({"drop table", "truncate"});
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().workaround() == "Did you mean 'truncate table'?");
}

TEST_CASE("groups of events: the first that speaks decides") {
    const auto set = [](std::vector<std::string> names) { return *event_set::parse(names); };
    CHECK(set({"all"}).contains(event_kind::alter_ttl_info));
    CHECK_FALSE(set({"all"}).contains(event_kind::other));
    CHECK(set({"none ddl", "all"}).contains(event_kind::insert));
    CHECK_FALSE(set({"none ddl", "all"}).contains(event_kind::drop_table));
    CHECK(set({"all", "none ddl"}).contains(event_kind::drop_table));
    CHECK(set({"none", "insert"}).empty());
    CHECK(set({"incompatible DDL changes"}).contains(event_kind::drop_column));
    CHECK_FALSE(set({"incompatible DDL changes"}).contains(event_kind::create_table));
    CHECK(set({}).empty());
}

TEST_CASE("check names every fault of the rules") {
    block_allow_list list;
    list.name = "l";
    list.do_dbs = {"ok", "~("};
    list.ignore_tables = {{"a", ""}};
    filter f;
    f.list(list);
    f.events({"e", "", "t", {"wrong event"}, {"("}, filter_action::ignore});
    router r;
    r.route({"r", "a*", "~)", "", "", extract_rule{"abc", ""}, {}, {}});
    mapper m;
    m.partition_id("id", {.instance = 16});
    mapping_rule moved;
    moved.schema_pattern = "a";
    moved.source_column = "a";
    moved.target_column = "b";
    m.map(moved);
    const auto problems = rule_set::check(f, r, m);
    CHECK(problems.size() == 11);
    for (const error& e : problems) CHECK(e.code() == errc::config_rule);
    CHECK(problems[0].message().find("block-allow-list l do-dbs[1]") == 0);
    CHECK_FALSE(rule_set::compile(f, r, m, "s").has_value());
}

TEST_CASE("explain tells everything about a table") {
    filter f;
    f.events({"no-deletes", "shop", "*", {"delete"}, {}, filter_action::ignore});
    rule_set set = rules_of(f, router{}.route("shop", "store"), mapper{}.add_prefix("code", "x"));
    const std::string text = set.explain({"shop", "orders"});
    CHECK(text.find("`shop`.`orders`: replicated, decided by default") != std::string::npos);
    CHECK(text.find("goes to `store`.`orders` by routes shop -> store") != std::string::npos);
    CHECK(text.find("delete: ignored by filters no-deletes") != std::string::npos);
    CHECK(text.find("`code` changed by column-mappings code") != std::string::npos);
    CHECK(set.explain({"mysql", "user"}).find("skipped, decided by system schema mysql") !=
          std::string::npos);
}

TEST_CASE("decisions are cached and shared") {
    rule_set set = rules_of(filter{});
    CHECK(set.decide({"a", "b"}) == set.decide({"a", "b"}));
    CHECK(set.decide({"a", "bc"}) != set.decide({"ab", "c"}));
}
