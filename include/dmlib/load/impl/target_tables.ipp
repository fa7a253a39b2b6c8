#pragma once

#include <dmlib/load/target_tables.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/sql/ast.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace load {

DMLIB_DECL result<schema::target_facts> read_target_facts(mysql::session& s,
                                                          const mysql::server_facts& facts) {
    schema::target_facts form;
    form.dialect = facts.dialect;
    form.version = facts.version();
    form.default_collation = facts.collation_server;
    form.folds_names = facts.folds_names();
    auto collations = s.query("SHOW COLLATION");
    if (!collations) return collations.error();
    for (std::size_t i = 0; i < collations->size(); ++i)
        form.collations.insert(std::string(collations->text(i, 0)));
    auto engines = s.query("SHOW ENGINES");
    if (!engines) return engines.error();
    for (std::size_t i = 0; i < engines->size(); ++i)
        if (engines->text(i, 1) == "YES" || engines->text(i, 1) == "DEFAULT")
            form.engines.insert(sql::ascii_lower(engines->text(i, 0)));
    return form;
}

namespace internal {

inline error not_a_table(const table_name& name, std::string_view what, std::string_view kind) {
    const std::string text = quoted(name);
    error e(errc::load_definition,
            text + " is " + std::string(what) + " on the target, not a table.");
    return e.workaround(kind.empty()
                            ? "Drop or rename what has this name on the target, then run again."
                            : "DROP " + std::string(kind) + " " + text +
                                  "; or give it another name, or route the table to another one "
                                  "(route-rules), then run again.");
}

}  // namespace internal

DMLIB_DECL result<std::optional<schema::table>> read_target_table(mysql::session& s,
                                                                  const mysql::server_facts& facts,
                                                                  const table_name& name) {
    auto rows = s.query("SHOW CREATE TABLE " + quoted(name));
    if (!rows) {
        // ER_NO_SUCH_TABLE, ER_BAD_DB_ERROR
        const int number = rows.error().server_errno();
        if (number == 1146 || number == 1049) return std::optional<schema::table>{};
        return rows.error();
    }
    const auto text = rows->empty() ? std::nullopt : rows->get(0, "Create Table");
    if (!text) {
        if (!rows->empty() && rows->get(0, "Create View"))
            return internal::not_a_table(name, "a view", "VIEW");
        if (!rows->empty() && rows->get(0, "Create Sequence"))
            return internal::not_a_table(name, "a sequence", "SEQUENCE");
        return internal::not_a_table(name, "something else", {});
    }
    if (sql::ascii_lower(text->substr(0, 16)).starts_with("create sequence"))
        return internal::not_a_table(name, "a sequence", "SEQUENCE");
    auto parsed = schema::table_from_show_create(*text, facts.kind, name.schema);
    if (!parsed) {
        error e(
            errc::load_definition,
            "The target's table " + quoted(name) + " cannot be read: " + parsed.error().message());
        return e;
    }
    if (parsed->is_sequence) return internal::not_a_table(name, "a sequence", "SEQUENCE");
    return std::optional<schema::table>(std::move(*parsed));
}

DMLIB_DECL result<bool> is_empty_table(mysql::session& s, const table_name& name) {
    auto rows = s.query("SELECT 1 FROM " + quoted(name) + " LIMIT 1");
    if (!rows) return rows.error();
    return rows->empty();
}

DMLIB_DECL result<void> empty_table(mysql::session& s, const table_name& name) {
    if (s.execute("TRUNCATE TABLE " + quoted(name))) return {};
    // Missing DROP privilege, or a foreign key that points here.
    auto done = s.execute("DELETE FROM " + quoted(name));
    if (!done) return done.error();
    return {};
}

DMLIB_DECL target_tables::target_tables(mysql::session& s,
                                        const mysql::server_facts& facts,
                                        schema::target_facts form,
                                        const server_kind& source,
                                        log_sink log)
    : session_(s), facts_(facts), form_(std::move(form)), source_(source), log_(std::move(log)) {
}

DMLIB_DECL result<void> target_tables::ensure_schema(const schema::database& source,
                                                     const std::string& name) {
    if (known_schemas_.contains(name)) return {};
    auto found = session_.query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=" +
                                quoted_literal(name));
    if (!found) return found.error();
    if (found->empty()) {
        auto made =
            session_.execute(schema::create_schema_for_target(source, name, source_, form_));
        // ER_DB_CREATE_EXISTS: the other sources of the task make it too.
        if (!made && made.error().server_errno() != 1007) return made.error();
    }
    known_schemas_.insert(name);
    return {};
}

DMLIB_DECL result<void> target_tables::create(const schema::table& source,
                                              const table_name& name,
                                              const schema::route_function& route,
                                              bool keys_later) {
    schema::target_table form = schema::create_for_target(source, source_, form_, route);
    if (!form.errors.empty()) {
        std::string all;
        for (const std::string& e : form.errors) all += (all.empty() ? "" : "; ") + e;
        error e(errc::load_definition, "The target cannot hold " + quoted(name) + ": " + all);
        e.table(source.schema, source.name);
        return e;
    }
    for (const std::string& warning : form.warnings)
        if (log_) log_(log_level::warning, quoted(name) + ": " + warning);
    if (keys_later && !schema::take_late_keys(form.definition).empty())
        form.statement = schema::create_statement(form.definition, form_);
    auto made = session_.execute(form.statement);
    // ER_TABLE_EXISTS_ERROR: another source of the task was faster.
    if (made || made.error().server_errno() == 1050) return {};
    if (made.error().info().retry == retry_class::reconnect) return made.error();
    error e(errc::load_definition,
            "The target refused the table " + quoted(name) + ": " + made.error().message());
    e.server_errno(made.error().server_errno());
    e.table(source.schema, source.name);
    e.statement(form.statement);
    return e;
}

DMLIB_DECL result<void> target_tables::add_late_keys(const schema::table& source,
                                                     const table_name& name) {
    const auto route = [&](const table_name& n) { return n == source.full_name() ? name : n; };
    schema::target_table form = schema::create_for_target(source, source_, form_, route);
    std::vector<schema::key> late = schema::take_late_keys(form.definition);
    auto now = read_target_table(session_, facts_, name);
    if (!now) return now.error();
    if (!*now) {
        error e(errc::db_no_such_table,
                "The target's table " + quoted(name) + " is gone, although it was copied.");
        e.table(source.schema, source.name);
        return e;
    }
    // A run that was killed may have added them; it is one statement, but a person may have helped.
    std::erase_if(late,
                  [&](const schema::key& k) { return (*now)->find_key(k.name) != schema::npos; });
    if (late.empty()) return {};
    if (log_)
        log_(log_level::info,
             quoted(name) + ": its rows are there; adding " + std::to_string(late.size()) +
                 " key(s)");
    const std::string statement = schema::add_keys_statement(name, late, form_);
    auto done = session_.execute(statement);
    // ER_DUP_KEYNAME: the statement of a connection that was lost came through meanwhile.
    if (done || done.error().server_errno() == 1061) return {};
    if (done.error().info().retry != retry_class::never) return done.error();
    error e(errc::load_definition,
            "The target refused to add keys to " + quoted(name) + ": " + done.error().message());
    e.server_errno(done.error().server_errno());
    e.table(source.schema, source.name);
    e.statement(statement);
    e.workaround("Add the keys by hand, then run again; the rows are all there.");
    return e;
}

}  // namespace load
}  // namespace DMLIB_ABI
}  // namespace dmlib
