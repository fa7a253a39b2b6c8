// How fast the decoder is, beside what the machine can do in the same run: a probe that only
// touches the bytes, and the vendor's own tool where it is installed. Times are processor time of
// one core, the best of some rounds. One JSON object.
//     bench_binlog [--megabytes N] [--rounds N] [--tool mysqlbinlog|PATH|none]
//                  [--shape bulk|transactions|narrow] [FILE...]
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/file_printer.hpp>
#include <dmlib/binlog/impl/internal/checksum.hpp>
#include <dmlib/binlog/rows.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binlog_shapes.hpp"
#include "cpu_time.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

struct settings {
    std::size_t megabytes = 128;
    int rounds = 5;
    std::string tool = "mysqlbinlog";
    std::string shape;
    std::vector<std::string> files;
};

[[noreturn]] void give_up(const std::string& what) {
    std::fprintf(stderr, "bench_binlog: %s\n", what.c_str());
    std::exit(4);
}

volatile std::uint64_t kept;  // results that the compiler may not leave out

/// Touches every byte and nothing else.
void touch(std::string_view bytes) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, 8);
        sum += word;
    }
    kept = sum;
}

/// The least that skipping can cost: from header to header, with the checksums of all events that
/// hold no rows, and nothing read from any of them.
void walk(std::string_view bytes) {
    const auto* base = as_bytes(bytes).data();
    std::uint64_t wrong = 0;
    for (std::size_t at = 4; at + header_size <= bytes.size();) {
        const std::size_t size = byte_cursor({base + at + 9, 4}).u32();
        if (size < header_size + 4 || size > bytes.size() - at) give_up("an event is cut off");
        const std::uint8_t code = base[at + 4];
        if (code < 30 || code > 32) {
            const byte_view sum{base + at + size - 4, 4};
            wrong += byte_cursor(sum).u32() != internal::crc_of({base + at, size - 4}) ? 1 : 0;
        }
        at += size;
    }
    kept = wrong;
}

/// What becomes of the rows.
enum class work { decode, skip };

struct walker {
    work what = work::decode;
    std::vector<value_view> before;
    std::vector<value_view> after;
    byte_arena arena;
    std::uint64_t rows = 0;
    std::uint64_t sum = 0;

    void use_rows(const rows_event& r) {
        if (!r.table || what == work::skip) return;
        const std::size_t n = r.table->column_count();
        if (before.size() < n) before.resize(n);
        if (after.size() < n) after.resize(n);
        row_decoder decoder(r, {}, &arena);
        for (;;) {
            auto more = decoder.next(before, after);
            if (!more) give_up(more.error().to_string());
            if (!*more) break;
            ++rows;
            const auto& image = r.kind == rows_kind::remove ? before : after;
            sum += image[0].u + static_cast<std::uint64_t>(image[n - 1].kind);
        }
        arena.clear();
    }

    void use(decoder& d, const event& e) {
        if (const auto* r = e.get<rows_event>()) return use_rows(*r);
        if (what == work::decode) return;
        if (const auto* m = e.get<table_map_event>()) d.ignore_rows(*m->table);
    }

    void file(std::string_view bytes) {
        decoder d;
        rows = 0;
        const auto* base = as_bytes(bytes).data();
        for (std::size_t at = 4; at + header_size <= bytes.size();) {
            byte_cursor p({base + at + 9, 4});
            const std::size_t size = p.u32();
            if (size < header_size || size > bytes.size() - at) give_up("an event is cut off");
            auto e = d.push({base + at, size}, at);
            at += size;
            while (true) {
                if (!e) give_up(e.error().to_string());
                if (*e == nullptr) break;
                use(d, **e);
                if (!(*e)->in_payload && (*e)->get<transaction_payload>() == nullptr) break;
                e = d.next_inner();
            }
        }
        kept = sum;
    }
};

std::size_t print_text(std::string_view bytes) {
    std::size_t written = 0;
    file_printer printer({}, [&](std::string_view text) { written += text.size(); });
    for (std::size_t at = 0; at < bytes.size(); at += std::size_t{1} << 18) {
        printer.feed(as_bytes(bytes.substr(at, std::size_t{1} << 18)));
    }
    if (printer.finish() != 0) give_up(printer.fault().to_string());
    return written;
}

/// Processor seconds of `tool -v` on the file; 0 where it cannot be run.
double tool_seconds(const std::string& tool, const std::string& file) {
    rusage before{};
    getrusage(RUSAGE_CHILDREN, &before);
    const pid_t child = fork();
    if (child == 0) {
        if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(127);
        execlp(tool.c_str(),
               tool.c_str(),
               "--no-defaults",
               "-v",
               "--base64-output=decode-rows",
               file.c_str(),
               nullptr);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 0;
    rusage after{};
    getrusage(RUSAGE_CHILDREN, &after);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) -
           seconds(before.ru_stime);
}

double tool_on(const settings& s, const std::string& bytes) {
    if (s.tool == "none") return 0;
    const auto folder = std::filesystem::temp_directory_path();
    const std::string file = (folder / fmt::format("bench_binlog.{}", getpid())).string();
    std::ofstream(file, std::ios::binary) << bytes;
    const double used = tool_seconds(s.tool, file);
    std::filesystem::remove(file);
    return used;
}

void measure(const settings& s, const std::string& name, const bench::made_binlog& log) {
    const double gigabytes = static_cast<double>(log.bytes.size()) * 1e-9;
    walker decoding;
    const double touched = best_of(s.rounds, [&] { touch(log.bytes); });
    const double summed = best_of(s.rounds, [&] { kept = internal::crc_of(as_bytes(log.bytes)); });
    const double walked = best_of(s.rounds, [&] { walk(log.bytes); });
    const double decoded = best_of(s.rounds, [&] { decoding.file(log.bytes); });
    walker skipping;
    skipping.what = work::skip;
    const double skipped = best_of(s.rounds, [&] { skipping.file(log.bytes); });
    if (log.rows != 0 && decoding.rows != log.rows) give_up("rows are missing");
    const double printed = best_of(1, [&] { print_text(log.bytes); });
    const double tool = tool_on(s, log.bytes);
    fmt::print(
        "{{\"bench\":\"binlog\",\"shape\":\"{}\",\"bytes\":{},\"rows\":{},"
        "\"touch_gb_s\":{:.2f},\"crc_gb_s\":{:.2f},\"decode_gb_s\":{:.2f},"
        "\"decode_rows_s\":{:.0f},\"skip_gb_s\":{:.2f},\"skip_by_decode\":{:.1f},"
        "\"walk_gb_s\":{:.2f},\"walk_by_decode\":{:.1f},"
        "\"text_gb_s\":{:.2f}",
        name,
        log.bytes.size(),
        decoding.rows,
        gigabytes / touched,
        gigabytes / summed,
        gigabytes / decoded,
        static_cast<double>(decoding.rows) / decoded,
        gigabytes / skipped,
        decoded / skipped,
        gigabytes / walked,
        decoded / walked,
        gigabytes / printed);
    if (tool > 0) {
        fmt::print(",\"tool_gb_s\":{:.2f},\"decode_by_tool\":{:.1f},\"text_by_tool\":{:.1f}",
                   gigabytes / tool,
                   tool / decoded,
                   tool / printed);
    }
    fmt::print("}}\n");
    std::fflush(stdout);
}

settings read_settings(int argc, char** argv) {
    settings s;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const auto value = [&] { return std::string(i + 1 < argc ? argv[++i] : ""); };
        if (name == "--megabytes") {
            s.megabytes = static_cast<std::size_t>(std::atoi(value().c_str()));
        } else if (name == "--rounds") {
            s.rounds = std::atoi(value().c_str());
        } else if (name == "--tool") {
            s.tool = value();
        } else if (name == "--shape") {
            s.shape = value();
        } else {
            s.files.push_back(name);
        }
    }
    if (s.megabytes == 0 || s.rounds <= 0) give_up("--megabytes and --rounds need a number");
    return s;
}

}  // namespace

int main(int argc, char** argv) {
    const settings s = read_settings(argc, argv);
    for (const std::string& name : s.files) {
        std::ifstream file(name, std::ios::binary);
        bench::made_binlog log;
        log.bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        if (log.bytes.size() < 4) give_up(name + ": cannot be read");
        measure(s, name, log);
    }
    if (!s.files.empty()) return 0;
    const std::size_t size = s.megabytes << 20;
    constexpr std::pair<const char*, bench::made_binlog (*)(std::size_t)> shapes[] = {
        {"bulk", bench::sysbench_log::bulk},
        {"transactions", bench::sysbench_log::transactions},
        {"narrow", bench::sysbench_log::narrow},
    };
    for (const auto& [name, make] : shapes) {
        if (s.shape.empty() || s.shape == name) measure(s, name, make(size));
    }
    return 0;
}
