#include "binlog_command.hpp"

#include <dmlib/binlog/file_printer.hpp>

#include "arguments.hpp"
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

namespace {

constexpr const char* usage =
    "usage: dmlib binlog [--json] [--flavor auto|mysql|mariadb] [--no-rows] [--start-pos N]\n"
    "                    [--key-file KEYS]... FILE...\n"
    "Decodes binlog files: one JSON object per event and line, or text for people.\n"
    "--key-file: keys of encrypted files: MariaDB's file_key_management_filename, MySQL's\n"
    "keyring_file_data, or the JSON file of MySQL's component_keyring_file.\n";

struct binlog_arguments {
    dmlib::binlog::file_printer_options options;
    std::vector<std::string> files;
};

bool read_number(const std::string& text, std::uint64_t& out) {
    const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
    return r.ec == std::errc{} && r.ptr == text.data() + text.size();
}

bool read_flavor(const std::string& text, std::optional<dmlib::flavor>& out) {
    if (text == "auto") {
        out.reset();
    } else if (text == "mysql") {
        out = dmlib::flavor::mysql;
    } else if (text == "mariadb") {
        out = dmlib::flavor::mariadb;
    } else {
        return false;
    }
    return true;
}

bool read_content(const std::string& name, std::string& out) {
    std::ifstream file(name, std::ios::binary);
    out.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    return file.good() || file.eof();
}

/// Adds a file's keys. An empty text where all is well, else what is wrong.
std::string add_keys(const std::string& name, binlog_arguments& out) {
    std::string content;
    if (!read_content(name, content)) return name + ": cannot be read";
    auto keys = dmlib::binlog::read_key_file(dmlib::as_bytes(content));
    if (!keys) return name + ": " + keys.error().to_string();
    for (auto& key : *keys) out.options.reading.keys.push_back(std::move(key));
    return {};
}

/// An empty text where all is well, else what is wrong.
std::string read_arguments(std::span<const std::string> args, binlog_arguments& out) {
    const cli::arguments line = cli::parse_arguments(
        args, {{"--flavor", "--start-pos", "--key-file"}, {"--json", "--no-rows"}});
    if (!line.problem.empty()) return line.problem;
    out.options.json = line.has("--json");
    out.options.rows = !line.has("--no-rows");
    if (const auto flavor = line.last("--flavor");
        flavor && !read_flavor(*flavor, out.options.reading.decoding.dialect)) {
        return "--flavor needs auto, mysql or mariadb";
    }
    if (const auto start = line.last("--start-pos");
        start && !read_number(*start, out.options.reading.start_pos)) {
        return "--start-pos needs a number";
    }
    if (const auto files = line.values.find("--key-file"); files != line.values.end()) {
        for (const std::string& name : files->second) {
            if (std::string problem = add_keys(name, out); !problem.empty()) return problem;
        }
    }
    out.files = line.positional;
    return out.files.empty() ? "no FILE given" : "";
}

int print_file(const std::string& name, dmlib::binlog::file_printer_options options) {
    options.reading.file = name;
    const auto to_stdout = [](std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), stdout);
    };
    dmlib::binlog::file_printer printer(options, to_stdout);
    std::FILE* const file = std::fopen(name.c_str(), "rb");
    std::vector<std::uint8_t> piece(std::size_t{1} << 18);
    bool go_on = file != nullptr;
    while (go_on) {
        const std::size_t n = std::fread(piece.data(), 1, piece.size(), file);
        if (n == 0) break;
        go_on = printer.feed({piece.data(), n});
    }
    const bool unreadable = file == nullptr || std::ferror(file) != 0;
    if (file != nullptr) std::fclose(file);
    if (unreadable) {
        const dmlib::error e(dmlib::errc::file_io, "the file cannot be read");
        std::string line;
        dmlib::binlog::append_json_error(line, name, 0, e);
        if (options.json) to_stdout(line);
        std::fprintf(stderr, "%s: %s\n", name.c_str(), e.to_string().c_str());
        return 4;
    }
    const int code = printer.finish();
    if (code != 0)
        std::fprintf(stderr, "%s: %s\n", name.c_str(), printer.fault().to_string().c_str());
    return code;
}

}  // namespace

int run_binlog_command(std::span<const std::string> args) {
    binlog_arguments arguments;
    if (const std::string problem = read_arguments(args, arguments); !problem.empty()) {
        std::fprintf(stderr, "dmlib binlog: %s\n%s", problem.c_str(), usage);
        return 2;
    }
    int code = 0;
    for (const std::string& file : arguments.files) {
        if (print_file(file, arguments.options) != 0) code = 4;
    }
    if (std::fflush(stdout) != 0) return 4;
    return code;
}
