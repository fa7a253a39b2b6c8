// Test files: plain or gzipped, whole in memory.
#pragma once

#include <dmlib/binlog/file_reader.hpp>
#include <dmlib/binlog/rows.hpp>

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace binlog_test {

inline std::string read_file(const std::filesystem::path& path) {
    std::string out;
    gzFile file = gzopen(path.c_str(), "rb");  // reads plain files too
    if (file == nullptr) return out;
    char piece[1 << 16];
    int n = 0;
    while ((n = gzread(file, piece, sizeof piece)) > 0)
        out.append(piece, static_cast<std::size_t>(n));
    gzclose(file);
    return out;
}

/// Folder of the corpus, or of the recorded fixtures of the tree.
inline std::optional<std::filesystem::path> corpus() {
    const char* dir = std::getenv("DMLIB_CORPUS");
    if (dir == nullptr || *dir == '\0') return std::nullopt;
    return std::filesystem::path(dir);
}
inline std::filesystem::path fixtures() {
    // tests/unit/binlog/binlog_files.hpp -> tests/data/binlog
    return std::filesystem::path(DMLIB_TEST_DATA) / "binlog";
}

/// Runs `each` on all events. The fault, where there is one.
inline std::optional<dmlib::error> read_all(
    std::string_view bytes,
    std::size_t piece,
    const std::function<void(const dmlib::binlog::event&)>& each,
    dmlib::binlog::file_reader_options options = {}) {
    dmlib::binlog::file_reader reader(std::move(options));
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        reader.feed(dmlib::as_bytes(part));
        for (;;) {
            auto e = reader.next();
            if (!e) return e.error();
            if (*e == nullptr) break;
            each(**e);
        }
    }
    auto done = reader.finish();
    if (!done) return done.error();
    return std::nullopt;
}

}  // namespace binlog_test
