#pragma once

#include <dmlib/check/check.hpp>
#include <dmlib/config/impl/internal/instance_reader.hpp>
#include <dmlib/config/load.hpp>
#include <dmlib/config/password.hpp>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline void read_mode(const field_reader& r, task_file& out, problem_list& problems) {
    const std::string mode = r.word("task-mode");
    if (mode == "full") {
        out.mode = task_mode::full;
    } else if (mode == "incremental") {
        out.mode = task_mode::incremental;
    } else if (mode == "dump" || mode == "load" || mode == "load&sync") {
        problems.fault(errc::config_not_supported,
                       r.place("task-mode"),
                       "task-mode: " + mode + " is not supported yet",
                       "Use all, full or incremental.");
    }
}

inline void read_checking_items(const field_reader& r,
                                const std::string& key,
                                const std::vector<std::string_view>& known,
                                std::vector<std::string>& out,
                                problem_list& problems) {
    for (const node_ptr& item : r.items(key)) {
        if (item->what != yaml_node::kind::scalar) continue;
        out.push_back(item->text);
        if (std::find(known.begin(), known.end(), item->text) != known.end()) continue;
        const std::string near = did_you_mean(item->text, known);
        problems.fault(errc::config_bad_value,
                       item->place,
                       key + ": there is no such check: " + printed(item->text),
                       near.empty() ? "docs/rooms/check.md lists the checks."
                                    : "Did you mean '" + near + "'?");
    }
}

inline void read_task(const yaml_node& root, task_file& out, problem_list& problems) {
    const field_reader r(&root, "task");
    out.place = root.place;
    out.name = r.text("name");
    read_mode(r, out, problems);
    out.meta_schema = r.text("meta-schema");
    if (is_system_schema(out.meta_schema)) {
        problems.fault(errc::config_bad_value,
                       r.place("meta-schema"),
                       "meta-schema: " + printed(out.meta_schema) + " belongs to the server",
                       "Name a schema of your own.");
    }
    out.timezone = r.text("timezone");
    if (!is_timezone(out.timezone)) {
        problems.fault(errc::config_bad_value,
                       r.place("timezone"),
                       "timezone: " + printed(out.timezone) + " is not a time zone",
                       "Write an offset from -13:59 to +14:00 such as +08:00, or a name such as "
                       "Asia/Shanghai.");
    }
    out.case_sensitive = r.flag("case-sensitive");
    out.strict_collation = r.word("collation_compatible") == "strict";
    out.online_ddl = r.flag("online-ddl");
    if (out.online_ddl && r.has("online-ddl")) {
        problems.warning(
            r.place("online-ddl"),
            "online-ddl: shadow tables of gh-ost and pt-osc are replicated like other tables "
            "in this version; lists of tables must not leave them out",
            "Remove the key.");
    }
    out.shadow_table_rules = r.texts("shadow-table-rules");
    out.trash_table_rules = r.texts("trash-table-rules");
    read_checking_items(
        r, "ignore-checking-items", check::known_names(), out.ignore_checking_items, problems);
    read_checking_items(
        r, "extra-checking-items", check::extra_names(), out.extra_checking_items, problems);
    out.clean_dump_file = r.flag("clean-dump-file");
    out.remove_meta = r.flag("remove-meta");
    out.target = read_database(r, "target-database", 4000, problems);
    instance_reader(r, out, problems).read();
    if (const yaml_entry* e = r.entry("black-white-list"); e != nullptr && !e->value->empty()) {
        problems.warning(
            e->place, "black-white-list is the old name of block-allow-list", "Rename it.");
    }
}

/// What DM promises of the block's numbers.
inline void read_checker_limits(const field_reader& c,
                                checker_config& out,
                                problem_list& problems) {
    const auto fault = [&](std::string_view key, std::string what, std::string way_out) {
        problems.fault(errc::config_bad_value,
                       c.place(key),
                       "checker." + std::string(key) + ": " + std::move(what),
                       std::move(way_out));
    };
    using ms = std::chrono::milliseconds;
    const checker_config standard;
    if (out.backoff_min == ms(0)) out.backoff_min = standard.backoff_min;
    if (out.backoff_max == ms(0)) out.backoff_max = standard.backoff_max;
    if (out.backoff_max < ms(1000))
        fault("backoff-max", "is less than 1s", "Write 1s or more, such as 5m.");
    if (out.backoff_max >= ms(1000) && out.backoff_min > out.backoff_max)
        fault("backoff-min", "is more than backoff-max", "Write a shorter time.");
    if (!(out.backoff_factor >= 1 && out.backoff_factor <= 1000))
        fault("backoff-factor", "is not between 1 and 1000", "Write a number such as 2.");
}

inline void read_source(const yaml_node& root, source_file& out, problem_list& problems) {
    const field_reader r(&root, "source");
    out.source_id = r.text("source-id");
    out.place = r.entry("source-id") != nullptr ? r.place("source-id") : root.place;
    out.enable = r.flag("enable");
    out.enable_gtid = r.flag("enable-gtid");
    const std::string written = r.word("flavor");
    if (written == "mysql") out.flavor = flavor::mysql;
    if (written == "mariadb") out.flavor = flavor::mariadb;
    out.server_id = r.number<std::uint32_t>("server-id");
    out.case_sensitive = r.flag("case-sensitive");
    out.from = read_database(r, "from", 3306, problems);
    const field_reader c = r.block("checker");
    out.checker.check_enable = c.flag("check-enable");
    out.checker.check_interval = c.duration("check-interval");
    out.checker.backoff_rollback = c.duration("backoff-rollback");
    out.checker.backoff_min = c.duration("backoff-min");
    out.checker.backoff_max = c.duration("backoff-max");
    out.checker.backoff_jitter = c.flag("backoff-jitter");
    out.checker.backoff_factor = c.real("backoff-factor");
    read_checker_limits(c, out.checker, problems);
    std::size_t number = 0;
    for (const node_ptr& item : r.items("filters")) {
        out.filters.push_back(
            read_filter("source[" + std::to_string(number++) + "]", *item, problems));
        out.filters.back().place = problems.place(item->place);
    }
}

/// password-file, then what is encrypted. No message holds any of it.
inline void settle_password(database_config& d,
                            std::string_view path,
                            const load_options& options,
                            problem_list& problems) {
    const std::string key = std::string(path) + ".password: ";
    if (!d.password_file.empty()) {
        auto text =
            options.read_file ? options.read_file(d.password_file) : std::optional<std::string>();
        if (!text) {
            problems.fault(errc::config_file,
                           d.password_place,
                           std::string(path) + ".password-file cannot be read",
                           "Name a file that holds the password and nothing else.");
            return;
        }
        if (text->ends_with('\n')) text->pop_back();
        if (text->ends_with('\r')) text->pop_back();
        d.password = secret(std::move(*text));
    }
    const bool ours = is_encrypted_password(d.password.reveal());
    const bool of_dm =
        !options.dm_password_key.empty() && looks_like_dm_password(d.password.reveal());
    if (!ours && !of_dm) return;
    if (ours && options.password_key.empty()) {
        problems.fault(errc::config_bad_value,
                       d.password_place,
                       key + "it is encrypted, and there is no key",
                       "Give the key file: --key-file, or DMLIB_KEY_FILE in the environment.");
        return;
    }
    auto plain = ours ? decrypt_password(d.password.reveal(), options.password_key)
                      : decrypt_dm_password(d.password.reveal(), options.dm_password_key);
    if (plain) {
        d.password = std::move(*plain);
    } else {
        problems.fault(plain.error().code(),
                       d.password_place,
                       key + plain.error().message(),
                       plain.error().workaround());
    }
}

/// Everything that both kinds of file have in common.
template <class File, class Read>
loaded<File> load_file(std::string_view file_name,
                       std::string_view text,
                       const load_options& options,
                       std::string_view block,
                       Read&& read) {
    loaded<File> out;
    out.file.file = std::string(file_name);
    problem_list problems(std::string(file_name), options.max_problems);
    const node_ptr root = parse_yaml(text, options, problems);
    std::vector<problem> syntax = problems.take();
    if (!root || has_errors(syntax)) {
        if (syntax.empty()) {
            problems.fault(errc::config_yaml,
                           {1, 1},
                           "the file is empty",
                           "Write the configuration as docs/configuration.md describes.");
            syntax = problems.take();
        }
        // A broken file has no keys to judge, except where only values or single keys are wrong.
        if (!root || root->what != yaml_node::kind::map) {
            out.problems = std::move(syntax);
            return out;
        }
    }
    problem_list more(std::string(file_name), options.max_problems);
    key_checker(more).check_block(*root, block, "", root->place);
    if (root->what == yaml_node::kind::map) read(*root, out.file, more);
    for (problem& p : syntax) more.put(std::move(p));
    out.problems = more.take();
    return out;
}

}  // namespace internal

DMLIB_DECL loaded<task_file> load_task(std::string_view file_name,
                                       std::string_view text,
                                       const load_options& options) {
    const auto read = [&](const auto& root, task_file& file, auto& problems) {
        internal::read_task(root, file, problems);
        internal::settle_password(file.target, "target-database", options, problems);
    };
    return internal::load_file<task_file>(file_name, text, options, "task", read);
}

DMLIB_DECL loaded<source_file> load_source(std::string_view file_name,
                                           std::string_view text,
                                           const load_options& options) {
    const auto read = [&](const auto& root, source_file& file, auto& problems) {
        internal::read_source(root, file, problems);
        internal::settle_password(file.from, "from", options, problems);
    };
    return internal::load_file<source_file>(file_name, text, options, "source", read);
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
