#include <dmlib/sync/src.hpp>
