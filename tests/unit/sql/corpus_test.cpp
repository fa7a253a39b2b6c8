// Other people's statements against what real servers said about them. Needs DMLIB_CORPUS.
#include <dmlib/sql/script_splitter.hpp>

#include <nlohmann/json.hpp>
#include <zlib.h>

#include "support.hpp"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace sql_test;

namespace {

const char* corpus() {
    const char* folder = std::getenv("DMLIB_CORPUS");
    if (folder == nullptr) std::cout << "skipped: DMLIB_CORPUS is not set\n";
    return folder;
}

std::string gunzip(const std::filesystem::path& path) {
    std::string out;
    gzFile in = gzopen(path.c_str(), "rb");
    if (in == nullptr) return out;
    char buffer[65536];
    for (int n; (n = gzread(in, buffer, sizeof buffer)) > 0;) {
        out.append(buffer, static_cast<std::size_t>(n));
    }
    gzclose(in);
    return out;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// "mariadb-10.11.18" as the options of that server.
parse_options server_of(const std::string& name) {
    parse_options o;
    o.flavor = name.starts_with("mariadb") ? flavor::mariadb : flavor::mysql;
    o.version = parse_server_version(name.substr(name.find('-') + 1)).version;
    return o;
}

struct tally {
    std::size_t statements = 0;
    std::size_t refused = 0;           // by us, not by the server's parser
    std::size_t wrongly_accepted = 0;  // as table DDL, though a syntax error for the server
    std::size_t not_identical = 0;
    std::string list;
};

void check_one(const nlohmann::json& object, const parse_options& o, tally& t) {
    const std::string text = object["sql"];
    const bool ok = object["ok"];
    const bool syntax_error = !ok && object["errno"] == 1064;
    const result<statement> s = parse_statement(text, o);
    ++t.statements;
    if (syntax_error) {
        if (!s || !is_table_ddl(s->kind)) return;
        ++t.wrongly_accepted;
        t.list += "accepted: " + text + "\n";
        return;
    }
    if (!s || s->kind == statement_kind::unknown) {
        ++t.refused;
        t.list += "refused: " + text + "\n   " + (s ? "unknown" : s.error().message()) + "\n";
        return;
    }
    const auto identity = [&](const std::string& one) {
        const std::string fault = identity_fault(one, o);
        if (fault.empty()) return;
        ++t.not_identical;
        t.list += "not the same: " + one + "\n   " + fault + "\n";
    };
    identity(text);
    if (!object.contains("after")) return;
    for (const auto& table : object["after"].items()) {
        if (!table.value().is_string()) continue;
        const std::string show = table.value();
        if (!parse_statement(show, o)) t.list += "refused: " + show + "\n", ++t.refused;
        identity(show);
    }
}

}  // namespace

TEST_CASE("no statement that a server's parser accepts is refused", "[corpus]") {
    const char* folder = corpus();
    if (folder == nullptr) return;
    const std::filesystem::path oracle = std::filesystem::path{folder} / "ddl" / "oracle";
    for (const auto& server : std::filesystem::directory_iterator{oracle}) {
        const std::string name = server.path().filename().string();
        tally t;
        for (const auto& file : std::filesystem::directory_iterator{server.path()}) {
            std::istringstream lines{gunzip(file.path())};
            for (std::string line; std::getline(lines, line);) {
                check_one(nlohmann::json::parse(line), server_of(name), t);
            }
        }
        std::cout << name << ": " << t.statements << " statements, " << t.refused << " refused, "
                  << t.wrongly_accepted << " accepted that are syntax errors there, "
                  << t.not_identical << " print with another meaning\n"
                  << t.list;
        CHECK(t.statements > 1000);
        CHECK(t.refused == 0);
        CHECK(t.wrongly_accepted == 0);
        CHECK(t.not_identical == 0);
    }
}

TEST_CASE("printing keeps the meaning of every statement that parses", "[corpus]") {
    const char* folder = corpus();
    if (folder == nullptr) return;
    const auto root = nlohmann::json::parse(
        read(std::filesystem::path{folder} / "ddl" / "tidb-parser-cases.json"));
    std::size_t count = 0;
    std::string faults;
    const std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& j) {
        if (j.is_string()) {
            const std::string text = j;
            for (parse_options o : {mysql(9, 7, 4), mariadb(11, 8, 6)}) {
                o.tidb = o.flavor == flavor::mysql;
                const std::string fault = identity_fault(text, o);
                if (!fault.empty()) faults += text + "\n   " + fault + "\n";
                ++count;
            }
        }
        if (j.is_structured()) {
            for (const auto& child : j) walk(child);
        }
    };
    walk(root);
    INFO(faults);
    CHECK(faults.empty());
    CHECK(count > 5000);
}

TEST_CASE("the statements of the client scripts parse or are refused with a place", "[corpus]") {
    const char* folder = corpus();
    if (folder == nullptr) return;
    std::size_t count = 0;
    const auto base = std::filesystem::path{folder} / "ddl" / "debezium+debezium";
    for (const auto& file : std::filesystem::recursive_directory_iterator{base}) {
        if (!file.is_regular_file()) continue;
        const std::string script = read(file.path());
        for (const parse_options& o : {mysql(9, 7, 4), mariadb(11, 8, 6)}) {
            for (const script_statement& s : split_script(script, o)) {
                const result<statement> r = parse_statement(s.text, o);
                if (!r) CHECK(r.error().message().starts_with("line "));
                CHECK(classify(s.text, o) == (r ? r->kind : classify(s.text, o)));
                ++count;
            }
        }
    }
    CHECK(count > 4000);
}
