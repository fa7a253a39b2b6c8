#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/dump/ddl_scan.hpp>
#include <dmlib/dump/gtid_scan.hpp>
#include <dmlib/dump/snapshot.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/task/impl/internal/part.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

DMLIB_DECL result<rule_set> part::rules(const task_options& options) const {
    filter f = what_;
    f.case_sensitive(options.case_sensitive || what_.case_sensitive());
    f.meta_schema(options.meta_schema);
    return rule_set::compile(f, where_, how_, from_.id);
}

DMLIB_DECL async::back_off_options part::retry_of(const part_context& c) const {
    const retry_settings r = settings_.retry.value_or(c.options->retry);
    async::back_off_options out;
    out.enabled = r.enabled;
    out.min = r.min;
    out.max = std::max(r.min, r.max);
    out.factor = r.factor;
    out.jitter = r.jitter ? out.jitter : 0.0;
    out.least = r.least;
    out.rollback = r.rollback;
    out.give_up_after = c.options->give_up_after;
    return out;
}

DMLIB_DECL result<task_result> part::run(const part_context& c,
                                         const mysql::connect_options& target) {
    {
        const std::lock_guard lock(mutex_);
        give_up_after_ = c.options->give_up_after;
    }
    if (c.deliver) return capture(c);
    // A copy that an earlier run of the task began belongs to it in every mode: what it holds must
    // not come again, and what it lacks would be missing for ever.
    auto done = copy_in_turn(c, target);
    if (!done || c.options->mode == task_mode::full) return done;
    if (*done == task_result::stopped) return done;
    return replicate(c, target);
}

/// The copy's rows are written by what the target's tables are at its begin.
DMLIB_DECL result<task_result> part::copy_in_turn(const part_context& c,
                                                  const mysql::connect_options& target) {
    if (!c.turns) return copy(c, target);
    std::optional<std::set<table_name>> shared;
    if (c.shared_targets != nullptr) shared = *c.shared_targets;
    for (bool said = false; !c.turns->begin_copy(from_.id, shared); said = true) {
        if (stop_) return task_result::stopped;
        if (!said && c.log)
            c.log(
                log_level::info,
                fmt::format("[{}] the copy waits for a DDL statement of another source", from_.id));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    auto done = copy(c, target);
    c.turns->end_copy(from_.id);
    return done;
}

DMLIB_DECL result<task_result> part::copy(const part_context& c,
                                          const mysql::connect_options& target) {
    auto compiled = rules(*c.options);
    if (!compiled) return compiled.error();
    auto shared_rules = std::make_shared<rule_set>(std::move(*compiled));
    const copy_settings settings = settings_.copy.value_or(c.options->copy);
    load::copy_options o;
    o.task = c.options->name;
    o.source_id = from_.id;
    o.sources = c.sources;
    o.meta_schema = c.options->meta_schema;
    o.readers = settings.readers;
    o.writers = settings.writers;
    o.chunk_rows = settings.chunk_rows;
    o.chunk_bytes = settings.chunk_bytes;
    o.replace_rows = settings.replace_rows;
    o.memory_limit = c.options->memory_limit / 2 / std::max<std::size_t>(1, c.parts);
    o.one_position = c.options->mode == task_mode::full;
    o.only_begun = c.options->mode == task_mode::incremental;
    o.back_off = retry_of(c);
    load::copy_callbacks callbacks;
    const auto* shared_targets = c.shared_targets;
    const bool assume_shared = shared_targets == nullptr && c.parts > 1;
    callbacks.route = [shared_rules, shared_targets, assume_shared](
                          const table_name& name) -> result<std::optional<load::copy_route>> {
        const auto d = shared_rules->decide(name);
        if (!d->replicate) return std::optional<load::copy_route>{};
        if (!d->problems.empty()) return d->problems.front();
        load::copy_route r;
        r.target = d->target;
        r.mappings = d->mappings;
        r.row_filters = d->row_filters;
        r.row_time_zone = d->row_time_zone;
        r.extracted = d->extracted;
        r.shared =
            assume_shared || (shared_targets != nullptr && shared_targets->contains(d->target));
        return std::optional{r};
    };
    callbacks.route_schema = [shared_rules](const std::string& name) {
        return shared_rules->route_schema(name);
    };
    callbacks.log = c.log;
    {
        const std::lock_guard lock(mutex_);
        status_.unit = unit_kind::load;
        copy_ = std::make_unique<load::full_copy>(o, connection_, target, callbacks);
        if (stop_) copy_->cancel();
    }
    auto outcome = copy_->run();
    if (!outcome) {
        if (outcome.error().code() == errc::task_stopped && stop_) return task_result::stopped;
        return outcome.error();
    }
    const std::lock_guard lock(mutex_);
    copied_retries_ = copy_->progress().retries;
    if (!outcome->none) copied_ = std::move(*outcome);
    return task_result::finished;
}

DMLIB_DECL sync::sync_until part::until(const task_options& options) const {
    sync::sync_until out;
    if (options.until.what == until_options::kind::caught_up)
        out.what = sync::sync_until::kind::caught_up;
    if (options.until.what == until_options::kind::place) {
        out.what = sync::sync_until::kind::place;
        out.place = options.until.place;
        out.timestamp = options.until.timestamp;
    }
    return out;
}

/// Rows between whatever the target has and now would be missing without a word.
inline error no_start(const task_options& options) {
    return error{errc::sync_position,
                 "task-mode incremental has no place to start from: the task file has no meta for "
                 "this source, and there is no checkpoint of task '" +
                     options.name + "' in the schema `" + options.meta_schema + "` of the target"}
        .workaround(
            "Give the instance a meta (binlog-name and binlog-pos, or binlog-gtid) with the place "
            "that the target's rows are of, or use task-mode: all, which copies them. Was the task "
            "renamed? Then name it as before.");
}

DMLIB_DECL result<task_result> part::replicate(const part_context& c,
                                               const mysql::connect_options& target) {
    const sync_settings settings = settings_.sync.value_or(c.options->sync);
    sync::sync_options o;
    o.task = c.options->name;
    o.source_id = from_.id;
    o.meta_schema = c.options->meta_schema;
    o.source = connection_;
    o.target = target;
    o.by_gtid = from_.enable_gtid;
    o.other_sources = c.parts > 1;
    o.turns = c.turns;
    o.server_id = from_.server_id;
    o.lanes = settings.lanes;
    o.batch_rows = settings.batch_rows;
    o.compact = settings.compact;
    o.order = settings.order;
    o.safe_mode = settings.safe_mode;
    o.on_row_mismatch = settings.on_row_mismatch;
    o.memory_bytes = c.options->memory_limit / 2 / std::max<std::size_t>(1, c.parts);
    o.until = until(*c.options);
    o.back_off = retry_of(c);
    o.rules = [this, options = c.options] { return rules(*options); };
    o.log = c.log;
    if (copied_) {
        o.copy = std::make_shared<const checkpoint::chunk_ledger>(copied_->ledger);
        o.copy_identity = copied_->server_identity;
        o.begin = [this, c]() -> result<sync::sync_start> {
            if (settings_.start && c.log)
                c.log(log_level::warning,
                      fmt::format("[{}] the start of the task's settings (meta) is not used: an "
                                  "earlier run of the task copied the tables, and replication "
                                  "begins where that copy was made",
                                  from_.id));
            return sync::sync_start{
                copied_->start, copied_->server_identity, copied_->definitions, copied_->schemas};
        };
    } else {
        o.begin = [this, c, target]() -> result<sync::sync_start> {
            if (!settings_.start) return no_start(*c.options);
            return incremental_start(c, target);
        };
    }
    {
        const std::lock_guard lock(mutex_);
        status_.unit = unit_kind::sync;
        rate_.reset();
        target_address_ = fmt::format("{}:{}", target.host, target.port);
        sync_ = std::make_unique<sync::syncer>(std::move(o));
        if (stop_) sync_->stop();
    }
    auto end = sync_->run();
    if (!end) return end.error();
    switch (*end) {
        case sync::sync_end::stopped:
            return task_result::stopped;
        case sync::sync_end::caught_up:
            return task_result::caught_up;
        case sync::sync_end::reached:
            return task_result::finished;
    }
    return task_result::stopped;
}

DMLIB_DECL result<task_result> part::capture(const part_context& c) {
    sync::change_options o;
    o.task = c.options->name;
    o.source_id = from_.id;
    o.source = connection_;
    o.by_gtid = from_.enable_gtid;
    o.server_id = from_.server_id;
    o.memory_bytes = c.options->memory_limit / 2;
    o.until = until(*c.options);
    o.back_off = retry_of(c);
    o.begin = [this, c] {
        mysql::connect_options none;  // a callback has no definitions
        none.host.clear();
        return incremental_start(c, none);
    };
    o.rules = [this, options = c.options] { return rules(*options); };
    o.handler = c.deliver;
    o.log = c.log;
    {
        const std::lock_guard lock(mutex_);
        status_.unit = unit_kind::sync;
        capture_ = std::make_unique<sync::change_stream>(std::move(o));
        if (stop_) capture_->stop();
    }
    auto end = capture_->run();
    if (!end) return end.error();
    if (*end == sync::sync_end::stopped) return task_result::stopped;
    return *end == sync::sync_end::caught_up ? task_result::caught_up : task_result::finished;
}

/// What a stream beside the task's own says of itself.
DMLIB_DECL std::uint32_t part::scan_server_id() const {
    if (from_.server_id != 0) return from_.server_id;
    async::system_random_source random;
    return mysql::random_server_id(random);
}

/// A place of file and offset gets the GTIDs before it: a set of those behind it alone would let
/// the next start by GTID begin with the oldest transaction that the source has.
DMLIB_DECL result<void> part::complete_gtids(const mysql::server_facts& facts,
                                             location& where) const {
    if (!from_.enable_gtid || facts.is_mariadb() || !facts.has_gtids() || !where.gtids.empty() ||
        where.position.empty())
        return {};
    auto before = dump::gtids_before(connection_, facts, where.position, scan_server_id());
    if (!before) return before.error();
    where.gtids = std::move(*before);
    return {};
}

/// Where an incremental task begins, and the definitions of that place: what the source has now,
/// except for tables that DDL touched since; for those the target's definition is the best witness.
DMLIB_DECL result<sync::sync_start> part::incremental_start(const part_context& c,
                                                            const mysql::connect_options& target) {
    auto s = mysql::session::connect(connection_);
    if (!s) return s.error();
    auto facts = mysql::read_server_facts(*s);
    if (!facts) return facts.error();
    sync::sync_start out;
    out.server_identity = sync::identity_of(*facts);
    auto now = mysql::current_location(*s, *facts);
    if (!now) return now.error();
    out.where = settings_.start.value_or(*now);
    if (auto fault = mysql::foreign_gtids(out.where.gtids, now->gtids, *facts)) return *fault;
    if (out.where.position.empty() && out.where.gtids.empty()) out.where = *now;
    if (out.where.gtids.empty() && facts->is_mariadb())
        if (auto set = mysql::gtids_at(*s, *facts, out.where.position))
            out.where.gtids = std::move(*set);
    if (auto fine = complete_gtids(*facts, out.where); !fine) return fine.error();
    auto compiled = rules(*c.options);
    if (!compiled) return compiled.error();
    auto listed = dump::list_tables(*s);
    if (!listed) return listed.error();
    out.definitions = schema::catalog{facts->lower_case_table_names};
    for (const auto& t : *listed) {
        if (t.type == "VIEW" || !compiled->decide(t.name)->replicate) continue;
        auto text = dump::show_create(*s, t.name);
        if (!text) {
            if (text.error().code() == errc::db_no_such_table) continue;
            return text.error();
        }
        auto table = schema::table_from_show_create(*text, facts->kind, t.name.schema);
        if (!table) return table.error();
        out.definitions.put(std::move(*table));
    }
    auto schemas = dump::list_schemas(*s);
    if (!schemas) return schemas.error();
    out.schemas = std::move(*schemas);
    auto end = mysql::current_location(*s, *facts);
    if (!end) return end.error();
    if (out.where.position.empty())
        return out;  // by GTID only: the table maps check every definition
    if (compare(out.where.position, end->position) == std::strong_ordering::less) {
        auto history = dump::scan_ddl(
            connection_, *facts, out.where.position, end->position, scan_server_id(), {});
        if (!history) return history.error();
        std::set<table_name> touched;
        for (const auto& touch : history->touches)
            touched.insert(touch.tables.begin(), touch.tables.end());
        if (touched.empty() || target.host.empty()) return out;
        auto t = mysql::session::connect(target);
        if (!t) return t.error();
        auto target_facts = mysql::read_server_facts(*t);
        if (!target_facts) return target_facts.error();
        for (const table_name& name : touched) {
            const auto decision = compiled->decide(name);
            if (!decision->replicate) continue;
            out.definitions.erase(name.schema, name.table);
            auto rows = t->query("SHOW CREATE TABLE " + quoted(decision->target));
            if (!rows) continue;
            auto table =
                schema::table_from_show_create(rows->text(0, 1), target_facts->kind, name.schema);
            if (!table) return table.error();
            table->name = name.table;
            out.definitions.put(std::move(*table));
        }
    }
    return out;
}

DMLIB_DECL void part::stop() {
    stop_ = true;
    const std::lock_guard lock(mutex_);
    if (copy_) copy_->cancel();
    if (sync_) sync_->stop();
    if (capture_) capture_->stop();
}

DMLIB_DECL bool part::wrote_to_target() const {
    const std::lock_guard lock(mutex_);
    return (copy_ && copy_->wrote_to_target()) || (sync_ && sync_->wrote_to_target());
}

DMLIB_DECL std::optional<double> part::left_of(std::chrono::duration<double> waited) const {
    if (!give_up_after_) return std::nullopt;
    return std::max(0.0, (std::chrono::duration<double>(*give_up_after_) - waited).count());
}

DMLIB_DECL void part::load_status(source_status& s, std::chrono::steady_clock::time_point now) {
    const auto p = copy_->progress();
    s.rows_total = p.rows_total;
    s.rows_total_estimate = p.estimate;
    s.rows_done = p.rows_done;
    s.bytes_total = p.bytes_total;
    s.bytes_done = p.bytes_done;
    s.rows_per_second = rate_.update(now, p.rows_done);
    if (s.rows_per_second > 0 && p.rows_total > p.rows_done) {
        s.eta_seconds = static_cast<double>(p.rows_total - p.rows_done) / s.rows_per_second;
    } else {
        s.eta_seconds.reset();
    }
    s.tables.clear();
    for (const auto& t : p.tables)
        s.tables.push_back({t.source, t.target, t.rows_total, t.estimate, t.rows_done, t.done});
    s.blocked.reset();
    s.retries = p.retries;
    if (!p.blocked_on.empty()) {
        s.blocked = blocked_status{p.blocked_on,
                                   std::chrono::duration<double>(p.blocked_since).count(),
                                   std::chrono::duration<double>(p.next_try).count(),
                                   p.tries,
                                   p.blocked,
                                   left_of(p.blocked_since)};
    }
}

DMLIB_DECL void part::sync_status(source_status& s, std::chrono::steady_clock::time_point now) {
    const auto p = sync_ ? sync_->status() : capture_->status();
    s.position = p.committed;
    s.source_position = p.source_end.value_or(location{});
    s.rows_done = p.rows_committed;
    s.rows_copied = copied_ ? copied_->rows_this_run : 0;
    s.rows_per_second = rate_.update(now, p.rows_committed);
    s.lag_seconds = p.lag_seconds;
    s.caught_up = p.caught_up;
    s.rows_mismatched = p.rows_mismatched;
    s.rows_repaired = p.rows_repaired;
    s.ddl_already_there = p.ddl_already_there;
    s.eta_seconds.reset();
    s.tables.clear();
    s.blocked.reset();
    s.retries = (copied_ ? copied_retries_ : 0) + p.retries;
    if (p.blocked) {
        const bool downstream = p.blocked->scope() == error_scope::downstream;
        const std::string where =
            downstream ? "target " + target_address_
                       : fmt::format("source {}:{}", connection_.host, connection_.port);
        const auto next = std::max(p.next_try - now, std::chrono::steady_clock::duration::zero());
        s.blocked = blocked_status{where + ": " + p.blocked->message(),
                                   std::chrono::duration<double>(now - p.blocked_since).count(),
                                   std::chrono::duration<double>(next).count(),
                                   p.tries,
                                   p.blocked,
                                   left_of(now - p.blocked_since)};
    } else if (p.waits_for) {
        s.blocked = blocked_status{
            (p.waits_for_target ? "target " + target_address_ + ": " : "") + *p.waits_for,
            std::chrono::duration<double>(now - p.waits_since).count(),
            0,
            0,
            std::nullopt,
            std::nullopt};
    }
}

DMLIB_DECL source_status part::status(std::chrono::steady_clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (sync_ || capture_) {
        sync_status(status_, now);
    } else if (copy_) {
        load_status(status_, now);
    }
    return status_;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
