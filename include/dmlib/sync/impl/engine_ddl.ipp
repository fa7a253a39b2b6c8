#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/model/transcode.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/unknown_tables.hpp>
#include <dmlib/sync/merged_tables.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

inline std::string shortened(std::string_view text) {
    constexpr std::size_t most = 2000;
    if (text.size() <= most) return std::string(text);
    return std::string(text.substr(0, most)) + "...";
}

inline void qualify(sql::statement& s, const std::string& schema) {
    sql::qualify_tables(s, schema);
    auto* alter = s.get<sql::alter_database_statement>();
    if (alter != nullptr && alter->name.empty()) alter->name = schema;
}

inline sql::parse_options parse_options_of(const schema::resolve_options& base,
                                           const binlog::query& q) {
    sql::parse_options out;
    out.flavor = base.server.flavor;
    out.version = base.server.version;
    out.mode = q.status.sql_mode.value_or(0);
    if (q.status.charset) {
        if (const auto* c = find_collation(base.server.flavor, q.status.charset->client))
            out.charset = std::string(c->charset);
    }
    return out;
}

/// The statement in UTF-8, as definitions are kept: it arrives in the client's charset. Bytes that
/// are no text there (of a literal with an introducer) leave it as it is. `from`: the charset that
/// it was brought from, or "".
inline result<sql::statement> parse_in_utf8(const schema::resolve_options& base,
                                            const binlog::query& q,
                                            std::string& from) {
    auto options = parse_options_of(base, q);
    const auto converted = to_utf8(q.text, options.charset);
    if (!converted) return sql::parse_statement(q.text, options);
    from = std::exchange(options.charset, "utf8mb4");
    return sql::parse_statement(*converted, options);
}

/// What a text within an expression is depends on the charset of the session, which the target's is
/// not in.
inline result<void> has_plain_expressions(const schema::resolved_change& change,
                                          const std::string& sent) {
    for (const char* unicode : {"", "utf8mb4", "utf8mb3", "utf8", "binary", "ascii"})
        if (sent == unicode) return {};
    const auto odd = [](std::string_view text) {
        return std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
    };
    for (const auto* list : {&change.created, &change.changed}) {
        for (const schema::table& t : *list) {
            const bool in_column = std::any_of(t.columns.begin(), t.columns.end(), [&](auto& c) {
                return odd(c.expression) ||
                       (c.default_value.kind == schema::default_kind::expression &&
                        odd(c.default_value.text));
            });
            const bool in_check = std::any_of(
                t.checks.begin(), t.checks.end(), [&](auto& k) { return odd(k.expression); });
            if (!in_column && !in_check) continue;
            return error{errc::sync_ddl_unresolved,
                         fmt::format("an expression of {} has characters outside ASCII, and the "
                                     "statement's session was in charset {}",
                                     quoted(t.full_name()),
                                     sent)}
                .table(t.schema, t.name)
                .workaround(
                    "Leave the statement out with an event filter (action: Ignore), run an "
                    "equivalent one on the target by hand, then run again.");
        }
    }
    return {};
}

/// The time zone of a statement's session. SYSTEM, which is another one on the target, is the
/// offset that the source has; empty where the statement did not ask for a zone.
inline std::string zone_of(const schema::resolve_options& base, const binlog::query& q) {
    std::string zone(q.status.time_zone.value_or(""));
    if (zone != "SYSTEM" || !base.time_zone_offset) return zone;
    const std::int32_t minutes = *base.time_zone_offset / 60;
    return fmt::format(
        "{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

inline schema::target_facts for_zone(schema::target_facts target,
                                     const std::optional<std::int32_t>& offset) {
    target.time_zone_offset = offset.value_or(0);
    return target;
}

inline schema::resolve_options resolve_options_of(const schema::resolve_options& base,
                                                  const binlog::query& q) {
    schema::resolve_options out = base;
    out.sql_mode = q.status.sql_mode.value_or(0);
    out.default_schema = std::string(q.schema);
    out.foreign_key_checks = q.status.foreign_key_checks();
    const std::string zone = zone_of(base, q);
    out.time_zone_offset = schema::fixed_zone_offset(zone);
    if (q.status.explicit_defaults_for_timestamp) {
        out.explicit_defaults_for_timestamp = q.status.explicit_defaults_for_timestamp;
    }
    const flavor f = base.server.flavor;
    if (q.status.charset) {
        if (const auto* c = find_collation(f, q.status.charset->connection))
            out.connection_charset = std::string(c->charset);
        if (const auto* c = find_collation(f, q.status.charset->server)) {
            out.server_charset = std::string(c->charset);
            out.server_collation = std::string(c->name);
        }
    }
    if (q.status.default_collation_for_utf8mb4) {
        if (const auto* c = find_collation(f, *q.status.default_collation_for_utf8mb4))
            out.utf8mb4_collation = std::string(c->name);
    }
    return out;
}

}  // namespace internal

/// Text that changes nothing on the target, or rows that arrived as a statement.
DMLIB_DECL result<intake> sync_engine::on_other_statement(const binlog::event&,
                                                          const binlog::query& q) {
    const auto kind = sql::classify(q.text, internal::parse_options_of(options_.resolve, q));
    if (!sql::is_dml(kind)) {
        ++counters_.statements_skipped;
        return intake::taken;
    }
    ddl_question question;
    question.name = {std::string(q.schema), ""};
    question.sql = q.text;
    if (rules_.decide_ddl(question).action == filter_action::ignore) {
        ++counters_.statements_skipped;
        return intake::taken;
    }
    return error{errc::binlog_statement_dml,
                 "a statement that changes data arrived as text: " + internal::shortened(q.text)}
        .statement(internal::shortened(q.text));
}

DMLIB_DECL result<intake> sync_engine::on_ddl(const binlog::event& e, const binlog::query& q) {
    if (ddl_ == ddl_phase::none || ddl_sequence_ != 0) {
        const auto waits = waits_for_last_ddl();
        if (!waits) return waits.error();
        if (*waits) return intake::blocked;
        auto keep = plan_ddl(e, q);
        if (!keep) {
            error fault = keep.error();
            return fault.statement(internal::shortened(q.text));
        }
        if (!*keep) {
            if (asked_) return intake::blocked;
            ++counters_.statements_skipped;
            return intake::taken;
        }
        ddl_ = ddl_phase::may_begin;
        if (options_.asks_before_ddl) {
            ddl_ = ddl_phase::asking;
            actions_.push_back(turn_question{ddl_work_.touched});
        }
    }
    if (ddl_ == ddl_phase::asking) return intake::blocked;
    if (ddl_ == ddl_phase::may_begin) {
        auto concerned = tables_concerned(ddl_work_);
        if (runs_apart(concerned)) {
            begin_apart(std::move(concerned));
            return intake::taken;
        }
        if (was_recorded()) ddl_work_.rows_of = options_.ddl_tables;
        make_keys_void(concerned);
        ddl_ = ddl_phase::draining;
    }
    if (ddl_ == ddl_phase::draining) {
        seal_all();
        pump();
        if (!all_committed()) return intake::blocked;
        ddl_ = ddl_phase::running;
        actions_.push_back(ddl_work_);
        return intake::blocked;
    }
    if (ddl_ == ddl_phase::running) return intake::blocked;
    ddl_ = ddl_phase::none;
    definitions_ = std::move(*after_ddl_);
    after_ddl_.reset();
    // A foreign key may tie other tables now: every plan is made anew.
    targets_.clear();
    tables_.clear();
    cascades_.reset();
    case_clashes_.reset();
    families_.reset();
    ++counters_.ddl;
    forget_keys();
    // CREATE TABLE ... SELECT: its record stays until its rows are committed.
    if (ddl_work_.in_transaction) {
        ddl_place_ = ddl_work_.at;
        kept_at_.reset();
        kept_needs_.clear();
    }
    if (was_recorded() && !recorded_.empty()) {
        ddl_place_ = ddl_work_.at;
        begin_keeping(recorded_);
        recorded_.clear();
        ddl_recorded_ = true;
    }
    return intake::taken;
}

DMLIB_DECL void sync_engine::on_ddl_turn() {
    if (ddl_ == ddl_phase::asking) ddl_ = ddl_phase::may_begin;
}

DMLIB_DECL void sync_engine::on_ddl_done() {
    if (ddl_sequence_ != 0) return end_apart();
    ddl_ = ddl_phase::done;
}

DMLIB_DECL bool sync_engine::ddl_in_copy(const std::vector<table_name>& names) const {
    if (copy_ == nullptr) return false;
    return std::any_of(names.begin(), names.end(), [&](const table_name& n) {
        const auto* copied = n.table.empty() ? nullptr : copy_->find(n);
        return copied != nullptr && before_place(copied->info().valid_from);
    });
}

namespace internal {

inline table_name name_before(const schema::table& t, const schema::resolved_change& change) {
    for (const schema::table_rename& r : change.renamed) {
        if (r.to == t.full_name()) return r.from;
    }
    return t.full_name();
}

/// Literals that the statement gives to TIMESTAMP columns as defaults, or states anew: "a of x.t".
inline std::vector<std::string> stated_moments(const schema::resolved_change& change,
                                               const schema::catalog& known) {
    std::vector<std::string> out;
    for (const auto* tables : {&change.created, &change.changed}) {
        for (const schema::table& t : *tables) {
            const table_name was = name_before(t, change);
            const auto before = known.find(was.schema, was.table);
            for (const schema::column& c : t.columns) {
                const auto& literal = c.default_value;
                if (c.type != type_kind::timestamp ||
                    literal.kind != schema::default_kind::literal ||
                    literal.text.starts_with("0000"))
                    continue;
                const auto at = before == nullptr ? schema::npos : before->find_column(c.name);
                if (at != schema::npos && before->columns[at].default_value.text == literal.text)
                    continue;
                out.push_back(fmt::format("{} of {}", c.name, quoted(t.full_name())));
            }
        }
    }
    return out;
}

}  // namespace internal

/// What a literal is in a zone by name only a server can say, and what an earlier session left is
/// known in UTC.
DMLIB_DECL void sync_engine::warn_of_moments(const binlog::event& e,
                                             const schema::resolved_change& change) {
    const std::string& zone = ddl_work_.time_zone;
    if (zone.empty() || schema::fixed_zone_offset(zone)) return;
    const auto columns = internal::stated_moments(change, definitions_.definitions());
    if (columns.empty()) return;
    actions_.push_back(notice{
        log_level::warning,
        fmt::format("{}:{}: the zone {} of the statement's session is no offset, and the statement "
                    "gives TIMESTAMP columns a literal default: {}. Where that literal is of a "
                    "session in another zone, or a later statement in another one states it anew, "
                    "the target gets another moment. Compare SHOW CREATE TABLE of both sides.",
                    file_,
                    e.start,
                    zone,
                    fmt::join(columns, ", "))});
}

/// Whether the planned statement leaves alone what other tables of the source have in the target's
/// tables.
DMLIB_DECL result<void> sync_engine::spares_other_tables(const sql::statement& s,
                                                         const schema::resolved_change& change,
                                                         const schema::tracker& after) {
    const planned_statement planned{s,
                                    change,
                                    definitions_.definitions(),
                                    after.definitions(),
                                    ddl_work_.steps,
                                    definitions_.server(),
                                    options_.target,
                                    ddl_work_.strict};
    if (const auto harm = harm_to_merged_tables(rules_, planned)) return *harm;
    ddl_work_.columns_of_others = columns_of_merged_tables(rules_, planned);
    for (const schema::table& t : change.changed) {
        const table_name was = internal::name_before(t, change);
        const auto before = definitions_.definitions().find(was.schema, was.table);
        if (before == nullptr) continue;
        for (const schema::column& c : before->columns) ddl_work_.columns_before.push_back(c.name);
    }
    return {};
}

/// A statement that an event filter leaves out takes columns from the source's tables: the target
/// keeps them, and would still have their values when the source adds columns of these names.
DMLIB_DECL void sync_engine::leave_columns(const schema::resolved_change& change) {
    const auto& known = definitions_.definitions();
    for (const schema::table& t : change.changed) {
        const table_name was = internal::name_before(t, change);
        const auto before = known.find(was.schema, was.table);
        if (before == nullptr) continue;
        for (const schema::column& c : before->columns) {
            if (!c.hidden && t.find_column(c.name) == schema::npos)
                left_[folded(was)].insert(sql::ascii_lower(c.name));
        }
    }
    follow_left(change);
}

/// What the planned statement may find on the target of those columns.
DMLIB_DECL void sync_engine::take_left(const schema::resolved_change& change) {
    for (const schema::table& t : change.changed) {
        const auto left = left_.find(folded(internal::name_before(t, change)));
        if (left != left_.end()) ddl_work_.left = left->second;
    }
    follow_left(change);
}

/// Tables get other names, or are gone.
DMLIB_DECL void sync_engine::follow_left(const schema::resolved_change& change) {
    for (const table_name& n : change.dropped) {
        const bool renamed = std::any_of(change.renamed.begin(),
                                         change.renamed.end(),
                                         [&](const auto& r) { return r.from == n; });
        if (!renamed) left_.erase(folded(n));
    }
    // One behind the other: a swap goes over a third name.
    for (const schema::table_rename& r : change.renamed) {
        auto node = left_.extract(folded(r.from));
        if (!node.empty()) left_[folded(r.to)] = std::move(node.mapped());
    }
    ddl_work_.left_behind = left_;
}

/// Takes the tables out of a statement that the copy has as they are behind it; true when nothing
/// is left. A table that the copy never saw is made, renamed and dropped by the stream alone,
/// whatever it is named together with.
DMLIB_DECL bool sync_engine::leave_out_copied(sql::statement& s) const {
    if (auto* drop = s.get<sql::drop_table_statement>()) {
        std::erase_if(drop->tables, [this](const table_name& n) { return ddl_in_copy({n}); });
        return drop->tables.empty();
    }
    auto* rename = s.get<sql::rename_table_statement>();
    if (rename == nullptr) return false;
    // Renames that share a name (a swap over a third one) belong together.
    std::set<table_name> known;
    const auto is_known = [&](const table_name& n) {
        return known.contains(n) || ddl_in_copy({n});
    };
    for (std::size_t before = known.size() + 1; before != known.size();) {
        before = known.size();
        for (const auto& pair : rename->pairs) {
            if (is_known(pair.from) || is_known(pair.to)) known.insert({pair.from, pair.to});
        }
    }
    std::erase_if(rename->pairs, [&](const auto& pair) { return known.contains(pair.from); });
    return rename->pairs.empty();
}

/// Takes the tables out of a DROP TABLE that neither the definitions nor the target has: the server
/// drops a table before its binlog says so, and a copy that looks in between does not see it any
/// more. True when nothing is left, or the target has to be asked first.
DMLIB_DECL bool sync_engine::asks_about_drops(sql::statement& s, const binlog::event& e) {
    auto* drop = s.get<sql::drop_table_statement>();
    if (drop == nullptr || drop->if_exists || drop->temporary) return false;
    for (const table_name& n : drop->tables) {
        const auto decision = rules_.decide(n);
        if (!decision->replicate || definitions_.definitions().find(n.schema, n.table)) continue;
        if (!drops_asked_.insert(decision->target).second) continue;
        targets_.erase(decision->target);  // what it was before may have changed
        asked_ = decision->target;
        actions_.push_back(table_question{decision->target});
        return true;
    }
    for (const table_name& target : std::exchange(drops_asked_, {})) {
        if (targets_.at(target)) continue;  // that is another fault, and stays one
        std::erase_if(drop->tables, [&](const table_name& n) {
            if (definitions_.definitions().find(n.schema, n.table) ||
                rules_.decide(n)->target != target)
                return false;
            actions_.push_back(notice{
                log_level::warning,
                fmt::format("{}:{}: DROP TABLE {}: it was gone before, here and on the target",
                            file_,
                            e.start,
                            quoted(n))});
            return true;
        });
    }
    return drop->tables.empty();
}

/// Whether the rules let the statement through. Names that are only partly replicated are refused.
DMLIB_DECL result<sync_engine::ddl_fate> sync_engine::keep_ddl(
    const binlog::query& q, const sql::statement& s, const std::vector<table_name>& names) {
    std::size_t kept = 0;
    std::size_t left_out = 0;
    std::optional<std::vector<ddl_part>> parts;
    for (const auto& name : names) {
        const bool replicated = name.table.empty() ? rules_.replicates_schema(name.schema)
                                                   : rules_.decide(name)->replicate;
        if (!replicated) continue;
        if (!parts) {
            parts = parts_of(
                s, definitions_.definitions(), internal::resolve_options_of(options_.resolve, q));
        }
        ddl_question question;
        question.name = name;
        question.kind = kind_of(s);
        question.parts = *parts;
        question.sql = q.text;
        const ddl_decision verdict = rules_.decide_ddl(question);
        if (!verdict.problems.empty()) return verdict.problems.front();
        if (verdict.action == filter_action::error) {
            return error{errc::sync_event_filtered_error, "the statement matched " + verdict.rule}
                .table(name.schema, name.table);
        }
        if (verdict.mixed) {
            return error{errc::sync_event_filtered_error,
                         "the statement is only partly wanted: " + verdict.rule +
                             " names some of its changes and not others"}
                .table(name.schema, name.table)
                .workaround(
                    "Widen or narrow the event filter so that it takes the whole statement.");
        }
        ++(verdict.action == filter_action::replicate ? kept : left_out);
    }
    if (kept == 0) return left_out == 0 ? ddl_fate::skip : ddl_fate::follow;
    if (kept == names.size()) return ddl_fate::run;
    return error{errc::sync_ddl_unresolved,
                 "the statement names replicated tables and tables that the rules leave out: " +
                     internal::shortened(q.text)}
        .workaround(
            "Widen the block-allow-list or the event filter so that all tables of the statement "
            "are replicated or none.");
}

/// Where a table, or a schema (an empty table name), goes.
DMLIB_DECL table_name sync_engine::route_name(const table_name& n) {
    if (!n.table.empty()) {
        const auto decision = rules_.decide(n);
        return decision->replicate ? decision->target : n;
    }
    const auto schema_target = rules_.route_schema(n.schema);
    return {schema_target ? *schema_target : n.schema, ""};
}

DMLIB_DECL void sync_engine::describe_work(const binlog::event& e,
                                           const binlog::query& q,
                                           const std::vector<table_name>& names,
                                           const schema::resolved_change& change,
                                           std::vector<schema::target_step> steps) {
    ddl_work_ = {};
    ddl_work_.text = std::string(q.text);
    ddl_work_.table = names.empty() ? table_name{} : names.front();
    ddl_work_.at = {file_, e.next};
    ddl_work_.timestamp = e.header.timestamp;
    ddl_work_.microseconds = q.status.microseconds.value_or(0);
    ddl_work_.time_zone = internal::zone_of(options_.resolve, q);
    ddl_work_.strict = !q.status.sql_mode || is_strict_mode(*q.status.sql_mode);
    ddl_work_.other_sources = options_.other_sources;
    ddl_work_.steps = std::move(steps);
    ddl_work_.in_transaction =
        pending_->step != binlog::step::statement && pending_->step != binlog::step::commit;
    std::vector<table_name> touched = change.touched;
    touched.insert(touched.end(), names.begin(), names.end());
    for (const auto& n : touched) {
        if (n.table.empty()) {
            ddl_work_.source_schemas.push_back(n.schema);
        } else {
            ddl_work_.source_tables.push_back(n);
        }
        const table_name target = route_name(n);
        if (std::find(ddl_work_.touched.begin(), ddl_work_.touched.end(), target) ==
            ddl_work_.touched.end()) {
            ddl_work_.touched.push_back(target);
        }
    }
    warn_of_moments(e, change);
}

/// Tables are known exactly at the start; empty schemas only as of a moment later. A statement
/// about a schema says what was there.
DMLIB_DECL void sync_engine::settle_schema(const sql::statement& s, schema::catalog& known) const {
    if (const auto* c = s.get<sql::create_database_statement>()) {
        const auto* there = known.find_schema(c->name);
        if (there != nullptr && there->tables.empty()) known.erase_schema(c->name);
        return;
    }
    const auto* drop = s.get<sql::drop_database_statement>();
    const auto* alter = s.get<sql::alter_database_statement>();
    if (drop == nullptr && alter == nullptr) return;
    const std::string& name = drop != nullptr ? drop->name : alter->name;
    if (known.find_schema(name) == nullptr) {
        known.put_schema(name, options_.resolve.server_charset, options_.resolve.server_collation);
    }
}

DMLIB_DECL void sync_engine::cannot_follow(const binlog::event& e, const binlog::query& q) {
    actions_.push_back(
        notice{log_level::warning,
               fmt::format("{}:{}: a statement that an event filter leaves out cannot be followed; "
                           "if it changes a table's columns, copy that table again: {}",
                           file_,
                           e.start,
                           internal::shortened(q.text))});
}

/// The first table of a schema, or the first that is not routed to another one, may find none on
/// the target: nobody had a reason to make it there.
DMLIB_DECL void sync_engine::make_schemas(const sql::statement& s,
                                          const std::vector<table_name>& names,
                                          std::vector<schema::target_step>& steps) {
    const bool makes = s.kind == sql::statement_kind::create_table ||
                       s.kind == sql::statement_kind::rename_table ||
                       s.kind == sql::statement_kind::alter_table;  // ... RENAME
    if (!makes || steps.empty()) return;
    const auto has_tables = [&](const std::string& target) {
        const auto tables = definitions_.definitions().tables();
        return std::any_of(tables.begin(), tables.end(), [&](const auto& t) {
            const auto decision = rules_.decide(t->full_name());
            return decision->replicate && decision->target.schema == target && !t->is_view &&
                   !t->is_sequence;
        });
    };
    std::set<std::string> done;
    for (const table_name& n : names) {
        const auto* known = definitions_.definitions().find_schema(n.schema);
        const std::string target = route_name(n).schema;
        if (known == nullptr || !done.insert(target).second || has_tables(target)) continue;
        schema::target_step step;
        step.statement = schema::create_schema_for_target(
            *known, target, definitions_.server(), options_.target);
        step.idempotent = true;
        steps.insert(steps.begin(), std::move(step));
    }
}

/// A statement that an event filter leaves out: rows behind it have the form that it gives them, so
/// the source's definitions follow it. Where they cannot, the table maps will tell.
DMLIB_DECL bool sync_engine::follow_ddl(const binlog::event& e,
                                        const binlog::query& q,
                                        const std::vector<table_name>& names,
                                        const result<schema::resolved_change>& change,
                                        schema::tracker after) {
    if (!change || change->outcome == schema::change_outcome::refused) {
        cannot_follow(e, q);
        return false;
    }
    if (change->created.empty() && change->changed.empty() && change->dropped.empty() &&
        change->schemas_created.empty() && change->schemas_altered.empty() &&
        change->schemas_dropped.empty())
        return false;
    describe_work(e, q, names, *change, {});
    leave_columns(*change);
    after_ddl_ = std::move(after);
    return true;
}

DMLIB_DECL result<bool> sync_engine::plan_ddl(const binlog::event& e, const binlog::query& q) {
    auto resolve = internal::resolve_options_of(options_.resolve, q);
    auto parsed = internal::parse_in_utf8(options_.resolve, q, resolve.sent_charset);
    if (!parsed) {
        // A filter by text is the way out for statements that cannot be parsed.
        ddl_question any;
        any.name = {std::string(q.schema), ""};
        any.sql = q.text;
        if (rules_.decide_ddl(any).action != filter_action::ignore)
            return error{errc::sync_ddl_unparsed, parsed.error().message()};
        cannot_follow(e, q);
        return false;
    }
    sql::statement& s = *parsed;
    if (!sql::is_table_ddl(s.kind)) {
        actions_.push_back(notice{log_level::info,
                                  fmt::format("{}:{}: {} is not replicated (tables only): {}",
                                              file_,
                                              e.start,
                                              sql::name_of(s.kind),
                                              internal::shortened(q.text))});
        return false;
    }
    internal::qualify(s, std::string(q.schema));
    if (leave_out_copied(s) || asks_about_drops(s, e)) return false;
    const auto names = subjects_of(s);
    if (ddl_in_copy(names)) return false;
    const auto fate = keep_ddl(q, s, names);
    if (!fate) return fate.error();
    // Schemas are known whatever the rules say of them: tables of theirs may be wanted.
    const bool of_schema = names.size() == 1 && names.front().table.empty();
    if (*fate == ddl_fate::skip && !of_schema) return false;
    if (auto fine = check_branches(names); !fine) return fine.error();
    schema::tracker after = definitions_;
    settle_schema(s, after.definitions());
    auto change = after.run(s, resolve);
    if (*fate == ddl_fate::skip && (!change || change->outcome == schema::change_outcome::refused))
        return false;
    if (*fate != ddl_fate::run) return follow_ddl(e, q, names, change, std::move(after));
    if (!change) return error{errc::sync_ddl_unresolved, change.error().message()};
    if (change->outcome == schema::change_outcome::refused)
        return internal::refused_statement(s, names, change->refusal, [this](const auto& n) {
            return rules_.decide(n)->replicate;
        });
    auto rewritten =
        schema::rewrite_for_target(s,
                                   *change,
                                   definitions_.definitions(),
                                   after.definitions(),
                                   definitions_.server(),
                                   internal::for_zone(options_.target, resolve.time_zone_offset),
                                   [this](const table_name& n) { return route_name(n); });
    if (!rewritten.errors.empty()) {
        return error{errc::sync_ddl_refused, fmt::format("{}", fmt::join(rewritten.errors, " "))};
    }
    const auto tell = [&](log_level level, const std::string& text) {
        actions_.push_back(notice{level, fmt::format("{}:{}: {}", file_, e.start, text)});
    };
    for (const auto& text : rewritten.warnings) tell(log_level::warning, text);
    for (const auto& text : rewritten.notices) tell(log_level::info, text);
    make_schemas(s, names, rewritten.steps);
    describe_work(e, q, names, *change, std::move(rewritten.steps));
    auto fine = makes_own_names(*change, after.definitions());
    if (fine) fine = spares_other_tables(s, *change, after);
    if (fine) fine = internal::has_plain_expressions(*change, resolve.sent_charset);
    if (!fine) return fine.error();
    take_left(*change);
    after_ddl_ = std::move(after);
    return true;
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
