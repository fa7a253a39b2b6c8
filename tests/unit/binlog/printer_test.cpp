#include <dmlib/binlog/file_printer.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "binlog_files.hpp"
#include "event_bytes.hpp"
#include <sstream>

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;

namespace {

struct printed {
    std::vector<nlohmann::json> lines;
    std::string text;
    int code = 0;
};

printed print(const std::string& bytes, bool json = true, std::size_t piece = 1000) {
    printed out;
    file_printer_options options;
    options.json = json;
    options.reading.file = "b.1";
    file_printer printer(options, [&](std::string_view part) { out.text += part; });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (!printer.feed(as_bytes(std::string_view(bytes).substr(at, piece)))) break;
    }
    out.code = printer.finish();
    std::istringstream lines(out.text);
    for (std::string line; json && std::getline(lines, line);)
        out.lines.push_back(nlohmann::json::parse(line));
    return out;
}

const std::string magic =
    "\xfe"
    "bin";

}  // namespace

TEST_CASE("the contract's fields", "[printer]") {
    event_maker m;
    const std::string bytes = magic + m.format() + m.gtid(7) + m.query("BEGIN", "d\xff") +
                              m.table_map() + m.insert(9, -1, "caf\xc3\xa9\n") + m.xid(3) +
                              m.rotate("b.2", 4);
    const printed out = print(bytes);
    CHECK(out.code == 0);
    REQUIRE(out.lines.size() == 7);
    const auto& format = out.lines[0];
    CHECK(format["file"] == "b.1");
    CHECK(format["pos"] == 4);
    CHECK(format["next"] == 4 + format["size"].get<int>());
    CHECK(format["type"] == "FORMAT_DESCRIPTION_EVENT");
    CHECK(format["server_version"] == "8.0.33");
    CHECK(format["checksum"] == "crc32");
    CHECK(out.lines[1]["gtid"] == "11111111-1111-1111-1111-111111111111:7");
    CHECK(out.lines[1]["last_committed"] == 1);
    CHECK(out.lines[2]["query"] == "BEGIN");
    CHECK(out.lines[2]["schema"]["base64"] == "ZP8=");
    CHECK(out.lines[3]["columns"][0]["type"] == "INT");
    CHECK_FALSE(out.lines[3]["columns"][0].contains("unsigned"));
    CHECK(out.lines[4]["rows"][0]["after"]["@1"] == -1);
    CHECK(out.lines[4]["rows"][0]["after"]["@2"] == "café\n");
    CHECK_FALSE(out.lines[4]["rows"][0].contains("before"));
    CHECK(out.lines[5]["xid"] == 3);
    CHECK(out.lines[6]["next_file"] == "b.2");
    CHECK(out.lines[6]["next_pos"] == 4);
    for (const auto& line : out.lines) CHECK(line["status"] == "handled");
}

TEST_CASE("a file that cannot be read further ends with an error line", "[printer]") {
    event_maker m;
    std::string bytes = magic + m.format() + m.xid(3);
    const std::uint64_t last = m.pos;
    bytes += m.xid(4);
    printed out = print(bytes.substr(0, bytes.size() - 1));
    CHECK(out.code == 4);
    REQUIRE(out.lines.size() == 3);
    CHECK(out.lines[2]["pos"] == last);
    CHECK(out.lines[2]["error"]["name"] == "truncated");
    CHECK(out.lines[2]["error"]["code"] == static_cast<int>(errc::binlog_truncated));
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    out = print(bytes, true, 3);
    CHECK(out.lines.back()["error"]["name"] == "checksum");
    CHECK(out.lines.back()["pos"] == last);
}

TEST_CASE("rows that do not decode leave no half line", "[printer]") {
    event_maker m;
    const std::string head = magic + m.format() + m.table_map();
    const std::uint64_t at = m.pos;
    std::string rows = event_maker::insert_body(9, 1, "good");
    // Many good rows, so that the event is printed in pieces, then half a row.
    const std::string row = le(0, 1) + le(5, 4) + le(3, 1) + "row";
    for (int i = 0; i < 5000; ++i) rows += row;
    const printed whole = print(head + m.make(30, rows));
    REQUIRE(whole.lines.size() == 3);
    CHECK(whole.lines[2]["rows"].size() == 5001);
    const printed out = print(head + m.make(30, rows + row.substr(0, 7)));
    CHECK(out.code == 4);
    REQUIRE(out.lines.size() == 3);
    CHECK(out.lines[2]["pos"] == at);
    CHECK(out.lines[2].contains("error"));
}

TEST_CASE("decoding goes on behind a refused event", "[printer]") {
    event_maker m;
    const printed out =
        print(magic + m.format() + m.make(26, le(1, 2) + le(2, 1) + "ah") + m.xid(1));
    CHECK(out.code == 0);
    REQUIRE(out.lines.size() == 3);
    CHECK(out.lines[1]["status"] == "refused");
    CHECK(out.lines[1]["reason"].get<std::string>().find("INCIDENT") != std::string::npos);
    CHECK(out.lines[2]["xid"] == 1);
}

TEST_CASE("the text for people has every row", "[printer][recorded]") {
    const std::string bytes = read_file(fixtures() / "mysql-9.7-features.binlog.gz");
    const printed out = print(bytes, false);
    CHECK(out.code == 0);
    CHECK(out.text.find("### INSERT INTO `g`.`t`\n### SET\n###   @1=1\n###   @2='one'\n") !=
          std::string::npos);
    CHECK(out.text.find("### UPDATE `g`.`t`\n### WHERE\n###   @1=1\n### SET\n###   @2='min'\n") !=
          std::string::npos);
    CHECK(out.text.find("COMMIT; # xid ") != std::string::npos);
    CHECK(out.text.find("# at 4\n") != std::string::npos);
}

TEST_CASE("what recorded servers did, in our lines", "[printer][recorded]") {
    const auto lines_of = [](const char* name) {
        return print(read_file(fixtures() / (std::string(name) + ".binlog.gz"))).lines;
    };
    std::vector<nlohmann::json> rows;
    std::vector<std::string> tagged;
    for (const auto& line : lines_of("mysql-9.7-features")) {
        if (line["code"] == 42) tagged.push_back(line["gtid"]);
        if (line.contains("rows") && line["table"] == "p") rows.push_back(line);
    }
    REQUIRE(tagged.size() == 1);
    CHECK(tagged[0].ends_with(":blue_1:1"));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0]["partition"] == 1);
    CHECK(rows[2]["source_partition"] == 1);
    int compressed = 0;
    for (const auto& line : lines_of("mariadb-10.11-features")) {
        const int code = line["code"];
        if (code >= 165 && code <= 168) ++compressed;
        if (code == 165) CHECK(line["query"].get<std::string>().starts_with("CREATE TABLE comp"));
        if (!line.contains("rows") || line["table"] != "cc") continue;
        // What was inserted, decompressed.
        const auto& all = line["rows"];
        REQUIRE(all.size() == 4);
        CHECK(all[0]["after"]["@2"] == "");
        CHECK(all[1]["after"]["@5"] == "short");
        CHECK(all[2]["after"]["@2"] == std::string(100, 'a'));
        CHECK(all[2]["after"]["@3"] == std::string(500, 'b'));
        CHECK(all[2]["after"]["@4"] == std::string(60000, 'c'));
        CHECK(all[2]["after"]["@6"] == std::string(70000, 'e'));
        CHECK(all[3]["after"]["@4"].is_null());
    }
    CHECK(compressed == 4);
    // Partial updates resolved from the before image give what the server has at the end.
    nlohmann::json last;
    bool diffs = false;
    for (const auto& line : lines_of("mysql-9.7-json")) {
        if (!line.contains("rows")) continue;
        for (const auto& row : line["rows"]) {
            if (!row.contains("after") || !row["after"].contains("@2")) continue;
            if (row["after"]["@2"].is_object() && row["after"]["@2"].contains("json_diff"))
                diffs = true;
            if (row["after"].value("@1", 0) == 7) last = row["after"];
        }
    }
    CHECK(diffs);
    CHECK(last["@2"]["json"] ==
          nlohmann::json::parse(
              R"({"a":2,"b":[2,3],"c":{"d":"x"},"z":[1,{"q":2}],"k\"q":"quoted"})"));
    CHECK(last["@3"]["json"] == nlohmann::json::parse(R"({"n":{}})"));
}
