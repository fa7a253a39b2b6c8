// The behaviour tables of DM's own packages: data that is not part of this tree, found through
// DMLIB_CORPUS. Tables about another rule language (table-filter's "db.tbl" lists, used by
// dumpling) are not DM task rules and are left out.
#include <dmlib/filter.hpp>
#include <dmlib/router.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>

using namespace dmlib;
using nlohmann::json;

namespace {

const json* corpus() {
    static const json document = [] {
        const char* folder = std::getenv("DMLIB_CORPUS");
        if (folder == nullptr) return json();
        std::ifstream in(std::string(folder) + "/rules/tidb-tools-filter-router-schemacmp.json");
        return in ? json::parse(in) : json();
    }();
    if (!document.is_null()) return &document;
    WARN("skipped: DMLIB_CORPUS does not name the corpus folder");
    return nullptr;
}

const json& table(const json& all, std::string_view function, std::string_view variable) {
    for (const json& t : all["tables"]) {
        if (t["func"] == function && t["var"] == variable) return t["cases"];
    }
    FAIL("the corpus lacks " << function << " " << variable);
    return all;
}

std::vector<std::string> texts(const json& list) {
    return list.is_array() ? list.get<std::vector<std::string>>() : std::vector<std::string>{};
}

std::vector<table_pattern> tables_of(const json& list) {
    std::vector<table_pattern> out;
    if (!list.is_array()) return out;
    for (const json& row : list) {
        if (row.is_array()) {
            out.push_back({row[0], row[1]});
        } else {
            out.push_back({row["Schema"], row["Name"]});
        }
    }
    return out;
}

block_allow_list list_of(const json& rules) {
    block_allow_list list;
    if (!rules.is_object()) return list;
    list.do_dbs = texts(rules.value("DoDBs", json()));
    list.ignore_dbs = texts(rules.value("IgnoreDBs", json()));
    list.do_tables = tables_of(rules.value("DoTables", json()));
    list.ignore_tables = tables_of(rules.value("IgnoreTables", json()));
    return list;
}

std::vector<table_name> names_of(const json& list) {
    std::vector<table_name> out;
    for (const table_pattern& p : tables_of(list)) out.push_back({p.schema, p.table});
    return out;
}

bool passes(rule_set& set, const table_name& name) {
    return name.table.empty() ? set.replicates_schema(name.schema) : set.decide(name)->replicate;
}

rule_set compile(const filter& f, const router& r = {}) {
    auto set = rule_set::compile(f, r, {}, "s");
    REQUIRE(set.has_value());
    return std::move(*set);
}

// Go constant -> the event's text.
std::string event_text(const json& e) {
    if (e.is_string()) return e;
    if (e.contains("call")) return e["args"][0];
    static const std::map<std::string, std::string> special{{"NullEvent", ""},
                                                            {"InsertEvent", "insert"},
                                                            {"UpdateEvent", "update"},
                                                            {"DeleteEvent", "delete"},
                                                            {"AllDML", "all dml"},
                                                            {"NoneDDL", "none ddl"},
                                                            {"RebaseAutoID", "rebase auto id"}};
    const std::string name = e["ident"];
    const auto found = special.find(name);
    if (found != special.end()) return found->second;
    std::string out;  // CreateTable -> create table
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z' && !out.empty()) out.push_back(' ');
        out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
    return out;
}

filter_action action_of(const json& a) {
    const std::string name = a["ident"];
    return name == "Do"       ? filter_action::replicate
           : name == "Ignore" ? filter_action::ignore
                              : filter_action::error;
}

std::vector<event_filter_rule> event_rules(const json& rows) {
    std::vector<event_filter_rule> out;
    for (const json& row : rows) {
        event_filter_rule rule;
        rule.name = std::to_string(out.size());
        rule.schema_pattern = row[0];
        rule.table_pattern = row[1];
        for (const json& e : row[2].is_array() ? row[2] : json::array()) {
            rule.events.push_back(event_text(e));
        }
        rule.sql_pattern = texts(row[3]);
        rule.action = action_of(row[5]);
        out.push_back(std::move(rule));
    }
    return out;
}

filter_action ask(rule_set& set, const json& c) {
    const std::string event = c.contains("event") ? event_text(c["event"]) : "";
    const std::string sql = c["sql"];
    ddl_question q;
    q.name = {c["schema"], c["table"]};
    q.kind = event.empty() ? event_kind::other : parse_event_kind(event).value();
    q.sql = sql;
    return set.decide_ddl(q).action;
}

}  // namespace

TEST_CASE("corpus: block-allow lists") {
    const json* all = corpus();
    if (all == nullptr) return;
    int rows = 0;
    for (const char* function : {"TestFilterOnSchema", "TestCaseSensitiveApply"}) {
        for (const json& c : table(*all, function, "cases")) {
            INFO(c.dump());
            filter f;
            f.list(list_of(c["rules"])).case_sensitive(c.value("caseSensitive", false));
            rule_set set = compile(f);
            std::vector<table_name> passed;
            for (const table_name& name : names_of(c["Input"])) {
                if (passes(set, name)) passed.push_back(name);
            }
            CHECK(passed == names_of(c["Output"]));
            ++rows;
        }
    }
    CHECK(rows == 25);
}

TEST_CASE("corpus: block-allow lists with case") {
    const json* all = corpus();
    if (all == nullptr) return;
    block_allow_list list;  // the corpus lacks the rules of this table; these fit it
    list.ignore_dbs = {"~^FOO"};
    list.ignore_tables = {{"~.*", "~FoO$"}};
    rule_set set = compile(filter{}.list(list).case_sensitive(true));
    std::vector<table_name> passed;
    for (const table_name& name : names_of(table(*all, "TestCaseSensitive", "input"))) {
        if (passes(set, name)) passed.push_back(name);
    }
    CHECK(passed == names_of(table(*all, "TestCaseSensitive", "expected")));
}

TEST_CASE("corpus: the same lists in the table filter's translation") {
    const json* all = corpus();
    if (all == nullptr) return;
    for (const json& c : table(*all, "TestLegacyFilter", "cases")) {
        INFO(c.dump());
        rule_set set = compile(filter{}.list(list_of(c["rules"])));
        for (const table_name& name : names_of(c["accepted"])) CHECK(passes(set, name));
        for (const table_name& name : names_of(c["rejected"])) {
            INFO(name.schema << "." << name.table);
            CHECK_FALSE(passes(set, name));
        }
    }
}

TEST_CASE("corpus: system schemas") {
    const json* all = corpus();
    if (all == nullptr) return;
    for (const json& c : table(*all, "TestIsSystemSchema", "cases")) {
        CHECK(is_system_schema(c["name"].get<std::string>()) == c["expected"].get<bool>());
    }
}

TEST_CASE("corpus: event filters") {
    const json* all = corpus();
    if (all == nullptr) return;
    const auto rules = event_rules(table(*all, "TestFilter", "rules"));
    filter f;
    filter with_case;
    with_case.case_sensitive(true);
    for (const event_filter_rule& rule : rules) {
        // DM drops a rule with a wrong event and logs a line; here it is an error.
        if (rule.events == std::vector<std::string>{"wrong event"}) {
            CHECK(rule_set::check(filter{}.events(rule), {}, {}).size() == 1);
            continue;
        }
        f.events(rule);
        with_case.events(rule);
    }
    rule_set set = compile(f);
    for (const json& c : table(*all, "TestFilter", "cases")) {
        INFO(c.dump());
        CHECK(ask(set, c) == action_of(c["action"]));
    }
    rule_set case_set = compile(with_case);
    int rows = 0;
    for (const json& t : (*all)["tables"]) {
        if (t["func"] != "TestCaseSensitive" || t["var"] != "cases") continue;
        for (const json& c : t["cases"]) {
            INFO(c.dump());
            CHECK(ask(case_set, c) == action_of(c["action"]));
            ++rows;
        }
    }
    CHECK(rows == 11);
    filter everywhere;  // the corpus lacks the rule of this table; this one fits it
    everywhere.events({"flush", "*", "", {}, {"^FLUSH"}, filter_action::ignore});
    rule_set global = compile(everywhere);
    for (const json& c : table(*all, "TestGlobalFilter", "cases")) {
        CHECK(ask(global, c) == action_of(c["action"]));
    }
}

TEST_CASE("corpus: names and classes of events") {
    const json* all = corpus();
    if (all == nullptr) return;
    for (const json& c : table(*all, "TestToEventType", "cases")) {
        INFO(c.dump());
        const auto set = event_set::parse({c["eventStr"].get<std::string>()});
        CHECK(set.has_value() == c["err"].is_null());
        const std::string expected = event_text(c["event"]);
        if (!set || expected.empty()) continue;
        CHECK(set->contains(parse_event_kind(expected).value()));
    }
    for (const json& c : table(*all, "TestClassifyEvent", "cases")) {
        INFO(c.dump());
        const std::string name = event_text(c["event"]);
        if (name.empty()) continue;
        const auto kind = parse_event_kind(name);
        REQUIRE(kind.has_value() == c["err"].is_null());
        if (!kind) continue;
        const std::string type = c["evenType"]["ident"];
        CHECK(is_dml(*kind) == (type == "dml"));
        CHECK(is_ddl(*kind) == (type != "dml"));
        // DM has a class for this name, and no statement that it counts as it.
        const bool only_a_name = kind == event_kind::rebase_auto_id;
        CHECK(is_incompatible_ddl(*kind) == (type == "incompatibleDDL" && !only_a_name));
    }
}

TEST_CASE("corpus: routes") {
    const json* all = corpus();
    if (all == nullptr) return;
    const auto router_of = [&](std::string_view function) {
        router r;
        for (const json& c : table(*all, function, "rules")) {
            route_rule rule;
            rule.name = std::to_string(r.rules().size());
            rule.schema_pattern = c["SchemaPattern"];
            rule.table_pattern = c.value("TablePattern", "");
            rule.target_schema = c["TargetSchema"];
            rule.target_table = c.value("TargetTable", "");
            r.route(rule);
        }
        return r;
    };
    const auto check =
        [&](const router& r, const json& input, const json& expected, bool with_case) {
            rule_set set = compile(filter{}.case_sensitive(with_case), r);
            const auto in = names_of(input);
            const auto out = names_of(expected);
            REQUIRE(in.size() == out.size());
            for (std::size_t i = 0; i < in.size(); ++i) {
                INFO(in[i].schema << "." << in[i].table);
                CHECK(set.decide(in[i])->target == out[i]);
                CHECK(set.decide(in[i])->problems.empty());
            }
        };
    for (const bool with_case : {false, true}) {
        check(router_of("TestRegExprRoute"),
              table(*all, "TestRegExprRoute", "inputTable"),
              table(*all, "TestRegExprRoute", "expectedOutput"),
              with_case);
    }
    router schemas;  // the corpus lacks the rules of this table; these fit it
    schemas.route({"1", "~test[0-9]+.*", "", "dtest1", "", {}, {}, {}});
    schemas.route({"2", "gtest*", "", "dtest", "", {}, {}, {}});
    check(schemas,
          table(*all, "TestSchemaRoute", "inputTables"),
          table(*all, "TestSchemaRoute", "expectedResult"),
          true);
    rule_set tables = compile({}, router_of("TestTableRoute"));
    CHECK(tables.decide({"test1", "table1"})->target == table_name{"dtest1", "dtable1"});
    CHECK(tables.decide({"test2", "table2"})->target == table_name{"dtest2", "dtable2"});
    CHECK(tables.decide({"test3", "table3"})->target == table_name{"dtest3", "dtable3"});
    rule_set twice = compile(filter{}.case_sensitive(true), router_of("TestDupMatch"));
    CHECK(twice.decide({"test2a", "tbl2"})->problems.size() == 1);
    CHECK(twice.decide({"mytest_meta_schema", "t"})->problems.size() == 1);
    CHECK(twice.decide({"mytest_1", "t"})->problems.empty());
    CHECK(rule_set::check({}, router_of("TestAllRule"), {}).empty());
}
