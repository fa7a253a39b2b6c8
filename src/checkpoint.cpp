#include <dmlib/checkpoint/src.hpp>
