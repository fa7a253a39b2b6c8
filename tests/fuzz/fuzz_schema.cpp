// Any text as the DDL of a server: what it makes of an empty catalog never crashes; every
// definition that comes out holds together, prints as a SHOW CREATE TABLE that reads back as the
// same definition, and has a form for each target that parses.
#include <dmlib/core/bytes.hpp>
#include <dmlib/schema/script_runner.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/schema/target_form.hpp>
#include <dmlib/schema/tracker.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/script_splitter.hpp>

#include <cstdio>
#include <set>

using namespace dmlib;
using namespace dmlib::schema;

namespace {

[[noreturn]] void broken(const char* what, std::string_view first, std::string_view second = {}) {
    std::fprintf(stderr,
                 "%s\n--- %.*s\n--- %.*s\n",
                 what,
                 static_cast<int>(first.size()),
                 first.data(),
                 static_cast<int>(second.size()),
                 second.data());
    __builtin_trap();
}

constexpr server_kind servers[] = {{flavor::mysql, {8, 0, 33}},
                                   {flavor::mariadb, {10, 11, 6}},
                                   {flavor::mysql, {9, 7, 4}},
                                   {flavor::mariadb, {11, 8, 6}},
                                   {flavor::mysql, {5, 6, 14}},
                                   {flavor::mariadb, {10, 2, 11}}};

std::string lower(std::string_view name) {
    std::string out(name);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
}

/// Names are not twice there, and keys are over columns that are there.
void holds_together(const table& t, const std::string& text) {
    std::set<std::string> names;
    if (t.columns.empty()) broken("a table without columns", text);
    for (const column& c : t.columns) {
        if (!names.insert(lower(c.name)).second) broken("a column twice", text, c.name);
    }
    const auto known = [&](const std::string& name) {
        if (t.find_column(name) == npos) broken("a name that is no column", text, name);
    };
    names.clear();
    for (const key& k : t.keys) {
        if (!names.insert(lower(k.name)).second) broken("a key twice", text, k.name);
        if (k.parts.empty()) broken("a key over nothing", text, k.name);
        if ((k.kind == key_kind::primary) != (lower(k.name) == "primary"))
            broken("a primary key's name", text);
        for (const key_part& part : k.parts) {
            if (part.expression.empty()) known(part.column);
        }
        if (k.kind != key_kind::primary) continue;
        for (const key_part& part : k.parts) {
            if (t.columns[t.find_column(part.column)].nullable)
                broken("a primary key with NULL", text);
        }
    }
    names.clear();
    for (const foreign_key& f : t.foreign_keys) {
        if (!names.insert(lower(f.name)).second) broken("a foreign key twice", text, f.name);
        for (const std::string& name : f.columns) known(name);
    }
}

sql::parse_options reading_of(const server_kind& server) {
    sql::parse_options out;
    out.flavor = server.flavor;
    out.version = server.version;
    return out;
}

void comes_back(const table& t, const server_kind& server) {
    const std::string text = print_create_table(t, server);
    if (t.is_sequence || t.is_view) return;
    holds_together(t, text);
    const auto again = table_from_show_create(text, server, t.schema);
    if (!again) broken("the server's own text is refused", text, again.error().message());
    const std::string second = print_create_table(*again, server);
    if (second != text) broken("another definition", text, second);
    for (const difference& d : compare(t, *again, server)) broken("a difference", text, d.text);
    (void)table_json(t, server);
}

void has_target_forms(const table& t, const server_kind& server) {
    for (const auto dialect :
         {target_dialect::mysql, target_dialect::mariadb, target_dialect::tidb}) {
        target_facts facts;
        facts.dialect = dialect;
        facts.version = dialect == target_dialect::mariadb ? server_version{10, 11, 6}
                                                           : server_version{8, 0, 33};
        const target_table made = create_for_target(t, server, facts);
        if (!made.errors.empty()) continue;
        sql::parse_options reading = reading_of(
            {dialect == target_dialect::mariadb ? flavor::mariadb : flavor::mysql, facts.version});
        reading.tidb = dialect == target_dialect::tidb;
        const auto parsed = sql::parse_statement(made.statement, reading);
        if (!parsed)
            broken("a target's form does not parse", made.statement, parsed.error().message());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4'096) return 0;
    const server_kind server = servers[data[0] % std::size(servers)];
    const std::string_view text = as_text({data + 1, size - 1});
    script_options options;
    options.server = server;
    options.database = "d";
    options.lower_case_table_names = data[0] / 8 % 3;
    script_runner runner(options);
    sql::script_splitter splitter(text);
    sql::script_statement one;
    std::size_t count = 0;
    while (splitter.next(reading_of(server), one) && ++count <= 20) {
        const catalog before = runner.definitions();
        const resolve_options session = runner.session();
        const script_entry entry = runner.run_statement(one.text);
        (void)entry_json(entry, server);
        if (entry.outcome != statement_result::applied) {
            if (before.tables() != runner.definitions().tables())
                broken("a refused statement changes tables", one.text);
            continue;
        }
        for (const table& t : entry.tables) {
            comes_back(t, server);
            has_target_forms(t, server);
        }
        sql::parse_options reading = reading_of(server);
        reading.mode = session.sql_mode;
        reading.charset = session.connection_charset;
        const auto parsed = sql::parse_statement(one.text, reading);
        if (!parsed) continue;
        const auto change = resolve(*parsed, before, session);
        if (!change) broken("the second time it is an error", one.text, change.error().message());
        target_facts facts;
        facts.version = {8, 0, 33};
        const target_ddl steps =
            rewrite_for_target(*parsed, *change, before, runner.definitions(), server, facts);
        for (const target_step& step : steps.steps) {
            const auto again = sql::parse_statement(step.statement, sql::parse_options{});
            if (!again)
                broken("a target's step does not parse", step.statement, again.error().message());
        }
    }
    tracker kept(server, options.lower_case_table_names);
    kept.definitions() = runner.definitions();
    const auto loaded = tracker::load(kept.dump());
    if (!loaded) broken("a stored tracker is refused", text, loaded.error().message());
    const auto first = kept.definitions().tables();
    const auto second = loaded->definitions().tables();
    if (first.size() != second.size()) broken("a stored tracker lacks tables", text);
    return 0;
}
