// DDL statements as the rules name them: DM's event kinds and the tables they are about.
#pragma once

#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// The kind of a statement; other for what the rules have no name for.
DMLIB_DECL event_kind kind_of(const sql::statement& s) noexcept;
/// The changes that a statement makes, in order; empty where kind_of says it all. `before` and
/// `after`: the table's definition without and with the statement, where they are known. Without
/// them MODIFY and CHANGE are named by their words (modify column, or what they write about name
/// and place), and a key that is dropped is not known to be unique.
DMLIB_DECL std::vector<ddl_part> parts_of(const sql::statement& s,
                                          const schema::table* before = nullptr,
                                          const schema::table* after = nullptr);
/// The same with the definition that `known` has of the statement's table, and what the statement
/// makes of it. Names must be qualified already.
DMLIB_DECL std::vector<ddl_part> parts_of(const sql::statement& s,
                                          const schema::catalog& known,
                                          const schema::resolve_options& options);
/// True where parts_of says more, or something else, with the definition of the table.
DMLIB_DECL bool parts_need_definition(const sql::statement& s);

/// The tables a statement is about, old and new names; a schema has an empty table name. Names
/// must be qualified already. Tables that are only referred to (foreign keys, LIKE) are left out.
DMLIB_DECL std::vector<table_name> subjects_of(const sql::statement& s);

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/ddl_kinds.ipp>
#endif
