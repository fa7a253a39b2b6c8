// Keys of encrypted binlog files, and the files that the servers keep them in.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// A key of MariaDB's file_key_management (by number) or of MySQL's keyring (by name).
/// A secret: never printed.
struct encryption_key {
    std::uint32_t id = 1;  ///< MariaDB: binlogs use key 1; 0 for MySQL's
    std::string name;      ///< MySQL: "MySQLReplicationKey_<server_uuid>_<n>"; empty for MariaDB's
    std::string bytes;     ///< MariaDB: 16, 24 or 32 bytes; MySQL: 32
};

/// Reads a key file; its content says which of the three it is:
/// MariaDB's `file_key_management_filename` (lines `<id>;<hex>`, not encrypted itself), MySQL's
/// `keyring_file_data` (plugin keyring_file), or the JSON file of MySQL's component_keyring_file.
/// Errors: binlog_encrypted where it is none of them, is damaged, or is encrypted itself.
DMLIB_DECL result<std::vector<encryption_key>> read_key_file(byte_view content);

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/key_file.ipp>
#endif
