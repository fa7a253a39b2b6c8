// Any text: no crash, and what the parser accepts prints to text that parses to the same statement.
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace dmlib::sql;

[[noreturn]] void broken(const char* what, std::string_view first, std::string_view second) {
    std::fprintf(stderr,
                 "%s\n--- printed: %.*s\n--- again:   %.*s\n",
                 what,
                 static_cast<int>(first.size()),
                 first.data(),
                 static_cast<int>(second.size()),
                 second.data());
    std::abort();
}

parse_options options_of(std::uint8_t bits) {
    parse_options o;
    o.flavor = (bits & 1) != 0 ? dmlib::flavor::mariadb : dmlib::flavor::mysql;
    o.version = (bits & 1) != 0 ? dmlib::server_version{11, 8, 6} : dmlib::server_version{9, 7, 4};
    if ((bits & 2) != 0) o.mode |= sql_mode::ansi_quotes | sql_mode::pipes_as_concat;
    if ((bits & 4) != 0) o.mode |= sql_mode::no_backslash_escapes;
    if ((bits & 8) != 0) o.charset = "gbk";
    if ((bits & 16) != 0 && (bits & 1) != 0) o.mode |= sql_mode::oracle;
    o.tidb = (bits & 32) != 0;
    return o;
}

template <class Node, class Parse>
void identity(const Node& first, const print_options& printing, Parse parse) {
    const std::string text = print(first, printing);
    const auto second = parse(text);
    if (!second) broken("printed text is refused", text, second.error().message());
    if (!(*second == first)) broken("another meaning", text, print(*second, printing));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const parse_options options = options_of(data[0]);
    parse_options reading = options;
    reading.mode = 0;  // print() normalises the types of sql_mode=ORACLE
    print_options printing;
    printing.charset = options.charset;
    if (options.flavor == dmlib::flavor::mariadb) {
        printing.dialect = dmlib::target_dialect::mariadb;
    }
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    const statement_kind kind = classify(text, options);
    if (const auto s = parse_statement(text, options)) {
        if (s->kind != kind) broken("classify() and parse_statement() differ", name_of(kind), "");
        if (s->get<other_statement>() == nullptr) {
            identity(
                *s, printing, [&](const std::string& t) { return parse_statement(t, reading); });
        }
        for (const statement& part : split_alter(*s)) (void)print(part, printing);
    }
    if (const auto e = parse_expression(text, options)) {
        identity(*e, printing, [&](const std::string& t) { return parse_expression(t, reading); });
    }
    return 0;
}
