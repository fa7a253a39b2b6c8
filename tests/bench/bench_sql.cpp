// How many DDL statements a second one core parses, beside a probe that only touches the bytes.
// Times are processor time, the best of some rounds. One JSON object.
//     bench_sql [--rounds N] [FILE...]     FILE: a script; without one, statements of every day
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/script_splitter.hpp>

#include <fmt/format.h>

#include "cpu_time.hpp"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

using namespace dmlib;

namespace {

volatile std::uint64_t kept;  // results that the compiler may not leave out

/// What a source's binlog has of DDL on most days.
std::vector<std::string> typical() {
    return {
        "ALTER TABLE `orders` ADD COLUMN `note` VARCHAR(255) DEFAULT NULL AFTER `state`",
        "ALTER TABLE shop.customers ADD INDEX idx_email (email), ADD UNIQUE KEY uk_phone (phone)",
        "ALTER TABLE t1 DROP COLUMN old_flag, ALGORITHM=INPLACE, LOCK=NONE",
        "ALTER TABLE `user` MODIFY `name` varchar(64) CHARACTER SET utf8mb4 NOT NULL DEFAULT ''",
        "CREATE INDEX idx_created ON events (created_at DESC)",
        "DROP TABLE IF EXISTS `tmp_report`",
        "TRUNCATE TABLE session_cache",
        "RENAME TABLE `orders_new` TO `orders`, `orders` TO `orders_old`",
        "CREATE TABLE `t` (`id` bigint unsigned NOT NULL AUTO_INCREMENT, `k` int NOT NULL DEFAULT "
        "0, "
        "`c` char(120) NOT NULL DEFAULT '', PRIMARY KEY (`id`), KEY `k_1` (`k`)) ENGINE=InnoDB",
        "ALTER TABLE `logs` DROP PARTITION p202401",
        "DROP INDEX idx_created ON events",
        "ALTER TABLE accounts CHANGE balance balance DECIMAL(14,2) NOT NULL DEFAULT 0.00",
    };
}

std::vector<std::string> statements_of(const std::string& file, const sql::parse_options& o) {
    std::ifstream in(file, std::ios::binary);
    const std::string script{std::istreambuf_iterator<char>(in), {}};
    std::vector<std::string> out;
    for (const sql::script_statement& s : sql::split_script(script, o)) out.emplace_back(s.text);
    return out;
}

void measure(const std::string& name,
             const std::vector<std::string>& statements,
             const sql::parse_options& o,
             int rounds) {
    if (statements.empty()) {
        std::fprintf(stderr, "bench_sql: %s: no statement\n", name.c_str());
        std::exit(4);
    }
    const std::size_t times = std::max<std::size_t>(1, 120000 / statements.size());
    std::size_t bytes = 0;
    for (const std::string& s : statements) bytes += s.size();
    const double parsed = best_of(rounds, [&] {
        std::uint64_t good = 0;
        for (std::size_t i = 0; i < times; ++i) {
            for (const std::string& s : statements) good += sql::parse_statement(s, o).has_value();
        }
        kept = good;
    });
    const bool all = kept == times * statements.size();
    const double touched = best_of(rounds, [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < times; ++i) {
            for (const std::string& s : statements) {
                for (const char c : s) sum += static_cast<unsigned char>(c);
            }
        }
        kept = sum;
    });
    const double count = static_cast<double>(times * statements.size());
    const double megabytes = static_cast<double>(bytes * times) * 1e-6;
    fmt::print(
        "{{\"bench\":\"sql\",\"shape\":\"{}\",\"statements\":{},\"mean_bytes\":{},\"all_parsed\":{}"
        ","
        "\"statements_s\":{:.0f},\"parse_mb_s\":{:.1f},\"touch_mb_s\":{:.1f}}}\n",
        name,
        statements.size(),
        bytes / statements.size(),
        all,
        count / parsed,
        megabytes / parsed,
        megabytes / touched);
}

}  // namespace

int main(int argc, char** argv) {
    int rounds = 5;
    std::vector<std::string> files;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = std::max(1, std::atoi(argv[++i]));
        else
            files.emplace_back(argv[i]);
    }
    sql::parse_options o;
    o.flavor = flavor::mysql;
    o.version = {8, 4, 0};
    if (files.empty()) measure("typical", typical(), o, rounds);
    for (const std::string& file : files) measure(file, statements_of(file, o), o, rounds);
    return 0;
}
