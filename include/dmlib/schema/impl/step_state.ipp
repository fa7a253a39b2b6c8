#pragma once

#include <dmlib/schema/impl/internal/same_expression.hpp>
#include <dmlib/schema/impl/target_form.ipp>
#include <dmlib/schema/target_form.hpp>

#include <algorithm>
#include <charconv>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

inline bool same_number(const std::string& a, const std::string& b) noexcept {
    double x = 0;
    double y = 0;
    const auto read = [](const std::string& text, double& n) {
        const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
        return ec == std::errc{} && stop == text.data() + text.size();
    };
    return read(a, x) && read(b, y) && x == y;
}

inline bool same_default(const column& a, const column& b) {
    const auto has_none = [](const column& c) {
        return c.default_value.kind == default_kind::null ||
               (c.default_value.kind == default_kind::none && c.nullable);
    };
    if (has_none(a) || has_none(b)) return has_none(a) && has_none(b);
    if (a.default_value.kind != b.default_value.kind) return false;
    const std::string& x = a.default_value.text;
    const std::string& y = b.default_value.text;
    if (a.default_value.kind == default_kind::expression) return same_expression(x, y);
    return x == y || (a.is_numeric() && same_number(x, y));
}

inline bool same_type_of(const column& a, const column& b) {
    if (a.type != b.type || a.is_unsigned != b.is_unsigned || a.members != b.members ||
        a.fraction_digits != b.fraction_digits || a.type_name != b.type_name)
        return false;
    if (a.zerofill != b.zerofill || a.srid != b.srid) return false;
    // The width of an integer or YEAR is for display, and newer servers do not print it.
    if (a.zerofill && a.length != b.length) return false;
    if (a.is_integer() || a.type == type_kind::year) return true;
    if (a.charset != b.charset || a.collation != b.collation) return false;
    const std::uint64_t standard = a.type == type_kind::decimal ? 10 : 1;
    if (a.type == type_kind::float_ || a.type == type_kind::double_) {
        return a.length == b.length && a.decimals == b.decimals;
    }
    if (a.is_blob_or_text()) return true;
    return a.length.value_or(standard) == b.length.value_or(standard) &&
           a.decimals.value_or(0) == b.decimals.value_or(0);
}

/// Everything that says what values rows have in it, and what SELECT shows. Names, places and
/// comments do not.
inline bool same_column(const column& a, const column& b) {
    if (!same_type_of(a, b) || a.generated != b.generated || a.auto_increment != b.auto_increment ||
        a.invisible != b.invisible)
        return false;
    if (a.is_generated()) return same_expression(a.expression, b.expression);
    return a.nullable == b.nullable && same_default(a, b) &&
           a.on_update.empty() == b.on_update.empty();
}

inline bool same_parts(const key& a, const key& b) {
    return std::equal(a.parts.begin(),
                      a.parts.end(),
                      b.parts.begin(),
                      b.parts.end(),
                      [](const key_part& x, const key_part& y) {
                          return same_name(x.column, y.column) && x.length == y.length &&
                                 x.descending == y.descending &&
                                 same_expression(x.expression, y.expression);
                      });
}
inline bool same_key_of(const key& a, const key& b) {
    return a.kind == b.kind && same_parts(a, b) && a.invisible == b.invisible &&
           a.parser == b.parser && same_name(a.without_overlaps, b.without_overlaps);
}

inline bool same_check(const check_constraint& a, const check_constraint& b) {
    return a.enforced == b.enforced && same_expression(a.expression, b.expression);
}

/// `schema`: of the tables that have them.
inline bool same_foreign_key(const foreign_key& a,
                             const foreign_key& b,
                             const std::string& schema) {
    const auto there = [&](const foreign_key& k) -> const std::string& {
        return k.ref_schema.empty() ? schema : k.ref_schema;
    };
    const auto acts = [](reference_action r) {
        return r == reference_action::none || r == reference_action::no_action ||
                       r == reference_action::restrict_
                   ? reference_action::none
                   : r;
    };
    const auto same = [](const std::vector<std::string>& x, const std::vector<std::string>& y) {
        return std::equal(x.begin(), x.end(), y.begin(), y.end(), same_name);
    };
    return same(a.columns, b.columns) && same(a.ref_columns, b.ref_columns) &&
           same_name(there(a), there(b)) && same_name(a.ref_table, b.ref_table) &&
           acts(a.on_delete) == acts(b.on_delete) && acts(a.on_update) == acts(b.on_update);
}

template <class T>
const T* named_one(const std::vector<T>& list, std::string_view name) {
    const auto at =
        std::find_if(list.begin(), list.end(), [&](const T& x) { return same_name(x.name, name); });
    return at == list.end() ? nullptr : &*at;
}

/// One step against one table.
struct step_comparison {
    const table& wanted;
    const table& found;
    const target_rules rules;
    step_state out;

    enum class verdict : std::uint8_t { missing, there, conflict };

    verdict conflict(std::string what, const std::string& has, const std::string& makes) {
        out.conflicts.push_back(std::move(what) + " is " + has + " there, the statement makes it " +
                                makes);
        return verdict::conflict;
    }

    verdict compare_column(const std::string& name) {
        const column* const goal = named_one(wanted.columns, name);
        const column* const has = named_one(found.columns, name);
        if (has == nullptr || goal == nullptr) return verdict::missing;
        if (same_column(*goal, *has) && same_checks_of(name)) {
            remark_comment("column " + quoted_identifier(name), has->comment, goal->comment);
            return verdict::there;
        }
        const target_writer writer{rules};
        return conflict("column " + quoted_identifier(name),
                        writer.column_with_checks(*has, found),
                        writer.column_with_checks(*goal, wanted));
    }

    void remark_comment(const std::string& what, const std::string& has, const std::string& goal) {
        if (has == goal) return;
        out.remarks.push_back("the comment of " + what + " is " + quoted_literal(has) +
                              " there, the statement makes it " + quoted_literal(goal));
    }

    /// MariaDB's checks that stand at the column itself.
    bool same_checks_of(const std::string& name) const {
        const auto of = [&](const table& t) {
            std::vector<const check_constraint*> list;
            for (const check_constraint& c : t.checks)
                if (!c.column.empty() && same_name(c.column, name)) list.push_back(&c);
            return list;
        };
        const auto a = of(wanted);
        const auto b = of(found);
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto* x, const auto* y) {
            return same_check(*x, *y);
        });
    }

    /// Rows that are there got their values when the column was made, not now.
    verdict added_column(const std::string& name) {
        const verdict v = compare_column(name);
        if (v != verdict::there) return v;
        const column& c = *named_one(wanted.columns, name);
        const bool varies = c.auto_increment ||
                            (!c.is_generated() && c.default_value.kind == default_kind::expression);
        if (!varies) {
            if (!c.is_generated()) out.added.push_back(*named_one(found.columns, name));
            return v;
        }
        out.conflicts.push_back("column " + quoted_identifier(name) +
                                " is there already, and its rows have the values that its default "
                                "had then, not those of the source");
        return verdict::conflict;
    }

    verdict renamed_column(const target_change& c) {
        if (named_one(found.columns, c.name) != nullptr) return verdict::missing;
        return compare_column(c.to);
    }

    verdict added_key(const std::string& name) {
        const key* const goal = named_one(wanted.keys, name);
        const key* const has = named_one(found.keys, name);
        if (has == nullptr || goal == nullptr) return verdict::missing;
        if (same_key_of(*goal, *has)) {
            remark_comment("key " + quoted_identifier(name), has->comment, goal->comment);
            return verdict::there;
        }
        const target_writer writer{rules};
        return conflict(
            "key " + quoted_identifier(name), writer.key_text(*has), writer.key_text(*goal));
    }

    verdict added_foreign_key(const std::string& name) {
        const auto* const goal = named_one(wanted.foreign_keys, name);
        const auto* const has = named_one(found.foreign_keys, name);
        if (has == nullptr || goal == nullptr) return verdict::missing;
        if (same_foreign_key(*goal, *has, wanted.schema)) return verdict::there;
        return conflict("foreign key " + quoted_identifier(name),
                        target_writer::foreign_key_text(*has),
                        target_writer::foreign_key_text(*goal));
    }

    verdict added_check(const std::string& name) {
        const auto* const goal = named_one(wanted.checks, name);
        const auto* const has = named_one(found.checks, name);
        if (has == nullptr || goal == nullptr) return verdict::missing;
        if (same_check(*goal, *has)) return verdict::there;
        return conflict("check " + quoted_identifier(name),
                        target_writer::check_text(*has),
                        target_writer::check_text(*goal));
    }

    verdict judge(const target_change& c) {
        const auto gone = [](const auto* thing) {
            return thing == nullptr ? verdict::there : verdict::missing;
        };
        switch (c.kind) {
            case change_kind::other:
            case change_kind::modify_column:
                break;
            case change_kind::add_column:
                return added_column(c.name);
            case change_kind::drop_column:
                return gone(named_one(found.columns, c.name));
            case change_kind::rename_column:
                return renamed_column(c);
            case change_kind::add_key:
                return added_key(c.name);
            case change_kind::drop_key:
                return gone(named_one(found.keys, c.name));
            case change_kind::add_foreign_key:
                return added_foreign_key(c.name);
            case change_kind::drop_foreign_key:
                return gone(named_one(found.foreign_keys, c.name));
            case change_kind::add_check:
                return added_check(c.name);
            case change_kind::drop_check:
                return gone(named_one(found.checks, c.name));
        }
        return verdict::missing;
    }

    static std::string describe(const target_change& c) {
        const std::string name = quoted_identifier(c.to.empty() ? c.name : c.to);
        switch (c.kind) {
            case change_kind::drop_column:
                return "column " + name + " is gone";
            case change_kind::drop_key:
                return "key " + name + " is gone";
            case change_kind::drop_foreign_key:
            case change_kind::drop_check:
                return "constraint " + name + " is gone";
            case change_kind::add_key:
                return "key " + name;
            case change_kind::add_foreign_key:
            case change_kind::add_check:
                return "constraint " + name;
            default:
                return "column " + name;
        }
    }

    /// A key that is dropped and made anew under its name is not the one that is there.
    static bool is_replaced(const std::vector<target_change>& all, const target_change& one) {
        const auto meets = [&](change_kind a, change_kind b) {
            return one.kind == a &&
                   std::any_of(all.begin(), all.end(), [&](const target_change& c) {
                       return c.kind == b && same_name(c.name, one.name);
                   });
        };
        return meets(change_kind::add_key, change_kind::drop_key) ||
               meets(change_kind::drop_key, change_kind::add_key) ||
               meets(change_kind::add_column, change_kind::drop_column) ||
               meets(change_kind::drop_column, change_kind::add_column);
    }

    void alter(const std::vector<target_change>& changes, const table_name& name) {
        for (const target_change& c : changes) {
            const verdict v = is_replaced(changes, c) ? verdict::missing : judge(c);
            if (v == verdict::there) out.there.push_back(describe(c));
            if (v != verdict::missing) continue;
            out.rest += out.rest.empty() ? "ALTER TABLE " + quoted(name) + " " : ", ";
            out.rest += c.text;
        }
    }

    template <class T, class Same, class Print>
    void lacking(const std::vector<T>& all, const std::vector<T>& has, Same same, Print print) {
        for (const T& x : all) {
            const bool there =
                std::any_of(has.begin(), has.end(), [&](const T& y) { return same(x, y); });
            if (!there) out.remarks.push_back("it lacks " + print(x));
        }
    }

    void create() {
        for (const column& c : wanted.columns) {
            const verdict v = compare_column(c.name);
            if (v != verdict::missing) continue;
            out.conflicts.push_back("column " + quoted_identifier(c.name) +
                                    " is not there, the statement makes it");
        }
        const target_writer writer{rules};
        lacking(
            wanted.keys, found.keys, same_key_of, [&](const key& k) { return writer.key_text(k); });
        for (const key& k : found.keys) {
            const bool made = std::any_of(wanted.keys.begin(),
                                          wanted.keys.end(),
                                          [&](const key& x) { return same_key_of(k, x); });
            if (!made && k.is_unique()) out.remarks.push_back("it has " + writer.key_text(k));
        }
        const auto same_reference = [this](const foreign_key& a, const foreign_key& b) {
            return same_foreign_key(a, b, wanted.schema);
        };
        lacking(wanted.foreign_keys, found.foreign_keys, same_reference, [](const foreign_key& k) {
            return target_writer::foreign_key_text(k);
        });
        lacking(wanted.checks, found.checks, same_check, [](const check_constraint& c) {
            return target_writer::check_text(c);
        });
        if (wanted.partitioned() != found.partitioned()) {
            out.remarks.push_back(found.partitioned() ? "it is partitioned"
                                                      : "it is not partitioned");
        }
        remark_comment("the table", found.comment, wanted.comment);
        if (out.conflicts.empty()) out.there.push_back("table " + quoted(found.full_name()));
    }
};

/// A condition that is true where the column has another value than the one that servers put into
/// rows of a NOT NULL column without a default; empty where a row cannot tell.
inline std::string not_implicit(const column& c, const std::string& name) {
    const auto digits = [&](const char* other) {
        return "CAST(" + name + " AS CHAR) RLIKE '" + other + "'";
    };
    if (c.is_numeric() || c.type == type_kind::bit || c.type == type_kind::set)
        return name + " + 0 <> 0";
    if (c.type == type_kind::enum_) return name + " + 0 <> 1";
    if (c.is_temporal() || c.type == type_kind::year) return digits("[1-9]");
    if (c.type == type_kind::binary) return "HEX(" + name + ") RLIKE '[^0]'";
    if (c.type == type_kind::uuid || c.type == type_kind::inet4 || c.type == type_kind::inet6)
        return digits("[1-9a-f]");
    const bool text = c.is_character() || c.type == type_kind::varbinary || c.is_blob_or_text();
    if (c.type == type_kind::json || c.is_geometry() || !text) return {};
    return "LENGTH(" + name + ") <> 0";
}

inline std::string not_default(const column& c, const std::string& name) {
    const bool null = c.default_value.kind == default_kind::null ||
                      (c.default_value.kind == default_kind::none && c.nullable);
    if (null) return name + " IS NOT NULL";
    if (c.default_value.kind == default_kind::none) return not_implicit(c, name);
    const auto both = [&](const std::string& head, const std::string& tail) {
        return "NOT (" + head + name + tail + " <=> " + head + "DEFAULT(" + name + ")" + tail + ")";
    };
    // Every byte of a text counts, and TiDB's default of a FLOAT is a DOUBLE.
    if (c.is_character()) return both("CAST(", " AS BINARY)");
    if (c.type == type_kind::float_ || c.type == type_kind::double_)
        return both("CAST(", " AS CHAR)");
    return both("", "");
}

}  // namespace internal

DMLIB_DECL std::string other_values_query(const table_name& name, const column& c) {
    const std::string condition = internal::not_default(c, quoted_identifier(c.name));
    return "SELECT 1 FROM " + quoted(name) + (condition.empty() ? "" : " WHERE " + condition) +
           " LIMIT 1";
}

DMLIB_DECL step_state compare_step(const target_step& step,
                                   const table& found,
                                   const target_facts& target) {
    step_state nothing;
    nothing.rest = step.statement;
    if (step.wanted == nullptr) return nothing;
    internal::step_comparison comparison{*step.wanted, found, internal::target_rules{target}, {}};
    if (step.changes.empty()) {
        comparison.create();
    } else {
        comparison.alter(step.changes, step.table);
    }
    return std::move(comparison.out);
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
