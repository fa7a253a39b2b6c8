// row_compiler: functions.
#pragma once

#include <dmlib/transform/impl/internal/row_compiler.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline bool row_compiler::operands(const expression& e,
                                   std::size_t least,
                                   std::size_t most,
                                   std::vector<row_node_ptr>& out) {
    if (e.operands.size() < least || e.operands.size() > most) {
        refuse(e, "a wrong number of arguments");
        return false;
    }
    for (const expression& o : e.operands) {
        row_node_ptr n = node(o);
        if (!n) return false;
        out.push_back(std::move(n));
    }
    return true;
}

inline row_node_ptr row_compiler::function(const expression& e) {
    const bool plain =
        e.schema.empty() && e.qualifier.empty() && e.text.empty() && !e.distinct && !e.no_arguments;
    bool known = plain;
    if (known) {
        for (auto part : {&row_compiler::conditional_function,
                          &row_compiler::number_function,
                          &row_compiler::text_function,
                          &row_compiler::case_function,
                          &row_compiler::set_function,
                          &row_compiler::date_function}) {
            known = true;
            row_node_ptr n = (this->*part)(e, known);
            if (known) return n;
        }
    }
    return refuse(e, "the function " + e.name + " is not evaluated");
}

inline row_node_ptr row_compiler::conditional_function(const expression& e, bool& known) {
    std::vector<row_node_ptr> a;
    std::vector<choice_node::branch> branches;
    if (e.name == "if") {
        if (!operands(e, 3, 3, a)) return nullptr;
        row_node_ptr test = truth(std::move(a[0]), e.operands[0]);
        if (!test) return nullptr;
        branches.push_back({std::move(test), false, std::move(a[1])});
        branches.push_back({nullptr, false, std::move(a[2])});
        return choice(e, std::move(branches));
    }
    if (e.name == "ifnull" || e.name == "coalesce") {
        const bool pair = e.name == "ifnull";
        if (!operands(e, pair ? 2 : 1, pair ? 2 : 100, a)) return nullptr;
        for (auto& n : a) branches.push_back({nullptr, true, std::move(n)});
        return choice(e, std::move(branches));
    }
    if (e.name == "isnull") {
        if (!operands(e, 1, 1, a)) return nullptr;
        return typed(std::make_unique<is_node>(is_node::what::null, false, std::move(a[0])),
                     boolean());
    }
    if (e.name == "nullif") {
        if (!operands(e, 2, 2, a)) return nullptr;
        auto how = comparer(e, a[0], a[1], true);
        if (!how) return nullptr;
        node_type t = a[0]->type;
        t.literal = t.enumeration = t.year = false;
        return typed(std::make_unique<nullif_node>(std::move(a[0]), std::move(a[1]), *how), t);
    }
    if (e.name == "json_unquote") {
        const bool extract = e.operands.size() == 1 && e.operands[0].is_function("json_extract") &&
                             e.operands[0].operands.size() == 2;
        const bool arrow = e.operands.size() == 1 &&
                           e.operands[0].kind == expression_kind::json_extract &&
                           e.operands[0].name == "->";
        if (!extract && !arrow)
            return refuse(e, "JSON_UNQUOTE of something else than JSON_EXTRACT(column, path)");
        return json_text(e, e.operands[0].operands[0], e.operands[0].operands[1]);
    }
    known = false;
    return nullptr;
}

inline row_node_ptr row_compiler::json_text(const expression& e,
                                            const expression& document,
                                            const expression& path) {
    const std::size_t at =
        document.kind == expression_kind::column ? table_.find_column(document.name) : schema::npos;
    if (at == schema::npos || table_.columns[at].type != schema::type_kind::json)
        return refuse(e, "a JSON path into something else than a JSON column of MySQL");
    const auto image = std::find(image_columns_.begin(), image_columns_.end(), at);
    if (image == image_columns_.end()) return refuse(e, "the row does not carry this column");
    auto legs = path.kind == expression_kind::literal
                    ? parse_json_path(sql::bytes_of(path.value).value_or(""))
                    : std::nullopt;
    if (!legs) return refuse(path, "a JSON path with more than names and places");
    node_type t;
    t.what = row_type::text;
    t.charset = "utf8mb4";
    t.order = text_order::of("utf8mb4_bin");
    t.derivation = 2;
    auto source =
        typed(std::make_unique<column_node>(
                  table_.columns[at], static_cast<std::size_t>(image - image_columns_.begin()), 0),
              t);
    return typed(std::make_unique<json_text_node>(std::move(source), std::move(*legs)), t);
}

inline row_node_ptr row_compiler::number_function(const expression& e, bool& known) {
    using what = number_node::what;
    std::vector<row_node_ptr> a;
    if (e.name == "mod") {
        if (!operands(e, 2, 2, a)) return nullptr;
        return arithmetic(e, expression_operator::modulo, std::move(a[0]), std::move(a[1]));
    }
    if (e.name == "greatest" || e.name == "least") {
        if (!operands(e, 2, 100, a)) return nullptr;
        for (const auto& n : a) {
            if (!n->type.integer || n->type.is_unsigned != a[0]->type.is_unsigned)
                return refuse(e, "GREATEST and LEAST take integers of one kind here");
        }
        const node_type t = integer_type(20, a[0]->type.is_unsigned);
        return typed(std::make_unique<extreme_node>(e.name == "greatest", std::move(a)), t);
    }
    if (e.name == "round" || e.name == "truncate") {
        if (!operands(e, e.name == "round" ? 1 : 2, 2, a)) return nullptr;
        wide_int digits = 0;
        if (a.size() == 2) {
            if (!a[1]->type.literal || !a[1]->type.integer)
                return refuse(e, "a number of digits that is no literal");
            digits = value_of_literal(*a[1]).n;
        }
        if (a[0]->type.what != row_type::exact || digits < 0 || digits > 30)
            return refuse(e, "ROUND and TRUNCATE take exact numbers and 0 to 30 digits here");
        node_type t = a[0]->type;
        t.literal = false;
        if (t.minus_zero) return refuse(e, "ROUND and TRUNCATE of % of DECIMAL numbers");
        t.hidden = 0;
        if (digits > t.scale || t.point == point_digits::unsure) {
            t.point = point_digits::unsure;
        } else if (digits != 0) {
            t.point = point_digits::unless_zero;
        } else {
            t.point = point_digits::always;
        }
        t.scale = std::min(t.scale, static_cast<int>(digits));
        return typed(std::make_unique<round_node>(e.name == "round", std::move(a[0]), t.scale), t);
    }
    const bool floors = e.name == "floor" || e.name == "ceil" || e.name == "ceiling";
    if (e.name != "abs" && e.name != "sign" && !floors) {
        known = false;
        return nullptr;
    }
    if (!operands(e, 1, 1, a)) return nullptr;
    if (!is_number(*a[0])) return refuse(e, "a number is expected");
    node_type t = a[0]->type;
    if (t.minus_zero) return refuse(e, "a function of % of DECIMAL numbers");
    t.literal = t.year = false;
    if (e.name == "sign") t = integer_type(1);
    if (floors && t.what == row_type::exact) {
        const int whole = t.digits - t.scale;
        t.vague = !t.integer && whole > 17;
        if (!t.integer && is_mysql()) t.is_unsigned = false;
        t.integer = t.integer || whole <= 17;
        t.scale = t.hidden = 0;
        t.point = point_digits::always;
    }
    const what w = e.name == "abs"     ? what::absolute
                   : e.name == "sign"  ? what::sign
                   : e.name == "floor" ? what::floor
                                       : what::ceiling;
    return typed(std::make_unique<number_node>(w, std::move(a[0])), t);
}

inline row_node_ptr row_compiler::case_function(const expression& e, bool& known) {
    const bool lower = e.name == "lower" || e.name == "lcase";
    known = lower || e.name == "upper" || e.name == "ucase";
    std::vector<row_node_ptr> a;
    if (!known || !operands(e, 1, 1, a)) return nullptr;
    node_type t = a[0]->type;
    if (t.what != row_type::text) return refuse(e, "a text is expected");
    t.literal = t.enumeration = false;
    if (t.charset == "binary" || !t.order.known())
        return refuse(e, "LOWER and UPPER under the collation of this text are not known here");
    return typed(std::make_unique<case_node>(lower, std::move(a[0])), t);
}

/// FIND_IN_SET: the servers look a literal up among the members of the column.
inline row_node_ptr row_compiler::set_function(const expression& e, bool& known) {
    known = e.name == "find_in_set";
    std::vector<row_node_ptr> a;
    if (!known || !operands(e, 2, 2, a)) return nullptr;
    const auto* text = dynamic_cast<const literal_node*>(a[0].get());
    const auto* column = dynamic_cast<const column_node*>(a[1].get());
    if (text == nullptr || text->type.what != row_type::text || column == nullptr ||
        column->kind() != schema::type_kind::set)
        return refuse(e, "FIND_IN_SET takes a literal and a column of type SET here");
    const collation_info* info = find_collation(column->type.order.name());
    const auto& members = column->members();
    const bool plain =
        is_ascii_text(text->text) && !text->text.empty() &&
        text->text.find_first_of(" ,") == std::string::npos &&
        std::all_of(members.begin(), members.end(), [](const auto& m) { return is_ascii_text(m); });
    if (!plain || info == nullptr || info->strength != collation_strength::case_insensitive) {
        return refuse(e,
                      "FIND_IN_SET takes ASCII letters without space or comma, and a column whose "
                      "members are such and whose collation does not tell case");
    }
    const auto at = std::find_if(members.begin(), members.end(), [&](const std::string& m) {
        return fold_case(m) == fold_case(text->text);
    });
    const auto place = at == members.end() ? 0 : static_cast<std::size_t>(at - members.begin()) + 1;
    return typed(std::make_unique<member_node>(place, std::move(a[1])), integer_type(3));
}

inline row_node_ptr row_compiler::text_function(const expression& e, bool& known) {
    constexpr std::string_view names[] = {"length",
                                          "octet_length",
                                          "char_length",
                                          "character_length",
                                          "crc32",
                                          "left",
                                          "right",
                                          "substr",
                                          "concat",
                                          "ltrim",
                                          "rtrim",
                                          "trim"};
    if (std::find(std::begin(names), std::end(names), e.name) == std::end(names)) {
        known = false;
        return nullptr;
    }
    std::vector<row_node_ptr> a;
    if (!operands(e, 1, e.name == "concat" ? 100 : e.name == "substr" ? 3 : 2, a)) return nullptr;
    if (a[0]->type.what != row_type::text) return refuse(e, "a text is expected");
    node_type t = a[0]->type;
    t.literal = t.enumeration = false;
    const bool parts = e.name == "left" || e.name == "right" || e.name == "substr";
    if (e.name == "concat") {
        for (std::size_t i = 1; i < a.size(); ++i) {
            if (a[i]->type.what != row_type::text) return refuse(e, "CONCAT takes texts here");
            const bool ascii = a[i]->type.literal && is_ascii_text(value_of_literal(*a[i]).s);
            if (a[i]->type.derivation < t.derivation) {
                if (t.charset != a[i]->type.charset)
                    return refuse(e, "texts of different charsets");
                t.order = a[i]->type.order;
                t.derivation = a[i]->type.derivation;
            } else if (!common_text(e, t, a[i]->type, ascii)) {
                return nullptr;
            }
        }
        return typed(std::make_unique<concat_node>(std::move(a)), t);
    }
    if (parts) {
        if (a.size() < 2 || (e.name != "substr" && a.size() != 2))
            return refuse(e, "a wrong number of arguments");
        for (std::size_t i = 1; i < a.size(); ++i) {
            if (!a[i]->type.integer) return refuse(e, "an integer is expected");
        }
        const auto w = e.name == "left"    ? part_node::what::left
                       : e.name == "right" ? part_node::what::right
                                           : part_node::what::substr;
        return typed(std::make_unique<part_node>(w, std::move(a)), t);
    }
    if (a.size() != 1) return refuse(e, "a wrong number of arguments");
    if (e.name == "trim" || e.name == "ltrim" || e.name == "rtrim") {
        return typed(
            std::make_unique<trim_node>(e.name != "rtrim", e.name != "ltrim", std::move(a[0])), t);
    }
    const bool bytes = e.name == "length" || e.name == "octet_length";
    const bool crc = e.name == "crc32";
    const auto w = bytes ? measure_node::what::bytes
                   : crc ? measure_node::what::crc32
                         : measure_node::what::characters;
    return typed(std::make_unique<measure_node>(w, std::move(a[0])), integer_type(10, crc));
}

/// `a` plus or minus an INTERVAL of a whole number that is a literal.
inline row_node_ptr row_compiler::shifted(const expression& e,
                                          row_node_ptr a,
                                          const expression& by,
                                          bool minus) {
    struct unit {
        std::string_view name;
        std::int64_t months;
        std::int64_t seconds;
        bool of_date;  ///< a date stays a date
    };
    constexpr unit units[] = {{"year", 12, 0, true},
                              {"quarter", 3, 0, true},
                              {"month", 1, 0, true},
                              {"week", 0, 7 * 86400, true},
                              {"day", 0, 86400, true},
                              {"hour", 0, 3600, false},
                              {"minute", 0, 60, false},
                              {"second", 0, 1, false}};
    const auto* u = std::find_if(
        std::begin(units), std::end(units), [&](const unit& x) { return x.name == by.name; });
    if (u == std::end(units)) return refuse(by, "an INTERVAL of this unit");
    if (!is_moment(*a))
        return refuse(e, "an INTERVAL goes with a column of dates, or write DATE '2024-01-31'");
    row_node_ptr n = node(by.operands[0]);
    if (!n) return nullptr;
    constexpr wide_int most = 1000000000;
    const bool plain = n->type.literal && n->type.integer;
    const wide_int count = plain ? value_of_literal(*n).n * (minus ? -1 : 1) : most + 1;
    if (count > most || count < -most)
        return refuse(by, "an INTERVAL of something else than a whole number");
    const bool date = a->type.what == row_type::date && u->of_date;
    return typed(std::make_unique<shift_node>(std::move(a),
                                              static_cast<std::int64_t>(count) * u->months,
                                              count * u->seconds * 1000000),
                 of_kind(date ? row_type::date : row_type::datetime));
}

inline row_node_ptr row_compiler::date_function(const expression& e, bool& known) {
    using what = moment_node::what;
    struct entry {
        std::string_view name;
        what field;
        bool of_date;
    };
    constexpr entry table[] = {
        {"year", what::year, true},
        {"month", what::month, true},
        {"day", what::day, true},
        {"dayofmonth", what::day, true},
        {"quarter", what::quarter, true},
        {"to_days", what::to_days, true},
        {"dayofweek", what::day_of_week, true},
        {"weekday", what::weekday, true},
        {"dayofyear", what::day_of_year, true},
        {"date", what::date, true},
        {"hour", what::hour, false},
        {"minute", what::minute, false},
        {"second", what::second, false},
        {"microsecond", what::microsecond, false},
    };
    std::vector<row_node_ptr> a;
    if (e.name == "datediff") {
        if (!operands(e, 2, 2, a)) return nullptr;
        for (std::size_t i = 0; i < 2; ++i) {
            const bool text = a[i]->type.what == row_type::text;
            if (text && !moment_literal(e.operands[i], a[i], row_type::date)) return nullptr;
            if (!is_moment(*a[i])) return refuse(e, "a date is expected");
        }
        return typed(std::make_unique<datediff_node>(std::move(a[0]), std::move(a[1])),
                     integer_type(10));
    }
    const bool minus = e.name == "date_sub" || e.name == "subdate";
    if (minus || e.name == "date_add" || e.name == "adddate") {
        if (e.operands.size() != 2 || e.operands[1].kind != expression_kind::interval)
            return refuse(e, "a date and an INTERVAL are expected");
        row_node_ptr date = node(e.operands[0]);
        return date ? shifted(e, std::move(date), e.operands[1], minus) : nullptr;
    }
    const auto* at = std::find_if(
        std::begin(table), std::end(table), [&](const entry& x) { return x.name == e.name; });
    if (at == std::end(table)) {
        known = false;
        return nullptr;
    }
    if (!operands(e, 1, 1, a)) return nullptr;
    const bool time = a[0]->type.what == row_type::time && !at->of_date;
    if (!is_moment(*a[0]) && !time) return refuse(e, "a column with a date or time is expected");
    const node_type t = at->field == what::date ? of_kind(row_type::date) : integer_type(10);
    return typed(std::make_unique<moment_node>(at->field, std::move(a[0])), t);
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
