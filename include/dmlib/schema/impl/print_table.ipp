#pragma once

#include <dmlib/schema/impl/internal/print_partition.hpp>
#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/sql/literal.hpp>
#include <dmlib/sql/printer.hpp>

#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// CHARACTER SET and COLLATE of a column, where that server prints them.
inline std::string shown_charset(const column& c, const table& t, const server_kind& server) {
    if (!c.is_character() || c.charset.empty()) return {};
    const std::string charset = " CHARACTER SET " + charset_name_on(server, c.charset);
    const std::string collate = " COLLATE " + collation_name_on(server, c.collation);
    const bool differs = c.collation != t.collation;
    const charset_info* const set = find_charset(c.charset);
    const bool primary = set != nullptr && set->default_collation == c.collation;
    if (is_mariadb(server)) {
        const bool no_collation = c.is_generated() && !server.version.at_least(10, 3);
        if (no_collation) return differs ? charset : std::string();
        // 10.3.37, 10.6.11 and later name the collation always (MDEV-29446), and only where it
        // is not the table's.
        if (server.version.at_least(10, 3, 37)) {
            if (!differs) return {};
            return c.charset == "binary" ? charset : charset + collate;
        }
        return (differs ? charset : std::string()) + (primary ? std::string() : collate);
    }
    if (!server.version.at_least(8)) {
        return (differs ? charset : std::string()) + (primary ? std::string() : collate);
    }
    const bool compiled_in = default_collation(server, c.charset) == c.collation;
    std::string out;
    if (differs || c.explicit_collation) out += charset;
    // utf8mb4_0900_ai_ci is the default, and still named where the table has another one.
    const bool named =
        !compiled_in || c.explicit_collation || (c.collation == "utf8mb4_0900_ai_ci" && differs);
    if (named) out += collate;
    return out;
}

inline std::string shown_default(const column& c, const server_kind& server) {
    switch (c.default_value.kind) {
        case default_kind::none:
            return {};
        case default_kind::null:
            return " DEFAULT NULL";
        case default_kind::literal:
            if (!c.default_value.quoted || c.type == type_kind::bit) {
                return " DEFAULT " + c.default_value.text;
            }
            return " DEFAULT " + shown_literal(c.default_value.text);
        case default_kind::expression:
            break;
    }
    const std::string& text = c.default_value.text;
    const std::string lower_text = sql::ascii_lower(text);
    if (lower_text.starts_with("current_timestamp") || lower_text.starts_with("localtimestamp")) {
        const bool call_only = lower_text.find(')') == std::string::npos ||
                               lower_text.find(')') + 1 == lower_text.size();
        if (call_only) return " DEFAULT " + text;
    }
    if (is_mariadb(server)) {
        return " DEFAULT " + (c.default_value.quoted ? "(" + text + ")" : text);
    }
    return " DEFAULT (" + text + ")";
}

/// `bare`: written without quotes. 10.11 quotes all values (10.2, 10.5.23 and 11.8 do not).
inline std::string shown_mariadb_option(const std::string& name,
                                        const sql::literal& value,
                                        bool bare,
                                        const server_kind& server) {
    const bool quotes_all = server.version.at_least(10, 6) && !server.version.at_least(11);
    const bool quoted = quotes_all || (!bare && value.kind == sql::literal_kind::string);
    return " " + quoted_identifier(name) + "=" + (quoted ? shown_literal(value.text) : value.text);
}

inline std::string shown_mariadb_options(const std::vector<sql::custom_option>& options,
                                         const server_kind& server) {
    std::string out;
    for (const sql::custom_option& o : options) {
        out += shown_mariadb_option(o.name, o.value, o.identifier, server);
    }
    return out;
}

inline std::string shown_column_checks(const column& c, const table& t) {
    std::string out;
    for (const check_constraint& check : t.checks) {
        if (!check.column.empty() && same_name(check.column, c.name)) {
            out += " CHECK (" + check.expression + ")";
        }
    }
    return out;
}

/// Everything of a column behind its type and charset.
inline std::string shown_attributes(const column& c, const table& t, const server_kind& server) {
    const bool mariadb = is_mariadb(server);
    std::string out;
    if (c.period != row_bound::none) {
        out += c.period == row_bound::start ? " GENERATED ALWAYS AS ROW START"
                                            : " GENERATED ALWAYS AS ROW END";
        if (c.invisible) out += " INVISIBLE";
        if (!c.comment.empty()) out += " COMMENT " + shown_literal(c.comment);
        return out;
    }
    if (c.is_generated()) {
        out += " GENERATED ALWAYS AS (" + c.expression + ")";
        out += c.generated == generated_kind::virtual_column ? " VIRTUAL" : " STORED";
        if (mariadb && c.invisible) out += " INVISIBLE";
    }
    // MariaDB has no NOT NULL on generated columns.
    if (!mariadb || !c.is_generated()) {
        if (!c.nullable)
            out += " NOT NULL";
        else if (c.type == type_kind::timestamp)
            out += " NULL";
    }
    if (c.not_secondary) out += " NOT SECONDARY";
    if (!mariadb && c.srid) out += " /*!80003 SRID " + std::to_string(*c.srid) + " */";
    if (!c.storage.empty()) out += " /*!50606 STORAGE " + upper(c.storage) + " */";
    if (!c.column_format.empty()) {
        out += " /*!50606 COLUMN_FORMAT " + upper(c.column_format) + " */";
    }
    if (mariadb && !c.is_generated()) {
        // INVISIBLE moved behind the default in MariaDB 11.
        const bool early = !server.version.at_least(11);
        if (c.invisible && early) out += " INVISIBLE";
        out += shown_default(c, server);
        if (!c.on_update.empty()) out += " ON UPDATE " + c.on_update;
        if (c.auto_increment) out += " AUTO_INCREMENT";
        if (c.invisible && !early) out += " INVISIBLE";
        if (c.system_versioning) {
            out += *c.system_versioning ? " WITH SYSTEM VERSIONING" : " WITHOUT SYSTEM VERSIONING";
        }
    } else if (!mariadb) {
        if (!c.is_generated()) out += shown_default(c, server);
        if (!c.on_update.empty()) out += " ON UPDATE " + c.on_update;
        if (c.auto_increment) out += " AUTO_INCREMENT";
        if (c.invisible) out += " /*!80023 INVISIBLE */";
    }
    // MariaDB 10.2 has the check before the comment.
    if (mariadb && !server.version.at_least(10, 3)) out += shown_column_checks(c, t);
    if (!c.comment.empty()) out += " COMMENT " + shown_literal(c.comment);
    if (!c.engine_attribute.empty()) {
        out += " /*!80021 ENGINE_ATTRIBUTE " + shown_literal(c.engine_attribute) + " */";
    }
    out += shown_mariadb_options(c.options, server);
    return out;
}

inline std::string shown_column(const column& c, const table& t, const server_kind& server) {
    std::string out = quoted_identifier(c.name) + " " + column_type_text(c, server);
    if (!c.compressed.empty()) {
        out += server.version.at_least(10, 6) ? " /*M!100301 COMPRESSED" : " /*!100301 COMPRESSED";
        if (c.compressed != "zlib" && c.compressed != "default") out += "=" + c.compressed;
        out += "*/";
    }
    out += shown_charset(c, t, server);
    out += shown_attributes(c, t, server);
    const bool earlier = is_mariadb(server) && !server.version.at_least(10, 3);
    return earlier ? out : out + shown_column_checks(c, t);
}

inline std::string shown_key_parts(const key& k) {
    std::string out;
    for (const key_part& part : k.parts) {
        if (!out.empty()) out += ",";
        if (part.column.empty()) {
            out += "(" + part.expression + ")";
        } else {
            out += quoted_identifier(part.column);
            if (part.length) out += "(" + std::to_string(*part.length) + ")";
        }
        if (part.descending) out += " DESC";
    }
    if (!k.without_overlaps.empty()) {
        out += "," + quoted_identifier(k.without_overlaps) + " WITHOUT OVERLAPS";
    }
    return out;
}

/// A key says its KEY_BLOCK_SIZE only where the table has another.
inline bool is_block_size_of_table(std::uint64_t size, const table& t) {
    const auto* const option = t.find_option(sql::table_option_kind::key_block_size);
    return option != nullptr && sql::unsigned_of(option->value) == size;
}

inline std::string shown_key(const key& k, const table& t, const server_kind& server) {
    std::string out;
    switch (k.kind) {
        case key_kind::primary:
            out = "PRIMARY KEY";
            break;
        case key_kind::unique:
            out = "UNIQUE KEY " + quoted_identifier(k.name);
            break;
        case key_kind::index:
            out = "KEY " + quoted_identifier(k.name);
            break;
        case key_kind::fulltext:
            out = "FULLTEXT KEY " + quoted_identifier(k.name);
            break;
        case key_kind::spatial:
            out = "SPATIAL KEY " + quoted_identifier(k.name);
            break;
        case key_kind::vector:
            out = "VECTOR KEY " + quoted_identifier(k.name);
            break;
    }
    out += " (" + shown_key_parts(k) + ")";
    if (!k.using_type.empty()) out += " USING " + upper(k.using_type);
    if (k.block_size && !is_block_size_of_table(*k.block_size, t)) {
        out += " KEY_BLOCK_SIZE=" + std::to_string(*k.block_size);
    }
    if (!k.comment.empty()) out += " COMMENT " + shown_literal(k.comment);
    if (!k.engine_attribute.empty()) {
        out += " /*!80021 ENGINE_ATTRIBUTE " + shown_literal(k.engine_attribute) + " */";
    }
    if (k.invisible) out += is_mariadb(server) ? " IGNORED" : " /*!80000 INVISIBLE */";
    if (!k.parser.empty()) out += " /*!50100 WITH PARSER " + quoted_identifier(k.parser) + " */ ";
    out += shown_mariadb_options(k.options, server);
    return out;
}

inline std::string_view action_word(reference_action action) noexcept {
    switch (action) {
        case reference_action::none:
            return "";
        case reference_action::restrict_:
            return "RESTRICT";
        case reference_action::cascade:
            return "CASCADE";
        case reference_action::set_null:
            return "SET NULL";
        case reference_action::no_action:
            return "NO ACTION";
        case reference_action::set_default:
            return "SET DEFAULT";
    }
    return "";
}

inline std::string shown_foreign_key(const foreign_key& fk, const table& t) {
    std::string out = "CONSTRAINT " + quoted_identifier(fk.name) + " FOREIGN KEY (" +
                      joined_identifiers(fk.columns, ", ") + ") REFERENCES ";
    out += fk.ref_schema.empty() || fk.ref_schema == t.schema
               ? quoted_identifier(fk.ref_table)
               : quoted({fk.ref_schema, fk.ref_table});
    out += " (" + joined_identifiers(fk.ref_columns, ", ") + ")";
    if (fk.on_delete != reference_action::none) {
        out += " ON DELETE " + std::string(action_word(fk.on_delete));
    }
    if (fk.on_update != reference_action::none) {
        out += " ON UPDATE " + std::string(action_word(fk.on_update));
    }
    return out;
}

inline std::string shown_check(const check_constraint& check) {
    return "CONSTRAINT " + quoted_identifier(check.name) + " CHECK (" + check.expression + ")" +
           (check.enforced ? "" : " /*!80016 NOT ENFORCED */");
}

struct shown_option {
    sql::table_option_kind kind;
    std::string_view word;
    bool quoted;
};

/// Options behind the charset, in the servers' order.
inline constexpr shown_option shown_options[] = {
    {sql::table_option_kind::min_rows, "MIN_ROWS", false},
    {sql::table_option_kind::max_rows, "MAX_ROWS", false},
    {sql::table_option_kind::avg_row_length, "AVG_ROW_LENGTH", false},
    {sql::table_option_kind::pack_keys, "PACK_KEYS", false},
    {sql::table_option_kind::stats_persistent, "STATS_PERSISTENT", false},
    {sql::table_option_kind::stats_auto_recalc, "STATS_AUTO_RECALC", false},
    {sql::table_option_kind::stats_sample_pages, "STATS_SAMPLE_PAGES", false},
    {sql::table_option_kind::checksum, "CHECKSUM", false},
    {sql::table_option_kind::page_checksum, "PAGE_CHECKSUM", false},
    {sql::table_option_kind::delay_key_write, "DELAY_KEY_WRITE", false},
    {sql::table_option_kind::row_format, "ROW_FORMAT", false},
    {sql::table_option_kind::transactional, "TRANSACTIONAL", false},
    {sql::table_option_kind::key_block_size, "KEY_BLOCK_SIZE", false},
    {sql::table_option_kind::compression, "COMPRESSION", true},
    {sql::table_option_kind::encryption, "ENCRYPTION", true},
};

/// Options that are numbers and mean nothing where they are 0 or DEFAULT.
inline bool is_stated(const sql::table_option& option) {
    if (option.value.kind == sql::literal_kind::null) return false;
    using kind = sql::table_option_kind;
    const std::string text = sql::ascii_lower(option.value.text);
    if (text == "default") return false;
    switch (option.kind) {
        case kind::min_rows:
        case kind::max_rows:
        case kind::avg_row_length:
        case kind::checksum:
        case kind::delay_key_write:
        case kind::key_block_size:
        case kind::stats_sample_pages:
            return text != "0";
        case kind::comment:
        case kind::compression:
            return !text.empty();
        case kind::encryption:
            return text == "y";
        default:
            return true;
    }
}

/// Only tables of other schemas are named with theirs.
inline std::string shown_union(const table& t, const sql::table_option& option) {
    std::string out = " UNION=(";
    for (std::size_t i = 0; i < option.tables.size(); ++i) {
        const table_name& name = option.tables[i];
        if (i != 0) out += ",";
        out += name.schema.empty() || name.schema == t.schema ? quoted_identifier(name.table)
                                                              : quoted(name);
    }
    return out + ")";
}

inline bool is_merge_table(const table& t) {
    return same_name(t.engine, "MRG_MyISAM") || same_name(t.engine, "MERGE");
}

inline std::string shown_merge(const table& t) {
    using kind = sql::table_option_kind;
    std::string out;
    if (const auto* const option = t.find_option(kind::insert_method)) {
        if (upper(option->value.text) != "NO") {
            out += " INSERT_METHOD=" + upper(option->value.text);
        }
    }
    if (const auto* const option = t.find_option(kind::union_tables)) {
        if (!option->tables.empty()) out += shown_union(t, *option);
    }
    return out;
}

inline std::string shown_option_value(const shown_option& shown, const sql::table_option& option) {
    if (shown.quoted) return shown_literal(option.value.text);
    using kind = sql::table_option_kind;
    if (shown.kind == kind::checksum || shown.kind == kind::delay_key_write) return "1";
    const bool rows = shown.kind == kind::min_rows || shown.kind == kind::max_rows;
    if (rows || shown.kind == kind::avg_row_length) {  // the servers have 32 bits for them
        constexpr std::uint64_t most = 0xffffffffU;
        const auto number = sql::unsigned_of(option.value);
        if (number && *number > most) return std::to_string(rows ? most : *number & most);
    }
    return shown.kind == sql::table_option_kind::row_format ? upper(option.value.text)
                                                            : option.value.text;
}

/// "4M" and its like; 0 where it is no size.
inline std::uint64_t bytes_of_size(std::string_view text) {
    std::uint64_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    if (read.ec != std::errc{}) return 0;
    constexpr std::string_view units = "kmgt";
    if (read.ptr == text.data() + text.size()) return size;
    const std::size_t unit = units.find(sql::ascii_lower(std::string_view(read.ptr, 1)));
    return unit == std::string_view::npos ? 0 : size << 10 * (unit + 1);
}

/// TABLESPACE, STORAGE and AUTOEXTEND_SIZE as MySQL prints them.
inline std::string shown_place(const table& t, const server_kind& server) {
    using kind = sql::table_option_kind;
    std::string out;
    if (const auto* const option = t.find_option(kind::tablespace)) {
        const std::string& name = option->value.text;
        const bool quotes = server.version.at_least(5, 7);
        out += " TABLESPACE " + (quotes ? quoted_identifier(name) : name);
    }
    if (const auto* const option = t.find_option(kind::storage)) {
        const std::string word = upper(option->value.text);
        if (word == "DISK" || word == "MEMORY") out += " STORAGE " + word;
    }
    if (!out.empty()) out = " /*!50100" + out + " */";
    if (const auto* const option = t.find_option(kind::autoextend_size)) {
        const std::uint64_t size = bytes_of_size(option->value.text);
        if (size != 0) out += " /*!80023 AUTOEXTEND_SIZE=" + std::to_string(size) + " */";
    }
    return out;
}

inline std::string shown_table_options(const table& t, const server_kind& server) {
    using kind = sql::table_option_kind;
    std::string out;
    if (!is_mariadb(server)) out += shown_place(t, server);
    out += " ENGINE=" + t.engine;
    if (t.is_sequence) {
        out += " SEQUENCE=1";
        return t.comment.empty() ? out : out + " COMMENT=" + shown_literal(t.comment);
    }
    if (const auto* const option = t.find_option(kind::auto_increment)) {
        if (option->value.text != "0" && option->value.text != "1") {
            out += " AUTO_INCREMENT=" + option->value.text;
        }
    }
    out += " DEFAULT CHARSET=" + charset_name_on(server, t.charset);
    const bool always_named = is_mariadb(server) ? server.version.at_least(10, 3, 37)
                                                 : t.collation == "utf8mb4_0900_ai_ci";
    const std::string_view compiled_in = is_mariadb(server)
                                             ? find_charset(t.charset)->default_collation
                                             : default_collation(server, t.charset);
    if ((always_named && t.charset != "binary") || compiled_in != t.collation) {
        out += " COLLATE=" + collation_name_on(server, t.collation);
    }
    for (const shown_option& shown : shown_options) {
        const auto* const option = t.find_option(shown.kind);
        const bool is_aria = is_mariadb(server) && same_name(t.engine, "Aria") && !t.partitioned();
        if (is_aria && shown.kind == kind::page_checksum &&
            (option == nullptr || !is_stated(*option))) {
            out += " PAGE_CHECKSUM=1";  // what it begins with
            continue;
        }
        if (option == nullptr || !is_stated(*option)) continue;
        out += " " + std::string(shown.word) + "=" + shown_option_value(shown, *option);
    }
    if (is_merge_table(t)) out += shown_merge(t);
    if (!t.comment.empty()) out += " COMMENT=" + shown_literal(t.comment);
    if (const auto* const option = t.find_option(kind::connection)) {
        out += " CONNECTION=" + shown_literal(option->value.text);
    }
    const auto* const second = t.find_option(kind::secondary_engine);
    if (second != nullptr && !is_mariadb(server)) out += " SECONDARY_ENGINE=" + second->value.text;
    for (const sql::table_option& option : t.options) {
        // Options of MariaDB's engines have a name, and stand behind all others.
        if (option.name.empty()) continue;
        out += shown_mariadb_option(option.name, option.value, option.word, server);
    }
    if (t.system_versioned) out += " WITH SYSTEM VERSIONING";
    return out;
}

}  // namespace internal

DMLIB_DECL std::string print_create_table(const table& t, const server_kind& server) {
    std::string out = "CREATE TABLE " + quoted_identifier(t.name) + " (\n";
    bool first = true;
    const auto line = [&](const std::string& text) {
        if (!first) out += ",\n";
        first = false;
        out += "  " + text;
    };
    for (const column& c : t.columns) {
        if (!c.hidden) line(internal::shown_column(c, t, server));
    }
    const auto periods = [&](bool of_system) {
        for (const period& p : t.periods) {
            if (same_name(p.name, "SYSTEM_TIME") != of_system) continue;
            line("PERIOD FOR " + (of_system ? "SYSTEM_TIME" : quoted_identifier(p.name)) + " (" +
                 quoted_identifier(p.start_column) + ", " + quoted_identifier(p.end_column) + ")");
        }
    };
    periods(false);
    for (const key& k : t.keys) line(internal::shown_key(k, t, server));
    periods(true);
    for (const foreign_key& fk : t.foreign_keys) line(internal::shown_foreign_key(fk, t));
    for (const check_constraint& check : t.checks) {
        if (check.column.empty()) line(internal::shown_check(check));
    }
    out += "\n)" + internal::shown_table_options(t, server);
    out += internal::shown_partition(t, server);
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
