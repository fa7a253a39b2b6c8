// `dmlib explain` and `dmlib run --dry-run`: what a task would do.
#pragma once

#include <dmlib/task/task.hpp>

#include "arguments.hpp"
#include "task_setup.hpp"
#include <span>
#include <string>

/// Returns the process's exit code.
int run_explain_command(std::span<const std::string> args);

namespace cli {
/// Walks --from to --to of every source and prints counts and statements.
int run_rehearsal(const arguments& args, const task_setup& setup, dmlib::task& t, bool json);
}  // namespace cli
