#include <dmlib/sync/impl/internal/row_redo.hpp>

#include <catch2/catch.hpp>

#include "unit/dml/batch_writer.hpp"
#include "unit/dml/plan_support.hpp"
#include <map>

using namespace dmlib;
using dml::mismatch_outcome;
using schema::type_kind;

namespace {

/// id INT PRIMARY KEY, u INT UNIQUE or not, v INT
schema::table make_table(bool second_key) {
    schema::table t;
    t.schema = "shop";
    t.name = "t";
    t.engine = "InnoDB";
    for (const char* name : {"id", "u", "v"})
        t.columns.push_back(make_column(name, type_kind::int_));
    t.columns[0].nullable = false;
    t.keys = {make_key("PRIMARY", schema::key_kind::primary, {"id"})};
    if (second_key) t.keys.push_back(make_key("u", schema::key_kind::unique, {"u"}));
    return t;
}

std::vector<value_view> image(std::int64_t id, std::int64_t u, std::int64_t v) {
    return {value_view::make_int(id), value_view::make_int(u), value_view::make_int(v)};
}

/// A target that answers 1 row to everything but what the script says: -1 is a duplicate key.
struct script {
    std::map<std::string, std::vector<int>> answers;
    std::vector<std::string> ran;

    result<std::uint64_t> operator()(std::string_view sql) {
        ran.emplace_back(sql);
        auto& left = answers[ran.back()];
        int n = 1;
        if (!left.empty()) {
            n = left.front();
            left.erase(left.begin());
        }
        if (n < 0) return error{errc::db_duplicate_entry, "Duplicate entry"};
        return static_cast<std::uint64_t>(n);
    }
};

struct redo_test : batch_writer {
    script target;
    std::vector<dml::row_mismatch> found;

    explicit redo_test(mismatch_policy p) : policy(p) {
        limits.whole_rows = p != mismatch_policy::error;
        limits.compact = p != mismatch_policy::warn;
    }
    result<void> run() {
        close();
        work.rows = std::move(b);
        sync::internal::row_redo redo{
            work, policy, [this](std::string_view sql) { return target(sql); }};
        auto done = redo.run();
        found = redo.found();
        return done;
    }
    mismatch_policy policy;
    sync::lane_work work;
};

const std::string update_1 = "UPDATE `s2`.`t2` SET `id`=1,`u`=2,`v`=3 WHERE `id`=1 LIMIT 1";
const std::string insert_1 = "INSERT INTO `s2`.`t2` (`id`,`u`,`v`) VALUES (1,2,3)";
const std::string delete_1 = "DELETE FROM `s2`.`t2` WHERE `id`=1 LIMIT 1";
const std::string set_1 = "INSERT INTO `s2`.`t2` SET `id`=1,`u`=2,`v`=3";

}  // namespace

TEST_CASE("error: the row stops the batch, with its place") {
    const auto t = make_table(true);
    redo_test r{mismatch_policy::error};
    r.update(plan_of(t), image(1, 1, 1), image(1, 2, 3), {"f", 77});
    r.target.answers[update_1] = {0};
    const auto done = r.run();
    REQUIRE_FALSE(done);
    CHECK(done.error().code() == errc::db_affected_rows);
    CHECK(done.error().to_string().find("f") != std::string::npos);
    CHECK(r.found.empty());
}

TEST_CASE("warn: the change is left out, what stands behind it is not") {
    const auto t = make_table(true);
    const auto plan = plan_of(t);
    redo_test r{mismatch_policy::warn};
    r.update(plan, image(1, 1, 1), image(1, 2, 3), {"f", 77});
    r.remove(plan, image(8, 8, 8), {"f", 78});
    r.insert(plan, image(9, 9, 9), {"f", 79});
    r.target.answers[update_1] = {0};
    r.target.answers["INSERT INTO `s2`.`t2` (`id`,`u`,`v`) VALUES (9,9,9)"] = {-1};
    REQUIRE(r.run());
    CHECK(r.target.ran.size() == 3);
    REQUIRE(r.found.size() == 2);
    CHECK(
        dml::to_string(r.found[1]) ==
        "db-affected-rows: INSERT on `s2`.`t2` (source `shop`.`t`) with `id`=9 at f:79 met another "
        "row with a unique value of it: left out");
    CHECK(dml::to_string(r.found[0]) ==
          "db-affected-rows: UPDATE on `s2`.`t2` (source `shop`.`t`) with `id`=1 at f:77 found no "
          "row: left out");
}

TEST_CASE("repair: an UPDATE that finds no row inserts the after image") {
    const auto t = make_table(true);
    redo_test r{mismatch_policy::repair};
    r.update(plan_of(t), image(1, 1, 1), image(1, 2, 3));
    r.target.answers[update_1] = {0};
    SECTION("which has room") {
        REQUIRE(r.run());
        CHECK(r.target.ran == std::vector<std::string>{update_1, set_1});
        REQUIRE(r.found.size() == 1);
        CHECK(r.found[0].outcome == mismatch_outcome::inserted);
    }
    SECTION("whose other unique value belongs to another row: an error, nothing is replaced") {
        r.target.answers[set_1] = {-1};
        r.target.answers[delete_1] = {0};
        const auto done = r.run();
        REQUIRE_FALSE(done);
        CHECK(done.error().code() == errc::db_duplicate_entry);
        CHECK(r.target.ran.back() == delete_1);
    }
}

TEST_CASE("repair: rows of a statement of several are whole") {
    auto t = make_table(false);
    for (auto& c : t.columns) c.default_value.kind = schema::default_kind::null;
    const auto plan = plan_of(t, &t);
    REQUIRE(plan->can_narrow);
    redo_test r{mismatch_policy::repair};
    r.update(plan, image(1, 2, 1), image(1, 2, 3));
    r.update(plan, image(2, 2, 1), image(2, 2, 3));
    r.target.answers[update_1] = {0};
    REQUIRE(r.run());
    CHECK(r.target.ran ==
          std::vector<std::string>{
              update_1, set_1, "UPDATE `s2`.`t2` SET `id`=2,`u`=2,`v`=3 WHERE `id`=2 LIMIT 1"});
}

TEST_CASE("repair: an INSERT that meets a row") {
    const auto t = make_table(true);
    redo_test r{mismatch_policy::repair};
    r.insert(plan_of(t), image(1, 2, 3));
    r.target.answers[insert_1] = {-1};
    SECTION("with its identity key replaces it") {
        REQUIRE(r.run());
        CHECK(r.target.ran == std::vector<std::string>{insert_1, delete_1, insert_1});
        REQUIRE(r.found.size() == 1);
        CHECK(r.found[0].outcome == mismatch_outcome::replaced);
    }
    SECTION("with another key stops") {
        r.target.answers[delete_1] = {0};
        const auto done = r.run();
        REQUIRE_FALSE(done);
        CHECK(done.error().code() == errc::db_duplicate_entry);
    }
    SECTION("with its identity key, and another with its other value, stops") {
        r.target.answers[insert_1] = {-1, -1};
        CHECK_FALSE(r.run());
    }
}

TEST_CASE("repair: an UPDATE whose new key is taken") {
    const auto t = make_table(true);
    redo_test r{mismatch_policy::repair};
    const std::string to_5 = "UPDATE `s2`.`t2` SET `id`=5,`u`=1,`v`=1 WHERE `id`=1 LIMIT 1";
    r.update(plan_of(t), image(1, 1, 1), image(5, 1, 1));
    SECTION("replaces the row that has it") {
        r.target.answers[to_5] = {-1, 1};
        REQUIRE(r.run());
        CHECK(r.target.ran ==
              std::vector<std::string>{to_5, "DELETE FROM `s2`.`t2` WHERE `id`=5 LIMIT 1", to_5});
        REQUIRE(r.found.size() == 1);
        CHECK(r.found[0].key == "`id`=1");
        CHECK(r.found[0].key_after == "`id`=5");
    }
    SECTION("and whose row is not there") {
        const std::string set_5 = "INSERT INTO `s2`.`t2` SET `id`=5,`u`=1,`v`=1";
        r.target.answers[to_5] = {0};
        r.target.answers[set_5] = {-1, 1};
        REQUIRE(r.run());
        CHECK(r.target.ran ==
              std::vector<std::string>{
                  to_5, set_5, "DELETE FROM `s2`.`t2` WHERE `id`=5 LIMIT 1", set_5});
        REQUIRE(r.found.size() == 1);
        CHECK(r.found[0].missing);
    }
}

TEST_CASE("repair: an UPDATE that keeps its key and meets another row stops") {
    const auto t = make_table(true);
    redo_test r{mismatch_policy::repair};
    r.update(plan_of(t), image(1, 1, 1), image(1, 2, 3));
    r.target.answers[update_1] = {-1};
    CHECK_FALSE(r.run());
    CHECK(r.target.ran.size() == 1);
}

TEST_CASE("repair: an after image that lacks columns is not inserted") {
    const auto t = make_table(true);
    redo_test r{mismatch_policy::repair};
    auto after = image(1, 2, 3);
    after[1] = value_view{};
    REQUIRE(after[1].is_absent());
    r.update(plan_of(t), image(1, 2, 1), after);
    r.target.answers["UPDATE `s2`.`t2` SET `id`=1,`v`=3 WHERE `id`=1 LIMIT 1"] = {0};
    const auto done = r.run();
    REQUIRE_FALSE(done);
    CHECK(done.error().code() == errc::db_affected_rows);
    CHECK(r.target.ran.size() == 1);
}

TEST_CASE("repair: a table without a key") {
    auto t = make_table(false);
    t.keys.clear();
    const auto plan = plan_of(t);
    redo_test r{mismatch_policy::repair};
    r.update(plan, image(1, 1, 1), image(1, 2, 3));
    r.remove(plan, image(7, 7, 7));
    const std::string gone = "DELETE FROM `s2`.`t2` WHERE `id`=7 AND `u`=7 AND `v`=7 LIMIT 1";
    r.target.answers
        ["UPDATE `s2`.`t2` SET `id`=1,`u`=2,`v`=3 WHERE `id`=1 AND `u`=1 AND `v`=1 LIMIT 1"] = {0};
    r.target.answers[gone] = {0};
    REQUIRE(r.run());
    REQUIRE(r.found.size() == 2);
    CHECK(r.found[0].outcome == mismatch_outcome::inserted);
    CHECK(r.found[1].outcome == mismatch_outcome::gone_before);
    CHECK(r.target.ran[1] == set_1);
}

TEST_CASE("a report is one line of text") {
    dml::row_mismatch m;
    m.key = "`k`=_binary'a\n\xff\xc3\xa4'";
    CHECK(dml::to_string(m).find("`k`=_binary'a\\x0a\\xff\xc3\xa4'") != std::string::npos);
}
