#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/load/impl/doubled_rows.ipp>
#include <dmlib/load/impl/full_copy.ipp>
#include <dmlib/load/impl/ledger_store.ipp>
#include <dmlib/load/impl/meta_tables.ipp>
#include <dmlib/load/impl/row_writer.ipp>
#include <dmlib/load/impl/target_tables.ipp>
