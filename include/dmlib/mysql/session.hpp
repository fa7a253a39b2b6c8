// A connection to a server, used from one thread at a time with blocking calls. Meant for worker
// threads: coroutines hand whole transactions or dumps to async::blocking_pool.
#pragma once

#include <dmlib/core/bytes.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/mysql/options.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

/// What the server says about a statement without rows.
struct exec_info {
    std::uint64_t affected_rows = 0;  ///< rows matched, where connect_options::found_rows is set
    std::uint64_t last_insert_id = 0;
    std::uint32_t warnings = 0;
    /// From the server's "Rows matched: 1  Changed: 0" and "Records: 3  Duplicates: 1", if given.
    std::optional<std::uint64_t> rows_matched;
    std::optional<std::uint64_t> rows_changed;
    std::optional<std::uint64_t> records;
    std::optional<std::uint64_t> duplicates;
};

/// A column of a result.
struct column_info {
    std::string name;
    std::string original_name;  ///< of the table's column, "" for expressions
    std::string table;
    std::string schema;
    std::uint8_t type = 0;        ///< the protocol's type code (enum_field_types)
    std::uint16_t collation = 0;  ///< id; 63 = binary
    std::uint32_t flags = 0;  ///< the protocol's flags (NOT_NULL 1, UNSIGNED 32, BINARY 128, ...)
    std::uint8_t decimals = 0;
    std::uint64_t length = 0;
};

/// A whole result in memory. Copyable; views live as long as the object.
class result_set {
public:
    const std::vector<column_info>& columns() const noexcept { return columns_; }
    std::size_t size() const noexcept {
        return columns_.empty() ? 0 : fields_.size() / columns_.size();
    }
    bool empty() const noexcept { return fields_.empty(); }
    /// The field, or nothing for NULL. Preconditions: row < size(), column < columns().size().
    std::optional<std::string_view> get(std::size_t row, std::size_t column) const {
        const field& f = fields_[row * columns_.size() + column];
        if (f.null) return std::nullopt;
        return std::string_view(bytes_).substr(f.offset, f.size);
    }
    /// The field's text, "" for NULL.
    std::string_view text(std::size_t row, std::size_t column) const {
        return get(row, column).value_or(std::string_view{});
    }
    /// Index of a column by its name without regard to ASCII case.
    DMLIB_DECL std::optional<std::size_t> find_column(std::string_view name) const noexcept;
    /// By name; nothing for NULL and for a column that the result lacks.
    DMLIB_DECL std::optional<std::string_view> get(std::size_t row, std::string_view name) const;
    DMLIB_DECL std::string_view text(std::size_t row, std::string_view name) const;

private:
    friend class session;
    struct field {
        std::size_t offset = 0;
        std::size_t size = 0;
        bool null = false;
    };
    std::vector<column_info> columns_;
    std::vector<field> fields_;
    std::string bytes_;
};

/// One row of a stream: borrowed pointers into the library's buffer, nullptr for NULL. Valid until
/// the next row is read. The bytes are not changed nor copied.
struct row_view {
    const char* const* values = nullptr;
    const unsigned long* lengths = nullptr;
    std::size_t count = 0;

    bool is_null(std::size_t i) const noexcept { return values[i] == nullptr; }
    std::string_view operator[](std::size_t i) const noexcept {
        return values[i] == nullptr ? std::string_view{} : std::string_view{values[i], lengths[i]};
    }
};

namespace detail {
struct session_impl;
struct session_shared;
}  // namespace detail

/// Interrupts a session from any thread at any time, also after the session was moved or closed.
class canceller {
public:
    canceller() = default;
    /// Shuts the connection down: a blocked call returns errc::task_stopped, the session is dead.
    /// Idempotent. During connect() it takes effect when the server answers or its time-out ends.
    DMLIB_DECL void cancel() const;

private:
    friend class session;
    explicit canceller(std::shared_ptr<detail::session_shared> s) : shared_(std::move(s)) {}
    std::shared_ptr<detail::session_shared> shared_;
};

class session;

/// Rows of one query, read as they arrive (unbuffered). While it exists the session does nothing
/// else, and must stay where it is. Destroying it before the end closes the session (cheaper than
/// reading a huge rest); drain() keeps the session usable.
class row_stream {
public:
    row_stream(row_stream&& other) noexcept
        : session_(std::exchange(other.session_, nullptr)), columns_(std::move(other.columns_)) {}
    row_stream& operator=(row_stream&&) = delete;
    DMLIB_DECL ~row_stream();

    const std::vector<column_info>& columns() const noexcept { return columns_; }
    /// Next row; false at the end.
    DMLIB_DECL result<bool> next(row_view& row);
    /// Reads and drops what is left.
    DMLIB_DECL result<void> drain();

private:
    friend class session;
    row_stream(session* s, std::vector<column_info> c) : session_(s), columns_(std::move(c)) {}
    session* session_ = nullptr;
    std::vector<column_info> columns_;
};

/// A connection. Move-only. Thread safety: one thread at a time, except get_canceller()'s object.
/// Errors carry the server's number and text; they never carry the password. A statement's text is
/// put into the error's place, cut at 512 bytes.
class session {
public:
    DMLIB_DECL session() noexcept;
    DMLIB_DECL session(session&&) noexcept;
    DMLIB_DECL session& operator=(session&&) noexcept;
    DMLIB_DECL ~session();

    /// Connects, authenticates, verifies TLS, sets the session variables.
    DMLIB_DECL static result<session> connect(const connect_options& options);

    /// False once the connection was lost, cancelled or closed.
    bool is_open() const noexcept { return impl_ != nullptr && usable(); }
    /// Runs one statement; rows that it returns are read and dropped.
    DMLIB_DECL result<exec_info> execute(std::string_view sql);
    /// Runs one query and keeps its rows.
    DMLIB_DECL result<result_set> query(std::string_view sql);
    /// The first field of the first row; nothing for NULL or no row.
    DMLIB_DECL result<std::optional<std::string>> query_value(std::string_view sql);
    /// Runs one query and streams its rows without keeping them.
    DMLIB_DECL result<row_stream> open_stream(std::string_view sql);
    /// The same with a callback per row. An error of the callback closes the session and is
    /// returned.
    DMLIB_DECL result<std::uint64_t> query_stream(
        std::string_view sql, const std::function<result<void>(const row_view&)>& on_row);

    /// Runs several statements separated by ';' in one packet (needs multi_statements). `out` gets
    /// one entry per statement that succeeded, so on an error out.size() is the failing statement's
    /// index, and the statements behind it were not run.
    DMLIB_DECL result<void> execute_many(std::string_view text, std::vector<exec_info>& out);
    /// The two halves of execute_many, so that a lane can prepare the next batch while the server
    /// works. At most one text may be under way; nothing else may be called in between.
    DMLIB_DECL result<void> send(std::string_view text);
    DMLIB_DECL result<void> read_results(std::vector<exec_info>& out);

    /// LOAD DATA LOCAL INFILE '<any name>' ...: `fill` is called until it returns 0 and writes at
    /// most `size` bytes per call; nothing is read from files. Needs local_infile.
    using infile_reader = std::function<result<std::size_t>(char* buffer, std::size_t size)>;
    DMLIB_DECL result<exec_info> load_data(std::string_view sql, const infile_reader& fill);

    /// 0 = wait forever. For statements that may take long (ALTER TABLE, LOCK ...).
    DMLIB_DECL void set_read_timeout(std::chrono::milliseconds timeout) noexcept;
    DMLIB_DECL result<void> ping();
    DMLIB_DECL void close() noexcept;
    DMLIB_DECL canceller get_canceller() const;
    /// Shorthand for get_canceller().cancel(): any thread, while the session stays where it is.
    void cancel() const { get_canceller().cancel(); }

    /// What the server said at the handshake: "10.11.19-MariaDB-0+deb12u1-log".
    DMLIB_DECL const std::string& server_version_text() const noexcept;
    /// The server's number of this connection, for KILL.
    DMLIB_DECL std::uint64_t connection_id() const noexcept;
    /// "TLSv1.3", "" where the connection is plain.
    DMLIB_DECL std::string tls_version() const;
    DMLIB_DECL mysql::role role() const noexcept;
    /// Text as a literal for this connection's charset and sql_mode (NO_BACKSLASH_ESCAPES too).
    DMLIB_DECL std::string literal(std::string_view text) const;

    /// The MYSQL* behind, for this room's own files.
    DMLIB_DECL void* native_handle() noexcept;
    /// The error of the last call on the handle. For this room's own files.
    DMLIB_DECL error last_error(std::string_view sql = {});

private:
    friend class row_stream;
    DMLIB_DECL bool usable() const noexcept;
    std::unique_ptr<detail::session_impl> impl_;
};

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/mysql/impl/session.ipp>
#include <dmlib/mysql/impl/session_calls.ipp>
#endif
