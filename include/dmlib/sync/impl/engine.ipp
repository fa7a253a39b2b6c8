#pragma once

#include <dmlib/binlog/json.hpp>
#include <dmlib/dml/partial_image.hpp>
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/mapped_places.hpp>
#include <dmlib/sync/impl/internal/replace_statement.hpp>
#include <dmlib/sync/impl/internal/system_versions.hpp>
#include <dmlib/sync/impl/internal/two_phase_alter.hpp>
#include <dmlib/sync/impl/internal/unknown_tables.hpp>
#include <dmlib/sync/impl/internal/virtual_columns.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

DMLIB_DECL sync_engine::sync_engine(engine_options options,
                                    rule_set rules,
                                    schema::tracker definitions,
                                    location start,
                                    const std::vector<checkpoint::lane_record>& lanes,
                                    std::shared_ptr<const checkpoint::chunk_ledger> copy)
    : options_(std::move(options)),
      rules_(std::move(rules)),
      definitions_(std::move(definitions)),
      copy_(std::move(copy)),
      low_water_(std::max(1U, options_.lanes) + 1, start),  // the last one is for DDL
      book_(std::max(1U, options_.lanes)),
      lanes_(std::max(1U, options_.lanes)),
      most_busy_(std::max(1U, options_.lanes)),
      read_(std::move(start)),
      left_(options_.left) {
    file_ = read_.position.file;
    for (const auto& r : lanes) {
        const bool known = r.lane < (whole() ? 1 : lanes_.size());
        if (known && !r.last.transaction.empty()) lanes_[r.lane].resume = r.last;
    }
    take_stored_branches();
    for (const table_name& n : options_.ddl_tables) recorded_.insert(folded(n));
    for (const auto& r : lanes) {
        if (r.last.transaction.empty()) continue;
        if (!ahead_ || compare(r.last, *ahead_) == std::strong_ordering::greater) ahead_ = r.last;
    }
    for (auto& k : options_.keys) stored_keys_[k.source].text = std::move(k.text);
    if (!recorded_.empty()) {
        kept_at_ = options_.ddl_rows_at;
        keeps_again_ = !kept_at_;
    }
}

namespace internal {

/// Lanes' records number the events of a transaction. What the source sends only when it is asked,
/// or when it likes, has no number: it must not depend on the connection which row is which.
inline bool is_counted(const binlog::event& e) noexcept {
    return e.type() != binlog::event_type::annotate_rows && e.get<binlog::heartbeat>() == nullptr;
}

}  // namespace internal

DMLIB_DECL error& sync_engine::locate(error& e, const binlog::event& at) const {
    return e.task(options_.task)
        .source(options_.source)
        .position(file_, at.start, to_string(grammar_.current_gtid()));
}

DMLIB_DECL result<intake> sync_engine::on_event(const binlog::event& e) {
    dry_ = false;
    held_ = hold::nothing;
    if (!pending_) {
        auto tracked = grammar_.on(e);
        if (!tracked) {
            error fault = tracked.error();
            return locate(fault, e);
        }
        pending_ = *tracked;
        ++counters_.events;
        if (e.header.timestamp != 0 && !e.artificial) counters_.last_timestamp = e.header.timestamp;
        follow_position(e, *pending_);
    }
    if (!keeping_.empty()) {
        auto went_on = go_on_with_kept();
        if (!went_on || *went_on == intake::blocked) return went_on;
        // The statement's end has to be stored before the event can be another statement.
        if (keeping_.empty()) return intake::blocked;
    }
    auto done = dispatch(e);
    if (!done) {
        error fault = done.error();
        return locate(fault, e);
    }
    if (*done == intake::blocked) return done;
    const binlog::tracked t = *pending_;
    if (t.step == binlog::step::rollback) {
        capture_.reset();
        if (auto fine = on_void_transaction(); !fine) {
            error fault = fine.error();
            return locate(fault, e);
        }
    }
    pending_.reset();
    if (internal::is_counted(e)) ++event_number_;
    rows_seen_ = rows_seen_ || e.get<binlog::rows_event>() != nullptr;
    if (t.step == binlog::step::commit || t.step == binlog::step::statement ||
        t.step == binlog::step::rollback || t.step == binlog::step::prepare) {
        end_of_transaction(e);
    }
    if (t.step == binlog::step::outside && !e.artificial && !grammar_.in_transaction() &&
        e.get<binlog::rotate>() == nullptr && e.get<binlog::heartbeat>() == nullptr) {
        // A stream by GTID begins with the head of the file, far before the place that is reached.
        if (compare(binlog_position{file_, e.next}, read_.position) ==
            std::strong_ordering::greater) {
            read_.position = {file_, e.next};
            mark_read();
        }
    }
    pump();
    return done;
}

DMLIB_DECL void sync_engine::follow_position(const binlog::event& e, const binlog::tracked& t) {
    if (t.step == binlog::step::begin ||
        (t.step == binlog::step::statement && event_number_ == 0)) {
        rows_in_open_ = false;
        open_released_ = false;
        open_is_void_ = options_.void_transactions.contains({file_, e.start});
    }
    const bool opens =
        t.step == binlog::step::begin || (t.step == binlog::step::statement && event_number_ == 0);
    if (opens) {
        transaction_ = {file_, e.start};
        event_number_ = 0;
        rows_seen_ = false;
        replaces_.reset();
        keep_again();
    }
}

/// The source crashed within a transaction: what was read of it never took effect.
DMLIB_DECL result<void> sync_engine::on_void_transaction() {
    if (!rows_in_open_ || open_is_void_) return {};
    if (open_released_ && !whole()) {
        return error{errc::binlog_refused,
                     "the source crashed within a transaction that needed more memory than "
                     "--memory-limit allows, and a part of it was applied"}
            .workaround(
                "Copy the tables of this transaction again, or raise --memory-limit and start from "
                "an earlier place.");
    }
    return error{errc::binlog_rolled_back};
}

DMLIB_DECL void sync_engine::end_of_transaction(const binlog::event& e) {
    ++counters_.transactions;
    ++whole_transactions_;
    rows_in_open_ = false;
    if (whole()) end_whole();
    read_.position = {file_, e.next};
    read_.gtids.add(grammar_.current_gtid());
    event_number_ = 0;
    mark_read();
    forget_branches();
}

DMLIB_DECL result<intake> sync_engine::dispatch(const binlog::event& e) {
    if (e.status == binlog::event_status::refused) {
        error fault{
            e.get<binlog::incident>() != nullptr ? errc::binlog_incident : errc::binlog_refused,
            std::string(e.reason)};
        if (!e.way_out.empty()) fault.workaround(std::string(e.way_out));
        return fault;
    }
    if (const auto* rows = e.get<binlog::rows_event>())
        return capture_ ? capture(*rows) : on_rows(e, *rows);
    if (const auto* map = e.get<binlog::table_map_event>())
        return capture_ ? capture(*map) : on_table_map(*map);
    if (const auto* q = e.get<binlog::query>()) return on_query(e, *q);
    if (const auto* r = e.get<binlog::rotate>()) {
        const bool moved = file_ != r->next_file;
        file_ = std::string(r->next_file);
        // A stream by GTID may begin in an older file: the place that is committed stays.
        const binlog_position next{file_, r->next_pos};
        if (moved && !grammar_.in_transaction() &&
            compare(next, read_.position) == std::strong_ordering::greater) {
            read_.position = next;
            mark_read();
        }
        tables_.clear();
        return intake::taken;
    }
    if (const auto* g = e.get<binlog::mariadb_gtid_event>()) {
        // MariaDB writes no XA START: the GTID event says it.
        if ((g->flags & binlog::mariadb_gtid_event::prepared_xa) != 0) {
            if (branch_has_to_wait()) return intake::blocked;
            capture_.emplace();
        }
    }
    if (const auto* x = e.get<binlog::xa_prepare>()) return on_xa_prepare(e, *x);
    if (const auto* text = e.get<binlog::rows_query>()) {
        replaces_ = internal::may_replace(text->text);
        return intake::taken;
    }
    if (e.get<binlog::load_query>() != nullptr) {
        return error{errc::binlog_statement_dml, "LOAD DATA arrived as a statement"};
    }
    return intake::taken;
}

DMLIB_DECL result<intake> sync_engine::on_query(const binlog::event& e, const binlog::query& q) {
    using binlog::statement_class;
    switch (pending_->statement) {
        case statement_class::begin:
        case statement_class::commit:
        case statement_class::savepoint:
        case statement_class::dummy:
        case statement_class::empty:
            return intake::taken;
        case statement_class::rollback:
            if (event_number_ <= 2)
                return intake::taken;  // GTID, BEGIN, ROLLBACK: nothing happened
            [[fallthrough]];
        case statement_class::rollback_to:
            return error{
                errc::binlog_refused,
                "a rolled-back part of a transaction that changed a non-transactional table"}
                .workaround(
                    "Copy the tables of this transaction again; do not mix engines in one "
                    "transaction on the source.");
        case statement_class::xa_start:
        case statement_class::xa_end:
        case statement_class::xa_prepare:
        case statement_class::xa_commit:
        case statement_class::xa_rollback:
            return on_xa_statement(e, q);
        case statement_class::dml:
        case statement_class::other:
            return on_other_statement(e, q);
        case statement_class::ddl:
            break;
    }
    if (internal::is_half_alter(grammar_)) {
        ++counters_.statements_skipped;
        return intake::taken;
    }
    return on_ddl(e, q);
}

DMLIB_DECL result<intake> sync_engine::on_table_map(const binlog::table_map_event& m) {
    if (is_kept(*m.table)) return intake::taken;
    auto [at, fresh] = tables_.try_emplace(m.table.get());
    table_state& t = at->second;
    if (fresh) {
        t.map = m.table;
        const table_name name{std::string(m.table->schema()), std::string(m.table->table())};
        t.decision = rules_.decide(name);
        t.skip = !t.decision->replicate;
    }
    if (t.skip) return intake::taken;
    if (waits_for_ddl(t)) return intake::blocked;
    if (t.plan) return intake::taken;
    t.left_out = done_before_ddl(t.decision->source);
    if (t.left_out) return intake::taken;
    if (!t.decision->problems.empty()) return t.decision->problems.front();
    if (const auto known =
            definitions_.definitions().find(t.decision->source.schema, t.decision->source.table);
        known && known->is_sequence) {
        // As its CREATE SEQUENCE was left out.
        if (warned_.insert(t.decision->source).second)
            actions_.push_back(
                notice{log_level::info,
                       "rows of sequence " + quoted(t.decision->source) + " are left out"});
        t.skip = true;
        return intake::taken;
    }
    if (copy_ != nullptr && t.copied == nullptr) {
        t.copied = copy_->find(t.decision->source);
        // Before the table's definition holds, its rows cannot even be read.
        if (t.copied != nullptr && before_place(t.copied->info().valid_from)) {
            t.copied = nullptr;
            t.left_out = true;
            return intake::taken;
        }
        if (t.copied != nullptr && !before_place(t.copied->latest())) t.copied = nullptr;
    }
    auto made = make_plan(t);
    if (!made) tables_.erase(at);
    return made;
}

DMLIB_DECL bool sync_engine::skips(const binlog::table_map& map) const noexcept {
    if (capture_) return false;
    const auto at = tables_.find(&map);
    return at != tables_.end() && at->second.skip;
}

DMLIB_DECL result<intake> sync_engine::make_plan(table_state& t) {
    const table_name& target = t.decision->target;
    if (auto fine = has_own_name(t.decision->source, target); !fine) return fine.error();
    const auto known = targets_.find(target);
    if (known == targets_.end()) {
        if (!asked_ || *asked_ != target) {
            asked_ = target;
            actions_.push_back(table_question{target});
        }
        return intake::blocked;
    }
    auto checked = definitions_.check(*t.map);
    if (!checked) {
        if (checked.error().code() == errc::sync_no_table)
            return internal::unknown_rows(t.decision->source);
        error fault = checked.error();
        return fault.table(t.decision->source.schema, t.decision->source.table);
    }
    t.checked = std::move(*checked);
    if (!known->second) {
        return error{errc::db_no_such_table, "the target has no table " + quoted(target)}.table(
            t.decision->source.schema, t.decision->source.table);
    }
    dml::plan_input in;
    in.target_name = target;
    in.source = t.checked.definition.get();
    in.image_columns = t.checked.columns;
    in.target = &*known->second;
    in.dialect = options_.target.dialect;
    in.version = options_.target.version;
    in.target_triggers = with_triggers_.contains(target);
    if (!cascades_) find_cascades();
    const auto group = cascades_->find(in.source->full_name());
    if (group != cascades_->end()) {
        in.cascade_group = group->second;
        if (auto fine = check_cascades(*in.source, *in.target); !fine) return fine.error();
    }
    auto rows = compile_row_filter(
        *t.decision, *t.checked.definition, t.checked.columns, options_.resolve.server);
    if (!rows) return rows.error();
    t.rows = std::move(*rows);
    in.may_lack_rows = t.rows != nullptr;
    in.extracted = t.decision->extracted;
    in.mappings = t.decision->mappings;
    t.unlike = unlike_columns(target, *in.target);
    in.unlike = t.unlike;
    t.uncertain = internal::uncertain_places(
        options_.resolve.server, *t.checked.definition, t.checked.columns);
    in.uncertain = t.uncertain;
    auto plan = dml::make_table_plan(in);
    if (!plan) return plan.error();
    t.plan = std::move(*plan);
    if (!t.plan->transactional && warned_.insert(target).second) {
        actions_.push_back(notice{
            log_level::warning,
            fmt::format(
                "the target's table {} has engine {} without transactions: written in safe mode{}",
                quoted(target),
                known->second->engine,
                t.plan->keyless ? "; it has no key, so a crash, or a batch that is tried again, "
                                  "may leave rows twice"
                                : "")});
    }
    auto& last = rows_of_[folded(t.decision->source)];
    last.resize(lanes_.size());
    t.last_batch = &last;
    t.row_end = internal::row_end_place(*t.checked.definition, t.checked.columns);
    if (auto fine = place_columns(t); !fine) return fine.error();
    return intake::taken;
}

/// Where the columns of mappings and of the copy's key stand in the row image.
DMLIB_DECL result<void> sync_engine::place_columns(table_state& t) const {
    auto mapped = internal::place_mappings(t.decision->mappings, t.checked);
    if (!mapped) return mapped.error();
    t.mapped = std::move(*mapped);
    if (t.copied != nullptr) {
        t.copy_key.clear();
        for (const std::string& column : t.copied->info().key_columns) {
            const std::size_t own = t.checked.definition->find_column(column);
            const auto image = std::find(t.checked.columns.begin(), t.checked.columns.end(), own);
            t.copy_key.push_back(static_cast<std::uint32_t>(image - t.checked.columns.begin()));
        }
    }
    return {};
}

DMLIB_DECL bool sync_engine::before_place(const location& place) const {
    return compare(transaction_, place.position) == std::strong_ordering::less;
}

DMLIB_DECL result<intake> sync_engine::on_rows(const binlog::event& e,
                                               const binlog::rows_event& rows) {
    if (rows.table == nullptr) return intake::taken;  // the dummy that ends a statement
    if (is_kept(*rows.table)) return keep_rows(e, rows);
    const auto known = [&] {
        const auto at = tables_.find(rows.table.get());
        const bool ready =
            at != tables_.end() && (at->second.plan || at->second.skip || at->second.left_out);
        return ready ? &at->second : nullptr;
    };
    table_state* state = known();
    if (state == nullptr) {
        // Its map came while rows of the table were kept.
        auto made = on_table_map({rows.table});
        if (!made || *made == intake::blocked) return made;
        state = known();
    }
    table_state& t = *state;
    if (t.left_out) {
        ++(before_recorded_ddl() ? counters_.rows_replayed : counters_.rows_in_copy);
        return intake::taken;
    }
    const auto& verdict = rows.kind == binlog::rows_kind::insert   ? t.decision->on_insert
                          : rows.kind == binlog::rows_kind::update ? t.decision->on_update
                                                                   : t.decision->on_delete;
    if (!t.skip && verdict.action == filter_action::error) {
        return error{errc::sync_event_filtered_error, "rows of this table matched " + verdict.rule}
            .table(t.decision->source.schema, t.decision->source.table);
    }
    if (t.skip || verdict.action == filter_action::ignore) {
        ++counters_.rows_filtered;
        return intake::taken;
    }
    if (rows.uncounted) {
        return error{errc::binlog_row_image,
                     "an INSERT without any column (its rows cannot be counted)"}
            .table(t.decision->source.schema, t.decision->source.table);
    }
    if (auto fine = check_replace(rows); !fine) {
        error fault = fine.error();
        return fault.table(t.decision->source.schema, t.decision->source.table);
    }
    if (auto admitted = admit(t); !admitted || *admitted == intake::blocked) return admitted;
    const std::size_t columns = t.map->column_count();
    before_.resize(rows.kind == binlog::rows_kind::insert ? 0 : columns);
    after_.resize(rows.kind == binlog::rows_kind::remove ? 0 : columns);
    binlog::row_decoder decoder{rows, t.checked.facts, &arena_};
    for (std::uint32_t row = 0;; ++row) {
        const auto more = decoder.next(before_, after_);
        if (!more) {
            error fault = more.error();
            return fault.table(t.decision->source.schema, t.decision->source.table);
        }
        if (!*more) break;
        auto done = on_row(e, t, rows.kind, row);
        arena_.clear();
        if (!done) return done.error();
    }
    return intake::taken;
}

/// MariaDB logs a REPLACE as an update, and without full images that update lacks the columns that
/// got their defaults. Its images share key columns; only the statement's text tells it from other
/// updates that do.
DMLIB_DECL result<void> sync_engine::check_replace(const binlog::rows_event& rows) const {
    if (options_.resolve.server.flavor != flavor::mariadb ||
        rows.kind != binlog::rows_kind::update ||
        binlog::count_columns(rows.after_columns, rows.column_count) == rows.column_count ||
        !internal::share_columns(rows) || (replaces_ && !*replaces_))
        return {};
    if (replaces_) {
        return error{errc::binlog_row_image,
                     "a REPLACE whose row image may lack columns that got their defaults"};
    }
    return error{errc::binlog_row_image,
                 "an update without all columns and without its statement: a REPLACE would be "
                 "taken for it"}
        .workaround(
            "Set binlog_row_image to FULL, or to the same value globally and in all sessions with "
            "binlog_annotate_row_events=ON; then copy the table again.");
}

/// `filler`: where to look for columns that the image leaves out.
DMLIB_DECL result<bool> sync_engine::image_in_copy(const table_state& t,
                                                   std::span<const value_view> image,
                                                   std::span<const value_view> filler) const {
    if (t.copied->uniform() || t.copy_key.empty()) return before_place(t.copied->latest());
    checkpoint::key_tuple key;
    for (const std::uint32_t place : t.copy_key) {
        value_view v = place < image.size() ? image[place] : value_view{};
        if (v.is_absent() && place < filler.size()) v = filler[place];
        if (v.is_absent()) {
            return error{errc::binlog_row_image,
                         "a row image lacks a column by which the full copy divided the table"}
                .table(t.decision->source.schema, t.decision->source.table);
        }
        const auto number = checkpoint::key_number::from_value(v);
        if (!number) return before_place(t.copied->latest());
        key.push_back(*number);
    }
    const location* place = t.copied->position_for(key);
    return place != nullptr && before_place(*place);
}

DMLIB_DECL result<std::optional<binlog::rows_kind>> sync_engine::outside_copy(
    const table_state& t, binlog::rows_kind kind) const {
    using binlog::rows_kind;
    using answer = std::optional<rows_kind>;
    if (t.copied == nullptr) return answer{kind};
    bool old_in = false;
    bool new_in = false;
    if (kind != rows_kind::insert) {
        auto in = image_in_copy(t, before_, {});
        if (!in) return in.error();
        old_in = *in;
    }
    if (kind != rows_kind::remove) {
        auto in = image_in_copy(t, after_, before_);
        if (!in) return in.error();
        new_in = *in;
    }
    switch (kind) {
        case rows_kind::insert:
            return new_in ? answer{} : answer{kind};
        case rows_kind::remove:
            return old_in ? answer{} : answer{kind};
        case rows_kind::update:
            break;
    }
    // The row moved between ranges that were read at different places: half of it is in the copy.
    if (old_in && new_in) return answer{};
    if (old_in) return answer{rows_kind::insert};
    if (new_in) return answer{rows_kind::remove};
    return answer{kind};
}

/// `left`: what of the change is not in the copy.
DMLIB_DECL result<void> sync_engine::prepare_images(const table_state& t,
                                                    binlog::rows_kind kind,
                                                    binlog::rows_kind left) {
    using binlog::rows_kind;
    const bool half = kind == rows_kind::update && left == rows_kind::insert;
    const bool safe = safe_mode(t);
    if (half || (safe && left == rows_kind::update))
        internal::complete_after(t.uncertain, before_, after_);
    if (half && !dml::has_all_columns(*t.plan, after_)) {
        return error{errc::binlog_row_image,
                     "an update moved a row between ranges that the full copy read at different "
                     "places, and its images do not have all columns of the row"}
            .table(t.decision->source.schema, t.decision->source.table);
    }
    const auto operation = left == rows_kind::insert   ? dml::row_operation::insert
                           : left == rows_kind::update ? dml::row_operation::update
                                                       : dml::row_operation::remove;
    return dml::check_images(*t.plan, operation, before_, after_, safe);
}

DMLIB_DECL result<void> sync_engine::on_row(const binlog::event& e,
                                            table_state& t,
                                            binlog::rows_kind kind,
                                            std::uint32_t row) {
    if (open_is_void_ && !placing_) return {};
    const auto current = current_rows(t, kind);
    if (!current) return current.error();
    if (!*current) return {};
    kind = **current;
    const auto left = outside_copy(t, kind);
    if (!left) return left.error();
    if (!*left) {
        ++counters_.rows_in_copy;
        return {};
    }
    const auto* rows = e.get<binlog::rows_event>();
    if (rows != nullptr && rows->partial_json) {
        if (auto done = resolve_json(t); !done) return done;
    }
    const bool full = rows == nullptr || binlog::is_full_image(*rows);
    if (t.rows) {
        // An expression over a column that the event leaves out is the filter's error to say.
        if (!full && **left == binlog::rows_kind::update)
            internal::complete_after(t.uncertain, before_, after_);
        const auto out = left_out(t, kind, **left);
        if (!out) {
            error fault = out.error();
            return fault.table(t.decision->source.schema, t.decision->source.table);
        }
        if (*out) {
            ++counters_.rows_filtered;
            return {};
        }
    }
    if (!full) {
        if (auto done = prepare_images(t, kind, **left); !done) return done;
    }
    if (auto done = map_columns(t, **left); !done) return done;
    if (**left != binlog::rows_kind::remove) {
        if (auto done = dml::check_fit(*t.plan, after_); !done) return done;
        if (auto done = dml::check_values(*t.plan, after_); !done) return done;
    }
    if (**left != binlog::rows_kind::insert) {
        if (auto done = dml::check_found(*t.plan, before_); !done) return done;
    }
    if (placing_) {
        place_row(e, t, **left, {placing_->transaction, placing_->event, placing_->row + row});
    } else {
        place_row(e, t, **left, {transaction_, event_number_, row});
    }
    return {};
}

/// What a change of a system-versioned table does to its current rows: a DELETE is logged as an
/// update that ends the row, and history is written by further inserts.
DMLIB_DECL result<std::optional<binlog::rows_kind>> sync_engine::current_rows(
    const table_state& t, binlog::rows_kind kind) const {
    using binlog::rows_kind;
    using answer = std::optional<rows_kind>;
    if (!t.row_end) return answer{kind};
    const auto& first = (kind == rows_kind::insert ? after_ : before_)[*t.row_end];
    if (first.is_absent()) {
        return error{errc::binlog_row_image,
                     "a row image of a system-versioned table lacks the end of its period"}
            .table(t.decision->source.schema, t.decision->source.table);
    }
    if (!internal::is_current(first)) return answer{};
    if (kind != rows_kind::update) return answer{kind};
    const auto& last = after_[*t.row_end];
    const bool ends = !last.is_absent() && !internal::is_current(last);
    return answer{ends ? rows_kind::remove : rows_kind::update};
}

/// Partial JSON updates become the whole document.
DMLIB_DECL result<void> sync_engine::resolve_json(const table_state& t) {
    json_text_.clear();
    for (std::size_t i = 0; i < after_.size() && i < before_.size(); ++i) {
        if (after_[i].kind != value_kind::json_diff) continue;
        if (before_[i].kind != value_kind::json) {
            return error{
                errc::binlog_row_image,
                fmt::format(
                    "a partial update of JSON column {}, whose document the before "
                    "image lacks",
                    quoted_identifier(t.checked.definition->columns[t.checked.columns[i]].name))}
                .table(t.decision->source.schema, t.decision->source.table)
                .workaround(
                    "Set binlog_row_image=FULL or binlog_row_value_options='' globally and for "
                    "that session; then copy the table again.");
        }
        std::string& text = json_text_.emplace_back();
        auto done = binlog::append_patched_json_text(text, before_[i].bytes(), after_[i].bytes());
        if (!done) {
            error fault = done.error();
            return fault.table(t.decision->source.schema, t.decision->source.table);
        }
        after_[i] = value_view::make_bytes(value_kind::text, as_bytes(text));
    }
    return {};
}

/// Expressions see the source's own values. Of an update of which the copy has one half, only the
/// other half is left to do, and that is the copy's: the copy would have judged the row as
/// inserted.
DMLIB_DECL result<bool> sync_engine::left_out(const table_state& t,
                                              binlog::rows_kind kind,
                                              binlog::rows_kind outside) const {
    using binlog::rows_kind;
    if (outside == rows_kind::insert) return t.rows->drops_insert(after_);
    if (outside == rows_kind::update) return t.rows->drops_update(before_, after_);
    if (kind == rows_kind::update) return false;
    return t.rows->drops_delete(before_);
}

/// An image of an INSERT without a column stands for its default, which nobody would map.
DMLIB_DECL result<void> sync_engine::map_columns(const table_state& t, binlog::rows_kind kind) {
    mapped_text_.clear();
    for (const auto& [column, mapping, has_default] : t.mapped) {
        if (has_default && kind == binlog::rows_kind::insert && after_[column].is_absent()) {
            return error{errc::binlog_row_image,
                         "a row image lacks column " + quoted_identifier(mapping->column) +
                             ", which has a default and which column mapping " + mapping->rule +
                             " changes"}
                .table(t.decision->source.schema, t.decision->source.table);
        }
        for (auto* image : {&before_, &after_}) {
            if (image->empty() || (*image)[column].is_absent()) continue;
            auto mapped = mapping->apply((*image)[column], mapped_text_.emplace_back());
            if (!mapped) {
                error fault = mapped.error();
                return fault.table(t.decision->source.schema, t.decision->source.table);
            }
            (*image)[column] = *mapped;
        }
    }
    return {};
}

namespace internal {

inline constexpr std::string_view open_transaction = "BEGIN";
/// Where a piece that has to be done again begins anew.
inline constexpr std::string_view open_piece = "SAVEPOINT dmlib_piece";

inline std::size_t bytes_of(std::span<const value_view> image) noexcept {
    std::size_t n = 0;
    for (const value_view& v : image) n += v.size;
    return n;
}

}  // namespace internal

DMLIB_DECL void sync_engine::place_row(const binlog::event& e,
                                       table_state& t,
                                       binlog::rows_kind kind,
                                       const checkpoint::row_point& at) {
    using binlog::rows_kind;
    const std::span<const value_view> none;
    const auto effect =
        dml::collect_keys(*t.plan,
                          kind == rows_kind::insert ? none : std::span<const value_view>{before_},
                          kind == rows_kind::remove ? none : std::span<const value_view>{after_},
                          keys_);
    const std::uint32_t lane = whole() ? collector_ : book_.home(keys_.front());
    lane_state& l = lanes_[lane];
    auto& resume = whole() ? lanes_.front().resume : l.resume;
    if (resume) {
        if (compare(at, *resume) != std::strong_ordering::greater) {
            ++counters_.rows_replayed;
            return;
        }
        resume.reset();
    }
    find_edges(t, lane, effect);
    if (!edges_.empty() && !whole()) {
        for (const auto& edge : edges_) {
            if (lanes_[edge.lane].open_sequence == edge.sequence) seal(edge.lane);
        }
        seal(lane);
    }
    // A row of megabytes stands alone: next to others it would have to be copied.
    if (e.header.size > options_.limits.bytes &&
        internal::bytes_of(after_) > options_.limits.bytes) {
        if (whole()) {
            cut_piece();
        } else {
            seal(lane);
        }
    }
    if (whole()) {
        open_whole(l, lane);
    } else if (l.open_sequence == 0) {
        l.open_sequence = low_water_.issue(lane);
        l.after = edges_;
    }
    append_row(l, t, kind, effect, e);
    if (!placing_) rows_in_open_ = true;
    l.record.lane = whole() ? 0 : lane;
    l.record.last = at;
    const dml::lane_point here{lane, l.open_sequence};
    (*t.last_batch)[lane] = here.sequence;
    book_.record(here, keys_);
    if (effect.wild) book_.mark(t.plan->wild_mark(), here);
    if (effect.frees_unknown) book_.mark(t.plan->freed_mark(), here);
    ++counters_.rows_planned;
    if (whole()) {
        // Larger ones do not fit into a packet.
        const dml::batch_limits most{~std::uint32_t{0}, 2 * options_.limits.bytes, 0, true};
        if (l.open.full(most)) cut_piece();
        return;
    }
    dml::batch_limits limits = options_.limits;
    if (has_to_wait(l)) {
        limits.rows = std::max(limits.rows, options_.backlog_rows);
        limits.bytes = std::max(limits.bytes, options_.backlog_bytes);
    }
    if (l.open.full(limits)) seal(lane);
}

/// The batches that a row has to wait for.
DMLIB_DECL void sync_engine::find_edges(const table_state& t,
                                        std::uint32_t lane,
                                        dml::key_effect effect) {
    edges_.clear();
    book_.find_edges(lane, keys_, edges_);
    if (effect.wild) book_.find_every(lane, edges_);
    if (!book_.has_marks()) return;
    book_.find_marked(t.plan->wild_mark(), lane, edges_);
    if (effect.takes_value) book_.find_marked(t.plan->freed_mark(), lane, edges_);
}

DMLIB_DECL void sync_engine::append_row(lane_state& lane,
                                        const table_state& t,
                                        binlog::rows_kind kind,
                                        dml::key_effect effect,
                                        const binlog::event& e) {
    constexpr std::uint16_t no_foreign_key_checks =
        2;  // flag of row events: the session had switched them off
    const auto* rows = e.get<binlog::rows_event>();
    const bool actions =
        t.plan->cascades && (rows == nullptr || (rows->flags & no_foreign_key_checks) == 0);
    const dml::batch::place where{
        file_, e.start, actions, safe_mode(t), effect.wild || effect.frees_unknown};
    switch (kind) {
        case binlog::rows_kind::insert:
            lane.open.insert(t.plan, after_, keys_, options_.limits, where);
            break;
        case binlog::rows_kind::update:
            lane.open.update(t.plan, before_, after_, keys_, options_.limits, where);
            break;
        case binlog::rows_kind::remove:
            lane.open.remove(t.plan, before_, keys_, options_.limits, where);
            break;
    }
}

DMLIB_DECL void sync_engine::seal(std::uint32_t lane) {
    lane_state& l = lanes_[lane];
    if (l.open_sequence == 0) return;
    l.record.gtid = to_string(grammar_.current_gtid());
    sealed s;
    s.work.begins = !in_pieces_;
    l.open.close(s.work.begins ? internal::open_transaction : internal::open_piece);
    s.work.lane = lane;
    s.work.sequence = l.open_sequence;
    s.work.record = l.record;
    s.work.rows = std::move(l.open);
    s.after = std::move(l.after);
    s.bytes = s.work.rows.bytes();
    s.transaction = whole_transactions_ + (rows_in_open_ ? 1 : 0);
    bytes_ += s.bytes;
    l.queue.push_back(std::move(s));
    l.open = {};
    l.after.clear();
    l.open_sequence = 0;
}

DMLIB_DECL void sync_engine::seal_all() {
    if (whole()) return seal_whole();
    for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane) seal(lane);
}

DMLIB_DECL bool sync_engine::idle(std::uint32_t lane) const noexcept {
    return lanes_[lane].queue.empty() && lanes_[lane].in_flight.empty();
}

DMLIB_DECL void sync_engine::flush() {
    dry_ = true;
    if (whole() && !rows_in_open_ && idle(collector_)) seal_whole();
    go_on_unasked();
    pump();
}

/// So many lanes as may write; what may not go yet is left to grow.
DMLIB_DECL void sync_engine::seal_idle() {
    std::uint32_t free = most_busy() - std::min(busy_, most_busy());
    for (std::size_t i = 0; i < lanes_.size() && free > 0; ++i) {
        const auto lane = static_cast<std::uint32_t>((turn_ + i) % lanes_.size());
        if (lanes_[lane].open_sequence == 0 || !idle(lane)) continue;
        seal(lane);
        --free;
    }
}

DMLIB_DECL bool sync_engine::may_go(const sealed& s) const {
    return whole() || s.transaction <= whole_transactions_ || bytes_ >= options_.memory_bytes / 2 ||
           ddl_ == ddl_phase::draining || waits_for_all();
}

/// Nothing more is read before what was read is committed.
DMLIB_DECL bool sync_engine::waits_for_all() const {
    return (held_ == hold::ddl_stored || held_ == hold::leaving) && is_held();
}

DMLIB_DECL bool sync_engine::settled() const noexcept {
    if (!actions_.empty() || asked_ || storing_keys_) return false;
    if (ddl_ == ddl_phase::running || ddl_ == ddl_phase::waiting) return false;
    if (release_ != release_phase::none) return false;
    return std::all_of(lanes_.begin(), lanes_.end(), [&](const lane_state& l) {
        return l.in_flight.empty() && (l.queue.empty() || !may_go(l.queue.front()));
    });
}

DMLIB_DECL void sync_engine::limit_busy_lanes(std::uint32_t most) noexcept {
    most_busy_ = std::max(1U, most);
}

/// While more input is at hand, one lane writes: what is read now makes the batches of the others
/// larger, and what meets in a batch is written once. All may as soon as much waits.
DMLIB_DECL std::uint32_t sync_engine::most_busy() const noexcept {
    const bool all =
        dry_ || bytes_ >= options_.memory_bytes / 2 || ddl_ == ddl_phase::waiting || is_held();
    return all ? most_busy_ : 1;
}

/// Whether a batch of the lane that is sealed now would stand behind another one.
DMLIB_DECL bool sync_engine::has_to_wait(const lane_state& l) const noexcept {
    return !l.queue.empty() || !l.in_flight.empty() || busy_ >= most_busy() || !order_.empty();
}

DMLIB_DECL void sync_engine::pump() {
    if (whole()) return pump_in_order();
    try_ddl();
    if (dry_) seal_idle();
    const auto go = [this](std::uint32_t lane) {
        // What grew while it had to wait goes now.
        if (lanes_[lane].open.full(options_.limits) && !has_to_wait(lanes_[lane])) seal(lane);
        dispatch_lane(lanes_[lane]);
    };
    bool waiting = false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        const auto lane = static_cast<std::uint32_t>((turn_ + i) % lanes_.size());
        if (!lanes_[lane].in_flight.empty()) continue;
        if (busy_ < most_busy()) {
            go(lane);
        } else {
            waiting = waiting || !lanes_[lane].queue.empty();
        }
    }
    turn_ = (turn_ + 1) % lanes_.size();
    // A lane that gets batch after batch would keep its place for ever.
    if (waiting) return;
    for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane)
        if (!lanes_[lane].in_flight.empty()) go(lane);
}

DMLIB_DECL void sync_engine::dispatch_lane(lane_state& l) {
    while (!l.queue.empty() && dispatch_front(l)) {
    }
}

DMLIB_DECL bool sync_engine::dispatch_front(lane_state& l) {
    if (l.in_flight.size() >= options_.lane_depth) return false;
    sealed& next = l.queue.front();
    const bool ready = may_go(next) &&
                       std::all_of(next.after.begin(),
                                   next.after.end(),
                                   [&](const dml::lane_point& p) { return book_.is_committed(p); });
    if (!ready) return false;
    open_released_ = open_released_ || next.transaction > whole_transactions_;
    if (l.in_flight.empty()) ++busy_;
    l.in_flight.emplace(next.work.sequence,
                        under_way{next.bytes, next.work.rows.rows, next.work.ends});
    actions_.push_back(std::move(next.work));
    l.queue.pop_front();
    return true;
}

DMLIB_DECL void sync_engine::on_committed(std::uint32_t lane, std::uint64_t sequence) {
    lane_state& l = lanes_[lane];
    const auto at = l.in_flight.find(sequence);
    if (at == l.in_flight.end()) return;
    const under_way done = at->second;
    bytes_ -= done.bytes;
    l.in_flight.erase(at);
    if (l.in_flight.empty()) --busy_;
    l.rows_open += done.rows;
    if (done.ends) {
        counters_.rows_committed += l.rows_open;
        ++counters_.batches_committed;
        l.rows_open = 0;
        book_.committed({lane, sequence});
        low_water_.committed(lane, sequence);
        forget_branches();
    }
    pump();
    go_on_unasked();
}

DMLIB_DECL void sync_engine::on_target_table(const table_name& target,
                                             std::optional<schema::table> definition,
                                             bool triggers) {
    targets_[target] = std::move(definition);
    with_triggers_.erase(target);
    if (triggers) with_triggers_.insert(target);
    if (asked_ && *asked_ == target) asked_.reset();
    go_on_unasked();
}

DMLIB_DECL std::optional<action> sync_engine::next_action() {
    if (actions_.empty()) return std::nullopt;
    std::optional<action> out{std::move(actions_.front())};
    actions_.pop_front();
    return out;
}

DMLIB_DECL bool sync_engine::wants_input() const noexcept {
    if (asked_ || storing_keys_ || leaves_ || is_held() || release_ == release_phase::storing)
        return false;
    if (ddl_ == ddl_phase::asking || (ddl_ == ddl_phase::running && ddl_sequence_ == 0))
        return false;
    if (ddl_ == ddl_phase::draining) return all_committed();
    return bytes_ < options_.memory_bytes;
}

DMLIB_DECL bool sync_engine::all_committed() const noexcept {
    return low_water_.idle();
}

DMLIB_DECL bool sync_engine::replaying() const noexcept {
    return std::any_of(
        lanes_.begin(), lanes_.end(), [](const lane_state& l) { return l.resume.has_value(); });
}

DMLIB_DECL bool sync_engine::idle() const noexcept {
    return all_committed() && actions_.empty() && !asked_ && !storing_keys_ &&
           ddl_ != ddl_phase::running && kept_.empty() && release_ == release_phase::none;
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
