// Types, columns, keys, options and partitions to text.
#pragma once

#include <dmlib/sql/impl/internal/parse_option.ipp>
#include <dmlib/sql/impl/internal/print_expression.ipp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline constexpr std::string_view type_names[] = {
    "tinyint",
    "smallint",
    "mediumint",
    "int",
    "bigint",
    "decimal",
    "float",
    "double",
    "bit",
    "year",
    "date",
    "time",
    "datetime",
    "timestamp",
    "char",
    "varchar",
    "binary",
    "varbinary",
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "enum",
    "set",
    "json",
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "vector",
    "inet4",
    "inet6",
    "uuid",
    "xmltype",
    "serial",
    "",
};

inline void writer::type(const data_type& t) {
    if (t.boolean) {
        text("boolean");
        return type_suffix(t);
    }
    if (t.national) text("national ");
    if (t.kind == type_kind::other) {
        name(t.name);  // bare it could be a type that the reader knows
    } else {
        text(t.real ? "real" : type_names[static_cast<std::size_t>(t.kind)]);
    }
    if (!t.members.empty()) {
        text("(");
        for (std::size_t i = 0; i < t.members.size(); ++i) {
            if (i > 0) text(",");
            literal_value(t.members[i]);
        }
        text(")");
    }
    if (t.length) {
        text("(").number(*t.length);
        if (t.decimals) text(",").number(*t.decimals);
        text(")");
    }
    type_suffix(t);
}

inline void writer::type_suffix(const data_type& t) {
    if (t.is_signed) text(" signed");
    if (t.is_unsigned) text(" unsigned");
    if (t.zerofill) text(" zerofill");
    if (!t.compressed.empty()) {
        text(" compressed");
        if (t.compressed != "zlib") text("=").word(t.compressed);
    }
    if (!t.charset.empty()) text(" character set ").charset(t.charset);
    if (t.binary) text(" binary");
    if (!t.collation.empty()) text(" collate ").charset(t.collation);
    if (!t.reference_system.empty()) text(" REF_SYSTEM_ID=").text(t.reference_system);
}

inline void writer::default_value(const default_clause& d) {
    text(" DEFAULT ");
    if (d.parenthesised) {
        parenthesised(d.expr);
    } else {
        expr(d.expr);
    }
}

inline void writer::generated(const generated_clause& g) {
    text(" GENERATED ALWAYS AS ");
    parenthesised(g.expr);
    if (g.kind == generated_kind::virtual_) text(" VIRTUAL");
    if (g.kind == generated_kind::stored) text(" STORED");
}

inline void writer::check(const check_clause& c) {
    text("CHECK ");
    parenthesised(c.expr);
    if (c.enforced) text(*c.enforced ? " ENFORCED" : " NOT ENFORCED");
}

inline void writer::column(const column_definition& c) {
    name(c.name).text(" ");
    type(c.type);
    if (c.generated) generated(*c.generated);
    if (c.period == row_bound::start) text(" GENERATED ALWAYS AS ROW START");
    if (c.period == row_bound::end) text(" GENERATED ALWAYS AS ROW END");
    column_flags(c);
    column_storage(c);
    for (const check_clause& k : c.checks) {
        if (!k.name.empty()) text(" CONSTRAINT ").name(k.name);
        text(" ");
        check(k);
    }
    if (c.references) {
        if (!c.references_name.empty()) text(" CONSTRAINT ").name(c.references_name);
        text(" ");
        references(*c.references);
    }
    custom(c.custom);
}

inline void writer::column_flags(const column_definition& c) {
    const bool null_behind = c.auto_increment && c.nullable == true;
    if (c.nullable && !null_behind) text(*c.nullable ? " NULL" : " NOT NULL");
    if (c.default_value) default_value(*c.default_value);
    if (c.on_update) {
        text(" ON UPDATE ");
        expr(*c.on_update);
    }
    if (c.auto_increment) text(null_behind ? " AUTO_INCREMENT NULL" : " AUTO_INCREMENT");
    if (c.serial_default) text(" SERIAL DEFAULT VALUE");
    if (c.primary_key) text(" PRIMARY KEY");
    if (c.unique) text(" UNIQUE KEY");
    if (c.invisible) text(*c.invisible ? " INVISIBLE" : " VISIBLE");
    if (c.system_versioning) {
        text(*c.system_versioning ? " WITH SYSTEM VERSIONING" : " WITHOUT SYSTEM VERSIONING");
    }
}

inline void writer::column_storage(const column_definition& c) {
    if (c.comment) text(" COMMENT ").string(*c.comment);
    if (!c.column_format.empty()) text(" COLUMN_FORMAT ").text(c.column_format);
    if (!c.storage.empty()) text(" STORAGE ").text(c.storage);
    if (c.srid) text(" SRID ").number(*c.srid);
    if (c.not_secondary) text(" NOT SECONDARY");
    if (c.engine_attribute) {
        text(" ENGINE_ATTRIBUTE=");
        literal_value(*c.engine_attribute);
    }
    if (c.secondary_engine_attribute) {
        text(" SECONDARY_ENGINE_ATTRIBUTE=");
        literal_value(*c.secondary_engine_attribute);
    }
}

inline void writer::custom(const std::vector<custom_option>& list) {
    for (const custom_option& o : list) {
        text(" ");
        if (o.identifier && o.value.kind == literal_kind::null) {
            text(o.name);  // TiDB's words (CLUSTERED, AUTO_RANDOM(5), ...)
            continue;
        }
        name(o.name).text("=");
        if (o.identifier) {
            word(o.value.text);
        } else if (o.value.kind == literal_kind::null) {
            text("DEFAULT");
        } else {
            literal_value(o.value);
        }
    }
}

inline void writer::references(const references_clause& r) {
    static constexpr std::string_view actions[] = {
        "",
        "RESTRICT",
        "CASCADE",
        "SET NULL",
        "NO ACTION",
        "SET DEFAULT",
    };
    static constexpr std::string_view matches[] = {
        "", " MATCH FULL", " MATCH PARTIAL", " MATCH SIMPLE"};
    text("REFERENCES ").table(r.table);
    if (!r.columns.empty()) text(" ").names(r.columns);
    text(matches[static_cast<std::size_t>(r.match)]);
    if (r.on_delete != reference_action::none) {
        text(" ON DELETE ").text(actions[static_cast<std::size_t>(r.on_delete)]);
    }
    if (r.on_update != reference_action::none) {
        text(" ON UPDATE ").text(actions[static_cast<std::size_t>(r.on_update)]);
    }
}

inline void writer::key(const key_definition& k) {
    static constexpr std::string_view kinds[] = {
        "PRIMARY KEY",
        "UNIQUE KEY",
        "KEY",
        "FULLTEXT KEY",
        "SPATIAL KEY",
        "VECTOR KEY",
    };
    if (!k.constraint_name.empty()) text("CONSTRAINT ").name(k.constraint_name).text(" ");
    text(kinds[static_cast<std::size_t>(k.kind)]);
    if (k.if_not_exists) text(" IF NOT EXISTS");
    if (!k.name.empty()) text(" ").name(k.name);
    text(" ");
    key_parts(k);
    key_options_of(k.options);
}

inline void writer::key_parts(const key_definition& k) {
    bool first = true;
    text("(");
    for (const key_part& p : k.parts) {
        if (!first) text(", ");
        first = false;
        if (p.expr) {
            parenthesised(*p.expr);
        } else {
            name(p.column);
        }
        if (p.length) text("(").number(*p.length).text(")");
        if (p.descending) text(*p.descending ? " DESC" : " ASC");
    }
    if (!k.without_overlaps.empty()) {
        text(first ? "" : ", ").name(k.without_overlaps).text(" WITHOUT OVERLAPS");
    }
    text(")");
}

inline void writer::key_options_of(const key_options& o) {
    if (!o.using_type.empty()) text(" USING ").word(o.using_type);
    if (o.block_size) text(" KEY_BLOCK_SIZE=").number(*o.block_size);
    if (!o.parser.empty()) text(" WITH PARSER ").name(o.parser);
    if (o.comment) text(" COMMENT ").string(*o.comment);
    if (o.invisible) {
        if (mariadb()) {
            text(*o.invisible ? " IGNORED" : " NOT IGNORED");
        } else {
            text(*o.invisible ? " INVISIBLE" : " VISIBLE");
        }
    }
    if (o.clustering) text(*o.clustering ? " CLUSTERING=YES" : " CLUSTERING=NO");
    if (o.engine_attribute) {
        text(" ENGINE_ATTRIBUTE=");
        literal_value(*o.engine_attribute);
    }
    if (o.secondary_engine_attribute) {
        text(" SECONDARY_ENGINE_ATTRIBUTE=");
        literal_value(*o.secondary_engine_attribute);
    }
    custom(o.custom);
}

inline void writer::foreign_key(const foreign_key_definition& k) {
    if (!k.constraint_name.empty()) text("CONSTRAINT ").name(k.constraint_name).text(" ");
    text("FOREIGN KEY ");
    if (k.if_not_exists) text("IF NOT EXISTS ");
    if (!k.index_name.empty()) name(k.index_name).text(" ");
    names(k.columns).text(" ");
    references(k.references);
}

inline void writer::period(const period_definition& p) {
    text("PERIOD ");
    if (p.if_not_exists) text("IF NOT EXISTS ");
    text("FOR ");
    if (p.name == "SYSTEM_TIME") {
        text(p.name);
    } else {
        name(p.name);
    }
    text(" (").name(p.start_column).text(", ").name(p.end_column).text(")");
}

inline void writer::element(const table_element& e) {
    if (const auto* c = std::get_if<column_definition>(&e)) {
        column(*c);
    } else if (const auto* k = std::get_if<key_definition>(&e)) {
        key(*k);
    } else if (const auto* f = std::get_if<foreign_key_definition>(&e)) {
        foreign_key(*f);
    } else if (const auto* t = std::get_if<table_check>(&e)) {
        if (!t->check.name.empty() || t->check.if_not_exists) {
            text("CONSTRAINT ");
            if (t->check.if_not_exists) text("IF NOT EXISTS ");
            if (!t->check.name.empty()) name(t->check.name).text(" ");
        }
        check(t->check);
    } else if (const auto* p = std::get_if<period_definition>(&e)) {
        period(*p);
    }
}

inline void writer::elements(const std::vector<table_element>& list) {
    bool first = true;
    text("(");
    for (const table_element& e : list) {
        if (!first) text(", ");
        first = false;
        element(e);
    }
    text(")");
}

inline void writer::option_value(const table_option& o) {
    using k = table_option_kind;
    if (o.word && (o.kind == k::charset || o.kind == k::collate)) {
        charset(o.value.text);
    } else if (o.word && o.value.kind == literal_kind::string) {
        const bool keywords =
            o.kind == k::row_format || o.kind == k::insert_method || o.kind == k::storage;
        if (keywords && o.value.text == "default") {
            text(o.value.text);
        } else {
            word(o.value.text);
        }
    } else if (o.value.kind == literal_kind::null) {
        text(o.kind == table_option_kind::secondary_engine ? "NULL" : "DEFAULT");
    } else {
        literal_value(o.value);
    }
}

inline void writer::option(const table_option& o) {
    using k = table_option_kind;
    if (o.explicit_default) text("DEFAULT ");
    switch (o.kind) {
        case k::charset:
            text("CHARSET=");
            break;
        case k::collate:
            text("COLLATE=");
            break;
        case k::data_directory:
            text("DATA DIRECTORY=");
            break;
        case k::index_directory:
            text("INDEX DIRECTORY=");
            break;
        case k::with_system_versioning:
            text("WITH SYSTEM VERSIONING");
            return;
        case k::start_transaction:
            text("START TRANSACTION");
            return;
        case k::placement_policy:
            text("PLACEMENT POLICY=");
            break;
        case k::ttl:
            text("TTL=").text(o.value.text);
            return;
        case k::union_tables: {
            bool first = true;
            text("UNION=(");
            for (const table_name& t : o.tables) {
                if (!first) text(", ");
                first = false;
                table(t);
            }
            text(")");
            return;
        }
        case k::read_only:
            text("READ ONLY=");
            break;
        case k::custom:
            name(o.name).text("=");
            break;
        default:
            for (const option_row& row : option_rows) {
                if (row.kind == o.kind) {
                    text(o.name.empty() ? row.printed : std::string_view(o.name)).text("=");
                    break;
                }
            }
    }
    option_value(o);
}

inline void writer::options(const std::vector<table_option>& list, std::string_view separator) {
    bool first = true;
    for (const table_option& o : list) {
        if (!first) text(separator);
        first = false;
        option(o);
    }
}

inline void writer::method(const partition_method& m) {
    static constexpr std::string_view kinds[] = {"RANGE", "LIST", "HASH", "KEY", "SYSTEM_TIME"};
    if (m.linear) text("LINEAR ");
    text(kinds[static_cast<std::size_t>(m.kind)]);
    if (m.kind == partition_kind::system_time) {
        if (!m.system_time_text.empty()) text(" ").text(m.system_time_text);
        return;
    }
    if (m.columns_form) text(" COLUMNS");
    if (m.algorithm) text(" ALGORITHM=").number(*m.algorithm);
    text(" ");
    if (m.expr) {
        text("(");
        expr(*m.expr);
        text(")");
    } else {
        names(m.columns);
    }
}

inline void writer::partition(const partition_clause& p) {
    text("PARTITION BY ");
    method(p.method);
    if (p.count) text(" PARTITIONS ").number(*p.count);
    if (p.subpartition) {
        text(" SUBPARTITION BY ");
        method(*p.subpartition);
        if (p.subpartition_count) text(" SUBPARTITIONS ").number(*p.subpartition_count);
    }
    if (!p.partitions.empty()) {
        text(" ");
        partitions(p.partitions, false);
    }
}

inline void writer::partitions(const std::vector<partition_definition>& list, bool sub) {
    bool first = true;
    text("(");
    for (const partition_definition& p : list) {
        if (!first) text(", ");
        first = false;
        text(sub ? "SUBPARTITION " : "PARTITION ").name(p.name);
        partition_values(p);
        if (!p.options.empty()) {
            text(" ");
            options(p.options, " ");
        }
        if (!p.subpartitions.empty()) {
            text(" ");
            partitions(p.subpartitions, true);
        }
    }
    text(")");
}

inline void writer::partition_values(const partition_definition& p) {
    const auto row = [this](const std::vector<expression>& values) {
        text("(");
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0) text(", ");
            expr(values[i], level::bit_or);
        }
        text(")");
    };
    switch (p.values_kind) {
        case partition_values_kind::none:
            break;
        case partition_values_kind::default_:
            text(" DEFAULT");
            break;
        case partition_values_kind::current:
            text(" CURRENT");
            break;
        case partition_values_kind::history:
            text(" HISTORY");
            break;
        case partition_values_kind::less_than:
            text(" VALUES LESS THAN ");
            if (p.maxvalue_bare || p.values.empty()) {
                text("MAXVALUE");
            } else {
                row(p.values[0]);
            }
            break;
        case partition_values_kind::in:
            text(" VALUES IN (");
            for (std::size_t i = 0; i < p.values.size(); ++i) {
                if (i > 0) text(", ");
                if (p.values[i].size() != 1) {
                    row(p.values[i]);
                    continue;
                }
                const std::size_t at = out_.size();
                expr(p.values[i][0], level::bit_or);
                if (out_[at] != '(') continue;
                out_.insert(at, 1, '(');  // else it would read as a row
                text(")");
            }
            text(")");
            break;
    }
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
