// row_compiler: literals, columns, types that several values share.
#pragma once

#include <dmlib/transform/impl/internal/row_compiler.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline row_node_ptr row_compiler::number_literal(const expression& e, const sql::literal& l) {
    auto n = std::make_unique<literal_node>();
    n->type.literal = true;
    if (l.kind == literal_kind::floating) {
        n->type.what = row_type::real;
        n->d = leading_number(l.text);
        if (std::fabs(n->d) == std::numeric_limits<double>::max())
            return refuse(e, "a number that is too large");
        return n;
    }
    const std::size_t dot = l.text.find('.');
    n->type.what = row_type::exact;
    n->type.scale = dot == std::string::npos ? 0 : static_cast<int>(l.text.size() - dot - 1);
    const auto value = n->type.scale > 30 ? std::nullopt : parse_exact(l.text, n->type.scale);
    if (!value) return refuse(e, "a number with more than 38 digits");
    if (*value < 0 && l.kind == literal_kind::integer && !fits_64(*value, false))
        return refuse(e, "an integer that is too small");
    n->n = *value;
    n->type.is_unsigned = l.kind == literal_kind::integer && !fits_64(*value, false);
    n->type.integer = l.kind == literal_kind::integer && fits_64(*value, n->type.is_unsigned);
    if (*value == 0 && n->type.scale != 0) n->type.point = point_digits::unless_zero;
    const std::string digits = wide_text(*value < 0 ? -*value : *value, n->type.scale);
    n->type.digits = static_cast<int>(digits.size()) - (n->type.scale != 0 ? 1 : 0);
    return n;
}

inline row_node_ptr row_compiler::literal(const expression& e) {
    const sql::literal& l = e.value;
    switch (l.kind) {
        case literal_kind::null: {
            auto n = std::make_unique<literal_node>();
            n->type.literal = true;
            return n;
        }
        case literal_kind::boolean:
        case literal_kind::integer:
        case literal_kind::decimal:
        case literal_kind::floating: {
            if (l.kind != literal_kind::boolean) return number_literal(e, l);
            auto n = std::make_unique<literal_node>();
            n->type = boolean();
            n->type.literal = true;
            n->n = l.text == "true" ? 1 : 0;
            return n;
        }
        case literal_kind::string:
        case literal_kind::hex: {
            auto n = std::make_unique<literal_node>();
            n->type.what = row_type::text;
            n->type.literal = true;
            n->text = sql::bytes_of(l).value_or("");
            const bool hex = l.kind == literal_kind::hex;
            if (!l.charset.empty() && l.charset != "utf8mb4")
                return refuse(e, "a text with a charset of its own");
            n->type.charset = hex ? "binary" : "utf8mb4";
            n->type.order = hex ? text_order::of("binary") : connection_;
            return n;
        }
        case literal_kind::bit:
            return refuse(e, "b'...' elsewhere than behind a comparison with an integer");
        case literal_kind::date:
        case literal_kind::time:
        case literal_kind::timestamp: {
            auto n = std::make_unique<literal_node>();
            n->type.what = row_type::text;
            n->type.literal = true;
            n->text = l.text;
            row_node_ptr out = std::move(n);
            const row_type what = l.kind == literal_kind::date   ? row_type::date
                                  : l.kind == literal_kind::time ? row_type::time
                                                                 : row_type::datetime;
            return moment_literal(e, out, what) ? std::move(out) : nullptr;
        }
        default:
            break;
    }
    return refuse(e, "this kind of literal is not evaluated");
}

inline row_node_ptr row_compiler::bit_literal(const expression& e) {
    const auto bits = sql::unsigned_of(e.value);
    if (!bits) return refuse(e, "a bit literal of more than 64 bits");
    auto n = std::make_unique<literal_node>();
    n->type = integer_type(20, true);
    n->type.literal = true;
    n->n = *bits;
    return n;
}

/// A text in the servers' own form becomes a moment; other forms are read differently by each.
inline bool row_compiler::moment_literal(const expression& e, row_node_ptr& n, row_type what) {
    const auto* text = dynamic_cast<const literal_node*>(n.get());
    if (text == nullptr || text->type.what != row_type::text) {
        refuse(e, "a date or time compared with a text that is no literal");
        return false;
    }
    temporal t;
    auto out = std::make_unique<literal_node>();
    out->type.literal = true;
    if (what == row_type::time) {
        std::string_view s = text->text;
        t.negative = s.starts_with('-');
        if (t.negative) s.remove_prefix(1);
        if (!read_clock(s, t) || t.hour > 837) {
            refuse(e, "the text is no time of the form 'hh:mm:ss'");
            return false;
        }
        out->type.what = row_type::time;
        out->n = pack_time(t);
    } else {
        constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const bool read = read_date(text->text, t);
        const bool leap = (t.year % 4 == 0 && t.year % 100 != 0) || t.year % 400 == 0;
        const bool valid = read && t.year != 0 && t.month != 0 && t.day != 0 && t.hour < 24 &&
                           t.day <= days[t.month - 1] + (t.month == 2 && leap ? 1 : 0);
        if (!valid) {
            refuse(e, "the text is no date of the form 'yyyy-mm-dd' or 'yyyy-mm-dd hh:mm:ss'");
            return false;
        }
        out->type.what = text->text.size() == 10 ? row_type::date : row_type::datetime;
        out->n = pack_moment(t);
    }
    n = std::move(out);
    return true;
}

/// A literal that a YEAR is compared with: the servers read one and two digits as a year of 1970 to
/// 2069, and a text as the year that it says.
inline bool row_compiler::year_literal(const expression& e, row_node_ptr& n) {
    if (!n->type.literal || n->type.what == row_type::null) return true;
    const auto* text = dynamic_cast<const literal_node*>(n.get());
    auto out = std::make_unique<literal_node>();
    out->type = integer_type(4);
    out->type.literal = true;
    std::optional<std::uint32_t> year;
    if (n->type.integer) {
        const wide_int given = value_of_literal(*n).n;
        if (given > 0 && given < 10000) year = static_cast<std::uint32_t>(given);
    } else if (text != nullptr && n->type.what == row_type::text && text->text.size() == 4) {
        year = read_digits(text->text);
    }
    if (!year || *year < 1901 || *year > 2155) {
        refuse(e, "a YEAR compared with a literal that is no year of 1901 to 2155");
        return false;
    }
    out->n = *year;
    n = std::move(out);
    return true;
}

inline row_node_ptr row_compiler::column(const expression& e) {
    const bool own = (e.qualifier.empty() || schema::same_name(e.qualifier, table_.name)) &&
                     (e.schema.empty() || schema::same_name(e.schema, table_.schema));
    const std::size_t at = own ? table_.find_column(e.name) : schema::npos;
    if (at == schema::npos)
        return refuse(e,
                      "the table has no column " + quoted_identifier(e.name),
                      "Name columns that the table has at this place of the binlog (" +
                          column_list(table_) +
                          "), or take the expression out of the task file; then run again.");
    const auto image = std::find(image_columns_.begin(), image_columns_.end(), at);
    if (image == image_columns_.end())
        return refuse(e, "the value of this column is not in the binlog or not in the full copy");
    return column_of(
        e, table_.columns[at], static_cast<std::size_t>(image - image_columns_.begin()));
}

inline bool row_compiler::text_type(const expression& e, const schema::column& c, node_type& t) {
    t.what = row_type::text;
    t.derivation = 2;
    if (!c.is_character()) {
        t.charset = "binary";
        t.order = text_order::of("binary");
        return true;
    }
    t.charset = c.charset;
    t.order = text_order::of(c.collation);
    const bool known = is_utf8_charset(c.charset) || c.charset == "latin1" ||
                       c.charset == "ascii" || c.charset == "binary";
    if (!known) refuse(e, "the charset " + c.charset + " is not evaluated");
    return known;
}

inline bool row_compiler::moment_type(const expression& e, const schema::column& c, node_type& t) {
    using kind = schema::type_kind;
    t.what = c.type == kind::date   ? row_type::date
             : c.type == kind::time ? row_type::time
                                    : row_type::datetime;
    if (c.type != kind::timestamp || context_.time_zone_minutes) return true;
    refuse(e,
           "a TIMESTAMP, and the task does not say in which time zone it is compared; set timezone "
           "to an offset such as '+00:00'");
    return false;
}

inline row_node_ptr row_compiler::column_of(const expression& e,
                                            const schema::column& c,
                                            std::size_t place) {
    using kind = schema::type_kind;
    node_type t;
    switch (c.type) {
        case kind::tinyint:
        case kind::smallint:
        case kind::mediumint:
        case kind::int_:
            t = integer_type(c.type == kind::tinyint    ? 3
                             : c.type == kind::smallint ? 5
                                                        : 10,
                             c.is_unsigned);
            break;
        case kind::bigint:
        case kind::bit:
            t = integer_type(20, c.is_unsigned || c.type == kind::bit);
            break;
        case kind::decimal:
            t.what = row_type::exact;
            t.scale = static_cast<int>(c.decimals.value_or(0));
            t.digits = static_cast<int>(c.length.value_or(10));
            t.is_unsigned = c.is_unsigned;
            if (t.digits > max_wide_digits) return refuse(e, "a DECIMAL of more than 38 digits");
            break;
        case kind::float_:
        case kind::double_:
            t.what = row_type::real;
            // The servers compare it in a way of its own.
            if (c.decimals) return refuse(e, "a FLOAT(M,D) or DOUBLE(M,D)");
            break;
        case kind::date:
        case kind::time:
        case kind::timestamp:
        case kind::datetime:
            if (!moment_type(e, c, t)) return nullptr;
            break;
        case kind::char_:
        case kind::varchar:
        case kind::tinytext:
        case kind::text:
        case kind::mediumtext:
        case kind::longtext:
        case kind::binary:
        case kind::varbinary:
        case kind::tinyblob:
        case kind::blob:
        case kind::mediumblob:
        case kind::longblob:
        case kind::enum_:
        case kind::set:
            if (!text_type(e, c, t)) return nullptr;
            t.enumeration = c.type == kind::enum_ || c.type == kind::set;
            break;
        case kind::year:
            if (c.length.value_or(4) != 4) return refuse(e, "a YEAR(2)");
            t = integer_type(4, true);
            t.year = true;
            break;
        default:
            return refuse(e, "a column of this type is not evaluated");
    }
    return typed(std::make_unique<column_node>(c, place, context_.time_zone_minutes.value_or(0)),
                 t);
}

/// Which collation two texts are compared under, by the servers' rules of coercibility.
inline bool row_compiler::common_text(const expression& e,
                                      node_type& into,
                                      const node_type& other,
                                      bool other_ascii) {
    const bool same = into.charset == other.charset && into.order.name() == other.order.name();
    if (same) {
        into.derivation = std::min(into.derivation, other.derivation);
        return true;
    }
    if (into.derivation == other.derivation) {
        refuse(e, "two texts of different collations; say with COLLATE which one counts");
        return false;
    }
    if (other.derivation < into.derivation) {
        refuse(e, "a text whose charset another one decides; write the column first");
        return false;
    }
    const bool fits = into.charset == other.charset || other_ascii || into.charset == "binary" ||
                      (is_utf8_charset(into.charset) && is_utf8_charset(other.charset) &&
                       into.charset == "utf8mb4");
    if (!fits) {
        refuse(e, "a text with characters beyond ASCII, compared with another charset");
        return false;
    }
    if (other.charset == "binary" && into.charset != "binary") {
        refuse(e, "bytes compared with characters");
        return false;
    }
    return true;
}

/// Two texts: the collation that coercibility gives.
inline std::optional<row_comparer> row_compiler::compare_texts(const expression& e,
                                                               const row_node& a,
                                                               const row_node& b) {
    const row_node& winner = b.type.derivation < a.type.derivation ? b : a;
    const row_node& loser = &winner == &a ? b : a;
    const auto* text = dynamic_cast<const literal_node*>(&loser);
    node_type t = winner.type;
    if (!common_text(e, t, loser.type, text != nullptr && is_ascii_text(text->text)))
        return std::nullopt;
    if (!t.order.known()) {
        refuse(e,
               "a comparison under the collation of this column, whose weights are not known "
               "here; compare under a _bin collation (... COLLATE utf8mb4_bin)");
        return std::nullopt;
    }
    row_comparer c;
    c.how = row_comparer::mode::text;
    c.order = t.order;
    return c;
}

/// A text and a number: floating point on the servers.
inline std::optional<row_comparer> row_compiler::compare_text_number(const expression& e,
                                                                     const row_node& text,
                                                                     const row_node& number) {
    if (text.type.literal && number.type.what == row_type::exact) {
        // The server may turn the literal into the column's type: the same where a double is exact.
        const double d = to_real(text.type, value_of_literal(text));
        const bool same =
            number.type.integer ? std::fabs(d) < 9007199254740992.0 : number.type.digits <= 15;
        if (!same) {
            refuse(e, "a number of many digits compared with a text; write it without quotes");
            return std::nullopt;
        }
    }
    if (number.type.hidden > 0 && !is_mysql()) {
        refuse(e,
               "the result of / compared with a text, for which MariaDB may round it; write a "
               "number without quotes");
        return std::nullopt;
    }
    if (text.type.enumeration) {
        refuse(e, "an ENUM or SET compared with a number; compare it with its text");
        return std::nullopt;
    }
    if (!is_utf8_charset(text.type.charset) && text.type.charset != "ascii") {
        refuse(e, "bytes or latin1 text compared with a number");
        return std::nullopt;
    }
    row_comparer c;
    c.how = row_comparer::mode::real;
    return c;
}

/// How two values are compared. `one_of_many`: in IN, BETWEEN and CASE the servers choose one way
/// for all values, so that only plain pairs are taken.
inline std::optional<row_comparer> row_compiler::comparer(const expression& e,
                                                          row_node_ptr& a,
                                                          row_node_ptr& b,
                                                          bool one_of_many) {
    using mode = row_comparer::mode;
    row_comparer c;
    const auto is = [](const row_node_ptr& n, row_type what) { return n->type.what == what; };
    if (is(a, row_type::null) || is(b, row_type::null)) return c;
    if ((a->type.year && !year_literal(e, b)) || (b->type.year && !year_literal(e, a)))
        return std::nullopt;
    if (is(a, row_type::exact) && is(b, row_type::exact)) {
        // MySQL's IN may take 18446744073709551615 for -1.
        const auto natural = [](const row_node& n) {
            return n.type.is_unsigned || (n.type.literal && value_of_literal(n).n >= 0);
        };
        if (one_of_many && natural(*a) != natural(*b) &&
            ((a->type.integer && a->type.is_unsigned) ||
             (b->type.integer && b->type.is_unsigned))) {
            refuse(e, "integers with and without sign together in IN, BETWEEN or CASE");
            return std::nullopt;
        }
        c.how = mode::exact;
        const int scale = std::max(a->type.scale, b->type.scale);
        const int left = a->type.digits + scale - a->type.scale;
        const int right = b->type.digits + scale - b->type.scale;
        if (std::max(left, right) > max_wide_digits) {
            refuse(e, "numbers of more than 38 digits");
            return std::nullopt;
        }
        c.left_factor = power_of_ten(scale - a->type.scale);
        c.right_factor = power_of_ten(scale - b->type.scale);
        c.left_hidden = a->type.hidden;
        c.right_hidden = b->type.hidden;
        return c;
    }
    if (is_number(*a) && is_number(*b)) {
        c.how = mode::real;
        return c;
    }
    if (is(a, row_type::text) && is(b, row_type::text)) return compare_texts(e, *a, *b);
    const bool moments = is_moment(*a) || is_moment(*b);
    if (moments || is(a, row_type::time) || is(b, row_type::time)) {
        c.how = mode::moment;
        const row_type what = moments ? row_type::datetime : row_type::time;
        if (is(a, row_type::text) && !moment_literal(e, a, what)) return std::nullopt;
        if (is(b, row_type::text) && !moment_literal(e, b, what)) return std::nullopt;
        const bool fine = moments ? is_moment(*a) && is_moment(*b)
                                  : is(a, row_type::time) && is(b, row_type::time);
        if (fine) return c;
        refuse(e, "a date or time compared with a number or another kind of time");
        return std::nullopt;
    }
    if (one_of_many) {
        refuse(e, "numbers and texts together in IN, BETWEEN or CASE; write them all in one way");
        return std::nullopt;
    }
    return is(a, row_type::text) ? compare_text_number(e, *a, *b) : compare_text_number(e, *b, *a);
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
