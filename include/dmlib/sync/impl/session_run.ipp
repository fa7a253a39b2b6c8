#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/sync/impl/internal/session_run.hpp>
#include <dmlib/sync/impl/internal/unknown_tables.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

DMLIB_DECL session_run::session_run(const sync_options& options, shared_state& shared)
    : options_(options),
      copy_(options.copy),
      shared_(shared),
      target_(options.target),
      store_(options.meta_schema, options.task, options.source_id),
      decoder_(binlog::decoder_options{}),
      box_(std::max<std::size_t>(options.memory_bytes / 4, 1 << 20)) {
    const std::lock_guard lock(shared_.mutex);
    shared_.box = &box_;
}

DMLIB_DECL session_run::~session_run() {
    {
        const std::lock_guard lock(shared_.mutex);
        shared_.box = nullptr;
    }
    box_.close();
    turns_.close();
    const bool unsure = ddl_ != nullptr;
    ddl_.reset();
    for (auto& l : lanes_) l->close();
    reader_.reset();
    watch_.reset();
    lanes_.clear();
    if (options_.turns) options_.turns->leave(options_.source_id, unsure);
}

DMLIB_DECL void session_run::log(log_level level, const std::string& text) const {
    if (options_.log) options_.log(level, fmt::format("[{}] {}", options_.source_id, text));
}

DMLIB_DECL result<sync_end> session_run::run() {
    if (!wait_for_turns()) return sync_end::stopped;
    if (auto done = open_target(); !done) {
        if (done.error().code() == errc::task_stopped && shared_.stop) return sync_end::stopped;
        return done.error();
    }
    if (auto done = open_source(); !done) return done.error();
    if (auto done = load_state(); !done) return done.error();
    if (auto done = start_threads(); !done) return done.error();
    auto end = loop();
    if (!end && box_.fault()) return *box_.fault();
    return end;
}

DMLIB_DECL result<void> session_run::open_target() {
    auto made = mysql::session::connect(target_);
    if (!made) return made.error();
    auto facts = mysql::read_server_facts(*made);
    if (!facts) return facts.error();
    target_facts_ = std::move(*facts);
    prepare_target_session(target_, target_facts_);
    auto control = mysql::session::connect(target_);
    if (!control) return control.error();
    control_ = std::move(*control);
    if (auto done = store_.lock(control_, [this] { return shared_.stop.load(); }); !done)
        return done;
    auto ready = store_.ready(control_);
    if (!ready) return ready.error();
    if (*ready) return {};
    shared_.wrote = true;
    return store_.prepare(control_);
}

DMLIB_DECL result<void> session_run::open_source() {
    auto made = mysql::session::connect(options_.source);
    if (!made) return made.error();
    auto facts = mysql::read_server_facts(*made);
    if (!facts) return facts.error();
    source_facts_ = std::move(*facts);
    // Places of the other dialect are never reached.
    if (auto fault = mysql::foreign_gtids(options_.until.place.gtids, {}, source_facts_))
        return fault->workaround("Give --until a place of this source.");
    watch_ = std::make_unique<position_watch>(std::move(*made), options_.source, source_facts_);
    return {};
}

/// For as long as it lives.
DMLIB_DECL open_requests::entry session_run::asked(std::string what) const {
    return {shared_.open, control_.connection_id(), std::move(what)};
}

DMLIB_DECL result<void> session_run::load_state() {
    auto state = [this] {
        const auto request = asked("reads the checkpoint");
        return store_.claim(control_);
    }();
    if (!state) return state.error();
    state_ = std::move(*state);
    shared_.wrote = shared_.wrote || state_.progress;
    resumes_ = state_.progress.has_value();
    if (!state_.progress) {
        if (auto done = first_state(); !done) return done;
    }
    if (!needs_copy()) copy_ = nullptr;
    if (auto done = check_server(state_); !done) return done;
    return build_engine(state_);
}

/// Behind its newest place the copy's ledger says nothing any more, and its places mean nothing on
/// a server that took over: no task gets there before it is behind them.
DMLIB_DECL bool session_run::needs_copy() const {
    if (copy_ == nullptr) return false;
    const location* const last = copy_->latest();
    if (last == nullptr) return false;
    const checkpoint::progress_record& p = *state_.progress;
    // Without a position a server took over: also where the copied one took over again.
    if (p.server_identity != options_.copy_identity || p.where.position.empty()) return false;
    return compare(p.where.position, last->position) == std::strong_ordering::less;
}

/// No checkpoint: what `begin` says becomes the first one.
DMLIB_DECL result<void> session_run::first_state() {
    auto start = options_.begin();
    if (!start) return start.error();
    checkpoint::progress_record p;
    p.server_identity =
        start->server_identity.empty() ? identity_of(source_facts_) : start->server_identity;
    p.where = start->where;
    p.lanes = std::max(1U, options_.lanes);
    p.epoch = store_.epoch();
    schema_changes all;
    all.replace_all = true;
    all.schemas = start->schemas;
    for (const auto& t : start->definitions.tables()) {
        all.stored.push_back({t->full_name(), schema::print_create_table(*t, source_facts_.kind)});
    }
    branch_changes leftover;  // of an earlier task of this name
    for (const auto& b : state_.branches) leftover.closed.push_back(b.number);
    shared_.wrote = true;
    // In one: a place without its definitions would look like a checkpoint.
    if (auto done = store_.reset_lanes(control_, p, all, leftover); !done) return done;
    state_.branches.clear();
    shared_.unknown_noted = true;  // all that is there is known
    state_.progress = p;
    state_.tables = all.stored;
    state_.schemas = all.schemas;
    state_.lanes.clear();
    return {};
}

/// Places of the server of before mean nothing here: what lanes had committed up to them would be
/// taken for rows of this server.
DMLIB_DECL result<void> session_run::take_over(const std::string& identity) {
    checkpoint::progress_record& p = *state_.progress;
    p.server_identity = identity;
    p.where.position = {};
    p.epoch = store_.epoch();
    if (auto done = store_.reset_lanes(control_, p, {}, {}); !done) return done;
    state_.lanes.clear();
    state_.keys.clear();
    state_.keys_complete = true;
    return {};
}

DMLIB_DECL result<void> session_run::check_server(const checkpoint::stored_state& state) {
    const std::string now = identity_of(source_facts_);
    if (state.progress->server_identity == now) return {};
    const bool clean =
        state.ddl.state == checkpoint::ddl_state::none &&
        std::all_of(state.lanes.begin(), state.lanes.end(), [&](const checkpoint::lane_record& r) {
            return r.last.transaction.empty() ||
                   compare(r.last.transaction, state.progress->where.position) ==
                       std::strong_ordering::less;
        });
    if (options_.by_gtid && clean && !state.progress->where.gtids.empty() && copy_ == nullptr) {
        log(log_level::warning,
            fmt::format("the source is another server ({}) than before ({}); going on by GTID",
                        now,
                        state.progress->server_identity));
        return take_over(now);
    }
    return error{errc::checkpoint_source_changed,
                 fmt::format("the source is {}, but the checkpoint belongs to {}{}",
                             now,
                             state.progress->server_identity,
                             clean ? "" : " and its last run did not end cleanly")};
}

/// Both have a domain, and no domain of both stands at the same GTID. `stored` has the last one of
/// each server in a domain, `there` the last one of the domain.
inline bool is_another_history(const std::string& stored, const std::string& there) {
    const auto parts = [](const std::string& text, std::set<std::string>& domains) {
        std::set<std::string> out;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(',', at), text.size());
            out.insert(text.substr(at, end - at));
            domains.insert(text.substr(at, text.find('-', at) - at));
            at = end + 1;
        }
        return out;
    };
    std::set<std::string> mine;
    std::set<std::string> theirs;
    const auto before = parts(stored, mine);
    const auto now = parts(there, theirs);
    const bool common = std::any_of(
        theirs.begin(), theirs.end(), [&](const std::string& d) { return mine.contains(d); });
    return common && std::none_of(now.begin(), now.end(), [&](const std::string& g) {
               return before.contains(g);
           });
}

/// By position the server sends what stands there, also after RESET MASTER. The GTIDs up to the
/// checkpoint's position tell one history from another. With GTIDs the server looks itself.
DMLIB_DECL result<void> session_run::check_history(mysql::session& s) const {
    const location& place = state_.progress->where;
    if (place.gtids.empty() || !source_facts_.has_gtids()) return {};
    const auto fault = [&](const std::string& there) {
        error e{errc::checkpoint_source_changed,
                fmt::format("the source's binlogs are not those of the checkpoint (RESET MASTER, "
                            "or a restored backup): at {} the checkpoint has GTID {}, the source "
                            "has {}",
                            to_string(place.position),
                            place.gtids.to_string(),
                            there.empty() ? "none" : there)};
        e.workaround(
            "Rows may be missing on the target: drop the task's tables in the meta schema, empty "
            "its "
            "target tables, and run again for a new copy.");
        e.position(place.position.file, place.position.pos);
        return e;
    };
    if (source_facts_.is_mariadb()) {
        const auto there = mysql::gtids_at(s, source_facts_, place.position);
        // Opening the stream says more of a position that is gone.
        if (!there) return s.is_open() ? result<void>{} : result<void>{there.error()};
        if (is_another_history(place.gtids.to_string(), there->to_string()))
            return fault(there->to_string());
        return {};
    }
    const std::string sql = "SELECT GTID_SUBSET(" + s.literal(place.gtids.to_string()) +
                            ", @@GLOBAL.gtid_executed), @@GLOBAL.gtid_executed";
    // A transaction is in the binlog before it is among the executed ones.
    for (int tries = 0;; ++tries) {
        const auto row = s.query(sql);
        if (!row) return row.error();
        if (row->empty() || row->text(0, std::size_t{0}) != "0") return {};
        if (tries == 20) return fault(std::string(row->text(0, 1)));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

DMLIB_DECL result<schema::tracker> session_run::load_definitions() {
    schema::stored_tracker stored;
    stored.server = source_facts_.kind;
    stored.lower_case_table_names = source_facts_.lower_case_table_names;
    for (const auto& t : state_.tables) stored.tables.push_back({t.name, t.definition});
    auto made = schema::tracker::load(stored);
    if (!made) return made.error();
    for (const auto& [name, text] : state_.schemas) {
        sql::parse_options po;
        po.flavor = source_facts_.kind.flavor;
        po.version = source_facts_.kind.version;
        auto parsed = sql::parse_statement(text, po);
        if (!parsed)
            return error{
                errc::checkpoint_read,
                fmt::format(
                    "the stored definition of schema {}: {}", name, parsed.error().message())};
        schema::resolve_options ro;
        ro.server = source_facts_.kind;
        ro.server_charset = source_facts_.character_set_server;
        ro.server_collation = source_facts_.collation_server;
        auto change =
            schema::resolve(*parsed, schema::catalog{source_facts_.lower_case_table_names}, ro);
        if (!change) return change.error();
        for (const auto& d : change->schemas_created)
            made->definitions().put_schema(d.name, d.charset, d.collation, d.comment);
    }
    return made;
}

/// Once per start that goes on: tables that the rules take now and that nothing here knows.
DMLIB_DECL result<void> session_run::note_unknown(rule_set& rules, const schema::tracker& known) {
    if (std::exchange(shared_.unknown_noted, true)) return {};
    auto s = mysql::session::connect(options_.source);
    if (!s) return s.error();
    const auto listed = dump::list_tables(*s);
    if (!listed) return listed.error();
    std::vector<table_name> unknown;
    for (const dump::listed_table& t : *listed) {
        if (t.type != "BASE TABLE" && t.type != "SYSTEM VERSIONED") continue;
        if (known.definitions().find(t.name.schema, t.name.table) != nullptr ||
            (options_.copy != nullptr && options_.copy->find(t.name) != nullptr) ||
            !rules.decide(t.name)->replicate)
            continue;
        unknown.push_back(t.name);
    }
    if (!unknown.empty())
        log(log_level::warning,
            unknown_at_start(unknown, to_string(state_.progress->where.position)));
    return {};
}

/// How many lanes write, and in which order: what is wanted, where the checkpoint allows it now.
DMLIB_DECL result<apply_order> session_run::choose_lanes(const checkpoint::stored_state& state) {
    checkpoint::progress_record& p = *state_.progress;
    const bool clean =
        std::all_of(state.lanes.begin(), state.lanes.end(), [&](const checkpoint::lane_record& r) {
            return r.last.transaction.empty() ||
                   compare(r.last.transaction, p.where.position) == std::strong_ordering::less;
        });
    // Transactions that commit one behind the other are one lane to the checkpoint.
    const bool in_order = options_.order == apply_order::transaction;
    const std::uint32_t sessions = std::max(1U, options_.lanes);
    const std::uint32_t wanted = in_order ? 1 : sessions;
    if (clean) {
        // All lanes stand at one place: now their number may change.
        p.lanes = wanted;
        p.epoch = store_.epoch();
        state_.lanes.clear();
        state_.keys.clear();
        state_.keys_complete = true;
        // Nothing behind the statement was committed, so nothing that waited for it either.
        state_.ddl.rows_at.reset();
        if (auto done = store_.reset_lanes(control_, p); !done) return done.error();
    } else if (p.lanes != wanted) {
        for (const auto& r : state_.lanes) {
            if (!other_lanes_until_ ||
                compare(*other_lanes_until_, r.last.transaction) == std::strong_ordering::less)
                other_lanes_until_ = r.last.transaction;
        }
        log(log_level::info,
            fmt::format(
                "going on with {} lanes until what they wrote ahead is behind, then with {}{}",
                p.lanes,
                sessions,
                in_order ? ", whole transactions in order" : ""));
    }
    const bool whole = in_order && !other_lanes_until_;
    sessions_ = whole ? sessions : p.lanes;
    return whole ? apply_order::transaction : apply_order::row;
}

DMLIB_DECL void session_run::set_limits(engine_options& eo) const {
    eo.limits.rows = options_.batch_rows != 0 ? options_.batch_rows : 1000;
    eo.limits.bytes =
        std::clamp<std::size_t>(target_facts_.max_allowed_packet / 4, 1 << 16, 1 << 20);
    if (shared_.narrowed > 0) {
        // The target refused a larger transaction. The last time each row goes alone.
        const bool alone = shared_.narrowed == narrowest;
        eo.limits.rows = alone ? 1 : std::max(1U, eo.limits.rows >> (4 * shared_.narrowed));
        eo.limits.bytes = std::max<std::size_t>(eo.limits.bytes >> (4 * shared_.narrowed), 1 << 12);
    } else if (options_.batch_rows == 0) {
        // The texts that all lanes collect take a quarter of the memory at most.
        eo.backlog_rows = 40 * eo.limits.rows;
        eo.backlog_bytes = std::min<std::size_t>(target_facts_.max_allowed_packet / 4,
                                                 options_.memory_bytes / 4 / eo.lanes);
    }
    eo.limits.statement_bytes = eo.limits.bytes / 2;
}

DMLIB_DECL result<void> session_run::build_engine(const checkpoint::stored_state& state) {
    auto rules = options_.rules();
    if (!rules) return rules.error();
    auto definitions = load_definitions();
    if (!definitions) return definitions.error();
    if (auto done = note_unknown(*rules, *definitions); !done) return done;
    auto order = choose_lanes(state);
    if (!order) return order.error();
    const checkpoint::progress_record& p = *state_.progress;

    engine_options eo;
    eo.task = options_.task;
    eo.source = options_.source_id;
    eo.lanes = sessions_;
    eo.order = *order;
    set_limits(eo);
    eo.limits.whole_rows = options_.on_row_mismatch != mismatch_policy::error;
    // With `warn` a change that is left out must not take another one with it.
    eo.limits.compact = options_.compact && options_.on_row_mismatch != mismatch_policy::warn;
    eo.memory_bytes = options_.memory_bytes / 4;
    eo.kept_bytes = std::min<std::size_t>(options_.memory_bytes / 8, std::size_t{1} << 31);
    eo.safe_mode = options_.safe_mode;
    eo.void_transactions = shared_.void_transactions;
    eo.other_sources = options_.other_sources;
    eo.asks_before_ddl = options_.turns != nullptr;
    eo.left = std::move(state_.left);
    for (const auto& b : state_.branches) stored_branches_.insert(b.number);
    eo.branches = std::move(state_.branches);
    if (state_.ddl.state != checkpoint::ddl_state::none) {
        eo.ddl_at = state_.ddl.at;
        eo.ddl_tables = state_.ddl.tables;
        eo.ddl_rows_at = state_.ddl.rows_at;
    }
    eo.keys = std::move(state_.keys);
    eo.keys_complete = state_.keys_complete;
    eo.target = target_form_of(target_facts_);
    eo.resolve = resolve_facts_of(source_facts_);
    engine_.emplace(
        std::move(eo), std::move(*rules), std::move(*definitions), p.where, state_.lanes, copy_);
    governor_.emplace(sessions_);
    engine_->limit_busy_lanes(governor_->busy_lanes());
    saved_ = p.where;
    return {};
}

/// From the threads of lanes.
DMLIB_DECL void session_run::report(const dml::row_mismatch& m) {
    ++shared_.rows_mismatched;
    if (options_.on_row_mismatch == mismatch_policy::repair) ++shared_.rows_repaired;
    log(log_level::warning, dml::to_string(m));
}

DMLIB_DECL std::uint32_t session_run::server_id() const {
    if (options_.server_id != 0) return options_.server_id;
    async::system_random_source random;
    return mysql::random_server_id(random);
}

DMLIB_DECL result<void> session_run::start_threads() {
    const bool read_committed =
        target_facts_.binlog_format != "STATEMENT" || !target_facts_.log_bin;
    for (std::uint32_t i = 0; i < sessions_; ++i) {
        lanes_.push_back(std::make_unique<lane>(target_,
                                                store_,
                                                box_,
                                                turns_,
                                                shared_.open,
                                                read_committed,
                                                options_.on_row_mismatch,
                                                [this](const auto& m) { report(m); }));
    }
    auto s = mysql::session::connect(options_.source);
    if (!s) return s.error();
    mysql::stream_options so;
    so.start = state_.progress->where;
    so.by_gtid = options_.by_gtid && source_facts_.has_gtids() && !so.start.gtids.empty();
    if (!so.by_gtid && so.start.position.empty()) {
        return error{
            errc::sync_position,
            "the checkpoint has a GTID set and no position, since another server took over"}
            .workaround("Set enable-gtid: true in the source file.");
    }
    if (resumes_ && !so.by_gtid) {
        if (auto same = check_history(*s); !same) return same;
    }
    so.server_id = server_id();
    // What a row image without all columns means may depend on the statement.
    so.annotate_rows = source_facts_.binlog_row_image != "FULL";
    decoder_.start_at(so.start.position.file, so.start.position.pos);
    auto stream = mysql::binlog_stream::open(std::move(*s), source_facts_, so);
    if (!stream) return stream.error();
    reader_ = std::make_unique<binlog_reader>(std::move(*stream), box_);
    if (source_facts_.system_offset_varies && source_facts_.time_zone == "SYSTEM")
        log(log_level::warning,
            "the source's time zone is SYSTEM, which has daylight saving time: DDL that depends on "
            "it "
            "runs with the offset of now. Set time_zone on the source to a zone by name.");
    log(log_level::info,
        fmt::format(
            "replication from {} with {} lanes", to_string(so.start.position), lanes_.size()));
    return {};
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
