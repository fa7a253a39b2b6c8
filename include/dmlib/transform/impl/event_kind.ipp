#pragma once

#include <dmlib/transform/event_kind.hpp>
#include <dmlib/transform/impl/internal/event_kind_table.hpp>
#include <dmlib/transform/pattern.hpp>

#include <algorithm>
#include <array>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Lower case, runs of blanks as one space, "schema" as "database" where that names a kind.
inline std::string normal_event_name(std::string_view text) {
    std::string out;
    for (const char c : fold_case(text)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) {
            out.push_back(c);
        } else if (!out.empty() && out.back() != ' ') {
            out.push_back(' ');
        }
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    for (const std::string_view verb : {"create ", "drop ", "alter "}) {
        if (out == std::string(verb) + "schema") return std::string(verb) + "database";
    }
    return out;
}

enum class event_group : std::uint8_t {
    all,
    none,
    all_dml,
    none_dml,
    all_ddl,
    none_ddl,
    incompatible
};
struct event_group_name {
    std::string_view name;
    event_group group;
};
inline constexpr event_group_name event_groups[] = {
    {"all", event_group::all},
    {"none", event_group::none},
    {"all dml", event_group::all_dml},
    {"none dml", event_group::none_dml},
    {"all ddl", event_group::all_ddl},
    {"none ddl", event_group::none_ddl},
    {"incompatible ddl changes", event_group::incompatible},
};

/// What a group says about a kind: nothing, or whether the kind is in the rule.
inline std::optional<bool> group_says(event_group group, event_kind kind) {
    switch (group) {
        case event_group::all:
            return true;
        case event_group::none:
            return false;
        case event_group::all_dml:
            return is_dml(kind) ? std::optional(true) : std::nullopt;
        case event_group::none_dml:
            return is_dml(kind) ? std::optional(false) : std::nullopt;
        case event_group::all_ddl:
            return is_ddl(kind) ? std::optional(true) : std::nullopt;
        case event_group::none_ddl:
            return is_ddl(kind) ? std::optional(false) : std::nullopt;
        case event_group::incompatible:
            return is_incompatible_ddl(kind) ? std::optional(true) : std::nullopt;
    }
    return std::nullopt;
}

/// Edits between two texts, counted up to `limit`.
inline std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    std::array<std::size_t, 65> row{};
    if (a.size() > 64 || b.size() > 64) return limit + 1;
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above + 1, row[j - 1] + 1, change});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace internal

DMLIB_DECL std::string_view to_text(event_kind kind) noexcept {
    return internal::event_kind_table[static_cast<std::size_t>(kind)].name;
}

DMLIB_DECL std::optional<event_kind> parse_event_kind(std::string_view text) {
    const std::string name = internal::normal_event_name(text);
    for (std::size_t i = 1; i < event_kind_count; ++i) {
        if (internal::event_kind_table[i].name == name) return static_cast<event_kind>(i);
    }
    return std::nullopt;
}

DMLIB_DECL bool is_dml(event_kind kind) noexcept {
    return kind == event_kind::insert || kind == event_kind::update || kind == event_kind::delete_;
}

DMLIB_DECL bool is_ddl(event_kind kind) noexcept {
    return kind != event_kind::other && !is_dml(kind);
}

DMLIB_DECL bool is_told_apart(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::recover_table:
        case event_kind::alter_ttl_info:
        case event_kind::alter_ttl_remove:
            return false;
        default:
            return true;
    }
}

DMLIB_DECL bool is_incompatible_ddl(event_kind kind) noexcept {
    return internal::event_kind_table[static_cast<std::size_t>(kind)].incompatible;
}

DMLIB_DECL std::string did_you_mean(std::string_view text,
                                    const std::vector<std::string_view>& known) {
    const std::string folded = fold_case(text);
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, text.size() / 3) + 1;
    for (const std::string_view name : known) {
        // A beginning counts as near: "truncate" for "truncate table".
        const bool begins = folded.size() >= 4 && name.starts_with(folded);
        const std::size_t distance =
            begins ? 1 : internal::edit_distance(folded, fold_case(name), best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return std::string(best);
}

DMLIB_DECL result<event_set> event_set::parse(const std::vector<std::string>& names) {
    std::array<std::optional<bool>, event_kind_count> decided;
    for (const std::string& written : names) {
        const std::string name = internal::normal_event_name(written);
        if (name.empty()) continue;  // DM takes "" as no event
        const auto* group = std::find_if(std::begin(internal::event_groups),
                                         std::end(internal::event_groups),
                                         [&](const auto& g) { return g.name == name; });
        if (group != std::end(internal::event_groups)) {
            for (std::size_t i = 1; i < event_kind_count; ++i) {
                if (decided[i]) continue;
                decided[i] = internal::group_says(group->group, static_cast<event_kind>(i));
            }
        } else if (const auto kind = parse_event_kind(name)) {
            auto& d = decided[static_cast<std::size_t>(*kind)];
            if (!d) d = true;
        } else {
            std::vector<std::string_view> known;
            for (const auto& g : internal::event_groups) known.push_back(g.name);
            for (std::size_t i = 1; i < event_kind_count; ++i) {
                known.push_back(internal::event_kind_table[i].name);
            }
            const std::string near = did_you_mean(name, known);
            error e(errc::config_rule, "unknown event '" + written.substr(0, 100) + "'");
            e.workaround(near.empty() ? "docs/configuration.md lists the events."
                                      : "Did you mean '" + near + "'?");
            return e;
        }
    }
    event_set out;
    for (std::size_t i = 1; i < event_kind_count; ++i) {
        if (decided[i].value_or(false)) out.add(static_cast<event_kind>(i));
    }
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
