#pragma once

#include <dmlib/load/target_tables.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/impl/internal/lacking_column.hpp>
#include <dmlib/sync/impl/internal/session_run.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

DMLIB_DECL ddl_runner::ddl_runner(const mysql::connect_options& target,
                                  const mysql::server_facts& target_facts,
                                  const meta_store& store,
                                  open_requests& open,
                                  place where,
                                  logger log,
                                  ddl_work work,
                                  checkpoint::ddl_record found,
                                  recording recorded,
                                  ending done)
    : target_(target),
      target_facts_(target_facts),
      store_(store),
      open_(open),
      where_(std::move(where)),
      log_(std::move(log)),
      work_(std::move(work)),
      found_(std::move(found)),
      recorded_(std::move(recorded)) {
    thread_ = std::thread([this, done = std::move(done)] { done(run()); });
}

DMLIB_DECL ddl_runner::~ddl_runner() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        canceller_.cancel();
    }
    if (thread_.joinable()) thread_.join();
}

DMLIB_DECL result<void> ddl_runner::open() {
    auto made = mysql::session::connect(target_);
    if (!made) return made.error();
    session_ = std::move(*made);
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return error{errc::task_stopped};
        canceller_ = session_.get_canceller();
    }
    return wait_for_orphan();
}

/// The connection may have been lost, or the process killed, while a statement ran: the server goes
/// on with it. Only behind its end do the target's definitions say what it did.
DMLIB_DECL result<void> ddl_runner::wait_for_orphan() {
    for (bool said = false;; said = true) {
        const auto alone = store_.lock_ddl(session_);
        if (!alone) return alone.error();
        if (*alone) return {};
        if (!said) {
            log_(log_level::warning,
                 "a DDL statement of a session that was lost still runs on the target (SHOW "
                 "PROCESSLIST there); waiting for its end");
        }
        const std::lock_guard lock(mutex_);
        if (closed_) return error{errc::task_stopped};
    }
}

/// The target's definitions of everything the statement touches, as one text: two equal texts mean
/// that nothing happened in between.
DMLIB_DECL result<std::string> ddl_runner::fingerprint() {
    std::string out;
    for (const auto& name : work_.touched) {
        const std::string what = name.table.empty()
                                     ? "SHOW CREATE DATABASE " + quoted_identifier(name.schema)
                                     : "SHOW CREATE TABLE " + quoted(name);
        auto rows = session_.query(what);
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

/// ER_UNKNOWN_TIME_ZONE of all servers.
inline constexpr int unknown_time_zone = 1298;

DMLIB_DECL result<void> ddl_runner::set_statement_time() {
    // NOW() in a default that fills old rows gives what it gave on the source.
    // What the source cut to fit is cut on the target, too.
    std::string sql = fmt::format("SET timestamp={}.{:06}, sql_mode='{}'",
                                  work_.timestamp,
                                  work_.microseconds,
                                  work_.strict ? dml::strict_mode : dml::lenient_mode);
    auto done = session_.execute(sql);
    if (!done) return done.error();
    if (work_.time_zone.empty() || work_.time_zone == "SYSTEM") return {};
    done = session_.execute("SET time_zone=" + quoted_literal(work_.time_zone));
    if (done) return {};
    if (done.error().server_errno() != unknown_time_zone) return done.error();
    log_(log_level::warning,
         fmt::format("the target does not know the time zone {}; the statement runs in UTC",
                     work_.time_zone));
    return {};
}

/// Columns that take each other's names and move: the table may look as before.
inline bool exchanges_columns(const sql::alter_table_statement& alter) {
    std::vector<std::string> from;
    std::vector<std::string> to;
    bool moves = false;
    for (const auto& spec : alter.specs) {
        if (const auto* const c = std::get_if<sql::change_column>(&spec.change)) {
            moves = moves || c->position.place != sql::column_place::unspecified;
            if (schema::same_name(c->old_name, c->column.name)) continue;
            from.push_back(c->old_name);
            to.push_back(c->column.name);
        } else if (const auto* const m = std::get_if<sql::modify_column>(&spec.change)) {
            moves = moves || m->position.place != sql::column_place::unspecified;
        }
    }
    return moves && std::any_of(to.begin(), to.end(), [&](const std::string& name) {
               return std::any_of(from.begin(), from.end(), [&](const std::string& other) {
                   return schema::same_name(name, other);
               });
           });
}

/// Statements that exchange rows or columns and may leave all definitions as they were: then these
/// do not say whether it ran, and a second time it would undo the first.
DMLIB_DECL result<bool> ddl_runner::hides_that_it_ran(const schema::target_step& step) {
    sql::parse_options options;
    options.flavor = target_facts_.kind.flavor;
    options.version = target_facts_.kind.version;
    const auto parsed = sql::parse_statement(step.statement, options);
    if (!parsed) return false;
    const auto parts = parts_of(*parsed);
    const bool exchanges = std::any_of(parts.begin(), parts.end(), [](const ddl_part& p) {
        return p == ddl_part{event_kind::exchange_table_partition};
    });
    if (exchanges) return true;
    const auto* const alter = parsed->get<sql::alter_table_statement>();
    if (alter != nullptr) return exchanges_columns(*alter);
    const auto* const rename = parsed->get<sql::rename_table_statement>();
    if (rename == nullptr) return false;
    std::map<table_name, table_name> was;  // name -> name of before, as the pairs go
    for (const auto& pair : rename->pairs) {
        const auto from = was.find(pair.from);
        const table_name origin = from == was.end() ? pair.from : from->second;
        if (from != was.end()) was.erase(from);
        was[pair.to] = origin;
    }
    for (const auto& [name, origin] : was) {
        if (name == origin) continue;
        auto a = definition_behind_name(name);
        if (!a) return a.error();
        auto b = definition_behind_name(origin);
        if (!b) return b.error();
        if (*a != *b) return false;  // it would be seen
    }
    return !was.empty();
}

/// SHOW CREATE TABLE without the name; "" where there is no table.
DMLIB_DECL result<std::string> ddl_runner::definition_behind_name(const table_name& name) {
    const auto rows = session_.query("SHOW CREATE TABLE " + quoted(name));
    if (!rows) {
        if (rows.error().code() == errc::db_no_such_table) return std::string{};
        return rows.error();
    }
    const std::string_view text = rows->text(0, 1);
    return std::string(text.substr(std::min(text.find('\n'), text.size())));
}

DMLIB_DECL error ddl_runner::nobody_knows(const schema::target_step& step) const {
    return error{errc::sync_ddl_unresolved,
                 "an interrupted run had begun a statement that exchanges tables or columns "
                 "defined alike: nothing on the target says whether it ran: " +
                     step.statement}
        .statement(work_.text)
        .table(work_.table.schema, work_.table.table)
        .task(where_.task)
        .source(where_.source)
        .position(work_.at.file, work_.at.pos)
        .workaround(store_.way_out_of_ddl());
}

DMLIB_DECL result<void> ddl_runner::record(const checkpoint::ddl_record& r) {
    if (auto done = store_.save_ddl(session_, r, work_.keys_of); !done) return done;
    if (recorded_) std::exchange(recorded_, nullptr)();
    return {};
}

/// In place of the target's definitions of before: the target refused the step, so nothing of it
/// ran. Whoever corrects the target changes its definitions, and that must not look as if the
/// statement had done it.
inline constexpr std::string_view refused_before = "(refused)";

/// False: it did not have to run.
DMLIB_DECL result<bool> ddl_runner::run_step(std::uint32_t index, bool resumed) {
    const auto& step = work_.steps[index];
    auto now = fingerprint();
    if (!now) return now.error();
    if (found_.target_before == refused_before) resumed = false;
    if (resumed && *now != found_.target_before) {
        log_(log_level::info, "the statement had run before the interruption: " + step.statement);
        return false;
    }
    if (resumed) {
        const auto hidden = hides_that_it_ran(step);
        if (!hidden) return hidden.error();
        if (*hidden) return nobody_knows(step);
    }
    if (auto fine = judge_numbers(step); !fine) return fine.error();
    if (auto fine = judge_lacking(step); !fine) return fine.error();
    if (auto fine = judge_rebuild(step); !fine) return fine.error();
    checkpoint::ddl_record record;
    record.state = checkpoint::ddl_state::running;
    record.at = work_.at;
    record.step = index;
    record.statement = work_.text;
    record.target_before = *now;
    record.tables = work_.rows_of;
    if (auto done = this->record(record); !done) return done.error();
    auto ran = run_statement(step.statement);
    if (ran) return true;
    if (!session_.is_open()) return ran.error();
    const int number = ran.error().server_errno();
    const bool was_done =
        resumed && std::find(step.already_done.begin(), step.already_done.end(), number) !=
                       step.already_done.end();
    if (was_done) return true;
    if (resumed) {
        // The interrupted statement may have gone on in the server and ended only now.
        auto later = fingerprint();
        if (later && *later != *now) return true;
    }
    if (ran.error().info().retry != retry_class::never) {
        // The server's answer says that it did not run; TiDB may go on with it all the same.
        const auto hidden = hides_that_it_ran(step);
        if (!hidden) return hidden.error();
        if (*hidden && !target_facts_.is_tidb()) {
            record.target_before = std::string(refused_before);
            if (auto done = store_.save_ddl(session_, record, work_.keys_of); !done)
                return done.error();
        }
        return ran.error();
    }
    drop_scratch(step);
    auto there = is_there(step, ran.error());
    if (there && *there) return false;
    if (!there && there.error().info().retry != retry_class::never) return there.error();
    record.target_before = std::string(refused_before);
    if (auto done = store_.save_ddl(session_, record, work_.keys_of); !done) return done.error();
    return there ? refused(step, ran.error(), {}) : there.error();
}

/// A new table for the old one's rows, which they did not fit into.
DMLIB_DECL void ddl_runner::drop_scratch(const schema::target_step& step) {
    if (!step.table.table.starts_with("_dmlib_new_")) return;
    (void)session_.execute("DROP TABLE IF EXISTS " + quoted(step.table));
}

DMLIB_DECL result<mysql::exec_info> ddl_runner::run_statement(const std::string& sql) {
    if (auto done = set_statement_time(); !done) return done.error();
    open_requests::entry request{open_};
    request.begin(session_.connection_id(), "runs " + sql.substr(0, 500));
    session_.set_read_timeout(std::chrono::milliseconds{0});  // an ALTER may take hours
    auto ran = session_.execute(sql);
    session_.set_read_timeout(target_.read_timeout);
    if (!session_.is_open()) return ran;
    auto back = session_.execute(
        fmt::format("SET timestamp=DEFAULT, time_zone='+00:00', sql_mode='{}'", dml::strict_mode));
    if (!back) return back.error();
    return ran;
}

DMLIB_DECL error ddl_runner::refused(const schema::target_step& step,
                                     const error& why,
                                     const std::string& more) const {
    error fault{errc::sync_ddl_refused,
                fmt::format("the target refused: {} ({}){}", step.statement, why.message(), more)};
    fault.server_errno(why.server_errno()).statement(work_.text);
    fault.table(work_.table.schema, work_.table.table);
    fault.task(where_.task).source(where_.source).position(work_.at.file, work_.at.pos);
    return fault;
}

/// A new AUTO_INCREMENT column numbers the rows in the order in which they lie. Where a key orders
/// them that is the same on both sides.
DMLIB_DECL result<void> ddl_runner::judge_numbers(const schema::target_step& step) {
    const auto numbers = [&](const schema::target_change& c) {
        if (c.kind != schema::change_kind::add_column || step.wanted == nullptr) return false;
        const std::size_t at = step.wanted->find_column(c.name);
        return at < step.wanted->columns.size() && step.wanted->columns[at].auto_increment;
    };
    const auto added = std::find_if(step.changes.begin(), step.changes.end(), numbers);
    if (added == step.changes.end()) return {};
    const auto found = load::read_target_table(session_, target_facts_, step.table);
    if (!found) return found.error();
    if (!*found || (*found)->row_key() != nullptr) return {};
    const auto& columns = (*found)->columns;
    if ((*found)->find_column(added->name) < columns.size()) return {};  // the target will say
    const auto empty = load::is_empty_table(session_, step.table);
    if (!empty) return empty.error();
    if (*empty) return {};
    error why{errc::sync_ddl_refused,
              "the rows have no key, so the target would number them in another order than the "
              "source"};
    return refused(step, why, {})
        .workaround(
            "Copy the table anew; or add the column to the target's table with the source's values "
            "and leave the statement out with an event filter (action: Ignore); then run again.");
}

/// The target has lost a column of other tables, or never got it: made now, it would look whole.
DMLIB_DECL result<void> ddl_runner::judge_lacking(const schema::target_step& step) {
    const bool adds = std::any_of(step.changes.begin(), step.changes.end(), [](const auto& c) {
        return c.kind == schema::change_kind::add_column;
    });
    if (!adds || work_.columns_of_others.empty()) return {};
    const auto found = load::read_target_table(session_, target_facts_, step.table);
    if (!found) return found.error();
    if (!*found) return {};
    const std::string fault = lacking_column_fault(step, **found, work_.columns_of_others);
    if (fault.empty()) return {};
    const auto empty = load::is_empty_table(session_, step.table);
    if (!empty) return empty.error();
    if (*empty) return {};
    return refused(step, error{errc::sync_ddl_refused, fault}, {})
        .workaround(std::string(lacking_column_way_out));
}

/// A table that is built anew has what the source's table has, and nothing else.
DMLIB_DECL result<void> ddl_runner::judge_rebuild(const schema::target_step& step) {
    const table_name name = built_anew(step);
    if (name.table.empty()) return {};
    const auto found = load::read_target_table(session_, target_facts_, name);
    if (!found) return found.error();
    if (!*found) return {};
    const std::string fault = lost_column_fault(**found, work_.columns_before);
    if (fault.empty()) return {};
    return refused(step, error{errc::sync_ddl_refused, fault}, {})
        .workaround(std::string(lost_column_way_out));
}

/// Definitions say nothing of rows: a column that is there may have other values than the one that
/// the statement makes.
DMLIB_DECL result<void> ddl_runner::judge_values(const schema::target_step& step,
                                                 schema::step_state& state) {
    const auto is_left = [this](const std::string& name) {
        return work_.left.contains(sql::ascii_lower(name));
    };
    for (const schema::column& c : state.added) {
        const auto& others = work_.columns_of_others;
        const bool of_others =
            work_.other_sources ||
            std::any_of(others.begin(), others.end(), [&](const std::string& name) {
                return schema::same_name(name, c.name);
            });
        // Their rows may have any values, but this table's rows were without the column.
        if (of_others && !is_left(c.name)) continue;
        session_.set_read_timeout(std::chrono::milliseconds{0});  // it may look at every row
        auto rows = session_.query(schema::other_values_query(step.table, c));
        session_.set_read_timeout(target_.read_timeout);
        if (!rows) return rows.error();
        if (rows->size() == 0) continue;
        state.conflicts.push_back(
            fmt::format("column {0} is there already and not all of its rows have the value that "
                        "the statement gives them (UPDATE {1} SET {0}=... makes it so)",
                        quoted_identifier(c.name),
                        quoted(step.table)));
    }
    for (const schema::target_change& c : step.changes) {
        if (c.kind != schema::change_kind::rename_column || !is_left(c.to)) continue;
        state.conflicts.push_back(
            fmt::format("column {} may be there from before, with other values: a statement that "
                        "took it from the source's table was left out",
                        quoted_identifier(c.to)));
    }
    return {};
}

/// The target complains that something is there, or gone, already: another table that is merged
/// into the same one, or a person, may have done it. True where all that the step makes is as the
/// step makes it, what was missing of it included. Errors: where it is something else.
DMLIB_DECL result<bool> ddl_runner::is_there(const schema::target_step& step,
                                             const error& refusal) {
    const int number = refusal.server_errno();
    const bool may_be = step.wanted != nullptr &&
                        std::find(step.already_done.begin(), step.already_done.end(), number) !=
                            step.already_done.end();
    if (!may_be) return false;
    auto found = load::read_target_table(session_, target_facts_, step.table);
    if (!found) return found.error();
    if (!*found) return false;
    schema::target_facts form;
    form.dialect = target_facts_.dialect;
    form.version = target_facts_.version();
    auto state = schema::compare_step(step, **found, form);
    if (auto fine = judge_values(step, state); !fine) return fine.error();
    if (!state.conflicts.empty()) {
        return refused(step, refusal, fmt::format("; {}", fmt::join(state.conflicts, "; ")))
            .workaround(
                "Bring the target's table to what the statement makes of it, or leave the "
                "statement out with an event filter (action: Ignore); then run again.");
    }
    if (state.there.empty()) return false;
    if (!state.rest.empty()) {
        auto ran = run_statement(state.rest);
        if (!ran) {
            if (!session_.is_open() || ran.error().info().retry != retry_class::never)
                return ran.error();
            return refused(step, ran.error(), " behind what the target had already");
        }
    }
    std::string rows;
    if (step.changes.empty()) {
        auto empty = load::is_empty_table(session_, step.table);
        if (!empty) return empty.error();
        if (!*empty) rows = ", and has rows";
    }
    ++already_there_;
    log_(log_level::warning,
         fmt::format("{}:{}: on the target already as the statement makes it, so not done again: "
                     "{}{}{}{} ({}): {}",
                     work_.at.file,
                     work_.at.pos,
                     fmt::join(state.there, ", "),
                     rows,
                     state.remarks.empty() ? "" : "; ",
                     fmt::join(state.remarks, ", "),
                     refusal.message(),
                     work_.text));
    return true;
}

DMLIB_DECL result<void> ddl_runner::run() {
    const bool known = found_.state != checkpoint::ddl_state::none && found_.at == work_.at;
    const bool names_all =
        std::all_of(work_.rows_of.begin(), work_.rows_of.end(), [this](const table_name& n) {
            return std::find(found_.tables.begin(), found_.tables.end(), n) != found_.tables.end();
        });
    // An earlier run stored the record: rows may be kept while its statement is waited for.
    if (known && names_all) std::exchange(recorded_, nullptr)();
    if (auto opened = open(); !opened) return opened;
    if (known && found_.state == checkpoint::ddl_state::done) {
        if (recorded_) std::exchange(recorded_, nullptr)();
        return {};
    }
    std::uint32_t first = known ? found_.step : 0;
    // Nothing tells whether such a step ran: all of them are run again.
    if (first < work_.steps.size() && !work_.steps[first].idempotent &&
        work_.steps[first].already_done.empty())
        first = 0;
    for (std::uint32_t i = first; i < work_.steps.size(); ++i) {
        const auto ran = run_step(i, known && i == first);
        if (!ran) return ran.error();
        if (*ran) log_(log_level::info, "ran on the target: " + work_.steps[i].statement);
    }
    checkpoint::ddl_record record;
    record.state = checkpoint::ddl_state::done;
    record.at = work_.at;
    record.statement = work_.text;
    record.tables = work_.rows_of;
    return this->record(record);
}

DMLIB_DECL result<void> session_run::run_ddl(const ddl_work& work) {
    if (auto done = finish_pending_ddl(); !done) return done;
    if (auto done = save_progress(); !done) return done;
    const auto& found = state_.ddl;
    if (found.state != checkpoint::ddl_state::none &&
        compare(work.at, found.at) == std::strong_ordering::less) {
        return error{
            errc::sync_ddl_unresolved,
            fmt::format("the last run had left out a statement that this one does not, and "
                        "had begun one behind it at {}: {}",
                        to_string(found.at),
                        work.text)}
            .statement(work.text)
            .table(work.table.schema, work.table.table)
            .task(options_.task)
            .source(options_.source_id)
            .position(work.at.file, work.at.pos)
            .workaround(
                "Run the task with the rules of before until it is behind that place, or copy the "
                "statement's tables again.");
    }
    ddl_ = std::make_unique<ddl_runner>(
        target_,
        target_facts_,
        store_,
        shared_.open,
        ddl_runner::place{options_.task, options_.source_id},
        [this](log_level level, const std::string& text) { log(level, text); },
        work,
        std::exchange(state_.ddl, {}),
        [this] { box_.acknowledge({ddl_recorded, 0}); },
        [this](const result<void>& done) {
            if (!done) return box_.fail(done.error());
            box_.acknowledge({ddl_acknowledged, 0});
        });
    return {};
}

DMLIB_DECL void session_run::on_ddl_ran() {
    pending_ddl_ = ddl_->work();
    shared_.ddl_already_there += ddl_->steps_already_there();
    ddl_.reset();
    if (options_.turns) options_.turns->done(options_.source_id);
    engine_->on_ddl_done();
}

DMLIB_DECL schema_changes session_run::changes_of(const ddl_work& work) const {
    schema_changes out;
    out.left = work.left_behind;
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

/// A restart would begin behind it and miss nothing without its record.
DMLIB_DECL bool session_run::behind(const ddl_work& work) const {
    return engine_->behind_ddl() &&
           compare(engine_->committed().position, work.at) != std::strong_ordering::less;
}

/// Stores the definitions that a statement made, together with a place behind it.
DMLIB_DECL result<void> session_run::finish_pending_ddl() {
    if (!pending_ddl_) return {};
    if (!behind(*pending_ddl_)) return {};
    const auto request = asked("stores the checkpoint");
    auto done =
        store_.finish_ddl(control_, progress(), changes_of(*pending_ddl_), changed_branches());
    if (!done) return done;
    note_saved();
    pending_ddl_.reset();
    return {};
}

DMLIB_DECL result<void> session_run::store_kept_place(const kept_place& place) {
    if (auto done = store_.save_rows_at(control_, place.at); !done) return done;
    engine_->on_kept_place_stored();
    return {};
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
