// Events for people: comments, statements, rows as ### lines.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/impl/internal/json_fields.hpp>
#include <dmlib/binlog/json.hpp>
#include <dmlib/model/names.hpp>

#include <fmt/format.h>

#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline void append_text_header(std::string& out,
                               const event& e,
                               std::string_view file,
                               flavor dialect) {
    out += fmt::format("# at {}{}\n#", e.start, e.in_payload ? " (in payload)" : "");
    append_text(out, value_view::make_timestamp(e.header.timestamp, 0, 0));
    out += fmt::format(" UTC  server id {}  end_log_pos {}  {}",
                       e.header.server_id,
                       e.next,
                       name_of(dialect, e.header.code));
    if (e.start == 4) out += fmt::format("  file {}", file);
    if (e.status != event_status::handled) {
        out += fmt::format(
            "\n# {}: {}", e.status == event_status::refused ? "REFUSED" : "ignorable", e.reason);
        if (!e.way_out.empty()) out += fmt::format(" {}", e.way_out);
    }
    out.push_back('\n');
}

/// A statement as it is; what is not UTF-8 in hexadecimal.
inline void append_statement(std::string& out, std::string_view text) {
    if (is_utf8(text)) {
        out += text;
        out += ";\n";
    } else {
        out += "# not UTF-8: X'" + hex_of(text) + "'\n";
    }
}

inline result<void> append_text_value(std::string& out,
                                      const value_view& v,
                                      const value_view* before) {
    switch (v.kind) {
        case value_kind::json:
        case value_kind::json_diff: {
            const bool diff = v.kind == value_kind::json_diff;
            if (diff && (before == nullptr || before->kind != value_kind::json)) {
                return append_json_diffs(out, v.bytes());
            }
            std::string text;
            auto ok = diff ? append_patched_json_text(text, before->bytes(), v.bytes())
                           : append_json_text(text, v.bytes());
            if (!ok) return ok;
            out += quoted_literal(text);
            return {};
        }
        case value_kind::bytes:
        case value_kind::text:
            out += is_utf8(v.text()) ? quoted_literal(v.text()) : "X'" + hex_of(v.text()) + "'";
            return {};
        case value_kind::date:
        case value_kind::time:
        case value_kind::datetime:
        case value_kind::timestamp:
            out.push_back('\'');
            append_text(out, v);
            out.push_back('\'');
            return {};
        default:
            append_text(out, v);
            return {};
    }
}

inline result<void> append_text_image(std::string& out,
                                      std::span<const value_view> values,
                                      std::span<const value_view> before) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].is_absent()) continue;
        out += fmt::format("###   @{}=", i + 1);
        if (auto ok = append_text_value(out, values[i], before.empty() ? nullptr : &before[i]); !ok)
            return ok;
        out.push_back('\n');
    }
    return {};
}

inline result<void> append_text_row(std::string& out,
                                    const rows_event& r,
                                    std::span<const value_view> before,
                                    std::span<const value_view> after) {
    constexpr std::string_view verbs[] = {"INSERT INTO", "UPDATE", "DELETE FROM"};
    const table_name name{std::string(r.table->schema()), std::string(r.table->table())};
    out += fmt::format("### {} {}\n", verbs[static_cast<int>(r.kind)], quoted(name));
    if (!before.empty()) {
        out += "### WHERE\n";
        if (auto ok = append_text_image(out, before, {}); !ok) return ok;
    }
    if (!after.empty()) {
        out += "### SET\n";
        if (auto ok = append_text_image(out, after, before); !ok) return ok;
    }
    return {};
}

/// What an event says beyond its header line.
class text_fields {
public:
    explicit text_fields(std::string& out) : out_(out) {}

    result<void> operator()(const query& q) {
        if (!q.schema.empty()) out_ += fmt::format("use {};\n", quoted_identifier(q.schema));
        append_statement(out_, q.text);
        return {};
    }
    result<void> operator()(const load_query& q) { return (*this)(q.statement); }
    result<void> operator()(const rows_query& q) {
        std::string text(q.text);
        // Every line of the statement is a comment.
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3)
            text.replace(at, 1, "\n# ");
        out_ += "# " + (is_utf8(text) ? text : "X'" + hex_of(q.text) + "'") + "\n";
        return {};
    }
    result<void> operator()(const table_map_event& m) {
        const table_map& t = *m.table;
        const table_name name{std::string(t.schema()), std::string(t.table())};
        out_ += fmt::format("# table id {}: {} (", t.table_id(), quoted(name));
        for (std::size_t i = 0; i < t.column_count(); ++i) {
            if (i != 0) out_ += ", ";
            if (t.has_names()) out_ += fmt::format("{} ", quoted_identifier(t.details()[i].name));
            out_ += type_name(t.columns()[i]);
        }
        out_ += ")\n";
        return {};
    }
    result<void> operator()(const rows_event& r) {
        out_ += fmt::format(
            "# table id {}{}\n", r.table_id, r.statement_end ? ", end of the statement" : "");
        return {};
    }
    result<void> operator()(const xid& x) {
        out_ += fmt::format("COMMIT; # xid {}\n", x.id);
        return {};
    }
    result<void> operator()(const mysql_gtid_event& g) { return members(g); }
    result<void> operator()(const undecoded&) { return {}; }
    result<void> operator()(const stop&) { return {}; }
    template <class T>
    result<void> operator()(const T& other) {
        return members(other);
    }

private:
    /// The JSON members, as a comment.
    template <class T>
    result<void> members(const T& body) {
        std::string text;
        json_fields fields(text);
        if (auto ok = fields(body); !ok) return ok;
        if (!text.empty()) out_ += "# {" + text.substr(1) + "}\n";
        return {};
    }

    std::string& out_;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
