#include <dmlib/coordinator.hpp>

#include <catch2/catch.hpp>

using namespace dmlib;

namespace {
shard_ddl ddl_of(const char* task) {
    shard_ddl ddl;
    ddl.task = task;
    ddl.source = "mysql-01";
    ddl.source_table = {"shop_1", "orders"};
    ddl.target_table = {"shop", "orders"};
    ddl.statement = "ALTER TABLE orders ADD c INT";
    return ddl;
}
}  // namespace

TEST_CASE("the local coordinator refuses lock modes and says what to do") {
    const auto c = make_local_coordinator();
    for (const auto mode : {shard_mode::pessimistic, shard_mode::optimistic}) {
        const auto joined = c->join("orders", mode);
        REQUIRE(joined.has_error());
        CHECK(joined.error().code() == errc::config_not_supported);
        CHECK(joined.error().place().task == "orders");
        CHECK(joined.error().workaround().find("shard-mode") != std::string::npos);
    }
    CHECK(c->decide(ddl_of("orders")).has_error());  // a refused task has not joined
}

TEST_CASE("without a lock mode every DDL runs at once") {
    const auto c = make_local_coordinator();
    REQUIRE(c->join("orders", shard_mode::none).has_value());
    REQUIRE(c->join("orders", shard_mode::none).has_value());
    const auto decision = c->decide(ddl_of("orders"));
    REQUIRE(decision.has_value());
    CHECK(decision->verdict == shard_verdict::run);
    CHECK(decision->statements == std::vector<std::string>{"ALTER TABLE orders ADD c INT"});
    CHECK(c->done(ddl_of("orders"), decision->lock).has_value());
    CHECK(c->locks().empty());
}

TEST_CASE("a task that has not joined or has left gets no decision") {
    const auto c = make_local_coordinator();
    const auto early = c->decide(ddl_of("orders"));
    REQUIRE(early.has_error());
    CHECK(early.error().code() == errc::config_bad_reference);
    CHECK(early.error().place().table == "orders");
    REQUIRE(c->join("orders", shard_mode::none).has_value());
    c->leave("orders");
    c->leave("never joined");
    CHECK(c->decide(ddl_of("orders")).has_error());
}
