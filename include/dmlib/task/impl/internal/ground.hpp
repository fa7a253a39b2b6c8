// What the servers have, for planning DDL statements without running them.
#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/dump/ddl_scan.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/load/target_tables.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/ddl_ground.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/syncer.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// A name of the target, whose server may not tell upper from lower case.
inline table_name in_lower_case(const table_name& n) {
    return {sql::ascii_lower(n.schema), sql::ascii_lower(n.table)};
}

/// The target's session and settings; asked for once, when something needs them.
class asked_target {
public:
    explicit asked_target(mysql::connect_options to) : to_(std::move(to)) {}

    result<const mysql::server_facts*> facts() {
        if (fault_) return *fault_;
        if (facts_) return &*facts_;
        auto made = mysql::session::connect(to_);
        if (!made) return *(fault_ = made.error());
        session_ = std::move(*made);
        auto read = mysql::read_server_facts(session_);
        if (!read) return *(fault_ = read.error());
        facts_ = std::move(*read);
        return &*facts_;
    }
    result<std::optional<schema::table>> table(const table_name& name) {
        const auto known = facts();
        if (!known) return known.error();
        return load::read_target_table(session_, **known, name);
    }
    result<bool> has_rows(const table_name& name) {
        if (const auto known = facts(); !known) return known.error();
        const auto empty = load::is_empty_table(session_, name);
        if (!empty) return empty.error();
        return !*empty;
    }

private:
    mysql::connect_options to_;
    mysql::session session_;
    std::optional<mysql::server_facts> facts_;
    std::optional<error> fault_;
};

/// Tables of the source and where they go.
class ground_builder {
public:
    ground_builder(mysql::session& source,
                   const mysql::server_facts& facts,
                   std::shared_ptr<asked_target> target,
                   std::function<result<rule_set>()> rules)
        : source_(source),
          facts_(facts),
          target_(std::move(target)),
          ground_(schema::tracker{facts.kind, facts.lower_case_table_names}) {
        ground_.rules = std::move(rules);
        ground_.resolve = sync::resolve_facts_of(facts);
    }

    /// With the tables that the statement names and those that share a table of the target with
    /// them.
    result<sync::ddl_ground> now(const sql::statement& s, const std::vector<table_name>& listed) {
        auto rules = begin();
        if (!rules) return rules.error();
        std::set<table_name> named;
        sql::visit_tables(s, [&](const table_name& n, sql::name_role) { named.insert(folded(n)); });
        std::set<std::string> schemas;
        for (const table_name& n : sync::subjects_of(s)) {
            if (n.table.empty()) schemas.insert(folded(n).schema);
        }
        const auto is_named = [&](const table_name& n) {
            return named.contains(folded(n)) || schemas.contains(folded(n).schema);
        };
        std::set<table_name> targets;
        const auto add_target = [&](const table_name& n) {
            const auto d = rules->decide(n);
            if (d->replicate) targets.insert(in_lower_case(d->target));
        };
        for (const table_name& n : named) add_target(n);
        std::set<std::string> whole;  // dropped with all that is in them
        for (const std::string& name : schemas) {
            const auto to = rules->route_schema(name);
            whole.insert(sql::ascii_lower(to ? *to : name));
        }
        for (const table_name& n : listed) {
            if (is_named(n)) add_target(n);
        }
        for (const table_name& n : listed) {
            const auto d = rules->decide(n);
            if (!d->replicate) continue;
            const table_name to = in_lower_case(d->target);
            if (!is_named(n) && !targets.contains(to) && !whole.contains(to.schema)) continue;
            if (auto done = put(n); !done) return done.error();
        }
        ask_target();
        return std::move(ground_);
    }

    /// With the definitions that a task would begin with that starts at `from`: what the source has
    /// now, except for tables that DDL touched since; for those the target's is the best witness.
    result<sync::ddl_ground> since(const mysql::connect_options& connection,
                                   const binlog_position& from) {
        auto rules = begin();
        if (!rules) return rules.error();
        ground_.past = true;
        auto listed = dump::list_tables(source_);
        if (!listed) return listed.error();
        for (const auto& t : *listed) {
            if (t.type == "VIEW" || !rules->decide(t.name)->replicate) continue;
            if (auto done = put(t.name); !done) return done.error();
        }
        const auto end = mysql::current_location(source_, facts_);
        if (!end) return end.error();
        async::system_random_source random;
        const auto history = dump::scan_ddl(
            connection, facts_, from, end->position, mysql::random_server_id(random), {});
        if (!history) return history.error();
        for (const auto& touch : history->touches) {
            if (auto done = take(touch, *rules); !done) return done.error();
        }
        ask_target();
        return std::move(ground_);
    }

private:
    void ask_target() {
        ground_.on_target = [t = target_](const table_name& n) { return t->table(n); };
        ground_.has_rows = [t = target_](const table_name& n) { return t->has_rows(n); };
    }
    table_name folded(const table_name& n) const {
        const auto& known = ground_.definitions.definitions();
        return {known.folded(n.schema), known.folded(n.table)};
    }

    result<rule_set> begin() {
        const auto to = target_->facts();
        if (to) {
            ground_.target = sync::target_form_of(**to);
        } else {
            ground_.target.dialect = facts_.dialect;
            ground_.target.version = facts_.version();
        }
        const auto rows = source_.query(
            "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM "
            "information_schema.SCHEMATA");
        if (!rows) return rows.error();
        for (std::size_t i = 0; i < rows->size(); ++i) {
            ground_.definitions.definitions().put_schema(std::string(rows->text(i, 0)),
                                                         std::string(rows->text(i, 1)),
                                                         std::string(rows->text(i, 2)));
        }
        return ground_.rules();
    }

    result<void> put(const table_name& name) {
        auto text = dump::show_create(source_, name);
        if (!text) {
            if (text.error().code() == errc::db_no_such_table) return {};
            return text.error();
        }
        auto table = schema::table_from_show_create(*text, facts_.kind, name.schema);
        if (!table) return table.error();
        ground_.definitions.definitions().put(std::move(*table));
        return {};
    }

    result<void> take(const dump::ddl_touch& touch, rule_set& rules) {
        auto& known = ground_.definitions.definitions();
        for (const table_name& name : touch.tables) {
            const auto decision = rules.decide(name);
            if (!decision->replicate || !taken_.insert(folded(name)).second) continue;
            known.erase(name.schema, name.table);
            const bool made =
                std::find(touch.made.begin(), touch.made.end(), name) != touch.made.end();
            if (made) continue;
            ground_.unsure.insert(name);
            auto found = target_->table(decision->target);
            if (!found || !*found) continue;
            (*found)->schema = name.schema;
            (*found)->name = name.table;
            known.put(std::move(**found));
        }
        for (const auto& t : known.tables()) {
            const bool inside =
                std::any_of(touch.schemas.begin(), touch.schemas.end(), [&](const std::string& s) {
                    return known.folded(s) == known.folded(t->schema);
                });
            if (touch.everything || inside) ground_.unsure.insert(t->full_name());
        }
        return {};
    }

    mysql::session& source_;
    const mysql::server_facts& facts_;
    std::shared_ptr<asked_target> target_;
    sync::ddl_ground ground_;
    std::set<table_name> taken_;
};

/// Where a rehearsal begins: the place, or the first that the source has.
inline result<binlog_position> first_place(mysql::session& s,
                                           const mysql::server_facts& facts,
                                           const binlog_position& from) {
    if (!from.empty()) return from;
    const auto files = mysql::binlog_files(s, facts);
    if (!files) return files.error();
    if (files->empty()) return error{errc::sync_position, "the source lists no binlog"};
    return binlog_position{files->front().name, 4};
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
