#pragma once

#include <dmlib/async/blocking_pool.hpp>
#include <dmlib/check/check.hpp>
#include <dmlib/check/impl/internal/asked_again.hpp>
#include <dmlib/check/impl/internal/context.hpp>
#include <dmlib/check/impl/internal/doubled_checks.hpp>
#include <dmlib/check/impl/internal/merge_checks.hpp>
#include <dmlib/check/impl/internal/on_target_checks.hpp>
#include <dmlib/check/impl/internal/rule_checks.hpp>
#include <dmlib/check/impl/internal/source_checks.hpp>
#include <dmlib/check/impl/internal/space_checks.hpp>
#include <dmlib/check/impl/internal/table_checks.hpp>
#include <dmlib/check/impl/internal/target_checks.hpp>

#include <iterator>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {

namespace internal {

inline constexpr std::size_t steps_per_source = 4;
inline constexpr std::size_t steps_of_target = 4;

/// Connects and asks for facts and grants; an item where that fails.
inline bool connect_server(server& s,
                           const mysql::connect_options& options,
                           stopper* stop,
                           findings& found) {
    const std::size_t before = found.items().size();
    found.run("connection", "connected", [&] {
        auto session = mysql::session::connect(options);
        if (!session) {
            s.lost = session.error();
            return found.fail(
                "connection", session.error().message(), session.error().workaround());
        }
        if (stop != nullptr) stop->watch(session->get_canceller());
        s.session = std::move(*session);
        s.options = options;
        auto facts = mysql::read_server_facts(s.session);
        if (!facts)
            return found.fail("connection", facts.error().message(), facts.error().workaround());
        s.facts = std::move(*facts);
        read_grants(s);
    });
    return found.items().size() == before + 1 && found.items().back().passed;
}

inline void check_source(source_context& c, progress& p) {
    mysql::connect_options options = c.source.connection;
    // ANSI_QUOTES in the server's own mode would change what SHOW CREATE TABLE prints.
    options.session_variables["sql_mode"] = "";
    // Long for information_schema of servers with many tables.
    options.read_timeout = std::max(options.read_timeout, std::chrono::milliseconds(120000));
    c.connected = connect_server(c.at, options, c.input.stop, c.found);
    p.step("connection");
    if (!c.connected || stopped(c.input)) return;
    check_version(c);
    if (c.needs_binlog()) {
        check_binlog_settings(c);
        check_server_id(c);
        check_replication_privilege(c);
        check_meta_position(c);
    }
    p.step("binlog_format");
    if (stopped(c.input) || !plan_tables(c)) return;
    ask_rules(c);
    p.expect(c.tables.size());
    if (c.needs_binlog()) check_binlog_db(c);
    check_online_ddl(c);
    if (c.needs_copy() && c.found.wanted("dump_privilege")) check_dump_privilege(c);
    check_source_connections(c);
    p.step("dump_privilege");
    c.found.timed([&] { check_definitions(c, p); });
    check_primary_keys(c);
    p.step("table_schema");
}

inline void check_target(const check_input& in,
                         std::vector<std::unique_ptr<source_context>>& sources,
                         server& target,
                         findings& found,
                         progress& p) {
    if (stopped(in)) return;
    const auto groups = group_by_target(sources);
    mysql::connect_options options = in.target;
    options.read_timeout = std::max(options.read_timeout, std::chrono::milliseconds(120000));
    options.database.clear();
    // ANSI_QUOTES in the target's own mode would change what SHOW CREATE TABLE prints.
    options.session_variables["sql_mode"] = "";
    const bool connected = connect_server(target, options, in.stop, found);
    p.step("connection");
    check_free_space(in, sources, found);
    if (!connected || stopped(in)) return found.timed([&] { check_merged(groups, {}, found); });
    std::set<std::string> schemas;
    std::set<table_name> targets;
    for (const auto& c : sources) {
        for (const auto& t : c->tables) {
            schemas.insert(t.names.target.schema);
            targets.insert(t.names.target);
        }
    }
    std::set<std::string> written = schemas;
    written.insert(in.meta_schema);
    check_target_version(target, found);
    check_target_privilege(target, written, found);
    check_target_settings(target, sources, found);
    check_target_triggers(target, targets, schemas, found);
    check_target_empty(in, target, targets, schemas, found);
    p.step("target_privilege");
    const bool alone = !found.wanted("table_schema");
    if ((alone && !found.wanted("auto_increment_ID")) || stopped(in))
        return found.timed([&] { check_merged(groups, {}, found); });
    auto form = load::read_target_facts(target.session, target.facts);
    auto existing = existing_tables(target, schemas);
    if (!form) return found.could_not("table_schema", form.error());
    if (!existing) return found.could_not("table_schema", existing.error());
    p.step("table_schema");
    const auto on_target = read_on_target(sources, target, *existing, in.stop, p);
    if (stopped(in)) return;
    const bool before = ran_before(in, target);
    found.timed(
        [&] { check_merged(groups, {&on_target, target.facts.is_tidb(), !before}, found); });
    if (alone) return;
    for (const auto& c : sources) {
        bool more = true;
        c->found.timed([&] {
            more = check_on_target(*c, on_target, *form, before, c->found) &&
                   check_doubled_rows(in, *c, target, on_target);
        });
        if (!more) return;
    }
    check_name_case({targets.begin(), targets.end()}, target, found);
    p.step("table_schema");
}

/// The checks of one source, in a context of their own for each try.
inline void ask_source(const check_input& input,
                       const source_input& source,
                       std::unique_ptr<source_context>& c,
                       progress& p) {
    again_while_lost(input, source.id, [&](bool first) {
        if (!first) {
            c = std::make_unique<source_context>(input, source);
            p.expect(steps_per_source);
        }
        check_source(*c, p);
        return lost_connection(c->at, first);
    });
}

inline void ask_target(const check_input& input,
                       std::vector<std::unique_ptr<source_context>>& sources,
                       findings& found,
                       progress& p) {
    std::vector<std::size_t> before;
    for (const auto& c : sources) before.push_back(c->found.items().size());
    again_while_lost(input, "", [&](bool first) {
        if (!first) {
            found.items().clear();
            for (std::size_t i = 0; i < sources.size(); ++i)
                sources[i]->found.items().resize(before[i]);
            p.expect(steps_of_target);
        }
        server target;
        check_target(input, sources, target, found, p);
        return lost_connection(target, first);
    });
}

}  // namespace internal

DMLIB_DECL void stopper::stop() {
    stopped_ = true;
    const std::lock_guard lock(mutex_);
    for (const mysql::canceller& s : sessions_) s.cancel();
}

DMLIB_DECL void stopper::watch(mysql::canceller session) {
    {
        const std::lock_guard lock(mutex_);
        sessions_.push_back(session);
    }
    if (stopped_) session.cancel();
}

DMLIB_DECL std::vector<check_item> run_checks(const check_input& input) {
    std::vector<std::unique_ptr<internal::source_context>> sources;
    for (const auto& s : input.sources) {
        sources.push_back(std::make_unique<internal::source_context>(input, s));
    }
    internal::progress p(input,
                         sources.size() * internal::steps_per_source + internal::steps_of_target);
    {
        async::blocking_pool pool(8);
        for (std::size_t i = 0; i < sources.size(); ++i) {
            pool.post([&, i] { internal::ask_source(input, input.sources[i], sources[i], p); });
        }
        pool.join();
    }
    if (!internal::stopped(input)) internal::check_rule_matches(sources);
    internal::findings of_target("", input);
    internal::ask_target(input, sources, of_target, p);
    std::vector<check_item> out;
    const auto take = [&out](internal::findings& f) {
        out.insert(out.end(),
                   std::make_move_iterator(f.items().begin()),
                   std::make_move_iterator(f.items().end()));
    };
    for (auto& c : sources) {
        // The tables were looked at in several steps; one item says that all of them passed.
        const bool any = std::any_of(c->found.items().begin(),
                                     c->found.items().end(),
                                     [](const check_item& i) { return i.name == "table_schema"; });
        if (c->connected && !any) {
            c->found.run(
                "table_schema", std::to_string(c->tables.size()) + " tables fit the target", [] {});
        }
        take(c->found);
    }
    take(of_target);
    return out;
}

DMLIB_DECL bool passed(const std::vector<check_item>& items) noexcept {
    return std::none_of(items.begin(), items.end(), [](const check_item& i) {
        return !i.passed && i.severity == severity::error;
    });
}

DMLIB_DECL error to_error(const std::vector<check_item>& items) {
    std::string message;
    std::string way_out;
    const check_item* first = nullptr;
    for (const check_item& i : items) {
        if (i.passed || i.severity != severity::error) continue;
        if (first == nullptr) first = &i;
        if (!message.empty()) message += " | ";
        message += i.name + ": " + i.message;
        if (i.instruction.empty()) continue;
        if (!way_out.empty()) way_out += " | ";
        way_out += i.instruction;
    }
    error e(errc::check_failed, std::move(message));
    if (!way_out.empty()) e.workaround(std::move(way_out));
    if (first != nullptr) {
        if (!first->source.empty()) e.source(first->source);
        if (first->table) e.table(first->table->schema, first->table->table);
    }
    return e;
}

DMLIB_DECL const std::vector<std::string_view>& known_names() {
    static const std::vector<std::string_view> names = {"all",
                                                        // DM's
                                                        "version",
                                                        "server_id",
                                                        "binlog_enable",
                                                        "binlog_format",
                                                        "binlog_row_image",
                                                        "binlog_db",
                                                        "online_ddl",
                                                        "meta_position",
                                                        "dump_privilege",
                                                        "replication_privilege",
                                                        "target_privilege",
                                                        "table_schema",
                                                        "schema_of_shard_tables",
                                                        "auto_increment_ID",
                                                        "conn_number",
                                                        "empty_region",
                                                        "region_distribution",
                                                        "downstream_version",
                                                        "free_space",
                                                        "downstream_mutex_features",
                                                        "downstream_table_empty",
                                                        "primary_key",
                                                        // ours
                                                        "binlog_row_value_options",
                                                        "binlog_expire",
                                                        "binlog_encryption",
                                                        "gtid_mode",
                                                        "gtid_consistency",
                                                        "foreign_keys",
                                                        "rule_match",
                                                        "target_read_only",
                                                        "max_allowed_packet",
                                                        "target_triggers"};
    return names;
}

DMLIB_DECL const std::vector<std::string_view>& extra_names() {
    static const std::vector<std::string_view> names = {"primary_key", "downstream_table_empty"};
    return names;
}

}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
