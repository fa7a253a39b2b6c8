#pragma once

#include <dmlib/binlog/byte_arena.hpp>

#include <algorithm>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

DMLIB_DECL std::uint8_t* byte_arena::allocate(std::size_t size) {
    if (size > limit_ || used_ > limit_ - size) return nullptr;
    if (blocks_.empty() || blocks_.back().size - blocks_.back().used < size) {
        block b;
        b.size = std::max<std::size_t>(size, 4096);
        b.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(b.size);
        blocks_.push_back(std::move(b));
    }
    block& b = blocks_.back();
    std::uint8_t* at = b.bytes.get() + b.used;
    b.used += size;
    used_ += size;
    return at;
}

DMLIB_DECL void byte_arena::clear() noexcept {
    used_ = 0;
    if (blocks_.empty()) return;
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    blocks_.back().used = 0;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
