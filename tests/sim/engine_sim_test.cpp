// The engine under a seeded scheduler: lanes answer in any order, the process dies at any moment,
// the target ends as the source, and nothing happens twice.
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/row_redo.hpp>

#include <catch2/catch.hpp>

#include "sim_source.hpp"
#include "sim_target.hpp"
#include <algorithm>
#include <cstdlib>
#include <deque>

using namespace sim;

namespace {

/// What survives a crash: the target's data with the lane records in the same transactions, and
/// the progress that was saved now and then.
struct durable {
    database tables;
    std::map<std::uint32_t, checkpoint::lane_record> lanes;
    location progress{{"binlog.000001", 4}, {}};
    std::vector<checkpoint::branch_record> branches;  // XA, open at `progress`
    std::optional<schema::tracker> definitions;       // at `progress`
    checkpoint::ddl_record ddl;
    bool ddl_executed = false;
    std::set<std::pair<std::string, std::uint64_t>> void_transactions;
    /// By table, what decided the lanes of rows beyond `progress`, and the target's keys of then.
    std::map<table_name, std::string> keys;
    std::map<std::string, std::vector<std::size_t>> keys_of;
    bool changes_keys = false;  // somebody does, on the target
    std::size_t state = 0;      // of the source's states, with apply_order::transaction
    // Somebody else writes to table "one" until the source writes its tail.
    mismatch_policy policy = mismatch_policy::error;
    bool tampers = false;
    std::set<std::int64_t> tampered;
    std::vector<dml::row_mismatch> reports;
};

/// Source transactions that began to be applied and took no effect, over all seeds.
std::size_t rolled_back = 0;
/// Batches that were committed while DDL of other tables ran, and lives that began behind such
/// batches and before that DDL.
std::size_t beside_ddl = 0;
std::size_t resumed_in_ddl = 0;
/// Row events that were kept, and lives that began with the place of such rows.
std::size_t kept_events = 0;
std::size_t resumed_with_place = 0;

/// Lives that ended because somebody had changed keys while lanes were ahead, and those that ended
/// cleanly to go on with other keys.
std::size_t refused_keys = 0;
std::size_t left_for_keys = 0;

/// Tables of which somebody may change the target's keys, and all that they may be.
const std::map<std::string, std::vector<std::vector<std::size_t>>> other_keys{
    {"one", {{0}, {}}}, {"two", {{0, 1, 2}, {0, 1}, {0, 2}, {0}, {}}}};

class run {
public:
    run(const sim_source& source,
        durable& target,
        std::mt19937& random,
        std::uint32_t lanes,
        sync::apply_order order)
        : source_(source), target_(target), random_(random), queues_(lanes), open_(lanes) {
        if (!target.definitions) {
            target.definitions.emplace(server_kind{flavor::mysql, {8, 0, 33}}, 0);
            target.definitions->definitions().put_schema("d", "utf8mb4", "utf8mb4_bin");
            for (const auto& [name, t] : source.first())
                target.definitions->definitions().put(make_definition(name, t.shape()));
        }
        if (target.changes_keys && random() % 3 == 0) change_keys();
        if (random() % 2 == 0) begin_clean();
        found_ = target.ddl;
        sync::engine_options o;
        for (const auto& [name, text] : target.keys) o.keys.push_back({name, text});
        o.keys_complete = true;
        if (found_.state != checkpoint::ddl_state::none) {
            o.ddl_at = found_.at;
            o.ddl_tables = found_.tables;
            o.ddl_rows_at = found_.rows_at;
            resumed_with_place += found_.rows_at ? 1 : 0;
            resumed_in_ddl += found_.tables.empty() ? 0 : 1;
        }
        o.task = "sim";
        o.source = "s";
        o.lanes = lanes;
        o.order = order;
        o.lane_depth = 1 + static_cast<std::uint32_t>(random() % 3);
        o.void_transactions = target.void_transactions;
        o.branches = target.branches;
        if (random() % 4 == 0) o.memory_bytes = std::size_t{1} << 40;  // never short of it
        triggers_ = random() % 6 == 0;  // with them, statements do not run apart
        if (random() % 3 == 0) o.kept_bytes = 600 + random() % 4000;
        order_ = order;
        o.limits.rows = 1 + static_cast<std::uint32_t>(random() % (random() % 3 == 0 ? 60 : 6));
        if (o.limits.rows % 2 == 0) o.backlog_rows = 8 * o.limits.rows;
        // Transactions that do not fit into a batch go in pieces.
        if (whole() && random() % 2 == 0) o.limits.bytes = 10 + random() % 60;
        o.limits.whole_rows = target.policy != mismatch_policy::error;
        o.limits.compact = target.policy != mismatch_policy::warn;
        std::vector<checkpoint::lane_record> records;
        for (const auto& [lane, r] : target.lanes) records.push_back(r);
        auto rules = rule_set::compile(filter{}, router{}, mapper{}, "s");
        engine_.emplace(
            o, std::move(*rules), *target.definitions, target.progress, records, nullptr);
        while (at_ < source.log().size() &&
               source.log()[at_].event.start < target.progress.position.pos)
            ++at_;
    }

    /// True where everything is applied; false after `steps`.
    bool go(int steps) {
        while (steps-- > 0) {
            perform();
            if (leaves_) leave();
            if (finished()) return true;
            must_go_on();
            if (target_.tampers && random_() % 10 == 0) tamper();
            if (target_.changes_keys && random_() % 100 == 0) drop_keys();
            if (random_() % 2 == 0) {
                feed();
            } else if (running_ && random_() % 3 == 0) {
                run_ddl();
            } else {
                acknowledge();
            }
            if (steps % 64 == 0)
                engine_->limit_busy_lanes(static_cast<std::uint32_t>(steps / 64 % 5));
            if (random_() % 20 == 0) save();
        }
        return false;
    }
    ~run() { kept_events += engine_ ? engine_->counters().row_events_kept : 0; }
    run(const run&) = delete;
    run& operator=(const run&) = delete;

private:
    void change_keys() {
        const std::string name = random_() % 2 == 0 ? "one" : "two";
        const auto& all = other_keys.at(name);
        target_.tables.at(name).change_keys(all[random_() % all.size()]);
    }
    /// While rows are written, and such that they still can be: nothing needs the second key.
    void drop_keys() {
        sim_table& t = target_.tables.at("two");
        if (t.shape().unique.size() < 2) return;
        t.change_keys(random_() % 2 == 0 ? std::vector<std::size_t>{}
                                         : std::vector<std::size_t>{0});
    }
    /// Where no lane is ahead, what was stored for lanes that are is not needed any more.
    void begin_clean() {
        for (const auto& [lane, r] : target_.lanes) {
            if (compare(r.last.transaction, target_.progress.position) !=
                std::strong_ordering::less)
                return;
        }
        target_.lanes.clear();
        target_.keys.clear();
        target_.keys_of.clear();
        target_.ddl.rows_at.reset();
    }
    void store_keys(const checkpoint::keys_record& k) {
        if (random_() % 8 == 0) throw crash{};
        target_.keys[k.source] = k.text;
        target_.keys_of[k.source.table] = answered_.at(k.source.table);
        if (random_() % 8 == 0) throw crash{};
        engine_->on_keys_stored();
    }
    void forget_keys(const std::optional<std::vector<table_name>>& tables) {
        if (!tables) return target_.keys.clear();
        for (const table_name& n : *tables) target_.keys.erase(n);
    }
    /// Somebody had changed keys: the way out is to give the table its former ones.
    void take_keys_back(const error& fault) {
        REQUIRE(fault.code() == errc::checkpoint_keys_changed);
        INFO(fault.to_string());
        REQUIRE(target_.changes_keys);
        sim_table& t = target_.tables.at(fault.place().table);
        // One lane goes on from any place, whatever the keys were: nothing is stored for it.
        if (queues_.size() == 1) throw crash{};
        const auto& former = target_.keys_of.at(fault.place().table);
        REQUIRE(answered_.at(fault.place().table) != former);
        REQUIRE(t.change_keys(former));
        ++refused_keys;
        throw crash{};
    }
    /// As the driver ends a life: nothing of before is left, but what is in one batch with rows of
    /// a transaction whose end was not read.
    void leave() {
        engine_->flush();
        for (int i = 0; i < 100000 && !engine_->settled(); ++i) {
            perform();
            acknowledge();
            engine_->flush();
        }
        REQUIRE(engine_->settled());
        save();
        const bool all = target_.progress.position == engine_->read().position;
        REQUIRE((all || has_rows_of_open()));
        if (all) ++left_for_keys;
        throw crash{};
    }
    bool has_rows_of_open() const {
        const auto& log = source_.log();
        // XA COMMIT brings the rows of its branch.
        if (log[at_].event.start == engine_->transaction_start().pos) return true;
        for (std::size_t i = at_; i-- > 0 && log[i].event.start > engine_->transaction_start().pos;)
            if (log[i].event.get<binlog::rows_event>() != nullptr) return true;
        return false;
    }
    /// As the driver does it: definitions behind a statement are stored with a place behind it.
    void save() {
        must_not_pass_kept();
        REQUIRE(compare(engine_->committed().position, target_.progress.position) !=
                std::strong_ordering::less);
        if (ran_) {
            if (!engine_->behind_ddl() ||
                compare(engine_->committed().position, ran_->at) == std::strong_ordering::less)
                return;
            target_.definitions = engine_->definitions();
            target_.ddl = {};
            ran_.reset();
        }
        target_.progress = engine_->committed();
        target_.branches.clear();
        for (const auto* b : engine_->open_branches()) target_.branches.push_back(*b);
    }
    /// No position is acknowledged before its rows, those that are kept neither.
    void must_not_pass_kept() {
        if (!engine_->keeps_rows()) first_kept_.reset();
        if (!first_kept_) return;
        REQUIRE(compare(engine_->committed().position, *first_kept_) !=
                std::strong_ordering::greater);
    }
    /// Something is under way, or the engine takes input: else nothing would ever happen.
    void must_go_on() const {
        const bool waits = std::any_of(
            queues_.begin(), queues_.end(), [](const auto& queue) { return !queue.empty(); });
        REQUIRE((waits || running_ || engine_->wants_input() || at_ == source_.log().size()));
    }
    static bool names(const sync::lane_work& work, const std::vector<table_name>& tables) {
        return std::any_of(tables.begin(), tables.end(), [&](const table_name& t) {
            return work.rows.sql.find("`d`.`" + t.table + "`") != std::string::npos;
        });
    }
    /// No batch with rows of its tables is under way, or none at all.
    void must_be_apart() const {
        for (const auto* all : {&running_->rows_of, &running_->touched}) {
            for (const auto& queue : queues_) {
                if (running_->rows_of.empty()) REQUIRE(queue.empty());
                for (const auto& work : queue) REQUIRE(!names(work, *all));
            }
        }
    }
    void begin_ddl(sync::ddl_work work) {
        REQUIRE(!running_);
        if (ran_) save();
        REQUIRE(!ran_);
        save();
        running_ = std::move(work);
        must_be_apart();
        recorded_ = false;
    }
    void record_ddl() {
        recorded_ = true;
        if (found_.state == checkpoint::ddl_state::none || found_.at != running_->at) {
            REQUIRE((found_.state == checkpoint::ddl_state::none ||
                     compare(running_->at, found_.at) == std::strong_ordering::greater));
            target_.ddl = {};
            target_.ddl.state = checkpoint::ddl_state::running;
            target_.ddl.at = running_->at;
            target_.ddl.tables = running_->rows_of;
            target_.ddl_executed = false;
            forget_keys(running_->keys_of);
        }
        found_ = {};
        engine_->on_ddl_recorded();
    }
    /// One step of it; the process may die between two.
    void run_ddl() {
        must_be_apart();
        if (!recorded_) return record_ddl();
        if (target_.ddl.state == checkpoint::ddl_state::done) {
            ran_ = std::move(*running_);
            running_.reset();
            engine_->on_ddl_done();
            return;
        }
        const bool is_truncate = running_->text.starts_with("TRUNCATE");
        // The target's definition says whether it ran; that of an emptied table says nothing.
        if (!target_.ddl_executed || (is_truncate && random_() % 2 == 0)) {
            REQUIRE(running_->steps.size() == 1);
            INFO(running_->steps.front().statement);
            statement_runner(running_->steps.front().statement, target_.tables).run();
            target_.ddl_executed = true;
            if (whole()) must_be_a_state();
            return;
        }
        target_.ddl.state = checkpoint::ddl_state::done;
    }

    bool whole() const { return order_ == sync::apply_order::transaction; }
    bool finished() {
        if (at_ < source_.log().size()) return false;
        engine_->flush();
        perform();
        return engine_->idle();
    }
    void feed() {
        // Nobody says that input is dry while it is not wanted.
        const bool all_read = at_ == source_.log().size();
        if (all_read || (engine_->wants_input() && random_() % 8 == 0)) engine_->flush();
        if (all_read || !engine_->wants_input()) return;
        if (ran_) save();
        if (source_.tail() != 0 && at_ >= source_.tail()) target_.tampers = false;
        must_not_pass_kept();
        const std::uint64_t kept = engine_->counters().row_events_kept;
        const auto taken = engine_->on_event(source_.log()[at_].event);
        if (!first_kept_ && engine_->counters().row_events_kept != kept)
            first_kept_ = engine_->transaction_start();
        if (!taken && taken.error().code() == errc::binlog_rolled_back) {
            const auto& start = engine_->transaction_start();
            target_.void_transactions.insert({start.file, start.pos});
            ++rolled_back;
            if (taken.error().place().binlog_pos == 0) FAIL("no place");
            throw crash{};
        }
        if (!taken && taken.error().code() == errc::checkpoint_keys_changed)
            take_keys_back(taken.error());
        if (!taken) FAIL(taken.error().to_string());
        if (*taken == sync::intake::taken) ++at_;
    }
    void perform() {
        while (auto a = engine_->next_action()) {
            if (auto* work = std::get_if<sync::lane_work>(&*a)) {
                must_be_alone(*work);
                // Statements run as soon as they are there, whatever commits before them.
                if (whole() && work->begins && queues_[work->lane].empty()) must_run(*work);
                if (running_) {
                    REQUIRE(!running_->rows_of.empty());
                    REQUIRE(!names(*work, running_->rows_of));
                }
                queues_[work->lane].push_back(std::move(*work));
            } else if (const auto* q = std::get_if<sync::table_question>(&*a)) {
                answered_[q->target.table] = target_.tables.at(q->target.table).shape().unique;
                engine_->on_target_table(
                    q->target,
                    make_definition(q->target.table, target_.tables.at(q->target.table).shape()),
                    triggers_ && q->target.table == "none");
            } else if (auto* ddl = std::get_if<sync::ddl_work>(&*a)) {
                begin_ddl(std::move(*ddl));
            } else if (const auto* place = std::get_if<sync::kept_place>(&*a)) {
                store_place(place->at);
            } else if (const auto* record = std::get_if<sync::keys_to_store>(&*a)) {
                store_keys(record->keys);
            } else if (std::holds_alternative<sync::begin_anew>(*a)) {
                leaves_ = true;
            } else if (const auto* fault = std::get_if<error>(&*a)) {
                if (fault->code() == errc::checkpoint_keys_changed) take_keys_back(*fault);
                FAIL(fault->to_string());
            }
        }
    }
    /// The process may die before it is stored, or behind it.
    void store_place(const checkpoint::row_point& at) {
        REQUIRE(target_.ddl.state == checkpoint::ddl_state::done);
        if (random_() % 8 == 0) throw crash{};
        target_.ddl.rows_at = at;
        if (random_() % 8 == 0) throw crash{};
        engine_->on_kept_place_stored();
    }
    static bool run_batch(const dml::batch& b, database& tables) {
        return std::all_of(b.statements.begin(), b.statements.end(), [&](const auto& s) {
            const auto text = std::string_view{b.sql}.substr(s.offset, s.length);
            return statement_runner(text, tables).run() == s.affected;
        });
    }
    void tamper() {
        const auto key = static_cast<std::int64_t>(random_() % sim_source::keys);
        target_.tampered.insert(key);
        sim_table& t = target_.tables.at("one");
        if (!t.erase({{0, key}})) t.insert({key, 7000});
    }
    /// As a lane does it, with statements that happen or do not.
    void redo(const sync::lane_work& work, database& tables) {
        sync::internal::row_redo by_row{
            work, target_.policy, [&](std::string_view sql) -> result<std::uint64_t> {
                database copy = tables;
                try {
                    const std::uint64_t n = statement_runner(sql, copy).run();
                    tables = std::move(copy);
                    return n;
                } catch (const std::runtime_error& e) {
                    const std::string what = e.what();
                    if (!what.starts_with("duplicate entry")) throw;
                    return error{errc::db_duplicate_entry, what};
                }
            }};
        const auto done = by_row.run();
        if (!done) FAIL(done.error().to_string());
        target_.reports.insert(target_.reports.end(), by_row.found().begin(), by_row.found().end());
    }
    static void run_by_row(const dml::batch& b, database& tables) {
        for (const auto& s : b.statements) {
            const auto text = std::string_view{b.sql}.substr(s.offset, s.length);
            if (s.form == dml::statement_form::single) {
                REQUIRE(statement_runner(text, tables).run() == 1);
                continue;
            }
            for (std::uint32_t n = 0; n < s.rows; ++n) {
                std::string alone;
                b.append_alone(alone, s, b.grouped[s.first_row + n]);
                INFO(alone);
                REQUIRE(statement_runner(alone, tables).run() == 1);
            }
        }
    }
    void run_one(const sync::lane_work& work, database& tables) {
        INFO(work.rows.sql);
        database copy = tables;
        bool done = false;
        try {
            done = run_batch(work.rows, copy);
        } catch (const std::runtime_error&) {
            if (target_.policy == mismatch_policy::error) throw;
        }
        if (!done && target_.policy != mismatch_policy::error) {
            copy = tables;
            redo(work, copy);
        } else if (!done) {
            // Only an update that changes nothing makes a difference between the two.
            REQUIRE(source_.logs_idle_updates());
            copy = tables;
            run_by_row(work.rows, copy);
        }
        tables = std::move(copy);
    }
    /// A transaction in pieces keeps its locks, so nobody may need them: nothing else is under way.
    void must_be_alone(const sync::lane_work& work) const {
        for (std::size_t lane = 0; lane < queues_.size(); ++lane) {
            if (lane == work.lane) continue;
            REQUIRE(open_[lane].empty());
            if (!work.ends) REQUIRE(queues_[lane].empty());
        }
    }
    void must_run(const sync::lane_work& work) {
        database copy = target_.tables;
        run_one(work, copy);
    }
    void acknowledge() {
        const std::size_t lane = random_() % queues_.size();
        if (queues_[lane].empty()) return;
        if (whole() && queues_[lane].front().ends && queues_[lane].front().turn != turn_ + 1)
            return;
        sync::lane_work work = std::move(queues_[lane].front());
        queues_[lane].pop_front();
        const std::uint64_t sequence = work.sequence;
        REQUIRE(work.begins == open_[lane].empty());
        if (work.ends) {
            commit(work);
        } else {
            REQUIRE(whole());
            open_[lane].push_back(std::move(work));
        }
        // The answer may be lost with the process: the caller stops stepping at any moment.
        if (random_() % 30 != 0)
            engine_->on_committed(static_cast<std::uint32_t>(lane), sequence);
        else
            lost_ = true;
        if (lost_) throw crash{};
    }
    void commit(const sync::lane_work& work) {
        database copy = target_.tables;
        for (const auto& piece : open_[work.lane]) run_one(piece, copy);
        open_[work.lane].clear();
        run_one(work, copy);
        target_.tables = std::move(copy);
        target_.lanes[work.record.lane] = work.record;
        if (running_) ++beside_ddl;
        if (!whole()) return;
        INFO("at " << work.record.last.transaction.pos << "/" << work.record.last.event << ", "
                   << work.rows.sql);
        REQUIRE(work.record.lane == 0);
        REQUIRE(work.turn == ++turn_);
        must_be_a_state();
    }
    /// Nobody ever sees a part of a transaction, or one before an earlier one.
    void must_be_a_state() {
        const auto same = [this](const database& state) {
            return std::all_of(state.begin(), state.end(), [this](const auto& t) {
                return t.second.rows() == target_.tables.at(t.first).rows();
            });
        };
        const auto& states = source_.states();
        const auto from = states.begin() + static_cast<std::ptrdiff_t>(target_.state);
        const auto at = std::find_if(from, states.end(), same);
        REQUIRE(at != states.end());
        target_.state = static_cast<std::size_t>(at - states.begin());
    }

public:
    struct crash {};

private:
    const sim_source& source_;
    durable& target_;
    std::mt19937& random_;
    std::optional<sync::sync_engine> engine_;
    std::vector<std::deque<sync::lane_work>> queues_;
    std::vector<std::vector<sync::lane_work>> open_;  // pieces of transactions, by lane
    sync::apply_order order_ = sync::apply_order::row;
    std::uint64_t turn_ = 0;
    checkpoint::ddl_record found_;
    std::optional<sync::ddl_work> running_;
    bool recorded_ = false;  // what runs
    bool triggers_ = false;
    std::optional<binlog_position> first_kept_;  // its transaction
    std::optional<sync::ddl_work> ran_;          // not stored yet
    std::size_t at_ = 0;
    bool lost_ = false;
    bool leaves_ = false;
    std::map<std::string, std::vector<std::size_t>> answered_;  // keys that the engine was told
};

/// Until the target has everything.
void replicate(const sim_source& source,
               durable& target,
               std::mt19937& random,
               sync::apply_order order = sync::apply_order::row) {
    target.tables = source.first();
    const std::uint32_t lanes = 1 + static_cast<std::uint32_t>(random() % 4);
    for (int life = 0; life < 2000; ++life) {
        try {
            run r{source, target, random, lanes, order};
            if (r.go(static_cast<int>(random() % 400) + (life > 1000 ? 100000 : 0))) return;
        } catch (const run::crash&) {
            continue;
        } catch (const std::runtime_error& e) {
            FAIL(e.what());
        }
    }
    FAIL("never finished");
}

void check_equal(const sim_source& source, const durable& target, const std::string& but = "") {
    for (const auto& [name, t] : source.tables()) {
        INFO("table " << name);
        if (name != but) REQUIRE(target.tables.at(name).rows() == t.rows());
    }
}

void simulate(unsigned seed, sync::apply_order order, bool ddl) {
    INFO("seed " << seed << ", order " << static_cast<int>(order) << (ddl ? ", with DDL" : ""));
    std::mt19937 random{seed};
    sim_source source{seed};
    if (ddl) source.with_ddl();
    source.transactions(40);
    durable target;
    replicate(source, target, random, order);
    check_equal(source, target);
}

std::int64_t number_in(const std::string& condition) {
    return std::stoll(condition.substr(condition.find('=') + 1));
}

/// Only keys that somebody tampered with are reported, and keys that a change which was left out
/// ties to them. Returns all of these.
std::set<std::int64_t> check_reports(const durable& target) {
    std::set<std::int64_t> reported;
    std::set<std::int64_t> tainted = target.tampered;
    for (const auto& m : target.reports) {
        INFO(dml::to_string(m));
        std::set<std::int64_t> keys{number_in(m.key)};
        if (!m.key_after.empty()) keys.insert(number_in(m.key_after));
        REQUIRE(m.source == table_name{"d", "one"});
        REQUIRE(std::any_of(
            keys.begin(), keys.end(), [&](std::int64_t k) { return tainted.contains(k); }));
        tainted.insert(keys.begin(), keys.end());
        reported.insert(keys.begin(), keys.end());
    }
    return reported;
}

std::size_t simulate_tampering(unsigned seed, mismatch_policy policy) {
    INFO("seed " << seed << (policy == mismatch_policy::warn ? ", warn" : ", repair"));
    std::mt19937 random{seed};
    sim_source source{seed, row_image::full};
    source.transactions(40);
    source.touch_all();
    durable target;
    target.policy = policy;
    target.tampers = true;
    replicate(source, target, random);
    const auto reported = check_reports(target);
    if (policy == mismatch_policy::repair) {
        check_equal(source, target);
        return target.reports.size();
    }
    check_equal(source, target, "one");
    const auto& here = source.tables().at("one").rows();
    const auto& there = target.tables.at("one").rows();
    std::vector<row> differ;
    std::set_symmetric_difference(
        here.begin(), here.end(), there.begin(), there.end(), std::back_inserter(differ));
    for (const row& r : differ) {
        INFO("key " << *r[0]);
        REQUIRE(reported.contains(*r[0]));
    }
    return target.reports.size();
}

void simulate_other_keys(unsigned seed, sync::apply_order order, bool ddl) {
    INFO("seed " << seed << ", other keys, order " << static_cast<int>(order)
                 << (ddl ? ", with DDL" : ""));
    std::mt19937 random{seed};
    sim_source source{seed, row_image::full};
    if (ddl) source.with_ddl();
    source.transactions(40);
    durable target;
    target.changes_keys = true;
    replicate(source, target, random, order);
    check_equal(source, target);
}

void simulate_all(sync::apply_order order, bool ddl = false) {
    const char* one = std::getenv("DMLIB_SIM_SEED");
    const char* many = std::getenv("DMLIB_SIM_SEEDS");
    if (one != nullptr) {
        simulate(static_cast<unsigned>(std::strtoul(one, nullptr, 10)), order, ddl);
        return;
    }
    const unsigned seeds =
        many != nullptr ? static_cast<unsigned>(std::strtoul(many, nullptr, 10)) : 1000;
    for (unsigned seed = 1; seed <= seeds; ++seed) simulate(seed, order, ddl);
    CHECK(rolled_back > 0);
}

}  // namespace

TEST_CASE("whatever order, crash and restart: the target ends as the source, nothing twice") {
    simulate_all(sync::apply_order::row);
}

TEST_CASE("whole transactions in order: each state of the target is one of the source") {
    simulate_all(sync::apply_order::transaction);
}

TEST_CASE("definitions change: each statement between the rows before and behind it, once") {
    beside_ddl = resumed_in_ddl = kept_events = resumed_with_place = 0;
    simulate_all(sync::apply_order::row, true);
    if (std::getenv("DMLIB_SIM_SEED") != nullptr) return;
    CHECK(beside_ddl > 100);
    CHECK(resumed_in_ddl > 100);
    CHECK(kept_events > 100);
    CHECK(resumed_with_place > 100);
}

TEST_CASE("definitions change between whole transactions") {
    simulate_all(sync::apply_order::transaction, true);
}

TEST_CASE(
    "somebody else writes to the target: repaired or left out, each reported, all else right") {
    const char* many = std::getenv("DMLIB_SIM_SEEDS");
    const unsigned seeds =
        many != nullptr ? static_cast<unsigned>(std::strtoul(many, nullptr, 10)) / 4 : 250;
    for (const auto policy : {mismatch_policy::repair, mismatch_policy::warn}) {
        std::size_t reports = 0;
        for (unsigned seed = 1; seed <= seeds; ++seed) reports += simulate_tampering(seed, policy);
        CHECK(reports > seeds);
    }
}

TEST_CASE("somebody changes the target's keys: equal, or stopped until they are as before") {
    const char* many = std::getenv("DMLIB_SIM_SEEDS");
    const unsigned seeds =
        many != nullptr ? static_cast<unsigned>(std::strtoul(many, nullptr, 10)) / 2 : 500;
    refused_keys = left_for_keys = 0;
    for (const auto order : {sync::apply_order::row, sync::apply_order::transaction}) {
        for (const bool ddl : {false, true}) {
            if (const char* one = std::getenv("DMLIB_SIM_SEED")) {
                const auto seed = static_cast<unsigned>(std::strtoul(one, nullptr, 10));
                simulate_other_keys(seed, order, ddl);
                continue;
            }
            for (unsigned seed = 1; seed <= seeds; ++seed) simulate_other_keys(seed, order, ddl);
        }
    }
    if (std::getenv("DMLIB_SIM_SEED") != nullptr) return;
    CHECK(refused_keys > 100);
    CHECK(left_for_keys > 10);
}

TEST_CASE("DDL of a table that the copy saw go, and of one that it never saw", "[ddl]") {
    // The copy's view: `seen` was dropped at 1000. `late` was made after the first snapshot and
    // dropped before the next one: only the stream knows of it.
    auto copy = std::make_shared<checkpoint::chunk_ledger>();
    checkpoint::copied_table seen;
    seen.source = seen.target = {"d", "seen"};
    seen.state = checkpoint::copy_state::gone;
    seen.valid_from = {{"binlog.000001", 1000}, {}};
    copy->put(seen);
    schema::tracker tracker{server_kind{flavor::mysql, {8, 0, 33}}, 0};
    tracker.definitions().put_schema("d", "utf8mb4", "utf8mb4_bin");
    tracker.definitions().put(make_definition("late", {{"a"}, {}}));
    sync::engine_options o;
    o.task = "drop";
    o.source = "s";
    auto rules = rule_set::compile(filter{}, router{}, mapper{}, "s");
    sync::sync_engine engine(
        o, std::move(*rules), std::move(tracker), {{"binlog.000001", 4}, {}}, {}, copy);
    const auto ddl = [&](std::uint64_t at, std::string_view text) {
        binlog::event e;
        e.start = at;
        e.next = at + 50;
        binlog::query q;
        q.schema = "d";
        q.text = text;
        e.body = q;
        std::vector<std::string> ran;
        for (int i = 0; i < 5; ++i) {
            const auto taken = engine.on_event(e);
            REQUIRE(taken.has_value());
            while (auto a = engine.next_action()) {
                if (const auto* work = std::get_if<sync::ddl_work>(&*a)) {
                    for (const auto& step : work->steps) ran.push_back(step.statement);
                    engine.on_ddl_recorded();
                    engine.on_ddl_done();
                }
                if (std::holds_alternative<sync::kept_place>(*a)) engine.on_kept_place_stored();
            }
            if (*taken == sync::intake::taken) break;
        }
        return ran;
    };
    CHECK(ddl(100, "DROP TABLE seen").empty());
    CHECK(ddl(200, "RENAME TABLE seen TO x, late TO seen, x TO late").empty());
    const auto renamed = ddl(300, "RENAME TABLE before TO seen, late TO later");
    REQUIRE(renamed.size() == 1);
    CHECK(renamed.front().find("`later`") != std::string::npos);
    CHECK(renamed.front().find("`seen`") == std::string::npos);
    const auto both = ddl(400, "DROP TABLE seen, later");
    REQUIRE(both.size() == 1);
    CHECK(both.front().find("`later`") != std::string::npos);
    CHECK(both.front().find("`seen`") == std::string::npos);
}
