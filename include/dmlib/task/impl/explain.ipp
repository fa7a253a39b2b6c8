#pragma once

#include <dmlib/async/system.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/mysql/binlog_stream.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/task/impl/internal/ground.hpp>
#include <dmlib/task/impl/task.ipp>
#include <dmlib/task/task.hpp>

#include <algorithm>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline table_explanation explain_table(const std::string& source,
                                       rule_set& rules,
                                       const table_name& name) {
    table_explanation out;
    out.source = source;
    out.decision = rules.decide(name);
    for (const std::uint32_t i : out.decision->event_rules) {
        out.filters.push_back("filters " + rules.event_rules()[i].name);
    }
    for (const row_filter_rule& r : out.decision->row_filters) {
        out.filters.push_back("expression-filter " + r.name);
    }
    for (const column_mapping& m : out.decision->mappings) {
        out.mappings.push_back("column-mappings " + m.rule + ": " + m.column);
    }
    for (const error& e : out.decision->problems) out.problems.push_back(e.message());
    out.text = rules.explain(name);
    return out;
}

/// Adds what the check of tables found, and its text.
inline void add_findings(std::vector<table_explanation>& tables,
                         const std::vector<check::check_item>& items) {
    std::map<std::pair<std::string, table_name>, table_explanation*> by_name;
    for (table_explanation& t : tables) by_name[{t.source, t.decision->source}] = &t;
    for (const check::check_item& i : items) {
        if (i.passed || !i.table) continue;
        const auto found = by_name.find({i.source, *i.table});
        if (found == by_name.end()) continue;
        const bool bad = i.severity == check::severity::error;
        (bad ? found->second->problems : found->second->warnings).push_back(i.message);
        found->second->text += std::string(bad ? "  problem: " : "  note: ") + i.message + "\n";
    }
}

/// Reads the stream into the rehearsal until the end of the range.
class rehearsal_walk {
public:
    rehearsal_walk(sync::rehearsal& to, const location& end) : rehearsal_(to), end_(end) {}

    result<void> walk(mysql::binlog_stream& stream) {
        while (!there()) {
            const auto packet = stream.next();
            if (!packet) return packet.error();
            if (packet->empty()) return {};
            auto e = decoder_.push(*packet);
            if (!e) return e.error();
            if (beyond(**e)) return {};
            if (auto done = rehearsal_.on_event(**e); !done) return done;
            if ((*e)->get<binlog::transaction_payload>() == nullptr) continue;
            for (;;) {
                auto inner = decoder_.next_inner();
                if (!inner) return inner.error();
                if (*inner == nullptr) break;
                if (auto done = rehearsal_.on_event(**inner); !done) return done;
            }
        }
        return {};
    }
    bool reached() const { return (end_.position.empty() && end_.gtids.empty()) || there(); }
    void start_at(const binlog_position& at) { decoder_.start_at(at.file, at.pos); }

private:
    bool there() const {
        if (rehearsal_.in_transaction()) return false;
        const location& done = rehearsal_.done();
        if (!end_.position.empty())
            return !done.position.empty() &&
                   compare(done.position, end_.position) != std::strong_ordering::less;
        return !end_.gtids.empty() && done.gtids.contains(end_.gtids);
    }
    /// An artificial ROTATE tells a position before anything is read; real events may also stand
    /// behind the end from the first on.
    bool beyond(const binlog::event& e) const {
        if (end_.position.empty() || rehearsal_.in_transaction() || e.artificial) return false;
        const location& done = rehearsal_.done();
        return !done.position.empty() &&
               compare({done.position.file, e.start}, end_.position) != std::strong_ordering::less;
    }

    sync::rehearsal& rehearsal_;
    const location& end_;
    binlog::decoder decoder_;
};

}  // namespace internal

namespace internal {

/// Nothing, or why the source cannot give the range. A source that does not tell its files gives
/// whatever the stream gives.
inline std::optional<error> fault_of_range(mysql::session& s,
                                           const mysql::server_facts& facts,
                                           const rehearsal_range& range) {
    for (const location* place : {&range.from, &range.to}) {
        if (auto fault = mysql::foreign_gtids(place->gtids, {}, facts))
            return fault->workaround("Give --from and --to as places of this source.");
    }
    const binlog_position& to = range.to.position;
    if (to.empty()) return std::nullopt;
    const auto wrong = [](std::string why) {
        return error{errc::sync_position, std::move(why)}.workaround(
            "Give --to a place of the source's binlog behind --from, or leave it out.");
    };
    if (!range.from.position.empty() &&
        compare(to, range.from.position) == std::strong_ordering::less)
        return wrong("--to " + to_string(to) + " is before --from " +
                     to_string(range.from.position));
    const auto files = mysql::binlog_files(s, facts);
    if (!files || files->empty()) return std::nullopt;
    const auto at = std::find_if(
        files->begin(), files->end(), [&](const auto& f) { return f.name == to.file; });
    if (at == files->end()) {
        return wrong("--to " + to_string(to) + ": the source has the binlogs " +
                     files->front().name + " to " + files->back().name);
    }
    if (to.pos <= at->size) return std::nullopt;
    return wrong("--to " + to_string(to) + ": the file ends at " + std::to_string(at->size));
}

/// What the source says about a start that it does not have, with the place and what to write.
inline error fault_of_start(error e, const rehearsal_range& range) {
    const bool place = e.code() == errc::sync_position || e.code() == errc::binlog_purged;
    if (!place || range.from.position.empty()) return e;
    return e.position(range.from.position.file, range.from.position.pos)
        .workaround(
            "Give --from the beginning of a transaction; SHOW BINARY LOGS lists the files, dmlib "
            "binlog --start-pos and SHOW BINLOG EVENTS the events.");
}

}  // namespace internal

DMLIB_DECL result<task_explanation> task::explain() {
    task_explanation out;
    for (const auto& p : impl_->parts) {
        auto rules = p->rules(impl_->options);
        if (!rules) return rules.error();
        auto s = mysql::session::connect(p->connection());
        if (!s) return s.error().source(p->from().id);
        auto listed = dump::list_tables(*s);
        if (!listed) return listed.error().source(p->from().id);
        for (const auto& t : *listed) {
            if (t.type == "VIEW") continue;
            out.tables.push_back(internal::explain_table(p->from().id, *rules, t.name));
        }
    }
    std::map<table_name, std::set<std::string>> writers;
    std::mutex guard;
    auto in = impl_->check_input(writers, guard);
    const std::set<std::string> wanted{
        "table_schema", "foreign_keys", "schema_of_shard_tables", "rule_match"};
    in.ignored.clear();
    for (const std::string_view name : check::known_names()) {
        if (name != "all" && wanted.count(std::string(name)) == 0) in.ignored.emplace(name);
    }
    const auto items = check::run_checks(in);
    for (const auto& i : items) {
        if (!i.passed && i.name == "rule_match") out.notes.push_back(i.message);
        if (i.passed || i.name != "connection") continue;
        out.target_problem = error{errc::db_connect, i.message}.workaround(i.instruction);
    }
    internal::add_findings(out.tables, items);
    return out;
}

DMLIB_DECL result<sync::statement_surroundings> task::surroundings(const std::string& source_id) {
    const auto part = std::find_if(impl_->parts.begin(), impl_->parts.end(), [&](const auto& p) {
        return p->from().id == source_id;
    });
    if (part == impl_->parts.end())
        return error{errc::config_bad_reference, "the task has no source " + source_id};
    auto s = mysql::session::connect((*part)->connection());
    if (!s) return s.error().source(source_id);
    auto facts = mysql::read_server_facts(*s);
    if (!facts) return facts.error().source(source_id);
    auto listed = dump::list_tables(*s);
    if (!listed) return listed.error().source(source_id);
    sync::statement_surroundings out;
    out.source = facts->kind;
    out.sql_mode = sql::parse_sql_mode(facts->sql_mode, facts->flavor());
    out.fold_names = facts->lower_case_table_names != 0;
    for (const auto& t : *listed) {
        if (t.type != "VIEW") out.tables.push_back(t.name);
    }
    out.on_target =
        [target = impl_->target()](const std::string& schema) -> result<std::vector<table_name>> {
        auto there = mysql::session::connect(target);
        if (!there) return there.error();
        auto rows = there->query(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE "
            "TABLE_SCHEMA=" +
            quoted_literal(schema) + " ORDER BY TABLE_NAME");
        if (!rows) return rows.error();
        std::vector<table_name> names;
        for (std::size_t i = 0; i < rows->size(); ++i)
            names.push_back({schema, std::string(rows->text(i, std::size_t{0}))});
        return names;
    };
    out.definition = [from = (*part)->connection(), kind = facts->kind](
                         const table_name& name) -> std::shared_ptr<const schema::table> {
        auto here = mysql::session::connect(from);
        if (!here) return nullptr;
        auto text = here->query("SHOW CREATE TABLE " + quoted(name));
        if (!text) return nullptr;
        auto made = schema::table_from_show_create(text->text(0, 1), kind, name.schema);
        return made ? std::make_shared<const schema::table>(std::move(*made)) : nullptr;
    };
    out.ground = [p = part->get(),
                  known = std::make_shared<const mysql::server_facts>(std::move(*facts)),
                  target = std::make_shared<internal::asked_target>(impl_->target()),
                  options = impl_->options,
                  tables = out.tables](const sql::statement& s) -> result<sync::ddl_ground> {
        auto here = mysql::session::connect(p->connection());
        if (!here) return here.error();
        return internal::ground_builder(
                   *here, *known, target, [p, options] { return p->rules(options); })
            .now(s, tables);
    };
    return out;
}

DMLIB_DECL result<rehearsal_report> task::rehearse(const std::string& source_id,
                                                   const rehearsal_range& range) {
    const auto part = std::find_if(impl_->parts.begin(), impl_->parts.end(), [&](const auto& p) {
        return p->from().id == source_id;
    });
    if (part == impl_->parts.end())
        return error{errc::config_bad_reference, "the task has no source " + source_id};
    const auto fail = [&](error e) { return e.task(impl_->options.name).source(source_id); };
    auto rules = (*part)->rules(impl_->options);
    if (!rules) return fail(rules.error());
    auto asked = mysql::session::connect((*part)->connection());
    if (!asked) return fail(asked.error());
    auto facts = mysql::read_server_facts(*asked);
    if (!facts) return fail(facts.error());
    if (auto wrong = internal::fault_of_range(*asked, *facts, range)) return fail(*wrong);
    auto dump = mysql::session::connect((*part)->connection());
    if (!dump) return fail(dump.error());
    mysql::stream_options so;
    so.start = range.from;
    so.by_gtid = range.from.position.empty() && !range.from.gtids.empty();
    if (so.start.position.pos == 0) so.start.position.pos = 4;
    async::system_random_source random;
    so.server_id = mysql::random_server_id(random);
    so.wait_for_more = false;
    so.register_replica = false;
    auto stream = mysql::binlog_stream::open(std::move(*dump), *facts, so);
    if (!stream) return fail(internal::fault_of_start(stream.error(), range));
    sync::rehearsal_options ro;
    ro.source = facts->kind;
    ro.start_gtids = range.from.gtids;
    ro.on_statement = range.on_statement;
    ro.definition = [&](const table_name& name) -> result<schema::table> {
        auto text = dump::show_create(*asked, name);
        if (!text) return text.error();
        return schema::table_from_show_create(*text, facts->kind, name.schema);
    };
    ro.ground = [&, p = part->get()]() -> result<sync::ddl_ground> {
        auto begin = internal::first_place(*asked, *facts, range.from.position);
        if (!begin) return begin.error();
        return internal::ground_builder(*asked,
                                        *facts,
                                        std::make_shared<internal::asked_target>(impl_->target()),
                                        [this, p] { return p->rules(impl_->options); })
            .since(p->connection(), *begin);
    };
    sync::rehearsal r(std::move(*rules), std::move(ro));
    internal::rehearsal_walk walk(r, range.to);
    walk.start_at(so.start.position);
    if (auto done = walk.walk(*stream); !done)
        return fail(internal::fault_of_start(done.error(), range));
    return rehearsal_report{r.tables(), r.transactions(), r.done(), walk.reached()};
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
