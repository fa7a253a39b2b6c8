#pragma once

#include <span>
#include <string>

int run_encrypt_command(std::span<const std::string> args);
int run_decrypt_command(std::span<const std::string> args);
