// What a run does with a DDL statement, told by the engine that runs it: the statement is planned
// with the definitions that it meets, and its steps are compared with what the target has.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/sync/ddl_ground.hpp>
#include <dmlib/sync/explained_statement.hpp>

#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// Statement after statement, each on what the ones before it made of the source. Pure but for what
/// the ground's functions do. Not thread safe.
class ddl_foreteller {
public:
    DMLIB_DECL explicit ddl_foreteller(ddl_ground ground);

    /// The event is a QUERY event with a statement that the rules said `out` about. Where they let
    /// it run: adds why the run stops at it all the same, or what is not known about it.
    DMLIB_DECL void foretell(const binlog::event& e,
                             const std::string& file,
                             explained_statement& out);

    const schema::tracker& definitions() const noexcept { return ground_.definitions; }

private:
    std::string follow(const binlog::query& q);
    void on_fault(const binlog::query& q, const error& fault, explained_statement& out);
    std::string doubts(const explained_statement& out) const;
    void correct_beginning(const binlog::query& q);

    ddl_ground ground_;
    schema::catalog target_;      // what it has, after the statements that it would have taken
    std::set<table_name> asked_;  // for these names
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sync/impl/foretell.ipp>
#endif
