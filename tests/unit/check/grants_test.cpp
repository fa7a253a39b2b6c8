#include <dmlib/check/check.hpp>
#include <dmlib/check/impl/internal/grants.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;
using check::internal::answer;
using check::internal::grant_set;

namespace {
grant_set of(std::initializer_list<const char*> lines) {
    grant_set g;
    for (const char* l : lines) g.add_line(l);
    return g;
}
}  // namespace

TEST_CASE("grants of both dialects", "[grants]") {
    const auto root = of({"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
                          "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION"});
    CHECK(root.has("RELOAD") == answer::yes);
    CHECK(root.has("SELECT", "any", "table") == answer::yes);
    CHECK_FALSE(root.unclear());

    const auto dm =
        of({"GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'dm'@'%' "
            "IDENTIFIED BY PASSWORD '*X'",
            "GRANT `reader`@`%` TO `dm`@`%`",
            "GRANT INSERT (a, b), UPDATE ON `shop`.`orders` TO `dm`@`%`"});
    CHECK(dm.has("REPLICATION SLAVE") == answer::yes);
    CHECK(dm.has("SUPER") == answer::no);
    CHECK(dm.has("UPDATE", "shop", "orders") == answer::yes);
    CHECK(dm.has("UPDATE", "shop", "users") == answer::no);
    CHECK(dm.has("INSERT", "shop", "orders") == answer::no);  // on columns only

    const auto pattern =
        of({"GRANT USAGE ON *.* TO `a`@`%`", "GRANT SELECT, INSERT ON `shop\\_%`.* TO `a`@`%`"});
    CHECK(pattern.has("SELECT", "shop_1") == answer::yes);
    CHECK(pattern.has("SELECT", "shopx1") == answer::no);
    CHECK(pattern.has("SELECT") == answer::no);
}

TEST_CASE("grants that were taken back, and lines nobody knows", "[grants]") {
    const auto partial =
        of({"GRANT SELECT, INSERT ON *.* TO `a`@`%`", "REVOKE INSERT ON `mysql`.* FROM `a`@`%`"});
    CHECK(partial.has("INSERT", "shop") == answer::yes);
    CHECK(partial.has("INSERT", "mysql") == answer::no);
    const auto odd = of({"GRANT SELECT ON `x`.* TO `a`@`%`", "PERMIT everything"});
    CHECK(odd.has("SELECT", "x") == answer::yes);
    CHECK(odd.has("SELECT", "y") == answer::unknown);
    const auto quoted = of({"GRANT SELECT ON `we``ird ON x`.`t` TO `a`@`%`",
                            "GRANT EXECUTE ON PROCEDURE `x`.`p` TO `a`@`%`"});
    CHECK(quoted.has("SELECT", "we`ird ON x", "t") == answer::yes);
    CHECK(quoted.has("EXECUTE", "x") == answer::no);
}

TEST_CASE("findings become one error", "[check]") {
    using namespace dmlib::check;
    std::vector<check_item> items(3);
    items[0] = {
        "binlog_format", severity::error, false, "src", "it is MIXED", "SET it", std::nullopt};
    items[1] = {"version", severity::warning, false, "src", "old", "", std::nullopt};
    items[2] = {"table_schema", severity::error, false, "src", "bad", "fix", table_name{"a", "b"}};
    CHECK_FALSE(passed(items));
    const error e = to_error(items);
    CHECK(e.code() == errc::check_failed);
    CHECK(e.message() == "binlog_format: it is MIXED | table_schema: bad");
    CHECK(e.workaround() == "SET it | fix");
    items.erase(items.begin());
    items.pop_back();
    CHECK(passed(items));
}
