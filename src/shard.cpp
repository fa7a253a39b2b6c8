#include <dmlib/shard/src.hpp>
