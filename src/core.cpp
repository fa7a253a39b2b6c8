#include <dmlib/core/src.hpp>
