// The grammar of the stream: where transactions begin and end, and what may stand in them.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/statement.hpp>
#include <dmlib/core/error.hpp>

#include <cstdint>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

/// What an event does to the transaction.
enum class step : std::uint8_t {
    outside,    ///< belongs to no transaction: format description, rotate, heartbeat, ...
    begin,      ///< opens a transaction: its GTID, or BEGIN / XA START where there is no GTID
    inside,     ///< part of the open transaction
    commit,     ///< last event; the transaction's changes take effect
    rollback,   ///< last event; the changes are void
    prepare,    ///< last event; the changes wait for XA COMMIT or XA ROLLBACK
    statement,  ///< a transaction of one statement that commits by itself: DDL, GRANT, XA COMMIT;
                ///< the GTID before it (if any) was `begin`
};

enum class commit_kind : std::uint8_t { none, xid, query, statement, xa_one_phase, implicit };

struct tracked {
    dmlib::binlog::step step = step::outside;
    commit_kind commit = commit_kind::none;
    /// Of QUERY events.
    statement_class statement = statement_class::empty;
    bool is_query = false;
    /// The position behind this event is one to start from again.
    bool boundary = false;
};

/// Follows one stream. Give it every event, payload's inner ones too, in order. Payload and
/// fragment events change nothing themselves.
/// Not thread safe.
class transaction_tracker {
public:
    /// Errors: binlog_grammar where the event may not stand here.
    DMLIB_DECL result<tracked> on(const event& e);

    bool in_transaction() const noexcept { return state_ != state::idle; }
    /// GTID of the open transaction, or of the one that the last event ended.
    const dmlib::gtid& current_gtid() const noexcept { return gtid_; }
    /// MariaDB flags of the open transaction's GTID event.
    std::uint8_t mariadb_flags() const noexcept { return mariadb_flags_; }
    std::uint8_t mariadb_flags_extra() const noexcept { return mariadb_flags_extra_; }
    /// Forgets an unfinished transaction (reconnect).
    DMLIB_DECL void reset();

private:
    enum class state : std::uint8_t {
        idle,
        after_gtid,  ///< GTID seen, nothing else
        open,        ///< between BEGIN and its end
        standalone,  ///< MariaDB: one statement follows
        xa_ended,    ///< XA END seen, XA PREPARE follows
    };
    result<tracked> on_query(const event& e, std::string_view text);
    result<tracked> on_rows(const event& e, bool statement_end);
    result<tracked> finish(step s, commit_kind k, tracked t);
    error fault(const event& e, std::string_view what) const;

    state state_ = state::idle;
    bool maps_open_ = false;  ///< a table map whose statement has not ended
    bool rows_seen_ = false;
    bool has_begin_ = false;
    std::uint8_t mariadb_flags_ = 0;
    std::uint8_t mariadb_flags_extra_ = 0;
    dmlib::gtid gtid_;
};

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/binlog/impl/transaction_tracker.ipp>
#endif
