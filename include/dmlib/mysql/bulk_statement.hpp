// One prepared statement for many rows: MariaDB's COM_STMT_BULK_EXECUTE (server 10.2 and later;
// protocol: MariaDB's "COM_STMT_BULK_EXECUTE" page). The rows travel as they are, nothing is
// escaped or parsed.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/mysql/session.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

/// Values are byte strings without a charset, as LOAD DATA ... CHARACTER SET binary has them: the
/// server turns them into numbers and times, and stores them in text columns as they are. Lifetime:
/// not beyond the session, which must stay where it is. Thread safety: the session's.
class bulk_statement {
public:
    /// True where the server and the client library have the command.
    DMLIB_DECL static bool offered(session& s) noexcept;
    /// `sql` has a `?` for each of `columns` values of a row. Errors: those of session::execute.
    DMLIB_DECL static result<bulk_statement> prepare(session& s,
                                                     std::string_view sql,
                                                     std::size_t columns);
    DMLIB_DECL bulk_statement(bulk_statement&&) noexcept;
    DMLIB_DECL ~bulk_statement();

    /// The next value, row by row, column by column; nothing: NULL. The bytes are borrowed until
    /// execute().
    DMLIB_DECL void add(std::optional<std::string_view> value);
    /// Whole rows that were added since execute().
    DMLIB_DECL std::uint64_t rows() const noexcept;
    /// Bytes that they take on the wire.
    DMLIB_DECL std::uint64_t bytes() const noexcept;
    /// Sends the rows, and waits for the server's word on all of them. A fault in one row is an
    /// error for the statement. Precondition: rows() > 0, no row half added.
    DMLIB_DECL result<exec_info> execute();

private:
    struct impl;
    explicit bulk_statement(std::unique_ptr<impl> p);
    std::unique_ptr<impl> impl_;
};

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/mysql/impl/bulk_statement.ipp>
#endif
