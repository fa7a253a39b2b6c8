// Charsets and collations of both dialects, from what real servers answer
// (src/tables/collations.csv). Names are canonical: utf8mb3 where older servers say utf8;
// `charset_name_on` and `collation_name_on` give a server's own spelling.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/model/names.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

/// What a collation does with spaces at the end of a value.
enum class pad_attribute : std::uint8_t {
    space,  ///< 'a' = 'a  '
    none,   ///< every byte counts
};

/// What makes two texts differ.
enum class collation_strength : std::uint8_t {
    binary,           ///< the bytes (of `binary`) or the code points (`_bin`)
    case_sensitive,   ///< `_cs`, `_as_cs`: case and accents, but not every code point
    case_insensitive  ///< `_ci`
};

struct charset_info {
    std::string_view name;       ///< canonical
    std::uint8_t max_bytes = 1;  ///< of one character (mbmaxlen)
    std::uint8_t min_bytes = 1;
    std::string_view default_collation;  ///< the classical one; see default_collation()
    bool ascii_compatible = true;  ///< bytes 0-127 are ASCII and never part of other characters
};

struct collation_info {
    std::string_view name;         ///< canonical
    std::string_view charset;      ///< canonical
    std::uint16_t mysql_id = 0;    ///< 0: MySQL does not have it
    std::uint16_t mariadb_id = 0;  ///< 0: MariaDB does not have it
    pad_attribute pad = pad_attribute::space;
    collation_strength strength = collation_strength::case_insensitive;
    std::uint16_t mysql_since =
        0;  ///< oldest series known to have it, major * 100 + minor; 0: none
    std::uint16_t mariadb_since = 0;

    bool is_binary() const noexcept { return strength == collation_strength::binary; }
    std::uint16_t id(flavor f) const noexcept { return f == flavor::mysql ? mysql_id : mariadb_id; }
};

/// By name in any case; "utf8", "utf8mb3" and MariaDB's "utf8" are the same. Null where unknown.
DMLIB_DECL const charset_info* find_charset(std::string_view name) noexcept;
/// By name in any case, canonical or old spelling (utf8_bin). Null where unknown.
DMLIB_DECL const collation_info* find_collation(std::string_view name) noexcept;
/// By the number in binlogs and the protocol. Null where unknown.
DMLIB_DECL const collation_info* find_collation(flavor f, std::uint16_t id) noexcept;
/// A collation named without its charset (MariaDB 10.10: uca1400_ai_ci) for a charset; else as
/// find_collation(name), where it belongs to that charset. Null where there is none.
DMLIB_DECL const collation_info* find_collation_for(std::string_view charset,
                                                    std::string_view name) noexcept;
/// The `_bin` collation of a charset ("binary" for binary).
DMLIB_DECL std::string binary_collation(std::string_view charset);
/// The default collation that a server has compiled in for a charset: MySQL 8's utf8mb4_0900_ai_ci,
/// MariaDB 11.5's character_set_collations. Empty where the charset is unknown.
DMLIB_DECL std::string_view default_collation(const server_kind& server,
                                              std::string_view charset) noexcept;
/// The server-wide default that is compiled in: latin1, or utf8mb4 on MySQL 8 and MariaDB 11.6.
DMLIB_DECL std::string_view default_charset(const server_kind& server) noexcept;
/// True where that server has the collation, by the table's versions.
DMLIB_DECL bool has_collation(const server_kind& server, const collation_info& collation) noexcept;
/// The spelling that the server prints: utf8 or utf8mb3.
DMLIB_DECL std::string charset_name_on(const server_kind& server, std::string_view charset);
DMLIB_DECL std::string collation_name_on(const server_kind& server, std::string_view collation);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/model/impl/charset.ipp>
#endif
