// `dmlib config convert` and `dmlib config template`.
#pragma once

#include <span>
#include <string>

/// Returns the process's exit code.
int run_config_command(std::span<const std::string> args);
