#include <dmlib/task/src.hpp>
