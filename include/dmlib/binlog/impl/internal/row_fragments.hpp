// MariaDB's PARTIAL_ROW_DATA_EVENT: a row event in pieces.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/impl/internal/checksum.hpp>
#include <dmlib/binlog/impl/internal/raw_buffer.hpp>
#include <dmlib/binlog/impl/internal/rows_body.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// Puts the pieces of one row event together.
class row_fragments {
public:
    enum class outcome : std::uint8_t { more, whole, wrong, too_large };

    bool active() const noexcept { return total_ != 0; }
    void stop() noexcept {
        total_ = 0;
        bytes_.trim();
    }

    /// One piece: the number of pieces, its own number (from 1), flags, in the first one the size
    /// of the row event, and a part of that event, whose header stands in the first piece.
    outcome add(byte_cursor& p, std::uint64_t limit, row_fragment& f) {
        constexpr std::uint8_t has_event_size = 1;
        f.total = p.u32();
        f.number = p.u32();
        const std::uint8_t flags = p.u8();
        const std::uint64_t event_size = (flags & has_event_size) != 0 ? p.u64() : 0;
        if (!p.ok() || f.total == 0 || f.number != (active() ? next_ : 1) ||
            (active() && f.total != total_)) {
            return outcome::wrong;
        }
        if (!active()) {
            have_ = 0;
            total_ = f.total;
            event_size_ = event_size;
        }
        next_ = f.number + 1;
        const byte_view part = p.rest();
        if (event_size_ > limit || part.size() > limit - have_) return outcome::too_large;
        std::uint8_t* to = bytes_.grow(have_ + part.size(), have_);
        if (!part.empty()) std::memcpy(to + have_, part.data(), part.size());
        have_ += part.size();
        return f.number == total_ ? outcome::whole : outcome::more;
    }

    /// The body of the whole row event; its type in `type`. Valid until the next piece. False: the
    /// pieces do not make a row event.
    bool take(bool checksums, event_type& type, byte_view& body) {
        total_ = 0;
        if (have_ < header_size) return false;
        byte_view all{bytes_.data(), have_};
        byte_cursor p(all);
        p.skip(4);
        type = static_cast<event_type>(p.u8());
        p.skip(4);
        const std::uint64_t size = p.u32();
        // A row event has a checksum of its own only where it stands in the stream itself: its
        // size may count one that is not there, and one that is there shows by its value.
        const bool counts_checksum = checksums && size == have_ + 4;
        if (size != have_ && !counts_checksum) return false;
        if (event_size_ != 0 && event_size_ != have_ && event_size_ != size) return false;
        if (!traits_of(type)) return false;
        if (have_ >= header_size + 4 &&
            byte_cursor(all.last(4)).u32() == crc_of(all.first(have_ - 4))) {
            all = all.first(have_ - 4);
        }
        body = all.subspan(header_size);
        return true;
    }

private:
    raw_buffer bytes_;
    std::size_t have_ = 0;
    std::uint32_t total_ = 0;
    std::uint32_t next_ = 0;
    std::uint64_t event_size_ = 0;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
