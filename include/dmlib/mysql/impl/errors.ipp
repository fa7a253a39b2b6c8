#pragma once

#include <dmlib/mysql/errors.hpp>
#include <dmlib/mysql/impl/internal/error_numbers.hpp>

#include <algorithm>
#include <iterator>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

namespace internal {

// What 1236 (cannot read the binlog) means is only in its text. Parts of MySQL's and MariaDB's
// sentences, each seen on a server or in its error list; the first match counts.
struct stream_sentence {
    std::string_view part;
    errc code;
};
inline constexpr stream_sentence stream_sentences[] = {
    {"same server_uuid/server_id", errc::binlog_server_id},
    {"same server_id", errc::binlog_server_id},
    {"Could not find first log file name", errc::binlog_purged},
    {"has purged binary logs", errc::binlog_purged},
    {"purged required binary logs", errc::binlog_purged},
    {"required binlog files have been purged", errc::binlog_purged},
    {"is missing the GTID", errc::binlog_purged},
    {"is not in the master's binlog", errc::checkpoint_source_changed},
    {"has more GTIDs than the", errc::checkpoint_source_changed},
    {"exceeded max_allowed_packet", errc::sync_position},
    {"impossible position", errc::sync_position},
    {"position > file size", errc::sync_position},
    {"bogus data in log event", errc::sync_position},
    {"truncated in the middle of event", errc::sync_position},
    {"Wrong offset or I/O error", errc::sync_position},
    {"crc check", errc::binlog_checksum},
    {"checksum", errc::binlog_checksum},
    {"Binary log is not open", errc::db_query_failed},
    {"GTID_MODE = OFF", errc::db_query_failed},
    {"AUTO_POSITION", errc::db_query_failed},
};

/// Whether the option that 1290 names says that the server takes no writes: read_only,
/// --super-read-only, TiDB's "READ ONLY" and their like. Others do not go away by waiting.
inline bool names_read_only(std::string_view message) {
    std::string text(message);
    for (char& c : text) {
        if (c == '_' || c == ' ') c = '-';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return text.find("read-only") != std::string::npos;
}

/// "Can't create/write to file": for any reason, of which a full disk is one.
inline bool says_disk_full(std::string_view message) {
    return message.find("Errcode: 28") != std::string_view::npos ||
           message.find("No space left") != std::string_view::npos;
}

/// A CHECK of the table refused the row.
inline bool is_check_refusal(int number) noexcept {
    return number == 3819 || number == 4025;
}

}  // namespace internal

DMLIB_DECL errc classify(int number, role side) noexcept {
    const auto* end = std::end(internal::error_numbers);
    const auto* at =
        std::lower_bound(std::begin(internal::error_numbers),
                         end,
                         number,
                         [](const internal::error_number& row, int n) { return row.number < n; });
    if (at != end && at->number == number) return at->code;
    return side == role::source ? errc::db_query_failed : errc::db_execute_failed;
}

DMLIB_DECL errc classify_stream_error(int number, std::string_view message) noexcept {
    if (number != 1236) {
        const errc code = classify(number, role::source);
        return code == errc::db_query_failed ? errc::binlog_read : code;
    }
    for (const auto& s : internal::stream_sentences) {
        if (message.find(s.part) != std::string_view::npos) return s.code;
    }
    return errc::binlog_read;
}

DMLIB_DECL error make_server_error(int number, std::string_view message, role side) {
    errc code = classify(number, side);
    if (number == 1290 && !internal::names_read_only(message)) code = classify(0, side);
    if (number == 1 && side == role::target && internal::says_disk_full(message))
        code = errc::db_read_only;
    std::string text = "Error " + std::to_string(number) + ": " + std::string(message);
    error e(code, std::move(text));
    e.server_errno(number);
    if (side == role::target && internal::is_check_refusal(number))
        e.workaround(
            "A CHECK of the target's table refuses the row: drop it there or write it as the "
            "source has it, then run again.");
    e.scope(side == role::source ? error_scope::upstream : error_scope::downstream);
    return e;
}

DMLIB_DECL bool ends_session(int number) noexcept {
    switch (number) {
        case 1053:
        case 1927:
        case 3169:
        case 4031:
        case 2006:
        case 2013:
        case 2014:
        case 2026:
        case 2027:
        case 2055:
        case 1158:
        case 1159:
        case 1160:
        case 1161:
        case 5013:
        case 5014:
            return true;
        default:
            return false;
    }
}

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
