#pragma once

#include <dmlib/config/convert.hpp>
#include <dmlib/config/impl/internal/key_check.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// What a template shows in place of a default.
struct template_example {
    std::string_view block;
    std::string_view key;
    std::string_view text;
};
inline constexpr template_example template_examples[] = {
    {"task", "name", "my-task"},
    {"task", "task-mode", "all"},
    {"task", "shard-mode", "pessimistic"},
    {"task", "timezone", "\"+00:00\""},
    {"task", "ignore-checking-items", "[]"},
    {"task", "shadow-table-rules", R"(["^_(.+)_(?:new|gho)$"])"},
    {"task", "trash-table-rules", R"(["^_(.+)_(?:ghc|del|old)$"])"},
    {"database", "host", "127.0.0.1"},
    {"database", "user", "dmlib"},
    {"database", "session", "{sql_mode: \"\"}"},
    {"instance", "source-id", "mysql-01"},
    {"source", "source-id", "mysql-01"},
    {"source", "server-id", "4211"},
    {"source", "flavor", "mysql"},
    {"meta", "binlog-name", "mysql-bin.000001"},
    {"meta", "binlog-gtid", "\"\""},
    {"instance", "filter-rules", "[sample]"},
    {"instance", "route-rules", "[sample]"},
    {"instance", "expression-filters", "[sample]"},
    {"instance", "column-mapping-rules", "[sample]"},
    {"instance", "block-allow-list", "sample"},
    {"instance", "mydumper-config-name", "sample"},
    {"instance", "loader-config-name", "sample"},
    {"instance", "syncer-config-name", "sample"},
    {"instance", "validator-config-name", "sample"},
    {"route", "schema-pattern", "\"shop_*\""},
    {"route", "table-pattern", "\"order_*\""},
    {"route", "target-schema", "shop"},
    {"route", "target-table", "orders"},
    {"extract-table", "table-regexp", "\"order_(.*)\""},
    {"extract-table", "target-column", "c_table"},
    {"extract-schema", "schema-regexp", "\"shop_(.*)\""},
    {"extract-schema", "target-column", "c_schema"},
    {"extract-source", "source-regexp", "\"mysql-(.*)\""},
    {"extract-source", "target-column", "c_source"},
    {"filter", "schema-pattern", "\"shop_*\""},
    {"filter", "table-pattern", "\"order_*\""},
    {"filter", "events", "[truncate table, drop table]"},
    {"filter", "sql-pattern", "[\"^DROP\\\\s+PROCEDURE\"]"},
    {"filter", "action", "Ignore"},
    {"mapping", "schema-pattern", "\"shop_*\""},
    {"mapping", "table-pattern", "\"order_*\""},
    {"mapping", "source-column", "id"},
    {"mapping", "target-column", "id"},
    {"mapping", "expression", "partition id"},
    {"mapping", "arguments", "[\"1\", \"shop_\", \"order_\"]"},
    {"expression", "schema", "shop_1"},
    {"expression", "table", "order_1"},
    {"expression", "insert-value-expr", "\"v > 100\""},
    {"list", "do-dbs", "[\"shop_*\"]"},
    {"list", "ignore-dbs", "[\"test\", \"~^tmp\"]"},
    {"table", "db-name", "\"shop_*\""},
    {"table", "tbl-name", "\"log_*\""},
    {"mydumper", "threads", "4"},
};

/// Old names, and keys that exclude those beside them.
inline bool left_out(const key_row& row) {
    for (const std::string_view key : {"black-white-list",
                                       "continuous-validator-config-name",
                                       "is-sharding",
                                       "on-duplicate",
                                       "mydumper",
                                       "loader",
                                       "syncer",
                                       "mydumper-thread",
                                       "loader-thread",
                                       "syncer-thread"}) {
        if (row.key == key) return true;
    }
    return row.state == key_state::no_effect || row.state == key_state::removed;
}

class template_writer {
public:
    std::string write(std::string_view block) {
        port_ = block == "task" ? "4000" : "3306";
        rows(block, 0, false);
        return std::move(out_);
    }

private:
    std::string example(const key_row& row) const {
        if (row.key == "port") return port_;
        for (const template_example& e : template_examples) {
            if (e.block == row.block && e.key == row.key) return std::string(e.text);
        }
        if (row.standard == required_key || row.standard.empty()) return "\"\"";
        const bool plain = row.standard.find_first_of("^:#[]{}*%") == std::string_view::npos;
        return plain ? std::string(row.standard) : "\"" + std::string(row.standard) + "\"";
    }
    void line(std::size_t indent, bool comment, std::string_view text) {
        out_.append(indent, ' ').append(comment ? "#" : "").append(text).push_back('\n');
    }
    /// The sentence, in lines of about a hundred characters.
    void explain(const key_row& row, std::size_t indent) {
        std::string text(row.sentence);
        if (row.state == key_state::not_supported_yet) text += " (Not supported yet.)";
        if (row.type == key_type::word_ && !row.range.empty())
            text += " One of " + list_of_words(row.range) + ".";
        if (!row.unit.empty()) text += " Unit: " + std::string(row.unit) + ".";
        while (!text.empty()) {
            std::size_t end = text.size();
            if (end > 100) {
                end = text.rfind(' ', 100);
                if (end == std::string::npos) end = text.size();
            }
            line(indent, true, " " + text.substr(0, end));
            text.erase(0, std::min(end + 1, text.size()));
        }
    }
    void rows(std::string_view block, std::size_t indent, bool comment) {
        for (const key_row& row : key_table) {
            if (row.block == block && !left_out(row)) one(row, indent, comment);
        }
    }
    void one(const key_row& row, std::size_t indent, bool comment) {
        // Without rows of a user's own there is nothing to refer to: such keys are comments.
        const bool shown =
            row.standard == required_key || row.key == "user" || row.key == "password";
        const bool off = comment || !shown;
        explain(row, indent);
        const std::string key = std::string(row.key) + ":";
        switch (row.type) {
            case key_type::block_:
                line(indent, off, key);
                rows(row.of, indent + 2, off);
                return;
            case key_type::map_:
                line(indent, off, key);
                line(indent + 2, off, "sample:");
                rows(row.of, indent + 4, off);
                return;
            case key_type::list_:
                line(indent, off, key);
                item(row.of, indent + 2, off);
                return;
            default:
                line(indent, off, key + " " + example(row));
        }
    }
    /// The first key has the dash, the others stand below it.
    void item(std::string_view block, std::size_t indent, bool comment) {
        const std::size_t begin = out_.size();
        rows(block, indent + 2, comment);
        const std::string mark = std::string(indent + 2, ' ') + (comment ? "#" : "");
        std::size_t at = begin;
        while (out_.compare(at, mark.size(), mark) != 0 || out_[at + mark.size()] == ' ' ||
               out_[at + mark.size()] == '#') {
            at = out_.find('\n', at) + 1;
        }
        out_.replace(at, mark.size(), std::string(indent, ' ') + (comment ? "#- " : "- "));
    }

    std::string out_;
    std::string port_;
};

}  // namespace internal

DMLIB_DECL std::string file_template(file_kind kind) {
    const bool task = kind == file_kind::task;
    std::string out = task ? "# A task: what is replicated, from where to where.\n"
                           : "# A source: a server that tasks read from.\n";
    out +=
        "# Lines that begin with '# ' explain; those with '#' and a key are settings with their "
        "defaults or\n"
        "# an example: take the '#' away to use one. All keys: docs/configuration.md.\n\n";
    return out + internal::template_writer().write(task ? "task" : "source");
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
