// A DM task file as C++ structs: the names are the file's, the values checked and defaulted.
#pragma once

#include <dmlib/config/database_config.hpp>
#include <dmlib/dml/mismatch.hpp>
#include <dmlib/transform/filter.hpp>
#include <dmlib/transform/mapper.hpp>
#include <dmlib/transform/router.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

enum class task_mode : std::uint8_t { all, full, incremental };
/// "all", "full", "incremental".
DMLIB_DECL std::string_view to_text(task_mode mode) noexcept;

/// Block of `mydumpers`: the full copy's reading side.
struct mydumper_config {
    int threads = 4;
    std::uint64_t chunk_filesize_bytes = 64ULL << 20U;  ///< chunk-filesize; without a unit MiB
    std::uint64_t statement_size_bytes = 0;             ///< 0 = chosen by dmlib
    std::uint64_t rows = 0;                             ///< rows per chunk; 0 = chosen by dmlib
    mark place;
};

/// Block of `loaders`: the full copy's writing side.
struct loader_config {
    /// What happens where a copied row's key is on the target already.
    enum class duplicate : std::uint8_t { error, replace };
    int pool_size = 16;
    std::string dir;  ///< empty: ./dumped_data.<task>; used only where files are written
    duplicate on_duplicate = duplicate::error;
    mark place;
};

/// Block of `syncers`.
struct syncer_config {
    int worker_count = 16;
    int batch = 0;  ///< 0: chosen
    int queue_size = 1024;
    std::chrono::seconds checkpoint_flush_interval{30};
    bool compact = true;              ///< several changes of one row in a batch become one
    bool multiple_rows = false;       ///< accepted, without effect: rows share statements anyway
    bool whole_transactions = false;  ///< ordering: transaction
    bool safe_mode = false;
    std::chrono::milliseconds safe_mode_duration{60'000};
    mismatch_policy on_row_mismatch = mismatch_policy::error;
    mark place;
};

/// Where incremental replication starts.
struct meta_config {
    std::string binlog_name;
    std::uint64_t binlog_pos = 0;
    std::string binlog_gtid;
    mark place;
};

/// One of `mysql-instances`, with its references resolved.
struct instance {
    std::string source_id;
    std::optional<meta_config> meta;
    block_allow_list list;                     ///< empty where none is referred to
    std::vector<route_rule> routes;            ///< in the order of route-rules
    std::vector<event_filter_rule> filters;    ///< in the order of filter-rules
    std::vector<mapping_rule> mappings;        ///< in the order of column-mapping-rules
    std::vector<row_filter_rule> expressions;  ///< in the order of expression-filters
    mydumper_config mydumper;
    loader_config loader;
    syncer_config syncer;
    mark place;  ///< of source-id
};

/// A task file.
struct task_file {
    std::string file;  ///< as given to load_task
    std::string name;
    task_mode mode = task_mode::all;
    std::string meta_schema = "dm_meta";
    std::string timezone;  ///< "" = the target's; "+08:00" or a name
    bool case_sensitive = false;
    bool strict_collation = false;  ///< collation_compatible: strict
    bool online_ddl = true;
    std::vector<std::string> shadow_table_rules;
    std::vector<std::string> trash_table_rules;
    std::vector<std::string> ignore_checking_items;
    std::vector<std::string> extra_checking_items;
    bool clean_dump_file = true;
    bool remove_meta = false;  ///< no effect, as in DM
    database_config target;
    std::vector<instance> instances;
    mark place;

    /// The instance of a source; nullptr where there is none.
    DMLIB_DECL const instance* find(std::string_view source_id) const noexcept;
};

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/config/impl/task_file.ipp>
#endif
