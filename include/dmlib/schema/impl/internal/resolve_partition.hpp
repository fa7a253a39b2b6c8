// What ALTER TABLE does to the partitions of one definition.
#pragma once

#include <dmlib/schema/impl/internal/resolve_create.hpp>
#include <dmlib/schema/resolve.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct partition_changer {
    const resolve_options& options;
    table& t;

    result<void> change(const sql::partition_change& p) {
        using kind = sql::partition_change_kind;
        if (p.kind == kind::partition_by) {
            t.partition.reset();
            if (p.clause) {
                t.partition = *p.clause;
                work_out_moments(t.partition->partitions, options.time_zone_offset);
            }
            t.partition_text.clear();
            return {};
        }
        if (!t.partition) return {};
        t.partition_text.clear();
        auto& list = t.partition->partitions;
        const auto named = [&](const sql::partition_definition& d) {
            return std::any_of(p.names.begin(), p.names.end(), [&](const std::string& n) {
                return same_name(n, d.name);
            });
        };
        switch (p.kind) {
            case kind::add:
                if (p.if_exists && any_there(p.partitions)) break;
                if (!list.empty() && !list.back().values.empty() &&
                    ends_with_maxvalue(list.back())) {
                    return refusal("MAXVALUE can only be used in the last partition definition");
                }
                if (p.count && list.empty()) {
                    t.partition->count = t.partition->count.value_or(1) + *p.count;
                    break;
                }
                name_partitions();
                if (p.count) add_unnamed(*p.count);
                add_partitions(p.partitions);
                break;
            case kind::coalesce:
                if (p.count && t.partition->count && list.empty()) *t.partition->count -= *p.count;
                if (p.count)
                    list.resize(list.size() - std::min<std::size_t>(list.size(), *p.count));
                break;
            case kind::drop:
            case kind::convert_to_table:
                std::erase_if(list, named);
                break;
            case kind::convert_from_table:
                list.insert(list.end(), p.partitions.begin(), p.partitions.end());
                break;
            case kind::reorganize: {
                if (p.names.empty()) {  // HASH and KEY: as many as the engine has by itself
                    if (list.empty()) t.partition->count = 1;
                    if (list.size() > 1 && is_newer()) list.resize(1);
                    break;
                }
                name_partitions();
                const auto first = std::find_if(list.begin(), list.end(), named);
                const auto at = first - list.begin();
                const std::size_t each_has =
                    first == list.end() || !is_newer() ? 0 : first->subpartitions.size();
                std::erase_if(list, named);
                list.insert(list.begin() + at, p.partitions.begin(), p.partitions.end());
                for (auto& one : list) name_subpartitions(one, each_has);
                work_out_moments(list, options.time_zone_offset);
                break;
            }
            default:
                break;
        }
        return {};
    }

private:
    static bool ends_with_maxvalue(const sql::partition_definition& p) {
        if (p.values_kind != sql::partition_values_kind::less_than) return false;
        const auto& row = p.values.front();
        return !row.empty() && std::all_of(row.begin(), row.end(), [](const sql::expression& e) {
            return e.kind == expression_kind::column && e.text == "keyword";
        });
    }

    void add_unnamed(std::uint64_t count) {
        auto& list = t.partition->partitions;
        constexpr std::uint64_t most = 8192;  // the servers' limit
        for (std::uint64_t i = 0; i < count && list.size() < most; ++i) {
            sql::partition_definition d;
            d.name = "p" + std::to_string(list.size());
            list.push_back(std::move(d));
        }
    }

    /// HASH and KEY partitions that have only been counted so far get the names that they have.
    void name_partitions() {
        using kind = sql::partition_kind;
        const auto k = t.partition->method.kind;
        if (!t.partition->partitions.empty() || (k != kind::hash && k != kind::key)) return;
        add_unnamed(t.partition->count.value_or(1));
        t.partition->count.reset();
    }

    bool any_there(const std::vector<sql::partition_definition>& added) const {
        const auto& list = t.partition->partitions;
        return std::any_of(added.begin(), added.end(), [&](const auto& one) {
            return std::any_of(list.begin(), list.end(), [&](const auto& old) {
                return same_name(old.name, one.name);
            });
        });
    }

    /// Where the others have subpartitions with names, new ones get them, too.
    void add_partitions(const std::vector<sql::partition_definition>& added) {
        auto& list = t.partition->partitions;
        std::size_t each_has = list.empty() ? 0 : list.front().subpartitions.size();
        if (each_has == 0 && !added.empty() && !list.empty() && is_newer()) {
            each_has = added.front().subpartitions.size();
            for (auto& old : list) name_subpartitions(old, each_has);
            if (each_has != 0) t.partition->subpartition_count.reset();
        }
        for (const sql::partition_definition& one : added) {
            // What is current stays the last.
            const bool before_last =
                !list.empty() && list.back().values_kind == sql::partition_values_kind::current;
            auto& now = *list.insert(before_last ? list.end() - 1 : list.end(), one);
            work_out_moments({&now, 1}, options.time_zone_offset);
            name_subpartitions(now, each_has);
        }
    }

    static void name_subpartitions(sql::partition_definition& one, std::size_t count) {
        const bool has = !one.subpartitions.empty();
        for (std::size_t i = 0; !has && i < count; ++i) {
            sql::partition_definition d;
            d.name = one.name + "sp" + std::to_string(i);
            d.options = one.options;
            one.subpartitions.push_back(std::move(d));
        }
    }

    /// MySQL 5.6 leaves one and the other as it is.
    bool is_newer() const {
        return is_mariadb(options.server) || mysql_at_least(options.server, 8);
    }
};

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
