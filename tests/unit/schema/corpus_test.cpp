// The corpus' DDL against SHOW CREATE TABLE of real servers. Needs DMLIB_CORPUS; prints the
// agreement per server. DMLIB_ZOO=1 shows each difference.
#include <dmlib/schema/show_create.hpp>

#include <catch2/catch.hpp>

#include "zoo.hpp"
#include <cstdio>
#include <iostream>
#include <map>

using namespace dmlib;

namespace {

std::vector<nlohmann::json> packed_lines(const std::string& file) {
    std::vector<nlohmann::json> out;
    FILE* const pipe = popen(("gzip -dc '" + file + "'").c_str(), "r");
    if (pipe == nullptr) return out;
    std::string line;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
        if (c != '\n') {
            line.push_back(static_cast<char>(c));
            continue;
        }
        out.push_back(nlohmann::json::parse(line));
        line.clear();
    }
    pclose(pipe);
    return out;
}

/// What users of the contract compare: no space, no case in expressions, no introducers; the next
/// AUTO_INCREMENT value and MySQL's partition text are not part of it.
std::string comparable(const std::string& text) {
    std::string out;
    const auto skip = [&](std::size_t& i, const char* word) {
        const std::string w = word;
        if (text.compare(i, w.size(), w) != 0) return false;
        i += w.size();
        return true;
    };
    for (std::size_t i = 0; i < text.size();) {
        if (text.compare(i, 22, "\n/*!50100 PARTITION BY") == 0 ||
            text.compare(i, 22, "\n/*!50500 PARTITION BY") == 0 ||
            text.compare(i, 14, "\n PARTITION BY") == 0) {
            break;
        }
        if (skip(i, " AUTO_INCREMENT=")) {
            while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
            continue;
        }
        if (skip(i, "_utf8mb4'") || skip(i, "_utf8mb3'") || skip(i, "_latin1'")) {
            out.push_back('\'');
            continue;
        }
        out.push_back(text[i++]);
    }
    return out;
}

struct corpus_kind {
    const char* folder;
    server_kind server;
    const char* charset;
};

struct totals {
    int good = 0;
    int bad = 0;
    int unparsed = 0;
    int refused = 0;
    int accepted_wrongly = 0;
};

totals run(const std::string& root, const corpus_kind& k) {
    totals t;
    std::string file;
    schema::script_runner runner{schema::script_options{}};
    for (const auto& record :
         packed_lines(root + "/ddl/oracle/" + k.folder + "/debezium+debezium.jsonl.gz")) {
        if (record["f"] != file) {
            file = record["f"];
            schema::script_options o;
            o.server = k.server;
            o.charset = k.charset;
            o.database = "test";
            runner = schema::script_runner(o);
        }
        auto& known = const_cast<schema::catalog&>(runner.definitions());
        const schema::catalog before = known;
        const std::string statement = record["sql"];
        // The recording left USE out; the table's schema says where the session was.
        std::string schema = "test";
        if (record.contains("after") && !record["after"].empty()) {
            const std::string first = record["after"].begin().key();
            schema = first.substr(0, first.find('.'));
        }
        if (known.find_schema(schema) == nullptr)
            runner.run_statement("CREATE DATABASE `" + schema + "`");
        if (statement.find("USE") != 0) runner.run_statement("USE `" + schema + "`");
        const auto entry = runner.run_statement(statement);
        if (!record["ok"].get<bool>()) {
            if (entry.outcome == schema::statement_result::applied) ++t.accepted_wrongly;
            known = before;
            continue;
        }
        std::string why = entry.error;
        bool good = true;
        if (entry.outcome == schema::statement_result::unparsed) {
            ++t.unparsed;
            good = false;
        } else if (entry.outcome == schema::statement_result::refused) {
            ++t.refused;
            good = false;
        }
        if (record.contains("after")) {
            for (const auto& [name, text] : record["after"].items()) {
                if (!text.is_string()) continue;
                const auto dot = name.find('.');
                const auto table =
                    runner.definitions().find(name.substr(0, dot), name.substr(dot + 1));
                const std::string shown = comparable(text.get<std::string>());
                const std::string printed =
                    table == nullptr ? "missing"
                                     : comparable(schema::print_create_table(*table, k.server));
                if (shown == printed) continue;
                good = false;
                why += "\n" + shown + "\n--\n" + printed;
                auto right = schema::table_from_show_create(
                    text.get<std::string>(), k.server, name.substr(0, dot));
                if (right.has_value()) known.put(*right);
            }
        }
        ++(good ? t.good : t.bad);
        if (!good && zoo::verbose()) {
            std::cout << k.folder << " " << file << "\n" << statement << "\n" << why << "\n====\n";
        }
    }
    return t;
}

}  // namespace

TEST_CASE("the corpus' DDL gives the tables that real servers have", "[schema][corpus]") {
    const char* const root = std::getenv("DMLIB_CORPUS");
    if (root == nullptr) {
        std::cout << "SKIPPED: DMLIB_CORPUS is not set\n";
        return;
    }
    const corpus_kind kinds[] = {
        {"mariadb-10.11.18", {flavor::mariadb, {10, 11, 18}}, ""},
        {"mariadb-11.8.6", {flavor::mariadb, {11, 8, 6}}, ""},
        {"mysql-9.7.4", {flavor::mysql, {9, 7, 4}}, ""},
    };
    for (const corpus_kind& k : kinds) {
        const totals t = run(root, k);
        const double share = 100.0 * t.good / (t.good + t.bad);
        std::cout << k.folder << ": " << t.good << " of " << t.good + t.bad << " statements agree ("
                  << share << " %), unparsed " << t.unparsed << ", refused " << t.refused
                  << ", taken although the server refused " << t.accepted_wrongly << "\n";
        CHECK(share >= 99.5);
    }
}
