// What the rules would do with a stretch of binlog: counts per table, and every statement with its
// fate. Reads events, writes nothing.
#pragma once

#include <dmlib/binlog/byte_arena.hpp>
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/transaction_tracker.hpp>
#include <dmlib/schema/tracker.hpp>
#include <dmlib/sql/ast.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sync/ddl_ground.hpp>
#include <dmlib/sync/explained_statement.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// A table's definition when the statement comes; null where it is not known.
using definition_source = std::function<std::shared_ptr<const schema::table>(const table_name&)>;

/// What the servers have when a statement comes. What is left out is not told.
struct statement_surroundings {
    std::vector<table_name> tables{};  ///< of the source, all of them
    bool fold_names = false;           ///< the source does not tell upper from lower case
    /// Tables that the target has in a schema.
    std::function<result<std::vector<table_name>>(const std::string& schema)> on_target{};
    /// Asked where an event filter and the kind of the statement make it matter; without it the
    /// statement's words decide, and `reason` says so.
    definition_source definition{};
    /// Asked where the rules let the statement run (its names are qualified): what a run would
    /// plan it with. Not set: whether other tables and the target bear it is not told.
    std::function<result<ddl_ground>(const sql::statement&)> ground{};
    /// Of the source and its session.
    server_kind source{};
    std::uint64_t sql_mode = 0;
};

/// Asks the rules about a statement as the task would, and the engine and the target where
/// `around` has the ground for it. `definition` is asked where an event filter and the kind of the
/// statement make it matter; without it the statement's words decide, and `reason` says so.
DMLIB_DECL explained_statement explain_statement(rule_set& rules,
                                                 std::string_view text,
                                                 std::string_view default_schema,
                                                 const sql::parse_options& options,
                                                 const statement_surroundings& around = {});

/// Rows of one kind of change.
struct row_counts {
    std::uint64_t replicated = 0;
    std::uint64_t ignored = 0;   ///< by an event filter, or the table is not replicated
    std::uint64_t filtered = 0;  ///< by an expression filter
    /// End the task: an event filter with action Error, a column mapping that cannot take a value,
    /// a fault of the table's rules. `first_stop` says where.
    std::uint64_t stops = 0;
    /// The table has expression filters or mappings that could not be asked: `problems` says why.
    std::uint64_t unjudged = 0;
};

/// The first change of a table at which the task would stop. Later rows are counted all the same.
struct rehearsed_stop {
    std::string file;
    std::uint64_t pos = 0;  ///< of the event
    std::string gtid;
    std::string reason;
};

struct rehearsed_table {
    std::shared_ptr<const table_decision> decision;
    row_counts inserts;
    row_counts updates;
    row_counts deletes;
    std::map<std::string, std::uint64_t> by_expression;  ///< rows left out, by rule
    std::vector<std::string> problems;                   ///< each once
    std::optional<rehearsed_stop> first_stop;
};

/// A statement of the binlog with its place; or an event that a task would not pass.
struct rehearsed_statement {
    explained_statement what;
    std::string text;
    std::string schema;  ///< default schema
    std::string file;
    std::uint64_t pos = 0;
    std::string gtid;
    std::uint32_t timestamp = 0;
};

struct rehearsal_options {
    server_kind source;
    /// What was executed before the first event, where that is known.
    gtid_set start_gtids;
    /// The source's present definition of a table; asked only for tables with expression filters or
    /// column mappings. Not set: their rows are not judged.
    std::function<result<schema::table>(const table_name&)> definition;
    /// The definitions of the first event, for planning statements; asked at the first one that
    /// needs it. Not set: statements are judged by the rules alone, and their `reason` says so.
    std::function<result<ddl_ground>()> ground;
    /// Every statement as it comes, those of rolled back transactions too (DDL commits by itself).
    std::function<void(const rehearsed_statement&)> on_statement;
};

class ddl_foreteller;

/// Takes decoded events in order. Pure. Not thread safe.
class rehearsal {
public:
    DMLIB_DECL rehearsal(rule_set rules, rehearsal_options options);
    DMLIB_DECL ~rehearsal();
    rehearsal(const rehearsal&) = delete;
    rehearsal& operator=(const rehearsal&) = delete;

    /// Errors: what makes the binlog unreadable (binlog_corrupt, binlog_grammar).
    DMLIB_DECL result<void> on_event(const binlog::event& e);

    const std::map<table_name, rehearsed_table>& tables() const noexcept { return tables_; }
    std::uint64_t transactions() const noexcept { return transactions_; }
    bool in_transaction() const noexcept { return grammar_.in_transaction(); }
    /// Behind the last whole transaction.
    const location& done() const noexcept { return done_; }

private:
    struct mapped_column {
        std::size_t place = 0;  ///< in the image
        const column_mapping* mapping = nullptr;
        std::string default_of;  ///< the column's name, where it has a default
    };
    struct mapped_table {
        rehearsed_table* counts = nullptr;
        std::shared_ptr<const row_filter> filter;
        std::vector<mapped_column> mapped;
        std::vector<binlog::column_facts> facts;
        bool judged = false;  ///< filter and mappings are known
        std::string fault;    ///< why the task stops at each row; "" = it does not
    };
    struct pending_row_count {
        std::uint64_t* counter;
        std::uint64_t rows;
    };
    struct pending_stop {
        rehearsed_table* table;
        rehearsed_stop stop;
    };
    result<void> dispatch(const binlog::event& e, const binlog::tracked& step);
    void on_map(const binlog::table_map_event& m);
    void load_facts(mapped_table& t, const binlog::table_map& map);
    void load_rules(mapped_table& t, const binlog::table_map& map);
    result<void> on_rows(const binlog::event& e, const binlog::rows_event& rows);
    result<void> judge(const binlog::event& e,
                       mapped_table& t,
                       const binlog::rows_event& rows,
                       row_counts& counts);
    std::string mapping_fault(const mapped_table& t);  // of the row in before_ and after_
    void stop_at(const binlog::event& e, mapped_table& t, std::string reason);
    void on_query(const binlog::event& e, const binlog::query& q, const binlog::tracked& step);
    void foretell(const binlog::event& e, explained_statement& what);
    void tell(const binlog::event& e,
              explained_statement what,
              std::string_view text,
              std::string_view schema);
    void count(std::uint64_t& counter, std::uint64_t rows);

    rule_set rules_;
    rehearsal_options options_;
    binlog::transaction_tracker grammar_;
    std::map<table_name, rehearsed_table> tables_;
    std::unordered_map<const binlog::table_map*, mapped_table> maps_;
    std::vector<std::shared_ptr<const binlog::table_map>> alive_;
    std::vector<pending_row_count> pending_;
    std::vector<pending_stop> pending_stops_;
    std::vector<value_view> before_;
    std::vector<value_view> after_;
    binlog::byte_arena arena_;
    std::string file_;
    location done_;
    std::uint64_t transactions_ = 0;
    std::unique_ptr<ddl_foreteller> foreteller_;
    std::string no_ground_;  ///< why there is none
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/rehearsal.ipp>
#endif
