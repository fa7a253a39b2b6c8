// DM's own task and source files: data that is not part of this tree, found through DMLIB_CORPUS.
// Each loads, or gives exactly the errors listed here with the reason.
#include <dmlib/config/load.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace dmlib;
using namespace dmlib::config;

namespace {

using codes = std::multiset<errc>;

// file -> the codes of its errors. not_supported: the feature comes in a later version.
std::map<std::string, codes> expected_errors() {
    const errc later = errc::config_not_supported;
    const errc bad = errc::config_bad_value;
    std::map<std::string, codes> out{
        // Placeholders that DM's scripts fill in: task-mode, two offsets, two GTID sets.
        {"adjust_gtid/conf/dm-task.yaml", {bad, bad, bad, bad, bad}},
        // ... import-mode.
        {"extend_column/conf/dm-task.yaml", {bad}},
        // The event "truncate" does not exist; DM drops the whole rule with a line in its log.
        {"all_mode/conf/dm-task.yaml", {errc::config_rule}},
        // Not a task file; DM's test expects a failure.
        {"dmctl_basic/conf/dm-task2.yaml",
         {errc::config_unknown_key,
          errc::config_missing_key,
          errc::config_missing_key,
          errc::config_missing_key,
          errc::config_missing_key}},
        // is-sharding, and meta without a position (DM's test expects that failure) twice.
        {"dmctl_basic/conf/dm-task7.yaml",
         {later, errc::config_missing_key, errc::config_missing_key}},
        // An expression with NOW(): another value in every run.
        {"expression_filter/conf/dm-task2.yaml", {errc::config_rule}},
        // on-duplicate-logical: ignore.
        {"full_mode/conf/dm-task.yaml", {later}},
        // import-mode: import-into.
        {"import_into_mode/conf/dm-task.yaml", {later}},
        // validators: mode full.
        {"dmctl_command/conf/dm-task.yaml", {later}},
        // is-sharding and shard-mode together.
        {"dmctl_basic/conf/get_task.yaml", {later, later}},
        {"downstream_diff_index/conf/dm-task.yaml", {later, later}},
    };
    // shard-mode or is-sharding.
    for (const char* file : {"check_task/conf/task-sharding.yaml",
                             "dmctl_basic/conf/bar-task.yaml",
                             "dmctl_basic/conf/baz-task.yaml",
                             "dmctl_basic/conf/foo-task.yaml",
                             "dmctl_basic/conf/dm-task.yaml",
                             "dmctl_basic/conf/dm-task3.yaml",
                             "dmctl_basic/conf/dm-task4.yaml",
                             "dmctl_basic/conf/dm-task5.yaml",
                             "dmctl_basic/conf/dm-task6.yaml",
                             "dmctl_command/conf/dm-task3.yaml"}) {
        out[file] = {later};
    }
    for (const char* folder : {"handle_error", "handle_error_2", "handle_error_3"}) {
        for (const char* kind : {"optimistic", "pessimistic"}) {
            out[std::string(folder) + "/conf/double-source-" + kind + ".yaml"] = {later, later};
        }
        for (const char* source : {"source1", "source2"}) {  // enable-relay
            out[std::string(folder) + "/conf/" + source + ".yaml"] = {later};
        }
    }
    for (const char* file : {"adjust_gtid/conf/source1.yaml",
                             "all_mode/conf/source1.yaml",
                             "async_checkpoint_flush/conf/source1.yaml",
                             "check_task/conf/source1.yaml",
                             "dm_syncer/conf/source2.yaml",
                             "dmctl_command/conf/source2.yaml",
                             "drop_column_with_index/conf/source1.yaml",
                             "foreign_key/conf/source1.yaml",
                             "gtid/conf/source1.yaml",
                             "ha_cases3_1/conf/source1.yaml",
                             "ha_cases3_1/conf/source2.yaml",
                             "http_apis/conf/source1.yaml",
                             "import_v10x/conf/source2.yaml"}) {
        out[file] = {later};  // enable-relay
    }
    return out;
}

}  // namespace

TEST_CASE("corpus: DM's own files") {
    const char* corpus = std::getenv("DMLIB_CORPUS");
    const std::filesystem::path root = std::string(corpus == nullptr ? "" : corpus) + "/dm-config";
    if (corpus == nullptr || !std::filesystem::exists(root)) {
        WARN("skipped: DMLIB_CORPUS does not name the corpus folder");
        return;
    }
    const auto expected = expected_errors();
    int files = 0;
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file() || entry.path().extension() != ".yaml") continue;
        const std::string name = std::filesystem::relative(entry.path(), root).generic_string();
        std::ifstream in(entry.path());
        std::ostringstream text;
        text << in.rdbuf();
        const bool is_source =
            entry.path().filename().string().find("source") != std::string::npos &&
            entry.path().filename().string().find("single-source") == std::string::npos &&
            entry.path().filename().string().find("double-source") == std::string::npos;
        const auto problems = is_source ? load_source(name, text.str()).problems
                                        : load_task(name, text.str()).problems;
        codes got;
        std::string lines;
        for (const problem& p : problems) {
            if (p.severity != severity::error) continue;
            got.insert(p.what.code());
            lines += to_line(p) + "\n";
            CHECK(p.what.place().line > 0);
        }
        INFO(name << "\n" << lines);
        const auto wanted = expected.find(name);
        found += wanted != expected.end() ? 1 : 0;
        CHECK(got == (wanted == expected.end() ? codes{} : wanted->second));
        ++files;
    }
    CHECK(files == 159);
    CHECK(found == expected.size());
}
