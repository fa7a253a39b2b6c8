// The coordinator of DDL on merged tables, under the name that the library promises.
#pragma once

#include <dmlib/shard/coordinator.hpp>
