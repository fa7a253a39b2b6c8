#include "task_setup.hpp"

#include <fmt/format.h>

#include "json_output.hpp"
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cli {

using namespace dmlib;

namespace {

/// A folder can be opened, and reads as if it were empty.
bool is_folder(const std::string& path) {
    std::error_code failed;
    return std::filesystem::is_directory(path, failed);
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
    if (is_folder(path)) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad() || !in) return std::nullopt;
    return text.str();
}

void print_problem(const config::problem& p, bool json) {
    fmt::print(stderr, "{}\n", config::to_line(p));
    if (json && p.severity == config::severity::error)
        fmt::print(stderr, "{}\n", error_json(p.what));
}

config::problem file_problem(const std::string& path) {
    error e{errc::config_file,
            is_folder(path) ? "this is a folder, not a file" : "the file cannot be read"};
    if (is_folder(path)) e.workaround("Name the file in it.");
    e.config_place(path, 1, 1);
    return {e, config::severity::error};
}

namespace {

bool report(const std::vector<config::problem>& problems, bool json) {
    for (const auto& p : problems) print_problem(p, json);
    return !config::has_errors(problems);
}

mysql::tls_options tls_of(const config::security_config& s) {
    mysql::tls_options out;
    out.ca_file = s.ssl_ca;
    out.cert_file = s.ssl_cert;
    out.key_file = s.ssl_key;
    out.ca_pem = s.ca_pem;
    out.cert_pem = s.cert_pem;
    out.key_pem = secret{s.key_pem};
    out.allowed_common_names = s.cert_allowed_cn;
    out.verify = s.verify;
    out.min_version = s.tls_min_version;
    if (s.present) out.mode = mysql::tls_mode::required;
    return out;
}

copy_settings copy_of(const config::instance& in) {
    copy_settings out;
    out.readers = static_cast<std::uint32_t>(in.mydumper.threads);
    out.writers = static_cast<std::uint32_t>(in.loader.pool_size);
    out.replace_rows = in.loader.on_duplicate == config::loader_config::duplicate::replace;
    if (in.mydumper.rows != 0) out.chunk_rows = in.mydumper.rows;
    if (in.mydumper.chunk_filesize_bytes != 0) out.chunk_bytes = in.mydumper.chunk_filesize_bytes;
    return out;
}

sync_settings sync_of(const config::instance& in) {
    sync_settings out;
    out.lanes = static_cast<std::uint32_t>(in.syncer.worker_count);
    out.batch_rows = static_cast<std::uint32_t>(in.syncer.batch);
    out.compact = in.syncer.compact;
    if (in.syncer.whole_transactions) out.order = sync::apply_order::transaction;
    out.safe_mode = in.syncer.safe_mode;
    out.on_row_mismatch = in.syncer.on_row_mismatch;
    return out;
}

retry_settings retry_of(const config::checker_config& c) {
    retry_settings out;
    out.enabled = c.check_enable;
    out.min = c.backoff_min;
    out.max = c.backoff_max;
    out.factor = c.backoff_factor;
    out.jitter = c.backoff_jitter;
    out.least = c.check_interval;
    if (c.backoff_rollback.count() != 0) out.rollback = c.backoff_rollback;
    return out;
}

task_options options_of(const config::task_file& f) {
    task_options out;
    out.name = f.name;
    out.mode = f.mode == config::task_mode::full          ? task_mode::full
               : f.mode == config::task_mode::incremental ? task_mode::incremental
                                                          : task_mode::all;
    out.meta_schema = f.meta_schema;
    out.ignore_checking_items = f.ignore_checking_items;
    out.extra_checking_items = f.extra_checking_items;
    out.case_sensitive = f.case_sensitive;
    out.target.host = f.target.host;
    out.target.port = f.target.port;
    out.target.user = f.target.user;
    out.target.password = secret{f.target.password};
    out.target.tls = tls_of(f.target.security);
    for (const auto& [name, value] : f.target.session) out.target.session[name] = value;
    if (!f.instances.empty()) {
        out.copy = copy_of(f.instances.front());
        out.sync = sync_of(f.instances.front());
    }
    return out;
}

flavor flavor_of(const std::string& gtids) {
    return gtids.find(':') == std::string::npos ? flavor::mariadb : flavor::mysql;
}

std::optional<location> start_of(const config::instance& in) {
    if (!in.meta) return std::nullopt;
    location out;
    out.position = {in.meta->binlog_name, in.meta->binlog_pos == 0 ? 4 : in.meta->binlog_pos};
    if (in.meta->binlog_name.empty()) out.position = {"", 4};
    if (!in.meta->binlog_gtid.empty()) {
        if (auto set = gtid_set::parse(flavor_of(in.meta->binlog_gtid), in.meta->binlog_gtid))
            out.gtids = std::move(*set);
    }
    return out;
}

std::optional<std::uint32_t> parse_time(const std::string& text) {
    std::tm t{};
    for (const char* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"}) {
        t = {};
        const char* rest = strptime(text.c_str(), form, &t);
        if (rest != nullptr && (*rest == '\0' || (*rest == 'Z' && rest[1] == '\0'))) {
            return static_cast<std::uint32_t>(timegm(&t));
        }
    }
    return std::nullopt;
}

}  // namespace

std::string read_until(const std::string& text, until_options& out) {
    if (text == "caught-up") {
        out.what = until_options::kind::caught_up;
        return {};
    }
    if (text == "finished") {
        out.what = until_options::kind::finished;
        return {};
    }
    out.what = until_options::kind::place;
    if (const auto time = parse_time(text)) {
        out.timestamp = *time;
        return {};
    }
    const std::size_t colon = text.rfind(':');
    const bool digits = colon != std::string::npos && colon + 1 < text.size() &&
                        text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
    if (digits && text.find('.') < colon) {
        errno = 0;
        out.place.position = {text.substr(0, colon),
                              std::strtoull(text.c_str() + colon + 1, nullptr, 10)};
        if (errno == ERANGE) return "a position has at most 64 bits; got " + text;
        return {};
    }
    auto set = gtid_set::parse(flavor_of(text), text);
    if (set && !set->empty()) {
        out.place.gtids = std::move(*set);
        return {};
    }
    return "--until takes caught-up, finished, FILE:POSITION, a GTID set, or a UTC time such as "
           "2026-01-02T03:04:05Z; got " +
           text;
}

int usage_error(const std::string& message, bool json) {
    fmt::print(stderr, "dmlib:1:1: {}\n", message);
    if (json) {
        error e{errc::config_usage, message};
        e.config_place("dmlib", 1, 1);
        fmt::print(stderr, "{}\n", error_json(e));
    }
    return 2;
}

result<secret> read_key_file(const std::string& path) {
    const auto text = read_text(path);
    if (!text) return error{errc::config_file, path + " cannot be read"};
    return config::read_password_key(*text);
}

std::string read_keys(const arguments& args, config::load_options& out) {
    const auto take = [&](const char* option, const char* variable, secret& key) -> std::string {
        auto path = args.last(option);
        if (const char* value = std::getenv(variable); !path && value != nullptr) path = value;
        if (!path) return {};
        auto read = read_key_file(*path);
        if (!read) return std::string(option) + " " + *path + ": " + read.error().message();
        key = std::move(*read);
        return {};
    };
    auto problem = take("--key-file", "DMLIB_KEY_FILE", out.password_key);
    if (problem.empty()) problem = take("--dm-key-file", "DMLIB_DM_KEY_FILE", out.dm_password_key);
    return problem;
}

task_setup read_files(const arguments& args, bool json) {
    task_setup out;
    config::load_options lo;
    lo.environment = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
    lo.read_file = read_text;
    if (const auto problem = read_keys(args, lo); !problem.empty()) {
        usage_error(problem, json);
        return out;
    }
    bool ok = true;
    const std::string& task_path = args.positional.front();
    if (const auto text = read_text(task_path)) {
        auto loaded = config::load_task(task_path, *text, lo);
        ok = report(loaded.problems, json) && ok;
        out.file = std::move(loaded.file);
    } else {
        print_problem(file_problem(task_path), json);
        ok = false;
    }
    const auto paths = args.values.find("--source");
    for (const std::string& path :
         paths == args.values.end() ? std::vector<std::string>{} : paths->second) {
        const auto text = read_text(path);
        if (!text) {
            print_problem(file_problem(path), json);
            ok = false;
            continue;
        }
        auto loaded = config::load_source(path, *text, lo);
        ok = report(loaded.problems, json) && ok;
        out.sources.push_back(std::move(loaded.file));
    }
    if (ok) ok = report(config::cross_check(out.file, out.sources), json);
    out.ok = ok;
    if (ok) out.options = options_of(out.file);
    return out;
}

std::string read_run_options(const arguments& args, task_setup& setup) {
    if (const auto text = args.last("--memory-limit")) {
        const auto size = parse_size(*text);
        if (!size || *size < (std::size_t{32} << 20))
            return "--memory-limit takes a size of at least 32MiB, such as 512MiB; got " + *text;
        setup.options.memory_limit = *size;
    }
    if (const auto text = args.last("--data-dir")) setup.options.data_dir = *text;
    if (const auto text = args.last("--give-up-after")) {
        const auto ms = parse_duration(*text);
        if (!ms) return "--give-up-after takes a duration such as 10m, or never; got " + *text;
        setup.options.give_up_after =
            *ms < 0 ? std::nullopt : std::optional{std::chrono::milliseconds(*ms)};
    }
    if (const auto text = args.last("--until")) {
        if (auto problem = read_until(*text, setup.options.until); !problem.empty()) return problem;
    }
    if (setup.options.until.what == until_options::kind::finished &&
        setup.options.mode != task_mode::full) {
        return "--until finished is for task-mode full; a task that replicates ends with "
               "caught-up, a place or a time";
    }
    return {};
}

std::unique_ptr<task> make_task(const task_setup& setup, boost::asio::any_io_executor executor) {
    auto out = std::make_unique<task>(executor, setup.options);
    for (const auto& in : setup.file.instances) {
        for (const auto& s : setup.sources) {
            if (s.source_id != in.source_id) continue;
            source_options so;
            so.id = s.source_id;
            so.host = s.from.host;
            so.port = s.from.port;
            so.user = s.from.user;
            so.password = secret{s.from.password};
            so.tls = tls_of(s.from.security);
            for (const auto& [name, value] : s.from.session) so.session[name] = value;
            so.enable_gtid = s.enable_gtid;
            so.flavor = s.flavor;
            so.server_id = s.server_id;
            source_settings settings;
            if (setup.options.mode == task_mode::incremental) settings.start = start_of(in);
            settings.copy = copy_of(in);
            settings.sync = sync_of(in);
            settings.retry = retry_of(s.checker);
            out->add_source(source{executor, so},
                            config::make_filter(setup.file, in, &s),
                            config::make_router(in),
                            config::make_mapper(in),
                            settings);
        }
    }
    return out;
}

}  // namespace cli
