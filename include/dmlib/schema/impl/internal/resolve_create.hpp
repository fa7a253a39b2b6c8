// CREATE TABLE: from the parsed elements to a definition.
#pragma once

#include <dmlib/schema/impl/internal/partition_number.hpp>
#include <dmlib/schema/impl/internal/resolve_column.hpp>
#include <dmlib/schema/impl/internal/resolve_keys.hpp>
#include <dmlib/schema/resolve.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// The engine's name in the server's own spelling.
inline std::string engine_name(const std::string& name) {
    constexpr std::string_view known[] = {
        "InnoDB",    "MyISAM",     "MEMORY",   "CSV",     "ARCHIVE", "BLACKHOLE", "MRG_MyISAM",
        "FEDERATED", "Aria",       "SEQUENCE", "CONNECT", "ROCKSDB", "SPIDER",    "ColumnStore",
        "OQGRAPH",   "ndbcluster", "TokuDB",   "S3",      "Mroonga", "EXAMPLE"};
    for (const std::string_view k : known) {
        if (same_name(k, name)) return std::string(k);
    }
    if (same_name(name, "HEAP")) return "MEMORY";
    if (same_name(name, "MARIA")) return "Aria";
    if (same_name(name, "MERGE")) return "MRG_MyISAM";
    if (same_name(name, "NDB")) return "ndbcluster";
    if (same_name(name, "INNOBASE")) return "InnoDB";
    return name;
}

/// Engines that every build of the servers has; any other is replaced by the default engine where
/// the server lacks it, which is not known here.
inline void set_options(table& t, const std::vector<sql::table_option>& options) {
    using kind = sql::table_option_kind;
    for (const sql::table_option& option : options) {
        switch (option.kind) {
            case kind::engine:
                t.engine = engine_name(option.value.text);
                break;
            case kind::comment:
                t.comment = cut_comment(option.value.text, 2048);
                break;
            case kind::charset:
            case kind::collate:
            case kind::start_transaction:
                break;
            case kind::with_system_versioning:
                t.system_versioned = true;
                break;
            case kind::sequence:
                t.is_sequence = option.value.text == "1";
                break;
            default: {
                // Options of MariaDB's engines are in the order in which they were stated last.
                std::erase_if(t.options, [&](const sql::table_option& o) {
                    return option.name.empty() ? o.kind == option.kind
                                               : same_name(o.name, option.name);
                });
                const bool engine_default = option.kind != kind::union_tables &&
                                            (option.value.kind == sql::literal_kind::null ||
                                             same_name(option.value.text, "default"));
                if (!engine_default) t.options.push_back(option);
            }
        }
    }
}

/// WITH SYSTEM VERSIONING at columns of a table that is not versioned as a whole: the table is, and
/// the other columns are not.
inline void settle_versioned_columns(table& t) {
    const bool some = std::any_of(t.columns.begin(), t.columns.end(), [](const column& c) {
        return c.system_versioning.value_or(false);
    });
    if (!some) {
        // WITHOUT SYSTEM VERSIONING means nothing there.
        if (!t.system_versioned) {
            for (column& c : t.columns) c.system_versioning.reset();
        }
        return;
    }
    for (column& c : t.columns) {
        if (c.system_versioning.value_or(false)) {
            c.system_versioning.reset();
        } else if (!t.system_versioned && c.period == row_bound::none) {
            c.system_versioning = false;
        }
    }
    t.system_versioned = true;
}

/// The bounds of an application's period.
inline void make_bounds_not_null(table& t, const period& p) {
    for (const std::string& name : {p.start_column, p.end_column}) {
        const std::size_t at = t.find_column(name);
        if (at == npos || t.columns[at].period != row_bound::none) continue;
        t.columns[at].nullable = false;
        if (t.columns[at].default_value.kind == default_kind::null)
            t.columns[at].default_value = column_default{};
    }
}

/// Where a table has the columns of its versions itself, its unique keys have the end of the row's
/// version, too.
inline void give_unique_keys_row_end(table& t) {
    for (const period& p : t.periods) {
        if (!same_name(p.name, "SYSTEM_TIME") || !t.system_versioned) continue;
        for (key& k : t.keys) {
            if (k.kind != key_kind::primary && k.kind != key_kind::unique) continue;
            const bool has = std::any_of(k.parts.begin(), k.parts.end(), [&](const key_part& part) {
                return same_name(part.column, p.start_column) ||
                       same_name(part.column, p.end_column);
            });
            if (!has) k.parts.push_back({p.end_column, "", {}, false});
        }
    }
}

inline std::string now_of(const column& c, const server_kind& server) {
    std::string digits;
    if (c.fraction_digits != 0) digits = "(" + std::to_string(c.fraction_digits) + ")";
    return is_mariadb(server) ? "current_timestamp" + (digits.empty() ? "()" : digits)
                              : "CURRENT_TIMESTAMP" + digits;
}

/// The first TIMESTAMP column gets the automatic values where the session's settings are the old
/// ones; the others the zero default.
inline void give_timestamp_defaults(
    table& t,
    const resolve_options& o,
    const std::function<bool(column& c, bool is_first)>& wanted = nullptr) {
    if (timestamps_are_plain(o) || o.verbatim) return;
    bool first = true;
    for (column& c : t.columns) {
        if (c.type != type_kind::timestamp || c.hidden || c.period != row_bound::none) continue;
        const bool was_first = first;
        first = false;
        if (c.nullable || c.is_generated() || c.default_value.kind != default_kind::none) continue;
        if (wanted && !wanted(c, was_first)) continue;
        if (was_first && c.on_update.empty()) {
            c.default_value.kind = default_kind::expression;
            c.default_value.quoted = false;
            c.default_value.text = now_of(c, o.server);
            c.on_update = c.default_value.text;
            continue;
        }
        c.default_value.kind = default_kind::literal;
        c.default_value.quoted = true;
        c.default_value.text = "0000-00-00 00:00:00";
        if (c.fraction_digits != 0) {
            c.default_value.text += "." + std::string(c.fraction_digits, '0');
        }
    }
}

/// MariaDB's JSON columns bring a check along (10.4.3).
inline void add_json_check(table& t, const sql::column_definition& d, const resolve_options& o) {
    const bool has_check =
        mariadb_at_least(o.server, 10, 4, 3) && d.type.kind == type_kind::json && d.checks.empty();
    if (!has_check || o.verbatim) return;
    check_constraint check;
    check.name = d.name;
    check.column = d.name;
    check.expression = "json_valid(" + quoted_identifier(d.name) + ")";
    t.checks.push_back(std::move(check));
}

/// Columns that nobody sees and that row images have all the same, behind all others: the two of
/// WITH SYSTEM VERSIONING, then a hash for each UNIQUE ... USING HASH of MariaDB 10.4.
inline void refresh_hidden_columns(table& t, const server_kind& server) {
    std::erase_if(t.columns, [](const column& c) { return c.hidden; });
    const bool own_period = std::any_of(t.columns.begin(), t.columns.end(), [](const column& c) {
        return c.period != row_bound::none;
    });
    if (t.system_versioned && !own_period) {
        for (const bool start : {true, false}) {
            column c;
            c.name = start ? "row_start" : "row_end";
            c.type = type_kind::timestamp;
            c.fraction_digits = 6;
            c.nullable = false;
            c.hidden = true;
            c.period = start ? row_bound::start : row_bound::end;
            t.columns.push_back(std::move(c));
        }
    }
    if (!mariadb_at_least(server, 10, 4) || same_name(t.engine, "MEMORY")) return;
    int number = 0;
    for (const key& k : t.keys) {
        if (k.kind != key_kind::unique || !same_name(k.using_type, "hash")) continue;
        column c;
        c.name = "DB_ROW_HASH_" + std::to_string(++number);
        c.type = type_kind::bigint;
        c.is_unsigned = true;
        c.length = 20;
        c.hidden = true;
        t.columns.push_back(std::move(c));
    }
}

/// Keys that stand at a column: UNIQUE, PRIMARY KEY, SERIAL.
inline void add_column_keys(const sql::column_definition& d,
                            const server_kind& server,
                            std::vector<key>& keys) {
    const auto add = [&](key_kind kind) {
        key k;
        k.kind = kind;
        if (kind == key_kind::primary) k.name = "PRIMARY";
        key_part part;
        part.column = d.name;
        k.parts.push_back(std::move(part));
        keys.push_back(std::move(k));
    };
    if (d.primary_key) add(key_kind::primary);
    const bool serial = d.serial_default || d.type.kind == type_kind::serial;
    const bool serial_key = serial && !(is_mariadb(server) && d.primary_key);
    // MariaDB takes the two words at one column for one key.
    const bool unique = d.unique && !(is_mariadb(server) && d.primary_key);
    if (unique || serial_key) add(key_kind::unique);
}

struct element_collector {
    const resolve_options& options;
    table& t;
    std::vector<key> keys;
    std::vector<sql::foreign_key_definition> foreign_keys;
    struct pending_check {
        sql::check_clause check;
        std::string column;
    };
    std::vector<pending_check> checks;

    /// Remembers keys and constraints of a column definition.
    void take_constraints(const sql::column_definition& d) {
        add_column_keys(d, options.server, keys);
        for (const sql::check_clause& check : d.checks) checks.push_back({check, d.name});
        if (d.references) {
            const constraint_resolver resolver{options, t};
            if (!resolver.inline_references()) return;
            sql::foreign_key_definition fk;
            fk.constraint_name = d.references_name;
            fk.columns.push_back(d.name);
            fk.references = *d.references;
            take(fk);
        }
    }

    void take(const sql::foreign_key_definition& fk) {
        // A server's own text has all its keys; one may be missing where it was dropped later.
        if (!options.verbatim) keys.push_back(key_resolver::implicit_key(fk));
        foreign_keys.push_back(fk);
    }

    result<void> take(const sql::table_element& element) {
        const key_resolver resolver{options, t};
        if (const auto* const d = std::get_if<sql::column_definition>(&element)) {
            return add_column(*d);
        }
        if (const auto* const d = std::get_if<sql::key_definition>(&element)) {
            keys.push_back(resolver.make(*d));
        } else if (const auto* const fk = std::get_if<sql::foreign_key_definition>(&element)) {
            take(*fk);
        } else if (const auto* const check = std::get_if<sql::table_check>(&element)) {
            checks.push_back({check->check, {}});
        } else if (const auto* const p = std::get_if<sql::period_definition>(&element)) {
            t.periods.push_back({p->name, p->start_column, p->end_column});
        }
        return {};
    }

    result<void> add_column(const sql::column_definition& d) {
        if (t.find_column(d.name) != npos) {
            return refusal("duplicate column name '" + d.name + "'");
        }
        const column_resolver resolver{options, t};
        auto c = resolver.resolve(d);
        if (c.has_error()) return c.error();
        t.columns.push_back(std::move(*c));
        add_json_check(t, d, options);
        take_constraints(d);
        return {};
    }

    /// Keys first (they make columns NOT NULL), then constraints that name columns.
    result<void> finish() {
        finish_periods();
        // A column's key has to know all columns: they are complete now.
        key_resolver key_maker{options, t};
        if (auto r = key_maker.finish(std::move(keys)); r.has_error()) return r;
        constraint_resolver constraints{options, t};
        for (const auto& fk : foreign_keys) {
            if (auto r = constraints.add(fk); r.has_error()) return r;
        }
        for (const pending_check& check : checks)
            constraints.stated_names.push_back(check.check.name);
        for (const pending_check& check : checks) {
            if (auto r = constraints.add(check.check, check.column); r.has_error()) return r;
        }
        constraints.sort();
        return {};
    }

    void finish_periods() {
        for (const period& p : t.periods) make_bounds_not_null(t, p);
    }
};

/// The engine that partitions name is the table's where that names none.
inline void take_partition_engine(table& t, const std::vector<sql::table_option>& options) {
    const auto is_engine = [](const sql::table_option& o) {
        return o.kind == sql::table_option_kind::engine;
    };
    if (t.partition->partitions.empty() || std::any_of(options.begin(), options.end(), is_engine))
        return;
    const auto& first = t.partition->partitions.front().options;
    const auto named = std::find_if(first.begin(), first.end(), is_engine);
    if (named != first.end()) t.engine = engine_name(named->value.text);
}

/// MySQL 9.7 makes no invisible primary key where rows have a unique key without NULL already.
inline bool has_stand_in_for_primary(const table& t, const server_kind& server) {
    if (!mysql_at_least(server, 9, 7)) return false;
    const auto plain = [&](const key_part& part) {
        const std::size_t at =
            part.column.empty() || part.length ? npos : t.find_column(part.column);
        return at != npos && !t.columns[at].nullable &&
               t.columns[at].generated != generated_kind::virtual_column;
    };
    return std::any_of(t.keys.begin(), t.keys.end(), [&](const key& k) {
        return k.kind == key_kind::unique && std::all_of(k.parts.begin(), k.parts.end(), plain);
    });
}

/// Expressions may name columns that are defined further down, so they are printed again when all
/// columns are known: only the spelling of names can differ.
inline result<table> create_table(const sql::create_table_statement& s,
                                  const table_name& name,
                                  const charset_choice& inherited,
                                  const resolve_options& o) {
    table t;
    t.schema = name.schema;
    t.name = name.table;
    t.engine = o.default_engine;
    auto charset = options_charset(o, s.options, inherited);
    if (charset.has_error()) return charset.error();
    t.charset = charset->charset;
    t.collation = charset->collation;
    set_options(t, s.options);
    if (s.partition) {
        t.partition = *s.partition;
        work_out_moments(t.partition->partitions, o.time_zone_offset);
        take_partition_engine(t, s.options);
    }
    element_collector collector{o, t, {}, {}, {}};
    for (const sql::table_element& element : s.elements) {
        if (auto r = collector.take(element); r.has_error()) return r.error();
    }
    if (t.columns.empty()) return refusal("a table must have at least one visible column");
    give_timestamp_defaults(t, o);
    if (auto r = collector.finish(); r.has_error()) return r.error();
    if (!o.verbatim) {
        give_unique_keys_row_end(t);
        settle_versioned_columns(t);
    }
    if (o.generate_invisible_primary_key && t.primary_key() == nullptr && t.engine == "InnoDB" &&
        mysql_at_least(o.server, 8, 0, 30) && !has_stand_in_for_primary(t, o.server)) {
        column id;
        id.name = "my_row_id";
        id.type = type_kind::bigint;
        id.is_unsigned = true;
        id.nullable = false;
        id.auto_increment = true;
        id.invisible = true;
        t.columns.insert(t.columns.begin(), id);
        key k;
        k.name = "PRIMARY";
        k.kind = key_kind::primary;
        k.parts.push_back({"my_row_id", "", {}, false});
        t.keys.insert(t.keys.begin(), std::move(k));
    }
    refresh_hidden_columns(t, o.server);
    return t;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
