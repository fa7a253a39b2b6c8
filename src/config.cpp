#include <dmlib/config/src.hpp>
