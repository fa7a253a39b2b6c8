// Names and versions that every room shares.
#pragma once

#include <dmlib/core/config.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

/// Dialect of a binlog and of a source.
enum class flavor : std::uint8_t { mysql, mariadb };

/// Dialect of a target.
enum class target_dialect : std::uint8_t { mysql, mariadb, tidb };

/// A server version such as 10.11.19 or 8.0.33; for TiDB its own version (8.5.4).
struct server_version {
    int major = 0;
    int minor = 0;
    int patch = 0;
    auto operator<=>(const server_version&) const = default;
    bool at_least(int a, int b = 0, int c = 0) const noexcept {
        return *this >= server_version{a, b, c};
    }
    /// The number of versioned comments: 80033, 101119.
    int number() const noexcept { return major * 10000 + minor * 100 + patch; }
};

/// A source server's dialect and version together.
struct server_kind {
    dmlib::flavor flavor = dmlib::flavor::mysql;
    server_version version;
    bool operator==(const server_kind&) const = default;
};

/// schema.table, exactly as the server writes the names (no case folding, no quotes).
struct table_name {
    std::string schema;
    std::string table;
    auto operator<=>(const table_name&) const = default;
};

/// `schema`.`table` with backquotes doubled inside names.
DMLIB_DECL std::string quoted(const table_name& name);
/// `name` with backquotes doubled inside.
DMLIB_DECL std::string quoted_identifier(std::string_view name);
/// A string literal in single quotes, safe under every sql_mode but NO_BACKSLASH_ESCAPES.
DMLIB_DECL std::string quoted_literal(std::string_view text);

/// Reads "8.0.33-log", "10.11.19-MariaDB-...", "5.5.5-10.2.11-MariaDB", "8.0.11-TiDB-v8.5.4".
/// Unknown text gives version 0.0.0.
DMLIB_DECL server_kind parse_server_version(std::string_view text);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/model/impl/names.ipp>
#endif
