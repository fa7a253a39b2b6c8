#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/async/impl/back_off.ipp>
#include <dmlib/async/impl/blocking_pool.ipp>
#include <dmlib/async/impl/runner.ipp>
#include <dmlib/async/impl/system.ipp>
