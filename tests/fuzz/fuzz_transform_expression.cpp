// Any text as the expression of a row filter over a table with columns of many types: refused with
// a place, or evaluated on rows with any bytes; never a crash, the same answer twice.
#include <dmlib/core/bytes.hpp>
#include <dmlib/schema/show_create.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <array>
#include <cstring>
#include <numeric>

using namespace dmlib;

namespace {

const schema::table& table_of(const server_kind& server) {
    static const std::string text =
        "CREATE TABLE `t` (`i` int, `u` bigint unsigned, `d` decimal(20,4), `f` double, `s` "
        "varchar(50) "
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, `l` varchar(50) CHARACTER SET latin1, "
        "`b` "
        "varbinary(50), `j` json) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
    static const auto mysql =
        schema::table_from_show_create(text, {flavor::mysql, {8, 0, 33}}, "db");
    static const auto mariadb =
        schema::table_from_show_create(std::string(text).replace(text.find("json"), 4, "longtext"),
                                       {flavor::mariadb, {10, 11, 0}},
                                       "db");
    const auto& out = server.flavor == flavor::mysql ? mysql : mariadb;
    if (!out) __builtin_trap();
    return *out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 20 || size > 4'096) return 0;
    const server_kind server = (data[0] & 1) != 0 ? server_kind{flavor::mysql, {8, 0, 33}}
                                                  : server_kind{flavor::mariadb, {10, 11, 0}};
    const schema::table& table = table_of(server);
    std::vector<std::size_t> columns(table.columns.size());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    std::uint64_t number = 0;
    std::memcpy(&number, data + 1, sizeof number);
    const std::string_view rest = as_text({data + 10, size - 10});
    // The row's bytes, then the expression.
    const std::string_view bytes = rest.substr(0, std::min<std::size_t>(data[9] % 64, rest.size()));
    const std::string text(rest.substr(bytes.size()));

    const row_filter_rule rule{"r", "db", "t", text, text, {}, text};
    for (const error& e : row_filter::check(rule)) {
        if (e.workaround().empty()) __builtin_trap();
    }
    const auto filter = row_filter::compile({&rule, 1}, table, columns, {server, 120});
    if (!filter) return 0;
    const std::string digits = std::to_string(static_cast<std::int64_t>(number) / 10000) + ".2500";
    const auto of = [](std::string_view s) {
        return value_view::make_bytes(value_kind::bytes, as_bytes(s));
    };
    const std::string real = std::to_string(static_cast<double>(number) / 3);
    const std::array<value_view, 8> row{value_view::make_int(static_cast<std::int32_t>(number)),
                                        value_view::make_uint(number),
                                        of(digits),
                                        of(real),
                                        of(bytes),
                                        of(bytes),
                                        of(bytes),
                                        value_view::make_null()};
    std::array<value_view, 8> nulls;
    nulls.fill(value_view::make_null());
    for (const auto* image : {&row, static_cast<const std::array<value_view, 8>*>(&nulls)}) {
        const auto once = (*filter)->drops_insert(*image);
        const auto again = (*filter)->dropped_by(event_kind::insert, {}, *image);
        if (once.has_value() != again.has_value()) __builtin_trap();
        if (once && *once != again->has_value()) __builtin_trap();
        const auto update = (*filter)->drops_update(*image, *image);
        if (once.has_value() != update.has_value() || (once && *once != *update)) __builtin_trap();
    }
    return 0;
}
