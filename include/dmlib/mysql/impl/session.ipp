#pragma once

#include <dmlib/mysql/errors.hpp>
#include <dmlib/mysql/impl/internal/session_impl.hpp>
#include <dmlib/mysql/impl/internal/session_values.hpp>
#include <dmlib/mysql/impl/internal/sigpipe.hpp>
#include <dmlib/mysql/impl/internal/tls_files.hpp>
#include <dmlib/mysql/impl/internal/tls_probe.hpp>
#include <dmlib/mysql/session.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <mutex>
#include <set>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

namespace internal {

// Both are not safe when two threads call them for the first time.
inline void start_library() {
    static const int once = mysql_library_init(0, nullptr, nullptr);
    (void)once;
}
inline std::mutex& first_tls_mutex() {
    static std::mutex m;
    return m;
}
inline std::atomic<bool>& tls_was_used() {
    static std::atomic<bool> used{false};
    return used;
}

inline int refuse_infile(void** state, const char*, void* userdata) {
    *state = userdata;
    return static_cast<detail::session_impl*>(userdata)->infile == nullptr ? 1 : 0;
}
inline int read_infile(void* state, char* buffer, unsigned int size) {
    auto* impl = static_cast<detail::session_impl*>(state);
    auto n = (*impl->infile)(buffer, size);
    if (n) return static_cast<int>(*n);
    impl->infile_error = n.error();
    return -1;
}
inline void end_infile(void*) {
}
inline int infile_failed(void*, char* message, unsigned int size) {
    static constexpr char text[] = "LOAD DATA LOCAL is not allowed here";
    std::snprintf(message, size, "%s", text);
    return 2000;
}

inline bool wants_tls(const connect_options& o) noexcept {
    switch (o.tls.mode) {
        case tls_mode::automatic:
            return o.tls.configured() && o.unix_socket.empty();
        case tls_mode::disabled:
            return false;
        default:
            return true;
    }
}

inline unsigned int whole_seconds(std::chrono::milliseconds t) noexcept {
    return static_cast<unsigned int>(std::max<std::int64_t>(1, (t.count() + 999) / 1000));
}

inline void set_general_options(MYSQL* m, const connect_options& o) {
    const unsigned int connect_seconds = whole_seconds(o.connect_timeout);
    mysql_optionsv(m, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
    // With TLS the library waits this many milliseconds more after the socket gave up, or forever
    // where it is 0; session_impl.hpp sets the real limits once the connection stands.
    const unsigned int short_wait = 1;
    mysql_optionsv(m, MYSQL_OPT_READ_TIMEOUT, &short_wait);
    mysql_optionsv(m, MYSQL_OPT_WRITE_TIMEOUT, &short_wait);
    // "localhost" must not silently mean the socket file.
    const unsigned int protocol =
        o.unix_socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    mysql_optionsv(m, MYSQL_OPT_PROTOCOL, &protocol);
    const unsigned long packet = static_cast<unsigned long>(o.max_allowed_packet);
    mysql_optionsv(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    mysql_optionsv(m, MYSQL_SET_CHARSET_NAME, o.charset.c_str());
    const unsigned int infile = o.local_infile ? 1 : 0;
    mysql_optionsv(m, MYSQL_OPT_LOCAL_INFILE, &infile);
    mysql_optionsv(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", o.program_name.c_str());
}

inline void set_tls_options(MYSQL* m, const connect_options& o, const tls_files& files) {
    const my_bool yes = 1;
    mysql_ssl_set(m,
                  files.key.path(),
                  files.cert.path(),
                  o.tls.verify ? files.ca.path() : nullptr,
                  files.ca_directory.empty() ? nullptr : files.ca_directory.c_str(),
                  nullptr);
    mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &yes);
    const my_bool by_name = o.tls.verify && o.tls.allowed_common_names.empty() ? 1 : 0;
    mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &by_name);
    const char* versions = o.tls.min_version == "1.3" ? "TLSv1.3" : "TLSv1.2,TLSv1.3";
    mysql_optionsv(m, MARIADB_OPT_TLS_VERSION, versions);
}

// Plugins that do not send the password itself. A server could ask for it by another plugin and
// the library would send it readable over the network.
inline constexpr const char* plain_plugins =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec,"
    "auth_gssapi_client";

inline error connect_error(MYSQL* m, const connect_options& o, bool tls) {
    const int number = static_cast<int>(mysql_errno(m));
    std::string text = mysql_error(m);
    error e = make_server_error(number, text, o.role);
    if (e.code() == errc::db_connection_lost || e.code() == errc::db_query_failed ||
        e.code() == errc::db_execute_failed) {
        const errc code = tls && number == 2026 ? errc::db_tls : errc::db_connect;
        error better(code, e.message());
        better.server_errno(number).scope(e.scope());
        e = better;
    }
    const std::string where =
        o.unix_socket.empty() ? o.host + ":" + std::to_string(o.port) : "socket " + o.unix_socket;
    error out(e.code(), e.message() + " (" + o.user + "@" + where + ")");
    out.server_errno(number).scope(e.scope());
    if (number == 3159 && !tls) {
        out.workaround("Give security.ssl-ca in the configuration: this server wants TLS.");
    } else if (number == 2061 && !tls) {
        out.workaround(
            "Correct user and password, or use TLS (security.ssl-ca): without it this "
            "server may not be able to take the password.");
    } else if (number == 5010) {
        out.workaround(
            "Use TLS (security.ssl-ca): the server asks for the password in clear text.");
    }
    return out;
}

}  // namespace internal

DMLIB_DECL void canceller::cancel() const {
    if (shared_) shared_->interrupt();
}

DMLIB_DECL session::session() noexcept = default;
DMLIB_DECL session::session(session&&) noexcept = default;
DMLIB_DECL session& session::operator=(session&&) noexcept = default;
DMLIB_DECL session::~session() = default;

namespace internal {

// One attempt, with or without TLS.
inline result<void> connect_once(detail::session_impl& impl, const connect_options& o, bool tls) {
    tls_files files;
    std::string pin;
    if (tls) {
        auto made = make_tls_files(o.tls);
        if (!made) return made.error();
        files = std::move(*made);
        if (o.tls.verify && !o.tls.allowed_common_names.empty()) {
            auto probed = probe_certificate(o, files);
            if (!probed) return probed.error();
            pin = std::move(*probed);
        }
    }
    MYSQL* m = mysql_init(nullptr);
    if (m == nullptr) return error(errc::internal_limit, "No memory for a connection.");
    impl.handle = m;
    set_general_options(m, o);
    if (tls) {
        set_tls_options(m, o, files);
        if (!pin.empty()) mysql_optionsv(m, MARIADB_OPT_TLS_PEER_FP, pin.c_str());
    } else if (o.unix_socket.empty()) {
        mysql_optionsv(m, MARIADB_OPT_RESTRICTED_AUTH, plain_plugins);
    }
    unsigned long flags = 0;
    if (o.multi_statements) flags |= CLIENT_MULTI_STATEMENTS;
    if (o.found_rows) flags |= CLIENT_FOUND_ROWS;
    std::unique_lock<std::mutex> first(first_tls_mutex(), std::defer_lock);
    if (tls && !tls_was_used()) first.lock();
    const sigpipe_guard guard;
    MYSQL* const connected =
        mysql_real_connect(m,
                           o.unix_socket.empty() ? o.host.c_str() : nullptr,
                           o.user.c_str(),
                           o.password.reveal().c_str(),
                           o.database.empty() ? nullptr : o.database.c_str(),
                           o.port,
                           o.unix_socket.empty() ? nullptr : o.unix_socket.c_str(),
                           flags);
    if (tls) tls_was_used() = true;
    if (connected == nullptr) {
        error e = connect_error(m, o, tls);
        impl.dead = true;
        return e;
    }
    impl.tls = mysql_get_ssl_cipher(m) != nullptr;
    if (tls && !impl.tls) {
        return error(errc::db_tls, "The server " + o.host + " does not offer TLS.");
    }
    return {};
}

/// Servers with which this process had TLS, by what was asked of it.
class tls_memory {
public:
    static tls_memory& instance() {
        static tls_memory one;
        return one;
    }
    void worked(const connect_options& o) {
        const std::lock_guard lock(mutex_);
        known_.insert(key(o));
    }
    /// What failed is what worked before: certificates are being replaced, on this side or on that.
    error explain(const error& e, const connect_options& o) {
        if (e.code() != errc::db_tls && e.code() != errc::file_io) return e;
        const std::lock_guard lock(mutex_);
        if (known_.count(key(o)) == 0) return e;
        error out(errc::db_connect,
                  "TLS with the server worked before, and fails now: " + e.message());
        out.workaround(
            "Put the files in place that match the server's certificate (ssl-ca, ssl-cert, "
            "ssl-key); the next try takes them.");
        return out.server_errno(e.server_errno());
    }

private:
    static std::string key(const connect_options& o) {
        std::string out;
        for (const std::string* part : {&o.host,
                                        &o.unix_socket,
                                        &o.user,
                                        &o.tls.ca_file,
                                        &o.tls.cert_file,
                                        &o.tls.key_file,
                                        &o.tls.ca_pem,
                                        &o.tls.cert_pem,
                                        &o.tls.min_version})
            out += *part + '\0';
        for (const std::string& name : o.tls.allowed_common_names) out += name + '\0';
        return out + std::to_string(o.port) + (o.tls.verify ? "v" : "");
    }

    std::mutex mutex_;
    std::set<std::string> known_;
};

inline result<void> connect_with_tls_mode(detail::session_impl& impl, const connect_options& o) {
    const bool tls = wants_tls(o);
    auto done = connect_once(impl, o, tls);
    if (done || o.tls.mode != tls_mode::preferred) return done;
    // Only a server without TLS may be talked to in the clear; a failed verification may not.
    if (done.error().code() != errc::db_tls || server_offers_tls(o)) return done;
    if (impl.handle != nullptr) mysql_close(impl.handle);
    impl.handle = nullptr;
    impl.dead = false;
    return connect_once(impl, o, false);
}

/// What a server's globals must not decide for us: whether a statement is committed and what COMMIT
/// does then, how many rows an answer has, which statements are refused, whether keys are looked
/// at.
struct own_variable {
    std::string_view name;
    std::string_view value;
};
inline constexpr own_variable own_variables[] = {
    {"autocommit", "1"},
    {"completion_type", "0"},
    {"sql_auto_is_null", "0"},
    {"sql_big_selects", "1"},
    {"sql_safe_updates", "0"},
    {"sql_select_limit", "18446744073709551615"},
    {"unique_checks", "1"},
};

inline bool same_variable(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

/// One statement for all; a server that lacks one of ours gets them one by one.
inline result<void> set_variables(session& s, const connect_options& options) {
    std::vector<std::string> own;
    for (const own_variable& v : own_variables) {
        const auto& given = options.session_variables;
        if (std::none_of(given.begin(), given.end(), [&](const auto& g) {
                return same_variable(g.first, v.name);
            }))
            own.push_back("SESSION " + std::string(v.name) + " = " + std::string(v.value));
    }
    std::string wanted;
    for (const auto& [name, value] : options.session_variables) {
        wanted += ", SESSION " + quoted_identifier(name) + " = ";
        wanted += is_raw_value(value) ? value : s.literal(value);
    }
    std::string all;
    for (const std::string& one : own) all += ", " + one;
    all += wanted;
    if (all.empty()) return {};
    auto set = s.execute("SET " + all.substr(2));
    if (set) return {};
    constexpr int unknown_variable = 1193;
    if (set.error().server_errno() != unknown_variable) return set.error();
    for (const std::string& one : own) {
        set = s.execute("SET " + one);
        if (!set && set.error().server_errno() != unknown_variable) return set.error();
    }
    if (wanted.empty()) return {};
    set = s.execute("SET " + wanted.substr(2));
    if (!set) return set.error();
    return {};
}

}  // namespace internal

DMLIB_DECL result<session> session::connect(const connect_options& options) {
    internal::start_library();
    session s;
    s.impl_ = std::make_unique<detail::session_impl>();
    detail::session_impl& impl = *s.impl_;
    impl.role = options.role;
    auto connected = internal::connect_with_tls_mode(impl, options);
    if (!connected) {
        error e = internal::tls_memory::instance().explain(connected.error(), options);
        e.scope(options.role == role::source ? error_scope::upstream : error_scope::downstream);
        return e;
    }
    if (impl.tls) internal::tls_memory::instance().worked(options);
    MYSQL* m = impl.handle;
    impl.version = mysql_get_server_info(m);
    const int fd = static_cast<int>(mysql_get_socket(m));
    impl.shared->hold(fd);
    if (impl.tls && m->net.pvio != nullptr && m->net.pvio->ctls != nullptr) {
        void* ssl = m->net.pvio->ctls->ssl;
        if (ssl != nullptr) internal::use_quiet_writes(static_cast<SSL*>(ssl), fd);
    }
    s.set_read_timeout(options.read_timeout);
    mysql_set_local_infile_handler(m,
                                   internal::refuse_infile,
                                   internal::read_infile,
                                   internal::end_infile,
                                   internal::infile_failed,
                                   &impl);
    if (auto set = internal::set_variables(s, options); !set) return set.error();
    return s;
}

DMLIB_DECL bool session::usable() const noexcept {
    return !impl_->dead && !impl_->shared->cancelled && impl_->handle->net.pvio != nullptr;
}

DMLIB_DECL void session::set_read_timeout(std::chrono::milliseconds timeout) noexcept {
    if (!is_open()) return;
    impl_->read_timeout = timeout;
    internal::apply_read_timeout(impl_->handle, timeout);
}

DMLIB_DECL void session::close() noexcept {
    impl_.reset();
}

DMLIB_DECL canceller session::get_canceller() const {
    return impl_ ? canceller(impl_->shared) : canceller();
}

DMLIB_DECL const std::string& session::server_version_text() const noexcept {
    static const std::string none;
    return impl_ ? impl_->version : none;
}

DMLIB_DECL std::uint64_t session::connection_id() const noexcept {
    return impl_ ? mysql_thread_id(impl_->handle) : 0;
}

DMLIB_DECL std::string session::tls_version() const {
    const char* version = nullptr;
    if (!is_open() || !impl_->tls) return {};
    if (mariadb_get_infov(impl_->handle, MARIADB_CONNECTION_TLS_VERSION, &version) != 0) return {};
    return version == nullptr ? std::string() : std::string(version);
}

DMLIB_DECL mysql::role session::role() const noexcept {
    return impl_ ? impl_->role : role::target;
}

DMLIB_DECL std::string session::literal(std::string_view text) const {
    if (!impl_) return quoted_literal(text);
    std::string out(text.size() * 2 + 2, '\0');
    out[0] = '\'';
    const unsigned long n = mysql_real_escape_string(
        impl_->handle, out.data() + 1, text.data(), static_cast<unsigned long>(text.size()));
    out.resize(n + 1);
    out.push_back('\'');
    return out;
}

DMLIB_DECL void* session::native_handle() noexcept {
    return impl_ ? impl_->handle : nullptr;
}

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
