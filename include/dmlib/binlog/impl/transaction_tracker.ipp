#pragma once

#include <dmlib/binlog/transaction_tracker.hpp>

#include <fmt/format.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

inline error transaction_tracker::fault(const event& e, std::string_view what) const {
    const char* where = "outside a transaction";
    switch (state_) {
        case state::idle:
            break;
        case state::after_gtid:
            where = "behind a GTID, before the transaction's begin";
            break;
        case state::open:
            where = "inside a transaction";
            break;
        case state::standalone:
            where = "where one statement must follow a standalone GTID";
            break;
        case state::xa_ended:
            where = "behind XA END";
            break;
    }
    error out(errc::binlog_grammar, fmt::format("{} may not stand {}", what, where));
    out.position({}, e.start, to_string(gtid_));
    return out;
}

DMLIB_DECL void transaction_tracker::reset() {
    state_ = state::idle;
    maps_open_ = rows_seen_ = has_begin_ = false;
    mariadb_flags_ = mariadb_flags_extra_ = 0;
    gtid_ = {};
}

inline result<tracked> transaction_tracker::finish(step s, commit_kind k, tracked t) {
    state_ = state::idle;
    maps_open_ = rows_seen_ = has_begin_ = false;
    t.step = s;
    t.commit = k;
    t.boundary = true;
    return t;
}

inline result<tracked> transaction_tracker::on_query(const event& e, std::string_view text) {
    tracked t;
    t.is_query = true;
    t.statement = classify_statement(text);
    t.step = step::inside;
    const bool idle = state_ == state::idle;
    const bool before_begin = idle || state_ == state::after_gtid;
    if (idle) {
        gtid_ = {};
        mariadb_flags_ = mariadb_flags_extra_ = 0;
    }
    switch (t.statement) {
        case statement_class::begin:
        case statement_class::xa_start:
            // MariaDB's GTID event has begun the transaction already.
            if (!before_begin && (state_ != state::open || has_begin_ || rows_seen_)) {
                return fault(e, "BEGIN");
            }
            state_ = state::open;
            has_begin_ = true;
            if (idle) t.step = step::begin;
            return t;
        case statement_class::commit:
            if (state_ != state::open) return fault(e, "COMMIT");
            return finish(step::commit, commit_kind::query, t);
        case statement_class::rollback:
            if (state_ != state::open) return fault(e, "ROLLBACK");
            return finish(step::rollback, commit_kind::query, t);
        case statement_class::savepoint:
        case statement_class::rollback_to:
            if (state_ != state::open) return fault(e, "SAVEPOINT");
            return t;
        case statement_class::xa_end:
            if (state_ != state::open) return fault(e, "XA END");
            state_ = state::xa_ended;
            return t;
        case statement_class::xa_prepare:
            if (state_ != state::xa_ended) return fault(e, "XA PREPARE");
            return finish(step::prepare, commit_kind::query, t);
        case statement_class::xa_rollback:
            // Of the branch that is open here, or of one that was prepared before.
            if (state_ == state::xa_ended) return finish(step::rollback, commit_kind::query, t);
            if (rows_seen_) return fault(e, "XA ROLLBACK");
            return finish(step::statement, commit_kind::statement, t);
        case statement_class::xa_commit:
            if (state_ == state::xa_ended)
                return finish(step::commit, commit_kind::xa_one_phase, t);
            if (rows_seen_) return fault(e, "XA COMMIT");
            return finish(step::statement, commit_kind::statement, t);
        default:
            break;
    }
    if (state_ == state::xa_ended) return fault(e, "a statement");
    if (state_ == state::open) return t;
    return finish(step::statement, commit_kind::statement, t);
}

inline result<tracked> transaction_tracker::on_rows(const event&, bool statement_end) {
    tracked t;
    t.step = state_ == state::idle ? step::begin : step::inside;
    if (state_ == state::idle) {
        // Rows without a begin: the statement is the transaction.
        gtid_ = {};
        mariadb_flags_ = mariadb_flags_extra_ = 0;
        state_ = state::after_gtid;
    }
    rows_seen_ = true;
    maps_open_ = !statement_end;
    if (statement_end && (state_ == state::after_gtid || state_ == state::standalone)) {
        return finish(step::commit, commit_kind::implicit, t);
    }
    return t;
}

namespace internal {

inline dmlib::gtid gtid_of(const mysql_gtid_event& g) {
    if (g.anonymous) return {};
    return mysql_gtid{g.sid, std::string(g.tag), g.number};
}

}  // namespace internal

DMLIB_DECL result<tracked> transaction_tracker::on(const event& e) {
    tracked t;
    t.step = in_transaction() ? step::inside : step::outside;
    t.boundary = !in_transaction();
    if (const auto* q = e.get<query>()) return on_query(e, q->text);
    if (const auto* q = e.get<load_query>()) return on_query(e, q->statement.text);
    if (const auto* r = e.get<rows_event>()) return on_rows(e, r->statement_end);
    if (e.get<xid>() != nullptr) {
        if (state_ != state::open) return fault(e, "XID");
        return finish(step::commit, commit_kind::xid, t);
    }
    if (const auto* x = e.get<xa_prepare>()) {
        if (state_ != state::xa_ended && state_ != state::open) return fault(e, "XA_PREPARE");
        return x->one_phase ? finish(step::commit, commit_kind::xa_one_phase, t)
                            : finish(step::prepare, commit_kind::none, t);
    }
    const auto* g = e.get<mysql_gtid_event>();
    const auto* m = e.get<mariadb_gtid_event>();
    if (g != nullptr || m != nullptr) {
        if (in_transaction()) return fault(e, "a GTID");
        reset();
        gtid_ = g != nullptr ? internal::gtid_of(*g) : dmlib::gtid(m->id);
        state_ = state::after_gtid;
        if (m != nullptr) {
            mariadb_flags_ = m->flags;
            mariadb_flags_extra_ = m->flags_extra;
            const bool standalone = (m->flags & mariadb_gtid_event::standalone) != 0;
            state_ = standalone ? state::standalone : state::open;
        }
        t.step = step::begin;
        t.boundary = false;
        return t;
    }
    if (const auto* f = e.get<format_description>()) {
        // The server died inside a transaction and rolled it back when it started again.
        const bool restarted = !e.artificial && f->create_timestamp != 0;
        if (in_transaction() && restarted) return finish(step::rollback, commit_kind::none, t);
        t.step = step::outside;
        return t;
    }
    const bool file_end = e.get<rotate>() != nullptr || e.get<stop>() != nullptr;
    if (file_end && !e.artificial && in_transaction()) return fault(e, "the end of the file");
    if (file_end || e.get<heartbeat>() != nullptr || e.get<binlog_checkpoint>() != nullptr ||
        e.get<gtid_list>() != nullptr || e.get<previous_gtids>() != nullptr ||
        e.get<start_encryption>() != nullptr) {
        t.step = step::outside;
        return t;
    }
    const bool opens = e.get<table_map_event>() != nullptr || e.get<intvar>() != nullptr ||
                       e.get<rand_seeds>() != nullptr || e.get<user_var>() != nullptr ||
                       e.get<load_block>() != nullptr || e.get<rows_query>() != nullptr;
    if (opens && !in_transaction()) {
        // Belongs to the statement that follows, which has no GTID and no BEGIN.
        reset();
        state_ = state::after_gtid;
        t.step = step::begin;
        t.boundary = false;
    }
    if (e.get<table_map_event>() != nullptr) maps_open_ = true;
    return t;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
