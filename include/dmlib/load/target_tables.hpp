// The target's side of a full copy's tables: made where they are missing, compared where they
// exist.
#pragma once

#include <dmlib/checkpoint/chunk_ledger.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/core/seams.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/schema/target_form.hpp>

#include <optional>
#include <set>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

/// What a definition's form depends on, asked from the target.
DMLIB_DECL result<schema::target_facts> read_target_facts(mysql::session& s,
                                                          const mysql::server_facts& facts);

/// The target's definition of a table; nothing where it has none.
DMLIB_DECL result<std::optional<schema::table>> read_target_table(mysql::session& s,
                                                                  const mysql::server_facts& facts,
                                                                  const table_name& name);
DMLIB_DECL result<bool> is_empty_table(mysql::session& s, const table_name& name);
/// Removes every row. TRUNCATE where the target lets it, else DELETE.
DMLIB_DECL result<void> empty_table(mysql::session& s, const table_name& name);

/// Schemas and tables on the target. One thread.
class target_tables {
public:
    DMLIB_DECL target_tables(mysql::session& s,
                             const mysql::server_facts& facts,
                             schema::target_facts form,
                             const server_kind& source,
                             log_sink log);

    /// CREATE DATABASE where it is missing.
    DMLIB_DECL result<void> ensure_schema(const schema::database& source, const std::string& name);
    /// CREATE TABLE of the nearest form that the target holds; what changes is logged.
    /// `keys_later`: without the keys that add_late_keys() adds. Errors: load_definition.
    DMLIB_DECL result<void> create(const schema::table& source,
                                   const table_name& name,
                                   const schema::route_function& route,
                                   bool keys_later = false);
    /// Adds the keys that create() left out, as far as they are missing. Errors: load_definition.
    DMLIB_DECL result<void> add_late_keys(const schema::table& source, const table_name& name);

private:
    mysql::session& session_;
    const mysql::server_facts& facts_;
    schema::target_facts form_;
    server_kind source_;
    log_sink log_;
    std::set<std::string> known_schemas_;
};

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/load/impl/target_tables.ipp>
#endif
