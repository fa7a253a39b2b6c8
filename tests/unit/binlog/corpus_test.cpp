// Every file of the corpus and every recorded fixture against the vendors' own tools.
#include <dmlib/binlog/transaction_tracker.hpp>

#include <catch2/catch.hpp>

#include "binlog_files.hpp"
#include "vendor_text.hpp"
#include <iostream>

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;
namespace fs = std::filesystem;

namespace {

/// Walks through a tool's values as our rows come.
struct comparison {
    const vendor_decode& vendor;
    std::size_t at = 0;
    bool stop = false;
    std::size_t compared = 0;

    /// False: the tool left out the rest of this event.
    bool value(const column& c, std::size_t i, const value_view& v) {
        if (stop || at == vendor.values.size()) {
            stop = true;
            return false;
        }
        const vendor_value& theirs = vendor.values[at++];
        if (theirs.column != static_cast<int>(i + 1)) {
            FAIL_CHECK("column " << i + 1 << " here, @" << theirs.column << " there, value " << at);
            stop = true;
            return false;
        }
        if (theirs.unreadable) return false;
        std::string ours;
        const bool compressed = c.type == column_type::mariadb_blob_compressed ||
                                c.type == column_type::mariadb_varchar_compressed;
        const bool partial = theirs.text.starts_with("JSON_") || v.kind == value_kind::json_diff;
        if (!compressed && !partial && !same_as_vendor(c, v, theirs.text, ours)) {
            FAIL_CHECK("value " << at << " @" << i + 1 << ": ours " << ours.substr(0, 200)
                                << ", theirs " << theirs.text.substr(0, 200));
            return true;
        }
        ++compared;
        return true;
    }

    bool image(const table_map& map, std::span<const value_view> values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].is_absent()) continue;
            if (!value(map.columns()[i], i, values[i])) return false;
        }
        return true;
    }

    void rows(const rows_event& r) {
        if (!r.table) return;
        std::vector<value_view> before(r.table->column_count());
        std::vector<value_view> after(r.table->column_count());
        byte_arena arena;
        row_decoder decoder(r, {}, &arena);
        for (;;) {
            auto more = decoder.next(before, after);
            REQUIRE(more);
            if (!*more) return;
            if (r.kind != rows_kind::insert && !image(*r.table, before)) return;
            if (r.kind != rows_kind::remove && !image(*r.table, after)) return;
        }
    }
};

/// Compares a file with one tool's text. Returns whether the tool read it to its end.
bool compare_file(const std::string& bytes, const std::string& text) {
    const vendor_decode vendor = read_vendor(text);
    comparison c{vendor};
    std::vector<std::uint64_t> positions;
    const auto fault = read_all(bytes, bytes.size(), [&](const event& e) {
        // The tool prints the events inside a payload with the position behind it.
        positions.push_back(e.in_payload ? e.next : e.start);
        if (const auto* r = e.get<rows_event>()) c.rows(*r);
    });
    CHECK_FALSE(fault);
    if (fault) std::cerr << fault->to_string() << "\n";
    const bool all_positions = vendor.positions == positions;
    if (!all_positions) {
        // The tool stopped in between.
        REQUIRE(vendor.positions.size() <= positions.size());
        const std::vector<std::uint64_t> begin(
            positions.begin(),
            positions.begin() + static_cast<std::ptrdiff_t>(vendor.positions.size()));
        CHECK(vendor.positions == begin);
    }
    CHECK(c.at == vendor.values.size());
    return all_positions && c.at == vendor.values.size() && !c.stop;
}

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
