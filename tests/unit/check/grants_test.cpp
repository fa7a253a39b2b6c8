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

TEST_CASE("grants of Aurora and RDS, as their SHOW GRANTS prints them", "[grants]") {
    using check::internal::snapshot_lock;
    using check::internal::snapshot_lock_of;
    const std::set<std::string> shop{"shop"};
    // Aurora MySQL 3 (8.0): the master account.
    const auto aurora = of(
        {"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, "
         "ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, "
         "REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, "
         "EVENT, TRIGGER, CREATE ROLE, DROP ROLE ON *.* TO `admin`@`%` WITH GRANT OPTION",
         "GRANT APPLICATION_PASSWORD_ADMIN,CONNECTION_ADMIN,REPLICATION_APPLIER,ROLE_ADMIN,"
         "SESSION_VARIABLES_ADMIN,SET_USER_ID,SHOW_ROUTINE,XA_RECOVER_ADMIN ON *.* TO `admin`@`%` "
         "WITH GRANT OPTION",
         "GRANT `rds_superuser_role`@`%` TO `admin`@`%` WITH ADMIN OPTION"});
    CHECK_FALSE(aurora.unclear());
    CHECK(aurora.has("REPLICATION SLAVE") == answer::yes);
    CHECK(aurora.has("CONNECTION_ADMIN") == answer::yes);
    CHECK(aurora.has("SUPER") == answer::no);
    // FLUSH TABLES WITH READ LOCK is refused there whatever the grants say.
    CHECK(snapshot_lock_of(aurora, shop, true) == snapshot_lock::tables_on_service);
    CHECK(snapshot_lock_of(aurora, shop, false) == snapshot_lock::global);
    // Aurora's own privileges, and an account without LOCK TABLES.
    const auto reader =
        of({"GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT, LOAD FROM "
            "S3, SELECT INTO S3, INVOKE LAMBDA, INVOKE SAGEMAKER, INVOKE "
            "COMPREHEND ON *.* TO 'dm'@'10.0.%' REQUIRE SSL",
            "GRANT `AWS_LOAD_S3_ACCESS`@`%`,`AWS_LAMBDA_ACCESS`@`%` TO `dm`@`10.0.%`"});
    CHECK_FALSE(reader.unclear());
    CHECK(reader.has("LOAD FROM S3") == answer::yes);
    CHECK(reader.has("REPLICATION CLIENT") == answer::yes);
    CHECK(snapshot_lock_of(reader, shop, true) == snapshot_lock::none_on_service);
    const auto by_schema = of(
        {"GRANT SELECT, RELOAD ON *.* TO `dm`@`%`", "GRANT LOCK TABLES ON `shop`.* TO `dm`@`%`"});
    CHECK(snapshot_lock_of(by_schema, shop, true) == snapshot_lock::tables_on_service);
    CHECK(snapshot_lock_of(by_schema, {"shop", "other"}, true) == snapshot_lock::none_on_service);
    // RDS for MySQL 8.0: all privileges but those of the service, and what is kept from it.
    const auto rds =
        of({"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, "
            "LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO "
            "`admin`@`%` WITH GRANT OPTION",
            "REVOKE INSERT, UPDATE, DELETE, CREATE, DROP ON `mysql`.* FROM `admin`@`%`",
            "REVOKE INSERT, UPDATE, DELETE, CREATE, DROP ON `sys`.* FROM `admin`@`%`"});
    CHECK(rds.has("INSERT", "shop") == answer::yes);
    CHECK(rds.has("INSERT", "mysql") == answer::no);
    const auto nothing = of({"GRANT SELECT ON *.* TO `dm`@`%`"});
    CHECK(snapshot_lock_of(nothing, shop, false) == snapshot_lock::none);
    CHECK(snapshot_lock_of(by_schema, shop, false) == snapshot_lock::global);
    CHECK(snapshot_lock_of(of({"PERMIT everything"}), shop, false) == snapshot_lock::tables);
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
