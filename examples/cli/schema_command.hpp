// dmlib schema: applies the DDL of a script to an empty catalog and prints the tables.
#pragma once

#include <span>
#include <string>

/// Returns the exit code: 0, 2 (usage), 4 (a statement was not understood).
int run_schema_command(std::span<const std::string> args);
