// Free space of the folder for files.
#pragma once

#include <dmlib/check/impl/internal/context.hpp>

#include <filesystem>
#include <memory>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

inline std::string size_text(std::uint64_t bytes) {
    return std::to_string((bytes + (std::uint64_t{1} << 20) - 1) >> 20) + " MiB";
}

/// A folder that is made later lies on the file system of the nearest one that is there.
inline void check_free_space(const check_input& in,
                             const std::vector<std::unique_ptr<source_context>>& sources,
                             findings& found) {
    if (in.data_dir.empty()) return;
    found.run("free_space", "enough free space in --data-dir", [&] {
        namespace fs = std::filesystem;
        std::error_code failed;
        fs::path at = fs::absolute(in.data_dir, failed);
        while (!fs::exists(at, failed) && at.has_parent_path() && at != at.parent_path())
            at = at.parent_path();
        if (!fs::is_directory(at, failed)) {
            return found.fail(
                "free_space",
                "--data-dir " + in.data_dir + ": " + at.string() + " is not a folder.",
                "Name a folder with --data-dir.");
        }
        const fs::space_info space = fs::space(at, failed);
        if (failed) {
            return found.warn("free_space",
                              "The check could not be made: " + failed.message(),
                              "Name a folder with --data-dir.");
        }
        std::uint64_t needed = 0;
        for (const auto& c : sources) {
            for (const auto& t : c->tables) needed += c->needs_copy() ? t.listed.bytes : 0;
        }
        if (space.available >= needed) return;
        found.warn("free_space",
                   "The file system of --data-dir " + in.data_dir + " has " +
                       size_text(space.available) + " free; the tables have " + size_text(needed) +
                       ".",
                   "Free " + size_text(needed - space.available) +
                       " there, or name another folder with --data-dir.");
    });
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
