// ALTER TABLE: a list of changes applied to one definition, as the servers do it: columns that are
// there first, then the new ones and those that move, then keys and constraints.
#pragma once

#include <dmlib/schema/impl/internal/column_width.hpp>
#include <dmlib/schema/impl/internal/resolve_create.hpp>
#include <dmlib/schema/impl/internal/resolve_partition.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/parser.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

using rename_map = std::map<std::string, std::string>;  // lower-case old name -> new name

inline void rename_columns_in(sql::expression& e, const rename_map& names) {
    if (e.kind == expression_kind::column) {
        const auto found = names.find(folded_name(e.name));
        if (found != names.end()) e.name = found->second;
    }
    for (sql::expression& part : e.operands) rename_columns_in(part, names);
}

/// A printed expression of a server with columns renamed; left as it is where it names none.
inline std::string renamed_expression(const std::string& text,
                                      const rename_map& names,
                                      const resolve_options& o) {
    sql::parse_options parse;
    parse.flavor = o.server.flavor;
    parse.version = o.server.version;
    auto parsed = sql::parse_expression(text, parse);
    if (parsed.has_error()) return text;
    bool named = false;
    for (const std::string& column_name : sql::columns_of(*parsed)) {
        named = named || names.count(folded_name(column_name)) != 0;
    }
    if (!named) return text;
    rename_columns_in(*parsed, names);
    return expression_printer{o.server, o.connection_charset, nullptr}.print(*parsed);
}

struct table_alterer {
    const resolve_options& options;
    const sql::alter_table_statement& statement;
    const charset_choice database_default;
    table t;  ///< the definition that is changed
    std::optional<table_name> new_name;
    rename_map renamed;  ///< columns

    table_alterer(const resolve_options& o,
                  const sql::alter_table_statement& s,
                  charset_choice database,
                  table before)
        : options(o), statement(s), database_default(std::move(database)), t(std::move(before)) {}

    const server_kind& server() const noexcept { return options.server; }

    result<void> run() {
        using step = result<void> (table_alterer::*)();
        // The order is the servers': options that new columns inherit come first.
        for (const step s : {&table_alterer::change_options,
                             &table_alterer::check_names,
                             &table_alterer::change_columns,
                             &table_alterer::place_columns,
                             &table_alterer::rename_in_expressions,
                             &table_alterer::change_keys,
                             &table_alterer::change_constraints,
                             &table_alterer::change_partitions}) {
            if (auto r = (this->*s)(); r.has_error()) return r;
        }
        const auto versions = [](const sql::alter_spec& spec) {
            const auto* const s = std::get_if<sql::simple_alter>(&spec.change);
            return s != nullptr && s->change == sql::simple_change::add_system_versioning;
        };
        if (std::any_of(statement.specs.begin(), statement.specs.end(), versions))
            give_unique_keys_row_end(t);
        refresh_hidden_columns(t, options.server);
        return {};
    }

private:
    template <class T, class F>
    void each(F f) const {
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const change = std::get_if<T>(&spec.change)) f(*change);
        }
    }
    template <class T, class F>
    result<void> each_checked(F f) const {
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const change = std::get_if<T>(&spec.change)) {
                if (auto r = f(*change); r.has_error()) return r;
            }
        }
        return {};
    }

    // ---- options

    result<void> change_options() {
        std::vector<sql::table_option> all;
        each<sql::set_options>([&](const sql::set_options& s) {
            all.insert(all.end(), s.options.begin(), s.options.end());
        });
        // DEFAULT CHARSET without COLLATE over the table's own charset.
        auto charset = options_charset(options, all, {t.charset, t.collation});
        if (charset.has_error()) return charset.error();
        if (!all.empty()) {
            t.charset = charset->charset;
            t.collation = charset->collation;
        }
        forget_options();
        set_options(t, all);
        if (auto r = each_checked<sql::convert_charset>(
                [&](const sql::convert_charset& c) { return convert(c); });
            r.has_error()) {
            return r;
        }
        if (states_own_charset(all)) {
            const bool joined = mysql_at_least(server(), 8);
            if (!joined || same_name(t.charset, charset->charset)) {
                t.charset = charset->charset;
                t.collation = charset->collation;
            }
        }
        if (too_long) return refusal("column length too big for column '" + *too_long + "'");
        each<sql::simple_alter>([&](const sql::simple_alter& s) {
            if (s.change == sql::simple_change::add_system_versioning && !t.system_versioned) {
                t.system_versioned = true;
            }
            if (s.change == sql::simple_change::drop_system_versioning) drop_versioning();
        });
        each<sql::rename_to>([&](const sql::rename_to& r) { new_name = r.table; });
        return {};
    }

    /// Options that servers lose where they make the table anew, unless the statement says them.
    void forget_options() {
        if (leaves_definition()) return;
        const bool page_checksum = is_mariadb(server()) && !same_name(t.engine, "Aria");
        const bool connection = !is_mariadb(server()) && !server().version.at_least(5, 7);
        // An Aria table brings the one that it has by itself into the engine that follows.
        const auto* const stated = t.find_option(sql::table_option_kind::page_checksum);
        if (is_mariadb(server()) && !page_checksum && stated == nullptr && !options.verbatim) {
            sql::table_option own;
            own.kind = sql::table_option_kind::page_checksum;
            own.value.kind = sql::literal_kind::integer;
            own.value.text = "1";
            t.options.push_back(std::move(own));
        }
        std::erase_if(t.options, [&](const sql::table_option& o) {
            return (page_checksum && o.kind == sql::table_option_kind::page_checksum) ||
                   (connection && o.kind == sql::table_option_kind::connection);
        });
    }

    /// Whether the table's own charset is the one of an option although the statement converts: of
    /// one behind CONVERT TO, and with MariaDB 10.9 and later of any. MySQL 8 only takes a COLLATE.
    bool states_own_charset(const std::vector<sql::table_option>& all) const {
        using kind = sql::table_option_kind;
        const bool collation_only = mysql_at_least(server(), 8);
        const auto states = [&](const std::vector<sql::table_option>& options_of) {
            return std::any_of(options_of.begin(), options_of.end(), [&](const auto& o) {
                return o.kind == kind::collate || (o.kind == kind::charset && !collation_only);
            });
        };
        if (mariadb_at_least(server(), 10, 9)) return states(all);
        bool behind = false, found = false;
        for (const sql::alter_spec& spec : statement.specs) {
            if (std::get_if<sql::convert_charset>(&spec.change) != nullptr) behind = true;
            const auto* const s = std::get_if<sql::set_options>(&spec.change);
            found = found || (s != nullptr && behind && states(s->options));
        }
        return found;
    }

    void drop_versioning() {
        t.system_versioned = false;
        std::erase_if(t.columns, [](const column& c) { return c.period != row_bound::none; });
        std::erase_if(t.periods, [](const period& p) { return same_name(p.name, "SYSTEM_TIME"); });
        for (column& c : t.columns) c.system_versioning.reset();
    }

    result<void> convert(const sql::convert_charset& c) {
        charset_choice base =
            c.charset == "default" ? database_default : charset_choice{t.charset, t.collation};
        // MariaDB 10.9 and later take the database's character set, but not its collation.
        const charset_info* const own = find_charset(base.charset);
        if (c.charset == "default" && own != nullptr && mariadb_at_least(server(), 10, 9)) {
            base.collation = std::string(own->default_collation);
        }
        auto chosen = chosen_charset(options, c.charset, c.collation, base);
        if (chosen.has_error()) return chosen.error();
        const bool any_text = std::any_of(
            t.columns.begin(), t.columns.end(), [](const column& x) { return x.is_character(); });
        const bool old_mysql = server().flavor == flavor::mysql && !server().version.at_least(5, 7);
        // MySQL 5.6 sees no change where no column has a character set.
        const auto changes = std::count_if(
            statement.specs.begin(), statement.specs.end(), [](const sql::alter_spec& spec) {
                return std::get_if<sql::alter_execution>(&spec.change) == nullptr;
            });
        if (old_mysql && !any_text && changes == 1) return {};
        t.charset = chosen->charset;
        t.collation = chosen->collation;
        const charset_info* const set = find_charset(t.charset);
        for (column& col : t.columns) {
            if (!col.is_character() || col.charset == "binary") continue;
            convert_column(col, set == nullptr ? 1 : set->max_bytes);
        }
        return {};
    }

    std::optional<std::string> too_long;

    void convert_column(column& c, std::uint64_t max_bytes) {
        const charset_info* const old_set = find_charset(c.charset);
        const std::uint64_t old_max = old_set == nullptr ? 1 : old_set->max_bytes;
        if (t.charset == "binary" && c.type != type_kind::enum_ && c.type != type_kind::set) {
            c.type = blob_of_text(c.type);
            c.charset.clear();
            c.collation.clear();
            if (c.default_value.kind == default_kind::literal && c.default_value.quoted) {
                const sql::literal text{sql::literal_kind::string, c.default_value.text, {}, false};
                if (!c.is_blob_or_text()) c.default_value = literal_default(c, text, server());
            }
            return;
        }
        if (max_bytes > old_max && grow_text(c, old_max, max_bytes)) {
            if (is_strict(options)) too_long = c.name;
            if (c.default_value.kind == default_kind::null && !is_mariadb(server()))
                c.default_value.kind = default_kind::none;
        }
        c.charset = t.charset;
        c.collation = t.collation;
    }

    // ---- columns

    /// MariaDB lets a statement change a column that it adds itself, and one that it moves under
    /// its new name.
    bool is_added(const std::string& name) const {
        if (!is_mariadb(server())) return false;
        bool found = false;
        each<sql::change_column>(
            [&](const sql::change_column& c) { found = found || moves_to(c, name); });
        return found || comes_again(name);
    }

    template <class Change>
    static bool moves_to(const Change& c, const std::string& name) {
        return c.position.place != sql::column_place::unspecified && same_name(c.column.name, name);
    }

    /// MariaDB sets the default of a column that moves after all else, wherever the statement
    /// says so.
    bool default_comes_last(const std::string& name) const {
        if (!is_old(name)) return true;
        bool found = false;
        each<sql::modify_column>(
            [&](const sql::modify_column& m) { found = found || moves_to(m, name); });
        each<sql::change_column>(
            [&](const sql::change_column& c) { found = found || moves_to(c, name); });
        return found && is_mariadb(server());
    }

    result<void> check_names() {
        const auto need = [&](const std::string& name, bool if_exists) -> result<void> {
            if (if_exists || t.find_column(name) != npos || is_added(name)) return {};
            return refusal("unknown column '" + name + "' in '" + t.name + "'");
        };
        for (const sql::alter_spec& spec : statement.specs) {
            result<void> r;
            if (const auto* const m = std::get_if<sql::modify_column>(&spec.change)) {
                r = need(m->column.name, m->if_exists);
            } else if (const auto* const c = std::get_if<sql::change_column>(&spec.change)) {
                r = need(c->old_name, c->if_exists);
            } else if (const auto* const d = std::get_if<sql::drop_column>(&spec.change)) {
                r = need(d->name, d->if_exists);
            } else if (const auto* const n = std::get_if<sql::rename_column>(&spec.change)) {
                r = need(n->old_name, n->if_exists);
            } else if (const auto* const a = std::get_if<sql::alter_column>(&spec.change)) {
                r = need(a->name, a->if_exists);
            }
            if (r.has_error()) return r;
        }
        return {};
    }

    result<void> change_columns() {
        std::vector<column> out;
        std::erase_if(t.columns, [](const column& c) { return c.hidden; });
        const table before = t;
        each<sql::drop_column>(
            [&](const sql::drop_column& d) { dropped_columns.insert(folded_name(d.name)); });
        led_by_not_null = !t.keys.empty() && t.keys.front().kind == key_kind::unique &&
                          !may_be_null(t.keys.front());
        for (const column& c : before.columns) old_names.insert(folded_name(c.name));
        old_columns = before.columns;
        for (const column& old : before.columns) {
            if (is_dropped(old.name)) {
                drop_column_checks(old.name);
                continue;
            }
            column now = old;
            if (auto r = redefine(old, now); r.has_error()) return r;
            out.push_back(std::move(now));
        }
        t.columns = std::move(out);
        return {};
    }

    std::set<std::string> dropped_columns;
    std::set<std::string> old_names;
    std::vector<column> old_columns;
    std::map<std::string, std::string> origins;  ///< new name, folded -> the name before
    std::set<std::string> added_columns;         ///< by this statement
    bool led_by_not_null = false;  ///< by a unique key that the engine takes for the primary key

    bool may_be_null(const key& k) const {
        return std::any_of(k.parts.begin(), k.parts.end(), [&](const key_part& part) {
            const std::size_t at = t.find_column(part.column);
            return at == npos || t.columns[at].nullable;
        });
    }

    bool is_old(const std::string& name) const { return old_names.count(folded_name(name)) != 0; }

    bool is_dropped(const std::string& name) const {
        return dropped_columns.count(folded_name(name)) != 0;
    }

    void drop_column_checks(const std::string& name) {
        // The servers refuse to drop a column that a check uses beside others that stay; a check of
        // nothing else goes with it.
        std::erase_if(t.checks, [&](const check_constraint& c) {
            return !c.column.empty() ? same_name(c.column, name) : only_dropped_columns(c);
        });
    }

    bool only_dropped_columns(const check_constraint& c) const {
        sql::parse_options parse;
        parse.flavor = server().flavor;
        parse.version = server().version;
        auto parsed = sql::parse_expression(c.expression, parse);
        if (parsed.has_error()) return false;
        const auto names = sql::columns_of(*parsed);
        // MariaDB also drops a check that names no column at all.
        if (names.empty()) return is_mariadb(server());
        return std::all_of(
            names.begin(), names.end(), [&](const std::string& n) { return is_dropped(n); });
    }

    result<void> redefine(const column& old, column& now) {
        for (const sql::alter_spec& spec : statement.specs) {
            result<void> r;
            if (const auto* const m = std::get_if<sql::modify_column>(&spec.change)) {
                if (!same_name(m->column.name, old.name)) continue;
                r = replace(old, now, m->column);
            } else if (const auto* const c = std::get_if<sql::change_column>(&spec.change)) {
                if (!same_name(c->old_name, old.name)) continue;
                r = replace(old, now, c->column);
            } else if (const auto* const n = std::get_if<sql::rename_column>(&spec.change)) {
                if (!same_name(n->old_name, old.name)) continue;
                now.name = n->new_name;
                remember_rename(old.name, n->new_name);
            } else if (const auto* const a = std::get_if<sql::alter_column>(&spec.change)) {
                if (!same_name(a->name, old.name)) continue;
                r = change_default(now, *a, is_redefined(old.name));
            }
            if (r.has_error()) return r;
        }
        return {};
    }

    bool is_redefined(const std::string& name) const {
        bool found = false;
        each<sql::modify_column>(
            [&](const sql::modify_column& m) { found = found || same_name(m.column.name, name); });
        each<sql::change_column>(
            [&](const sql::change_column& c) { found = found || same_name(c.old_name, name); });
        return found;
    }

    void remember_rename(const std::string& from, const std::string& to) {
        if (from != to) renamed[folded_name(from)] = to;
        origins[folded_name(to)] = from;
    }

    result<void> replace(const column& old, column& now, const sql::column_definition& d) {
        const column_resolver resolver{options, t};
        auto c = resolver.resolve(d);
        if (c.has_error()) return c.error();
        follow_conversion(*c, d.type);
        const bool sized = d.type.length.has_value();
        if (converts() && !sized && mysql_at_least(server(), 8)) c->type = converted_blob(old, *c);
        now = std::move(*c);
        // MODIFY keeps the spelling that the table has.
        remember_rename(old.name, d.name);
        if (is_mariadb(server())) {
            // A column check belongs to the column's definition, so it is replaced with it.
            std::erase_if(t.checks,
                          [&](const check_constraint& k) { return same_name(k.column, old.name); });
        }
        pending.push_back(d);
        return {};
    }

    std::vector<sql::column_definition> pending;  // definitions whose keys and checks are to add

    std::set<std::string> undefined;  // columns that lost a literal as their default

    bool is_primary(const std::string& name) const {
        const key* const k = t.primary_key();
        return k != nullptr && std::any_of(k->parts.begin(), k->parts.end(), [&](const auto& part) {
                   return same_name(part.column, name);
               });
    }

    static bool is_now(const column_default& d) {
        return d.kind == default_kind::expression && !d.quoted &&
               sql::ascii_lower(d.text).starts_with("current_timestamp");
    }

    /// MariaDB up to 10.5 keeps such a default in spite of ALTER COLUMN, MySQL 5.6 where another
    /// is set.
    bool keeps_now(sql::alter_column_action action) const {
        if (is_mariadb(server())) return !mariadb_at_least(server(), 10, 6);
        return action == sql::alter_column_action::set_default && !server().version.at_least(5, 7);
    }

    /// MariaDB 10.6 and later forget ON UPDATE together with DEFAULT CURRENT_TIMESTAMP.
    void forget_now(column& c) const {
        if (is_now(c.default_value) && mariadb_at_least(server(), 10, 6)) c.on_update.clear();
    }

    /// MySQL 8 takes SET DEFAULT (5) for SET DEFAULT 5.
    sql::default_clause stated_default(sql::default_clause clause) const {
        if (!is_mariadb(server()) && clause.expr.kind == expression_kind::literal)
            clause.parenthesised = false;
        return clause;
    }

    /// `is_new`: the same statement defines the column.
    result<void> change_default(column& c, const sql::alter_column& a, bool is_new) {
        switch (a.action) {
            case sql::alter_column_action::set_default: {
                if (c.auto_increment) break;  // MySQL 5.6 takes it and forgets it
                if (is_now(c.default_value) && keeps_now(a.action)) break;
                const column_resolver resolver{options, t};
                auto value = resolver.default_of(c, stated_default(*a.default_value));
                if (value.has_error()) return value.error();
                forget_now(c);
                // MySQL takes it for a column of the primary key, and forgets it.
                const bool is_call = value->kind == default_kind::expression && !is_now(*value);
                if (is_call && !is_mariadb(server()) && is_primary(c.name)) break;
                c.default_value = *value;
                break;
            }
            case sql::alter_column_action::drop_default:
                if (is_now(c.default_value) && keeps_now(a.action)) break;
                forget_now(c);
                if (c.default_value.kind == default_kind::literal) {
                    undefined.insert(folded_name(c.name));
                }
                c.default_value = column_default{};
                if (!is_new && c.nullable && mariadb_at_least(server(), 10, 6)) {
                    c.default_value.kind = default_kind::null;
                }
                break;
            case sql::alter_column_action::set_visible:
                c.invisible = false;
                break;
            case sql::alter_column_action::set_invisible:
                c.invisible = true;
                break;
        }
        return {};
    }

    /// MySQL's generated invisible primary key is brought back to the front after all of an ALTER,
    /// also where it was made by a statement that wrote it out, as the binlog has it.
    bool begins_with_generated_key() const {
        if (!mysql_at_least(server(), 8, 0, 30) || t.columns.empty()) return false;
        const column& c = t.columns.front();
        const key* const k = t.primary_key();
        return same_name(c.name, "my_row_id") && c.invisible && c.auto_increment &&
               c.type == type_kind::bigint && c.is_unsigned && k != nullptr &&
               k->parts.size() == 1 && same_name(k->parts.front().column, c.name);
    }

    result<void> place_columns() {
        const bool generated_key = begins_with_generated_key();
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const a = std::get_if<sql::add_column>(&spec.change)) {
                if (auto r = plan_new(a->column, a->position, false); r.has_error()) return r;
            } else if (const auto* const list = std::get_if<sql::add_columns>(&spec.change)) {
                for (const sql::table_element& element : list->elements) {
                    const auto* const d = std::get_if<sql::column_definition>(&element);
                    if (d == nullptr) continue;
                    if (auto r = plan_new(*d, {}, list->if_not_exists); r.has_error()) return r;
                }
            } else if (const auto* const m = std::get_if<sql::modify_column>(&spec.change)) {
                auto r = is_old(m->column.name)
                             ? place_changed(m->column.name, m->position)
                             : change_new(m->column.name, m->column, m->position);
                if (r.has_error()) return r;
            } else if (const auto* const c = std::get_if<sql::change_column>(&spec.change)) {
                auto r = is_old(c->old_name) ? place_changed(c->column.name, c->position)
                                             : change_new(c->old_name, c->column, c->position);
                if (r.has_error()) return r;
            }
        }
        if (auto r = change_defaults_of_new(); r.has_error()) return r;
        const std::size_t key = generated_key ? t.find_column("my_row_id") : npos;
        if (key != npos) {
            const auto first = t.columns.begin();
            std::rotate(first,
                        first + static_cast<std::ptrdiff_t>(key),
                        first + static_cast<std::ptrdiff_t>(key) + 1);
        }
        const bool any = std::any_of(t.columns.begin(), t.columns.end(), [](const column& c) {
            return !c.hidden && !c.invisible;
        });
        if (!any) return refusal("a table must have at least one visible column");
        std::set<std::string> names;
        for (const column& c : t.columns) {
            if (!names.insert(folded_name(c.name)).second)
                return refusal("duplicate column name '" + c.name + "'");
        }
        give_timestamps();
        return {};
    }

    /// Only columns that the statement defines get a default. The first TIMESTAMP gets one, too,
    /// where it loses its own: of MySQL 5.6 only what updates set.
    void give_timestamps() {
        std::set<std::string> touched = undefined;
        for (const sql::column_definition& d : pending) touched.insert(folded_name(d.name));
        give_timestamp_defaults(t, options, [&](column& c, bool is_first) {
            const std::string name = folded_name(c.name);
            if (touched.count(name) == 0) return false;
            if (undefined.count(name) == 0) return true;
            if (!is_first || is_mariadb(server())) return is_first && c.on_update.empty();
            if (c.on_update.empty()) c.on_update = now_of(c, options.server);
            return false;
        });
    }

    /// A change of a column that this statement adds: the new definition stands in its place.
    result<void> change_new(const std::string& name,
                            const sql::column_definition& d,
                            const sql::column_position& position) {
        if (t.find_column(name) == npos) return {};  // IF EXISTS
        std::erase_if(t.columns, [&](const column& c) { return same_name(c.name, name); });
        std::erase_if(t.checks,
                      [&](const check_constraint& k) { return same_name(k.column, name); });
        // The keys at the first definition stay, its checks and references do not.
        for (sql::column_definition& p : pending) {
            if (!same_name(p.name, name)) continue;
            p.checks.clear();
            p.references.reset();
            p.type.kind = d.type.kind == type_kind::json ? type_kind::int_ : d.type.kind;
        }
        return plan_new(d, position, false);
    }

    result<void> change_defaults_of_new() {
        return each_checked<sql::alter_column>([&](const sql::alter_column& a) -> result<void> {
            const std::size_t at = t.find_column(a.name);
            if (at == npos || !default_comes_last(a.name)) return {};
            return change_default(t.columns[at], a, true);
        });
    }

    bool converts() const {
        bool found = false;
        each<sql::convert_charset>([&](const sql::convert_charset&) { found = true; });
        return found;
    }

    /// CONVERT TO also decides about the columns that the same statement brings.
    void follow_conversion(column& c, const sql::data_type& type) const {
        if (!converts() || !c.is_character() || c.charset == "binary") return;
        if (t.charset == "binary" && c.type != type_kind::enum_ && c.type != type_kind::set) {
            c.type = blob_of_text(c.type);
            c.charset.clear();
            c.collation.clear();
            return;
        }
        c.charset = t.charset;
        c.collation = t.collation;
        column_resolver{options, t}.fit_text(c, type);
    }

    result<void> plan_new(const sql::column_definition& d,
                          const sql::column_position& position,
                          bool if_not_exists) {
        if (t.find_column(d.name) != npos) {
            if (if_not_exists || d.if_not_exists) return {};
            return refusal("duplicate column name '" + d.name + "'");
        }
        const column_resolver resolver{options, t};
        auto c = resolver.resolve(d);
        if (c.has_error()) return c.error();
        follow_conversion(*c, d.type);
        pending.push_back(d);
        added_columns.insert(folded_name(d.name));
        return insert(std::move(*c), position);
    }

    /// A column that moves stands at its old place until its part of the statement is reached.
    result<void> place_changed(const std::string& name, const sql::column_position& position) {
        if (position.place == sql::column_place::unspecified) return {};
        const std::size_t at = t.find_column(name);
        if (at == npos) return {};
        column c = std::move(t.columns[at]);
        t.columns.erase(t.columns.begin() + static_cast<std::ptrdiff_t>(at));
        return insert(std::move(c), position);
    }

    result<void> insert(column c, const sql::column_position& position) {
        if (position.place == sql::column_place::first) {
            t.columns.insert(t.columns.begin(), std::move(c));
        } else if (position.place == sql::column_place::after) {
            const std::size_t at = t.find_column(position.after);
            if (at == npos) {
                return refusal("unknown column '" + position.after + "' in '" + t.name + "'");
            }
            t.columns.insert(t.columns.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(c));
        } else {
            t.columns.push_back(std::move(c));
        }
        return {};
    }

    // ---- renames inside expressions, keys and constraints

    result<void> rename_in_expressions() {
        for (column& c : t.columns) {
            if (renamed.empty()) break;
            if (is_stated(c.name)) continue;
            if (c.is_generated()) c.expression = renamed_expression(c.expression, renamed, options);
            if (c.default_value.kind == default_kind::expression) {
                c.default_value.text = renamed_expression(c.default_value.text, renamed, options);
            }
        }
        // MySQL leaves a CHECK as it is where only the letters' case is another.
        rename_map others = renamed;
        if (!is_mariadb(server()))
            std::erase_if(others, [](const auto& r) { return same_name(r.first, r.second); });
        for (check_constraint& c : t.checks) {
            if (renamed.empty()) break;
            c.expression = renamed_expression(c.expression, others, options);
            rename(c.column);
            if (!c.column.empty()) c.name = c.column;
        }
        if (t.partition && !renamed.empty()) {
            rename_in(t.partition->method);
            if (t.partition->subpartition) rename_in(*t.partition->subpartition);
            t.partition_text.clear();
        }
        for (period& p : t.periods) {
            rename(p.start_column);
            rename(p.end_column);
        }
        for (foreign_key& fk : t.foreign_keys) {
            for (std::string& name : fk.columns) rename(name);
            const bool self = same_name(fk.ref_table, t.name) && fk.ref_schema == t.schema;
            if (!self) continue;
            for (std::string& name : fk.ref_columns) rename(name);
        }
        return {};
    }

    /// The statement gives the column's definition itself, by the new names.
    bool is_stated(const std::string& name) const {
        return std::any_of(pending.begin(), pending.end(), [&](const sql::column_definition& d) {
            return same_name(d.name, name);
        });
    }

    void rename_in(sql::partition_method& m) const {
        if (m.expr) rename_columns_in(*m.expr, renamed);
        for (std::string& name : m.columns) rename(name);
        m.text.value.clear();
    }

    void rename(std::string& name) const {
        const auto found = renamed.find(folded_name(name));
        if (found != renamed.end()) name = found->second;
    }

    // ---- keys

    /// DROP of a key that is not there is an error of the server's.
    result<void> check_dropped_keys() const {
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const d = std::get_if<sql::drop_key>(&spec.change)) {
                if (d->if_exists || t.find_key(d->name) != npos) continue;
                return refusal("can't drop index '" + d->name + "': it doesn't exist");
            }
            if (const auto* const p = std::get_if<sql::drop_primary_key>(&spec.change)) {
                if (p->if_exists || t.primary_key() != nullptr) continue;
                return refusal("can't drop the primary key: it doesn't exist");
            }
            if (const auto* const r = std::get_if<sql::rename_key>(&spec.change)) {
                if (r->if_exists || t.find_key(r->old_name) != npos) continue;
                return refusal("key '" + r->old_name + "' doesn't exist in table");
            }
        }
        return {};
    }

    result<void> change_keys() {
        if (auto r = check_dropped_keys(); r.has_error()) return r;
        std::vector<key> list;
        bool leader_falls = false;
        for (std::size_t i = 0; i < t.keys.size(); ++i) {
            if (!keep_key(t.keys[i])) continue;
            if (i == 0) leader_falls = led_by_not_null && may_be_null(t.keys[i]);
            list.push_back(std::move(t.keys[i]));
        }
        element_collector collector{options, t, {}, {}, {}};
        for (const sql::column_definition& d : pending) add_json_check(t, d, options);
        if (auto r = collect(collector, list); r.has_error()) return r;
        // MariaDB orders the keys anew only where a statement brings one, or makes NULL possible in
        // the unique key that was taken for the primary key.
        const bool in_order =
            collector.keys.empty() && !leader_falls && mariadb_at_least(server(), 10, 3);
        list.insert(list.end(),
                    std::make_move_iterator(collector.keys.begin()),
                    std::make_move_iterator(collector.keys.end()));
        new_foreign_keys = std::move(collector.foreign_keys);
        new_checks = std::move(collector.checks);
        key_resolver resolver{options, t};
        return resolver.finish(std::move(list), in_order);
    }

    std::vector<sql::foreign_key_definition> new_foreign_keys;
    std::vector<element_collector::pending_check> new_checks;

    /// Keys in the order of the statement, those that stand at a column too; those that are there
    /// already under IF NOT EXISTS stay out.
    result<void> collect(element_collector& collector, const std::vector<key>& list) {
        const auto there = [&](const std::string& name) {
            return !name.empty() && std::any_of(list.begin(), list.end(), [&](const key& k) {
                return same_name(k.name, name);
            });
        };
        std::vector<bool> taken(pending.size());
        const auto take_column = [&](const sql::column_definition& d) {
            for (std::size_t i = 0; i < pending.size(); ++i) {
                if (taken[i] || !same_name(pending[i].name, d.name)) continue;
                taken[i] = true;
                collector.take_constraints(pending[i]);
                return;
            }
        };
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const c = std::get_if<sql::add_column>(&spec.change)) {
                take_column(c->column);
            } else if (const auto* const m = std::get_if<sql::modify_column>(&spec.change)) {
                take_column(m->column);
            } else if (const auto* const n = std::get_if<sql::change_column>(&spec.change)) {
                take_column(n->column);
            } else if (const auto* const a = std::get_if<sql::add_key>(&spec.change)) {
                std::string name = a->key.kind == key_kind::primary ? "PRIMARY" : a->key.name;
                if (name.empty()) name = a->key.constraint_name;
                if (name.empty() && !a->key.parts.empty()) name = a->key.parts.front().column;
                if (a->key.if_not_exists && there(name)) continue;
                if (auto r = collector.take(sql::table_element{a->key}); r.has_error()) return r;
            } else if (const auto* const f = std::get_if<sql::add_foreign_key>(&spec.change)) {
                collector.take(f->key);
            } else if (const auto* const c = std::get_if<sql::add_check>(&spec.change)) {
                collector.checks.push_back({c->check, {}});
            } else if (const auto* const list_of = std::get_if<sql::add_columns>(&spec.change)) {
                for (const sql::table_element& element : list_of->elements) {
                    if (const auto* const d = std::get_if<sql::column_definition>(&element)) {
                        take_column(*d);
                        continue;
                    }
                    if (auto r = collector.take(element); r.has_error()) return r;
                }
            } else if (const auto* const p = std::get_if<sql::add_period>(&spec.change)) {
                const bool there = std::any_of(t.periods.begin(), t.periods.end(), [&](auto& x) {
                    return same_name(x.name, p->period.name);
                });
                if (there && p->period.if_not_exists) continue;
                t.periods.push_back({p->period.name, p->period.start_column, p->period.end_column});
                make_bounds_not_null(t, t.periods.back());
            }
        }
        return {};
    }

    /// A column of that name is added (and no other gets the name).
    bool comes_again(const std::string& name) const {
        bool found = false;
        each<sql::add_column>(
            [&](const sql::add_column& a) { found = found || same_name(a.column.name, name); });
        each<sql::add_columns>([&](const sql::add_columns& list) {
            for (const sql::table_element& element : list.elements) {
                const auto* const d = std::get_if<sql::column_definition>(&element);
                found = found || (d != nullptr && same_name(d->name, name));
            }
        });
        return found;
    }

    /// Nothing but another name, and nothing that asks for a copy beside something else.
    bool leaves_definition() const {
        bool copies = false, changes = false;
        for (const sql::alter_spec& spec : statement.specs) {
            const auto* const how = std::get_if<sql::alter_execution>(&spec.change);
            const auto* const s = std::get_if<sql::simple_alter>(&spec.change);
            const bool keys_only = s != nullptr && (s->change == sql::simple_change::enable_keys ||
                                                    s->change == sql::simple_change::disable_keys);
            const bool renames = std::get_if<sql::rename_to>(&spec.change) != nullptr;
            const auto* const p = std::get_if<sql::partition_change>(&spec.change);
            const bool partitions_only =
                p != nullptr && p->kind != sql::partition_change_kind::partition_by;
            if (how != nullptr) {
                copies = copies || (how->name == "algorithm" && same_name(how->value, "copy"));
                continue;
            }
            if (!keys_only && !renames && !partitions_only) return false;
            changes = true;
        }
        return !copies || !changes;
    }

    /// Keys go by names: of the new columns the first takes a part's place that had its name, or
    /// has it and is new. False where there is none.
    bool follow_column(key_part& part) const {
        for (const column& now : t.columns) {
            const auto origin = origins.find(folded_name(now.name));
            const bool same = origin == origins.end() ? same_name(now.name, part.column)
                                                      : same_name(origin->second, part.column);
            if (!same || now.hidden) continue;
            fit_prefix(part, now);
            part.column = now.name;
            return true;
        }
        return false;
    }

    /// The servers keep the bytes of a part as its prefix where the column is another one by the
    /// same name, and where an ENUM or SET becomes a text.
    void fit_prefix(key_part& part, const column& now) const {
        const auto old = std::find_if(old_columns.begin(), old_columns.end(), [&](const column& c) {
            return same_name(c.name, part.column);
        });
        if (old == old_columns.end() || options.verbatim) return;
        const std::uint64_t bytes = key_resolver::part_bytes(*old, part);
        const std::uint64_t most = key_resolver::char_bytes(*old);
        const bool is_new = added_columns.count(folded_name(now.name)) != 0;
        const bool members = (old->type == type_kind::enum_ || old->type == type_kind::set) &&
                             !mariadb_at_least(server(), 10, 3);
        if (!is_new && (!members || longest_member(*old) * most == bytes)) return;
        if (!is_new && (now.type == type_kind::enum_ || now.type == type_kind::set)) return;
        part.length.reset();
        if (bytes / most != 0) part.length = bytes / most;
    }

    /// False where the key goes: dropped itself, or all its columns are.
    bool keep_key(key& k) const {
        bool dropped = false;
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const d = std::get_if<sql::drop_key>(&spec.change)) {
                dropped = dropped || same_name(d->name, k.name);
            } else if (std::get_if<sql::drop_primary_key>(&spec.change) != nullptr) {
                dropped = dropped || k.kind == key_kind::primary;
            } else if (const auto* const c = std::get_if<sql::drop_constraint>(&spec.change)) {
                dropped =
                    dropped || (!c->check_only && k.is_unique() && same_name(c->name, k.name));
            }
        }
        if (dropped) return false;
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const r = std::get_if<sql::rename_key>(&spec.change)) {
                if (same_name(r->old_name, k.name)) {
                    k.name = r->new_name;
                    k.implicit = false;
                    break;
                }
            }
        }
        // MariaDB decides anew whether a unique key has to be a hash, where it makes the table
        // anew.
        if (mariadb_at_least(server(), 10, 4) && k.kind == key_kind::unique &&
            same_name(k.using_type, "hash") && !leaves_definition()) {
            k.using_type.clear();
        }
        each<sql::alter_key>([&](const sql::alter_key& a) {
            if (same_name(a.name, k.name)) k.invisible = a.invisible;
        });
        std::erase_if(k.parts,
                      [&](key_part& part) { return !part.column.empty() && !follow_column(part); });
        for (key_part& part : k.parts) {
            if (!part.expression.empty() && !renamed.empty()) {
                part.expression = renamed_expression(part.expression, renamed, options);
            }
        }
        return !k.parts.empty();
    }

    // ---- constraints

    result<void> change_constraints() {
        std::set<std::string> gone_keys;
        constraint_resolver resolver{options, t};
        // Keys that the statement drops still count.
        resolver.last_foreign_key = last_number(t.foreign_keys, t.name, "_ibfk_");
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const d = std::get_if<sql::drop_foreign_key>(&spec.change)) {
                const std::size_t gone = std::erase_if(t.foreign_keys, [&](const foreign_key& fk) {
                    return same_name(fk.name, d->name);
                });
                // Engines without foreign keys take the clause and forget it.
                const bool has_keys = constraint_resolver{options, t}.engine_has_foreign_keys();
                // MariaDB takes the same name twice.
                const bool again = !gone_keys.insert(folded_name(d->name)).second;
                if (gone == 0 && !d->if_exists && has_keys && !again) {
                    return refusal("can't drop foreign key '" + d->name + "': it doesn't exist");
                }
            } else if (const auto* const c = std::get_if<sql::drop_constraint>(&spec.change)) {
                if (auto r = drop_constraint(*c); r.has_error()) return r;
            } else if (const auto* const a = std::get_if<sql::alter_constraint>(&spec.change)) {
                for (check_constraint& check : t.checks) {
                    if (same_name(check.name, a->name)) check.enforced = a->enforced;
                }
            } else if (const auto* const p = std::get_if<sql::drop_period>(&spec.change)) {
                std::erase_if(t.periods,
                              [&](const period& x) { return same_name(x.name, p->name); });
            }
        }
        for (const foreign_key& fk : t.foreign_keys) {
            for (const std::string& name : fk.columns) {
                if (t.find_column(name) != npos) continue;
                return refusal("cannot drop column '" + name + "': needed in foreign key '" +
                               fk.name + "'");
            }
        }
        resolver.last_check = last_number(t.checks, t.name, "_chk_");
        for (const auto& fk : new_foreign_keys) {
            if (auto r = resolver.add(fk); r.has_error()) return r;
        }
        for (const auto& check : new_checks) resolver.stated_names.push_back(check.check.name);
        for (const auto& check : new_checks) {
            if (auto r = resolver.add(check.check, check.column); r.has_error()) return r;
        }
        resolver.sort();
        return {};
    }

    result<void> drop_constraint(const sql::drop_constraint& d) {
        std::size_t gone = std::erase_if(t.checks, [&](const check_constraint& c) {
            return c.column.empty() && same_name(c.name, d.name);
        });
        if (gone == 0 && !d.check_only) {
            gone = std::erase_if(t.foreign_keys,
                                 [&](const foreign_key& fk) { return same_name(fk.name, d.name); });
        }
        // A unique key of that name has been left out in change_keys.
        return {};
    }

    // ---- partitions

    result<void> change_partitions() {
        for (const sql::alter_spec& spec : statement.specs) {
            if (const auto* const s = std::get_if<sql::simple_alter>(&spec.change)) {
                if (s->change == sql::simple_change::remove_partitioning) {
                    t.partition.reset();
                    t.partition_text.clear();
                }
            } else if (const auto* const p = std::get_if<sql::partition_change>(&spec.change)) {
                if (auto r = partition_changer{options, t}.change(*p); r.has_error()) return r;
            }
        }
        return {};
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
