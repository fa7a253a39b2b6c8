// How a server is reached, as target-database and a source's `from` write it.
#pragma once

#include <dmlib/config/problem.hpp>
#include <dmlib/core/secret.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

/// Block `security`. Paths are as written; the *_pem fields hold decoded text from the -bytes and
/// -base64 keys and win over the paths.
struct security_config {
    bool present = false;  ///< the block stands in the file and is not empty
    std::string ssl_ca;
    std::string ssl_cert;
    std::string ssl_key;
    std::string ca_pem;
    std::string cert_pem;
    std::string key_pem;
    std::vector<std::string> cert_allowed_cn;
    /// Ours: false takes any certificate. Gives a warning.
    bool verify = true;
    std::string tls_min_version = "1.2";  ///< ours: "1.2" or "1.3"
};

/// Block `target-database` or `from`.
struct database_config {
    std::string host;
    std::uint16_t port = 3306;
    std::string user;
    /// Environment variables replaced, password-file read, decrypted where it was encrypted. DM's
    /// encrypted passwords cannot be told from plain ones: without DM's key they stay as written.
    secret password;
    std::string password_file;
    std::vector<std::pair<std::string, std::string>> session;  ///< in the file's order
    security_config security;
    mark place;
    mark password_place;
};

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
