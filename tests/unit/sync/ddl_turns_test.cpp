#include <dmlib/sync/ddl_turns.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <random>
#include <string>
#include <vector>

using dmlib::table_name;
using dmlib::sync::ddl_turns;

namespace {

const std::vector<table_name> shared_table{{"d", "t"}};

}  // namespace

TEST_CASE("ddl_turns: a statement waits for the word of every source that runs") {
    ddl_turns turns;
    REQUIRE(turns.enter("a"));
    REQUIRE(turns.enter("b"));
    REQUIRE(turns.enter("c"));
    CHECK_FALSE(turns.wanted("b"));
    CHECK_FALSE(turns.ask("a", shared_table));
    CHECK(turns.wanted("b") == shared_table);
    CHECK_FALSE(turns.wanted("a"));
    turns.agree("b");
    CHECK_FALSE(turns.wanted("b"));
    CHECK_FALSE(turns.ask("a", shared_table));
    turns.leave("c", false);
    CHECK(turns.ask("a", shared_table));
    SECTION("and nobody begins a run or takes a turn before it ran") {
        CHECK_FALSE(turns.enter("c"));
        CHECK_FALSE(turns.ask("b", shared_table));
        turns.done("a");
        CHECK(turns.enter("c"));
        // What was agreed to was the other statement.
        CHECK_FALSE(turns.ask("b", shared_table));
        CHECK(turns.wanted("a") == shared_table);
    }
    SECTION("the turn ends with the run that asked") {
        turns.leave("a", false);
        CHECK(turns.enter("c"));
    }
    SECTION("but not where nobody knows whether it ran: until its next run, or its end") {
        turns.leave("a", true);
        CHECK_FALSE(turns.enter("c"));
        CHECK(turns.enter("a"));
        CHECK(turns.ask("a", shared_table));
        turns.gone("a");
        CHECK(turns.enter("c"));
    }
}

TEST_CASE("ddl_turns: a statement waits for copies into its tables") {
    ddl_turns turns;
    REQUIRE(turns.begin_copy("b", std::set<table_name>{{"d", "t"}, {"d", "u"}}));
    REQUIRE(turns.enter("a"));
    CHECK(turns.ask("a", {{"d", "other"}}));
    turns.done("a");
    CHECK_FALSE(turns.ask("a", {{"d", "other"}, {"d", "u"}}));
    CHECK_FALSE(turns.begin_copy("c", std::nullopt));
    turns.end_copy("b");
    CHECK(turns.ask("a", {{"d", "other"}, {"d", "u"}}));
    turns.done("a");
    REQUIRE(turns.begin_copy("c", std::nullopt));  // of whatever
    CHECK_FALSE(turns.ask("a", {{"d", "other"}}));
    turns.leave("a", false);
    REQUIRE(turns.enter("a"));
    CHECK(turns.ask("a", {{"d", ""}}));  // a schema has no rows
}

TEST_CASE("ddl_turns: whatever the order of steps, never two statements, nor one beside rows") {
    // Each source: runs (may have rows under way), wants a statement, or is away.
    struct source {
        std::string name;
        bool runs = false;
        bool agreed = false;
        bool wants = false;
        bool has = false;  // the turn
    };
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::mt19937 random(seed);
        ddl_turns turns;
        std::array<source, 3> all{source{"a"}, source{"b"}, source{"c"}};
        std::size_t ran = 0;
        const auto step = [&](source& s, bool fair) {
            if (!s.runs) {
                s.runs = turns.enter(s.name);
                s.agreed = false;
                return;
            }
            if (s.has) {
                ++ran;
                s.has = s.wants = false;
                for (auto& o : all) o.agreed = false;
                return turns.done(s.name);
            }
            if (s.wants && turns.ask(s.name, shared_table)) {
                s.has = true;
                return;
            }
            if (turns.wanted(s.name)) {
                if (random() % 2 == 0) {
                    turns.agree(s.name);
                    s.agreed = true;
                } else {
                    turns.leave(s.name, false);
                    s.runs = false;
                }
                return;
            }
            if (!fair && random() % 4 == 0) s.wants = true;
        };
        for (int i = 0; i < 200; ++i) {
            step(all[random() % 3], false);
            for (const auto& s : all) {
                if (!s.has) continue;
                for (const auto& o : all) {
                    if (&o != &s) REQUIRE((!o.has && (!o.runs || o.agreed)));
                }
            }
        }
        // Whoever wants a turn gets it in the end.
        for (int i = 0; i < 100; ++i)
            for (auto& s : all) step(s, true);
        for (const auto& s : all) REQUIRE_FALSE(s.wants);
        REQUIRE(ran > 0);
    }
}
