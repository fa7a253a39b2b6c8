// The text that says by what a table's rows were brought to lanes: what changes the lanes changes
// it, what does not need not.
#include <dmlib/dml/lane_keys.hpp>
#include <dmlib/dml/lanes.hpp>

#include <catch2/catch.hpp>

#include "unit/dml/plan_support.hpp"
#include <random>

using namespace dmlib;
using dml::lane_keys;
using dml::lane_keys_differ;
using schema::key_kind;
using schema::type_kind;

namespace {

/// `id` int, `name` varchar, `v` int; PRIMARY on id.
schema::table base() {
    schema::table t;
    t.schema = "s";
    t.name = "t";
    t.engine = "InnoDB";
    t.columns = {make_column("id", type_kind::int_),
                 make_column("name", type_kind::varchar, "utf8mb4", "utf8mb4_bin"),
                 make_column("v", type_kind::int_)};
    for (auto& c : t.columns) c.nullable = false;
    t.columns[1].length = 20;
    t.keys = {make_key("PRIMARY", key_kind::primary, {"id"})};
    return t;
}

struct rules_of {
    table_name target{"s2", "t2"};
    std::string group{};
    std::vector<column_mapping> mappings{};
    std::vector<extracted_column> extracted{};
};

std::shared_ptr<const dml::table_plan> plan(const schema::table& source,
                                            const schema::table& target,
                                            const rules_of& rules = {}) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < source.columns.size(); ++i) all.push_back(i);
    dml::plan_input in;
    in.target_name = rules.target;
    in.source = &source;
    in.image_columns = all;
    in.target = &target;
    in.cascade_group = rules.group;
    in.mappings = rules.mappings;
    in.extracted = rules.extracted;
    auto made = dml::make_table_plan(in);
    REQUIRE(made);
    return *made;
}

std::string text(const schema::table& target, const rules_of& rules = {}) {
    return lane_keys(*plan(base(), target, rules));
}

/// Where rows are told apart by something else.
bool differ(const schema::table& target, const rules_of& rules = {}) {
    return lane_keys_differ(text(base()), text(target, rules)).has_value();
}

}  // namespace

TEST_CASE("other keys, key columns, collations and routes are told") {
    schema::table t = base();
    t.keys.clear();
    CHECK(differ(t));
    CHECK(lane_keys_differ(text(t), text(base())));

    t = base();
    t.columns[0].type = type_kind::varchar;
    t.columns[0].charset = "utf8mb4";
    t.columns[0].collation = "utf8mb4_bin";
    CHECK(differ(t));

    t = base();
    t.keys = {make_key("PRIMARY", key_kind::primary, {"name"})};
    const schema::table by_name = t;
    CHECK(differ(t));
    t.columns[1].collation = "utf8mb4_general_ci";
    const schema::table general = t;
    CHECK(lane_keys_differ(text(by_name), text(t)));
    t.columns[1].collation = "utf8mb4_polish_ci";
    CHECK(lane_keys_differ(text(by_name), text(t)));
    CHECK(lane_keys_differ(text(general), text(t)));

    t = base();
    t.keys = {make_key("PRIMARY", key_kind::primary, {"id", "v"})};
    CHECK(differ(t));

    // The first of two unique keys decides, and its name is part of the hash.
    t = base();
    t.keys = {make_key("a", key_kind::unique, {"id"})};
    schema::table renamed = t;
    renamed.keys.front().name = "b";
    CHECK(lane_keys_differ(text(t), text(renamed)));

    CHECK(differ(base(), {.target = {"s2", "t3"}}));
    CHECK(differ(base(), {.target = {"S2", "t2"}}));
    CHECK(differ(base(), {.group = "`s`.`a`"}));
    CHECK(lane_keys_differ(text(base(), {.group = "`s`.`a`"}), text(base(), {.group = "`s`.`b`"})));
    column_mapping mapped;
    mapped.column = "id";
    mapped.high_bits = 7;
    CHECK(differ(base(), {.mappings = {mapped}}));
}

TEST_CASE("a constant of a route that a key has is told") {
    schema::table t = base();
    t.columns.push_back(make_column("tag", type_kind::varchar, "utf8mb4", "utf8mb4_bin"));
    t.columns.back().nullable = false;
    t.keys = {make_key("PRIMARY", key_kind::primary, {"tag", "id"})};
    CHECK(lane_keys_differ(text(t, {.extracted = {{"tag", "a"}}}),
                           text(t, {.extracted = {{"tag", "b"}}})));
    t.keys = {make_key("PRIMARY", key_kind::primary, {"id"})};
    CHECK_FALSE(lane_keys_differ(text(t, {.extracted = {{"tag", "a"}}}),
                                 text(t, {.extracted = {{"tag", "b"}}})));
}

TEST_CASE("what changes no lane is not told") {
    schema::table t = base();
    t.columns[0].type = type_kind::bigint;
    CHECK_FALSE(differ(t));
    t = base();
    std::swap(t.columns[0], t.columns[2]);
    t.columns.push_back(make_column("own", type_kind::int_));
    t.columns.back().nullable = true;
    t.comment = "other";
    t.keys.push_back(make_key("i", key_kind::index, {"v"}));
    CHECK_FALSE(differ(t));
    CHECK(text(t) == text(base()));
    column_mapping mapped;
    mapped.column = "v";
    CHECK_FALSE(differ(base(), {.mappings = {mapped}}));
}

TEST_CASE("another unique key: rows of before did not wait for its values") {
    schema::table t = base();
    t.keys.push_back(make_key("u", key_kind::unique, {"v"}));
    CHECK(differ(t));
    // Without it, they had waited more than they have to.
    CHECK_FALSE(lane_keys_differ(text(t), text(base())));
    schema::table prefix = base();
    prefix.keys.push_back(make_key("u", key_kind::unique, {"name"}));
    schema::table shorter = prefix;
    shorter.keys.back().parts.front().length = 5;
    CHECK(lane_keys_differ(text(prefix), text(shorter)));
}

TEST_CASE("the words name the table and both keys") {
    schema::table t = base();
    t.keys.clear();
    const auto words = lane_keys_differ(text(base()), text(t));
    REQUIRE(words);
    CHECK(words->find("the keys of the target's table `s2`.`t2` are others than when its last rows "
                      "were written") != std::string::npos);
    CHECK(words->find("`PRIMARY` (`id` number)") != std::string::npos);
    CHECK(words->find("no key") != std::string::npos);
    CHECK(dml::readable_lane_target(text(base())) == "`s2`.`t2` with `PRIMARY` (`id` number)");
}

TEST_CASE("names of any characters cannot look like other keys") {
    schema::table t = base();
    t.columns[2].name = "v\n`u` (`v` number)";
    t.keys.push_back(make_key("x\ny", key_kind::unique, {t.columns[2].name}));
    const std::string out = lane_keys(*plan(t, t));
    CHECK(std::count(out.begin(), out.end(), '\n') == 3);
}

TEST_CASE("texts of another form are not compared") {
    CHECK(lane_keys_differ("", text(base())));
    CHECK(lane_keys_differ("2" + text(base()).substr(1), text(base())));
}

namespace {

/// A target's table that somebody may have made of base().
schema::table random_target(std::mt19937& random) {
    const auto pick = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
    schema::table t = base();
    if (pick(3) == 0) t.columns[0].type = pick(2) == 0 ? type_kind::bigint : type_kind::varchar;
    if (t.columns[0].type == type_kind::varchar) {
        t.columns[0].charset = "utf8mb4";
        t.columns[0].collation = "utf8mb4_bin";
    }
    const char* const collations[] = {
        "utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_polish_ci"};
    t.columns[1].collation = collations[pick(4)];
    if (pick(4) == 0) t.columns[1].nullable = true;
    t.keys.clear();
    const char* const columns[] = {"id", "name", "v"};
    const unsigned keys = pick(3);
    for (unsigned k = 0; k < keys; ++k) {
        const bool primary = k == 0 && pick(2) == 0;
        std::vector<std::string> parts{columns[pick(3)]};
        const std::string second = columns[pick(3)];
        if (pick(3) == 0 && second != parts.front()) parts.push_back(second);
        t.keys.push_back(make_key(primary ? "PRIMARY" : (pick(2) == 0 ? "u" : "w") + parts.front(),
                                  primary ? key_kind::primary : key_kind::unique,
                                  parts));
        if (!primary && parts.front() == "name" && pick(3) == 0)
            t.keys.back().parts.front().length = 1 + pick(3);
    }
    if (pick(2) == 0) std::swap(t.columns[0], t.columns[2]);
    return t;
}

rules_of random_rules(std::mt19937& random) {
    rules_of r;
    if (random() % 6 == 0) r.target.table = "other";
    if (random() % 6 == 0) r.group = random() % 2 == 0 ? "`s`.`a`" : "`s`.`b`";
    return r;
}

}  // namespace

TEST_CASE("texts that do not differ give each row the same lane") {
    std::mt19937 random{7};
    const dml::lane_book book{64};
    std::size_t same = 0;
    std::size_t other = 0;
    for (int round = 0; round < 3000; ++round) {
        const schema::table first = random_target(random);
        // Half of them: a small change at most.
        const auto a = plan(base(), first, random_rules(random));
        const auto b = plan(base(), random_target(random), random_rules(random));
        const bool differs = lane_keys_differ(lane_keys(*a), lane_keys(*b)).has_value();
        bool homes = true;
        for (int row = 0; row < 20; ++row) {
            const std::string name(1 + random() % 3, static_cast<char>('a' + random() % 26));
            const std::vector<value_view> image{
                value_view::make_int(static_cast<std::int64_t>(random() % 100)),
                value_view::make_bytes(value_kind::text, as_bytes(name)),
                value_view::make_int(static_cast<std::int64_t>(random() % 100))};
            std::vector<std::uint64_t> one;
            std::vector<std::uint64_t> two;
            dml::collect_keys(*a, {}, image, one);
            dml::collect_keys(*b, {}, image, two);
            homes = homes && book.home(one.front()) == book.home(two.front());
        }
        if (!differs) {
            INFO(lane_keys(*a) << "\n\n" << lane_keys(*b));
            REQUIRE(homes);
            ++same;
        }
        if (!homes) {
            REQUIRE(differs);
            ++other;
        }
    }
    CHECK(same > 100);
    CHECK(other > 1000);
}
