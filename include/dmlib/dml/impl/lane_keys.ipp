#pragma once

#include <dmlib/dml/lane_keys.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {

/// Counts the ways in which values become hashes: another number is another hash for all rows.
inline constexpr std::string_view lane_keys_form = "1";

/// A name or a value of any bytes within one line.
inline void append_in_line(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
}

inline std::string_view name_of_form(key_part_form form) noexcept {
    switch (form) {
        case key_part_form::number:
            return "number";
        case key_part_form::real:
            return "real number";
        case key_part_form::packed:
            return "decimal";
        case key_part_form::moment:
            return "time";
        case key_part_form::padded:
            return "binary text";
        case key_part_form::raw:
            return "bytes";
        case key_part_form::words:
            return "text";
        case key_part_form::unknown:
            break;
    }
    return "compared in a way that is not known";
}

/// What a mapping does with the values before they are hashed.
inline std::string mapping_in_line(const table_plan& plan, const key_part_plan& part) {
    std::string out;
    for (const column_mapping& m : plan.mappings) {
        if (!schema::same_name(m.column, part.column)) continue;
        out += fmt::format(
            ", mapping {} {} {}", static_cast<int>(m.kind), m.high_bits, quoted_literal(m.text));
    }
    return out;
}

inline std::string part_in_line(const table_plan& plan, const key_part_plan& part) {
    std::string out = part.column.empty() ? std::string("(expression)") : std::string();
    if (!part.column.empty()) out = quoted_identifier(part.column);
    if (part.prefix != 0) out += fmt::format("({})", part.prefix);
    for (const extracted_column& x : plan.extracted) {
        if (schema::same_name(x.column, part.column))
            return out + " always " + quoted_literal(x.value);
    }
    out += ' ';
    out += name_of_form(part.form);
    if (!part.collation.empty()) out += " " + part.collation;
    return out + mapping_in_line(plan, part);
}

inline std::string key_in_line(const table_plan& plan, const key_plan& key) {
    std::string out = quoted_identifier(key.name) + " (";
    for (std::size_t i = 0; i < key.parts.size(); ++i) {
        if (i != 0) out += ", ";
        out += part_in_line(plan, key.parts[i]);
    }
    return out + ")";
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return out;
}

/// Lines in front of the other unique keys.
enum lane_keys_line : std::uint8_t { line_form, line_target, line_lane, lines_first };

}  // namespace internal

DMLIB_DECL std::string lane_keys(const table_plan& plan) {
    std::string out{internal::lane_keys_form};
    out += '\n';
    internal::append_in_line(out, plan.quoted_target);
    out += "\n";
    // All rows of a keyless table are one to the lanes, and so are those of tables that foreign
    // key actions tie together.
    std::size_t others = 0;
    if (plan.cascades) {
        internal::append_in_line(out,
                                 "one lane for all tables that foreign key actions tie to " +
                                     quoted_identifier(plan.cascade_group));
    } else if (plan.keyless) {
        out += "no key";
    } else {
        internal::append_in_line(out, internal::key_in_line(plan, plan.keys.front()));
        others = 1;
    }
    for (; others < plan.keys.size(); ++others) {
        out += '\n';
        internal::append_in_line(out, internal::key_in_line(plan, plan.keys[others]));
    }
    return out;
}

DMLIB_DECL std::optional<std::string> lane_keys_differ(std::string_view former,
                                                       std::string_view now) {
    using namespace internal;
    if (former == now) return std::nullopt;
    const auto was = lines_of(former);
    const auto is = lines_of(now);
    if (was.size() < lines_first || is.size() < lines_first || was[line_form] != is[line_form])
        return std::string("another version of dmlib wrote its last rows");
    if (was[line_target] != is[line_target]) {
        return fmt::format(
            "its rows went to {} and go to {} now", was[line_target], is[line_target]);
    }
    const auto differs = fmt::format(
        "the keys of the target's table {} are others than when its last rows were written: "
        "they were {}, and are {} now",
        is[line_target],
        readable_lane_keys(former),
        readable_lane_keys(now));
    if (was[line_lane] != is[line_lane]) return differs;
    for (std::size_t i = lines_first; i < is.size(); ++i) {
        if (std::find(was.begin() + lines_first, was.end(), is[i]) == was.end()) return differs;
    }
    return std::nullopt;
}

DMLIB_DECL std::string readable_lane_keys(std::string_view text) {
    const auto lines = internal::lines_of(text);
    std::string out;
    for (std::size_t i = internal::line_lane; i < lines.size(); ++i) {
        if (!out.empty()) out += "; ";
        out += lines[i];
    }
    return out;
}

DMLIB_DECL std::string readable_lane_target(std::string_view text) {
    const auto lines = internal::lines_of(text);
    if (lines.size() < internal::lines_first) return std::string(text);
    return fmt::format("{} with {}", lines[internal::line_target], readable_lane_keys(text));
}

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
