#pragma once

#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/foretell.hpp>
#include <dmlib/sync/impl/engine_ddl.ipp>
#include <dmlib/sync/impl/internal/leaving_rows.hpp>
#include <dmlib/sync/impl/internal/target_outlook.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// What the engine planned: the statement's steps, or why it stops.
struct ddl_plan {
    std::optional<error> fault;
    std::optional<ddl_work> work;
    std::vector<std::string> warnings;
};

/// Where nobody can say, the table is there: then what the engine does not know stays a fault.
inline std::optional<schema::table> table_on_target(const ddl_ground& ground, const table_name& n) {
    if (ground.on_target) {
        if (auto found = ground.on_target(n)) return *std::move(found);
    }
    return schema::table{};
}

inline ddl_plan plan_alone(sync_engine& engine,
                           const binlog::event& e,
                           const std::string& place,
                           const ddl_ground& ground) {
    ddl_plan out;
    for (int i = 0; i < 4; ++i) {  // planned, ran, taken
        const auto done = engine.on_event(e);
        if (!done) {
            out.fault = done.error();
            return out;
        }
        while (auto next = engine.next_action()) {
            if (auto* fault = std::get_if<error>(&*next)) out.fault = std::move(*fault);
            if (const auto* asked = std::get_if<table_question>(&*next)) {
                engine.on_target_table(asked->target, table_on_target(ground, asked->target));
                --i;  // at most once for each table of the statement
            }
            if (auto* text = std::get_if<notice>(&*next)) {
                if (text->level != log_level::warning) continue;
                const bool placed = text->text.starts_with(place);
                out.warnings.push_back(placed ? text->text.substr(place.size()) : text->text);
            }
            if (auto* work = std::get_if<ddl_work>(&*next)) {
                out.work = std::move(*work);
                engine.on_ddl_recorded();
                engine.on_ddl_done();
            }
        }
        if (out.fault || *done == intake::taken) return out;
    }
    return out;
}

}  // namespace internal

DMLIB_DECL ddl_foreteller::ddl_foreteller(ddl_ground ground) : ground_(std::move(ground)) {
}

/// The source did it, whatever the run does. Where the definitions cannot follow it: why.
DMLIB_DECL std::string ddl_foreteller::follow(const binlog::query& q) {
    auto parsed = sql::parse_statement(q.text, internal::parse_options_of(ground_.resolve, q));
    if (!parsed || !sql::is_table_ddl(parsed->kind)) return {};
    internal::qualify(*parsed, std::string(q.schema));
    const auto change =
        ground_.definitions.run(*parsed, internal::resolve_options_of(ground_.resolve, q));
    if (!change) {
        // The binlog has its columns.
        const auto* made = parsed->get<sql::create_table_statement>();
        if (made == nullptr || made->select.empty()) return {};
        return "judged by the rules alone: " + change.error().message();
    }
    if (change->outcome != schema::change_outcome::refused) return {};
    const std::string why =
        change->refusal ? change->refusal->message() : "it contradicts the tables";
    if (!ground_.past) return "the source would refuse it itself: " + why;
    return "judged by the rules alone, since the tables' definitions of that moment are not "
           "known: " +
           why;
}

DMLIB_DECL void ddl_foreteller::on_fault(const binlog::query& q,
                                         const error& fault,
                                         explained_statement& out) {
    const std::string lost = follow(q);
    if (out.fate != statement_fate::runs) return;
    if (!lost.empty() && fault.code() == errc::sync_ddl_unresolved) {
        out.reason += (out.reason.empty() ? "" : "; ") + lost;
        return;
    }
    const std::string doubt = doubts(out);
    out = internal::stops(std::move(out), fault.message());
    if (!doubt.empty()) out.reason += "; " + doubt;
    if (!fault.workaround().empty()) out.notes.push_back("way out: " + fault.workaround());
}

/// What is not known for sure of the tables that share the statement's tables of the target; "" =
/// nothing, or there are none.
DMLIB_DECL std::string ddl_foreteller::doubts(const explained_statement& out) const {
    if (ground_.unsure.empty()) return {};
    auto rules = ground_.rules();
    if (!rules) return {};
    std::set<table_name> targets;
    for (const table_name& n : out.targets) targets.insert(internal::lowered(n));
    const auto concerned = [&](const table_name& n) {
        const auto decision = rules->decide(n);
        return decision->replicate && targets.contains(internal::lowered(decision->target));
    };
    const std::set<table_name> own(out.tables.begin(), out.tables.end());
    bool shared = false;
    for (const auto& t : ground_.definitions.definitions().tables())
        shared = shared || (!own.contains(t->full_name()) && concerned(t->full_name()));
    std::string names;
    for (const table_name& n : ground_.unsure) {
        if (!concerned(n)) continue;
        shared = shared || !own.contains(n);
        names += (names.empty() ? "" : ", ") + quoted(n);
    }
    if (names.empty() || !shared) return {};
    return "statements of the binlog change " + names +
           ", so that the target's definition stands for that of the moment";
}

/// What the source could make was not there before, and its definition is known from then on.
DMLIB_DECL void ddl_foreteller::correct_beginning(const binlog::query& q) {
    if (!ground_.past) return;
    auto parsed = sql::parse_statement(q.text, internal::parse_options_of(ground_.resolve, q));
    if (!parsed) return;
    internal::qualify(*parsed, std::string(q.schema));
    auto& known = ground_.definitions.definitions();
    if (const auto* db = parsed->get<sql::create_database_statement>()) {
        if (!db->if_not_exists && !db->or_replace) known.erase_schema(db->name);
        return;
    }
    const auto* made = parsed->get<sql::create_table_statement>();
    if (made == nullptr || made->if_not_exists) return;
    if (!made->or_replace) known.erase(made->table.schema, made->table.table);
    ground_.unsure.erase(made->table);
}

DMLIB_DECL void ddl_foreteller::foretell(const binlog::event& e,
                                         const std::string& file,
                                         explained_statement& out) {
    const auto* q = e.get<binlog::query>();
    if (q == nullptr) return;
    correct_beginning(*q);
    auto rules = ground_.rules();
    if (!rules) {
        out.reason += (out.reason.empty() ? "" : "; ") + rules.error().message();
        return;
    }
    engine_options eo;
    eo.lanes = 1;
    eo.target = ground_.target;
    eo.resolve = ground_.resolve;
    location start;
    start.position = {file, e.start};
    sync_engine engine(
        std::move(eo), std::move(*rules), ground_.definitions, std::move(start), {}, nullptr);
    auto plan = internal::plan_alone(engine, e, fmt::format("{}:{}: ", file, e.start), ground_);
    if (plan.fault) return on_fault(*q, *plan.fault, out);
    ground_.definitions = engine.definitions();
    if (out.fate != statement_fate::runs) return;
    if (!plan.work || plan.work->steps.empty())
        out.notes.push_back("nothing of it is to be done on the target");
    if (!plan.work) return;
    for (std::string& text : plan.warnings) out.notes.push_back(std::move(text));
    internal::target_outlook(ground_, target_, asked_, out).ask(*plan.work);
    if (out.fate != statement_fate::runs) return;
    const std::string doubt = doubts(out);
    if (!doubt.empty()) out.reason += (out.reason.empty() ? "" : "; ") + doubt;
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
