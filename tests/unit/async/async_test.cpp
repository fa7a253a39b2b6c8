#include <dmlib/async/back_off.hpp>
#include <dmlib/async/blocking_pool.hpp>
#include <dmlib/async/byte_channel.hpp>
#include <dmlib/async/deadline.hpp>
#include <dmlib/async/runner.hpp>
#include <dmlib/async/system.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <thread>

using namespace dmlib;
using namespace dmlib::async;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct fixed_random final : random_source {
    std::uint64_t value = 0;
    std::uint64_t next() override { return value; }
};

std::vector<long> waits(back_off& b, random_source& r, int n) {
    std::vector<long> out;
    std::chrono::nanoseconds now{5s};
    for (int i = 0; i < n; ++i) {
        const auto w = b.next(now, r);
        if (!w) break;
        out.push_back(static_cast<long>(w->count()));
        now += *w;
    }
    return out;
}

}  // namespace

TEST_CASE("back-off grows, is capped, gives up", "[back_off]") {
    fixed_random none;
    back_off_options o;
    o.min = 100ms;
    o.max = 1000ms;
    o.give_up_after = 3s;
    back_off b(o);
    CHECK(waits(b, none, 20) == std::vector<long>{100, 200, 400, 800, 1000, 500});
    CHECK(b.failures() == 7);
    CHECK(b.all_failures() == 7);
    b.worked(0s);
    CHECK(b.failures() == 0);
    CHECK(b.all_failures() == 7);
    CHECK_FALSE(b.failing_since());
    CHECK(waits(b, none, 2) == std::vector<long>{100, 200});
    o.give_up_after.reset();
    back_off forever(o);
    CHECK(waits(forever, none, 100).size() == 100);
    fixed_random most;
    most.value = ~std::uint64_t{0};
    back_off shaken(o);
    CHECK(waits(shaken, most, 2) == std::vector<long>{75, 150});
}

TEST_CASE("back-off rolls back step by step while things work", "[back_off]") {
    fixed_random none;
    back_off_options o;
    o.min = 1s;
    o.max = 60s;
    o.rollback = 10s;
    o.give_up_after.reset();
    back_off b(o);
    std::chrono::nanoseconds now{0};
    const auto fail = [&] {
        const auto w = b.next(now, none);
        REQUIRE(w);
        return w->count() / 1000;
    };
    CHECK(fail() == 1);
    CHECK(fail() == 2);
    CHECK(fail() == 4);
    b.worked(now);  // too short to count: the series goes on where it was
    now += 9s;
    CHECK(fail() == 8);
    CHECK(b.failures() == 1);
    b.worked(now);
    now += 25s;  // two stretches: one eaten by the failure that comes
    CHECK(fail() == 4);
    b.worked(now);
    now += 24h;
    CHECK(fail() == 1);
    for (int i = 0; i < 10; ++i) fail();
    CHECK(fail() == 60);
    b.worked(now);
    now += 10s;
    CHECK(fail() == 60);
    o.factor = 1;
    b = back_off(o);
    fail();
    b.worked(now);
    now += 24h;
    CHECK(fail() == 1);
}

TEST_CASE("back-off that is not enabled, or has a least wait", "[back_off]") {
    fixed_random most;
    most.value = ~std::uint64_t{0};
    back_off_options o;
    o.enabled = false;
    back_off off(o);
    CHECK_FALSE(off.next(0s, most));
    CHECK(off.all_failures() == 1);
    o = {};
    o.min = 100ms;
    o.least = 5s;
    o.max = 8s;
    o.factor = 100;
    o.jitter = 0;
    o.give_up_after = 20s;
    back_off b(o);
    CHECK(waits(b, most, 20) == std::vector<long>{5000, 8000, 7000});
}

TEST_CASE("what a series of failures ends with", "[back_off]") {
    error last{errc::db_connection_lost, "server has gone away"};
    last.task("t").source("s").position("b.1", 4, "0-1-2").table("a", "b").server_errno(2006);
    const error e = gave_up({}, last, "target h:1");
    CHECK(e.code() == errc::task_gave_up);
    CHECK(e.message() == "target h:1 stayed away: server has gone away");
    CHECK(e.workaround().find("db-connection-lost") != std::string::npos);
    CHECK(e.place().binlog_file == "b.1");
    CHECK(e.place().table == "b");
    CHECK(e.server_errno() == 2006);
    back_off_options off;
    off.enabled = false;
    const error same = gave_up(off, last, {});
    CHECK(same.code() == errc::db_connection_lost);
    CHECK(same.workaround().find("check-enable") != std::string::npos);
}

TEST_CASE("clocks and numbers", "[system]") {
    system_clock_source c;
    const auto a = c.steady_time();
    CHECK(c.steady_time() >= a);
    CHECK(c.unix_time() > 1700000000s);
    system_random_source r;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(r.next());
    CHECK(seen.size() == 1000);
}

TEST_CASE("a channel is bounded by bytes and keeps the order", "[channel]") {
    byte_channel<int> ch({.max_bytes = 100, .max_items = 1000});
    std::size_t most = 0;
    std::thread producer([&] {
        for (int i = 0; i < 2000; ++i) REQUIRE(ch.push(i, 30));
        ch.close();
    });
    int expected = 0;
    while (auto item = ch.pop()) {
        most = std::max(most, ch.bytes());
        if (*item != expected) break;
        ++expected;
    }
    producer.join();
    CHECK(expected == 2000);
    CHECK(most <= 100);
    CHECK(ch.drained());
    CHECK_FALSE(ch.push(1, 1));
}

TEST_CASE("an item larger than the channel passes alone", "[channel]") {
    byte_channel<std::string> ch({.max_bytes = 10, .max_items = 4});
    CHECK(ch.push("large", 1000));
    std::string more = "more";
    CHECK_FALSE(ch.try_push(more, 1));
    CHECK(more == "more");
    CHECK(ch.pop() == std::string("large"));
    CHECK(ch.try_push(more, 1));
    CHECK(ch.try_pop() == std::string("more"));
    CHECK_FALSE(ch.pop_for(1ms));
}

TEST_CASE("failure wakes everyone and drops what is queued", "[channel]") {
    byte_channel<int> ch({.max_bytes = 10, .max_items = 1});
    REQUIRE(ch.push(1, 1));
    std::thread blocked([&] { CHECK_FALSE(ch.push(2, 1)); });
    std::this_thread::sleep_for(20ms);
    ch.fail(error(errc::db_connection_lost));
    blocked.join();
    CHECK_FALSE(ch.pop());
    CHECK(ch.failure()->code() == errc::db_connection_lost);
}

TEST_CASE("several producers and consumers lose nothing", "[channel]") {
    byte_channel<int> ch({.max_bytes = 64, .max_items = 8});
    std::atomic<long> sum{0};
    std::vector<std::thread> threads;
    std::atomic<int> producing{4};
    for (int p = 0; p < 4; ++p) {
        threads.emplace_back([&] {
            for (int i = 1; i <= 1000; ++i) ch.push(i, static_cast<std::size_t>(i % 70));
            if (--producing == 0) ch.close();
        });
    }
    for (int c = 0; c < 3; ++c) {
        threads.emplace_back([&] {
            while (auto v = ch.pop()) sum += *v;
        });
    }
    for (auto& t : threads) t.join();
    CHECK(sum == 4 * 500500);
}

TEST_CASE("coroutines pop from a channel that threads fill", "[channel]") {
    asio::io_context io;
    byte_channel<int> ch({.max_bytes = 8, .max_items = 8});
    int got = 0;
    std::thread producer([&] {
        for (int i = 0; i < 500; ++i) ch.push(i, 4);
        ch.close();
    });
    auto reader = [&]() -> asio::awaitable<void> {
        for (;;) {
            auto item = co_await ch.async_pop(io.get_executor(), asio::use_awaitable);
            if (!item) break;
            CHECK(*item == got);
            ++got;
        }
    };
    asio::co_spawn(io, reader, asio::detached);
    io.run();
    producer.join();
    CHECK(got == 500);
}

TEST_CASE("the pool runs blocking work and posts the result", "[pool]") {
    asio::io_context io;
    blocking_pool pool;
    const auto main_thread = std::this_thread::get_id();
    std::unique_ptr<int> result;
    bool other_thread = false;
    bool void_done = false;
    auto body = [&]() -> asio::awaitable<void> {
        auto work = [&] {
            other_thread = std::this_thread::get_id() != main_thread;
            return std::make_unique<int>(42);
        };
        result = co_await pool.async_run(io.get_executor(), work, asio::use_awaitable);
        CHECK(std::this_thread::get_id() == main_thread);
        auto nothing = [] { std::this_thread::sleep_for(5ms); };
        co_await pool.async_run(io.get_executor(), nothing, asio::use_awaitable);
        void_done = true;
    };
    asio::co_spawn(io, body, asio::detached);
    io.run();  // ends only when the work on the pool came back
    REQUIRE(result);
    CHECK(*result == 42);
    CHECK(other_thread);
    CHECK(void_done);
}

TEST_CASE("jobs of an unlimited pool do not wait for each other", "[pool]") {
    blocking_pool pool;
    byte_channel<int> ping, pong;
    pool.post([&] { pong.push(ping.pop().value(), 1); });
    pool.post([&] { ping.push(7, 1); });
    CHECK(pong.pop() == 7);
    std::atomic<int> done{0};
    for (int i = 0; i < 100; ++i) pool.post([&] { ++done; });
    pool.join();
    CHECK(done == 100);
    blocking_pool small(2);
    for (int i = 0; i < 50; ++i) small.post([&] { ++done; });
    CHECK(small.threads() <= 2);
    small.join();
    CHECK(done == 150);
    small.post([&] { small.post([&] { ++done; }); });
    small.join();
    CHECK(done == 151);
}

TEST_CASE("a deadline cancels", "[deadline]") {
    asio::io_context io;
    std::optional<errc> slow;
    int quick = 0;
    auto wait_long = []() -> asio::awaitable<result<int>> {
        co_await sleep_for(10s);
        co_return 1;
    };
    auto answer = []() -> asio::awaitable<result<int>> { co_return 5; };
    auto body = [&]() -> asio::awaitable<void> {
        auto first = with_deadline(wait_long(), 20ms);
        auto r = co_await std::move(first);
        if (!r) slow = r.error().code();
        auto second = with_deadline(answer(), 1s);
        auto q = co_await std::move(second);
        quick = q.value();
    };
    asio::co_spawn(io, body, asio::detached);
    const auto start = std::chrono::steady_clock::now();
    io.run();
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(slow == errc::db_time_out);
    CHECK(quick == 5);
}

TEST_CASE("a runner runs handlers until it is finished or stopped", "[runner]") {
    std::atomic<int> n{0};
    {
        runner r(2);
        for (int i = 0; i < 100; ++i) asio::post(r.get_executor(), [&] { ++n; });
        r.finish();
        CHECK(n == 100);
    }
    runner idle;
    auto f = asio::post(idle.get_executor(), asio::use_future);
    f.get();
    idle.stop();
    idle.stop();
}
