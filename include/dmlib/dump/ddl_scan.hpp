// Which tables did DDL touch between two places of the binlog? The proof that definitions read at
// one moment are those of a snapshot taken at another rests on this (docs/rooms/dump.md).
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/position.hpp>
#include <dmlib/mysql/options.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/sql/parser.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

/// What one statement touches.
struct ddl_touch {
    std::vector<table_name> tables;    ///< every table named, sources of LIKE included
    std::vector<std::string> schemas;  ///< whole schemas (DROP DATABASE)
    std::vector<table_name> made;      ///< those of `tables` that were not there before it
    bool everything = false;           ///< not understood: take it for a change of any table
    bool empty() const noexcept { return tables.empty() && schemas.empty() && !everything; }
};

/// Reads a QUERY event's text. DML, grants, views, routines, temporary tables touch nothing.
DMLIB_DECL ddl_touch touched_by(std::string_view text,
                                const std::string& default_schema,
                                const sql::parse_options& options);

/// The statements between two places.
struct ddl_history {
    std::vector<ddl_touch> touches;  ///< in order
    /// An XA transaction was committed whose prepare stands before the first place: a snapshot
    /// there did not see its rows, and its row events are not behind that place.
    bool foreign_xa_commit = false;

    /// `fold` makes names comparable (lower_case_table_names).
    using fold_function = std::function<std::string(std::string_view)>;
    DMLIB_DECL bool touches_any(const std::set<table_name>& folded,
                                const fold_function& fold) const;
    /// The tables that statements tie to any of `folded` (a rename's other name, LIKE's other
    /// table, and so on, transitively), those of them that were touched included. Of `all` and of
    /// the names in the statements; folded.
    DMLIB_DECL std::set<table_name> tied_to(const std::set<table_name>& folded,
                                            const std::set<table_name>& all,
                                            const fold_function& fold) const;
};

/// Reads the source's binlog from `from` to `to`. Errors: binlog_purged; db_privilege.
/// `connected` gets a canceller of the stream.
DMLIB_DECL result<ddl_history> scan_ddl(const mysql::connect_options& source,
                                        const mysql::server_facts& facts,
                                        const binlog_position& from,
                                        const binlog_position& to,
                                        std::uint32_t server_id,
                                        const std::function<void(mysql::canceller)>& connected);

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dump/impl/ddl_scan.ipp>
#endif
