// Choice of a route, extracted columns, and the column mappings of one table.
#pragma once

#include <dmlib/transform/impl/internal/compiled_rules.hpp>

#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline bool same_extract(const std::optional<extract_rule>& a,
                         const std::optional<extract_rule>& b) {
    return a == b;
}

/// True where both rules send the name to the same place with the same extracted columns.
inline bool same_route(const route_rule& a, const route_rule& b) {
    return a.target_schema == b.target_schema && a.target_table == b.target_table &&
           same_extract(a.extract_table, b.extract_table) &&
           same_extract(a.extract_schema, b.extract_schema) &&
           same_extract(a.extract_source, b.extract_source);
}

/// The one route of a name: table rules before schema rules, the first of equal ones.
struct route_choice {
    const compiled_route* route = nullptr;
    std::optional<error> fault;
};

inline route_choice choose_route(const std::vector<compiled_route>& routes,
                                 const std::vector<route_rule>& written,
                                 const table_name& name) {
    for (const bool schema_level : {false, true}) {
        if (!schema_level && name.table.empty()) continue;
        route_choice choice;
        for (const compiled_route& r : routes) {
            if (r.where.schema_level() != schema_level || !r.where.matches(name)) continue;
            if (choice.route == nullptr) {
                choice.route = &r;
            } else if (!same_route(written[choice.route->index], written[r.index])) {
                error e(errc::sync_target_route,
                        choice.route->title + text_behind(written[choice.route->index].place) +
                            " and " + r.title + text_behind(written[r.index].place) +
                            " both take " +
                            (name.table.empty() ? quoted_identifier(name.schema) : quoted(name)) +
                            " and send it to different targets");
                e.workaround("Make one of the two patterns more specific.");
                e.table(name.schema, name.table);
                choice.fault = std::move(e);
                return choice;
            }
        }
        if (choice.route != nullptr) return choice;
    }
    return {};
}

inline void add_extracted(const compiled_route& r,
                          const table_name& name,
                          const std::string& source_id,
                          std::vector<extracted_column>& out) {
    const auto add = [&](const std::optional<compiled_extract>& x, std::string_view text) {
        if (x) out.push_back({x->column, x->regexp.captures(text)});
    };
    add(r.from_table, name.table);
    add(r.from_schema, name.schema);
    add(r.from_source, source_id);
}

/// The number behind "prefix + separator", 0 for the prefix alone.
inline std::optional<std::uint64_t> numbered_suffix(std::string_view name,
                                                    std::string_view prefix,
                                                    std::string_view separator) {
    if (name == prefix) return 0;
    if (!name.starts_with(prefix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    if (!name.starts_with(separator)) return std::nullopt;
    name.remove_prefix(separator.size());
    std::uint64_t n = 0;
    const auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), n);
    if (ec != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return n;
}

/// Puts instance, schema and table numbers in place. The fault names what does not fit.
inline result<std::uint64_t> partition_bits(const partition_id_options& o,
                                            const table_name& name,
                                            bool case_sensitive) {
    std::uint64_t bits = 0;
    unsigned shift = 63;
    const auto place = [&](std::uint64_t number, unsigned size) {
        shift -= size;
        bits |= number << shift;
    };
    if (o.instance >= 0) place(static_cast<std::uint64_t>(o.instance), 4);
    const auto fold = [&](const std::string& text) {
        return case_sensitive ? text : fold_case(text);
    };
    const auto part = [&](const std::string& text,
                          const std::string& prefix,
                          unsigned size) -> std::optional<error> {
        if (prefix.empty()) return std::nullopt;
        const auto n = numbered_suffix(fold(text), fold(prefix), fold(o.separator));
        if (!n || *n >= (std::uint64_t{1} << size)) {
            return error(errc::sync_mapping,
                         "'" + text + "' is not '" + prefix + "', or '" + prefix + o.separator +
                             "' and a number below " + std::to_string(1U << size));
        }
        place(*n, size);
        return std::nullopt;
    };
    if (auto e = part(name.schema, o.schema_prefix, 7)) return *e;
    if (auto e = part(name.table, o.table_prefix, 8)) return *e;
    return bits;
}

/// The mappings of a table: those with a table pattern, or where there are none the schema's.
inline void choose_mappings(const std::vector<compiled_mapping>& all,
                            bool case_sensitive,
                            table_decision& d) {
    const auto chosen = [&](bool schema_level) {
        std::vector<const compiled_mapping*> out;
        for (const compiled_mapping& m : all) {
            if (m.where.schema_level() == schema_level && m.where.matches(d.source)) {
                out.push_back(&m);
            }
        }
        return out;
    };
    auto mappings = chosen(false);
    if (mappings.empty()) mappings = chosen(true);
    for (const compiled_mapping* m : mappings) {
        column_mapping out;
        out.column = m->rule.target_column;
        out.rule = m->rule.name;
        out.kind = m->rule.kind;
        out.text = m->rule.text;
        out.place = m->rule.place;
        const auto twin =
            std::find_if(d.mappings.begin(), d.mappings.end(), [&](const auto& other) {
                return fold_case(other.column) == fold_case(out.column);
            });
        if (twin != d.mappings.end()) {
            error e(errc::sync_mapping,
                    "column-mappings " + twin->rule + " and " + out.rule + " both change column " +
                        out.column);
            e.table(d.source.schema, d.source.table);
            d.problems.push_back(std::move(e));
            continue;
        }
        if (out.kind == mapping_kind::partition_id) {
            auto bits = partition_bits(m->rule.partition, d.source, case_sensitive);
            if (!bits) {
                error e(errc::sync_mapping,
                        m->title + ": " + bits.error().message() + text_behind(m->rule.place));
                e.table(d.source.schema, d.source.table);
                d.problems.push_back(std::move(e));
                continue;
            }
            out.high_bits = *bits;
        }
        d.mappings.push_back(std::move(out));
    }
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
