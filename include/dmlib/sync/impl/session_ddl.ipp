#pragma once

#include <dmlib/sync/impl/internal/session_run.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// The target's definitions of everything the statement touches, as one text: two equal texts mean
/// that nothing happened in between.
DMLIB_DECL result<std::string> session_run::fingerprint(const ddl_work& work) {
    std::string out;
    for (const auto& name : work.touched) {
        const std::string what = name.table.empty()
                                     ? "SHOW CREATE DATABASE " + quoted_identifier(name.schema)
                                     : "SHOW CREATE TABLE " + quoted(name);
        auto rows = control_.query(what);
        if (rows) {
            out += fmt::format("{}\n{}\n", what, rows->text(0, 1));
        } else if (rows.error().code() == errc::db_no_such_table) {
            out += what + "\n(none)\n";
        } else {
            return rows.error();
        }
    }
    return out;
}

DMLIB_DECL result<void> session_run::set_statement_time(const ddl_work& work) {
    // NOW() in a default that fills old rows gives what it gave on the source.
    // What the source cut to fit is cut on the target, too.
    std::string sql = fmt::format("SET timestamp={}.{:06}, sql_mode='{}'",
                                  work.timestamp,
                                  work.microseconds,
                                  work.strict ? dml::strict_mode : dml::lenient_mode);
    auto done = control_.execute(sql);
    if (!done) return done.error();
    if (work.time_zone.empty() || work.time_zone == "SYSTEM") return {};
    done = control_.execute("SET time_zone=" + quoted_literal(work.time_zone));
    if (done) return {};
    log(log_level::warning,
        fmt::format("the target does not know the time zone {}; the statement runs in UTC",
                    work.time_zone));
    return {};
}

/// In place of the target's definitions of before: the target refused the step, so nothing of it
/// ran. Whoever corrects the target changes its definitions, and that must not look as if the
/// statement had done it.
inline constexpr std::string_view refused_before = "(refused)";

DMLIB_DECL result<void> session_run::run_step(const ddl_work& work,
                                              std::uint32_t index,
                                              bool resumed) {
    const auto& step = work.steps[index];
    auto now = fingerprint(work);
    if (!now) return now.error();
    if (state_.ddl.target_before == refused_before) resumed = false;
    if (resumed && *now != state_.ddl.target_before) {
        log(log_level::info, "the statement had run before the interruption: " + step.statement);
        return {};
    }
    checkpoint::ddl_record record;
    record.state = checkpoint::ddl_state::running;
    record.at = work.at;
    record.step = index;
    record.statement = work.text;
    record.target_before = *now;
    if (auto done = store_.save_ddl(control_, record); !done) return done;
    if (auto done = set_statement_time(work); !done) return done;
    control_.set_read_timeout(std::chrono::milliseconds{0});  // an ALTER may take hours
    auto ran = control_.execute(step.statement);
    control_.set_read_timeout(target_.read_timeout);
    if (!control_.is_open()) return ran.error();
    if (auto back = control_.execute(fmt::format(
            "SET timestamp=DEFAULT, time_zone='+00:00', sql_mode='{}'", dml::strict_mode));
        !back)
        return back.error();
    if (ran) return {};
    const int number = ran.error().server_errno();
    const bool was_done =
        resumed && std::find(step.already_done.begin(), step.already_done.end(), number) !=
                       step.already_done.end();
    if (was_done) return {};
    if (resumed) {
        // The interrupted statement may have gone on in the server and ended only now.
        auto later = fingerprint(work);
        if (later && *later != *now) return {};
    }
    if (ran.error().info().retry != retry_class::never) return ran.error();
    record.target_before = std::string(refused_before);
    if (auto done = store_.save_ddl(control_, record); !done) return done;
    error fault{errc::sync_ddl_refused,
                fmt::format("the target refused: {} ({})", step.statement, ran.error().message())};
    fault.server_errno(number).statement(work.text).table(work.table.schema, work.table.table);
    fault.task(options_.task).source(options_.source_id).position(work.at.file, work.at.pos);
    return fault;
}

DMLIB_DECL result<void> session_run::run_ddl(const ddl_work& work) {
    if (auto done = finish_pending_ddl(); !done) return done;
    if (auto done = save_progress(); !done) return done;
    const bool known = state_.ddl.state != checkpoint::ddl_state::none && state_.ddl.at == work.at;
    if (!(known && state_.ddl.state == checkpoint::ddl_state::done)) {
        const std::uint32_t first = known ? state_.ddl.step : 0;
        for (std::uint32_t i = first; i < work.steps.size(); ++i) {
            if (auto done = run_step(work, i, known && i == first); !done) return done;
            log(log_level::info, "ran on the target: " + work.steps[i].statement);
        }
        checkpoint::ddl_record record;
        record.state = checkpoint::ddl_state::done;
        record.at = work.at;
        record.statement = work.text;
        if (auto done = store_.save_ddl(control_, record); !done) return done;
    }
    state_.ddl = {};
    pending_ddl_ = work;
    engine_->on_ddl_done();
    return {};
}

DMLIB_DECL schema_changes session_run::changes_of(const ddl_work& work) const {
    schema_changes out;
    const auto& known = engine_->definitions().definitions();
    for (const auto& name : work.source_tables) {
        const auto t = known.find(name.schema, name.table);
        if (t) {
            out.stored.push_back(
                {t->full_name(), schema::print_create_table(*t, source_facts_.kind)});
        } else {
            out.dropped.push_back(name);
        }
    }
    for (const auto& name : work.source_schemas) {
        const auto* d = known.find_schema(name);
        if (d == nullptr) {
            out.dropped_schemas.push_back(name);
        } else {
            std::string text = "CREATE DATABASE " + quoted_identifier(d->name);
            if (!d->charset.empty()) text += " DEFAULT CHARACTER SET " + d->charset;
            if (!d->collation.empty()) text += " COLLATE " + d->collation;
            out.schemas.emplace_back(d->name, text);
        }
    }
    return out;
}

/// Stores the definitions that a statement made, together with a place behind it.
DMLIB_DECL result<void> session_run::finish_pending_ddl() {
    if (!pending_ddl_) return {};
    if (compare(engine_->committed().position, pending_ddl_->at) == std::strong_ordering::less)
        return {};
    auto done =
        store_.finish_ddl(control_, progress(), changes_of(*pending_ddl_), changed_branches());
    if (!done) return done;
    note_saved();
    pending_ddl_.reset();
    return {};
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
