// Cuts a table into key ranges while it is being read. Pure.
#pragma once

#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/core/config.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

/// Hands out the ranges of one table, one after the other. With a key of one column it guesses
/// where `rows` rows end from the density of what was read so far, so that planning costs no query;
/// a reader that finds more rows than it wants gives the rest back. Not thread safe.
class range_planner {
public:
    struct settings {
        std::uint64_t rows = 200000;  ///< wanted per range
        std::uint64_t rows_estimate = 0;
        std::size_t key_columns = 1;
    };

    /// `missing`: the ranges to hand out, ordered.
    DMLIB_DECL range_planner(settings s, std::vector<checkpoint::key_range> missing);

    /// Smallest and largest value of the first key column. Without it the ranges are not cut.
    DMLIB_DECL void set_bounds(checkpoint::key_number least, checkpoint::key_number greatest);
    bool needs_bounds() const noexcept {
        return !bounds_ && settings_.rows_estimate > settings_.rows;
    }

    /// The next range; nothing when all are handed out.
    DMLIB_DECL std::optional<checkpoint::key_range> next();
    /// A range (or its rest) that was not read after all; handed out first.
    DMLIB_DECL void give_back(checkpoint::key_range rest);
    /// What a whole range turned out to hold.
    DMLIB_DECL void observe(const checkpoint::key_range& range, std::uint64_t rows);
    bool exhausted() const noexcept { return missing_.empty(); }

private:
    DMLIB_DECL std::optional<std::uint64_t> step() const;

    settings settings_;
    std::deque<checkpoint::key_range> missing_;
    struct bounds {
        checkpoint::key_number least;
        checkpoint::key_number greatest;
    };
    std::optional<bounds> bounds_;
    double keys_per_row_ = 1.0;
};

/// The value `distance` above `n`, or the greatest there is. `distance(a, b)`: b - a, b >= a.
DMLIB_DECL checkpoint::key_number advance(checkpoint::key_number n,
                                          std::uint64_t distance) noexcept;
DMLIB_DECL std::uint64_t distance(checkpoint::key_number a, checkpoint::key_number b) noexcept;

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dump/impl/range_planner.ipp>
#endif
