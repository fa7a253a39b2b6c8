#pragma once

#include <dmlib/task/impl/internal/session_variables.hpp>
#include <dmlib/task/source.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {

DMLIB_DECL mysql::connect_options source::connection() const {
    mysql::connect_options out;
    out.host = options_.host;
    out.port = options_.port;
    out.user = options_.user;
    out.password = options_.password;
    out.tls = options_.tls;
    out.role = mysql::role::source;
    out.session_variables = internal::variables_for_statements(options_.session, false);
    // The server's own may have ANSI_QUOTES, and then SHOW CREATE TABLE is written in another way.
    out.session_variables.emplace("sql_mode", "");
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
