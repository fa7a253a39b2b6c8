#include "config_command.hpp"

#include <dmlib/config/convert.hpp>
#include <dmlib/config/load.hpp>

#include <fmt/format.h>

#include "arguments.hpp"
#include "task_setup.hpp"
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace dmlib;

constexpr const char* usage =
    "usage: dmlib config convert FILE... [--from VERSION] [--output-dir DIR [--force]], or "
    "dmlib config template [task|source]";

/// The versions of DM that there are: the newest minor one of each. From 26 on they are years.
constexpr std::pair<int, int> versions_of_dm[] = {
    {1, 0}, {2, 0}, {5, 4}, {6, 6}, {7, 6}, {8, 5}, {9, 0}};
constexpr std::string_view versions_text = "1.0, 2.0, 5.3 to 9.0, and 26.3 on";

/// True where files of that version of DM say nothing about online-ddl and mean false. Nothing:
/// there is no such version.
std::optional<bool> before_6_0(std::string_view version) {
    if (version.starts_with('v')) version.remove_prefix(1);
    std::vector<int> numbers;
    for (std::string_view rest = version; numbers.size() < 3;) {
        int n = 0;
        const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), n);
        if (fault != std::errc{} || n < 0) return std::nullopt;
        numbers.push_back(n);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        if (rest.empty()) break;
        if (rest.front() != '.') return std::nullopt;
        rest.remove_prefix(1);
    }
    const int minor = numbers.size() > 1 ? numbers[1] : 0;
    const bool known =
        numbers[0] >= 26 || std::any_of(std::begin(versions_of_dm),
                                        std::end(versions_of_dm),
                                        [&](const std::pair<int, int>& v) {
                                            return v.first == numbers[0] && minor <= v.second;
                                        });
    if (!known) return std::nullopt;
    return numbers[0] < 6;
}

/// What still keeps the converted file from loading. Variables stand for something, passwords stay
/// as they are.
std::vector<config::problem> left_to_do(const config::conversion& c, const std::string& path) {
    config::load_options options;
    options.environment = [](std::string_view) { return std::string("0"); };
    options.read_file = [](const std::string&) { return std::string("0"); };
    return c.kind == config::file_kind::task ? config::load_task(path, c.text, options).problems
                                             : config::load_source(path, c.text, options).problems;
}

bool write_to(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out.good();
}

std::filesystem::path path_in(const std::string& folder, const std::string& path) {
    return std::filesystem::path(folder) /
           std::filesystem::path(path).filename().replace_extension(".yaml");
}

/// What keeps the files from being written into the folder; asked before any of them is.
std::string in_the_way(std::span<const std::string> paths, const std::string& folder, bool force) {
    std::set<std::filesystem::path> targets;
    for (const std::string& path : paths) {
        const auto target = path_in(folder, path);
        std::error_code failed;
        if (!targets.insert(target).second) return target.string() + " would be written twice";
        if (std::filesystem::equivalent(target, path, failed))
            return target.string() + " is the file itself";
        const bool there = std::filesystem::exists(std::filesystem::symlink_status(target, failed));
        if (there && !force) return target.string() + " is there already; --force writes over it";
    }
    return {};
}

int convert_one(const std::string& path,
                const config::convert_options& options,
                const std::optional<std::string>& folder) {
    const auto text = cli::read_text(path);
    if (!text) {
        cli::print_problem(cli::file_problem(path), false);
        return 2;
    }
    const auto done = config::convert_file(path, *text, options);
    for (const auto& p : done.problems) cli::print_problem(p, false);
    if (!done.ok()) return 2;
    for (const auto& n : done.notes) {
        fmt::print(stderr,
                   "{}:{}:{}: {}{}\n",
                   path,
                   n.place.line,
                   n.place.column,
                   n.by_hand ? "to do: " : "",
                   n.what);
    }
    std::string name = path + " (converted)";
    if (folder) {
        const auto target = path_in(*folder, path);
        if (!write_to(target, done.text))
            return cli::usage_error(target.string() + " cannot be written", false);
        name = target.string();
    } else {
        fmt::print("{}", done.text);
    }
    const auto rest = left_to_do(done, name);
    for (const auto& p : rest) cli::print_problem(p, false);
    return config::has_errors(rest) ? 2 : 0;
}

int run_convert(const cli::arguments& a) {
    const std::string version = a.last("--from").value_or("5.3");
    const auto old = before_6_0(version);
    if (!old)
        return cli::usage_error(fmt::format("--from {}: there is no such version of DM ({}); name "
                                            "the one that the file was written for",
                                            version,
                                            versions_text),
                                false);
    const auto folder = a.last("--output-dir");
    if (a.positional.size() < 2) return cli::usage_error(usage, false);
    if (a.positional.size() > 2 && !folder)
        return cli::usage_error("several files need --output-dir", false);
    if (folder && !std::filesystem::is_directory(*folder))
        return cli::usage_error(*folder + " is no folder", false);
    if (a.has("--force") && !folder)
        return cli::usage_error("--force belongs to --output-dir", false);
    const auto paths = std::span(a.positional).subspan(1);
    if (folder) {
        const std::string problem = in_the_way(paths, *folder, a.has("--force"));
        if (!problem.empty()) return cli::usage_error(problem, false);
    }
    int code = 0;
    for (const std::string& path : paths)
        code = std::max(code, convert_one(path, {.before_6_0 = *old}, folder));
    return code;
}

int run_template(const cli::arguments& a) {
    const std::string kind = a.positional.size() > 1 ? a.positional[1] : "task";
    if (a.positional.size() > 2 || (kind != "task" && kind != "source"))
        return cli::usage_error(usage, false);
    fmt::print("{}",
               config::file_template(kind == "task" ? config::file_kind::task
                                                    : config::file_kind::source));
    return 0;
}

}  // namespace

int run_config_command(std::span<const std::string> args) {
    const auto a = cli::parse_arguments(args, {{"--from", "--output-dir"}, {"--force"}});
    if (!a.problem.empty()) return cli::usage_error(a.problem, false);
    const std::string verb = a.positional.empty() ? "" : a.positional.front();
    if (verb == "convert") return run_convert(a);
    if (verb == "template") return run_template(a);
    return cli::usage_error(usage, false);
}
