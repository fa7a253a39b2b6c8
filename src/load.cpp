#include <dmlib/load/src.hpp>
