// Copies a database and follows its changes until the copy has caught up, inside this program.
//   example_migrate SOURCE_PORT TARGET_PORT [ours|library]
// The work runs on an io_context of this program, or on one that the library keeps (`library`).
// Give the patterns, users and hosts of your own servers below.
#include <dmlib/async/runner.hpp>
#include <dmlib/dmlib.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace asio = boost::asio;

namespace {

void show(const dmlib::task_status& status) {
    for (const auto& part : status.sources) {
        std::fprintf(stderr,
                     "%s: %s, %llu rows\n",
                     part.source.c_str(),
                     std::string(dmlib::to_string(part.unit)).c_str(),
                     static_cast<unsigned long long>(part.rows_done));
    }
}

asio::awaitable<dmlib::task_outcome> migrate(asio::any_io_executor ex,
                                             std::uint16_t source_port,
                                             std::uint16_t target_port) {
    dmlib::source_options from{.id = "mysql-01", .host = "127.0.0.1", .port = source_port};
    dmlib::source src{ex, from};
    dmlib::task_options options{.name = "orders", .mode = dmlib::task_mode::all};
    options.target.host = "127.0.0.1";
    options.target.port = target_port;
    options.until.what = dmlib::until_options::kind::caught_up;
    dmlib::task task{ex, options};
    task.add_source(src,
                    dmlib::filter{}.allow("shop_*.order_*"),
                    dmlib::router{}.route("shop_*.order_*", "shop.orders"));
    task.on_progress(show);
    co_return co_await task.async_run(asio::use_awaitable);
}

int report(const dmlib::task_outcome& outcome) {
    if (outcome.error) std::fprintf(stderr, "%s\n", outcome.error->to_string().c_str());
    std::printf("%s\n", std::string(dmlib::to_string(outcome.result)).c_str());
    return outcome.result == dmlib::task_result::caught_up ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: example_migrate SOURCE_PORT TARGET_PORT [ours|library]\n");
        return 2;
    }
    const auto source_port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    const auto target_port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    if (argc > 3 && std::string(argv[3]) == "library") {
        dmlib::async::runner runner;
        auto ex = runner.get_executor();
        auto outcome = asio::co_spawn(ex, migrate(ex, source_port, target_port), asio::use_future);
        return report(outcome.get());
    }
    asio::io_context context;
    dmlib::task_outcome outcome;
    asio::co_spawn(context,
                   migrate(context.get_executor(), source_port, target_port),
                   [&outcome](std::exception_ptr fault, dmlib::task_outcome done) {
                       if (fault) std::rethrow_exception(fault);
                       outcome = std::move(done);
                   });
    context.run();
    return report(outcome);
}
