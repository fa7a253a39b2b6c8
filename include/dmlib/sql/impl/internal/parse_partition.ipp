// PARTITION BY and the definitions of partitions.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// Behind PARTITION BY.
inline bool ddl_parser::partition(partition_clause& out) {
    const std::size_t first = at_ >= 2 ? at_ - 2 : 0;
    if (!partition_method_of(out.method, false)) return false;
    std::uint64_t n = 0;
    if (accept(k_partitions)) {
        if (!unsigned_value(n)) return false;
        out.count = n;
    }
    if (accept2(k_subpartition, k_by)) {
        if (!partition_method_of(out.subpartition.emplace(), true)) return false;
        if (accept(k_subpartitions)) {
            if (!unsigned_value(n)) return false;
            out.subpartition_count = n;
        }
    }
    if (!out.count && accept(k_partitions)) {
        if (!unsigned_value(n)) return false;
        out.count = n;
    }
    if (is_op('(') && !starts_subquery(1) && !partition_definitions(out.partitions, false)) {
        return false;
    }
    out.text.value = written(first);
    return true;
}

inline bool ddl_parser::partition_method_of(partition_method& out, bool sub) {
    out.linear = accept(k_linear);
    const keyword k = word();
    advance();
    std::uint64_t n = 0;
    switch (k) {
        case k_hash:
            out.kind = partition_kind::hash;
            break;
        case k_key:
            out.kind = partition_kind::key;
            if (accept(k_algorithm)) {
                accept_op('=');
                if (!unsigned_value(n)) return false;
                out.algorithm = n;
            }
            if (is_op('(') && is_op_ahead(1, ')')) {
                advance(), advance();
                return true;
            }
            return identifier_list(out.columns);
        case k_range:
        case k_list:
            if (sub || out.linear) return --at_, fail("HASH or KEY");
            out.kind = k == k_range ? partition_kind::range : partition_kind::list;
            out.columns_form = accept(k_columns);
            if (out.columns_form) return identifier_list(out.columns);
            break;
        case k_system_time:
            if (sub || !mariadb()) return --at_, fail("HASH, KEY, RANGE or LIST");
            return system_time_method(out);
        default:
            --at_;
            return fail("HASH, KEY, RANGE or LIST");
    }
    if (!expect_op('(')) return false;
    const std::size_t first = at_;
    if (!expr(out.expr.emplace())) return false;
    out.text.value = written(first);
    return expect_op(')');
}

/// [INTERVAL n unit [STARTS x]] | [LIMIT n] [AUTO], as text.
inline bool ddl_parser::system_time_method(partition_method& out) {
    out.kind = partition_kind::system_time;
    const std::size_t first = at_;
    if (word() == k_interval) {
        expression e;
        if (!interval_expression(e)) return false;
        if (accept(k_starts) && !expr(e)) return false;
    } else if (accept(k_limit)) {
        std::uint64_t n = 0;
        accept_op('+');
        if (!unsigned_value(n)) return false;
    }
    accept(k_auto);
    if (word() == k_starts) {
        expression e;
        advance();
        if (!expr(e)) return false;
    }
    out.system_time_text = joined(first);
    return true;
}

inline bool ddl_parser::partition_definitions(std::vector<partition_definition>& out, bool sub) {
    if (!expect_op('(')) return false;
    do {
        if (!one_partition(out.emplace_back(), sub)) return false;
    } while (accept_op(','));
    return expect_op(')');
}

inline bool ddl_parser::one_partition(partition_definition& out, bool sub) {
    if (sub) {
        if (!expect(k_subpartition)) return false;
    } else if (!accept(k_partition) && !mariadb()) {
        return fail("PARTITION");
    }
    bool quoted_string = false;
    if (sub ? !word_or_string(out.name, quoted_string) : !identifier(out.name)) return false;
    if (!sub && !partition_values(out)) return false;
    if (!partition_options(out)) return false;
    if (sub || !is_op('(')) return true;
    return partition_definitions(out.subpartitions, true);
}

inline bool ddl_parser::partition_values(partition_definition& out) {
    if (since(0, 100300) && accept(k_current)) {
        out.values_kind = partition_values_kind::current;
        return true;
    }
    if (since(0, 100300) && accept(k_history)) {
        out.values_kind = partition_values_kind::history;
        return true;
    }
    if (since(0, 100200) && accept(k_default)) {
        out.values_kind = partition_values_kind::default_;
        return true;
    }
    if (!accept(k_values)) return true;
    if (accept2(k_less, k_than)) {
        out.values_kind = partition_values_kind::less_than;
        if (accept(k_maxvalue)) {
            out.maxvalue_bare = true;
            return true;
        }
        return partition_value_list(out.values.emplace_back());
    }
    if (!expect(k_in)) return false;
    out.values_kind = partition_values_kind::in;
    if (!expect_op('(')) return false;
    do {
        std::vector<expression>& row = out.values.emplace_back();
        // (1, 2): a row of LIST COLUMNS; 1: one value.
        const bool ok = is_op('(') ? partition_value_list(row) : partition_value(row);
        if (!ok) return false;
    } while (accept_op(','));
    return expect_op(')');
}

inline bool ddl_parser::partition_value(std::vector<expression>& out) {
    expression& e = out.emplace_back();
    if (word() == k_maxvalue || (word() == k_default && !is_op_ahead(1, '('))) {
        e.kind = expression_kind::column;
        e.name = word() == k_maxvalue ? "MAXVALUE" : "DEFAULT";
        e.text = "keyword";
        advance();
        return true;
    }
    return expr(e, level::bit_or);
}

/// (x, MAXVALUE, DEFAULT, ...)
inline bool ddl_parser::partition_value_list(std::vector<expression>& out) {
    if (!expect_op('(')) return false;
    do {
        if (!partition_value(out)) return false;
    } while (accept_op(','));
    return expect_op(')');
}

/// [STORAGE] ENGINE, COMMENT, DATA/INDEX DIRECTORY, MAX_ROWS, MIN_ROWS, TABLESPACE, NODEGROUP, ...
inline bool ddl_parser::partition_options(partition_definition& out) {
    return table_options(out.options, false);
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
