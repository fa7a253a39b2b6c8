#include <dmlib/binlog/src.hpp>
