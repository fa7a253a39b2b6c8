// dmlib encrypt, dmlib decrypt. The password comes by standard input: command lines are seen by
// all.
#include "password_command.hpp"

#include <dmlib/config/password.hpp>

#include <fmt/format.h>

#include "arguments.hpp"
#include "task_setup.hpp"
#include <iostream>
#include <iterator>

namespace {

using namespace dmlib;

struct password_input {
    config::load_options keys;
    std::string text;
    int exit_code = 0;
};

/// `whole`: everything but one newline at the end, for a password may hold newlines. Otherwise the
/// first line.
password_input read_input(std::span<const std::string> args, bool whole) {
    password_input in;
    const auto a = cli::parse_arguments(args, {{"--key-file", "--dm-key-file"}, {}});
    std::string problem = a.problem;
    if (problem.empty() && !a.positional.empty())
        problem = "the text comes by standard input: command lines are seen by other users";
    if (problem.empty()) problem = cli::read_keys(a, in.keys);
    if (!problem.empty()) {
        in.exit_code = cli::usage_error(problem, false);
        return in;
    }
    if (whole) {
        in.text.assign(std::istreambuf_iterator<char>(std::cin), {});
        if (!in.text.ends_with('\n')) return in;
        in.text.pop_back();
    } else {
        std::getline(std::cin, in.text);
    }
    if (in.text.ends_with('\r')) in.text.pop_back();
    return in;
}

int fail(const error& e) {
    fmt::print(stderr, "dmlib:1:1: {}. {}\n", e.message(), e.workaround());
    return 2;
}

}  // namespace

int run_encrypt_command(std::span<const std::string> args) {
    const auto in = read_input(args, true);
    if (in.exit_code != 0) return in.exit_code;
    if (in.keys.password_key.empty())
        return cli::usage_error("usage: dmlib encrypt --key-file FILE < password", false);
    const auto line = config::encrypt_password(secret(in.text), in.keys.password_key);
    if (!line) return fail(line.error());
    fmt::print("{}\n", *line);
    return 0;
}

int run_decrypt_command(std::span<const std::string> args) {
    const auto in = read_input(args, false);
    if (in.exit_code != 0) return in.exit_code;
    const bool ours = config::is_encrypted_password(in.text);
    const secret& key = ours ? in.keys.password_key : in.keys.dm_password_key;
    if (key.empty()) {
        return cli::usage_error(ours ? "the text is dmlib's: give --key-file"
                                     : "the text is not dmlib's; for DM's give --dm-key-file",
                                false);
    }
    const auto plain =
        ours ? config::decrypt_password(in.text, key) : config::decrypt_dm_password(in.text, key);
    if (!plain) return fail(plain.error());
    fmt::print("{}\n", plain->reveal());
    return 0;
}
