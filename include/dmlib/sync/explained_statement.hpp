// What becomes of one statement, and why.
#pragma once

#include <dmlib/core/config.hpp>
#include <dmlib/model/names.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
    std::vector<table_name> gone;    ///< tables of the target that go with it
    std::vector<std::string> notes;  ///< what else is to be known, a sentence each
};

namespace internal {

inline explained_statement stops(explained_statement out, std::string reason) {
    out.fate = statement_fate::stops;
    out.reason = std::move(reason);
    out.targets.clear();
    return out;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
