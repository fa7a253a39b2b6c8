// Which lane a row goes to and what it has to wait for. Pure bookkeeping; no SQL.
//
// A lane is one target session with its own transactions. A row's home lane is fixed by the hash
// of its identity key, so rows with the same identity stay in order without further care. Rows of
// different lanes that share a value of any unique key get an edge: "after lane L has committed
// its batch number N". Edges always point to batches that were sealed before the waiting batch
// began, so they cannot form a circle.
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

/// "Batch `sequence` of lane `lane`." Sequences count from 1 in each lane.
struct lane_point {
    std::uint32_t lane = 0;
    std::uint64_t sequence = 0;
    bool operator==(const lane_point&) const = default;
};

/// The hashes of the unique keys that one row change touches (both images), identity first.
/// A hash names a key of a table and a value; equal values always give equal hashes, unequal
/// values may collide, which costs an edge and never an error.
struct row_keys {
    std::uint64_t identity = 0;          ///< decides the lane
    std::span<const std::uint64_t> all;  ///< every unique value touched, the identity's too
};

/// Not thread safe.
class lane_book {
public:
    DMLIB_DECL explicit lane_book(std::uint32_t lanes);

    std::uint32_t lanes() const noexcept { return static_cast<std::uint32_t>(committed_.size()); }
    /// The home lane of an identity hash; the same in every run with the same number of lanes.
    DMLIB_DECL std::uint32_t home(std::uint64_t identity) const noexcept;

    /// Appends the batches of other lanes that have to be committed before the row may run in
    /// `lane`. Nothing is recorded.
    DMLIB_DECL void find_edges(std::uint32_t lane,
                               std::span<const std::uint64_t> keys,
                               std::vector<lane_point>& edges) const;
    /// Appends the newest batch with a row of every other lane.
    DMLIB_DECL void find_every(std::uint32_t lane, std::vector<lane_point>& edges) const;
    /// Appends the newest batch of every other lane that was marked with `mark`.
    DMLIB_DECL void find_marked(std::uint64_t mark,
                                std::uint32_t lane,
                                std::vector<lane_point>& edges) const;
    /// Remembers that batch `at` holds a row whose conflicts are not known: those that may be in
    /// conflict ask for the same mark. Marks are few: one or two a table.
    DMLIB_DECL void mark(std::uint64_t mark, lane_point at);
    bool has_marks() const noexcept { return !marks_.empty(); }
    /// Records that the row with these keys stands in batch `at`.
    DMLIB_DECL void record(lane_point at, std::span<const std::uint64_t> keys);
    /// Batch `sequence` of `lane` and all before it are committed.
    DMLIB_DECL void committed(lane_point at);
    bool is_committed(lane_point at) const noexcept { return committed_[at.lane] >= at.sequence; }
    /// Number of key values remembered (for memory accounting: about 48 bytes each).
    std::size_t size() const noexcept { return last_touch_.size(); }

private:
    void sweep();
    void add_edge(lane_point at, std::uint32_t lane, std::vector<lane_point>& edges) const;

    std::vector<std::uint64_t> committed_;
    std::vector<std::uint64_t> newest_;  // per lane, of the batches with rows
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> marks_;  // per lane
    std::unordered_map<std::uint64_t, lane_point> last_touch_;
    std::size_t sweep_at_ = 1 << 14;
};

/// Mixes bytes into a 64-bit hash. Stable across versions and machines: lanes depend on it.
class stable_hash {
public:
    explicit stable_hash(std::uint64_t seed) noexcept : state_(seed ^ 0x9e3779b97f4a7c15ULL) {}
    void add(std::uint64_t n) noexcept {
        state_ ^= n;
        state_ *= 0xff51afd7ed558ccdULL;
        state_ ^= state_ >> 32;
    }
    DMLIB_DECL void add(std::span<const std::uint8_t> bytes) noexcept;
    std::uint64_t value() const noexcept {
        std::uint64_t h = state_;
        h ^= h >> 33;
        h *= 0xc4ceb9fe1a85ec53ULL;
        return h ^ (h >> 29);
    }

private:
    std::uint64_t state_;
};

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/lanes.ipp>
#endif
