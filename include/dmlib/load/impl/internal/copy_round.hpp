// One round of a full copy: snapshots, definitions with their proof, what is to be read, and the
// target's side of it. docs/rooms/dump.md and load.md say why it is right.
#pragma once

#include <dmlib/dump/ddl_scan.hpp>
#include <dmlib/dump/snapshot.hpp>
#include <dmlib/load/doubled_rows.hpp>
#include <dmlib/load/impl/internal/copy_shared.hpp>
#include <dmlib/load/impl/internal/copy_writer.hpp>
#include <dmlib/load/target_tables.hpp>
#include <dmlib/mysql/bulk_statement.hpp>
#include <dmlib/mysql/errors.hpp>
#include <dmlib/schema/catalog.hpp>

#include <map>
#include <set>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load::internal {

/// A table of the source that the task copies, with where it goes.
struct chosen_table {
    dump::listed_table listed;
    copy_route route;
    std::string create_text;
};

class copy_round {
public:
    copy_round(copy_shared& shared,
               mysql::session& source,
               mysql::session& target,
               std::optional<stored_copy>& stored)
        : shared_(shared), source_(source), target_(target), stored_(stored) {}

    /// Snapshots and jobs. No jobs: all is done.
    result<void> prepare() {
        if (auto done = consistent_view(); !done) return done.error();
        if (auto done = decide(); !done) return done.error();
        if (auto done = look_at_targets(); !done) return done.error();
        if (auto done = choose_late_keys(); !done) return done.error();
        if (auto done = save(); !done) return done.error();
        if (auto done = make_targets(); !done) return done.error();
        return make_jobs();
    }
    dump::snapshot_set& snapshots() noexcept { return snapshots_; }

private:
    std::string fold(std::string_view name) const { return names_.folded(name); }
    table_name fold(const table_name& t) const { return {fold(t.schema), fold(t.table)}; }
    dump::ddl_history::fold_function folder() const {
        return [this](std::string_view name) { return fold(name); };
    }

    // ---- a view of tables and definitions that is that of the snapshots

    result<std::map<table_name, chosen_table>> list() {
        auto listed = dump::list_tables(source_);
        if (!listed) return listed.error();
        std::map<table_name, chosen_table> chosen;
        for (dump::listed_table& t : *listed) {
            auto route = shared_.callbacks.route(t.name);
            if (!route) return route.error();
            if (!*route) continue;
            if (t.type != "BASE TABLE" && t.type != "SYSTEM VERSIONED") {
                if (noted_.insert(t.name).second)
                    shared_.log(
                        log_level::warning,
                        quoted(t.name) + " is left out of the full copy: it is a " + t.type);
                continue;
            }
            chosen_table c{std::move(t), **route, {}};
            chosen.emplace(c.listed.name, std::move(c));
        }
        note_left_out(chosen);
        return chosen;
    }

    // Triggers, routines and events are not tables: said once per schema.
    void note_left_out(const std::map<table_name, chosen_table>& chosen) {
        if (std::exchange(objects_noted_, true)) return;
        auto rows = source_.query(
            "SELECT 'trigger', TRIGGER_SCHEMA, COUNT(*) FROM information_schema.TRIGGERS GROUP BY "
            "TRIGGER_SCHEMA UNION ALL SELECT 'routine', ROUTINE_SCHEMA, COUNT(*) FROM "
            "information_schema.ROUTINES GROUP BY ROUTINE_SCHEMA UNION ALL SELECT 'event', "
            "EVENT_SCHEMA, COUNT(*) FROM information_schema.EVENTS GROUP BY EVENT_SCHEMA");
        if (!rows) return;
        std::set<std::string> schemas;
        for (const auto& [name, c] : chosen) schemas.insert(name.schema);
        for (std::size_t i = 0; i < rows->size(); ++i) {
            const std::string schema(rows->text(i, 1));
            if (!schemas.contains(schema)) continue;
            shared_.log(log_level::warning,
                        std::string(rows->text(i, 2)) + " " + std::string(rows->text(i, 0)) +
                            "(s) of schema " + quoted_identifier(schema) +
                            " are left out of the full copy");
        }
    }

    result<void> consistent_view() {
        names_ = schema::catalog(shared_.source_facts.lower_case_table_names);
        std::chrono::milliseconds pause{100};
        for (std::uint32_t tries = 1;; ++tries) {
            // A source with much DDL leaves no gap: hold it back for the moment that a try takes.
            std::optional<mysql::session> lock;
            if (tries > 2) lock = hold_ddl();
            auto settled = try_view();
            lock.reset();
            if (!settled) return settled.error();
            if (*settled) return {};
            snapshots_ = {};
            if (tries >= shared_.options.snapshot_tries)
                return error(errc::dump_snapshot,
                             "DDL statements on the copied tables came between each of " +
                                 std::to_string(tries) + " snapshots and their definitions")
                    .workaround(
                        "Keep DDL away from the copied tables for a moment, then run again.");
            if (!shared_.pause(pause)) return error(errc::task_stopped);
            pause = std::min(pause * 2, std::chrono::milliseconds(5000));
        }
    }

    // A session that holds FLUSH TABLES WITH READ LOCK; nothing where the account may not.
    std::optional<mysql::session> hold_ddl() {
        auto s = dump::open_reader(shared_.source, shared_.adopter());
        if (!s) return std::nullopt;
        const auto seconds = std::max<long long>(1, shared_.options.lock_timeout.count() / 1000);
        if (!s->execute("SET SESSION lock_wait_timeout=" + std::to_string(seconds)))
            return std::nullopt;
        if (!s->execute("FLUSH TABLES WITH READ LOCK")) return std::nullopt;
        return std::move(*s);
    }

    // False: a DDL statement came in between.
    result<bool> try_view() {
        auto before = list();
        if (!before) return before.error();
        if (auto done = note_schemas(); !done) return done.error();
        dump::snapshot_options options;
        options.sessions = std::max(1U, shared_.options.readers);
        options.one_position = shared_.options.one_position;
        options.lock_timeout = shared_.options.lock_timeout;
        for (const auto& [name, c] : *before) options.tables.push_back(name);
        options.connected = shared_.adopter();
        options.log = shared_.callbacks.log;
        std::map<table_name, std::string> earlier;
        if (!can_scan())
            if (auto done = read_definitions(*before, earlier); !done) return done.error();
        auto taken = dump::take_snapshots(shared_.source, shared_.source_facts, options);
        if (!taken) return taken.error();
        snapshots_ = std::move(*taken);
        auto after = list();
        if (!after) return after.error();
        if (auto done = note_schemas(); !done) return done.error();
        std::map<table_name, std::string> texts;
        if (auto done = read_definitions(*before, texts); !done) return done.error();
        if (auto done = read_definitions(*after, texts); !done) return done.error();
        std::erase_if(*after, [&](const auto& entry) { return !texts.contains(entry.first); });
        for (auto& [name, c] : *after) c.create_text = texts.at(name);
        tables_ = std::move(*after);
        if (!can_scan()) return same_as_before(*before, earlier, texts);
        return no_ddl_since(*before);
    }

    // A statement behind the snapshot may make a table in a schema that has none now, and that may
    // be gone a moment later.
    result<void> note_schemas() {
        auto all = dump::list_schemas(source_);
        if (!all) return all.error();
        for (auto& [name, text] : *all) schemas_.insert_or_assign(name, std::move(text));
        return {};
    }

    bool can_scan() const { return shared_.source_facts.log_bin && !scan_refused_; }

    // SHOW CREATE TABLE waits for the metadata lock of a DDL that is not in the binlog yet.
    result<void> read_definitions(const std::map<table_name, chosen_table>& of,
                                  std::map<table_name, std::string>& texts) {
        for (const auto& [name, c] : of) {
            if (texts.contains(name)) continue;
            auto text = dump::show_create(source_, name);
            if (text) {
                texts.emplace(name, std::move(*text));
            } else if (text.error().server_errno() != 1146 && text.error().server_errno() != 1049) {
                return text.error();
            }
        }
        return {};
    }

    result<bool> same_as_before(const std::map<table_name, chosen_table>& before,
                                const std::map<table_name, std::string>& earlier,
                                const std::map<table_name, std::string>& texts) {
        if (earlier != texts || before.size() != tables_.size()) return false;
        return true;
    }

    result<bool> no_ddl_since(const std::map<table_name, chosen_table>& before) {
        auto here = mysql::current_location(source_, shared_.source_facts);
        if (!here) return here.error();
        auto history = scan(snapshots_.earliest().position, here->position);
        if (!history) {
            if (history.error().code() != errc::db_privilege) return history.error();
            shared_.log(log_level::warning,
                        "The account may not read the binlog (REPLICATION SLAVE): definitions are "
                        "compared before and after the snapshot instead");
            scan_refused_ = true;
            return false;
        }
        std::set<table_name> watched;
        // A table that came and went around the snapshot is in no list, but its rows may be behind
        // it.
        for (const auto& touch : history->touches)
            for (const table_name& name : touch.tables)
                if (auto route = shared_.callbacks.route(name); route && *route && !finished(name))
                    watched.insert(fold(name));
        for (const auto* map :
             {&before, static_cast<const std::map<table_name, chosen_table>*>(&tables_)})
            for (const auto& [name, c] : *map)
                if (!finished(name)) watched.insert(fold(name));
        if (stored_)
            for (const auto& [name, chunks] : stored_->ledger.tables())
                if (!chunks.complete()) watched.insert(fold(name));
        return !history->foreign_xa_commit && !history->touches_any(watched, folder());
    }

    result<dump::ddl_history> scan(const binlog_position& from, const binlog_position& to) {
        return dump::scan_ddl(shared_.source,
                              shared_.source_facts,
                              from,
                              to,
                              mysql::random_server_id(shared_.random),
                              shared_.adopter());
    }

    // ---- what is to be done with each table

    bool finished(const table_name& name) const {
        const checkpoint::table_chunks* known = stored_ ? stored_->ledger.find(name) : nullptr;
        return known && known->complete();
    }

    result<void> decide() {
        std::set<table_name> tied, all;
        dump::ddl_history made;
        if (stored_) {
            auto since = history_since(true);
            if (!since) return since.error();
            std::set<table_name> open;
            for (const auto& [name, chunks] : stored_->ledger.tables()) {
                all.insert(fold(name));
                if (!chunks.complete()) open.insert(fold(name));
            }
            for (const auto& [name, c] : tables_) all.insert(fold(name));
            tied = since->tied_to(open, all, folder());
            if (!tied.empty() || has_unknown_tables()) {
                auto history = history_since(false);
                if (!history) return history.error();
                made = std::move(*history);
            }
            // What is copied anew leaves out all that the stream brings of it, from where the first
            // try began: so everything that was tied to it then is copied, or gone, too.
            tied.merge(made.tied_to(tied, all, folder()));
        }
        for (const auto& [name, c] : tables_) decide_about(name, c, tied, made);
        if (stored_)
            for (const auto& [name, chunks] : stored_->ledger.tables()) {
                if (tables_.contains(name)) continue;
                // A name that was gone already may have been used again since.
                const bool was_gone = chunks.info().state == checkpoint::copy_state::gone;
                const bool open = !was_gone && (!chunks.complete() || !can_scan());
                if (open || tied.contains(fold(name))) {
                    checkpoint::copied_table gone = chunks.info();
                    gone.state = checkpoint::copy_state::gone;
                    gone.valid_from = snapshots_.earliest();
                    gone_.push_back(std::move(gone));
                }
            }
        return note_passing(made, tied, all);
    }

    // Names that open tables had for a while, or that came from them, and that are gone again: the
    // stream leaves out the statement that made them, so it has to leave out their rows, too.
    result<void> note_passing(const dump::ddl_history& made,
                              const std::set<table_name>& tied,
                              std::set<table_name> known) {
        for (const auto& touch : made.touches)
            for (const table_name& name : touch.tables) {
                if (!tied.contains(fold(name)) || !known.insert(fold(name)).second) continue;
                auto route = shared_.callbacks.route(name);
                if (!route) return route.error();
                if (!*route) continue;
                checkpoint::copied_table gone;
                gone.source = name;
                gone.target = (*route)->target;
                gone.state = checkpoint::copy_state::gone;
                gone.valid_from = snapshots_.earliest();
                gone_.push_back(std::move(gone));
            }
        return {};
    }

    bool has_unknown_tables() const {
        return std::any_of(tables_.begin(), tables_.end(), [this](const auto& entry) {
            const auto* known = stored_->ledger.find(entry.first);
            return !known || known->info().state == checkpoint::copy_state::gone;
        });
    }

    // Statements between the definitions that the ledger knows (of open tables, or of all) and the
    // snapshots of this round.
    result<dump::ddl_history> history_since(bool of_open_tables) {
        const location* oldest = nullptr;
        for (const auto& [name, chunks] : stored_->ledger.tables()) {
            if (of_open_tables && chunks.complete()) continue;
            const location& from = chunks.info().valid_from;
            if (!oldest || compare(from.position, oldest->position) < 0) oldest = &from;
        }
        if (!oldest || !can_scan()) return dump::ddl_history{};
        return scan(oldest->position, snapshots_.latest().position);
    }

    void decide_about(const table_name& name,
                      const chosen_table& c,
                      const std::set<table_name>& tied,
                      const dump::ddl_history& made) {
        const checkpoint::table_chunks* known = stored_ ? stored_->ledger.find(name) : nullptr;
        const bool returned = known && known->info().state == checkpoint::copy_state::gone;
        if (!known || returned) {
            // Made since the copy began: the stream brings it, unless it comes from an open table.
            const bool made_since =
                stored_ && made.touches_any({fold(name)}, folder()) && !tied.contains(fold(name));
            if (!made_since) fresh(name, c, nullptr);
            return;
        }
        // Without a binlog there is nothing that brings finished tables to the others' place.
        const bool again = tied.contains(fold(name)) || !can_scan();
        if (finished(name) && !again) return;
        if (again || known->info().definition != c.create_text) {
            fresh(name, c, &known->info());
            return;
        }
        going_on_.insert(name);
    }

    void fresh(const table_name& name, const chosen_table& c, const checkpoint::copied_table* old) {
        checkpoint::copied_table t;
        t.source = name;
        t.target = c.route.target;
        t.definition = c.create_text;
        t.valid_from = snapshots_.earliest();
        t.rows_estimate = c.listed.rows;
        t.bytes_estimate = c.listed.bytes;
        t.shared_target = c.route.shared;
        if (old) {
            t.created_by_task = old->created_by_task;
            t.target_empty_at_start = old->target_empty_at_start;
            again_.insert(name);
        }
        fresh_.emplace(name, std::move(t));
    }

    // ---- the target, before anything is changed there

    result<void> look_at_targets() {
        std::map<table_name, int> users;
        const auto count = [&](const table_name& t) { ++users[t]; };
        for (const auto& [name, t] : fresh_) count(t.target);
        if (stored_)
            for (const auto& [name, chunks] : stored_->ledger.tables())
                if (!fresh_.contains(name) && chunks.info().state != checkpoint::copy_state::gone)
                    count(chunks.info().target);
        if (auto done = own_names(); !done) return done;
        for (auto& [name, t] : fresh_) {
            t.shared_target = t.shared_target || users[t.target] > 1;
            auto described = describe(name);
            if (!described) return described.error();
            t.key_columns = (*described)->key_columns;
            if (!again_.contains(name)) {
                auto existing = target_definition(t.target);
                if (!existing) return existing.error();
                t.created_by_task = !**existing;
                if (t.created_by_task && !tables_.at(name).route.extracted.empty())
                    return needs_columns(name, t.target);
                t.target_empty_at_start = true;
                if (**existing) {
                    auto empty = is_empty_table(target_, t.target);
                    if (!empty) return empty.error();
                    t.target_empty_at_start = *empty;
                    if (auto fine = may_add_rows(name, ***existing); !fine) return fine;
                }
            } else if (has_rows_of_ours(name) && !may_empty(t)) {
                return cannot_empty(t);
            }
        }
        for (const checkpoint::copied_table& t : gone_)
            if (has_rows_of_ours(t.source) && !may_empty(t)) return cannot_empty(t);
        for (const table_name& name : going_on_) {
            const checkpoint::copied_table& t = stored_->ledger.find(name)->info();
            if (stored_->partial.contains(name) && !may_empty(t)) return cannot_empty(t);
        }
        return {};
    }

    // Two tables whose targets differ only in case would be mixed on a target that folds names.
    result<void> own_names() const {
        if (!shared_.target_facts.folds_names()) return {};
        std::map<table_name, std::pair<table_name, table_name>> users;  // by the name in lower case
        for (const auto& [name, c] : tables_) {
            const table_name& target = c.route.target;
            const table_name low{fold_case(target.schema), fold_case(target.table)};
            const auto [at, first] = users.emplace(low, std::pair{name, target});
            if (first || at->second.second == target) continue;
            error e(errc::load_definition,
                    quoted(target) + " (of " + quoted(name) + ") and " + quoted(at->second.second) +
                        " (of " + quoted(at->second.first) +
                        ") are one table on the target, which does not tell upper from lower "
                        "case.");
            e.workaround(
                "Leave one of the tables out (block-allow-list), or route one to another name.");
            return e.table(name.schema, name.table);
        }
        return {};
    }

    // Large tables that this copy makes for itself alone get some of their keys at the end.
    result<void> choose_late_keys() {
        if (shared_.target_facts.is_tidb()) return {};
        std::set<table_name> referenced;
        for (const auto& [name, c] : tables_) {
            auto described = describe(name);
            if (!described) return described.error();
            for (const schema::foreign_key& fk : (*described)->definition.foreign_keys)
                referenced.insert(
                    fold({fk.ref_schema.empty() ? name.schema : fk.ref_schema, fk.ref_table}));
        }
        for (auto& [name, t] : fresh_)
            if (t.created_by_task && !t.shared_target && !referenced.contains(fold(name)) &&
                t.rows_estimate >= shared_.options.late_keys_rows)
                t.state = checkpoint::copy_state::keys_later;
        return {};
    }

    // The task makes tables as the source has them.
    // Rows that are there already may be the same ones, and no key would say so.
    result<void> may_add_rows(const table_name& name, const schema::table& existing) {
        const copy_route& route = tables_.at(name).route;
        auto described = describe(name);
        if (!described) return described.error();
        if (has_telling_key(existing, (*described)->definition, route.extracted)) return {};
        const copy_options& o = shared_.options;
        return rows_stay_single(
            target_,
            {o.meta_schema, o.task, o.source_id, identity(shared_.source_facts), o.sources},
            name,
            route.target);
    }

    error needs_columns(const table_name& name, const table_name& target) const {
        std::string columns;
        for (const extracted_column& x : tables_.at(name).route.extracted)
            columns += (columns.empty() ? "" : ", ") + quoted_identifier(x.column);
        error e(errc::db_no_such_table,
                "The target has no table " + quoted(target) + ", and routes fill " + columns +
                    " of it, which the source's table does not have.");
        e.workaround("Create the table on the target with these columns, then run again.");
        return e.table(name.schema, name.table);
    }

    static bool may_empty(const checkpoint::copied_table& t) {
        return t.target_empty_at_start && !t.shared_target;
    }

    bool has_rows_of_ours(const table_name& name) const {
        if (!stored_) return false;
        const checkpoint::table_chunks* known = stored_->ledger.find(name);
        return stored_->partial.contains(name) || (known && known->rows() != 0);
    }

    static error cannot_empty(const checkpoint::copied_table& t) {
        error e(errc::load_target_not_empty,
                "The copy of " + quoted(t.source) + " has to begin again, but its target " +
                    quoted(t.target) + " holds other rows too.");
        e.workaround(
            "Delete the rows of " + quoted(t.source) + " from " + quoted(t.target) +
            " on the target by hand, remove its rows from the task's tables *_dmlib_chunks "
            "in the meta schema, then run again.");
        e.table(t.source.schema, t.source.table);
        return e;
    }

    result<std::optional<schema::table>*> target_definition(const table_name& name) {
        auto found = targets_.find(name);
        if (found == targets_.end()) {
            auto read = read_target_table(target_, shared_.target_facts, name);
            if (!read) return read.error();
            found = targets_.emplace(name, std::move(*read)).first;
        }
        return &found->second;
    }

    result<std::shared_ptr<const dump::source_table>> describe(const table_name& name) {
        auto& slot = described_[name];
        if (slot) return slot;
        const chosen_table& c = tables_.at(name);
        auto t = dump::describe_table(c.listed, c.create_text, shared_.source_facts.kind);
        if (!t) return t.error();
        if (!c.route.row_filters.empty()) {
            std::vector<std::size_t> places;
            for (const dump::selected_column& s : t->select) places.push_back(s.column);
            auto filter = row_filter::compile(c.route.row_filters,
                                              t->definition,
                                              places,
                                              {shared_.source_facts.kind, c.route.row_time_zone});
            if (!filter) return filter.error();
            t->filter = std::move(*filter);
        }
        slot = std::make_shared<const dump::source_table>(std::move(*t));
        return slot;
    }

    // ---- ledger first, then the target

    result<void> save() {
        shared_.wrote = true;
        std::vector<checkpoint::copied_table> rows;
        std::vector<table_name> without_chunks;
        for (const auto& [name, t] : fresh_) {
            rows.push_back(t);
            without_chunks.push_back(name);
        }
        for (const checkpoint::copied_table& t : gone_) {
            rows.push_back(t);
            without_chunks.push_back(t.source);
        }
        for (const table_name& name : going_on_)
            if (stored_->partial.contains(name)) without_chunks.push_back(name);
        auto schemas = read_schemas();
        if (!schemas) return schemas.error();
        if (!stored_) {
            stored_.emplace();
            stored_->server_identity = identity(shared_.source_facts);
        }
        // Without a table an earlier try was cut off right here: nothing needs what is before.
        if (stored_->ledger.tables().empty()) {
            stored_->place = snapshots_.earliest();
            if (auto done = shared_.store->save_head(
                    target_, stored_->server_identity, stored_->place, false);
                !done)
                return done;
        }
        if (auto done = shared_.store->save_tables(target_, rows, without_chunks, *schemas); !done)
            return done;
        for (const checkpoint::copied_table& t : rows) stored_->ledger.put(t);
        for (const table_name& t : without_chunks) {
            stored_->ledger.erase_chunks(t);
            stored_->partial.erase(t);
        }
        for (auto& s : *schemas) stored_->schemas.push_back(std::move(s));
        return {};
    }

public:
    static std::string identity(const mysql::server_facts& facts) {
        if (!facts.server_uuid.empty()) return facts.server_uuid;
        return "mariadb-" + std::to_string(facts.server_id);
    }

private:
    // CREATE DATABASE of each schema that is new to the ledger.
    result<std::vector<std::pair<std::string, std::string>>> read_schemas() {
        std::set<std::string> known;
        if (stored_)
            for (const auto& [name, text] : stored_->schemas) known.insert(name);
        std::vector<std::pair<std::string, std::string>> out;
        for (const auto& [name, c] : tables_) {
            if (!known.insert(name.schema).second) continue;
            auto rows = source_.query("SHOW CREATE DATABASE " + quoted_identifier(name.schema));
            // ER_BAD_DB_ERROR: dropped since the view was taken; the next round takes another one.
            if (!rows && rows.error().server_errno() == 1049)
                return error(errc::dump_table_changed,
                             "Schema " + quoted_identifier(name.schema) +
                                 " was dropped while the copy began.");
            if (!rows) return rows.error();
            out.emplace_back(name.schema, rows->empty() ? "" : std::string(rows->text(0, 1)));
        }
        for (const auto& [name, text] : schemas_)
            if (known.insert(name).second) out.emplace_back(name, text);
        return out;
    }

    result<schema::database> source_schema(const std::string& name) {
        auto row = source_.query(
            "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM "
            "information_schema.SCHEMATA WHERE SCHEMA_NAME=" +
            quoted_literal(name));
        if (!row) return row.error();
        schema::database d;
        d.name = name;
        if (!row->empty()) {
            d.charset = row->text(0, 0);
            d.collation = row->text(0, 1);
        }
        return d;
    }

    table_name routed(const table_name& name) const {
        const auto found = tables_.find(name);
        if (found != tables_.end()) return found->second.route.target;
        return name;
    }

    result<void> make_targets() {
        auto form = read_target_facts(target_, shared_.target_facts);
        if (!form) return form.error();
        target_tables maker(target_,
                            shared_.target_facts,
                            std::move(*form),
                            shared_.source_facts.kind,
                            shared_.callbacks.log);
        if (auto done = drop_gone(); !done) return done;
        for (const auto& [name, t] : fresh_)
            if (auto done = make_target(maker, t); !done) return done;
        for (const table_name& name : going_on_) {
            const checkpoint::copied_table t = stored_->ledger.find(name)->info();
            if (auto done = make_target(maker, t); !done) return done;
        }
        return {};
    }

    result<void> drop_gone() {
        std::set<table_name> used;
        for (const auto& [name, c] : tables_) used.insert(c.route.target);
        for (const checkpoint::copied_table& t : gone_) {
            if (!t.created_by_task || t.shared_target || used.contains(t.target)) continue;
            auto done = target_.execute("DROP TABLE IF EXISTS " + quoted(t.target));
            if (!done) return done.error();
        }
        return {};
    }

    // The target's table as the copy of `t` needs it: there, and without rows of a copy that
    // begins again.
    result<void> make_target(target_tables& maker, const checkpoint::copied_table& t) {
        if (shared_.stopped()) return error(errc::task_stopped);
        const checkpoint::table_chunks& chunks = *stored_->ledger.find(t.source);
        const bool nothing_done = chunks.records().empty();
        auto existing = target_definition(t.target);
        if (!existing) return existing.error();
        if (**existing && nothing_done && may_empty(t)) {
            if (auto done = clear_target(t); !done) return done;
            existing = target_definition(t.target);
            if (!existing) return existing.error();
        }
        if (**existing) return {};
        if (!nothing_done && !t.shared_target) {
            error e(errc::db_no_such_table,
                    "The target's table " + quoted(t.target) +
                        " is gone, although a part of it was copied.");
            e.table(t.source.schema, t.source.table);
            return e;
        }
        auto described = describe(t.source);
        if (!described) return described.error();
        auto database = source_schema(t.source.schema);
        if (!database) return database.error();
        if (auto done = maker.ensure_schema(*database, t.target.schema); !done) return done;
        const auto route = [this](const table_name& n) { return routed(n); };
        const bool keys_later = t.state == checkpoint::copy_state::keys_later;
        if (auto done = maker.create((*described)->definition, t.target, route, keys_later); !done)
            return done;
        targets_.erase(t.target);
        return {};
    }

    result<void> clear_target(const checkpoint::copied_table& t) {
        auto empty = is_empty_table(target_, t.target);
        if (!empty) return empty.error();
        if (t.created_by_task && again_.contains(t.source)) {
            auto dropped = target_.execute("DROP TABLE IF EXISTS " + quoted(t.target));
            if (!dropped) return dropped.error();
            targets_.erase(t.target);
            return {};
        }
        if (*empty) return {};
        shared_.log(log_level::info,
                    quoted(t.target) + ": rows of an unfinished copy are removed, it begins again");
        return empty_table(target_, t.target);
    }

    // ---- jobs

    result<void> make_jobs() {
        const write_ways allowed = ways();
        std::vector<std::shared_ptr<table_job>> jobs;
        for (const auto& [name, chunks] : stored_->ledger.tables()) {
            if (chunks.complete()) continue;
            if (!tables_.contains(name)) continue;
            auto job = make_job(name, chunks, allowed);
            if (!job) return job.error();
            jobs.push_back(std::move(*job));
        }
        std::stable_sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) {
            return a->table->bytes_estimate > b->table->bytes_estimate;
        });
        const std::lock_guard lock(shared_.mutex);
        shared_.jobs = std::move(jobs);
        shared_.ledger = stored_->ledger;
        shared_.next_chunk_id = std::max(shared_.next_chunk_id, stored_->next_chunk_id);
        return {};
    }

    result<std::shared_ptr<table_job>> make_job(const table_name& name,
                                                const checkpoint::table_chunks& chunks,
                                                write_ways allowed) {
        auto job = std::make_shared<table_job>();
        job->record = chunks.info();
        auto described = describe(name);
        if (!described) return described.error();
        auto existing = target_definition(job->record.target);
        if (!existing) return existing.error();
        if (!**existing)
            return error(errc::db_no_such_table,
                         "The target's table " + quoted(job->record.target) + " is not there.");
        auto table = std::make_shared<dump::source_table>(**described);
        dump::add_computed_columns(*table, ***existing);
        job->table = std::move(table);
        const auto chosen = tables_.find(fold(name));
        const copy_route route = chosen == tables_.end() ? copy_route{} : chosen->second.route;
        auto plan = make_write_plan(*job->table,
                                    ***existing,
                                    job->record.target,
                                    shared_.target_facts.dialect,
                                    allowed,
                                    route.mappings,
                                    route.extracted);
        if (!plan) return plan.error();
        job->plan = std::move(*plan);
        // TiDB prints ENGINE=InnoDB for its own.
        job->target_transactional =
            dump::classify_engine((**existing)->engine) == dump::engine_class::transactional;
        job->kind = kind_of(*job);
        job->turn.serial = !job->plan->can_bulk && loads_one_at_a_time(***existing);
        if (job->kind == job_kind::direct && !job->target_transactional)
            return no_transactions(*job);
        if (job->kind == job_kind::ranges) plan_ranges(*job, chunks);
        return job;
    }

    write_ways ways() const {
        const mysql::server_facts& target = shared_.target_facts;
        const std::string local_infile(target.variable("local_infile"));
        write_ways w;
        w.replace = shared_.options.replace_rows;
        w.load = local_infile != "OFF" && local_infile != "0";
        // Before 10.6 triggers of the target's table did not run as they should.
        w.bulk = shared_.options.method == write_method::automatic && target.is_mariadb() &&
                 target.version().at_least(10, 6) &&
                 (!target.log_bin || target.variable("binlog_format") == "ROW") &&
                 mysql::bulk_statement::offered(target_);
        return w;
    }

    bool loads_one_at_a_time(const schema::table& target) const {
        if (shared_.target_facts.is_tidb()) return false;
        if (shared_.target_facts.variable("innodb_autoinc_lock_mode") == "2") return false;
        return std::any_of(target.columns.begin(),
                           target.columns.end(),
                           [](const schema::column& c) { return c.auto_increment; });
    }

    static job_kind kind_of(const table_job& job) {
        if (job.table->ordered() && job.target_transactional) return job_kind::ranges;
        return may_empty(job.record) ? job_kind::parts : job_kind::direct;
    }

    static error no_transactions(const table_job& job) {
        error e(errc::load_definition,
                "The target's table " + quoted(job.record.target) +
                    " has an engine without transactions and holds other rows too: a copy that is "
                    "interrupted could not go on.");
        e.workaround("ALTER TABLE " + quoted(job.record.target) +
                     " ENGINE=InnoDB on the target, or empty it, then run again.");
        e.table(job.source().schema, job.source().table);
        return e;
    }

    void plan_ranges(table_job& job, const checkpoint::table_chunks& chunks) const {
        const auto& t = *job.table;
        const std::uint64_t per_row = std::max<std::uint64_t>(
            1, t.bytes_estimate / std::max<std::uint64_t>(1, t.rows_estimate));
        job.rows_per_range =
            std::clamp<std::uint64_t>(shared_.options.chunk_bytes / per_row,
                                      1000,
                                      std::max<std::uint64_t>(1000, shared_.options.chunk_rows));
        dump::range_planner::settings s;
        s.rows = job.rows_per_range;
        s.rows_estimate = t.rows_estimate;
        s.key_columns = t.key_columns.size();
        job.planner.emplace(s, chunks.gaps());
        job.asked = job.want_bounds = job.planner->needs_bounds();
    }

    copy_shared& shared_;
    mysql::session& source_;
    mysql::session& target_;
    std::optional<stored_copy>& stored_;
    schema::catalog names_;
    std::set<table_name> noted_;
    bool scan_refused_ = false;
    dump::snapshot_set snapshots_;
    bool objects_noted_ = false;
    std::map<table_name, chosen_table> tables_;
    std::map<std::string, std::string> schemas_;  // name, CREATE DATABASE; around the snapshot
    std::map<table_name, std::shared_ptr<const dump::source_table>> described_;
    std::map<table_name, std::optional<schema::table>> targets_;
    std::map<table_name, checkpoint::copied_table> fresh_;
    std::set<table_name> again_;  // of fresh_: known to the ledger, copied once more
    std::set<table_name> going_on_;
    std::vector<checkpoint::copied_table> gone_;
};

}  // namespace load::internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
