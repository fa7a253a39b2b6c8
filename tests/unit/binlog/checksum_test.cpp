#include <dmlib/binlog/impl/internal/checksum.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog::internal;

TEST_CASE("the checksum is zlib's for every size and place", "[checksum]") {
    std::mt19937 random(4);
    std::vector<std::uint8_t> bytes(70000);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
    for (std::size_t size = 0; size < 600; ++size) {
        for (std::size_t from = 0; from < 17; ++from) {
            const byte_view part{bytes.data() + from, size};
            const auto before = static_cast<std::uint32_t>(random());
            if (crc_of(part, before) != zlib_crc(part, before)) FAIL(size << " at " << from);
        }
    }
    CHECK(crc_of(bytes) == zlib_crc(bytes, 0));
    // Any cut gives the same sum.
    for (std::size_t cut = 0; cut < bytes.size(); cut += 997) {
        const byte_view all(bytes);
        if (crc_of(all.subspan(cut), crc_of(all.first(cut))) != crc_of(all)) FAIL("cut " << cut);
    }
    CHECK(crc_of(as_bytes("123456789")) == 0xcbf43926);
}
