// The thread that reads the source's binlog into blocks, and the one that asks for its end.
#pragma once

#include <dmlib/mysql/binlog_stream.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/sync/impl/internal/mailbox.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

class binlog_reader {
public:
    binlog_reader(mysql::binlog_stream stream, mailbox& box)
        : stream_(std::move(stream)), box_(box) {
        thread_ = std::thread([this] { run(); });
    }
    ~binlog_reader() {
        stream_.cancel();
        if (thread_.joinable()) thread_.join();
    }
    binlog_reader(const binlog_reader&) = delete;
    binlog_reader& operator=(const binlog_reader&) = delete;

private:
    void run() {
        for (;;) {
            const auto packet = stream_.next();
            if (!packet) return box_.fail(packet.error());
            if (packet->empty())
                return box_.fail(error{errc::binlog_read, "the source ended the stream"});
            if (!box_.put(*packet)) return;
        }
    }

    mysql::binlog_stream stream_;
    mailbox& box_;
    std::thread thread_;
};

/// Asks the source for the end of its binlog once a second.
class position_watch {
public:
    position_watch(mysql::session s, mysql::connect_options source, mysql::server_facts facts)
        : session_(std::move(s)),
          source_(std::move(source)),
          facts_(std::move(facts)),
          canceller_(session_.get_canceller()) {
        thread_ = std::thread([this] { run(); });
    }
    ~position_watch() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        news_.notify_all();
        {
            const std::lock_guard lock(mutex_);
            canceller_.cancel();
        }
        if (thread_.joinable()) thread_.join();
    }
    position_watch(const position_watch&) = delete;
    position_watch& operator=(const position_watch&) = delete;

    struct reading {
        location end;
        std::uint64_t number =
            0;  ///< counts the readings; asked after ask() was called: > its value
    };
    std::optional<reading> last() {
        const std::lock_guard lock(mutex_);
        return last_;
    }
    /// Asks at once. A reading with a number greater than the returned one was begun afterwards.
    std::uint64_t ask() {
        const std::lock_guard lock(mutex_);
        asked_ = true;
        news_.notify_all();
        return begun_;
    }

private:
    void run() {
        for (;;) {
            std::uint64_t number = 0;
            {
                std::unique_lock lock(mutex_);
                news_.wait_for(
                    lock, std::chrono::seconds(1), [&] { return closed_ || asked_ || !last_; });
                if (closed_) return;
                asked_ = false;
                number = ++begun_;
            }
            auto end = mysql::rough_location(session_, facts_);
            if (!end) {
                reconnect();
                continue;
            }
            const std::lock_guard lock(mutex_);
            last_ = reading{std::move(*end), number};
        }
    }

    /// The stream has a connection of its own and reports what is wrong with the source.
    void reconnect() {
        {
            std::unique_lock lock(mutex_);
            if (news_.wait_for(lock, std::chrono::seconds(1), [&] { return closed_; })) return;
        }
        auto again = mysql::session::connect(source_);
        if (!again) return;
        const std::lock_guard lock(mutex_);
        session_ = std::move(*again);
        canceller_ = session_.get_canceller();
        if (closed_) canceller_.cancel();
        asked_ = true;
    }

    mysql::session session_;
    mysql::connect_options source_;
    mysql::server_facts facts_;
    mysql::canceller canceller_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::optional<reading> last_;
    std::uint64_t begun_ = 0;
    bool asked_ = false;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
