// Whether MySQL takes the value of an expression for one that can be NULL: unique functional keys
// stand in SHOW CREATE TABLE by that.
#pragma once

#include <dmlib/schema/impl/internal/resolve_column.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/parser.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// Tried function by function on MySQL 8.0.33 and 9.7.4. In doubt a value can be NULL.
class null_judge {
public:
    null_judge(const resolve_options& options, const table& t) : options_(options), table_(t) {}

    bool may_be_null(const sql::expression& e) const {
        switch (e.kind) {
            case expression_kind::literal:
                return e.value.kind == sql::literal_kind::null;
            case expression_kind::column: {
                const std::size_t at = table_.find_column(e.name);
                return at == npos || table_.columns[at].nullable;
            }
            case expression_kind::is:
                return false;
            case expression_kind::cast:
                return cast(e);
            case expression_kind::convert_using:
            case expression_kind::collate:
                return is_strict(options_) || any(e);
            case expression_kind::unary:
                if (e.op == expression_operator::binary && is_strict(options_)) return true;
                return any(e);
            case expression_kind::between:
            case expression_kind::in:
            case expression_kind::like:
                return any(e);
            case expression_kind::binary:
                return binary(e);
            case expression_kind::case_when:
                return case_when(e);
            case expression_kind::function:
                return function(e);
            default:
                return true;
        }
    }

private:
    using names = std::initializer_list<std::string_view>;

    static bool is_one_of(std::string_view name, names list) {
        return std::find(list.begin(), list.end(), name) != list.end();
    }

    bool any(const sql::expression& e) const {
        return std::any_of(e.operands.begin(), e.operands.end(), [&](const sql::expression& x) {
            return may_be_null(x);
        });
    }
    bool all(const sql::expression& e) const {
        return std::all_of(e.operands.begin(), e.operands.end(), [&](const sql::expression& x) {
            return may_be_null(x);
        });
    }

    /// A text that is not well formed, or too long, becomes NULL in strict mode.
    bool cast(const sql::expression& e) const {
        const std::string type = sql::ascii_lower(e.text);
        const auto begins = [&](names list) {
            return std::any_of(
                list.begin(), list.end(), [&](std::string_view n) { return type.starts_with(n); });
        };
        if (e.array) return true;
        if (begins({"char", "nchar", "binary"})) return is_strict(options_) || any(e);
        if (begins({"signed", "unsigned", "decimal", "double", "float", "real"})) return any(e);
        return true;
    }

    bool binary(const sql::expression& e) const {
        using op = expression_operator;
        if (e.op == op::null_safe_equal) return false;
        return e.op == op::divide || e.op == op::int_divide || e.op == op::modulo || any(e);
    }

    /// The conditions do not count, nor does the subject.
    bool case_when(const sql::expression& e) const {
        if (!e.has_else || e.operands.empty()) return true;
        for (std::size_t i = e.has_subject ? 2 : 1; i < e.operands.size(); i += 2) {
            if (may_be_null(e.operands[i])) return true;
        }
        return may_be_null(e.operands.back());
    }

    bool function(const sql::expression& e) const {
        if (is_one_of(e.name, {"isnull", "field", "interval"})) return false;
        if (is_one_of(e.name, {"coalesce", "ifnull"})) return all(e);
        if (e.name == "if" && e.operands.size() == 3)
            return may_be_null(e.operands[1]) || may_be_null(e.operands[2]);
        // Of a version between 8.0.33 and 9.7.4 on it can be NULL.
        if (e.name == "from_days") return options_.server.version.at_least(9) || any(e);
        if (is_one_of(
                e.name,
                {"length",     "octet_length", "bit_length", "char_length", "character_length",
                 "abs",        "round",        "truncate",   "floor",       "ceil",
                 "ceiling",    "greatest",     "least",      "crc32",       "sign",
                 "locate",     "position",     "instr",      "strcmp",      "ascii",
                 "ord",        "find_in_set",  "bit_count",  "degrees",     "radians",
                 "period_add", "period_diff",  "is_ipv4",    "is_ipv6",     "make_set"}))
            return any(e);
        if (is_one_of(e.name,
                      {"upper",   "ucase",   "lower",  "lcase",     "concat",    "concat_ws",
                       "left",    "right",   "substr", "substring", "mid",       "substring_index",
                       "trim",    "ltrim",   "rtrim",  "replace",   "reverse",   "repeat",
                       "lpad",    "rpad",    "md5",    "sha",       "sha1",      "hex",
                       "format",  "soundex", "insert", "quote",     "to_base64", "char",
                       "compress"}))
            return is_strict(options_) || any(e);
        return true;
    }

    const resolve_options& options_;
    const table& table_;
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
