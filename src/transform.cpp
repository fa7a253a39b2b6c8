#include <dmlib/transform/src.hpp>
