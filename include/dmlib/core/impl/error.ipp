#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/core/impl/internal/error_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {

struct error::data {
    std::string message;
    std::string workaround;
    error_place place;
    int server_errno = 0;
    std::optional<error_scope> scope;
};

DMLIB_DECL const error_info& info_of(errc code) noexcept {
    const auto* end = std::end(internal::error_table);
    const auto* at = std::lower_bound(
        std::begin(internal::error_table), end, code, [](const error_info& row, errc c) {
            return static_cast<int>(row.code) < static_cast<int>(c);
        });
    if (at != end && at->code == code) return *at;
    return info_of(errc::internal_bug);
}

DMLIB_DECL error::error(errc code) : code_(code), data_(std::make_shared<data>()) {
    data_->message = std::string(info().message);
}

DMLIB_DECL error::error(errc code, std::string what) : error(code) {
    if (!what.empty()) data_->message = std::move(what);
}

DMLIB_DECL error::data& error::own() {
    if (!data_) {
        data_ = std::make_shared<data>();
    } else if (data_.use_count() > 1) {
        data_ = std::make_shared<data>(*data_);
    }
    return *data_;
}

DMLIB_DECL const std::string& error::message() const noexcept {
    static const std::string none;
    return data_ ? data_->message : none;
}

DMLIB_DECL std::string error::workaround() const {
    if (data_ && !data_->workaround.empty()) return data_->workaround;
    return std::string(info().workaround);
}

DMLIB_DECL const error_place& error::place() const noexcept {
    static const error_place nowhere;
    return data_ ? data_->place : nowhere;
}

DMLIB_DECL int error::server_errno() const noexcept {
    return data_ ? data_->server_errno : 0;
}

DMLIB_DECL error& error::workaround(std::string way_out) {
    own().workaround = std::move(way_out);
    return *this;
}
DMLIB_DECL error& error::server_errno(int number) {
    own().server_errno = number;
    return *this;
}
DMLIB_DECL error_scope error::scope() const noexcept {
    return data_ && data_->scope ? *data_->scope : info().scope;
}
DMLIB_DECL error& error::scope(error_scope side) {
    own().scope = side;
    return *this;
}
DMLIB_DECL error& error::task(std::string name) {
    own().place.task = std::move(name);
    return *this;
}
DMLIB_DECL error& error::source(std::string id) {
    own().place.source = std::move(id);
    return *this;
}
DMLIB_DECL error& error::table(std::string schema, std::string table) {
    auto& place = own().place;
    place.schema = std::move(schema);
    place.table = std::move(table);
    return *this;
}
DMLIB_DECL error& error::position(std::string file, std::uint64_t pos, std::string gtid) {
    auto& place = own().place;
    place.binlog_file = std::move(file);
    place.binlog_pos = pos;
    place.gtid = std::move(gtid);
    return *this;
}
DMLIB_DECL error& error::statement(std::string text) {
    own().place.statement = std::move(text);
    return *this;
}
DMLIB_DECL error& error::config_place(std::string file, int line, int column) {
    auto& place = own().place;
    place.file = std::move(file);
    place.line = line;
    place.column = column;
    return *this;
}

DMLIB_DECL std::string error::to_string() const {
    const auto& at = place();
    std::string out = fmt::format("{} ({}): {}", info().name, static_cast<int>(code_), message());
    if (!at.task.empty()) out += fmt::format(" [task {}]", at.task);
    if (!at.source.empty()) out += fmt::format(" [source {}]", at.source);
    if (!at.table.empty()) out += fmt::format(" [table {}.{}]", at.schema, at.table);
    if (!at.binlog_file.empty()) out += fmt::format(" [at {}:{}]", at.binlog_file, at.binlog_pos);
    if (!at.gtid.empty()) out += fmt::format(" [gtid {}]", at.gtid);
    if (!at.statement.empty()) out += fmt::format(" [statement: {}]", at.statement);
    out += fmt::format(". Way out: {}", workaround());
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
