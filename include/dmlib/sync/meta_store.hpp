// The checkpoint on the target: tables of the meta schema and the statements that keep them.
//
// Lane rows are written by the lanes themselves, in the transaction of the rows. Everything else is
// written by the task's control session. `epoch` counts the runs: a statement of an older run finds
// no row and its transaction is not committed.
#pragma once

#include <dmlib/checkpoint/records.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/mysql/session.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// Changes of stored definitions since the last save.
struct schema_changes {
    bool replace_all = false;
    std::vector<checkpoint::table_record> stored;  ///< new or changed
    std::vector<table_name> dropped;
    std::vector<std::pair<std::string, std::string>> schemas;  ///< name, definition
    std::vector<std::string> dropped_schemas;
    checkpoint::left_columns left;  ///< all; stored with a DDL statement that is done
    bool empty() const noexcept {
        return !replace_all && stored.empty() && dropped.empty() && schemas.empty() &&
               dropped_schemas.empty();
    }
};

/// Changes of stored XA branches since the last save.
struct branch_changes {
    std::vector<const checkpoint::branch_record*> opened;
    std::vector<std::uint64_t> closed;  ///< numbers
    bool empty() const noexcept { return opened.empty() && closed.empty(); }
};

/// Statements and reads for one (task, source). Not thread safe; holds no connection.
class meta_store {
public:
    DMLIB_DECL meta_store(std::string meta_schema, std::string task, std::string source);

    /// True where schema and tables are there already.
    DMLIB_DECL result<bool> ready(mysql::session& s) const;
    /// Creates schema and tables where they are missing.
    DMLIB_DECL result<void> prepare(mysql::session& s) const;
    /// Takes the task's lock on the target (held by the session), within 20 s. `stopped` is asked
    /// once a second. Errors: checkpoint_in_use, task_stopped.
    DMLIB_DECL result<void> lock(mysql::session& s,
                                 const std::function<bool()>& stopped = {}) const;
    /// Takes the lock of the task's DDL session (held by the session), if it is free within a
    /// second. A session whose client is gone holds it for as long as its statement runs.
    DMLIB_DECL result<bool> lock_ddl(mysql::session& s) const;
    /// The connection that still runs a DDL statement of the task although no process runs the
    /// task; nothing: there is none, or it cannot be told.
    DMLIB_DECL std::optional<std::string> orphan(mysql::session& s) const;
    /// Reads all. Waits for transactions of an older run that are still under way, then makes this
    /// run the only one whose lane updates take effect. Errors: checkpoint_version,
    /// checkpoint_read.
    DMLIB_DECL result<checkpoint::stored_state> claim(mysql::session& s);
    /// Reads without claiming; an empty state where the tables do not exist.
    DMLIB_DECL result<checkpoint::stored_state> read(mysql::session& s) const;

    /// One transaction: progress, `lanes` empty lane rows (first start, changed lane count), no
    /// place of rows behind a DDL statement, no keys of tables, and the definitions and branches of
    /// a first start.
    DMLIB_DECL result<void> reset_lanes(mysql::session& s,
                                        const checkpoint::progress_record& progress,
                                        const schema_changes& changes = {},
                                        const branch_changes& branches = {}) const;
    /// One transaction: progress, the changed definitions and branches.
    DMLIB_DECL result<void> save(mysql::session& s,
                                 const checkpoint::progress_record& progress,
                                 const schema_changes& changes,
                                 const branch_changes& branches) const;
    /// Records by what the lanes of a table's rows are decided.
    DMLIB_DECL result<void> save_keys(mysql::session& s, const checkpoint::keys_record& keys) const;
    /// One transaction: records where a DDL statement stands, but not `rows_at`, and forgets the
    /// keys of these tables; without a list, those of all.
    DMLIB_DECL result<void> save_ddl(mysql::session& s,
                                     const checkpoint::ddl_record& ddl,
                                     const std::optional<std::vector<table_name>>& keys_of) const;
    /// Records `rows_at` of the statement that is recorded.
    DMLIB_DECL result<void> save_rows_at(mysql::session& s, const checkpoint::row_point& at) const;
    /// What a person does where nobody can tell whether the recorded step ran.
    DMLIB_DECL std::string way_out_of_ddl() const;
    /// One transaction: the DDL record is cleared, progress, definitions and branches are behind
    /// it.
    DMLIB_DECL result<void> finish_ddl(mysql::session& s,
                                       const checkpoint::progress_record& progress,
                                       const schema_changes& changes,
                                       const branch_changes& branches) const;

    /// The statement a lane appends to its transaction; must affect exactly one row.
    DMLIB_DECL void append_lane_update(std::string& out, const checkpoint::lane_record& r) const;
    std::uint64_t epoch() const noexcept { return epoch_; }

private:
    std::string table(std::string_view suffix) const;
    std::string where_source() const;
    std::uint64_t lock_number() const;
    result<void> check_task(mysql::session& s) const;
    result<void> run(mysql::session& s, std::string_view sql) const;
    result<std::vector<std::string>> lacking_columns(mysql::session& s) const;
    result<void> claim_keys(mysql::session& s,
                            std::uint64_t last_epoch,
                            checkpoint::stored_state& out) const;
    std::string keys_mark(std::uint64_t epoch, bool complete) const;
    std::string forget_keys(const std::optional<std::vector<table_name>>& tables) const;
    std::string progress_assignments(const checkpoint::progress_record& p) const;
    std::vector<std::string> change_statements(const schema_changes& changes) const;
    void add_branch_statements(const branch_changes& branches, std::vector<std::string>& out) const;
    result<void> read_branches(mysql::session& s, checkpoint::stored_state& out) const;
    result<void> read_progress(mysql::session& s, bool lock, checkpoint::stored_state& out) const;
    result<void> read_lanes(mysql::session& s, bool lock, checkpoint::stored_state& out) const;
    result<void> read_definitions(mysql::session& s, checkpoint::stored_state& out) const;

    std::string schema_;
    std::string task_;
    std::string source_;
    std::uint64_t epoch_ = 0;
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/meta_store.ipp>
#endif
