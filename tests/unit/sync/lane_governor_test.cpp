#include <dmlib/sync/impl/internal/lane_governor.hpp>

#include <catch2/catch.hpp>

#include <functional>

using dmlib::sync::internal::lane_governor;

namespace {

using rate_of = std::function<double(std::uint32_t)>;

/// A target whose rate depends on the lanes only; looked at every 50 ms.
std::uint32_t after(lane_governor& g, double seconds, const rate_of& rate, bool saturated = true) {
    static lane_governor::time at{};
    static double rows = 0;
    for (double t = 0; t < seconds; t += 0.05) {
        at += std::chrono::milliseconds(50);
        rows += rate(g.busy_lanes()) * 0.05;
        g.look(at,
               static_cast<std::uint64_t>(rows),
               static_cast<std::uint64_t>(rows / 500),
               saturated);
    }
    return g.busy_lanes();
}

/// The share of the time in which the lanes are as many as `wanted` says.
double share(lane_governor& g,
             const rate_of& rate,
             const std::function<bool(std::uint32_t)>& wanted) {
    int good = 0;
    for (int i = 0; i < 2000; ++i) good += wanted(after(g, 0.05, rate)) ? 1 : 0;
    return good / 2000.0;
}

}  // namespace

TEST_CASE("lanes that wait for each other become few") {
    lane_governor g(16);
    const auto rate = [](std::uint32_t n) { return 100000.0 / (1 + 0.05 * n); };
    after(g, 10, rate);
    CHECK(share(g, rate, [](std::uint32_t n) { return n <= 2; }) > 0.9);
}

TEST_CASE("a target far away gets all lanes") {
    lane_governor g(16);
    const auto rate = [](std::uint32_t n) { return 5000.0 * n; };
    after(g, 10, rate);
    CHECK(share(g, rate, [](std::uint32_t n) { return n == 16; }) > 0.9);
}

TEST_CASE("more lanes without more rows are not kept") {
    lane_governor g(16);
    const auto rate = [](std::uint32_t n) { return n < 4 ? 10000.0 * n : 40000.0; };
    after(g, 10, rate);
    CHECK(share(g, rate, [](std::uint32_t n) { return n == 4; }) > 0.85);
}

TEST_CASE("the number follows a target that changes") {
    lane_governor g(16);
    after(g, 20, [](std::uint32_t n) { return 5000.0 * n; });
    const auto rate = [](std::uint32_t n) { return 100000.0 / n; };
    after(g, 120, rate);
    CHECK(share(g, rate, [](std::uint32_t n) { return n <= 2; }) > 0.8);
}

TEST_CASE("a stretch of few batches says nothing") {
    lane_governor g(16);
    lane_governor::time at{};
    for (std::uint64_t i = 0; i < 100; ++i) {
        at += std::chrono::milliseconds(50);
        CHECK_FALSE(g.look(at, i * 1000, i / 20, true));
    }
}

TEST_CASE("without a backlog nothing is concluded") {
    lane_governor g(16);
    CHECK(after(g, 60, [](std::uint32_t n) { return 5000.0 * n; }, false) == lane_governor::first);
    CHECK(lane_governor(2).busy_lanes() == 2);
    CHECK(lane_governor(0).busy_lanes() == 1);
}
