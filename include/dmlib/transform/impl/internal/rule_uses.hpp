// Which rules are about any of a source's tables: one that is about none is a slip, or early.
#pragma once

#include <dmlib/transform/impl/internal/compiled_rules.hpp>

#include <algorithm>
#include <span>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Asks rules for names; keeps what it found.
class use_finder {
public:
    use_finder(std::span<const table_name> names, bool case_sensitive)
        : names_(names), case_sensitive_(case_sensitive) {}

    void pattern(std::string title, const compiled_where& where, rule_place place) {
        const std::string text =
            where.schema.text() + (where.table ? "." + where.table->text() : std::string());
        add(std::move(title), text, std::move(place), where);
    }
    void schema(std::string title, const name_pattern& pattern, rule_place place) {
        compiled_where where;
        where.schema = pattern;
        add(std::move(title), pattern.text(), std::move(place), where);
    }
    /// Exact names.
    void table(std::string title, const table_name& name, rule_place place) {
        rule_use use{std::move(title), name.schema + "." + name.table, std::move(place), false, {}};
        for (const table_name& n : names_) {
            if (n.table.empty()) continue;
            const bool folded = fold_case(n.schema) == fold_case(name.schema) &&
                                fold_case(n.table) == fold_case(name.table);
            if (n == name || (folded && !case_sensitive_)) {
                use.matches = true;
            } else if (folded) {
                use.in_other_case = n;
            }
        }
        found_.push_back(std::move(use));
    }
    std::vector<rule_use> take() { return std::move(found_); }

private:
    const table_name* first(const compiled_where& where) const {
        const auto at = std::find_if(
            names_.begin(), names_.end(), [&](const table_name& n) { return where.matches(n); });
        return at == names_.end() ? nullptr : &*at;
    }
    static std::optional<name_pattern> without_case(const name_pattern& p) {
        auto made = name_pattern::compile(p.text(), false);
        if (!made) return std::nullopt;
        return *made;
    }
    void add(std::string title, std::string text, rule_place place, const compiled_where& where) {
        rule_use use{std::move(title), std::move(text), std::move(place), false, {}};
        use.matches = first(where) != nullptr;
        if (!use.matches && case_sensitive_) {
            compiled_where lax;
            const auto schema = without_case(where.schema);
            if (schema) lax.schema = *schema;
            if (where.table) lax.table = without_case(*where.table);
            const table_name* n = schema ? first(lax) : nullptr;
            if (n != nullptr) use.in_other_case = *n;
        }
        found_.push_back(std::move(use));
    }

    std::span<const table_name> names_;
    bool case_sensitive_;
    std::vector<rule_use> found_;
};

inline void list_uses(use_finder& to, const compiled_list& list, const block_allow_list& written) {
    const auto each = [&](const auto& patterns, std::string_view key, const auto& ask) {
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            const std::string entry = rule_compiler::at(key, i);
            const auto place = written.places.find(entry);
            ask(list.title + " " + entry,
                patterns[i],
                place == written.places.end() ? rule_place{} : place->second);
        }
    };
    const auto schema = [&](std::string title, const name_pattern& p, rule_place place) {
        to.schema(std::move(title), p, std::move(place));
    };
    const auto table = [&](std::string title, const compiled_where& w, rule_place place) {
        to.pattern(std::move(title), w, std::move(place));
    };
    each(list.do_dbs, "do-dbs", schema);
    each(list.ignore_dbs, "ignore-dbs", schema);
    each(list.do_tables, "do-tables", table);
    each(list.ignore_tables, "ignore-tables", table);
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
