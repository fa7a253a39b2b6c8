// Writing to a connection that the peer closed must not kill the program. Plain sockets are sent to
// with MSG_NOSIGNAL by the library; OpenSSL's socket BIO uses write().
#pragma once

#include <dmlib/core/config.hpp>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {
namespace internal {

/// Blocks SIGPIPE in this thread and swallows one that came meanwhile.
class sigpipe_guard {
public:
    sigpipe_guard() noexcept {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        if (!was_pending_) pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    sigpipe_guard(const sigpipe_guard&) = delete;
    sigpipe_guard& operator=(const sigpipe_guard&) = delete;
    ~sigpipe_guard() {
        if (was_pending_) return;
        const int keep = errno;
        const timespec now{};
        while (sigtimedwait(&pipe_, nullptr, &now) == -1 && errno == EINTR) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = keep;
    }

private:
    sigset_t pipe_;
    sigset_t before_;
    bool was_pending_ = false;
};

inline int send_without_signal(BIO* b, const char* data, int size) {
    int fd = -1;
    BIO_get_fd(b, &fd);
    const ssize_t n = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    BIO_clear_retry_flags(b);
    if (n <= 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        BIO_set_retry_write(b);
    }
    return static_cast<int>(n);
}

/// OpenSSL's socket BIO with another write.
inline const BIO_METHOD* quiet_socket_method() {
    static const BIO_METHOD* const method = [] {
        const BIO_METHOD* base = BIO_s_socket();
        BIO_METHOD* m =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR,
                         "socket without SIGPIPE");
        if (m == nullptr) return base;
        BIO_meth_set_write(m, send_without_signal);
        BIO_meth_set_read(m, BIO_meth_get_read(base));
        BIO_meth_set_puts(m, BIO_meth_get_puts(base));
        BIO_meth_set_ctrl(m, BIO_meth_get_ctrl(base));
        BIO_meth_set_create(m, BIO_meth_get_create(base));
        BIO_meth_set_destroy(m, BIO_meth_get_destroy(base));
        return static_cast<const BIO_METHOD*>(m);
    }();
    return method;
}

inline void use_quiet_writes(SSL* ssl, int fd) {
    BIO* out = BIO_new(quiet_socket_method());
    if (out == nullptr) return;
    BIO_set_fd(out, fd, BIO_NOCLOSE);
    SSL_set0_wbio(ssl, out);
}

}  // namespace internal
}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
