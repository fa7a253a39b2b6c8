// A TLS handshake of our own before the library's, without any credentials. The library can only
// compare the host name, and only after it is too late to stop; so where the configuration names
// the certificate's allowed names, the certificate is verified here and the library is told to
// accept nothing but this very certificate.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/mysql/impl/internal/sigpipe.hpp>
#include <dmlib/mysql/impl/internal/tls_files.hpp>
#include <dmlib/mysql/options.hpp>

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {
namespace internal {

class probe_socket {
public:
    probe_socket() = default;
    explicit probe_socket(int fd) noexcept : fd_(fd) {}
    probe_socket(probe_socket&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
    probe_socket& operator=(probe_socket&& o) noexcept {
        std::swap(fd_, o.fd_);
        return *this;
    }
    ~probe_socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    int fd() const noexcept { return fd_; }

    bool read_exactly(std::uint8_t* to, std::size_t n) const {
        while (n > 0) {
            const ssize_t got = ::recv(fd_, to, n, 0);
            if (got <= 0) return false;
            to += got;
            n -= static_cast<std::size_t>(got);
        }
        return true;
    }
    bool write_all(const std::string& bytes) const {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t n = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
            if (n <= 0) return false;
            done += static_cast<std::size_t>(n);
        }
        return true;
    }

private:
    int fd_ = -1;
};

inline error probe_error(const connect_options& o, std::string_view what) {
    return error(
        errc::db_connect,
        "The server " + o.host + ":" + std::to_string(o.port) + " " + std::string(what) + ".");
}

// SO_SNDTIMEO also limits connect().
inline result<probe_socket> open_probe(const connect_options& o) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const std::string port = std::to_string(o.port);
    const int rc = ::getaddrinfo(o.host.c_str(), port.c_str(), &hints, &list);
    if (rc != 0) return probe_error(o, std::string("has no address: ") + ::gai_strerror(rc));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> guard(list, ::freeaddrinfo);
    timeval tv{};
    tv.tv_sec = static_cast<time_t>(o.connect_timeout.count() / 1000);
    tv.tv_usec = static_cast<suseconds_t>((o.connect_timeout.count() % 1000) * 1000);
    for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
        probe_socket s(::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol));
        if (s.fd() < 0) continue;
        ::setsockopt(s.fd(), SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
        ::setsockopt(s.fd(), SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
        if (::connect(s.fd(), a->ai_addr, a->ai_addrlen) == 0) return s;
    }
    return probe_error(o, "cannot be reached");
}

inline constexpr std::uint32_t client_ssl = 0x800;

// Reads the greeting; gives the server's capabilities.
inline result<std::uint32_t> read_greeting(const connect_options& o, const probe_socket& s) {
    std::array<std::uint8_t, 4> head{};
    if (!s.read_exactly(head.data(), head.size())) return probe_error(o, "said nothing");
    const std::size_t size = head[0] | (std::size_t{head[1]} << 8) | (std::size_t{head[2]} << 16);
    if (size < 20 || size > 4096) return probe_error(o, "did not greet as a MySQL server does");
    std::vector<std::uint8_t> body(size);
    if (!s.read_exactly(body.data(), size)) return probe_error(o, "stopped in its greeting");
    byte_cursor in(body);
    if (in.u8() != 10) return probe_error(o, "refused: " + std::string(as_text(in.rest())));
    while (in.ok() && in.u8() != 0) {
    }
    in.skip(4 + 8 + 1);
    const std::uint32_t low = in.u16();
    if (!in.ok()) return probe_error(o, "greeted too shortly");
    return low;
}

inline bool server_offers_tls(const connect_options& o) {
    if (!o.unix_socket.empty()) return true;  // not asked: keeps the failure
    auto s = open_probe(o);
    if (!s) return true;
    auto capabilities = read_greeting(o, *s);
    return !capabilities || (*capabilities & client_ssl) != 0;
}

inline error tls_failure(const connect_options& o, std::string_view what) {
    return error(
        errc::db_tls,
        "TLS with " + o.host + ":" + std::to_string(o.port) + ": " + std::string(what) + ".");
}

// True where the certificate carries one of the names, as its common name or as a DNS name.
inline bool has_allowed_name(X509* cert, const std::vector<std::string>& names) {
    char cn[256] = {};
    const int n =
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, cn, sizeof cn);
    for (const std::string& name : names) {
        if (n > 0 && name == std::string_view(cn, static_cast<std::size_t>(n))) return true;
        if (X509_check_host(
                cert, name.c_str(), name.size(), X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1) {
            return true;
        }
    }
    return false;
}

inline std::string hex_fingerprint(X509* cert) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int n = 0;
    if (X509_digest(cert, EVP_sha1(), bytes.data(), &n) != 1) return {};
    std::string out;
    for (unsigned int i = 0; i < n; ++i) {
        char two[3];
        std::snprintf(two, sizeof two, "%02X", bytes[i]);
        out += two;
    }
    return out;
}

/// Verifies the server's certificate against the CA and the allowed names; gives its fingerprint.
inline result<std::string> probe_certificate(const connect_options& o, const tls_files& files) {
    auto s = open_probe(o);
    if (!s) return s.error();
    auto capabilities = read_greeting(o, *s);
    if (!capabilities) return capabilities.error();
    if ((*capabilities & client_ssl) == 0) return tls_failure(o, "the server does not offer it");
    // SSLRequest: PROTOCOL_41 | SSL | SECURE_CONNECTION, packet size, charset, 23 zeros.
    std::string request(
        "\x20\0\0\1"
        "\x00\x8a\0\0"
        "\0\0\0\1"
        "\x2d",
        13);
    request.append(23, '\0');
    if (!s->write_all(request)) return probe_error(o, "closed the connection");

    const sigpipe_guard guard;
    ERR_clear_error();
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> ctx(SSL_CTX_new(TLS_client_method()),
                                                           SSL_CTX_free);
    if (!ctx) return error(errc::internal_limit, "No memory for TLS.");
    SSL_CTX_set_min_proto_version(ctx.get(),
                                  o.tls.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
    const char* folder = files.ca_directory.empty() ? nullptr : files.ca_directory.c_str();
    if (SSL_CTX_load_verify_locations(ctx.get(), files.ca.path(), folder) != 1) {
        return tls_failure(o, "the CA cannot be read");
    }
    if (files.cert.path() != nullptr) {
        const char* key = files.key.path() != nullptr ? files.key.path() : files.cert.path();
        if (SSL_CTX_use_certificate_chain_file(ctx.get(), files.cert.path()) != 1 ||
            SSL_CTX_use_PrivateKey_file(ctx.get(), key, SSL_FILETYPE_PEM) != 1) {
            return tls_failure(o, "the client's certificate or key cannot be read");
        }
    }
    SSL_CTX_set_verify(ctx.get(), SSL_VERIFY_PEER, nullptr);
    const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(ctx.get()), SSL_free);
    if (!ssl || SSL_set_fd(ssl.get(), s->fd()) != 1) {
        return error(errc::internal_limit, "No memory for TLS.");
    }
    if (SSL_connect(ssl.get()) != 1) {
        const long verdict = SSL_get_verify_result(ssl.get());
        if (verdict != X509_V_OK) return tls_failure(o, X509_verify_cert_error_string(verdict));
        const char* reason = ERR_reason_error_string(ERR_get_error());
        return tls_failure(o, reason == nullptr ? "the handshake failed" : reason);
    }
    const std::unique_ptr<X509, void (*)(X509*)> cert(SSL_get1_peer_certificate(ssl.get()),
                                                      X509_free);
    if (!cert) return tls_failure(o, "the server has no certificate");
    if (!has_allowed_name(cert.get(), o.tls.allowed_common_names)) {
        return tls_failure(o, "the certificate carries none of the names in cert-allowed-cn");
    }
    return hex_fingerprint(cert.get());
}

}  // namespace internal
}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
