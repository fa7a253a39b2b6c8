// The library takes certificates as files only; inline PEM goes into an unnamed file in memory,
// so that no key ever lies on a disk.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/mysql/options.hpp>

#include <openssl/x509.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {
namespace internal {

/// A path that can be opened while the object lives.
class pem_file {
public:
    pem_file() = default;
    pem_file(pem_file&& o) noexcept : fd_(std::exchange(o.fd_, -1)), path_(std::move(o.path_)) {}
    pem_file& operator=(pem_file&& o) noexcept {
        std::swap(fd_, o.fd_);
        std::swap(path_, o.path_);
        return *this;
    }
    ~pem_file() {
        if (fd_ >= 0) ::close(fd_);
    }
    const char* path() const noexcept { return path_.empty() ? nullptr : path_.c_str(); }

    /// `pem` where it is not empty, else the file.
    static result<pem_file> make(std::string_view pem, const std::string& file, const char* what) {
        pem_file out;
        if (pem.empty()) {
            out.path_ = file;
            if (!file.empty() && ::access(file.c_str(), R_OK) != 0) {
                return error(errc::file_io,
                             std::string("The file of ") + what + ", '" + file +
                                 "', cannot be read: " + std::strerror(errno) + ".");
            }
            return out;
        }
        out.fd_ = ::memfd_create("dmlib-pem", MFD_CLOEXEC);
        std::size_t done = 0;
        while (out.fd_ >= 0 && done < pem.size()) {
            const ssize_t n = ::write(out.fd_, pem.data() + done, pem.size() - done);
            if (n <= 0) break;
            done += static_cast<std::size_t>(n);
        }
        if (out.fd_ < 0 || done < pem.size()) {
            return error(
                errc::file_io,
                std::string("No memory file for ") + what + ": " + std::strerror(errno) + ".");
        }
        out.path_ = "/proc/self/fd/" + std::to_string(out.fd_);
        return out;
    }

private:
    int fd_ = -1;
    std::string path_;
};

struct tls_files {
    pem_file ca;
    pem_file cert;
    pem_file key;
    std::string ca_directory;  ///< the system's store, where no CA is given
};

inline result<tls_files> make_tls_files(const tls_options& o) {
    tls_files out;
    auto ca = pem_file::make(o.ca_pem, o.ca_file, "ssl-ca");
    if (!ca) return ca.error();
    auto cert = pem_file::make(o.cert_pem, o.cert_file, "ssl-cert");
    if (!cert) return cert.error();
    auto key = pem_file::make(o.key_pem.reveal(), o.key_file, "ssl-key");
    if (!key) return key.error();
    out.ca = std::move(*ca);
    out.cert = std::move(*cert);
    out.key = std::move(*key);
    // The library compares the host name only where a CA or a folder of CAs is named.
    if (out.ca.path() == nullptr && o.verify) out.ca_directory = X509_get_default_cert_dir();
    return out;
}

}  // namespace internal
}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
