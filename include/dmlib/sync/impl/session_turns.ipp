#pragma once

#include <dmlib/sync/impl/internal/session_run.hpp>

#include <thread>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {
namespace internal {

/// Before the checkpoint is read: a statement of another source may change what it stands for.
/// False: stopped.
DMLIB_DECL bool session_run::wait_for_turns() {
    if (!options_.turns) return true;
    turn_.begin(0, "a DDL statement of another source of the task has to run first");
    while (!options_.turns->enter(options_.source_id)) {
        if (shared_.stop) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    turn_.end();
    return true;
}

/// Rows are written by what the target's table was when they were planned. So a run whose source
/// has rows in a table that another source's statement is about to change ends cleanly, and the
/// next one begins behind the statement.
DMLIB_DECL void session_run::look_at_turns() {
    if (!options_.turns || begin_anew_ || ends_) return;
    ddl_turns& turns = *options_.turns;
    const std::string& me = options_.source_id;
    if (asked_turn_ && turns.ask(me, *asked_turn_)) {
        asked_turn_.reset();
        turn_.end();
        engine_->on_ddl_turn();
        return;
    }
    const auto other = turns.wanted(me);
    if (!other) return;
    if (!engine_->has_rows_in(*other)) return turns.agree(me);
    // Nothing of a transaction whose statement asks for its turn went out.
    const bool ready = asked_turn_ || (engine_->between_transactions() && !pending_ddl_ && !ddl_ &&
                                       !engine_->keeps_rows());
    if (!ready) return;
    log(log_level::info,
        "waiting for a DDL statement of another source that changes " + quoted(other->front()));
    begin_anew_ = true;
}

}  // namespace internal
}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
