#pragma once

#include <dmlib/binlog/rows.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/foretell.hpp>
#include <dmlib/sync/impl/internal/statement_effects.hpp>
#include <dmlib/sync/impl/internal/two_phase_alter.hpp>
#include <dmlib/sync/rehearsal.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

DMLIB_DECL std::string_view to_text(statement_fate fate) noexcept {
    switch (fate) {
        case statement_fate::runs:
            return "runs";
        case statement_fate::left_out:
            return "left-out";
        case statement_fate::not_replicated:
            return "not-replicated";
        case statement_fate::stops:
            return "stops";
    }
    return "";
}

namespace internal {

/// The verdict about each of the statement's names, put together as the engine does.
class statement_judge {
public:
    statement_judge(rule_set& rules,
                    std::string_view text,
                    const sql::statement& s,
                    std::vector<ddl_part> parts)
        : rules_(rules), text_(text), kind_(kind_of(s)), parts_(std::move(parts)) {}

    explained_statement judge(explained_statement out) {
        std::size_t kept = 0;
        std::string against;
        for (const table_name& name : out.tables) {
            ddl_question question;
            question.name = name;
            question.kind = kind_;
            question.parts = parts_;
            question.sql = text_;
            const ddl_decision d = rules_.decide_ddl(question);
            if (!d.rule.empty())
                (d.action == filter_action::replicate ? out.rule : against) = d.rule;
            const bool replicated = name.table.empty() ? rules_.replicates_schema(name.schema)
                                                       : rules_.decide(name)->replicate;
            if (!replicated) continue;
            if (!d.problems.empty()) return stops(std::move(out), d.problems.front().message());
            if (d.action == filter_action::error || d.mixed) {
                out.rule = d.rule;
                return stops(std::move(out),
                             d.mixed ? "an event filter takes only some of its changes"
                                     : "an event filter with action Error names it");
            }
            if (d.action == filter_action::replicate) ++kept;
            out.targets.push_back(d.target);
        }
        if (kept == out.tables.size()) return out;
        out.rule = against;
        if (kept != 0) {
            return stops(std::move(out),
                         "it names replicated tables and tables that the rules leave out");
        }
        out.fate = statement_fate::left_out;
        out.targets.clear();
        return out;
    }

private:
    rule_set& rules_;
    std::string_view text_;
    event_kind kind_;
    std::vector<ddl_part> parts_;
};

/// An event filter is about the statement's table, and the table's definition tells more of what
/// the statement does.
inline bool definition_matters(rule_set& rules, const sql::statement& s) {
    const table_name* name = table_of(s);
    if (name == nullptr || !parts_need_definition(s)) return false;
    const auto d = rules.decide(*name);
    return d->replicate && !d->event_rules.empty();
}

inline std::vector<ddl_part> parts_by(const sql::statement& s,
                                      const schema::table& before,
                                      std::string_view default_schema,
                                      const sql::parse_options& options) {
    schema::catalog known;
    known.put(before);
    schema::resolve_options ro;
    ro.server = {options.flavor, options.version};
    ro.sql_mode = options.mode;
    ro.default_schema = std::string(default_schema);
    ro.foreign_key_checks = false;
    return parts_of(s, known, ro);
}

inline explained_statement explain_unparsed(rule_set& rules,
                                            std::string_view text,
                                            std::string_view default_schema,
                                            const std::string& why) {
    ddl_question question;
    question.name = {std::string(default_schema), ""};
    question.sql = text;
    explained_statement out;
    auto d = rules.decide_ddl(question);
    if (d.action == filter_action::ignore) {
        out.fate = statement_fate::left_out;
        out.rule = std::move(d.rule);
        return out;
    }
    return stops(std::move(out), why);
}

}  // namespace internal

namespace internal {

/// The statement as if it came now.
inline void foretell_now(const sql::statement& s,
                         std::string_view text,
                         std::string_view default_schema,
                         const statement_surroundings& around,
                         explained_statement& out) {
    auto ground = around.ground(s);
    if (!ground) {
        out.notes.push_back("judged by the rules alone: " + ground.error().message());
        return;
    }
    binlog::query q;
    q.schema = default_schema;
    q.text = text;
    q.status.sql_mode = around.sql_mode;
    binlog::event e;
    e.body = std::move(q);
    ddl_foreteller(std::move(*ground)).foretell(e, {}, out);
}

}  // namespace internal

DMLIB_DECL explained_statement explain_statement(rule_set& rules,
                                                 std::string_view text,
                                                 std::string_view default_schema,
                                                 const sql::parse_options& options,
                                                 const statement_surroundings& around) {
    auto parsed = sql::parse_statement(text, options);
    if (!parsed) {
        return internal::explain_unparsed(
            rules, text, default_schema, "it cannot be parsed: " + parsed.error().message());
    }
    explained_statement out;
    out.kind = sql::name_of(parsed->kind);
    if (sql::is_dml(parsed->kind)) {
        out = internal::explain_unparsed(
            rules, text, default_schema, "it changes data and stands in the binlog as text");
        out.kind = sql::name_of(parsed->kind);
        return out;
    }
    if (!sql::is_table_ddl(parsed->kind)) {
        out.fate = statement_fate::not_replicated;
        out.reason = "only definitions of tables and schemas are replicated";
        return out;
    }
    sql::qualify_tables(*parsed, std::string(default_schema));
    if (auto* alter = parsed->get<sql::alter_database_statement>();
        alter != nullptr && alter->name.empty()) {
        alter->name = std::string(default_schema);
    }
    out.tables = subjects_of(*parsed);
    if (out.tables.empty()) {
        out.fate = statement_fate::not_replicated;
        out.reason = "it names no table that is in the binlog (a temporary one)";
        return out;
    }
    const bool matters = internal::definition_matters(rules, *parsed);
    const auto before =
        matters && around.definition ? around.definition(*internal::table_of(*parsed)) : nullptr;
    auto parts = before == nullptr ? parts_of(*parsed)
                                   : internal::parts_by(*parsed, *before, default_schema, options);
    out = internal::statement_judge(rules, text, *parsed, std::move(parts)).judge(std::move(out));
    if (matters && before == nullptr && out.reason.empty()) {
        out.reason =
            "judged by its words: which kinds of event filters it counts as, the table's "
            "definition at that moment tells";
    }
    if (around.ground && out.fate == statement_fate::runs)
        internal::foretell_now(*parsed, text, default_schema, around, out);
    internal::look_around(rules, *parsed, around, out);
    return out;
}

DMLIB_DECL rehearsal::rehearsal(rule_set rules, rehearsal_options options)
    : rules_(std::move(rules)), options_(std::move(options)) {
    done_.gtids = options_.start_gtids;
}

DMLIB_DECL rehearsal::~rehearsal() = default;

DMLIB_DECL result<void> rehearsal::on_event(const binlog::event& e) {
    auto step = grammar_.on(e);
    if (!step) return step.error().position(file_, e.start, to_string(grammar_.current_gtid()));
    if (auto done = dispatch(e, *step); !done) {
        error fault = done.error();
        return fault.position(file_, e.start, to_string(grammar_.current_gtid()));
    }
    using binlog::step;
    const bool ends =
        step->step == step::commit || step->step == step::statement || step->step == step::prepare;
    if (!ends && step->step != step::rollback) return {};
    if (ends) {
        ++transactions_;
        for (const pending_row_count& p : pending_) *p.counter += p.rows;
        for (pending_stop& p : pending_stops_) {
            if (!p.table->first_stop) p.table->first_stop = std::move(p.stop);
        }
    }
    pending_.clear();
    pending_stops_.clear();
    done_.position = {file_, e.next};
    done_.gtids.add(grammar_.current_gtid());
    return {};
}

DMLIB_DECL void rehearsal::count(std::uint64_t& counter, std::uint64_t rows) {
    if (rows == 0) return;
    if (!pending_.empty() && pending_.back().counter == &counter) {
        pending_.back().rows += rows;
    } else {
        pending_.push_back({&counter, rows});
    }
}

DMLIB_DECL result<void> rehearsal::dispatch(const binlog::event& e, const binlog::tracked& step) {
    if (e.status == binlog::event_status::refused) {
        explained_statement what;
        what.fate = statement_fate::stops;
        what.reason = std::string(e.reason);
        tell(e, std::move(what), {}, {});
        return {};
    }
    if (const auto* r = e.get<binlog::rotate>()) {
        file_ = std::string(r->next_file);
        if (!grammar_.in_transaction()) done_.position = {file_, r->next_pos};
    } else if (const auto* p = e.get<binlog::previous_gtids>()) {
        auto set = mysql_gtid_set::decode(p->body);
        if (set && done_.gtids.empty()) done_.gtids = gtid_set{std::move(*set)};
    } else if (const auto* l = e.get<binlog::gtid_list>()) {
        auto set = mariadb_gtid_set::decode(l->body);
        if (set && done_.gtids.empty()) done_.gtids = gtid_set{std::move(*set)};
    } else if (const auto* m = e.get<binlog::table_map_event>()) {
        on_map(*m);
    } else if (const auto* rows = e.get<binlog::rows_event>()) {
        return on_rows(e, *rows);
    } else if (const auto* q = e.get<binlog::query>()) {
        on_query(e, *q, step);
    }
    return {};
}

DMLIB_DECL void rehearsal::on_map(const binlog::table_map_event& m) {
    constexpr std::size_t most_maps = 100'000;
    if (maps_.size() >= most_maps) {
        maps_.clear();
        alive_.clear();
    }
    auto [at, fresh] = maps_.try_emplace(m.table.get());
    if (!fresh) return;
    alive_.push_back(m.table);
    const table_name name{std::string(m.table->schema()), std::string(m.table->table())};
    at->second.counts = &tables_[name];
    at->second.counts->decision = rules_.decide(name);
    load_rules(at->second, *m.table);
}

/// Rows that cannot be counted without the widths of their columns.
DMLIB_DECL void rehearsal::load_facts(mapped_table& t, const binlog::table_map& map) {
    if (!options_.definition) return;
    const auto definition = options_.definition(t.counts->decision->source);
    if (!definition) return;
    const auto columns = schema::check_table_map(*definition, map, options_.source);
    if (columns) t.facts = schema::image_facts(*definition, *columns);
}

DMLIB_DECL void rehearsal::load_rules(mapped_table& t, const binlog::table_map& map) {
    const table_decision& d = *t.counts->decision;
    if (map.has_unsized()) load_facts(t, map);
    if (!d.replicate) return;
    const auto no = [&](const std::string& why) {
        auto& all = t.counts->problems;
        if (std::find(all.begin(), all.end(), why) == all.end()) all.push_back(why);
    };
    const auto stops = [&](const error& why) {
        t.fault = why.message();
        no(t.fault);
    };
    if (!d.problems.empty()) return stops(d.problems.front());
    if (d.row_filters.empty() && d.mappings.empty()) return;
    const std::string what = d.row_filters.empty() ? "column mappings" : "expression filters";
    if (!options_.definition) return no(what + " were not asked: no definition");
    auto definition = options_.definition(d.source);
    if (!definition) return no(definition.error().message());
    auto columns = schema::check_table_map(*definition, map, options_.source);
    if (!columns) {
        return no("the table has another definition now, so that " + what +
                  " cannot be asked: " + columns.error().message());
    }
    t.facts = schema::image_facts(*definition, *columns);
    auto filter = compile_row_filter(d, *definition, *columns, options_.source);
    if (!filter) return stops(filter.error());
    t.filter = std::move(*filter);
    for (const column_mapping& m : d.mappings) {
        const std::size_t own = definition->find_column(m.column);
        const auto image = std::find(columns->begin(), columns->end(), own);
        if (image == columns->end()) {
            return stops(error{errc::sync_mapping,
                               "column mapping " + m.rule + ": the table has no column " +
                                   quoted_identifier(m.column)});
        }
        const schema::column& column = definition->columns[own];
        if (column.is_character() && !m.fits_charset(column.charset)) {
            return stops(error{errc::sync_mapping,
                               "column mapping " + m.rule + ": its text does not fit to column " +
                                   quoted_identifier(m.column) + " of character set " +
                                   column.charset});
        }
        const bool has_default = column.default_value.kind != schema::default_kind::none &&
                                 column.default_value.kind != schema::default_kind::null;
        t.mapped.push_back({static_cast<std::size_t>(image - columns->begin()),
                            &m,
                            has_default ? column.name : std::string()});
    }
    t.judged = true;
}

DMLIB_DECL void rehearsal::stop_at(const binlog::event& e, mapped_table& t, std::string reason) {
    if (t.counts->first_stop) return;
    pending_stops_.push_back(
        {t.counts, {file_, e.start, to_string(grammar_.current_gtid()), std::move(reason)}});
}

DMLIB_DECL result<void> rehearsal::on_rows(const binlog::event& e, const binlog::rows_event& rows) {
    const auto at = rows.table == nullptr ? maps_.end() : maps_.find(rows.table.get());
    if (at == maps_.end()) return {};
    mapped_table& t = at->second;
    using binlog::rows_kind;
    row_counts& counts = rows.kind == rows_kind::insert   ? t.counts->inserts
                         : rows.kind == rows_kind::update ? t.counts->updates
                                                          : t.counts->deletes;
    const table_decision& d = *t.counts->decision;
    const event_verdict& verdict = rows.kind == rows_kind::insert   ? d.on_insert
                                   : rows.kind == rows_kind::update ? d.on_update
                                                                    : d.on_delete;
    const bool passes = d.replicate && verdict.action == filter_action::replicate;
    if (passes && t.judged) return judge(e, t, rows, counts);
    binlog::row_decoder decoder{rows, t.facts, &arena_};
    std::uint64_t n = 0;
    for (;; ++n) {
        auto more = decoder.skip();
        if (!more) return more.error();
        if (!*more) break;
    }
    const bool by_filter = verdict.action == filter_action::error;
    const bool stops = d.replicate && (!t.fault.empty() || by_filter);
    if (stops && n != 0) stop_at(e, t, by_filter ? verdict.rule : t.fault);
    std::uint64_t& counter = stops ? counts.stops
                             : !d.replicate || verdict.action == filter_action::ignore
                                 ? counts.ignored
                             : !d.row_filters.empty() || !d.mappings.empty() ? counts.unjudged
                                                                             : counts.replicated;
    count(counter, n);
    return {};
}

DMLIB_DECL std::string rehearsal::mapping_fault(const mapped_table& t) {
    std::string storage;
    for (const mapped_column& m : t.mapped) {
        if (before_.empty() && after_[m.place].is_absent() && !m.default_of.empty()) {
            return "a row image lacks column " + quoted_identifier(m.default_of) +
                   ", which has a default and which column mapping " + m.mapping->rule + " changes";
        }
        for (const auto* image : {&before_, &after_}) {
            if (image->empty() || (*image)[m.place].is_absent()) continue;
            const auto mapped = m.mapping->apply((*image)[m.place], storage);
            if (!mapped) return mapped.error().message();
        }
    }
    return {};
}

DMLIB_DECL result<void> rehearsal::judge(const binlog::event& e,
                                         mapped_table& t,
                                         const binlog::rows_event& rows,
                                         row_counts& counts) {
    using binlog::rows_kind;
    const std::size_t n = rows.table->column_count();
    before_.resize(rows.kind == rows_kind::insert ? 0 : n);
    after_.resize(rows.kind == rows_kind::remove ? 0 : n);
    const event_kind kind = rows.kind == rows_kind::insert   ? event_kind::insert
                            : rows.kind == rows_kind::update ? event_kind::update
                                                             : event_kind::delete_;
    const auto stop = [&](const std::string& why) {
        auto& all = t.counts->problems;
        if (std::find(all.begin(), all.end(), why) == all.end() && all.size() < 100)
            all.push_back(why);
        stop_at(e, t, why);
        count(counts.stops, 1);
    };
    binlog::row_decoder decoder{rows, t.facts, &arena_};
    for (;;) {
        auto more = decoder.next(before_, after_);
        if (!more) return more.error();
        if (!*more) return {};
        const auto rule = t.filter ? t.filter->dropped_by(kind, before_, after_)
                                   : result<std::optional<std::string>>(std::nullopt);
        if (!rule) {
            stop(rule.error().message());
        } else if (*rule) {
            count(counts.filtered, 1);
            count(t.counts->by_expression[**rule], 1);
        } else if (const std::string fault = mapping_fault(t); !fault.empty()) {
            stop(fault);
        } else {
            count(counts.replicated, 1);
        }
        arena_.clear();
    }
}

DMLIB_DECL void rehearsal::on_query(const binlog::event& e,
                                    const binlog::query& q,
                                    const binlog::tracked& step) {
    using binlog::statement_class;
    const bool told = step.statement == statement_class::ddl ||
                      step.statement == statement_class::dml ||
                      step.statement == statement_class::other;
    if (!told || internal::is_half_alter(grammar_)) return;
    sql::parse_options options;
    options.flavor = options_.source.flavor;
    options.version = options_.source.version;
    options.mode = q.status.sql_mode.value_or(0);
    if (q.status.charset) {
        if (const auto* c = find_collation(options.flavor, q.status.charset->client))
            options.charset = std::string(c->charset);
    }
    explained_statement what;
    if (step.statement == statement_class::other) {
        what.fate = statement_fate::not_replicated;
        what.kind = sql::name_of(sql::classify(q.text, options));
        what.reason = "only definitions of tables and schemas are replicated";
    } else if (step.statement == statement_class::dml) {
        what = internal::explain_unparsed(
            rules_, q.text, q.schema, "it changes data and stands in the binlog as text");
        what.kind = sql::name_of(sql::classify(q.text, options));
    } else {
        what = explain_statement(rules_, q.text, q.schema, options);
        foretell(e, what);
    }
    tell(e, std::move(what), q.text, q.schema);
}

/// What the rules leave out changes the source's definitions all the same.
DMLIB_DECL void rehearsal::foretell(const binlog::event& e, explained_statement& what) {
    const bool matters = what.fate == statement_fate::runs || foreteller_ != nullptr ||
                         (what.fate == statement_fate::left_out && !what.kind.empty());
    if (!matters) return;
    if (!foreteller_ && no_ground_.empty()) {
        if (!options_.ground) {
            no_ground_ = "no definitions were given";
        } else if (auto ground = options_.ground()) {
            foreteller_ = std::make_unique<ddl_foreteller>(std::move(*ground));
        } else {
            no_ground_ = ground.error().message();
        }
    }
    if (foreteller_) return foreteller_->foretell(e, file_, what);
    if (what.fate != statement_fate::runs) return;
    what.reason += (what.reason.empty() ? "" : "; ") +
                   ("judged by the rules alone, not by what the tables are: " + no_ground_);
}

DMLIB_DECL void rehearsal::tell(const binlog::event& e,
                                explained_statement what,
                                std::string_view text,
                                std::string_view schema) {
    if (!options_.on_statement) return;
    rehearsed_statement out;
    out.what = std::move(what);
    out.text = std::string(text);
    out.schema = std::string(schema);
    out.file = file_;
    out.pos = e.start;
    out.gtid = to_string(grammar_.current_gtid());
    out.timestamp = e.header.timestamp;
    options_.on_statement(out);
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
