#pragma once

#include <dmlib/load/ledger_store.hpp>
#include <dmlib/load/meta_tables.hpp>

#include <fmt/format.h>

#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

namespace internal {

inline constexpr std::string_view copy_name_column =
    "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL";
inline constexpr std::string_view copy_table_options =
    " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";
inline constexpr std::string_view place_columns =
    "binlog_file VARCHAR(512) NOT NULL, binlog_pos BIGINT UNSIGNED NOT NULL, "
    "gtid_set LONGTEXT NOT NULL";

inline std::uint64_t number_of(std::string_view text) noexcept {
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

inline std::string_view state_name(checkpoint::copy_state s) noexcept {
    switch (s) {
        case checkpoint::copy_state::planned:
            return "planned";
        case checkpoint::copy_state::copying:
            return "copying";
        case checkpoint::copy_state::keys_later:
            return "keys-later";
        case checkpoint::copy_state::done:
            return "done";
        case checkpoint::copy_state::gone:
            return "gone";
    }
    return "";
}

inline std::optional<checkpoint::copy_state> state_of(std::string_view name) noexcept {
    for (const auto s : {checkpoint::copy_state::planned,
                         checkpoint::copy_state::copying,
                         checkpoint::copy_state::keys_later,
                         checkpoint::copy_state::done,
                         checkpoint::copy_state::gone})
        if (state_name(s) == name) return s;
    return std::nullopt;
}

inline std::string place_values(const location& l) {
    return fmt::format("{}, {}, {}",
                       quoted_literal(l.position.file),
                       l.position.pos,
                       quoted_literal(l.gtids.to_string()));
}

inline error unreadable(std::string what) {
    return error(
        errc::checkpoint_read,
        "The ledger of the full copy in the meta schema cannot be read: " + std::move(what));
}

inline result<location> place_of(const mysql::result_set& rows, std::size_t row, flavor dialect) {
    location l;
    l.position.file = rows.text(row, "binlog_file");
    l.position.pos = number_of(rows.text(row, "binlog_pos"));
    const std::string_view text = rows.text(row, "gtid_set");
    if (!text.empty()) {
        auto set = gtid_set::parse(dialect, text);
        const bool is_maria = dialect == flavor::mariadb;
        if (!set && gtid_set::parse(is_maria ? flavor::mysql : flavor::mariadb, text))
            return error(errc::checkpoint_source_changed,
                         fmt::format("The full copy was made from a {} server (its GTID set is "
                                     "{}), but the source is now a {} server.",
                                     is_maria ? "MySQL" : "MariaDB",
                                     text,
                                     is_maria ? "MariaDB" : "MySQL"));
        if (!set) return unreadable("the GTID set " + std::string(text));
        l.gtids = std::move(*set);
    }
    return l;
}

inline result<std::string> definition_at(const mysql::result_set& rows, std::size_t row) {
    auto text = checkpoint::stored_text(std::string(rows.text(row, "definition")));
    if (text) return std::move(*text);
    return unreadable(fmt::format(
        "the definition of {}.{}", rows.text(row, "schema_name"), rows.text(row, "table_name")));
}

// Key columns are kept as `a`,`b`.
inline std::string join_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& n : names) text += (text.empty() ? "" : ",") + quoted_identifier(n);
    return text;
}

inline std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    std::size_t i = 0;
    while (i < text.size() && text[i] == '`') {
        std::string name;
        for (++i; i < text.size(); ++i) {
            if (text[i] != '`')
                name += text[i];
            else if (i + 1 < text.size() && text[i + 1] == '`')
                name += text[i++];
            else
                break;
        }
        names.push_back(std::move(name));
        i += 2;  // the closing quote and the comma
    }
    return names;
}

}  // namespace internal

DMLIB_DECL ledger_store::ledger_store(std::string meta_schema,
                                      std::string task,
                                      std::string source,
                                      flavor dialect)
    : schema_(std::move(meta_schema)),
      task_(std::move(task)),
      source_(std::move(source)),
      dialect_(dialect) {
}

DMLIB_DECL std::string ledger_store::table(std::string_view suffix) const {
    return quoted({schema_, task_ + "_dmlib_" + std::string(suffix)});
}

DMLIB_DECL std::string ledger_store::of_source() const {
    return " WHERE source_id=" + quoted_literal(source_);
}

DMLIB_DECL std::string ledger_store::of_table(const table_name& t) const {
    return of_source() + " AND schema_name=" + quoted_literal(t.schema) +
           " AND table_name=" + quoted_literal(t.table);
}

DMLIB_DECL result<void> ledger_store::run_all(mysql::session& s,
                                              const std::vector<std::string>& sql) const {
    for (const std::string& statement : sql)
        if (auto done = s.execute(statement); !done) return done.error();
    return {};
}

DMLIB_DECL result<void> ledger_store::prepare(mysql::session& s) const {
    using internal::copy_name_column;
    using internal::place_columns;
    const std::string copy_table_options =
        std::string(internal::copy_table_options) + task_mark(task_);
    auto made = run_all(
        s,
        {"CREATE DATABASE IF NOT EXISTS " + quoted_identifier(schema_) +
             " DEFAULT CHARACTER SET utf8mb4",
         fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, version INT NOT NULL, "
                     "epoch BIGINT UNSIGNED NOT NULL, server_identity VARCHAR(128) NOT NULL, "
                     "copy_done TINYINT NOT NULL, {}, PRIMARY KEY (source_id)){}",
                     table("copy"),
                     copy_name_column,
                     place_columns,
                     copy_table_options),
         fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, slot INT UNSIGNED NOT NULL, "
                     "epoch BIGINT UNSIGNED NOT NULL, transactions BIGINT UNSIGNED NOT NULL, "
                     "PRIMARY KEY (source_id, slot)){}",
                     table("copy_writers"),
                     copy_name_column,
                     copy_table_options),
         fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, schema_name {}, table_name {}, "
                     "target_schema {}, target_table {}, copy_state VARCHAR(16) NOT NULL, "
                     "created_by_task TINYINT NOT NULL, empty_at_start TINYINT NOT NULL, "
                     "shared_target TINYINT NOT NULL, key_columns TEXT NOT NULL, {}, "
                     "rows_estimate BIGINT UNSIGNED NOT NULL, bytes_estimate BIGINT UNSIGNED NOT "
                     "NULL, definition LONGTEXT NOT NULL, "
                     "PRIMARY KEY (source_id, schema_name, table_name)){}",
                     table("copy_tables"),
                     copy_name_column,
                     copy_name_column,
                     copy_name_column,
                     copy_name_column,
                     copy_name_column,
                     place_columns,
                     copy_table_options),
         fmt::format("CREATE TABLE IF NOT EXISTS {} (source_id {}, schema_name {}, table_name {}, "
                     "chunk_id BIGINT UNSIGNED NOT NULL, chunk_state VARCHAR(16) NOT NULL, "
                     "lower_key TEXT NOT NULL, upper_key TEXT NOT NULL, {}, "
                     "row_count BIGINT UNSIGNED NOT NULL, byte_count BIGINT UNSIGNED NOT NULL, "
                     "PRIMARY KEY (source_id, schema_name, table_name, chunk_id)){}",
                     table("chunks"),
                     copy_name_column,
                     copy_name_column,
                     copy_name_column,
                     place_columns,
                     copy_table_options)});
    if (!made) return made;
    return check_task_mark(s, schema_, task_ + "_dmlib_copy", task_);
}

DMLIB_DECL result<std::optional<stored_copy>> ledger_store::claim(mysql::session& s,
                                                                  std::uint32_t slots) {
    const auto newest =
        s.query_value("SELECT MAX(epoch) FROM " + table("copy_writers") + of_source());
    if (!newest) return newest.error();
    const std::uint64_t epoch = internal::number_of(newest->value_or("0")) + 1;
    std::vector<std::string> sql{"BEGIN"};
    for (std::uint32_t slot = 0; slot < slots; ++slot)
        sql.push_back(
            fmt::format("INSERT INTO {} (source_id, slot, epoch, transactions) VALUES "
                        "({}, {}, {}, 0) ON DUPLICATE KEY UPDATE epoch={}",
                        table("copy_writers"),
                        quoted_literal(source_),
                        slot,
                        epoch,
                        epoch));
    // Slots of a run with more writers too; this waits for transactions that hold any of them.
    sql.push_back(
        fmt::format("UPDATE {} SET epoch={}{}", table("copy_writers"), epoch, of_source()));
    sql.push_back(fmt::format("UPDATE {} SET epoch={}{}", table("copy"), epoch, of_source()));
    sql.push_back("COMMIT");
    if (auto done = run_all(s, sql); !done) {
        (void)s.execute("ROLLBACK");
        return done.error();
    }
    epoch_ = epoch;
    return read(s);
}

DMLIB_DECL result<std::optional<stored_copy>> ledger_store::read(mysql::session& s) const {
    auto ours = check_task_mark(s, schema_, task_ + "_dmlib_copy", task_);
    if (!ours) return ours.error();
    const auto head = s.query(
        "SELECT version, server_identity, copy_done, binlog_file, binlog_pos, "
        "gtid_set FROM " +
        table("copy") + of_source());
    if (!head) {
        // ER_NO_SUCH_TABLE, ER_BAD_DB_ERROR
        const int number = head.error().server_errno();
        if (number == 1146 || number == 1049) return std::optional<stored_copy>{};
        return head.error();
    }
    if (head->empty()) return std::optional<stored_copy>{};
    stored_copy out;
    out.version = static_cast<int>(internal::number_of(head->text(0, "version")));
    if (out.version > checkpoint::format_version)
        return error(errc::checkpoint_version,
                     fmt::format("The full copy's ledger has version {}, this program knows {}.",
                                 out.version,
                                 checkpoint::format_version));
    out.server_identity = head->text(0, "server_identity");
    out.done = head->text(0, "copy_done") == "1";
    auto place = internal::place_of(*head, 0, dialect_);
    if (!place) return place.error();
    out.place = std::move(*place);
    if (auto done = read_tables(s, out); !done) return done.error();
    if (auto done = read_chunks(s, out); !done) return done.error();
    return std::optional<stored_copy>(std::move(out));
}

DMLIB_DECL result<void> ledger_store::read_tables(mysql::session& s, stored_copy& out) const {
    const auto rows = s.query("SELECT * FROM " + table("copy_tables") + of_source());
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        if (rows->text(i, "table_name").empty()) {
            auto text = internal::definition_at(*rows, i);
            if (!text) return text.error();
            out.schemas.emplace_back(rows->text(i, "schema_name"), std::move(*text));
            continue;
        }
        checkpoint::copied_table t;
        t.source = {std::string(rows->text(i, "schema_name")),
                    std::string(rows->text(i, "table_name"))};
        t.target = {std::string(rows->text(i, "target_schema")),
                    std::string(rows->text(i, "target_table"))};
        const auto state = internal::state_of(rows->text(i, "copy_state"));
        if (!state)
            return internal::unreadable("the state " + std::string(rows->text(i, "copy_state")));
        t.state = *state;
        t.created_by_task = rows->text(i, "created_by_task") == "1";
        t.target_empty_at_start = rows->text(i, "empty_at_start") == "1";
        t.shared_target = rows->text(i, "shared_target") == "1";
        t.key_columns = internal::split_names(rows->text(i, "key_columns"));
        auto place = internal::place_of(*rows, i, dialect_);
        if (!place) return place.error();
        t.valid_from = std::move(*place);
        t.rows_estimate = internal::number_of(rows->text(i, "rows_estimate"));
        t.bytes_estimate = internal::number_of(rows->text(i, "bytes_estimate"));
        auto text = internal::definition_at(*rows, i);
        if (!text) return text.error();
        t.definition = std::move(*text);
        out.ledger.put(std::move(t));
    }
    return {};
}

DMLIB_DECL result<void> ledger_store::read_chunks(mysql::session& s, stored_copy& out) const {
    const auto rows = s.query("SELECT * FROM " + table("chunks") + of_source());
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        checkpoint::chunk_record r;
        r.table = {std::string(rows->text(i, "schema_name")),
                   std::string(rows->text(i, "table_name"))};
        r.id = internal::number_of(rows->text(i, "chunk_id"));
        out.next_chunk_id = std::max(out.next_chunk_id, r.id + 1);
        if (rows->text(i, "chunk_state") == "part") {
            out.partial.insert(r.table);
            continue;
        }
        const auto lower = checkpoint::parse_key_cut(rows->text(i, "lower_key"));
        const auto upper = checkpoint::parse_key_cut(rows->text(i, "upper_key"));
        if (!lower || !upper)
            return internal::unreadable("the bounds of chunk " + std::to_string(r.id));
        r.range = {*lower, *upper};
        auto place = internal::place_of(*rows, i, dialect_);
        if (!place) return place.error();
        r.position = std::move(*place);
        r.rows = internal::number_of(rows->text(i, "row_count"));
        r.bytes = internal::number_of(rows->text(i, "byte_count"));
        if (auto added = out.ledger.add(std::move(r)); !added) return added.error();
    }
    return {};
}

DMLIB_DECL result<void> ledger_store::save_head(mysql::session& s,
                                                const std::string& server_identity,
                                                const location& place,
                                                bool done) const {
    const std::string gtids = quoted_literal(place.gtids.to_string());
    auto saved = s.execute(fmt::format(
        "INSERT INTO {} (source_id, version, epoch, server_identity, copy_done, binlog_file, "
        "binlog_pos, gtid_set) VALUES ({}, {}, {}, {}, {}, {}) ON DUPLICATE KEY UPDATE "
        "server_identity=VALUES(server_identity), copy_done=VALUES(copy_done), "
        "binlog_file=VALUES(binlog_file), binlog_pos=VALUES(binlog_pos), gtid_set=VALUES(gtid_set)",
        table("copy"),
        quoted_literal(source_),
        checkpoint::format_version,
        epoch_,
        quoted_literal(server_identity),
        done ? 1 : 0,
        internal::place_values(place)));
    if (!saved) return saved.error();
    return {};
}

DMLIB_DECL result<void> ledger_store::hold_slot(mysql::session& s, std::uint32_t slot) const {
    auto held =
        s.execute(fmt::format("UPDATE {} SET transactions=transactions+1{} AND slot={} AND "
                              "epoch={}",
                              table("copy_writers"),
                              of_source(),
                              slot,
                              epoch_));
    if (!held) return held.error();
    if (held->affected_rows == 1) return {};
    (void)s.execute("ROLLBACK");
    return error(errc::checkpoint_in_use,
                 "Another process has taken over the full copy of this task and source.");
}

DMLIB_DECL result<void> ledger_store::save_tables(
    mysql::session& s,
    const std::vector<checkpoint::copied_table>& tables,
    const std::vector<table_name>& without_chunks,
    const std::vector<std::pair<std::string, std::string>>& schemas) const {
    if (auto done = s.execute("BEGIN"); !done) return done.error();
    if (auto done = hold_slot(s, 0); !done) return done.error();
    std::vector<std::string> sql;
    for (const table_name& t : without_chunks)
        sql.push_back("DELETE FROM " + table("chunks") + of_table(t));
    const std::string head = "REPLACE INTO " + table("copy_tables") +
                             " (source_id, schema_name, table_name, target_schema, target_table, "
                             "copy_state, created_by_task, empty_at_start, shared_target, "
                             "key_columns, binlog_file, binlog_pos, gtid_set, rows_estimate, "
                             "bytes_estimate, definition) VALUES ";
    for (const checkpoint::copied_table& t : tables)
        sql.push_back(
            head + fmt::format("({}, {}, {}, {}, {}, '{}', {:d}, {:d}, {:d}, {}, {}, {}, {}, {})",
                               quoted_literal(source_),
                               quoted_literal(t.source.schema),
                               quoted_literal(t.source.table),
                               quoted_literal(t.target.schema),
                               quoted_literal(t.target.table),
                               internal::state_name(t.state),
                               t.created_by_task,
                               t.target_empty_at_start,
                               t.shared_target,
                               quoted_literal(internal::join_names(t.key_columns)),
                               internal::place_values(t.valid_from),
                               t.rows_estimate,
                               t.bytes_estimate,
                               quoted_literal(checkpoint::storable_text(t.definition))));
    for (const auto& [name, definition] : schemas)
        sql.push_back(head +
                      fmt::format("({}, {}, '', '', '', 'done', 0, 0, 0, '', '', 0, '', 0, 0, {})",
                                  quoted_literal(source_),
                                  quoted_literal(name),
                                  quoted_literal(checkpoint::storable_text(definition))));
    sql.push_back("COMMIT");
    if (auto done = run_all(s, sql); !done) {
        (void)s.execute("ROLLBACK");
        return done.error();
    }
    return {};
}

DMLIB_DECL std::string ledger_store::insert_chunk(const checkpoint::chunk_record& r,
                                                  std::string_view state) const {
    return fmt::format(
        "INSERT INTO {} (source_id, schema_name, table_name, chunk_id, chunk_state, lower_key, "
        "upper_key, binlog_file, binlog_pos, gtid_set, row_count, byte_count) VALUES ({}, {}, {}, "
        "{}, '{}', '{}', '{}', {}, {}, {})",
        table("chunks"),
        quoted_literal(source_),
        quoted_literal(r.table.schema),
        quoted_literal(r.table.table),
        r.id,
        state,
        checkpoint::to_string(r.range.lower),
        checkpoint::to_string(r.range.upper),
        internal::place_values(r.position),
        r.rows,
        r.bytes);
}

DMLIB_DECL result<bool> ledger_store::begin_chunk(mysql::session& s,
                                                  std::uint32_t slot,
                                                  const checkpoint::chunk_record& r,
                                                  bool part,
                                                  lock_time locks) const {
    if (auto done = s.execute(locks == lock_time::commit ? "BEGIN OPTIMISTIC" : "BEGIN"); !done)
        return done.error();
    if (auto done = hold_slot(s, slot); !done) return done.error();
    auto inserted = s.execute(insert_chunk(r, part ? "part" : "done"));
    if (inserted) return true;
    if (inserted.error().code() == errc::db_duplicate_entry) {
        if (auto done = s.execute("ROLLBACK"); !done) return done.error();
        return false;
    }
    return inserted.error();
}

DMLIB_DECL result<void> ledger_store::add_chunk(mysql::session& s,
                                                std::uint32_t slot,
                                                const checkpoint::chunk_record& r) const {
    if (auto done = hold_slot(s, slot); !done) return done.error();
    return run_all(s, {insert_chunk(r, "done")});
}

DMLIB_DECL result<void> ledger_store::save_merges(
    mysql::session& s,
    std::uint32_t slot,
    const std::vector<checkpoint::chunk_merge>& merges) const {
    if (merges.empty()) return {};
    if (auto done = s.execute("BEGIN"); !done) return done.error();
    if (auto done = hold_slot(s, slot); !done) return done.error();
    std::vector<std::string> sql;
    for (const checkpoint::chunk_merge& m : merges) {
        std::string ids;
        for (const std::uint64_t id : m.replaced)
            ids += (ids.empty() ? "" : ",") + std::to_string(id);
        const std::string chunk = table("chunks");
        sql.push_back("DELETE FROM " + chunk + of_table(m.merged.table) + " AND chunk_id IN (" +
                      ids + ")");
        sql.push_back(fmt::format(
            "UPDATE {} SET upper_key='{}', row_count={}, byte_count={}{} AND chunk_id={}",
            chunk,
            checkpoint::to_string(m.merged.range.upper),
            m.merged.rows,
            m.merged.bytes,
            of_table(m.merged.table),
            m.merged.id));
    }
    sql.push_back("COMMIT");
    if (auto done = run_all(s, sql); !done) {
        (void)s.execute("ROLLBACK");
        return done.error();
    }
    return {};
}

DMLIB_DECL result<void> ledger_store::finish_parts(mysql::session& s,
                                                   std::uint32_t slot,
                                                   const checkpoint::chunk_record& whole) const {
    if (auto done = s.execute("BEGIN"); !done) return done.error();
    if (auto done = hold_slot(s, slot); !done) return done.error();
    auto done = run_all(s,
                        {"DELETE FROM " + table("chunks") + of_table(whole.table),
                         insert_chunk(whole, "done"),
                         "COMMIT"});
    if (!done) {
        (void)s.execute("ROLLBACK");
        return done.error();
    }
    return {};
}

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib
