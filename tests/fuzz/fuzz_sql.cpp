// Any text as a script and as a statement. What parses is printed, and the print parses to the same
// print.
#include <dmlib/core/bytes.hpp>
#include <dmlib/sql/parser.hpp>
#include <dmlib/sql/printer.hpp>
#include <dmlib/sql/script_splitter.hpp>

using namespace dmlib;

namespace {
sql::parse_options options_of(std::uint8_t choice) {
    sql::parse_options options;
    if ((choice & 1) != 0) {
        options.flavor = flavor::mariadb;
        options.version = {10, 11, 6};
    }
    if ((choice & 2) != 0) options.mode |= sql::sql_mode::ansi_quotes;
    if ((choice & 4) != 0) options.mode |= sql::sql_mode::no_backslash_escapes;
    if ((choice & 8) != 0) options.charset = "gbk";
    return options;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const sql::parse_options options = options_of(data[0]);
    const std::string_view text = as_text({data + 1, size - 1});
    for (const auto& one : sql::split_script(text, options)) {
        if (one.text.data() < text.data() ||
            one.text.data() + one.text.size() > text.data() + text.size())
            __builtin_trap();
        (void)sql::classify(one.text, options);
        (void)sql::parse_expression(one.text, options);
        const auto parsed = sql::parse_statement(one.text, options);
        if (!parsed) continue;
        if (options.charset != "utf8mb4" || options.mode != 0)
            continue;  // the printer writes for the default session
        sql::print_options printing;
        if (options.flavor == flavor::mariadb) printing.dialect = target_dialect::mariadb;
        const std::string first = sql::print(*parsed, printing);
        const auto again = sql::parse_statement(first, options);
        if (!again || sql::print(*again, printing) != first) __builtin_trap();
    }
    return 0;
}
