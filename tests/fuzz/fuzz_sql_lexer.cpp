// Any bytes: the lexer ends, its tokens stand in order inside the text, and names and strings
// decode.
#include <dmlib/sql/lexer.hpp>
#include <dmlib/sql/script_splitter.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

dmlib::sql::parse_options options_of(std::uint8_t bits) {
    dmlib::sql::parse_options o;
    o.flavor = (bits & 1) != 0 ? dmlib::flavor::mariadb : dmlib::flavor::mysql;
    o.version = (bits & 1) != 0 ? dmlib::server_version{11, 8, 6} : dmlib::server_version{9, 7, 4};
    if ((bits & 2) != 0) o.mode |= dmlib::sql::sql_mode::ansi_quotes;
    if ((bits & 4) != 0) o.mode |= dmlib::sql::sql_mode::no_backslash_escapes;
    if ((bits & 8) != 0) o.charset = (bits & 16) != 0 ? "gb18030" : "gbk";
    o.tidb = (bits & 32) != 0;
    return o;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dmlib::sql;
    if (size == 0) return 0;
    const parse_options options = options_of(data[0]);
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    lexer in{text, options};
    std::uint32_t last = 0;
    for (std::size_t count = 0;; ++count) {
        check(count <= text.size() + 1);
        const token t = in.next();
        check(t.begin >= last && t.end >= t.begin && t.end <= text.size());
        last = t.end;
        if (t.kind == token_kind::end || t.kind == token_kind::invalid) break;
        check(t.end > t.begin);
        const std::string_view s = text.substr(t.begin, t.end - t.begin);
        if (t.kind == token_kind::string || t.kind == token_kind::national_string) {
            check(decode_string(s, options).size() <= s.size());
        }
        if (t.kind == token_kind::quoted_identifier) {
            check(decode_identifier(s, options).size() + 2 <= s.size());
        }
    }
    std::size_t covered = 0;
    for (const script_statement& s : split_script(text, options)) {
        check(s.offset >= covered && s.offset + s.text.size() <= text.size());
        covered = s.offset + s.text.size();
    }
    return 0;
}
