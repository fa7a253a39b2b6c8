// What `dmlib COMMAND --help` prints.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cli {

/// The text for a command; empty where there is no such command.
std::string_view help_of(std::string_view command);
/// --help or -h stands among the arguments, before "--".
bool asks_for_help(std::span<const std::string> args);

}  // namespace cli
