#include <dmlib/mysql/src.hpp>
