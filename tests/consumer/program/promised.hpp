#pragma once
#if __has_include(<dmlib/dmlib.hpp>)
#include <dmlib/dmlib.hpp>
#endif
#include <dmlib/coordinator.hpp>
#include <dmlib/filter.hpp>
#include <dmlib/mapper.hpp>
#include <dmlib/router.hpp>
