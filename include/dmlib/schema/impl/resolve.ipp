#pragma once

#include <dmlib/schema/impl/internal/resolve_tables.hpp>
#include <dmlib/schema/resolve.hpp>

#include <string>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// CREATE INDEX and DROP INDEX are ALTER TABLE with one change.
inline sql::alter_table_statement as_alter(const sql::create_index_statement& s,
                                           const table* before) {
    sql::alter_table_statement out;
    out.table = s.table;
    if (s.or_replace && before != nullptr && before->find_key(s.key.name) != npos) {
        sql::drop_key drop;
        drop.name = s.key.name;
        out.specs.push_back({drop, {}});
    }
    sql::add_key add;
    add.key = s.key;
    out.specs.push_back({std::move(add), {}});
    return out;
}

inline sql::alter_table_statement as_alter(const sql::drop_index_statement& s) {
    sql::alter_table_statement out;
    out.table = s.table;
    if (same_name(s.name, "PRIMARY")) {
        sql::drop_primary_key drop;
        drop.if_exists = s.if_exists;
        out.specs.push_back({drop, {}});
    } else {
        sql::drop_key drop;
        drop.name = s.name;
        drop.if_exists = s.if_exists;
        out.specs.push_back({std::move(drop), {}});
    }
    return out;
}

struct statement_resolver {
    change_builder& builder;

    result<resolved_change> operator()(const sql::create_table_statement& s) {
        if (s.temporary) return none("a temporary table");
        return builder.create(s);
    }
    result<resolved_change> operator()(const sql::alter_table_statement& s) {
        return builder.alter(s);
    }
    result<resolved_change> operator()(const sql::drop_table_statement& s) {
        if (s.temporary) return none("a temporary table");
        return builder.drop_tables(s.tables, s.if_exists);
    }
    result<resolved_change> operator()(const sql::rename_table_statement& s) {
        return builder.rename_tables(s);
    }
    result<resolved_change> operator()(const sql::truncate_table_statement& s) {
        return builder.truncate(s.table);
    }
    result<resolved_change> operator()(const sql::create_index_statement& s) {
        const table_name name = builder.full(s.table);
        const auto before = builder.work.find(name.schema, name.table);
        if (before != nullptr && s.key.if_not_exists && before->find_key(s.key.name) != npos) {
            return none("the index exists");
        }
        return builder.alter(as_alter(s, before.get()));
    }
    result<resolved_change> operator()(const sql::drop_index_statement& s) {
        return builder.alter(as_alter(s));
    }
    result<resolved_change> operator()(const sql::create_database_statement& s) {
        return builder.create_database(s);
    }
    result<resolved_change> operator()(const sql::alter_database_statement& s) {
        return builder.alter_database(s);
    }
    result<resolved_change> operator()(const sql::drop_database_statement& s) {
        return builder.drop_database(s);
    }
    result<resolved_change> operator()(const sql::create_sequence_statement& s) {
        return builder.create_sequence(s);
    }
    result<resolved_change> operator()(const sql::alter_sequence_statement&) {
        return none("a sequence's values");
    }
    result<resolved_change> operator()(const sql::drop_sequence_statement& s) {
        if (s.temporary) return none("a temporary sequence");
        return builder.drop_tables(s.names, s.if_exists);
    }
    result<resolved_change> operator()(const sql::use_statement&) { return none("session"); }
    result<resolved_change> operator()(const sql::set_statement&) { return none("session"); }
    result<resolved_change> operator()(const sql::other_statement&) {
        return none("no table definition");
    }

    resolved_change none(std::string why) {
        builder.change.reason = std::move(why);
        return builder.finish();
    }
};

}  // namespace internal

DMLIB_DECL std::optional<std::int32_t> fixed_zone_offset(std::string_view zone) {
    return internal::zone_offset(zone);
}

DMLIB_DECL result<resolved_change> resolve(const sql::statement& statement,
                                           const catalog& known,
                                           const resolve_options& options) {
    internal::change_builder builder{known, options};
    builder.change.kind = std::string(sql::name_of(statement.kind));
    return std::visit(internal::statement_resolver{builder}, statement.node);
}

DMLIB_DECL void apply(const resolved_change& change, catalog& known) {
    if (!change.changes_anything()) return;
    for (const table_name& name : change.dropped) known.erase(name.schema, name.table);
    for (const std::string& name : change.schemas_dropped) known.erase_schema(name);
    for (const database& db : change.schemas_created) {
        known.put_schema(db.name, db.charset, db.collation, db.comment);
    }
    for (const database& db : change.schemas_altered) {
        known.put_schema(db.name, db.charset, db.collation, db.comment);
    }
    for (const table& t : change.changed) known.put(t);
    for (const table& t : change.created) known.put(t);
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
