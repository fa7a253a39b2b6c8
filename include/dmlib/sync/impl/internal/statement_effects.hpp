// What a statement does beyond the names in it: the tables that go with a database, other tables
// whose rows would go, definitions that it refers to.
#pragma once

#include <dmlib/sql/printer.hpp>
#include <dmlib/sync/ddl_kinds.hpp>
#include <dmlib/sync/rehearsal.hpp>

#include <algorithm>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Tables of the target whose rows go, and whose rows of the source may go with them.
class removal {
public:
    removal(rule_set& rules, const statement_surroundings& around)
        : rules_(rules), around_(around) {}

    /// DROP DATABASE: the schema goes too where it has the same name on the target.
    void database(const std::string& name, explained_statement& out) {
        const auto routed = rules_.route_schema(name);
        const std::string to = routed ? *routed : name;
        for (const table_name& n : around_.tables) {
            const bool inside =
                around_.fold_names ? fold_case(n.schema) == fold_case(name) : n.schema == name;
            if (inside) table_of_database(n, out);
        }
        if (to != name) {
            out.notes.push_back("database " + quoted_identifier(to) +
                                " of the target stays: it may hold tables of others");
            out.targets.clear();
            for (const table_name& n : gone_) out.targets.push_back(n);
        } else {
            whole_schema(to, out);
        }
        finish(out);
    }
    void tables(explained_statement& out) {
        for (const table_name& n : out.tables) {
            own_.insert(n);
            gone_.insert(rules_.decide(n)->target);
        }
        const bool truncates = out.kind == "truncate_table";
        finish(out);
        if (truncates) out.gone.clear();
    }

private:
    void table_of_database(const table_name& n, explained_statement& out) {
        const auto decision = rules_.decide(n);
        own_.insert(n);
        if (!decision->replicate) return;
        gone_.insert(decision->target);
        ddl_question question;
        question.name = n;
        question.kind = event_kind::drop_table;
        const auto verdict = rules_.decide_ddl(question);
        if (verdict.action == filter_action::replicate) return;
        out.notes.push_back(quoted(decision->target) + " goes, too: " + verdict.rule +
                            " is about DROP TABLE, and is not asked for the tables of a dropped "
                            "database");
    }
    void whole_schema(const std::string& to, explained_statement& out) {
        if (!around_.on_target) return;
        const auto there = around_.on_target(to);
        if (!there) {
            out.notes.push_back("what else the target has in " + quoted_identifier(to) +
                                " goes, too, and is not known: " + there.error().message());
            return;
        }
        for (const table_name& n : *there) {
            if (!gone_.insert(n).second) continue;
            out.notes.push_back(quoted(n) +
                                " goes with the database; the task did not bring it there");
        }
    }
    void finish(explained_statement& out) {
        for (const table_name& n : around_.tables) {
            if (own_.contains(n)) continue;
            const auto decision = rules_.decide(n);
            if (!decision->replicate || !gone_.contains(decision->target)) continue;
            out = stops(std::move(out),
                        "the statement would also remove the rows of " + quoted(n) +
                            ", which go into the same table " + quoted(decision->target));
            return;
        }
        out.gone.assign(gone_.begin(), gone_.end());
    }

    rule_set& rules_;
    const statement_surroundings& around_;
    std::set<table_name> own_;
    std::set<table_name> gone_;
};

/// CREATE TABLE ... LIKE: the definitions of tables that are left out are not known.
inline void need_definition(rule_set& rules, const sql::statement& s, explained_statement& out) {
    sql::visit_tables(s, [&](const table_name& n, sql::name_role role) {
        if (role != sql::name_role::like || out.fate != statement_fate::runs) return;
        const auto decision = rules.decide(n);
        if (decision->replicate) return;
        out.rule = decision->rule;
        out = stops(std::move(out),
                    "it takes the definition of " + quoted(n) +
                        ", which the rules leave out, so that it is not known");
    });
}

inline void look_around(rule_set& rules,
                        const sql::statement& s,
                        const statement_surroundings& around,
                        explained_statement& out) {
    if (out.fate != statement_fate::runs) return;
    need_definition(rules, s, out);
    removal goes(rules, around);
    if (const auto* drop = s.get<sql::drop_database_statement>()) {
        goes.database(drop->name, out);
    } else if (out.fate == statement_fate::runs &&
               (s.kind == sql::statement_kind::drop_table ||
                s.kind == sql::statement_kind::truncate_table)) {
        goes.tables(out);
    }
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
