// PARTITION BY of a table as the servers print it.
#pragma once

#include <dmlib/schema/impl/internal/expression_text.hpp>
#include <dmlib/schema/impl/internal/mysql_words.hpp>
#include <dmlib/schema/impl/internal/partition_number.hpp>
#include <dmlib/schema/impl/internal/temporal_default.hpp>
#include <dmlib/schema/impl/internal/text.hpp>
#include <dmlib/schema/table.hpp>
#include <dmlib/sql/literal.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline std::string shown_partition_columns(const std::vector<std::string>& columns,
                                           const server_kind& server) {
    std::string out;
    for (const std::string& name : columns) {
        if (!out.empty()) out += ",";
        // MySQL prints these names bare unless they need quotes.
        bool plain = !is_mariadb(server) && !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                     !is_mysql_word(name, server);
        for (const char c : name) {
            plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '$');
        }
        out += plain ? name : quoted_identifier(name);
    }
    return out;
}

/// The moment of STARTS is shown as a literal of its type.
inline std::string shown_system_time(std::string text) {
    if (text.starts_with("LIMIT+")) text[5] = ' ';
    constexpr std::string_view starts = "STARTS '";
    const std::size_t at = text.find(starts);
    if (at == std::string::npos) return text;
    return text.substr(0, at) + "STARTS TIMESTAMP'" + text.substr(at + starts.size());
}

inline std::string shown_partition_method(const sql::partition_method& m,
                                          const expression_printer& printer,
                                          const server_kind& server) {
    std::string out = m.linear ? "LINEAR " : "";
    switch (m.kind) {
        case sql::partition_kind::range:
            out += "RANGE ";
            break;
        case sql::partition_kind::list:
            out += "LIST ";
            break;
        case sql::partition_kind::hash:
            out += "HASH ";
            break;
        case sql::partition_kind::key:
            out += "KEY ";
            break;
        case sql::partition_kind::system_time:
            return out + "SYSTEM_TIME " + shown_system_time(upper(m.system_time_text));
    }
    if (m.algorithm && *m.algorithm == 1) {
        out += is_mariadb(server) ? "ALGORITHM = 1 " : "*/ /*!50611 ALGORITHM = 1 */ /*!50100 ";
    }
    if (m.columns_form) {
        return out + " COLUMNS(" + shown_partition_columns(m.columns, server) + ")";
    }
    if (m.kind == sql::partition_kind::key) {
        return out + "(" + shown_partition_columns(m.columns, server) + ")";
    }
    // MySQL before 5.7 shows the expression as it was written.
    const bool as_written = !is_mariadb(server) && !server.version.at_least(5, 7);
    if (m.expr && as_written && !m.text.value.empty()) return out + "(" + m.text.value + ")";
    if (!m.expr) return out;
    const bool own = mysql_at_least(server, 8);  // with the operator's own parentheses
    out += "(" + (own ? printer.print(*m.expr) : printer.print_bare(*m.expr)) + ")";
    return out;
}

/// MySQL says by a comment's version which servers know the function.
inline bool calls_to_seconds(const sql::expression& e) {
    return (e.kind == sql::expression_kind::function && e.name == "to_seconds") ||
           std::any_of(e.operands.begin(), e.operands.end(), calls_to_seconds);
}

inline bool uses_to_seconds(const sql::boxed<sql::expression>& e) {
    return e && calls_to_seconds(*e);
}

/// DATE'...' and its like are shown as a text of the column's type.
inline std::string shown_moment(const sql::expression& e, const column& c, bool mysql) {
    return "'" + temporal_text(c, e.value.text, mysql) + "'";
}

/// The bytes of a string or of digits; nothing for other expressions.
inline std::optional<std::string> bytes_of_bound(const sql::expression& e) {
    using kind = sql::literal_kind;
    if (e.kind != sql::expression_kind::literal) return std::nullopt;
    const kind k = e.value.kind;
    const bool bytes = k == kind::string || k == kind::national || k == kind::hex || k == kind::bit;
    return bytes ? sql::bytes_of(e.value) : std::nullopt;
}

/// A text of ASCII without its introducer; digits as the text that they are.
inline std::string shown_text_bound(const sql::expression& e,
                                    const std::string& bytes,
                                    const expression_printer& printer) {
    const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!std::all_of(bytes.begin(), bytes.end(), ascii)) return printer.print_bare(e);
    return printer.print_literal({sql::literal_kind::string, bytes, {}});
}

/// MySQL 8 shows a value of a binary column as hexadecimal digits.
inline std::string shown_binary_bound(const std::string& bytes) {
    std::string out = "_binary 0x";
    for (const char c : bytes) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
        out.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
    return out;
}

inline std::string shown_partition_value(const sql::expression& e,
                                         const std::string& column_name,
                                         const expression_printer& printer) {
    if (e.kind == sql::expression_kind::column && e.text == "keyword") return upper(e.name);
    const std::size_t at = column_name.empty() ? npos : printer.columns->find_column(column_name);
    const column* const c = at != npos ? &printer.columns->columns[at] : nullptr;
    const bool moment =
        e.kind == sql::expression_kind::literal &&
        (e.value.kind == sql::literal_kind::date || e.value.kind == sql::literal_kind::time ||
         e.value.kind == sql::literal_kind::timestamp);
    if (moment && c != nullptr) return shown_moment(e, *c, !is_mariadb(printer.server));
    if (column_name.empty() || (c != nullptr && c->is_integer())) {
        if (const auto number = partition_number(e)) return std::to_string(*number);
    }
    const auto bytes = c != nullptr ? bytes_of_bound(e) : std::nullopt;
    if (!bytes) return printer.print_bare(e);
    const bool binary = c->type == type_kind::binary || c->type == type_kind::varbinary;
    if (binary && !bytes->empty() && mysql_at_least(printer.server, 8)) {
        return shown_binary_bound(*bytes);
    }
    if (c->type != type_kind::char_ && c->type != type_kind::varchar) return printer.print_bare(e);
    return shown_text_bound(e, *bytes, printer);
}

inline std::string shown_partition_values(const sql::partition_definition& p,
                                          const sql::partition_method& method,
                                          const expression_printer& printer) {
    const auto row = [&](const std::vector<sql::expression>& values) {
        std::string text;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const bool named = method.columns_form && i < method.columns.size();
            text += (i == 0 ? "" : ",") +
                    shown_partition_value(values[i], named ? method.columns[i] : "", printer);
        }
        return text;
    };
    switch (p.values_kind) {
        case sql::partition_values_kind::none:
            return {};
        case sql::partition_values_kind::default_:
            return " DEFAULT";
        case sql::partition_values_kind::current:
            return " CURRENT";
        case sql::partition_values_kind::history:
            return " HISTORY";
        case sql::partition_values_kind::less_than: {
            const std::string text = p.values.empty() ? "MAXVALUE" : row(p.values.front());
            const bool bare = !method.columns_form && text == "MAXVALUE";
            return bare ? " VALUES LESS THAN MAXVALUE" : " VALUES LESS THAN (" + text + ")";
        }
        case sql::partition_values_kind::in: {
            // LIST keeps NULL apart and shows it first; LIST COLUMNS has it in its place.
            const auto is_null = [&](const std::vector<sql::expression>& values) {
                return !method.columns_form && values.size() == 1 && values[0].is_null();
            };
            std::string text;
            for (const bool null : {true, false}) {
                for (const auto& values : p.values) {
                    if (is_null(values) != null) continue;
                    if (!text.empty()) text += ",";
                    text += values.size() > 1 ? "(" + row(values) + ")" : row(values);
                }
            }
            return " VALUES IN (" + text + ")";
        }
    }
    return {};
}

inline std::string shown_partition_options(const sql::partition_definition& p,
                                           const table& t,
                                           const server_kind& server) {
    using kind = sql::table_option_kind;
    const auto find = [&](kind k) -> const sql::table_option* {
        for (const auto& option : p.options) {
            if (option.kind == k) return &option;
        }
        return nullptr;
    };
    std::string out;
    const auto* const space = find(kind::tablespace);
    if (space != nullptr && !is_mariadb(server)) {
        out += " TABLESPACE = " + quoted_identifier(space->value.text);
    } else if (space != nullptr && !server.version.at_least(10, 6)) {
        out += " TABLESPACE = " + space->value.text;  // later ones forget it
    }
    if (const auto* const o = find(kind::max_rows)) out += " MAX_ROWS = " + o->value.text;
    if (const auto* const o = find(kind::min_rows)) out += " MIN_ROWS = " + o->value.text;
    if (const auto* const o = find(kind::data_directory)) {
        out += " DATA DIRECTORY = " + shown_literal(o->value.text);
    }
    if (const auto* const o = find(kind::index_directory)) {
        out += " INDEX DIRECTORY = " + shown_literal(o->value.text);
    }
    if (const auto* const o = find(kind::comment)) {
        if (!o->value.text.empty()) out += " COMMENT = " + shown_literal(o->value.text);
    }
    return out + " ENGINE = " + t.engine;
}

/// "\n PARTITION BY ..." with MySQL's comment marks; empty where the table has none.
inline std::string shown_partition(const table& t, const server_kind& server) {
    if (!t.partition_text.empty()) return "\n" + t.partition_text;
    if (!t.partition) return {};
    const sql::partition_clause& clause = *t.partition;
    const expression_printer printer{server, "utf8mb4", &t, false};
    const auto name = [&](const std::string& text) {
        return is_mariadb(server) ? quoted_identifier(text)
                                  : shown_partition_columns({text}, server);
    };
    std::string out = "PARTITION BY " + shown_partition_method(clause.method, printer, server);
    if (clause.partitions.empty() && clause.count) {
        out += "\nPARTITIONS " + std::to_string(*clause.count);
    } else if (clause.partitions.empty() &&
               clause.method.kind == sql::partition_kind::system_time) {
        out += "\nPARTITIONS 2";  // what is current, and one of the past
    }
    if (clause.subpartition) {
        out += "\nSUBPARTITION BY " + shown_partition_method(*clause.subpartition, printer, server);
        const bool named =
            !clause.partitions.empty() && !clause.partitions.front().subpartitions.empty();
        if (clause.subpartition_count && !named) {
            out += "\nSUBPARTITIONS " + std::to_string(*clause.subpartition_count);
        }
    }
    for (std::size_t i = 0; i < clause.partitions.size(); ++i) {
        const sql::partition_definition& p = clause.partitions[i];
        out += i == 0 ? "\n(" : ",\n ";
        out += "PARTITION " + name(p.name) + shown_partition_values(p, clause.method, printer);
        if (p.subpartitions.empty()) {
            out += shown_partition_options(p, t, server);
        } else {
            for (std::size_t j = 0; j < p.subpartitions.size(); ++j) {
                out += j == 0 ? "\n (" : ",\n  ";
                out += "SUBPARTITION " + name(p.subpartitions[j].name) +
                       shown_partition_options(p.subpartitions[j], t, server);
            }
            out += ")";
        }
    }
    if (!clause.partitions.empty()) out += ")";
    if (is_mariadb(server)) return "\n " + out;
    const bool newer = clause.method.columns_form || uses_to_seconds(clause.method.expr) ||
                       (clause.subpartition && uses_to_seconds(clause.subpartition->expr));
    return std::string("\n/*!") + (newer ? "50500 " : "50100 ") + out + " */";
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
