#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/checkpoint/impl/chunk_ledger.ipp>
#include <dmlib/checkpoint/impl/low_water.ipp>
#include <dmlib/checkpoint/impl/records.ipp>
