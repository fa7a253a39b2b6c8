#pragma once

#include <dmlib/schema/impl/internal/target_columns.hpp>
#include <dmlib/schema/impl/print_table.ipp>
#include <dmlib/schema/target_form.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// Text of definitions for a target: every attribute stated, nothing left to its defaults.
struct target_writer {
    const target_rules& rules;

    std::string literal(const column& c, const std::string& text) const {
        if (c.type == type_kind::binary || c.type == type_kind::varbinary) {
            std::string hex = "0x";
            for (const char ch : text) {
                const auto byte = static_cast<unsigned char>(ch);
                hex.push_back("0123456789ABCDEF"[byte >> 4]);
                hex.push_back("0123456789ABCDEF"[byte & 15]);
            }
            return text.empty() ? "''" : hex;
        }
        return quoted_literal(text);
    }

    std::string default_text(const column& c) const {
        const column_default& d = c.default_value;
        switch (d.kind) {
            case default_kind::none:
                return {};
            case default_kind::null:
                return !rules.mariadb() && c.is_blob_or_text() ? "" : " DEFAULT NULL";
            case default_kind::literal:
                if (c.type == type_kind::timestamp && rules.facts.time_zone_offset != 0)
                    return " DEFAULT " +
                           quoted_literal(moment_in_utc(d.text, -rules.facts.time_zone_offset));
                return " DEFAULT " +
                       (d.quoted && c.type != type_kind::bit ? literal(c, d.text) : d.text);
            case default_kind::expression:
                break;
        }
        if (d.text.starts_with("CURRENT_TIMESTAMP")) return " DEFAULT " + d.text;
        return " DEFAULT (" + d.text + ")";
    }

    std::string column_text(const column& c) const {
        std::string out = quoted_identifier(c.name) + " " + column_type_text(c, rules.kind());
        if (!c.compressed.empty()) out += " COMPRESSED";
        if (c.is_character() && !c.charset.empty()) {
            out += " CHARACTER SET " + rules.charset_word(c.charset) + " COLLATE " +
                   rules.collation_word(c.collation);
        }
        if (c.is_generated()) {
            out += " GENERATED ALWAYS AS (" + c.expression + ")";
            out += c.generated == generated_kind::stored ? " STORED" : " VIRTUAL";
        }
        // MariaDB takes no NOT NULL on generated columns.
        if (!c.is_generated() || !rules.mariadb()) out += c.nullable ? " NULL" : " NOT NULL";
        if (!c.is_generated()) out += default_text(c);
        if (!c.on_update.empty()) {
            out += " ON UPDATE CURRENT_TIMESTAMP";
            if (c.fraction_digits != 0) out += "(" + std::to_string(c.fraction_digits) + ")";
        }
        if (c.auto_increment) out += " AUTO_INCREMENT";
        if (c.srid) out += " SRID " + std::to_string(*c.srid);
        if (c.invisible) out += " INVISIBLE";
        if (!c.comment.empty()) out += " COMMENT " + quoted_literal(c.comment);
        return out;
    }

    /// MariaDB's checks that stand at a column; others have names of their own.
    static std::string column_checks(const std::string& name, const table& t) {
        std::string out;
        for (const check_constraint& check : t.checks) {
            if (!check.column.empty() && same_name(check.column, name))
                out += " CHECK (" + check.expression + ")";
        }
        return out;
    }
    std::string column_with_checks(const column& c, const table& t) const {
        return column_text(c) + column_checks(c.name, t);
    }

    std::string key_text(const key& k) const {
        std::string out = k.kind == key_kind::primary
                              ? "PRIMARY KEY"
                              : shown_kind(k) + " " + quoted_identifier(k.name);
        out += " (" + shown_key_parts(k) + ")";
        if (!k.parser.empty()) out += " WITH PARSER " + quoted_identifier(k.parser);
        if (!k.comment.empty()) out += " COMMENT " + quoted_literal(k.comment);
        if (k.invisible) out += rules.mariadb() ? " IGNORED" : " INVISIBLE";
        out += shown_mariadb_options(k.options, {flavor::mariadb, rules.facts.version});
        return out;
    }

    static std::string shown_kind(const key& k) {
        switch (k.kind) {
            case key_kind::unique:
                return "UNIQUE KEY";
            case key_kind::fulltext:
                return "FULLTEXT KEY";
            case key_kind::spatial:
                return "SPATIAL KEY";
            case key_kind::vector:
                return "VECTOR KEY";
            default:
                return "KEY";
        }
    }

    static std::string check_text(const check_constraint& c) {
        return "CONSTRAINT " + quoted_identifier(c.name) + " CHECK (" + c.expression + ")" +
               (c.enforced ? "" : " NOT ENFORCED");
    }

    static std::string foreign_key_text(const foreign_key& fk) {
        table anywhere;  // a schema that no table has: the referenced one is always named
        return shown_foreign_key(fk, anywhere);
    }

    std::string table_options(const table& t) const {
        std::string out = " ENGINE=" + t.engine +
                          " DEFAULT CHARSET=" + rules.charset_word(t.charset) +
                          " COLLATE=" + rules.collation_word(t.collation);
        for (const sql::table_option& option : t.options) {
            if (option.kind == sql::table_option_kind::row_format) {
                out += " ROW_FORMAT=" + upper(option.value.text);
            }
        }
        if (!t.comment.empty()) out += " COMMENT=" + quoted_literal(t.comment);
        return out;
    }

    std::string partition(const table& t) const {
        if (!t.partition) return {};
        sql::print_options print;
        print.dialect = rules.facts.dialect;
        return " " + sql::print(*t.partition, print);
    }

    std::string create(const table& t) const {
        std::string out = "CREATE TABLE " + quoted(t.full_name()) + " (";
        bool first = true;
        const auto line = [&](const std::string& text) {
            out += first ? "\n  " : ",\n  ";
            first = false;
            out += text;
        };
        for (const column& c : t.columns) line(column_with_checks(c, t));
        for (const key& k : t.keys) line(key_text(k));
        for (const foreign_key& fk : t.foreign_keys) line(foreign_key_text(fk));
        for (const check_constraint& c : t.checks) {
            if (c.column.empty()) line(check_text(c));
        }
        return out + "\n)" + table_options(t) + partition(t);
    }
};

}  // namespace internal

DMLIB_DECL target_table create_for_target(const table& source,
                                          const server_kind& server,
                                          const target_facts& target,
                                          const route_function& route) {
    target_table out;
    const internal::target_rules rules{target};
    internal::target_converter converter{source, server, rules, out, {}};
    if (source.is_sequence || source.is_view) {
        out.errors.push_back("`" + source.name + "` is no table");
        return out;
    }
    converter.run(route);
    if (out.errors.empty()) out.statement = internal::target_writer{rules}.create(out.definition);
    return out;
}

namespace internal {

inline bool may_be_late(const key& k, const table& t) {
    if (k.kind != key_kind::index || k.parts.empty()) return false;
    const std::string& first = k.parts.front().column;
    for (const column& c : t.columns)
        if (c.auto_increment && same_name(c.name, first)) return false;
    for (const foreign_key& fk : t.foreign_keys)
        for (const std::string& name : fk.columns)
            if (same_name(name, first)) return false;
    return true;
}

}  // namespace internal

DMLIB_DECL std::vector<key> take_late_keys(table& t) {
    if (!same_name(t.engine, "InnoDB")) return {};
    auto first = t.keys.end();
    while (first != t.keys.begin() && internal::may_be_late(*(first - 1), t)) --first;
    std::vector<key> late(std::make_move_iterator(first), std::make_move_iterator(t.keys.end()));
    t.keys.erase(first, t.keys.end());
    return late;
}

DMLIB_DECL std::string create_statement(const table& definition, const target_facts& target) {
    const internal::target_rules rules{target};
    return internal::target_writer{rules}.create(definition);
}

DMLIB_DECL std::string add_keys_statement(const table_name& name,
                                          const std::vector<key>& keys,
                                          const target_facts& target) {
    const internal::target_rules rules{target};
    const internal::target_writer writer{rules};
    std::string out = "ALTER TABLE " + quoted(name);
    for (const key& k : keys)
        out += (&k == &keys.front() ? " ADD " : ", ADD ") + writer.key_text(k);
    return out;
}

DMLIB_DECL std::string create_schema_for_target(const database& source,
                                                std::string_view name,
                                                const server_kind&,
                                                const target_facts& target) {
    const internal::target_rules rules{target};
    std::string out = "CREATE DATABASE IF NOT EXISTS " + quoted_identifier(name);
    if (const collation_info* const from = find_collation(source.collation)) {
        out += " CHARACTER SET " + rules.charset_word(rules.charset_for(from->charset)) +
               " COLLATE " + rules.collation_word(rules.collation_for(*from, false));
    }
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
