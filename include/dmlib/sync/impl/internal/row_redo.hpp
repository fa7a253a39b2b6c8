// The rows of a batch one by one, behind its own transaction's BEGIN: finds the row that the target
// does not have as it must, and does with it what the policy says.
#pragma once

#include <dmlib/dml/mismatch.hpp>
#include <dmlib/sync/engine.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

class row_redo {
public:
    /// Runs one statement; the rows that the server reports, matched ones for updates.
    using runner = std::function<result<std::uint64_t>(std::string_view sql)>;

    /// `work` has to live as long.
    row_redo(const lane_work& work, mismatch_policy policy, runner execute)
        : work_(work), policy_(policy), execute_(std::move(execute)) {}

    /// All rows. An error has the place of its row; then the transaction has to be rolled back.
    result<void> run() {
        const dml::batch& rows = work_.rows;
        for (const auto& s : rows.statements) {
            if (s.form == dml::statement_form::single) {
                const auto* kept =
                    s.first_row == dml::no_row ? nullptr : &rows.grouped[s.first_row];
                const auto text = std::string_view(rows.sql).substr(s.offset, s.length);
                if (auto done = run_row({s, kept, text}); !done) return done;
                continue;
            }
            for (std::uint32_t n = 0; n < s.rows; ++n) {
                const dml::batch_row& row = rows.grouped[s.first_row + n];
                std::string alone;
                rows.append_alone(alone, s, row);
                if (auto done = run_row({s, &row, alone}); !done) return done;
            }
        }
        return {};
    }

    /// What was left out or repaired so far.
    const std::vector<dml::row_mismatch>& found() const noexcept { return found_; }

private:
    struct change {
        const dml::batch_statement& statement;
        const dml::batch_row* row;  // null: of a switch, or not kept
        std::string_view text;
    };

    result<void> run_row(const change& c) {
        const auto ran = execute_(c.text);
        if (ran && (!c.statement.checked || *ran == 1)) return {};
        const bool inserts = c.statement.operation == dml::row_operation::insert;
        const bool missing = ran && *ran == 0 && !inserts;
        const bool taken = !ran && ran.error().code() == errc::db_duplicate_entry;
        error fault = ran ? miscounted(c.statement, *ran) : ran.error();
        if (policy_ == mismatch_policy::error || c.row == nullptr || !(missing || taken))
            return located(std::move(fault), c);
        if (policy_ == mismatch_policy::warn) {
            note(c, dml::mismatch_outcome::left_out, missing);
            return {};
        }
        if (c.statement.operation == dml::row_operation::remove) {
            note(c, dml::mismatch_outcome::gone_before, missing);
            return {};
        }
        auto repaired = missing ? insert_after(c) : make_room(c);
        if (!repaired) return located(repaired.error(), c);
        return {};
    }

    /// An INSERT, or an UPDATE that changes the key, met a row with the same key.
    result<void> make_room(const change& c) {
        const bool update = c.statement.operation == dml::row_operation::update;
        if (update && c.row->taken_size == 0) return conflict(c);
        if (auto freed = free_key(c); !freed) return freed;
        if (auto again = exactly_one(c, c.text); !again) return again;
        note(c, dml::mismatch_outcome::replaced, false);
        return {};
    }

    /// The row of an UPDATE is not there. "SET a=1,b=2" is the same in an INSERT.
    result<void> insert_after(const change& c) {
        const dml::table_plan& plan = *c.statement.plan;
        const std::size_t from = std::string_view("UPDATE ").size() + plan.quoted_target.size();
        const std::size_t behind = condition_size(c) + std::string_view(" LIMIT 1").size();
        if (!c.row->whole || c.text.size() < from + behind) {
            return error{errc::db_affected_rows,
                         fmt::format("UPDATE on {} found no row, and its after image lacks columns "
                                     "that an INSERT needs",
                                     plan.quoted_target)};
        }
        std::string sql = "INSERT INTO " + plan.quoted_target;
        sql += c.text.substr(from, c.text.size() - from - behind);
        sql += plan.set_tail;
        const auto ran = execute_(sql);
        if (ran && *ran != 1) return miscounted(c.statement, *ran);
        if (!ran && ran.error().code() != errc::db_duplicate_entry) return ran.error();
        if (!ran) {
            if (auto freed = free_key(c); !freed) return freed;
            if (auto again = exactly_one(c, sql); !again) return again;
        }
        note(c, ran ? dml::mismatch_outcome::inserted : dml::mismatch_outcome::replaced, true);
        return {};
    }

    static std::size_t condition_size(const change& c) noexcept {
        const std::size_t size = c.row->condition_size;
        return size == 0 ? 0 : size + std::string_view(" WHERE ").size();
    }

    /// Only the row with the same identity key gives way: any other is another row's business.
    result<void> free_key(const change& c) {
        const dml::table_plan& plan = *c.statement.plan;
        if (plan.keyless || !c.row->whole || c.statement.foreign_keys) return conflict(c);
        auto ran =
            execute_("DELETE FROM " + plan.quoted_target + " WHERE " + key_after(c) + " LIMIT 1");
        if (!ran) return ran.error();
        if (*ran != 1) return conflict(c);
        return {};
    }

    static error conflict(const change& c) {
        return {errc::db_duplicate_entry,
                fmt::format("another row of {} has a unique value of this one, and only a row with "
                            "the same identity key is replaced",
                            c.statement.plan->quoted_target)};
    }

    result<void> exactly_one(const change& c, std::string_view sql) {
        const auto ran = execute_(sql);
        if (!ran) return ran.error();
        if (*ran != 1) return miscounted(c.statement, *ran);
        return {};
    }

    std::string key_before(const change& c) const {
        return work_.rows.conditions.substr(c.row->condition, c.row->condition_size);
    }
    std::string key_after(const change& c) const {
        if (c.row->taken_size == 0) return key_before(c);
        return work_.rows.conditions.substr(c.row->condition + c.row->condition_size,
                                            c.row->taken_size);
    }

    void note(const change& c, dml::mismatch_outcome outcome, bool missing) {
        dml::row_mismatch& m = found_.emplace_back();
        m.operation = c.statement.operation;
        m.outcome = outcome;
        m.missing = missing;
        m.source = c.statement.plan->source;
        m.target = c.statement.plan->quoted_target;
        m.key = key_before(c).substr(0, longest_key);
        if (c.row->taken_size != 0) m.key_after = key_after(c).substr(0, longest_key);
        m.file = work_.rows.files[c.row->file];
        m.position = c.row->position;
    }

    static error miscounted(const dml::batch_statement& s, std::uint64_t got) {
        const std::string_view name = s.operation == dml::row_operation::remove   ? "DELETE"
                                      : s.operation == dml::row_operation::insert ? "INSERT"
                                                                                  : "UPDATE";
        return {errc::db_affected_rows,
                fmt::format("{} on {} changed {} rows instead of 1",
                            name,
                            s.plan ? s.plan->quoted_target : std::string(),
                            got)};
    }

    error located(error fault, const change& c) const {
        const auto& s = c.statement;
        if (s.plan) {
            const std::uint32_t file = c.row != nullptr ? c.row->file : s.file;
            const std::uint64_t position = c.row != nullptr ? c.row->position : s.position;
            fault.position(work_.rows.files[file], position, work_.record.gtid);
            fault.table(s.plan->source.schema, s.plan->source.table);
        }
        fault.statement(std::string(c.text.substr(0, 500)));
        return fault;
    }

    static constexpr std::size_t longest_key = 300;
    const lane_work& work_;
    const mismatch_policy policy_;
    runner execute_;
    std::vector<dml::row_mismatch> found_;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
