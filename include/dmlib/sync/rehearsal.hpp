// What the rules would do with a stretch of binlog: counts per table, and every statement with its
// fate. Reads events, writes nothing.
#pragma once

#include <dmlib/binlog/byte_arena.hpp>
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/transaction_tracker.hpp>
#include <dmlib/schema/tracker.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

enum class statement_fate : std::uint8_t {
    runs,            ///< goes to the target, where its form may differ
    left_out,        ///< by a rule
    not_replicated,  ///< no table's definition is in it: views, routines, grants, ...
    stops,           ///< ends the task with an error
};
/// "runs", "left-out", "not-replicated", "stops".
DMLIB_DECL std::string_view to_text(statement_fate fate) noexcept;

/// What the rules say about one statement.
struct explained_statement {
    statement_fate fate = statement_fate::runs;
    std::string kind;                 ///< "alter_table"; "" where it cannot be parsed
    std::vector<table_name> tables;   ///< of the source; a schema has an empty table name
    std::vector<table_name> targets;  ///< where each of them goes; only for `runs`
    std::string rule;                 ///< what decided; "" where no rule spoke against it
    /// For not_replicated and stops: one sentence. For the others what is uncertain, if anything.
    std::string reason;
};

/// A table's definition when the statement comes; null where it is not known.
using definition_source = std::function<std::shared_ptr<const schema::table>(const table_name&)>;

/// Asks the rules about a statement as the task would. Whether the target can take it is not
/// asked: that needs the definitions of its moment. `definition` is asked where an event filter
/// and the kind of the statement make it matter; without it the statement's words decide, and
/// `reason` says so.
DMLIB_DECL explained_statement explain_statement(rule_set& rules,
                                                 std::string_view text,
                                                 std::string_view default_schema,
                                                 const sql::parse_options& options,
                                                 const definition_source& definition = {});

/// Rows of one kind of change.
struct row_counts {
    std::uint64_t replicated = 0;
    std::uint64_t ignored = 0;   ///< by an event filter, or the table is not replicated
    std::uint64_t filtered = 0;  ///< by an expression filter
    std::uint64_t stops = 0;     ///< an event filter with action Error: ends the task
    /// The table has expression filters that could not be asked: `problems` says why.
    std::uint64_t unjudged = 0;
};

struct rehearsed_table {
    std::shared_ptr<const table_decision> decision;
    row_counts inserts;
    row_counts updates;
    row_counts deletes;
    std::map<std::string, std::uint64_t> by_expression;  ///< rows left out, by rule
    std::vector<std::string> problems;                   ///< each once
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
    /// The source's present definition of a table; asked only for tables with expression filters.
    /// Not set: their rows are not judged.
    std::function<result<schema::table>(const table_name&)> definition;
    /// Every statement as it comes, those of rolled back transactions too (DDL commits by itself).
    std::function<void(const rehearsed_statement&)> on_statement;
};

/// Takes decoded events in order. Pure. Not thread safe.
class rehearsal {
public:
    DMLIB_DECL rehearsal(rule_set rules, rehearsal_options options);

    /// Errors: what makes the binlog unreadable (binlog_corrupt, binlog_grammar).
    DMLIB_DECL result<void> on_event(const binlog::event& e);

    const std::map<table_name, rehearsed_table>& tables() const noexcept { return tables_; }
    std::uint64_t transactions() const noexcept { return transactions_; }
    bool in_transaction() const noexcept { return grammar_.in_transaction(); }
    /// Behind the last whole transaction.
    const location& done() const noexcept { return done_; }

private:
    struct mapped_table {
        rehearsed_table* counts = nullptr;
        std::shared_ptr<const row_filter> filter;
        std::vector<std::uint8_t> is_unsigned;
    };
    struct pending_row_count {
        std::uint64_t* counter;
        std::uint64_t rows;
    };
    result<void> dispatch(const binlog::event& e, const binlog::tracked& step);
    void on_map(const binlog::table_map_event& m);
    void load_filter(mapped_table& t, const binlog::table_map& map);
    result<void> on_rows(const binlog::rows_event& rows);
    result<void> judge(mapped_table& t, const binlog::rows_event& rows, row_counts& counts);
    void on_query(const binlog::event& e, const binlog::query& q, const binlog::tracked& step);
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
    std::vector<value_view> before_;
    std::vector<value_view> after_;
    binlog::byte_arena arena_;
    std::string file_;
    location done_;
    std::uint64_t transactions_ = 0;
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/rehearsal.ipp>
#endif
