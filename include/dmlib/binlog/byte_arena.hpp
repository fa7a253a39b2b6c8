// Memory of decoded values that the event itself does not hold.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// Memory for values that do not stand in the event as they are (decompressed columns). Values
/// live until clear(). Not thread safe.
class byte_arena {
public:
    explicit byte_arena(std::size_t limit = std::size_t{1} << 30) : limit_(limit) {}
    /// Null where the limit would be passed.
    DMLIB_DECL std::uint8_t* allocate(std::size_t size);
    /// Keeps one block for reuse.
    DMLIB_DECL void clear() noexcept;
    std::size_t used() const noexcept { return used_; }

private:
    struct block {
        std::unique_ptr<std::uint8_t[]> bytes;
        std::size_t size = 0;
        std::size_t used = 0;
    };
    std::vector<block> blocks_;
    std::size_t used_ = 0;
    std::size_t limit_;
};

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/byte_arena.ipp>
#endif
