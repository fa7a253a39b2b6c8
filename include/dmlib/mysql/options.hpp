// How to reach a server: address, account, TLS, time-outs.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/core/secret.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

/// Which side a session talks to: decides the scope of its errors.
enum class role : std::uint8_t { source, target };

enum class tls_mode : std::uint8_t {
    /// Required and verified as soon as anything about TLS is configured (a CA, a certificate, an
    /// allowed name); otherwise plain, as DM does. A server that insists on TLS refuses then.
    automatic,
    disabled,   ///< plain
    preferred,  ///< TLS where the server offers it (verified), plain where it does not
    required,   ///< TLS or no connection; without a CA the system's store verifies (20 ms more)
};

/// TLS towards one server. Files or inline PEM text; the text wins where both are given.
struct tls_options {
    tls_mode mode = tls_mode::automatic;
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
    std::string ca_pem;
    std::string cert_pem;
    secret key_pem;
    /// Common names (or DNS names) that the server's certificate may carry. Where given, they
    /// replace the comparison with the host name; the CA is verified all the same.
    std::vector<std::string> allowed_common_names;
    /// CA and name of the server are verified. False only on the user's word.
    bool verify = true;
    /// "1.2" or "1.3".
    std::string min_version = "1.2";

    /// True where anything is configured that makes `automatic` mean `required`.
    bool configured() const noexcept {
        return !ca_file.empty() || !ca_pem.empty() || !cert_file.empty() || !cert_pem.empty() ||
               !allowed_common_names.empty();
    }
};

/// One server and account, and how the session behaves.
struct connect_options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 3306;
    std::string unix_socket;  ///< used instead of host and port where not empty
    std::string user;
    secret password;
    tls_options tls;
    mysql::role role = role::target;

    std::chrono::milliseconds connect_timeout{10000};
    /// A statement or row that brings no byte for this long ends the session (errc::db_time_out).
    /// Zero waits forever. Holds with TLS too. See session::set_read_timeout for long statements.
    std::chrono::milliseconds read_timeout{60000};

    std::string charset = "utf8mb4";
    std::string database;
    /// SET SESSION name = value, in order of names. Values are literals, except for texts that are
    /// numbers, DEFAULT, ON/OFF, or begin with '@' or a quote: these go as they are.
    std::map<std::string, std::string> session_variables;
    bool multi_statements = false;
    bool found_rows = false;    ///< affected rows count the rows matched, not only those changed
    bool local_infile = false;  ///< allows load_data(); never for files that the server names
    std::uint64_t max_allowed_packet = std::uint64_t{1} << 30;
    /// Shown by performance_schema.session_connect_attrs.
    std::string program_name = "dmlib";
};

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
