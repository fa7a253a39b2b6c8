// Decoded events. Every view borrows: from the bytes that were pushed, or from the decoder's own
// buffer (decompressed ones); both are valid until the next call of the decoder.
#pragma once

#include <dmlib/binlog/event_type.hpp>
#include <dmlib/binlog/table_map.hpp>
#include <dmlib/core/bytes.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/position.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

inline constexpr std::size_t header_size = 19;

/// Bits of event_header::flags.
namespace header_flag {
inline constexpr std::uint16_t in_use = 0x1;       ///< file was not closed (format description)
inline constexpr std::uint16_t artificial = 0x20;  ///< made by the server for this reader
inline constexpr std::uint16_t relay_log = 0x40;
inline constexpr std::uint16_t ignorable = 0x80;  ///< a reader that does not know it may skip it
}  // namespace header_flag

struct event_header {
    std::uint32_t timestamp = 0;
    std::uint8_t code = 0;
    std::uint32_t server_id = 0;
    std::uint32_t size = 0;
    std::uint32_t log_pos = 0;  ///< end of the event modulo 2^32; 0 for artificial ones
    std::uint16_t flags = 0;
};

enum class checksum_algorithm : std::uint8_t { none = 0, crc32 = 1, undefined = 255 };

struct format_description {
    std::uint16_t binlog_version = 0;
    std::string_view server_version;
    std::uint32_t create_timestamp = 0;
    std::uint8_t header_length = 0;
    byte_view post_header_lengths;  ///< of code 1, 2, ...
    checksum_algorithm checksum = checksum_algorithm::none;
    dmlib::flavor dialect = flavor::mysql;
};

struct rotate {
    std::string_view next_file;
    std::uint64_t next_pos = 4;
    bool artificial = false;  ///< sent at the start of a stream; not in the file
};

struct charset_ids {
    std::uint16_t client = 0;
    std::uint16_t connection = 0;
    std::uint16_t server = 0;
    bool operator==(const charset_ids&) const = default;
};

/// Status variables of a statement: what its meaning depends on.
struct query_status {
    std::optional<std::uint32_t> flags2;  ///< OPTION_* bits, see the functions below
    std::optional<std::uint64_t> sql_mode;
    std::optional<std::string_view> catalog;
    std::optional<std::uint16_t> auto_increment_increment;
    std::optional<std::uint16_t> auto_increment_offset;
    std::optional<charset_ids> charset;
    std::optional<std::string_view> time_zone;
    std::optional<std::uint16_t> lc_time_names;
    std::optional<std::uint16_t> database_collation;
    std::optional<std::uint64_t> table_map_for_update;
    std::optional<std::uint32_t> master_data_written;
    std::optional<std::string_view> invoker_user;
    std::optional<std::string_view> invoker_host;
    byte_view updated_databases;  ///< names, each ended by a zero byte
    std::optional<std::uint32_t> microseconds;
    std::optional<bool> explicit_defaults_for_timestamp;
    std::optional<std::uint64_t> ddl_xid;
    std::optional<std::uint16_t> default_collation_for_utf8mb4;
    std::optional<std::uint8_t> sql_require_primary_key;
    std::optional<std::uint8_t> default_table_encryption;
    std::optional<std::uint16_t> gtid_flags_extra;  ///< MariaDB
    std::optional<std::uint64_t> alter_sequence;    ///< MariaDB two-phase ALTER
    byte_view character_set_collations;             ///< MariaDB 11.3: pairs of 16-bit ids
    std::optional<std::uint8_t> unknown_code;       ///< first status variable that is not known

    bool foreign_key_checks() const noexcept { return !(flags2.value_or(0) & (1u << 26)); }
    bool unique_checks() const noexcept { return !(flags2.value_or(0) & (1u << 27)); }
    bool autocommit() const noexcept { return !(flags2.value_or(0) & (1u << 19)); }
};

struct query {
    query() noexcept {}  // not `= default`: that would zero it all before the values are set
    std::uint32_t thread_id = 0;
    std::uint32_t execution_time = 0;
    std::uint16_t error_code = 0;
    std::string_view schema;
    std::string_view text;  ///< decompressed where it was compressed
    query_status status;
    bool compressed = false;
};

/// Commit of a transaction of a transactional engine.
struct xid {
    std::uint64_t id = 0;
};

/// GTID_LOG_EVENT, ANONYMOUS_GTID_LOG_EVENT and GTID_TAGGED_LOG_EVENT of MySQL.
struct mysql_gtid_event {
    bool anonymous = false;
    bool tagged = false;
    std::uint8_t gtid_flags = 0;  ///< bit 0: the transaction may have been logged as statements
    uuid sid{};
    std::string_view tag;
    std::int64_t number = 0;
    std::optional<std::int64_t> last_committed;
    std::optional<std::int64_t> sequence_number;
    std::optional<std::uint64_t> immediate_commit_us;  ///< microseconds since the epoch
    std::optional<std::uint64_t> original_commit_us;
    std::optional<std::uint64_t> transaction_length;  ///< bytes of all events, this one included
    std::optional<std::uint32_t> immediate_server_version;
    std::optional<std::uint32_t> original_server_version;
    std::optional<std::uint64_t> commit_group_ticket;
};

/// An XA transaction's name.
struct xa_id {
    std::int32_t format = 0;
    std::string_view gtrid;
    std::string_view bqual;
};

/// MariaDB's GTID_EVENT: begins an event group.
struct mariadb_gtid_event {
    enum flag : std::uint8_t {
        standalone = 1,  ///< the group is one statement without COMMIT (DDL)
        group_commit = 2,
        transactional = 4,
        allow_parallel = 8,
        waited = 16,
        ddl = 32,
        prepared_xa = 64,
        completed_xa = 128,
    };
    enum flag_extra : std::uint8_t {
        start_alter = 2,
        commit_alter = 4,
        rollback_alter = 8,
    };
    mariadb_gtid id;
    std::uint8_t flags = 0;
    std::uint8_t flags_extra = 0;
    std::optional<std::uint64_t> commit_id;
    std::optional<xa_id> xa;
    std::optional<std::uint64_t> alter_sequence;  ///< of START ALTER, in COMMIT and ROLLBACK ALTER
    std::optional<std::uint64_t> thread_id;
};

/// Body is read by mysql_gtid_set::decode.
struct previous_gtids {
    byte_view body;
};
/// Body is read by mariadb_gtid_set::decode.
struct gtid_list {
    byte_view body;
};

struct table_map_event {
    std::shared_ptr<const table_map> table;
};

enum class rows_kind : std::uint8_t { insert, update, remove };

/// Rows of one table. row_decoder reads them.
struct rows_event {
    rows_event() noexcept {}  // see query
    rows_kind kind = rows_kind::insert;
    std::uint8_t version = 2;    ///< 0 (before 5.1), 1, 2
    bool statement_end = false;  ///< last row event of its statement; its table maps end here
    bool partial_json = false;   ///< JSON columns of the after image may be diffs
    bool compressed = false;
    std::uint16_t flags = 0;
    std::uint64_t table_id = 0;
    std::uint32_t column_count = 0;
    std::shared_ptr<const table_map> table;  ///< null only for the dummy that ends a statement
    byte_view before_columns;  ///< bitmap of the columns in the before image; empty for inserts
    byte_view after_columns;   ///< the same of the after image; empty for deletes
    byte_view rows;
    /// The table's rows are not wanted (decoder::ignore_rows): `rows` is empty and nothing of the
    /// event but its table and flags is known.
    bool ignored = false;
    /// An insert whose image has no column at all (INSERT ... VALUES () with a minimal image): its
    /// rows take no bytes, so the event does not tell how many they are. row_decoder gives one, as
    /// the server's replica does; whoever applies it has to refuse it.
    bool uncounted = false;
    std::optional<std::uint16_t> partition;
    std::optional<std::uint16_t> source_partition;  ///< of an update that moves rows
};

/// ROWS_QUERY_LOG_EVENT or ANNOTATE_ROWS_EVENT: the statement that made the rows.
struct rows_query {
    std::string_view text;
};

struct heartbeat {
    std::string_view file;
    std::uint64_t pos = 0;
};

/// The source lost events.
struct incident {
    std::uint16_t number = 0;
    std::string_view message;
};

struct intvar {
    std::uint8_t kind = 0;  ///< 1 LAST_INSERT_ID, 2 INSERT_ID
    std::uint64_t value = 0;
};
struct rand_seeds {
    std::uint64_t seed1 = 0;
    std::uint64_t seed2 = 0;
};
struct user_var {
    enum class kind : std::uint8_t { string = 0, real = 1, integer = 2, row = 3, decimal = 4 };
    std::string_view name;
    bool is_null = false;
    kind type = kind::string;
    std::uint32_t collation = 0;
    byte_view raw;
    bool is_unsigned = false;
};
struct stop {};

struct xa_prepare {
    xa_id id;
    bool one_phase = false;
};

struct binlog_checkpoint {
    std::string_view log_file;
};

/// MariaDB: everything behind it in the file is encrypted. On a stream it is decrypted already.
struct start_encryption {
    std::uint8_t scheme = 0;
    std::uint32_t key_version = 0;
    byte_view nonce;
};

/// BEGIN_LOAD_QUERY and APPEND_BLOCK.
struct load_block {
    std::uint32_t file_id = 0;
    byte_view data;
};
struct load_delete {
    std::uint32_t file_id = 0;
};
/// EXECUTE_LOAD_QUERY.
struct load_query {
    dmlib::binlog::query statement;
    std::uint32_t file_id = 0;
    std::uint32_t name_start = 0;
    std::uint32_t name_end = 0;
    std::uint8_t duplicates = 0;  ///< 0 error, 1 ignore, 2 replace
};

/// The events inside follow one by one with decoder::next_inner().
struct transaction_payload {
    std::uint64_t compression = 255;  ///< 0 zstd, 255 none
    std::uint64_t uncompressed_size = 0;
    byte_view payload;
};

/// A piece of a row event that is too large for one event (MariaDB 12.3). The whole row event
/// stands in the event of the last piece.
struct row_fragment {
    std::uint32_t number = 0;
    std::uint32_t total = 0;
};

/// An event whose body is not decoded: ignorable or refused; see event::status.
struct undecoded {
    byte_view body;
};

using event_body = std::variant<undecoded,
                                format_description,
                                rotate,
                                query,
                                xid,
                                mysql_gtid_event,
                                mariadb_gtid_event,
                                previous_gtids,
                                gtid_list,
                                table_map_event,
                                rows_event,
                                rows_query,
                                heartbeat,
                                incident,
                                intvar,
                                rand_seeds,
                                user_var,
                                stop,
                                xa_prepare,
                                binlog_checkpoint,
                                start_encryption,
                                load_block,
                                load_delete,
                                load_query,
                                transaction_payload,
                                row_fragment>;

/// One decoded event.
struct event {
    event_header header;
    std::uint64_t start = 0;  ///< 64-bit offset in the source's file; of a payload: the payload's
    std::uint64_t next = 0;   ///< offset behind it
    bool in_payload = false;
    bool artificial = false;  ///< not in the file: made for this stream
    event_status status = event_status::handled;
    std::string_view reason;   ///< for ignorable and refused; static or as long as the views
    std::string_view way_out;  ///< for refused
    event_body body;

    event_type type() const noexcept { return static_cast<event_type>(header.code); }
    template <class T>
    const T* get() const noexcept {
        return std::get_if<T>(&body);
    }
};

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
