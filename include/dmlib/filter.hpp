// One of the six promised headers: dmlib::filter.
#pragma once

#include <dmlib/transform/filter.hpp>
#include <dmlib/transform/rule_set.hpp>
