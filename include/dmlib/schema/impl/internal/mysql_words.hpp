// The words of MySQL's grammar: names that it quotes where it otherwise prints names bare (the
// parts of PARTITION BY). Asked of servers: which of the words of information_schema.KEYWORDS come
// back with quotes as the name of a partitioning column.
#pragma once

#include <dmlib/model/names.hpp>
#include <dmlib/schema/impl/internal/text.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// In 5.6 and later, each between blanks.
inline constexpr std::string_view words_of_mysql =
    " "
    "accessible action add after against aggregate algorithm all alter analyze and any as "
    "asc ascii asensitive at auto_increment autoextend_size avg avg_row_length backup "
    "before begin between bigint binary binlog bit blob block bool boolean both btree by "
    "byte cache call cascade cascaded case catalog_name chain change changed char "
    "character charset check checksum cipher class_origin client close coalesce code "
    "collate collation column column_format column_name columns comment commit committed "
    "compact completion compressed concurrent condition connection consistent constraint "
    "constraint_catalog constraint_name constraint_schema contains context continue "
    "convert cpu create cross cube current current_date current_time current_timestamp "
    "current_user cursor cursor_name data database databases datafile date datetime day "
    "day_hour day_microsecond day_minute day_second deallocate dec decimal declare "
    "default default_auth definer delay_key_write delayed delete desc describe "
    "deterministic diagnostics directory disable discard disk distinct distinctrow div do "
    "double drop dual dumpfile duplicate dynamic each else elseif enable enclosed end "
    "ends engine engines enum error errors escape escaped event events every exchange "
    "execute exists exit expansion expire explain export extended extent_size false fast "
    "faults fetch fields file first fixed float float4 float8 flush for force foreign "
    "format found from full fulltext function general geometry geometrycollection get "
    "get_format global grant grants group handler hash having help high_priority host "
    "hosts hour hour_microsecond hour_minute hour_second identified if ignore "
    "ignore_server_ids import in index indexes infile initial_size inner inout "
    "insensitive insert insert_method install int int1 int2 int3 int4 int8 integer "
    "interval into invoker io io_after_gtids io_before_gtids io_thread ipc is isolation "
    "issuer iterate join key key_block_size keys kill language last leading leave leaves "
    "left less level like limit linear lines linestring list load local localtime "
    "localtimestamp lock locks logfile logs long longblob longtext loop low_priority "
    "master master_auto_position master_bind master_connect_retry master_delay "
    "master_heartbeat_period master_host master_log_file master_log_pos master_password "
    "master_port master_retry_count master_ssl master_ssl_ca master_ssl_capath "
    "master_ssl_cert master_ssl_cipher master_ssl_crl master_ssl_crlpath master_ssl_key "
    "master_ssl_verify_server_cert master_user match max_connections_per_hour "
    "max_queries_per_hour max_rows max_size max_updates_per_hour max_user_connections "
    "maxvalue medium mediumblob mediumint mediumtext memory merge message_text "
    "microsecond middleint migrate min_rows minute minute_microsecond minute_second mod "
    "mode modifies modify month multilinestring multipoint multipolygon mutex mysql_errno "
    "name names national natural nchar ndb ndbcluster new next no no_wait "
    "no_write_to_binlog nodegroup none not null number numeric nvarchar offset on one "
    "only open optimize option optionally options or order out outer outfile owner "
    "pack_keys page parser partial partition partitioning partitions password phase "
    "plugin plugin_dir plugins point polygon port precision prepare preserve prev primary "
    "privileges procedure process processlist profile profiles proxy purge quarter query "
    "quick range read read_only read_write reads real rebuild recover redo_buffer_size "
    "redundant references regexp relay relay_log_file relay_log_pos relay_thread relaylog "
    "release reload remove rename reorganize repair repeat repeatable replace replication "
    "require reset resignal restore restrict resume return returned_sqlstate returns "
    "reverse revoke right rlike rollback rollup routine row row_count row_format rows "
    "rtree savepoint schedule schema schema_name schemas second second_microsecond "
    "security select sensitive separator serial serializable server session set share "
    "show shutdown signal signed simple slave slow smallint snapshot socket some soname "
    "sounds source spatial specific sql sql_after_gtids sql_after_mts_gaps "
    "sql_before_gtids sql_big_result sql_buffer_result sql_calc_found_rows sql_no_cache "
    "sql_small_result sql_thread sql_tsi_day sql_tsi_hour sql_tsi_minute sql_tsi_month "
    "sql_tsi_quarter sql_tsi_second sql_tsi_week sql_tsi_year sqlexception sqlstate "
    "sqlwarning ssl start starting starts stats_auto_recalc stats_persistent "
    "stats_sample_pages status stop storage straight_join string subclass_origin subject "
    "subpartition subpartitions super suspend swaps switches table table_checksum "
    "table_name tables tablespace temporary temptable terminated text than then time "
    "timestamp timestampadd timestampdiff tinyblob tinyint tinytext to trailing "
    "transaction trigger triggers true truncate type types uncommitted undefined undo "
    "undo_buffer_size undofile unicode uninstall union unique unknown unlock unsigned "
    "until update upgrade usage use use_frm user user_resources using utc_date utc_time "
    "utc_timestamp value values varbinary varchar varcharacter variables varying view "
    "wait warnings week weight_string when where while with work wrapper write x509 xa "
    "xml xor year year_month zerofill ";

/// In 8.0 and later.
inline constexpr std::string_view words_since_8 =
    " "
    "account active admin always array assign_gtids_to_anonymous_transactions attribute "
    "authentication buckets bulk challenge_response channel clone component compression "
    "cume_dist definition dense_rank description empty encryption enforced "
    "engine_attribute except exclude factor failed_login_attempts file_block_size filter "
    "finish first_value following follows generate generated geomcollection "
    "get_master_public_key get_source_public_key group_replication grouping groups "
    "gtid_only histogram history inactive initial initiate instance intersect invisible "
    "json json_table json_value keyring lag last_value lateral lead locked "
    "master_compression_algorithms master_public_key_path master_tls_ciphersuites "
    "master_tls_version master_zstd_compression_level member nested network_namespace "
    "never nowait nth_value ntile nulls of off oj old optimizer_costs optional ordinality "
    "organization others over password_lock_time path percent_rank persist persist_only "
    "precedes preceding privilege_checks_user random rank recursive reference "
    "registration replica replicas replicate_do_db replicate_do_table replicate_ignore_db "
    "replicate_ignore_table replicate_rewrite_db replicate_wild_do_table "
    "replicate_wild_ignore_table require_row_format require_table_primary_key_check "
    "resource respect restart retain returning reuse role rotate row_number secondary "
    "secondary_engine secondary_engine_attribute secondary_load secondary_unload skip "
    "source_auto_position source_bind source_compression_algorithms source_connect_retry "
    "source_connection_auto_failover source_delay source_heartbeat_period source_host "
    "source_log_file source_log_pos source_password source_port source_public_key_path "
    "source_retry_count source_ssl source_ssl_ca source_ssl_capath source_ssl_cert "
    "source_ssl_cipher source_ssl_crl source_ssl_crlpath source_ssl_key "
    "source_ssl_verify_server_cert source_tls_ciphersuites source_tls_version source_user "
    "source_zstd_compression_level srid stacked stored stream system thread_priority ties "
    "tls unbounded unregister url validation vcpu virtual visible window without xid zone ";

/// In 9.x.
inline constexpr std::string_view words_since_9 =
    " "
    "absent allow_missing_files auto auto_refresh auto_refresh_source bernoulli duality "
    "external external_format file_format file_name file_pattern file_prefix files gtids "
    "guided header library log manual masking materialized parallel parameters parse_tree "
    "policy qualify relational s3 sets strict_load tablesample uri validate vector "
    "verify_key_constraints ";

inline bool is_mysql_word(std::string_view name, const server_kind& server) {
    const std::string word = " " + sql::ascii_lower(std::string(name)) + " ";
    const auto among = [&](std::string_view words) {
        return words.find(word) != std::string_view::npos;
    };
    return among(words_of_mysql) || (server.version.at_least(8) && among(words_since_8)) ||
           (server.version.at_least(9) && among(words_since_9));
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
