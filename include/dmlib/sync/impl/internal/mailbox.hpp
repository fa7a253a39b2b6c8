// What the threads of a syncer send to its engine loop: blocks of events, acknowledgements, faults.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Event packets one after the other in one buffer; or one large packet where it was read, which
/// stays there until the block is gone.
struct event_block {
    std::vector<std::uint8_t> bytes;
    std::vector<std::size_t> ends;
    byte_view lent;
    std::shared_ptr<void> loan;
    std::size_t size() const noexcept { return bytes.size() + lent.size(); }
    byte_view event(std::size_t i) const noexcept {
        if (loan) return lent;
        const std::size_t from = i == 0 ? 0 : ends[i - 1];
        return {bytes.data() + from, ends[i] - from};
    }
};

struct acknowledgement {
    std::uint32_t lane = 0;
    std::uint64_t sequence = 0;
};

/// Thread safe. Blocks are bounded in bytes; a block larger than the bound is let in alone. Blocks
/// have to be gone before their mailbox is.
class mailbox {
public:
    static constexpr std::size_t block_bytes = 256 * 1024;
    /// Packets from here on are not copied: their row is held once, not twice.
    static constexpr std::size_t lent_bytes = std::size_t{8} << 20;

    explicit mailbox(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Copies one packet in, behind the others of the newest block; or lends it, if it is large,
    /// and waits until it was used. Waits for room; false where the mailbox was closed.
    bool put(byte_view packet) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] {
            return closed_ || blocks_.empty() || bytes_ + packet.size() <= max_bytes_;
        });
        if (closed_) return false;
        if (packet.size() >= lent_bytes) return lend(packet, lock);
        if (blocks_.empty() || blocks_.back().bytes.size() + packet.size() > block_bytes) {
            blocks_.emplace_back().bytes.reserve(std::max(packet.size(), block_bytes));
        }
        event_block& block = blocks_.back();
        block.bytes.insert(block.bytes.end(), packet.begin(), packet.end());
        block.ends.push_back(block.bytes.size());
        bytes_ += packet.size();
        news_.notify_one();
        return true;
    }
    void acknowledge(acknowledgement a) {
        const std::lock_guard lock(mutex_);
        acknowledgements_.push_back(a);
        news_.notify_one();
    }
    void fail(error e) {
        const std::lock_guard lock(mutex_);
        if (!fault_) fault_ = std::move(e);
        news_.notify_one();
    }
    void wake() {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        news_.notify_one();
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        room_.notify_all();
        news_.notify_all();
    }

    std::optional<event_block> take_block() {
        const std::lock_guard lock(mutex_);
        if (blocks_.empty()) return std::nullopt;
        std::optional<event_block> out{std::move(blocks_.front())};
        blocks_.pop_front();
        bytes_ -= out->size();
        room_.notify_all();
        return out;
    }
    void take_acknowledgements(std::vector<acknowledgement>& out) {
        const std::lock_guard lock(mutex_);
        out.swap(acknowledgements_);
        acknowledgements_.clear();
    }
    std::optional<error> fault() {
        const std::lock_guard lock(mutex_);
        return fault_;
    }
    /// Waits for anything new; blocks count only where `want_blocks`.
    void wait(bool want_blocks, std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        news_.wait_for(lock, at_most, [&] {
            return woken_ || closed_ || fault_ || !acknowledgements_.empty() ||
                   (want_blocks && !blocks_.empty());
        });
        woken_ = false;
    }

private:
    bool lend(byte_view packet, std::unique_lock<std::mutex>& lock) {
        bool used = false;
        event_block& block = blocks_.emplace_back();
        block.lent = packet;
        block.loan = std::shared_ptr<void>(this, [&used](void* box) {
            auto& self = *static_cast<mailbox*>(box);
            const std::lock_guard inner(self.mutex_);
            if (!self.closed_) used = true;  // else nobody waits any more
            self.room_.notify_all();
        });
        block.ends.push_back(packet.size());
        bytes_ += packet.size();
        news_.notify_one();
        room_.wait(lock, [&] { return closed_ || used; });
        return !closed_;
    }

    std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable news_;
    std::deque<event_block> blocks_;
    std::vector<acknowledgement> acknowledgements_;
    std::optional<error> fault_;
    std::size_t bytes_ = 0;
    std::size_t max_bytes_;
    bool closed_ = false;
    bool woken_ = false;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
