// The 256 event type codes of both dialects, and what dmlib does with each.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/model/names.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// Type codes as the servers number them. 160 and above are MariaDB's.
enum class event_type : std::uint8_t {
    unknown = 0,
    start_v3 = 1,
    query = 2,
    stop = 3,
    rotate = 4,
    intvar = 5,
    load = 6,
    slave = 7,
    create_file = 8,
    append_block = 9,
    exec_load = 10,
    delete_file = 11,
    new_load = 12,
    rand = 13,
    user_var = 14,
    format_description = 15,
    xid = 16,
    begin_load_query = 17,
    execute_load_query = 18,
    table_map = 19,
    pre_ga_write_rows = 20,
    pre_ga_update_rows = 21,
    pre_ga_delete_rows = 22,
    write_rows_v1 = 23,
    update_rows_v1 = 24,
    delete_rows_v1 = 25,
    incident = 26,
    heartbeat = 27,
    ignorable = 28,
    rows_query = 29,
    write_rows = 30,
    update_rows = 31,
    delete_rows = 32,
    gtid = 33,
    anonymous_gtid = 34,
    previous_gtids = 35,
    transaction_context = 36,
    view_change = 37,
    xa_prepare = 38,
    partial_update_rows = 39,
    transaction_payload = 40,
    heartbeat_v2 = 41,
    gtid_tagged = 42,
    annotate_rows = 160,
    binlog_checkpoint = 161,
    mariadb_gtid = 162,
    gtid_list = 163,
    start_encryption = 164,
    query_compressed = 165,
    write_rows_compressed_v1 = 166,
    update_rows_compressed_v1 = 167,
    delete_rows_compressed_v1 = 168,
    write_rows_compressed = 169,
    update_rows_compressed = 170,
    delete_rows_compressed = 171,
    partial_row_data = 172,
};

/// What becomes of an event.
enum class event_status : std::uint8_t {
    handled,    ///< decoded; its meaning is used
    ignorable,  ///< carries nothing that changes data; the table says why
    refused,    ///< carries data that cannot be applied; a task stops there
};

/// One row of the table of events (src/tables/events.csv). Static storage.
struct event_rule {
    std::uint8_t code;
    std::string_view name;  ///< as in the servers' enum Log_event_type; empty: UNKNOWN_<code>
    event_status mysql;
    event_status mariadb;
    std::string_view reason;   ///< why it is ignorable or refused
    std::string_view way_out;  ///< for refused ones
};

/// The table's row for a code. Codes that no server writes share one row (refused, unless the
/// event carries the ignorable flag).
DMLIB_DECL const event_rule& rule_of(std::uint8_t code) noexcept;
DMLIB_DECL event_status status_of(flavor f, std::uint8_t code) noexcept;
/// "WRITE_ROWS_EVENT", "UNKNOWN_200". MariaDB's own codes have no name in MySQL's dialect.
DMLIB_DECL std::string name_of(flavor f, std::uint8_t code);

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/event_type.ipp>
#endif
