#pragma once

#include <dmlib/schema/impl/internal/resolve_create.hpp>
#include <dmlib/schema/script_runner.hpp>
#include <dmlib/sql/literal.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sql/script_splitter.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline sql::parse_options parse_options_of(const resolve_options& session) {
    sql::parse_options out;
    out.flavor = session.server.flavor;
    out.version = session.server.version;
    out.mode = session.sql_mode;
    out.charset = session.connection_charset;
    return out;
}

inline bool switched_on(const sql::expression& e) {
    const auto literal = sql::signed_literal(e);
    const std::string text = literal ? sql::ascii_lower(literal->text) : sql::ascii_lower(e.name);
    return text == "1" || text == "on" || text == "true";
}

/// The bits of the grammar, and those of the strict modes.
inline std::uint64_t sql_mode_of(std::string_view names, flavor f) {
    std::uint64_t mode = sql::parse_sql_mode(names, f);
    const std::string lower_names = sql::ascii_lower(names);
    const auto has = [&](std::string_view name) {
        return lower_names.find(name) != std::string::npos;
    };
    if (has("strict_trans_tables") || has("traditional")) mode |= std::uint64_t{1} << 21;
    if (has("strict_all_tables") || has("traditional")) mode |= std::uint64_t{1} << 22;
    return mode;
}

/// SET variable = DEFAULT
inline bool is_default_word(const sql::expression& e) {
    return e.kind == sql::expression_kind::column && sql::ascii_lower(e.name) == "default";
}

/// The bit of the strict mode where the server begins with it.
inline std::uint64_t default_sql_mode(const server_kind& server) {
    const bool strict = server.flavor == flavor::mysql ? server.version.at_least(5, 7)
                                                       : server.version.at_least(10, 2, 4);
    return strict ? std::uint64_t{1} << 21 : 0;
}

/// The mode that an expression is: words, numbers, @@sql_mode, and CONCAT and REPLACE of these.
inline std::optional<std::uint64_t> mode_of(const sql::expression& e,
                                            const resolve_options& session) {
    const auto literal = sql::signed_literal(e);
    if (literal && literal->kind == sql::literal_kind::string)
        return sql_mode_of(literal->text, session.server.flavor);
    if (literal && literal->kind == sql::literal_kind::integer) return sql::unsigned_of(*literal);
    if (is_default_word(e)) return default_sql_mode(session.server);
    if (e.kind == sql::expression_kind::column) return sql_mode_of(e.name, session.server.flavor);
    if (e.kind == sql::expression_kind::system_variable && sql::ascii_lower(e.name) == "sql_mode")
        return session.sql_mode;
    const bool replaces = e.is_function("replace") && e.operands.size() == 3;
    if (!replaces && !e.is_function("concat")) return std::nullopt;
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < e.operands.size(); ++i) {
        const auto part = mode_of(e.operands[i], session);
        if (!part) return std::nullopt;
        out = replaces && i == 1 ? out & ~*part : out | *part;
    }
    return out;
}

/// What a variable of the session is now, as a literal: scripts keep it and set it again.
inline std::optional<sql::literal> session_value(const std::string& name,
                                                 const resolve_options& session) {
    const auto number = [](std::uint64_t n) {
        return sql::literal{sql::literal_kind::integer, std::to_string(n), {}, false};
    };
    const auto text = [](std::string value) {
        return sql::literal{sql::literal_kind::string, std::move(value), {}, false};
    };
    if (name == "sql_mode") return number(session.sql_mode);
    if (name == "foreign_key_checks") return number(session.foreign_key_checks ? 1 : 0);
    if (name == "default_storage_engine") return text(session.default_engine);
    if (name == "character_set_client" || name == "character_set_connection")
        return text(session.connection_charset);
    if (name == "time_zone" && session.time_zone_offset) {
        const std::int32_t minutes = *session.time_zone_offset / 60;
        return text(fmt::format("{}{:02}:{:02}",
                                minutes < 0 ? '-' : '+',
                                std::abs(minutes) / 60,
                                std::abs(minutes) % 60));
    }
    return std::nullopt;
}

/// Puts in what is known of variables.
inline sql::expression with_values(sql::expression e,
                                   const std::map<std::string, sql::literal>& variables,
                                   const resolve_options& session) {
    if (e.kind == sql::expression_kind::user_variable) {
        const auto found = variables.find(sql::ascii_lower(e.name));
        if (found != variables.end()) {
            e = {};
            e.kind = sql::expression_kind::literal;
            e.value = found->second;
        }
    } else if (e.kind == sql::expression_kind::system_variable) {
        if (auto value = session_value(sql::ascii_lower(e.name), session)) {
            e = {};
            e.kind = sql::expression_kind::literal;
            e.value = std::move(*value);
        }
    }
    for (sql::expression& part : e.operands)
        part = with_values(std::move(part), variables, session);
    return e;
}

/// Charsets and collations of the session and of the server's defaults.
inline void obey_charset(const std::string& name,
                         const std::string& value,
                         resolve_options& session) {
    const bool is_collation = name.find("collation") != std::string::npos;
    const auto* const collation = find_collation(value);
    const charset_info* const set =
        is_collation ? (collation == nullptr ? nullptr : find_charset(collation->charset))
                     : find_charset(value);
    if (set == nullptr) return;
    if (name == "character_set_connection" || name == "collation_connection") {
        session.connection_charset = std::string(set->name);
    } else if (name == "character_set_server" || name == "collation_server") {
        session.server_charset = std::string(set->name);
        session.server_collation = is_collation ? value : std::string();
    } else if (name == "default_collation_for_utf8mb4") {
        session.utf8mb4_collation = value;
    }
}

/// What a script may set that decides about later definitions.
inline void obey_assignment(const sql::set_assignment& a,
                            std::map<std::string, sql::literal>& variables,
                            resolve_options& session) {
    if (a.scope == "names") {
        if (const charset_info* const set = find_charset(a.name)) {
            session.connection_charset = std::string(set->name);
        }
        return;
    }
    if (a.scope == "global" || a.scope == "persist" || a.scope == "charset") return;
    const sql::expression value = with_values(a.value, variables, session);
    const auto literal = sql::signed_literal(value);
    if (a.scope == "user") {
        variables.erase(sql::ascii_lower(a.name));
        if (literal) variables.emplace(sql::ascii_lower(a.name), *literal);
        return;
    }
    if (a.name == "sql_mode") {
        session.sql_mode = mode_of(value, session).value_or(session.sql_mode);
    } else if (a.name == "foreign_key_checks") {
        session.foreign_key_checks = switched_on(value);
    } else if (a.name == "time_zone") {
        session.time_zone_offset = literal ? zone_offset(literal->text) : std::nullopt;
    } else if (a.name == "explicit_defaults_for_timestamp") {
        if (is_default_word(a.value)) {
            session.explicit_defaults_for_timestamp.reset();
        } else {
            session.explicit_defaults_for_timestamp = switched_on(a.value);
        }
    } else if (a.name == "sql_generate_invisible_primary_key") {
        session.generate_invisible_primary_key = switched_on(a.value);
    } else if (a.name == "default_storage_engine" || a.name == "storage_engine") {
        const std::string name = literal ? literal->text : value.name;
        if (is_default_word(value)) {
            session.default_engine = "InnoDB";
        } else if (!name.empty()) {
            session.default_engine = internal::engine_name(name);
        }
    } else if (a.name == "default_collation_for_utf8mb4" && is_default_word(value)) {
        session.utf8mb4_collation.clear();
    } else {
        obey_charset(a.name, literal ? literal->text : value.name, session);
    }
}

/// Follows temporary tables; true where a statement concerns nothing else.
inline bool is_temporary_only(const sql::statement& s,
                              const catalog& known,
                              const resolve_options& session,
                              std::set<std::string>& temporary) {
    const auto name_of_table = [&](const table_name& name) {
        return known.folded(name.schema.empty() ? session.default_schema : name.schema) + "." +
               known.folded(name.table);
    };
    if (const auto* const create = s.get<sql::create_table_statement>()) {
        if (create->temporary) temporary.insert(name_of_table(create->table));
        return create->temporary;
    }
    if (const auto* const drop = s.get<sql::drop_table_statement>()) {
        bool all = !drop->tables.empty();
        for (const table_name& name : drop->tables) {
            all = temporary.erase(name_of_table(name)) != 0 && all;
        }
        return all;
    }
    if (temporary.empty() || !sql::is_table_ddl(s.kind)) return false;
    // MySQL renames the table behind, MariaDB the temporary one.
    const bool mariadb = is_mariadb(session.server);
    if (s.get<sql::rename_table_statement>() != nullptr && !mariadb) return false;
    if (const auto* const alter = s.get<sql::alter_table_statement>()) {
        if (temporary.count(name_of_table(alter->table)) == 0) return false;
        for (const sql::alter_spec& spec : alter->specs) {
            const auto* const to = std::get_if<sql::rename_to>(&spec.change);
            if (to == nullptr) continue;
            temporary.erase(name_of_table(alter->table));
            temporary.insert(name_of_table(to->table));
        }
        return true;
    }
    bool subject = false;
    sql::visit_tables(s, [&](const table_name& name, sql::name_role role) {
        subject = subject ||
                  (role == sql::name_role::subject && temporary.count(name_of_table(name)) != 0);
    });
    return subject;
}

}  // namespace internal

DMLIB_DECL script_runner::script_runner(script_options options)
    : options_(std::move(options)), catalog_(options_.lower_case_table_names) {
    session_.server = options_.server;
    session_.sql_mode = internal::default_sql_mode(options_.server);
    session_.time_zone_offset = 0;
    session_.server_charset = options_.charset;
    session_.server_collation = options_.collation;
    if (options_.database.empty()) return;
    session_.default_schema = options_.database;
    const internal::charset_choice base = internal::server_default(session_);
    catalog_.put_schema(options_.database, base.charset, base.collation);
}

DMLIB_DECL script_entry script_runner::run_statement(std::string_view text) {
    script_entry entry;
    entry.number = ++count_;
    entry.line = 1;
    const sql::parse_options parse = internal::parse_options_of(session_);
    auto parsed = sql::parse_statement(text, parse);
    if (parsed.has_error()) {
        entry.kind = std::string(sql::name_of(sql::classify(text, parse)));
        entry.outcome = statement_result::unparsed;
        entry.error = parsed.error().message();
        return entry;
    }
    entry.kind = std::string(sql::name_of(parsed->kind));
    if (const auto* const use = parsed->get<sql::use_statement>()) {
        if (catalog_.find_schema(use->schema) == nullptr) {
            entry.outcome = statement_result::refused;
            entry.error = "unknown database '" + use->schema + "'";
        } else {
            session_.default_schema = use->schema;
        }
        return entry;
    }
    if (const auto* const set = parsed->get<sql::set_statement>()) {
        for (const auto& assignment : set->assignments) {
            internal::obey_assignment(assignment, variables_, session_);
        }
        return entry;
    }
    if (internal::is_temporary_only(*parsed, catalog_, session_, temporary_)) return entry;
    auto change = resolve(*parsed, catalog_, session_);
    if (change.has_error()) {
        entry.outcome = statement_result::unparsed;
        entry.error = change.error().message();
        return entry;
    }
    if (change->outcome == change_outcome::refused) {
        entry.outcome = statement_result::refused;
        entry.error = change->refusal ? change->refusal->message() : std::string("refused");
        return entry;
    }
    if (!change->changes_anything()) return entry;
    apply(*change, catalog_);
    for (const std::string& name : change->schemas_dropped) {
        if (same_name(name, session_.default_schema)) session_.default_schema.clear();
    }
    entry.outcome = statement_result::applied;
    entry.tables = std::move(change->created);
    entry.tables.insert(entry.tables.end(), change->changed.begin(), change->changed.end());
    entry.dropped = std::move(change->dropped);
    return entry;
}

DMLIB_DECL bool script_runner::run(std::string_view script,
                                   const std::function<void(const script_entry&)>& report) {
    sql::script_splitter splitter(script);
    sql::script_statement statement;
    bool clean = true;
    while (splitter.next(internal::parse_options_of(session_), statement)) {
        script_entry entry = run_statement(statement.text);
        entry.line = statement.line;
        clean = clean && entry.outcome != statement_result::unparsed;
        report(entry);
    }
    return clean;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
