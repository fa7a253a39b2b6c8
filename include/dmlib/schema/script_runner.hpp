// Runs the DDL of a SQL script on an empty catalog and reports what each statement does: the body
// of `dmlib schema` (docs/formats.md).
#pragma once

#include <dmlib/schema/resolve.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

struct script_options {
    server_kind server;
    std::string database;  ///< exists from the start and is the default; may be empty
    std::string charset;   ///< of the empty catalog; empty: compiled-in
    std::string collation;
    int lower_case_table_names = 0;
};

enum class statement_result : std::uint8_t { applied, no_effect, refused, unparsed };

struct script_entry {
    std::size_t number = 0;  ///< from 1
    std::size_t line = 0;    ///< of its first token, from 1
    std::string kind;
    statement_result outcome = statement_result::no_effect;
    std::vector<table> tables;  ///< created or changed, as they now are
    std::vector<table_name> dropped;
    std::string error;
};

/// Session state of a script: USE, SET NAMES, SET sql_mode, DELIMITER. Not thread safe.
class script_runner {
public:
    DMLIB_DECL explicit script_runner(script_options options);
    /// Runs a whole script; entries are given to `report` in order. True: nothing was unparsed.
    DMLIB_DECL bool run(std::string_view script,
                        const std::function<void(const script_entry&)>& report);
    /// Runs one statement.
    DMLIB_DECL script_entry run_statement(std::string_view text);
    const catalog& definitions() const noexcept { return catalog_; }
    const resolve_options& session() const noexcept { return session_; }

private:
    script_options options_;
    resolve_options session_;
    catalog catalog_;
    std::size_t count_ = 0;
    std::set<std::string> temporary_;                ///< "schema.table", folded
    std::map<std::string, sql::literal> variables_;  ///< of the user, lower case, where known
};

/// One TABLE object of the contract.
DMLIB_DECL std::string table_json(const table& t, const server_kind& server);
/// One line of `dmlib schema --json`, without the line break.
DMLIB_DECL std::string entry_json(const script_entry& entry, const server_kind& server);

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/script_runner.ipp>
#include <dmlib/schema/impl/table_json.ipp>
#endif
