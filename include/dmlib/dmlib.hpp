// The whole promised API.
#pragma once

#include <dmlib/coordinator.hpp>
#include <dmlib/filter.hpp>
#include <dmlib/mapper.hpp>
#include <dmlib/router.hpp>
#include <dmlib/source.hpp>
#include <dmlib/task.hpp>
