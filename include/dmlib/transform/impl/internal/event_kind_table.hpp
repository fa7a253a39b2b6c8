// The kinds of events in the order of event_kind.
#pragma once

#include <dmlib/transform/event_kind.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

struct event_kind_row {
    std::string_view name;
    bool incompatible;  ///< may lose data, by DM's manual
};
inline constexpr event_kind_row event_kind_table[] = {
    {"other", false},
    {"insert", false},
    {"update", false},
    {"delete", false},
    {"create database", false},
    {"drop database", true},
    {"alter database", false},
    {"create table", false},
    {"drop table", true},
    {"truncate table", true},
    {"rename table", true},
    {"alter table", false},
    {"create index", false},
    {"drop index", true},
    {"create view", false},
    {"drop view", false},
    {"add table partition", false},
    {"drop table partition", true},
    {"truncate table partition", true},
    {"value range decrease", true},
    {"precision decrease", true},
    {"modify column", true},
    {"rename column", true},
    {"rename index", true},
    {"drop column", true},
    {"drop primary key", true},
    {"drop unique key", true},
    {"modify default value", true},
    {"modify constraint", true},
    {"modify columns order", true},
    {"modify charset", true},
    {"modify collation", true},
    {"remove auto increment", true},
    {"modify storage engine", true},
    {"reorganize table partition", true},
    {"rebuild table partition", true},
    {"coalesce table partition", true},
    {"split table partition", true},
    {"exchange table partition", true},
    {"add foreign key", false},
    {"drop foreign key", false},
    {"modify schema charset and collate", false},
    {"modify table charset and collate", true},
    {"modify table comment", false},
    {"recover table", true},
    {"alter table partitioning", false},
    {"remove table partitioning", false},
    {"add column", false},
    {"set default value", true},
    {"rebase auto id", false},
    {"add primary key", false},
    {"alter index visibility", false},
    {"alter ttl info", true},
    {"alter ttl remove", true},
    {"multi schema change", false},
};
static_assert(sizeof(event_kind_table) / sizeof(event_kind_table[0]) == event_kind_count);

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
