// Definitions and histories against what six real servers answered.
#include "zoo.hpp"

#include <dmlib/schema/show_create.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>

using namespace dmlib;

namespace {

struct score {
    int good = 0;
    int bad = 0;
};

/// The text with its lines in order: MySQL 5.6 prints foreign keys in no certain one.
std::string sorted_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::string line;
    for (const char c : text + "\n") {
        if (c != '\n') {
            line.push_back(c);
            continue;
        }
        if (line.ends_with(',')) line.pop_back();
        lines.push_back(line);
        line.clear();
    }
    std::sort(lines.begin(), lines.end());
    std::string out;
    for (const auto& l : lines) out += l + "\n";
    return out;
}

/// SHOW CREATE TABLE without what only the server knows: the next AUTO_INCREMENT value and the
/// charsets that it derives for strings inside expressions.
std::string comparable(std::string text) {
    for (const char* introducer : {"_utf8mb4'", "_utf8mb3'", "_latin1'"}) {
        for (auto at = text.find(introducer); at != std::string::npos; at = text.find(introducer)) {
            text.erase(at, std::string(introducer).size() - 1);
        }
    }
    const auto at = text.find(" AUTO_INCREMENT=");
    if (at == std::string::npos) return text;
    auto end = at + 16;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    return text.erase(at, end - at);
}

score round_trip(const zoo::kind& k) {
    score s;
    for (const auto& record : zoo::lines(std::string(k.name) + ".jsonl")) {
        if (!record.contains("after")) continue;
        for (const auto& [name, text] : record["after"].items()) {
            const std::string shown = text.get<std::string>();
            auto t = schema::table_from_show_create(shown, k.server, "zoo");
            const std::string printed =
                t.has_error() ? t.error().to_string() : schema::print_create_table(*t, k.server);
            if (printed == shown || (std::string(k.name) == "mysql-5.6" &&
                                     sorted_lines(printed) == sorted_lines(shown))) {
                ++s.good;
                continue;
            }
            ++s.bad;
            if (zoo::verbose()) {
                std::cout << k.name << " round trip\n"
                          << shown << "\n--\n"
                          << printed << "\n====\n";
            }
        }
    }
    return s;
}

schema::script_runner fresh_runner(const zoo::kind& k, const std::string& options) {
    schema::script_options o;
    o.server = k.server;
    schema::script_runner runner(o);
    runner.run_statement("CREATE DATABASE zoo " + options);
    runner.run_statement("USE zoo");
    return runner;
}

score history(const zoo::kind& k) {
    score s;
    schema::script_runner runner{schema::script_options{}};
    std::string where;
    for (const auto& record : zoo::lines(std::string(k.name) + ".jsonl")) {
        if (record.contains("case")) {
            where = record["case"];
            runner = fresh_runner(k, record["options"]);
            continue;
        }
        const std::string statement = record["sql"];
        auto& known = const_cast<schema::catalog&>(runner.definitions());
        const schema::catalog before = known;
        const auto entry = runner.run_statement(statement);
        const bool accepted = record["errno"] == 0;
        if (!accepted) {
            // What the server refuses changes nothing there, whatever we would make of it.
            known = before;
            continue;
        }
        // MySQL 5.6 prints partition expressions as they were written, and foreign keys that were
        // added later in front.
        const bool old_mysql = std::string(k.name) == "mysql-5.6";
        const bool skipped = statement.find(") SELECT ") != std::string::npos ||
                             (old_mysql && where == "partitions");
        if (skipped) continue;  // docs/limits.md
        bool good = entry.outcome != schema::statement_result::unparsed &&
                    entry.outcome != schema::statement_result::refused;
        std::string why = entry.error;
        for (const auto& [name, text] : record["after"].items()) {
            const auto dot = name.find('.');
            const auto t = runner.definitions().find(name.substr(0, dot), name.substr(dot + 1));
            const std::string shown = comparable(text.get<std::string>());
            const std::string printed =
                t == nullptr ? "missing" : comparable(schema::print_create_table(*t, k.server));
            if (printed == shown || (old_mysql && sorted_lines(printed) == sorted_lines(shown)))
                continue;
            good = false;
            why += "\n" + shown + "\n--\n" + printed;
        }
        for (const auto& name : record["gone"]) {
            const std::string text = name.get<std::string>();
            const auto dot = text.find('.');
            if (runner.definitions().find(text.substr(0, dot), text.substr(dot + 1)) == nullptr)
                continue;
            good = false;
            why += "\nstill there: " + text;
        }
        ++(good ? s.good : s.bad);
        if (!good && zoo::verbose()) {
            std::cout << k.name << " " << where << "\n" << statement << "\n" << why << "\n====\n";
        }
        // The history goes on from what the server has.
        if (good) continue;
        for (const auto& [name, text] : record["after"].items()) {
            const auto dot = name.find('.');
            auto t = schema::table_from_show_create(
                text.get<std::string>(), k.server, name.substr(0, dot));
            if (t.has_value()) known.put(*t);
        }
        for (const auto& name : record["gone"]) {
            const std::string text = name.get<std::string>();
            known.erase(text.substr(0, text.find('.')), text.substr(text.find('.') + 1));
        }
    }
    return s;
}

}  // namespace

TEST_CASE("SHOW CREATE TABLE of real servers is read and printed back", "[schema][zoo]") {
    for (const zoo::kind& k : zoo::kinds()) {
        const score s = round_trip(k);
        std::cout << k.name << ": round trip " << s.good << " of " << s.good + s.bad << "\n";
        CHECK(s.good > 50);
        CHECK(s.bad == 0);
    }
}

TEST_CASE("histories of real servers are followed", "[schema][zoo]") {
    for (const zoo::kind& k : zoo::kinds()) {
        const score s = history(k);
        std::cout << k.name << ": history " << s.good << " of " << s.good + s.bad << "\n";
        CHECK(s.good > 50);
        CHECK(s.bad == 0);
    }
}
