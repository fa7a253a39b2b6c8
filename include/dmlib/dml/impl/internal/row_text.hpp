// Rows of a batch as SQL text.
#pragma once

#include <dmlib/dml/batch.hpp>
#include <dmlib/dml/partial_image.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

inline bool lenient(const table_plan& plan, std::span<const value_view> image) noexcept {
    if (!plan.any_enum) return false;
    for (const auto& c : plan.columns) {
        if (c.writer.needs_lenient_mode(image[c.image_column])) return true;
    }
    return false;
}

/// Columns as bits; of wider tables a statement has them all.
inline bool has_column(std::uint64_t columns, std::size_t i) noexcept {
    return i >= 64 || ((columns >> i) & 1) != 0;
}

inline std::size_t count_columns(const table_plan& plan, std::uint64_t columns) noexcept {
    std::size_t n = 0;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) n += has_column(columns, i) ? 1 : 0;
    return n;
}

/// What an upsert has to write: all where that is not known or not possible.
inline std::uint64_t changed_columns(const table_plan& plan,
                                     std::span<const value_view> before,
                                     std::span<const value_view> after) noexcept {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    if (!plan.can_narrow) return all;
    std::uint64_t out = plan.kept;
    bool any = false;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        const std::uint32_t image = plan.columns[i].image_column;
        if (before[image].is_absent()) return all;
        if (same_value(before[image], after[image])) continue;
        out |= std::uint64_t{1} << i;
        any = true;
    }
    return any ? out : all;
}

/// "(1,'a')". `ends`: where it is not null, the end of each value goes there, counted from the
/// parenthesis.
inline void append_values(std::string& out,
                          const table_plan& plan,
                          std::span<const value_view> image,
                          std::uint64_t columns,
                          std::vector<std::uint32_t>* ends) {
    const std::size_t start = out.size();
    char before = '(';
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        if (!has_column(columns, i)) continue;
        const written_column& c = plan.columns[i];
        out.push_back(before);
        const value_view& value = image[c.image_column];
        if (value.is_absent() && c.omitted) {
            out += *c.omitted;
        } else {
            c.writer.append(out, value);
        }
        before = ',';
        if (ends != nullptr) ends->push_back(static_cast<std::uint32_t>(out.size() - start));
    }
    if (plan.columns.empty()) out.push_back('(');
    out += plan.insert_tail;
    out.push_back(')');
}

/// "`id`=1"
inline void append_condition(std::string& out,
                             const table_plan& plan,
                             std::span<const value_view> image) {
    const char* between = "";
    for (const std::uint32_t index : finder_for(plan, image)) {
        const auto& c = plan.columns[index];
        out += between;
        if (plan.keyless) {
            c.writer.append_identical(out, c.quoted_name, image[c.image_column]);
        } else {
            c.writer.append_equal(out, c.quoted_name, image[c.image_column]);
        }
        between = " AND ";
    }
    out += plan.where_tail;
}

inline void append_where(std::string& out,
                         const table_plan& plan,
                         std::span<const value_view> image) {
    if (!finder_for(plan, image).empty()) out += " WHERE ";
    append_condition(out, plan, image);
    out += " LIMIT 1";
}

/// What the image leaves out did not change: ",`ts`=`ts`" where the target would set it by itself.
inline void append_kept(std::string& out,
                        const table_plan& plan,
                        std::span<const value_view> after) {
    for (const auto& c : plan.columns) {
        if (!c.updates_itself || !after[c.image_column].is_absent()) continue;
        out += ',' + c.quoted_name + '=' + c.quoted_name;
    }
}

inline void append_update(std::string& out,
                          const table_plan& plan,
                          std::span<const value_view> before,
                          std::span<const value_view> after) {
    out += "UPDATE ";
    out += plan.quoted_target;
    const char* between = " SET ";
    for (const auto& c : plan.columns) {
        const value_view& value = after[c.image_column];
        if (value.is_absent()) continue;
        out += between;
        out += c.quoted_name;
        out.push_back('=');
        c.writer.append(out, value);
        between = ",";
    }
    if (*between == ' ') {
        // Only columns changed that the target computes itself: the row has to be there all the
        // same.
        const auto& c = plan.columns[finder_for(plan, before).front()];
        out += between + c.quoted_name + '=' + c.quoted_name;
    }
    append_kept(out, plan, after);
    append_where(out, plan, before);
}

/// The key stays byte for byte (an upsert leaves it alone), and every column has a value.
inline bool may_upsert(const table_plan& plan,
                       std::span<const value_view> before,
                       std::span<const value_view> after) noexcept {
    if (!plan.can_upsert || !has_all_columns(plan, after)) return false;
    return std::all_of(plan.where.begin(), plan.where.end(), [&](std::uint32_t index) {
        const std::uint32_t image = plan.columns[index].image_column;
        return same_value(before[image], after[image]);
    });
}

/// A row that fills a batch, whose text should not be made twice. (A timestamp's size is its
/// microseconds: less.)
inline bool is_large(std::span<const value_view> image, std::size_t batch_bytes) noexcept {
    const std::size_t least = std::max(batch_bytes, std::size_t{1} << 20);
    return std::any_of(
        image.begin(), image.end(), [&](const value_view& v) { return v.size >= least; });
}

/// A hash of the values that are written; 0 where the image does not have them all. Different
/// hashes mean different values, nothing else is concluded from it.
inline std::uint64_t fingerprint(const table_plan& plan,
                                 std::span<const value_view> image) noexcept {
    std::uint64_t h = 0x9e3779b97f4a7c15ULL;
    const auto add = [&](std::uint64_t n) {
        h = (h ^ n) * 0xff51afd7ed558ccdULL;
        h ^= h >> 32;
    };
    for (const auto& c : plan.columns) {
        const value_view& v = image[c.image_column];
        if (v.is_absent()) return 0;
        add((std::uint64_t{v.size} << 8) | static_cast<std::uint8_t>(v.kind));
        if (v.is_null()) continue;
        switch (v.kind) {
            case value_kind::decimal:
            case value_kind::bytes:
            case value_kind::json:
            case value_kind::json_diff:
            case value_kind::text: {
                const std::uint8_t* at = v.data;
                std::size_t left = v.size;
                std::uint64_t word = 0;
                for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
                    std::memcpy(&word, at, sizeof word);
                    add(word);
                }
                word = 0;
                if (left != 0) std::memcpy(&word, at, left);
                add(word);
                break;
            }
            case value_kind::float32: {
                std::uint32_t bits = 0;
                std::memcpy(&bits, &v.f, sizeof bits);
                add(bits);
                break;
            }
            default:
                add(v.u);
                break;
        }
    }
    return h == 0 ? 1 : h;
}

inline void append_upsert_head(std::string& out, const table_plan& plan, std::uint64_t columns) {
    out += "INSERT INTO ";
    out += plan.quoted_target;
    const char* between = " (";
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        if (!has_column(columns, i)) continue;
        out += between;
        out += plan.columns[i].quoted_name;
        between = ",";
    }
    out += ") VALUES ";
}

inline void append_upsert_tail(std::string& out, const table_plan& plan, std::uint64_t columns) {
    if (plan.names_row) out += " AS dmlib_row";
    const char* between = " ON DUPLICATE KEY UPDATE ";
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        const bool in_key = std::find(plan.where.begin(), plan.where.end(), i) != plan.where.end();
        if (in_key || !has_column(columns, i)) continue;
        const std::string& name = plan.columns[i].quoted_name;
        out += between;
        out += name;
        out += plan.names_row ? "=dmlib_row." : "=VALUES(";
        out += name;
        if (!plan.names_row) out.push_back(')');
        between = ",";
    }
}

/// The statement of one row of a statement of several.
inline void append_alone(std::string& out,
                         const table_plan& plan,
                         statement_form form,
                         std::uint64_t columns,
                         std::string_view values,
                         std::span<const std::uint32_t> ends,
                         std::string_view condition) {
    switch (form) {
        case statement_form::inserts:
            out += plan.insert_head;
            out += values;
            return;
        case statement_form::replaces:
            out += plan.replace_head;
            out += values;
            return;
        case statement_form::removes:
            out += "DELETE FROM ";
            out += plan.quoted_target;
            break;
        case statement_form::upserts: {
            out += "UPDATE ";
            out += plan.quoted_target;
            std::size_t begin = 1, n = 0;
            for (std::size_t i = 0; i < plan.columns.size(); ++i) {
                if (!has_column(columns, i)) continue;
                out += n == 0 ? " SET " : ",";
                out += plan.columns[i].quoted_name;
                out.push_back('=');
                out += values.substr(begin, ends[n] - begin);
                begin = ends[n++] + 1;
            }
            break;
        }
        case statement_form::single:
            return;
    }
    out += " WHERE ";
    out += condition;
    out += " LIMIT 1";
}

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
