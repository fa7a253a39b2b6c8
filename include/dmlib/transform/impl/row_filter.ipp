#pragma once

#include <dmlib/sql/parser.hpp>
#include <dmlib/transform/impl/internal/row_compiler.hpp>
#include <dmlib/transform/row_filter.hpp>

#include <fmt/format.h>

#include <array>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// The four expressions of a rule with their keys.
struct row_filter_key {
    std::string_view key;
    std::string row_filter_rule::* text;
};
inline constexpr std::array<row_filter_key, 4> row_filter_keys{{
    {"insert-value-expr", &row_filter_rule::insert_value},
    {"update-old-value-expr", &row_filter_rule::update_old_value},
    {"update-new-value-expr", &row_filter_rule::update_new_value},
    {"delete-value-expr", &row_filter_rule::delete_value},
}};

inline error row_filter_fault(const row_filter_rule& rule,
                              const row_filter_key& key,
                              const sql::source_span& at,
                              std::string_view why) {
    const std::string& text = rule.*key.text;
    const std::size_t begin = std::min<std::size_t>(at.begin, text.size());
    const std::size_t size = std::min<std::size_t>(at.end - std::min(at.begin, at.end), 60);
    error e(errc::config_rule,
            fmt::format("expression-filter {} {}: at character {} ('{}'): {}{}",
                        rule.name,
                        key.key,
                        begin + 1,
                        text.substr(begin, size),
                        why,
                        text_behind(rule.place)));
    e.config_place(rule.place.file, rule.place.line, rule.place.column);
    e.workaround("docs/limits.md lists what expressions can hold.");
    return e;
}

inline sql::parse_options row_parse_options(const server_kind& server) {
    sql::parse_options o;
    o.flavor = server.flavor;
    o.version = server.version;
    return o;
}

inline const expression* unknown_function(const expression& e) {
    const bool raw = e.kind == expression_kind::raw || e.kind == expression_kind::parameter ||
                     e.kind == expression_kind::user_variable ||
                     e.kind == expression_kind::system_variable;
    const bool unknown = e.kind == expression_kind::function &&
                         std::find(std::begin(row_functions), std::end(row_functions), e.name) ==
                             std::end(row_functions);
    if (raw || unknown) return &e;
    for (const expression& o : e.operands) {
        if (const expression* found = unknown_function(o)) return found;
    }
    return nullptr;
}

}  // namespace internal

/// The nodes of one rule; null: the rule does not have the expression.
struct row_filter::compiled {
    std::string name;
    std::array<internal::row_node_ptr, 4> conditions;  ///< in the order of row_filter_keys
};

DMLIB_DECL row_filter::row_filter() = default;
DMLIB_DECL row_filter::~row_filter() = default;

DMLIB_DECL std::vector<error> row_filter::check(const row_filter_rule& rule) {
    std::vector<error> out;
    for (const auto& key : internal::row_filter_keys) {
        const std::string& text = rule.*key.text;
        if (text.empty()) continue;
        auto parsed = sql::parse_expression(text, internal::row_parse_options({}));
        if (!parsed) {
            const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), 60));
            out.push_back(
                internal::row_filter_fault(rule, key, {0, end}, parsed.error().message()));
        } else if (const auto* unknown = internal::unknown_function(*parsed)) {
            const bool named = unknown->kind == sql::expression_kind::function;
            out.push_back(internal::row_filter_fault(
                rule,
                key,
                unknown->span,
                named ? "the function " + unknown->name + " is not evaluated"
                      : std::string("this construct is not evaluated")));
        }
    }
    return out;
}

DMLIB_DECL result<std::shared_ptr<const row_filter>> row_filter::compile(
    std::span<const row_filter_rule> rules,
    const schema::table& table,
    std::span<const std::size_t> image_columns,
    const row_filter_context& context) {
    std::shared_ptr<row_filter> out{new row_filter};
    for (const row_filter_rule& rule : rules) {
        compiled& c = out->rules_.emplace_back();
        c.name = rule.name;
        for (std::size_t i = 0; i < internal::row_filter_keys.size(); ++i) {
            const auto& key = internal::row_filter_keys[i];
            const std::string& text = rule.*key.text;
            if (text.empty()) continue;
            auto parsed = sql::parse_expression(text, internal::row_parse_options(context.server));
            if (!parsed) return internal::row_filter_fault(rule, key, {}, parsed.error().message());
            internal::row_compiler compiler{table, image_columns, context};
            c.conditions[i] = compiler.condition(*parsed);
            if (!c.conditions[i]) {
                error e =
                    internal::row_filter_fault(rule, key, compiler.place()->span, compiler.fault());
                if (!compiler.way_out().empty()) e.workaround(std::string(compiler.way_out()));
                return e.table(table.schema, table.name);
            }
        }
        out->filters_inserts_ = out->filters_inserts_ || c.conditions[0] != nullptr;
    }
    return std::shared_ptr<const row_filter>(std::move(out));
}

namespace internal {

inline result<bool> row_condition_holds(const row_node* condition,
                                        std::string_view rule,
                                        std::size_t key,
                                        std::span<const value_view> image) {
    if (condition == nullptr) return true;
    row_scope scope{image};
    const row_value v = value_of(*condition, scope);
    if (!scope.fault.empty()) {
        error e(errc::sync_row_filter,
                fmt::format(
                    "expression-filter {} {}: {}", rule, row_filter_keys[key].key, scope.fault));
        if (!scope.way_out.empty()) e.workaround(std::string(scope.way_out));
        return e;
    }
    return is_true(condition->type, v);
}

}  // namespace internal

/// The first rule for which `drops` says true; null where none does.
template <class Drops>
result<const row_filter::compiled*> row_filter::first(Drops drops) const {
    for (const compiled& c : rules_) {
        const result<bool> out = drops(c);
        if (!out) return out.error();
        if (*out) return &c;
    }
    return static_cast<const compiled*>(nullptr);
}

DMLIB_DECL result<const row_filter::compiled*> row_filter::insert_rule(
    std::span<const value_view> after) const {
    return first([&](const compiled& c) -> result<bool> {
        if (!c.conditions[0]) return false;
        return internal::row_condition_holds(c.conditions[0].get(), c.name, 0, after);
    });
}

DMLIB_DECL result<const row_filter::compiled*> row_filter::update_rule(
    std::span<const value_view> before, std::span<const value_view> after) const {
    return first([&](const compiled& c) -> result<bool> {
        if (!c.conditions[1] && !c.conditions[2]) return false;
        auto drops = internal::row_condition_holds(c.conditions[1].get(), c.name, 1, before);
        if (!drops || !*drops) return drops;
        return internal::row_condition_holds(c.conditions[2].get(), c.name, 2, after);
    });
}

DMLIB_DECL result<const row_filter::compiled*> row_filter::delete_rule(
    std::span<const value_view> before) const {
    return first([&](const compiled& c) -> result<bool> {
        if (!c.conditions[3]) return false;
        return internal::row_condition_holds(c.conditions[3].get(), c.name, 3, before);
    });
}

DMLIB_DECL result<bool> row_filter::drops_insert(std::span<const value_view> after) const {
    const auto rule = insert_rule(after);
    if (!rule) return rule.error();
    return *rule != nullptr;
}

DMLIB_DECL result<bool> row_filter::drops_update(std::span<const value_view> before,
                                                 std::span<const value_view> after) const {
    const auto rule = update_rule(before, after);
    if (!rule) return rule.error();
    return *rule != nullptr;
}

DMLIB_DECL result<bool> row_filter::drops_delete(std::span<const value_view> before) const {
    const auto rule = delete_rule(before);
    if (!rule) return rule.error();
    return *rule != nullptr;
}

DMLIB_DECL result<std::optional<std::string>> row_filter::dropped_by(
    event_kind kind, std::span<const value_view> before, std::span<const value_view> after) const {
    const auto rule = kind == event_kind::insert   ? insert_rule(after)
                      : kind == event_kind::update ? update_rule(before, after)
                                                   : delete_rule(before);
    if (!rule) return rule.error();
    if (*rule == nullptr) return std::optional<std::string>();
    return std::optional<std::string>((*rule)->name);
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
