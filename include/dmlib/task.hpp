// One of the six promised headers: dmlib::task.
#pragma once

#include <dmlib/task/task.hpp>
