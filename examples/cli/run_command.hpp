// dmlib run and dmlib check.
#pragma once

#include <span>
#include <string>

/// Exit codes of the contract: 0, 2, 3, 4, 130.
int run_run_command(std::span<const std::string> args);
int run_check_command(std::span<const std::string> args);
