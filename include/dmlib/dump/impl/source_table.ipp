#pragma once

#include <dmlib/dump/impl/internal/text.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/schema/show_create.hpp>

#include <algorithm>
#include <array>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

namespace internal {

inline error unsupported(const table_name& name, std::string why) {
    error e(errc::dump_unsupported_table,
            "The table " + quoted(name) + " cannot be copied: " + std::move(why));
    e.table(name.schema, name.table);
    return e;
}

}  // namespace internal

DMLIB_DECL engine_class classify_engine(std::string_view engine) noexcept {
    constexpr std::array transactional{"InnoDB", "RocksDB", "TokuDB"};
    constexpr std::array still{"MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE"};
    const auto is = [engine](const char* name) { return schema::same_name(engine, name); };
    if (std::any_of(transactional.begin(), transactional.end(), is))
        return engine_class::transactional;
    if (std::any_of(still.begin(), still.end(), is)) return engine_class::non_transactional;
    return engine_class::refused;
}

DMLIB_DECL result<std::vector<listed_table>> list_tables(mysql::session& s) {
    auto rows = s.query(
        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH "
        "FROM information_schema.TABLES WHERE LOWER(TABLE_SCHEMA) NOT IN "
        "('mysql','information_schema','performance_schema','sys') "
        "ORDER BY TABLE_SCHEMA, TABLE_NAME");
    if (!rows) return rows.error();
    std::vector<listed_table> tables;
    tables.reserve(rows->size());
    for (std::size_t i = 0; i < rows->size(); ++i) {
        listed_table t;
        t.name = {std::string(rows->text(i, 0)), std::string(rows->text(i, 1))};
        t.type = rows->text(i, 2);
        t.engine = rows->text(i, 3);
        t.rows = internal::to_number(rows->text(i, 4));
        t.bytes = internal::to_number(rows->text(i, 5));
        tables.push_back(std::move(t));
    }
    return tables;
}

DMLIB_DECL result<std::vector<std::pair<std::string, std::string>>> list_schemas(
    mysql::session& s) {
    auto rows = s.query(
        "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM "
        "information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) NOT IN "
        "('mysql','information_schema','performance_schema','sys') ORDER BY SCHEMA_NAME");
    if (!rows) return rows.error();
    std::vector<std::pair<std::string, std::string>> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        std::string name(rows->text(i, 0));
        std::string text = "CREATE DATABASE " + quoted_identifier(name) +
                           " DEFAULT CHARACTER SET " + std::string(rows->text(i, 1)) + " COLLATE " +
                           std::string(rows->text(i, 2));
        out.emplace_back(std::move(name), std::move(text));
    }
    return out;
}

DMLIB_DECL std::string without_auto_increment(std::string_view create_text) {
    std::string text(create_text);
    // Quoted names and texts of columns stand in lines before it; a line break inside a name is
    // printed as it is, but ") ENGINE=" at a line's beginning only ends the list of columns.
    const std::size_t options = text.rfind("\n) ENGINE=");
    if (options == std::string::npos) return text;
    constexpr std::string_view word = " AUTO_INCREMENT=";
    const std::size_t begin = text.find(word, options);
    if (begin == std::string::npos || begin > text.find(" DEFAULT CHARSET=", options)) return text;
    const std::size_t end = text.find_first_not_of("0123456789", begin + word.size());
    text.erase(begin, (end == std::string::npos ? text.size() : end) - begin);
    return text;
}

DMLIB_DECL result<std::string> show_create(mysql::session& s, const table_name& name) {
    auto rows = s.query("SHOW CREATE TABLE " + quoted(name));
    if (!rows) {
        error e = rows.error();
        e.table(name.schema, name.table);
        return e;
    }
    const auto text = rows->empty() ? std::nullopt : rows->get(0, "Create Table");
    if (!text) return internal::unsupported(name, "SHOW CREATE TABLE gives no definition of it");
    return without_auto_increment(*text);
}

namespace internal {

// FLOAT prints six digits only; as DOUBLE its 32 bits survive. Multiplying keeps -0.
inline selected_column select_column(const schema::column& c, std::size_t place) {
    using kind = schema::type_kind;
    const std::string name = quoted_identifier(c.name);
    switch (c.type) {
        case kind::float_:
            return {place, name + "*1e0", field_form::text};
        case kind::enum_:
        case kind::set:
        case kind::bit:
            // Not +0: MySQL adds as DOUBLE, and a SET of 64 members loses bits.
            return {place, "CAST(" + name + " AS UNSIGNED)", field_form::number};
        case kind::char_:
        case kind::varchar:
        case kind::binary:
        case kind::varbinary:
        case kind::tinytext:
        case kind::text:
        case kind::mediumtext:
        case kind::longtext:
        case kind::tinyblob:
        case kind::blob:
        case kind::mediumblob:
        case kind::longblob:
        case kind::geometry:
        case kind::point:
        case kind::linestring:
        case kind::polygon:
        case kind::multipoint:
        case kind::multilinestring:
        case kind::multipolygon:
        case kind::geometrycollection:
        case kind::vector:
            return {place, name, field_form::bytes};
        default:
            return {place, name, field_form::text};
    }
}

inline bool is_written(const schema::column& c) noexcept {
    return !c.hidden && !c.is_generated() && c.period == schema::row_bound::none;
}

// A key whose order is the same here, on the source and in the ledger: integers, NOT NULL.
inline bool is_ordered_key(const schema::table& t, const schema::key& k) {
    if (k.parts.empty() || k.invisible || !k.without_overlaps.empty()) return false;
    for (const schema::key_part& part : k.parts) {
        const std::size_t place = t.find_column(part.column);
        if (part.column.empty() || part.length || place == schema::npos) return false;
        const schema::column& c = t.columns[place];
        if (!c.is_integer() || c.nullable || !is_written(c)) return false;
    }
    return true;
}

inline void choose_key(source_table& t) {
    for (const schema::key* k : t.definition.unique_keys()) {
        if (!is_ordered_key(t.definition, *k)) {
            // Any other key than the primary one would be read out of the table's own order.
            if (k->kind == schema::key_kind::primary) return;
            continue;
        }
        t.key_name = k->name;
        for (const schema::key_part& part : k->parts) {
            const std::size_t place = t.definition.find_column(part.column);
            const auto field =
                std::find_if(t.select.begin(), t.select.end(), [place](const selected_column& c) {
                    return c.column == place;
                });
            t.key_columns.push_back(t.definition.columns[place].name);
            t.key_fields.push_back(static_cast<std::size_t>(field - t.select.begin()));
        }
        return;
    }
}

}  // namespace internal

DMLIB_DECL result<source_table> describe_table(const listed_table& listed,
                                               std::string create_text,
                                               const server_kind& server) {
    source_table t;
    t.engine = classify_engine(listed.engine);
    if (t.engine == engine_class::refused)
        return internal::unsupported(listed.name,
                                     "a copy of the storage engine " + listed.engine +
                                         " has no place in the binlog that its rows belong to");
    auto parsed = schema::table_from_show_create(create_text, server, listed.name.schema);
    if (!parsed) {
        error e = parsed.error();
        e.table(listed.name.schema, listed.name.table);
        return e;
    }
    // A SELECT reads the current rows of a system-versioned table, which are what is copied.
    const auto& columns = parsed->columns;
    if (std::any_of(columns.begin(), columns.end(), [](const schema::column& c) {
            return !c.hidden && c.period != schema::row_bound::none;
        }))
        return internal::unsupported(
            listed.name,
            "it has columns of its own for the period of system versioning, whose values cannot be "
            "written");
    t.definition = std::move(*parsed);
    t.create_text = std::move(create_text);
    t.rows_estimate = listed.rows;
    t.bytes_estimate = listed.bytes;
    for (std::size_t i = 0; i < t.definition.columns.size(); ++i) {
        const schema::column& c = t.definition.columns[i];
        if (internal::is_written(c)) t.select.push_back(internal::select_column(c, i));
    }
    if (t.select.empty())
        return internal::unsupported(listed.name, "it has no column that can be written");
    internal::choose_key(t);
    return t;
}

// Behind the others: key_fields and the filter count from the first one.
DMLIB_DECL void add_computed_columns(source_table& t, const schema::table& target) {
    for (std::size_t i = 0; i < t.definition.columns.size(); ++i) {
        const schema::column& c = t.definition.columns[i];
        if (!c.is_generated() || c.hidden) continue;
        const std::size_t there = target.find_column(c.name);
        if (there == schema::npos || target.columns[there].is_generated()) continue;
        t.select.push_back(internal::select_column(c, i));
    }
}

namespace internal {

// (a > 1 OR (a = 1 AND b > 2)) with a >= 1 in front, which is what the servers make a range of.
inline std::string bound(const std::vector<std::string>& columns,
                         const checkpoint::key_tuple& at,
                         bool lower) {
    std::string nested;
    for (std::size_t i = at.size(); i-- > 0;) {
        const std::string name = quoted_identifier(columns[i]);
        const std::string value = checkpoint::to_string(at[i]);
        const bool last = i + 1 == at.size();
        const std::string strict = name + (lower ? ">" : last ? "<=" : "<") + value;
        nested =
            last ? strict : "(" + strict + " OR (" + name + "=" + value + " AND " + nested + "))";
    }
    if (at.size() > 1)
        nested = quoted_identifier(columns[0]) + (lower ? ">=" : "<=") +
                 checkpoint::to_string(at[0]) + " AND " + nested;
    return nested;
}

}  // namespace internal

DMLIB_DECL std::string range_condition(const std::vector<std::string>& key_columns,
                                       const checkpoint::key_range& range) {
    std::string condition;
    if (!range.lower.is_start()) condition = internal::bound(key_columns, range.lower.prefix, true);
    if (!range.upper.is_end() && !range.upper.is_start()) {
        if (!condition.empty()) condition += " AND ";
        condition += internal::bound(key_columns, range.upper.prefix, false);
    }
    return condition;
}

DMLIB_DECL std::string select_statement(const source_table& t,
                                        const checkpoint::key_range& range,
                                        std::uint64_t limit) {
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < t.select.size(); ++i) {
        if (i != 0) sql += ',';
        sql += t.select[i].expression;
    }
    sql += " FROM " + quoted(t.definition.full_name());
    if (t.ordered()) {
        sql += " FORCE INDEX (" + quoted_identifier(t.key_name) + ")";
        const std::string condition = range_condition(t.key_columns, range);
        if (!condition.empty()) sql += " WHERE " + condition;
        sql += " ORDER BY ";
        for (std::size_t i = 0; i < t.key_columns.size(); ++i)
            sql += (i == 0 ? "" : ",") + quoted_identifier(t.key_columns[i]);
    }
    if (limit != 0) sql += " LIMIT " + std::to_string(limit);
    return sql;
}

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib
