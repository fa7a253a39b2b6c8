// Files that are cut or damaged: what was read before stays right, and then there is a fault. Never
// another row where a checksum is present, never much memory.
#include <dmlib/binlog/json_writer.hpp>

#include <catch2/catch.hpp>

#include "allocations.hpp"
#include "binlog_files.hpp"
#include <functional>
#include <iostream>
#include <random>

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;
namespace fs = std::filesystem;

namespace {

struct reading {
    std::vector<std::size_t> lines;   ///< digest of each event with its rows
    std::vector<std::uint64_t> ends;  ///< where each event of the file itself ends
    std::optional<error> fault;
    std::size_t memory = 0;
    bool sums_everywhere = true;
};

reading read(std::string_view bytes, std::size_t piece) {
    reading out;
    out.lines.reserve(1 << 14);
    out.ends.reserve(1 << 14);
    std::string line;
    line.reserve(1 << 20);
    reset_peak();
    const std::size_t before = allocations().live_bytes;
    out.fault = read_all(bytes, piece, [&](const event& e) {
        line.clear();
        const text_sink sink = [&](std::string_view text) {
            // Long rows are digested piece by piece.
            if (line.size() > (1 << 19)) {
                line = std::to_string(std::hash<std::string>{}(line));
            }
            line += text;
        };
        writer_options options;
        const auto* f = e.get<format_description>();
        if (f != nullptr && f->checksum == checksum_algorithm::none) out.sums_everywhere = false;
        if (auto done = write_json_line(sink, e, "f", options); !done) {
            line += done.error().to_string();
        }
        out.lines.push_back(std::hash<std::string>{}(line));
        if (!e.in_payload) out.ends.push_back(e.next);
    });
    out.memory = allocations().peak_bytes - before;
    return out;
}

std::vector<fs::path> files() {
    std::vector<fs::path> out;
    std::vector<fs::path> roots = {fixtures()};
    if (const auto root = corpus()) roots.push_back(*root);
    for (const fs::path& root : roots) {
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            if (!entry.is_regular_file()) continue;
            const std::string start = read_file(entry.path()).substr(0, 4);
            if (start ==
                "\xfe"
                "bin")
                out.push_back(entry.path());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool is_prefix(const std::vector<std::size_t>& part, const std::vector<std::size_t>& whole) {
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

void cut(const std::string& bytes, const reading& whole, std::size_t at) {
    const reading r = read(std::string_view(bytes).substr(0, at), 1 << 16);
    INFO("cut at " << at);
    const bool between = at == 4 || std::binary_search(whole.ends.begin(), whole.ends.end(), at);
    CHECK(r.fault.has_value() != between);
    CHECK(is_prefix(r.lines, whole.lines));
    CHECK(r.memory <= at * 8 + (1 << 20));
}

void flip(const std::string& bytes, const reading& whole, std::size_t at, int bit) {
    std::string bad = bytes;
    bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
    const reading r = read(bad, 1 << 16);
    INFO("byte " << at << " bit " << bit);
    CHECK(r.memory <= bytes.size() * 8 + (1 << 20));
    // The in-use flag of the first event is outside its sum, on purpose.
    if (!whole.sums_everywhere || (at == 4 + 17 && bit == 0)) return;
    CHECK(r.fault);
    CHECK(is_prefix(r.lines, whole.lines));
}

}  // namespace

TEST_CASE("cut anywhere, flip any bit: a fault, and nothing wrong before it",
          "[damage][recorded]") {
    if (!corpus()) std::cerr << "SKIPPED: the corpus (DMLIB_CORPUS) in the test of damaged files\n";
    std::mt19937 random(20240229);
    for (const fs::path& path : files()) {
        INFO(path.string());
        const std::string bytes = read_file(path);
        const reading whole = read(bytes, bytes.size());
        // About the same work for each file, and every byte of the small ones' first events.
        const std::size_t rounds = std::clamp<std::size_t>(4000000 / bytes.size(), 8, 150);
        for (std::size_t i = 0; i < rounds; ++i) {
            cut(bytes, whole, random() % bytes.size());
            flip(bytes, whole, 4 + random() % (bytes.size() - 4), static_cast<int>(random() % 8));
            const std::size_t near = std::min<std::size_t>(bytes.size() - 4, 300);
            flip(bytes, whole, 4 + random() % near, static_cast<int>(random() % 8));
        }
    }
}
