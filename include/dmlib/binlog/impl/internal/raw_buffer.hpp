// Memory that is not cleared when it is got: a size that lies costs address space, not pages.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/config.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

class raw_buffer {
public:
    /// At least `size` bytes; what was kept by `used` stays.
    std::uint8_t* ensure(std::size_t size, std::size_t used = 0) {
        if (size > capacity_) {
            const std::size_t grown = std::max<std::size_t>(size, 4096);
            auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(grown);
            if (used != 0) std::memcpy(bytes.get(), bytes_.get(), used);
            bytes_ = std::move(bytes);
            capacity_ = grown;
        }
        return bytes_.get();
    }
    /// The same for a buffer that grows in many steps: at least doubles.
    std::uint8_t* grow(std::size_t size, std::size_t used) {
        return ensure(size > capacity_ ? std::max(size, capacity_ * 2) : size, used);
    }
    /// Gives memory back where it is much more than an ordinary event needs.
    void trim() noexcept {
        if (capacity_ <= (std::size_t{1} << 20)) return;
        bytes_.reset();
        capacity_ = 0;
    }
    std::uint8_t* data() noexcept { return bytes_.get(); }

private:
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t capacity_ = 0;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
