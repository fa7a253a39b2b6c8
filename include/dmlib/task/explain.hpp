// What a task would do: table by table, and over a stretch of binlog.
#pragma once

#include <dmlib/sync/rehearsal.hpp>
#include <dmlib/transform/rule_set.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {

/// One table of a source.
struct table_explanation {
    std::string source;  ///< source-id
    std::shared_ptr<const table_decision> decision;
    std::vector<std::string> filters;   ///< event and expression filters that are about it
    std::vector<std::string> mappings;  ///< "column-mappings ids: id"
    std::vector<std::string> problems;  ///< of the rules, and what the target would refuse
    std::vector<std::string> warnings;  ///< what the prechecks say about it
    std::string text;                   ///< all of it for people, several lines
};

struct task_explanation {
    std::vector<table_explanation> tables;
    std::optional<error> target_problem;  ///< why nothing is said about the target
    std::vector<std::string> notes;       ///< rules that match nothing
};

/// A stretch of a source's binlog.
struct rehearsal_range {
    /// First event: a position that is a transaction's beginning, or a GTID set to start behind
    /// (used where `from.position` is empty). Nothing: the oldest binlog that the source has.
    location from{};
    /// The first transaction that ends at or behind it is the last. Nothing: the end of the
    /// binlog when it is reached. A position that the source does not have, or one before
    /// `from`, is errc::sync_position.
    location to{};
    /// Every statement as it comes, on the calling thread.
    std::function<void(const sync::rehearsed_statement&)> on_statement{};
};

struct rehearsal_report {
    std::map<table_name, sync::rehearsed_table> tables;
    std::uint64_t transactions = 0;
    location end;         ///< behind the last whole transaction
    bool reached = true;  ///< false: the source's binlog ends before rehearsal_range::to
};

}  // namespace DMLIB_ABI
}  // namespace dmlib
