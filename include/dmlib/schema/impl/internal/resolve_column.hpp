// One column definition with the defaults that the server applies.
#pragma once

#include <dmlib/model/transcode.hpp>
#include <dmlib/schema/impl/internal/default_value.hpp>
#include <dmlib/schema/impl/internal/expression_text.hpp>
#include <dmlib/schema/impl/internal/resolve_charset.hpp>
#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/literal.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline bool timestamps_are_plain(const resolve_options& o) {
    if (o.explicit_defaults_for_timestamp) return *o.explicit_defaults_for_timestamp;
    return o.server.flavor == flavor::mysql ? o.server.version.at_least(8, 0, 2)
                                            : o.server.version.at_least(10, 10);
}

/// STRICT_TRANS_TABLES or STRICT_ALL_TABLES.
inline bool is_strict(const resolve_options& o) noexcept {
    return !o.verbatim && (o.sql_mode & (std::uint64_t{3} << 21)) != 0;
}

inline type_kind blob_of_text(type_kind type) noexcept {
    switch (type) {
        case type_kind::tinytext:
            return type_kind::tinyblob;
        case type_kind::text:
            return type_kind::blob;
        case type_kind::mediumtext:
            return type_kind::mediumblob;
        case type_kind::longtext:
            return type_kind::longblob;
        case type_kind::char_:
            return type_kind::binary;
        case type_kind::varchar:
            return type_kind::varbinary;
        default:
            return type;
    }
}

/// The smallest TEXT (or BLOB) that holds so many bytes.
inline type_kind fitting_blob(bool text, std::uint64_t bytes) noexcept {
    if (bytes <= 255) return text ? type_kind::tinytext : type_kind::tinyblob;
    if (bytes <= 65535) return text ? type_kind::text : type_kind::blob;
    if (bytes <= 16777215) return text ? type_kind::mediumtext : type_kind::mediumblob;
    return text ? type_kind::longtext : type_kind::longblob;
}

/// Makes room for the characters of a text whose bytes grow from `old_max` to `new_max` a
/// character. True: a VARCHAR became a TEXT.
inline bool grow_text(column& c, std::uint64_t old_max, std::uint64_t new_max) {
    const auto grown = [&](std::uint64_t bytes) {
        return fitting_blob(true, bytes / old_max * new_max);
    };
    if (c.type == type_kind::tinytext) {
        c.type = grown(255);
    } else if (c.type == type_kind::text) {
        c.type = grown(65535);
    } else if (c.type == type_kind::mediumtext) {
        c.type = grown(16777215);
    } else if (c.type == type_kind::varchar && *c.length * new_max > 65535) {
        c.type = fitting_blob(true, *c.length * new_max);
        c.length.reset();
        return true;
    }
    return false;
}

inline std::uint64_t default_width(type_kind type, bool is_unsigned) noexcept {
    switch (type) {
        case type_kind::tinyint:
            return is_unsigned ? 3 : 4;
        case type_kind::smallint:
            return is_unsigned ? 5 : 6;
        case type_kind::mediumint:
            return is_unsigned ? 8 : 9;
        case type_kind::int_:
            return is_unsigned ? 10 : 11;
        default:
            return 20;
    }
}

struct column_resolver {
    const resolve_options& options;
    const table& owner;  ///< charset, and the columns that expressions may name

    bool mariadb() const noexcept { return is_mariadb(options.server); }

    result<column> resolve(const sql::column_definition& d) const {
        column c;
        c.name = d.name;
        c.type = d.type.kind;
        c.type_name = d.type.name;
        // YEAR takes both words and forgets them.
        const bool signs = c.type != type_kind::year;
        c.is_unsigned = signs && (d.type.is_unsigned || d.type.zerofill);
        c.zerofill = signs && d.type.zerofill;
        c.compressed = d.type.compressed;
        c.reference_system = d.type.reference_system;
        if (auto r = set_charset(c, d); r.has_error()) return r.error();
        set_size(c, d.type);
        if (c.is_blob_or_text() && d.type.kind == type_kind::varchar && is_strict(options)) {
            return refusal("column length too big for column '" + c.name + "'");
        }
        set_members(c, d.type);
        set_attributes(c, d);
        if (auto r = set_generated(c, d); r.has_error()) return r.error();
        set_nullable(c, d);
        if (auto r = set_default(c, d); r.has_error()) return r.error();
        return c;
    }

    expression_printer printer() const {
        return expression_printer{options.server, options.connection_charset, &owner};
    }

    /// MariaDB gives the column's digits where there are none, or more than the column has.
    std::string current_timestamp(const column& c, const sql::expression& e) const {
        std::string digits = e.operands.empty() ? "0" : e.operands[0].value.text;
        const std::string own = std::to_string(c.fraction_digits);
        if (mariadb() && !options.verbatim && (digits == "0" || digits > own)) digits = own;
        digits = digits == "0" ? "" : "(" + digits + ")";
        if (!mariadb()) return "CURRENT_TIMESTAMP" + digits;
        return "current_timestamp" + (digits.empty() ? "()" : digits);
    }

    /// "2020-01-01 10:11:12+01:00" of MySQL 8.0.19.
    bool states_offset(const column& c, const sql::literal& literal) const {
        const bool takes = c.type == type_kind::datetime || c.type == type_kind::timestamp;
        return takes && mysql_at_least(options.server, 8, 0, 19) && !options.verbatim &&
               stated_offset(literal.text).has_value();
    }

    /// A DATETIME gets the session's clock, a TIMESTAMP is kept in UTC.
    column_default moment_of_offset(const column& c,
                                    column_default out,
                                    const sql::literal& literal) const {
        out.text = moment_in_utc(out.text, *stated_offset(literal.text));
        if (c.type == type_kind::datetime)
            out.text = moment_in_utc(out.text, -options.time_zone_offset.value_or(0));
        return out;
    }

    result<column_default> default_of(const column& c, const sql::default_clause& clause) const {
        if (const auto literal = sql::signed_literal(clause.expr)) {
            const bool constant = !clause.parenthesised || mariadb();
            if (constant) {
                auto out = literal_as_default(c, *literal);
                if (out && states_offset(c, *literal)) return moment_of_offset(c, *out, *literal);
                // Kept as a moment: shown to a session in UTC it is another text.
                const std::int32_t offset = options.time_zone_offset.value_or(0);
                if (out && c.type == type_kind::timestamp && offset != 0 && !options.verbatim)
                    out->text = moment_in_utc(out->text, offset);
                return out;
            }
        }
        column_default out;
        out.kind = default_kind::expression;
        out.quoted = false;
        const bool now =
            clause.expr.is_function("current_timestamp") ||
            (mariadb() && (clause.expr.is_function("now") || clause.expr.is_function("localtime") ||
                           clause.expr.is_function("localtimestamp")));
        if (now && (!clause.parenthesised || mariadb()) && c.is_temporal()) {
            out.text = current_timestamp(c, clause.expr);
            const bool local = sql::ascii_lower(clause.text.value).starts_with("localtimestamp");
            if (local && mariadb_at_least(options.server, 11, 3)) {
                out.text.replace(0, 17, "localtimestamp");
            }
            return out;
        }
        if (options.verbatim) {
            out.text = clause.text.value;
            strip_parentheses(out.text, out.quoted);
            return out;
        }
        out.text = printer().print(clause.expr);
        out.quoted = printer().default_has_parentheses(clause.expr);
        return out;
    }

    /// The type of a TEXT or VARCHAR by the character set that the column has now.
    void fit_text(column& c, const sql::data_type& type) const {
        if (type.kind != type_kind::text && type.kind != type_kind::varchar) return;
        const bool was_text = c.is_blob_or_text();
        c.type = type.kind;
        c.length.reset();
        set_size(c, type);
        default_kind& value = c.default_value.kind;
        if (has_no_default(c)) {
            if (value == default_kind::null) value = default_kind::none;
        } else if (was_text && c.nullable && !c.is_generated() && value == default_kind::none) {
            value = default_kind::null;
        }
    }

private:
    static void strip_parentheses(std::string& text, bool& stripped) {
        stripped = false;
        if (text.size() < 2 || text.front() != '(' || text.back() != ')') return;
        int depth = 0;
        char quote = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char ch = text[i];
            if (quote != 0) {
                if (ch == '\\' && quote == '\'')
                    ++i;
                else if (ch == quote)
                    quote = 0;
                continue;
            }
            if (ch == '\'' || ch == '`')
                quote = ch;
            else if (ch == '(')
                ++depth;
            else if (ch == ')' && --depth == 0 && i + 1 != text.size())
                return;
        }
        text = text.substr(1, text.size() - 2);
        stripped = true;
    }

    /// MariaDB 10.2 makes a text of a constant that has to be converted to the column's character
    /// set.
    bool becomes_text(const column& c, const sql::literal& literal) const {
        if (mariadb_at_least(options.server, 10, 3) || c.charset.empty()) return false;
        const bool wide =
            c.charset == "ucs2" || c.charset.starts_with("utf16") || c.charset == "utf32";
        if (literal.kind != sql::literal_kind::hex) return wide;
        const charset_info* const set = find_charset(c.charset);
        return !wide && set != nullptr && set->max_bytes > 1;
    }

    /// A text in a binary column is the bytes that the session's connection has for it.
    result<column_default> literal_as_default(const column& c, sql::literal literal) const {
        constexpr type_kind kinds[] = {type_kind::binary,
                                       type_kind::varbinary,
                                       type_kind::tinyblob,
                                       type_kind::blob,
                                       type_kind::mediumblob,
                                       type_kind::longblob,
                                       type_kind::bit};
        const bool binary =
            std::find(std::begin(kinds), std::end(kinds), c.type) != std::end(kinds);
        if (literal.kind == sql::literal_kind::string && binary && !options.sent_charset.empty()) {
            // One with an introducer is taken as it was sent.
            auto bytes = from_utf8(
                literal.text,
                literal.charset.empty() ? options.connection_charset : options.sent_charset);
            if (!bytes) return bytes.error();
            literal.text = std::move(*bytes);
        }
        return taken_as_default(c, literal);
    }

    column_default taken_as_default(const column& c, const sql::literal& literal) const {
        const bool plain_text =
            literal.kind == sql::literal_kind::null ||
            (literal.kind == sql::literal_kind::string && literal.charset.empty()) ||
            (literal.kind == sql::literal_kind::bit && !mariadb_at_least(options.server, 10, 3));
        if (mariadb() && c.is_blob_or_text() && !plain_text && !becomes_text(c, literal)) {
            // The default of a BLOB or TEXT is an expression there and keeps its type.
            column_default out;
            out.kind = default_kind::literal;
            out.text = literal.kind == sql::literal_kind::national ? literal.text
                       : literal.kind == sql::literal_kind::decimal
                           ? text_of(literal, literal.text)
                           : printer().print_literal(literal);
            out.quoted = literal.kind == sql::literal_kind::national;
            return out;
        }
        if (options.verbatim && literal.kind == sql::literal_kind::string &&
            c.type != type_kind::bit) {
            column_default out;
            out.kind = default_kind::literal;
            out.text = literal.text;
            return out;
        }
        return literal_default(c, literal, options.server);
    }

    result<void> set_charset(column& c, const sql::column_definition& d) const {
        const sql::data_type& type = d.type;
        if (c.type == type_kind::json && mariadb()) {
            c.type = type_kind::longtext;
            c.charset = "utf8mb4";
            c.collation = "utf8mb4_bin";
            if (!type.collation.empty()) c.collation = type.collation;
            return {};
        }
        if (!c.is_character()) return {};
        const std::string charset = type.national ? "utf8mb3" : type.charset;
        auto chosen =
            chosen_charset(options, charset, type.collation, {owner.charset, owner.collation});
        if (chosen.has_error()) return chosen.error();
        c.charset = chosen->charset;
        c.collation = chosen->collation;
        const bool charset_stated = !charset.empty() && charset != "default";
        // SHOW CREATE states both where the column's definition did.
        c.explicit_collation = options.verbatim ? charset_stated && !type.collation.empty()
                                                : charset_stated || !type.collation.empty();
        // BINARY goes before a COLLATE beside it, in MySQL 8 only where no charset is stated;
        // MariaDB 10.9 and later refuse the two together.
        const bool collate_wins = mysql_at_least(options.server, 8) && charset_stated;
        if (type.binary && (type.collation.empty() || !collate_wins))
            c.collation = binary_collation(c.charset);
        if (c.charset == "binary" && c.type != type_kind::enum_ && c.type != type_kind::set) {
            c.type = blob_of_text(c.type);
            c.charset.clear();
            c.collation.clear();
        }
        return {};
    }

    void set_size(column& c, const sql::data_type& type) const {
        const server_kind& server = options.server;
        if (c.is_integer()) {
            const bool bare =
                mysql_at_least(server, 8, 0, 19) && !c.zerofill &&
                !(c.type == type_kind::tinyint && type.length == 1U && !c.is_unsigned);
            if (!bare) c.length = type.length.value_or(default_width(c.type, c.is_unsigned));
            return;
        }
        if (c.is_temporal()) {
            c.fraction_digits = static_cast<std::uint8_t>(type.length.value_or(0));
            return;
        }
        switch (c.type) {
            case type_kind::decimal:
                c.length = type.length.value_or(10) == 0 ? 10 : type.length.value_or(10);
                c.decimals = type.decimals.value_or(0);
                break;
            case type_kind::float_:
            case type_kind::double_:
                set_float_size(c, type);
                break;
            case type_kind::bit:
                c.length = type.length.value_or(1) == 0 ? 1 : type.length.value_or(1);
                break;
            case type_kind::char_:
            case type_kind::binary:
                c.length = type.length.value_or(1);
                break;
            case type_kind::varchar:
            case type_kind::varbinary:
            case type_kind::vector:
                c.length = type.length.value_or(c.type == type_kind::vector ? 2048 : 1);
                break;
            case type_kind::year:
                // MySQL 5.6 and later make it four digits; a table of before may have two.
                if (mysql_at_least(server, 8, 0, 19)) break;
                c.length = type.length == 2U && (is_mariadb(server) || options.verbatim) ? 2 : 4;
                break;
            case type_kind::text:
            case type_kind::blob:
                set_blob_size(c, type);
                break;
            default:
                break;
        }
        // A VARCHAR that cannot be one becomes a TEXT (outside of strict mode).
        if (c.type == type_kind::varchar && *c.length * max_bytes(c) > 65535) {
            c.type = fitting_blob(true, *c.length * max_bytes(c));
            c.length.reset();
        } else if (c.type == type_kind::varbinary && *c.length > 65535) {
            c.type = fitting_blob(false, *c.length);
            c.length.reset();
        }
    }

    static void set_float_size(column& c, const sql::data_type& type) {
        if (type.length && type.decimals) {
            c.length = type.length;
            c.decimals = type.decimals;
        } else if (type.length && c.type == type_kind::float_ && *type.length > 24) {
            c.type = type_kind::double_;
        }
    }

    static std::uint64_t max_bytes(const column& c) {
        const charset_info* const set = find_charset(c.charset);
        return set == nullptr ? 1 : set->max_bytes;
    }

    void set_blob_size(column& c, const sql::data_type& type) const {
        if (!type.length) return;
        const bool text = c.type == type_kind::text;
        // MariaDB takes BLOB(0) for BLOB, MySQL for TINYBLOB.
        if (*type.length == 0 && !mysql_at_least(options.server, 5, 7)) return;
        c.type = fitting_blob(text, *type.length * (text ? max_bytes(c) : 1));
    }

    static void set_members(column& c, const sql::data_type& type) {
        for (const sql::literal& member : type.members) {
            std::string text = sql::bytes_of(member).value_or(member.text);
            while (c.charset != "binary" && !text.empty() && text.back() == ' ') text.pop_back();
            c.members.push_back(std::move(text));
        }
    }

    void set_attributes(column& c, const sql::column_definition& d) const {
        c.auto_increment = d.auto_increment || d.serial_default;
        c.comment = cut_comment(d.comment.value_or(""), 1024);
        c.invisible = d.invisible.value_or(false);
        c.system_versioning = d.system_versioning;
        c.period = d.period;
        c.srid = d.srid;
        c.column_format = d.column_format == "default" ? "" : d.column_format;
        c.storage = d.storage == "default" ? "" : d.storage;
        if (d.engine_attribute) c.engine_attribute = d.engine_attribute->text;
        c.options = d.custom;
        c.not_secondary = d.not_secondary;
        if (c.type == type_kind::serial) {
            c.type = type_kind::bigint;
            c.is_unsigned = true;
            c.auto_increment = true;
            if (!mysql_at_least(options.server, 8, 0, 19)) c.length = 20;
        }
        if (d.on_update) {
            c.on_update = current_timestamp(c, *d.on_update);
        }
    }

    result<void> set_generated(column& c, const sql::column_definition& d) const {
        if (!d.generated) return {};
        c.generated = d.generated->kind == sql::generated_kind::stored
                          ? generated_kind::stored
                          : generated_kind::virtual_column;
        c.expression =
            options.verbatim ? d.generated->text.value : shown_expression(d.generated->expr);
        return {};
    }

    /// MySQL prints its own parentheses of an operator inside those of AS (...).
    std::string shown_expression(const sql::expression& e) const { return printer().print(e); }

    void set_nullable(column& c, const sql::column_definition& d) const {
        const bool serial = d.type.kind == type_kind::serial || d.serial_default;
        if (d.nullable)
            c.nullable = *d.nullable;
        else if (c.type == type_kind::timestamp && (!c.is_generated() || !mariadb()) &&
                 c.period == row_bound::none && !timestamps_are_plain(options)) {
            c.nullable = false;
        }
        // MySQL takes SERIAL NULL at its word.
        const bool serial_null =
            d.type.kind == type_kind::serial && d.nullable == true && !d.primary_key && !mariadb();
        if (serial_null) return;
        const bool null_behind = d.auto_increment && d.nullable == true;
        if (serial || d.primary_key || (c.auto_increment && !null_behind)) c.nullable = false;
    }

    result<void> set_default(column& c, const sql::column_definition& d) const {
        if (c.is_generated() || c.auto_increment || c.period != row_bound::none) return {};
        if (d.default_value) {
            auto value = default_of(c, *d.default_value);
            if (value.has_error()) return value.error();
            c.default_value = *value;
            if (c.default_value.kind == default_kind::null && !c.nullable) {
                // TIMESTAMP DEFAULT NULL without NULL means a column that takes NULL.
                if (c.type == type_kind::timestamp && !d.nullable && !d.primary_key) {
                    c.nullable = true;
                } else if (!d.primary_key) {
                    return refusal("invalid default value for '" + c.name + "'");
                } else {
                    c.default_value.kind = default_kind::none;
                }
            }
            if (c.default_value.kind == default_kind::null && has_no_default(c)) {
                c.default_value.kind = default_kind::none;
            }
            return {};
        }
        const bool zero = mariadb() && !c.nullable && !c.on_update.empty() && !options.verbatim;
        if (zero) {
            // A moment that is only set by updates begins with zero there.
            sql::literal none;
            none.kind = sql::literal_kind::string;
            none.text = "0000-00-00 00:00:00";
            c.default_value = literal_default(c, none, options.server);
            return {};
        }
        if (!c.nullable && !c.compressed.empty() && mariadb() && !options.verbatim) {
            c.default_value =
                literal_default(c, {sql::literal_kind::string, {}, {}, false}, options.server);
            return {};
        }
        if (!c.nullable || has_no_default(c)) return {};
        // SHOW CREATE states DEFAULT NULL; without it the default was dropped.
        if (options.verbatim) return {};
        c.default_value.kind = default_kind::null;
        return {};
    }

    /// MySQL prints no DEFAULT NULL for BLOB and TEXT.
    bool has_no_default(const column& c) const noexcept {
        return !mariadb() && c.is_blob_or_text() && c.type != type_kind::json && !c.is_geometry();
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
