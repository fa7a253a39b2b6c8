// From the files and options of a command line to a task.
#pragma once

#include <dmlib/config/load.hpp>
#include <dmlib/config/password.hpp>
#include <dmlib/task/task.hpp>

#include "arguments.hpp"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// Everything that `run` and `check` read.
struct task_setup {
    dmlib::config::task_file file;
    std::vector<dmlib::config::source_file> sources;
    dmlib::task_options options;
    bool ok = false;
    int exit_code = 2;
};

/// The key in a key file. Errors: config_file.
dmlib::result<dmlib::secret> read_key_file(const std::string& path);
/// Takes --key-file and --dm-key-file, or DMLIB_KEY_FILE and DMLIB_DM_KEY_FILE. What is wrong, or
/// "".
std::string read_keys(const arguments& args, dmlib::config::load_options& out);

/// Reads TASK.yaml and every --source file; prints every problem to stderr, one a line
/// (FILE:LINE:COLUMN: message), with `json` also one ERROR object each.
task_setup read_files(const arguments& args, bool json);

/// Reads --until, --memory-limit and --give-up-after into `setup.options`. Empty: fine; else what
/// is wrong.
std::string read_run_options(const arguments& args, task_setup& setup);

/// What --until takes. Empty: fine; else what is wrong.
std::string read_until(const std::string& text, dmlib::until_options& out);

/// The task with its sources and rules.
std::unique_ptr<dmlib::task> make_task(const task_setup& setup,
                                       boost::asio::any_io_executor executor);

/// The file's content; nothing where it cannot be read.
std::optional<std::string> read_text(const std::string& path);
/// "The file cannot be read", as a problem.
dmlib::config::problem file_problem(const std::string& path);
/// One line to stderr; with `json` an ERROR object too.
void print_problem(const dmlib::config::problem& p, bool json);

/// Prints a problem of the command line itself.
int usage_error(const std::string& message, bool json);

}  // namespace cli
