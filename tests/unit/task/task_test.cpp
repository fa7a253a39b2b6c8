// The life of a task on an executor: what is gone when its handler is called.
#include <dmlib/async/runner.hpp>
#include <dmlib/task/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <memory>

namespace {

using namespace dmlib;
namespace asio = boost::asio;

// A source that refuses the connection: the task ends soon, at its prechecks.
task_outcome expect_error(task_outcome out) {
    CHECK(out.result == task_result::error);
    return out;
}

void add_nowhere(task& t, asio::any_io_executor ex) {
    source_options from{.id = "s", .host = "127.0.0.1", .port = 1};
    t.add_source(source{ex, from});
}

asio::awaitable<task_outcome> ends_at_once(asio::any_io_executor ex) {
    task t{ex, {.name = "t"}};
    co_return co_await t.async_run(asio::use_awaitable);
}

asio::awaitable<void> ends_at_the_checks(asio::any_io_executor ex) {
    task t{ex, {.name = "t"}};
    add_nowhere(t, ex);
    t.on_progress([](const task_status&) {});
    co_await t.async_run(asio::use_awaitable);
}

}  // namespace

TEST_CASE("who waited for a task may destroy its executor") {
    for (int i = 0; i < 300; ++i) {
        async::runner runner;
        auto ex = runner.get_executor();
        expect_error(asio::co_spawn(ex, ends_at_once(ex), asio::use_future).get());
    }
}

TEST_CASE("a context may go away while a task runs") {
    for (int i = 0; i < 100; ++i) {
        asio::io_context context;
        asio::co_spawn(context, ends_at_the_checks(context.get_executor()), asio::detached);
        for (int step = 0; step < 1 + i % 2; ++step) context.run_one();
    }
}

TEST_CASE("a task may be destroyed while it runs") {
    for (int i = 0; i < 100; ++i) {
        asio::io_context context;
        bool called = false;
        {
            task t{context.get_executor(), {.name = "t"}};
            add_nowhere(t, context.get_executor());
            t.async_run([&](task_outcome) { called = true; });
        }
        context.run();
        CHECK(called);
    }
}

TEST_CASE("a task runs again behind its end, and on an executor without an io_context") {
    task t{asio::system_executor(), {.name = "t"}};
    for (int i = 0; i < 3; ++i) expect_error(t.async_run(asio::use_future).get());
}
