// The server that run.py started, from the environment.
#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/mysql/binlog_stream.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>

#include <cstdlib>
#include <string>

inline std::string setting(const char* name) {
    const char* text = std::getenv((std::string("DMLIB_SERVER_") + name).c_str());
    return text == nullptr ? std::string() : std::string(text);
}

inline dmlib::mysql::connect_options plain_options() {
    dmlib::mysql::connect_options o;
    o.host = setting("host");
    o.port = static_cast<std::uint16_t>(std::stoi(setting("port")));
    o.user = "root";
    o.connect_timeout = std::chrono::seconds(5);
    o.read_timeout = std::chrono::seconds(20);
    return o;
}

inline bool has_tls() {
    return !setting("tls_ca").empty();
}

inline dmlib::mysql::connect_options tls_options_of_server() {
    auto o = plain_options();
    o.tls.ca_file = setting("tls_ca");
    return o;
}

inline dmlib::mysql::session connect(const dmlib::mysql::connect_options& o = plain_options()) {
    return dmlib::mysql::session::connect(o).value();
}

/// For each way of transport that the server has.
template <class F>
void for_each_transport(F f) {
    f(plain_options());
    if (has_tls()) f(tls_options_of_server());
}
