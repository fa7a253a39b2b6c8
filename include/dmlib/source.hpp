// One of the six promised headers: dmlib::source.
#pragma once

#include <dmlib/task/source.hpp>
