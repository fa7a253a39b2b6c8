#include <dmlib/dml/src.hpp>
