#pragma once

#include <dmlib/sync/engine.hpp>
#include <dmlib/sync/impl/internal/branch_rows.hpp>

#include <fmt/format.h>

#include <algorithm>

// XA transactions. The rows of a branch stand in the binlog where it was prepared and take effect
// where it is committed: they are kept as bytes in between and go through the engine then, as rows
// of the committing transaction. What is kept is part of the checkpoint (decision 0006).

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

struct sync_engine::branch_replay {
    branch_replay(byte_view rows, flavor dialect) : reader(rows, dialect) {}
    internal::branch_reader reader;
    binlog::event event;
    std::uint32_t event_number = 0;
    bool waiting = false;  // `event` was not taken yet
};

DMLIB_DECL result<intake> sync_engine::capture(const binlog::table_map_event& m) {
    const table_name name{std::string(m.table->schema()), std::string(m.table->table())};
    if (!rules_.decide(name)->replicate) return intake::taken;
    auto& written = capture_->maps[m.table->table_id()];
    if (written != m.table) {
        written = m.table;
        internal::append_branch_map(capture_->rows, *m.table);
    }
    capture_->tables.insert(name);
    return intake::taken;
}

DMLIB_DECL result<intake> sync_engine::capture(const binlog::rows_event& rows) {
    const auto map = capture_->maps.find(rows.table_id);
    if (rows.table == nullptr || map == capture_->maps.end() || map->second != rows.table)
        return intake::taken;
    if (auto fine = check_replace(rows); !fine) return fine.error();
    internal::append_branch_rows(capture_->rows, rows, event_number_);
    if (branch_bytes_ + capture_->rows.size() > options_.memory_bytes) {
        return error{errc::sync_memory,
                     fmt::format("the rows of prepared XA transactions need more than {} bytes",
                                 options_.memory_bytes)}
            .workaround(
                "Raise --memory-limit, and commit or roll back what XA RECOVER lists on the "
                "source.");
    }
    return intake::taken;
}

/// While DDL runs beside the rows, the place to begin from stands still, and with it everything
/// that was read of branches has to be kept.
DMLIB_DECL bool sync_engine::branch_has_to_wait() {
    if ((ddl_sequence_ == 0 && keeping_.empty()) || keeps_as_before()) return false;
    held_ = hold::ddl_runs;
    return true;
}

/// The branch is prepared: it stays until XA COMMIT or XA ROLLBACK.
DMLIB_DECL void sync_engine::keep_branch(std::string id, const binlog::event& e) {
    held_branch held;
    held.record.rows = std::move(capture_->rows);
    held.tables = std::move(capture_->tables);
    held.record.number = ++branch_number_;
    held.record.id = std::move(id);
    held.prepared = binlog_position{file_, e.next};
    branch_bytes_ += held.record.rows.size();
    branches_.push_back(std::move(held));
    capture_.reset();
}

DMLIB_DECL sync_engine::held_branch* sync_engine::find_branch(std::string_view id) {
    const auto at = std::find_if(branches_.begin(), branches_.end(), [&](const held_branch& b) {
        return !b.resolved && b.record.id == id;
    });
    return at == branches_.end() ? nullptr : &*at;
}

DMLIB_DECL result<intake> sync_engine::on_xa_prepare(const binlog::event& e,
                                                     const binlog::xa_prepare& x) {
    if (!capture_) return error{errc::binlog_grammar, "XA PREPARE of a branch that did not begin"};
    if (x.one_phase) return apply_capture(e);
    keep_branch(internal::branch_id(x.id.format, x.id.gtrid, x.id.bqual), e);
    return intake::taken;
}

DMLIB_DECL result<intake> sync_engine::on_xa_statement(const binlog::event& e,
                                                       const binlog::query& q) {
    using binlog::statement_class;
    const statement_class what = pending_->statement;
    if (what == statement_class::xa_end) return intake::taken;
    if (what == statement_class::xa_start) {
        if (branch_has_to_wait()) return intake::blocked;
        capture_.emplace();
        return intake::taken;
    }
    if (capture_ && what == statement_class::xa_commit) return apply_capture(e);
    if (capture_ && what == statement_class::xa_rollback) {
        const bool nothing = capture_->rows.empty();
        capture_.reset();
        if (nothing) return intake::taken;
        return error{errc::binlog_refused,
                     "a rolled-back XA transaction that changed a non-transactional table"}
            .workaround("Copy the tables of this transaction again.");
    }
    const auto id = internal::branch_id_of(q.text);
    if (!id) {
        return error{errc::binlog_refused,
                     "an XA id that cannot be read: " + std::string(q.text.substr(0, 500))};
    }
    if (what == statement_class::xa_prepare) {
        if (!capture_)
            return error{errc::binlog_grammar, "XA PREPARE of a branch that did not begin"};
        keep_branch(*id, e);
        return intake::taken;
    }
    held_branch* held = find_branch(*id);
    if (held == nullptr) {
        if (what == statement_class::xa_rollback)
            return intake::taken;  // nothing of it was applied
        return error{errc::binlog_refused,
                     "XA COMMIT of a transaction that was prepared before the place where this "
                     "task began: " +
                         std::string(q.text.substr(0, 500))}
            .workaround(
                "Start the task from a place before its XA PREPARE, or copy its tables again.");
    }
    if (what == statement_class::xa_commit) {
        auto done = apply_branch(e, held->record.rows);
        if (!done || *done == intake::blocked) return done;
    }
    held->resolved = binlog_position{file_, e.next};
    return intake::taken;
}

DMLIB_DECL result<intake> sync_engine::apply_capture(const binlog::event& e) {
    auto done = apply_branch(e, capture_->rows);
    if (done && *done == intake::taken) capture_.reset();
    return done;
}

/// The rows of a branch take effect with the event `e`. Blocked: give `e` again, it goes on there.
DMLIB_DECL result<intake> sync_engine::apply_branch(const binlog::event& e,
                                                    const std::string& rows) {
    if (!replay_) {
        replay_ = std::make_shared<branch_replay>(as_bytes(rows), options_.resolve.server.flavor);
    }
    const std::uint32_t own_number = event_number_;
    replaces_ = false;  // the statements' texts were looked at when they came
    binlog::event& inner = replay_->event;
    for (;;) {
        if (!replay_->waiting) {
            auto more = replay_->reader.next(inner.body, replay_->event_number);
            if (!more) return more.error();
            if (!*more) break;
            inner.header = e.header;
            inner.start = e.start;
            inner.next = e.next;
        }
        replay_->waiting = true;
        if (bytes_ >= options_.memory_bytes) {
            pump();
            return intake::blocked;
        }
        // Rows are named by their places in the branch, so that lanes know them again.
        event_number_ = replay_->event_number;
        const auto* map = inner.get<binlog::table_map_event>();
        auto done =
            map != nullptr ? on_table_map(*map) : on_rows(inner, *inner.get<binlog::rows_event>());
        event_number_ = own_number;
        if (!done || *done == intake::blocked) return done;
        replay_->waiting = false;
    }
    for (const auto& map : replay_->reader.kept()) tables_.erase(map.get());
    replay_.reset();
    return intake::taken;
}

/// A DDL of a table with prepared rows: they could not be read any more.
DMLIB_DECL result<void> sync_engine::check_branches(const std::vector<table_name>& names) const {
    for (const held_branch& b : branches_) {
        if (b.resolved) continue;
        for (const table_name& own : b.tables) {
            const bool hit = std::any_of(names.begin(), names.end(), [&](const table_name& n) {
                return n.schema == own.schema && (n.table.empty() || n.table == own.table);
            });
            if (!hit) continue;
            return error{errc::sync_ddl_refused,
                         "a statement changes " + quoted(own) +
                             ", of which a prepared XA transaction has rows"}
                .table(own.schema, own.table)
                .workaround(
                    "Commit or roll back what XA RECOVER lists on the source before definitions "
                    "change; now copy the table again.");
        }
    }
    return {};
}

/// Branches whose end is committed are not needed again.
DMLIB_DECL void sync_engine::forget_branches() {
    branches_.remove_if([this](const held_branch& b) {
        const bool done = b.resolved && compare(*b.resolved, committed().position) !=
                                            std::strong_ordering::greater;
        if (done) branch_bytes_ -= b.record.rows.size();
        return done;
    });
}

DMLIB_DECL void sync_engine::take_stored_branches() {
    for (auto& stored : options_.branches) {
        held_branch& held = branches_.emplace_back();
        held.record = std::move(stored);
        branch_number_ = std::max(branch_number_, held.record.number);
        branch_bytes_ += held.record.rows.size();
        internal::branch_reader reader{as_bytes(held.record.rows), options_.resolve.server.flavor};
        binlog::event_body body;
        std::uint32_t number = 0;
        // A fault comes again, and is reported, where the branch is applied.
        for (auto more = reader.next(body, number); more && *more;
             more = reader.next(body, number)) {
        }
        for (const auto& map : reader.kept())
            held.tables.insert({std::string(map->schema()), std::string(map->table())});
    }
    options_.branches.clear();
}

DMLIB_DECL std::vector<const checkpoint::branch_record*> sync_engine::open_branches() const {
    std::vector<const checkpoint::branch_record*> out;
    const auto behind = [this](const std::optional<binlog_position>& place) {
        return compare(*place, committed().position) == std::strong_ordering::greater;
    };
    for (const held_branch& b : branches_) {
        if (b.prepared && behind(b.prepared)) continue;
        if (b.resolved && !behind(b.resolved)) continue;
        out.push_back(&b.record);
    }
    return out;
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
