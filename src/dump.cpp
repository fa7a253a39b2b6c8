#include <dmlib/dump/src.hpp>
