// Every file of the corpus and every recorded fixture against the vendors' own tools.
#include <dmlib/binlog/transaction_tracker.hpp>

#include <catch2/catch.hpp>

#include "binlog_files.hpp"
#include "vendor_compare.hpp"
#include <iostream>

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;
namespace fs = std::filesystem;

namespace {

struct case_files {
    fs::path binlog;
    std::vector<fs::path> decoded;
};

std::vector<case_files> recorded() {
    std::vector<case_files> out;
    for (const auto& entry : fs::directory_iterator(fixtures())) {
        std::string name = entry.path().string();
        if (!name.ends_with(".binlog.gz")) continue;
        name.replace(name.size() - 10, 10, ".txt.gz");
        out.push_back({entry.path(), {name}});
    }
    return out;
}

std::vector<case_files> cases_of(const fs::path& root) {
    std::vector<case_files> out;
    const fs::path binlogs = root / "binlogs";
    for (const auto& entry : fs::recursive_directory_iterator(binlogs)) {
        const std::string name = fs::relative(entry.path(), binlogs).string();
        if (!entry.is_regular_file() || name.starts_with("decoded-by")) continue;
        if (read_file(entry.path()).substr(0, 4) !=
            "\xfe"
            "bin")
            continue;
        case_files c{entry.path(), {}};
        for (const char* tool : {"decoded-by-mysqlbinlog", "decoded-by-mariadb-binlog"}) {
            for (const char* ending : {".txt", ".txt.gz"}) {
                const fs::path decoded = binlogs / tool / (name + ending);
                if (fs::exists(decoded)) c.decoded.push_back(decoded);
            }
        }
        out.push_back(c);
    }
    for (const auto& entry : fs::recursive_directory_iterator(root / "types" / "replayed")) {
        std::string name = entry.path().string();
        if (!name.ends_with(".binlog.gz")) continue;
        name.replace(name.size() - 10, 10, ".mysqlbinlog.txt.gz");
        out.push_back({entry.path(), {name}});
    }
    return out;
}

}  // namespace

TEST_CASE("recorded binlogs decode as the vendors' tools say", "[recorded]") {
    const auto cases = recorded();
    REQUIRE(cases.size() >= 9);
    for (const case_files& c : cases) {
        INFO(c.binlog.string());
        CHECK(compare_file(read_file(c.binlog), read_file(c.decoded.front())));
    }
}

TEST_CASE("recorded binlogs keep the grammar of the stream", "[recorded]") {
    for (const case_files& c : recorded()) {
        INFO(c.binlog.string());
        transaction_tracker tracker;
        read_all(read_file(c.binlog), 1 << 20, [&](const event& e) {
            auto t = tracker.on(e);
            if (!t) FAIL_CHECK(t.error().to_string());
        });
        CHECK_FALSE(tracker.in_transaction());
    }
}

TEST_CASE("the corpus decodes as the vendors' tools say", "[corpus]") {
    const auto root = corpus();
    if (!root) {
        std::cerr << "SKIPPED: set DMLIB_CORPUS to the corpus folder to compare with the vendors' "
                     "tools\n";
        return;
    }
    const auto cases = cases_of(*root);
    REQUIRE(cases.size() > 30);
    for (const case_files& c : cases) {
        INFO(c.binlog.string());
        const std::string bytes = read_file(c.binlog);
        bool complete = false;
        for (const fs::path& decoded : c.decoded) {
            INFO(decoded.string());
            complete = compare_file(bytes, read_file(decoded)) || complete;
        }
        CHECK(!c.decoded.empty());
        CHECK(complete);
    }
}

TEST_CASE("the corpus keeps the grammar of the stream", "[corpus]") {
    const auto root = corpus();
    if (!root) return;
    for (const case_files& c : cases_of(*root)) {
        INFO(c.binlog.string());
        transaction_tracker tracker;
        bool good = true;
        read_all(read_file(c.binlog), 1 << 20, [&](const event& e) {
            auto t = tracker.on(e);
            if (t || !good) return;
            good = false;
            FAIL_CHECK(t.error().to_string());
        });
    }
}
