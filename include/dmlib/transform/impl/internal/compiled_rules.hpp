// The rules of one source with their patterns compiled, and how each is asked.
#pragma once

#include <dmlib/transform/rule_set.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// A schema pattern with an optional table pattern.
struct compiled_where {
    name_pattern schema;
    std::optional<name_pattern> table;  ///< none: schema level

    bool schema_level() const noexcept { return !table.has_value(); }
    /// A table level pattern asks the table's name, "" for a statement on the schema (so "*" takes
    /// it).
    bool matches(const table_name& n) const {
        return schema.matches(n.schema) && (!table || table->matches(n.table));
    }
};

struct compiled_event_rule {
    std::string title;  ///< "filters user-filter-1"
    compiled_where where;
    event_set events;
    std::vector<text_regex> sql;
    filter_action action = filter_action::ignore;
};

struct compiled_extract {
    text_regex regexp;
    std::string column;
};

struct compiled_route {
    std::string title;  ///< "routes rule1"
    compiled_where where;
    std::string target_schema;
    std::string target_table;
    std::optional<compiled_extract> from_table;
    std::optional<compiled_extract> from_schema;
    std::optional<compiled_extract> from_source;
    std::size_t index = 0;  ///< in the router's rules
};

struct compiled_mapping {
    std::string title;
    compiled_where where;
    mapping_rule rule;
};

struct compiled_list {
    std::string title;  ///< "block-allow-list instance-1"
    std::vector<name_pattern> do_dbs;
    std::vector<name_pattern> ignore_dbs;
    std::vector<compiled_where> do_tables;
    std::vector<compiled_where> ignore_tables;
};

/// Collects every fault of the rules, each with the rule's name.
class rule_compiler {
public:
    rule_compiler(bool case_sensitive, std::vector<error>& problems)
        : case_sensitive_(case_sensitive), problems_(problems) {}

    name_pattern name(const std::string& title, std::string_view key, std::string_view text) {
        auto p = name_pattern::compile(text, case_sensitive_);
        if (p) return *p;
        add(title + " " + std::string(key), p.error());
        return {};
    }
    compiled_where where(const std::string& title,
                         const std::string& schema,
                         const std::string& table) {
        compiled_where w;
        w.schema = name(title, "schema-pattern", schema);
        if (!table.empty()) w.table = name(title, "table-pattern", table);
        return w;
    }
    std::vector<name_pattern> names(const std::string& title,
                                    std::string_view key,
                                    const std::vector<std::string>& texts) {
        std::vector<name_pattern> out;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            out.push_back(name(title, at(key, i), texts[i]));
        }
        return out;
    }
    /// `whole` : an empty table means every table (fluent API); else both are required (DM).
    std::vector<compiled_where> tables(const std::string& title,
                                       std::string_view key,
                                       const std::vector<table_pattern>& texts,
                                       bool whole) {
        std::vector<compiled_where> out;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            compiled_where w;
            w.schema = name(title, at(key, i) + " db-name", texts[i].schema);
            if (!whole || !texts[i].table.empty()) {
                w.table = name(title, at(key, i) + " tbl-name", texts[i].table);
            }
            out.push_back(std::move(w));
        }
        return out;
    }
    std::optional<compiled_extract> extract(const std::string& title,
                                            std::string_view key,
                                            const std::optional<extract_rule>& rule) {
        if (!rule) return std::nullopt;
        compiled_extract out;
        out.column = rule->target_column;
        const std::string where = title + " " + std::string(key);
        if (rule->target_column.empty()) {
            add(where, error(errc::config_rule, "target-column is empty"));
        }
        auto re = text_regex::compile(rule->regexp, case_sensitive_);
        if (!re) {
            add(where, re.error());
            return out;
        }
        out.regexp = *re;
        if (out.regexp.groups() == 0) {
            error e(errc::config_rule,
                    "the regular expression '" + rule->regexp +
                        "' has no group, so nothing would be extracted");
            e.workaround("Put parentheses around the part that the column is to hold.");
            add(where, e);
        }
        return out;
    }
    void add(const std::string& title, const error& e) {
        error named(e.code(), title + ": " + e.message());
        named.workaround(e.workaround());
        problems_.push_back(std::move(named));
    }
    static std::string at(std::string_view key, std::size_t i) {
        return std::string(key) + "[" + std::to_string(i) + "]";
    }
    bool case_sensitive() const noexcept { return case_sensitive_; }

private:
    bool case_sensitive_;
    std::vector<error>& problems_;
};

inline std::string titled(std::string_view block, std::string_view name) {
    return std::string(block) + (name.empty() ? "" : " ") + std::string(name);
}

inline compiled_event_rule compile_event_rule(rule_compiler& c, const event_filter_rule& r) {
    compiled_event_rule out;
    out.title = titled("filters", r.name);
    out.where = c.where(out.title, r.schema_pattern, r.table_pattern);
    out.action = r.action;
    auto events = event_set::parse(r.events);
    if (events) {
        out.events = *events;
    } else {
        c.add(out.title, events.error());
    }
    for (std::size_t i = 0; i < r.sql_pattern.size(); ++i) {
        auto re = text_regex::compile(r.sql_pattern[i], false);
        if (re) {
            out.sql.push_back(*re);
        } else {
            c.add(out.title + " " + rule_compiler::at("sql-pattern", i), re.error());
        }
    }
    return out;
}

inline compiled_route compile_route(rule_compiler& c, const route_rule& r, std::size_t index) {
    compiled_route out;
    out.title = titled("routes", r.name);
    out.index = index;
    out.where = c.where(out.title, r.schema_pattern, r.table_pattern);
    out.target_schema = r.target_schema;
    out.target_table = r.target_table;
    if (r.target_schema.empty()) {
        c.add(out.title, error(errc::config_rule, "target-schema is empty"));
    }
    out.from_table = c.extract(out.title, "extract-table", r.extract_table);
    out.from_schema = c.extract(out.title, "extract-schema", r.extract_schema);
    out.from_source = c.extract(out.title, "extract-source", r.extract_source);
    std::set<std::string> filled;
    for (const auto* x : {&out.from_table, &out.from_schema, &out.from_source}) {
        if (*x && !(*x)->column.empty() && !filled.insert(fold_case((*x)->column)).second)
            c.add(out.title,
                  error(errc::config_rule,
                        "two extractors fill the same column '" + (*x)->column + "'")
                      .workaround("Give one of them another target-column, or remove it."));
    }
    return out;
}

inline compiled_mapping compile_mapping(rule_compiler& c, const mapping_rule& r) {
    compiled_mapping out;
    out.title = titled("column-mappings", r.name);
    out.rule = r;
    out.where = c.where(out.title, r.schema_pattern, r.table_pattern);
    if (r.target_column.empty()) {
        c.add(out.title, error(errc::config_rule, "target-column is empty"));
    } else if (!r.source_column.empty() &&
               fold_case(r.source_column) != fold_case(r.target_column)) {
        error e(errc::config_rule, "source-column and target-column differ");
        e.workaround("A mapping changes the value of one column: name the same column twice.");
        c.add(out.title, e);
    }
    if (r.kind == mapping_kind::partition_id && r.partition.instance > 15) {
        c.add(out.title, error(errc::config_rule, "the instance number is above 15"));
    }
    return out;
}

inline compiled_list compile_list(rule_compiler& c, const block_allow_list& list) {
    compiled_list out;
    out.title = titled("block-allow-list", list.name);
    out.do_dbs = c.names(out.title, "do-dbs", list.do_dbs);
    out.ignore_dbs = c.names(out.title, "ignore-dbs", list.ignore_dbs);
    out.do_tables = c.tables(out.title, "do-tables", list.do_tables, false);
    out.ignore_tables = c.tables(out.title, "ignore-tables", list.ignore_tables, false);
    return out;
}

/// Passed or not, and the words for it.
struct list_verdict {
    bool passes = true;
    std::string rule;
};

template <class Patterns, class Name>
std::optional<std::size_t> first_match(const Patterns& patterns, const Name& name) {
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (patterns[i].matches(name)) return i;
    }
    return std::nullopt;
}

/// MySQL's order for the database level.
inline list_verdict ask_schema(const compiled_list& list, std::string_view schema) {
    if (!list.do_dbs.empty()) {
        if (const auto i = first_match(list.do_dbs, schema)) {
            return {true, list.title + " " + rule_compiler::at("do-dbs", *i)};
        }
        return {false, list.title + " do-dbs (none matches)"};
    }
    if (!list.ignore_dbs.empty()) {
        if (const auto i = first_match(list.ignore_dbs, schema)) {
            return {false, list.title + " " + rule_compiler::at("ignore-dbs", *i)};
        }
        return {true, list.title + " ignore-dbs (none matches)"};
    }
    return {true, "default"};
}

/// MySQL's order for a table: the database level, do-tables, ignore-tables.
inline list_verdict ask_table(const compiled_list& list, const table_name& name) {
    list_verdict v = ask_schema(list, name.schema);
    if (!v.passes) return v;
    if (!list.do_tables.empty()) {
        if (const auto i = first_match(list.do_tables, name)) {
            return {true, list.title + " " + rule_compiler::at("do-tables", *i)};
        }
    }
    if (!list.ignore_tables.empty()) {
        if (const auto i = first_match(list.ignore_tables, name)) {
            return {false, list.title + " " + rule_compiler::at("ignore-tables", *i)};
        }
    }
    if (!list.do_tables.empty()) return {false, list.title + " do-tables (none matches)"};
    return v;
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
