// Columns, keys and constraints of a definition turned into what the target can hold.
#pragma once

#include <dmlib/schema/impl/internal/expression_text.hpp>
#include <dmlib/schema/impl/internal/resolve_column.hpp>
#include <dmlib/schema/impl/internal/target_rules.hpp>
#include <dmlib/sql/parser.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct target_converter {
    const table& source;
    const server_kind& server;
    const target_rules rules;
    target_table& out;
    std::set<std::string> key_columns;  ///< lower-case names: of unique and foreign keys

    table& t() noexcept { return out.definition; }
    bool same_flavor() const noexcept {
        return !rules.tidb() && rules.mariadb() == is_mariadb(server);
    }
    void warn(std::string text) { out.warnings.push_back(std::move(text)); }
    std::string named(const column& c) const { return "column `" + c.name + "`: "; }

    void run(const route_function& route) {
        t() = source;
        collect_key_columns();
        convert_table(route);
        std::erase_if(t().columns, [](const column& c) { return c.hidden; });
        for (column& c : t().columns) convert_column(c);
        convert_keys();
        convert_constraints(route);
        convert_partition();
        add_auto_increment_key();
    }

private:
    void collect_key_columns() {
        for (const key& k : source.keys) {
            if (!k.is_unique()) continue;
            for (const key_part& part : k.parts) key_columns.insert(folded_name(part.column));
        }
        for (const foreign_key& fk : source.foreign_keys) {
            for (const std::string& name : fk.columns) key_columns.insert(folded_name(name));
        }
    }

    // ---- expressions

    bool common_only(const sql::expression& e) const {
        using kind = sql::expression_kind;
        if (e.kind == kind::raw || e.kind == kind::user_variable ||
            e.kind == kind::system_variable || e.kind == kind::regexp ||
            e.kind == kind::convert_using || e.kind == kind::collate || e.kind == kind::cast) {
            return false;
        }
        if (e.kind == kind::function) {
            const bool known =
                std::find(std::begin(common_functions), std::end(common_functions), e.name) !=
                std::end(common_functions);
            if (!known || !e.text.empty()) return false;
        }
        return std::all_of(e.operands.begin(), e.operands.end(), [&](const sql::expression& x) {
            return common_only(x);
        });
    }

    /// An expression of the source in the target's spelling; empty where it may mean another thing.
    std::string expression_for(const std::string& text) const {
        if (same_flavor()) return text;
        sql::parse_options parse;
        parse.flavor = server.flavor;
        parse.version = server.version;
        auto parsed = sql::parse_expression(text, parse);
        if (parsed.has_error() || !common_only(*parsed)) return {};
        sql::print_options print;
        print.dialect = rules.facts.dialect;
        return sql::print(*parsed, print);
    }

    // ---- the table

    void convert_table(const route_function& route) {
        if (route) {
            const table_name to = route(source.full_name());
            t().schema = to.schema;
            t().name = to.table;
        }
        const collation_info* const from = find_collation(source.collation);
        if (from != nullptr) {
            t().charset = rules.charset_for(from->charset);
            t().collation = rules.collation_for(*from, false);
        }
        if (t().collation != source.collation) {
            warn("default collation " + source.collation + " becomes " + t().collation);
        }
        if (source.system_versioned) {
            t().system_versioned = false;
            warn("system versioning is left out: the target holds the current rows");
        }
        if (!source.periods.empty()) {
            t().periods.clear();
            warn("PERIOD FOR is left out");
        }
        if (!same_name(source.engine, "InnoDB")) {
            t().engine = "InnoDB";
            warn("engine " + source.engine + " becomes InnoDB");
        }
        convert_options();
    }

    void convert_options() {
        std::vector<sql::table_option> kept;
        for (const sql::table_option& option : source.options) {
            const bool row_format = option.kind == sql::table_option_kind::row_format &&
                                    !rules.tidb() && same_name(source.engine, "InnoDB") &&
                                    (same_name(option.value.text, "dynamic") ||
                                     same_name(option.value.text, "compact") ||
                                     same_name(option.value.text, "redundant"));
            // A short row format limits keys to 767 bytes: only where nothing grew.
            if (row_format && t().collation == source.collation) kept.push_back(option);
        }
        t().options = std::move(kept);
    }

    // ---- columns

    void convert_column(column& c) {
        convert_charset(c);
        convert_type(c);
        convert_attributes(c);
        convert_generated(c);
        convert_default(c);
    }

    void convert_charset(column& c) {
        if (!c.is_character() || c.charset.empty()) return;
        const collation_info* const from = find_collation(c.collation);
        if (from == nullptr) {
            out.errors.push_back(named(c) + "unknown collation " + c.collation +
                                 "; create the table on the target by hand");
            return;
        }
        const bool in_key = key_columns.count(folded_name(c.name)) != 0;
        const std::string charset = rules.charset_for(from->charset);
        const std::string collation = rules.collation_for(*from, in_key);
        c.explicit_collation = true;
        if (collation == c.collation) return;
        if (charset != c.charset) grow(c, charset);
        warn(named(c) + "collation " + c.collation + " becomes " + collation +
             (in_key ? " (in a key: no two different values of the source are equal there)"
                     : " (comparisons and order change)"));
        c.charset = charset;
        c.collation = collation;
    }

    /// A text that takes more bytes in its new charset still has to fit.
    void grow(column& c, const std::string& charset) {
        const charset_info* const old_set = find_charset(c.charset);
        const charset_info* const new_set = find_charset(charset);
        const std::uint64_t old_max = old_set == nullptr ? 1 : old_set->max_bytes;
        const std::uint64_t new_max = new_set == nullptr ? 4 : new_set->max_bytes;
        if (new_max > old_max && grow_text(c, old_max, new_max))
            warn(named(c) + "VARCHAR becomes TEXT, for it takes more bytes in " + charset);
    }

    /// YEAR(2) becomes YEAR; its default 00 is 2000, which the number 00 would not be there.
    static void widen_year(column& c) {
        std::string& text = c.default_value.text;
        const bool two = c.length == 2U && c.default_value.kind == default_kind::literal;
        if (two && text.size() == 2) text.insert(0, text < "70" ? "20" : "19");
        c.length.reset();
    }

    void become_blob(column& c, const char* why) {
        c.type = type_kind::longblob;
        c.length.reset();
        c.srid.reset();
        c.charset.clear();
        c.collation.clear();
        warn(named(c) + why);
    }

    void become_text(column& c, std::uint64_t length, const char* what) {
        c.type = type_kind::varchar;
        c.length = length;
        c.charset = rules.charset_for("ascii");
        c.collation = binary_collation(c.charset);
        warn(named(c) + what);
    }

    void convert_type(column& c) {
        const server_kind target = rules.kind();
        if (c.is_integer() && !is_mariadb(target) && !c.zerofill) {
            const bool boolean = c.type == type_kind::tinyint && c.length == 1U && !c.is_unsigned;
            if (!boolean && (rules.tidb() || target.version.at_least(8, 0, 19))) c.length.reset();
        }
        if (c.type == type_kind::year && !is_mariadb(target)) widen_year(c);
        if (c.is_geometry()) {
            if (rules.tidb())
                become_blob(c, "geometry becomes LONGBLOB with the same bytes");
            else if (c.srid && !rules.mysql_since(8)) {
                c.srid.reset();
                warn(named(c) + "SRID is left out");
            }
        }
        const bool other_vector = c.type == type_kind::vector && !same_flavor();
        if (other_vector) become_blob(c, "VECTOR becomes LONGBLOB with the same bytes");
        const bool mariadb_only = !rules.mariadb();
        if (mariadb_only && c.type == type_kind::uuid)
            become_text(c, 36, "UUID becomes VARCHAR(36)");
        if (mariadb_only && c.type == type_kind::inet6)
            become_text(c, 39, "INET6 becomes VARCHAR(39)");
        if (mariadb_only && c.type == type_kind::inet4)
            become_text(c, 15, "INET4 becomes VARCHAR(15)");
        if (mariadb_only && c.type == type_kind::xmltype) {
            c.type = type_kind::longtext;
            warn(named(c) + "XMLTYPE becomes LONGTEXT");
        }
        if (c.type == type_kind::other) {
            out.errors.push_back(named(c) + "type " + c.type_name +
                                 " is of a plugin; create the table on the target by hand");
        }
        if (c.type == type_kind::json && rules.mariadb()) {
            c.type = type_kind::longtext;
            c.charset = "utf8mb4";
            c.collation = "utf8mb4_bin";
            c.explicit_collation = true;
            warn(named(c) + "JSON becomes LONGTEXT, as MariaDB's JSON is");
        }
    }

    void convert_attributes(column& c) {
        if (c.period != row_bound::none) {
            c.period = row_bound::none;
            c.nullable = false;
        }
        c.system_versioning.reset();
        c.not_secondary = false;
        c.options.clear();
        c.reference_system.clear();
        c.engine_attribute.clear();
        c.column_format.clear();
        c.storage.clear();
        if (!c.compressed.empty() && !rules.mariadb_since(10, 3)) {
            c.compressed.clear();
            warn(named(c) + "COMPRESSED is left out");
        }
        if (c.invisible && !rules.has_invisible_columns()) {
            c.invisible = false;
            warn(named(c) + "becomes visible");
        }
        if (rules.mariadb() && c.invisible && !c.nullable &&
            c.default_value.kind == default_kind::none && !c.auto_increment) {
            c.invisible = false;
            warn(named(c) + "becomes visible, for MariaDB wants a default of invisible columns");
        }
    }

    void convert_generated(column& c) {
        if (!c.is_generated()) return;
        const std::string text = rules.has_generated() ? expression_for(c.expression) : "";
        if (!text.empty()) {
            c.expression = text;
            if (!same_flavor() && rules.mariadb()) c.nullable = true;
            return;
        }
        c.generated = generated_kind::none;
        c.expression.clear();
        warn(named(c) + "becomes an ordinary column with the values of the source");
        if (c.nullable) c.default_value.kind = default_kind::null;
    }

    void convert_default(column& c) {
        column_default& d = c.default_value;
        if (d.kind == default_kind::literal && c.is_blob_or_text() && !rules.mariadb()) {
            if (rules.mysql_since(8, 0, 13)) {
                d.kind = default_kind::expression;
                d.text = shown_literal(d.text);
                d.quoted = true;
            } else {
                drop_default(c);
            }
            return;
        }
        if (d.kind == default_kind::null && c.is_blob_or_text() && !rules.mariadb()) return;
        if (d.kind != default_kind::expression) return;
        const std::string lower_text = sql::ascii_lower(d.text);
        const bool now = c.is_temporal() && lower_text.starts_with("current_timestamp") &&
                         lower_text.find_first_of("+-*/ ") == std::string::npos;
        if (now) {
            if (c.type == type_kind::date || c.type == type_kind::time)
                drop_default(c);
            else
                respell_now(c);
            return;
        }
        const std::string text = rules.has_expression_defaults() ? expression_for(d.text) : "";
        if (text.empty())
            drop_default(c);
        else
            d.text = text;
        d.quoted = true;
    }

    static void respell_now(column& c) {
        const std::string digits =
            c.fraction_digits == 0 ? "" : "(" + std::to_string(c.fraction_digits) + ")";
        c.default_value.text = "CURRENT_TIMESTAMP" + digits;
    }

    void drop_default(column& c) {
        warn(named(c) + "default (" + c.default_value.text + ") is left out");
        c.default_value = column_default{};
        if (c.nullable) c.default_value.kind = default_kind::null;
    }

    // ---- keys

    bool key_fits(const key& k) {
        if (k.kind == key_kind::fulltext && rules.tidb()) return false;
        if (k.kind == key_kind::spatial) return !rules.tidb();
        if (k.kind == key_kind::vector) return rules.mariadb_since(11, 7);
        const bool functional = std::any_of(
            k.parts.begin(), k.parts.end(), [](const key_part& p) { return p.column.empty(); });
        return !functional || (rules.has_functional_keys() && !is_mariadb(server));
    }

    void convert_keys() {
        std::vector<key> kept;
        for (key k : source.keys) {
            if (!key_fits(k)) {
                warn("key `" + k.name + "` is left out: the target has no such kind of key");
                continue;
            }
            k.implicit = false;
            k.engine_attribute.clear();
            k.block_size.reset();
            k.using_type.clear();
            if (k.kind != key_kind::vector) k.options.clear();
            if (!rules.mysql()) k.parser.clear();
            if (k.invisible && !rules.has_invisible_keys()) {
                k.invisible = false;
                warn("key `" + k.name + "` becomes visible");
            }
            for (key_part& part : k.parts)
                part.descending = part.descending && rules.has_descending();
            if (!k.without_overlaps.empty()) loosen(k, "WITHOUT OVERLAPS");
            fit_key(k);
            kept.push_back(std::move(k));
        }
        t().keys = std::move(kept);
    }

    /// A unique key that the target cannot have becomes an ordinary one: the rows are unique
    /// anyway, for the source saw to that.
    void loosen(key& k, const char* why) {
        warn("key `" + k.name + "` is not unique on the target (" + why + ")");
        if (k.kind == key_kind::primary) k.name = "primary_rows";
        k.kind = key_kind::index;
        k.without_overlaps.clear();
    }

    std::uint64_t part_bytes(const key_part& part) {
        const std::size_t at = t().find_column(part.column);
        if (at == npos) return 0;
        const column& c = t().columns[at];
        const charset_info* const set = find_charset(c.charset);
        const std::uint64_t width = set == nullptr ? 1 : set->max_bytes;
        if (c.is_character() || c.type == type_kind::binary || c.type == type_kind::varbinary ||
            c.is_blob_or_text()) {
            return part.length.value_or(c.length.value_or(0)) * width;
        }
        return 8;
    }

    /// BLOB columns need a prefix, and a key has at most 3,072 bytes.
    void fit_key(key& k) {
        if (k.kind == key_kind::fulltext || k.kind == key_kind::spatial ||
            k.kind == key_kind::vector) {
            return;
        }
        std::uint64_t total = 0;
        bool whole_blob = false;
        for (key_part& part : k.parts) {
            const std::size_t at = t().find_column(part.column);
            whole_blob =
                whole_blob || (at != npos && t().columns[at].is_blob_or_text() && !part.length);
            total += part_bytes(part);
        }
        if (!whole_blob && total <= 3072) return;
        if (k.is_unique()) loosen(k, "its columns are longer than a key of the target may be");
        shorten(k);
    }

    void shorten(key& k) {
        const std::uint64_t share = 3072 / k.parts.size();
        for (key_part& part : k.parts) {
            const std::size_t at = t().find_column(part.column);
            if (at == npos) continue;
            const column& c = t().columns[at];
            const charset_info* const set = find_charset(c.charset);
            const std::uint64_t chars = share / (set == nullptr ? 1 : set->max_bytes);
            const bool blob = c.is_blob_or_text();
            const std::uint64_t has =
                part.length.value_or(c.length.value_or(blob ? 4294967295U : 0));
            if (has > chars && (blob || c.length)) part.length = chars;
        }
        warn("key `" + k.name + "` covers the beginning of its columns only");
    }

    /// InnoDB wants the AUTO_INCREMENT column first in some key.
    void add_auto_increment_key() {
        for (const column& c : t().columns) {
            if (!c.auto_increment) continue;
            const bool first = std::any_of(t().keys.begin(), t().keys.end(), [&](const key& k) {
                return same_name(k.parts.front().column, c.name);
            });
            if (first || rules.tidb()) continue;
            key k;
            k.name = "auto_" + c.name;
            k.parts.push_back({c.name, "", {}, false});
            t().keys.push_back(std::move(k));
            warn(named(c) + "gets a key of its own, for it is AUTO_INCREMENT");
        }
    }

    // ---- constraints and partitions

    void convert_constraints(const route_function& route) {
        for (foreign_key& fk : t().foreign_keys) {
            if (!route) continue;
            const table_name to = route({fk.ref_schema, fk.ref_table});
            fk.ref_schema = to.schema;
            fk.ref_table = to.table;
        }
        std::vector<check_constraint> kept;
        for (check_constraint c : source.checks) {
            const std::string text = rules.has_checks() ? expression_for(c.expression) : "";
            if (text.empty() || (rules.mariadb() && !c.enforced)) {
                warn("CHECK `" + c.name + "` is left out");
                continue;
            }
            c.expression = text;
            // A column check of MariaDB has no name of its own.
            if (!rules.mariadb() && !c.column.empty()) {
                c.name = t().name + "_" + c.column + "_check";
                c.column.clear();
            }
            kept.push_back(std::move(c));
        }
        t().checks = std::move(kept);
    }

    void convert_partition() {
        if (!source.partitioned()) return;
        const auto drop = [&](const std::string& why) {
            t().partition.reset();
            t().partition_text.clear();
            warn("the target's table is not partitioned: " + why);
        };
        t().partition_text.clear();
        if (!source.partition) return drop("the clause was not understood");
        const sql::partition_clause& p = *source.partition;
        if (p.method.kind == sql::partition_kind::system_time) return drop("BY SYSTEM_TIME");
        if (p.subpartition && rules.tidb()) return drop("TiDB has no subpartitions");
        if (p.method.expr && !same_flavor() && !common_only(*p.method.expr)) {
            return drop("its expression");
        }
        const auto changed = [&](const std::string& name) {
            const std::size_t at = t().find_column(name);
            const std::size_t was = source.find_column(name);
            return at != npos && was != npos &&
                   t().columns[at].collation != source.columns[was].collation;
        };
        if (std::any_of(p.method.columns.begin(), p.method.columns.end(), changed)) {
            return drop("the collation of its column changes");
        }
        // Placement on disk stays behind.
        strip_options(t().partition->partitions);
    }

    static void strip_options(std::vector<sql::partition_definition>& list) {
        for (sql::partition_definition& p : list) {
            p.options.clear();
            strip_options(p.subpartitions);
        }
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
