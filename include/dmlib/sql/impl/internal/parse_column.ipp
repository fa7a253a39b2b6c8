// Column definitions: attributes in any order; what is written twice holds as written last.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// name type attributes
inline bool ddl_parser::column(column_definition& out, bool) {
    out.span.begin = begin_offset();
    if (!field_identifier(out.name) || !type(out.type) || !column_attributes(out)) {
        return false;
    }
    out.span.end = end_offset();
    return true;
}

inline bool ddl_parser::column_attributes(column_definition& out) {
    for (;;) {
        bool taken = false;
        if (!allowed_attribute(out)) return fail("another attribute");
        if (!column_attribute(out, taken)) return false;
        if (!taken) return true;
    }
}

/// MariaDB: what may not stand behind a generated column's expression, or behind SERIAL.
inline bool ddl_parser::allowed_attribute(const column_definition& out) const noexcept {
    if (!mariadb() || options_.tidb) return true;
    const keyword k = word();
    if (out.generated && (k == k_null || k == k_not || k == k_default || k == k_auto_increment)) {
        return false;
    }
    return out.type.kind != type_kind::serial || (k != k_null && k != k_default);
}

inline bool ddl_parser::column_attribute(column_definition& out, bool& taken) {
    taken = true;
    switch (word()) {
        case k_null:
            out.nullable = true;
            advance();
            return true;
        case k_not:
            return null_attribute(out);
        case k_default:
            advance();
            return default_attribute(out.default_value.emplace());
        case k_on:
            return on_update_attribute(out);
        case k_auto_increment:
            // It is NOT NULL unless NULL stands behind it.
            out.auto_increment = true;
            if (out.nullable == true) out.nullable.reset();
            advance();
            return true;
        case k_comment:
            advance();
            return string_value(out.comment.emplace());
        case k_collate:
            advance();
            accept_op('=');
            return collation_name(out.type.collation);
        case k_serial:
            if (word_ahead(1) != k_default) break;
            advance(), advance();
            out.serial_default = true;
            return expect(k_value);
        case k_invisible:
        case k_visible:
            if (!(word() == k_visible ? since(80023, 0) : since(80023, 100300))) break;
            out.invisible = word() == k_invisible;
            advance();
            return true;
        case k_as:
        case k_generated:
        case k_virtual:
        case k_stored:
        case k_persistent:
            return generated_attribute(out, taken);
        case k_primary:
        case k_unique:
        case k_key:
            return key_attribute(out, taken);
        case k_check:
        case k_constraint:
        case k_references:
            return constraint_attribute(out, taken);
        default:
            return storage_attribute(out, taken);
    }
    return storage_attribute(out, taken);
}

inline bool ddl_parser::null_attribute(column_definition& out) {
    if (word_ahead(1) == k_secondary && since(80013, 0)) {
        advance(), advance();
        out.not_secondary = true;
        return true;
    }
    advance();
    out.nullable = false;
    if (is_op(token_op::null)) {
        advance();
        return true;
    }
    return expect(k_null);
}

inline bool ddl_parser::key_attribute(column_definition& out, bool& taken) {
    taken = true;
    if (accept(k_unique)) {
        out.unique = true;
        if (word() == k_key || word() == k_index) advance();
    } else {
        if (accept(k_primary)) {
            if (!expect(k_key)) return false;
        } else {
            advance();
        }
        out.primary_key = true;
    }
    if (options_.tidb &&
        (word() == k_clustered || word() == k_nonclustered || word() == k_global)) {
        custom_option& o = out.custom.emplace_back();
        o.name = ascii_lower(token_text(current()));
        o.identifier = true;
        advance();
    }
    return true;
}

/// ON UPDATE NOW([n]).
inline bool ddl_parser::on_update_attribute(column_definition& out) {
    advance();
    if (!expect(k_update)) return false;
    if (mariadb() && options_.version.at_least(11, 5) && word() != k_now &&
        word() != k_current_timestamp) {
        return fail("CURRENT_TIMESTAMP");
    }
    return now_function(out.on_update.emplace());
}

/// NOW and its synonyms, to function "current_timestamp" with the precision as operand.
inline bool ddl_parser::now_function(expression& out) {
    const keyword k = word();
    if (k != k_now && k != k_current_timestamp && k != k_localtime && k != k_localtimestamp) {
        return fail("CURRENT_TIMESTAMP");
    }
    const bool parentheses_needed = k == k_now;
    out.kind = expression_kind::function;
    out.name = "current_timestamp";
    out.no_arguments = true;
    out.span.begin = begin_offset();
    advance();
    if (!is_op('(')) return !parentheses_needed || fail("'('");
    advance();
    if (!is_op(')')) {
        std::uint64_t precision = 0;
        if (!unsigned_value(precision)) return false;
        if (precision != 0) {
            expression& e = out.operands.emplace_back();
            e.value.kind = literal_kind::integer;
            e.value.text = std::to_string(precision);
            out.no_arguments = false;
        }
    }
    if (!expect_op(')')) return false;
    out.span.end = end_offset();
    return true;
}

inline bool ddl_parser::default_attribute(default_clause& out) {
    const std::size_t first = at_;
    const keyword k = word();
    if (is_op('(')) {
        if (!since_or_fail(80013, 100200, "a constant or CURRENT_TIMESTAMP")) return false;
        out.parenthesised = true;
        source_text inner;
        if (!parenthesised_expression(out.expr, inner)) return false;
    } else if (k == k_now || k == k_current_timestamp || k == k_localtime ||
               k == k_localtimestamp) {
        if (!now_function(out.expr)) return false;
    } else if (is_op('-') || is_op('+')) {
        if (!unary(out.expr,
                   is_op('-') ? expression_operator::negate : expression_operator::plus,
                   level::sign)) {
            return false;
        }
    } else {
        // Only a simple expression: an operator behind it would swallow attributes.
        height_ = 1;
        out.expr.span.begin = begin_offset();
        if (!primary(out.expr)) return false;
        out.expr.span.end = end_offset();
        if (!since(0, 100200) && out.expr.kind != expression_kind::literal) {
            at_ = first;
            return fail("a constant, CURRENT_TIMESTAMP or '('");
        }
        if (tokens_[first].op == '{' && out.expr.kind != expression_kind::literal) {
            out.parenthesised = true;  // {fn a + b}
        }
    }
    out.text.value = written(first);
    return true;
}

inline bool ddl_parser::generated_attribute(column_definition& out, bool& taken) {
    taken = true;
    const keyword k = word();
    if (k == k_virtual || k == k_stored || k == k_persistent) {
        if (!out.generated || out.generated->kind != generated_kind::unspecified ||
            (k == k_persistent && !since(0, 1)) || (k == k_stored && !since(50700, 100200))) {
            return fail("a column attribute");
        }
        out.generated->kind = k == k_virtual ? generated_kind::virtual_ : generated_kind::stored;
        advance();
        return true;
    }
    if (accept(k_generated) && !expect(k_always)) return false;
    if (!expect(k_as)) return false;
    if (accept(k_row)) {
        out.period = word() == k_start ? row_bound::start : row_bound::end;
        return accept(k_start) || expect(k_end);
    }
    // Attributes stand behind the expression, none before it.
    const bool first = !out.nullable && !out.default_value && !out.comment && !out.unique &&
                       !out.primary_key && !out.auto_increment && !out.generated;
    if (!first || !since(50700, 1)) return fail("a column attribute");
    generated_clause& g = out.generated.emplace();
    return parenthesised_expression(g.expr, g.text);
}

inline bool ddl_parser::check(check_clause& out) {
    if (!expect(k_check) || !parenthesised_expression(out.expr, out.text)) return false;
    enforcement(out);
    return true;
}

/// [NOT] ENFORCED.
inline bool ddl_parser::enforcement(check_clause& out) {
    const bool no = word() == k_not;
    if (!since(80016, 120000) || word_ahead(no ? 1 : 0) != k_enforced) return false;
    out.enforced = !no;
    advance();
    if (no) advance();
    return true;
}

/// [CONSTRAINT [name]] CHECK (..) | REFERENCES ...
inline bool ddl_parser::constraint_attribute(column_definition& out, bool& taken) {
    taken = true;
    std::string name;
    if (accept(k_constraint)) {
        if (word() != k_check && word() != k_references && !identifier(name)) return false;
    }
    if (word() == k_check) {
        check_clause& c = out.checks.emplace_back();
        c.name = std::move(name);
        if (!check(c)) return false;
        while (enforcement(c)) {  // an attribute of the column: the last one counts
        }
        return true;
    }
    if (word() != k_references) return fail("CHECK or REFERENCES");
    out.references_name = std::move(name);
    return references(out.references.emplace());
}

inline bool ddl_parser::storage_attribute(column_definition& out, bool& taken) {
    taken = true;
    const auto lower_word = [this](std::string& to) {
        if (!is(token_kind::word)) return fail("a word");
        to = ascii_lower(token_text(current()));
        advance();
        return true;
    };
    const auto attribute = [this](boxed<literal>& to) {
        advance();
        accept_op('=');
        return text_literal(to.emplace());
    };
    switch (word()) {
        case k_column_format:
            if (!since(1, 0)) break;
            advance();
            return lower_word(out.column_format);
        case k_storage:
            if (!since(1, 0)) break;
            advance();
            return lower_word(out.storage);
        case k_engine_attribute:
            if (!since(80021, 0)) break;
            return attribute(out.engine_attribute);
        case k_secondary_engine_attribute:
            return attribute(out.secondary_engine_attribute);
        case k_with:
        case k_without:
            if (word_ahead(1) != k_system || word_ahead(2) != k_versioning) break;
            if (!since(0, 100300)) break;
            out.system_versioning = word() == k_with;
            advance(), advance(), advance();
            return true;
        case k_ref_system_id: {
            if (!since(0, 1)) break;
            literal number;
            advance();
            if (!expect_op('=') || !size_value(number)) return false;
            out.type.reference_system = number.text;
            return true;
        }
        case k_srid: {
            if (!since(80000, 0)) break;
            std::uint64_t n = 0;
            advance();
            if (!unsigned_value(n)) return false;
            if (n > 0xffffffffULL) return fail("an SRID of 32 bits");
            out.srid = static_cast<std::uint32_t>(n);
            return true;
        }
        case k_compressed:
            if (!since(0, 100300)) break;
            return type_attributes(out.type);
        case k_auto_random:  // TiDB
            if (!options_.tidb) break;
            {
                const std::size_t first = at_;
                advance();
                if (is_op('(') && !skip_parenthesised()) return false;
                custom_option& o = out.custom.emplace_back();
                o.name = joined(first);
                o.identifier = true;
                return true;
            }
        default:
            break;
    }
    return custom(out.custom, taken);
}

/// MariaDB's engine-defined options: name = value.
inline bool ddl_parser::custom(std::vector<custom_option>& out, bool& taken) {
    taken = since(0, 1) && is_identifier() && is_op_ahead(1, '=') && word() != k_algorithm;
    if (!taken) return true;
    custom_option o;
    if (!identifier(o.name)) return false;
    advance();
    if (is(token_kind::string)) {
        if (!text_literal(o.value)) return false;
    } else if (is(token_kind::integer) || is(token_kind::hex) || is(token_kind::decimal)) {
        o.value.kind = is(token_kind::decimal) ? literal_kind::decimal : literal_kind::integer;
        if (is(token_kind::hex)) {
            std::uint64_t n = 0;
            if (!unsigned_value(n)) return false;
            o.value.text = std::to_string(n);
        } else {
            o.value.text.assign(token_text(current()));
            advance();
        }
    } else if (accept(k_default)) {
        o.value.kind = literal_kind::null;
    } else {
        o.identifier = true;
        o.value.kind = literal_kind::string;
        if (!identifier(o.value.text)) return false;
    }
    out.push_back(std::move(o));
    return true;
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
