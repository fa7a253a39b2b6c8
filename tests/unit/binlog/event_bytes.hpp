// Builds events byte by byte, as the manuals of the format say.
#pragma once

#include <dmlib/core/bytes.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace binlog_test {

inline std::string le(std::uint64_t n, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((n >> (8 * i)) & 0xff));
    return out;
}

struct event_maker {
    bool checksums = true;
    std::uint64_t pos = 4;  ///< where the next event begins
    std::uint32_t timestamp = 1700000000;
    std::uint32_t server_id = 7;

    /// An event with header and checksum; moves `pos` on.
    std::string make(int code, const std::string& body, int flags = 0, bool with_log_pos = true) {
        const std::size_t size = 19 + body.size() + (checksums || code == 15 ? 4 : 0);
        pos += size;
        return raw(
            code, body, with_log_pos ? static_cast<std::uint32_t>(pos) : 0, flags, timestamp);
    }
    /// An event that is not in the file.
    std::string artificial(int code, const std::string& body) const {
        return raw(code, body, 0, 0x20, 0);
    }

    std::string raw(int code,
                    const std::string& body,
                    std::uint32_t log_pos,
                    int flags,
                    std::uint32_t time) const {
        const bool sum = checksums || code == 15;
        const std::size_t size = 19 + body.size() + (sum ? 4 : 0);
        std::string out = le(time, 4) + le(static_cast<std::uint64_t>(code), 1) + le(server_id, 4) +
                          le(size, 4) + le(log_pos, 4) + le(static_cast<std::uint64_t>(flags), 2) +
                          body;
        if (sum)
            out += le(
                crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size())),
                4);
        return out;
    }

    std::string format(const std::string& version = "8.0.33") {
        std::string body =
            le(4, 2) + version + std::string(50 - version.size(), '\0') + le(0, 4) + le(19, 1);
        const int lengths[] = {0,  13, 0,  8,  0,  0,  0, 0,  4,  0, 4,  0,  0, 0,
                               98, 0,  4,  26, 8,  0,  0, 0,  8,  8, 8,  2,  0, 0,
                               0,  10, 10, 10, 42, 42, 0, 18, 52, 0, 10, 40, 0};
        for (const int n : lengths) body.push_back(static_cast<char>(n));
        if (version.starts_with("5.5")) {
            // No server of then knows checksums.
            const std::string own = raw(15, body, static_cast<std::uint32_t>(pos), 0, timestamp);
            const std::string plain = own.substr(0, own.size() - 4);
            pos += plain.size();
            return plain.substr(0, 9) + le(plain.size(), 4) + le(pos, 4) + plain.substr(17);
        }
        body += le(checksums ? 1 : 0, 1);
        return make(15, body);
    }
    std::string query(const std::string& text, const std::string& schema = "d") {
        return make(2, query_body(text, schema));
    }
    static std::string query_body(const std::string& text, const std::string& schema = "d") {
        return le(1, 4) + le(0, 4) + le(schema.size(), 1) + le(0, 2) + le(0, 2) + schema + '\0' +
               text;
    }
    std::string xid(std::uint64_t n) { return make(16, le(n, 8)); }
    std::string rotate(const std::string& file, std::uint64_t to) {
        return make(4, le(to, 8) + file);
    }
    /// A table d.t of one INT NOT NULL and one VARCHAR(20) NULL.
    std::string table_map(std::uint64_t id = 9) { return make(19, table_map_body(id)); }
    static std::string table_map_body(std::uint64_t id = 9) {
        return le(id, 6) + le(1, 2) + le(1, 1) + "d" + '\0' + le(1, 1) + "t" + '\0' + le(2, 1) +
               le(3, 1) + le(15, 1) + le(2, 1) + le(20, 2) + le(2, 1);
    }
    static std::string insert_body(std::uint64_t id,
                                   int value,
                                   const std::string& text,
                                   bool end = true) {
        return le(id, 6) + le(end ? 1 : 0, 2) + le(2, 2) + le(2, 1) + le(3, 1) + le(0, 1) +
               le(static_cast<std::uint64_t>(value), 4) + le(text.size(), 1) + text;
    }
    std::string insert(std::uint64_t id, int value, const std::string& text, bool end = true) {
        return make(30, insert_body(id, value, text, end));
    }
    /// The event `whole` in `count` pieces, as MariaDB 12.3 writes them.
    std::string fragments(const std::string& whole, std::size_t count) {
        std::string out;
        const std::size_t size = (whole.size() + count - 1) / count;
        for (std::size_t i = 0; i < count; ++i) {
            out += make(
                172,
                fragment_body(
                    whole, count, i + 1, whole.substr(std::min(i * size, whole.size()), size)));
        }
        return out;
    }
    static std::string fragment_body(const std::string& whole,
                                     std::size_t count,
                                     std::size_t number,
                                     const std::string& part) {
        std::string body = le(count, 4) + le(number, 4) + le(number == 1 ? 1 : 0, 1);
        if (number == 1) body += le(whole.size(), 8);
        return body + part;
    }
    std::string gtid(std::uint64_t n, int code = 33) {
        return make(code,
                    le(0, 1) + std::string(16, '\x11') + le(n, 8) + le(2, 1) + le(1, 8) + le(2, 8));
    }
    std::string mariadb_gtid(std::uint64_t n, int flags) {
        return make(
            162,
            le(n, 8) + le(0, 4) + le(static_cast<std::uint64_t>(flags), 1) + std::string(6, '\0'));
    }
};

}  // namespace binlog_test
