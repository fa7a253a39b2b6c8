#pragma once

#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/script_runner.hpp>

#include <nlohmann/json.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

using ordered_json = nlohmann::ordered_json;

/// Text of the catalog; bytes that are not UTF-8 are replaced when the line is written.
inline ordered_json column_json(const column& c, const server_kind& server) {
    ordered_json out;
    out["name"] = c.name;
    out["type"] = column_type_text(c, server);
    out["nullable"] = c.nullable;
    const bool has_default = c.default_value.kind == default_kind::literal ||
                             c.default_value.kind == default_kind::expression;
    out["default"] = has_default ? ordered_json(c.default_value.text) : ordered_json(nullptr);
    out["default_is_expression"] = c.default_value.kind == default_kind::expression;
    out["on_update"] = c.on_update.empty() ? ordered_json(nullptr) : ordered_json(c.on_update);
    out["auto_increment"] = c.auto_increment;
    out["generated"] = nullptr;
    if (c.is_generated()) {
        out["generated"] = c.generated == generated_kind::stored ? "stored" : "virtual";
    }
    out["expression"] = c.is_generated() ? ordered_json(c.expression) : ordered_json(nullptr);
    out["charset"] = nullptr;
    out["collation"] = nullptr;
    if (c.is_character()) {
        out["charset"] = charset_name_on(server, c.charset);
        out["collation"] = collation_name_on(server, c.collation);
    }
    out["comment"] = c.comment;
    out["invisible"] = c.invisible;
    return out;
}

inline std::string_view kind_word(key_kind kind) noexcept {
    switch (kind) {
        case key_kind::primary:
            return "primary";
        case key_kind::unique:
            return "unique";
        case key_kind::index:
            return "index";
        case key_kind::fulltext:
            return "fulltext";
        case key_kind::spatial:
            return "spatial";
        case key_kind::vector:
            return "vector";
    }
    return "index";
}

inline ordered_json key_json(const key& k) {
    ordered_json out;
    out["name"] = k.name;
    out["kind"] = kind_word(k.kind);
    out["parts"] = ordered_json::array();
    for (const key_part& part : k.parts) {
        ordered_json p;
        if (part.column.empty())
            p["expression"] = part.expression;
        else
            p["column"] = part.column;
        p["length"] = part.length ? ordered_json(*part.length) : ordered_json(nullptr);
        p["descending"] = part.descending;
        out["parts"].push_back(std::move(p));
    }
    out["invisible"] = k.invisible;
    return out;
}

inline ordered_json action_json(reference_action action) {
    switch (action) {
        case reference_action::none:
            return nullptr;
        case reference_action::restrict_:
            return "RESTRICT";
        case reference_action::cascade:
            return "CASCADE";
        case reference_action::set_null:
            return "SET NULL";
        case reference_action::no_action:
            return "NO ACTION";
        case reference_action::set_default:
            return "SET DEFAULT";
    }
    return nullptr;
}

inline ordered_json constraints_json(const table& t, ordered_json& checks) {
    ordered_json keys = ordered_json::array();
    for (const foreign_key& fk : t.foreign_keys) {
        ordered_json k;
        k["name"] = fk.name;
        k["columns"] = fk.columns;
        k["ref_schema"] = fk.ref_schema;
        k["ref_table"] = fk.ref_table;
        k["ref_columns"] = fk.ref_columns;
        k["on_delete"] = action_json(fk.on_delete);
        k["on_update"] = action_json(fk.on_update);
        keys.push_back(std::move(k));
    }
    checks = ordered_json::array();
    for (const check_constraint& c : t.checks) {
        ordered_json k;
        k["name"] = c.name;
        k["expression"] = c.expression;
        k["enforced"] = c.enforced;
        k["column"] = c.column.empty() ? ordered_json(nullptr) : ordered_json(c.column);
        checks.push_back(std::move(k));
    }
    return keys;
}

inline ordered_json table_object(const table& t, const server_kind& server) {
    ordered_json out;
    out["schema"] = t.schema;
    out["table"] = t.name;
    out["engine"] = t.engine;
    out["charset"] = charset_name_on(server, t.charset);
    out["collation"] = collation_name_on(server, t.collation);
    out["comment"] = t.comment;
    out["partitioned"] = t.partitioned();
    out["columns"] = ordered_json::array();
    for (const column& c : t.columns) {
        if (!c.hidden) out["columns"].push_back(column_json(c, server));
    }
    out["keys"] = ordered_json::array();
    for (const key& k : t.keys) out["keys"].push_back(key_json(k));
    ordered_json checks;
    out["foreign_keys"] = constraints_json(t, checks);
    out["checks"] = std::move(checks);
    out["create"] = print_create_table(t, server);
    return out;
}

inline std::string written(const ordered_json& object) {
    return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// "db.t"; a name with a dot in it is quoted.
inline std::string dotted(const table_name& name) {
    const auto part = [](const std::string& text) {
        return text.find('.') == std::string::npos ? text : quoted_identifier(text);
    };
    return part(name.schema) + "." + part(name.table);
}

inline std::string_view result_word(statement_result outcome) noexcept {
    switch (outcome) {
        case statement_result::applied:
            return "applied";
        case statement_result::no_effect:
            return "no_effect";
        case statement_result::refused:
            return "refused";
        case statement_result::unparsed:
            return "unparsed";
    }
    return "unparsed";
}

}  // namespace internal

DMLIB_DECL std::string table_json(const table& t, const server_kind& server) {
    return internal::written(internal::table_object(t, server));
}

DMLIB_DECL std::string entry_json(const script_entry& entry, const server_kind& server) {
    internal::ordered_json out;
    out["statement"] = entry.number;
    out["line"] = entry.line;
    out["kind"] = entry.kind;
    out["result"] = internal::result_word(entry.outcome);
    out["tables"] = internal::ordered_json::array();
    for (const table& t : entry.tables) out["tables"].push_back(internal::table_object(t, server));
    out["dropped"] = internal::ordered_json::array();
    for (const table_name& name : entry.dropped) out["dropped"].push_back(internal::dotted(name));
    if (!entry.error.empty()) out["error"] = entry.error;
    return internal::written(out);
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
