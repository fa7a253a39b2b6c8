// The table maps of the running statement, and a cache of parsed ones.
#pragma once

#include <dmlib/binlog/table_map.hpp>

#include <memory>
#include <unordered_map>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

class table_maps {
public:
    /// The map of an event's body; the parsed object of before where the bytes are the same.
    result<std::shared_ptr<const table_map>> add(std::uint64_t id,
                                                 std::uint16_t flags,
                                                 byte_view body,
                                                 flavor dialect) {
        auto& slot = cache_[id];
        if (!slot || slot->flags() != flags || as_text(slot->body()) != as_text(body)) {
            auto parsed = table_map::parse(id, flags, body, dialect);
            if (!parsed) {
                cache_.erase(id);
                return parsed.error();
            }
            slot = std::move(*parsed);
            cached_bytes_ += body.size();
        }
        auto map = slot;
        for (auto& live : live_) {
            if (live->table_id() == id) {
                live = map;
                return map;
            }
        }
        live_.push_back(map);
        if (cached_bytes_ > max_cached_bytes) {
            cache_.clear();
            cached_bytes_ = 0;
        }
        return map;
    }

    const std::shared_ptr<const table_map>* find(std::uint64_t id) const noexcept {
        for (const auto& live : live_) {
            if (live->table_id() == id) return &live;
        }
        return nullptr;
    }
    void end_statement() noexcept { live_.clear(); }

private:
    static constexpr std::size_t max_cached_bytes = std::size_t{1} << 20;
    std::vector<std::shared_ptr<const table_map>> live_;
    std::unordered_map<std::uint64_t, std::shared_ptr<const table_map>> cache_;
    std::size_t cached_bytes_ = 0;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
