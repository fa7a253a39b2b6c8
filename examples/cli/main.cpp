// The dmlib command.
#include "binlog_command.hpp"
#include "config_command.hpp"
#include "explain_command.hpp"
#include "help.hpp"
#include "password_command.hpp"
#include "run_command.hpp"
#if __has_include("schema_command.hpp")
#include "schema_command.hpp"
#define HAVE_SCHEMA 1
#endif

#include <dmlib/core/config.hpp>

#include <fmt/format.h>

#include <csignal>
#include <string>
#include <vector>

namespace {

void print_help(std::FILE* to) {
    fmt::print(to,
               "dmlib {}: migrates and replicates MySQL and MariaDB into TiDB, MySQL or MariaDB\n\n"
               "  dmlib run TASK.yaml --source SRC.yaml ... [--until "
               "caught-up|finished|FILE:POS|GTID|TIME]\n"
               "            [--progress auto|plain|json|none] [--memory-limit 512MiB] "
               "[--give-up-after 10m] [--data-dir DIR]\n"
               "        copies and follows; Ctrl-C stops at a transaction boundary and saves\n"
               "  dmlib check TASK.yaml --source SRC.yaml ... [--json]\n"
               "        prechecks only, every problem at once\n"
               "  dmlib explain TASK.yaml --source SRC.yaml ... [DB.TABLE | --ddl STATEMENT "
               "[--database DB]] [--json]\n"
               "        what the rules do with each table, or with a statement\n"
               "  dmlib run TASK.yaml --source SRC.yaml ... --dry-run [--from PLACE] [--to PLACE] "
               "[--json]\n"
               "        walks the sources' binlogs through the rules: counts per table, the fate "
               "of each statement; writes nothing\n"
               "  dmlib binlog [--json] [--flavor auto|mysql|mariadb] [--no-rows] [--start-pos N] "
               "[--key-file KEYS] FILE...\n"
               "        decodes binlog files, encrypted ones with their keys\n"
               "  dmlib schema [--json] [--flavor mysql|mariadb] [--server-version V] [--database "
               "DB]\n"
               "            [--charset CS] [--collation CO] [--final] < ddl.sql\n"
               "        runs DDL on an empty catalog and prints the tables\n"
               "  dmlib encrypt --key-file FILE < password\n"
               "  dmlib decrypt --key-file FILE|--dm-key-file FILE < text\n"
               "        passwords for configuration files; run and check take the same options\n"
               "  dmlib config convert FILE... [--from VERSION] [--output-dir DIR [--force]]\n"
               "        brings files of DM 1.x to 5.x to the current form\n"
               "  dmlib config template [task|source]\n"
               "        a commented file with every key\n"
               "  dmlib version\n\n"
               "dmlib COMMAND --help says every option with its unit, range and default.\n"
               "Exit codes: 0 success, 2 usage or configuration, 3 a check failed, 4 an error in "
               "the work, 130 stopped.\n"
               "Formats that programs read: docs/formats.md.\n",
               dmlib::version_text);
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::vector<std::string> all(argv + 1, argv + argc);
    if (all.empty()) {
        print_help(stderr);
        return 2;
    }
    const std::string& verb = all.front();
    const std::span<const std::string> rest{all.data() + 1, all.size() - 1};
    const bool help_first = verb == "help" && rest.size() == 1;
    if (const auto help = cli::help_of(help_first ? rest.front() : verb);
        !help.empty() && (help_first || cli::asks_for_help(rest))) {
        fmt::print("{}", help);
        return 0;
    }
    if (verb == "run") return run_run_command(rest);
    if (verb == "check") return run_check_command(rest);
    if (verb == "encrypt") return run_encrypt_command(rest);
    if (verb == "decrypt") return run_decrypt_command(rest);
    if (verb == "explain") return run_explain_command(rest);
    if (verb == "config") return run_config_command(rest);
    if (verb == "binlog") return run_binlog_command(rest);
#ifdef HAVE_SCHEMA
    if (verb == "schema") return run_schema_command(rest);
#endif
    if (verb == "version" || verb == "--version") {
        fmt::print("dmlib {}\n", dmlib::version_text);
        return 0;
    }
    if (verb == "help" || verb == "--help" || verb == "-h") {
        print_help(stdout);
        return 0;
    }
    fmt::print(stderr, "dmlib:1:1: unknown command {}; see dmlib --help\n", verb);
    return 2;
}
