// Expressions of filters against what real servers answered: tests/data/row_filters/answers.jsonl,
// or the recording that DMLIB_ROW_FILTER_ANSWERS names (tests/integration/row_filter_test.py).
#include <dmlib/schema/show_create.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

using namespace dmlib;
using nlohmann::json;

namespace {

struct recorded_server {
    server_kind kind;
    schema::table table;
    std::vector<std::size_t> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
};

std::string from_hex(const std::string& hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return out;
}

recorded_server read_server(const json& line) {
    recorded_server s;
    s.kind = parse_server_version(line["version"].get<std::string>());
    auto table =
        schema::table_from_show_create(line["create"].get<std::string>(), s.kind, "row_filters");
    REQUIRE(table.has_value());
    s.table = std::move(*table);
    for (std::size_t i = 0; i < s.table.columns.size(); ++i) s.columns.push_back(i);
    for (const auto& row : line["rows"]) {
        auto& values = s.rows.emplace_back();
        for (const auto& v : row) {
            values.push_back(v.is_null() ? std::nullopt
                                         : std::optional{from_hex(v.get<std::string>())});
        }
    }
    return s;
}

std::vector<value_view> image_of(const std::vector<std::optional<std::string>>& row) {
    std::vector<value_view> out;
    for (const auto& v : row) {
        out.push_back(v ? value_view::make_bytes(value_kind::text, as_bytes(*v))
                        : value_view::make_null());
    }
    return out;
}

struct tally {
    int compared = 0;
    int refused = 0;
    int rows = 0;
    std::map<std::string, int> reasons;
};

result<std::shared_ptr<const row_filter>> compile(const recorded_server& s,
                                                  const std::string& expression) {
    const row_filter_rule rule{"r", "row_filters", "t", expression, {}, {}, {}};
    return row_filter::compile({&rule, 1}, s.table, s.columns, {s.kind, 0});
}

// The server says 1, 0, N or E per row; a filter leaves a row out for 1. With NOT in front it tells
// 0 from NULL.
void compare(const recorded_server& s,
             const std::string& expression,
             const std::string& answers,
             tally& t) {
    auto plain = compile(s, expression);
    auto negated = compile(s, "NOT (" + expression + ")");
    if (!plain) {
        ++t.refused;
        ++t.reasons[plain.error().message().substr(plain.error().message().rfind("'): ") + 1)];
        return;
    }
    INFO(expression);
    REQUIRE(negated.has_value());
    ++t.compared;
    // What the server refuses as a whole fails for each row here, too, or it fails before.
    for (std::size_t i = 0; i < s.rows.size(); ++i) {
        const auto image = image_of(s.rows[i]);
        const auto yes = (*plain)->drops_insert(image);
        const auto no = (*negated)->drops_insert(image);
        const char wanted = answers == "-" ? 'E' : answers[i];
        const char got = !yes || !no ? 'E' : *yes ? '1' : *no ? '0' : 'N';
        ++t.rows;
        if (got == wanted) continue;
        CAPTURE(i + 1, got, wanted, s.kind.version.number());
        if (!yes) INFO(yes.error().message());
        CHECK(got == wanted);
    }
}

}  // namespace

TEST_CASE("expressions have the value that servers give them") {
    const char* given = std::getenv("DMLIB_ROW_FILTER_ANSWERS");
    const std::string path =
        given != nullptr ? given : DMLIB_TEST_DATA "/row_filters/answers.jsonl";
    std::ifstream in(path);
    REQUIRE(in.is_open());
    std::map<std::string, recorded_server> servers;
    std::map<std::string, tally> tallies;
    for (std::string text; std::getline(in, text);) {
        const json line = json::parse(text);
        if (line.contains("server")) {
            servers[line["server"]] = read_server(line);
            continue;
        }
        for (const auto& [name, s] : servers)
            compare(s, line["expression"], line[name], tallies[name]);
    }
    REQUIRE(tallies.size() == 2);
    for (const auto& [name, t] : tallies) {
        for (const auto& [reason, n] : t.reasons) UNSCOPED_INFO(n << " refused: " << reason);
        WARN(name << ": " << t.compared << " expressions compared on " << t.rows << " rows, "
                  << t.refused << " refused");
        CHECK(t.compared >= 2000);
    }
}
