// What the library decides about each value of the tables of a schema, as the full copy and as
// replication would have it.
//   families_tool SOURCE_PORT TARGET_PORT SCHEMA BINLOG_FILE...
// Each table has an `id` and is on both servers. Prints "copy|stream TABLE ID COLUMN
// kept|refused|loud"; loud: the target's server refuses what would be written (and rolled back).
#include <dmlib/binlog/file_reader.hpp>
#include <dmlib/binlog/rows.hpp>
#include <dmlib/checkpoint/records.hpp>
#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/table_plan.hpp>
#include <dmlib/dump/source_table.hpp>
#include <dmlib/mysql/server_facts.hpp>
#include <dmlib/mysql/session.hpp>
#include <dmlib/schema/show_create.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <vector>

using namespace dmlib;

namespace {

template <class T>
T need(result<T> r) {
    if (r) return std::move(*r);
    std::fprintf(stderr, "%s\n", r.error().to_string().c_str());
    std::exit(1);
}

mysql::session connect(const char* port) {
    mysql::connect_options o;
    o.port = static_cast<std::uint16_t>(std::atoi(port));
    o.user = "root";
    auto s = need(mysql::session::connect(o));
    need(s.execute("SET SESSION sql_mode = '', time_zone = '+00:00'"));
    need(s.execute("SET SESSION character_set_results = NULL"));
    return s;
}

struct pair_of_tables {
    dump::source_table source;
    std::vector<std::optional<dml::value_fit>> fits;
    std::vector<dml::column_writer> writers;
    std::map<std::string, bool> answers;  // of the target, by column and literal
    std::uint64_t tried = 0;
    std::vector<binlog::column_facts> facts;
};

void print(mysql::session& target,
           const char* way,
           pair_of_tables& t,
           std::uint64_t id,
           std::size_t column,
           const value_view& v) {
    const auto& name = t.source.definition.columns[column].name;
    const char* answer = "refused";
    if (!t.fits[column] || !t.fits[column]->changes(v)) {
        std::string value;
        t.writers[column].append(value, v);
        const auto [at, is_new] = t.answers.emplace(name + " = " + value, false);
        if (is_new) {
            // Ids of their own: all of it is one transaction that nobody commits.
            const auto done =
                target.execute("INSERT INTO " + quoted(t.source.definition.full_name()) + " (id, " +
                               quoted_identifier(name) + ") VALUES (" + std::to_string(++t.tried) +
                               ", " + value + ")");
            at->second = static_cast<bool>(done);
            if (!done && std::getenv("FAMILIES_VERBOSE") != nullptr)
                std::fprintf(stderr, "%s: %s\n", at->first.c_str(), done.error().message().c_str());
        }
        answer = at->second ? "kept" : "loud";
    }
    std::printf("%s %s %llu %s %s\n",
                way,
                t.source.definition.name.c_str(),
                static_cast<unsigned long long>(id),
                name.c_str(),
                answer);
}

/// A field as the full copy hands it on.
value_view value_of(const std::optional<std::string_view>& field, dump::field_form form) {
    if (!field) return value_view::make_null();
    if (form == dump::field_form::bytes)
        return value_view::make_bytes(value_kind::bytes, as_bytes(*field));
    if (form == dump::field_form::number)
        return value_view::make_uint(std::strtoull(std::string(*field).c_str(), nullptr, 10));
    return value_view::make_bytes(value_kind::text, as_bytes(*field));
}

void copied(mysql::session& s, mysql::session& target, pair_of_tables& t) {
    std::string list;
    for (const auto& c : t.source.select) list += (list.empty() ? "" : ",") + c.expression;
    const auto rows =
        need(s.query("SELECT " + list + " FROM " + quoted(t.source.definition.full_name())));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto id = std::strtoull(std::string(rows.text(row, 0)).c_str(), nullptr, 10);
        for (std::size_t i = 1; i < t.source.select.size(); ++i) {
            const auto& c = t.source.select[i];
            print(target, "copy", t, id, c.column, value_of(rows.get(row, i), c.form));
        }
    }
}

void streamed(mysql::session& target,
              std::map<std::string, pair_of_tables>& tables,
              const std::string& schema,
              const char* file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    binlog::file_reader reader;
    reader.feed(as_bytes(bytes));
    binlog::byte_arena arena;
    for (;;) {
        const auto* e = need(reader.next());
        if (e == nullptr) return;
        const auto* rows = e->get<binlog::rows_event>();
        if (rows == nullptr || rows->kind != binlog::rows_kind::insert || !rows->table ||
            rows->table->schema() != schema)
            continue;
        auto& t = tables.at(std::string(rows->table->table()));
        std::vector<value_view> after(rows->table->column_count());
        binlog::row_decoder decoder{*rows, t.facts, &arena};
        while (need(decoder.next({}, after)))
            for (std::size_t i = 1; i < after.size(); ++i)
                print(target, "stream", t, after[0].u, i, after[i]);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    auto from = connect(argv[1]);
    auto to = connect(argv[2]);
    const std::string schema = argv[3];
    const auto facts = need(mysql::read_server_facts(from));
    const auto target_facts = need(mysql::read_server_facts(to));
    need(to.execute("SET SESSION sql_mode = '" + std::string(dml::strict_mode) + "'"));
    need(to.execute("SET NAMES utf8mb4"));
    need(to.execute("BEGIN"));
    std::map<std::string, pair_of_tables> tables;
    for (const auto& listed : need(dump::list_tables(from))) {
        if (listed.name.schema != schema) continue;
        pair_of_tables t;
        t.source = need(
            dump::describe_table(listed, need(dump::show_create(from, listed.name)), facts.kind));
        const auto target = need(schema::table_from_show_create(
            need(dump::show_create(to, listed.name)), target_facts.kind, schema));
        for (const auto& c : t.source.definition.columns) {
            const auto at = target.find_column(c.name);
            t.fits.push_back(dml::value_fit::between(c, target.columns.at(at)));
            t.writers.push_back(
                dml::make_column_writer(c, &target.columns.at(at), target_facts.dialect));
            binlog::column_facts& f = t.facts.emplace_back();
            f.is_unsigned = c.is_unsigned;
        }
        copied(from, to, t);
        tables.emplace(listed.name.table, std::move(t));
    }
    for (int i = 4; i < argc; ++i) streamed(to, tables, schema, argv[i]);
    return 0;
}
