// Runs one full copy between two servers, for tests and benchmarks of room load alone.
//   copy_tool SOURCE_PORT TARGET_PORT [key=value ...]
// Keys: task, readers, writers, rows, tx, memory (bytes), method=load|insert, one=1, schemas=a,b,
// late=rows (tables of that many get their keys at the end; 0, as here, is all of them),
// target=schema (all tables go there), give_up=seconds, merge=table (all tables go into one).
#include <dmlib/load/full_copy.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <thread>

using namespace dmlib;

namespace {

mysql::connect_options server(const char* port) {
    mysql::connect_options o;
    o.port = static_cast<std::uint16_t>(std::atoi(port));
    o.user = "root";
    return o;
}

std::set<std::string> split(const std::string& text) {
    std::set<std::string> out;
    std::size_t begin = 0;
    while (begin <= text.size() && !text.empty()) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        out.insert(text.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return out;
}

void print_outcome(const load::copy_outcome& out, double seconds) {
    std::printf(
        "{\"result\":\"finished\",\"rows\":%llu,\"bytes\":%llu,\"seconds\":%.3f,"
        "\"before\":%s,\"file\":\"%s\",\"pos\":%llu,\"gtid\":\"%s\",\"tables\":%zu,"
        "\"uniform\":%s}\n",
        static_cast<unsigned long long>(out.rows),
        static_cast<unsigned long long>(out.bytes),
        seconds,
        out.was_done_before ? "true" : "false",
        out.start.position.file.c_str(),
        static_cast<unsigned long long>(out.start.position.pos),
        out.start.gtids.to_string().c_str(),
        out.ledger.tables().size(),
        out.ledger.uniform() ? "true" : "false");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    std::map<std::string, std::string> args;
    for (int i = 3; i < argc; ++i) {
        const std::string a = argv[i];
        const std::size_t eq = a.find('=');
        args[a.substr(0, eq)] = eq == std::string::npos ? "1" : a.substr(eq + 1);
    }
    const auto number = [&](const char* key, std::uint64_t otherwise) {
        return args.contains(key) ? std::strtoull(args[key].c_str(), nullptr, 10) : otherwise;
    };
    load::copy_options o;
    o.task = args.contains("task") ? args["task"] : "copytest";
    o.source_id = "source-1";
    o.readers = static_cast<std::uint32_t>(number("readers", 4));
    o.writers = static_cast<std::uint32_t>(number("writers", 4));
    o.chunk_rows = number("rows", o.chunk_rows);
    o.transaction_bytes = number("tx", o.transaction_bytes);
    o.memory_limit = number("memory", o.memory_limit);
    o.one_position = args.contains("one");
    o.late_keys_rows = number("late", 0);
    if (args["method"] == "load") o.method = load::write_method::load;
    if (args["method"] == "insert") o.method = load::write_method::insert;
    o.back_off.min = std::chrono::milliseconds(200);
    o.back_off.give_up_after = std::chrono::seconds(number("give_up", 60));
    const std::set<std::string> schemas = split(args["schemas"]);
    load::copy_callbacks c;
    c.route = [&](const table_name& t) -> result<std::optional<load::copy_route>> {
        if (t.schema == "dm_meta") return std::optional<load::copy_route>{};
        if (!schemas.empty() && !schemas.contains(t.schema))
            return std::optional<load::copy_route>{};
        load::copy_route r{t, false};
        if (!args["target"].empty()) r.target.schema = args["target"];
        if (!args["merge"].empty()) r.target.table = args["merge"];
        return std::optional<load::copy_route>(r);
    };
    c.log = [](log_level, std::string_view line) {
        std::fprintf(stderr, "log: %.*s\n", static_cast<int>(line.size()), line.data());
    };
    load::full_copy copy(o, server(argv[1]), server(argv[2]), c);
    const auto begin = std::chrono::steady_clock::now();
    const auto out = copy.run();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (out) {
        print_outcome(*out, seconds);
        return 0;
    }
    std::printf("{\"result\":\"error\",\"name\":\"%s\",\"seconds\":%.3f}\n",
                std::string(out.error().info().name).c_str(),
                seconds);
    std::fprintf(stderr, "%s\n", out.error().to_string().c_str());
    return 4;
}
