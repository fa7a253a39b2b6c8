#include <dmlib/mapper.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

namespace {

rule_set routes_of(const router& r, bool case_sensitive = false) {
    auto set =
        rule_set::compile(filter{}.case_sensitive(case_sensitive), r, {}, "mysql-replica-01");
    REQUIRE(set.has_value());
    return std::move(*set);
}

rule_set mappings_of(const mapper& m) {
    auto set = rule_set::compile({}, {}, m, "s");
    REQUIRE(set.has_value());
    return std::move(*set);
}

}  // namespace

TEST_CASE("the manual's example of merging shards") {
    router r;
    r.route({"rule-1", "test_*", "t_*", "test", "t", {}, {}, {}});
    r.route({"rule-2", "test_*", "", "test", "", {}, {}, {}});
    rule_set set = routes_of(r);
    CHECK(set.decide({"test_3", "t_7"})->target == table_name{"test", "t"});
    CHECK(set.decide({"test_3", "t_7"})->route == "routes rule-1");
    CHECK(set.decide({"test_3", "other"})->target == table_name{"test", "other"});
    CHECK(set.decide({"TEST_3", "T_7"})->target == table_name{"test", "t"});
    CHECK(set.decide({"prod", "t_7"})->target == table_name{"prod", "t_7"});
    CHECK(*set.route_schema("test_9") == "test");
    CHECK(*set.route_schema("prod") == "prod");
    rule_set with_case = routes_of(r, true);
    CHECK(with_case.decide({"TEST_3", "T_7"})->target == table_name{"TEST_3", "T_7"});
}

TEST_CASE("a table rule says nothing about its schema") {
    rule_set set = routes_of(router{}.route("test_*.t_*", "test.t"));
    CHECK(*set.route_schema("test_1") == "test_1");
    CHECK(set.decide({"test_1", "t_1"})->target == table_name{"test", "t"});
}

TEST_CASE("two routes to different targets are a fault that names both") {
    router r;  // the manual's wrong example
    r.route({"rule-0", "test_*", "", "test", "", {}, {}, {}});
    r.route({"rule-1", "test_*", "t_*", "test", "t", {}, {}, {}});
    r.route({"rule-2", "test_1_bak", "t_1_bak", "test", "t_bak", {}, {}, {}});
    rule_set set = routes_of(r);
    const auto d = set.decide({"test_1_bak", "t_1_bak"});
    REQUIRE(d->problems.size() == 1);
    CHECK(d->problems[0].code() == errc::sync_target_route);
    CHECK(d->problems[0].message().find("rule-1") != std::string::npos);
    CHECK(d->problems[0].message().find("rule-2") != std::string::npos);
    CHECK(set.decide({"test_1", "t_1"})->problems.empty());
    router schemas;
    schemas.route("mytest*", "mytest").route("~mytest(_meta)?_schema", "test");
    rule_set schema_set = routes_of(schemas);
    REQUIRE_FALSE(schema_set.route_schema("mytest_meta_schema").has_value());
    CHECK(schema_set.route_schema("mytest_meta_schema").error().code() == errc::sync_target_route);
    router same;  // the same target twice is no contradiction
    same.route("a_*.t", "a.t").route("a_1.t", "a.t");
    CHECK(routes_of(same).decide({"a_1", "t"})->problems.empty());
}

TEST_CASE("two routes of one table are named with their places") {
    router r;
    r.route({"a", "x", "t", "m", "one", {}, {}, {}, {"task.yaml", 7, 3}});
    r.route({"b", "x*", "t", "m", "two", {}, {}, {}, {"task.yaml", 11, 3}});
    rule_set set = routes_of(r);
    const auto d = set.decide({"x", "t"});
    REQUIRE(d->problems.size() == 1);
    CHECK(d->problems[0].message() ==
          "routes a (task.yaml:7:3) and routes b (task.yaml:11:3) both take `x`.`t` and send it to "
          "different targets");
}

TEST_CASE("two extractors cannot fill one column") {
    route_rule rule{"r", "x", "t", "m", "", extract_rule{"(.*)", "C"}, extract_rule{"(.*)", "c"}};
    CHECK_FALSE(rule_set::compile({}, router{}.route(rule), {}, "s").has_value());
    rule.extract_schema->target_column = "d";
    CHECK(rule_set::compile({}, router{}.route(rule), {}, "s").has_value());
}

TEST_CASE("extracted columns hold the groups of the regular expressions") {
    route_rule rule{"r",
                    "schema*",
                    "t*",
                    "test",
                    "t",
                    extract_rule{"t(.*)", "c_table"},
                    extract_rule{"schema_(.*)", "c_schema"},
                    extract_rule{"mysql-(.*)-([0-9]+)", "c_source"}};
    rule_set set = routes_of(router{}.route(rule));
    const auto d = set.decide({"schema_a", "t_7"});
    CHECK(d->extracted == std::vector<extracted_column>{
                              {"c_table", "_7"}, {"c_schema", "a"}, {"c_source", "replica01"}});
    CHECK(set.decide({"other", "t_7"})->extracted.empty());
}

TEST_CASE("names in DDL go where their tables go") {
    rule_set set = routes_of(router{}.route("test_*.t_*", "test.t").route("test_*", "test"));
    ddl_question q;
    q.name = {"test_1", "t_1"};
    q.kind = event_kind::alter_table;
    CHECK(set.decide_ddl(q).target == table_name{"test", "t"});
    q.name = {"test_1", ""};
    q.kind = event_kind::create_database;
    CHECK(set.decide_ddl(q).target == table_name{"test", ""});
}

TEST_CASE("partition id puts instance, schema and table into the high bits") {
    // Layout by DM's manual for 1.0: 1 bit unused, 4 instance, 7 schema, 8 table, 44 id.
    rule_set set = mappings_of(mapper{}.partition_id(
        "id", {.instance = 1, .schema_prefix = "test", .table_prefix = "t", .separator = "_"}));
    const auto d = set.decide({"test_3", "t_7"});
    REQUIRE(d->mappings.size() == 1);
    std::string storage;
    const auto mapped = d->mappings[0].apply(value_view::make_int(42), storage);
    REQUIRE(mapped.has_value());
    CHECK(mapped->i == 590'094'696'487'845'930);  // (1<<59)|(3<<52)|(7<<44)|42
    CHECK(mapped->kind == value_kind::int64);
    const auto plain =
        set.decide({"TEST", "t"})->mappings[0].apply(value_view::make_uint(42), storage);
    CHECK(plain->u == (std::uint64_t{1} << 59U) + 42);
    const std::string text = "42";
    const auto as_text = d->mappings[0].apply(
        value_view::make_bytes(value_kind::text,
                               {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}),
        storage);
    REQUIRE(as_text.has_value());
    CHECK(as_text->text() == "590094696487845930");
}

TEST_CASE("parts of partition id that are left out take no bits") {
    std::string storage;
    rule_set table_only = mappings_of(mapper{}.partition_id("id", {.table_prefix = "t_"}));
    CHECK(
        table_only.decide({"any", "t_5"})->mappings[0].apply(value_view::make_int(1), storage)->i ==
        (std::int64_t{5} << 55U) + 1);
    rule_set instance_only = mappings_of(mapper{}.partition_id("id", {.instance = 1}));
    CHECK(instance_only.decide({"any", "t_5"})
              ->mappings[0]
              .apply(value_view::make_int(1), storage)
              ->i == (std::int64_t{1} << 59U) + 1);
}

TEST_CASE("what does not fit partition id is refused") {
    rule_set set =
        mappings_of(mapper{}.partition_id("id", {.schema_prefix = "s_", .table_prefix = "t_"}));
    for (const table_name& bad : {table_name{"s_128", "t_1"},
                                  table_name{"s_1", "t_256"},
                                  table_name{"s_x", "t_1"},
                                  table_name{"x", "t_1"},
                                  table_name{"s_1", "t_+1"},
                                  table_name{"s_1", "t_1a"}}) {
        INFO(bad.schema << "." << bad.table);
        const auto d = set.decide(bad);
        REQUIRE(d->problems.size() == 1);
        CHECK(d->problems[0].code() == errc::sync_mapping);
        CHECK(d->mappings.empty());
    }
    const auto d = set.decide({"s_127", "t_255"});
    REQUIRE(d->mappings.size() == 1);
    std::string storage;
    const std::int64_t most = (std::int64_t{1} << 44U) - 1;
    CHECK(d->mappings[0].apply(value_view::make_int(most), storage)->i ==
          std::int64_t{0x7fffffffffffffff} - (std::int64_t{15} << 44U));
    CHECK_FALSE(d->mappings[0].apply(value_view::make_int(most + 1), storage).has_value());
    CHECK_FALSE(d->mappings[0].apply(value_view::make_int(-1), storage).has_value());
    value_view real;
    real.kind = value_kind::float64;
    CHECK_FALSE(d->mappings[0].apply(real, storage).has_value());
    CHECK(d->mappings[0].apply(value_view::make_null(), storage)->is_null());
}

TEST_CASE("prefixes and suffixes") {
    rule_set set = mappings_of(mapper{}.add_prefix("a", "x-").add_suffix("b", "-y"));
    const auto d = set.decide({"s", "t"});
    REQUIRE(d->mappings.size() == 2);
    std::string storage;
    const std::string text = "mid";
    const auto bytes = value_view::make_bytes(
        value_kind::bytes, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    CHECK(d->mappings[0].apply(bytes, storage)->text() == "x-mid");
    CHECK(d->mappings[1].apply(bytes, storage)->text() == "mid-y");
    CHECK_FALSE(d->mappings[0].apply(value_view::make_int(1), storage).has_value());
    rule_set twice = mappings_of(mapper{}.add_prefix("a", "x").add_suffix("A", "y"));
    CHECK(twice.decide({"s", "t"})->problems.size() == 1);
}

TEST_CASE("a prefix stands beside values whose bytes it shares") {
    column_mapping m;
    m.kind = mapping_kind::add_prefix;
    m.text = "zz:";
    for (const char* charset : {"utf8mb4", "utf8mb3", "utf8", "latin1", "gbk", "sjis", "ascii"}) {
        INFO(charset);
        CHECK(m.fits_charset(charset));
    }
    for (const char* charset : {"utf16", "utf16le", "utf32", "ucs2", "swe7", "nothing"}) {
        INFO(charset);
        CHECK_FALSE(m.fits_charset(charset));
    }
    m.text = "\xc3\xa9";
    CHECK(m.fits_charset("utf8mb3"));
    CHECK_FALSE(m.fits_charset("latin1"));
    m.kind = mapping_kind::partition_id;
    CHECK(m.fits_charset("latin1"));
}
