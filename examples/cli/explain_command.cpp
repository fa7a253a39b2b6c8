#include "explain_command.hpp"

#include <dmlib/mysql/server_facts.hpp>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "json_output.hpp"
#include "task_setup.hpp"
#include <algorithm>

namespace cli {

using namespace dmlib;

namespace {

/// "db.table" or "db"; backquotes where a name has a dot.
std::optional<table_name> read_name(const std::string& text) {
    std::string parts[2];
    int part = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') {
            if (quoted && i + 1 < text.size() && text[i + 1] == '`') {
                parts[part] += text[i++];
            } else {
                quoted = !quoted;
            }
        } else if (text[i] == '.' && !quoted) {
            if (++part == 2) return std::nullopt;
        } else {
            parts[part] += text[i];
        }
    }
    if (quoted || parts[0].empty()) return std::nullopt;
    return table_name{parts[0], parts[1]};
}

int fail(const error& e, bool json) {
    fmt::print(stderr, "{}\n", e.to_string());
    if (json) fmt::print(stderr, "{}\n", error_json(e));
    return 3;
}

/// Read as this where a MariaDB cannot be asked for its version.
constexpr server_version latest_mariadb{12, 3, 0};

/// The rules say what becomes of a statement, the tables that the servers have now what goes with
/// it; its dialect is the source's.
int explain_statements(const task_setup& setup, const arguments& a, task& t, bool json) {
    int code = 0;
    for (const auto& in : setup.file.instances) {
        const auto source = std::find_if(setup.sources.begin(), setup.sources.end(), [&](auto& s) {
            return s.source_id == in.source_id;
        });
        if (source == setup.sources.end()) continue;
        filter f = config::make_filter(setup.file, in, &*source);
        f.case_sensitive(setup.file.case_sensitive);
        f.meta_schema(setup.file.meta_schema);
        auto rules =
            rule_set::compile(f, config::make_router(in), config::make_mapper(in), in.source_id);
        if (!rules) return fail(rules.error(), json);
        sql::parse_options options;
        const auto around = t.surroundings(in.source_id);
        if (around) {
            options.flavor = around->source.flavor;
            options.version = around->source.version;
            options.mode = around->sql_mode;
        } else {
            if (source->flavor) options.flavor = *source->flavor;
            if (options.flavor == flavor::mariadb) options.version = latest_mariadb;
            fmt::print(stderr,
                       "[{}] the source cannot be asked, so that nothing is said about tables, and "
                       "the statement is read as {}'s{}: {}\n",
                       in.source_id,
                       options.flavor == flavor::mariadb ? "MariaDB" : "MySQL",
                       source->flavor ? " (flavor of the source's file)"
                                      : ", which is assumed (the source's file has no flavor)",
                       around.error().to_string());
        }
        for (const std::string& text : a.values.at("--ddl")) {
            sync::rehearsed_statement s;
            s.text = text;
            s.schema = a.last("--database").value_or("");
            s.what = sync::explain_statement(
                *rules, text, s.schema, options, around ? *around : sync::statement_surroundings{});
            fmt::print("{}\n",
                       json ? statement_json(in.source_id, s) : statement_text(in.source_id, s));
            if (s.what.fate == sync::statement_fate::stops) code = 3;
        }
    }
    return code;
}

/// "FILE:POS" or a GTID set; an empty text is the default. What is wrong, or "".
std::string read_place(const char* option, const arguments& a, location& out) {
    const auto text = a.last(option);
    if (!text) return {};
    until_options place;
    if (auto problem = read_until(*text, place);
        problem.empty() && place.what == until_options::kind::place && place.timestamp == 0) {
        out = place.place;
        return {};
    }
    return std::string(option) + " takes FILE:POSITION or a GTID set; got " + *text;
}

std::string counts_text(const char* what, const sync::row_counts& c) {
    std::string out;
    const auto add = [&](std::uint64_t n, const char* how) {
        if (n != 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, how);
    };
    add(c.replicated, "replicated");
    add(c.ignored, "left out");
    add(c.filtered, "left out by an expression");
    add(c.unjudged, "not judged");
    add(c.stops, "stop the task");
    return out.empty() ? out : fmt::format("  {}: {}\n", what, out);
}

void print_table(const std::string& source, const sync::rehearsed_table& t, bool json) {
    if (json) {
        fmt::print("{}\n", rehearsed_table_json(source, t));
        return;
    }
    const table_decision& d = *t.decision;
    fmt::print("{} [{}] {} by {}\n{}{}{}",
               quoted(d.source),
               source,
               d.replicate ? "-> " + quoted(d.target) : "skipped",
               d.rule,
               counts_text("inserts", t.inserts),
               counts_text("updates", t.updates),
               counts_text("deletes", t.deletes));
    for (const auto& [rule, rows] : t.by_expression)
        fmt::print("  expression-filter {}: {} rows\n", rule, rows);
    for (const auto& problem : t.problems) fmt::print("  problem: {}\n", problem);
    if (t.first_stop) {
        fmt::print("  the task stops at {}:{}: {}\n",
                   t.first_stop->file,
                   t.first_stop->pos,
                   t.first_stop->reason);
    }
}

}  // namespace

int run_rehearsal(const arguments& a, const task_setup& setup, task& t, bool json) {
    rehearsal_range range;
    std::string problem = read_place("--from", a, range.from);
    if (problem.empty()) problem = read_place("--to", a, range.to);
    if (problem.empty() && !range.to.gtids.empty() && !range.from.position.empty())
        problem = "--to as a GTID set needs --from as one, too";
    if (!problem.empty()) return usage_error(problem, json);
    bool stops = false;
    for (const auto& in : setup.file.instances) {
        range.on_statement = [&](const sync::rehearsed_statement& s) {
            stops = stops || s.what.fate == sync::statement_fate::stops;
            fmt::print("{}\n",
                       json ? statement_json(in.source_id, s) : statement_text(in.source_id, s));
        };
        const auto report = t.rehearse(in.source_id, range);
        if (!report) return fail(report.error(), json);
        for (const auto& [name, table] : report->tables) {
            print_table(in.source_id, table, json);
            stops = stops || table.inserts.stops + table.updates.stops + table.deletes.stops != 0;
        }
        if (!report->reached) {
            stops = true;
            fmt::print(stderr,
                       "[{}] the binlog ends before --to {}\n",
                       in.source_id,
                       a.last("--to").value_or(""));
        }
        if (json) {
            fmt::print("{}\n", rehearsal_json(in.source_id, *report));
        } else {
            fmt::print("[{}] {} transactions, to {}\n",
                       in.source_id,
                       report->transactions,
                       to_string(report->end.position));
        }
    }
    return stops ? 3 : 0;
}

}  // namespace cli

int run_explain_command(std::span<const std::string> args) {
    using namespace dmlib;
    const cli::option_list known{{"--source", "--key-file", "--dm-key-file", "--ddl", "--database"},
                                 {"--json"}};
    const auto a = cli::parse_arguments(args, known);
    const bool json = a.has("--json");
    if (!a.problem.empty()) return cli::usage_error(a.problem, json);
    const bool too_many = a.positional.size() > 2 || (a.positional.size() == 2 && a.last("--ddl"));
    if (a.positional.empty() || too_many) {
        return cli::usage_error(
            "usage: dmlib explain TASK.yaml --source SRC.yaml ... [DB.TABLE | --ddl STATEMENT "
            "[--database DB]] [--json]",
            json);
    }
    std::optional<table_name> only;
    if (a.positional.size() == 2) {
        only = cli::read_name(a.positional[1]);
        if (!only) return cli::usage_error("not a table's name: " + a.positional[1], json);
    }
    auto setup = cli::read_files(a, json);
    if (!setup.ok) return setup.exit_code;
    boost::asio::io_context unused;
    auto t = cli::make_task(setup, unused.get_executor());
    if (a.last("--ddl")) return cli::explain_statements(setup, a, *t, json);
    const auto all = t->explain();
    if (!all) return cli::fail(all.error(), json);
    if (all->target_problem) {
        fmt::print(
            stderr, "nothing is said about the target: {}\n", all->target_problem->to_string());
    }
    for (const auto& note : all->notes) fmt::print(stderr, "warning: {}\n", note);
    bool found = false;
    for (const auto& one : all->tables) {
        const table_name& name = one.decision->source;
        const bool wanted = !only || (name.schema == only->schema &&
                                      (only->table.empty() || name.table == only->table));
        if (!wanted) continue;
        found = true;
        if (json) {
            fmt::print("{}\n", cli::explanation_json(one));
        } else {
            fmt::print("[{}] {}", one.source, one.text);
        }
    }
    if (only && !found) {
        fmt::print(stderr, "no source has {}\n", a.positional[1]);
        return 3;
    }
    return 0;
}
