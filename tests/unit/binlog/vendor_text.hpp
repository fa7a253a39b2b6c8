// Reads what mysqlbinlog and mariadb-binlog print with -vv --base64-output=decode-rows, and writes
// our values in the same form.
#pragma once

#include <dmlib/binlog/json.hpp>
#include <dmlib/binlog/table_map.hpp>
#include <dmlib/model/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binlog_test {

struct vendor_value {
    int column = 0;
    std::string text;  ///< behind "=", comment cut off
    bool unreadable =
        false;  ///< the tool does not know the type and leaves out the rest of the event
};

/// "#231114 22:13:20 server id 1  end_log_pos 126 CRC32 0x5b... \tStart: binlog v 4..."
struct vendor_header {
    std::uint32_t server_id = 0;
    std::uint32_t end_log_pos = 0;
    std::string title;
};

struct vendor_decode {
    std::vector<std::uint64_t> positions;
    std::vector<vendor_header> headers;
    std::vector<vendor_value> values;
};

inline std::optional<vendor_header> read_vendor_header(const std::string& line) {
    const auto id = line.find(" server id ");
    const auto end = line.find(" end_log_pos ");
    if (!line.starts_with('#') || id == std::string::npos || end == std::string::npos)
        return std::nullopt;
    vendor_header out;
    out.server_id = static_cast<std::uint32_t>(std::stoull(line.substr(id + 11)));
    out.end_log_pos = static_cast<std::uint32_t>(std::stoull(line.substr(end + 13)));
    const auto tab = line.find('\t', end);
    if (tab != std::string::npos) out.title = line.substr(tab + 1);
    return out;
}

/// The type codes that the tools print under a title. "Ignorable" is what a tool calls an event
/// that it does not know.
inline bool title_fits(std::string_view title, int code) {
    struct entry {
        std::string_view title;
        std::vector<int> codes;
    };
    static const std::vector<entry> titles = {
        {"Query_compressed", {165}},
        {"Query", {2}},
        {"XID =", {38}},
        {"XA PREPARE", {38}},
        {"Xid", {16}},
        {"GTID", {33, 42, 162}},
        {"Anonymous_GTID", {34}},
        {"Table_map", {19}},
        {"Write_compressed_rows", {166, 169}},
        {"Update_compressed_rows", {167, 170}},
        {"Delete_compressed_rows", {168, 171}},
        {"Write_rows", {23, 30}},
        {"Update_rows_partial", {39}},
        {"Update_rows", {24, 31}},
        {"Delete_rows", {25, 32}},
        {"Annotate_rows", {160}},
        {"Rows_query", {29}},
        {"Transaction_Payload", {40}},
        {"Start: binlog", {15}},
        {"Rotate", {4}},
        {"Previous-GTIDs", {35}},
        {"Gtid list", {163}},
        {"Binlog checkpoint", {161}},
        {"User_var", {14}},
        {"Stop", {3}},
        {"Intvar", {5}},
        {"Rand", {13}},
        {"Append_block", {9}},
        {"Execute_load_query", {18}},
    };
    if (title.empty()) return code == 17;  // its title stands on a line of its own
    for (const entry& e : titles) {
        if (title.starts_with(e.title)) {
            return std::find(e.codes.begin(), e.codes.end(), code) != e.codes.end();
        }
    }
    return title.starts_with("Ignorable");
}

inline vendor_decode read_vendor(const std::string& text) {
    vendor_decode out;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = text.find('\n', at);
        if (end == std::string::npos) end = text.size();
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with("# at ")) {
            out.positions.push_back(std::stoull(line.substr(5)));
        } else if (auto header = read_vendor_header(line)) {
            out.headers.push_back(std::move(*header));
        } else if (line.starts_with("###   @")) {
            vendor_value v;
            const auto equals = line.find('=');
            v.column = std::stoi(line.substr(7, equals - 7));
            v.text = line.substr(equals + 1);
            v.unreadable = v.text.starts_with("!!");
            const auto comment = v.text.rfind(" /* ");
            if (comment != std::string::npos) v.text.resize(comment);
            while (v.text.ends_with(' ') && !v.text.ends_with("' ")) v.text.pop_back();
            out.values.push_back(v);
        }
    }
    return out;
}

/// A quoted text of the tool, with its escapes undone.
inline std::string unescaped(std::string_view text) {
    std::string out;
    if (text.size() < 2) return out;
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out.push_back(text[i]);
            continue;
        }
        const char c = text[++i];
        switch (c) {
            case 'x':
                out.push_back(
                    static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
                i += 2;
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'b':
                out.push_back('\b');
                break;
            case '0':
                out.push_back('\0');
                break;
            default:
                out.push_back(c);
        }
    }
    return out;
}

/// The form of mariadb-binlog, which escapes control characters only.
inline std::string plainly_escaped(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (u > 0x1f) {
            out.push_back(c);
        } else {
            out += fmt::format("\\x{:02x}", u);
        }
    }
    return out + "'";
}

/// The characters of a JSON string (as our text has it).
inline std::string json_string_value(std::string_view text) {
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] != '\\') {
            out.push_back(text[i]);
        } else if (text[++i] == 'u') {
            out.push_back(
                static_cast<char>(std::stoi(std::string(text.substr(i + 1, 4)), nullptr, 16)));
            i += 4;
        } else {
            out.push_back(text[i] == 'n' ? '\n' : text[i]);
        }
    }
    return out;
}

inline std::string bits(std::uint64_t n, std::size_t count) {
    std::string out = "b'";
    for (std::size_t i = count; i-- > 0;) out.push_back(((n >> i) & 1) != 0 ? '1' : '0');
    return out + "'";
}

template <class T>
std::string printed(const char* format, T n) {
    char text[64];
    std::snprintf(text, sizeof text, format, n);
    return text;
}

/// An integer: negative ones with the unsigned reading behind them.
inline std::string vendor_integer(const dmlib::binlog::column& c, const dmlib::value_view& v) {
    using dmlib::binlog::column_type;
    const int size = c.type == column_type::tiny        ? 1
                     : c.type == column_type::short_int ? 2
                     : c.type == column_type::int24     ? 3
                     : c.type == column_type::long_int  ? 4
                                                        : 8;
    const int shift = 64 - 8 * size;
    const std::int64_t n = static_cast<std::int64_t>(v.u << shift) >> shift;
    if (n >= 0) return std::to_string(n);
    return fmt::format("{} ({})", n, v.u << shift >> shift);
}

inline std::string vendor_moment(const dmlib::value_view& v) {
    std::string out;
    dmlib::append_text(out, v);
    if (v.kind == dmlib::value_kind::date) {
        out[4] = out[7] = ':';
    }
    if (v.kind == dmlib::value_kind::timestamp) {
        out = std::to_string(v.i);
        if (v.a > 0) out += "." + fmt::format("{:06}", v.size).substr(0, v.a);
        return out;
    }
    return "'" + out + "'";
}

/// True where the tool's text is our value.
inline bool same_as_vendor(const dmlib::binlog::column& c,
                           const dmlib::value_view& v,
                           const std::string& vendor,
                           std::string& ours) {
    using namespace dmlib;
    using binlog::column_type;
    switch (v.kind) {
        case value_kind::null:
            ours = "NULL";
            break;
        case value_kind::float32:
            ours = printed("%-g", static_cast<double>(v.f));
            break;
        case value_kind::float64:
            ours = printed("%-.20g", v.d);
            break;
        case value_kind::date:
        case value_kind::time:
        case value_kind::datetime:
        case value_kind::timestamp:
            ours = vendor_moment(v);
            break;
        case value_kind::json: {
            std::string text;
            if (!binlog::append_json_text(text, v.bytes())) return false;
            // The tool prints a document that is one string without its quotes.
            if (text.starts_with('"'))
                return v.size < 200 && unescaped(vendor) == json_string_value(text);
            ours = "'" + text + "'";
            return unescaped(vendor) == text || vendor == ours;
        }
        case value_kind::bytes:
            ours = "'" + std::string(v.text()) + "'";
            if (c.type == column_type::vector) return vendor.starts_with("[");
            return vendor == ours || unescaped(vendor) == v.text() ||
                   vendor == plainly_escaped(v.text());
        case value_kind::int64:
            // Both tools print YEAR 0000 as 1900.
            ours = c.type == column_type::year ? (v.i == 0 ? "1900" : std::to_string(v.i))
                                               : vendor_integer(c, v);
            break;
        case value_kind::uint64:
            if (c.type == column_type::bit) {
                ours = bits(v.u, c.metadata / 256 * 8u + c.metadata % 256);
            } else if (c.type == column_type::set) {
                // Printed a byte after the other, the lowest first.
                ours = "b'";
                for (std::size_t i = 0; i < c.length; ++i) {
                    const std::string byte = bits((v.u >> (8 * i)) & 0xff, 8);
                    ours += byte.substr(2, 8);
                }
                ours += "'";
            } else {
                ours =
                    c.type == column_type::enumeration ? std::to_string(v.u) : vendor_integer(c, v);
            }
            break;
        default:
            append_text(ours, v);
            break;
    }
    return ours == vendor;
}

}  // namespace binlog_test
