#include <dmlib/sync/impl/internal/mailbox.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace dmlib;
using sync::internal::mailbox;

TEST_CASE("small packets are copied into blocks, large ones lent until the block is gone") {
    mailbox box{std::size_t{64} << 20};
    const std::vector<std::uint8_t> small(100, 1);
    const std::vector<std::uint8_t> large(mailbox::lent_bytes, 2);
    std::atomic<int> done{0};
    std::thread reader([&] {
        for (const auto* packet : {&small, &large, &small}) {
            if (box.put(*packet)) ++done;
        }
    });
    auto first = box.take_block();
    while (!first) first = box.take_block();
    REQUIRE(first->ends.size() == 1);
    CHECK(first->event(0).size() == 100);
    CHECK(first->event(0).data() != small.data());
    auto second = box.take_block();
    while (!second) second = box.take_block();
    REQUIRE(second->ends.size() == 1);
    CHECK(second->event(0).data() == large.data());
    CHECK(second->event(0).size() == large.size());
    box.wait(true, std::chrono::milliseconds(20));
    CHECK(done == 1);
    CHECK_FALSE(box.take_block());  // the reader still waits
    second.reset();
    auto third = box.take_block();
    while (!third) third = box.take_block();
    reader.join();
    CHECK(done == 3);
    CHECK(third->event(0).size() == 100);
}

TEST_CASE("a closed mailbox lets go of the reader, whoever still has the packet") {
    mailbox box{std::size_t{64} << 20};
    const std::vector<std::uint8_t> large(mailbox::lent_bytes, 2);
    std::atomic<bool> taken{true};
    std::thread reader([&] { taken = box.put(large); });
    auto block = box.take_block();
    while (!block) block = box.take_block();
    box.close();
    reader.join();
    CHECK_FALSE(taken);
    block.reset();
}
