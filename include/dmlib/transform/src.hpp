#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/transform/impl/event_kind.ipp>
#include <dmlib/transform/impl/filter.ipp>
#include <dmlib/transform/impl/mapper.ipp>
#include <dmlib/transform/impl/pattern.ipp>
#include <dmlib/transform/impl/router.ipp>
#include <dmlib/transform/impl/row_filter.ipp>
#include <dmlib/transform/impl/rule_set.ipp>
