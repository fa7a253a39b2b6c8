#include <dmlib/async/src.hpp>
