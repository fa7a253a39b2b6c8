// The queue between readers and writers, bounded in bytes. It hands out a batch of a table that is
// being loaded one statement at a time only when that statement is over.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/dump/table_reader.hpp>
#include <dmlib/model/position.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load::internal {

struct table_job;

/// Rows on their way from a reader to a writer.
struct moving_batch {
    std::shared_ptr<table_job> job;
    dump::row_batch rows;
    std::uint64_t id = 0;
    std::shared_ptr<const location> place;
    bool part = false;
    bool load = false;  ///< LOAD DATA may be used
};

/// Who writes into a table now. LOAD DATA into a table with AUTO_INCREMENT holds the table's
/// counter for the whole statement on servers with innodb_autoinc_lock_mode 0 or 1: a second writer
/// would only wait. Belongs to the queue's mutex.
struct load_turn {
    bool serial = false;  ///< one LOAD DATA at a time
    bool busy = false;
    bool insert = false;  ///< the last open table: INSERTs by all writers are faster
};

class batch_queue {
public:
    explicit batch_queue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Waits for room; one batch always has room. False where the queue is closed or failed.
    bool push(moving_batch b, load_turn& turn, std::size_t bytes) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return closed_ || queue_.empty() || bytes_ + bytes <= max_bytes_; });
        if (closed_) return false;
        queue_.push_back({std::move(b), &turn, bytes});
        bytes_ += bytes;
        batches_.notify_one();
        return true;
    }

    /// Waits for a batch that can be written now. Nothing: closed and empty, or failed.
    std::optional<moving_batch> pop() {
        std::unique_lock lock(mutex_);
        for (;;) {
            for (auto i = queue_.begin(); i != queue_.end(); ++i) {
                load_turn& turn = *i->turn;
                if (turn.serial && !turn.insert && turn.busy) continue;
                moving_batch b = std::move(i->batch);
                b.load = !turn.insert;
                if (turn.serial && !turn.insert) turn.busy = true;
                bytes_ -= i->bytes;
                queue_.erase(i);
                room_.notify_all();
                return b;
            }
            if (failed_ || (closed_ && queue_.empty())) return std::nullopt;
            batches_.wait(lock);
        }
    }

    /// The batch is written (or given up): the table's next one may go.
    void done(load_turn& turn, bool loaded) {
        const std::lock_guard lock(mutex_);
        if (loaded) turn.busy = false;
        batches_.notify_all();
    }
    void use_insert(load_turn& turn) {
        const std::lock_guard lock(mutex_);
        turn.insert = true;
        batches_.notify_all();
    }

    /// No more batches will come.
    void close() { shut(false); }
    /// Drops what is queued; pushes and pops end.
    void fail() { shut(true); }
    bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }

private:
    struct entry {
        moving_batch batch;
        load_turn* turn;
        std::size_t bytes;
    };

    void shut(bool failed) {
        std::deque<entry> dropped;
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            if (failed) {
                failed_ = true;
                dropped.swap(queue_);
                bytes_ = 0;
            }
        }
        room_.notify_all();
        batches_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable batches_;
    std::deque<entry> queue_;
    std::size_t bytes_ = 0;
    std::size_t max_bytes_;
    bool closed_ = false;
    bool failed_ = false;
};

}  // namespace load::internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
