#include <dmlib/binlog/json.hpp>

#include <catch2/catch.hpp>

#include "event_bytes.hpp"
#include <cstring>
#include <string>

using namespace dmlib;
using namespace dmlib::binlog;
using binlog_test::le;

namespace {

std::string bytes_of(const char* hex) {
    std::string out;
    for (; hex[0] != '\0'; hex += 2)
        out.push_back(static_cast<char>(std::stoi(std::string(hex, 2), nullptr, 16)));
    return out;
}

std::string text_of(const std::string& binary, json_text_form form = json_text_form::server) {
    std::string out;
    auto ok = append_json_text(out, as_bytes(binary), form);
    return ok ? out : "FAULT " + ok.error().message();
}

std::string number(double d) {
    std::string bytes(1, '\x0b');
    std::uint64_t bits = 0;
    std::memcpy(&bits, &d, sizeof bits);
    return text_of(bytes + le(bits, 8));
}

std::string diff(int operation, const std::string& path, const std::string& value) {
    std::string out = le(static_cast<std::uint64_t>(operation), 1) + le(path.size(), 1) + path;
    if (operation != 2) out += le(value.size(), 1) + value;
    return out;
}

}  // namespace

TEST_CASE("doubles are printed as the server does", "[json]") {
    // Figures of SELECT CAST(... AS JSON) on MySQL 9.7.
    CHECK(number(1.0) == "1.0");
    CHECK(number(0.1) == "0.1");
    CHECK(number(-2.5) == "-2.5");
    CHECK(number(1e20) == "1e20");
    CHECK(number(1e-20) == "1e-20");
    CHECK(number(1e15) == "1e15");
    CHECK(number(123456.789) == "123456.789");
    CHECK(number(0.00001) == "0.00001");
    CHECK(number(1.7976931348623157e308) == "1.7976931348623157e308");
    CHECK(number(5e-324) == "5e-324");
    CHECK(number(0.0) == "0.0");
    CHECK(number(-0.0) == "-0.0");
}

TEST_CASE("documents by hand", "[json]") {
    // {"a": {"b": "c"}, ...} of the format's description: small object, one key, inlined literal.
    CHECK(text_of(bytes_of("04"
                           "00")) == "null");
    CHECK(text_of(bytes_of("04"
                           "01")) == "true");
    CHECK(text_of("") == "null");
    CHECK(text_of(bytes_of("05"
                           "ffff")) == "-1");
    CHECK(text_of(bytes_of("0a"
                           "ffffffffffffffff")) == "18446744073709551615");
    CHECK(text_of(bytes_of("0c"
                           "03"
                           "610a62")) == "\"a\\nb\"");
    CHECK(text_of(bytes_of("0001000d000b000100"
                           "04"
                           "0000"
                           "61"
                           "00")) == "{\"a\": null}");
    CHECK(text_of(bytes_of("0001000d000b000100"
                           "04"
                           "0000"
                           "61"
                           "00"),
                  json_text_form::compact) == "{\"a\":null}");
    CHECK(text_of(bytes_of("0202000a0004010004"
                           "0200")) == "[true, false]");
}

TEST_CASE("documents that lie are faults", "[json]") {
    CHECK(text_of(bytes_of("02")).starts_with("FAULT"));
    CHECK(text_of(bytes_of("04"
                           "03"))
              .starts_with("FAULT"));
    CHECK(text_of(bytes_of("0c"
                           "ffffffff"))
              .starts_with("FAULT"));
    CHECK(text_of(bytes_of("63"
                           "00"))
              .starts_with("FAULT"));
    // An array whose only element points at the array itself.
    CHECK(text_of(bytes_of("0201000700020000")).starts_with("FAULT"));
    // Deeper than any server allows.
    std::string deep = bytes_of("0400");
    for (int i = 0; i < 150; ++i) {
        const std::string inner = deep.substr(1);
        deep = std::string(1, '\x02') + le(1, 2) + le(7 + inner.size(), 2) + deep.substr(0, 1) +
               le(7, 2) + inner;
    }
    CHECK(text_of(deep).starts_with("FAULT"));
    // Two elements that share their bytes, thirty levels: text without end.
    std::string shared = bytes_of(
        "0c"
        "0161");
    for (int i = 0; i < 30; ++i) {
        const std::string inner = shared.substr(1);
        shared = std::string(1, '\x02') + le(2, 2) + le(10 + inner.size(), 2) +
                 shared.substr(0, 1) + le(10, 2) + shared.substr(0, 1) + le(10, 2) + inner;
    }
    CHECK(text_of(shared).starts_with("FAULT"));
}

TEST_CASE("partial updates are applied", "[json]") {
    // {"a": [true, false]}
    const std::string before = bytes_of(
        "0001001600"
        "0b000100"
        "02"
        "0c00"
        "61"
        "0200"
        "0a00"
        "040100"
        "040200");
    CHECK(text_of(before) == "{\"a\": [true, false]}");
    const std::string null_value = bytes_of("0400");
    const auto patched = [&](const std::string& diffs) {
        std::string out;
        auto ok = append_patched_json_text(out, as_bytes(before), as_bytes(diffs));
        return ok ? out : "FAULT";
    };
    CHECK(patched("") == "{\"a\": [true, false]}");
    CHECK(patched(diff(0, "$.a[1]", null_value)) == "{\"a\": [true, null]}");
    CHECK(patched(diff(1, "$.a[1]", null_value)) == "{\"a\": [true, null, false]}");
    CHECK(patched(diff(1, "$.a[9]", null_value)) == "{\"a\": [true, false, null]}");
    CHECK(patched(diff(2, "$.a[0]", "")) == "{\"a\": [false]}");
    CHECK(patched(diff(0, "$.a[last]", null_value)) == "{\"a\": [true, null]}");
    CHECK(patched(diff(2, "$.a[last-1]", "")) == "{\"a\": [false]}");
    CHECK(patched(diff(0, "$.a[last-2]", null_value)) == "FAULT");
    CHECK(patched(diff(0, "$.a[last-]", null_value)) == "FAULT");
    CHECK(patched(diff(2, "$.a", "")) == "{}");
    // Keys are kept by length, then bytes.
    CHECK(patched(diff(1, "$.\"b\\\"\"", null_value)) == "{\"a\": [true, false], \"b\\\"\": null}");
    CHECK(patched(diff(1, "$.B", null_value)) == "{\"B\": null, \"a\": [true, false]}");
    CHECK(patched(diff(1, "$.bb", null_value) + diff(2, "$.a", "")) == "{\"bb\": null}");
    CHECK(patched(diff(0, "$", null_value)) == "null");
    for (const auto& bad : {diff(0, "$.x", null_value),
                            diff(1, "$.a", null_value),
                            diff(2, "$", ""),
                            diff(2, "$.a[7]", ""),
                            diff(0, "a", null_value),
                            diff(0, "$.", null_value),
                            diff(3, "$.a", null_value),
                            diff(0, "$[1", null_value)}) {
        CHECK(patched(bad) == "FAULT");
    }
}
