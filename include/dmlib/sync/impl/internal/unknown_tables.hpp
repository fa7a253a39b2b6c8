// Tables of the source that the rules take and that the task knows no definition of: what is said
// of them at a start, and when the first statement or row of one comes.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/schema/catalog.hpp>
#include <dmlib/sql/ast.hpp>

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

inline std::string way_for_unknown(const table_name& name) {
    return "Leave " + quoted(name) +
           " out (block-allow-list: ignore-tables) and run again; copy it with a task of its own "
           "(another name), which goes on replicating it.";
}

/// The first row of such a table.
inline error unknown_rows(const table_name& name) {
    return error{errc::sync_no_table,
                 "Rows of " + quoted(name) +
                     " arrived, whose definition the task does not know: the rules left the table "
                     "out when the task began and take it now, or what made it is not in the "
                     "binlog that the task read. Its earlier rows were never copied."}
        .workaround(way_for_unknown(name))
        .table(name.schema, name.table);
}

/// For a statement that was refused with `refusal` since a table is not known: what is true of
/// that table. `takes`: the rules do.
inline std::optional<error> unknown_in(const sql::statement& s,
                                       const std::vector<table_name>& names,
                                       const std::string& refusal,
                                       const std::function<bool(const table_name&)>& takes) {
    const auto meant = [&](const table_name& n) {
        return refusal == "table '" + n.schema + "." + n.table + "' doesn't exist";
    };
    const auto* create = s.get<sql::create_table_statement>();
    if (create != nullptr && create->like && meant(*create->like)) {
        const table_name& from = *create->like;
        const table_name& made = names.empty() ? create->table : names.front();
        return error{
            errc::sync_ddl_unresolved,
            "CREATE TABLE " + quoted(made) + " LIKE " + quoted(from) +
                (takes(from) ? ": the task does not know the definition of " + quoted(from) +
                                   ", which the rules left out when the task began, or whose own "
                                   "statement is not in the binlog that the task read."
                             : ": the rules leave out " + quoted(from) +
                                   ", so the task does not know its definition.")}
            .workaround(way_for_unknown(made))
            .table(made.schema, made.table);
    }
    for (const table_name& n : names) {
        if (n.table.empty() || !meant(n)) continue;
        return error{errc::sync_ddl_unresolved,
                     "The statement is about " + quoted(n) +
                         ", whose definition the task does not know: the rules left the table out "
                         "when the task began and take it now, or what made it is not in the "
                         "binlog that the task read. Its earlier rows were never copied." +
                         (s.get<sql::rename_table_statement>() == nullptr
                              ? ""
                              : " Where it is a view, leave the statement out with an event filter "
                                "(sql-pattern) and run it on the target for the tables that it "
                                "renames beside.")}
            .workaround(way_for_unknown(n))
            .table(n.schema, n.table);
    }
    return std::nullopt;
}

inline error refused_statement(const sql::statement& s,
                               const std::vector<table_name>& names,
                               const std::optional<error>& refusal,
                               const std::function<bool(const table_name&)>& takes) {
    if (!refusal)
        return error{errc::sync_ddl_unresolved, "the statement contradicts the tracked tables"};
    if (auto unknown = unknown_in(s, names, refusal->message(), takes)) return *unknown;
    return error{errc::sync_ddl_unresolved, refusal->message()};
}

/// At a start that goes on: a few of the names, and what to do.
inline std::string unknown_at_start(const std::vector<table_name>& names,
                                    const std::string& place) {
    constexpr std::size_t few = 5;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < few; ++i)
        text += (i == 0 ? "" : ", ") + quoted(names[i]);
    if (names.size() > few) text += fmt::format(" and {} more", names.size() - few);
    return fmt::format(
        "{} table(s) of the source are taken by the rules and not known to the task at {}: {}. "
        "Those made since come with the binlog; where the rules were widened instead, rows of "
        "before were never copied and the task stops at the first change: leave such a table out "
        "(block-allow-list: ignore-tables) and copy it with a task of its own (another name).",
        names.size(),
        place,
        text);
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
