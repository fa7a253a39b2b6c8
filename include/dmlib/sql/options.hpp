// How a text is read: the server and the session that it was written for.
#pragma once

#include <dmlib/model/names.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

/// Bits of sql_mode, as in the QUERY event's status variable.
namespace sql_mode {
inline constexpr std::uint64_t real_as_float = 1;
inline constexpr std::uint64_t pipes_as_concat = 2;
inline constexpr std::uint64_t ansi_quotes = 4;
inline constexpr std::uint64_t ignore_space = 8;
inline constexpr std::uint64_t oracle = 512;  // MariaDB
inline constexpr std::uint64_t mssql = 1024;  // names in [brackets] on MariaDB
inline constexpr std::uint64_t maxdb = 4096;  // TIMESTAMP is DATETIME; not of MySQL 8
inline constexpr std::uint64_t no_backslash_escapes = 1ULL << 20;
inline constexpr std::uint64_t high_not_precedence = 1ULL << 29;
}  // namespace sql_mode

/// How a text is read. The defaults are those of a session of MySQL 8.0 with utf8mb4.
struct parse_options {
    dmlib::flavor flavor = dmlib::flavor::mysql;
    server_version version{8, 0, 33};  ///< decides which versioned comments are code
    std::uint64_t mode = 0;            ///< sql_mode bits
    std::string charset =
        "utf8mb4";                ///< of the text; gbk, big5, sjis, ... hide quotes in characters
    std::size_t max_depth = 200;  ///< nesting of expressions; more is refused
    bool tidb = false;            ///< take TiDB's feature comments /*T![x] */ as code
};

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
