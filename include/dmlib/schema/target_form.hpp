// Definitions and DDL in the form that a target accepts (docs/target-forms.md): the same rows fit,
// keys that are different on the source are different on the target, and what changes is said.
#pragma once

#include <dmlib/schema/catalog.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/ast.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

/// What is known of the target. Empty sets: the compiled-in list of that dialect and version.
struct target_facts {
    target_dialect dialect = target_dialect::mysql;
    server_version version;
    std::set<std::string> collations;  ///< of SHOW COLLATION, as the target spells them
    std::set<std::string> engines;     ///< lower case, of SHOW ENGINES, that are usable
    std::string default_collation;     ///< collation_server
    bool no_unicode_check = false;
    bool folds_names = false;  ///< names of tables that differ only in case are one there
    /// Seconds east of UTC of the session in which statements run, where that is not UTC: defaults
    /// of TIMESTAMP columns, which definitions hold in UTC, are written for it.
    std::int32_t time_zone_offset = 0;
};

/// A definition in the target's form.
struct target_table {
    table definition;                   ///< what the target will hold, names routed
    std::string statement;              ///< CREATE TABLE text; empty where there are errors
    std::vector<std::string> warnings;  ///< what changes, one sentence each
    std::vector<std::string> errors;    ///< why there is no safe form, with a way out each
};

/// Where a source table goes. Identity where nothing is routed.
using route_function = std::function<table_name(const table_name&)>;

/// The nearest form of `source` that the target can hold.
DMLIB_DECL target_table create_for_target(const table& source,
                                          const server_kind& server,
                                          const target_facts& target,
                                          const route_function& route = {});

/// Takes the keys off the end of `t` that can be made when its rows are there already: those that
/// are not unique, and that neither AUTO_INCREMENT nor a foreign key of `t` needs. One look at all
/// rows makes such a key faster than one descent per row does. The order of the keys stays that of
/// the definition. Empty where the engine is not InnoDB. That no other table's foreign key refers
/// to one of them is the caller's to know.
DMLIB_DECL std::vector<key> take_late_keys(table& t);

/// CREATE TABLE of a definition that create_for_target() made.
DMLIB_DECL std::string create_statement(const table& definition, const target_facts& target);
/// One ALTER TABLE that adds `keys`. Precondition: keys is not empty.
DMLIB_DECL std::string add_keys_statement(const table_name& name,
                                          const std::vector<key>& keys,
                                          const target_facts& target);

/// CREATE DATABASE for a schema of the source.
DMLIB_DECL std::string create_schema_for_target(const database& source,
                                                std::string_view name,
                                                const server_kind& server,
                                                const target_facts& target);

/// What a clause of ALTER TABLE makes, so that the target's table can be asked for it.
enum class change_kind : std::uint8_t {
    other,
    add_column,
    drop_column,
    modify_column,  ///< also to another place only
    rename_column,  ///< also with another definition; `name` is the old name
    add_key,
    drop_key,
    add_foreign_key,
    drop_foreign_key,
    add_check,
    drop_check,
};

/// One clause of an ALTER TABLE.
struct target_change {
    std::string text;
    change_kind kind = change_kind::other;
    std::string name;
    std::string to;  ///< of rename_column
};

/// One statement to run on the target, in a session with sql_mode
/// 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', foreign_key_checks=0 and, where it can be set,
/// explicit_defaults_for_timestamp=1. A step that is neither idempotent nor has `already_done` is
/// to be run again from the first step of its DDL when a crash leaves it open.
struct target_step {
    std::string statement;
    table_name table;         ///< target table it touches; empty names: a schema or none
    bool idempotent = false;  ///< running it twice does no harm (IF [NOT] EXISTS forms)
    /// Server error numbers that mean "was done before": taken as success after a crash.
    std::vector<int> already_done;
    /// Of CREATE TABLE and ALTER TABLE: the target's table as the statement leaves it, in so far as
    /// the source knows; else null. See compare_step().
    std::shared_ptr<const schema::table> wanted;
    std::vector<target_change> changes;  ///< of ALTER TABLE, in order; empty: CREATE TABLE
};

/// What of a step that the target refused is on the target already.
struct step_state {
    std::vector<std::string> there;      ///< as the step makes it: "column `a`"
    std::vector<std::string> conflicts;  ///< under the same name and different; how, one each
    std::vector<std::string> remarks;    ///< differences that no row can get lost by
    /// Columns of `there` that the step adds, as they are: it would give rows their defaults. What
    /// rows have in them, only they tell; see other_values_query().
    std::vector<column> added;
    std::string rest;  ///< the statement for what is missing; empty: nothing is
};

/// Compares a refused step with the table that the target has. Another table of the source that is
/// merged into it, or a person, may have done the same before. Without `wanted` nothing is there.
DMLIB_DECL step_state compare_step(const target_step& step,
                                   const table& found,
                                   const target_facts& target);

/// A query that finds a row if any has another value in `c` than ADD COLUMN of `c` gives to rows
/// that are there. Precondition: `c` is no generated column, and its default is a constant.
DMLIB_DECL std::string other_values_query(const table_name& name, const column& c);

/// DDL for the target.
struct target_ddl {
    std::vector<target_step> steps;  ///< in order; empty: nothing to do on the target
    std::vector<std::string> warnings;
    std::vector<std::string> notices;  ///< statements left out on purpose (views, triggers, ...)
    std::vector<std::string> errors;   ///< not empty: the task has to stop, with the way out
};

/// The statements that have on the target the effect that `change` has on the source. `before` is
/// the catalog without the change, `after` with it. Built from the definitions and not from the
/// text, so that no default of the target's session matters.
DMLIB_DECL target_ddl rewrite_for_target(const sql::statement& statement,
                                         const resolved_change& change,
                                         const catalog& before,
                                         const catalog& after,
                                         const server_kind& server,
                                         const target_facts& target,
                                         const route_function& route = {});

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/rewrite.ipp>
#include <dmlib/schema/impl/step_state.ipp>
#include <dmlib/schema/impl/target_form.ipp>
#endif
