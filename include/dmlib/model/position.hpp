// Places in a source's binlog: file positions, GTID sets of both dialects, and both together.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// A byte offset in a binlog file. 64 bits: files may be larger than the header's 32-bit field.
struct binlog_position {
    std::string file;
    std::uint64_t pos = 4;
    bool operator==(const binlog_position&) const = default;
    bool empty() const noexcept { return file.empty(); }
};

/// Orders positions of one server: by the number at the end of the file name (of any length, so
/// 1000000 follows 999999), then by offset. Names without a number compare as text.
DMLIB_DECL std::strong_ordering compare(const binlog_position& a, const binlog_position& b);
/// "binlog.000003:1204".
DMLIB_DECL std::string to_string(const binlog_position& p);

using uuid = std::array<std::uint8_t, 16>;
DMLIB_DECL std::string to_string(const uuid& id);
DMLIB_DECL std::optional<uuid> parse_uuid(std::string_view text);

/// One transaction's id on MySQL: uuid[:tag]:number. Tag is lower case, at most 32 characters.
struct mysql_gtid {
    uuid sid{};
    std::string tag;
    std::int64_t number = 0;
    auto operator<=>(const mysql_gtid&) const = default;
};

/// One transaction's id on MariaDB: domain-server-sequence.
struct mariadb_gtid {
    std::uint32_t domain = 0;
    std::uint32_t server = 0;
    std::uint64_t sequence = 0;
    auto operator<=>(const mariadb_gtid&) const = default;
};

using gtid = std::variant<std::monostate, mysql_gtid, mariadb_gtid>;
/// The server's text: "uuid:7", "uuid:tag:7", "0-1-5"; "" for none.
DMLIB_DECL std::string to_string(const gtid& g);

/// A set of MySQL GTIDs with the full algebra, tags included. Intervals are half-open and
/// merged. Not thread safe.
class mysql_gtid_set {
public:
    struct interval {
        std::int64_t first = 0;  ///< inclusive, >= 1
        std::int64_t end = 0;    ///< exclusive
        bool operator==(const interval&) const = default;
    };
    using key = std::pair<uuid, std::string>;  // uuid, tag

    /// Reads the server's text: spaces, line breaks, upper case and "uuid:1-3:5:tag:7" are taken.
    DMLIB_DECL static result<mysql_gtid_set> parse(std::string_view text);
    /// Body of PREVIOUS_GTIDS_LOG_EVENT, both layouts (with and without tags).
    DMLIB_DECL static result<mysql_gtid_set> decode(byte_view body);
    /// The untagged layout of COM_BINLOG_DUMP_GTID; the tagged layout where a tag is in the set.
    DMLIB_DECL std::string encode() const;

    bool empty() const noexcept { return sets_.empty(); }
    DMLIB_DECL void add(const mysql_gtid& g);
    DMLIB_DECL void add(const mysql_gtid_set& other);
    DMLIB_DECL void subtract(const mysql_gtid_set& other);
    DMLIB_DECL mysql_gtid_set intersect(const mysql_gtid_set& other) const;
    DMLIB_DECL bool contains(const mysql_gtid& g) const;
    DMLIB_DECL bool contains(const mysql_gtid_set& other) const;
    /// Number of GTIDs in the set.
    DMLIB_DECL std::uint64_t count() const;
    /// The server's text without spaces: UUIDs lower case and ordered, tags of one UUID joined.
    DMLIB_DECL std::string to_string() const;
    const std::map<key, std::vector<interval>>& intervals() const noexcept { return sets_; }
    bool operator==(const mysql_gtid_set&) const = default;

private:
    std::map<key, std::vector<interval>> sets_;
};

/// A MariaDB position: the last GTID of each (domain, server), as in gtid_binlog_state; what a
/// replica asks for is the last one of each domain.
class mariadb_gtid_set {
public:
    DMLIB_DECL static result<mariadb_gtid_set> parse(std::string_view text);
    /// Body of GTID_LIST_EVENT.
    DMLIB_DECL static result<mariadb_gtid_set> decode(byte_view body);

    bool empty() const noexcept { return last_.empty(); }
    /// Moves (domain, server) to `g`, which becomes the domain's last.
    DMLIB_DECL void add(const mariadb_gtid& g);
    DMLIB_DECL void add(const mariadb_gtid_set& other);
    /// True where `g` is at or before this position's entry of its domain.
    DMLIB_DECL bool contains(const mariadb_gtid& g) const;
    DMLIB_DECL bool contains(const mariadb_gtid_set& other) const;
    DMLIB_DECL void subtract(const mariadb_gtid_set& other);
    DMLIB_DECL mariadb_gtid_set intersect(const mariadb_gtid_set& other) const;
    DMLIB_DECL bool shares_domain(const mariadb_gtid_set& other) const;
    /// "0-1-5,1-7-9", ordered by domain; every (domain, server) entry.
    DMLIB_DECL std::string to_string() const;
    /// Only the last GTID of each domain: what SET @slave_connect_state takes.
    DMLIB_DECL std::string connect_state() const;
    bool operator==(const mariadb_gtid_set&) const = default;

private:
    struct domain_state {
        std::map<std::uint32_t, std::uint64_t> by_server;
        std::uint32_t last_server = 0;
        bool operator==(const domain_state&) const = default;
    };
    std::map<std::uint32_t, domain_state> last_;
};

/// A GTID set of either dialect.
class gtid_set {
public:
    gtid_set() = default;
    gtid_set(mysql_gtid_set s) : set_(std::move(s)) {}
    gtid_set(mariadb_gtid_set s) : set_(std::move(s)) {}
    DMLIB_DECL static result<gtid_set> parse(flavor f, std::string_view text);
    DMLIB_DECL bool empty() const noexcept;
    DMLIB_DECL void add(const gtid& g);
    DMLIB_DECL bool contains(const gtid& g) const;
    DMLIB_DECL bool contains(const gtid_set& other) const;
    DMLIB_DECL std::string to_string() const;
    const mysql_gtid_set* mysql() const noexcept { return std::get_if<mysql_gtid_set>(&set_); }
    const mariadb_gtid_set* mariadb() const noexcept {
        return std::get_if<mariadb_gtid_set>(&set_);
    }
    bool operator==(const gtid_set&) const = default;

private:
    std::variant<std::monostate, mysql_gtid_set, mariadb_gtid_set> set_;
};

/// A position and, where the source has GTIDs, everything executed up to it.
struct location {
    binlog_position position;
    gtid_set gtids;
    bool operator==(const location&) const = default;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/model/impl/gtid.ipp>
#include <dmlib/model/impl/position.ipp>
#endif
