#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/dump/impl/ddl_scan.ipp>
#include <dmlib/dump/impl/gtid_scan.ipp>
#include <dmlib/dump/impl/range_planner.ipp>
#include <dmlib/dump/impl/snapshot.ipp>
#include <dmlib/dump/impl/source_table.ipp>
#include <dmlib/dump/impl/table_reader.ipp>
