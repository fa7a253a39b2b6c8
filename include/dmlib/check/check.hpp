// Prechecks: everything that would stop a task later, said before anything is written.
#pragma once

#include <dmlib/async/back_off.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/options.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {

enum class severity : std::uint8_t { error, warning };

/// One finding. A check that found nothing gives one item with passed = true.
struct check_item {
    std::string name;  ///< DM's name, as in ignore-checking-items
    check::severity severity = severity::error;
    bool passed = true;
    std::string source;               ///< source-id, "" for the target
    std::string message;              ///< what was found
    std::string instruction;          ///< the statement or key that puts it right
    std::optional<table_name> table;  ///< of the source
    std::string place{};              ///< of the rule: "task.yaml:12:5"; "" = none, or in no file
    double seconds = 0;  ///< what the check took that found it, all its tables together
};

/// A source table and where it goes.
struct table_pair {
    table_name source;
    table_name target;
    std::vector<extracted_column> extracted{};  ///< what routes fill; only the target has it
    rule_place route{};                         ///< of the route that does
    std::vector<column_mapping> mappings{};
    std::vector<row_filter_rule> row_filters{};
    std::optional<int> row_time_zone{};  ///< as filter::row_time_zone
};

/// A table where the task goes on.
struct earlier_definition {
    bool goes_on = false;               ///< the task has a checkpoint of this source
    std::optional<std::string> create;  ///< the table's CREATE TABLE there; nothing: it has none
};

/// One source of the task.
struct source_input {
    std::string id;
    mysql::connect_options connection;
    std::optional<flavor> expected_flavor;  ///< from the configuration; nothing = auto
    std::uint32_t server_id = 0;            ///< ours; 0 = random
    bool enable_gtid = false;
    std::optional<location> start;  ///< where incremental mode begins
    bool safe_mode = false;         ///< rows are written so that they replace others
    bool copy_replaces = false;     ///< those of the full copy are
    /// True: any shadow table of gh-ost and pt-osc is a failure; false: those that the rules leave
    /// out are.
    bool online_ddl = false;
    /// True where the task has no checkpoint: then an unreadable start position is an error, else a
    /// warning, since the task goes on from its checkpoint.
    bool first_start = false;
    /// From every base table of the source to those that are replicated, with their targets.
    /// Nothing: every table to its own name.
    std::function<result<std::vector<table_pair>>(const std::vector<table_name>&)> plan_tables;
    /// Every rule of the source against the names that it has (a schema has an empty table name).
    /// Nothing: no rules.
    std::function<result<std::vector<rule_use>>(const std::vector<table_name>&)> rule_uses;
    /// Asked for tables with rules about columns, by one thread at a time. Nothing: the task
    /// begins.
    std::function<earlier_definition(const table_name&)> at_checkpoint;
};

enum class task_mode : std::uint8_t { full, incremental, all };

/// Ends checks from any thread at any time, before they begin too. What they found so far is
/// returned then, and tells nothing. Stays stopped.
class stopper {
public:
    DMLIB_DECL void stop();
    bool stopped() const noexcept { return stopped_; }
    /// A session that stop() interrupts. For this room's own files.
    DMLIB_DECL void watch(mysql::canceller session);

private:
    std::atomic<bool> stopped_{false};
    std::mutex mutex_;
    std::vector<mysql::canceller> sessions_;
};

/// A server whose connection was lost is asked again; what is waited for, or what it was.
struct waiting {
    std::string source;        ///< source-id, "" for the target
    std::optional<error> why;  ///< nothing: it is over
    std::uint32_t tries = 0;   ///< failures since it began
    std::chrono::milliseconds next_try{0};
};

struct check_input {
    task_mode mode = task_mode::all;
    std::vector<source_input> sources;
    mysql::connect_options target;
    std::string task;  ///< name; "" = none yet
    std::string meta_schema = "dm_meta";
    std::string data_dir;  ///< whose free space is looked at; "" = none
    int dump_threads = 4;
    int load_threads = 16;
    int sync_workers = 16;
    /// Names of checks to leave out; "all" leaves out every one but `connection`.
    std::set<std::string> ignored;
    /// Checks that are made on demand only: primary_key, downstream_table_empty.
    std::set<std::string> extra;
    /// Called as checks end and for each table that was looked at: name, done, of. `total` grows as
    /// the tables become known. From one thread at a time.
    std::function<void(std::string_view name, std::size_t done, std::size_t total)> on_progress;
    /// How often a server is asked again whose connection was lost in the middle. The first
    /// connection is not waited for.
    async::back_off_options retry{.give_up_after = std::chrono::seconds(30)};
    /// Called when that begins, for each further try, and when it is over; from several threads.
    std::function<void(const waiting&)> on_waiting;
    /// Ends the checks early; nothing = they run to their end. Must outlive run_checks().
    stopper* stop = nullptr;
};

/// Runs every check that the mode needs, sources beside each other; blocks. Nothing is written on
/// any server. Every problem at once; items in order of sources, then the target.
DMLIB_DECL std::vector<check_item> run_checks(const check_input& input);

/// True where no item failed with severity error.
DMLIB_DECL bool passed(const std::vector<check_item>& items) noexcept;
/// check_failed with the failed items' messages and instructions; only for !passed(items).
DMLIB_DECL error to_error(const std::vector<check_item>& items);
/// Every name that ignore-checking-items may hold (DM's, "all" included).
DMLIB_DECL const std::vector<std::string_view>& known_names();
/// Every name that extra-checking-items may hold.
DMLIB_DECL const std::vector<std::string_view>& extra_names();

}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/check/impl/check.ipp>
#endif
