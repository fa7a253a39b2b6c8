#include <dmlib/sync/impl/internal/commit_turns.hpp>

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using dmlib::sync::internal::commit_turns;
using namespace std::chrono_literals;

TEST_CASE("turns come one after the other, whoever asks first") {
    commit_turns turns;
    std::vector<int> order;
    std::vector<std::thread> threads;
    for (int turn = 4; turn >= 1; --turn) {
        threads.emplace_back([&, turn] {
            const auto n = static_cast<std::uint64_t>(turn);
            if (turns.wait(n, std::nullopt) != commit_turns::answer::go) return;
            order.push_back(turn);
            turns.done(n);
        });
    }
    for (auto& t : threads) t.join();
    CHECK(order == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("who waits with locks gives up after its patience, and may come again") {
    commit_turns turns;
    CHECK(turns.wait(2, 1ms) == commit_turns::answer::late);
    CHECK(turns.wait(1, 1ms) == commit_turns::answer::go);
    turns.done(1);
    CHECK(turns.wait(2, 1ms) == commit_turns::answer::go);
}

TEST_CASE("the end wakes everybody who waits for a turn") {
    commit_turns turns;
    auto said = commit_turns::answer::go;
    std::thread waits([&] { said = turns.wait(2, std::nullopt); });
    turns.close();
    waits.join();
    CHECK(said == commit_turns::answer::closed);
    CHECK(turns.wait(1, 1ms) == commit_turns::answer::closed);
}
