#include "binlog_command.hpp"

#include <dmlib/binlog/file_printer.hpp>

#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

namespace {

constexpr const char* usage =
    "usage: dmlib binlog [--json] [--flavor auto|mysql|mariadb] [--no-rows] [--start-pos N] "
    "FILE...\n"
    "Decodes binlog files: one JSON object per event and line, or text for people.\n";

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

/// An empty text where all is well, else what is wrong.
std::string read_arguments(std::span<const std::string> args, binlog_arguments& out) {
    for (std::size_t i = 0; i < args.size(); ++i) {
        std::string name = args[i];
        std::optional<std::string> value;
        const bool takes_value = name.starts_with("--flavor") || name.starts_with("--start-pos");
        if (const auto equals = name.find('=');
            name.starts_with("--") && equals != std::string::npos) {
            value = name.substr(equals + 1);
            name.resize(equals);
        } else if (takes_value && i + 1 < args.size()) {
            value = args[++i];
        }
        if (name == "--json") {
            out.options.json = true;
        } else if (name == "--no-rows") {
            out.options.rows = false;
        } else if (name == "--flavor") {
            if (!value || !read_flavor(*value, out.options.reading.decoding.dialect)) {
                return "--flavor needs auto, mysql or mariadb";
            }
        } else if (name == "--start-pos") {
            if (!value || !read_number(*value, out.options.reading.start_pos))
                return "--start-pos needs a number";
        } else if (name.size() > 1 && name.starts_with("-")) {
            return "unknown option " + name;
        } else {
            out.files.push_back(args[i]);
        }
    }
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
