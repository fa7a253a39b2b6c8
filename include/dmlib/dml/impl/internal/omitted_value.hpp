// What a column holds after an insert whose row image leaves it out: the source's default.
#pragma once

#include <dmlib/dml/literal.hpp>
#include <dmlib/schema/table.hpp>

#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

/// What a server without strict mode stores in a column without a default; nothing where that is
/// not the same on every server.
inline std::optional<std::string> implicit_value(const schema::column& c) {
    using schema::type_kind;
    switch (c.type) {
        case type_kind::date:
            return "'0000-00-00'";
        case type_kind::datetime:
        case type_kind::timestamp:
            return "'0000-00-00 00:00:00'";
        case type_kind::time:
            return "'00:00:00'";
        case type_kind::enum_:
            return "1";
        case type_kind::set:
        case type_kind::bit:
        case type_kind::year:
            return "0";
        case type_kind::json:
            return "'null'";
        case type_kind::binary:
        case type_kind::varbinary:
        case type_kind::tinyblob:
        case type_kind::blob:
        case type_kind::mediumblob:
        case type_kind::longblob:
            return "''";
        default:
            break;
    }
    if (c.is_numeric()) return "0";
    if (c.is_character()) return "''";
    return std::nullopt;
}

inline std::optional<std::string> literal_default(const schema::column& c) {
    using schema::type_kind;
    // Which moment the text means depends on the time zone of the session that wrote it.
    if (c.type == type_kind::timestamp && !c.default_value.text.starts_with("0000-00-00"))
        return std::nullopt;
    const std::string& text = c.default_value.text;
    if (c.type == type_kind::bit && text.starts_with("b'")) return text;
    const bool bytes = c.type == type_kind::binary || c.type == type_kind::varbinary;
    if (bytes && text.starts_with("x'")) return text;
    std::string out;
    append_quoted(out, text);
    return out;
}

inline bool omitted_is_null(const schema::column& c) noexcept {
    using schema::default_kind;
    const default_kind kind = c.default_value.kind;
    return kind == default_kind::null || (kind == default_kind::none && c.nullable);
}

/// `target` may be null: as the source's column.
inline std::optional<std::string> omitted_value(const schema::column& source,
                                                const schema::column* target) {
    using schema::default_kind;
    if (source.is_generated()) return std::nullopt;  // the source computed it
    const bool same = target == nullptr || target->default_value == source.default_value;
    if (omitted_is_null(source)) return "NULL";
    switch (source.default_value.kind) {
        case default_kind::literal:
            return same ? "DEFAULT" : literal_default(source);
        case default_kind::null:
        case default_kind::none:
            return implicit_value(source);
        case default_kind::expression:
            break;  // the servers write such values into the image
    }
    return std::nullopt;
}

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
