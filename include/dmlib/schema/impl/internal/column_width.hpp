// How wide the values of a column are as texts: what the servers size other types by.
#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/schema/table.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// Characters: of the longest member, or of all of them where a value can have all.
inline std::uint64_t longest_member(const column& c) {
    const auto chars_of = [](const std::string& text) {
        return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char b) {
            return (static_cast<unsigned char>(b) & 0xc0) != 0x80;
        }));
    };
    std::uint64_t longest = 0;
    std::uint64_t all = c.members.empty() ? 0 : c.members.size() - 1;
    for (const std::string& m : c.members) {
        longest = std::max(longest, chars_of(m));
        all += chars_of(m);
    }
    return c.type == type_kind::set ? all : longest;
}

/// Characters that a value of a type without blobs can take.
inline std::uint64_t text_width(const column& c) {
    const std::uint64_t fraction = c.fraction_digits == 0 ? 0 : c.fraction_digits + 1U;
    switch (c.type) {
        case type_kind::tinyint:
        case type_kind::year:
            return 4;
        case type_kind::smallint:
            return 6;
        case type_kind::mediumint:
            return 9;
        case type_kind::int_:
            return 11;
        case type_kind::bigint:
            return 20;
        case type_kind::float_:
            return 12;
        case type_kind::double_:
            return 22;
        case type_kind::decimal:
            return c.length.value_or(10) + 2;
        case type_kind::date:
            return 10;
        case type_kind::time:
            return 10 + fraction;
        case type_kind::datetime:
        case type_kind::timestamp:
            return 19 + fraction;
        case type_kind::enum_:
        case type_kind::set:
            return longest_member(c);
        default:
            return c.length.value_or(1);
    }
}

/// 0 for TINYTEXT and TINYBLOB up to 3 for LONGTEXT and LONGBLOB; nothing for other types.
inline std::optional<int> blob_class(type_kind type) noexcept {
    switch (type) {
        case type_kind::tinytext:
        case type_kind::tinyblob:
            return 0;
        case type_kind::text:
        case type_kind::blob:
            return 1;
        case type_kind::mediumtext:
        case type_kind::mediumblob:
            return 2;
        case type_kind::longtext:
        case type_kind::longblob:
        case type_kind::json:
            return 3;
        default:
            return std::nullopt;
    }
}

inline type_kind blob_of_class(int size, bool is_text) noexcept {
    constexpr type_kind texts[] = {
        type_kind::tinytext, type_kind::text, type_kind::mediumtext, type_kind::longtext};
    constexpr type_kind blobs[] = {
        type_kind::tinyblob, type_kind::blob, type_kind::mediumblob, type_kind::longblob};
    return is_text ? texts[size] : blobs[size];
}

/// MySQL 8 sizes a TEXT or BLOB that a column becomes beside CONVERT TO by what the column was
/// (`old`: converted already), whatever the statement says, but for the longest.
inline type_kind converted_blob(const column& old, const column& now) {
    const auto stated = blob_class(now.type);
    if (!stated || *stated == 3) return now.type;
    const bool is_text = now.is_character();
    if (const auto was = blob_class(old.type)) return blob_of_class(*was, is_text);
    const charset_info* const set = is_text ? find_charset(now.charset) : nullptr;
    const std::uint64_t bytes = text_width(old) * (set == nullptr ? 1 : set->max_bytes);
    return blob_of_class(bytes < 256 ? 0 : bytes < 65'536 ? 1 : 2, is_text);
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
