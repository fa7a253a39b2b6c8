// What the sql tests share.
#pragma once

#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace sql_test {

using namespace dmlib;
using namespace dmlib::sql;

inline parse_options mysql(int major = 8, int minor = 0, int patch = 33) {
    parse_options o;
    o.version = {major, minor, patch};
    return o;
}

inline parse_options mariadb(int major = 10, int minor = 11, int patch = 18) {
    parse_options o;
    o.flavor = flavor::mariadb;
    o.version = {major, minor, patch};
    return o;
}

inline print_options printing(const parse_options& o) {
    print_options p;
    p.dialect = o.flavor == flavor::mariadb ? target_dialect::mariadb : target_dialect::mysql;
    p.charset = o.charset;
    return p;
}

/// Options that read what print() wrote: the same server without modes that change quoting.
inline parse_options reading(parse_options o) {
    o.mode &= sql_mode::oracle;
    return o;
}

/// "" where parse -> print -> parse is the identity, else what went wrong.
inline std::string identity_fault(std::string_view text, const parse_options& o) {
    const result<statement> first = parse_statement(text, o);
    if (!first) return {};
    const std::string printed = print(*first, printing(o));
    const result<statement> second = parse_statement(printed, reading(o));
    if (!second) return "printed: " + printed + "\n" + second.error().message();
    if (*second == *first) return {};
    if (first->get<other_statement>() != nullptr) return {};  // kept as written
    return "differs: " + printed + "\nagain:   " + print(*second, printing(o));
}

inline statement parsed(std::string_view text, const parse_options& o = mysql()) {
    INFO(text);
    result<statement> r = parse_statement(text, o);
    if (!r) {
        INFO(r.error().message());
        REQUIRE(r.has_value());
    }
    const std::string fault = identity_fault(text, o);
    INFO(fault);
    CHECK(fault.empty());
    return std::move(*r);
}

inline std::string refusal(std::string_view text, const parse_options& o = mysql()) {
    INFO(text);
    const result<statement> r = parse_statement(text, o);
    REQUIRE_FALSE(r.has_value());
    return r.error().message();
}

inline std::string printed(std::string_view text, const parse_options& o = mysql()) {
    return print(parsed(text, o), printing(o));
}

}  // namespace sql_test
