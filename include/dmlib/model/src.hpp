#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/model/impl/charset.ipp>
#include <dmlib/model/impl/gtid.ipp>
#include <dmlib/model/impl/names.ipp>
#include <dmlib/model/impl/position.ipp>
#include <dmlib/model/impl/transcode.ipp>
#include <dmlib/model/impl/value.ipp>
