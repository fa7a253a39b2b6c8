// What each target dialect can hold, and the nearest form of what it cannot: collations and types.
// The reasons stand in docs/target-forms.md.
#pragma once

#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/target_form.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// SHOW COLLATION of TiDB 8.5.
inline constexpr std::string_view tidb_collations[] = {"ascii_bin",
                                                       "binary",
                                                       "gbk_bin",
                                                       "gbk_chinese_ci",
                                                       "latin1_bin",
                                                       "utf8mb3_bin",
                                                       "utf8mb3_general_ci",
                                                       "utf8mb3_unicode_ci",
                                                       "utf8mb4_bin",
                                                       "utf8mb4_general_ci",
                                                       "utf8mb4_unicode_ci",
                                                       "utf8mb4_0900_ai_ci",
                                                       "utf8mb4_0900_bin"};

/// Functions that mean the same on MySQL, MariaDB and TiDB, for expressions that cross over.
inline constexpr std::string_view common_functions[] = {
    "abs",         "ceiling",    "ceil",       "char_length",  "coalesce",
    "concat",      "concat_ws",  "curdate",    "curtime",      "current_timestamp",
    "date_format", "dayofmonth", "floor",      "greatest",     "hex",
    "if",          "ifnull",     "instr",      "json_extract", "json_unquote",
    "json_object", "json_array", "json_valid", "lcase",        "least",
    "left",        "length",     "locate",     "lower",        "lpad",
    "ltrim",       "mod",        "month",      "now",          "octet_length",
    "pow",         "power",      "replace",    "reverse",      "right",
    "round",       "rpad",       "rtrim",      "substr",       "substring",
    "trim",        "truncate",   "ucase",      "unhex",        "upper",
    "year",        "day"};

struct target_rules {
    const target_facts& facts;

    bool tidb() const noexcept { return facts.dialect == target_dialect::tidb; }
    bool mariadb() const noexcept { return facts.dialect == target_dialect::mariadb; }
    bool mysql() const noexcept { return facts.dialect == target_dialect::mysql; }
    bool mysql_since(int a, int b = 0, int c = 0) const noexcept {
        return mysql() && facts.version.at_least(a, b, c);
    }
    bool mariadb_since(int a, int b = 0, int c = 0) const noexcept {
        return mariadb() && facts.version.at_least(a, b, c);
    }

    /// The server whose spelling the target reads; TiDB reads MySQL 8's.
    server_kind kind() const noexcept {
        if (mariadb()) return {flavor::mariadb, facts.version};
        if (tidb()) return {flavor::mysql, {8, 0, 11}};
        return {flavor::mysql, facts.version};
    }

    bool has(std::string_view collation) const {
        if (!facts.collations.empty()) {
            if (facts.collations.count(std::string(collation)) != 0) return true;
            if (!collation.starts_with("utf8mb3_")) return short_name_listed(collation);
            return facts.collations.count("utf8" + std::string(collation.substr(7))) != 0;
        }
        if (tidb()) {
            return std::find(std::begin(tidb_collations), std::end(tidb_collations), collation) !=
                   std::end(tidb_collations);
        }
        const collation_info* const found = find_collation(collation);
        return found != nullptr && has_collation(kind(), *found);
    }

    /// MariaDB lists uca1400 collations without their charset.
    bool short_name_listed(std::string_view collation) const {
        const std::size_t at = collation.find("_uca1400_");
        return mariadb() && at != std::string_view::npos &&
               facts.collations.count(std::string(collation.substr(at + 1))) != 0;
    }

    bool has_charset(std::string_view charset) const {
        if (tidb()) {
            return charset == "ascii" || charset == "binary" || charset == "gbk" ||
                   charset == "utf8mb3" || charset == "utf8mb4";
        }
        return has(binary_collation(charset));
    }

    std::string charset_word(std::string_view charset) const {
        if (tidb() && charset == "utf8mb3") return "utf8";
        return charset_name_on(kind(), charset);
    }
    std::string collation_word(std::string_view collation) const {
        if (tidb() && collation.starts_with("utf8mb3_")) {
            return "utf8" + std::string(collation.substr(7));
        }
        return collation_name_on(kind(), collation);
    }

    /// Where the target lacks a charset, text goes to utf8mb4; latin1 of TiDB is no latin1 (it
    /// stores the client's bytes), so it goes there as well.
    std::string charset_for(std::string_view charset) const {
        return has_charset(charset) ? std::string(charset) : "utf8mb4";
    }

    /// The finest collation of a charset with the source's treatment of trailing spaces: two texts
    /// that it takes for equal are equal under every collation of the source.
    std::string finest(std::string_view charset, pad_attribute pad) const {
        const std::string bin = binary_collation(charset);
        if (pad == pad_attribute::space) return bin;
        const std::string nopad =
            mariadb() ? std::string(charset) + "_nopad_bin" : std::string(charset) + "_0900_bin";
        return find_collation(nopad) != nullptr && has(nopad) ? nopad : bin;
    }

    /// The collation for a column: the same where the target has it. In keys the finest one, for a
    /// coarser one could refuse rows; elsewhere the nearest in use.
    std::string collation_for(const collation_info& from, bool in_key) const {
        const std::string charset = charset_for(from.charset);
        if (charset == from.charset && has(from.name)) return std::string(from.name);
        if (in_key || from.strength != collation_strength::case_insensitive) {
            return finest(charset, from.pad);
        }
        for (const std::string_view candidate : nearest(from, charset)) {
            if (!candidate.empty() && has(candidate)) return std::string(candidate);
        }
        return finest(charset, from.pad);
    }

    static std::array<std::string_view, 3> nearest(const collation_info& from,
                                                   const std::string& charset) {
        const bool modern = from.name.find("uca1400") != std::string_view::npos ||
                            from.name.find("0900") != std::string_view::npos ||
                            from.name.find("unicode") != std::string_view::npos;
        if (charset == "utf8mb4") {
            if (!modern) return {"utf8mb4_general_ci", "utf8mb4_unicode_ci", ""};
            return {"utf8mb4_0900_ai_ci", "utf8mb4_uca1400_ai_ci", "utf8mb4_unicode_ci"};
        }
        if (charset == "utf8mb3") {
            return modern ? std::array<std::string_view, 3>{"utf8mb3_uca1400_ai_ci",
                                                            "utf8mb3_unicode_ci",
                                                            "utf8mb3_general_ci"}
                          : std::array<std::string_view, 3>{"utf8mb3_general_ci", "", ""};
        }
        const charset_info* const set = find_charset(charset);
        return {set == nullptr ? std::string_view() : set->default_collation, "", ""};
    }

    bool has_invisible_columns() const noexcept {
        return mysql_since(8, 0, 23) || mariadb_since(10, 3);
    }
    bool has_json() const noexcept { return tidb() || mysql_since(5, 7, 8); }
    bool has_generated() const noexcept {
        return tidb() || mysql_since(5, 7, 6) || mariadb_since(10, 2);
    }
    bool has_functional_keys() const noexcept { return mysql_since(8, 0, 13); }
    bool has_descending() const noexcept { return mysql_since(8, 0, 1) || mariadb_since(10, 8); }
    bool has_checks() const noexcept { return mysql_since(8, 0, 16) || mariadb_since(10, 2, 1); }
    bool has_expression_defaults() const noexcept {
        return mysql_since(8, 0, 13) || mariadb_since(10, 2, 1);
    }
    bool has_invisible_keys() const noexcept {
        return tidb() || mysql_since(8) || mariadb_since(10, 6);
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
