#include "help.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cli {

namespace {

constexpr const char* run_help =
    R"(usage: dmlib run TASK.yaml --source SRC.yaml ... [options]

Checks, copies and follows. Ctrl-C stops at a transaction boundary and saves; a later run goes on.
The status of the run goes to stdout, its log to stderr.

  --source FILE            a source's file; once per source of the task
  --until WHAT             when to end; without it the run never ends by itself (task-mode full: with
                           the copy)
                             caught-up       the source's end was reached, looked at twice
                             finished        the copy is done; for task-mode full
                             FILE:POSITION   a place of the binlog, in bytes
                             GTID-SET        such as 0-1-100 or UUID:1-100
                             TIME            in UTC, such as 2026-01-02T03:04:05Z
  --progress auto|plain|json|none
                           auto: redraws on a terminal, else plain lines; json: one object a second
                           and line (docs/formats.md). Default: auto
  --json                   --progress json, and problems of the files as JSON on stderr, too
  --memory-limit SIZE      of all queues, rows and statements: bytes, or with KiB, MiB, GiB (K, M, G;
                           powers of 1024); at least 32MiB. Default: 512MiB
  --give-up-after TIME     how long a server may stay away: a number with ms, s, m or h, such as 10m or
                           1h30m, or never; without a unit seconds. Default: 10m
  --key-file FILE          key of passwords that `dmlib encrypt` made; or DMLIB_KEY_FILE
  --dm-key-file FILE       key of passwords that DM encrypted; or DMLIB_DM_KEY_FILE
  --data-dir DIR           the folder for files of a run, whose free space the prechecks look at
                           (free_space); none are written yet. Default: none

  --dry-run                only walks the sources' binlogs through the rules: counts per table, and what
                           becomes of each statement. Writes nothing, on no server
  --from PLACE             with --dry-run: FILE:POSITION of a transaction's beginning, or a GTID set to
                           begin behind. Default: the oldest binlog of the source
  --to PLACE               with --dry-run: the first transaction that ends at or behind it is the last.
                           A GTID set needs --from as one, or none. Default: the end of the binlog

Exit codes: 0 success, 2 usage or configuration, 3 a check failed (--dry-run: the task would stop),
4 an error in the work, 130 stopped.

Examples:
  dmlib run task.yaml --source mysql-01.yaml
  dmlib run task.yaml --source mysql-01.yaml --until caught-up --progress json
  dmlib run task.yaml --source mysql-01.yaml --dry-run --from binlog.000007:4 --json
)";

constexpr const char* check_help =
    R"(usage: dmlib check TASK.yaml --source SRC.yaml ... [options]

The prechecks of `dmlib run` alone: every problem at once, each with what puts it right. Writes
nothing. Items of ignore-checking-items are left out, those of extra-checking-items added.

  --source FILE            a source's file; once per source of the task
  --json                   one object on stdout (docs/formats.md); default: one line per item
  --key-file FILE          key of passwords that `dmlib encrypt` made; or DMLIB_KEY_FILE
  --dm-key-file FILE       key of passwords that DM encrypted; or DMLIB_DM_KEY_FILE
  --data-dir DIR           looks at the free space of this folder, too (free_space). Default: none

Exit codes: 0 passed (warnings do not count), 2 usage or configuration, 3 a check failed, 130 stopped.

Examples:
  dmlib check task.yaml --source mysql-01.yaml --source mysql-02.yaml
  dmlib check task.yaml --source mysql-01.yaml --json
)";

constexpr const char* explain_help =
    R"(usage: dmlib explain TASK.yaml --source SRC.yaml ... [DB | DB.TABLE] [options]
       dmlib explain TASK.yaml --source SRC.yaml ... --ddl STATEMENT ... [--database DB] [options]

What the task does with each table of the sources, or with a statement: by which rule, where to, and
why the run would stop. Asks the servers; writes nothing. A name with a dot in it stands in backquotes.

  --source FILE            a source's file; once per source of the task
  --ddl STATEMENT          what becomes of a DDL statement that comes next, planned with the tables that
                           the servers have now; may be given more than once, each by itself. It is read
                           as the source would: with its dialect, version and sql_mode
  --database DB            the statements' default database; default: none
  --json                   one object per table or statement; default: text
  --key-file FILE          key of passwords that `dmlib encrypt` made; or DMLIB_KEY_FILE
  --dm-key-file FILE       key of passwords that DM encrypted; or DMLIB_DM_KEY_FILE

Exit codes: 0 success, 2 usage or configuration, 3 a source cannot be asked or has no such table, or a
statement stops the task.

Examples:
  dmlib explain task.yaml --source mysql-01.yaml shop.order_1
  dmlib explain task.yaml --source mysql-01.yaml --database shop --ddl 'ALTER TABLE order_1 DROP COLUMN a'
)";

constexpr const char* binlog_help =
    R"(usage: dmlib binlog [options] FILE ...

Decodes binlog and relay log files: one JSON object per event and line, or text for people.

  --json                   one JSON object per event (docs/formats.md); default: text
  --flavor auto|mysql|mariadb
                           whose file it is; auto: by its first event. Default: auto
  --no-rows                leaves out the values of rows; default: they are decoded
  --start-pos N            first event, as an offset in bytes. Default: 4, the file's first
  --key-file KEYS          keys of encrypted files: MariaDB's file_key_management_filename, MySQL's
                           keyring_file_data, or the JSON file of component_keyring_file; may be
                           given more than once

Exit codes: 0 success, 2 usage, 4 a file that cannot be read or decoded (the others are printed).

Examples:
  dmlib binlog binlog.000001
  dmlib binlog --json --no-rows --start-pos 1234 binlog.000001 binlog.000002
  dmlib binlog --json --key-file /etc/mysql/keys.txt binlog.000001
)";

constexpr const char* schema_help =
    R"(usage: dmlib schema [options] < script.sql

Runs DDL on an empty catalog and prints the tables as the server would have them.

  --json                   one object per statement and line (docs/formats.md); default: CREATE TABLE
                           texts of what is there at the end
  --final                  with --json: one object with all tables at the end; default: off
  --flavor mysql|mariadb   whose dialect it is. Default: mysql, or that of --server-version
  --server-version V       such as 8.0.33, 10.11 or 10.11.6-MariaDB. Default: 8.4.0 (MySQL), 11.8.0
                           (MariaDB)
  --database DB            is there from the start, and is the default one; default: none
  --charset CS             character_set_server. Default: the server's own
  --collation CO           collation_server. Default: the character set's

Exit codes: 0 success, 2 usage, 4 a statement that cannot be parsed or applied (the others are done).

Examples:
  dmlib schema --flavor mariadb --server-version 10.11 --database shop < shop.sql
  dmlib schema --json --final < shop.sql
)";

constexpr const char* encrypt_help =
    R"(usage: dmlib encrypt --key-file FILE < password

Turns a password (stdin, less one newline at its end) into a text for task and source files.

  --key-file FILE          a key of 32 bytes, as they are or as 64 hexadecimal digits; or
                           DMLIB_KEY_FILE. There is no built-in key

Exit codes: 0 success, 2 usage.

Example:
  openssl rand -hex 32 > dmlib.key; printf %s "$PASSWORD" | dmlib encrypt --key-file dmlib.key
)";

constexpr const char* decrypt_help =
    R"(usage: dmlib decrypt --key-file FILE | --dm-key-file FILE < text

Turns an encrypted password (the first line of stdin) back.

  --key-file FILE          the key of a text that `dmlib encrypt` made; or DMLIB_KEY_FILE
  --dm-key-file FILE       the key of a text that DM made: its secret-key-path; or DMLIB_DM_KEY_FILE

Exit codes: 0 success, 2 usage, another key, or a text that was changed.

Example:
  dmlib decrypt --key-file dmlib.key < text
)";

constexpr const char* config_help =
    R"(usage: dmlib config convert FILE ... [--from VERSION] [--output-dir DIR [--force]]
       dmlib config template [task|source]

convert: brings task and source files of DM 1.x to 5.x (also dm-worker.toml) to the current form, with
their comments. One file goes to stdout. What is left to do is told on stderr.
template: prints a commented file with every key, of a task unless source is said.

  --from VERSION           the version of DM that the files are of: before 6.0 a file that says nothing of
                           online-ddl means false. Default: 5.3
  --output-dir DIR         a folder that is there: each file is written into it under its name, .toml as
                           .yaml; several files need it. Default: stdout
  --force                  with --output-dir: writes over files that are there; default: that is an error

Exit codes: 0 success, 2 usage, or something is left that keeps a file from loading.

Examples:
  dmlib config template source > mysql-01.yaml
  dmlib config convert old/task.yaml old/dm-worker.toml --from 1.0 --output-dir new
)";

constexpr const char* version_help = "usage: dmlib version\n\nPrints the version.\n";

constexpr std::array<std::pair<std::string_view, const char*>, 9> all{{
    {"run", run_help},
    {"check", check_help},
    {"explain", explain_help},
    {"binlog", binlog_help},
    {"schema", schema_help},
    {"encrypt", encrypt_help},
    {"decrypt", decrypt_help},
    {"config", config_help},
    {"version", version_help},
}};

}  // namespace

std::string_view help_of(std::string_view command) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == command; });
    return at == all.end() ? std::string_view{} : std::string_view{at->second};
}

bool asks_for_help(std::span<const std::string> args) {
    for (const std::string& a : args) {
        if (a == "--") return false;
        if (a == "--help" || a == "-h") return true;
    }
    return false;
}

}  // namespace cli
