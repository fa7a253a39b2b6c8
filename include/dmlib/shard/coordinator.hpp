// Who decides what happens to a DDL of a table that several source tables are merged into.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// How the DDL of merged tables is coordinated; DM's `shard-mode`.
enum class shard_mode : std::uint8_t {
    none,         ///< no lock: each DDL runs on the target when it arrives
    pessimistic,  ///< every source table stops at the DDL until all have it, then it runs once
    optimistic,   ///< each DDL is joined into the target's definition as far as that is compatible
};

/// One DDL that a subtask has read and not yet run.
struct shard_ddl {
    std::string task;
    std::string source;
    table_name source_table;
    table_name target_table;
    std::string statement;
};

enum class shard_verdict : std::uint8_t {
    run,   ///< this subtask runs the statements, then reports with `done`
    skip,  ///< another subtask has run them; go on behind the DDL
    wait,  ///< ask again after the lock named in the decision has changed
};

struct shard_decision {
    shard_verdict verdict = shard_verdict::run;
    std::vector<std::string> statements;  ///< what to run on the target; filled for `run`
    std::string lock;                     ///< the lock's name; empty where there is none
};

/// A lock as a status shows it. `way_out` names the command or time-out that ends it.
struct shard_lock {
    std::string name;
    std::string task;
    table_name target_table;
    std::string owner;  ///< the source that runs the statements
    std::vector<std::string> statements;
    std::vector<std::string> synced;    ///< sources that have reached the DDL
    std::vector<std::string> unsynced;  ///< sources that have not
    std::string way_out;
};

/// The seam between subtasks that merge tables. One object serves all tasks of a program; a host
/// that spreads its subtasks over processes gives them an implementation of its own. Thread safety:
/// none; a host whose subtasks run on several threads calls it from one strand.
class coordinator {
public:
    virtual ~coordinator() = default;

    /// A task announces how its merged tables are coordinated, before its first DDL. Again with the
    /// same mode is no fault.
    /// Errors: config_not_supported where the implementation has no such locks; config_bad_value
    /// where the task has announced another mode.
    virtual result<void> join(const std::string& task, shard_mode mode) = 0;

    /// What the subtask that read `ddl` has to do. Asking twice for the same DDL answers the same.
    /// Errors: config_bad_reference for a task that did not join.
    virtual result<shard_decision> decide(const shard_ddl& ddl) = 0;

    /// The statements of a `run` decision are on the target, and the subtask has recorded it.
    virtual result<void> done(const shard_ddl& ddl, const std::string& lock) = 0;

    /// The task has ended; its locks go with it. Unknown names are no fault.
    virtual void leave(const std::string& task) = 0;

    /// The locks that are held now.
    virtual std::vector<shard_lock> locks() const = 0;
};

/// The coordinator of a program that runs all subtasks itself. This version has no shard locks:
/// `join` refuses the pessimistic and the optimistic mode, and every DDL of a task without them
/// runs at once.
DMLIB_DECL std::shared_ptr<coordinator> make_local_coordinator();

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/shard/impl/coordinator.ipp>
#endif
