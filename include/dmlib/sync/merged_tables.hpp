// What a statement about one of several tables that go into the same table of the target does to
// the rows of the others.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/schema/catalog.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// A statement with the source's tables before and behind it, and what it becomes on the target.
/// What it refers to has to outlive it.
struct planned_statement {
    const sql::statement& statement;
    const schema::resolved_change& change;
    const schema::catalog& before;
    const schema::catalog& after;
    const std::vector<schema::target_step>& steps;
    const server_kind& source;
    const schema::target_facts& target;
    bool strict = true;  ///< the source's session had strict mode, and so has the target's
};

/// Why the statement must not run: on the target it would take away, move, rename or change values
/// of other tables of the source that have their rows in the same table there. Nothing where it
/// leaves them alone, or where the target refuses it by itself as long as there is such a value.
/// The error (sync_ddl_refused) names the other table and has a way out. Pure.
DMLIB_DECL std::optional<error> harm_to_merged_tables(rule_set& rules, const planned_statement& s);

/// The same of a statement with qualified names about the tables of `known`, which have to be its
/// own and all others that go to the same tables of the target. Strict or not: options.sql_mode.
/// Nothing, too, where the statement cannot be resolved or has no form on the target: that has
/// reasons of its own.
DMLIB_DECL std::optional<error> harm_to_merged_tables(rule_set& rules,
                                                      const sql::statement& statement,
                                                      const schema::catalog& known,
                                                      const schema::resolve_options& options,
                                                      const schema::target_facts& target);

/// The tables of `all` that the one above needs of a statement, with the definitions that
/// `definition` knows of them.
DMLIB_DECL schema::catalog merged_tables_of(
    rule_set& rules,
    const sql::statement& statement,
    const std::vector<table_name>& all,
    const std::function<std::shared_ptr<const schema::table>(const table_name&)>& definition,
    bool fold_names = false);

/// Whether a session with this sql_mode (the mask of a QUERY event) is in strict mode.
DMLIB_DECL bool is_strict_mode(std::uint64_t sql_mode) noexcept;

/// Columns of the target's tables of `s` that other tables of the source have as well.
DMLIB_DECL std::vector<std::string> columns_of_merged_tables(rule_set& rules,
                                                             const planned_statement& s);

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/merged_tables.ipp>
#endif
