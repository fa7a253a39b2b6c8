// What planning a DDL statement needs to know of the servers.
#pragma once

#include <dmlib/schema/target_form.hpp>
#include <dmlib/schema/tracker.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <functional>
#include <optional>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// The definitions that a statement meets, and the settings that its effect depends on.
struct ddl_ground {
    explicit ddl_ground(schema::tracker known) : definitions(std::move(known)) {}

    schema::tracker definitions;      ///< of the source, as far as the statement may concern them
    schema::resolve_options resolve;  ///< sql_mode and default schema come from each statement
    schema::target_facts target;
    /// Tables of the source with another history than `definitions` knows for sure: the target's
    /// definition stands for theirs, or none does.
    std::set<table_name> unsure;
    bool past = false;  ///< the statements ran on the source, from these definitions on
    /// The rules, compiled anew for each statement.
    std::function<result<rule_set>()> rules;
    /// The table that the target has now; not set: the target is not asked. Of statements of the
    /// past it is not known whether it had the same: then its refusal is only a doubt.
    std::function<result<std::optional<schema::table>>(const table_name&)> on_target;
    /// Whether a table of the target has rows; not set: each one is taken for one that has.
    std::function<result<bool>(const table_name&)> has_rows;
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
