#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/task/impl/explain.ipp>
#include <dmlib/task/impl/part.ipp>
#include <dmlib/task/impl/source.ipp>
#include <dmlib/task/impl/status.ipp>
#include <dmlib/task/impl/task.ipp>
