#include <dmlib/schema/src.hpp>
