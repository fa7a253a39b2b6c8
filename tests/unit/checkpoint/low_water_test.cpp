#include <dmlib/checkpoint/low_water.hpp>
#include <dmlib/checkpoint/records.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace dmlib;
using namespace dmlib::checkpoint;

namespace {
location at(std::uint64_t pos) {
    return {{"binlog.000001", pos}, {}};
}
}  // namespace

TEST_CASE("a mark counts once the batches issued before it are committed") {
    low_water low{2, at(4)};
    const auto a = low.issue(0);
    const auto b = low.issue(1);
    low.mark(at(100));
    const auto c = low.issue(0);
    low.mark(at(200));
    CHECK(low.current().position.pos == 4);
    low.committed(0, a);
    CHECK(low.current().position.pos == 4);
    low.committed(0, c);
    CHECK(low.current().position.pos == 4);
    low.committed(1, b);
    CHECK(low.current().position.pos == 200);
    CHECK(low.idle());
    low.mark(at(300));
    CHECK(low.current().position.pos == 300);
}

TEST_CASE("the low-water mark is never ahead of an open batch, whatever the order") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random{seed};
        const std::uint32_t lanes = 1 + random() % 4;
        low_water low{lanes, at(4)};
        std::vector<std::vector<std::uint64_t>> open(lanes);  // positions of issued batches
        std::vector<std::uint64_t> done(lanes, 0);
        std::uint64_t pos = 10;
        for (int step = 0; step < 200; ++step) {
            const auto lane = static_cast<std::uint32_t>(random() % lanes);
            const auto what = random() % 3;
            if (what == 0) {
                low.issue(lane);
                open[lane].push_back(pos);
                pos += 10;
            } else if (what == 1) {
                low.mark(at(pos));
            } else if (done[lane] < open[lane].size()) {
                low.committed(lane, ++done[lane]);
            }
            std::uint64_t oldest = pos + 1;
            for (std::uint32_t l = 0; l < lanes; ++l) {
                if (done[l] < open[l].size()) oldest = std::min(oldest, open[l][done[l]]);
            }
            REQUIRE(low.current().position.pos <= oldest);
        }
    }
}

TEST_CASE("marks that wait for one batch are thinned out, and none is ahead") {
    low_water low{2, at(4)};
    const auto slow = low.issue(1);
    const std::uint64_t changes = 50 * low_water::most_marks;
    for (std::uint64_t n = 1; n <= changes; ++n) {
        low.issue(0);
        low.mark(at(100 + n));
        REQUIRE(low.pending_marks() <= low_water::most_marks);
    }
    low.committed(0, changes / 2);
    CHECK(low.current().position.pos == 4);
    low.committed(1, slow);
    // Behind no batch that is open, and not far before the first of them.
    CHECK(low.current().position.pos <= 100 + changes / 2);
    CHECK(low.current().position.pos > 100 + changes / 2 - changes / 100);
    low.committed(0, changes);
    CHECK(low.current().position.pos == 100 + changes);
    CHECK(low.idle());
}

TEST_CASE("row points follow the binlog's order") {
    const row_point a{{"binlog.999999", 4}, 0, 0};
    const row_point b{{"binlog.1000000", 4}, 0, 0};
    CHECK(compare(a, b) == std::strong_ordering::less);
    const row_point c{{"binlog.1000000", 4}, 0, 1};
    CHECK(compare(b, c) == std::strong_ordering::less);
    CHECK(compare(c, c) == std::strong_ordering::equal);
}
