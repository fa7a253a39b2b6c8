#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/dml/impl/batch.ipp>
#include <dmlib/dml/impl/lane_keys.ipp>
#include <dmlib/dml/impl/lanes.ipp>
#include <dmlib/dml/impl/literal.ipp>
#include <dmlib/dml/impl/mismatch.ipp>
#include <dmlib/dml/impl/partial_image.ipp>
#include <dmlib/dml/impl/table_plan.ipp>
#include <dmlib/dml/impl/value_fit.ipp>
