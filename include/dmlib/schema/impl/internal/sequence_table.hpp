// The table that a sequence of MariaDB is: one row, columns with fixed names.
#pragma once

#include <dmlib/schema/impl/internal/resolve_create.hpp>
#include <dmlib/sql/lexer.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// What of CREATE SEQUENCE is part of the definition; its numbers are data.
struct sequence_options {
    type_kind type = type_kind::bigint;
    bool is_unsigned = false;
    std::string engine;
    std::string comment;
};

inline sequence_options read_sequence_options(std::string_view text, const resolve_options& o) {
    sequence_options out;
    sql::parse_options parse;
    parse.flavor = o.server.flavor;
    parse.version = o.server.version;
    sql::lexer in{text, parse};
    std::string before;
    for (sql::token t = in.next(); t.kind != sql::token_kind::end; t = in.next()) {
        if (t.kind == sql::token_kind::invalid) break;
        const std::string_view written = text.substr(t.begin, t.end - t.begin);
        if (written == "=") continue;
        const std::string word = sql::ascii_lower(written);
        if (before == "engine") out.engine = engine_name(std::string(written));
        if (before == "comment" && t.kind == sql::token_kind::string) {
            out.comment = sql::decode_string(written, parse);
        }
        if (word == "unsigned") out.is_unsigned = true;
        if (before == "as") {
            out.type = word.starts_with("tiny")     ? type_kind::tinyint
                       : word.starts_with("small")  ? type_kind::smallint
                       : word.starts_with("medium") ? type_kind::mediumint
                       : word.starts_with("int")    ? type_kind::int_
                                                    : type_kind::bigint;
        }
        before = word;
    }
    return out;
}

inline column sequence_column(std::string_view name, type_kind type, std::uint64_t width) {
    column c;
    c.name = std::string(name);
    c.type = type;
    c.length = width;
    c.nullable = false;
    return c;
}

inline table sequence_table(const table_name& name,
                            std::string_view options,
                            const resolve_options& o) {
    const sequence_options stated = read_sequence_options(options, o);
    table t;
    t.schema = name.schema;
    t.name = name.table;
    t.is_sequence = true;
    t.engine = stated.engine.empty() ? o.default_engine : stated.engine;
    t.comment = stated.comment;
    t.charset = "utf8mb3";
    t.collation = "utf8mb3_general_ci";
    const std::uint64_t width = stated.type == type_kind::tinyint     ? 5
                                : stated.type == type_kind::smallint  ? 7
                                : stated.type == type_kind::mediumint ? 10
                                : stated.type == type_kind::int_      ? 12
                                                                      : 21;
    for (const std::string_view value :
         {"next_not_cached_value", "minimum_value", "maximum_value", "start_value"}) {
        t.columns.push_back(sequence_column(value, stated.type, width));
        t.columns.back().is_unsigned = stated.is_unsigned;
    }
    t.columns.back().comment = "start value when sequences is created or value if RESTART is used";
    t.columns.push_back(sequence_column("increment", type_kind::bigint, 21));
    t.columns.back().comment = "increment value";
    t.columns.push_back(sequence_column("cache_size", type_kind::bigint, 21));
    t.columns.back().is_unsigned = true;
    t.columns.push_back(sequence_column("cycle_option", type_kind::tinyint, 1));
    t.columns.back().is_unsigned = true;
    t.columns.back().comment =
        "0 if no cycles are allowed, 1 if the sequence should begin a new cycle when "
        "maximum_value is passed";
    t.columns.push_back(sequence_column("cycle_count", type_kind::bigint, 21));
    t.columns.back().comment = "How many cycles have been done";
    return t;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
