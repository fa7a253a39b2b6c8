// TiDB's UPDATE takes an ENUM's error value and a member '' for the same value.
#include <dmlib/dml/literal.hpp>

#include <catch2/catch.hpp>

#include "plan_support.hpp"

using namespace dmlib;
using namespace dmlib::dml;

namespace {

column_writer writer_of(std::vector<std::string> members, target_dialect dialect) {
    auto c = make_column("e", schema::type_kind::enum_, "utf8mb4", "utf8mb4_bin");
    c.members = std::move(members);
    return make_column_writer(c, nullptr, dialect);
}

value_view number(std::uint64_t n) {
    return value_view::make_uint(n);
}

}  // namespace

TEST_CASE("changes between nameless members of an ENUM are told on TiDB only") {
    const auto w = writer_of({"a", "", "b"}, target_dialect::tidb);
    CHECK(w.looks_unchanged(number(0), number(2)));
    CHECK(w.looks_unchanged(number(2), number(0)));
    CHECK(w.looks_unchanged(value_view{}, number(0)));
    CHECK(w.looks_unchanged(value_view{}, number(2)));
    CHECK_FALSE(w.looks_unchanged(number(2), number(2)));
    CHECK_FALSE(w.looks_unchanged(number(0), number(1)));
    CHECK_FALSE(w.looks_unchanged(number(3), number(2)));
    CHECK_FALSE(w.looks_unchanged(value_view::make_null(), number(2)));
    CHECK_FALSE(w.looks_unchanged(number(2), value_view{}));
    CHECK(w.named_member() == 1);
    CHECK(writer_of({"", "x"}, target_dialect::tidb).named_member() == 2);
    CHECK(writer_of({""}, target_dialect::tidb).named_member() == 0);
    CHECK_FALSE(writer_of({"a"}, target_dialect::tidb).looks_unchanged(value_view{}, number(0)));
    const auto other = writer_of({"a", "", "b"}, target_dialect::mysql);
    CHECK_FALSE(other.looks_unchanged(number(0), number(2)));
}
