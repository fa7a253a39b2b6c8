#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/config/impl/convert.ipp>
#include <dmlib/config/impl/cross_check.ipp>
#include <dmlib/config/impl/load.ipp>
#include <dmlib/config/impl/password.ipp>
#include <dmlib/config/impl/problem.ipp>
#include <dmlib/config/impl/task_file.ipp>
#include <dmlib/config/impl/template.ipp>
