// DDL statements as the rules name them: DM's event kinds and the tables they are about.
#pragma once

#include <dmlib/sql/ast.hpp>
#include <dmlib/transform/event_kind.hpp>

#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// The kind of a statement; other for what the rules have no name for.
DMLIB_DECL event_kind kind_of(const sql::statement& s) noexcept;
/// The kinds of an ALTER TABLE's changes, in order; empty for other statements.
DMLIB_DECL std::vector<event_kind> parts_of(const sql::statement& s);
/// The tables a statement is about, old and new names; a schema has an empty table name. Names
/// must be qualified already. Tables that are only referred to (foreign keys, LIKE) are left out.
DMLIB_DECL std::vector<table_name> subjects_of(const sql::statement& s);

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/ddl_kinds.ipp>
#endif
