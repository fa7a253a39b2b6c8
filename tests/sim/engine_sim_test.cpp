// The engine under a seeded scheduler: lanes answer in any order, the process dies at any moment,
// the target ends as the source, and nothing happens twice.
#include <dmlib/sync/engine.hpp>

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
    std::set<std::pair<std::string, std::uint64_t>> void_transactions;
};

/// Source transactions that began to be applied and took no effect, over all seeds.
std::size_t rolled_back = 0;

class run {
public:
    run(const sim_source& source, durable& target, std::mt19937& random, std::uint32_t lanes)
        : source_(source), target_(target), random_(random), queues_(lanes) {
        schema::tracker tracker{server_kind{flavor::mysql, {8, 0, 33}}, 0};
        for (const auto& [name, t] : source.tables())
            tracker.definitions().put(make_definition(name, t.shape()));
        sync::engine_options o;
        o.task = "sim";
        o.source = "s";
        o.lanes = lanes;
        o.lane_depth = 1 + static_cast<std::uint32_t>(random() % 3);
        o.void_transactions = target.void_transactions;
        o.branches = target.branches;
        if (random() % 4 == 0) o.memory_bytes = std::size_t{1} << 40;  // never short of it
        o.limits.rows = 1 + static_cast<std::uint32_t>(random() % (random() % 3 == 0 ? 60 : 6));
        if (o.limits.rows % 2 == 0) o.backlog_rows = 8 * o.limits.rows;
        std::vector<checkpoint::lane_record> records;
        for (const auto& [lane, r] : target.lanes) records.push_back(r);
        auto rules = rule_set::compile(filter{}, router{}, mapper{}, "s");
        engine_.emplace(
            o, std::move(*rules), std::move(tracker), target.progress, records, nullptr);
        while (at_ < source.log().size() &&
               source.log()[at_].event.start < target.progress.position.pos)
            ++at_;
    }

    /// True where everything is applied; false after `steps`.
    bool go(int steps) {
        while (steps-- > 0) {
            perform();
            if (finished()) return true;
            if (random_() % 2 == 0) {
                feed();
            } else {
                acknowledge();
            }
            if (steps % 64 == 0)
                engine_->limit_busy_lanes(static_cast<std::uint32_t>(steps / 64 % 5));
            if (random_() % 20 == 0) {
                REQUIRE(compare(engine_->committed().position, target_.progress.position) !=
                        std::strong_ordering::less);
                target_.progress = engine_->committed();
                target_.branches.clear();
                for (const auto* b : engine_->open_branches()) target_.branches.push_back(*b);
            }
        }
        return false;
    }

private:
    bool finished() {
        if (at_ < source_.log().size()) return false;
        engine_->flush();
        perform();
        return engine_->idle();
    }
    void feed() {
        if (at_ == source_.log().size() || !engine_->wants_input()) {
            engine_->flush();
            return;
        }
        const auto taken = engine_->on_event(source_.log()[at_].event);
        if (!taken && taken.error().code() == errc::binlog_rolled_back) {
            const auto& start = engine_->transaction_start();
            target_.void_transactions.insert({start.file, start.pos});
            ++rolled_back;
            if (taken.error().place().binlog_pos == 0) FAIL("no place");
            throw crash{};
        }
        if (!taken) FAIL(taken.error().to_string());
        if (*taken == sync::intake::taken) ++at_;
    }
    void perform() {
        while (auto a = engine_->next_action()) {
            if (auto* work = std::get_if<sync::lane_work>(&*a)) {
                queues_[work->lane].push_back(std::move(*work));
            } else if (const auto* q = std::get_if<sync::table_question>(&*a)) {
                engine_->on_target_table(
                    q->target,
                    make_definition(q->target.table, target_.tables.at(q->target.table).shape()));
            }
        }
    }
    static bool run_batch(const dml::batch& b, database& tables) {
        return std::all_of(b.statements.begin(), b.statements.end(), [&](const auto& s) {
            const auto text = std::string_view{b.sql}.substr(s.offset, s.length);
            return statement_runner(text, tables).run() == s.affected;
        });
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
    void acknowledge() {
        const std::size_t lane = random_() % queues_.size();
        if (queues_[lane].empty()) return;
        const sync::lane_work work = std::move(queues_[lane].front());
        queues_[lane].pop_front();
        INFO(work.rows.sql);
        database copy = target_.tables;
        if (!run_batch(work.rows, copy)) {
            // Only an update that changes nothing makes a difference between the two.
            REQUIRE(source_.logs_idle_updates());
            copy = target_.tables;
            run_by_row(work.rows, copy);
        }
        target_.tables = std::move(copy);
        target_.lanes[work.lane] = work.record;
        // The answer may be lost with the process: the caller stops stepping at any moment.
        if (random_() % 30 != 0)
            engine_->on_committed(work.lane, work.sequence);
        else
            lost_ = true;
        if (lost_) throw crash{};
    }

public:
    struct crash {};

private:
    const sim_source& source_;
    durable& target_;
    std::mt19937& random_;
    std::optional<sync::sync_engine> engine_;
    std::vector<std::deque<sync::lane_work>> queues_;
    std::size_t at_ = 0;
    bool lost_ = false;
};

void simulate(unsigned seed) {
    INFO("seed " << seed);
    std::mt19937 random{seed};
    sim_source source{seed};
    source.transactions(40);
    durable target;
    for (const auto& [name, t] : source.tables()) target.tables.emplace(name, sim_table{t.shape()});
    const std::uint32_t lanes = 1 + static_cast<std::uint32_t>(random() % 4);
    for (int life = 0; life < 2000; ++life) {
        try {
            run r{source, target, random, lanes};
            if (r.go(static_cast<int>(random() % 400) + (life > 1000 ? 100000 : 0))) {
                for (const auto& [name, t] : source.tables()) {
                    INFO("table " << name);
                    REQUIRE(target.tables.at(name).rows() == t.rows());
                }
                return;
            }
        } catch (const run::crash&) {
            continue;
        } catch (const std::runtime_error& e) {
            FAIL(e.what());
        }
    }
    FAIL("never finished");
}

}  // namespace

TEST_CASE("whatever order, crash and restart: the target ends as the source, nothing twice") {
    const char* one = std::getenv("DMLIB_SIM_SEED");
    const char* many = std::getenv("DMLIB_SIM_SEEDS");
    if (one != nullptr) {
        simulate(static_cast<unsigned>(std::strtoul(one, nullptr, 10)));
        return;
    }
    const unsigned seeds =
        many != nullptr ? static_cast<unsigned>(std::strtoul(many, nullptr, 10)) : 1000;
    for (unsigned seed = 1; seed <= seeds; ++seed) simulate(seed);
    CHECK(rolled_back > 0);
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
            if (*taken == sync::intake::taken) break;
            while (auto a = engine.next_action()) {
                if (const auto* work = std::get_if<sync::ddl_work>(&*a)) {
                    for (const auto& step : work->steps) ran.push_back(step.statement);
                    engine.on_ddl_done();
                }
            }
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
