#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/transform/impl/internal/column_list.hpp>
#include <dmlib/transform/mapper.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline mapping_rule make_mapping(mapping_kind kind,
                                 std::string_view column,
                                 std::string_view tables) {
    table_pattern where = parse_table_pattern(tables);
    mapping_rule rule;
    rule.kind = kind;
    rule.name = std::string(column);
    rule.source_column = std::string(column);
    rule.target_column = std::string(column);
    rule.schema_pattern = std::move(where.schema);
    rule.table_pattern = std::move(where.table);
    return rule;
}

inline error mapping_fault(const column_mapping& m, std::string_view why) {
    return error(errc::sync_mapping,
                 "column mapping " + m.rule + ": column " + m.column + " " + std::string(why));
}

/// The id of an integer or of a number in text; `fault` says why there is none.
inline std::uint64_t mapped_id(const value_view& v, const char*& fault) {
    std::uint64_t id = 0;
    if (v.kind == value_kind::int64) {
        if (v.i < 0) fault = "holds a negative number";
        id = static_cast<std::uint64_t>(v.i);
    } else if (v.kind == value_kind::uint64) {
        id = v.u;
    } else if (v.kind == value_kind::bytes || v.kind == value_kind::text) {
        const std::string_view text = v.text();
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
        if (text.starts_with('-')) {
            fault = "holds a negative number";
        } else if (ec == std::errc::result_out_of_range) {
            fault = "holds a number above 17592186044415";
        } else if (ec != std::errc{} || end != text.data() + text.size()) {
            fault = "holds no whole number";
        }
    } else {
        fault = "holds no whole number";
    }
    if (fault == nullptr && id > column_mapping::largest_id) {
        fault = "holds a number above 17592186044415";
    }
    return id;
}

}  // namespace internal

DMLIB_DECL mapper& mapper::partition_id(std::string_view column,
                                        partition_id_options options,
                                        std::string_view tables) {
    mapping_rule rule = internal::make_mapping(mapping_kind::partition_id, column, tables);
    rule.partition = std::move(options);
    return map(std::move(rule));
}

DMLIB_DECL mapper& mapper::add_prefix(std::string_view column,
                                      std::string_view text,
                                      std::string_view tables) {
    mapping_rule rule = internal::make_mapping(mapping_kind::add_prefix, column, tables);
    rule.text = std::string(text);
    return map(std::move(rule));
}

DMLIB_DECL mapper& mapper::add_suffix(std::string_view column,
                                      std::string_view text,
                                      std::string_view tables) {
    mapping_rule rule = internal::make_mapping(mapping_kind::add_suffix, column, tables);
    rule.text = std::string(text);
    return map(std::move(rule));
}

DMLIB_DECL mapper& mapper::map(mapping_rule rule) {
    rules_.push_back(std::move(rule));
    return *this;
}

DMLIB_DECL bool column_mapping::fits_charset(std::string_view charset) const noexcept {
    if (kind == mapping_kind::partition_id || charset.starts_with("utf8")) return true;
    const charset_info* const set = find_charset(charset);
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
    // One byte for each ASCII character, and the same one.
    return ascii && set != nullptr && set->min_bytes == 1 && set->name != "swe7";
}

DMLIB_DECL result<value_view> column_mapping::apply(const value_view& v,
                                                    std::string& storage) const {
    if (v.is_null() || v.is_absent()) return v;
    const bool is_text = v.kind == value_kind::bytes || v.kind == value_kind::text;
    if (kind == mapping_kind::partition_id) {
        const char* fault = nullptr;
        const std::uint64_t id = internal::mapped_id(v, fault) | high_bits;
        if (fault != nullptr) return internal::mapping_fault(*this, fault);
        if (!is_text) {  // 63 bits: fits both
            return v.kind == value_kind::int64 ? value_view::make_int(static_cast<std::int64_t>(id))
                                               : value_view::make_uint(id);
        }
        storage = std::to_string(id);
    } else {
        if (!is_text) return internal::mapping_fault(*this, "holds no text");
        storage.assign(kind == mapping_kind::add_prefix ? std::string_view(text) : v.text());
        storage.append(kind == mapping_kind::add_prefix ? v.text() : std::string_view(text));
    }
    return value_view::make_bytes(
        v.kind, {reinterpret_cast<const std::uint8_t*>(storage.data()), storage.size()});
}

namespace internal {

/// What makes a column none for this mapping, and the way out; "" for nothing.
struct column_fault {
    std::string what;
    std::string way_out;
};

inline column_fault fault_of(const column_mapping& m, const schema::column& c) {
    using schema::type_kind;
    const std::string name = quoted_identifier(c.name);
    if (c.is_generated() || c.hidden || c.period != schema::row_bound::none) {
        return {"column " + name + " is generated: the target computes it",
                "Map the columns that it is computed of, or leave the table out of the rule by its "
                "patterns."};
    }
    const bool text = c.is_character() && c.type != type_kind::enum_ && c.type != type_kind::set;
    const bool id = m.kind == mapping_kind::partition_id;
    if (!text && !(id && c.is_integer())) {
        return {
            "column " + name + " is " + schema::column_type_text(c, {}) + ", and " +
                (id ? "partition id takes whole numbers" : "add prefix and add suffix take texts"),
            "Correct the rule, or leave the table out of it by its patterns."};
    }
    if (text && !m.fits_charset(c.charset)) {
        return {"its text does not fit to column " + name + " of character set " + c.charset,
                "Use a text of ASCII characters, or leave the table out of the rule by its "
                "patterns."};
    }
    return {};
}

}  // namespace internal

DMLIB_DECL result<std::size_t> mapped_column(const column_mapping& mapping,
                                             const schema::table& table) {
    const std::size_t at = table.find_column(mapping.column);
    internal::column_fault fault;
    if (at == schema::npos) {
        fault = {"the table has no column " + quoted_identifier(mapping.column),
                 "Correct the rule's column (the table has " + internal::column_list(table) +
                     " at this place of the binlog), or leave the table out of the rule by its "
                     "patterns."};
    } else {
        fault = internal::fault_of(mapping, table.columns[at]);
    }
    if (fault.what.empty()) return at;
    error e(errc::sync_mapping, "column mapping " + mapping.rule + ": " + fault.what);
    e.workaround(fault.way_out);
    return e.table(table.schema, table.name);
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
