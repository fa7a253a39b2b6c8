#include <dmlib/dml/table_plan.hpp>

#include "plan_support.hpp"
#include <array>

using namespace dmlib;
using schema::key_kind;
using schema::type_kind;

namespace {

schema::table merged(type_kind type, const std::string& charset) {
    schema::table t;
    t.schema = "s1";
    t.name = "t1";
    t.columns = {make_column("id", type, charset), make_column("n", type_kind::int_)};
    t.keys = {make_key("PRIMARY", key_kind::primary, {"id"}),
              make_key("u", key_kind::unique, {"n", "id"})};
    return t;
}

std::vector<std::uint64_t> keys_of(const schema::table& source,
                                   const schema::table& target,
                                   std::span<const std::string> unlike,
                                   const value_view& id) {
    const std::array<std::size_t, 2> all{0, 1};
    dml::plan_input in;
    in.target_name = {"s2", "t2"};
    in.source = &source;
    in.image_columns = all;
    in.target = &target;
    in.unlike = unlike;
    const auto plan = dml::make_table_plan(in);
    REQUIRE(plan);
    const std::array<value_view, 2> image{id, value_view::make_int(7)};
    std::vector<std::uint64_t> out;
    const auto effect = dml::collect_keys(**plan, {}, image, out);
    CHECK_FALSE(effect.wild);
    return out;
}

}  // namespace

TEST_CASE("one value in tables that hold a key's column in unlike types touches the same hashes") {
    schema::table goal = merged(type_kind::varchar, "utf8mb4");
    goal.columns[0].collation = "utf8mb4_bin";
    const schema::table narrow = merged(type_kind::varchar, "latin1");
    const schema::table wide = merged(type_kind::varchar, "utf8mb4");
    const auto latin = value_view::make_bytes(value_kind::text, as_bytes("\xe9"));
    const auto utf8 = value_view::make_bytes(value_kind::text, as_bytes("\xc3\xa9"));
    CHECK(keys_of(narrow, goal, {}, latin) != keys_of(wide, goal, {}, utf8));
    const std::vector<std::string> unlike{"id"};
    const auto known = keys_of(narrow, goal, unlike, latin);
    CHECK(known == keys_of(wide, goal, unlike, utf8));
    // The other column still tells rows apart.
    REQUIRE(known.size() > 1);
    CHECK(known.front() != known.back());
}
