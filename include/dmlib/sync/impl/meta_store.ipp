#pragma once

#include <dmlib/dml/literal.hpp>
#include <dmlib/load/meta_tables.hpp>
#include <dmlib/sync/meta_store.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sync {

namespace internal {

inline std::uint64_t to_number(std::string_view text) {
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

inline std::string list_of(const std::vector<table_name>& names) {
    std::string out;
    for (const table_name& n : names) {
        if (!out.empty()) out += ',';
        out += quoted(n);
    }
    return out;
}

/// The quoted name that the list begins with, taken from it.
inline std::optional<std::string> take_name(std::string_view& list) {
    if (!list.starts_with('`')) return std::nullopt;
    std::string out;
    for (std::size_t i = 1; i < list.size(); ++i) {
        const bool twice = list[i] == '`' && i + 1 < list.size() && list[i + 1] == '`';
        if (list[i] != '`' || twice) {
            out += list[i];
            i += twice ? 1 : 0;
            continue;
        }
        list.remove_prefix(i + 1);
        return out;
    }
    return std::nullopt;
}

/// Names of `parts` parts each, as list_of() writes them.
inline std::optional<std::vector<std::vector<std::string>>> names_in(std::string_view list,
                                                                     std::size_t parts) {
    std::vector<std::vector<std::string>> out;
    while (!list.empty()) {
        if (!out.empty()) list.remove_prefix(1);
        out.emplace_back();
        for (std::size_t i = 0; i < parts; ++i) {
            if (i != 0 && !list.starts_with('.')) return std::nullopt;
            if (i != 0) list.remove_prefix(1);
            auto name = take_name(list);
            if (!name) return std::nullopt;
            out.back().push_back(std::move(*name));
        }
        if (!list.empty() && list.front() != ',') return std::nullopt;
    }
    return out;
}

/// NULL where there is none.
inline std::string literal_of(const checkpoint::left_columns& left) {
    std::string out;
    for (const auto& [table, columns] : left) {
        for (const std::string& column : columns) {
            if (!out.empty()) out += ',';
            out += quoted(table) + '.' + quoted_identifier(column);
        }
    }
    return out.empty() ? "NULL" : quoted_literal(out);
}

inline constexpr std::string_view name_column =
    "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL";
inline constexpr std::string_view table_options =
    " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

}  // namespace internal

DMLIB_DECL meta_store::meta_store(std::string meta_schema, std::string task, std::string source)
    : schema_(std::move(meta_schema)), task_(std::move(task)), source_(std::move(source)) {
}

DMLIB_DECL std::string meta_store::table(std::string_view suffix) const {
    return quoted({schema_, task_ + "_dmlib_" + std::string(suffix)});
}

DMLIB_DECL std::string meta_store::where_source() const {
    return " WHERE source_id=" + quoted_literal(source_);
}

DMLIB_DECL result<void> meta_store::run(mysql::session& s, std::string_view sql) const {
    const auto done = s.execute(sql);
    if (!done) return done.error();
    return {};
}

DMLIB_DECL result<void> meta_store::check_task(mysql::session& s) const {
    return load::check_task_mark(s, schema_, task_ + "_dmlib_progress", task_);
}

DMLIB_DECL result<bool> meta_store::ready(mysql::session& s) const {
    std::string sql = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=" +
                      quoted_literal(schema_) + " AND TABLE_NAME IN (";
    for (const char* what : {"lanes", "progress", "schema", "branches", "keys"})
        sql += quoted_literal(task_ + "_dmlib_" + what) + ",";
    sql.back() = ')';
    auto count = s.query_value(sql);
    if (!count) return count.error();
    if (*count != "5") return false;
    if (auto ours = check_task(s); !ours) return ours.error();
    const auto lacking = lacking_columns(s);
    if (!lacking) return lacking.error();
    return lacking->empty();
}

namespace internal {

/// Columns of the progress table that stores of the first days lack.
struct later_column {
    std::string_view name;
    std::string_view type;
    std::string_view empty;  ///< what stands for it where it is missing
};
inline constexpr later_column later_columns[] = {
    {"ddl_tables", "LONGTEXT", "NULL"},
    {"ddl_rows_file", "VARCHAR(512) NOT NULL DEFAULT ''", "''"},
    {"ddl_rows_pos", "BIGINT UNSIGNED NOT NULL DEFAULT 0", "0"},
    {"ddl_rows_event", "INT UNSIGNED NOT NULL DEFAULT 0", "0"},
    {"left_columns", "LONGTEXT", "NULL"},
};

}  // namespace internal

DMLIB_DECL result<std::vector<std::string>> meta_store::lacking_columns(mysql::session& s) const {
    const auto there = s.query(
        "SELECT LOWER(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=" +
        quoted_literal(schema_) + " AND TABLE_NAME=" + quoted_literal(task_ + "_dmlib_progress"));
    if (!there) return there.error();
    std::vector<std::string> out;
    for (const auto& c : internal::later_columns) {
        bool found = false;
        for (std::size_t i = 0; i < there->size() && !found; ++i)
            found = there->text(i, 0) == c.name;
        if (!found) out.emplace_back(c.name);
    }
    return out;
}

DMLIB_DECL result<void> meta_store::prepare(mysql::session& s) const {
    using internal::name_column;
    const std::string table_options = std::string(internal::table_options) + load::task_mark(task_);
    const std::string statements[] = {
        "CREATE DATABASE IF NOT EXISTS " + quoted_identifier(schema_) +
            " DEFAULT CHARACTER SET utf8mb4",
        fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, lane INT UNSIGNED NOT NULL, "
                    "epoch BIGINT UNSIGNED NOT NULL, "
                    "binlog_file VARCHAR(512) NOT NULL, binlog_pos BIGINT UNSIGNED NOT NULL, "
                    "event_no INT UNSIGNED NOT NULL, "
                    "row_no INT UNSIGNED NOT NULL, gtid VARCHAR(128) NOT NULL, PRIMARY KEY "
                    "(source_id, lane)){}",
                    table("lanes"),
                    name_column,
                    table_options),
        fmt::format(
            "CREATE TABLE IF NOT EXISTS {} (source_id {}, version INT NOT NULL, epoch BIGINT "
            "UNSIGNED NOT NULL, "
            "server_identity VARCHAR(128) NOT NULL, binlog_file VARCHAR(512) NOT NULL, binlog_pos "
            "BIGINT UNSIGNED NOT NULL, "
            "gtid_set LONGTEXT NOT NULL, gtid_flavor VARCHAR(16) NOT NULL, lanes INT UNSIGNED NOT "
            "NULL, "
            "ddl_state INT NOT NULL DEFAULT 0, ddl_file VARCHAR(512) NOT NULL DEFAULT '', ddl_pos "
            "BIGINT UNSIGNED NOT NULL DEFAULT 0, "
            "ddl_step INT UNSIGNED NOT NULL DEFAULT 0, ddl_text LONGTEXT, ddl_before LONGTEXT, "
            "ddl_tables LONGTEXT, ddl_rows_file VARCHAR(512) NOT NULL DEFAULT '', ddl_rows_pos "
            "BIGINT UNSIGNED NOT NULL DEFAULT 0, ddl_rows_event INT UNSIGNED NOT NULL DEFAULT 0, "
            "left_columns LONGTEXT, PRIMARY KEY (source_id)){}",
            table("progress"),
            name_column,
            table_options),
        fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, schema_name {}, table_name {}, "
                    "definition LONGTEXT NOT NULL, "
                    "PRIMARY KEY (source_id, schema_name, table_name)){}",
                    table("schema"),
                    name_column,
                    name_column,
                    name_column,
                    table_options),
        fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, branch BIGINT UNSIGNED NOT NULL, "
                    "piece INT UNSIGNED NOT NULL, xa_id VARBINARY(512) NOT NULL, row_data LONGBLOB "
                    "NOT NULL, PRIMARY KEY (source_id, branch, piece)){}",
                    table("branches"),
                    name_column,
                    table_options),
        fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, schema_name {}, table_name {}, "
                    "definition LONGTEXT NOT NULL, "
                    "PRIMARY KEY (source_id, schema_name, table_name)){}",
                    table("keys"),
                    name_column,
                    name_column,
                    name_column,
                    table_options),
    };
    for (const std::string& sql : statements) {
        if (auto done = run(s, sql); !done) return done;
    }
    if (auto ours = check_task(s); !ours) return ours;
    const auto lacking = lacking_columns(s);
    if (!lacking) return lacking.error();
    for (const auto& c : internal::later_columns) {
        if (std::find(lacking->begin(), lacking->end(), c.name) == lacking->end()) continue;
        auto done = run(
            s, fmt::format("ALTER TABLE {} ADD COLUMN {} {}", table("progress"), c.name, c.type));
        if (!done) return done;
    }
    return {};
}

/// A name of at most 64 characters; the hash keeps long names apart.
DMLIB_DECL std::uint64_t meta_store::lock_number() const {
    std::uint64_t hash = 1469598103934665603ULL;
    for (const char c : schema_ + '\0' + task_ + '\0' + source_) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

DMLIB_DECL result<bool> meta_store::lock_ddl(mysql::session& s) const {
    const auto got =
        s.query_value(fmt::format("SELECT GET_LOCK('dmlib-ddl-{:016x}', 1)", lock_number()));
    if (!got) return got.error();
    return *got && **got == "1";
}

DMLIB_DECL std::optional<std::string> meta_store::orphan(mysql::session& s) const {
    const auto rows =
        s.query(fmt::format("SELECT IS_USED_LOCK('dmlib-ddl-{0:016x}'), "
                            "COALESCE(IS_USED_LOCK('dmlib-{0:016x}'), 0)",
                            lock_number()));
    if (!rows || rows->empty()) return std::nullopt;
    const std::string_view holder = rows->text(0, std::size_t{0});
    if (holder.empty() || holder == "0" || rows->text(0, 1) != "0") return std::nullopt;
    return std::string(holder);
}

DMLIB_DECL result<void> meta_store::lock(mysql::session& s,
                                         const std::function<bool()>& stopped) const {
    // A killed process's connection may take the server a moment to notice.
    for (int seconds = 0; seconds < 20; ++seconds) {
        if (stopped && stopped()) return error{errc::task_stopped};
        const auto got =
            s.query_value(fmt::format("SELECT GET_LOCK('dmlib-{:016x}', 1)", lock_number()));
        if (!got) return got.error();
        if (*got && **got == "1") return {};
    }
    return error{
        errc::checkpoint_in_use,
        fmt::format(
            "task {} with source {} runs in another process on this target", task_, source_)};
}

DMLIB_DECL result<void> meta_store::read_progress(mysql::session& s,
                                                  bool lock,
                                                  checkpoint::stored_state& out) const {
    const auto lacking = lacking_columns(s);
    if (!lacking) return lacking.error();
    std::string later;
    for (const auto& c : internal::later_columns) {
        const bool missing = std::find(lacking->begin(), lacking->end(), c.name) != lacking->end();
        later += ", ";
        later += missing ? c.empty : c.name;
    }
    const auto rows = s.query(
        "SELECT version, epoch, server_identity, binlog_file, binlog_pos, gtid_set, gtid_flavor, "
        "lanes, "
        "ddl_state, ddl_file, ddl_pos, ddl_step, ddl_text, ddl_before" +
        later + " FROM " + table("progress") + where_source() + (lock ? " FOR UPDATE" : ""));
    if (!rows) return rows.error();
    if (rows->size() == 0) return {};
    checkpoint::progress_record p;
    p.version = static_cast<int>(internal::to_number(rows->text(0, 0)));
    if (p.version > checkpoint::format_version) {
        return error{errc::checkpoint_version,
                     fmt::format("the checkpoint in {} has version {}; this program reads up to {}",
                                 table("progress"),
                                 p.version,
                                 checkpoint::format_version)};
    }
    p.epoch = internal::to_number(rows->text(0, 1));
    p.server_identity = std::string(rows->text(0, 2));
    p.where.position = {std::string(rows->text(0, 3)), internal::to_number(rows->text(0, 4))};
    const flavor f = rows->text(0, 6) == "mariadb" ? flavor::mariadb : flavor::mysql;
    auto gtids = gtid_set::parse(f, rows->text(0, 5));
    if (!gtids) {
        return error{errc::checkpoint_read,
                     "the GTID set in " + table("progress") + ": " + gtids.error().message()};
    }
    p.where.gtids = std::move(*gtids);
    p.lanes = static_cast<std::uint32_t>(internal::to_number(rows->text(0, 7)));
    out.ddl.state = static_cast<checkpoint::ddl_state>(internal::to_number(rows->text(0, 8)));
    out.ddl.at = {std::string(rows->text(0, 9)), internal::to_number(rows->text(0, 10))};
    out.ddl.step = static_cast<std::uint32_t>(internal::to_number(rows->text(0, 11)));
    auto statement = checkpoint::stored_text(std::string(rows->text(0, 12)));
    auto before = checkpoint::stored_text(std::string(rows->text(0, 13)));
    if (!statement || !before)
        return error{errc::checkpoint_read, "the DDL record in " + table("progress")};
    out.ddl.statement = std::move(*statement);
    out.ddl.target_before = std::move(*before);
    const auto names = internal::names_in(rows->text(0, 14), 2);
    if (!names) return error{errc::checkpoint_read, "the list of tables in " + table("progress")};
    for (const auto& name : *names) out.ddl.tables.push_back({name[0], name[1]});
    const auto left = internal::names_in(rows->text(0, 18), 3);
    if (!left) return error{errc::checkpoint_read, "the list of columns in " + table("progress")};
    for (const auto& name : *left) out.left[{name[0], name[1]}].insert(name[2]);
    if (!rows->text(0, 15).empty()) {
        checkpoint::row_point at;
        at.transaction = {std::string(rows->text(0, 15)), internal::to_number(rows->text(0, 16))};
        at.event = static_cast<std::uint32_t>(internal::to_number(rows->text(0, 17)));
        out.ddl.rows_at = std::move(at);
    }
    out.progress = std::move(p);
    return {};
}

DMLIB_DECL result<void> meta_store::read_lanes(mysql::session& s,
                                               bool lock,
                                               checkpoint::stored_state& out) const {
    const auto rows =
        s.query("SELECT lane, binlog_file, binlog_pos, event_no, row_no, gtid FROM " +
                table("lanes") + where_source() + " ORDER BY lane" + (lock ? " FOR UPDATE" : ""));
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        checkpoint::lane_record r;
        r.lane = static_cast<std::uint32_t>(internal::to_number(rows->text(i, 0)));
        r.last.transaction = {std::string(rows->text(i, 1)), internal::to_number(rows->text(i, 2))};
        r.last.event = static_cast<std::uint32_t>(internal::to_number(rows->text(i, 3)));
        r.last.row = static_cast<std::uint32_t>(internal::to_number(rows->text(i, 4)));
        r.gtid = std::string(rows->text(i, 5));
        out.lanes.push_back(std::move(r));
    }
    return {};
}

DMLIB_DECL result<void> meta_store::read_definitions(mysql::session& s,
                                                     checkpoint::stored_state& out) const {
    const auto rows = s.query("SELECT schema_name, table_name, definition FROM " + table("schema") +
                              where_source());
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        auto text = checkpoint::stored_text(std::string(rows->text(i, 2)));
        if (!text) {
            return error{errc::checkpoint_read,
                         fmt::format("the definition of {}.{} in {}",
                                     rows->text(i, 0),
                                     rows->text(i, 1),
                                     table("schema"))};
        }
        if (rows->text(i, 1).empty()) {
            out.schemas.emplace_back(rows->text(i, 0), std::move(*text));
        } else {
            out.tables.push_back(
                {{std::string(rows->text(i, 0)), std::string(rows->text(i, 1))}, std::move(*text)});
        }
    }
    return {};
}

DMLIB_DECL result<void> meta_store::read_branches(mysql::session& s,
                                                  checkpoint::stored_state& out) const {
    const auto rows = s.query("SELECT branch, xa_id, row_data FROM " + table("branches") +
                              where_source() + " ORDER BY branch, piece");
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const std::uint64_t number = internal::to_number(rows->text(i, 0));
        if (out.branches.empty() || out.branches.back().number != number) {
            auto& b = out.branches.emplace_back();
            b.number = number;
            b.id = std::string(rows->text(i, 1));
        }
        out.branches.back().rows += rows->text(i, 2);
    }
    return {};
}

/// Rows go in pieces that fit every server's max_allowed_packet.
DMLIB_DECL void meta_store::add_branch_statements(const branch_changes& branches,
                                                  std::vector<std::string>& out) const {
    constexpr std::size_t piece_bytes = std::size_t{1} << 18;
    for (const std::uint64_t number : branches.closed) {
        out.push_back("DELETE FROM " + table("branches") + where_source() +
                      fmt::format(" AND branch={}", number));
    }
    for (const auto* b : branches.opened) {
        std::size_t at = 0;
        for (std::uint32_t piece = 0; piece == 0 || at < b->rows.size(); ++piece) {
            std::string sql = fmt::format(
                "INSERT INTO {} (source_id, branch, piece, xa_id, row_data) VALUES "
                "({}, {}, {}, ",
                table("branches"),
                quoted_literal(source_),
                b->number,
                piece);
            dml::append_hex(sql, b->id);
            sql += ", ";
            dml::append_hex(sql, std::string_view{b->rows}.substr(at, piece_bytes));
            sql += ')';
            out.push_back(std::move(sql));
            at += piece_bytes;
        }
    }
}

DMLIB_DECL result<checkpoint::stored_state> meta_store::read(mysql::session& s) const {
    checkpoint::stored_state out;
    const auto there = s.query_value(
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=" +
        quoted_literal(schema_) + " AND TABLE_NAME=" + quoted_literal(task_ + "_dmlib_progress"));
    if (!there) return there.error();
    if (!*there || **there == "0") return out;
    if (auto ours = check_task(s); !ours) return ours.error();
    if (auto done = read_progress(s, false, out); !done) return done.error();
    if (auto done = read_lanes(s, false, out); !done) return done.error();
    if (auto done = read_definitions(s, out); !done) return done.error();
    return out;
}

namespace internal {
/// In front of the number of the run that kept the table of keys last.
inline constexpr std::string_view keys_of_all = "all tables, run ";
inline constexpr std::string_view keys_of_some = "some tables, run ";
}  // namespace internal

/// The row without a name says which run kept the others. A version that did not know them may have
/// run since.
DMLIB_DECL std::string meta_store::keys_mark(std::uint64_t epoch, bool complete) const {
    return fmt::format(
        "REPLACE INTO {} (source_id, schema_name, table_name, definition) VALUES ({}, '', '', {})",
        table("keys"),
        quoted_literal(source_),
        quoted_literal(
            fmt::format("{}{}", complete ? internal::keys_of_all : internal::keys_of_some, epoch)));
}

DMLIB_DECL result<void> meta_store::claim_keys(mysql::session& s,
                                               std::uint64_t last_epoch,
                                               checkpoint::stored_state& out) const {
    const auto rows = s.query("SELECT schema_name, table_name, definition FROM " + table("keys") +
                              where_source());
    if (!rows) return rows.error();
    bool known = false;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const std::string_view text = rows->text(i, 2);
        if (rows->text(i, 1).empty()) {
            out.keys_complete = text == fmt::format("{}{}", internal::keys_of_all, last_epoch);
            known = out.keys_complete ||
                    text == fmt::format("{}{}", internal::keys_of_some, last_epoch);
            continue;
        }
        auto stored = checkpoint::stored_text(std::string(text));
        if (!stored) {
            return error{
                errc::checkpoint_read,
                fmt::format(
                    "the keys of {}.{} in {}", rows->text(i, 0), rows->text(i, 1), table("keys"))};
        }
        out.keys.push_back(
            {{std::string(rows->text(i, 0)), std::string(rows->text(i, 1))}, std::move(*stored)});
    }
    if (!known) {
        out.keys.clear();
        if (auto done = run(s, "DELETE FROM " + table("keys") + where_source()); !done) return done;
    }
    return run(s, keys_mark(epoch_, out.keys_complete));
}

DMLIB_DECL result<void> meta_store::save_keys(mysql::session& s,
                                              const checkpoint::keys_record& keys) const {
    return run(s,
               fmt::format("REPLACE INTO {} (source_id, schema_name, table_name, definition) "
                           "VALUES ({}, {}, {}, {})",
                           table("keys"),
                           quoted_literal(source_),
                           quoted_literal(keys.source.schema),
                           quoted_literal(keys.source.table),
                           quoted_literal(checkpoint::storable_text(keys.text))));
}

/// Only as long as no later run has taken the task over.
DMLIB_DECL std::string meta_store::forget_keys(
    const std::optional<std::vector<table_name>>& tables) const {
    std::string which = tables ? "1=0" : "table_name<>''";
    if (tables) {
        for (const table_name& n : *tables) {
            which += fmt::format(" OR (schema_name={} AND table_name={})",
                                 quoted_literal(n.schema),
                                 quoted_literal(n.table));
        }
    }
    return fmt::format("DELETE FROM {}{} AND ({}) AND EXISTS (SELECT 1 FROM {}{} AND epoch={})",
                       table("keys"),
                       where_source(),
                       which,
                       table("progress"),
                       where_source(),
                       epoch_);
}

DMLIB_DECL result<checkpoint::stored_state> meta_store::claim(mysql::session& s) {
    checkpoint::stored_state out;
    if (auto done = run(s, "BEGIN"); !done) return done.error();
    // The locking reads wait for a commit that a killed process left under way on the server.
    if (auto done = read_progress(s, true, out); !done) return done.error();
    if (auto done = read_lanes(s, true, out); !done) return done.error();
    epoch_ = 1;
    if (out.progress) {
        const std::uint64_t last = out.progress->epoch;
        epoch_ = ++out.progress->epoch;
        if (auto done = claim_keys(s, last, out); !done) return done.error();
        for (const char* name : {"progress", "lanes"}) {
            const auto sql =
                fmt::format("UPDATE {} SET epoch={}{}", table(name), epoch_, where_source());
            if (auto done = run(s, sql); !done) return done.error();
        }
    }
    if (auto done = run(s, "COMMIT"); !done) return done.error();
    if (auto done = read_definitions(s, out); !done) return done.error();
    if (auto done = read_branches(s, out); !done) return done.error();
    return out;
}

DMLIB_DECL std::string meta_store::progress_assignments(
    const checkpoint::progress_record& p) const {
    return fmt::format(
        "version={}, epoch={}, server_identity={}, binlog_file={}, binlog_pos={}, gtid_set={}, "
        "gtid_flavor={}, lanes={}",
        p.version,
        p.epoch,
        quoted_literal(p.server_identity),
        quoted_literal(p.where.position.file),
        p.where.position.pos,
        quoted_literal(p.where.gtids.to_string()),
        p.where.gtids.mariadb() != nullptr ? "'mariadb'" : "'mysql'",
        p.lanes);
}

DMLIB_DECL result<void> meta_store::reset_lanes(mysql::session& s,
                                                const checkpoint::progress_record& progress,
                                                const schema_changes& changes,
                                                const branch_changes& branches) const {
    std::string insert =
        "INSERT INTO " + table("lanes") +
        " (source_id, lane, epoch, binlog_file, binlog_pos, event_no, row_no, gtid) VALUES ";
    for (std::uint32_t lane = 0; lane < progress.lanes; ++lane) {
        insert += fmt::format("{}({}, {}, {}, '', 0, 0, 0, '')",
                              lane == 0 ? "" : ", ",
                              quoted_literal(source_),
                              lane,
                              progress.epoch);
    }
    std::vector<std::string> statements{
        "BEGIN",
        "DELETE FROM " + table("lanes") + where_source(),
        insert,
        "DELETE FROM " + table("keys") + where_source(),
        keys_mark(progress.epoch, true),
        "INSERT INTO " + table("progress") + " SET source_id=" + quoted_literal(source_) + ", " +
            progress_assignments(progress) + " ON DUPLICATE KEY UPDATE ddl_rows_file='', " +
            progress_assignments(progress),
    };
    for (std::string& sql : change_statements(changes)) statements.push_back(std::move(sql));
    add_branch_statements(branches, statements);
    statements.emplace_back("COMMIT");
    for (const std::string& sql : statements) {
        if (auto done = run(s, sql); !done) return done;
    }
    return {};
}

DMLIB_DECL std::vector<std::string> meta_store::change_statements(
    const schema_changes& changes) const {
    std::vector<std::string> out;
    const auto key = [&](std::string_view schema, std::string_view name) {
        return where_source() + " AND schema_name=" + quoted_literal(schema) +
               " AND table_name=" + quoted_literal(name);
    };
    const auto put =
        [&](std::string_view schema, std::string_view name, std::string_view definition) {
            out.push_back("REPLACE INTO " + table("schema") +
                          " (source_id, schema_name, table_name, definition) VALUES (" +
                          quoted_literal(source_) + ", " + quoted_literal(schema) + ", " +
                          quoted_literal(name) + ", " +
                          quoted_literal(checkpoint::storable_text(std::string(definition))) + ")");
        };
    if (changes.replace_all) out.push_back("DELETE FROM " + table("schema") + where_source());
    for (const auto& name : changes.dropped)
        out.push_back("DELETE FROM " + table("schema") + key(name.schema, name.table));
    for (const auto& name : changes.dropped_schemas) {
        out.push_back("DELETE FROM " + table("schema") + where_source() +
                      " AND schema_name=" + quoted_literal(name));
    }
    for (const auto& [name, definition] : changes.schemas) put(name, "", definition);
    for (const auto& t : changes.stored) put(t.name.schema, t.name.table, t.definition);
    return out;
}

DMLIB_DECL result<void> meta_store::save(mysql::session& s,
                                         const checkpoint::progress_record& progress,
                                         const schema_changes& changes,
                                         const branch_changes& branches) const {
    const std::string update = "UPDATE " + table("progress") + " SET " +
                               progress_assignments(progress) + where_source() +
                               fmt::format(" AND epoch={}", epoch_);
    if (changes.empty() && branches.empty()) return run(s, update);
    if (auto done = run(s, "BEGIN"); !done) return done;
    std::vector<std::string> statements = change_statements(changes);
    add_branch_statements(branches, statements);
    for (const std::string& sql : statements) {
        if (auto done = run(s, sql); !done) return done;
    }
    if (auto done = run(s, update); !done) return done;
    return run(s, "COMMIT");
}

DMLIB_DECL result<void> meta_store::save_ddl(
    mysql::session& s,
    const checkpoint::ddl_record& ddl,
    const std::optional<std::vector<table_name>>& keys_of) const {
    const std::string statements[] = {
        "BEGIN",
        fmt::format("UPDATE {} SET ddl_state={}, ddl_file={}, ddl_pos={}, ddl_step={}, "
                    "ddl_text={}, ddl_before={}, ddl_tables={}, "
                    "ddl_rows_file=''{} AND "
                    "epoch={}",
                    table("progress"),
                    static_cast<int>(ddl.state),
                    quoted_literal(ddl.at.file),
                    ddl.at.pos,
                    ddl.step,
                    quoted_literal(checkpoint::storable_text(ddl.statement)),
                    quoted_literal(checkpoint::storable_text(ddl.target_before)),
                    quoted_literal(internal::list_of(ddl.tables)),
                    where_source(),
                    epoch_),
        forget_keys(keys_of),
        "COMMIT",
    };
    for (const std::string& sql : statements) {
        if (auto done = run(s, sql); !done) return done;
    }
    return {};
}

DMLIB_DECL std::string meta_store::way_out_of_ddl() const {
    return fmt::format(
        "Compare some rows of these tables with the source. If the statement ran: UPDATE {} SET "
        "ddl_step=ddl_step+1, ddl_before='(refused)'{}; if it did not: UPDATE {} SET "
        "ddl_before='(refused)'{}; then run again.",
        table("progress"),
        where_source(),
        table("progress"),
        where_source());
}

DMLIB_DECL result<void> meta_store::save_rows_at(mysql::session& s,
                                                 const checkpoint::row_point& at) const {
    return run(s,
               fmt::format("UPDATE {} SET ddl_rows_file={}, ddl_rows_pos={}, ddl_rows_event={}{} "
                           "AND epoch={}",
                           table("progress"),
                           quoted_literal(at.transaction.file),
                           at.transaction.pos,
                           at.event,
                           where_source(),
                           epoch_));
}

DMLIB_DECL result<void> meta_store::finish_ddl(mysql::session& s,
                                               const checkpoint::progress_record& progress,
                                               const schema_changes& changes,
                                               const branch_changes& branches) const {
    if (auto done = run(s, "BEGIN"); !done) return done;
    std::vector<std::string> statements = change_statements(changes);
    add_branch_statements(branches, statements);
    for (const std::string& sql : statements) {
        if (auto done = run(s, sql); !done) return done;
    }
    const auto sql =
        "UPDATE " + table("progress") + " SET " + progress_assignments(progress) +
        ", ddl_state=0, ddl_file='', ddl_pos=0, ddl_step=0, ddl_text=NULL, ddl_before=NULL, "
        "ddl_tables=NULL, ddl_rows_file='', left_columns=" +
        internal::literal_of(changes.left) + where_source() + fmt::format(" AND epoch={}", epoch_);
    if (auto done = run(s, sql); !done) return done;
    return run(s, "COMMIT");
}

DMLIB_DECL void meta_store::append_lane_update(std::string& out,
                                               const checkpoint::lane_record& r) const {
    fmt::format_to(std::back_inserter(out),
                   "UPDATE {} SET binlog_file={}, binlog_pos={}, event_no={}, row_no={}, gtid={}{} "
                   "AND lane={} AND epoch={}",
                   table("lanes"),
                   quoted_literal(r.last.transaction.file),
                   r.last.transaction.pos,
                   r.last.event,
                   r.last.row,
                   quoted_literal(r.gtid),
                   where_source(),
                   r.lane,
                   epoch_);
}

}  // namespace sync
}  // namespace DMLIB_ABI
}  // namespace dmlib
