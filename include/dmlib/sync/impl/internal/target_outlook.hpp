// A planned statement on the target's tables as they are: what the target would refuse, and whether
// it has the result already. The same comparison as when the target has refused (ddl_runner).
#pragma once

#include <dmlib/schema/catalog.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sync/ddl_ground.hpp>
#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/explained_statement.hpp>
#include <dmlib/sync/impl/internal/lacking_column.hpp>

#include <fmt/format.h>

#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

class target_outlook {
public:
    /// `there`: the target's tables, of the names that were asked for.
    target_outlook(const ddl_ground& ground,
                   schema::catalog& there,
                   std::set<table_name>& asked,
                   explained_statement& out)
        : ground_(ground), there_(there), asked_(asked), out_(out) {
        kind_.flavor =
            ground.target.dialect == target_dialect::mariadb ? flavor::mariadb : flavor::mysql;
        kind_.version = ground.target.dialect == target_dialect::tidb ? server_version{8, 0, 33}
                                                                      : ground.target.version;
    }

    void ask(const ddl_work& work) {
        if (!ground_.on_target) return;
        for (const table_name& name : work.touched) {
            if (name.table.empty() || !asked_.insert(name).second) continue;
            if (there_.find_schema(name.schema) == nullptr) there_.put_schema(name.schema, {}, {});
            auto found = ground_.on_target(name);
            if (!found) {
                out_.notes.push_back("what the target has in place of " + quoted(name) +
                                     " is not known: " + found.error().message());
                return;
            }
            if (*found) there_.put(std::move(**found));
        }
        for (const schema::target_step& step : work.steps) {
            if (!spares_columns(step, work.columns_before)) return;
            if (!passes(step, work.columns_of_others)) return;
        }
    }

private:
    /// Why the target refuses the statement; "" = it does not. What it does is done in `there_`.
    std::string refusal_of(const std::string& text) {
        sql::parse_options po;
        po.flavor = kind_.flavor;
        po.version = kind_.version;
        auto parsed = sql::parse_statement(text, po);
        if (!parsed) return {};  // a form that only this target has
        schema::resolve_options ro;
        ro.server = kind_;
        ro.foreign_key_checks = false;
        auto change = schema::resolve(*parsed, there_, ro);
        if (!change) return change.error().message();
        if (change->outcome == schema::change_outcome::refused)
            return change->refusal ? change->refusal->message() : "it contradicts the table";
        schema::apply(*change, there_);
        return {};
    }

    bool stop(const std::string& statement, const std::string& why, const std::string& more) {
        std::string text = fmt::format("the target would refuse: {} ({}){}", statement, why, more);
        if (ground_.past) {
            out_.reason += out_.reason.empty() ? "" : "; ";
            out_.reason += "as it is now, " + text;
        } else {
            out_ = stops(std::move(out_), std::move(text));
        }
        return false;
    }

    bool spares_columns(const schema::target_step& step, const std::vector<std::string>& before) {
        const table_name name = built_anew(step);
        const auto found = name.table.empty() ? nullptr : there_.find(name.schema, name.table);
        if (found == nullptr) return true;
        const std::string lost = lost_column_fault(*found, before);
        if (lost.empty()) return true;
        out_.notes.push_back("way out: " + std::string(lost_column_way_out));
        return stop(step.statement, lost, {});
    }

    bool has_rows(const table_name& name) const {
        if (!ground_.has_rows) return true;
        const auto has = ground_.has_rows(name);
        return !has || *has;
    }

    /// False: nothing can be said of the steps behind it.
    bool passes(const schema::target_step& step, const std::vector<std::string>& of_others) {
        if (step.table.table.empty()) return true;
        const auto found = there_.find(step.table.schema, step.table.table);
        const bool makes = step.wanted != nullptr && step.changes.empty();
        if (found == nullptr && !makes) {
            if (!ground_.past && (!step.idempotent || !step.changes.empty()))
                out_.notes.push_back("the target has no table " + quoted(step.table) + " now");
            return false;
        }
        const std::string lost =
            found != nullptr ? lacking_column_fault(step, *found, of_others) : std::string{};
        if (!lost.empty() && has_rows(step.table)) {
            out_.notes.push_back("way out: " + std::string(lacking_column_way_out));
            return stop(step.statement, lost, {});
        }
        const std::string why = refusal_of(step.statement);
        if (why.empty()) return true;
        if (found == nullptr || step.wanted == nullptr || step.already_done.empty())
            return stop(step.statement, why, {});
        const schema::step_state state = schema::compare_step(step, *found, ground_.target);
        if (!state.conflicts.empty())
            return stop(step.statement, why, fmt::format("; {}", fmt::join(state.conflicts, "; ")));
        if (state.there.empty()) return stop(step.statement, why, {});
        if (!state.rest.empty()) {
            const std::string behind = refusal_of(state.rest);
            if (!behind.empty())
                return stop(step.statement, behind, " behind what the target has already");
        }
        if (ground_.past) return true;  // an earlier run may have done it
        out_.notes.push_back(fmt::format(
            "on the target already as the statement makes it, so it is not done again: {}",
            fmt::join(state.there, ", ")));
        return true;
    }

    const ddl_ground& ground_;
    schema::catalog& there_;
    std::set<table_name>& asked_;
    explained_statement& out_;
    server_kind kind_;
};

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
