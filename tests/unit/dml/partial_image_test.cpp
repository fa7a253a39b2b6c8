// Images without all columns: which key finds the row, what is written, what stays unknown.
#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/lanes.hpp>
#include <dmlib/dml/partial_image.hpp>

#include <catch2/catch.hpp>

#include "batch_writer.hpp"
#include "plan_support.hpp"

using namespace dmlib;
using namespace dmlib::dml;
using schema::type_kind;

namespace {

using images = std::vector<value_view>;

value_view number(std::int64_t n) {
    return value_view::make_int(n);
}
const value_view gap;

/// id PRIMARY, u UNIQUE NULL, a and b UNIQUE together NOT NULL, v.
schema::table four_keys() {
    schema::table t;
    t.schema = "d";
    t.name = "t";
    for (const char* name : {"id", "u", "a", "b", "v"})
        t.columns.push_back(make_column(name, type_kind::int_));
    for (const std::size_t i : {0U, 2U, 3U}) t.columns[i].nullable = false;
    t.keys = {make_key("PRIMARY", schema::key_kind::primary, {"id"}),
              make_key("u", schema::key_kind::unique, {"u"}),
              make_key("ab", schema::key_kind::unique, {"a", "b"})};
    return t;
}

key_effect effect_of(const table_plan& plan,
                     const images& before,
                     const images& after,
                     std::vector<std::uint64_t>& keys) {
    return collect_keys(plan, before, after, keys);
}

}  // namespace

TEST_CASE("an update writes only the columns that its after image has") {
    const auto t = four_keys();
    const auto plan = plan_of(t);
    batch_writer w;
    w.update(plan,
             images{number(1), gap, gap, gap, gap},
             images{gap, value_view::make_null(), gap, gap, number(7)});
    w.remove(plan, images{number(1), gap, gap, gap, gap});
    w.b.close();
    CHECK(w.b.sql ==
          "UPDATE `s2`.`t2` SET `u`=NULL,`v`=7 WHERE `id`=1 LIMIT 1;"
          "DELETE FROM `s2`.`t2` WHERE `id`=1 LIMIT 1");
}

TEST_CASE("where the identity is missing another unique key finds the row, else it is refused") {
    const auto t = four_keys();
    const auto plan = plan_of(t);
    const images by_ab{gap, gap, number(3), number(4), gap};
    batch_writer w;
    w.remove(plan, by_ab);
    w.b.close();
    CHECK(w.b.sql == "DELETE FROM `s2`.`t2` WHERE `a`=3 AND `b`=4 LIMIT 1");
    CHECK(check_images(*plan, row_operation::remove, by_ab, {}, false));
    // A key that may hold NULL finds several rows.
    const images by_u{gap, number(3), gap, gap, gap};
    const auto refused = check_images(*plan, row_operation::remove, by_u, {}, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == errc::binlog_row_image);
    CHECK(refused.error().message().find("`id`, `a`, `b`, `v`") != std::string::npos);

    auto keyless = four_keys();
    keyless.keys.clear();
    const auto none = plan_of(keyless);
    CHECK_FALSE(check_images(*none, row_operation::remove, by_ab, {}, false));
    const images whole{number(1), number(2), number(3), number(4), number(5)};
    CHECK(check_images(*none, row_operation::remove, whole, {}, false));
}

TEST_CASE(
    "an insert's missing column holds the source's default, and what is not known is refused") {
    auto t = four_keys();
    auto goal = t;
    t.columns[4].default_value = {schema::default_kind::literal, "12", true};
    const auto plan = plan_of(t, &goal);
    batch_writer w;
    w.insert(plan, images{number(1), gap, number(1), gap, gap});
    w.b.close();
    CHECK(w.b.sql == "INSERT INTO `s2`.`t2` (`id`,`u`,`a`,`b`,`v`) VALUES (1,NULL,1,0,'12')");

    goal.columns[4].default_value = t.columns[4].default_value;
    batch_writer same;
    same.insert(plan_of(t, &goal), images{number(1), gap, number(1), gap, gap});
    same.b.close();
    CHECK(same.b.sql.ends_with("VALUES (1,NULL,1,0,DEFAULT)"));

    t.columns[4].default_value = {schema::default_kind::expression, "uuid()", true};
    const auto refused = check_images(*plan_of(t, &goal),
                                      row_operation::insert,
                                      {},
                                      images{number(1), gap, number(1), number(1), gap},
                                      false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message().find("`v`") != std::string::npos);
}

TEST_CASE("an update of columns that are not written still needs the row") {
    auto t = four_keys();
    auto goal = t;
    goal.columns[4].generated = schema::generated_kind::stored;
    batch_writer w;
    w.update(plan_of(t, &goal),
             images{number(1), gap, gap, gap, gap},
             images{gap, gap, gap, gap, number(7)});
    w.b.close();
    CHECK(w.b.sql == "UPDATE `s2`.`t2` SET `id`=`id` WHERE `id`=1 LIMIT 1");
}

TEST_CASE("a column that the target would set by itself stays where the image leaves it out") {
    const auto t = four_keys();
    auto goal = t;
    goal.columns[4].on_update = "CURRENT_TIMESTAMP";
    batch_writer w;
    w.update(plan_of(t, &goal),
             images{number(1), gap, gap, gap, gap},
             images{gap, number(2), gap, gap, gap});
    w.update(plan_of(t, &goal),
             images{number(1), gap, gap, gap, gap},
             images{gap, gap, gap, gap, number(7)});
    w.b.close();
    CHECK(w.b.sql ==
          "UPDATE `s2`.`t2` SET `u`=2,`v`=`v` WHERE `id`=1 LIMIT 1;"
          "UPDATE `s2`.`t2` SET `v`=7 WHERE `id`=1 LIMIT 1");
}

TEST_CASE("a computed column that the image leaves out is not guessed") {
    auto t = four_keys();
    const auto goal = t;
    t.columns[4].generated = schema::generated_kind::virtual_column;
    const images before{number(1), gap, gap, gap, gap};
    const images after{gap, number(2), gap, gap, gap};
    const images inserted{number(1), number(2), number(3), number(4), gap};
    const auto refuses = [&](const table_plan& plan, row_operation what) {
        const auto fine = check_images(
            plan, what, before, what == row_operation::insert ? inserted : after, false);
        if (!fine) CHECK(fine.error().message().find("`v`") != std::string::npos);
        return !fine;
    };
    CHECK(refuses(*plan_of(t, &goal), row_operation::insert));
    CHECK_FALSE(refuses(*plan_of(t, &goal), row_operation::update));
    // The target computes it, too.
    CHECK_FALSE(refuses(*plan_of(t, &t), row_operation::insert));
    const std::vector<std::size_t> all{0, 1, 2, 3, 4};
    const std::vector<std::uint32_t> uncertain{4};
    plan_input in;
    in.target_name = {"s2", "t2"};
    in.source = &t;
    in.image_columns = all;
    in.target = &goal;
    in.uncertain = uncertain;
    CHECK(refuses(**make_table_plan(in), row_operation::update));
    in.target = &t;
    CHECK_FALSE(refuses(**make_table_plan(in), row_operation::update));
}

TEST_CASE("safe mode: an update becomes DELETE and REPLACE only where the row is whole") {
    const auto t = four_keys();
    const auto plan = plan_of(t);
    const images before{number(1), gap, gap, gap, gap};
    const images value{gap, gap, gap, gap, number(7)};
    batch_writer w;
    w.update(plan, before, value, {"f", 4, false, true});
    w.b.close();
    CHECK(w.b.sql == "UPDATE `s2`.`t2` SET `v`=7 WHERE `id`=1 LIMIT 1");
    CHECK_FALSE(w.b.statements[0].checked);
    CHECK(check_images(*plan, row_operation::update, before, value, true));
    const images key{number(2), gap, gap, gap, gap};
    CHECK_FALSE(check_images(*plan, row_operation::update, before, key, true));
    CHECK(check_images(*plan, row_operation::update, before, key, false));
    images whole{number(1), number(2), number(3), number(4), number(5)};
    images after = key;
    complete_after(whole, after);
    CHECK(has_all_columns(*plan, after));
    CHECK(after[0].i == 2);
    CHECK(after[4].i == 5);
}

TEST_CASE("keys: what an image leaves out does not change, or is said to be unknown") {
    const auto t = four_keys();
    const auto plan = plan_of(t);
    std::vector<std::uint64_t> full, keys;
    effect_of(*plan, {}, {number(1), number(2), number(3), number(4), number(5)}, full);
    REQUIRE(full.size() == 3);

    // No key is touched: only the identity.
    auto e =
        effect_of(*plan, {number(1), gap, gap, gap, gap}, {gap, gap, gap, gap, number(9)}, keys);
    CHECK(keys == std::vector<std::uint64_t>{full[0]});
    CHECK_FALSE((e.wild || e.frees_unknown || e.takes_value));
    // u gets a value, its old one is not known.
    e = effect_of(*plan, {number(1), gap, gap, gap, gap}, {gap, number(2), gap, gap, gap}, keys);
    CHECK(keys == std::vector<std::uint64_t>{full[0], full[1]});
    CHECK((!e.wild && e.frees_unknown && e.takes_value));
    // Half of a key: neither value is known.
    e = effect_of(*plan, {number(1), gap, gap, gap, gap}, {gap, gap, number(3), gap, gap}, keys);
    CHECK((e.wild && e.frees_unknown));
    // The other half is in the before image.
    e = effect_of(
        *plan, {number(1), gap, number(8), number(4), gap}, {gap, gap, number(3), gap, gap}, keys);
    CHECK((!e.wild && !e.frees_unknown && e.takes_value));
    CHECK(std::find(keys.begin(), keys.end(), full[2]) != keys.end());
    // A delete frees all that it does not name.
    e = effect_of(*plan, {number(1), gap, gap, gap, gap}, {}, keys);
    CHECK((!e.wild && e.frees_unknown && !e.takes_value));
    // A default of NULL is no value; another default is one that is not known.
    e = effect_of(*plan, {}, {number(1), gap, number(3), number(4), gap}, keys);
    CHECK(keys == std::vector<std::uint64_t>{full[0], full[2]});
    CHECK_FALSE(e.wild);
    e = effect_of(*plan, {}, {number(1), gap, gap, number(4), gap}, keys);
    CHECK(e.wild);
    // The row is found by another key than the one that chooses lanes.
    e = effect_of(*plan, {gap, gap, number(3), number(4), gap}, {}, keys);
    CHECK((e.wild && keys.front() == plan->table_seed));
}

TEST_CASE("marks: edges to every lane that holds such a row") {
    lane_book book{4};
    std::vector<lane_point> edges;
    CHECK_FALSE(book.has_marks());
    const std::uint64_t key[] = {1};
    book.record({0, 3}, key);
    book.record({2, 5}, key);
    book.find_every(2, edges);
    CHECK(edges == std::vector<lane_point>{{0, 3}});
    book.mark(77, {1, 2});
    book.mark(77, {1, 1});
    book.mark(77, {3, 9});
    edges.clear();
    book.find_marked(77, 3, edges);
    CHECK(edges == std::vector<lane_point>{{1, 2}});
    book.committed({1, 2});
    edges.clear();
    book.find_marked(77, 0, edges);
    CHECK(edges == std::vector<lane_point>{{3, 9}});
    book.find_marked(78, 0, edges);
    CHECK(edges.size() == 1);
}
