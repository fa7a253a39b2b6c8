#pragma once

#include <dmlib/dump/impl/internal/text.hpp>
#include <dmlib/dump/snapshot.hpp>
#include <dmlib/mysql/errors.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

DMLIB_DECL std::string_view to_string(snapshot_method m) noexcept {
    switch (m) {
        case snapshot_method::lock_free:
            return "without locks";
        case snapshot_method::flush_tables:
            return "under FLUSH TABLES WITH READ LOCK";
        case snapshot_method::lock_tables:
            return "under LOCK TABLES";
        case snapshot_method::no_binlog:
            return "without a binlog";
    }
    return "";
}

DMLIB_DECL const location& snapshot_set::earliest() const {
    return *std::min_element(sessions.begin(),
                             sessions.end(),
                             [](const snapshot& a, const snapshot& b) {
                                 return compare(a.place->position, b.place->position) < 0;
                             })
                ->place;
}

DMLIB_DECL const location& snapshot_set::latest() const {
    return *std::max_element(sessions.begin(),
                             sessions.end(),
                             [](const snapshot& a, const snapshot& b) {
                                 return compare(a.place->position, b.place->position) < 0;
                             })
                ->place;
}

DMLIB_DECL result<mysql::session> open_reader(
    const mysql::connect_options& source, const std::function<void(mysql::canceller)>& connected) {
    mysql::connect_options options = source;
    options.charset = "utf8mb4";
    // A range of a cold table may take its time before the first row comes.
    options.read_timeout = std::max(options.read_timeout, std::chrono::milliseconds(300000));
    auto s = mysql::session::connect(options);
    if (!s) return s.error();
    if (connected) connected(s->get_canceller());
    // The server must not give up on us while the target is slow: it waits for a day.
    for (const char* sql :
         {"SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = 86400, "
          "net_read_timeout = 86400, wait_timeout = 604800, sql_quote_show_create = 1",
          "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
          "SET SESSION character_set_results = NULL"}) {
        if (auto done = s->execute(sql); !done) return done.error();
    }
    // Servers without the variable, or with it off, have no such limit.
    (void)s->execute("SET SESSION max_execution_time = 0");
    (void)s->execute("SET SESSION max_statement_time = 0");
    return s;
}

DMLIB_DECL result<void> release_metadata_locks(mysql::session& s) {
    if (auto done = s.execute("ROLLBACK TO SAVEPOINT dmlib_copy"); !done) return done.error();
    return {};
}

namespace internal {

inline result<void> begin_snapshot(mysql::session& s) {
    if (auto done = s.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"); !done)
        return done.error();
    if (auto done = s.execute("SAVEPOINT dmlib_copy"); !done) return done.error();
    return {};
}

inline error snapshot_error(std::string what, std::string way_out) {
    error e(errc::dump_snapshot, std::move(what));
    e.workaround(std::move(way_out));
    return e;
}

// Prepared XA transactions are in the binlog already where the server logs XA PREPARE by itself,
// but a snapshot does not see their rows.
inline bool logs_xa_prepare(const mysql::server_facts& f) {
    return f.is_mariadb() ? f.version().at_least(10, 5) : f.version().at_least(5, 7, 7);
}

inline result<void> check_xa(mysql::session& s,
                             const snapshot_options& options,
                             const mysql::server_facts& facts) {
    if (!facts.log_bin || !logs_xa_prepare(facts)) return {};
    auto prepared = s.query("XA RECOVER");
    if (!prepared) {
        if (mysql::ends_session(prepared.error().server_errno())) return prepared.error();
        if (options.log)
            options.log(log_level::warning,
                        "XA RECOVER is not allowed for this account, so that prepared XA "
                        "transactions cannot be seen before the copy (GRANT XA_RECOVER_ADMIN)");
        return {};
    }
    if (prepared->empty()) return {};
    return snapshot_error(
        "XA transactions stand prepared on the source (the first one: " +
            std::string(prepared->text(0, "data")) +
            "): they are in the binlog, but a snapshot does not see their rows",
        "Commit or roll back what XA RECOVER lists on the source, then run again.");
}

// `SET lock_wait_timeout`, whole seconds, at least one.
inline result<void> limit_lock_wait(mysql::session& s, std::chrono::milliseconds timeout) {
    const auto seconds = std::max<long long>(1, timeout.count() / 1000);
    auto done = s.execute("SET SESSION lock_wait_timeout = " + std::to_string(seconds));
    if (!done) return done.error();
    s.set_read_timeout(timeout + std::chrono::milliseconds(30000));
    return {};
}

inline error lock_error(const error& e,
                        std::string_view statement,
                        std::chrono::milliseconds timeout) {
    if (e.code() != errc::db_lock_wait) return e;
    error out = snapshot_error(
        std::string(statement) + " did not get its lock within " +
            std::to_string(timeout.count() / 1000) + " s; a long statement or transaction holds it",
        "End the long-running statement on the source (SHOW PROCESSLIST), then run again.");
    out.server_errno(e.server_errno());
    return out;
}

// MariaDB: the storage engines and the binlog agree on the place of each snapshot.
inline result<void> begin_lock_free(std::vector<mysql::session>& sessions,
                                    const mysql::server_facts& facts,
                                    snapshot_set& out) {
    for (mysql::session& s : sessions) {
        if (auto done = begin_snapshot(s); !done) return done.error();
        auto status = s.query("SHOW STATUS LIKE 'binlog_snapshot_%'");
        if (!status) return status.error();
        location place;
        for (std::size_t i = 0; i < status->size(); ++i) {
            if (status->text(i, 0) == "Binlog_snapshot_file")
                place.position.file = status->text(i, 1);
            if (status->text(i, 0) == "Binlog_snapshot_position")
                place.position.pos = to_number(status->text(i, 1));
        }
        if (place.position.file.empty())
            return snapshot_error("the source does not tell the place of a snapshot",
                                  "Check that log_bin is on.");
        const bool known =
            !out.sessions.empty() && out.sessions.back().place->position == place.position;
        if (known) {
            place = *out.sessions.back().place;
        } else {
            auto gtids = mysql::gtids_at(s, facts, place.position);
            if (!gtids) return gtids.error();
            place.gtids = std::move(*gtids);
        }
        out.sessions.push_back({std::move(s), std::make_shared<const location>(place)});
    }
    return {};
}

// Begins all transactions while `locker` holds the source still, then lets it go.
inline result<void> begin_locked(mysql::session& locker,
                                 std::vector<mysql::session>& sessions,
                                 const mysql::server_facts& facts,
                                 const snapshot_options& options,
                                 snapshot_set& out) {
    location place;
    auto under_lock = [&]() -> result<void> {
        for (mysql::session& s : sessions)
            if (auto done = begin_snapshot(s); !done) return done.error();
        if (facts.log_bin) {
            auto here = mysql::current_location(locker, facts);
            if (!here) return here.error();
            place = std::move(*here);
        }
        return check_xa(locker, options, facts);
    };
    auto done = under_lock();
    auto unlocked = locker.execute("UNLOCK TABLES");
    if (!done) return done.error();
    if (!unlocked) return unlocked.error();
    const auto shared = std::make_shared<const location>(std::move(place));
    for (mysql::session& s : sessions) out.sessions.push_back({std::move(s), shared});
    return {};
}

// A statement that waits for a lock blocks others even when nobody listens any more.
inline result<mysql::exec_info> execute_or_kill(const mysql::connect_options& source,
                                                mysql::session& s,
                                                std::string_view sql) {
    const std::uint64_t id = s.connection_id();
    auto done = s.execute(sql);
    if (!done && !s.is_open()) {
        mysql::connect_options options = source;
        options.connect_timeout =
            std::min(options.connect_timeout, std::chrono::milliseconds(3000));
        if (auto killer = mysql::session::connect(options))
            (void)killer->execute("KILL " + std::to_string(id));
    }
    return done;
}

inline std::string lock_tables_statement(const std::vector<table_name>& tables) {
    std::string sql = "LOCK TABLES ";
    for (std::size_t i = 0; i < tables.size(); ++i)
        sql += (i == 0 ? "" : ", ") + quoted(tables[i]) + " READ";
    return sql;
}

inline error no_rung(const mysql::server_facts& facts, const error& flush, const error& lock) {
    std::string way = "GRANT RELOAD ON *.* TO the account of the source";
    if (facts.is_mariadb()) way += " (or switch the binlog on: MariaDB needs no lock then)";
    way += ", or at least GRANT LOCK TABLES ON the copied databases; then run again.";
    error e = snapshot_error(
        "a consistent snapshot needs a lock for a moment, and the account may "
        "take none: " +
            flush.message() + "; " + lock.message(),
        way);
    e.server_errno(lock.server_errno());
    return e;
}

inline result<void> begin_under_lock(const mysql::connect_options& source,
                                     std::vector<mysql::session>& sessions,
                                     const mysql::server_facts& facts,
                                     const snapshot_options& options,
                                     snapshot_set& out) {
    auto locker = open_reader(source, options.connected);
    if (!locker) return locker.error();
    if (auto done = limit_lock_wait(*locker, options.lock_timeout); !done) return done.error();
    constexpr std::string_view flush = "FLUSH TABLES WITH READ LOCK";
    auto locked = execute_or_kill(source, *locker, flush);
    out.method = snapshot_method::flush_tables;
    if (!locked && locked.error().code() == errc::db_privilege && !options.tables.empty()) {
        const error refused = locked.error();
        // With autocommit off InnoDB locks its tables too, so that open transactions are waited
        // for, on servers where the metadata lock alone lets them be.
        for (const std::string& sql :
             {std::string("SET SESSION autocommit = 0"),
              std::string("SET SESSION innodb_lock_wait_timeout = ") +
                  std::to_string(std::max<long long>(1, options.lock_timeout.count() / 1000)),
              lock_tables_statement(options.tables)}) {
            locked = execute_or_kill(source, *locker, sql);
            if (!locked) break;
        }
        out.method = snapshot_method::lock_tables;
        if (!locked && (locked.error().code() == errc::db_privilege ||
                        locked.error().code() == errc::db_access_denied))
            return no_rung(facts, refused, locked.error());
        if (!locked) return lock_error(locked.error(), "LOCK TABLES", options.lock_timeout);
    }
    if (!locked) return lock_error(locked.error(), flush, options.lock_timeout);
    return begin_locked(*locker, sessions, facts, options, out);
}

inline result<snapshot_set> single_session(const mysql::connect_options& source,
                                           const mysql::server_facts& facts,
                                           const snapshot_options& options) {
    snapshot_set out;
    std::vector<mysql::session> sessions;
    auto s = open_reader(source, options.connected);
    if (!s) return s.error();
    sessions.push_back(std::move(*s));
    if (auto clear = check_xa(sessions.front(), options, facts); !clear) return clear.error();
    if (facts.log_bin) {
        if (auto done = begin_lock_free(sessions, facts, out); !done) return done.error();
        return out;
    }
    out.method = snapshot_method::no_binlog;
    if (auto done = begin_snapshot(sessions.front()); !done) return done.error();
    out.sessions.push_back({std::move(sessions.front()), std::make_shared<const location>()});
    return out;
}

}  // namespace internal

DMLIB_DECL result<snapshot_set> take_snapshots(const mysql::connect_options& source,
                                               const mysql::server_facts& facts,
                                               const snapshot_options& options) {
    snapshot_set out;
    const bool lock_free = facts.is_mariadb() && facts.log_bin;
    std::vector<mysql::session> sessions;
    for (std::uint32_t i = 0; i < std::max(1U, options.sessions); ++i) {
        auto s = open_reader(source, options.connected);
        if (!s) return s.error();
        sessions.push_back(std::move(*s));
    }
    result<void> done;
    if (lock_free && (!options.one_position || sessions.size() == 1)) {
        if (auto clear = internal::check_xa(sessions.front(), options, facts); !clear)
            return clear.error();
        done = internal::begin_lock_free(sessions, facts, out);
    } else {
        done = internal::begin_under_lock(source, sessions, facts, options, out);
        // One session needs no lock where the server tells its place, or where there is none.
        const bool refused =
            !done &&
            (done.error().code() == errc::db_privilege || done.error().server_errno() != 0) &&
            !mysql::ends_session(done.error().server_errno());
        if (refused && (lock_free || !facts.log_bin)) {
            if (options.log)
                options.log(log_level::warning,
                            "no lock on the source was to be had (" + done.error().message() +
                                "): one session reads it");
            return internal::single_session(source, facts, options);
        }
    }
    if (!done) return done.error();
    return out;
}

DMLIB_DECL result<snapshot> lock_table(const mysql::connect_options& source,
                                       const mysql::server_facts& facts,
                                       const table_name& t,
                                       std::chrono::milliseconds lock_timeout,
                                       const std::function<void(mysql::canceller)>& connected) {
    auto s = open_reader(source, connected);
    if (!s) return s.error();
    if (auto done = internal::limit_lock_wait(*s, lock_timeout); !done) return done.error();
    auto locked = internal::execute_or_kill(source, *s, "LOCK TABLES " + quoted(t) + " READ");
    if (!locked) {
        error e = internal::lock_error(locked.error(), "LOCK TABLES", lock_timeout);
        if (e.code() == errc::db_privilege || e.code() == errc::db_access_denied)
            e = internal::snapshot_error(
                "the table " + quoted(t) +
                    " has no snapshots, and the account may not lock it: " + e.message(),
                "GRANT LOCK TABLES ON " + quoted_identifier(t.schema) +
                    ".* TO the account of the source, then run again.");
        e.table(t.schema, t.table);
        return e;
    }
    s->set_read_timeout(std::chrono::milliseconds(300000));
    location place;
    if (facts.log_bin) {
        auto here = mysql::current_location(*s, facts);
        if (!here) return here.error();
        place = std::move(*here);
    }
    return snapshot{std::move(*s), std::make_shared<const location>(std::move(place))};
}

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib
