// The changes that turn one target definition into another, as clauses of ALTER TABLE.
#pragma once

#include <dmlib/model/detail/utf8.hpp>
#include <dmlib/schema/impl/target_form.ipp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

/// One clause with the server errors that mean it was done before.
struct alter_clause {
    std::string text;
    std::vector<int> already_done;
    change_kind kind = change_kind::other;
    std::string name{};  ///< of what is changed
    std::string to{};
};

/// In place of the new name of a column that the statement drops, and may make anew under its name.
inline constexpr const char* no_name = "\x01";

struct target_differ {
    const target_rules& rules;
    const table& before;  ///< what the target has, under the name of `after`
    const table& after;
    const std::map<std::string, std::string>&
        renamed;  ///< lower-case old column -> new name, no_name

    std::vector<alter_clause> clauses;
    bool primary_key_changes = false;
    bool charset_changes = false;  ///< in a way that TiDB refuses
    std::vector<std::string> warnings;
    std::vector<std::string> errors;

    target_differ(const target_rules& r,
                  const table& b,
                  const table& a,
                  const std::map<std::string, std::string>& names)
        : rules(r), before(b), after(a), renamed(names) {}

    void run() {
        const target_writer writer{rules};
        find_touched_columns(writer);
        drop_constraints();
        drop_keys();
        drop_columns();
        place_columns(writer);
        add_keys(writer);
        drop_late_keys();
        add_constraints(writer);
        change_options();
    }

private:
    std::set<std::string> recollated;  // columns whose collation changes

    std::string new_name(const std::string& column_name) const {
        const auto found = renamed.find(folded_name(column_name));
        return found == renamed.end() ? column_name : found->second;
    }
    /// The column of `before` that became `c`, or null.
    const column* origin(const column& c) const {
        for (const column& old : before.columns) {
            if (same_name(new_name(old.name), c.name)) return &old;
        }
        return nullptr;
    }

    void find_touched_columns(const target_writer&) {
        for (const column& c : after.columns) {
            const column* const old = origin(c);
            if (old != nullptr && old->is_character() && old->collation != c.collation) {
                recollated.insert(folded_name(c.name));
                const bool widens = c.charset == "utf8mb4" && old->charset == "utf8mb3";
                charset_changes = charset_changes || (c.charset != old->charset && !widens);
            }
        }
    }

    // ---- keys

    /// A key of `before` as it is after renames of columns.
    key moved(const key& k) const {
        key out = k;
        for (key_part& part : out.parts) part.column = new_name(part.column);
        return out;
    }
    bool touches_recollated(const key& k) const {
        return std::any_of(k.parts.begin(), k.parts.end(), [&](const key_part& part) {
            return recollated.count(folded_name(part.column)) != 0;
        });
    }
    bool same_key(const key& old, const key& now) const {
        const key m = moved(old);
        if (m.kind != now.kind || m.parts.size() != now.parts.size()) return false;
        for (std::size_t i = 0; i < m.parts.size(); ++i) {
            const key_part& a = m.parts[i];
            const key_part& b = now.parts[i];
            if (!same_name(a.column, b.column) || a.length != b.length ||
                a.descending != b.descending || a.expression != b.expression) {
                return false;
            }
        }
        // TiDB cannot change the collation of a column that has a key.
        if (rules.tidb() && touches_recollated(m)) return false;
        return m.comment == now.comment && m.invisible == now.invisible && m.parser == now.parser;
    }
    const key* partner(const key& now) const {
        for (const key& old : before.keys) {
            if (same_name(old.name, now.name) && same_key(old, now)) return &old;
        }
        // A renamed key.
        for (const key& old : before.keys) {
            if (same_key(old, now) && after.find_key(old.name) == npos &&
                before.find_key(now.name) == npos && now.kind != key_kind::primary) {
                return &old;
            }
        }
        return nullptr;
    }
    bool kept(const key& old) const {
        return std::any_of(after.keys.begin(), after.keys.end(), [&](const key& now) {
            return partner(now) == &old;
        });
    }

    bool has_rename_index() const noexcept {
        return rules.tidb() || rules.mysql_since(5, 7) || rules.mariadb_since(10, 5, 2);
    }

    void drop_keys() {
        for (const key& old : before.keys) {
            if (kept(old) || drops_late(old)) continue;
            if (old.kind == key_kind::primary) {
                primary_key_changes = true;
                clauses.push_back({"DROP PRIMARY KEY", {1091}, change_kind::drop_key, old.name});
            } else {
                drop_index(old);
            }
        }
    }
    void drop_index(const key& old) {
        clauses.push_back(
            {"DROP INDEX " + quoted_identifier(old.name), {1091}, change_kind::drop_key, old.name});
    }
    void add_key(const target_writer& writer, const key& now) {
        clauses.push_back(
            {"ADD " + writer.key_text(now), {1061, 1068}, change_kind::add_key, now.name});
    }

    /// A key that goes while its columns stay goes last: it may serve a foreign key that a new key
    /// serves as well.
    bool drops_late(const key& old) const {
        if (old.kind == key_kind::primary || after.find_key(old.name) != npos) return false;
        const key m = moved(old);
        if (touches_recollated(m)) return false;
        return std::all_of(m.parts.begin(), m.parts.end(), [&](const key_part& part) {
            return part.column.empty() || after.find_column(part.column) != npos;
        });
    }
    void drop_late_keys() {
        for (const key& old : before.keys) {
            if (!kept(old) && drops_late(old)) drop_index(old);
        }
    }

    void add_keys(const target_writer& writer) {
        for (const key& now : after.keys) {
            const key* const old = partner(now);
            if (old == nullptr) {
                if (now.kind == key_kind::primary) primary_key_changes = true;
                add_key(writer, now);
            } else if (!same_name(old->name, now.name)) {
                if (has_rename_index()) {
                    clauses.push_back({"RENAME INDEX " + quoted_identifier(old->name) + " TO " +
                                           quoted_identifier(now.name),
                                       {1176}});
                } else {
                    drop_index(*old);
                    add_key(writer, now);
                }
            }
        }
    }

    // ---- columns

    void drop_columns() {
        for (const column& old : before.columns) {
            const std::string name = new_name(old.name);
            const std::size_t at = after.find_column(name);
            if (at != npos && origin(after.columns[at]) == &old) continue;
            clauses.push_back({"DROP COLUMN " + quoted_identifier(old.name),
                               {1091},
                               change_kind::drop_column,
                               old.name});
        }
    }

    bool same_definition(const column& old, const column& now, const target_writer& writer) const {
        column x = old;
        x.name = now.name;
        return writer.column_text(x) == writer.column_text(now) &&
               writer.column_checks(old.name, before) == writer.column_checks(now.name, after);
    }

    /// Goes through the new order of columns and keeps the present order beside it, so that only
    /// columns that really move get a place.
    void place_columns(const target_writer& writer) {
        std::vector<const column*> present;
        for (const column& old : before.columns) {
            const std::size_t at = after.find_column(new_name(old.name));
            if (at != npos && origin(after.columns[at]) == &old) present.push_back(&old);
        }
        for (std::size_t i = 0; i < after.columns.size(); ++i) {
            const column& now = after.columns[i];
            const column* const old = origin(now);
            const std::string place =
                i == 0 ? " FIRST" : " AFTER " + quoted_identifier(after.columns[i - 1].name);
            if (old == nullptr) {
                const bool last = i >= present.size();
                add_column(writer, now, last ? "" : place);
                present.insert(
                    present.begin() + static_cast<std::ptrdiff_t>(std::min(i, present.size())),
                    &now);
                continue;
            }
            const auto where = std::find(present.begin(), present.end(), old);
            const bool moves = static_cast<std::size_t>(where - present.begin()) != i;
            if (moves) {
                present.erase(where);
                present.insert(present.begin() + static_cast<std::ptrdiff_t>(i), old);
            }
            if (moves || !same_definition(*old, now, writer) || old->name != now.name) {
                change_column(writer, *old, now, moves ? place : "");
            }
        }
    }

    /// A default of bytes that are no UTF-8.
    static bool has_odd_bytes(const column& c) {
        if (c.default_value.kind != default_kind::literal) return false;
        if (c.type != type_kind::binary && c.type != type_kind::varbinary) return false;
        if (!c.default_value.quoted) {  // x'00FF'
            const std::string& text = c.default_value.text;
            for (std::size_t i = 2; i + 1 < text.size(); i += 2)
                if (text[i] >= '8') return true;
            return false;
        }
        for (std::string_view rest = c.default_value.text; !rest.empty();) {
            const auto one = dmlib::internal::next_utf8(rest);
            if (one.size == 0) return true;
            rest.remove_prefix(one.size);
        }
        return false;
    }

    void add_column(const target_writer& writer, const column& now, const std::string& place) {
        column c = now;
        if (rules.tidb() && c.generated == generated_kind::stored) {
            c.generated = generated_kind::virtual_column;
            warnings.push_back("column `" + c.name +
                               "`: STORED becomes VIRTUAL, for TiDB cannot add it");
        }
        if (c.auto_increment) {
            const char* const text =
                ": the values that AUTO_INCREMENT gives to the rows that are there may differ "
                "between source and target";
            if (rules.tidb()) {
                errors.push_back("column `" + c.name + "`" + text +
                                 ", and TiDB cannot add it; copy the table again");
            } else {
                warnings.push_back("column `" + c.name + "`" + text + "; compare the table");
            }
        }
        if (rules.tidb() && has_odd_bytes(c)) {
            errors.push_back("column `" + c.name +
                             "`: TiDB gives the rows that are there other bytes than this "
                             "default's, which are no UTF-8; leave the statement out with an event "
                             "filter, and on the target add the column without the default, set "
                             "it in all rows by UPDATE, and then ALTER the default");
        }
        if (c.default_value.kind == default_kind::expression && !c.is_temporal()) {
            warnings.push_back("column `" + c.name +
                               "`: the default of the rows that are there is worked out on the "
                               "target and may differ from the source's");
        }
        clauses.push_back({"ADD COLUMN " + writer.column_with_checks(c, after) + place,
                           {1060},
                           change_kind::add_column,
                           c.name});
    }

    void change_column(const target_writer& writer,
                       const column& old,
                       const column& now,
                       const std::string& place) {
        // Where the new name is still taken (a swap), a name in between makes room, in one
        // statement of TiDB after the other.
        std::string from = old.name;
        const bool vacated = left_names.count(folded_name(now.name)) != 0;
        left_names.insert(folded_name(old.name));
        const bool taken =
            !vacated && !same_name(old.name, now.name) && before.find_column(now.name) != npos &&
            std::any_of(after.columns.begin(), after.columns.end(), [&](const column& c) {
                const column* const o = origin(c);
                return o != nullptr && same_name(o->name, now.name);
            });
        if (rules.tidb() && taken) {
            const std::string between = "_dmlib_" + now.name;
            column other = *origin_of_name(now.name);
            other.name = between;
            clauses.push_back(
                {"CHANGE COLUMN " + quoted_identifier(now.name) + " " + writer.column_text(other),
                 {1054}});
            moved_away[folded_name(now.name)] = between;
        }
        const auto away = moved_away.find(folded_name(from));
        if (away != moved_away.end()) from = away->second;
        const std::string text = writer.column_with_checks(now, after);
        if (same_name(from, now.name)) {
            clauses.push_back(
                {"MODIFY COLUMN " + text + place, {}, change_kind::modify_column, now.name});
        } else {
            clauses.push_back({"CHANGE COLUMN " + quoted_identifier(from) + " " + text + place,
                               {1054},
                               change_kind::rename_column,
                               from,
                               now.name});
        }
    }

    const column* origin_of_name(const std::string& name) const {
        const std::size_t at = before.find_column(name);
        return at == npos ? &before.columns.front() : &before.columns[at];
    }
    std::map<std::string, std::string> moved_away;
    std::set<std::string> left_names;

    // ---- constraints and options

    static bool same_reference(const foreign_key& a, const foreign_key& b) {
        return a.columns == b.columns && a.ref_schema == b.ref_schema &&
               a.ref_table == b.ref_table && a.ref_columns == b.ref_columns &&
               a.on_delete == b.on_delete && a.on_update == b.on_update;
    }
    bool kept(const foreign_key& old) const {
        foreign_key m = old;
        for (std::string& name : m.columns) name = new_name(name);
        return std::any_of(
            after.foreign_keys.begin(), after.foreign_keys.end(), [&](const foreign_key& now) {
                return same_name(now.name, m.name) && same_reference(now, m);
            });
    }
    bool there(const foreign_key& now) const {
        return std::any_of(
            before.foreign_keys.begin(), before.foreign_keys.end(), [&](const foreign_key& old) {
                return same_name(old.name, now.name) && kept(old);
            });
    }
    static const check_constraint* find_check(const table& t, const check_constraint& wanted) {
        for (const check_constraint& c : t.checks) {
            if (same_name(c.name, wanted.name) && c.expression == wanted.expression &&
                c.enforced == wanted.enforced) {
                return &c;
            }
        }
        return nullptr;
    }

    void drop_constraints() {
        for (const foreign_key& old : before.foreign_keys) {
            if (!kept(old)) {
                clauses.push_back({"DROP FOREIGN KEY " + quoted_identifier(old.name),
                                   {1091},
                                   change_kind::drop_foreign_key,
                                   old.name});
            }
        }
        for (const check_constraint& old : before.checks) {
            if (!old.column.empty() || find_check(after, old) != nullptr) continue;
            clauses.push_back({"DROP CONSTRAINT " + quoted_identifier(old.name),
                               {1091, 3940},
                               change_kind::drop_check,
                               old.name});
        }
    }

    void add_constraints(const target_writer& writer) {
        for (const foreign_key& now : after.foreign_keys) {
            if (!there(now)) {
                clauses.push_back({"ADD " + target_writer::foreign_key_text(now),
                                   {1826, 1061},
                                   change_kind::add_foreign_key,
                                   now.name});
            }
        }
        for (const check_constraint& now : after.checks) {
            if (!now.column.empty() || find_check(before, now) != nullptr) continue;
            clauses.push_back(
                {"ADD " + writer.check_text(now), {3822, 1826}, change_kind::add_check, now.name});
        }
    }

    void change_options() {
        if (before.comment != after.comment) {
            clauses.push_back({"COMMENT=" + quoted_literal(after.comment), {}});
        }
        if (before.collation == after.collation) return;
        if (rules.tidb() && before.charset != after.charset) {
            warnings.push_back("the table's default charset stays " + before.charset +
                               " on the target; each column has the right one");
            return;
        }
        clauses.push_back({"DEFAULT CHARACTER SET " + rules.charset_word(after.charset) +
                               " COLLATE " + rules.collation_word(after.collation),
                           {}});
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
