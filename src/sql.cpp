#include <dmlib/sql/src.hpp>
