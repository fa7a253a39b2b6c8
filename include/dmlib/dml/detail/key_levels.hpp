// Which rows of a batch must stand behind which: a small hash table from key hashes to the last
// row that touched them.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

/// Open addressing, linear probing. Memory is kept until the object goes.
class key_levels {
public:
    struct entry {
        std::uint64_t key = 0;
        std::uint32_t level = 0;  ///< 0: free
        std::uint32_t group = 0;  ///< of the last row
        std::uint32_t row = none;
        /// Another row with this hash stands in the same group: what follows one of them could
        /// have to stand behind the other.
        bool shared = false;
    };
    static constexpr std::uint32_t none = 0xffffffff;  ///< the row is not one of several

    /// The key's entry, or null. Valid until the next put().
    const entry* find(std::uint64_t key) const noexcept {
        if (slots_.empty()) return nullptr;
        const entry& e = slots_[place(key)];
        return e.level == 0 ? nullptr : &e;
    }

    void put(const entry& last) {
        if ((used_ + 1) * 2 > slots_.size()) grow();
        entry& e = slots_[place(last.key)];
        if (e.level == 0) ++used_;
        e = last;
    }

private:
    std::size_t place(std::uint64_t key) const noexcept {
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = static_cast<std::size_t>(key ^ (key >> 32)) & mask;
        while (slots_[i].level != 0 && slots_[i].key != key) i = (i + 1) & mask;
        return i;
    }

    void grow() {
        std::vector<entry> old(slots_.empty() ? 256 : slots_.size() * 2);
        old.swap(slots_);
        for (const entry& e : old)
            if (e.level != 0) slots_[place(e.key)] = e;
    }

    std::vector<entry> slots_;  // a power of two of them
    std::size_t used_ = 0;
};

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
