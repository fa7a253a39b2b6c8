#include "schema_command.hpp"

#include <dmlib/model/charset.hpp>
#include <dmlib/schema/script_runner.hpp>

#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>
#include <vector>

namespace {

constexpr const char* usage =
    "usage: dmlib schema [--json] [--flavor mysql|mariadb] [--server-version V] [--database DB]\n"
    "                    [--charset CS] [--collation CO] [--final] < script.sql\n"
    "Applies DDL to an empty catalog; prints the tables as the server would have them.\n";

struct schema_arguments {
    dmlib::schema::script_options options;
    bool json = false;
    bool final_only = false;
    bool version_given = false;
};

/// "8.0.33", "10.11", "9.7.4-log".
bool read_version(const std::string& text, dmlib::server_kind& out) {
    const dmlib::server_kind parsed = dmlib::parse_server_version(text);
    if (parsed.version.major == 0) {
        // Two numbers are enough.
        const dmlib::server_kind padded = dmlib::parse_server_version(text + ".0");
        if (padded.version.major == 0) return false;
        out.version = padded.version;
        return true;
    }
    out.version = parsed.version;
    return true;
}

/// An empty text where all is well, else what is wrong.
std::string take(const std::string& name, const std::string& value, schema_arguments& out) {
    if (name == "--flavor") {
        if (value == "mysql")
            out.options.server.flavor = dmlib::flavor::mysql;
        else if (value == "mariadb")
            out.options.server.flavor = dmlib::flavor::mariadb;
        else
            return "--flavor needs mysql or mariadb";
    } else if (name == "--server-version") {
        if (!read_version(value, out.options.server)) {
            return "--server-version needs a version such as 8.0.33";
        }
        out.version_given = true;
        if (value.find("MariaDB") != std::string::npos) {
            out.options.server.flavor = dmlib::flavor::mariadb;
        }
    } else if (name == "--database") {
        out.options.database = value;
    } else if (name == "--charset") {
        if (dmlib::find_charset(value) == nullptr) return "unknown charset " + value;
        out.options.charset = value;
    } else if (name == "--collation") {
        if (dmlib::find_collation(value) == nullptr) return "unknown collation " + value;
        out.options.collation = value;
    } else {
        return "unknown option " + name;
    }
    return {};
}

std::string read_arguments(std::span<const std::string> args, schema_arguments& out) {
    for (std::size_t i = 0; i < args.size(); ++i) {
        std::string name = args[i];
        if (name == "--json") {
            out.json = true;
            continue;
        }
        if (name == "--final") {
            out.final_only = true;
            continue;
        }
        if (!name.starts_with("--")) return "unexpected argument " + name;
        std::string value;
        if (const auto equals = name.find('='); equals != std::string::npos) {
            value = name.substr(equals + 1);
            name.resize(equals);
        } else if (i + 1 < args.size()) {
            value = args[++i];
        } else {
            return name + " needs a value";
        }
        if (std::string what = take(name, value, out); !what.empty()) return what;
    }
    if (!out.version_given) {
        const bool mysql = out.options.server.flavor == dmlib::flavor::mysql;
        out.options.server.version =
            mysql ? dmlib::server_version{8, 4, 0} : dmlib::server_version{11, 8, 0};
    }
    return {};
}

void print_final(const dmlib::schema::script_runner& runner, const schema_arguments& arguments) {
    const auto tables = runner.definitions().tables();
    if (!arguments.json) {
        for (const auto& t : tables) {
            std::cout << dmlib::schema::print_create_table(*t, arguments.options.server) << ";\n";
        }
        return;
    }
    std::cout << "{\"tables\":[";
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (i != 0) std::cout << ',';
        std::cout << dmlib::schema::table_json(*tables[i], arguments.options.server);
    }
    std::cout << "]}\n";
}

}  // namespace

int run_schema_command(std::span<const std::string> args) {
    schema_arguments arguments;
    if (args.size() == 1 && (args[0] == "--help" || args[0] == "-h")) {
        std::fputs(usage, stdout);
        return 0;
    }
    if (const std::string what = read_arguments(args, arguments); !what.empty()) {
        std::fprintf(stderr, "dmlib schema: %s\n%s", what.c_str(), usage);
        return 2;
    }
    std::ios::sync_with_stdio(false);
    const std::string script{std::istreambuf_iterator<char>(std::cin), {}};
    dmlib::schema::script_runner runner(arguments.options);
    const dmlib::server_kind server = arguments.options.server;
    const bool clean = runner.run(script, [&](const dmlib::schema::script_entry& entry) {
        if (!entry.error.empty() && (!arguments.json || arguments.final_only)) {
            std::cerr << "line " << entry.line << ": " << entry.error << "\n";
        }
        if (arguments.json && !arguments.final_only) {
            std::cout << dmlib::schema::entry_json(entry, server) << "\n";
        }
    });
    if (!arguments.json || arguments.final_only) print_final(runner, arguments);
    std::cout.flush();
    return clean ? 0 : 4;
}
