#pragma once

#include <dmlib/mysql/errors.hpp>
#include <dmlib/mysql/impl/internal/session_impl.hpp>
#include <dmlib/mysql/impl/internal/session_values.hpp>
#include <dmlib/mysql/session.hpp>

#include <cerrno>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

DMLIB_DECL std::optional<std::size_t> result_set::find_column(
    std::string_view name) const noexcept {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (internal::equal_ignoring_case(columns_[i].name, name)) return i;
    }
    return std::nullopt;
}

DMLIB_DECL std::optional<std::string_view> result_set::get(std::size_t row,
                                                           std::string_view name) const {
    const auto column = find_column(name);
    return column ? get(row, *column) : std::nullopt;
}

DMLIB_DECL std::string_view result_set::text(std::size_t row, std::string_view name) const {
    return get(row, name).value_or(std::string_view{});
}

DMLIB_DECL error session::last_error(std::string_view sql) {
    const int kept_errno = errno;
    if (!impl_) return error(errc::db_connection_lost, "The session is not connected.");
    const int number = static_cast<int>(mysql_errno(impl_->handle));
    // A plain read polls and leaves ETIMEDOUT; TLS reads from a blocking socket, where the socket's
    // own limit leaves EAGAIN (which on a plain socket is left by any read that had to wait).
    const bool timed_out = kept_errno == ETIMEDOUT || (impl_->tls && kept_errno == EAGAIN);
    const bool lost = ends_session(number) || impl_->handle->net.pvio == nullptr;
    const error_scope side =
        impl_->role == role::source ? error_scope::upstream : error_scope::downstream;
    error e;
    if (impl_->shared->cancelled) {
        e = error(errc::task_stopped, "The connection was interrupted on request.");
    } else if (lost && timed_out) {
        e = error(
            errc::db_time_out,
            "The server sent nothing for " + std::to_string(impl_->read_timeout.count()) + " ms.");
        e.server_errno(number);
    } else if (number == 2026) {
        // Behind the handshake a failure of TLS is a lost connection, not a wrong certificate.
        e = error(errc::db_connection_lost,
                  std::string("Error 2026: ") + mysql_error(impl_->handle));
        e.server_errno(number);
    } else {
        e = make_server_error(number, mysql_error(impl_->handle), impl_->role);
    }
    e.scope(side);
    if (lost || impl_->shared->cancelled) impl_->dead = true;
    if (!sql.empty()) e.statement(internal::statement_for_error(sql));
    return e;
}

namespace internal {

inline error not_usable(const detail::session_impl* impl) {
    if (impl != nullptr && impl->shared->cancelled) {
        return error(errc::task_stopped, "The connection was interrupted on request.");
    }
    return error(errc::db_connection_lost, "The session is not connected.");
}

// For calls while another one is under way: our own mistake.
inline error busy_session() {
    return error(errc::internal_bug, "A session was used while a result was still being read.");
}

inline std::optional<error> check_ready(const detail::session_impl* impl, bool usable) {
    if (!usable) return not_usable(impl);
    if (impl->streaming != nullptr || impl->text_sent) return busy_session();
    return std::nullopt;
}

inline bool send_query(MYSQL* m, std::string_view sql) {
    errno = 0;
    return mysql_real_query(m, sql.data(), static_cast<unsigned long>(sql.size())) == 0;
}

inline exec_info read_exec_info(MYSQL* m) {
    exec_info info;
    info.affected_rows = mysql_affected_rows(m);
    info.last_insert_id = mysql_insert_id(m);
    info.warnings = mysql_warning_count(m);
    const char* text = mysql_info(m);
    if (text != nullptr) read_info(text, info);
    return info;
}

// Takes what the current statement gave; rows are read and dropped. False: see mysql_errno.
inline bool finish_statement(MYSQL* m, exec_info& info) {
    if (mysql_field_count(m) == 0) {
        info = read_exec_info(m);
        return true;
    }
    MYSQL_RES* rows = mysql_use_result(m);
    if (rows == nullptr) return false;
    errno = 0;
    while (mysql_fetch_row(rows) != nullptr) {
    }
    const bool good = mysql_errno(m) == 0;
    mysql_free_result(rows);
    info = exec_info{};
    info.warnings = mysql_warning_count(m);
    return good;
}

inline std::vector<column_info> read_columns(MYSQL_RES* rows) {
    std::vector<column_info> out;
    const unsigned int n = mysql_num_fields(rows);
    const MYSQL_FIELD* fields = mysql_fetch_fields(rows);
    out.reserve(n);
    for (unsigned int i = 0; i < n; ++i) {
        const MYSQL_FIELD& f = fields[i];
        column_info c;
        c.name.assign(f.name, f.name_length);
        if (f.org_name != nullptr) c.original_name.assign(f.org_name, f.org_name_length);
        if (f.org_table != nullptr) c.table.assign(f.org_table, f.org_table_length);
        if (f.db != nullptr) c.schema.assign(f.db, f.db_length);
        c.type = static_cast<std::uint8_t>(f.type);
        c.collation = static_cast<std::uint16_t>(f.charsetnr);
        c.flags = f.flags;
        c.decimals = static_cast<std::uint8_t>(f.decimals);
        c.length = f.length;
        out.push_back(std::move(c));
    }
    return out;
}

}  // namespace internal

DMLIB_DECL result<exec_info> session::execute(std::string_view sql) {
    if (auto e = internal::check_ready(impl_.get(), is_open())) return *e;
    MYSQL* m = impl_->handle;
    if (!internal::send_query(m, sql)) return last_error(sql);
    exec_info info;
    for (;;) {
        if (!internal::finish_statement(m, info)) return last_error(sql);
        errno = 0;
        const int more = mysql_next_result(m);
        if (more < 0) return info;
        if (more > 0) return last_error(sql);
    }
}

DMLIB_DECL result<result_set> session::query(std::string_view sql) {
    auto stream = open_stream(sql);
    if (!stream) return stream.error();
    result_set out;
    out.columns_ = stream->columns();
    const std::size_t width = out.columns_.size();
    for (row_view row;;) {
        auto more = stream->next(row);
        if (!more) return more.error();
        if (!*more) return out;
        for (std::size_t i = 0; i < width; ++i) {
            result_set::field f;
            f.offset = out.bytes_.size();
            f.null = row.is_null(i);
            f.size = f.null ? 0 : row.lengths[i];
            if (!f.null) out.bytes_.append(row.values[i], row.lengths[i]);
            out.fields_.push_back(f);
        }
    }
}

DMLIB_DECL result<std::optional<std::string>> session::query_value(std::string_view sql) {
    auto rows = query(sql);
    if (!rows) return rows.error();
    std::optional<std::string> out;
    if (rows->size() > 0) {
        if (const auto field = rows->get(0, std::size_t{0})) out.emplace(*field);
    }
    return out;
}

DMLIB_DECL result<row_stream> session::open_stream(std::string_view sql) {
    if (auto e = internal::check_ready(impl_.get(), is_open())) return *e;
    MYSQL* m = impl_->handle;
    if (!internal::send_query(m, sql)) return last_error(sql);
    if (mysql_field_count(m) == 0) {
        error e(impl_->role == role::source ? errc::db_query_failed : errc::db_execute_failed,
                "The statement returned no rows.");
        e.statement(internal::statement_for_error(sql));
        return e;
    }
    MYSQL_RES* rows = mysql_use_result(m);
    if (rows == nullptr) return last_error(sql);
    impl_->streaming = rows;
    return row_stream(this, internal::read_columns(rows));
}

DMLIB_DECL row_stream::~row_stream() {
    if (session_ != nullptr && session_->impl_ && session_->impl_->streaming != nullptr) {
        session_->impl_->drop_stream();
    }
}

DMLIB_DECL result<bool> row_stream::next(row_view& row) {
    if (session_ == nullptr) return false;
    detail::session_impl* impl = session_->impl_.get();
    if (impl == nullptr || impl->streaming == nullptr) return internal::not_usable(impl);
    MYSQL_RES* rows = impl->streaming;
    errno = 0;
    if (const MYSQL_ROW values = mysql_fetch_row(rows)) {
        row.values = values;
        row.lengths = mysql_fetch_lengths(rows);
        row.count = columns_.size();
        return true;
    }
    const bool failed = mysql_errno(impl->handle) != 0;
    std::optional<error> why;
    if (failed) why = session_->last_error();
    mysql_free_result(rows);
    impl->streaming = nullptr;
    session* const owner = std::exchange(session_, nullptr);
    if (why) return *why;
    if (mysql_more_results(impl->handle)) {
        exec_info rest;
        while (mysql_next_result(impl->handle) == 0) {
            if (!internal::finish_statement(impl->handle, rest)) break;
        }
        if (mysql_errno(impl->handle) != 0) return owner->last_error();
    }
    return false;
}

DMLIB_DECL result<void> row_stream::drain() {
    for (row_view row;;) {
        auto more = next(row);
        if (!more) return more.error();
        if (!*more) return {};
    }
}

DMLIB_DECL result<std::uint64_t> session::query_stream(
    std::string_view sql, const std::function<result<void>(const row_view&)>& on_row) {
    auto stream = open_stream(sql);
    if (!stream) return stream.error();
    std::uint64_t rows = 0;
    for (row_view row;; ++rows) {
        auto more = stream->next(row);
        if (!more) return more.error();
        if (!*more) return rows;
        auto taken = on_row(row);
        if (!taken) return taken.error();
    }
}

DMLIB_DECL result<void> session::send(std::string_view text) {
    if (auto e = internal::check_ready(impl_.get(), is_open())) return *e;
    errno = 0;
    if (mysql_send_query(impl_->handle, text.data(), static_cast<unsigned long>(text.size())) !=
        0) {
        return last_error(text);
    }
    impl_->text_sent = true;
    return {};
}

DMLIB_DECL result<void> session::read_results(std::vector<exec_info>& out) {
    if (!is_open()) return internal::not_usable(impl_.get());
    if (!impl_->text_sent) return internal::busy_session();
    impl_->text_sent = false;
    MYSQL* m = impl_->handle;
    errno = 0;
    if (mysql_read_query_result(m) != 0) return last_error();
    for (;;) {
        exec_info info;
        if (!internal::finish_statement(m, info)) return last_error();
        out.push_back(info);
        errno = 0;
        const int more = mysql_next_result(m);
        if (more < 0) return {};
        if (more > 0) return last_error();
    }
}

DMLIB_DECL result<void> session::execute_many(std::string_view text, std::vector<exec_info>& out) {
    out.clear();
    auto sent = send(text);
    if (!sent) return sent.error();
    auto done = read_results(out);
    if (done) return done;
    error e = done.error();
    if (e.place().statement.empty()) e.statement(internal::statement_for_error(text));
    return e;
}

DMLIB_DECL result<exec_info> session::load_data(std::string_view sql, const infile_reader& fill) {
    if (auto e = internal::check_ready(impl_.get(), is_open())) return *e;
    impl_->infile = &fill;
    impl_->infile_error.reset();
    auto done = execute(sql);
    impl_->infile = nullptr;
    if (impl_->infile_error) return *std::exchange(impl_->infile_error, std::nullopt);
    return done;
}

DMLIB_DECL result<void> session::ping() {
    if (auto e = internal::check_ready(impl_.get(), is_open())) return *e;
    errno = 0;
    if (mysql_ping(impl_->handle) != 0) return last_error();
    return {};
}

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
