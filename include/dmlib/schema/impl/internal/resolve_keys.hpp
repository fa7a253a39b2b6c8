// Keys and constraints of a table: names that the server invents, implicit foreign key indexes,
// prefixes, and the order of SHOW CREATE TABLE.
#pragma once

#include <dmlib/model/value.hpp>
#include <dmlib/schema/impl/internal/expression_text.hpp>
#include <dmlib/schema/impl/internal/may_be_null.hpp>
#include <dmlib/schema/impl/internal/resolve_charset.hpp>
#include <dmlib/schema/impl/internal/resolve_column.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/parser.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct key_resolver {
    const resolve_options& options;
    table& t;

    bool mariadb() const noexcept { return is_mariadb(options.server); }

    /// A key as written; its name may stay empty until `finish`.
    key make(const sql::key_definition& d) const {
        key k;
        k.kind = d.kind;
        k.name = d.kind == key_kind::primary ? "PRIMARY"
                 : d.name.empty()            ? d.constraint_name
                                             : d.name;
        for (const sql::key_part& part : d.parts) k.parts.push_back(make_part(part));
        k.invisible = d.options.invisible.value_or(false);
        k.using_type = d.options.using_type;
        k.block_size = d.options.block_size;
        k.comment = cut_comment(d.options.comment.value_or(""), 1024);
        k.parser = d.options.parser;
        k.without_overlaps = d.without_overlaps;
        if (d.options.engine_attribute) k.engine_attribute = d.options.engine_attribute->text;
        k.options = d.options.custom;
        return k;
    }

    /// The index that a foreign key brings along.
    static key implicit_key(const sql::foreign_key_definition& d) {
        key k;
        k.implicit = true;
        k.name = d.constraint_name.empty() ? d.index_name : d.constraint_name;
        for (const std::string& name : d.columns) {
            key_part part;
            part.column = name;
            k.parts.push_back(std::move(part));
        }
        return k;
    }

    /// Names, checks and orders the keys of the table. `in_order`: they stay in the order of the
    /// list.
    result<void> finish(std::vector<key> list, bool in_order = false) {
        drop_redundant(list);
        std::vector<bool> nullable_at(list.size());
        std::vector<key> named;
        for (std::size_t i = 0; i < list.size(); ++i) {
            key& k = list[i];
            if (auto r = check_parts(k); r.has_error()) return r.error();
            nullable_at[i] = has_null_part(k);
            if (k.name.empty()) k.name = invented_name(k, named);
            for (const key& other : named) {
                if (!same_name(other.name, k.name)) continue;
                return refusal(k.kind == key_kind::primary ? "multiple primary key defined"
                                                           : "duplicate key name '" + k.name + "'");
            }
            named.push_back(k);
        }
        std::vector<std::size_t> order(named.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        if (!in_order && !options.verbatim) {
            std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                return rank(named[a], nullable_at[a]) < rank(named[b], nullable_at[b]);
            });
        }
        t.keys.clear();
        for (const std::size_t i : order) t.keys.push_back(std::move(named[i]));
        return {};
    }

private:
    key_part make_part(const sql::key_part& part) const {
        key_part out;
        const bool descending_kept =
            mysql_at_least(options.server, 8, 0, 1) || mariadb_at_least(options.server, 10, 8);
        out.descending = part.descending.value_or(false) && descending_kept;
        out.length = part.length;
        if (part.expr) {
            out.expression =
                options.verbatim
                    ? part.text.value
                    : expression_printer{options.server, options.connection_charset, &t}.print(
                          *part.expr);
        } else {
            out.column = part.column;
        }
        return out;
    }

    /// Mirrors foreign_key_prefix() of the servers: an implicit key that is a prefix of another
    /// key is dropped.
    void drop_redundant(std::vector<key>& list) const {
        const auto indexes = [](const key& k) {
            return k.kind == key_kind::primary || k.kind == key_kind::unique ||
                   k.kind == key_kind::index;
        };
        const auto serves = [&](const key_part& part, const std::string& column_name) {
            const bool falls = part.descending && !mariadb();
            return !part.column.empty() && !part.length && !falls &&
                   same_name(column_name, part.column);
        };
        const auto prefix_of = [&](const key& a, const key& b) {
            if (a.parts.size() > b.parts.size()) return false;
            for (std::size_t i = 0; i < a.parts.size(); ++i) {
                if (!serves(b.parts[i], a.parts[i].column)) return false;
            }
            return true;
        };
        std::vector<bool> dropped(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            for (std::size_t j = 0; j < i && !dropped[i]; ++j) {
                if (dropped[j] || !indexes(list[i]) || !indexes(list[j])) continue;
                const bool i_implicit = list[i].implicit;
                const bool j_implicit = list[j].implicit;
                if (i_implicit && prefix_of(list[i], list[j])) {
                    // Of two equal implicit keys the later one stays.
                    const bool equal = j_implicit && list[j].parts.size() == list[i].parts.size();
                    dropped[equal ? j : i] = true;
                } else if (j_implicit && prefix_of(list[j], list[i])) {
                    dropped[j] = true;
                }
            }
        }
        std::vector<key> kept;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!dropped[i]) kept.push_back(std::move(list[i]));
        }
        list = std::move(kept);
    }

    result<void> check_parts(key& k) {
        if (k.parts.empty()) return refusal("a key has no columns");
        for (key_part& part : k.parts) {
            if (part.column.empty()) continue;
            const std::size_t at = t.find_column(part.column);
            if (at == npos) {
                return refusal("key column '" + part.column + "' doesn't exist in table");
            }
            column& c = t.columns[at];
            part.column = c.name;
            if (k.kind == key_kind::primary) make_primary(c);
            const bool spatial = k.kind == key_kind::index && c.is_geometry() && !c.nullable &&
                                 k.parts.size() == 1 && mysql_at_least(options.server, 8);
            if (spatial && !options.verbatim) k.kind = key_kind::spatial;
            fix_length(k, part, c);
        }
        if (is_too_long(k)) k.using_type = "hash";
        const bool hash = same_name(k.using_type, "hash") ||
                          (k.using_type.empty() && same_name(t.engine, "memory"));
        drop_default_using(k);
        // A hash has no order.
        if (mariadb() && !options.verbatim && hash) {
            for (key_part& part : k.parts) part.descending = false;
        }
        return {};
    }

    void make_primary(column& c) const {
        if (c.nullable && c.default_value.kind == default_kind::null) {
            c.default_value = column_default{};
            // MySQL 5.6 gives the type's zero, MariaDB that of a TIMESTAMP, and of what updates
            // set.
            const bool stamp = c.type == type_kind::timestamp && !timestamps_are_plain(options);
            const bool zero =
                mariadb() ? stamp || !c.on_update.empty() : !options.server.version.at_least(5, 7);
            if (zero && !options.verbatim && !c.auto_increment) give_zero(c);
        }
        c.nullable = false;
    }

    void give_zero(column& c) const {
        if (c.is_blob_or_text()) return;
        sql::literal zero;
        zero.kind = sql::literal_kind::string;
        if (c.is_numeric())
            zero.text = "0";
        else if (c.type == type_kind::date)
            zero.text = "0000-00-00";
        else if (c.type == type_kind::datetime || c.type == type_kind::timestamp) {
            zero.text = "0000-00-00 00:00:00";
        } else if (c.type == type_kind::time)
            zero.text = "00:00:00";
        else if (c.type == type_kind::year)
            zero.text = "0000";
        else if (c.type == type_kind::enum_ && !c.members.empty())
            zero.text = c.members.front();
        c.default_value = literal_default(c, zero, options.server);
    }

    static std::uint64_t longest_blob(const column& c) {
        const bool tiny = c.type == type_kind::tinytext || c.type == type_kind::tinyblob;
        return tiny ? 255 : 65'535;
    }

    std::uint64_t longest_part() const {
        const std::string engine = sql::ascii_lower(t.engine);
        if (engine == "innodb") {
            if (options.server.flavor == flavor::mysql && !options.server.version.at_least(5, 7))
                return 767;
            const auto* const format = t.find_option(sql::table_option_kind::row_format);
            const std::string word = format == nullptr ? "" : sql::ascii_lower(format->value.text);
            return word == "compact" || word == "redundant" ? 767 : 3072;
        }
        if (engine == "myisam") return 1000;
        if (engine == "aria") return 2300;
        return 3072;
    }

public:
    static std::uint64_t char_bytes(const column& c) {
        const charset_info* const set = find_charset(c.charset);
        return set == nullptr ? 1 : set->max_bytes;
    }

    /// Bytes of a column in a key, lengths and NULL marks not counted.
    static std::uint64_t part_bytes(const column& c, const key_part& part) {
        switch (c.type) {
            case type_kind::tinyint:
            case type_kind::year:
                return 1;
            case type_kind::smallint:
                return 2;
            case type_kind::mediumint:
            case type_kind::date:
                return 3;
            case type_kind::int_:
            case type_kind::float_:
                return 4;
            case type_kind::bigint:
            case type_kind::double_:
                return 8;
            case type_kind::set:
                return c.members.size() > 32
                           ? 8
                           : std::max<std::uint64_t>(1, (c.members.size() + 7) / 8);
            case type_kind::decimal:
                return decimal_size(static_cast<int>(c.length.value_or(10)),
                                    static_cast<int>(c.decimals.value_or(0)));
            case type_kind::bit:
                return (c.length.value_or(1) + 7) / 8;
            case type_kind::time:
                return 3 + (c.fraction_digits + 1U) / 2;
            case type_kind::timestamp:
                return 4 + (c.fraction_digits + 1U) / 2;
            case type_kind::datetime:
                return 5 + (c.fraction_digits + 1U) / 2;
            case type_kind::enum_:
                return c.members.size() < 256 ? 1 : 2;
            case type_kind::char_:
            case type_kind::varchar:
            case type_kind::binary:
            case type_kind::varbinary:
                return part.length.value_or(c.length.value_or(1)) * char_bytes(c);
            default:
                return c.is_blob_or_text() ? part.length.value_or(0) * char_bytes(c)
                                           : c.fixed_bytes();
        }
    }

private:
    /// Whether MariaDB makes a unique key a hash since all its columns together are too long.
    bool is_too_long(const key& k) const {
        if (k.kind != key_kind::unique || options.verbatim || !k.using_type.empty() ||
            !mariadb_at_least(options.server, 10, 4))
            return false;
        std::uint64_t total = 0;
        for (const key_part& part : k.parts) {
            const std::size_t at = t.find_column(part.column);
            if (at != npos) total += part_bytes(t.columns[at], part);
        }
        // A single column of old row formats is shorter, a key is not.
        return total > std::max<std::uint64_t>(longest_part(), longest_key());
    }

    std::uint64_t longest_key() const { return same_name(t.engine, "innodb") ? 3072 : 0; }

    void fix_length(key& k, key_part& part, const column& c) const {
        if (k.kind == key_kind::fulltext || k.kind == key_kind::spatial ||
            k.kind == key_kind::vector) {
            part.length.reset();
            if (k.kind != key_kind::vector && mariadb()) part.descending = false;
            return;
        }
        if (c.is_geometry() && !options.verbatim && fix_geometry(k, part, c)) return;
        const bool takes_prefix = c.type == type_kind::char_ || c.type == type_kind::varchar ||
                                  c.type == type_kind::binary || c.type == type_kind::varbinary ||
                                  c.is_blob_or_text();
        if (!takes_prefix) {
            part.length.reset();
            return;
        }
        if (part.length && c.length && *part.length >= *c.length) part.length.reset();
        if (options.verbatim) return;
        const std::uint64_t limit = longest_part();
        const std::uint64_t chars = part.length.value_or(c.length.value_or(0));
        const bool blob_whole = c.is_blob_or_text() && !part.length;
        if (blob_whole && mariadb()) {
            if (k.is_unique())
                k.using_type = "hash";
            else
                part.length = std::min(limit / char_bytes(c), longest_blob(c));
            return;
        }
        // MySQL counts the bytes of a prefix, MariaDB its characters.
        if (c.is_blob_or_text() && part.length &&
            (mariadb() || mysql_at_least(options.server, 8))) {
            const std::uint64_t longest = longest_blob(c) / (mariadb() ? 1 : char_bytes(c));
            part.length = std::min(*part.length, longest);
        }
        if (chars * char_bytes(c) > limit) {
            if (!k.is_unique())
                part.length = limit / char_bytes(c);
            else if (mariadb_at_least(options.server, 10, 4))
                k.using_type = "hash";
        }
    }

    /// Keys over a geometry that are not spatial: MySQL 5.6 and MariaDB store 25 bytes of a point.
    bool fix_geometry(key& k, key_part& part, const column& c) const {
        if (!mariadb() && options.server.version.at_least(5, 7)) return false;
        if (c.type == type_kind::point) {
            part.length = 25;
            return true;
        }
        if (part.length || !k.is_unique() || !mariadb_at_least(options.server, 10, 4)) return false;
        part.length = 8;
        k.using_type = "hash";
        return true;
    }

    /// Whether InnoDB keeps the table in blocks of a stated size.
    bool has_blocks() const {
        const auto* const size = t.find_option(sql::table_option_kind::key_block_size);
        const auto* const format = t.find_option(sql::table_option_kind::row_format);
        return (size != nullptr && size->value.text != "0") ||
               (format != nullptr && same_name(format->value.text, "compressed"));
    }

    /// USING is only printed where it is not the engine's own kind of index.
    void drop_default_using(key& k) const {
        if (options.verbatim) return;
        const std::string engine = sql::ascii_lower(t.engine);
        if (mysql_at_least(options.server, 5, 7) && engine == "innodb" && !t.partition &&
            !has_blocks()) {
            k.block_size.reset();
        }
        if (k.kind == key_kind::fulltext || k.kind == key_kind::spatial) k.using_type.clear();
        const bool has_no_hash = engine == "innodb" || engine == "myisam" || engine == "mrg_myisam";
        if (mysql_at_least(options.server, 8) && has_no_hash && k.using_type == "hash") {
            k.using_type.clear();
        }
    }

    bool part_may_be_null(const key_part& part) const {
        sql::parse_options parse;
        parse.flavor = options.server.flavor;
        parse.version = options.server.version;
        const auto e = sql::parse_expression(part.expression, parse);
        return e.has_error() || null_judge(options, t).may_be_null(*e);
    }

    bool has_null_part(const key& k) const {
        for (const key_part& part : k.parts) {
            const std::size_t at = t.find_column(part.column);
            if (at != npos && t.columns[at].nullable) return true;
            if (part.column.empty() && part_may_be_null(part)) return true;
        }
        return false;
    }

    /// Bytes of a column's name that an invented one with a number keeps.
    std::size_t longest_begin() const {
        if (mariadb_at_least(options.server, 10, 3)) return 189;
        return mysql_at_least(options.server, 9) ? 61 : 30;
    }

    std::string invented_name(const key& k, const std::vector<key>& named) const {
        const bool functional = std::any_of(
            k.parts.begin(), k.parts.end(), [](const key_part& p) { return p.column.empty(); });
        const std::string base = functional ? "functional_index" : k.parts.front().column;
        const auto taken = [&](const std::string& name) {
            return std::any_of(named.begin(), named.end(), [&](const key& other) {
                return same_name(other.name, name);
            });
        };
        if (!taken(base) && !same_name(base, "PRIMARY")) return base;
        const std::string begin = base.substr(0, longest_begin());
        for (int i = 2;; ++i) {
            std::string name = begin + "_" + std::to_string(i);
            if (!taken(name)) return name;
        }
    }

    /// The servers' order: primary, unique without NULL, unique, others, FULLTEXT; among each
    /// MySQL puts keys over virtual columns last, and MariaDB unique keys that are a hash.
    int rank(const key& k, bool has_null) const {
        if (k.kind == key_kind::primary) return 0;
        const bool last = !mariadb() && mysql_at_least(options.server, 5, 7) && over_virtual(k);
        if (k.kind == key_kind::unique) {
            const bool prefix = std::any_of(k.parts.begin(), k.parts.end(), [](const key_part& p) {
                return p.length.has_value();
            });
            const bool hash = mariadb_at_least(options.server, 10, 4) &&
                              same_name(k.using_type, "hash") && !same_name(t.engine, "MEMORY");
            if (hash) return 30;
            return 2 + (has_null ? 8 : 0) + (prefix ? 4 : 0) + (last ? 1 : 0);
        }
        return (k.kind == key_kind::fulltext ? 50 : 40) + (last ? 1 : 0);
    }

    bool over_virtual(const key& k) const {
        return std::any_of(k.parts.begin(), k.parts.end(), [&](const key_part& p) {
            if (p.column.empty()) return true;  // a hidden column behind the scenes
            const std::size_t at = t.find_column(p.column);
            return at != npos && t.columns[at].generated == generated_kind::virtual_column;
        });
    }
};

/// "TABLE_ibfk_7" of that table: 7; 0 for any other name.
inline int generated_number(std::string_view name,
                            std::string_view table_name,
                            std::string_view infix) {
    if (name.size() <= table_name.size() + infix.size() || !name.starts_with(table_name)) return 0;
    name.remove_prefix(table_name.size());
    if (!name.starts_with(infix)) return 0;
    name.remove_prefix(infix.size());
    if (name.starts_with('0')) return 0;
    int number = 0;
    for (const char c : name) {
        if (c < '0' || c > '9' || number > 100000000) return 0;
        number = number * 10 + (c - '0');
    }
    return number;
}

/// The highest number of the names that the servers invented, or might have.
template <class Constraint>
int last_number(const std::vector<Constraint>& all,
                std::string_view table_name,
                std::string_view infix) {
    int last = 0;
    for (const Constraint& c : all)
        last = std::max(last, generated_number(c.name, table_name, infix));
    return last;
}

struct constraint_resolver {
    const resolve_options& options;
    table& t;
    std::vector<std::string> stated_names{};  ///< of the statement's CHECKs: not to be invented
    /// What invented names count on from. Names that the statement states do not count.
    int last_foreign_key = 0;
    int last_check = 0;

    bool mariadb() const noexcept { return is_mariadb(options.server); }
    bool inline_references() const noexcept {
        return mariadb_at_least(options.server, 10, 5) || mysql_at_least(options.server, 9);
    }
    bool checks_exist() const noexcept {
        return mariadb_at_least(options.server, 10, 2, 1) ||
               mysql_at_least(options.server, 8, 0, 16);
    }

    /// Other engines take the clause and forget it.
    bool engine_has_foreign_keys() const {
        const std::string engine = sql::ascii_lower(t.engine);
        return engine == "innodb" || engine == "ndbcluster" || engine == "ndb";
    }

    /// MariaDB takes SET DEFAULT for an engine that lacks it, and forgets it.
    reference_action shown_here(reference_action action) const {
        const reference_action shown = shown_action(action);
        return mariadb() && shown == reference_action::set_default ? reference_action::none : shown;
    }

    result<void> add(const sql::foreign_key_definition& d) {
        if (!engine_has_foreign_keys()) return {};
        foreign_key fk;
        fk.name = d.constraint_name;
        // MariaDB takes the index name for the constraint's too.
        if (fk.name.empty() && mariadb()) fk.name = d.index_name;
        fk.generated_name = fk.name.empty() || generated_number(fk.name, t.name, "_ibfk_") != 0;
        if (fk.name.empty()) fk.name = t.name + "_ibfk_" + std::to_string(++last_foreign_key);
        for (const foreign_key& other : t.foreign_keys) {
            if (same_name(other.name, fk.name)) {
                return refusal("duplicate foreign key constraint name '" + fk.name + "'");
            }
        }
        for (const std::string& name : d.columns) {
            const std::size_t at = t.find_column(name);
            if (at == npos) return refusal("key column '" + name + "' doesn't exist in table");
            fk.columns.push_back(t.columns[at].name);
        }
        fk.ref_schema = d.references.table.schema.empty() ? t.schema : d.references.table.schema;
        fk.ref_table = d.references.table.table;
        fk.ref_columns = d.references.columns;
        // MySQL 9 takes the parent's primary key, which is known where all tables are.
        if (fk.ref_columns.empty() && !mysql_at_least(options.server, 9))
            fk.ref_columns = fk.columns;
        // InnoDB's own parser, which older servers have, stops at MATCH.
        const bool stops_at_match = mariadb() ? !mariadb_at_least(options.server, 10, 5)
                                              : !mysql_at_least(options.server, 8);
        if (!stops_at_match || options.verbatim || d.references.match == sql::match_kind::none) {
            fk.on_delete = shown_here(d.references.on_delete);
            fk.on_update = shown_here(d.references.on_update);
        }
        t.foreign_keys.push_back(std::move(fk));
        return {};
    }

    result<void> add(const sql::check_clause& d, const std::string& of_column) {
        if (!checks_exist()) return {};
        check_constraint check;
        const expression_printer printer{options.server, options.connection_charset, &t};
        check.expression = options.verbatim ? d.text.value : printer.print(d.expr);
        if (!options.verbatim) {
            for (const std::string& name : sql::columns_of(d.expr)) {
                const std::size_t at = t.find_column(name);
                if (at != npos && t.columns[at].auto_increment) {
                    return refusal("a CHECK cannot refer to the AUTO_INCREMENT column '" + name +
                                   "'");
                }
            }
        }
        check.enforced = d.enforced.value_or(true);
        check.name = d.name;
        if (mariadb() && !of_column.empty()) {
            check.column = of_column;
            check.name = of_column;
        } else if (check.name.empty()) {
            check.name = invented_check_name();
            check.generated_name = true;
        } else {
            check.generated_name = generated_number(check.name, t.name, "_chk_") != 0;
        }
        for (const check_constraint& other : t.checks) {
            if (check.column.empty() && other.column.empty() && same_name(other.name, check.name)) {
                if (d.if_not_exists) return {};
                return refusal("duplicate CHECK constraint name '" + check.name + "'");
            }
        }
        t.checks.push_back(std::move(check));
        return {};
    }

    /// The order in which the servers print constraints.
    void sort() {
        std::stable_sort(t.foreign_keys.begin(),
                         t.foreign_keys.end(),
                         [this](const foreign_key& a, const foreign_key& b) {
                             if (!mysql_at_least(options.server, 8)) return a.name < b.name;
                             return sql::ascii_lower(a.name) < sql::ascii_lower(b.name);
                         });
        if (mariadb()) return;
        std::stable_sort(t.checks.begin(),
                         t.checks.end(),
                         [](const check_constraint& a, const check_constraint& b) {
                             return sql::ascii_lower(a.name) < sql::ascii_lower(b.name);
                         });
    }

private:
    std::string invented_check_name() {
        if (!mariadb()) return t.name + "_chk_" + std::to_string(++last_check);
        // CHECKs of columns have the column's name, which 10.11 alone takes for one of these.
        const bool counts_columns =
            mariadb_at_least(options.server, 10, 11) && !mariadb_at_least(options.server, 11);
        for (int i = 1;; ++i) {
            const std::string name = "CONSTRAINT_" + std::to_string(i);
            const bool taken =
                std::any_of(t.checks.begin(), t.checks.end(), [&](const check_constraint& c) {
                    return (c.column.empty() || counts_columns) && same_name(c.name, name);
                });
            const bool stated =
                std::any_of(stated_names.begin(), stated_names.end(), [&](std::string_view other) {
                    return same_name(other, name);
                });
            if (!taken && !stated) return name;
        }
    }

    /// What SHOW CREATE TABLE prints: MySQL 8 leaves NO ACTION out, the others RESTRICT.
    reference_action shown_action(reference_action action) const noexcept {
        if (mysql_at_least(options.server, 8)) {
            return action == reference_action::no_action ? reference_action::none : action;
        }
        return action == reference_action::restrict_ ? reference_action::none : action;
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
