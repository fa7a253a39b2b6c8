// Numbers of servers and of the client library -> codes. Sorted by number.
#pragma once

#include <dmlib/core/error.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {
namespace internal {

struct error_number {
    int number;
    errc code;
};

// MySQL, MariaDB (1900-4999), TiDB (8000-9999) and libmariadb (2000-2999, 5000-5099).
inline constexpr error_number error_numbers[] = {
    {3, errc::db_read_only},     // cannot write a file: disk full
    {1021, errc::db_read_only},  // disk full
    {1026, errc::db_read_only},  // error on write: disk full
    {1040, errc::db_too_many_connections},
    {1042, errc::db_connect},    // the server cannot resolve our address
    {1043, errc::db_connect},    // bad handshake
    {1044, errc::db_privilege},  // no access to the database
    {1045, errc::db_access_denied},
    {1047, errc::db_connection_lost},  // Galera: node not ready
    {1048, errc::db_not_null},
    {1049, errc::db_no_such_table},
    {1053, errc::db_connection_lost},  // server shutdown
    {1054, errc::db_unknown_column},
    {1062, errc::db_duplicate_entry},
    {1077, errc::db_connection_lost},
    {1079, errc::db_connection_lost},
    {1095, errc::db_privilege},       // KILL of another account's thread
    {1114, errc::db_read_only},       // table full
    {1129, errc::db_connect},         // host blocked
    {1130, errc::db_access_denied},   // host not allowed
    {1136, errc::db_unknown_column},  // column count
    {1142, errc::db_privilege},
    {1143, errc::db_privilege},
    {1146, errc::db_no_such_table},
    {1152, errc::db_connection_lost},
    {1153, errc::db_packet_too_large},
    {1154, errc::db_connection_lost},
    {1158, errc::db_connection_lost},
    {1159, errc::db_connection_lost},
    {1160, errc::db_connection_lost},
    {1161, errc::db_connection_lost},
    {1184, errc::db_connection_lost},
    {1189, errc::db_connection_lost},
    {1190, errc::db_connection_lost},
    {1197, errc::db_packet_too_large},  // max_binlog_cache_size
    {1203, errc::db_too_many_connections},
    {1205, errc::db_lock_wait},
    {1213, errc::db_deadlock},
    {1226, errc::db_too_many_connections},
    {1227, errc::db_privilege},
    {1251, errc::db_access_denied},  // authentication protocol
    {1263, errc::db_not_null},
    {1264, errc::db_data_too_long},
    {1265, errc::db_data_too_long},
    {1290, errc::db_read_only},  // where the option is one of those: see make_server_error()
    {1292, errc::db_data_too_long},
    {1317, errc::db_time_out},  // KILL QUERY; of a COMMIT it does not say what became of it
    {1366, errc::db_data_too_long},
    {1370, errc::db_privilege},
    {1406, errc::db_data_too_long},
    {1419, errc::db_privilege},
    {1524, errc::db_access_denied},  // plugin not loaded
    {1614, errc::db_deadlock},       // XA branch rolled back: deadlock
    {1637, errc::db_too_many_connections},
    {1690, errc::db_data_too_long},  // out of range
    {1698, errc::db_access_denied},
    {1792, errc::db_read_only},
    {1820, errc::db_access_denied},  // password expired
    {1836, errc::db_read_only},
    {1862, errc::db_access_denied},
    {1879, errc::db_connection_lost},
    {1927, errc::db_connection_lost},  // MariaDB: connection killed
    {1969, errc::db_time_out},         // MariaDB: max_statement_time
    {1970, errc::db_connection_lost},
    {2001, errc::db_connect},
    {2002, errc::db_connect},
    {2003, errc::db_connect},
    {2004, errc::db_connect},
    {2005, errc::db_connect},
    {2006, errc::db_connection_lost},
    {2007, errc::db_unknown_server},
    {2012, errc::db_connection_lost},
    {2013, errc::db_connection_lost},
    {2014, errc::internal_bug},  // commands out of sync
    {2020, errc::db_packet_too_large},
    {2026, errc::db_tls},
    {2027, errc::db_connection_lost},  // malformed packet
    {2054, errc::db_access_denied},
    {2055, errc::db_connection_lost},
    {2059, errc::db_access_denied},
    {2061, errc::db_access_denied},
    {3024, errc::db_time_out},  // MySQL: max_execution_time
    {3058, errc::db_deadlock},
    {3098, errc::db_connection_lost},  // group replication
    {3100, errc::db_connection_lost},
    {3101, errc::db_deadlock},       // group replication rolled back
    {3118, errc::db_access_denied},  // account locked
    {3140, errc::db_data_too_long},  // invalid JSON
    {3144, errc::db_data_too_long},
    {3159, errc::db_tls},  // require_secure_transport
    {3168, errc::db_connection_lost},
    {3169, errc::db_connection_lost},
    {3572, errc::db_lock_wait},
    {3955, errc::db_access_denied},
    {4031, errc::db_connection_lost},  // closed for inactivity
    {4151, errc::db_access_denied},    // MariaDB: account locked
    {5010, errc::db_access_denied},    // plugin not allowed (a clear-text password)
    {5013, errc::db_connection_lost},
    {5014, errc::db_connection_lost},
    {8002, errc::db_deadlock},          // TiDB: write conflict of SELECT FOR UPDATE
    {8004, errc::db_packet_too_large},  // TiDB: transaction too large
    {8005, errc::db_deadlock},          // TiDB: write conflict
    {8020, errc::db_lock_wait},         // TiDB: table locked
    {8022, errc::db_deadlock},          // TiDB: commit failed, retryable
    {8025, errc::db_packet_too_large},  // TiDB: entry too large
    {8027, errc::db_time_out},          // TiDB: schema out of date
    {8028, errc::db_deadlock},          // TiDB: schema changed in between
    {8121, errc::db_privilege},
    {8175, errc::db_packet_too_large},  // TiDB: memory quota
    {8229, errc::db_time_out},          // TiDB: transaction's time to live
    {9001, errc::db_time_out},          // TiDB: PD
    {9002, errc::db_time_out},          // TiDB: TiKV
    {9003, errc::db_time_out},
    {9004, errc::db_time_out},
    {9005, errc::db_time_out},
    {9006, errc::db_time_out},
    {9007, errc::db_deadlock},  // TiDB: write conflict
    {9008, errc::db_time_out},
    {9010, errc::db_time_out},
};

}  // namespace internal
}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
