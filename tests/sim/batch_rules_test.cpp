// Every short sequence of changes on a small universe: as one batch it does what the changes do
// one by one, and where those would find the target wrong, so does the batch.
#include <dmlib/dml/batch.hpp>

#include <catch2/catch.hpp>

#include "sim_source.hpp"
#include "sim_target.hpp"

using namespace sim;

namespace {

struct change {
    row before, after;  // empty: none
};

class universe {
public:
    /// `values`: of the columns behind the id.
    universe(table_shape shape, std::vector<row> rows, bool compact)
        : shape_(std::move(shape)),
          rows_(std::move(rows)),
          definition_(make_definition("t", shape_)) {
        limits_.compact = compact;
        for (auto& c : definition_.columns) {
            if (c.nullable) c.default_value.kind = schema::default_kind::null;
        }
        for (std::size_t i = 0; i < shape_.columns.size(); ++i) columns_.push_back(i);
        dml::plan_input in;
        in.target_name = {"d", "t"};
        in.source = in.target = &definition_;
        in.image_columns = columns_;
        auto made = dml::make_table_plan(in);
        REQUIRE(made);
        plan_ = *made;
    }

    /// Continues `done` by every change that `at` allows, up to `more` further ones.
    void explore(const std::vector<sim_table>& targets, const sim_table& at, int more) {
        if (!changes_.empty()) check(targets, at);
        if (more == 0) return;
        for (const row& r : rows_) {
            step(targets, at, {{}, r}, more);
            if (at.rows().contains(r)) {
                step(targets, at, {r, {}}, more);
                for (const row& to : rows_) step(targets, at, {r, to}, more);
            }
        }
    }
    std::size_t checked() const { return checked_; }
    std::size_t faults() const { return faults_; }

private:
    void step(const std::vector<sim_table>& targets,
              const sim_table& at,
              const change& c,
              int more) {
        if (c.before == c.after) return;
        sim_table next = at;
        if (!apply(next, c)) return;
        changes_.push_back(c);
        explore(targets, next, more - 1);
        changes_.pop_back();
    }

    /// False where the server would refuse it, or not find the row.
    static bool apply(sim_table& t, const change& c) {
        try {
            sim_table::values where;
            const std::size_t keys = t.shape().keyless() ? t.shape().columns.size() : 1;
            for (std::size_t i = 0; i < keys && !c.before.empty(); ++i) where[i] = c.before[i];
            if (c.before.empty()) {
                t.insert(c.after);
                return true;
            }
            if (c.after.empty()) return t.erase(where);
            sim_table::values to;
            for (std::size_t i = 0; i < c.after.size(); ++i) to[i] = c.after[i];
            return t.update(to, where);
        } catch (const std::runtime_error&) {
            return false;
        }
    }

    std::vector<value_view> image(const row& r) const {
        std::vector<value_view> out;
        for (const auto& v : r)
            out.push_back(v ? value_view::make_int(*v) : value_view::make_null());
        return out;
    }

    dml::batch make_batch() {
        dml::batch b;
        for (const change& c : changes_) {
            const auto before = image(c.before);
            const auto after = image(c.after);
            collect_keys(*plan_, before, after, keys_);
            if (before.empty()) {
                b.insert(plan_, after, keys_, limits_, {"f", 4});
            } else if (after.empty()) {
                b.remove(plan_, before, keys_, limits_, {"f", 4});
            } else {
                b.update(plan_, before, after, keys_, limits_, {"f", 4});
            }
        }
        b.close();
        return b;
    }

    /// As a lane runs it; false where it would stop with an error.
    static bool run(const dml::batch& b, database& db, bool alone) {
        try {
            for (const auto& s : b.statements) {
                if (alone && s.form != dml::statement_form::single) {
                    for (std::uint32_t n = 0; n < s.rows; ++n) {
                        std::string text;
                        b.append_alone(text, s, b.grouped[s.first_row + n]);
                        if (statement_runner(text, db).run() != 1) return false;
                    }
                    continue;
                }
                const auto text = std::string_view{b.sql}.substr(s.offset, s.length);
                if (statement_runner(text, db).run() != s.affected) return false;
            }
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }

    void check(const std::vector<sim_table>& targets, const sim_table& end) {
        const dml::batch b = make_batch();
        REQUIRE(b.rows == changes_.size());
        for (std::size_t i = 0; i < targets.size(); ++i) {
            ++checked_;
            sim_table serial = targets[i];
            bool right = true;
            for (const change& c : changes_) right = right && apply(serial, c);
            database db{{"t", targets[i]}};
            bool done = run(b, db, false);
            const bool at_once = done;
            if (!done) {
                db = {{"t", targets[i]}};
                done = run(b, db, true);
            }
            if (done == right && (!right || db.at("t").rows() == serial.rows()) &&
                (i != 0 || (at_once && serial.rows() == end.rows())))
                continue;
            ++faults_;
            FAIL("target " << i << ", " << changes_.size() << " changes: " << b.sql);
        }
    }

    table_shape shape_;
    std::vector<row> rows_;
    schema::table definition_;
    std::vector<std::size_t> columns_;
    dml::batch_limits limits_;
    std::shared_ptr<const dml::table_plan> plan_;
    std::vector<change> changes_;
    std::vector<std::uint64_t> keys_;
    std::size_t checked_ = 0;
    std::size_t faults_ = 0;
};

sim_table table_of(const table_shape& shape, const std::vector<row>& rows) {
    sim_table t{shape};
    for (const row& r : rows) t.insert(r);
    return t;
}

/// `wrong`: what the target has instead of `start`.
void explore(const table_shape& shape,
             const std::vector<row>& rows,
             const std::vector<row>& start,
             const std::vector<std::vector<row>>& wrong,
             int length) {
    for (const bool compact : {true, false}) {
        universe u{shape, rows, compact};
        std::vector<sim_table> targets{table_of(shape, start)};
        for (const auto& other : wrong) targets.push_back(table_of(shape, other));
        u.explore(targets, targets.front(), length);
        CHECK(u.checked() > 1000);
    }
}

}  // namespace

TEST_CASE(
    "one key: every sequence of changes as a batch, also on a target that is not as it should be") {
    const table_shape shape{{"id", "v"}, {0}};
    const std::vector<row> rows{{1, 1}, {1, 2}, {2, 1}, {2, 2}};
    explore(shape, rows, {}, {{{1, 1}}, {{2, 2}}}, 5);
    explore(shape, rows, {{1, 1}}, {{}, {{1, 2}}, {{1, 1}, {2, 1}}}, 5);
    explore(shape, rows, {{1, 1}, {2, 1}}, {{{1, 1}}, {{2, 1}}, {{1, 2}, {2, 2}}}, 5);
    const std::vector<row> three{{1, 1}, {1, 2}, {2, 1}, {3, 1}, {3, {}}};
    explore(shape, three, {{1, 1}, {3, 1}}, {{{3, 1}}, {{1, 2}, {3, 1}}}, 4);
}

TEST_CASE("one key, two columns that upserts may leave out: every sequence of changes as a batch") {
    const table_shape shape{{"id", "v", "w"}, {0}};
    const std::vector<row> rows{{1, 1, 1}, {1, 2, 1}, {1, 1, 2}, {1, 2, {}}, {2, 1, 1}, {2, 1, 2}};
    // Targets that lack or have rows: a wrong value in a column that does not change stays.
    explore(shape, rows, {{1, 1, 1}, {2, 1, 1}}, {{{2, 1, 1}}, {{1, 1, 1}}, {}}, 4);
    explore(shape, rows, {{1, 2, 1}}, {{}, {{1, 2, 1}, {2, 1, 1}}}, 4);
}

TEST_CASE("two unique keys, one of them nullable: every sequence of changes as a batch") {
    const table_shape shape{{"id", "u"}, {0, 1}};
    const std::vector<row> rows{{1, 1}, {1, 2}, {2, 1}, {2, 2}, {1, {}}, {2, {}}};
    explore(shape, rows, {{1, 1}, {2, 2}}, {{{1, 1}}, {{1, {}}, {2, 2}}}, 4);
    explore(shape, rows, {}, {{{1, 1}}}, 4);
}

TEST_CASE("no key: every sequence of changes as a batch") {
    const table_shape shape{{"x", "y"}, {}};
    const std::vector<row> rows{{1, 1}, {1, 2}, {2, 1}};
    explore(shape, rows, {{1, 1}, {1, 1}}, {{}, {{1, 1}}}, 5);
}
