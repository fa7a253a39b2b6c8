#include <dmlib/check/src.hpp>
