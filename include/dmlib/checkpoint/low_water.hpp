// The low-water mark: the place before which everything is committed on every lane.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/model/position.hpp>

#include <cstdint>
#include <deque>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace checkpoint {

/// Batches get sequence numbers per lane; a mark says "all batches issued so far hold everything
/// before this location". The low-water mark is the newest mark whose batches are all committed.
/// Marks that wait are thinned out evenly when they are many: memory stays bounded however long one
/// lane takes. Not thread safe.
class low_water {
public:
    static constexpr std::size_t most_marks = 4096;

    DMLIB_DECL low_water(std::uint32_t lanes, location start);

    /// The next sequence number of a lane's batches; counts from 1.
    DMLIB_DECL std::uint64_t issue(std::uint32_t lane);
    /// Everything before `where` stands in batches issued so far (or needs none).
    DMLIB_DECL void mark(location where);
    /// Batches of a lane are committed in order.
    DMLIB_DECL void committed(std::uint32_t lane, std::uint64_t sequence);
    const location& current() const noexcept { return current_; }
    /// True where no issued batch is open.
    DMLIB_DECL bool idle() const noexcept;
    std::size_t pending_marks() const noexcept { return marks_.size(); }

private:
    struct pending {
        location where;
        std::vector<std::uint64_t> needs;  // per lane
    };
    DMLIB_DECL void advance();
    DMLIB_DECL void thin_out();

    std::vector<std::uint64_t> issued_;
    std::vector<std::uint64_t> committed_;
    std::deque<pending> marks_;
    std::size_t stride_ = 1;  // one mark of so many is kept
    std::size_t steps_ = 0;   // marks since the last one that is kept
    location current_;
};

}  // namespace checkpoint
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/checkpoint/impl/low_water.ipp>
#endif
