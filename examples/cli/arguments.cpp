#include "arguments.hpp"

#include <charconv>

namespace cli {

std::optional<std::string> arguments::last(const std::string& name) const {
    const auto at = values.find(name);
    if (at == values.end()) return std::nullopt;
    return at->second.back();
}

arguments parse_arguments(std::span<const std::string> args, const option_list& known) {
    arguments out;
    bool options = true;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const std::string& arg = args[i];
        if (!options || !arg.starts_with("--")) {
            out.positional.push_back(arg);
            continue;
        }
        if (arg == "--") {
            options = false;
            continue;
        }
        const std::size_t equals = arg.find('=');
        const std::string name = arg.substr(0, equals);
        if (known.flags.contains(name) && equals == std::string::npos) {
            out.flags.insert(name);
        } else if (!known.with_value.contains(name)) {
            out.problem = "unknown option " + arg;
            return out;
        } else if (equals != std::string::npos) {
            out.values[name].push_back(arg.substr(equals + 1));
        } else if (i + 1 == args.size()) {
            out.problem = "option " + name + " needs a value";
            return out;
        } else {
            out.values[name].push_back(args[++i]);
        }
    }
    return out;
}

namespace {

std::string lower_unit(const char* from, const char* to) {
    std::string unit(from, to);
    for (char& c : unit) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return unit;
}

}  // namespace

std::optional<std::size_t> parse_size(const std::string& text) {
    std::size_t n = 0;
    const char* end = text.data() + text.size();
    const auto [rest, bad] = std::from_chars(text.data(), end, n);
    if (bad != std::errc{}) return std::nullopt;
    const std::string unit = lower_unit(rest, end);
    int shift = 0;
    if (unit == "k" || unit == "kb" || unit == "kib")
        shift = 10;
    else if (unit == "m" || unit == "mb" || unit == "mib")
        shift = 20;
    else if (unit == "g" || unit == "gb" || unit == "gib")
        shift = 30;
    else if (!unit.empty() && unit != "b")
        return std::nullopt;
    if (n > (static_cast<std::size_t>(-1) >> shift)) return std::nullopt;
    return n << shift;
}

std::optional<long long> parse_duration(const std::string& text) {
    if (text == "never") return -1;
    long long total = 0;
    const char* p = text.data();
    const char* end = p + text.size();
    if (p == end) return std::nullopt;
    while (p != end) {
        long long n = 0;
        const auto [rest, bad] = std::from_chars(p, end, n);
        if (bad != std::errc{} || n < 0 || n > 1'000'000'000) return std::nullopt;
        p = rest;
        const char* unit_begin = p;
        while (p != end && (*p < '0' || *p > '9')) ++p;
        const std::string unit = lower_unit(unit_begin, p);
        if (unit == "ms")
            total += n;
        else if (unit == "s" || unit.empty())
            total += n * 1000;
        else if (unit == "m" || unit == "min")
            total += n * 60'000;
        else if (unit == "h")
            total += n * 3'600'000;
        else
            return std::nullopt;
    }
    return total;
}

}  // namespace cli
