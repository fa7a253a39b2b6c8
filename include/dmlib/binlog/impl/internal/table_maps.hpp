// The table maps of the running statement, and a cache of parsed ones.
#pragma once

#include <dmlib/binlog/table_map.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

class table_maps {
public:
    using map_pointer = std::shared_ptr<const table_map>;

    /// A table of the running statement. The cache keeps the map: nothing is thrown out of it
    /// before the statement's end.
    struct live_map {
        const map_pointer* map = nullptr;
        bool ignored = false;
    };

    /// The map of an event's body; the parsed object of before where the bytes are the same.
    /// Lifetime: until the next call of add() or end_statement().
    result<const map_pointer*> add(std::uint64_t id,
                                   std::uint16_t flags,
                                   byte_view body,
                                   flavor dialect) {
        map_pointer& slot = cached(id);
        if (!slot || slot->flags() != flags || as_text(slot->body()) != as_text(body)) {
            auto parsed = table_map::parse(id, flags, body, dialect);
            if (!parsed) {
                end_statement();
                return parsed.error();
            }
            slot = std::move(*parsed);
            cached_bytes_ += body.size();
        }
        if (live_map* live = find(id)) {
            live->ignored = false;
        } else {
            live_.push_back({&slot, false});
        }
        return &slot;
    }

    live_map* find(std::uint64_t id) noexcept {
        for (live_map& live : live_) {
            if ((*live.map)->table_id() == id) return &live;
        }
        return nullptr;
    }
    void ignore(const table_map& table) noexcept {
        for (live_map& live : live_) live.ignored = live.ignored || live.map->get() == &table;
    }
    /// True where the statement has tables and none of them is wanted.
    bool all_ignored() const noexcept {
        return !live_.empty() &&
               std::all_of(live_.begin(), live_.end(), [](const auto& l) { return l.ignored; });
    }
    void end_statement() noexcept {
        live_.clear();
        if (cached_bytes_ > max_cached_bytes) forget();
    }
    /// Also throws away what was parsed.
    void forget() noexcept {
        live_.clear();
        recent_.fill({});
        cache_.clear();
        cached_bytes_ = 0;
    }

private:
    static constexpr std::size_t max_cached_bytes = std::size_t{1} << 20;

    /// The place of a map in the cache: a small table for what was used last, then all.
    map_pointer& cached(std::uint64_t id) {
        recent& r = recent_[id % recent_.size()];
        if (r.slot == nullptr || r.id != id) r = {id, &cache_[id]};
        return *r.slot;
    }

    struct recent {
        std::uint64_t id = 0;
        map_pointer* slot = nullptr;  // places in an unordered_map stay where they are
    };
    std::vector<live_map> live_;
    std::array<recent, 64> recent_{};
    std::unordered_map<std::uint64_t, map_pointer> cache_;
    std::size_t cached_bytes_ = 0;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
