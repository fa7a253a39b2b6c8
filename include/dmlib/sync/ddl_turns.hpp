// DDL of several sources of a task in one target: while the statement of one source runs, no other
// source has rows of its tables under way, and each plans its rows anew behind it.
#pragma once

#include <dmlib/model/names.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

/// Shared by the syncers of a task. A source is present while a run of it may write. Thread safe;
/// nothing here waits, all is asked again and again.
class ddl_turns {
public:
    /// A run begins; false: not now, another source's statement has the turn.
    bool enter(const std::string& who) {
        const std::lock_guard lock(mutex_);
        if (owner_ && *owner_ != who) return false;
        present_.insert(who);
        return true;
    }
    /// A run has ended, nothing of it is under way. `unsure`: its statement may still run on the
    /// target; the turn stays with it until a later run found out, or gone().
    void leave(const std::string& who, bool unsure) {
        const std::lock_guard lock(mutex_);
        present_.erase(who);
        if (owner_ == who && !unsure) give_up();
    }
    /// A full copy of the source into these tables (nothing: any) begins; false: not now. It plans
    /// its rows once, at its begin, so that until end_copy() no statement of another source touches
    /// them.
    bool begin_copy(const std::string& who, std::optional<std::set<table_name>> targets) {
        const std::lock_guard lock(mutex_);
        if (owner_) return false;
        copying_[who] = std::move(targets);
        return true;
    }
    void end_copy(const std::string& who) {
        const std::lock_guard lock(mutex_);
        copying_.erase(who);
    }
    /// The source ends for good.
    void gone(const std::string& who) { leave(who, false); }

    /// Asks for the turn with a statement that touches these tables of the target. True: it is
    /// this one's turn, and no other source that is present has rows there.
    bool ask(const std::string& who, const std::vector<table_name>& touched) {
        const std::lock_guard lock(mutex_);
        if (owner_ && *owner_ != who) return false;
        if (!owner_) {
            owner_ = who;
            agreed_.clear();
        }
        touched_ = touched;
        taken_ = true;
        const bool agreed = std::all_of(present_.begin(), present_.end(), [&](const auto& p) {
            return p == who || agreed_.contains(p);
        });
        return agreed && !is_copied(who);
    }
    /// The statement ran.
    void done(const std::string& who) {
        const std::lock_guard lock(mutex_);
        if (owner_ == who) give_up();
    }

    /// Tables of another source's statement that waits for this one's word: agree() where it has
    /// no rows there, else leave().
    std::optional<std::vector<table_name>> wanted(const std::string& who) const {
        if (!taken_) return std::nullopt;
        const std::lock_guard lock(mutex_);
        if (!owner_ || *owner_ == who || agreed_.contains(who)) return std::nullopt;
        return touched_;
    }
    void agree(const std::string& who) {
        const std::lock_guard lock(mutex_);
        agreed_.insert(who);
    }

private:
    bool is_copied(const std::string& who) const {
        return std::any_of(copying_.begin(), copying_.end(), [&](const auto& copy) {
            return copy.first != who &&
                   std::any_of(touched_.begin(), touched_.end(), [&](const table_name& t) {
                       return !t.table.empty() && (!copy.second || copy.second->contains(t));
                   });
        });
    }
    void give_up() {
        owner_.reset();
        agreed_.clear();
        touched_.clear();
        taken_ = false;
    }

    mutable std::mutex mutex_;
    std::atomic<bool> taken_{false};  // there is an owner: read without the lock for every event
    std::optional<std::string> owner_;
    std::vector<table_name> touched_;
    std::set<std::string> present_;
    std::set<std::string> agreed_;
    std::map<std::string, std::optional<std::set<table_name>>> copying_;
};

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
