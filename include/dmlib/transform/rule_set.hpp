// All rules of one source compiled: one cached decision per table, and explanations.
#pragma once

#include <dmlib/model/names.hpp>
#include <dmlib/transform/event_kind.hpp>
#include <dmlib/transform/filter.hpp>
#include <dmlib/transform/mapper.hpp>
#include <dmlib/transform/router.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// What happens to one event, and which rule said so.
struct event_verdict {
    filter_action action = filter_action::replicate;
    std::string rule;  ///< "filters user-filter-1 (events: truncate table)"; "" where no rule spoke
};

/// Everything the rules say about one table of the source.
struct table_decision {
    table_name source;
    bool replicate = false;
    /// What decided: "block-allow-list instance-1 do-dbs[0]", "system schema mysql", "default".
    std::string rule;
    table_name target;  ///< equals source where no route applies
    std::string route;  ///< "routes rule1"; "" where none applies
    rule_place route_place;
    std::vector<std::uint32_t> event_rules;  ///< indexes into rule_set::event_rules()
    event_verdict on_insert;                 ///< asked once per table, not per row
    event_verdict on_update;
    event_verdict on_delete;
    std::vector<extracted_column> extracted;
    std::vector<column_mapping> mappings;
    std::vector<row_filter_rule> row_filters;
    std::optional<int> row_time_zone;  ///< see filter::row_time_zone
    /// Faults that make the table impossible to replicate (two routes, ...); the task must not go
    /// on where `replicate` is true and this is not empty.
    std::vector<error> problems;

    DMLIB_DECL const event_verdict& dml(event_kind kind) const noexcept;
};

/// The decision's row filters against the table's definition; null where it has none. Errors: as
/// row_filter::compile.
DMLIB_DECL result<std::shared_ptr<const row_filter>> compile_row_filter(
    const table_decision& decision,
    const schema::table& table,
    std::span<const std::size_t> image_columns,
    const server_kind& source);

/// One change that a DDL statement makes, as rules name it.
struct ddl_part {
    /// Every name of the change, the most exact one first: a rule that has any of them is about it.
    std::vector<event_kind> kinds;
    /// What it does besides. Only rules with the action Error are asked about these.
    std::vector<event_kind> also;

    ddl_part() = default;
    ddl_part(event_kind kind) : kinds{kind} {}  // NOLINT(google-explicit-constructor)
    ddl_part(std::vector<event_kind> names, std::vector<event_kind> besides)
        : kinds(std::move(names)), also(std::move(besides)) {}
    bool operator==(const ddl_part&) const = default;
};

/// A DDL statement about one table (or, with an empty table name, one schema).
struct ddl_question {
    table_name name;  ///< as resolved with the session's default schema
    event_kind kind = event_kind::other;
    std::vector<ddl_part> parts;  ///< its changes in order; empty: `kind` says it all
    std::string_view sql;         ///< original text, for sql-pattern
};

struct ddl_decision {
    filter_action action = filter_action::replicate;
    std::string rule;   ///< what decided; never empty where action is not replicate
    table_name target;  ///< routed name; table empty for a schema
    /// One verdict per part where the parts differ; then `action` is the strictest (error beats
    /// ignore beats replicate) and `mixed` is set: leave out the ignored parts, or refuse it.
    std::vector<event_verdict> parts;
    bool mixed = false;
    std::vector<error> problems;
};

/// A rule, or an entry of a list, and whether it is about any of the given names.
struct rule_use {
    std::string title;    ///< "routes rule1", "block-allow-list instance-1 do-dbs[0]"
    std::string pattern;  ///< "shop_*.order_*", as written
    rule_place place;
    bool matches = false;
    /// Where it matches none: a name that it would take if case did not count.
    std::optional<table_name> in_other_case;
};

/// The compiled rules of one source. decide() fills a cache: use one object per thread, or guard
/// it.
class rule_set {
public:
    /// Names of tables that decisions are kept for; the cache is emptied when it is full.
    static constexpr std::size_t max_cached_tables = 200'000;

    DMLIB_DECL rule_set();
    DMLIB_DECL rule_set(rule_set&&) noexcept;
    DMLIB_DECL rule_set& operator=(rule_set&&) noexcept;
    DMLIB_DECL ~rule_set();

    /// Checks and compiles. Errors: the first problem; `check` gives all of them.
    DMLIB_DECL static result<rule_set> compile(const filter& f,
                                               const router& r,
                                               const mapper& m,
                                               std::string source_id);
    /// Every problem of the rules (config_rule), in the order of the rules.
    DMLIB_DECL static std::vector<error> check(const filter& f, const router& r, const mapper& m);

    /// The decision about a table, computed once. Keep the pointer with the table's other facts.
    DMLIB_DECL std::shared_ptr<const table_decision> decide(const table_name& source);
    /// True where statements on the schema itself (CREATE DATABASE) pass the block-allow list.
    DMLIB_DECL bool replicates_schema(std::string_view schema) const;
    /// Where the schema goes by schema routes. Errors: sync_target_route.
    DMLIB_DECL result<std::string> route_schema(std::string_view schema) const;
    DMLIB_DECL ddl_decision decide_ddl(const ddl_question& question);

    /// Every rule, in the order of the blocks. A name without a table is a schema.
    DMLIB_DECL std::vector<rule_use> uses(std::span<const table_name> names) const;

    const std::vector<event_filter_rule>& event_rules() const noexcept;
    /// Several lines for people: kept or dropped, by what, where to, which event rules apply.
    DMLIB_DECL std::string explain(const table_name& source);

private:
    struct compiled;
    DMLIB_DECL static rule_set build(const filter& f,
                                     const router& r,
                                     const mapper& m,
                                     std::vector<error>& problems);
    std::unique_ptr<compiled> compiled_;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/rule_set.ipp>
#endif
