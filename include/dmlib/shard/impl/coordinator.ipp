#pragma once

#include <dmlib/shard/coordinator.hpp>

#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Knows which tasks have joined, and nothing else: without locks there is nothing more to know.
class local_coordinator final : public coordinator {
public:
    result<void> join(const std::string& task, shard_mode mode) override {
        if (mode != shard_mode::none) return refuse(task, mode);
        tasks_.insert(task);
        return {};
    }

    result<shard_decision> decide(const shard_ddl& ddl) override {
        if (!tasks_.contains(ddl.task)) {
            return not_joined(ddl);
        }
        shard_decision decision;
        decision.statements.push_back(ddl.statement);
        return decision;
    }

    result<void> done(const shard_ddl&, const std::string&) override { return {}; }

    void leave(const std::string& task) override { tasks_.erase(task); }

    std::vector<shard_lock> locks() const override { return {}; }

private:
    static error not_joined(const shard_ddl& ddl) {
        error e(errc::config_bad_reference,
                "The task has not joined the coordinator that is asked about its DDL.");
        e.task(ddl.task).source(ddl.source).statement(ddl.statement);
        e.table(ddl.source_table.schema, ddl.source_table.table);
        return e;
    }

    static error refuse(const std::string& task, shard_mode mode) {
        const char* name = mode == shard_mode::pessimistic ? "pessimistic" : "optimistic";
        error e(errc::config_not_supported,
                std::string("shard-mode: ") + name + " is not supported yet.");
        e.task(task).workaround(
            "Leave shard-mode out and run each DDL of the merged tables at a moment when all "
            "source tables have the same definition, or merge only tables that get no DDL.");
        return e;
    }

    std::set<std::string> tasks_;
};

}  // namespace internal

DMLIB_DECL std::shared_ptr<coordinator> make_local_coordinator() {
    return std::make_shared<internal::local_coordinator>();
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
