#include <dmlib/model/src.hpp>
