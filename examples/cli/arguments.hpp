// Command lines: options with values, flags, and the rest.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace cli {

/// What a command takes.
struct option_list {
    std::set<std::string> with_value;  // "--source"
    std::set<std::string> flags;       // "--json"
};

struct arguments {
    std::vector<std::string> positional;
    std::map<std::string, std::vector<std::string>> values;
    std::set<std::string> flags;
    std::string problem;  // not empty: what is wrong with the line

    bool has(const std::string& flag) const { return flags.contains(flag); }
    std::optional<std::string> last(const std::string& name) const;
};

/// Takes "--name value" and "--name=value"; "--" ends the options.
arguments parse_arguments(std::span<const std::string> args, const option_list& known);

/// "512MiB", "1G", "1048576" to bytes; nothing where it is no size. K, M, G are powers of 1024.
std::optional<std::size_t> parse_size(const std::string& text);
/// "10s", "5m", "1h30m", "500ms" to milliseconds; "never" to -1; nothing where it is no duration.
std::optional<long long> parse_duration(const std::string& text);

}  // namespace cli
