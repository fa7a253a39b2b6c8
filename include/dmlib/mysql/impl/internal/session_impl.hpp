// What is behind a session. The only kind of file that sees mysql.h.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/mysql/session.hpp>

#include <mysql.h>
// Not self-contained: they want mysql.h, this name and this macro first.
typedef unsigned char uchar;
#if !defined(HAVE_TLS)
#define HAVE_TLS 1
#include <ma_pvio.h>
#undef HAVE_TLS
#else
#include <ma_pvio.h>
#endif

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {
namespace detail {

/// The part that other threads may touch. It keeps a duplicate of the socket: the library closes
/// its own descriptor when a connection is lost, and the number might be someone else's by then.
struct session_shared {
    std::mutex mutex;
    int fd = -1;
    std::atomic<bool> cancelled{false};

    session_shared() = default;
    session_shared(const session_shared&) = delete;
    session_shared& operator=(const session_shared&) = delete;
    ~session_shared() { release(); }

    void hold(int socket) {
        const std::lock_guard lock(mutex);
        fd = ::dup(socket);
        if (cancelled && fd >= 0) ::shutdown(fd, SHUT_RDWR);
    }
    void interrupt() {
        cancelled = true;
        const std::lock_guard lock(mutex);
        if (fd >= 0) ::shutdown(fd, SHUT_RDWR);
    }
    void release() {
        const std::lock_guard lock(mutex);
        if (fd >= 0) ::close(fd);
        fd = -1;
    }
};

struct session_impl {
    MYSQL* handle = nullptr;
    std::shared_ptr<session_shared> shared = std::make_shared<session_shared>();
    mysql::role role = role::target;
    std::chrono::milliseconds read_timeout{0};
    std::string version;
    bool tls = false;
    bool dead = false;
    bool text_sent = false;          ///< between send() and read_results()
    MYSQL_RES* streaming = nullptr;  ///< of an open row_stream
    const session::infile_reader* infile = nullptr;
    std::optional<error> infile_error;

    session_impl() = default;
    session_impl(const session_impl&) = delete;
    session_impl& operator=(const session_impl&) = delete;
    ~session_impl() {
        if (streaming != nullptr) drop_stream();
        if (handle != nullptr) {
            // An interrupted or broken connection gets no polite end: it would wait for the socket.
            if (dead) shared->interrupt();
            mysql_close(handle);
        }
        shared->release();
    }

    // Ends an unfinished stream without reading the rest: the connection goes first.
    void drop_stream() {
        shared->interrupt();
        dead = true;
        mysql_free_result(streaming);
        streaming = nullptr;
    }
};

}  // namespace detail

namespace internal {

/// Puts the time-outs on the connection, in milliseconds. The library's own option counts in
/// seconds and does not hold for TLS: there it reads from a blocking socket, so the socket itself
/// must give up.
inline void apply_read_timeout(MYSQL* handle, std::chrono::milliseconds timeout) noexcept {
    MARIADB_PVIO* io = handle->net.pvio;
    if (io == nullptr) return;
    const auto ms = timeout.count();
    const int limited =
        static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max()));
    io->timeout[PVIO_READ_TIMEOUT] = ms > 0 ? limited : -1;
    io->timeout[PVIO_WRITE_TIMEOUT] = ms > 0 ? limited : -1;
    timeval tv{};
    tv.tv_sec = static_cast<time_t>(ms / 1000);
    tv.tv_usec = static_cast<suseconds_t>((ms % 1000) * 1000);
    const int fd = static_cast<int>(mysql_get_socket(handle));
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

}  // namespace internal
}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
