#pragma once

#include <dmlib/binlog/impl/internal/column_plan.hpp>
#include <dmlib/binlog/impl/internal/json_fields.hpp>
#include <dmlib/binlog/impl/internal/text_fields.hpp>
#include <dmlib/binlog/json_writer.hpp>
#include <dmlib/binlog/rows.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

// Output is given on in pieces of about this size.
inline constexpr std::size_t piece_size = std::size_t{1} << 16;

inline void append_common(std::string& out, const event& e, std::string_view file, flavor dialect) {
    constexpr std::string_view states[] = {"handled", "ignorable", "refused"};
    out += "{\"file\":";
    append_string(out, file);
    out += fmt::format(R"(,"pos":{},"next":{},"size":{},"type":"{}","code":{})",
                       e.start,
                       e.next,
                       e.header.size,
                       name_of(dialect, e.header.code),
                       e.header.code);
    out += fmt::format(R"(,"timestamp":{},"server_id":{},"flags":{},"status":"{}")",
                       e.header.timestamp,
                       e.header.server_id,
                       e.header.flags,
                       states[static_cast<int>(e.status)]);
    json_fields fields(out);
    if (e.status != event_status::handled) fields.text("reason", e.reason);
    if (e.in_payload) fields.flag("in_payload", true);
}

/// One image as an object; columns that the image leaves out are absent.
inline result<void> append_image(std::string& out,
                                 std::span<const value_view> values,
                                 std::span<const value_view> before) {
    out.push_back('{');
    bool first = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].is_absent()) continue;
        if (!first) out.push_back(',');
        first = false;
        out += "\"@";
        append_integer(out, i + 1);
        out += "\":";
        if (auto ok = append_value(out, values[i], before.empty() ? nullptr : &before[i]); !ok)
            return ok;
    }
    out.push_back('}');
    return {};
}

/// Reads all rows and calls `each(before, after)`; an image that does not exist is empty.
template <class Each>
result<void> for_each_row(const rows_event& r, Each each) {
    if (!r.table) return {};
    const std::size_t n = r.table->column_count();
    std::vector<value_view> before(r.kind == rows_kind::insert ? 0 : n);
    std::vector<value_view> after(r.kind == rows_kind::remove ? 0 : n);
    byte_arena arena;
    row_decoder rows(r, {}, &arena);
    for (;;) {
        auto more = rows.next(before, after);
        if (!more) return more.error();
        if (!*more) return {};
        if (auto ok = each(std::span<const value_view>(before), std::span<const value_view>(after));
            !ok) {
            return ok;
        }
        arena.clear();
    }
}

/// `after_row` may take text away from `out`.
template <class AfterRow>
result<void> append_rows(std::string& out, const rows_event& r, AfterRow after_row) {
    bool first = true;
    return for_each_row(
        r,
        [&](std::span<const value_view> before, std::span<const value_view> after) -> result<void> {
            out += first ? "{" : ",{";
            first = false;
            if (!before.empty()) {
                out += "\"before\":";
                if (auto ok = append_image(out, before, {}); !ok) return ok;
            }
            if (!after.empty()) {
                out += before.empty() ? "\"after\":" : ",\"after\":";
                if (auto ok = append_image(out, after, before); !ok) return ok;
            }
            out.push_back('}');
            after_row(out);
            return {};
        });
}

template <class AfterRow>
result<void> append_line(std::string& out,
                         const event& e,
                         std::string_view file,
                         const writer_options& options,
                         AfterRow after_row) {
    append_common(out, e, file, options.dialect);
    json_fields fields(out);
    if (auto ok = std::visit(fields, e.body); !ok) return ok;
    const auto* rows = e.get<rows_event>();
    if (rows != nullptr && options.rows) {
        out += ",\"rows\":[";
        if (auto ok = append_rows(out, *rows, after_row); !ok) return ok;
        out.push_back(']');
    }
    out += "}\n";
    return {};
}

/// Runs `append(out, after_row)` so that nothing reaches the sink where it fails: a large row
/// event is gone through twice, first without output.
template <class Append>
result<void> write_checked(const text_sink& sink, const event& e, Append append) {
    std::string out;
    const auto* rows = e.get<rows_event>();
    const bool large = rows != nullptr && rows->rows.size() > piece_size / 8;
    if (large) {
        const auto drop = [](std::string& text) { text.clear(); };
        if (auto ok = append(out, drop); !ok) return ok;
        out.clear();
        const auto give = [&](std::string& text) {
            if (text.size() < piece_size) return;
            sink(text);
            text.clear();
        };
        if (auto ok = append(out, give); !ok) return ok;
    } else if (auto ok = append(out, [](std::string&) {}); !ok) {
        return ok;
    }
    if (!out.empty()) sink(out);
    return {};
}

}  // namespace internal

DMLIB_DECL void append_json_string(std::string& out, std::string_view text) {
    internal::append_string(out, text);
}

DMLIB_DECL result<void> append_json_line(std::string& out,
                                         const event& e,
                                         std::string_view file,
                                         const writer_options& options) {
    const std::size_t start = out.size();
    auto done = internal::append_line(out, e, file, options, [](std::string&) {});
    if (!done) out.resize(start);
    return done;
}

DMLIB_DECL result<void> write_json_line(const text_sink& sink,
                                        const event& e,
                                        std::string_view file,
                                        const writer_options& options) {
    return internal::write_checked(sink, e, [&](std::string& out, auto after_row) {
        return internal::append_line(out, e, file, options, after_row);
    });
}

DMLIB_DECL void append_json_error(std::string& out,
                                  std::string_view file,
                                  std::uint64_t pos,
                                  const error& fault) {
    std::string_view name = fault.info().name;
    if (name.starts_with("binlog-")) name.remove_prefix(7);
    out += "{\"file\":";
    internal::append_string(out, file);
    out += fmt::format(R"(,"pos":{},"error":{{"code":{},"name":"{}","message":)",
                       pos,
                       static_cast<int>(fault.code()),
                       name);
    internal::append_string(out, fault.message());
    out += ",\"workaround\":";
    internal::append_string(out, fault.workaround());
    out += "}}\n";
}

DMLIB_DECL result<void> write_text(const text_sink& sink,
                                   const event& e,
                                   std::string_view file,
                                   const writer_options& options) {
    return internal::write_checked(sink, e, [&](std::string& out, auto after_row) -> result<void> {
        internal::append_text_header(out, e, file, options.dialect);
        internal::text_fields fields(out);
        if (auto ok = std::visit(fields, e.body); !ok) return ok;
        const auto* rows = e.get<rows_event>();
        if (rows == nullptr || !options.rows) return {};
        return internal::for_each_row(
            *rows,
            [&](std::span<const value_view> before,
                std::span<const value_view> after) -> result<void> {
                if (auto ok = internal::append_text_row(out, *rows, before, after); !ok) return ok;
                after_row(out);
                return {};
            });
    });
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
