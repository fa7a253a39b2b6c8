#pragma once

#include <dmlib/schema/show_create.hpp>
#include <dmlib/sync/impl/internal/session_run.hpp>

#include <fmt/format.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

DMLIB_DECL result<sync_end> session_run::loop() {
    for (;;) {
        if (auto fault = box_.fault()) return *fault;
        if (has_to_end() || (shared_.stop.load() && engine_->between_transactions()))
            return wind_down(sync_end::stopped);
        if (!block_ || block_at_ == block_->ends.size()) {
            block_ = box_.take_block();
            block_at_ = 0;
        }
        if (block_) {
            if (auto done = feed_next(); !done) return done.error();
        } else {
            engine_->flush();
            if (auto done = service(true, true); !done) return done.error();
        }
        if (auto done = housekeeping(false); !done) return done.error();
        look_at_turns();
        if (begin_anew_ || may_change_lanes()) {
            shared_.again = true;
            return wind_down(sync_end::stopped);
        }
        auto end = check_end();
        if (!end) return end.error();
        if (*end) return wind_down(**end);
    }
}

/// Stopped, and what had time to end did. A target that does not answer, or a statement that runs
/// for hours, keeps nobody: the next run finds out what became of it.
DMLIB_DECL bool session_run::out_of_time() {
    if (!shared_.stop.load()) return false;
    const auto now = steady::now();
    if (!end_by_) end_by_ = now + std::chrono::seconds(10);
    return now >= *end_by_;
}

/// The event at hand is not taken any more, so no later one may be: once true, always true. Of a
/// statement that waits for its turn nothing began.
DMLIB_DECL bool session_run::has_to_end() {
    ends_ = ends_ || (shared_.stop.load() && (asked_turn_ || out_of_time()));
    return ends_;
}

DMLIB_DECL result<void> session_run::feed_next() {
    const byte_view bytes = block_->event(block_at_++);
    auto event = decoder_.push(bytes);
    if (!event) return event.error();
    worked_ = true;
    if (auto done = feed(**event); !done) return done;
    if ((*event)->get<binlog::transaction_payload>() == nullptr) return {};
    while (!begin_anew_ && !has_to_end()) {
        auto inner = decoder_.next_inner();
        if (!inner) return inner.error();
        if (*inner == nullptr) return {};
        if (auto done = feed(**inner); !done) return done;
    }
    return {};
}

DMLIB_DECL result<void> session_run::feed(const binlog::event& e) {
    for (;;) {
        while (!engine_->wants_input()) {
            if (begin_anew_ || has_to_end()) return {};
            if (auto done = service(true, false); !done) return done;
            if (auto done = housekeeping(false); !done) return done;
            look_at_turns();
        }
        // Before another statement changes the definitions.
        if (auto done = finish_pending_ddl(); !done) return done;
        auto taken = engine_->on_event(e);
        if (!taken) {
            if (taken.error().code() == errc::binlog_rolled_back) {
                const binlog_position& start = engine_->transaction_start();
                shared_.void_transactions.insert({start.file, start.pos});
            }
            return taken.error();
        }
        if (auto done = service(false, false); !done) return done;
        if (*taken == intake::taken) break;
        if (engine_->wants_input()) continue;
    }
    if (const auto* const map = e.get<binlog::table_map_event>()) {
        if (engine_->skips(*map->table)) decoder_.ignore_rows(*map->table);
    }
    return finish_pending_ddl();
}

/// Performs what the engine asks for and hands it what came back; waits for news where asked to.
DMLIB_DECL result<void> session_run::service(bool wait_for_news, bool want_blocks) {
    bool acted = false;
    while (auto next = engine_->next_action()) {
        acted = true;
        if (auto done = perform(std::move(*next)); !done) return done;
    }
    box_.take_acknowledgements(acknowledgements_);
    if (acknowledgements_.empty() && wait_for_news && !acted) {
        box_.wait(want_blocks, std::chrono::milliseconds(100));
        box_.take_acknowledgements(acknowledgements_);
    }
    for (const auto& a : acknowledgements_) {
        if (a.lane == ddl_acknowledged) {
            on_ddl_ran();
        } else if (a.lane == ddl_recorded) {
            engine_->on_ddl_recorded();
        } else {
            engine_->on_committed(a.lane, a.sequence);
        }
    }
    if (!acknowledgements_.empty()) {
        acknowledgements_.clear();
        while (auto next = engine_->next_action()) {
            if (auto done = perform(std::move(*next)); !done) return done;
        }
    }
    if (auto fault = box_.fault()) return *fault;
    return {};
}

DMLIB_DECL result<void> session_run::perform(action a) {
    if (auto* work = std::get_if<lane_work>(&a)) {
        lanes_[work->lane]->give(std::move(*work));
        return {};
    }
    if (const auto* question = std::get_if<table_question>(&a)) return answer(*question);
    if (const auto* ddl = std::get_if<ddl_work>(&a)) return run_ddl(*ddl);
    if (const auto* place = std::get_if<kept_place>(&a)) return store_kept_place(*place);
    if (const auto* record = std::get_if<keys_to_store>(&a)) {
        if (auto done = store_.save_keys(control_, record->keys); !done) return done;
        engine_->on_keys_stored();
        return {};
    }
    if (const auto* change = std::get_if<begin_anew>(&a)) {
        begin_anew_ = true;
        log(log_level::warning, change->why + "; all of before is committed first");
        return {};
    }
    if (const auto* question = std::get_if<turn_question>(&a)) {
        asked_turn_ = question->touched;
        turn_.begin(
            0,
            "a DDL statement waits until the other sources have copied their rows, or have "
            "ended a transaction, in " +
                (question->touched.empty() ? "its tables" : quoted(question->touched.front())));
        look_at_turns();
        return {};
    }
    if (const auto* fault = std::get_if<error>(&a)) return *fault;
    if (const auto* n = std::get_if<notice>(&a)) log(n->level, n->text);
    return {};
}

/// Triggers are seen only with the privilege TRIGGER: without it they have to be reckoned with.
/// Privileges of roles do not count, since the server does not list them for the account.
DMLIB_DECL result<bool> session_run::may_have_triggers(const table_name& t) {
    if (target_facts_.is_tidb()) return false;
    const std::string schema = quoted_literal(t.schema);
    const std::string table = quoted_literal(t.table);
    auto found = control_.query(
        fmt::format("SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA={} AND "
                    "EVENT_OBJECT_TABLE={} LIMIT 1",
                    schema,
                    table));
    if (!found) return found.error();
    if (!found->empty()) return true;
    const std::string mine =
        "PRIVILEGE_TYPE='TRIGGER' AND GRANTEE=CONCAT('''',LEFT(CURRENT_USER(),"
        "CHAR_LENGTH(CURRENT_USER())-CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(),'@',-1))-1),'''@"
        "''',SUBSTRING_INDEX(CURRENT_USER(),'@',-1),'''')";
    // A global privilege may be revoked for a schema there.
    const bool partial =
        target_facts_.kind.flavor == flavor::mysql && target_facts_.kind.version.at_least(8, 0, 16);
    auto granted = control_.query(fmt::format(
        "SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE {0}{1} UNION ALL SELECT 1 FROM "
        "information_schema.SCHEMA_PRIVILEGES WHERE {0} AND {2} LIKE TABLE_SCHEMA UNION ALL SELECT "
        "1 FROM information_schema.TABLE_PRIVILEGES WHERE {0} AND TABLE_SCHEMA={2} AND "
        "TABLE_NAME={3} LIMIT 1",
        mine,
        partial ? " AND @@global.partial_revokes=0" : "",
        schema,
        table));
    if (!granted) return granted.error();
    if (granted->empty() && !triggers_unseen_) {
        triggers_unseen_ = true;
        log(log_level::warning,
            "the account cannot see the target's triggers: updates are written one by one; "
            "grant it TRIGGER for several rows in one statement");
    }
    return granted->empty();
}

DMLIB_DECL result<void> session_run::answer(const table_question& q) {
    const auto request = asked("reads the definition of " + quoted(q.target));
    auto rows = control_.query("SHOW CREATE TABLE " + quoted(q.target));
    if (!rows) {
        if (rows.error().code() != errc::db_no_such_table) return rows.error();
        engine_->on_target_table(q.target, std::nullopt);
        return {};
    }
    auto definition =
        schema::table_from_show_create(rows->text(0, 1), target_facts_.kind, q.target.schema);
    if (!definition) return definition.error();
    auto triggers = may_have_triggers(q.target);
    if (!triggers) return triggers.error();
    engine_->on_target_table(q.target, std::move(*definition), *triggers);
    return {};
}

/// All that the lanes of before committed ahead of the checkpoint was read again.
DMLIB_DECL bool session_run::may_change_lanes() const {
    return other_lanes_until_ && engine_->between_transactions() && !pending_ddl_ && !ddl_ &&
           !engine_->keeps_rows() &&
           compare(*other_lanes_until_, engine_->read().position) == std::strong_ordering::less;
}

DMLIB_DECL bool session_run::reached(const location& place) const {
    const location& done = engine_->committed();
    if (place.position.file.empty()) return done.gtids.contains(place.gtids);
    return compare(done.position, place.position) != std::strong_ordering::less;
}

DMLIB_DECL result<std::optional<sync_end>> session_run::check_end() {
    switch (options_.until.what) {
        case sync_until::kind::never:
            return std::optional<sync_end>{};
        case sync_until::kind::place: {
            const bool late = options_.until.timestamp != 0 &&
                              engine_->counters().last_timestamp > options_.until.timestamp;
            const bool there = options_.until.timestamp == 0 && reached(options_.until.place);
            if (engine_->between_transactions() && (late || there))
                return std::optional{sync_end::reached};
            return std::optional<sync_end>{};
        }
        case sync_until::kind::caught_up:
            break;
    }
    if (!caught_up_place_) {
        const auto reading = watch_->last();
        if (!reading || reading->number <= asked_) return std::optional<sync_end>{};
        caught_up_place_ = reading->end;
    }
    if (!reached(*caught_up_place_)) return std::optional<sync_end>{};
    if (++caught_up_round_ == 2) return std::optional{sync_end::caught_up};
    caught_up_place_.reset();
    asked_ = watch_->ask();
    return std::optional<sync_end>{};
}

DMLIB_DECL checkpoint::progress_record session_run::progress() const {
    checkpoint::progress_record p = *state_.progress;
    p.where = engine_->committed();
    p.epoch = store_.epoch();
    return p;
}

DMLIB_DECL result<void> session_run::save_progress() {
    if (engine_->committed() == saved_) return {};
    // Definitions behind a DDL statement are stored with the first place behind it.
    if (pending_ddl_) {
        if (!behind(*pending_ddl_)) return {};
        return finish_pending_ddl();
    }
    const auto request = asked("stores the checkpoint");
    if (auto done = store_.save(control_, progress(), {}, changed_branches()); !done) return done;
    note_saved();
    return {};
}

/// XA branches that are open at the place to save and not stored, and the other way round.
DMLIB_DECL branch_changes session_run::changed_branches() const {
    branch_changes out;
    std::set<std::uint64_t> open;
    for (const auto* b : engine_->open_branches()) {
        open.insert(b->number);
        if (!stored_branches_.contains(b->number)) out.opened.push_back(b);
    }
    for (const std::uint64_t number : stored_branches_) {
        if (!open.contains(number)) out.closed.push_back(number);
    }
    return out;
}

/// Progress and all that belongs to it is stored as the engine has it now.
DMLIB_DECL void session_run::note_saved() {
    saved_ = engine_->committed();
    stored_branches_.clear();
    for (const auto* b : engine_->open_branches()) stored_branches_.insert(b->number);
}

DMLIB_DECL result<void> session_run::housekeeping(bool force) {
    const auto now = steady::now();
    if (force || now >= next_save_) {
        if (auto done = save_progress(); !done) return done;
        next_save_ = now + options_.save_interval;
    }
    if (force || now >= next_publish_) {
        govern_lanes();
        publish();
        note_wait(now);
        next_publish_ = now + std::chrono::milliseconds(50);
    }
    return {};
}

DMLIB_DECL void session_run::govern_lanes() {
    if (!governor_) return;
    const bool saturated = engine_->busy_lanes() >= governor_->busy_lanes();
    const engine_counters& c = engine_->counters();
    if (governor_->look(steady::now(), c.rows_committed, c.batches_committed, saturated))
        engine_->limit_busy_lanes(governor_->busy_lanes());
}

/// The status says it earlier; the log, once, of what is worth looking at.
DMLIB_DECL void session_run::note_wait(steady::time_point now) {
    const auto request = shared_.open.oldest(now, std::chrono::seconds(30));
    if (!request || request->since <= noted_wait_) return;
    noted_wait_ = request->since;
    log(log_level::warning,
        (request->connection != 0 ? "the target has not answered for 30 s: "
                                  : "waiting since 30 s: ") +
            text_of(*request));
}

DMLIB_DECL void session_run::publish() {
    const auto reading = watch_ ? watch_->last() : std::nullopt;
    const std::lock_guard lock(shared_.mutex);
    sync_status& s = shared_.status;
    s.committed = engine_->committed();
    s.counters = engine_->counters();
    s.rows_committed = shared_.rows_before + s.counters.rows_committed;
    s.rows_mismatched = shared_.rows_mismatched;
    s.rows_repaired = shared_.rows_repaired;
    s.ddl_already_there = shared_.ddl_already_there;
    s.bytes_in_flight = engine_->bytes_in_flight();
    s.blocked.reset();
    if (!reading) return;
    s.source_end = reading->end;
    s.caught_up =
        compare(s.committed.position, reading->end.position) != std::strong_ordering::less;
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    if (s.caught_up) {
        s.lag_seconds = 0;
    } else if (s.counters.last_timestamp != 0) {
        s.lag_seconds = std::max(
            0.0,
            static_cast<double>(now) / 1000.0 - static_cast<double>(s.counters.last_timestamp));
    }
}

DMLIB_DECL result<void> session_run::drain() {
    engine_->flush();
    while (!engine_->settled() && !out_of_time()) {
        if (auto done = service(true, false); !done) return done;
        engine_->flush();
    }
    return {};
}

DMLIB_DECL result<sync_end> session_run::wind_down(sync_end why) {
    if (auto done = drain(); !done) return done.error();
    if (auto done = housekeeping(true); !done) return done.error();
    return why;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
