#pragma once

#include <dmlib/mysql/bulk_statement.hpp>
#include <dmlib/mysql/errors.hpp>
#include <dmlib/mysql/impl/internal/session_impl.hpp>
#include <dmlib/mysql/impl/internal/session_values.hpp>

#include <cerrno>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace mysql {

struct bulk_statement::impl {
    /// One parameter's values, in the arrays that the client library reads.
    struct column {
        std::vector<const char*> bytes;
        std::vector<unsigned long> lengths;
        std::vector<char> indicators;
    };

    impl(session& s, std::string_view text) : owner(&s), sql(text) {}
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
    ~impl() {
        if (statement != nullptr) mysql_stmt_close(statement);
    }

    MYSQL* handle() const { return static_cast<MYSQL*>(owner->native_handle()); }

    // The library keeps what is only its own opinion with the statement.
    error fault() const {
        if (mysql_errno(handle()) != 0) return owner->last_error(sql);
        error e = make_server_error(static_cast<int>(mysql_stmt_errno(statement)),
                                    mysql_stmt_error(statement),
                                    owner->role());
        e.statement(internal::statement_for_error(sql));
        return e;
    }

    void clear() {
        for (column& c : columns) {
            c.bytes.clear();
            c.lengths.clear();
            c.indicators.clear();
        }
        next = 0;
        rows = 0;
        bytes = 0;
    }

    session* owner;
    std::string sql;
    MYSQL_STMT* statement = nullptr;
    std::vector<column> columns;
    std::vector<MYSQL_BIND> binds;
    std::size_t next = 0;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

DMLIB_DECL bulk_statement::bulk_statement(std::unique_ptr<impl> p) : impl_(std::move(p)) {
}
DMLIB_DECL bulk_statement::bulk_statement(bulk_statement&&) noexcept = default;
DMLIB_DECL bulk_statement::~bulk_statement() = default;

DMLIB_DECL bool bulk_statement::offered(session& s) noexcept {
    if (!s.is_open()) return false;
    unsigned long capabilities = 0;
    auto* const m = static_cast<MYSQL*>(s.native_handle());
    if (mariadb_get_infov(m, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &capabilities) != 0)
        return false;
    return (capabilities & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
}

DMLIB_DECL result<bulk_statement> bulk_statement::prepare(session& s,
                                                          std::string_view sql,
                                                          std::size_t columns) {
    if (!s.is_open()) return error(errc::db_connection_lost, "The session is not connected.");
    auto p = std::make_unique<impl>(s, sql);
    p->statement = mysql_stmt_init(p->handle());
    if (p->statement == nullptr) return s.last_error(sql);
    errno = 0;
    if (mysql_stmt_prepare(p->statement, sql.data(), static_cast<unsigned long>(sql.size())) != 0)
        return p->fault();
    if (mysql_stmt_param_count(p->statement) != columns)
        return error(errc::internal_bug, "A bulk statement has another number of parameters.");
    p->columns.resize(columns);
    p->binds.resize(columns);
    return bulk_statement(std::move(p));
}

DMLIB_DECL void bulk_statement::add(std::optional<std::string_view> value) {
    impl::column& c = impl_->columns[impl_->next];
    // A null pointer would be taken for NULL.
    c.bytes.push_back(value && value->data() != nullptr ? value->data() : "");
    c.lengths.push_back(value ? static_cast<unsigned long>(value->size()) : 0);
    c.indicators.push_back(value ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL);
    // An indicator and a length stand before each value.
    impl_->bytes += 1 + (value ? value->size() + 9 : 0);
    if (++impl_->next == impl_->columns.size()) {
        impl_->next = 0;
        ++impl_->rows;
    }
}

DMLIB_DECL std::uint64_t bulk_statement::rows() const noexcept {
    return impl_->rows;
}

DMLIB_DECL std::uint64_t bulk_statement::bytes() const noexcept {
    return impl_->bytes;
}

DMLIB_DECL result<exec_info> bulk_statement::execute() {
    impl& p = *impl_;
    if (!p.owner->is_open())
        return error(errc::db_connection_lost, "The session is not connected.");
    for (std::size_t i = 0; i < p.columns.size(); ++i) {
        MYSQL_BIND& b = p.binds[i];
        b = MYSQL_BIND{};
        // Of the BLOB types the server assumes no charset.
        b.buffer_type = MYSQL_TYPE_BLOB;
        b.buffer = p.columns[i].bytes.data();
        b.length = p.columns[i].lengths.data();
        b.u.indicator = p.columns[i].indicators.data();
    }
    auto count = static_cast<unsigned int>(p.rows);
    errno = 0;
    if (mysql_stmt_attr_set(p.statement, STMT_ATTR_ARRAY_SIZE, &count) != 0 ||
        mysql_stmt_bind_param(p.statement, p.binds.data()) != 0 ||
        mysql_stmt_execute(p.statement) != 0)
        return p.fault();
    exec_info info;
    info.affected_rows = mysql_stmt_affected_rows(p.statement);
    info.warnings = static_cast<std::uint32_t>(mysql_stmt_warning_count(p.statement));
    p.clear();
    return info;
}

}  // namespace mysql
}  // namespace DMLIB_ABI
}  // namespace dmlib
