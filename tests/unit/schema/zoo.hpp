// The recorded answers of real servers (tests/data/schema), read for tests.
#pragma once

#include <dmlib/schema/resolve.hpp>
#include <dmlib/schema/script_runner.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace zoo {

inline std::filesystem::path data_folder() {
    return std::filesystem::path(DMLIB_TEST_DATA) / "schema";
}

struct kind {
    const char* name;
    dmlib::server_kind server;
};

inline const std::vector<kind>& kinds() {
    using dmlib::flavor;
    static const std::vector<kind> all{{"mysql-5.6", {flavor::mysql, {5, 6, 14}}},
                                       {"mysql-8.0", {flavor::mysql, {8, 0, 33}}},
                                       {"mysql-9.7", {flavor::mysql, {9, 7, 4}}},
                                       {"mariadb-10.2", {flavor::mariadb, {10, 2, 11}}},
                                       {"mariadb-10.11", {flavor::mariadb, {10, 11, 19}}},
                                       {"mariadb-11.8", {flavor::mariadb, {11, 8, 6}}}};
    return all;
}

inline std::vector<nlohmann::json> lines(const std::string& file) {
    std::ifstream in(data_folder() / file);
    std::vector<nlohmann::json> out;
    for (std::string line; std::getline(in, line);) out.push_back(nlohmann::json::parse(line));
    return out;
}

inline bool verbose() {
    return std::getenv("DMLIB_ZOO") != nullptr;
}

}  // namespace zoo
