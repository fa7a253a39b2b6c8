// Reads task and source files: text -> structs and every problem at once.
#pragma once

#include <dmlib/config/problem.hpp>
#include <dmlib/config/source_file.hpp>
#include <dmlib/config/task_file.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

/// Limits and surroundings of a load.
struct load_options {
    /// Looks up ${NAME} in values. Not set: a ${NAME} is an error, as is any other text behind
    /// "${". "$${" stands for "${".
    std::function<std::optional<std::string>(std::string_view name)> environment;
    /// Reads the file that `password-file` names. Not set: the key is an error.
    std::function<std::optional<std::string>(const std::string& path)> read_file;
    secret password_key;     ///< of passwords that begin with encrypted_mark; see password.hpp
    secret dm_password_key;  ///< of DM's; where it is set, texts of DM's form are decrypted
    std::size_t max_bytes = std::size_t{16} << 20U;
    std::size_t max_nodes = 200'000;  ///< nodes after aliases are followed
    std::size_t max_depth = 32;
    std::size_t max_problems = 1'000;  ///< the rest is counted in one last line
};

/// What was read. The file's fields hold what could be read; use them only where `ok()`.
template <class File>
struct loaded {
    File file;
    std::vector<problem> problems;  ///< in the order of the file
    bool ok() const noexcept { return !has_errors(problems); }
};

/// `file_name` is only for messages. Never throws on bad input.
DMLIB_DECL loaded<task_file> load_task(std::string_view file_name,
                                       std::string_view text,
                                       const load_options& options = {});
DMLIB_DECL loaded<source_file> load_source(std::string_view file_name,
                                           std::string_view text,
                                           const load_options& options = {});

/// Checks a task and its sources against each other: each instance has a source file, no source-id
/// twice, sources without an instance (warning), positions that fit enable-gtid, case-sensitive
/// that differs, filters of sources.
DMLIB_DECL std::vector<problem> cross_check(const task_file& task,
                                            std::span<const source_file> sources);

/// The rules of one instance as the fluent classes take them; `source` may be null.
DMLIB_DECL filter make_filter(const task_file& task, const instance& in, const source_file* source);
DMLIB_DECL router make_router(const instance& in);
DMLIB_DECL mapper make_mapper(const instance& in);

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/config/impl/cross_check.ipp>
#include <dmlib/config/impl/load.ipp>
#endif
