// One life of a syncer between two connects: from the checkpoint to a stop or a fault.
#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/sync/impl/internal/ddl_runner.hpp>
#include <dmlib/sync/impl/internal/lane.hpp>
#include <dmlib/sync/impl/internal/lane_governor.hpp>
#include <dmlib/sync/impl/internal/mailbox.hpp>
#include <dmlib/sync/impl/internal/open_requests.hpp>
#include <dmlib/sync/impl/internal/reader.hpp>
#include <dmlib/sync/meta_store.hpp>
#include <dmlib/sync/syncer.hpp>

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

inline std::string text_of(const open_requests::request& r) {
    if (r.connection == 0) return r.what;  // not of the target
    return fmt::format(
        "connection {} {} (SHOW PROCESSLIST there says what it waits for)", r.connection, r.what);
}

/// What outlives a run and what other threads look at.
struct shared_state {
    std::mutex mutex;
    sync_status status;
    std::uint64_t rows_before = 0;  // committed by earlier runs of this process
    std::set<std::pair<std::string, std::uint64_t>> void_transactions;  // of the thread that runs
    std::atomic<bool> stop{false};
    std::atomic<bool> wrote{false};
    bool unknown_noted = false;  // of the thread that runs: tables that are not known were named
    bool again = false;          // of the thread that runs: the next run has other lanes
    unsigned narrowed = 0;       // of the thread that runs: how often batches were made smaller
    std::atomic<std::uint64_t> rows_mismatched{0};  // counted by lanes
    std::atomic<std::uint64_t> rows_repaired{0};
    std::uint64_t ddl_already_there = 0;  // of the thread that runs
    mailbox* box = nullptr;               // of the run under way; guarded by mutex
    mysql::canceller connecting;
    open_requests open;
};

class session_run {
public:
    /// Steps from a whole batch to one row in a transaction.
    static constexpr unsigned narrowest = 3;

    session_run(const sync_options& options, shared_state& shared);
    ~session_run();
    result<sync_end> run();
    /// True once the run got as far as reading events: the back-off begins anew.
    bool worked() const noexcept { return worked_; }

private:
    using steady = std::chrono::steady_clock;
    /// In place of a lane: the statement ran.
    static constexpr std::uint32_t ddl_acknowledged = ~std::uint32_t{0};
    /// The same: its record is stored.
    static constexpr std::uint32_t ddl_recorded = ~std::uint32_t{0} - 1;

    // session_run.ipp: getting ready
    result<void> open_target();
    result<void> open_source();
    result<void> load_state();
    result<schema::tracker> load_definitions();
    result<void> first_state();
    bool needs_copy() const;
    result<void> take_over(const std::string& identity);
    result<void> check_server(const checkpoint::stored_state& state);
    open_requests::entry asked(std::string what) const;
    void note_wait(steady::time_point now);
    result<void> note_unknown(rule_set& rules, const schema::tracker& known);
    result<void> check_history(mysql::session& s) const;
    result<apply_order> choose_lanes(const checkpoint::stored_state& state);
    void set_limits(engine_options& eo) const;
    result<void> build_engine(const checkpoint::stored_state& state);
    result<void> start_threads();
    void report(const dml::row_mismatch& m);
    std::uint32_t server_id() const;

    // session_loop.ipp: the loop
    result<sync_end> loop();
    bool out_of_time();
    bool has_to_end();
    result<void> feed_next();
    result<void> feed(const binlog::event& e);
    result<void> service(bool wait_for_news, bool want_blocks);
    result<void> perform(action a);
    result<void> answer(const table_question& q);
    result<bool> may_have_triggers(const table_name& t);
    result<std::optional<sync_end>> check_end();
    bool reached(const location& place) const;
    bool may_change_lanes() const;
    result<void> housekeeping(bool force);
    result<void> save_progress();
    branch_changes changed_branches() const;
    void note_saved();
    checkpoint::progress_record progress() const;
    void publish();
    void govern_lanes();
    result<sync_end> wind_down(sync_end why);
    result<void> drain();
    void log(log_level level, const std::string& text) const;

    // session_turns.ipp: DDL of several sources
    bool wait_for_turns();
    void look_at_turns();

    // session_ddl.ipp: DDL on the target
    result<void> run_ddl(const ddl_work& work);
    void on_ddl_ran();
    result<void> finish_pending_ddl();
    bool behind(const ddl_work& work) const;
    result<void> store_kept_place(const kept_place& place);
    schema_changes changes_of(const ddl_work& work) const;

    const sync_options& options_;
    std::shared_ptr<const checkpoint::chunk_ledger> copy_;  // as long as it says something
    shared_state& shared_;
    mysql::connect_options target_;
    mysql::session control_;
    mysql::server_facts target_facts_;
    mysql::server_facts source_facts_;
    meta_store store_;
    checkpoint::stored_state state_;
    std::optional<rule_set> rules_;
    std::optional<sync_engine> engine_;
    binlog::decoder decoder_;
    mailbox box_;
    commit_turns turns_;
    std::uint32_t sessions_ = 1;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::optional<lane_governor> governor_;
    std::unique_ptr<ddl_runner> ddl_;
    std::unique_ptr<binlog_reader> reader_;
    std::unique_ptr<position_watch> watch_;
    std::vector<acknowledgement> acknowledgements_;
    std::optional<event_block> block_;
    std::size_t block_at_ = 0;
    std::optional<std::vector<table_name>> asked_turn_;
    open_requests::entry turn_{shared_.open};  // what is waited for
    std::optional<ddl_work> pending_ddl_;      // ran on the target, not saved yet
    location saved_;
    std::set<std::uint64_t> stored_branches_;  // XA branches that are stored with saved_
    bool triggers_unseen_ = false;
    bool resumes_ = false;  // there was a checkpoint
    steady::time_point next_save_{};
    steady::time_point next_publish_{};
    std::optional<location> caught_up_place_;
    std::uint64_t asked_ = 0;
    steady::time_point noted_wait_{};  // begin of the last one that the log has
    int caught_up_round_ = 0;
    /// The checkpoint is of other lanes: they go on until everything that they may have committed
    /// is behind them.
    std::optional<binlog_position> other_lanes_until_;
    bool begin_anew_ = false;                   // the engine asked for it
    bool ends_ = false;                         // see has_to_end()
    std::optional<steady::time_point> end_by_;  // as soon as a stop was seen
    bool worked_ = false;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
