// dmlib binlog [--json] [--flavor auto|mysql|mariadb] [--no-rows] [--start-pos N] FILE...
#pragma once

#include <span>
#include <string>

/// Decodes binlog files to stdout. Returns the exit code: 0, 2 (usage), 4 (a fault in a file).
int run_binlog_command(std::span<const std::string> args);
