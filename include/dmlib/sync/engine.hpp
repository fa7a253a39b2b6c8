// The heart of replication as a pure state machine. In: decoded events, acknowledgements, target
// definitions it asked for, ends of DDL. Out: batches for lanes, questions, DDL to run. It knows no
// connection, no thread and no clock, so the simulator steps it as the driver does.
#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/rows.hpp>
#include <dmlib/binlog/transaction_tracker.hpp>
#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/checkpoint/low_water.hpp>
#include <dmlib/checkpoint/records.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/lanes.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/schema/tracker.hpp>
#include <dmlib/sync/apply_order.hpp>
#include <dmlib/sync/detail/kept_rows.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

struct engine_options {
    std::string task;
    std::string source;
    apply_order order = apply_order::row;
    std::uint32_t lanes = 4;       ///< at least 1
    std::uint32_t lane_depth = 2;  ///< batches of one lane under way at once
    dml::batch_limits limits;
    /// Rows and bytes of a batch whose lane is behind, where that is more than limits has: a batch
    /// that has to wait anyway may as well grow, and changes of one row that meet are written once.
    std::uint32_t backlog_rows = 0;
    std::size_t backlog_bytes = 0;
    std::size_t memory_bytes = std::size_t{64} << 20;  ///< of batches not committed yet
    std::size_t kept_bytes = std::size_t{32} << 20;    ///< of rows that wait for DDL; below 4 GiB
    bool safe_mode = false;
    /// Transactions (by their start) that the source left unfinished when it crashed: their rows
    /// never took effect.
    std::set<std::pair<std::string, std::uint64_t>> void_transactions;
    /// Prepared XA transactions that were open at the place where the stream begins.
    std::vector<checkpoint::branch_record> branches;
    /// A statement that an earlier run recorded beyond the place where the stream begins, and the
    /// tables whose rows before it were all committed then. They are left out.
    binlog_position ddl_at;
    std::vector<table_name> ddl_tables;
    /// Where the rows of these tables that stand behind it were applied; not set: none was.
    std::optional<checkpoint::row_point> ddl_rows_at;
    /// Other sources may have rows in the same tables of the target.
    bool other_sources = false;
    bool asks_before_ddl = false;   ///< a statement waits for the answer to its turn_question
    checkpoint::left_columns left;  ///< of earlier runs
    /// By what the rows beyond the place where the stream begins were written.
    std::vector<checkpoint::keys_record> keys;
    /// No rows of other tables were: earlier runs stored those of every table before its rows.
    bool keys_complete = false;
    schema::target_facts target;
    /// Server settings that DDL depends on; sql_mode and default schema come from each event.
    schema::resolve_options resolve;
};

/// A target transaction: run its statements, check them, append the lane's record, commit.
/// Everything it has to wait for is committed when it comes out of the engine. With
/// apply_order::transaction the records of all lanes are that of lane 0.
struct lane_work {
    std::uint32_t lane = 0;
    std::uint64_t sequence = 0;
    /// Commits behind the work of the turn before it; 0: as soon as it can. From 1 on, without
    /// gaps.
    std::uint64_t turn = 0;
    bool begins = true;  ///< false: goes on in the transaction that the lane's last work left open
    bool ends = true;    ///< false: the transaction stays open; no record, no commit
    dml::batch rows;
    checkpoint::lane_record record;
};

/// "What does the target's table look like?" Answer with on_target_table().
struct table_question {
    table_name target;
};

/// A DDL statement. One at a time; while it runs, batches and questions of tables that it does not
/// concern may go on. Answer with on_ddl_recorded() once its record is stored, then on_ddl_done().
struct ddl_work {
    std::string text;                ///< as on the source
    table_name table;                ///< the source's first table, for errors
    binlog_position at;              ///< behind the event
    std::uint32_t timestamp = 0;     ///< of the event
    std::uint32_t microseconds = 0;  ///< the fraction of timestamp, as far as the event states it
    std::string time_zone;           ///< of the source's session, "" = not stated
    bool strict = true;  ///< the source's session had strict mode: values may not be cut
    std::vector<schema::target_step> steps;
    /// The event stands inside a transaction (CREATE ... SELECT): there is no place to start from
    /// behind it before the transaction's end.
    bool in_transaction = false;
    std::vector<table_name> source_tables;  ///< whose tracked definition may have changed
    std::vector<std::string> source_schemas;
    std::vector<table_name> touched;  ///< target tables whose definition tells whether a step ran
    /// The source's tables with rows in these, as the source compares names: what stands before
    /// `at` is committed. Empty: nothing else is under way, and nothing is behind it yet.
    std::vector<table_name> rows_of;
    /// Whose stored keys are void with the record: rows before `at` are committed, none behind it
    /// is. Not set: those of all tables.
    std::optional<std::vector<table_name>> keys_of;
    /// Columns that other tables have in the target's: their rows may have any values there.
    std::vector<std::string> columns_of_others;
    bool other_sources = false;  ///< other sources may have rows there, too
    /// Columns of the source's table before the statement. Where the target builds its table anew
    /// these are what it takes over.
    std::vector<std::string> columns_before;
    /// Columns of the statement's table, in lower case, that the target may have from before.
    std::set<std::string> left;
    checkpoint::left_columns left_behind;  ///< of all tables, behind the statement
};

/// The rows that waited for a statement are applied as if they stood here. Store it with the DDL
/// record, then answer with on_kept_place_stored().
struct kept_place {
    checkpoint::row_point at;
};

/// What decides the lanes of a table's rows from here on. Store it, then answer with
/// on_keys_stored(): a restart has to know it before it meets rows that were written by it.
struct keys_to_store {
    checkpoint::keys_record keys;  ///< the text: dml::lane_keys
};

/// Somebody changed what decides the lanes of a table of which this run wrote rows. Everything up
/// to here has to be committed and acknowledged; then a new engine goes on.
struct begin_anew {
    std::string why;
};

/// A statement wants to run that touches these tables of the target. Answer with on_ddl_turn() once
/// no other source has rows of them under way, and none gets any before on_ddl_done(); or end the
/// run: everything before it can be committed.
struct turn_question {
    std::vector<table_name> touched;
};

/// Something worth a line in the log.
struct notice {
    log_level level = log_level::warning;
    std::string text;
};

/// An error is one that came up outside of on_event(); it is final, too.
using action = std::variant<lane_work,
                            table_question,
                            ddl_work,
                            kept_place,
                            keys_to_store,
                            begin_anew,
                            turn_question,
                            notice,
                            error>;

/// What became of an event.
enum class intake : std::uint8_t {
    taken,
    blocked,  ///< give the same event again after the next answer or acknowledgement
};

struct engine_counters {
    std::uint64_t events = 0;
    std::uint64_t transactions = 0;
    std::uint64_t rows_planned = 0;
    std::uint64_t rows_committed = 0;
    std::uint64_t batches_committed = 0;
    std::uint64_t rows_filtered = 0;    ///< left out by rules
    std::uint64_t rows_in_copy = 0;     ///< left out because the full copy has them
    std::uint64_t rows_replayed = 0;    ///< left out because the lane had committed them
    std::uint64_t row_events_kept = 0;  ///< that waited for a statement while others went on
    std::uint64_t statements_skipped = 0;
    std::uint64_t ddl = 0;
    std::uint32_t last_timestamp = 0;  ///< of the newest event with one
};

/// A column that a mapping changes, as row images have it.
struct mapped_place {
    std::uint32_t column = 0;  ///< place in the image
    const column_mapping* mapping = nullptr;
    bool has_default = false;  ///< other than NULL: an INSERT that lacks the column gets it
};

/// Not thread safe.
class sync_engine {
public:
    /// `start` is where the stream begins; `lanes` what each lane had committed beyond it.
    DMLIB_DECL sync_engine(engine_options options,
                           rule_set rules,
                           schema::tracker definitions,
                           location start,
                           const std::vector<checkpoint::lane_record>& lanes,
                           std::shared_ptr<const checkpoint::chunk_ledger> copy);

    /// The next event of the stream, inner ones of payloads too. Its views are used only during
    /// the call. Errors are final; they carry the position. binlog_rolled_back: the open
    /// transaction is void; nothing of it was sent to a lane; start again from the checkpoint with
    /// transaction_start() among void_transactions.
    DMLIB_DECL result<intake> on_event(const binlog::event& e);
    /// No more input is at hand: what was collected may go.
    DMLIB_DECL void flush();
    /// The work is committed; one that does not end its transaction: it ran.
    DMLIB_DECL void on_committed(std::uint32_t lane, std::uint64_t sequence);
    /// How many lanes may have batches under way at once; the others collect rows meanwhile. At
    /// least 1; all at first. Takes effect with the next batches.
    DMLIB_DECL void limit_busy_lanes(std::uint32_t most) noexcept;
    std::uint32_t busy_lanes() const noexcept { return busy_; }
    /// Nothing: the target has no such table. `triggers`: it has triggers there.
    DMLIB_DECL void on_target_table(const table_name& target,
                                    std::optional<schema::table> definition,
                                    bool triggers = false);
    /// The DDL record is stored: rows of its tables may be kept for later.
    DMLIB_DECL void on_ddl_recorded();
    DMLIB_DECL void on_ddl_turn();
    DMLIB_DECL void on_ddl_done();
    /// Whether the source has tables with rows in these of the target. A name without a table is
    /// all of the schema.
    DMLIB_DECL bool has_rows_in(const std::vector<table_name>& targets);
    DMLIB_DECL void on_kept_place_stored();
    DMLIB_DECL void on_keys_stored();
    /// The last statement ran, the rows that had to wait for it are committed, and committed() is
    /// behind it: its record is not needed any more.
    DMLIB_DECL bool behind_ddl() const;
    /// Rows of some tables wait, or would have to.
    bool keeps_rows() const noexcept { return !keeping_.empty(); }

    DMLIB_DECL std::optional<action> next_action();
    /// False: the driver should wait for acknowledgements before it gives more events.
    DMLIB_DECL bool wants_input() const noexcept;
    /// Nothing is under way or waiting.
    DMLIB_DECL bool idle() const noexcept;
    /// Nothing is under way, and what waits is only the unfinished transaction's.
    DMLIB_DECL bool settled() const noexcept;
    const binlog_position& transaction_start() const noexcept { return transaction_; }

    /// The stream stands between two transactions.
    bool between_transactions() const noexcept { return !grammar_.in_transaction(); }
    /// Lanes that still skip what they committed in an earlier run.
    DMLIB_DECL bool replaying() const noexcept;

    /// Everything before it is committed on the target.
    const location& committed() const noexcept { return low_water_.current(); }
    /// The prepared XA transactions that are open at committed(): they have to be stored with it.
    /// Valid until the next call that is not const.
    DMLIB_DECL std::vector<const checkpoint::branch_record*> open_branches() const;
    /// End of the last whole transaction read.
    const location& read() const noexcept { return read_; }
    const schema::tracker& definitions() const noexcept { return definitions_; }
    /// The rules leave out this table, whose map was taken before: its rows need not be decoded.
    /// False within a branch of an XA transaction, whose rows are kept as they came.
    DMLIB_DECL bool skips(const binlog::table_map& map) const noexcept;
    const engine_counters& counters() const noexcept { return counters_; }
    std::size_t bytes_in_flight() const noexcept { return bytes_ + kept_.bytes(); }

private:
    /// What is known of a table map.
    struct table_state {
        std::shared_ptr<const binlog::table_map> map;  // keeps the pointer unique
        std::shared_ptr<const table_decision> decision;
        schema::checked_table checked;
        std::shared_ptr<const dml::table_plan> plan;
        const checkpoint::table_chunks* copied = nullptr;  // null: the copy says nothing about it
        std::vector<std::uint32_t> copy_key;               // places of the copy's key in the image
        std::vector<mapped_place> mapped;
        std::optional<std::uint32_t> row_end;    // of a system-versioned table: place in the image
        std::shared_ptr<const row_filter> rows;  // null: no expression filter
        std::vector<std::uint64_t>* last_batch = nullptr;  // by lane: the newest with a row of it
        bool admitted = false;                 // its keys are those of before, or stored
        std::vector<std::string> unlike;       // see unlike_columns
        std::vector<std::uint32_t> uncertain;  // see uncertain_places
        bool skip = false;
        bool left_out = false;  // its rows are in the copy, or were committed before recorded DDL
    };
    /// What decides the lanes of a table's rows, as it is stored.
    struct family {
        std::vector<table_name> tables;
        std::optional<std::vector<std::string>> unlike;  // as soon as somebody asked
        /// One whose rows went to lanes: all of them are placed alike. None of them: empty.
        std::optional<table_name> placed;  // as soon as somebody asked
    };
    struct stored_keys {
        std::string text;
        bool used = false;  // by rows of this run
        std::vector<std::string> unlike{};
    };
    struct sealed {
        lane_work work;
        std::vector<dml::lane_point> after;
        std::size_t bytes = 0;
        std::uint64_t transaction = 0;  // number of the source transaction of the last row
    };
    struct under_way {
        std::size_t bytes = 0;
        std::uint32_t rows = 0;
        bool ends = true;  // a transaction; false: a piece of one
    };
    struct lane_state {
        std::uint64_t open_sequence = 0;  // 0: no open batch
        dml::batch open;
        checkpoint::lane_record record;
        std::vector<dml::lane_point> after;
        std::deque<sealed> queue;
        std::map<std::uint64_t, under_way> in_flight;  // by sequence
        std::uint64_t rows_open = 0;                   // of pieces that ran
        std::optional<checkpoint::row_point> resume;
    };
    /// waiting: for the batches with rows of its tables. draining: for all batches.
    enum class ddl_phase : std::uint8_t {
        none,
        asking,
        may_begin,
        waiting,
        draining,
        running,
        done
    };
    /// What the event that was not taken waits for.
    enum class hold : std::uint8_t {
        nothing,
        ddl_runs,
        ddl_stored,
        leaving,
        keeping,
        at_kept_place
    };
    /// Rows that waited: storing their place, then on their way to the lanes.
    enum class release_phase : std::uint8_t { none, storing, placing };

    /// An XA transaction whose events are being read.
    struct branch_capture {
        std::string rows;
        std::set<table_name> tables;
        std::map<std::uint64_t, std::shared_ptr<const binlog::table_map>> maps;  // as written last
    };
    /// A prepared one. The places are those behind its events; unset: it was stored.
    struct held_branch {
        checkpoint::branch_record record;
        std::set<table_name> tables;
        std::optional<binlog_position> prepared;
        std::optional<binlog_position> resolved;
    };
    /// Rows of a branch on their way through the engine.
    struct branch_replay;

    result<intake> dispatch(const binlog::event& e);
    result<intake> on_xa_statement(const binlog::event& e, const binlog::query& q);
    result<intake> on_xa_prepare(const binlog::event& e, const binlog::xa_prepare& x);
    result<intake> capture(const binlog::table_map_event& m);
    result<intake> capture(const binlog::rows_event& rows);
    void keep_branch(std::string id, const binlog::event& e);
    bool branch_has_to_wait();
    held_branch* find_branch(std::string_view id);
    result<intake> apply_capture(const binlog::event& e);
    result<intake> apply_branch(const binlog::event& e, const std::string& rows);
    result<void> check_branches(const std::vector<table_name>& names) const;
    void forget_branches();
    void take_stored_branches();
    result<intake> on_query(const binlog::event& e, const binlog::query& q);
    result<intake> on_other_statement(const binlog::event& e, const binlog::query& q);
    result<intake> on_ddl(const binlog::event& e, const binlog::query& q);
    void settle_schema(const sql::statement& s, schema::catalog& known) const;
    void make_schemas(const sql::statement& s,
                      const std::vector<table_name>& names,
                      std::vector<schema::target_step>& steps);
    table_name route_name(const table_name& n);
    void describe_work(const binlog::event& e,
                       const binlog::query& q,
                       const std::vector<table_name>& names,
                       const schema::resolved_change& change,
                       std::vector<schema::target_step> steps);
    void warn_of_moments(const binlog::event& e, const schema::resolved_change& change);
    void cannot_follow(const binlog::event& e, const binlog::query& q);
    bool follow_ddl(const binlog::event& e,
                    const binlog::query& q,
                    const std::vector<table_name>& names,
                    const result<schema::resolved_change>& change,
                    schema::tracker after);
    result<bool> plan_ddl(const binlog::event& e, const binlog::query& q);
    result<void> spares_other_tables(const sql::statement& s,
                                     const schema::resolved_change& change,
                                     const schema::tracker& after);
    void leave_columns(const schema::resolved_change& change);
    void take_left(const schema::resolved_change& change);
    void follow_left(const schema::resolved_change& change);
    /// skip: no table of it is replicated. follow: an event filter leaves it out; the source's
    /// definitions change all the same.
    enum class ddl_fate : std::uint8_t { skip, follow, run };
    result<ddl_fate> keep_ddl(const binlog::query& q,
                              const sql::statement& s,
                              const std::vector<table_name>& names);
    bool ddl_in_copy(const std::vector<table_name>& names) const;
    bool leave_out_copied(sql::statement& s) const;
    bool asks_about_drops(sql::statement& s, const binlog::event& e);
    result<intake> on_table_map(const binlog::table_map_event& m);
    result<intake> make_plan(table_state& t);
    result<void> place_columns(table_state& t) const;
    result<intake> on_rows(const binlog::event& e, const binlog::rows_event& rows);
    result<void> on_row(const binlog::event& e,
                        table_state& t,
                        binlog::rows_kind kind,
                        std::uint32_t row);
    result<std::optional<binlog::rows_kind>> current_rows(const table_state& t,
                                                          binlog::rows_kind kind) const;
    result<void> resolve_json(const table_state& t);
    result<bool> left_out(const table_state& t,
                          binlog::rows_kind kind,
                          binlog::rows_kind outside) const;
    result<void> map_columns(const table_state& t, binlog::rows_kind kind);
    void place_row(const binlog::event& e,
                   table_state& t,
                   binlog::rows_kind kind,
                   const checkpoint::row_point& at);
    void append_row(lane_state& lane,
                    const table_state& t,
                    binlog::rows_kind kind,
                    dml::key_effect effect,
                    const binlog::event& e);
    result<void> check_replace(const binlog::rows_event& rows) const;
    result<std::optional<binlog::rows_kind>> outside_copy(const table_state& t,
                                                          binlog::rows_kind kind) const;
    result<bool> image_in_copy(const table_state& t,
                               std::span<const value_view> image,
                               std::span<const value_view> filler) const;
    bool safe_mode(const table_state& t) const noexcept {
        return options_.safe_mode || !t.plan->transactional;
    }
    result<void> prepare_images(const table_state& t,
                                binlog::rows_kind kind,
                                binlog::rows_kind left);
    void find_edges(const table_state& t, std::uint32_t lane, dml::key_effect effect);
    bool before_place(const location& place) const;
    void end_of_transaction(const binlog::event& e);
    void follow_position(const binlog::event& e, const binlog::tracked& t);
    bool waits_for_all() const;
    bool may_go(const sealed& s) const;
    std::uint32_t most_busy() const noexcept;
    bool has_to_wait(const lane_state& lane) const noexcept;
    void dispatch_lane(lane_state& lane);
    result<void> on_void_transaction();
    void seal(std::uint32_t lane);
    void seal_all();
    void seal_idle();
    bool idle(std::uint32_t lane) const noexcept;
    void pump();
    bool dispatch_front(lane_state& lane);
    // engine_order.ipp: whole transactions in the source's order
    bool whole() const noexcept { return options_.order == apply_order::transaction; }
    void open_whole(lane_state& lane, std::uint32_t number);
    void seal_whole();
    void cut_piece();
    void end_whole();
    void pump_in_order();
    bool all_committed() const noexcept;
    // engine_ddl_apart.ipp: DDL beside rows of other tables
    table_name folded(const table_name& n) const;
    std::set<table_name> tables_concerned(const ddl_work& work);
    bool has_foreign_keys(const schema::catalog& known, const std::set<table_name>& names) const;
    bool runs_apart(const std::set<table_name>& names) const;
    void begin_apart(std::set<table_name> names);
    void try_ddl();
    void end_apart();
    bool waits_for_ddl(const table_state& t);
    result<bool> waits_for_last_ddl();
    bool is_held() const;
    bool was_recorded() const;
    bool done_before_ddl(const table_name& source) const;
    bool before_recorded_ddl() const;
    std::uint32_t ddl_lane() const noexcept { return static_cast<std::uint32_t>(lanes_.size()); }
    // engine_kept_rows.ipp: rows behind a statement that runs apart
    void mark_read();
    bool is_kept(const binlog::table_map& map) const;
    result<intake> keep_rows(const binlog::event& e, const binlog::rows_event& rows);
    bool may_keep(std::size_t bytes) const;
    bool must_keep() const;
    bool keeps_as_before() const;
    bool in_transaction() const noexcept;
    checkpoint::row_point here() const;
    bool may_release() const;
    void keep_again();
    void begin_keeping(const std::set<table_name>& names);
    void begin_release();
    result<intake> release_some();
    result<intake> place_kept(const detail::kept_event& kept);
    result<intake> go_on_with_kept();
    void go_on_unasked();
    void end_release();
    // engine_keys.ipp: what decides the lanes of a table's rows
    result<intake> admit(table_state& t);
    result<intake> admit_in_order(table_state& t);
    result<intake> leave_run(const table_state& t, const std::string& differs);
    error keys_changed(const table_state& t, const std::string& what) const;
    bool lanes_matter() const noexcept { return lanes_.size() > 1 && !whole(); }
    void make_keys_void(const std::set<table_name>& concerned);
    void forget_keys();
    bool took_up_kept() const;
    // engine_families.ipp: tables that share one of the target
    void find_families();
    std::span<const table_name> family_of(const table_name& target);
    std::vector<std::string> unlike_columns(const table_name& target, const schema::table& goal);
    std::vector<std::string> unlike_in(std::span<const table_name> tables,
                                       const schema::table& goal) const;
    std::optional<std::string> placed_otherwise(const table_state& t);
    void note_placed(table_state& t, stored_keys& keys);
    const table_name& placed_of(family& f) const;
    // engine_names.ipp: targets that differ only in case
    void find_case_clashes();
    result<void> has_own_name(const table_name& source, const table_name& target);
    result<void> makes_own_names(const schema::resolved_change& change,
                                 const schema::catalog& after);
    void find_cascades();
    result<void> check_cascades(const schema::table& source, const schema::table& target);
    error& locate(error& e, const binlog::event& at) const;

    engine_options options_;
    rule_set rules_;
    schema::tracker definitions_;
    std::shared_ptr<const checkpoint::chunk_ledger> copy_;
    binlog::transaction_tracker grammar_;
    checkpoint::low_water low_water_;
    dml::lane_book book_;
    std::vector<lane_state> lanes_;
    std::uint32_t busy_ = 0;  // lanes with batches under way
    std::uint32_t most_busy_;
    bool dry_ = true;       // no input is at hand
    std::size_t turn_ = 0;  // the lane that goes first
    std::deque<action> actions_;
    std::unordered_map<const binlog::table_map*, table_state> tables_;
    std::map<table_name, std::optional<schema::table>> targets_;
    /// Tables of the source whose targets differ only in case, by that name in lower case; made
    /// anew after DDL.
    std::optional<std::map<table_name, std::pair<table_name, table_name>>> case_clashes_;
    std::optional<std::map<table_name, family>> families_;  // by target; made anew after DDL
    std::set<table_name> with_triggers_;
    std::optional<table_name> asked_;
    std::set<table_name> drops_asked_;  // targets of the DROP TABLE at hand
    std::set<table_name> warned_;       // of engines without transactions
    /// Tables tied by foreign keys with actions, to the name of their group; made anew after DDL.
    std::optional<std::map<table_name, std::string>> cascades_;

    location read_;
    std::string file_;
    binlog_position transaction_;     // start of the open one
    std::uint32_t event_number_ = 0;  // within it
    /// Whether the statement of the rows to come replaces rows; unset: its text is not known.
    std::optional<bool> replaces_;
    std::optional<binlog::tracked> pending_;  // of the event that is blocked
    // Rows of an unfinished transaction wait for its end: the source may have crashed within it.
    // Only where they need too much memory do they go before.
    std::uint64_t whole_transactions_ = 0;
    bool rows_in_open_ = false;
    bool open_released_ = false;
    bool open_is_void_ = false;
    // apply_order::transaction: one lane after the other collects a batch of whole transactions.
    std::uint32_t collector_ = 0;
    std::uint64_t turns_ = 0;               // given out
    std::deque<std::uint32_t> order_;       // lanes of the sealed batches that did not go yet
    bool in_pieces_ = false;                // parts of the open batch's transaction were sealed
    std::optional<dml::lane_point> alone_;  // the last of a transaction in pieces
    std::optional<branch_capture> capture_;
    std::list<held_branch> branches_;  // by number
    std::uint64_t branch_number_ = 0;
    std::size_t branch_bytes_ = 0;
    std::shared_ptr<branch_replay> replay_;  // shared: the type is not known here
    checkpoint::left_columns left_;
    ddl_phase ddl_ = ddl_phase::none;
    ddl_work ddl_work_;
    std::optional<schema::tracker> after_ddl_;
    std::uint64_t ddl_sequence_ = 0;  // of the statement that waits or runs apart; 0: none
    std::vector<dml::lane_point> ddl_needs_;
    std::optional<binlog_position> ddl_place_;  // behind the last statement that ran apart
    bool ddl_recorded_ = false;                 // its record is stored
    hold held_ = hold::nothing;
    std::size_t held_bytes_ = 0;     // hold::keeping: what the event would take
    std::set<table_name> recorded_;  // engine_options::ddl_tables, folded
    std::map<table_name, std::vector<std::uint64_t>> rows_of_;  // by folded name
    std::set<table_name> keeping_;                              // tables whose rows wait, folded
    detail::kept_rows kept_;
    release_phase release_ = release_phase::none;
    std::optional<checkpoint::row_point> kept_at_;  // their place, once it is known
    std::optional<checkpoint::row_point> placing_;  // the next row's point, of those that waited
    std::vector<dml::lane_point> kept_needs_;       // the batches that they went into
    std::optional<checkpoint::row_point> ahead_;    // the furthest that an earlier run committed
    bool keeps_again_ = false;  // an earlier run kept rows, up to an unknown place beyond ahead_
    bool rows_seen_ = false;    // row events of the open transaction were taken
    std::map<table_name, stored_keys> stored_keys_;  // by folded name
    std::optional<table_name> storing_keys_;
    bool leaves_ = false;  // begin_anew was asked for

    std::size_t bytes_ = 0;
    engine_counters counters_;
    // Reused for every row.
    std::vector<value_view> before_;
    std::vector<value_view> after_;
    std::vector<std::uint64_t> keys_;
    std::vector<dml::lane_point> edges_;
    binlog::byte_arena arena_;
    std::deque<std::string> mapped_text_;  // of one row; a deque keeps its strings in place
    std::deque<std::string> json_text_;    // the same
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/engine.ipp>
#include <dmlib/sync/impl/engine_branches.ipp>
#include <dmlib/sync/impl/engine_cascades.ipp>
#include <dmlib/sync/impl/engine_ddl.ipp>
#include <dmlib/sync/impl/engine_ddl_apart.ipp>
#include <dmlib/sync/impl/engine_families.ipp>
#include <dmlib/sync/impl/engine_kept_rows.ipp>
#include <dmlib/sync/impl/engine_keys.ipp>
#include <dmlib/sync/impl/engine_names.ipp>
#include <dmlib/sync/impl/engine_order.ipp>
#endif
