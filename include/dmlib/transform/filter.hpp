// Filter: what of a source is replicated. A plain description; rule_set (rule_set.hpp) compiles it.
#pragma once

#include <dmlib/transform/pattern.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// A block-allow list, evaluated in MySQL's order: do_dbs (or, where it is empty, ignore_dbs), then
/// do_tables, then ignore_tables. All empty: everything passes. Texts are name_pattern's.
struct block_allow_list {
    std::string name{};  ///< in explanations; "" is written as "block-allow-list"
    std::vector<std::string> do_dbs{};
    std::vector<std::string> ignore_dbs{};
    std::vector<table_pattern> do_tables{};
    std::vector<table_pattern> ignore_tables{};
    std::map<std::string, rule_place> places{};  ///< of entries: "do-dbs[0]"
    bool operator==(const block_allow_list&) const = default;
};

enum class filter_action : std::uint8_t {
    replicate,  ///< DM's Do: only what the rule names passes
    ignore,     ///< DM's Ignore: what the rule names is left out
    error,      ///< DM's Error: what the rule names pauses the task
};

/// One rule of a binlog event filter.
struct event_filter_rule {
    std::string name{};
    std::string schema_pattern{};
    std::string table_pattern{};        ///< empty: statements on the schema itself, and every table
    std::vector<std::string> events{};  ///< names of event_kind and its groups
    std::vector<std::string> sql_pattern{};  ///< RE2, without case, on the original text of DDL
    filter_action action = filter_action::ignore;
    rule_place place{};
    bool operator==(const event_filter_rule&) const = default;
};

/// Which tables and events of a source are replicated. Fluent; never fails here: rule_set::compile
/// checks it.
class filter {
public:
    /// "schema.table" or "schema", both with patterns. Where there is any, a table has to be named
    /// by one of them (and pass the block-allow list).
    DMLIB_DECL filter& allow(std::string_view pattern);
    /// What it names is left out, whatever `allow` says.
    DMLIB_DECL filter& block(std::string_view pattern);
    /// Replaces the block-allow list.
    DMLIB_DECL filter& list(block_allow_list rules);
    DMLIB_DECL filter& events(event_filter_rule rule);
    /// Leaves out rows because of their values.
    DMLIB_DECL filter& rows(row_filter_rule rule);
    /// Where TIMESTAMP values stand when such rules look at them: minutes ahead of UTC.
    DMLIB_DECL filter& row_time_zone(int minutes);
    /// Compare names with case. Default: without.
    DMLIB_DECL filter& case_sensitive(bool on);
    /// A schema that is never replicated: the task's own (dm_meta).
    DMLIB_DECL filter& meta_schema(std::string_view name);

    const std::vector<table_pattern>& allowed() const noexcept { return allowed_; }
    const std::vector<table_pattern>& blocked() const noexcept { return blocked_; }
    const block_allow_list& list() const noexcept { return list_; }
    const std::vector<event_filter_rule>& events() const noexcept { return events_; }
    const std::vector<row_filter_rule>& rows() const noexcept { return rows_; }
    std::optional<int> row_time_zone() const noexcept { return row_time_zone_; }
    bool case_sensitive() const noexcept { return case_sensitive_; }
    const std::vector<std::string>& meta_schemas() const noexcept { return meta_schemas_; }

private:
    std::vector<table_pattern> allowed_;
    std::vector<table_pattern> blocked_;
    block_allow_list list_;
    std::vector<event_filter_rule> events_;
    std::vector<row_filter_rule> rows_;
    std::optional<int> row_time_zone_;
    std::vector<std::string> meta_schemas_;
    bool case_sensitive_ = false;
};

/// The servers' own schemas; never replicated, whatever the rules say.
DMLIB_DECL bool is_system_schema(std::string_view schema);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/transform/impl/filter.ipp>
#endif
